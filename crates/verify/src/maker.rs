//! Whether policy lets a seal's maker make seals.

use yinxin_gm::sm3;
use yinxin_pki::Certificate;
use yinxin_seal::Seal;
use yinxin_verdict::{Check, Fact, Facts, Policy, Reason};

/// Records [`Check::SealMaker`] for a policy that names makers; one that names none leaves it to the chain.
pub(crate) fn check(seal: &Seal, policy: &Policy, subject: &str, facts: &mut Facts) {
    if policy.seal_makers.is_empty() {
        return;
    }
    let digest = sm3::digest(&seal.maker_cert).to_string();
    let code = Certificate::parse(&seal.maker_cert)
        .ok()
        .and_then(|c| c.organisation_code().map(str::to_owned));
    let listed = policy
        .seal_makers
        .iter()
        .any(|m| m.eq_ignore_ascii_case(&digest) || code.as_deref() == Some(m));
    facts.push(if listed {
        Fact::pass(Check::SealMaker, subject)
    } else {
        Fact::fail(Check::SealMaker, subject, Reason::SealMakerUnlisted)
            .expected(policy.seal_makers.join(", "))
            .found(code.unwrap_or(digest))
    });
}
