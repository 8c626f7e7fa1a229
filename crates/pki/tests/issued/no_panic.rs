//! No bytes make a reader panic, and no changed bit keeps a signature.

use std::{num::NonZeroU32, sync::LazyLock};

use proptest::prelude::*;
use yinxin_pki::{
    Certificate, Crl, CrlReason, Name, Pool, PublicKeyInfo, Question, SignedData, Subject,
    TrustStore, Usage,
    ca::{CrlTemplate, Profile, Revoked},
    csr::Csr,
    keyfile::{self, Prf},
    read_sm2_signature,
    signed_data::{Content, Options, make},
    tlv::quirks,
    validate,
};
use yinxin_verdict::{Facts, Verdict};

use super::{Party, at, rng, trusting};

struct Samples {
    trust: TrustStore,
    certificate: Vec<u8>,
    all: Vec<Vec<u8>>,
}

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    let revoked = vec![Revoked::new(&signer.certificate, at("2023-06-01"), CrlReason::Superseded)];
    let (this_update, next_update) = (at("2024-01-01"), at("2024-02-01"));
    let crl = root
        .ca()
        .crl(&CrlTemplate { number: 7, this_update, next_update, revoked }, &mut rng())
        .unwrap();
    let options = Options { signing_time: Some(at("2024-01-01")) };
    let message = make(
        Content::Embedded(b"c"),
        std::slice::from_ref(&signer.certificate),
        &signer.key,
        options,
        &mut rng(),
    )
    .unwrap();
    let csr = Csr::make(&Subject::new("c"), &signer.key, &mut rng()).unwrap();
    let one = NonZeroU32::MIN;
    let key = keyfile::encrypt(&signer.key, b"p", Prf::HmacSm3, one, &mut rng()).unwrap();
    let pem = signer.certificate.to_pem() + &crl.to_pem();
    Samples {
        trust: trusting(&root),
        certificate: signer.certificate.raw().to_vec(),
        all: vec![
            signer.certificate.raw().to_vec(),
            crl.raw().to_vec(),
            message,
            csr.raw().to_vec(),
            key,
            pem.into_bytes(),
        ],
    }
});

/// Every reader on these bytes; what reads is used.
fn read_all(bytes: &[u8]) {
    let question = Question {
        usage: Usage::Sign,
        as_of: at("2024-01-01"),
        now: at("2026-11-22"),
        subject: "x",
    };
    let mut facts = Facts::new();
    if let Ok(certificate) = Certificate::parse(bytes) {
        let _ = validate(&certificate, &Pool::new(), &SAMPLES.trust, &question, &mut facts);
        let _ = format!("{certificate:?} {}", certificate.title());
    }
    if let Ok(crl) = Crl::parse(bytes) {
        let issuer = SAMPLES.trust.anchors().next().unwrap();
        let _ = (crl.check_issuer(issuer), crl.number(), crl.entries().count());
    }
    if let Ok(message) = SignedData::parse(bytes) {
        let _ = message.verify(Some(b"c"), &SAMPLES.trust, &question, &mut facts);
    }
    if let Ok(csr) = Csr::parse(bytes) {
        let _ = csr.verify();
    }
    // Rounds are bounded, yet ten million of them are too many for a test.
    if bytes.len() < 400 {
        let _ = keyfile::read(bytes, None);
    }
    let _ =
        (Name::parse(bytes), PublicKeyInfo::parse(bytes), read_sm2_signature(bytes), quirks(bytes));
    let _ = TrustStore::new().add(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_make_no_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn changed_files_make_no_reader_panic(
        which in 0usize..6,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        twice in prop::option::of((any::<prop::sample::Index>(), 1usize..40)),
    ) {
        let mut bytes = SAMPLES.all[which].clone();
        for (place, value) in edits {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some((from, length)) = twice {
            let from = from.index(bytes.len());
            let part = bytes[from..bytes.len().min(from + length)].to_vec();
            bytes.splice(from..from, part);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_all(&bytes);
    }
}

#[test]
fn no_single_changed_bit_leaves_a_certificate_valid() {
    let bytes = &SAMPLES.certificate;
    let question = Question {
        usage: Usage::Sign,
        as_of: at("2024-01-01"),
        now: at("2026-11-22"),
        subject: "x",
    };
    for place in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[place / 8] ^= 1 << (place % 8);
        let Ok(certificate) = Certificate::parse(&changed) else { continue };
        let found =
            validate(&certificate, &Pool::new(), &SAMPLES.trust, &question, &mut Facts::new());
        assert_ne!(found.verdict(), Verdict::Valid, "bit {place}");
    }
}
