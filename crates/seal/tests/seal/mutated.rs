//! Damaged bytes: an error or another answer, never a panic, and never the same seal.

use yinxin_ofd::{Limits, Package};
use yinxin_pki::TrustStore;
use yinxin_seal::{Seal, SealError, SealSignature, Stamped, check_seal, check_signature};
use yinxin_verdict::{Facts, Policy, Reason, Verdict};

use crate::shared::{now, read, shared};

/// A generator that needs no crate: Numerical Recipes' constants.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn damaged_bytes_never_panic() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/blobs");
    for name in [
        "ofdrw_UserV1.esl",
        "ofdrw_UserV4.esl",
        "ofdrw_UserV5_ts.esl",
        "AnnXF_Seal.esl",
        "ofdrw_SignedValueV4.dat",
    ] {
        let good = read(&dir, name);
        let mut seed = 1;
        for cut in (0..good.len()).step_by(97) {
            assert!(
                Seal::parse(&good[..cut]).is_err() && SealSignature::parse(&good[..cut]).is_err()
            );
        }
        for _ in 0..400 {
            let mut bytes = good.clone();
            // Structure stands in the first and last kilobyte, a picture between them.
            for _ in 0..=next(&mut seed) % 3 {
                let at = usize::try_from(next(&mut seed)).unwrap() % 1024;
                let at = if next(&mut seed).is_multiple_of(2) { at } else { bytes.len() - 1 - at };
                bytes[at] = u8::try_from(next(&mut seed) & 0xff).unwrap();
            }
            let _ = SealSignature::parse(&bytes);
            let Ok(seal) = Seal::parse(&bytes) else { continue };
            let mut facts = Facts::new();
            check_seal(&seal, seal.created, now(), &TrustStore::new(), "seal", &mut facts);
            assert_ne!(Policy::default().judge(&facts), Verdict::Valid);
        }
    }
}

#[test]
fn no_changed_byte_of_a_good_stamp_stays_valid() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/attacks");
    let mut trust = TrustStore::new();
    trust.add(&read(&dir, "ca_root.cer")).unwrap();
    let package = Package::open(read(&dir, "a00_good.ofd"), &Limits::default()).unwrap();
    let signatures = package.signatures();
    let file = signatures.files().next().unwrap();
    let good = file.signed_value.as_ref().unwrap().bytes;
    let judge = |bytes: &[u8]| {
        let signature = SealSignature::parse(bytes).ok()?;
        let stamped = Stamped {
            signature_xml: file.bytes,
            signature_xml_path: file.path,
            seal_esl: None,
            date_time: None,
        };
        let mut facts = Facts::new();
        let policy = Policy::default();
        check_signature(&signature, &stamped, &trust, &policy, now(), "signature", &mut facts);
        Some(policy.judge(&facts))
    };
    assert_eq!(judge(good), Some(Verdict::Valid));
    let edge = |at: &usize| *at < 1200 || good.len() - at < 2400 || at.is_multiple_of(251);
    for at in (0..good.len()).filter(edge) {
        let mut bytes = good.to_vec();
        bytes[at] ^= 1 << (at % 8);
        assert_ne!(judge(&bytes), Some(Verdict::Valid), "byte {at} of {}", good.len());
    }
}

#[test]
fn bytes_after_the_end_do_not_pass() {
    let Some(dir) = shared() else { return };
    let mut bytes = read(&dir.join("corpus/attacks"), "seal_good_v4.esl");
    bytes.push(0);
    let seal = Seal::parse(&bytes).unwrap();
    assert_eq!(seal.trailing, 1);
    let mut facts = Facts::new();
    check_seal(&seal, now(), now(), &TrustStore::new(), "seal", &mut facts);
    assert_eq!(Policy::default().judge(&facts), Verdict::Invalid);
}

#[test]
fn lists_end_at_their_limits() {
    // SESeal { SES_SealInfo { … } } with an outer length of 17 MiB is refused before anything is read.
    let huge = vec![0x30; yinxin_seal::MAX_SEAL_BYTES + 1];
    assert!(matches!(Seal::parse(&huge), Err(SealError::OverLimit { what: "SESeal", .. })));
    assert!(matches!(Seal::parse(&[]), Err(SealError::Malformed { at: "SESeal", .. })));
    assert!(matches!(Seal::parse(&[0x30, 0x80, 0, 0]), Err(SealError::Malformed { .. })));
    let six = [0x30, 12, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0];
    assert!(matches!(Seal::parse(&six), Err(SealError::OverLimit { got: 6, limit: 5, .. })));
}

/// The header's version stands behind the seal's mark.
fn renumbered(mut bytes: Vec<u8>, from: u8, to: u8) -> Vec<u8> {
    let mark = [0x16, 2, b'E', b'S', 2, 1, from];
    let at = bytes.windows(mark.len()).position(|w| w == mark).unwrap();
    bytes[at + mark.len() - 1] = to;
    bytes
}

#[test]
fn a_number_of_another_structure_is_a_wrong_version() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/blobs");
    let facts = |bytes: &[u8]| {
        let seal = Seal::parse(bytes).unwrap();
        let mut facts = Facts::new();
        check_seal(&seal, seal.created, now(), &TrustStore::new(), "seal", &mut facts);
        (facts.has(Reason::VersionWrong), facts.has(Reason::SealSignatureBad))
    };
    for (name, from, to, wrong) in [
        ("ofdrw_UserV1.esl", 1, 4, true),
        ("ofdrw_UserV1.esl", 1, 5, true),
        ("ofdrw_UserV1.esl", 1, 2, false),
        ("ofdrw_UserV4.esl", 4, 1, true),
        ("ofdrw_UserV4.esl", 4, 99, true),
        ("ofdrw_UserV4.esl", 4, 5, false),
    ] {
        let seen = facts(&renumbered(read(&dir, name), from, to));
        assert_eq!(seen, (wrong, true), "{name} numbered {to}: its maker signed {from}");
        assert_eq!(facts(&read(&dir, name)), (false, false), "{name}");
    }
}
