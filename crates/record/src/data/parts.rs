//! Small parts that acts and states of data share.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_merkle::wire::{Reader, WireError, Writer, rising};

use crate::{
    Error, OrganisationCode, Text,
    asn::{Field, numbered, sequence},
};

/// A purpose of use, by code: what an item of a purpose catalogue is called by.
pub type Purpose = Text<64>;

/// An item of business, by code: the national codes of government service items have 31 characters.
pub type BusinessItem = Text<64>;

/// Most entries of each list of organisations, purposes, pseudonyms or sources in an act about data: four times what one
/// committee decides in a session, and 64 of each still make a state value of a few KiB, which every access reads.
pub const MAX_DATA_LIST: usize = 64;

/// A shared resource's name on the ledger: its owner's credit code, a full stop, and the owner's catalogue code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceCode(String);

impl ResourceCode {
    /// Longest own part, bytes: catalogue codes have a classification of some ten digits and a running number.
    pub const MAX_OWN: usize = 64;

    /// Checks the form: the owner's code, `.`, then 1 to 64 of letters, digits and `-._~`, which stand in an address as
    /// they are.
    ///
    /// # Errors
    /// [`Error::ResourceCode`].
    pub fn new(code: &str) -> Result<Self, Error> {
        let wrong = || Error::ResourceCode { found: code.chars().take(64).collect() };
        let (owner, rest) = code.split_at_checked(18).ok_or_else(wrong)?;
        let own = rest.strip_prefix('.').ok_or_else(wrong)?;
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        let holds = (1..=Self::MAX_OWN).contains(&own.len())
            && own.bytes().all(unreserved)
            && OrganisationCode::new(owner).is_ok();
        if holds { Ok(Self(code.to_owned())) } else { Err(wrong()) }
    }

    /// The code of an owner's resource. Catalogue codes separate class and number by `/`, which is written as `~`.
    ///
    /// # Errors
    /// [`Error::ResourceCode`].
    pub fn of(owner: &OrganisationCode, catalogue_code: &str) -> Result<Self, Error> {
        Self::new(&format!("{owner}.{}", catalogue_code.replace('/', "~")))
    }

    /// The whole code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose resource it is.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "the constructor checked the owner's code")]
    pub fn owner(&self) -> OrganisationCode {
        OrganisationCode::new(&self.0[..18]).expect("the constructor checked the owner's code")
    }

    /// The owner's catalogue code, with its `/`.
    #[must_use]
    pub fn catalogue_code(&self) -> String {
        self.0[19..].replace('~', "/")
    }
}

impl fmt::Display for ResourceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for ResourceCode {
    fn put(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::new(input.text(what, 20, 19 + Self::MAX_OWN)?).map_err(|_| WireError::Value(what))
    }
}

/// Fields of a resource by their numbers: a bit string of at most 32 bytes, the high bit of the first byte is field 0. The
/// last byte is not zero, so that a set has one encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldSet(Vec<u8>);

impl FieldSet {
    /// Most fields of a resource: as many as a list of the ledger has elements.
    pub const MAX_FIELDS: usize = 256;

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the field of this number is among them.
    #[must_use]
    pub fn has(&self, field: u8) -> bool {
        let field = usize::from(field);
        self.0.get(field / 8).is_some_and(|byte| byte & (0x80 >> (field % 8)) != 0)
    }

    /// Whether all of them are among others.
    #[must_use]
    pub fn is_within(&self, others: &Self) -> bool {
        self.iter().all(|field| others.has(field))
    }

    /// Those that are in both.
    #[must_use]
    pub fn common(&self, others: &Self) -> Self {
        self.iter().filter(|field| others.has(*field)).collect()
    }

    /// The numbers, rising.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|field| self.has(*field))
    }
}

impl FromIterator<u8> for FieldSet {
    fn from_iter<I: IntoIterator<Item = u8>>(fields: I) -> Self {
        let mut bytes = Vec::new();
        for field in fields.into_iter().map(usize::from) {
            if bytes.len() <= field / 8 {
                bytes.resize(field / 8 + 1, 0);
            }
            bytes[field / 8] |= 0x80 >> (field % 8);
        }
        Self(bytes)
    }
}

impl Field for FieldSet {
    fn put(&self, out: &mut Writer) {
        out.octets(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        let bytes = input.octets(what, 0, Self::MAX_FIELDS / 8)?;
        if bytes.last() == Some(&0) {
            return Err(WireError::Value(what));
        }
        Ok(Self(bytes.to_vec()))
    }
}

/// An amount of data: calls, rows and bytes. A limit, or what was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Calls answered; one for a delivery.
    pub calls: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of content.
    pub bytes: u64,
}

sequence!(Volume { calls, rows, bytes });

impl Volume {
    /// The sum; a number too large to be counted stays the largest, and so above every limit but the largest.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(more.calls),
            rows: self.rows.saturating_add(more.rows),
            bytes: self.bytes.saturating_add(more.bytes),
        }
    }

    /// What is left when so much is taken; nothing goes below nothing.
    #[must_use]
    pub const fn minus(self, less: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(less.calls),
            rows: self.rows.saturating_sub(less.rows),
            bytes: self.bytes.saturating_sub(less.bytes),
        }
    }

    /// Whether each number is at most that of a limit.
    #[must_use]
    pub const fn is_within(self, limit: Self) -> bool {
        self.calls <= limit.calls && self.rows <= limit.rows && self.bytes <= limit.bytes
    }
}

/// How sensitive data are, by GB/T 43697-2024 and its annex H: the higher, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "the standard's levels")]
pub enum Level {
    /// General data, 1st level: open to all.
    General1,
    /// General data, 2nd level.
    General2,
    /// General data, 3rd level.
    General3,
    /// General data, 4th level: harm to a person or an organisation would be grave.
    General4,
    /// Important data.
    Important,
    /// Core data.
    Core,
}

numbered!(Level {
    1 => General1,
    2 => General2,
    3 => General3,
    4 => General4,
    5 => Important,
    6 => Core,
});

impl Level {
    /// Whether data of this level take two approvers: important and core data always, other data from the level on that the
    /// owner published.
    #[must_use]
    pub fn takes_two(self, dual_control: Self) -> bool {
        self >= dual_control.min(Self::Important)
    }
}

/// Whose data: of all subjects of the resource, of some pseudonyms, or of a set that the commitment stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Pseudonyms of the subjects, rising, at most 64; made by the pseudonym service, never a digest of an identity number.
    pub pseudonyms: Vec<Digest>,
    /// Commitment to the scope: salted digest of its description, or the log root of a list of pseudonyms.
    pub scope: Option<Digest>,
}

sequence!(Subjects { pseudonyms, scope } check |s: &Subjects| {
    digests("pseudonyms", &s.pseudonyms, 0)
});

/// A list of digests that stands for a set: `min` to 64, rising.
pub(crate) fn digests(what: &'static str, list: &[Digest], min: usize) -> Result<(), WireError> {
    size(what, list, min, MAX_DATA_LIST)?;
    rising(what, list, |d| *d)
}

pub(crate) fn size<T>(
    what: &'static str,
    list: &[T],
    min: usize,
    max: usize,
) -> Result<(), WireError> {
    let found = list.len();
    if (min..=max).contains(&found) {
        Ok(())
    } else {
        Err(WireError::Length { what, min, max, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_codes_begin_with_their_owner() {
        for (code, good) in [
            ("11430000006122244L.306001~000123", true),
            ("11430000006122244L.a", true),
            ("11430000006122244L.", false),
            ("11430000006122244L", false),
            ("11430000006122244X.a", false),
            ("11430000006122244L/a", false),
            ("11430000006122244L.a/b", false),
            ("11430000006122244L.a b", false),
            ("11430000006122244L.é", false),
            ("", false),
        ] {
            assert_eq!(ResourceCode::new(code).is_ok(), good, "{code}");
        }
        let owner = OrganisationCode::new("11430000006122244L").unwrap();
        let code = ResourceCode::of(&owner, "306001/000123").unwrap();
        assert_eq!(
            (code.owner(), code.catalogue_code().as_str()),
            (owner.clone(), "306001/000123")
        );
        assert!(ResourceCode::of(&owner, &"1".repeat(65)).is_err());
    }

    #[test]
    fn field_sets_have_one_encoding() {
        let set: FieldSet = [0, 9, 9].into_iter().collect();
        assert_eq!(
            (set.0.as_slice(), set.iter().collect::<Vec<_>>()),
            (&[0x80, 0x40][..], vec![0, 9])
        );
        assert!(set.has(9) && !set.has(8) && !set.has(255));
        let wide: FieldSet = (0..=255).collect();
        assert_eq!(wide.0, [0xff; 32]);
        assert!(set.is_within(&wide) && !wide.is_within(&set));
        assert_eq!(wide.common(&set), set);
        for (bytes, good) in [(&[4, 0][..], true), (&[4, 1, 0x80], true), (&[4, 1, 0], false)] {
            assert_eq!(FieldSet::take(&mut Reader::new(bytes), "set").is_ok(), good, "{bytes:?}");
        }
        let long = [&[4, 33][..], &[1; 33]].concat();
        assert!(FieldSet::take(&mut Reader::new(&long), "set").is_err());
    }

    #[test]
    fn volumes_never_wrap() {
        let most = Volume { calls: u64::MAX, rows: 1, bytes: 1 };
        let limit = Volume { calls: u64::MAX - 1, rows: 9, bytes: 9 };
        assert!(!most.plus(most).is_within(limit) && limit.is_within(limit));
    }
}
