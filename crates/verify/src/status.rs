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
///
/// The ledger does not see the seal, only its digest: whoever may make seals could have registered another's first, and
/// revoked it. Nobody but the seal's own maker, by the code in its certificate, revokes it here.
pub(crate) fn seal(
    value: Option<&[u8]>,
    maker: Option<&str>,
    used: UnixTime,
    subject: &str,
    facts: &mut Facts,
) {
    let check = Check::SealValidity;
    let Some(value) = value else { return };
    match SealState::from_der(value) {
        Ok(state) if maker.is_some_and(|maker| maker != state.maker.as_str()) => facts.push(
            Fact::fail(check, subject, Reason::NoStatusProof)
                .expected(format!("a seal registered by {}", maker.unwrap_or_default()))
                .found(state.maker.as_str()),
        ),
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
    use yinxin_record::{OrganisationCode, RevocationReason, Text};

    use super::*;

    const MAKER: &str = "11990100MB0A000266";
    const OTHER: &str = "11990100MB0A00018B";

    #[test]
    fn a_seal_is_revoked_by_its_own_maker_only() {
        let time = |text| UnixTime::parse(text).unwrap();
        for (registrar, maker, reason) in [
            (MAKER, Some(MAKER), Some(Reason::SealRevoked)),
            (MAKER, None, Some(Reason::SealRevoked)),
            (OTHER, Some(MAKER), Some(Reason::NoStatusProof)),
        ] {
            let since = time("2026-01-01");
            let state = SealState {
                status: CredentialStatus::Revoked,
                maker: OrganisationCode::new(registrar).unwrap(),
                seal_id: Text::new("1").unwrap(),
                owner: OrganisationCode::new(OTHER).unwrap(),
                revocation: Some(Revoke {
                    digest: Digest::ZERO,
                    reason: RevocationReason::KeyCompromise,
                    since,
                }),
                height: 1,
            };
            let mut facts = Facts::new();
            seal(Some(&state.to_der()), maker, time("2026-02-01"), "seal", &mut facts);
            let reasons: Vec<_> = facts.facts().iter().map(Fact::reason).collect();
            assert_eq!(reasons, [reason], "{registrar} {maker:?}");
        }
    }
}
