//! What status proofs say of a thing, and what that means for a document.

use yinxin_gm::Digest;
use yinxin_receipt::{StatusProof, Wire, check_status};
use yinxin_record::{
    CertificateState, CredentialStatus, DocumentState, LicenceState, LicenceStatus, Revoke,
    SealState,
};
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

/// Records whether a seal was revoked before it was used, by its proven state.
pub(crate) fn seal(proof: &StatusProof, used: UnixTime, subject: &str, facts: &mut Facts) {
    let check = Check::SealValidity;
    let Some(value) = &proof.value else { return };
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
