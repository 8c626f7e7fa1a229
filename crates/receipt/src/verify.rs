//! Receipts and status proofs against what is trusted: every check is made and recorded.

use yinxin_gm::Digest;
use yinxin_verdict::{Check, Explain, Fact, Facts, Lang, Policy, Reason, UnixTime};

use crate::{Anchor, CommitCertificate, Error, Header, Receipt, StatusProof, Trust, trust::Ledger};

const DAY_MS: i64 = 86_400_000;

/// Where a receipt leads, as far as its path and header can be believed; the facts say whether they can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Anchored {
    /// The ledger.
    pub chain_id: Digest,
    /// Height of the header, or of the checkpoint.
    pub height: u64,
    /// Its time: the record is at least as old.
    pub time: UnixTime,
    /// Whether every check held.
    pub holds: bool,
}

/// Checks a receipt and records [`Check::ReceiptLedger`], [`Check::ReceiptCertificate`], [`Check::ReceiptInclusion`] and
/// [`Check::ReceiptFreshness`]. None when its ledger or checkpoint is not trusted.
pub fn check_receipt(
    receipt: &Receipt,
    trust: &Trust,
    policy: &Policy,
    now: UnixTime,
    subject: &str,
    facts: &mut Facts,
) -> Option<Anchored> {
    facts.detail(subject, "record", receipt.subject.record_hash().to_string());
    let (ledger, header, committed) = match &receipt.anchor {
        Anchor::Committed { header, round, signatures } => {
            let ledger = known(trust, header, subject, facts)?;
            let certificate = CommitCertificate {
                height: header.height,
                round: *round,
                value_id: header.id(),
                signatures: signatures.clone(),
            };
            let held =
                commit(ledger, header, &certificate, Check::ReceiptCertificate, subject, facts);
            (ledger, header, held & fresh(ledger, policy, now, subject, facts))
        }
        Anchor::Checkpoint(id) => {
            let Some((ledger, header)) = trust.checkpoint(id) else {
                facts.push(
                    Fact::fail(Check::ReceiptLedger, subject, Reason::LedgerUnknown)
                        .expected("a checkpoint of the trust folder")
                        .found(id.to_string()),
                );
                return None;
            };
            facts.push(Fact::pass(Check::ReceiptLedger, subject));
            // The checkpoint's root is all that is needed: no validator's key, however old, matters any more.
            facts.push(Fact::pass(Check::ReceiptFreshness, subject));
            (ledger, header, true)
        }
    };
    let included = receipt.verify_path(header.log_size, &header.log_root);
    facts.push(match &included {
        Ok(()) => Fact::pass(Check::ReceiptInclusion, subject),
        Err(error) => Fact::fail(Check::ReceiptInclusion, subject, Reason::InclusionBad)
            .found(error.to_string()),
    });
    let latest = now.plus_millis(i64::from(policy.clock_skew_secs) * 1000);
    if header.time() > latest {
        facts.push(
            Fact::fail(Check::ReceiptFreshness, subject, Reason::ReceiptLater)
                .expected(format!("at most {latest}"))
                .found(header.time().to_string()),
        );
    }
    describe(ledger, header, subject, facts);
    let holds = committed && included.is_ok();
    Some(Anchored { chain_id: header.chain_id, height: header.height, time: header.time(), holds })
}

/// Checks a status proof and records [`Check::ReceiptLedger`], [`Check::ReceiptCertificate`], [`Check::StatusProof`] and, for its age,
/// [`Check::ReceiptFreshness`]. None when its ledger is not trusted.
pub fn check_status(
    proof: &StatusProof,
    trust: &Trust,
    policy: &Policy,
    now: UnixTime,
    subject: &str,
    facts: &mut Facts,
) -> Option<Anchored> {
    let header = &proof.header;
    let ledger = known(trust, header, subject, facts)?;
    let committed =
        commit(ledger, header, &proof.certificate(), Check::ReceiptCertificate, subject, facts);
    let path = proof.verify_path();
    facts.push(match &path {
        Ok(()) => Fact::pass(Check::StatusProof, subject),
        Err(error) => {
            Fact::fail(Check::StatusProof, subject, Reason::InclusionBad).found(error.to_string())
        }
    });
    let fresh = fresh(ledger, policy, now, subject, facts);
    let age_ms = now.as_millis() - header.time().as_millis();
    let allowed_ms = i64::from(policy.status_max_age_secs) * 1000;
    if age_ms > allowed_ms {
        facts.push(
            Fact::fail(Check::StatusProof, subject, Reason::StatusStale)
                .expected(format!("at most {} s old", policy.status_max_age_secs))
                .found(format!("of {}", header.time())),
        );
    }
    describe(ledger, header, subject, facts);
    let holds = committed && fresh && path.is_ok();
    Some(Anchored { chain_id: header.chain_id, height: header.height, time: header.time(), holds })
}

fn known<'t>(
    trust: &'t Trust,
    header: &Header,
    subject: &str,
    facts: &mut Facts,
) -> Option<&'t Ledger> {
    let ledger = trust.ledger(&header.chain_id);
    facts.push(match ledger {
        Some(_) => Fact::pass(Check::ReceiptLedger, subject),
        None => Fact::fail(Check::ReceiptLedger, subject, Reason::LedgerUnknown)
            .found(header.chain_id.to_string()),
    });
    ledger
}

fn commit(
    ledger: &Ledger,
    header: &Header,
    certificate: &CommitCertificate,
    check: Check,
    subject: &str,
    facts: &mut Facts,
) -> bool {
    match ledger.check_commit(&header.chain_id, header, certificate) {
        Ok(set) => {
            let names: Vec<_> = certificate
                .signatures
                .iter()
                .filter_map(|(index, _)| set.get(*index))
                .map(|v| v.organisation.as_str())
                .collect();
            facts.detail(
                subject,
                "committed-by",
                format!("{} of {}: {}", names.len(), set.len(), names.join(", ")),
            );
            facts.push(Fact::pass(check, subject));
            true
        }
        Err(error) => {
            let reason = match error {
                // Nothing is wrong with the receipt; the folder lacks a change of validators, or a checkpoint.
                Error::ValidatorsUnknown { .. } => Reason::ValidatorsUnknown,
                _ => Reason::QuorumMissing,
            };
            facts.push(Fact::fail(check, subject, reason).found(error.explain(Lang::En).what));
            false
        }
    }
}

/// Whether the keys that the trust folder vouches for may still be believed.
fn fresh(
    ledger: &Ledger,
    policy: &Policy,
    now: UnixTime,
    subject: &str,
    facts: &mut Facts,
) -> bool {
    let (_, vouched) = ledger.anchor();
    let until = vouched.plus_millis(i64::from(policy.trusting_period_days) * DAY_MS);
    if now <= until {
        facts.push(Fact::pass(Check::ReceiptFreshness, subject));
        return true;
    }
    facts.push(
        Fact::fail(Check::ReceiptFreshness, subject, Reason::TrustPeriodOver)
            .expected(format!("a checkpoint younger than {} days", policy.trusting_period_days))
            .found(format!("of {vouched}")),
    );
    false
}

fn describe(ledger: &Ledger, header: &Header, subject: &str, facts: &mut Facts) {
    if !ledger.name().is_empty() {
        facts.detail(subject, "ledger", ledger.name());
    }
    facts.detail(subject, "height", header.height.to_string());
    facts.detail(subject, "time", header.time().to_string());
}
