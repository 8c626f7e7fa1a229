//! Whom credit is about, and the chain of what happened.

use core::fmt;

use yinxin_gm::{Digest, sm2::PublicKey, sm3};
use yinxin_merkle::wire::Writer;
use yinxin_verdict::UnixTime;

use crate::{
    Error, OrganisationCode,
    asn::{Field, choice, sequence},
};

/// Whom a credit record is about: a company by its public code, a person by a pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// `[0]` A company, or any other holder of a unified social credit code.
    Company(OrganisationCode),
    /// `[1]` A person, by the pseudonym that a custodian made; never a digest of an identity number.
    Person(Pseudonym),
}

choice!(Subject { 0 => Company, 1 => Person });

/// A pseudonym, and who can tell whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pseudonym {
    /// Who made it.
    pub custodian: OrganisationCode,
    /// HMAC-SM3 under the custodian's key.
    pub value: Digest,
}

sequence!(Pseudonym { custodian, value });

impl Subject {
    /// Reads what [`Display`](fmt::Display) writes: a credit code, or custodian's code, `:` and 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Subject`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Subject { found: text.chars().take(96).collect() };
        let subject = match text.split_once(':') {
            None => Self::Company(OrganisationCode::new(text).map_err(|_| wrong())?),
            Some((custodian, value)) => Self::Person(Pseudonym {
                custodian: OrganisationCode::new(custodian).map_err(|_| wrong())?,
                value: value.parse().map_err(|_| wrong())?,
            }),
        };
        // One subject, one text: capitals in hexadecimal would be a second one.
        if subject.to_string() == text { Ok(subject) } else { Err(wrong()) }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Company(code) => code.fmt(f),
            Self::Person(Pseudonym { custodian, value }) => write!(f, "{custodian}:{value}"),
        }
    }
}

/// What the head of a subject's chain is hashed under.
pub const EVENT_DOMAIN: &str = "yinxin/credit-event/1";

/// All that happened to a subject's credit, as its leaf: how many records, and a digest over their ids in order. Whoever shows
/// records and leaves one out, adds one or changes their order does not come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventChain {
    /// How many.
    pub count: u64,
    /// SM3 over the head before and the last record's id.
    pub head: Digest,
}

sequence!(EventChain { count, head });

impl EventChain {
    /// Before anything happened: count 0, and SM3 of { domain, subject }.
    #[must_use]
    pub fn start(subject: &Subject) -> Self {
        Self { count: 0, head: hashed(|out| subject.put(out)) }
    }

    /// After one more record: its head is SM3 of { domain, head, record id }.
    #[must_use]
    pub fn then(self, record: &Digest) -> Self {
        let head = hashed(|out| {
            self.head.put(out);
            record.put(out);
        });
        Self { count: self.count.saturating_add(1), head }
    }

    /// The chain of these records, in this order.
    pub fn replay<'a>(subject: &Subject, records: impl IntoIterator<Item = &'a Digest>) -> Self {
        records.into_iter().fold(Self::start(subject), Self::then)
    }
}

/// The chain of a subject's credit as it was after one of its records: kept for each, so that what somebody says to have seen is
/// checked against what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventState {
    /// The head after it.
    pub head: Digest,
    /// Id of the record.
    pub record: Digest,
    /// Time of its block.
    pub since: UnixTime,
}

sequence!(EventState { head, record, since });

fn hashed(fill: impl FnOnce(&mut Writer)) -> Digest {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(EVENT_DOMAIN);
        fill(out);
    });
    sm3::digest(&out.into_vec())
}

/// A custodian says which secret it makes pseudonyms with, once: those made with another one would be other people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepPseudonyms {
    /// HMAC-SM3 of a fixed label under the secret: whoever has another secret comes to another one.
    pub check: Digest,
}

sequence!(KeepPseudonyms { check });

/// Which secret a custodian makes pseudonyms with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PseudonymState {
    /// As the custodian said.
    pub check: Digest,
    /// Height of the record.
    pub height: u64,
}

sequence!(PseudonymState { check, height });

/// A registrar says which key a subject signs with. A later one takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetSubjectKey {
    /// Whose.
    pub subject: Subject,
    /// The key, which is no member's.
    pub key: PublicKey,
    /// Under whose code the certificate's revocation would stand.
    pub issuer: OrganisationCode,
    /// SM3 of the DER of its certificate, which the registrar has checked.
    pub certificate: Digest,
}

sequence!(SetSubjectKey { subject, key, issuer, certificate });

/// Which key a subject signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectKeyState {
    /// The key.
    pub key: PublicKey,
    /// Under whose code the certificate's revocation would stand.
    pub issuer: OrganisationCode,
    /// SM3 of the DER of its certificate.
    pub certificate: Digest,
    /// Who says so.
    pub registrar: OrganisationCode,
    /// Height of the record.
    pub height: u64,
}

sequence!(SubjectKeyState { key, issuer, certificate, registrar, height });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_one_text() {
        let company = Subject::Company(OrganisationCode::new("91350100M000100Y43").unwrap());
        let custodian = OrganisationCode::new("11430000006122244L").unwrap();
        let person = Subject::Person(Pseudonym { custodian, value: sm3::digest(b"a") });
        for subject in [&company, &person] {
            assert_eq!(Subject::parse(&subject.to_string()).as_ref(), Ok(subject));
        }
        let upper = person.to_string().to_uppercase();
        for wrong in ["", "91350100M000100Y44", "11430000006122244L:", &upper] {
            assert!(Subject::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_chain_tells_what_is_left_out_added_or_moved() {
        let subject = Subject::Company(OrganisationCode::new("91350100M000100Y43").unwrap());
        let other = Subject::Company(OrganisationCode::new("11430000006122244L").unwrap());
        let [a, b, c] = [b"a", b"b", b"c"].map(|x| sm3::digest(x));
        let whole = EventChain::replay(&subject, [&a, &b, &c]);
        assert_eq!(whole.count, 3);
        for (why, records) in [
            ("left out", vec![&a, &c]),
            ("moved", vec![&a, &c, &b]),
            ("twice", vec![&a, &b, &c, &c]),
        ] {
            assert_ne!(EventChain::replay(&subject, records), whole, "{why}");
        }
        assert_ne!(EventChain::replay(&other, [&a, &b, &c]), whole, "another's");
    }
}
