//! What a document's pages say.

use quick_xml::Reader;
use quick_xml::events::Event;
use yinxin_ofd::Package;

/// Most text that is gathered, bytes: a licence has a page or two.
const TEXT_MAX: usize = 256 * 1024;

/// The text of all pages of the first document, run after run; `None` when it cannot be read.
///
/// Pages that use glyph numbers only have no text; what they print, nobody can read here.
#[must_use]
pub fn printed_text(package: &Package) -> Option<String> {
    let document = package.document(0).ok()?;
    let mut text = String::new();
    for page in document.pages.iter().chain(&document.templates) {
        gather(package.file(&page.path)?, &mut text)?;
    }
    Some(text)
}

fn gather(xml: &[u8], text: &mut String) -> Option<()> {
    let mut reader = Reader::from_str(core::str::from_utf8(xml).ok()?);
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(e) => inside = e.local_name().as_ref() == "TextCode",
            Event::Text(t) if inside => text.push_str(&t.xml10_content()),
            Event::CData(t) if inside => text.push_str(&t.xml10_content()),
            Event::GeneralRef(r) if inside => text.push(crate::metadata::reference(&r)?),
            Event::End(_) => {
                text.push_str(if inside { "\n" } else { "" });
                inside = false;
            }
            Event::Eof => return Some(()),
            _ => {}
        }
        if text.len() > TEXT_MAX {
            return None;
        }
    }
}
