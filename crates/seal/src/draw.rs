//! The picture of a round seal: a ring of text, a five-pointed star, a purpose line, a code.
//!
//! Everything is in millimetres around the seal's centre, y downwards. The proportions are those of cut seals of 40 to
//! 45 mm: an edge of 1.2 mm and a star of 14 mm across in a seal of 40 mm. Text becomes outlines, so the picture looks
//! the same wherever it is shown.

mod font;
mod layout;
mod outline;
mod png;
mod svg;

pub use font::Font;

use crate::{Picture, SealError};
use outline::Outline;

/// The most characters a ring takes and stays legible at 40 mm.
pub const MAX_RING: usize = 32;
/// The most characters a purpose line takes.
pub const MAX_PURPOSE: usize = 12;
/// The 13 digits of a seal's registration code, with room for regional forms.
pub const MAX_CODE: usize = 18;

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a colour is three numbers")]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// The red of Chinese seal ink.
    pub const SEAL_RED: Self = Self(0xe6, 0x00, 0x12);
}

/// What a round seal shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoundSeal {
    /// The name on the ring.
    pub organisation: String,
    /// The line below the star, such as 电子证照专用章.
    pub purpose: Option<String>,
    /// The code along the lower edge.
    pub code: Option<String>,
    /// 40, 42 and 45 mm are what seals are cut in; 30 to 60 is drawn.
    pub diameter_mm: u8,
    /// The ink.
    pub colour: Colour,
}

impl RoundSeal {
    /// A 42 mm seal in red with a name and nothing else.
    #[must_use]
    pub fn new(organisation: impl Into<String>) -> Self {
        Self {
            organisation: organisation.into(),
            purpose: None,
            code: None,
            diameter_mm: 42,
            colour: Colour::SEAL_RED,
        }
    }

    /// With a purpose line.
    #[must_use]
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = Some(purpose.into());
        self
    }

    /// With a code along the lower edge.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// With another diameter.
    #[must_use]
    pub const fn diameter_mm(mut self, diameter_mm: u8) -> Self {
        self.diameter_mm = diameter_mm;
        self
    }

    /// Lays the seal out.
    ///
    /// # Errors
    /// [`SealError::Draft`] for text that is empty or too long, or a diameter that no seal has;
    /// [`SealError::Glyph`] for a character that the font lacks.
    pub fn draw(&self, font: &Font<'_>) -> Result<Drawing, SealError> {
        self.check()?;
        let outline = layout::lay_out(self, font)?;
        let Self { organisation, purpose, diameter_mm, colour, code: _ } = self;
        let title = format!("{organisation} {}", purpose.as_deref().unwrap_or_default());
        Ok(Drawing {
            title: title.trim().to_owned(),
            diameter_mm: *diameter_mm,
            colour: *colour,
            outline,
        })
    }

    fn check(&self) -> Result<(), SealError> {
        let length = |field, text: &str, limit, expected| {
            let got = text.trim().chars().count();
            if got == 0 || got > limit || text.chars().any(char::is_control) {
                return Err(SealError::Draft { field, expected, found: format!("{text:?}") });
            }
            Ok(())
        };
        length("organisation", &self.organisation, MAX_RING, "1 to 32 characters")?;
        if let Some(purpose) = &self.purpose {
            length("purpose", purpose, MAX_PURPOSE, "1 to 12 characters")?;
        }
        if let Some(code) = &self.code {
            length("code", code, MAX_CODE, "1 to 18 characters")?;
        }
        if !(30..=60).contains(&self.diameter_mm) {
            return Err(SealError::Draft {
                field: "diameter",
                expected: "30 to 60 mm",
                found: self.diameter_mm.to_string(),
            });
        }
        Ok(())
    }
}

/// A seal as outlines, ready to be written as SVG or PNG.
#[derive(Clone, Debug)]
pub struct Drawing {
    title: String,
    diameter_mm: u8,
    colour: Colour,
    outline: Outline,
}

impl Drawing {
    /// A self-contained SVG: outlines only, no font is needed to show it.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::write(self)
    }

    /// A PNG with transparent ground; 12 pixels per mm is about 300 dpi.
    ///
    /// # Errors
    /// [`SealError::Draft`] unless `pixels_per_mm` is 2 to 48 (1200 dpi).
    pub fn to_png(&self, pixels_per_mm: u8) -> Result<Vec<u8>, SealError> {
        png::write(self, pixels_per_mm)
    }

    /// The picture of a seal, as PNG.
    ///
    /// # Errors
    /// As [`Drawing::to_png`].
    pub fn to_picture(&self, pixels_per_mm: u8) -> Result<Picture, SealError> {
        Ok(Picture {
            format: "PNG".to_owned(),
            data: self.to_png(pixels_per_mm)?,
            width_mm: self.diameter_mm.into(),
            height_mm: self.diameter_mm.into(),
        })
    }
}
