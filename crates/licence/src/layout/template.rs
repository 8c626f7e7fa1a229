//! The template: boxes of a page, as the type file has them.

use serde::Deserialize;

/// Most boxes of a page: far more than a person could take in.
const BOXES_MAX: usize = 200;

/// Largest page side, mm: A0.
const SIDE_MAX: f64 = 1189.0;

/// A rectangle on the page, mm from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(from = "[f64; 4]")]
#[allow(clippy::exhaustive_structs, reason = "a rectangle has four numbers")]
pub struct Place {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl From<[f64; 4]> for Place {
    fn from([x, y, w, h]: [f64; 4]) -> Self {
        Self { x, y, w, h }
    }
}

/// How text stands in its box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
    /// Spread over the whole width, as labels are.
    Spread,
}

/// Which cut of the font.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Weight {
    /// The regular one.
    #[default]
    Regular,
    /// The bold one; where none is given, the regular one.
    Bold,
}

/// What a box shows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// A value with its label.
    Field {
        /// A field's key, or `@identifier`, `@issue-date`, `@issuer`, `@number`, `@validity`, `@version`.
        field: String,
        /// The label, spread over the left of the box; none when empty.
        label: String,
        /// How much of the box the label takes, mm.
        label_width: f64,
    },
    /// A border of frets (回纹).
    Frame {
        /// How wide the band is, mm.
        band: f64,
    },
    /// The printed code.
    Qr,
    /// A fine rosette behind the text.
    Rosette,
    /// A thin line along the top of the box.
    Rule,
    /// Where the seal is stamped; nothing is drawn.
    Seal,
    /// A fixed text.
    Text {
        /// The text.
        text: String,
    },
}

/// One box of the page.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "BoxToml")]
#[non_exhaustive]
pub struct TemplateBox {
    /// What it shows.
    pub shape: Shape,
    /// Where.
    pub at: Place,
    /// Size of the text, mm; a text that does not fit is set smaller, down to seven tenths.
    pub size: f64,
    /// How the text stands.
    pub align: Align,
    /// Which cut of the font.
    pub weight: Weight,
    /// The colour, `#rrggbb`; the template's when absent.
    pub colour: Option<Colour>,
}

/// A box as its file has it; flat, so that a misspelt key is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoxToml {
    kind: String,
    at: Place,
    field: Option<String>,
    label: Option<String>,
    label_width: Option<f64>,
    text: Option<String>,
    band: Option<f64>,
    size: Option<f64>,
    #[serde(default)]
    align: Align,
    #[serde(default)]
    weight: Weight,
    colour: Option<Colour>,
}

impl TryFrom<BoxToml> for TemplateBox {
    type Error = String;

    fn try_from(toml: BoxToml) -> Result<Self, String> {
        let BoxToml {
            kind,
            at,
            field,
            label,
            label_width,
            text,
            band,
            size,
            align,
            weight,
            colour,
        } = toml;
        let labelled = label.is_some() || label_width.is_some();
        let shape = match (kind.as_str(), field, text, band) {
            ("field", Some(field), None, None) => Shape::Field {
                field,
                label: label.unwrap_or_default(),
                label_width: label_width.unwrap_or_default(),
            },
            ("frame", None, None, Some(band)) if !labelled => Shape::Frame { band },
            ("qr", None, None, None) if !labelled => Shape::Qr,
            ("rosette", None, None, None) if !labelled => Shape::Rosette,
            ("rule", None, None, None) if !labelled => Shape::Rule,
            ("seal", None, None, None) if !labelled => Shape::Seal,
            ("text", None, Some(text), None) if !labelled => Shape::Text { text },
            (kind, ..) => {
                return Err(format!(
                    "expected a box of kind field (with field), frame (with band), qr, rosette, rule, seal or text (with text), got {kind:?} with other keys than its own"
                ));
            }
        };
        Ok(Self { shape, at, size: size.unwrap_or(DEFAULT_SIZE), align, weight, colour })
    }
}

/// Size of text in a box that does not say, mm.
const DEFAULT_SIZE: f64 = 4.0;

/// A page of boxes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Template {
    /// Width and height, mm.
    pub page: [f64; 2],
    /// The colour of text.
    #[serde(default)]
    pub colour: Colour,
    /// The colour of labels.
    #[serde(default)]
    pub label_colour: Colour,
    /// The boxes, drawn in order.
    #[serde(rename = "box")]
    pub boxes: Vec<TemplateBox>,
}

impl Template {
    /// Where the seal goes.
    #[must_use]
    pub fn seal_place(&self) -> Option<Place> {
        self.boxes.iter().find(|b| b.shape == Shape::Seal).map(|b| b.at)
    }

    pub(crate) fn check(&self, is_field: impl Fn(&str) -> bool) -> Result<(), String> {
        let [width, height] = self.page;
        if !(10.0..=SIDE_MAX).contains(&width) || !(10.0..=SIDE_MAX).contains(&height) {
            return Err(format!("layout.page: {width} x {height} mm, expected 10 to {SIDE_MAX}"));
        }
        if self.boxes.len() > BOXES_MAX {
            return Err(format!("layout: {} boxes, at most {BOXES_MAX}", self.boxes.len()));
        }
        for (i, b) in self.boxes.iter().enumerate() {
            let Place { x, y, w, h } = b.at;
            let inside = x >= 0.0 && y >= 0.0 && w > 0.0 && h > 0.0;
            // NaN compares false and is refused with the rest.
            if !(inside && x + w <= width && y + h <= height) {
                return Err(format!("layout.box {}: {:?} lies outside the page", i + 1, b.at));
            }
            if !(0.5..=200.0).contains(&b.size) {
                return Err(format!(
                    "layout.box {}: size {} mm, expected 0.5 to 200",
                    i + 1,
                    b.size
                ));
            }
            match &b.shape {
                Shape::Field { field, label_width, .. } => {
                    if !(is_field(field) || BUILT_IN.contains(&field.as_str())) {
                        return Err(format!("layout.box {}: no field {field:?}", i + 1));
                    }
                    if !(0.0..w).contains(label_width) {
                        return Err(format!("layout.box {}: the label fills the box", i + 1));
                    }
                }
                Shape::Frame { band } if !(1.0..=30.0).contains(band) => {
                    return Err(format!("layout.box {}: band {band} mm, expected 1 to 30", i + 1));
                }
                _ => {}
            }
        }
        let seals = self.boxes.iter().filter(|b| b.shape == Shape::Seal).count();
        if seals != 1 {
            return Err(format!("layout: {seals} places for the seal, expected 1"));
        }
        Ok(())
    }
}

/// Values that every licence has.
pub(super) const BUILT_IN: &[&str] =
    &["@identifier", "@issue-date", "@issuer", "@number", "@validity", "@version"];

/// A colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[allow(clippy::exhaustive_structs, reason = "three channels")]
pub struct Colour(pub [u8; 3]);

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("expected a colour such as #a0522d, got {text:?}");
        let hex =
            text.strip_prefix('#').filter(|h| h.len() == 6 && h.is_ascii()).ok_or_else(bad)?;
        let channel = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).map_err(|_| bad());
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }
}
