//! What a package holds: the list, receipts, status proofs, documents.

use std::collections::BTreeSet;

use yinxin_gm::{Digest, sm3};
use yinxin_ofd::{Limits, Package};
use yinxin_receipt::{Genesis, Receipt, StatusProof, Wire};
use yinxin_sharing::provenance::{Found, Graph, Item, Run};
use yinxin_verdict::{Check, Fact, Facts, Reason, Verdict};

use super::{Evidence, GENESIS, Listed, MANIFEST, Manifest, SIGNATURE, placed};
use crate::{Context, Kind, anchoring, sniff};

/// Each file stands in the list once and at a place that packages have, each line of the list has its file, and the digests agree.
pub(super) fn listed(package: &Evidence, manifest: &Manifest, facts: &mut Facts) {
    let check = Check::EvidenceFiles;
    let before = facts.facts().len();
    let mut names = BTreeSet::from([MANIFEST, SIGNATURE]);
    for Listed { name, size, sm3: digest } in &manifest.files {
        let twice = !names.insert(name);
        let fact = match package.files.get(name) {
            _ if twice => Fact::fail(check, name, Reason::DuplicateName),
            None => Fact::fail(check, name, Reason::DigestMissing),
            Some(file) => {
                let found = sm3::digest(file).to_string();
                if found == *digest && file.len() as u64 == *size {
                    continue;
                }
                Fact::fail(check, name, Reason::DigestMismatch).expected(digest).found(found)
            }
        };
        facts.push(fact);
    }
    // A line that was added beside its file does not make it part of the package.
    let stray = |name: &&String| !names.contains(name.as_str()) || !Evidence::has_place(name);
    for name in package.files.keys().filter(stray) {
        facts.push(Fact::fail(check, name, Reason::FileUnlisted));
    }
    if facts.facts().len() == before {
        facts.push(Fact::pass(check, "evidence"));
    }
}

/// Checks every receipt; the records of those that name their place, and of which no check failed: nothing is drawn of a record whose
/// receipt or signature does not hold.
pub(super) fn receipts(package: &Evidence, context: &Context<'_>, facts: &mut Facts) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, der) in package.files.iter().filter(|(name, _)| name.starts_with("receipts/")) {
        let before = facts.facts().len();
        let (record, _) = anchoring::held(der, name, context, facts);
        let Some(record) = record else {
            facts.push(
                Fact::fail(Check::ReceiptFormat, name, Reason::Malformed)
                    .expected("a receipt with its record"),
            );
            continue;
        };
        let id = record.id().to_string();
        if *name != format!("receipts/{id}.receipt") {
            facts.push(
                Fact::fail(Check::EvidenceFiles, name, Reason::DocumentMismatch).expected(id),
            );
        }
        let placed = Receipt::from_der(der).ok().and_then(|r| placed(record, &r));
        if placed.is_none() {
            // It would be believed for being in the package, and stand nowhere in what is drawn.
            facts.push(
                Fact::fail(Check::EvidenceFiles, name, Reason::DocumentMismatch)
                    .expected("a receipt with the block of its record")
                    .found("a receipt that stands on a checkpoint"),
            );
        }
        let mut reasons = facts.facts()[before..].iter().filter_map(Fact::reason);
        if reasons.any(|r| context.policy.gravity(r) == Verdict::Invalid) {
            continue;
        }
        found.extend(placed);
    }
    if found.is_empty() {
        facts.push(Fact::fail(Check::ReceiptInclusion, "evidence", Reason::NotAnchored));
    }
    found
}

/// All that is drawn as one story is of one ledger: two that are both trusted say nothing of each other's grants and digests. Whether
/// the genesis, if there is one, is that ledger's.
pub(super) fn one_ledger(
    package: &Evidence,
    found: &[Found],
    genesis: Option<&Genesis>,
    facts: &mut Facts,
) -> bool {
    let Some(first) = found.first().map(|f| f.record.tbs.chain_id) else { return false };
    let receipts = found
        .iter()
        .map(|f| (format!("receipts/{}.receipt", f.record.id()), f.record.tbs.chain_id));
    let statuses = package.files.iter().filter(|(name, _)| name.starts_with("status/"));
    let statuses = statuses.filter_map(|(name, der)| {
        Some((name.clone(), StatusProof::from_der(der).ok()?.header.chain_id))
    });
    let genesis = genesis.map(|g| (GENESIS.to_owned(), g.chain_id()));
    for (name, chain) in receipts.chain(statuses).chain(genesis.clone()) {
        if chain != first {
            let fact = Fact::fail(Check::EvidenceGraph, name, Reason::LedgersMixed);
            facts.push(fact.expected(first.to_string()).found(chain.to_string()));
        }
    }
    genesis.is_some_and(|(_, chain)| chain == first)
}

/// Status proofs hold as of their own time: evidence is read years later.
/// States of windows among them that hold are given back: windows that were told as one are drawn by them.
pub(super) fn statuses(package: &Evidence, context: &Context<'_>, facts: &mut Facts) -> Vec<Run> {
    let mut windows = Vec::new();
    for (name, der) in package.files.iter().filter(|(name, _)| name.starts_with("status/")) {
        let proven = StatusProof::from_der(der).ok().map(|p| p.header.time());
        let then = proven.map_or(context.at, |time| time.min(context.at));
        if let Some(time) = proven {
            // What has happened since, the proof cannot know.
            let seconds = (context.at.as_millis() - time.as_millis()) / 1000;
            facts.detail(name.clone(), "as-of", time.to_string());
            facts.detail(name.clone(), "age-seconds", seconds.to_string());
        }
        let mut own = Facts::new();
        anchoring::status(der, &Context { at: then, ..*context }, &mut own);
        let (list, details) = own.into_parts();
        let mut reasons = list.iter().filter_map(Fact::reason);
        if !reasons.any(|r| context.policy.gravity(r) == Verdict::Invalid) {
            windows.extend(window(der));
        }
        for fact in list {
            facts.push(Fact { subject: name.clone(), ..fact });
        }
        for detail in details {
            facts.detail(name.clone(), detail.name, detail.value);
        }
    }
    windows
}

/// What a status proof tells of a grant's windows, if it is one of a window.
fn window(der: &[u8]) -> Option<Run> {
    let proof = StatusProof::from_der(der).ok()?;
    let text = core::str::from_utf8(&proof.key).ok()?;
    let (grant, minute) = text.strip_prefix("access/")?.split_once('@')?;
    let state = yinxin_record::Wire::from_der(&proof.value?).ok()?;
    let last = (minute.parse().ok()?, state);
    Some(Run { grant: grant.parse().ok()?, last, since: None })
}

/// Each document is one that a record speaks of.
pub(super) fn documents(package: &Evidence, graph: &Graph, facts: &mut Facts) {
    for (name, bytes) in package.files.iter().filter(|(name, _)| name.starts_with("documents/")) {
        let named = anchored(bytes).iter().any(|d| graph.items.contains(&Item::content(*d)));
        let result = if named { Ok(()) } else { Err(Reason::DocumentMismatch) };
        facts.check(Check::EvidenceDocuments, name, result);
    }
}

/// The digests that records may name a file by: SM3 of the file, or of each SignedValue.dat of a sealed document.
pub(super) fn anchored(bytes: &[u8]) -> Vec<Digest> {
    let mut digests = vec![sm3::digest(bytes)];
    if sniff(bytes) == Kind::Ofd
        && let Ok(package) = Package::open(bytes, &Limits::default())
    {
        let signatures = package.signatures();
        let values = signatures.files().filter_map(|f| f.signed_value.as_ref());
        digests.extend(values.map(|value| sm3::digest(value.bytes)));
    }
    digests
}
