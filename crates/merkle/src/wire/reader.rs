//! Reads DER, strictly and within limits.

use der::{Decode, Header, SliceReader, Tag, TagNumber, asn1::AnyRef};
use yinxin_gm::Digest;

use super::WireError;

/// Reads one value after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a>(Option<SliceReader<'a>>);

impl<'a> Reader<'a> {
    /// Over these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        // `None` stands for input beyond der's own limit of 256 MiB; every read then fails.
        Self(SliceReader::new(bytes).ok())
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_some_and(der::Reader::is_finished)
    }

    /// Ok if everything was read.
    ///
    /// # Errors
    /// [`WireError::Trailing`] if not.
    pub fn finish(self, what: &'static str) -> Result<(), WireError> {
        if self.is_empty() { Ok(()) } else { Err(WireError::Trailing(what)) }
    }

    /// A SEQUENCE whose fields `read` takes, all of them.
    ///
    /// # Errors
    /// [`WireError`] if it is none, or if `read` fails or leaves something over.
    pub fn sequence<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let value = self.value(what, Tag::Sequence)?;
        Self::whole(what, value, read)
    }

    /// The number of the context tag that comes next, if one does.
    #[must_use]
    pub fn next_tag(&self) -> Option<u8> {
        let header = Header::peek(self.0.as_ref()?).ok()?;
        match header.tag() {
            Tag::ContextSpecific { constructed: true, number } => u8::try_from(number.value()).ok(),
            _ => None,
        }
    }

    /// What stands in `[number]`.
    ///
    /// # Errors
    /// [`WireError`] if something else comes, or if `read` fails or leaves something over.
    pub fn tagged<T>(
        &mut self,
        what: &'static str,
        number: u8,
        read: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let number = TagNumber(u32::from(number));
        let value = self.value(what, Tag::ContextSpecific { constructed: true, number })?;
        Self::whole(what, value, read)
    }

    /// What stands in `[number]`, if that comes next.
    ///
    /// # Errors
    /// [`WireError`] if `read` fails or leaves something over.
    pub fn optional<T>(
        &mut self,
        what: &'static str,
        number: u8,
        read: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<Option<T>, WireError> {
        if self.next_tag() == Some(number) {
            self.tagged(what, number, read).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A SEQUENCE OF with `min` to `max` elements.
    ///
    /// # Errors
    /// [`WireError`] if there are fewer or more, or if `read` fails.
    pub fn list<T>(
        &mut self,
        what: &'static str,
        min: usize,
        max: usize,
        read: impl Fn(&mut Self) -> Result<T, WireError>,
    ) -> Result<Vec<T>, WireError> {
        self.sequence(what, |input| {
            let mut items = Vec::new();
            while !input.is_empty() {
                if items.len() == max {
                    return Err(WireError::Length { what, min, max, found: max + 1 });
                }
                items.push(read(input)?);
            }
            within(what, min, max, items.len())?;
            Ok(items)
        })
    }

    /// An INTEGER of at most 64 bits, not negative.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn uint(&mut self, what: &'static str) -> Result<u64, WireError> {
        self.decode(what)
    }

    /// An INTEGER of at most 32 bits, not negative.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn uint32(&mut self, what: &'static str) -> Result<u32, WireError> {
        self.decode(what)
    }

    /// An INTEGER of at most 16 bits, not negative.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn uint16(&mut self, what: &'static str) -> Result<u16, WireError> {
        self.decode(what)
    }

    /// An INTEGER of at most 64 bits with its sign.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn int(&mut self, what: &'static str) -> Result<i64, WireError> {
        self.decode(what)
    }

    /// A BOOLEAN.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn boolean(&mut self, what: &'static str) -> Result<bool, WireError> {
        self.decode(what)
    }

    /// An OCTET STRING of `min` to `max` bytes.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn octets(
        &mut self,
        what: &'static str,
        min: usize,
        max: usize,
    ) -> Result<&'a [u8], WireError> {
        let bytes = self.value(what, Tag::OctetString)?;
        within(what, min, max, bytes.len())?;
        Ok(bytes)
    }

    /// An OCTET STRING of exactly `N` bytes.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let bytes = self.octets(what, N, N)?;
        bytes.try_into().map_err(|_| WireError::Form(what))
    }

    /// A digest: an OCTET STRING of 32 bytes.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn digest(&mut self, what: &'static str) -> Result<Digest, WireError> {
        self.array(what).map(Digest)
    }

    /// At most `max` digests one after the other in one OCTET STRING.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn digests(&mut self, what: &'static str, max: usize) -> Result<Vec<Digest>, WireError> {
        let (chunks, rest) = self.octets(what, 0, max * 32)?.as_chunks::<32>();
        if rest.is_empty() {
            Ok(chunks.iter().copied().map(Digest).collect())
        } else {
            Err(WireError::Value(what))
        }
    }

    /// A UTF8String of `min` to `max` bytes.
    ///
    /// # Errors
    /// [`WireError`] if something else comes.
    pub fn text(
        &mut self,
        what: &'static str,
        min: usize,
        max: usize,
    ) -> Result<&'a str, WireError> {
        let bytes = self.value(what, Tag::Utf8String)?;
        within(what, min, max, bytes.len())?;
        core::str::from_utf8(bytes).map_err(|_| WireError::Value(what))
    }

    fn whole<T>(
        what: &'static str,
        value: &'a [u8],
        read: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let mut inner = Self::new(value);
        let out = read(&mut inner)?;
        inner.finish(what)?;
        Ok(out)
    }

    fn value(&mut self, what: &'static str, tag: Tag) -> Result<&'a [u8], WireError> {
        let any: AnyRef<'a> = self.decode(what)?;
        if any.header().tag() == tag { Ok(any.value()) } else { Err(WireError::Form(what)) }
    }

    fn decode<T: Decode<'a>>(&mut self, what: &'static str) -> Result<T, WireError> {
        let input = self.0.as_mut().ok_or(WireError::Form(what))?;
        T::decode(input).map_err(|_| WireError::Form(what))
    }
}

fn within(what: &'static str, min: usize, max: usize, found: usize) -> Result<(), WireError> {
    if (min..=max).contains(&found) {
        Ok(())
    } else {
        Err(WireError::Length { what, min, max, found })
    }
}
