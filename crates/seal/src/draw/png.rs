//! PNG.

use tiny_skia::{FillRule, Paint, PathBuilder, Pixmap, Transform};

use super::outline::{Outline, Segment};
use super::{Colour, Drawing};
use crate::SealError;

pub(super) fn write(drawing: &Drawing, pixels_per_mm: u8) -> Result<Vec<u8>, SealError> {
    if !(2..=48).contains(&pixels_per_mm) {
        return Err(SealError::Draft {
            field: "pixels per mm",
            expected: "2 to 48",
            found: pixels_per_mm.to_string(),
        });
    }
    let side = u16::from(drawing.diameter_mm) * u16::from(pixels_per_mm);
    let mut pixels =
        Pixmap::new(side.into(), side.into()).expect("60 mm at 48 pixels is a small picture");
    let Colour(r, g, b) = drawing.colour;
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, 255);
    paint.anti_alias = true;
    let half = f32::from(side) / 2.0;
    let scale = f32::from(pixels_per_mm);
    let place = Transform::from_scale(scale, scale).post_translate(half, half);
    if let Some(path) = path(&drawing.outline) {
        pixels.fill_path(&path, &paint, FillRule::Winding, place, None);
    }
    Ok(pixels.encode_png().expect("a pixmap in memory is always written"))
}

fn path(outline: &Outline) -> Option<tiny_skia::Path> {
    let mut builder = PathBuilder::new();
    for segment in &outline.0 {
        match *segment {
            Segment::Move(p) => builder.move_to(p.x, p.y),
            Segment::Line(p) => builder.line_to(p.x, p.y),
            Segment::Quad(c, p) => builder.quad_to(c.x, c.y, p.x, p.y),
            Segment::Cubic(c1, c2, p) => builder.cubic_to(c1.x, c1.y, c2.x, c2.y, p.x, p.y),
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}
