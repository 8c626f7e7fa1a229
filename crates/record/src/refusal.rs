//! What a node refused by the ledger's rules: entries of a chain that stands beside the ledger, and whose head can be vouched for on it.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Wire, WireError};
use yinxin_verdict::UnixTime;

use crate::{
    OrganisationCode, Text,
    asn::{choice, sequence},
};

const DOMAIN: &[u8] = b"yinxin/refusal/1";

/// An entry: one refusal, or those of a minute that are told together.
///
/// ```asn1
/// Refusal ::= SEQUENCE { number INTEGER, time Time, height Height, refused CHOICE {
///     act      [0] SEQUENCE { record Digest, organisation Code, act UTF8String (SIZE(1..64)), code UTF8String (SIZE(1..64)) },
///     together [1] SEQUENCE { organisation SEQUENCE (SIZE(0..1)) OF Code, records INTEGER (1..MAX), root Digest } } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its number in the journal, from 1 on.
    pub number: u64,
    /// When, by the node's clock.
    pub time: UnixTime,
    /// The newest block then.
    pub height: u64,
    /// What.
    pub refused: Refused,
}

sequence!(Refusal { number, time, height, refused } check |r: &Refusal| {
    if r.number == 0 { Err(WireError::Value("number")) } else { Ok(()) }
});

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// `[0]` A record that its organisation signed.
    Act(RefusedAct),
    /// `[1]` Records that are told together.
    Together(RefusedTogether),
}

choice!(Refused { 0 => Act, 1 => Together });

/// A record that its organisation signed, and a rule refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedAct {
    /// The record's id.
    pub record: Digest,
    /// Who signed it.
    pub organisation: OrganisationCode,
    /// Family and act.
    pub act: Text<64>,
    /// The rule's code.
    pub code: Text<64>,
}

sequence!(RefusedAct { record, organisation, act, code });

/// Records that were refused within a minute and have no entries of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedTogether {
    /// Who signed all of them; `None` for records that nobody proved to have signed.
    pub organisation: Option<OrganisationCode>,
    /// How many.
    pub records: u64,
    /// RFC 6962 root over SM3 of their octets, in the order in which they came.
    pub root: Digest,
}

sequence!(RefusedTogether { organisation, records, root } check |t: &RefusedTogether| {
    if t.records == 0 { Err(WireError::Value("records")) } else { Ok(()) }
});

impl Refusal {
    /// The chain after it.
    #[must_use]
    pub fn chain(&self, before: &Digest) -> Digest {
        sm3::digest_all(&[DOMAIN, before.as_bytes(), &self.to_der()])
    }
}
