//! Licences on the ledger: types, the life of each licence, and the one table of its states.

mod identifier;
mod table;

pub use identifier::{LicenceIdentifier, LicenceTypeCode};
pub use table::{LicenceEvent, LicenceStatus, next_licence_status};

use yinxin_gm::Digest;
use yinxin_merkle::wire::{WireError, rising};
use yinxin_verdict::UnixTime;

use crate::{
    OrganisationCode, Text,
    asn::{Field, choice, sequence},
};

/// What an authority does with licences.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LicenceAct {
    /// `[0]` Publishes a type, or a newer version of it.
    PublishType(LicenceType),
    /// `[1]` Issues a licence.
    Issue(IssueLicence),
    /// `[2]` Replaces a licence by a new version of it.
    Change(ChangeLicence),
    /// `[3]` Suspends it.
    Suspend(LicenceMove),
    /// `[4]` Ends the suspension.
    Resume(LicenceMove),
    /// `[5]` Cancels it: it ended in the ordinary way.
    Cancel(LicenceMove),
    /// `[6]` Revokes it: it was withdrawn.
    Revoke(LicenceMove),
    /// `[7]` Files it: nothing more will happen to it.
    Archive(LicenceMove),
    /// `[8]` Made a copy for one use of it.
    Use(LicenceUse),
}

choice!(LicenceAct {
    0 => PublishType,
    1 => Issue,
    2 => Change,
    3 => Suspend,
    4 => Resume,
    5 => Cancel,
    6 => Revoke,
    7 => Archive,
    8 => Use,
});

/// A type of licence, as its defining authority publishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceType {
    /// The defining authority's code and three digits.
    pub code: LicenceTypeCode,
    /// 1 at first; each publication raises it.
    pub version: u32,
    /// Its name.
    pub name: Text<256>,
    /// SM3 of the catalogue entry.
    pub definition: Digest,
    /// The authorities that may issue it, 1 to 256, rising.
    pub issuers: Vec<OrganisationCode>,
}

sequence!(LicenceType { code, version, name, definition, issuers } check |t: &LicenceType| {
    if t.issuers.is_empty() || t.version == 0 {
        return Err(WireError::Value("LicenceType"));
    }
    rising("issuers", &t.issuers, Clone::clone)
});

/// A licence is issued. No name, number or other content of it stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueLicence {
    /// Its identifier by GB/T 36904.
    pub identifier: LicenceIdentifier,
    /// Its type's code.
    pub type_code: LicenceTypeCode,
    /// SM3 over salt and content; the salt stays with the content.
    pub content: Digest,
    /// SM3 of the sealed file's SignedValue.dat, which binds the whole file.
    pub document: Digest,
    /// The first instant of its validity.
    pub valid_from: UnixTime,
    /// The first instant after its validity; `None` without end.
    pub valid_until: Option<UnixTime>,
}

sequence!(IssueLicence { identifier, type_code, content, document, valid_from, valid_until });

/// A licence is replaced by a new version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLicence {
    /// The identifier so far.
    pub previous: LicenceIdentifier,
    /// Why, by the authority's code.
    pub reason: u16,
    /// The new version: the same identifier but for a higher version number.
    pub next: IssueLicence,
}

sequence!(ChangeLicence { previous, reason, next });

/// Something happens to a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceMove {
    /// Which licence.
    pub identifier: LicenceIdentifier,
    /// Why, by the authority's code; 0 when there is nothing to say.
    pub reason: u16,
}

sequence!(LicenceMove { identifier, reason });

/// A copy for one use was made and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceUse {
    /// Of which licence.
    pub identifier: LicenceIdentifier,
    /// SM3 of the copy's SignedValue.dat.
    pub copy: Digest,
    /// For what, a code.
    pub purpose: Text<64>,
    /// The first instant at which the copy no longer serves.
    pub until: Option<UnixTime>,
}

sequence!(LicenceUse { identifier, copy, purpose, until });

/// What the ledger says of a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceState {
    /// Where it stands.
    pub status: LicenceStatus,
    /// Its type's code.
    pub type_code: LicenceTypeCode,
    /// Who issued it.
    pub issuer: OrganisationCode,
    /// SM3 over salt and content.
    pub content: Digest,
    /// SM3 of the sealed file's SignedValue.dat.
    pub document: Digest,
    /// The first instant of its validity.
    pub valid_from: UnixTime,
    /// The first instant after its validity; `None` without end.
    pub valid_until: Option<UnixTime>,
    /// The version that it replaced.
    pub previous: Option<LicenceIdentifier>,
    /// The version that replaced it.
    pub next: Option<LicenceIdentifier>,
    /// The reason given with the last change.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(LicenceState {
    status,
    type_code,
    issuer,
    content,
    document,
    valid_from,
    valid_until,
    previous,
    next,
    reason,
    height,
    since,
});
