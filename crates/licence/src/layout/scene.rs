//! The scene: a filled page as texts and lines, before anyone draws it.

use super::template::{Align, Colour, Place, Shape, Template, TemplateBox, Weight};
use super::{fit, frame, lines};
use crate::font::Fonts;
use crate::qr::Symbol;
use crate::{Error, Refusal};

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a line has a width and a colour")]
pub struct Stroke {
    /// Its width, mm.
    pub width: f64,
    /// Its colour.
    pub colour: Colour,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Text {
    /// Its characters.
    pub text: String,
    /// Left edge of each character, mm from the page's left.
    pub xs: Vec<f64>,
    /// The baseline, mm from the page's top.
    pub baseline: f64,
    /// Its size, mm.
    pub size: f64,
    /// Width of the whole, mm.
    pub width: f64,
    /// Which cut.
    pub weight: Weight,
    /// Its colour.
    pub colour: Colour,
}

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// Lines through points.
    Lines {
        /// The points of each.
        lines: Vec<Vec<[f64; 2]>>,
        /// How they are drawn.
        stroke: Stroke,
    },
    /// A line of text.
    Text(Text),
}

/// A filled page.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Scene {
    /// Width and height, mm.
    pub page: [f64; 2],
    /// What is drawn, in order.
    pub items: Vec<Item>,
}

impl Scene {
    /// The characters set in one cut of the font, in order, each once.
    #[must_use]
    pub fn characters(&self, weight: Weight) -> Vec<char> {
        let mut chars: Vec<char> =
            self.texts().filter(|t| t.weight == weight).flat_map(|t| t.text.chars()).collect();
        chars.sort_unstable();
        chars.dedup();
        chars
    }

    /// The lines of text.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.items.iter().filter_map(|i| match i {
            Item::Text(t) => Some(t),
            Item::Lines { .. } => None,
        })
    }
}

/// Fills a template: `value` gives what a field shows, `qr` is the printed code.
///
/// # Errors
/// A [`Refusal`] names the field: [`Error::PageOverflow`] when a text does not fit its box, [`Error::GlyphsMissing`] when
/// the font lacks characters.
pub fn compose(
    template: &Template,
    value: impl Fn(&str) -> Option<String>,
    qr: &Symbol,
    fonts: &Fonts,
) -> Result<Scene, Refusal> {
    let mut page = Composer { template, fonts, items: Vec::new() };
    for b in &template.boxes {
        match &b.shape {
            Shape::Field { field, label, label_width } => {
                let Some(text) = value(field) else { continue };
                let refuse = |cause| Refusal::new(field, cause);
                page.label(b, label, *label_width).map_err(refuse)?;
                let Place { x, y, w, h } = b.at;
                let at = Place { x: x + label_width, y, w: w - label_width, h };
                page.paragraph(b, &text, at, field).map_err(refuse)?;
            }
            Shape::Frame { band } => page.frame(b, *band),
            Shape::Qr => {
                let (lines, width) = qr.lines(b.at);
                page.lines(b, lines, width);
            }
            Shape::Rosette => page.lines(b, frame::rosette(b.at), 0.12),
            Shape::Rule => {
                let Place { x, y, w, .. } = b.at;
                page.lines(b, vec![vec![[x, y], [x + w, y]]], 0.3);
            }
            Shape::Seal => {}
            Shape::Text { text } => page.paragraph(b, text, b.at, text)?,
        }
    }
    Ok(Scene { page: template.page, items: page.items })
}

struct Composer<'a> {
    template: &'a Template,
    fonts: &'a Fonts,
    items: Vec<Item>,
}

/// Where the baseline lies in a line, in sizes from its top: the ideographic box of Han fonts.
const ASCENT: f64 = 0.88;

impl Composer<'_> {
    fn label(&mut self, b: &TemplateBox, label: &str, width: f64) -> Result<(), Error> {
        if label.is_empty() {
            return Ok(());
        }
        let at = Place { w: width - b.size, h: b.size, ..b.at };
        let colour = self.template.label_colour;
        self.line(label, at, b.size, (Align::Spread, Weight::Bold, colour))
    }

    fn paragraph(
        &mut self,
        b: &TemplateBox,
        text: &str,
        at: Place,
        what: &str,
    ) -> Result<(), Error> {
        let face = self.fonts.face(b.weight);
        let fitted = fit(text, at, b.size, |c| face.advance(c))
            .ok_or_else(|| Error::PageOverflow { what: what.to_owned() })?;
        let colour = b.colour.unwrap_or(self.template.colour);
        for (i, line) in (0..).zip(&fitted.lines) {
            let y = at.y + f64::from(i) * fitted.size * lines::LEADING;
            self.line(line, Place { y, ..at }, fitted.size, (b.align, b.weight, colour))?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        text: &str,
        at: Place,
        size: f64,
        (align, weight, colour): (Align, Weight, Colour),
    ) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let face = self.fonts.face(weight);
        let missing: String = text.chars().filter(|c| !face.covers(*c)).take(20).collect();
        if !missing.is_empty() {
            return Err(Error::GlyphsMissing { characters: missing });
        }
        let advances: Vec<f64> = text.chars().map(|c| face.advance(c) * size).collect();
        let natural: f64 = advances.iter().sum();
        let spare = (at.w - natural).max(0.0);
        let gaps = advances.len() - 1;
        let (mut x, gap) = match align {
            Align::Left => (at.x, 0.0),
            Align::Centre => (at.x + spare / 2.0, 0.0),
            Align::Right => (at.x + spare, 0.0),
            Align::Spread if gaps == 0 => (at.x + spare / 2.0, 0.0),
            Align::Spread => (at.x, spare / gaps as f64),
        };
        let left = x;
        let mut xs = Vec::with_capacity(advances.len());
        for advance in &advances {
            xs.push(x);
            x += advance + gap;
        }
        let baseline = at.y + size * ASCENT;
        let width = x - gap - left;
        let text = text.to_owned();
        self.items.push(Item::Text(Text { text, xs, baseline, size, width, weight, colour }));
        Ok(())
    }

    fn frame(&mut self, b: &TemplateBox, band: f64) {
        let Place { x, y, w, h } = b.at;
        let ring = |d: f64| {
            let (l, t, r, o) = (x + d, y + d, x + w - d, y + h - d);
            vec![vec![[l, t], [r, t], [r, o], [l, o], [l, t]]]
        };
        self.lines(b, ring(0.0), 0.9);
        self.lines(b, ring(1.3), 0.25);
        let inner = 2.0;
        let at = Place { x: x + inner, y: y + inner, w: w - 2.0 * inner, h: h - 2.0 * inner };
        self.lines(b, frame::fret(at, band), band * 0.09);
        self.lines(b, ring(inner * 1.35 + band), 0.25);
        self.lines(b, ring(inner * 1.35 + band + 1.0), 0.6);
    }

    fn lines(&mut self, b: &TemplateBox, lines: Vec<Vec<[f64; 2]>>, width: f64) {
        let colour = b.colour.unwrap_or(self.template.colour);
        self.items.push(Item::Lines { lines, stroke: Stroke { width, colour } });
    }
}
