//! What comes from a ledger: receipts, records, status proofs, genesis, checkpoints.

use yinxin_gm::Digest;
use yinxin_receipt::{
    Anchored, Checkpoint, Genesis, Receipt, StatusProof, Wire, WireError, check_receipt,
    check_status,
};
use yinxin_record::{Act, DocumentAct, IssueLicence, LicenceAct, Record, check_record};
use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime};

use crate::{Context, status};

/// The receipt that a document carries.
pub(crate) struct OfDocument {
    record: Option<Record>,
    anchored: Option<Anchored>,
    matches: bool,
}

impl OfDocument {
    /// Whether its record speaks of this document.
    pub(crate) fn is_of_this_document(&self) -> bool {
        self.matches
    }

    /// The issue of a licence that the record is, if it is one and everything about the receipt held.
    pub(crate) fn licence(&self) -> Option<&IssueLicence> {
        match &self.record.as_ref()?.tbs.act {
            Act::Licence(LicenceAct::Issue(issue)) => Some(issue),
            Act::Licence(LicenceAct::Change(change)) => Some(&change.next),
            _ => None,
        }
    }

    /// The time by which the ledger held it, if its record speaks of this document and every check held.
    pub(crate) fn time(&self) -> Option<UnixTime> {
        self.anchored.filter(|a| self.matches && a.holds).map(|a| a.time)
    }

    /// The ledger that took it, if that is a trusted one.
    pub(crate) fn chain(&self) -> Option<Digest> {
        self.anchored.map(|a| a.chain_id)
    }
}

/// Checks the receipt in a document: whether it holds, and whether it speaks of one of the document's signatures.
pub(crate) fn of_document(
    der: &[u8],
    signed: &[Digest],
    context: &Context<'_>,
    facts: &mut Facts,
) -> OfDocument {
    let subject = "receipt";
    let (record, anchored) = held(der, subject, context, facts);
    let named = record.as_ref().map(|r| digests(&r.tbs.act)).unwrap_or_default();
    let matches = signed.iter().any(|s| named.contains(s));
    facts.push(if matches {
        Fact::pass(Check::ReceiptDocument, subject)
    } else {
        let found = match &record {
            Some(record) => format!("{} {}", record.tbs.act.family(), record.tbs.act.verb()),
            None => "only the record's hash".to_owned(),
        };
        Fact::fail(Check::ReceiptDocument, subject, Reason::DocumentMismatch)
            .expected("a record that names SM3 of a SignedValue.dat in the document")
            .found(found)
    });
    OfDocument { record, anchored, matches }
}

/// Checks a receipt by itself.
pub(crate) fn receipt(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    held(bytes, "receipt", context, facts);
}

/// Checks a receipt and the record in it; both as far as they can be read.
pub(crate) fn held(
    der: &[u8],
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) -> (Option<Record>, Option<Anchored>) {
    let Some(receipt) = read::<Receipt>(der, Check::ReceiptFormat, subject, facts) else {
        return (None, None);
    };
    let Context { trust, policy, at } = context;
    let anchored = check_receipt(&receipt, trust.ledgers(), policy, *at, subject, facts);
    let chain = anchored.map(|a| a.chain_id);
    let record = receipt
        .subject
        .record()
        .and_then(|bytes| signed_record(bytes, chain, subject, context, facts));
    (record, anchored)
}

/// Checks a record by itself: whether its organisation signed it. That the ledger took it, only a receipt shows.
pub(crate) fn record(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "record";
    signed_record(bytes, None, subject, context, facts);
    facts.push(Fact::fail(Check::ReceiptInclusion, subject, Reason::NotAnchored));
}

fn signed_record(
    bytes: &[u8],
    chain: Option<Digest>,
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) -> Option<Record> {
    let ledgers = context.trust.ledgers();
    let keys_of = |code: &str| {
        let trusted = ledgers.ledgers().filter(|(id, _)| chain.is_none_or(|c| c == **id));
        let organisations = trusted.flat_map(|(_, ledger)| ledger.organisations());
        organisations.filter(|(known, _)| known == code).map(|(_, key)| *key).collect()
    };
    let record = check_record(bytes, keys_of, subject, facts)?;
    if chain.is_some_and(|c| c != record.tbs.chain_id) {
        facts.push(
            Fact::fail(Check::ReceiptRecord, subject, Reason::RecordSignatureBad)
                .expected(format!("a record of ledger {}", chain.unwrap_or(Digest::ZERO)))
                .found(record.tbs.chain_id.to_string()),
        );
    }
    Some(record)
}

/// Checks a status proof by itself and tells what it says.
pub(crate) fn status(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "status";
    let proof = read::<StatusProof>(bytes, Check::ReceiptFormat, subject, facts);
    let Some(proof) = proof else { return };
    let Context { trust, policy, at } = context;
    check_status(&proof, trust.ledgers(), policy, *at, subject, facts);
    status::tell(&proof, subject, facts);
}

/// Checks a genesis by itself: that every founder signed it. Whether it is trusted, the trust folder says.
pub(crate) fn genesis(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "genesis";
    let Some(genesis) = read::<Genesis>(bytes, Check::ReceiptFormat, subject, facts) else {
        return;
    };
    facts.detail(subject, "ledger", genesis.name.clone());
    facts.detail(subject, "chain-id", genesis.chain_id().to_string());
    facts.detail(subject, "organisations", genesis.organisations.len().to_string());
    facts.detail(subject, "validators", genesis.validators.len().to_string());
    facts.push(match genesis.check() {
        Ok(()) => Fact::pass(Check::ReceiptCertificate, subject),
        Err(error) => Fact::fail(Check::ReceiptCertificate, subject, Reason::QuorumMissing)
            .found(error.to_string()),
    });
    let known = context.trust.ledgers().ledger(&genesis.chain_id()).is_some();
    facts.check(
        Check::ReceiptLedger,
        subject,
        if known { Ok(()) } else { Err(Reason::LedgerUnknown) },
    );
}

/// Checks a checkpoint by itself, against the organisations that the trust folder knows.
pub(crate) fn checkpoint(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "checkpoint";
    let Some(checkpoint) = read::<Checkpoint>(bytes, Check::ReceiptFormat, subject, facts) else {
        return;
    };
    let chain = checkpoint.header.chain_id;
    facts.detail(subject, "height", checkpoint.header.height.to_string());
    facts.detail(subject, "time", checkpoint.header.time().to_string());
    let ledger = context.trust.ledgers().ledger(&chain);
    facts.check(Check::ReceiptLedger, subject, ledger.map(|_| ()).ok_or(Reason::LedgerUnknown));
    let known = ledger.map_or(checkpoint.organisations.as_slice(), |l| l.organisations());
    facts.push(match checkpoint.verify(&chain, known) {
        Ok(()) => Fact::pass(Check::ReceiptCertificate, subject),
        Err(error) => Fact::fail(Check::ReceiptCertificate, subject, Reason::QuorumMissing)
            .found(error.to_string()),
    });
}

/// Reads a format of our own; that it cannot be read is the check's answer.
pub(crate) fn read<T: Wire>(
    bytes: &[u8],
    check: Check,
    subject: &str,
    facts: &mut Facts,
) -> Option<T> {
    let value: Result<T, WireError> = T::from_der(bytes);
    match value {
        Ok(value) => {
            facts.push(Fact::pass(check, subject));
            Some(value)
        }
        Err(error) => {
            facts.push(Fact::fail(check, subject, Reason::Malformed).found(error.to_string()));
            None
        }
    }
}

/// What documents an act speaks of.
fn digests(act: &Act) -> Vec<Digest> {
    match act {
        Act::Licence(LicenceAct::Issue(issue)) => vec![issue.document],
        Act::Licence(LicenceAct::Change(change)) => vec![change.next.document],
        Act::Document(DocumentAct::Anchor(anchor)) => anchor.digests.clone(),
        _ => Vec::new(),
    }
}
