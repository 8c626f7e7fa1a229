//! A scene as SVG, for portals and previews.

use core::fmt::Write;

use super::scene::{Item, Scene, Text};
use super::template::{Colour, Weight};

impl Scene {
    /// The page as an SVG document; fonts are named, not embedded.
    #[must_use]
    pub fn to_svg(&self, family: &str) -> String {
        let [w, h] = self.page;
        let mut out = String::with_capacity(64 * 1024);
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}mm\" height=\"{h}mm\" viewBox=\"0 0 {w} {h}\">\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#fffefb\"/>"
        );
        for item in &self.items {
            match item {
                Item::Lines { lines, stroke } => {
                    let _ = write!(
                        out,
                        "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{:.2}\" d=\"{}\"/>",
                        hex(stroke.colour),
                        stroke.width,
                        path(lines)
                    );
                }
                Item::Text(text) => text_element(&mut out, text, family),
            }
        }
        out.push_str("</svg>\n");
        out
    }
}

fn text_element(out: &mut String, text: &Text, family: &str) {
    let xs: Vec<String> = text.xs.iter().map(|x| format!("{x:.2}")).collect();
    let weight = if text.weight == Weight::Bold { "bold" } else { "normal" };
    let _ = write!(
        out,
        "<text font-family=\"{}\" font-weight=\"{weight}\" font-size=\"{:.2}\" fill=\"{}\" x=\"{}\" y=\"{:.2}\">{}</text>",
        escape(family),
        text.size,
        hex(text.colour),
        xs.join(" "),
        text.baseline,
        escape(&text.text)
    );
}

fn hex(Colour([r, g, b]): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn path(lines: &[Vec<[f64; 2]>]) -> String {
    let mut d = String::new();
    for line in lines {
        for (i, [x, y]) in line.iter().enumerate() {
            let _ = write!(d, "{}{x:.2} {y:.2}", if i == 0 { 'M' } else { 'L' });
        }
    }
    d
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
