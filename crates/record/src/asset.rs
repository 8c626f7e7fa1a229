//! Assets on the ledger: receivables, invoices, papers of goods, registered once and pledged to one at a time.

mod table;

use core::fmt;

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{PrivateKey, PublicKey},
};
use yinxin_merkle::wire::{WireError, Writer, rising};
use yinxin_verdict::UnixTime;

pub use table::{AssetEvent, AssetStatus, next_asset_status};

use crate::{
    Date, Error, OrganisationCode, Subject,
    asn::{Field, choice, numbered, sequence},
    credit::{sign, verify},
};

/// What a department or a bank does with assets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssetAct {
    /// `[0]` An authority says who keeps the register of a kind.
    AppointCustodian(AppointCustodian),
    /// `[1]` The custodian registers an asset.
    Register(RegisterAsset),
    /// `[2]` A bank takes it as a pledge, with its owner's signature.
    Pledge(PledgeAsset),
    /// `[3]` The pledge ends.
    Release(EndPledge),
    /// `[4]` It has another owner, with its owner's signature.
    Transfer(TransferAsset),
    /// `[5]` It is paid, used up or withdrawn.
    Retire(EndAsset),
    /// `[6]` What it stands on fell, such as an invoice that was red-flushed.
    Impair(EndAsset),
}

choice!(AssetAct {
    0 => AppointCustodian,
    1 => Register,
    2 => Pledge,
    3 => Release,
    4 => Transfer,
    5 => Retire,
    6 => Impair,
});

impl AssetAct {
    /// The act's name.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::AppointCustodian(_) => "appoint custodian",
            Self::Register(_) => "register",
            Self::Pledge(_) => "pledge",
            Self::Release(_) => "release",
            Self::Transfer(_) => "transfer",
            Self::Retire(_) => "retire",
            Self::Impair(_) => "impair",
        }
    }
}

/// What an asset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AssetKind {
    /// A receivable.
    Receivable,
    /// An invoice.
    Invoice,
    /// A customs declaration.
    Customs,
    /// A warehouse receipt or a bill of lading.
    Goods,
    /// A data asset.
    Data,
    /// Something else.
    Other,
}

numbered!(AssetKind {
    1 => Receivable,
    2 => Invoice,
    3 => Customs,
    4 => Goods,
    5 => Data,
    6 => Other,
});

impl AssetKind {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::Invoice => "invoice",
            Self::Customs => "customs",
            Self::Goods => "goods",
            Self::Data => "data",
            Self::Other => "other",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// An asset by its key: the pseudonym of its canonical number and its parties, made by the one custodian of its kind, so that different
/// spellings of a number meet in one key and nobody can try out numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetKey {
    /// What it is.
    pub kind: AssetKind,
    /// HMAC-SM3 of its canonical number, and of its parties where the kind has them, under the custodian's key.
    pub value: Digest,
}

sequence!(AssetKey { kind, value });

impl AssetKey {
    /// Reads what [`Display`](fmt::Display) writes; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, value) = text.split_once(':')?;
        let key = Self { kind: AssetKind::from_name(kind)?, value: value.parse().ok()? };
        (key.to_string() == text).then_some(key)
    }
}

impl fmt::Display for AssetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.value)
    }
}

/// Who keeps the register of a kind: one, for good, for another one's keys would be others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppointCustodian {
    /// Of which kind.
    pub kind: AssetKind,
    /// Who.
    pub custodian: OrganisationCode,
    /// HMAC-SM3 of a fixed label under the secret that it makes keys with: keys made with another secret would be other keys.
    pub check: Digest,
}

sequence!(AppointCustodian { kind, custodian, check });

/// Who keeps the register of a kind, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustodianState {
    /// Who.
    pub custodian: OrganisationCode,
    /// What its secret gives for a fixed label.
    pub check: Digest,
    /// Who says so.
    pub authority: OrganisationCode,
    /// Height of the record.
    pub height: u64,
}

sequence!(CustodianState { custodian, check, authority, height });

/// The custodian registers an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterAsset {
    /// Which.
    pub asset: AssetKey,
    /// Whose it is.
    pub owner: Subject,
    /// Salted digest of what it is: amount, parties, papers.
    pub content: Digest,
    /// The day it falls due.
    pub due: Option<Date>,
    /// Salted digest of the debtor's confirmation.
    pub confirmation: Option<Digest>,
    /// Of a receivable: the invoices of the same debt, rising.
    pub invoices: Vec<AssetKey>,
}

sequence!(RegisterAsset { asset, owner, content, due, confirmation, invoices } check |r: &RegisterAsset| {
    rising("invoices", &r.invoices, |key| *key)?;
    let fits = r.invoices.iter().all(|key| key.kind == AssetKind::Invoice)
        && (r.invoices.is_empty() || r.asset.kind == AssetKind::Receivable);
    if fits { Ok(()) } else { Err(WireError::Value("invoices")) }
});

/// A bank takes an asset as a pledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgeAsset {
    /// What the owner signs.
    pub terms: PledgeTerms,
    /// The owner's r ‖ s over [`deal_bytes`].
    pub signature: [u8; 64],
}

sequence!(PledgeAsset { terms, signature });

/// What the owner of a pledged asset agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgeTerms {
    /// Which asset.
    pub asset: AssetKey,
    /// The asset's turn, so that no signature serves twice.
    pub turn: u64,
    /// Who takes it.
    pub pledgee: OrganisationCode,
    /// Salted digest of the contract.
    pub contract: Digest,
}

sequence!(PledgeTerms { asset, turn, pledgee, contract });

/// A pledge ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndPledge {
    /// Of which asset.
    pub asset: AssetKey,
    /// Why, by code.
    pub reason: u16,
}

sequence!(EndPledge { asset, reason });

/// An asset has another owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferAsset {
    /// What the owner signs.
    pub terms: TransferTerms,
    /// The owner's r ‖ s over [`deal_bytes`].
    pub signature: [u8; 64],
}

sequence!(TransferAsset { terms, signature });

/// What the owner of a transferred asset agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferTerms {
    /// Which asset.
    pub asset: AssetKey,
    /// The asset's turn, so that no signature serves twice.
    pub turn: u64,
    /// Whose it is from now on.
    pub to: Subject,
    /// Salted digest of the contract.
    pub contract: Digest,
}

sequence!(TransferTerms { asset, turn, to, contract });

/// What an owner signs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deal {
    /// `[0]` A pledge.
    Pledge(PledgeTerms),
    /// `[1]` A transfer.
    Transfer(TransferTerms),
}

choice!(Deal { 0 => Pledge, 1 => Transfer });

/// What an owner's signature begins with.
pub const DEAL_DOMAIN: &str = "yinxin/asset-deal/1";

/// What an owner signs.
///
/// ```asn1
/// DealBytes ::= SEQUENCE { domain UTF8String ("yinxin/asset-deal/1"), chainId Digest, deal Deal }
/// ```
#[must_use]
pub fn deal_bytes(chain_id: &Digest, deal: &Deal) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(DEAL_DOMAIN);
        chain_id.put(out);
        deal.put(out);
    });
    out.into_vec()
}

impl Deal {
    /// Signs it.
    ///
    /// # Errors
    /// [`Error::Signing`] if the key cannot sign.
    pub fn sign(
        &self,
        chain_id: &Digest,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<[u8; 64], Error> {
        sign(&deal_bytes(chain_id, self), key, rng)
    }

    /// Checks a signature under it.
    ///
    /// # Errors
    /// [`Error::Signature`] if it is not by `key`.
    pub fn verify(
        &self,
        chain_id: &Digest,
        signature: &[u8; 64],
        key: &PublicKey,
    ) -> Result<(), Error> {
        verify(&deal_bytes(chain_id, self), signature, key)
    }
}

/// An asset ends, or what it stands on fell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndAsset {
    /// Which.
    pub asset: AssetKey,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of the paper that says so.
    pub paper: Digest,
}

sequence!(EndAsset { asset, reason, paper });

/// How an asset stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetState {
    /// Where it stands.
    pub status: AssetStatus,
    /// Whose it is.
    pub owner: Subject,
    /// How often it moved: what its owner signs next names this number.
    pub turn: u64,
    /// Who holds it as a pledge; whom to ask.
    pub pledgee: Option<OrganisationCode>,
    /// Salted digest of that contract.
    pub contract: Option<Digest>,
    /// Salted digest of what it is.
    pub content: Digest,
    /// The day it falls due.
    pub due: Option<Date>,
    /// The reason given with the last change; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(AssetState {
    status,
    owner,
    turn,
    pledgee,
    contract,
    content,
    due,
    reason,
    height,
    since,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_has_one_text() {
        let key = AssetKey { kind: AssetKind::Invoice, value: yinxin_gm::sm3::digest(b"a") };
        assert_eq!(AssetKey::parse(&key.to_string()), Some(key));
        let upper = key.to_string().to_uppercase();
        for wrong in ["", "invoice:", "thing:00", &upper] {
            assert_eq!(AssetKey::parse(wrong), None, "{wrong}");
        }
    }
}
