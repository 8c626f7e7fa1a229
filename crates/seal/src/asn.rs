//! The lenient reader's view of foreign ASN.1: items with their raw bytes, and notes of what is not DER.

use yinxin_verdict::UnixTime;

use crate::{SealError, time};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const CONTEXT_0: u8 = 0xa0;

/// How many notes are kept: enough to tell a vendor's habit, not enough to fill memory.
const MAX_NOTES: usize = 32;

/// One TLV within the stored bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    /// Tag, length and value as stored: what signatures are checked over.
    pub(crate) raw: &'a [u8],
}

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

/// Reads one item at the start of `bytes`; the rest comes second.
pub(crate) fn read<'a>(
    bytes: &'a [u8],
    at: &'static str,
    notes: &mut Notes,
) -> Result<(Item<'a>, &'a [u8]), SealError> {
    let (&tag, after_tag) = bytes.split_first().ok_or_else(|| malformed(at, "nothing"))?;
    if tag & 0x1f == 0x1f {
        return Err(malformed(at, format!("a multi-byte tag {tag:02x}")));
    }
    let (&first, mut rest) =
        after_tag.split_first().ok_or_else(|| malformed(at, "a tag without a length"))?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 || rest.len() < count {
            return Err(malformed(at, format!("the length form {first:02x}")));
        }
        let (digits, after) = rest.split_at(count);
        rest = after;
        let length = digits.iter().fold(0usize, |n, d| n << 8 | usize::from(*d));
        if digits[0] == 0 || length < 0x80 {
            notes.add(format!("{at}: length not in its shortest form"));
        }
        length
    };
    if rest.len() < length {
        return Err(malformed(at, format!("{length} bytes announced, {} there", rest.len())));
    }
    let (value, rest) = rest.split_at(length);
    let raw = &bytes[..bytes.len() - rest.len()];
    Ok((Item { tag, value, raw }, rest))
}

/// Reads items one after the other.
pub(crate) struct Items<'a> {
    rest: &'a [u8],
    at: &'static str,
}

impl<'a> Items<'a> {
    /// The items inside a SEQUENCE.
    pub(crate) fn of(item: Item<'a>, at: &'static str) -> Result<Self, SealError> {
        want(item, SEQUENCE, at)?;
        Ok(Self { rest: item.value, at })
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn next(&mut self, notes: &mut Notes) -> Result<Item<'a>, SealError> {
        let (item, rest) = read(self.rest, self.at, notes)?;
        self.rest = rest;
        Ok(item)
    }

    /// The next item, if it has this tag.
    pub(crate) fn next_if(
        &mut self,
        tag: u8,
        notes: &mut Notes,
    ) -> Result<Option<Item<'a>>, SealError> {
        if self.peek() == Some(tag) { self.next(notes).map(Some) } else { Ok(None) }
    }

    /// All that are left, at most `limit`.
    pub(crate) fn all(
        mut self,
        limit: usize,
        notes: &mut Notes,
    ) -> Result<Vec<Item<'a>>, SealError> {
        let mut items = Vec::new();
        while !self.rest.is_empty() {
            if items.len() == limit {
                return Err(SealError::OverLimit { what: self.at, got: limit + 1, limit });
            }
            items.push(self.next(notes)?);
        }
        Ok(items)
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), SealError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(malformed(self.at, format!("{} bytes too many", self.rest.len())))
        }
    }
}

fn want(item: Item<'_>, tag: u8, at: &'static str) -> Result<(), SealError> {
    if item.tag == tag {
        Ok(())
    } else {
        Err(malformed(at, format!("tag {:02x} where {tag:02x} belongs", item.tag)))
    }
}

pub(crate) fn integer(
    item: Item<'_>,
    at: &'static str,
    notes: &mut Notes,
) -> Result<u64, SealError> {
    want(item, INTEGER, at)?;
    if item.value.first().is_none_or(|b| *b >= 0x80) {
        return Err(malformed(at, "an empty or negative INTEGER"));
    }
    let digits = match item.value.iter().position(|b| *b != 0) {
        Some(start) => &item.value[start..],
        None => &item.value[..0],
    };
    if digits.len() > 8 {
        return Err(malformed(at, format!("an INTEGER of {} bytes", item.value.len())));
    }
    if item.value.len() > 1 && item.value[0] == 0 && item.value[1] < 0x80 {
        notes.add(format!("{at}: INTEGER not in its shortest form"));
    }
    Ok(digits.iter().fold(0, |n, d| n << 8 | u64::from(*d)))
}

/// Text in any string type; another type than `tag` is noted.
pub(crate) fn text(
    item: Item<'_>,
    tag: u8,
    at: &'static str,
    notes: &mut Notes,
) -> Result<String, SealError> {
    if item.tag != tag {
        if ![UTF8_STRING, PRINTABLE_STRING, IA5_STRING, OCTET_STRING, 0x14, 0x1a].contains(&item.tag)
        {
            return Err(malformed(at, format!("tag {:02x}, no text", item.tag)));
        }
        notes.add(format!("{at}: string type {:02x} instead of {tag:02x}", item.tag));
    }
    if tag == IA5_STRING && !item.value.is_ascii() {
        notes.add(format!("{at}: IA5String with characters beyond ASCII"));
    }
    match core::str::from_utf8(item.value) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => {
            notes.add(format!("{at}: text is not UTF-8"));
            Ok(String::from_utf8_lossy(item.value).into_owned())
        }
    }
}

/// An OCTET STRING; a BIT STRING or an IA5String in its place is noted.
pub(crate) fn octets<'a>(
    item: Item<'a>,
    at: &'static str,
    notes: &mut Notes,
) -> Result<&'a [u8], SealError> {
    match item.tag {
        OCTET_STRING => Ok(item.value),
        BIT_STRING => {
            notes.add(format!("{at}: BIT STRING instead of OCTET STRING"));
            bits(item, at, notes)
        }
        IA5_STRING => {
            notes.add(format!("{at}: IA5String instead of OCTET STRING"));
            Ok(item.value)
        }
        tag => Err(malformed(at, format!("tag {tag:02x} where 04 belongs"))),
    }
}

/// A BIT STRING of whole bytes; an OCTET STRING in its place is noted.
pub(crate) fn bits<'a>(
    item: Item<'a>,
    at: &'static str,
    notes: &mut Notes,
) -> Result<&'a [u8], SealError> {
    match (item.tag, item.value.split_first()) {
        (BIT_STRING, Some((0, bytes))) => Ok(bytes),
        (BIT_STRING, Some((unused, _))) => {
            Err(malformed(at, format!("a BIT STRING with {unused} unused bits")))
        }
        (BIT_STRING, None) => Err(malformed(at, "an empty BIT STRING")),
        (OCTET_STRING, _) => {
            notes.add(format!("{at}: OCTET STRING instead of BIT STRING"));
            Ok(item.value)
        }
        (tag, _) => Err(malformed(at, format!("tag {tag:02x} where 03 belongs"))),
    }
}

/// An object identifier in dotted form.
pub(crate) fn oid(item: Item<'_>, at: &'static str) -> Result<String, SealError> {
    want(item, OID, at)?;
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: u64 = 0;
    for (i, byte) in item.value.iter().enumerate() {
        if arc > u64::MAX >> 7 {
            return Err(malformed(at, "an object identifier with an arc beyond 64 bits"));
        }
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arc -= first * 40;
            }
            arcs.push(arc);
            arc = 0;
        } else if i + 1 == item.value.len() {
            return Err(malformed(at, "an object identifier cut short"));
        }
    }
    if arcs.is_empty() {
        return Err(malformed(at, "an empty object identifier"));
    }
    Ok(arcs.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

/// A UTCTime or GeneralizedTime; the type that does not belong here is noted.
pub(crate) fn date(
    item: Item<'_>,
    tag: u8,
    at: &'static str,
    notes: &mut Notes,
) -> Result<UnixTime, SealError> {
    if item.tag != tag {
        notes.add(format!("{at}: time type {:02x} instead of {tag:02x}", item.tag));
    }
    let written = String::from_utf8_lossy(item.value);
    let read = match item.tag {
        UTC_TIME => time::utc(&written),
        _ => time::loose(&written),
    }
    .ok_or_else(|| malformed(at, format!("the time {written:?}")))?;
    if !read.der {
        notes.add(format!("{at}: time {written:?} not in its DER form"));
    }
    Ok(read.time)
}
