//! Other regions' ledgers: which are recognised, what rests on them, and how that ends at home.

use yinxin_gm::Digest;

use crate::{
    Date, OrganisationCode, RecordReference, Text,
    asn::{numbered, sequence},
};

/// An authority says that another ledger is recognised, or no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustLedger {
    /// Which: its chain id.
    pub chain_id: Digest,
    /// SM3 of its genesis file.
    pub genesis: Digest,
    /// Of which region, as people say.
    pub region: Text<64>,
    /// SM3 of a checkpoint of it that the authority has checked, so that a fork of its beginning is not it.
    pub checkpoint: Option<Digest>,
    /// Whether records of it are recognised from now on.
    pub serves: bool,
}

sequence!(TrustLedger { chain_id, genesis, region, checkpoint, serves });

/// Another ledger, as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedLedgerState {
    /// SM3 of its genesis file.
    pub genesis: Digest,
    /// Of which region.
    pub region: Text<64>,
    /// SM3 of a checkpoint of it.
    pub checkpoint: Option<Digest>,
    /// Whether records of it are recognised.
    pub serves: bool,
    /// Who says so.
    pub authority: OrganisationCode,
    /// Height of the record.
    pub height: u64,
}

sequence!(TrustedLedgerState { genesis, region, checkpoint, serves, authority, height });

/// A record of another ledger that an item rests on, and the proofs that its recorder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignBasis {
    /// Which record.
    pub of: RecordReference,
    /// SM3 of its receipt.
    pub receipt: Digest,
    /// SM3 of the status proof by which it stood.
    pub status: Digest,
    /// The first day on which it is no longer shown at home; `None`: it has no such day.
    pub until: Option<Date>,
}

sequence!(ForeignBasis { of, receipt, status, until });

/// What an item rests on has ended at home: so it ends here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRecognised {
    /// Which item of this ledger.
    pub item: Digest,
    /// SM3 of the status proof of the other ledger that says so.
    pub status: Digest,
    /// How it ended there.
    pub how: HomeEnd,
}

sequence!(EndRecognised { item, status, how });

/// How an item ended at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HomeEnd {
    /// Its decision fell.
    Withdrawn,
    /// It was repaired.
    Repaired,
    /// It came off its list.
    Delisted,
    /// Its term is over.
    Expired,
}

numbered!(HomeEnd { 1 => Withdrawn, 2 => Repaired, 3 => Delisted, 4 => Expired });

impl HomeEnd {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Repaired => "repaired",
            Self::Delisted => "delisted",
            Self::Expired => "expired",
        }
    }

    /// The reason that the item carries from then on.
    #[must_use]
    pub const fn reason(self) -> u16 {
        match self {
            Self::Withdrawn => 1,
            Self::Repaired => 2,
            Self::Delisted => 3,
            Self::Expired => 4,
        }
    }
}
