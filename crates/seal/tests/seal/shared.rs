//! The data set shared between projects, and the words the tests use.

use std::path::PathBuf;

use yinxin_ofd::{Limits, Package};
use yinxin_pki::TrustStore;
use yinxin_seal::{SealSignature, Stamped, check_signature};
use yinxin_verdict::{Facts, Policy, Reason, UnixTime, Verdict};

/// The folder, or nothing where it is not at hand.
pub(crate) fn shared() -> Option<PathBuf> {
    let given = std::env::var_os("YINXIN_SHARED").map(PathBuf::from);
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let dir = given.unwrap_or_else(|| usual.into());
    let found = dir.join("corpus").is_dir();
    if !found {
        println!("skipped: no shared data at {}", dir.display());
    }
    found.then_some(dir)
}

pub(crate) fn read(dir: &std::path::Path, name: &str) -> Vec<u8> {
    std::fs::read(dir.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The operating system's randomness.
pub(crate) fn rng() -> rand_core::UnwrapErr<getrandom::SysRng> {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// The day on which the corpus was made.
pub(crate) fn now() -> UnixTime {
    UnixTime::parse("2026-11-23T00:00:00Z").unwrap()
}

/// Checks every stamp of an OFD at the level of the seal; `None` stands for a value that is missing or no stamp.
pub(crate) fn check_ofd(bytes: &[u8], trust: &TrustStore) -> Vec<Option<Facts>> {
    let package = Package::open(bytes, &Limits::default()).unwrap();
    let signatures = package.signatures();
    signatures
        .files()
        .map(|file| {
            let value = file.signed_value.as_ref()?;
            let signature = SealSignature::parse(value.bytes).ok()?;
            let stamped = Stamped {
                signature_xml: file.bytes,
                signature_xml_path: file.path,
                seal_esl: file.seal.as_ref().map(|seal| seal.bytes),
                date_time: file.date_time.as_deref(),
            };
            let mut facts = Facts::new();
            let policy = Policy::default();
            check_signature(&signature, &stamped, trust, &policy, now(), &file.label(), &mut facts);
            Some(facts)
        })
        .collect()
}

/// The reasons that make a verdict graver than VALID, in code order.
pub(crate) fn grave(facts: &Facts) -> Vec<Reason> {
    let mut reasons: Vec<_> = facts
        .facts()
        .iter()
        .filter_map(|f| f.reason())
        .filter(|r| r.gravity() != Verdict::Valid)
        .collect();
    reasons.sort_by_key(|r| r.code());
    reasons.dedup();
    reasons
}
