//! Writes DER.

use der::{
    Encode, Tag, TagNumber,
    asn1::{AnyRef, OctetStringRef, Utf8StringRef},
};
use yinxin_gm::Digest;

/// Collects the DER of a value.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

const SHORT: &str = "our values are far below the 256 MiB that `der` can say";

impl Writer {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }

    /// A SEQUENCE of what `fill` writes.
    pub fn sequence(&mut self, fill: impl FnOnce(&mut Self)) {
        self.nested(Tag::Sequence, fill);
    }

    /// `[number]` around what `fill` writes: a CHOICE's arm or an optional field.
    pub fn tagged(&mut self, number: u8, fill: impl FnOnce(&mut Self)) {
        let number = TagNumber(u32::from(number));
        self.nested(Tag::ContextSpecific { constructed: true, number }, fill);
    }

    /// A SEQUENCE OF.
    pub fn list<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T>,
        write: impl Fn(&mut Self, &T),
    ) {
        self.sequence(|out| items.into_iter().for_each(|item| write(out, item)));
    }

    /// An INTEGER.
    pub fn uint(&mut self, value: impl Into<u64>) {
        self.put(&value.into());
    }

    /// An INTEGER that may be negative.
    pub fn int(&mut self, value: i64) {
        self.put(&value);
    }

    /// A BOOLEAN.
    pub fn boolean(&mut self, value: bool) {
        self.put(&value);
    }

    /// An OCTET STRING.
    ///
    /// # Panics
    /// Beyond the 256 MiB that `der` can say; no format of ours comes near.
    pub fn octets(&mut self, bytes: &[u8]) {
        self.put(&OctetStringRef::new(bytes).expect(SHORT));
    }

    /// A digest, as an OCTET STRING of 32 bytes.
    pub fn digest(&mut self, digest: &Digest) {
        self.octets(digest.as_bytes());
    }

    /// Digests one after the other in one OCTET STRING: two bytes less for each than a SEQUENCE OF.
    pub fn digests(&mut self, digests: &[Digest]) {
        let bytes: Vec<u8> = digests.iter().flat_map(|d| d.as_bytes().iter().copied()).collect();
        self.octets(&bytes);
    }

    /// A UTF8String.
    ///
    /// # Panics
    /// Beyond the 256 MiB that `der` can say; no format of ours comes near.
    pub fn text(&mut self, text: &str) {
        self.put(&Utf8StringRef::new(text).expect(SHORT));
    }

    /// A value that is DER already.
    pub fn raw(&mut self, der: &[u8]) {
        self.0.extend_from_slice(der);
    }

    fn nested(&mut self, tag: Tag, fill: impl FnOnce(&mut Self)) {
        let mut inner = Self::new();
        fill(&mut inner);
        self.put(&AnyRef::new(tag, &inner.0).expect(SHORT));
    }

    fn put(&mut self, value: &impl Encode) {
        value.encode_to_vec(&mut self.0).expect(SHORT);
    }
}
