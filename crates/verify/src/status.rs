//! What status proofs say of a thing, and what that means for a document.

use yinxin_gm::{Digest, sm3};
use yinxin_pki::Certificate;
use yinxin_receipt::{StatusProof, Wire, check_status};
use yinxin_record::{
    CertificateState, CredentialStatus, DocumentState, LicenceState, LicenceStatus,
    OrganisationCode, Revoke, SealState, state_key,
};
use yinxin_seal::Seal;
use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime};

use crate::Context;

/// The newest proof at hand about this key that holds, its checks recorded; none when there is no proof at all.
///
/// What is anchored on one ledger has its status there: what another says of the same name does not count.
pub(crate) fn of<'t>(
    key: &[u8],
    chain: Option<Digest>,
    subject: &str,
    context: &Context<'t>,
    facts: &mut Facts,
) -> Option<&'t StatusProof> {
    let proofs = context.trust.status_proofs().iter().filter(|p| p.key == key);
    let proofs = proofs.filter(|p| chain.is_none_or(|c| c == p.header.chain_id));
    let newest = proofs.max_by_key(|p| p.header.height)?;
    let Context { trust, policy, at } = context;
    let held = check_status(newest, trust.ledgers(), policy, *at, subject, facts)?;
    held.holds.then_some(newest)
}

/// Records whether a licence is in force, by its proven state, and whether that state is about this document.
pub(crate) fn licence(
    proof: &StatusProof,
    signed: &[Digest],
    at: UnixTime,
    subject: &str,
    facts: &mut Facts,
) {
    let check = Check::LicenceStatus;
    let Some(value) = &proof.value else {
        let fact = Fact::fail(check, subject, Reason::LicenceNotInForce);
        return facts.push(fact.found("the ledger does not know it"));
    };
    let state = LicenceState::from_der(value);
    if let Ok(state) = &state
        && !signed.contains(&state.document)
    {
        facts.push(
            Fact::fail(Check::ReceiptDocument, subject, Reason::DocumentMismatch)
                .expected(format!("the SignedValue.dat {} that the ledger knows", state.document)),
        );
    }
    match state {
        // A change after the time that is asked about does not reach back; what stood before it, this proof does not tell.
        Ok(state) if state.status != LicenceStatus::Active && at < state.since => facts.push(
            Fact::fail(check, subject, Reason::NoStatusProof)
                .expected(format!("a proof of {at}"))
                .found(format!("{} since {}", state.status.name(), state.since)),
        ),
        Ok(state) if state.status == LicenceStatus::Active => {
            facts.push(Fact::pass(check, subject));
        }
        Ok(state) => facts.push(
            Fact::fail(check, subject, Reason::LicenceNotInForce)
                .expected(LicenceStatus::Active.name())
                .found(format!(
                    "{} since {}, reason {}",
                    state.status.name(),
                    state.since,
                    state.reason
                )),
        ),
        Err(error) => {
            facts.push(Fact::fail(check, subject, Reason::Malformed).found(error.to_string()))
        }
    }
}

/// Where a seal stands on a ledger: under the code in its maker's certificate.
///
/// The ledger does not see the seal, only its digest: what others registered under theirs is not about this maker's seal.
pub(crate) fn key_of_seal(seal: &Seal) -> Option<Vec<u8>> {
    let maker = Certificate::parse(&seal.maker_cert).ok()?;
    let code = OrganisationCode::new(maker.organisation_code()?).ok()?;
    Some(state_key::seal(&code, &sm3::digest(seal.as_bytes())))
}

/// Records whether a seal was revoked before it was used, by its proven state.
pub(crate) fn seal(value: Option<&[u8]>, used: UnixTime, subject: &str, facts: &mut Facts) {
    let check = Check::SealValidity;
    let Some(value) = value else { return };
    match SealState::from_der(value) {
        Ok(SealState {
            status: CredentialStatus::Revoked,
            revocation: Some(Revoke { since, .. }),
            ..
        }) if since <= used => {
            facts.push(
                Fact::fail(check, subject, Reason::SealRevoked)
                    .expected(format!("used before {since}"))
                    .found(used.to_string()),
            );
        }
        Ok(_) => facts.push(Fact::pass(check, subject)),
        Err(error) => {
            facts.push(Fact::fail(check, subject, Reason::Malformed).found(error.to_string()))
        }
    }
}

/// Tells what a proof says, for a person.
pub(crate) fn tell(proof: &StatusProof, subject: &str, facts: &mut Facts) {
    let key = String::from_utf8_lossy(&proof.key).into_owned();
    let Some(value) = &proof.value else {
        facts.detail(subject, "key", key);
        return facts.detail(subject, "state", "absent");
    };
    let state = match key.split('/').next().unwrap_or_default() {
        "licence" => LicenceState::from_der(value)
            .map(|s| format!("{} since {}", s.status.name(), s.since))
            .ok(),
        "seal" => {
            SealState::from_der(value).map(|s| credential(s.status, s.revocation.as_ref())).ok()
        }
        "certificate" => CertificateState::from_der(value)
            .map(|s| credential(s.status, s.revocation.as_ref()))
            .ok(),
        "document" => DocumentState::from_der(value)
            .map(|s| format!("anchored by {} at height {}", s.organisation.as_str(), s.height))
            .ok(),
        _ => None,
    };
    facts.detail(subject, "key", key);
    facts.detail(subject, "state", state.unwrap_or_else(|| format!("{} bytes", value.len())));
}

fn credential(status: CredentialStatus, revocation: Option<&Revoke>) -> String {
    match (status, revocation) {
        (CredentialStatus::Active, _) => "active".to_owned(),
        (_, Some(revocation)) => format!("revoked since {}", revocation.since),
        _ => "revoked".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use yinxin_gm::Digest;
    use yinxin_merkle::state::StateProof;
    use yinxin_receipt::{Algorithms, CommitCertificate, Header};
    use yinxin_record::{LicenceTypeCode, RevocationReason, Text};
    use yinxin_verdict::Policy;

    use super::*;
    use crate::Trust;

    #[test]
    fn a_seal_is_good_until_it_is_revoked() {
        let time = |text| UnixTime::parse(text).unwrap();
        let code = OrganisationCode::new("11990100MB0A000266").unwrap();
        for (used, reason) in [("2025-12-31", None), ("2026-02-01", Some(Reason::SealRevoked))] {
            let since = time("2026-01-01");
            let revocation =
                Revoke { digest: Digest::ZERO, reason: RevocationReason::KeyCompromise, since };
            let state = SealState {
                status: CredentialStatus::Revoked,
                maker: code.clone(),
                seal_id: Text::new("1").unwrap(),
                owner: code.clone(),
                revocation: Some(revocation),
                height: 1,
            };
            let mut facts = Facts::new();
            seal(Some(&state.to_der()), time(used), "seal", &mut facts);
            let reasons: Vec<_> = facts.facts().iter().map(Fact::reason).collect();
            assert_eq!(reasons, [reason], "{used}");
        }
    }

    fn proof(document: Digest, status: LicenceStatus, since: UnixTime) -> StatusProof {
        let code = OrganisationCode::new("11990100MB0A00018B").unwrap();
        let state = LicenceState {
            status,
            type_code: LicenceTypeCode::new("11990100MB0A00018B001").unwrap(),
            issuer: code,
            content: Digest::ZERO,
            document,
            valid_from: UnixTime::EPOCH,
            valid_until: None,
            previous: None,
            next: None,
            reason: 1,
            height: 1,
            since,
        };
        let header = Header {
            algorithms: Algorithms::Sm2Sm3,
            chain_id: Digest::ZERO,
            height: 1,
            time_ms: 0,
            parent: Digest::ZERO,
            body_root: Digest::ZERO,
            log_root: Digest::ZERO,
            log_size: 0,
            state_root: Digest::ZERO,
            validators: Digest::ZERO,
            next_validators: Digest::ZERO,
        };
        let value_id = header.id();
        let certificate =
            CommitCertificate { height: 1, round: 0, value_id, signatures: Vec::new() };
        let (key, value) = (b"licence/1".to_vec(), Some(state.to_der()));
        StatusProof::new(key, value, StateProof::default(), header, certificate)
    }

    /// A proof about another document of the same name once said that this one is in force.
    #[test]
    fn a_licences_status_is_about_this_document_and_from_its_last_change_on() {
        let time = |text| UnixTime::parse(text).unwrap();
        let (ours, since) = (Digest([1; 32]), time("2026-02-01"));
        for (document, status, at, expected) in [
            (ours, LicenceStatus::Active, "2026-03-01", &[None][..]),
            (ours, LicenceStatus::Revoked, "2026-03-01", &[Some(Reason::LicenceNotInForce)]),
            (ours, LicenceStatus::Revoked, "2026-01-01", &[Some(Reason::NoStatusProof)]),
            (
                Digest([2; 32]),
                LicenceStatus::Active,
                "2026-03-01",
                &[Some(Reason::DocumentMismatch), None],
            ),
        ] {
            let proof = proof(document, status, since);
            let mut facts = Facts::new();
            licence(&proof, &[ours], time(at), "licence", &mut facts);
            let reasons: Vec<_> = facts.facts().iter().map(Fact::reason).collect();
            assert_eq!(reasons, expected, "{document} {status:?} {at}");
        }
    }

    /// What another ledger says of the same name does not count, not even as a failed check.
    #[test]
    fn only_the_receipts_own_ledger_is_asked() {
        let mut trust = Trust::default();
        trust.add_status_proof(proof(Digest::ZERO, LicenceStatus::Revoked, UnixTime::EPOCH));
        let policy = Policy::default();
        let context = Context { trust: &trust, policy: &policy, at: UnixTime::EPOCH };
        for (chain, asked) in [(Some(Digest([7; 32])), 0), (Some(Digest::ZERO), 1), (None, 1)] {
            let mut facts = Facts::new();
            assert!(of(b"licence/1", chain, "licence", &context, &mut facts).is_none(), "unknown");
            assert_eq!(facts.facts().len(), asked, "{chain:?}");
        }
    }
}
