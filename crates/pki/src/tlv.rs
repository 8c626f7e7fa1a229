//! A lenient reader of BER/DER tag-length-value bytes, for files that others made.
//!
//! Accepted and told apart: lengths that are not in shortest form ([`quirks`]). Refused: indefinite lengths, tags above 30,
//! lengths beyond the input, nesting beyond [`MAX_DEPTH`].
//!
//! ```
//! use yinxin_pki::tlv::{Reader, tag};
//!
//! let mut reader = Reader::new(&[0x30, 0x03, 0x02, 0x01, 0x05]);
//! let sequence = reader.read(tag::SEQUENCE)?;
//! assert_eq!(sequence.children()?.read(tag::INTEGER)?.u64()?, 5);
//! reader.finish()?;
//! # Ok::<(), yinxin_pki::tlv::TlvError>(())
//! ```

mod error;
mod quirks;
pub mod tag;

use der::asn1::ObjectIdentifier;
use yinxin_verdict::UnixTime;

pub use error::TlvError;
pub use quirks::quirks;

use crate::time;

/// The deepest nesting that is read. The deepest real structure met (a v4 signature with its seal and certificates) nests 14 deep.
pub const MAX_DEPTH: u8 = 32;

/// One value: its tag, its contents, and all its bytes as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    tag: u8,
    raw: &'a [u8],
    value: &'a [u8],
    depth: u8,
    shortest: bool,
}

/// Reads values one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    depth: u8,
}

impl<'a> Reader<'a> {
    /// Over bytes at the outermost level.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next value.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value, of any type.
    ///
    /// # Errors
    /// [`TlvError`] when no well-formed value follows.
    pub fn any(&mut self) -> Result<Tlv<'a>, TlvError> {
        let (tlv, rest) = split(self.rest, self.depth)?;
        self.rest = rest;
        Ok(tlv)
    }

    /// The next value, which must have this tag.
    ///
    /// # Errors
    /// [`TlvError::Tag`] for another type, else as [`Reader::any`].
    pub fn read(&mut self, tag: u8) -> Result<Tlv<'a>, TlvError> {
        let tlv = self.any()?;
        tlv.expect(tag)
    }

    /// The next value if it has this tag.
    ///
    /// # Errors
    /// As [`Reader::any`].
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, TlvError> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// All that is left, as values.
    ///
    /// # Errors
    /// As [`Reader::any`].
    pub fn all(mut self) -> Result<Vec<Tlv<'a>>, TlvError> {
        let mut out = Vec::new();
        while !self.is_empty() {
            out.push(self.any()?);
        }
        Ok(out)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`TlvError::Trailing`] otherwise.
    pub const fn finish(self) -> Result<(), TlvError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(TlvError::Trailing { left: self.rest.len() })
        }
    }
}

fn split(bytes: &[u8], depth: u8) -> Result<(Tlv<'_>, &[u8]), TlvError> {
    let (&tag, rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
    if tag & 0x1f == 0x1f {
        return Err(TlvError::HighTag);
    }
    let (&first, mut rest) = rest.split_first().ok_or(TlvError::Truncated)?;
    let mut length = usize::from(first);
    let mut shortest = true;
    if first == 0x80 {
        return Err(TlvError::Indefinite);
    }
    if first > 0x80 {
        let count = usize::from(first & 0x7f);
        let octets = rest.get(..count).ok_or(TlvError::Truncated)?;
        rest = rest.get(count..).ok_or(TlvError::Truncated)?;
        length = 0;
        for &octet in octets {
            // A length that does not fit cannot be inside the input either.
            length = length.checked_mul(256).ok_or(TlvError::Truncated)? + usize::from(octet);
        }
        shortest = length >= 0x80 && octets.first() != Some(&0);
    }
    let value = rest.get(..length).ok_or(TlvError::Truncated)?;
    let after = rest.get(length..).ok_or(TlvError::Truncated)?;
    let raw = bytes.get(..bytes.len() - after.len()).ok_or(TlvError::Truncated)?;
    Ok((Tlv { tag, raw, value, depth, shortest }, after))
}

impl<'a> Tlv<'a> {
    /// The one value that the input consists of.
    ///
    /// # Errors
    /// [`TlvError::Size`] above `limit` bytes, [`TlvError::Trailing`] when more follows, else as [`Reader::any`].
    pub fn parse(bytes: &'a [u8], limit: usize) -> Result<Self, TlvError> {
        if bytes.len() > limit {
            return Err(TlvError::Size { limit, found: bytes.len() });
        }
        let mut reader = Reader::new(bytes);
        let tlv = reader.any()?;
        reader.finish()?;
        Ok(tlv)
    }

    /// The identifier octet.
    #[must_use]
    pub const fn tag(&self) -> u8 {
        self.tag
    }

    /// All bytes as stored: what signatures are verified over.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The contents.
    #[must_use]
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }

    /// This value, which must have this tag.
    ///
    /// # Errors
    /// [`TlvError::Tag`] otherwise.
    pub const fn expect(self, tag: u8) -> Result<Self, TlvError> {
        if self.tag == tag {
            Ok(self)
        } else {
            Err(TlvError::Tag { expected: tag, found: self.tag })
        }
    }

    /// What a constructed value holds.
    ///
    /// # Errors
    /// [`TlvError::Content`] for a primitive value, [`TlvError::Depth`] when nested too deep.
    pub const fn children(&self) -> Result<Reader<'a>, TlvError> {
        if self.tag & 0x20 == 0 {
            return Err(self.content());
        }
        if self.depth >= MAX_DEPTH {
            return Err(TlvError::Depth);
        }
        Ok(Reader { rest: self.value, depth: self.depth + 1 })
    }

    /// The only value inside, as in an explicit tag.
    ///
    /// # Errors
    /// As [`Tlv::children`] and [`Reader::any`]; [`TlvError::Trailing`] when there are more.
    pub fn only_child(&self) -> Result<Self, TlvError> {
        let mut inner = self.children()?;
        let tlv = inner.any()?;
        inner.finish()?;
        Ok(tlv)
    }

    /// The contents of an INTEGER, two's complement, as stored.
    ///
    /// # Errors
    /// [`TlvError`] for another type or no contents.
    pub fn integer(&self) -> Result<&'a [u8], TlvError> {
        let value = self.expect(tag::INTEGER)?.value;
        if value.is_empty() { Err(self.content()) } else { Ok(value) }
    }

    /// The magnitude of a non-negative INTEGER, without leading zeros.
    ///
    /// # Errors
    /// As [`Tlv::integer`], or negative.
    pub fn unsigned(&self) -> Result<&'a [u8], TlvError> {
        let value = self.integer()?;
        if value.first().is_some_and(|b| b & 0x80 != 0) {
            return Err(self.content());
        }
        let zeros = value.iter().take_while(|b| **b == 0).count();
        value.get(zeros..).ok_or(TlvError::Truncated)
    }

    /// A non-negative INTEGER that fits 64 bits.
    ///
    /// # Errors
    /// As [`Tlv::unsigned`], or too large.
    pub fn u64(&self) -> Result<u64, TlvError> {
        let value = self.unsigned()?;
        if value.len() > 8 {
            return Err(self.content());
        }
        Ok(value.iter().fold(0, |n, b| (n << 8) | u64::from(*b)))
    }

    /// A BOOLEAN; any octet but zero is true, as BER has it.
    ///
    /// # Errors
    /// [`TlvError`] for another type or length.
    pub fn boolean(&self) -> Result<bool, TlvError> {
        match self.expect(tag::BOOLEAN)?.value {
            [octet] => Ok(*octet != 0),
            _ => Err(self.content()),
        }
    }

    /// An OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// [`TlvError`] for another type or a malformed one.
    pub fn oid(&self) -> Result<ObjectIdentifier, TlvError> {
        let value = self.expect(tag::OID)?.value;
        ObjectIdentifier::from_bytes(value).map_err(|_| self.content())
    }

    /// The octets of an OCTET STRING.
    ///
    /// # Errors
    /// [`TlvError::Tag`] for another type.
    pub fn octets(&self) -> Result<&'a [u8], TlvError> {
        Ok(self.expect(tag::OCTET_STRING)?.value)
    }

    /// A BIT STRING: the number of unused bits, and the octets.
    ///
    /// # Errors
    /// [`TlvError`] for another type, or an impossible number of unused bits.
    pub fn bits(&self) -> Result<(u8, &'a [u8]), TlvError> {
        let (&unused, octets) =
            self.expect(tag::BIT_STRING)?.value.split_first().ok_or(self.content())?;
        if unused > 7 || (unused > 0 && octets.is_empty()) {
            return Err(self.content());
        }
        Ok((unused, octets))
    }

    /// A BIT STRING of whole octets.
    ///
    /// # Errors
    /// As [`Tlv::bits`], or with unused bits.
    pub fn bit_octets(&self) -> Result<&'a [u8], TlvError> {
        match self.bits()? {
            (0, octets) => Ok(octets),
            _ => Err(self.content()),
        }
    }

    /// The text of any ASN.1 string type; `None` when its bytes are none, or it is no string.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self.tag {
            // Files of Chinese makers put UTF-8 into any of these; what is not UTF-8 is not guessed at.
            0x0c | 0x12 | 0x13 | 0x14 | 0x16 | 0x1a => String::from_utf8(self.value.to_vec()).ok(),
            0x1c => self.wide::<4>().map(|c| char::from_u32(u32::from_be_bytes(c))).collect(),
            0x1e => {
                let units: Vec<u16> = self.wide::<2>().map(u16::from_be_bytes).collect();
                String::from_utf16(&units).ok().filter(|_| self.value.len().is_multiple_of(2))
            }
            _ => None,
        }
    }

    fn wide<const N: usize>(&self) -> impl Iterator<Item = [u8; N]> {
        self.value.chunks(N).map(|c| {
            let mut out = [0xff; N];
            out.iter_mut().zip(c).for_each(|(o, b)| *o = *b);
            out
        })
    }

    /// A UTCTime or GeneralizedTime in any of its BER forms; one without a zone is taken as UTC.
    ///
    /// # Errors
    /// [`TlvError::Content`] for anything else.
    pub fn time(&self) -> Result<UnixTime, TlvError> {
        self.time_and_form().map(|(t, _)| t)
    }

    /// As [`Tlv::time`], and whether it is in the form that DER and RFC 5280 ask for.
    pub(crate) fn time_and_form(&self) -> Result<(UnixTime, bool), TlvError> {
        time::read(self.tag, self.value).ok_or(self.content())
    }

    const fn content(&self) -> TlvError {
        TlvError::Content { tag: self.tag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_bytes_are_refused_with_their_reason() {
        let deep = [0x30, 0x80].repeat(4);
        for (bytes, error) in [
            (&[][..], TlvError::Truncated),
            (&[0x30], TlvError::Truncated),
            (&[0x30, 0x01], TlvError::Truncated),
            (&[0x30, 0x80, 0, 0], TlvError::Indefinite),
            (&deep, TlvError::Indefinite),
            (&[0x1f, 0x81, 0x01, 0x00], TlvError::HighTag),
            (&[0x04, 0x82, 0x01], TlvError::Truncated),
            (&[0x04, 0xff, 0xff, 0xff], TlvError::Truncated),
            (&[0x04, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1], TlvError::Truncated),
            (&[0x05, 0x00, 0x00], TlvError::Trailing { left: 1 }),
        ] {
            assert_eq!(Tlv::parse(bytes, 64), Err(error), "{bytes:02x?}");
        }
        assert_eq!(Tlv::parse(&[5, 0], 1), Err(TlvError::Size { limit: 1, found: 2 }));
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let mut bytes = vec![0x05, 0x00];
        for _ in 0..40 {
            let length = u8::try_from(bytes.len()).unwrap();
            bytes.splice(0..0, [0x30, length]);
        }
        let mut tlv = Tlv::parse(&bytes, 1000).unwrap();
        let mut depth = 0;
        let error = loop {
            match tlv.only_child() {
                Ok(inner) => tlv = inner,
                Err(e) => break e,
            }
            depth += 1;
        };
        assert_eq!((error, depth), (TlvError::Depth, u32::from(MAX_DEPTH)));
    }

    #[test]
    fn values_read_leniently_but_not_wrongly() {
        let tlv = |b: &'static [u8]| Tlv::parse(b, 64).unwrap();
        assert_eq!(tlv(&[2, 2, 0, 5]).u64(), Ok(5));
        assert!(tlv(&[2, 1, 0x85]).u64().is_err());
        assert!(tlv(&[2, 0]).integer().is_err());
        assert!(tlv(&[3, 0]).bits().is_err());
        assert!(tlv(&[3, 1, 3]).bits().is_err());
        assert!(tlv(&[3, 2, 8, 0]).bits().is_err());
        assert_eq!(tlv(&[0x1e, 2, 0x53, 0x70]).text().as_deref(), Some("印"));
        assert_eq!(tlv(&[0x1e, 1, 0x53]).text(), None);
        assert_eq!(tlv(&[0x0c, 1, 0xff]).text(), None);
        assert!(tlv(&[1, 2, 0, 0]).boolean().is_err());
    }
}
