//! SVG.

use core::fmt::Write as _;

use super::outline::{Point, Segment};
use super::{Colour, Drawing};

pub(super) fn write(drawing: &Drawing) -> String {
    let Drawing { title, diameter_mm: d, colour: Colour(r, g, b), outline } = drawing;
    let half = f32::from(*d) / 2.0;
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut path = String::with_capacity(outline.0.len() * 16);
    for segment in &outline.0 {
        match segment {
            Segment::Move(p) => put(&mut path, 'M', &[p]),
            Segment::Line(p) => put(&mut path, 'L', &[p]),
            Segment::Quad(c, p) => put(&mut path, 'Q', &[c, p]),
            Segment::Cubic(c1, c2, p) => put(&mut path, 'C', &[c1, c2, p]),
            Segment::Close => path.push('Z'),
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{d}mm\" height=\"{d}mm\" \
         viewBox=\"-{half} -{half} {d} {d}\"><title>{title}</title>\
         <path fill=\"#{r:02x}{g:02x}{b:02x}\" d=\"{path}\"/></svg>\n"
    )
}

fn put(path: &mut String, command: char, points: &[&Point]) {
    path.push(command);
    for (i, p) in points.iter().enumerate() {
        if i > 0 {
            path.push(' ');
        }
        // A thousandth of a millimetre is finer than any printer.
        let _ = write!(path, "{} {}", trim(p.x), trim(p.y));
    }
}

fn trim(v: f32) -> String {
    let text = format!("{v:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
