//! Whether a seal's maker may make seals: by policy, else by the trusted ledgers, else as nothing says otherwise.

use std::collections::BTreeSet;

use yinxin_gm::sm3;
use yinxin_pki::Certificate;
use yinxin_receipt::{Genesis, Wire};
use yinxin_record::{
    OrganisationCode, OrganisationState, OrganisationStatus, Power, Powers, state_key,
};
use yinxin_seal::Seal;
use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::{Context, status};

/// The organisations that a ledger begins with as makers of seals.
pub(crate) fn founders(genesis: &Genesis) -> impl Iterator<Item = String> {
    let makes_seals = |bits| Powers::from_bits(bits).is_some_and(|p| p.has(Power::Seals));
    let founders = genesis.organisations.iter();
    founders.filter(move |o| makes_seals(o.powers)).map(|o| o.code.clone())
}

/// Records [`Check::SealMaker`]: who is entitled, beside the chain of the maker's certificate.
pub(crate) fn check(seal: &Seal, subject: &str, context: &Context<'_>, facts: &mut Facts) {
    let check = Check::SealMaker;
    let digest = sm3::digest(&seal.maker_cert).to_string();
    let certificate = Certificate::parse(&seal.maker_cert).ok();
    let code = certificate.as_ref().and_then(Certificate::organisation_code);
    let named = &context.policy.seal_makers;
    let of_ledger = context.trust.seal_makers();
    let fact = if !named.is_empty() {
        let listed =
            named.iter().any(|m| m.eq_ignore_ascii_case(&digest) || code == Some(m.as_str()));
        fact(listed, subject, Reason::SealMakerUnlisted).expected(named.join(", "))
    } else if !of_ledger.is_empty() {
        let may = code.is_some_and(|code| may_now(code, of_ledger, subject, context, facts));
        let names: Vec<_> = of_ledger.iter().map(String::as_str).collect();
        fact(may, subject, Reason::SealMakerUnnamed).expected(names.join(", "))
    } else {
        Fact::fail(check, subject, Reason::SealMakerUnrestricted)
    };
    let held = fact.reason().is_none();
    facts.push(if held {
        Fact::pass(check, subject)
    } else {
        fact.found(code.map_or(digest, str::to_owned))
    });
}

fn fact(holds: bool, subject: &str, reason: Reason) -> Fact {
    if holds {
        Fact::pass(Check::SealMaker, subject)
    } else {
        Fact::fail(Check::SealMaker, subject, reason)
    }
}

/// Whether a member may make seals: by the newest proof of its state, else as the ledger began.
fn may_now(
    code: &str,
    founders: &BTreeSet<String>,
    subject: &str,
    context: &Context<'_>,
    facts: &mut Facts,
) -> bool {
    let proven = OrganisationCode::new(code)
        .ok()
        .and_then(|code| status::of(&state_key::organisation(&code), None, subject, context, facts))
        .and_then(|proof| OrganisationState::from_der(proof.value.as_deref()?).ok());
    match proven {
        Some(now) => now.status == OrganisationStatus::Active && now.powers.has(Power::Seals),
        None => founders.contains(code),
    }
}
