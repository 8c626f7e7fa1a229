//! Fonts and pictures that a page refers to by number.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use yinxin_ofd::Package;
use yinxin_ofd::xml::{Element, escape};

/// Largest font that is put into the picture, bytes: a subset has 50 KB; a whole CJK font would not show in time.
const FONT_MAX: usize = 8 * 1024 * 1024;

pub(super) struct Resources<'p> {
    /// By number: family name, and the file if it is embedded.
    fonts: BTreeMap<String, (String, Option<&'p [u8]>)>,
    pictures: BTreeMap<String, &'p [u8]>,
}

impl<'p> Resources<'p> {
    /// What can be read of the resource files; the rest is not drawn.
    pub(super) fn read(package: &'p Package, files: &[String]) -> Self {
        let mut all = Self { fonts: BTreeMap::new(), pictures: BTreeMap::new() };
        for path in files {
            if let Ok(root) = package.xml(path, "Res") {
                all.add(package, path, &root);
            }
        }
        all
    }

    fn add(&mut self, package: &'p Package, path: &str, root: &Element) {
        let base = root.attribute("BaseLoc").unwrap_or_default();
        let file = |element: &Element, name: &str| -> Option<&'p [u8]> {
            let reference = element.all(name).next()?.trimmed();
            let inside = format!("{base}/{reference}");
            let whole =
                if base.is_empty() || reference.starts_with('/') { reference } else { &inside };
            package.locate(path, whole).ok().map(|l| l.bytes)
        };
        for font in root.all("Fonts").flat_map(|f| f.all("Font")) {
            let Some(id) = font.attribute("ID") else { continue };
            let family = font.attribute("FamilyName").or(font.attribute("FontName"));
            let value = (family.unwrap_or("serif").to_owned(), file(font, "FontFile"));
            self.fonts.insert(id.to_owned(), value);
        }
        for media in root.all("MultiMedias").flat_map(|m| m.all("MultiMedia")) {
            if let (Some(id), Some(bytes)) = (media.attribute("ID"), file(media, "MediaFile")) {
                self.pictures.insert(id.to_owned(), bytes);
            }
        }
    }

    /// The embedded fonts, each under a name of its own.
    pub(super) fn font_faces(&self, out: &mut String) {
        out.push_str("<style>");
        for (at, (_, file)) in self.fonts.values().enumerate() {
            if let Some(bytes) = file.filter(|b| b.len() <= FONT_MAX) {
                let font = BASE64.encode(bytes);
                let _ = write!(
                    out,
                    "@font-face{{font-family:ofd{at};src:url(data:font/otf;base64,{font})}}"
                );
            }
        }
        out.push_str("</style>");
    }

    /// The family list for a font's number, ready for an attribute.
    pub(super) fn family(&self, id: &str) -> String {
        let Some(at) = self.fonts.keys().position(|k| k == id) else { return "serif".to_owned() };
        let family: String = self.fonts[id]
            .0
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect();
        format!("ofd{at}, '{}', serif", escape(&family))
    }

    pub(super) fn picture(&self, id: &str) -> Option<String> {
        super::data_uri(self.pictures.get(id)?)
    }
}
