//! What we issue, and what is forged after it: every refusal with its reason.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test says what went wrong by panicking"
)]

mod envelopes;
mod forge;
mod frozen;
mod issuing;
mod messages;
mod no_panic;
mod paths;
mod refused;
mod revocation;

use rand_core::UnwrapErr;
use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{
    Certificate, Pool, Question, Subject, TrustStore, Usage, Validation,
    ca::{Ca, Period, Profile, Template, self_signed},
    validate,
};
use yinxin_verdict::{Facts, Reason, UnixTime, Verdict};

type Rng = UnwrapErr<getrandom::SysRng>;

fn rng() -> Rng {
    UnwrapErr(getrandom::SysRng)
}

fn at(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap()
}

/// A certificate and its key.
struct Party {
    key: PrivateKey,
    certificate: Certificate,
}

impl Party {
    fn root() -> Self {
        let key = PrivateKey::generate(&mut rng());
        let name = Subject::new("Test Root").country("CN").to_name().unwrap();
        let certificate =
            self_signed(name, &key, Period::days(at("2020-01-01"), 7300), None, &mut rng())
                .unwrap();
        Self { key, certificate }
    }

    fn issue(&self, name: &str, profile: Profile) -> Self {
        self.issue_for(name, profile, Period::days(at("2021-01-01"), 3650))
    }

    fn issue_for(&self, name: &str, profile: Profile, period: Period) -> Self {
        let key = PrivateKey::generate(&mut rng());
        let subject = Subject::new(name)
            .country("CN")
            .organisation_code("11430000006122244L")
            .to_name()
            .unwrap();
        let template = Template::new(subject, *key.public_key(), profile, period);
        let certificate = self.ca().issue(&template, &mut rng()).unwrap();
        Self { key, certificate }
    }

    fn ca(&self) -> Ca<'_> {
        Ca::new(&self.certificate, &self.key).unwrap()
    }
}

fn trusting(root: &Party) -> TrustStore {
    let mut trust = TrustStore::new();
    assert!(trust.add_certificate(root.certificate.clone()));
    trust
}

/// Validates as of 2024.
fn ask(
    leaf: &Certificate,
    pool: &[&Party],
    trust: &TrustStore,
    usage: Usage,
) -> (Validation, Facts) {
    let pool = Pool {
        certificates: pool.iter().map(|p| p.certificate.clone()).collect(),
        crls: Vec::new(),
    };
    ask_at(leaf, &pool, trust, usage, "2024-01-01")
}

fn ask_at(
    leaf: &Certificate,
    pool: &Pool,
    trust: &TrustStore,
    usage: Usage,
    as_of: &str,
) -> (Validation, Facts) {
    let mut facts = Facts::new();
    let question = Question { usage, as_of: at(as_of), now: at("2026-11-22"), subject: "test" };
    let found = validate(leaf, pool, trust, &question, &mut facts);
    (found, facts)
}

/// The reasons that make it not valid, each once.
fn grave(found: &Validation) -> Vec<Reason> {
    let mut out = found.reasons.clone();
    out.retain(|r| r.gravity() != Verdict::Valid);
    out.sort();
    out.dedup();
    out
}
