//! A font file: which glyph, how wide, what outline.

use ttf_parser::{Face, GlyphId, OutlineBuilder, fonts_in_collection, name_id};

use super::outline::{Outline, Place, Point, Segment};
use crate::SealError;

/// A TrueType or OpenType face that seals are drawn with.
#[derive(Clone)]
pub struct Font<'a> {
    face: Face<'a>,
}

impl core::fmt::Debug for Font<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Font").field("glyphs", &self.face.number_of_glyphs()).finish()
    }
}

impl<'a> Font<'a> {
    /// Reads a font file. Of a collection the face for simplified Chinese is taken when its name says so (`… SC`),
    /// else the first.
    ///
    /// # Errors
    /// [`SealError::Font`] for anything but a font.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let faces = || {
            (0..fonts_in_collection(bytes).unwrap_or(1))
                .filter_map(|index| Face::parse(bytes, index).ok())
        };
        let simplified = faces().find(|face| {
            face.names().into_iter().any(|name| {
                name.name_id == name_id::FAMILY
                    && name.to_string().is_some_and(|n| n.ends_with(" SC"))
            })
        });
        let face = simplified.or_else(|| faces().next()).ok_or(SealError::Font)?;
        Ok(Self { face })
    }

    /// The glyph of a character.
    pub(super) fn glyph(&self, character: char) -> Result<Glyph<'_>, SealError> {
        let id = self
            .face
            .glyph_index(character)
            .filter(|id| id.0 != 0)
            .ok_or(SealError::Glyph { character })?;
        let em = f32::from(self.face.units_per_em());
        let advance = self.face.glyph_hor_advance(id).map_or(1.0, |a| f32::from(a) / em);
        Ok(Glyph { face: &self.face, id, em, advance })
    }
}

/// One glyph; measures are in em.
pub(super) struct Glyph<'a> {
    face: &'a Face<'a>,
    id: GlyphId,
    em: f32,
    pub(super) advance: f32,
}

impl Glyph<'_> {
    /// Adds the outline; `descent` is how far below the baseline the glyph's box has its foot.
    pub(super) fn trace(&self, place: Place, descent: f32, outline: &mut Outline) {
        let middle = self.advance / 2.0;
        let mut pen = Pen { place, middle, descent, em: self.em, outline };
        // A glyph without an outline is a space; there is nothing to draw.
        let _ = self.face.outline_glyph(self.id, &mut pen);
    }
}

struct Pen<'o> {
    place: Place,
    middle: f32,
    descent: f32,
    em: f32,
    outline: &'o mut Outline,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Point {
        self.place.apply(x / self.em - self.middle, y / self.em + self.descent)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let p = self.at(x, y);
        self.outline.0.push(Segment::Move(p));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let p = self.at(x, y);
        self.outline.0.push(Segment::Line(p));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (c, p) = (self.at(x1, y1), self.at(x, y));
        self.outline.0.push(Segment::Quad(c, p));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (c1, c2, p) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.outline.0.push(Segment::Cubic(c1, c2, p));
    }

    fn close(&mut self) {
        self.outline.0.push(Segment::Close);
    }
}
