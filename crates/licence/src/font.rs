//! The font of the page: found in a file of the caller's, and cut down to the characters that a licence uses.

mod sfnt;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use subsetter::GlyphRemapper;

use crate::Error;
use crate::layout::Weight;

/// Largest font file, bytes: Noto Serif CJK Bold, the largest in Debian, has 27 MB.
const FONT_MAX: usize = 64 * 1024 * 1024;

/// Most faces of a collection that are looked through; CJK collections have ten.
const FACES_MAX: u32 = 64;

/// Most characters embedded at once: a page of A4 has no more.
const CHARACTERS_MAX: usize = 8192;

/// One face of a font file.
#[derive(Clone)]
pub struct Face {
    data: Arc<[u8]>,
    index: u32,
    family: String,
    licence: String,
    /// Glyph and advance of the characters asked for so far: parsing is quick, looking up is not.
    seen: Arc<RwLock<HashMap<char, Option<(u16, f64)>>>>,
}

impl Face {
    /// Finds a face by its family name (such as `Noto Serif CJK SC`) in a font file or collection.
    ///
    /// # Errors
    /// [`Error::FontBad`].
    pub fn from_bytes(data: Vec<u8>, family: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::FontBad { why: why.to_owned() };
        if data.len() > FONT_MAX {
            return Err(bad("the file is larger than 64 MB"));
        }
        let faces = ttf_parser::fonts_in_collection(&data).unwrap_or(1).min(FACES_MAX);
        let mut known = Vec::new();
        for index in 0..faces {
            let Ok(face) = ttf_parser::Face::parse(&data, index) else { continue };
            let name = |id| name(&face, id);
            let families =
                [name(ttf_parser::name_id::FAMILY), name(ttf_parser::name_id::FULL_NAME)];
            if families.iter().any(|f| f == family) {
                let licence = match name(ttf_parser::name_id::LICENSE) {
                    text if text.contains("SIL Open Font License") => "OFL-1.1".to_owned(),
                    text => text.chars().take(120).collect(),
                };
                let seen = Arc::default();
                return Ok(Self {
                    data: data.into(),
                    index,
                    family: family.to_owned(),
                    licence,
                    seen,
                });
            }
            known.push(families[0].clone());
        }
        let why = format!("no face {family:?}; the file has {}", known.join(", "));
        Err(Error::FontBad { why })
    }

    /// The family name.
    #[must_use]
    pub fn family(&self) -> &str {
        &self.family
    }

    /// The licence that the font itself states, `OFL-1.1` for the SIL Open Font License.
    #[must_use]
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// Whether the font has a glyph for the character.
    #[must_use]
    pub fn covers(&self, c: char) -> bool {
        self.glyph(c).is_some()
    }

    /// The character's advance in sizes; one for a character without glyph.
    #[must_use]
    pub fn advance(&self, c: char) -> f64 {
        self.glyph(c).map_or(1.0, |(_, advance)| advance)
    }

    /// An OpenType font of just these characters, with a `cmap`, that readers can use as any other.
    ///
    /// # Errors
    /// [`Error::GlyphsMissing`] or [`Error::FontBad`].
    pub fn subset(&self, characters: &[char]) -> Result<Vec<u8>, Error> {
        if characters.len() > CHARACTERS_MAX {
            return Err(Error::FontBad { why: format!("{} characters at once", characters.len()) });
        }
        let missing: String = characters.iter().filter(|c| !self.covers(**c)).take(20).collect();
        if !missing.is_empty() {
            return Err(Error::GlyphsMissing { characters: missing });
        }
        let mut remapper = GlyphRemapper::new();
        let mut map: Vec<(char, u16)> = characters
            .iter()
            .filter_map(|c| self.glyph(*c).map(|(glyph, _)| (*c, remapper.remap(glyph))))
            .collect();
        map.sort_unstable();
        map.dedup();
        let font = subsetter::subset(&self.data, self.index, &remapper)
            .map_err(|e| Error::FontBad { why: e.to_string() })?;
        let os2 = self.table(*b"OS/2");
        sfnt::complete(&font, &map, os2.as_deref())
            .ok_or_else(|| Error::FontBad { why: "its subset is no OpenType font".to_owned() })
    }

    fn glyph(&self, c: char) -> Option<(u16, f64)> {
        if let Some(known) = self.seen.read().expect("no panic while held").get(&c) {
            return *known;
        }
        let face = ttf_parser::Face::parse(&self.data, self.index).ok()?;
        let found = face.glyph_index(c).map(|g| {
            let advance = face.glyph_hor_advance(g).unwrap_or(face.units_per_em());
            (g.0, f64::from(advance) / f64::from(face.units_per_em()))
        });
        self.seen.write().expect("no panic while held").insert(c, found);
        found
    }

    fn table(&self, tag: [u8; 4]) -> Option<Vec<u8>> {
        let face = ttf_parser::RawFace::parse(&self.data, self.index).ok()?;
        face.table(ttf_parser::Tag::from_bytes(&tag)).map(<[u8]>::to_vec)
    }
}

impl core::fmt::Debug for Face {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Face({}, {})", self.family, self.licence)
    }
}

fn name(face: &ttf_parser::Face<'_>, id: u16) -> String {
    let mut names = face.names().into_iter().filter(|n| n.name_id == id && n.is_unicode());
    names.find_map(|n| n.to_string()).unwrap_or_default()
}

/// The cuts that a page uses.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fonts {
    /// For values.
    pub regular: Face,
    /// For titles and labels; the regular one serves where it is absent.
    pub bold: Option<Face>,
}

impl Fonts {
    /// These cuts.
    #[must_use]
    pub fn new(regular: Face, bold: Option<Face>) -> Self {
        Self { regular, bold }
    }

    /// The face for a weight.
    #[must_use]
    pub fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => self.bold.as_ref().unwrap_or(&self.regular),
        }
    }

    /// Names and licences, for the metadata.
    #[must_use]
    pub fn credit(&self) -> String {
        let mut out = format!("{} ({})", self.regular.family(), self.regular.licence());
        if let Some(bold) = &self.bold {
            out.push_str(&format!("; {} Bold ({})", bold.family(), bold.licence()));
        }
        out
    }
}
