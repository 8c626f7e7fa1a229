//! Documents and batches: only their digests are on the ledger.

use yinxin_gm::Digest;

use crate::{
    OrganisationCode, Text,
    asn::{choice, sequence},
};
use yinxin_merkle::wire::{WireError, rising};

/// What is anchored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentAct {
    /// `[0]` One or several documents.
    Anchor(AnchorDocuments),
    /// `[1]` Many small records at once.
    Batch(AnchorBatch),
}

choice!(DocumentAct { 0 => Anchor, 1 => Batch });

/// Documents by their digests: SM3 of the file, or of SignedValue.dat when it is a sealed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorDocuments {
    /// What kind of documents, a short code of the organisation's own.
    pub kind: Text<32>,
    /// 1 to 256 digests, rising.
    pub digests: Vec<Digest>,
}

sequence!(AnchorDocuments { kind, digests } check |act: &AnchorDocuments| {
    if act.digests.is_empty() {
        return Err(WireError::Value("digests"));
    }
    rising("digests", &act.digests, |d| *d)
});

/// Many records by the root of their log (RFC 6962 shape, SM3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorBatch {
    /// What kind of records.
    pub kind: Text<32>,
    /// How many.
    pub count: u64,
    /// The log's root.
    pub root: Digest,
}

sequence!(AnchorBatch { kind, count, root } check |act: &AnchorBatch| {
    if act.count == 0 { Err(WireError::Value("count")) } else { Ok(()) }
});

/// What the ledger says of a digest or batch root: who anchored it first. Later anchorings stand in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentState {
    /// Who.
    pub organisation: OrganisationCode,
    /// What kind.
    pub kind: Text<32>,
    /// For a batch: how many records.
    pub count: Option<u64>,
    /// Id of the record.
    pub record: Digest,
    /// At which height.
    pub height: u64,
}

sequence!(DocumentState { organisation, kind, count, record, height });
