//! PNG: one colour in sixteen degrees of opacity, a fifth of the size of full colour.
//!
//! The picture stands in the seal and in every signature value made with it, so each byte is hashed and stored again and
//! again.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use tiny_skia::{FillRule, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Transform};

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
    Ok(indexed(&pixels, drawing.colour).expect("a picture in memory is always written"))
}

/// The picture's opacities as indices into a palette of sixteen.
fn indexed(pixels: &Pixmap, colour: Colour) -> Result<Vec<u8>, png::EncodingError> {
    let Colour(r, g, b) = colour;
    let degrees = 0..=15_u8;
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Four);
    encoder.set_palette(degrees.clone().flat_map(|_| [r, g, b]).collect::<Vec<_>>());
    encoder.set_trns(degrees.map(|degree| degree * 17).collect::<Vec<_>>());
    encoder.set_compression(Compression::High);
    // Indices of neighbours say nothing of each other: differences only grow.
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    // Two pixels a byte, each row from a whole byte.
    let width = usize::try_from(pixels.width()).unwrap_or(usize::MAX);
    let degree = |pixel: &PremultipliedColorU8| pixel.alpha().saturating_add(8) / 17;
    let rows: Vec<u8> = pixels
        .pixels()
        .chunks(width)
        .flat_map(|row| {
            row.chunks(2).map(|pair| degree(&pair[0]) << 4 | pair.get(1).map_or(0, degree))
        })
        .collect();
    writer.write_image_data(&rows)?;
    writer.finish()?;
    Ok(out)
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
