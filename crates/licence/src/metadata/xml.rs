//! The items as XML: `CustomData` elements, as in `OFD.xml`, in a file of their own.
//!
//! ```xml
//! <LicenceMetadata Version="1.0">
//!   <CustomData Name="ZZBS" Item="certificate_identifier" Title="电子证照标识">1.2.156.3005.2…</CustomData>
//!   <CustomData Name="KZ_CAPITAL" Title="注册资本">500</CustomData>
//! </LicenceMetadata>
//! ```

use core::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Extension;
use super::item::{ITEMS, key_of};
use crate::Error;

/// Largest metadata file, bytes: every item at its longest has 12 KB, sixty-four fields at theirs 400 KB.
const XML_MAX: usize = 1024 * 1024;

/// Most items: the table and a type's fields, twice over.
const ITEMS_MAX: usize = 200;

/// Prefix of the type's own fields.
pub(crate) const EXTENSION: &str = "KZ_";

/// Named values, in order, as a document carries them; nothing is checked but their number and size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items(Vec<Item>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    name: String,
    title: String,
    value: String,
}

impl Items {
    /// Adds a value; a known English name becomes its pinyin key.
    pub fn push(&mut self, name: &str, value: &str) {
        let name = key_of(name).unwrap_or(name);
        let title = ITEMS.iter().find(|i| i.key == name).map_or("", |i| i.title);
        self.0.push(Item {
            name: name.to_owned(),
            title: title.to_owned(),
            value: value.to_owned(),
        });
    }

    /// Adds a field of the type.
    pub fn push_extension(&mut self, key: &str, title: &str, value: &str) {
        let name = format!("{EXTENSION}{}", key.to_ascii_uppercase());
        self.0.push(Item { name, title: title.to_owned(), value: value.to_owned() });
    }

    /// Replaces a value, or adds it; an empty one removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        let key = key_of(name).unwrap_or(name);
        self.0.retain(|i| i.name != key || !value.is_empty());
        match self.0.iter_mut().find(|i| i.name == key) {
            Some(item) => item.value = value.to_owned(),
            None if value.is_empty() => {}
            None => self.push(key, value),
        }
    }

    /// The first value of this name; `None` when absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let key = key_of(name).unwrap_or(name);
        self.0.iter().find(|i| i.name == key).map(|i| i.value.trim()).filter(|v| !v.is_empty())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|i| (i.name.as_str(), i.value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names that stand more than once: which of them is meant, nobody can say.
    #[must_use]
    pub fn repeated(&self) -> Vec<&str> {
        let stands_before = |i: usize, name: &str| self.0[..i].iter().any(|o| o.name == name);
        let again = self.0.iter().enumerate().filter(|(i, item)| stands_before(*i, &item.name));
        again.map(|(_, item)| item.name.as_str()).collect()
    }

    pub(super) fn extensions(&self) -> Vec<Extension> {
        self.0
            .iter()
            .filter_map(|i| {
                let key = i.name.strip_prefix(EXTENSION)?.to_ascii_lowercase();
                Some(Extension { key, name: i.title.clone(), value: i.value.clone() })
            })
            .collect()
    }

    /// The metadata file.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LicenceMetadata Version=\"1.0\">\n",
        );
        for Item { name, title, value } in &self.0 {
            let english = ITEMS.iter().find(|i| i.key == name).and_then(|i| i.english.first());
            let _ = write!(out, "<CustomData Name=\"{}\"", escape(name));
            if let Some(english) = english {
                let _ = write!(out, " Item=\"{english}\"");
            }
            if !title.is_empty() {
                let _ = write!(out, " Title=\"{}\"", escape(title));
            }
            let _ = writeln!(out, ">{}</CustomData>", escape(value));
        }
        out.push_str("</LicenceMetadata>\n");
        out
    }

    /// Reads `CustomData` elements wherever they stand, in any namespace, gtmap's misspelt `CuslomData` included.
    ///
    /// # Errors
    /// [`Error::MetadataBad`] for what is no XML, has a DTD, or exceeds the limits.
    pub fn from_xml(xml: &[u8]) -> Result<Self, Error> {
        let bad = |why: &str| Error::MetadataBad { why: why.to_owned() };
        if xml.len() > XML_MAX {
            return Err(bad("larger than 1 MB"));
        }
        let text = core::str::from_utf8(xml).map_err(|_| bad("not UTF-8"))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut items = Self::default();
        let mut open: Option<Item> = None;
        loop {
            match reader.read_event().map_err(|e| bad(&e.to_string()))? {
                Event::DocType(_) => return Err(bad("has a document type declaration")),
                Event::Start(e) if is_item(&e) => open = Some(start(&e)?),
                Event::Empty(e) if is_item(&e) => items.0.push(start(&e)?),
                Event::Text(t) => {
                    if let Some(item) = &mut open {
                        item.value.push_str(&t.xml10_content());
                    }
                }
                Event::CData(t) => {
                    if let Some(item) = &mut open {
                        item.value.push_str(&t.xml10_content());
                    }
                }
                Event::GeneralRef(r) => {
                    let c = reference(&r).ok_or_else(|| bad("an entity that is not defined"))?;
                    if let Some(item) = &mut open {
                        item.value.push(c);
                    }
                }
                Event::End(_) => items.0.extend(open.take()),
                Event::Eof if open.is_some() => return Err(bad("ends inside an element")),
                Event::Eof => return Ok(items),
                _ => {}
            }
            if items.0.len() > ITEMS_MAX {
                return Err(bad("more than 200 items"));
            }
        }
    }
}

fn is_item(element: &BytesStart<'_>) -> bool {
    matches!(element.local_name().as_ref(), "CustomData" | "CuslomData")
}

fn start(element: &BytesStart<'_>) -> Result<Item, Error> {
    let bad = |why: String| Error::MetadataBad { why };
    let (mut name, mut title) = (None, String::new());
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|e| bad(e.to_string()))?;
        let value = || {
            quick_xml::escape::unescape(&attribute.value)
                .map(|v| v.into_owned())
                .map_err(|e| bad(e.to_string()))
        };
        match attribute.key.local_name().as_ref() {
            "Name" | "name" => name = Some(value()?),
            "Title" => title = value()?,
            _ => {}
        }
    }
    let name = name.ok_or_else(|| bad("an item without name".to_owned()))?;
    let key = key_of(&name).map_or(name, ToOwned::to_owned);
    if title.is_empty() {
        title = ITEMS.iter().find(|i| i.key == key).map_or("", |i| i.title).to_owned();
    }
    Ok(Item { name: key, title, value: String::new() })
}

/// The five entities that XML has by itself, and numbers.
pub(crate) fn reference(r: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = r.resolve_char_ref() {
        return Some(c);
    }
    match r.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_markup_read_back() {
        let mut items = Items::default();
        items.push("ZZMC", "a<b>&\"c\" '甲'\u{a0}");
        items.push_extension("scope", "经营范围 & <x>", "一；二");
        assert_eq!(Items::from_xml(items.to_xml().as_bytes()).unwrap(), items);
    }

    #[test]
    fn foreign_spellings_are_read() {
        let xml = "\u{feff}<?xml version='1.0'?><XMI><ofd:CustomDatas xmlns:ofd='x'><ofd:CustomData Name='ZZBS'>1</ofd:CustomData>\
                   <CuslomData name='certificate_name'><![CDATA[营业<执照]]></CuslomData><CustomData Name='CZZT'/></ofd:CustomDatas></XMI>";
        let items = Items::from_xml(xml.as_bytes()).unwrap();
        assert_eq!(items.get("ZZBS"), Some("1"));
        assert_eq!(items.get("ZZMC"), Some("营业<执照"));
        assert_eq!(items.get("CZZT"), None);
    }

    #[test]
    fn hostile_xml_is_refused() {
        let many = format!("<a>{}</a>", "<CustomData Name='x'/>".repeat(ITEMS_MAX + 1));
        for xml in [
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a><CustomData Name='x'>&b;</CustomData></a>",
            "<a><CustomData Name='x'>&b;</CustomData></a>",
            "<a><CustomData>1</CustomData></a>",
            "<a><CustomData Name='x'>1",
            "<a><CustomData Name='x'>1</b></a>",
            &many,
            &"x".repeat(XML_MAX + 1),
        ] {
            assert!(Items::from_xml(xml.as_bytes()).is_err(), "{}", &xml[..xml.len().min(80)]);
        }
        assert!(Items::from_xml(&[0xB6, 0xAB]).is_err());
    }
}
