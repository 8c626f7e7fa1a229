//! GB/T 35275 messages, ours and in the variants of real files.

use yinxin_gm::{sm2::DEFAULT_ID, sm3};
use yinxin_pki::{
    Question, SignedData, Usage,
    ca::Profile,
    signed_data::{Content, Options, make},
};
use yinxin_verdict::{Check, Facts, Reason, Verdict};

use super::{Party, at, forge::der, rng, trusting};

fn judge(message: &[u8], detached: Option<&[u8]>, root: &Party) -> (Vec<Reason>, Facts) {
    let mut facts = Facts::new();
    let question = Question {
        usage: Usage::Sign,
        as_of: at("2024-01-01"),
        now: at("2026-11-22"),
        subject: "m",
    };
    SignedData::parse(message).unwrap().verify(detached, &trusting(root), &question, &mut facts);
    let grave = facts
        .facts()
        .iter()
        .filter_map(|f| f.reason())
        .filter(|r| r.gravity() != Verdict::Valid)
        .collect();
    (grave, facts)
}

#[test]
fn messages_verify_with_their_content_only() {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    let chain = [signer.certificate.clone(), root.certificate.clone()];
    for signing_time in [None, Some(at("2024-01-01"))] {
        let options = Options { signing_time };
        let embedded =
            make(Content::Embedded(b"content"), &chain, &signer.key, options, &mut rng()).unwrap();
        let detached =
            make(Content::Detached(b"content"), &chain, &signer.key, options, &mut rng()).unwrap();
        let wrong: &[Reason] = match signing_time {
            Some(_) => &[Reason::DigestMismatch],
            None => &[Reason::SignatureBad],
        };
        for (message, content, expected) in [
            (&embedded, None, &[][..]),
            (&embedded, Some(&b"content"[..]), &[]),
            (&embedded, Some(b"other"), &[Reason::DigestMismatch]),
            (&detached, Some(b"content"), &[]),
            (&detached, Some(b"other"), wrong),
        ] {
            let (reasons, facts) = judge(message, content, &root);
            assert_eq!(reasons, expected, "{signing_time:?} {content:?}");
            assert_eq!(facts.value("signing-time").is_some(), signing_time.is_some());
        }
        assert!(judge(&detached, None, &root).0.contains(&Reason::DigestMissing));
        let parsed = SignedData::parse(&embedded).unwrap();
        assert!(parsed.deviations().is_empty(), "{:?}", parsed.deviations());
        assert_eq!(parsed.signers()[0].signing_time(), signing_time);
        assert_eq!(parsed.content(), Some(&b"content"[..]));
    }
}

/// A message put together by hand.
struct Parts<'a> {
    inner: &'a [u8],
    content: Option<&'a [u8]>,
    attributes: Option<Vec<u8>>,
    raw_signature: bool,
}

fn build(parts: &Parts<'_>, signed: &[u8], signer: &Party) -> Vec<u8> {
    let sm3 = der(0x30, &[&[6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x11]]);
    let sm2 = der(0x30, &[&[6, 9, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d, 1], &[5, 0]]);
    let content = parts.content.map(|c| der(0xa0, &[&der(4, &[c])])).unwrap_or_default();
    let signature = signer.key.sign(DEFAULT_ID, signed, &mut rng()).unwrap();
    let value = if parts.raw_signature { signature.to_raw().to_vec() } else { signature.to_der() };
    let named =
        der(0x30, &[signer.certificate.issuer().raw(), &der(2, &[signer.certificate.serial()])]);
    let attributes = parts.attributes.as_ref().map(|a| der(0xa0, &[a])).unwrap_or_default();
    let info = der(0x30, &[&[2, 1, 1], &named, &sm3, &attributes, &sm2, &der(4, &[&value])]);
    let body = der(
        0x30,
        &[
            &[2, 1, 1],
            &der(0x31, &[&sm3]),
            &der(0x30, &[&der(6, &[parts.inner]), &content]),
            &der(0xa0, &[signer.certificate.raw()]),
            &der(0x31, &[&info]),
        ],
    );
    der(0x30, &[&[6, 10, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 6, 1, 4, 2, 2], &der(0xa0, &[&body])])
}

const GM_DATA: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 6, 1, 4, 2, 1];
const PKCS7_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];

fn attributes(content: &[u8], kind: &[u8]) -> Vec<u8> {
    let attribute = |id: u8, value: &[u8]| {
        der(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, id], &der(0x31, &[value])])
    };
    [
        attribute(3, &der(6, &[kind])),
        attribute(5, &der(0x17, &[b"240101000000Z"])),
        attribute(4, &der(4, &[sm3::digest(content).as_bytes()])),
    ]
    .concat()
}

#[test]
fn the_variants_of_real_files_are_understood() {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    let xml = b"<Signature/>";
    let hash = sm3::digest(xml);
    let base64 = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD.encode(hash.as_bytes())
    };
    let attributed = |inner| Parts {
        inner,
        content: None,
        attributes: Some(attributes(xml, inner)),
        raw_signature: false,
    };
    let hashed = |content| Parts {
        inner: GM_DATA,
        content: Some(content),
        attributes: None,
        raw_signature: true,
    };
    let under_set = |p: &Parts<'_>| der(0x31, &[p.attributes.as_ref().unwrap()]);
    let (yunnan, bank) = (attributed(PKCS7_DATA), attributed(GM_DATA));
    for (name, message) in [
        ("attributes, PKCS #7 data", build(&yunnan, &under_set(&yunnan), &signer)),
        ("attributes", build(&bank, &under_set(&bank), &signer)),
        (
            "digest as content, raw signature",
            build(&hashed(hash.as_bytes()), hash.as_bytes(), &signer),
        ),
        (
            "base64 of the digest as content",
            build(&hashed(base64.as_bytes()), base64.as_bytes(), &signer),
        ),
    ] {
        assert_eq!(judge(&message, Some(xml), &root).0, [], "{name}");
        let (reasons, _) = judge(&message, Some(b"<Signature />"), &root);
        assert_eq!(reasons, [Reason::DigestMismatch], "{name}");
    }
}

#[test]
fn forged_messages_are_refused() {
    let root = Party::root();
    let signer = root.issue("s", Profile::Signing);
    let set = der(0x31, &[&attributes(b"x", GM_DATA)]);
    // The attributes of one message as the content of another: the signature over them verifies.
    let confused =
        Parts { inner: GM_DATA, content: Some(&set), attributes: None, raw_signature: false };
    assert_eq!(judge(&build(&confused, &set, &signer), None, &root).0, [Reason::DigestMismatch]);
    // Attributes without a digest bind nothing.
    let bare = attributes(b"x", GM_DATA)[..22].to_vec();
    let unbound =
        Parts { inner: GM_DATA, content: Some(b"x"), attributes: Some(bare), raw_signature: false };
    if let Ok(message) = SignedData::parse(&build(&unbound, b"x", &signer)) {
        let mut facts = Facts::new();
        let question = Question {
            usage: Usage::Sign,
            as_of: at("2024-01-01"),
            now: at("2026-11-22"),
            subject: "m",
        };
        message.verify(None, &trusting(&root), &question, &mut facts);
        assert!(facts.has(Reason::DigestMissing));
    }
    // Attributes that were signed elsewhere, swapped in.
    let swapped = Parts {
        inner: GM_DATA,
        content: None,
        attributes: Some(attributes(b"y", GM_DATA)),
        raw_signature: false,
    };
    assert_eq!(judge(&build(&swapped, &set, &signer), Some(b"y"), &root).0, [Reason::SignatureBad]);
    // Attributes that speak of another type than the content's.
    let named = Parts {
        inner: PKCS7_DATA,
        content: None,
        attributes: Some(attributes(b"x", GM_DATA)),
        raw_signature: false,
    };
    assert_eq!(judge(&build(&named, &set, &signer), Some(b"x"), &root).0, [Reason::DigestMismatch]);
    // Nobody signed.
    let empty = der(0x30, &[&der(6, &[GM_DATA]), &der(0xa0, &[&der(4, &[b"c"])])]);
    let body = der(0x30, &[&[2, 1, 1], &[0x31, 0], &empty, &[0x31, 0]]);
    let signed_data = [6, 10, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 6, 1, 4, 2, 2];
    let nobody = der(0x30, &[&signed_data, &der(0xa0, &[&body])]);
    assert_eq!(judge(&nobody, None, &root).0, [Reason::NotSigned]);
    // Nobody signs with a certificate that is not the key's, or with none.
    assert!(
        make(
            Content::Embedded(b"c"),
            std::slice::from_ref(&root.certificate),
            &signer.key,
            Options::default(),
            &mut rng()
        )
        .is_err()
    );
    assert!(
        make(Content::Embedded(b"c"), &[], &signer.key, Options::default(), &mut rng()).is_err()
    );
}

#[test]
fn a_signer_with_a_certificate_for_encryption_is_told() {
    let root = Party::root();
    let holder = root.issue("e", Profile::Encryption);
    let message = make(
        Content::Embedded(b"c"),
        std::slice::from_ref(&holder.certificate),
        &holder.key,
        Options::default(),
        &mut rng(),
    );
    let (reasons, facts) = judge(&message.unwrap(), None, &root);
    assert_eq!(reasons, [Reason::CertUsageWrong]);
    assert!(facts.facts().iter().any(|f| f.check == Check::CertUsage && f.reason().is_some()));
}
