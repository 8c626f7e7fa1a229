//! The lenient reader's view of foreign ASN.1: items with their raw bytes, and notes of what is not DER.

use der::asn1::ObjectIdentifier;
use yinxin_pki::tlv::{Reader, Tlv, TlvError, tag};
use yinxin_verdict::UnixTime;

use crate::{SealError, time};

/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = tag::context(0);

/// How many notes are kept: enough to tell a vendor's habit, not enough to fill memory.
const MAX_NOTES: usize = 32;

/// What was accepted although the standard or DER says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Notes(pub(crate) Vec<String>);

impl Notes {
    pub(crate) fn add(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.0.len() < MAX_NOTES && !self.0.contains(&note) {
            self.0.push(note);
        }
    }
}

pub(crate) fn malformed(at: &'static str, found: impl Into<String>) -> SealError {
    SealError::Malformed { at, found: found.into() }
}

fn refused(at: &'static str) -> impl FnOnce(TlvError) -> SealError {
    move |error| malformed(at, error.to_string())
}

/// Reads one value at the start of `bytes`; how many bytes follow it comes second.
pub(crate) fn read<'a>(bytes: &'a [u8], at: &'static str) -> Result<(Tlv<'a>, usize), SealError> {
    let tlv = Reader::new(bytes).any().map_err(refused(at))?;
    Ok((tlv, bytes.len() - tlv.raw().len()))
}

/// The one value inside an explicit tag.
pub(crate) fn inside<'a>(item: Tlv<'a>, at: &'static str) -> Result<Tlv<'a>, SealError> {
    item.only_child().map_err(refused(at))
}

/// Reads the values of a SEQUENCE one after the other, and says where when it cannot.
pub(crate) struct Items<'a> {
    rest: Reader<'a>,
    at: &'static str,
}

impl<'a> Items<'a> {
    /// The items inside a SEQUENCE.
    pub(crate) fn of(item: Tlv<'a>, at: &'static str) -> Result<Self, SealError> {
        let rest = item.expect(tag::SEQUENCE).and_then(|i| i.children()).map_err(refused(at))?;
        Ok(Self { rest, at })
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.peek()
    }

    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, SealError> {
        self.rest.any().map_err(refused(self.at))
    }

    /// The next item, if it has this tag.
    pub(crate) fn next_if(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, SealError> {
        self.rest.optional(tag).map_err(refused(self.at))
    }

    /// All that are left, at most `limit`.
    pub(crate) fn all(mut self, limit: usize) -> Result<Vec<Tlv<'a>>, SealError> {
        let mut items = Vec::new();
        while !self.rest.is_empty() {
            if items.len() == limit {
                return Err(SealError::OverLimit { what: self.at, got: limit + 1, limit });
            }
            items.push(self.next()?);
        }
        Ok(items)
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), SealError> {
        self.rest.finish().map_err(refused(self.at))
    }
}

pub(crate) fn integer(item: Tlv<'_>, at: &'static str) -> Result<u64, SealError> {
    item.u64().map_err(refused(at))
}

/// Text in any string type; another type than `expected` is noted.
pub(crate) fn text(
    item: Tlv<'_>,
    expected: u8,
    at: &'static str,
    notes: &mut Notes,
) -> Result<String, SealError> {
    const TELETEX: u8 = 0x14;
    const VISIBLE: u8 = 0x1a;
    if item.tag() != expected {
        let texts = [tag::UTF8_STRING, tag::PRINTABLE_STRING, tag::IA5_STRING, TELETEX, VISIBLE];
        if !texts.contains(&item.tag()) && item.tag() != tag::OCTET_STRING {
            return Err(malformed(at, format!("tag {:02x}, no text", item.tag())));
        }
        notes.add(format!("{at}: string type {:02x} instead of {expected:02x}", item.tag()));
    }
    if expected == tag::IA5_STRING && !item.value().is_ascii() {
        notes.add(format!("{at}: IA5String with characters beyond ASCII"));
    }
    match core::str::from_utf8(item.value()) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => {
            notes.add(format!("{at}: text is not UTF-8"));
            Ok(String::from_utf8_lossy(item.value()).into_owned())
        }
    }
}

/// An OCTET STRING; a BIT STRING or an IA5String in its place is noted.
pub(crate) fn octets<'a>(
    item: Tlv<'a>,
    at: &'static str,
    notes: &mut Notes,
) -> Result<&'a [u8], SealError> {
    match item.tag() {
        tag::BIT_STRING => {
            notes.add(format!("{at}: BIT STRING instead of OCTET STRING"));
            item.bit_octets().map_err(refused(at))
        }
        tag::IA5_STRING => {
            notes.add(format!("{at}: IA5String instead of OCTET STRING"));
            Ok(item.value())
        }
        _ => item.octets().map_err(refused(at)),
    }
}

/// A BIT STRING of whole bytes; an OCTET STRING in its place is noted.
pub(crate) fn bits<'a>(
    item: Tlv<'a>,
    at: &'static str,
    notes: &mut Notes,
) -> Result<&'a [u8], SealError> {
    if item.tag() == tag::OCTET_STRING {
        notes.add(format!("{at}: OCTET STRING instead of BIT STRING"));
        return Ok(item.value());
    }
    item.bit_octets().map_err(refused(at))
}

pub(crate) fn oid(item: Tlv<'_>, at: &'static str) -> Result<ObjectIdentifier, SealError> {
    item.oid().map_err(refused(at))
}

/// A UTCTime or GeneralizedTime; the type that does not belong here is noted.
pub(crate) fn date(
    item: Tlv<'_>,
    expected: u8,
    at: &'static str,
    notes: &mut Notes,
) -> Result<UnixTime, SealError> {
    if item.tag() != expected {
        notes.add(format!("{at}: time type {:02x} instead of {expected:02x}", item.tag()));
    }
    let written = String::from_utf8_lossy(item.value());
    let read = match item.tag() {
        tag::UTC_TIME => time::utc(&written),
        tag::GENERALIZED_TIME => time::loose(&written),
        _ => None,
    }
    .ok_or_else(|| malformed(at, format!("the time {written:?}")))?;
    if !read.der {
        notes.add(format!("{at}: time {written:?} not in its DER form"));
    }
    Ok(read.time)
}
