//! The font of the page: found in a file of the caller's, and cut down to the characters that a licence uses.

mod sfnt;
mod working;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use subsetter::GlyphRemapper;
use working::Working;

use crate::Error;
use crate::layout::Weight;

/// Largest font file, bytes: Noto Serif CJK Bold, the largest in Debian, has 27 MB.
const FONT_MAX: usize = 64 * 1024 * 1024;

/// Most faces of a collection that are looked through; CJK collections have ten.
const FACES_MAX: u32 = 64;

/// Most characters embedded at once: a page of A4 has no more.
const CHARACTERS_MAX: usize = 8192;

/// Number and advance of a character's glyph, if there is one.
type Glyph = Option<(u16, f64)>;

/// One face of a font file.
#[derive(Clone)]
pub struct Face {
    data: Arc<[u8]>,
    index: u32,
    family: String,
    licence: String,
    /// Glyph and advance of the characters asked for so far: parsing is quick, looking up is not.
    seen: Arc<RwLock<HashMap<char, Glyph>>>,
    working: Arc<Working>,
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
                let (seen, working) = Default::default();
                return Ok(Self {
                    data: data.into(),
                    index,
                    family: family.to_owned(),
                    licence,
                    seen,
                    working,
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
        let mut characters = characters.to_vec();
        characters.sort_unstable();
        characters.dedup();
        match self.working.font_for(&characters) {
            Some(small) => cut(&small, 0, &characters),
            None => {
                let font = cut(&self.data, self.index, &characters)?;
                if let Some(seen) = self.working.missed(&characters) {
                    self.working.put(seen.clone(), cut(&self.data, self.index, &seen)?);
                }
                Ok(font)
            }
        }
    }

    fn glyph(&self, c: char) -> Glyph {
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
}

/// Cuts a font down to these characters, each once and in order, all of which it has.
fn cut(data: &[u8], index: u32, characters: &[char]) -> Result<Vec<u8>, Error> {
    let bad = |why: &str| Error::FontBad { why: why.to_owned() };
    let face = ttf_parser::Face::parse(data, index).map_err(|e| bad(&e.to_string()))?;
    let mut remapper = GlyphRemapper::new();
    let map: Vec<(char, u16)> = characters
        .iter()
        .filter_map(|c| Some((*c, remapper.remap(face.glyph_index(*c)?.0))))
        .collect();
    let font = subsetter::subset(data, index, &remapper).map_err(|e| bad(&e.to_string()))?;
    let os2 = face.raw_face().table(ttf_parser::Tag::from_bytes(b"OS/2"));
    sfnt::complete(&font, &map, os2).ok_or_else(|| bad("its subset is no OpenType font"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn subsets_are_the_same_from_the_working_copy() {
        let (Some(cold), Some(warm)) = (sample::face(), sample::face()) else { return };
        let text: Vec<char> = "营业执照统一社会信用代码，。；ABC0189（）".chars().collect();
        for i in 0..40 {
            let more = char::from_u32(0x4E00 + i).unwrap();
            warm.subset(&[text.as_slice(), &[more]].concat()).unwrap();
        }
        assert!(warm.working.font_for(&text).is_some() && cold.working.font_for(&text).is_none());
        assert!(warm.subset(&text).unwrap() == cold.subset(&text).unwrap());
    }

    #[test]
    fn faces_are_found_by_name_and_say_their_licence() {
        let Some(face) = sample::face() else { return };
        assert_eq!((face.family(), face.licence()), ("Noto Serif CJK SC", "OFL-1.1"));
        let data = face.data.to_vec();
        match Face::from_bytes(data, "Comic Sans") {
            Err(Error::FontBad { why }) => assert!(why.contains("Noto Serif CJK JP"), "{why}"),
            other => panic!("{other:?}"),
        }
        assert!(Face::from_bytes(b"no font".to_vec(), "x").is_err());
    }
}
