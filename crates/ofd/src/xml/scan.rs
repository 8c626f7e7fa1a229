//! The rules, applied in one pass without building anything.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::names::{self, Names};
use crate::archive::over;
use crate::{Limit, Limits, OfdError, XmlFlaw};

/// What a pass over a file feeds.
pub(crate) trait Sink {
    /// An element starts.
    fn start(&mut self, start: &Start<'_>) -> Result<(), OfdError>;
    /// Text of the innermost open element; in pieces.
    fn text(&mut self, text: &str);
    /// The innermost open element ends; its end tag starts at this byte.
    fn end(&mut self, offset: usize);
}

/// Keeps the outermost element's name only.
#[derive(Default)]
pub(crate) struct RootOnly {
    /// Namespace and local name.
    pub(crate) root: Option<(String, String)>,
}

impl Sink for RootOnly {
    fn start(&mut self, start: &Start<'_>) -> Result<(), OfdError> {
        self.root.get_or_insert_with(|| (start.uri.to_owned(), start.name.to_owned()));
        Ok(())
    }

    fn text(&mut self, _: &str) {}

    fn end(&mut self, _: usize) {}
}

/// A start tag, resolved.
pub(crate) struct Start<'a> {
    /// Local name.
    pub(crate) name: &'a str,
    /// Prefix, or empty.
    pub(crate) prefix: &'a str,
    /// Namespace, or empty.
    pub(crate) uri: &'a str,
    /// Attributes other than namespace declarations.
    pub(crate) attributes: Vec<Attribute<'a>>,
}

/// An attribute of a start tag.
pub(crate) struct Attribute<'a> {
    /// Prefix, or empty.
    pub(crate) prefix: &'a str,
    /// Local name.
    pub(crate) name: &'a str,
    /// Its value, normalised.
    pub(crate) value: Cow<'a, str>,
}

/// Applies the rules to a file, feeding what it holds to a sink.
pub(crate) fn scan(
    path: &str,
    bytes: &[u8],
    limits: &Limits,
    sink: &mut impl Sink,
) -> Result<(), OfdError> {
    if bytes.len() > limits.xml_bytes {
        return Err(over(Limit::XmlBytes, bytes.len(), limits.xml_bytes, path));
    }
    let text = text(path, bytes)?;
    let skipped = bytes.len() - text.len();
    let mut pass = Pass {
        path,
        limits,
        skipped,
        offset: 0,
        depth: 0,
        rooted: false,
        names: Names::default(),
        sink,
    };
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    config.check_end_names = true;
    config.allow_unmatched_ends = false;
    config.allow_dangling_amp = false;
    config.trim_markup_names_in_closing_tags = true;
    loop {
        pass.offset = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = reader.read_event().map_err(|e| pass.malformed(&e))?;
        if pass.event(event)? {
            return Ok(());
        }
    }
}

/// The file as text, without a byte order mark.
fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, OfdError> {
    let flaw =
        |offset: usize, flaw| OfdError::Xml { path: path.to_owned(), offset: offset as u64, flaw };
    let wide = bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.starts_with(b"<\0")
        || bytes.starts_with(b"\0<");
    if wide {
        return Err(flaw(0, XmlFlaw::Encoding("UTF-16".to_owned())));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|e| flaw(e.valid_up_to(), XmlFlaw::Encoding("other than UTF-8".to_owned())))?;
    // Control characters, and U+FFFE and U+FFFF, which are EF BF BE and EF BF BF.
    let control = bytes.iter().position(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r'));
    let not_a_character = || bytes.windows(3).position(|w| w[..2] == *b"\xef\xbf" && w[2] >= 0xbe);
    match control.or_else(not_a_character) {
        Some(at) => Err(flaw(at, XmlFlaw::BadCharacter)),
        None => Ok(text),
    }
}

/// Whether XML 1.0 allows a character at all (production 2).
pub(super) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

struct Pass<'a, S> {
    path: &'a str,
    limits: &'a Limits,
    /// Bytes of the byte order mark.
    skipped: usize,
    /// Where the current event starts.
    offset: usize,
    depth: usize,
    rooted: bool,
    names: Names,
    sink: &'a mut S,
}

impl<S: Sink> Pass<'_, S> {
    fn flaw(&self, flaw: XmlFlaw) -> OfdError {
        let offset = (self.skipped + self.offset) as u64;
        OfdError::Xml { path: self.path.to_owned(), offset, flaw }
    }

    fn malformed(&self, error: &quick_xml::Error) -> OfdError {
        self.flaw(XmlFlaw::Malformed(crate::name::shorten(&error.to_string())))
    }

    /// Handles one event; true at the end of the file.
    fn event(&mut self, event: Event<'_>) -> Result<bool, OfdError> {
        match event {
            Event::Start(tag) => self.start(&tag)?,
            Event::Empty(tag) => {
                self.start(&tag)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content(), &text)?,
            Event::CData(text) => match self.depth {
                0 => return Err(self.flaw(XmlFlaw::OutsideRoot)),
                _ => self.sink.text(&text.xml10_content()),
            },
            Event::GeneralRef(reference) => self.reference(&reference)?,
            Event::Comment(text) => self.misc(text.len())?,
            Event::PI(text) => self.misc(text.len())?,
            Event::Decl(declaration) => self.declaration(&declaration)?,
            Event::DocType(_) => return Err(self.flaw(XmlFlaw::Doctype)),
            Event::Eof if self.depth == 0 && self.rooted => return Ok(true),
            Event::Eof => return Err(self.flaw(XmlFlaw::Incomplete)),
        }
        Ok(false)
    }

    fn misc(&self, bytes: usize) -> Result<(), OfdError> {
        match bytes <= self.limits.xml_misc_bytes {
            true => Ok(()),
            false => Err(over(Limit::XmlMiscBytes, bytes, self.limits.xml_misc_bytes, self.path)),
        }
    }

    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), OfdError> {
        if self.offset != 0 {
            return Err(self.flaw(XmlFlaw::OutsideRoot));
        }
        let bad = || self.flaw(XmlFlaw::Malformed("its XML declaration".to_owned()));
        let version = declaration.version().map_err(|e| self.malformed(&e))?;
        if version != "1.0" {
            return Err(self.flaw(XmlFlaw::Malformed(format!("XML version {version}"))));
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(name) => {
                let name = name.map_err(|_| bad())?;
                match name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") {
                    true => Ok(()),
                    false => Err(self.flaw(XmlFlaw::Encoding(crate::name::shorten(&name)))),
                }
            }
        }
    }

    fn text(&mut self, text: &str, raw: &str) -> Result<(), OfdError> {
        if self.depth == 0 {
            let blank = text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
            return if blank { Ok(()) } else { Err(self.flaw(XmlFlaw::OutsideRoot)) };
        }
        if raw.contains("]]>") {
            return Err(self.flaw(XmlFlaw::BadCharacter));
        }
        self.sink.text(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), OfdError> {
        if self.depth == 0 {
            return Err(self.flaw(XmlFlaw::OutsideRoot));
        }
        let character = reference.resolve_char_ref();
        let character = match character.map_err(|_| self.flaw(XmlFlaw::BadCharacter))? {
            Some(c) if is_xml_char(c) => c,
            Some(_) => return Err(self.flaw(XmlFlaw::BadCharacter)),
            None => match &**reference {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "apos" => '\'',
                "quot" => '"',
                _ => return Err(self.flaw(XmlFlaw::EntityUnknown)),
            },
        };
        self.sink.text(character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), OfdError> {
        if self.depth == 0 && self.rooted {
            return Err(self.flaw(XmlFlaw::OutsideRoot));
        }
        self.rooted = true;
        self.depth += 1;
        if self.depth > self.limits.xml_depth {
            return Err(over(Limit::XmlDepth, self.depth, self.limits.xml_depth, self.path));
        }
        let attributes = self.attributes(tag)?;
        let (prefix, name) = self.split(tag.name().0)?;
        let uri = self.uri(prefix, true)?.to_owned();
        self.sink.start(&Start { name, prefix, uri: &uri, attributes })
    }

    /// Reads the attributes, binds namespaces, and refuses duplicates by expanded name.
    fn attributes<'t>(&mut self, tag: &'t BytesStart<'_>) -> Result<Vec<Attribute<'t>>, OfdError> {
        let mut out: Vec<Attribute<'t>> = Vec::new();
        let mut count = 0;
        // Quadratic checks of the library are off: the limit comes first, then our own.
        for attribute in tag.attributes().with_checks(false) {
            count += 1;
            if count > self.limits.attributes {
                let found = tag.attributes().with_checks(false).count();
                return Err(over(Limit::Attributes, found, self.limits.attributes, self.path));
            }
            let attribute = attribute
                .map_err(|e| self.flaw(XmlFlaw::Malformed(crate::name::shorten(&e.to_string()))))?;
            if attribute.value.contains('<') {
                return Err(self.flaw(XmlFlaw::BadCharacter));
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|_| self.flaw(XmlFlaw::EntityUnknown))?;
            if !value.chars().all(is_xml_char) {
                return Err(self.flaw(XmlFlaw::BadCharacter));
            }
            match attribute.key.0 {
                "xmlns" => self.bind("", &value)?,
                key => match key.strip_prefix("xmlns:") {
                    Some(prefix) => self.bind(prefix, &value)?,
                    None => {
                        let (prefix, name) = self.split(key)?;
                        out.push(Attribute { prefix, name, value });
                    }
                },
            }
        }
        self.refuse_duplicates(&out)?;
        Ok(out)
    }

    fn refuse_duplicates(&self, attributes: &[Attribute<'_>]) -> Result<(), OfdError> {
        for (i, a) in attributes.iter().enumerate() {
            let uri = self.uri(a.prefix, false)?;
            for b in &attributes[..i] {
                if a.name == b.name && uri == self.uri(b.prefix, false)? {
                    return Err(self.flaw(XmlFlaw::DuplicateAttribute));
                }
            }
        }
        Ok(())
    }

    fn bind(&mut self, prefix: &str, uri: &str) -> Result<(), OfdError> {
        let allowed = self.limits.xml_namespaces;
        if self.names.len() >= allowed {
            return Err(over(Limit::XmlNamespaces, self.names.len() + 1, allowed, self.path));
        }
        self.names.bind(self.depth, prefix, uri).map_err(|flaw| self.flaw(flaw))
    }

    fn uri(&self, prefix: &str, element: bool) -> Result<&str, OfdError> {
        self.names.uri(prefix, element).ok_or_else(|| self.flaw(XmlFlaw::Prefix))
    }

    fn split<'t>(&self, name: &'t str) -> Result<(&'t str, &'t str), OfdError> {
        names::split(name).ok_or_else(|| self.flaw(XmlFlaw::BadName))
    }

    fn end(&mut self) {
        self.names.close(self.depth);
        self.depth = self.depth.saturating_sub(1);
        self.sink.end(self.skipped + self.offset);
    }
}
