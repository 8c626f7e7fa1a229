//! XML as OFD needs it: read under hard rules into a small tree, and written plainly.
//!
//! UTF-8 only, no document type, no entities but the five, namespaces by URI, limits on everything.

mod names;
mod scan;
mod write;

pub(crate) use scan::{RootOnly, scan};
pub use write::Writer;

use std::borrow::Cow;

use crate::{Limits, OfdError};
use scan::{Sink, Start};

/// The namespace of GB/T 33190-2016.
pub const NAMESPACE: &str = "http://www.ofdspec.org/2016";
/// The namespace that producers used before the standard was published; still written by some.
pub const NAMESPACE_DRAFT: &str = "http://www.ofdspec.org";

/// Which namespace an element is of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Namespace {
    /// [`NAMESPACE`].
    Ofd,
    /// [`NAMESPACE_DRAFT`]: accepted, and reported.
    Draft,
    /// Another, or none (empty).
    Other(String),
}

impl Namespace {
    fn of(uri: &str) -> Self {
        match uri {
            NAMESPACE => Self::Ofd,
            NAMESPACE_DRAFT => Self::Draft,
            other => Self::Other(other.to_owned()),
        }
    }

    /// OFD's own, or its draft.
    #[must_use]
    pub const fn is_ofd(&self) -> bool {
        matches!(self, Self::Ofd | Self::Draft)
    }
}

/// An element, with its children of all namespaces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Element {
    /// Its local name.
    pub name: String,
    /// Its prefix, empty when it has none.
    pub prefix: String,
    /// Its namespace.
    pub namespace: Namespace,
    /// Its attributes without prefix, in order.
    pub attributes: Vec<(String, String)>,
    /// Its own text, without that of its children.
    pub text: String,
    /// Its children.
    pub children: Vec<Self>,
    /// Where its end tag starts, in bytes; where the element ends when it has none.
    pub end: usize,
}

impl Element {
    /// Reads a file under the rules.
    ///
    /// # Errors
    /// [`OfdError::Xml`] and [`OfdError::OverLimit`].
    pub fn parse(path: &str, bytes: &[u8], limits: &Limits) -> Result<Self, OfdError> {
        let mut tree = Tree { path, limits, open: Vec::new(), root: None, count: 0 };
        scan(path, bytes, limits, &mut tree)?;
        tree.root.ok_or_else(|| OfdError::Xml {
            path: path.to_owned(),
            offset: bytes.len() as u64,
            flaw: crate::XmlFlaw::Incomplete,
        })
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The OFD children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name && c.namespace.is_ofd())
    }

    /// The one OFD child of this name, if there is one: with two, readers would differ in which they take.
    ///
    /// # Errors
    /// [`OfdError::RepeatedElement`].
    pub fn one(&self, path: &str, name: &'static str) -> Result<Option<&Self>, OfdError> {
        let mut found = self.all(name);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(OfdError::RepeatedElement { path: path.to_owned(), element: name }),
            (first, None) => Ok(first),
        }
    }

    /// The one OFD child of this name, which must be there.
    ///
    /// # Errors
    /// [`OfdError::RepeatedElement`], [`OfdError::MissingElement`].
    pub fn need(&self, path: &str, name: &'static str) -> Result<&Self, OfdError> {
        let missing = || OfdError::MissingElement { path: path.to_owned(), element: name };
        self.one(path, name)?.ok_or_else(missing)
    }

    /// The text of the one OFD child of this name, trimmed.
    ///
    /// # Errors
    /// [`OfdError::RepeatedElement`].
    pub fn text_of(&self, path: &str, name: &'static str) -> Result<Option<&str>, OfdError> {
        Ok(self.one(path, name)?.map(Self::trimmed))
    }

    /// Its text without the white space around it.
    #[must_use]
    pub fn trimmed(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\r', '\n'])
    }
}

/// Builds the tree while the scanner runs.
struct Tree<'a> {
    path: &'a str,
    limits: &'a Limits,
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Sink for Tree<'_> {
    fn start(&mut self, start: &Start<'_>) -> Result<(), OfdError> {
        self.count += 1;
        if self.count > self.limits.xml_elements {
            return Err(crate::archive::over(
                crate::Limit::XmlElements,
                self.count,
                self.limits.xml_elements,
                self.path,
            ));
        }
        let plain = start.attributes.iter().filter(|a| a.prefix.is_empty());
        self.open.push(Element {
            name: start.name.to_owned(),
            prefix: start.prefix.to_owned(),
            namespace: Namespace::of(start.uri),
            attributes: plain.map(|a| (a.name.to_owned(), a.value.to_string())).collect(),
            text: String::new(),
            children: Vec::new(),
            end: 0,
        });
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn end(&mut self, offset: usize) {
        let Some(mut element) = self.open.pop() else { return };
        element.end = offset;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }
}

/// Text with the five characters escaped, fit for content and attributes; characters that XML cannot hold are dropped.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| scan::is_xml_char(c) && !matches!(c, '<' | '>' | '&' | '"' | '\'')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if scan::is_xml_char(c) => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limit, XmlFlaw};

    fn read(xml: &str) -> Result<Element, OfdError> {
        Element::parse("a.xml", xml.as_bytes(), &Limits::default())
    }

    fn flaw(xml: &str) -> XmlFlaw {
        match read(xml) {
            Err(OfdError::Xml { flaw, .. }) => flaw,
            other => panic!("{xml}: {other:?}"),
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        for (xml, want) in [
            ("", XmlFlaw::Incomplete),
            ("<a>", XmlFlaw::Incomplete),
            ("<a/><b/>", XmlFlaw::OutsideRoot),
            ("x<a/>", XmlFlaw::OutsideRoot),
            ("<a/>x", XmlFlaw::OutsideRoot),
            ("<a/>&lt;", XmlFlaw::OutsideRoot),
            ("<!DOCTYPE a><a/>", XmlFlaw::Doctype),
            ("<a><!DOCTYPE a></a>", XmlFlaw::Doctype),
            ("<a>&x;</a>", XmlFlaw::EntityUnknown),
            ("<a b='&x;'/>", XmlFlaw::EntityUnknown),
            ("<a b='1' b='2'/>", XmlFlaw::DuplicateAttribute),
            ("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", XmlFlaw::DuplicateAttribute),
            ("<a xmlns:x='u' xmlns:x='v'/>", XmlFlaw::DuplicateAttribute),
            ("<x:a/>", XmlFlaw::Prefix),
            ("<a x:b='1'/>", XmlFlaw::Prefix),
            ("<a xmlns:x=''/>", XmlFlaw::Prefix),
            ("<a xmlns:xml='u'/>", XmlFlaw::Prefix),
            ("<:a/>", XmlFlaw::BadName),
            ("<a:b:c/>", XmlFlaw::BadName),
            ("<1a/>", XmlFlaw::BadName),
            ("<a>\u{1}</a>", XmlFlaw::BadCharacter),
            ("<a>&#1;</a>", XmlFlaw::BadCharacter),
            ("<a>&#xFFFF;</a>", XmlFlaw::BadCharacter),
            ("<a b='<'/>", XmlFlaw::BadCharacter),
            ("<a>]]></a>", XmlFlaw::BadCharacter),
            ("<?xml version='1.0' encoding='GBK'?><a/>", XmlFlaw::Encoding("GBK".into())),
            (" <?xml version='1.0'?><a/>", XmlFlaw::OutsideRoot),
        ] {
            assert_eq!(flaw(xml), want, "{xml}");
        }
        for xml in ["<a></b>", "<a", "<a b=1/>", "<a b/>", "</a>", "<a>&</a>", "<!-- -- --><a/>"] {
            assert!(matches!(read(xml), Err(OfdError::Xml { .. })), "{xml}");
        }
    }

    #[test]
    fn other_encodings_are_named() {
        for (bytes, name) in [
            (&b"\xff\xfe<\0a\0/\0>\0"[..], "UTF-16"),
            (b"\xfe\xff\0<\0a\0/\0>", "UTF-16"),
            (b"<\0a\0/\0>\0", "UTF-16"),
            (b"<a>\xd6\xd0</a>", "other than UTF-8"),
        ] {
            let got = Element::parse("a.xml", bytes, &Limits::default());
            let want = XmlFlaw::Encoding(name.into());
            assert!(matches!(got, Err(OfdError::Xml { flaw, .. }) if flaw == want), "{name}");
        }
    }

    #[test]
    fn limits_hold() {
        let limits = Limits::default();
        for (xml, limit) in [
            (format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000)), Limit::XmlDepth),
            (
                format!("<a {}/>", (0..50_000).map(|i| format!("a{i}='' ")).collect::<String>()),
                Limit::Attributes,
            ),
            (
                format!(
                    "<a {}/>",
                    (0..50_000).map(|i| format!("xmlns:a{i}='u' ")).collect::<String>()
                ),
                Limit::Attributes,
            ),
            (format!("<?p {}?><a/>", "x".repeat(5_000_000)), Limit::XmlMiscBytes),
            (format!("<!--{}--><a/>", "x".repeat(5_000_000)), Limit::XmlMiscBytes),
            (format!("<a>{}</a>", "<b/>".repeat(200_001)), Limit::XmlElements),
            (" ".repeat(limits.xml_bytes + 1), Limit::XmlBytes),
        ] {
            match read(&xml) {
                Err(OfdError::OverLimit { limit: found, .. }) => assert_eq!(found, limit),
                other => panic!("{limit:?}: {:?}", other.map(|e| e.name)),
            }
        }
    }

    #[test]
    fn a_proper_file_reads_back() {
        let xml = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- c --><o:A xmlns:o='http://www.ofdspec.org/2016' \
                   k='1&lt;2'>a&amp;&#x4f60;<![CDATA[<b>]]><o:B/><B xmlns='urn:x'>not ours</B><o:C>c</o:C></o:A>\n";
        let a = read(xml).unwrap();
        assert_eq!((a.name.as_str(), a.prefix.as_str()), ("A", "o"));
        assert_eq!(a.namespace, Namespace::Ofd);
        assert_eq!(a.attribute("k"), Some("1<2"));
        assert_eq!(a.text, "a&你<b>");
        assert_eq!(a.all("B").count(), 1);
        assert_eq!(a.text_of("a.xml", "C").unwrap(), Some("c"));
        assert_eq!(&xml[a.end..a.end + 5], "</o:A");
    }

    #[test]
    fn what_is_escaped_reads_back() {
        let text = "a<b>&\"'你\u{1}";
        let back = read(&format!("<a k=\"{0}\">{0}</a>", escape(text))).unwrap();
        assert_eq!(back.text, "a<b>&\"'你");
        assert_eq!(back.attribute("k"), Some("a<b>&\"'你"));
    }
}
