//! What is made and stamped here is VALID here, and refused where a verifier would refuse it.

use yinxin_gm::sm2::PrivateKey;
use yinxin_ofd::{Limits, Mode, Package, SignatureKind, page};
use yinxin_pki::{Certificate, Question, SignedData, TrustStore, Usage};
use yinxin_seal::{
    CertList, Picture, Seal, SealDraft, SealError, SealSignature, Signer, Version, place,
    riding_seam, sign, stamp,
};
use yinxin_verdict::{Check, Facts, Policy, UnixTime, Verdict};

use crate::shared::{check_ofd, grave, now, read, rng, shared};

/// The throw-away identities of the attack set: a root, a seal maker, a signer.
struct Cast {
    trust: TrustStore,
    maker: Certificate,
    maker_key: PrivateKey,
    signer: Certificate,
    signer_key: PrivateKey,
}

impl Cast {
    fn new() -> Option<Self> {
        let dir = shared()?.join("corpus/attacks");
        let mut trust = TrustStore::new();
        trust.add(&read(&dir, "ca_root.cer")).unwrap();
        let certificate = |name| Certificate::parse(&read(&dir, name)).unwrap();
        let key = |name| PrivateKey::from_pkcs8_der(&read(&dir, name)).unwrap();
        Some(Self {
            trust,
            maker: certificate("ca_maker.cer"),
            maker_key: key("key_maker.pkcs8"),
            signer: certificate("ca_signer.cer"),
            signer_key: key("key_signer.pkcs8"),
        })
    }

    fn draft(&self) -> SealDraft {
        SealDraft {
            id: "53010200000001".into(),
            vendor: "yinxin".into(),
            kind: 1,
            name: "云南省昆明市市场监督管理局".into(),
            signers: CertList::Certificates(vec![self.signer.raw().to_vec()]),
            created: now(),
            valid_from: now(),
            valid_until: now().plus_millis(365 * 86_400_000),
            picture: Picture {
                format: "PNG".into(),
                data: vec![1, 2, 3],
                width_mm: 42,
                height_mm: 42,
            },
        }
    }

    fn make(&self, draft: &SealDraft) -> Result<Seal, SealError> {
        draft.sign(&self.maker, &self.maker_key, &mut rng())
    }

    fn signer(&self, mode: Mode) -> Signer<'_> {
        Signer { certificate: &self.signer, key: &self.signer_key, time: now(), mode }
    }
}

fn document(pages: usize) -> Vec<u8> {
    let mut document = page::Document::new(page::Info::new("0123456789abcdef0123456789abcdef"));
    for _ in 0..pages {
        document.page(page::Page::new(page::Size::A4));
    }
    document.to_package().unwrap().finish()
}

#[test]
fn a_seal_made_here_reads_back_and_holds() {
    let Some(cast) = Cast::new() else { return };
    let draft = cast.draft();
    let digests = CertList::digests_of([cast.signer.raw()]);
    for signers in [draft.signers.clone(), digests] {
        let draft = SealDraft { signers, ..draft.clone() };
        let seal = cast.make(&draft).unwrap();
        assert_eq!((seal.version, seal.number), (Version::V4, 4));
        assert_eq!((&seal.name, &seal.id, &seal.signers), (&draft.name, &draft.id, &draft.signers));
        assert_eq!((&seal.picture, seal.created), (&draft.picture, draft.created));
        assert_eq!(Seal::parse(seal.as_bytes()).unwrap(), seal);
    }
}

#[test]
fn what_is_stamped_here_is_valid() {
    let Some(cast) = Cast::new() else { return };
    let seal = cast.make(&cast.draft()).unwrap();
    let places = [place(&seal, 0, 140.0, 220.0)];
    let once = stamp(&document(1), &seal, &places, &cast.signer(Mode::Append), &mut rng()).unwrap();
    let twice = stamp(&once.ofd, &seal, &places, &cast.signer(Mode::Whole), &mut rng()).unwrap();
    assert_ne!(once.id, twice.id);
    for (ofd, count) in [(&once.ofd, 1), (&twice.ofd, 2)] {
        let stamps: Vec<_> = check_ofd(ofd, &cast.trust).into_iter().flatten().collect();
        assert_eq!(stamps.len(), count);
        for facts in stamps {
            assert_eq!(grave(&facts), []);
            assert_eq!(Policy::default().judge(&facts), Verdict::Valid);
            let matched = facts.facts().iter().find(|f| f.check == Check::SealMatch).unwrap();
            assert_eq!(matched.reason(), None);
        }
    }
    let third = stamp(&twice.ofd, &seal, &places, &cast.signer(Mode::Append), &mut rng());
    assert!(
        matches!(third, Err(SealError::Package(_))),
        "a whole signature is the last: {third:?}"
    );
}

#[test]
fn a_signature_without_a_seal_speaks_of_its_file() {
    let Some(cast) = Cast::new() else { return };
    let signed = sign(&document(1), &cast.signer(Mode::Append), &[], &mut rng()).unwrap();
    let package = Package::open(signed.ofd, &Limits::default()).unwrap();
    let signatures = package.signatures();
    let file = signatures.files().next().unwrap();
    assert_eq!((file.kind, &file.id), (SignatureKind::Sign, &signed.id));
    assert_eq!(file.signed_value.as_ref().unwrap().bytes, signed.signed_value);
    let message = SignedData::parse(&signed.signed_value).unwrap();
    assert_eq!(message.signers()[0].signing_time(), Some(now()));
    let question =
        Question { usage: Usage::Sign, as_of: now(), now: now(), subject: "signature 1" };
    for (content, verdict) in [(file.bytes, Verdict::Valid), (b"<xml/>", Verdict::Invalid)] {
        let mut facts = Facts::new();
        message.verify(Some(content), &cast.trust, &question, &mut facts);
        assert_eq!(Policy::default().judge(&facts), verdict);
    }
}

#[test]
fn a_stamp_that_would_be_refused_is_not_made() {
    let Some(cast) = Cast::new() else { return };
    let seal = cast.make(&cast.draft()).unwrap();
    let other = PrivateKey::generate(&mut rng());
    let sign = |signer: &Certificate, key: &PrivateKey, time: UnixTime, path: &str| {
        SealSignature::sign(&seal, b"<xml/>", path, time, signer, key, &mut rng()).map(drop)
    };
    let path = "/Doc_0/Signs/Sign_0/Signature.xml";
    assert_eq!(sign(&cast.signer, &cast.signer_key, now(), path), Ok(()));
    let refused = sign(&cast.signer, &other, now(), path);
    assert_eq!(refused, Err(SealError::SignerKey));
    let refused = sign(&cast.maker, &cast.maker_key, now(), path);
    assert_eq!(refused, Err(SealError::SignerNotInSeal));
    for time in [now().plus_millis(-1000), now().plus_millis(366 * 86_400_000)] {
        let refused = sign(&cast.signer, &cast.signer_key, time, path);
        assert!(matches!(refused, Err(SealError::Draft { field: "signing time", .. })));
    }
    let refused = sign(&cast.signer, &cast.signer_key, now(), "/文档/Signature.xml");
    assert!(matches!(refused, Err(SealError::Draft { field: "propertyInfo", .. })));
    let outside = [place(&seal, 1, 0.0, 0.0)];
    let refused = stamp(&document(1), &seal, &outside, &cast.signer(Mode::Append), &mut rng());
    assert!(matches!(refused, Err(SealError::Package(_))));
}

#[test]
fn a_draft_that_fits_no_seal_is_refused_by_field() {
    let Some(cast) = Cast::new() else { return };
    let good = cast.draft();
    let picture = good.picture.clone();
    let cases: Vec<(&str, SealDraft)> = vec![
        ("esID", SealDraft { id: String::new(), ..good.clone() }),
        ("esID", SealDraft { id: "印章一".into(), ..good.clone() }),
        ("Vid", SealDraft { vendor: "a b".into(), ..good.clone() }),
        ("name", SealDraft { name: " ".into(), ..good.clone() }),
        ("name", SealDraft { name: "局\u{0}".into(), ..good.clone() }),
        ("certList", SealDraft { signers: CertList::Certificates(vec![]), ..good.clone() }),
        ("validEnd", SealDraft { valid_until: good.valid_from, ..good.clone() }),
        ("createDate", SealDraft { created: UnixTime::EPOCH, ..good.clone() }),
        (
            "picture.type",
            SealDraft {
                picture: Picture { format: "P N".into(), ..picture.clone() },
                ..good.clone()
            },
        ),
        (
            "picture.data",
            SealDraft { picture: Picture { data: vec![], ..picture.clone() }, ..good.clone() },
        ),
        (
            "picture.width",
            SealDraft { picture: Picture { width_mm: 0, ..picture.clone() }, ..good.clone() },
        ),
        (
            "picture.width",
            SealDraft { picture: Picture { height_mm: 201, ..picture }, ..good.clone() },
        ),
    ];
    for (expected, draft) in cases {
        match cast.make(&draft) {
            Err(SealError::Draft { field, .. }) => assert_eq!(field, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    let stranger = PrivateKey::generate(&mut rng());
    let refused = good.sign(&cast.maker, &stranger, &mut rng());
    assert_eq!(refused.unwrap_err(), SealError::SignerKey);
}

#[test]
fn a_seal_over_the_seam_shows_a_slice_on_each_page() {
    let Some(cast) = Cast::new() else { return };
    let seal = cast.make(&cast.draft()).unwrap();
    let places = riding_seam(&seal, &[(0, 210.0), (1, 210.0), (2, 210.0)], 120.0);
    let clips: Vec<_> = places.iter().map(|p| p.clip.unwrap().to_string()).collect();
    assert_eq!(clips, ["0 0 14 42", "14 0 14 42", "28 0 14 42"]);
    let edges: Vec<_> = places.iter().map(|p| p.boundary.x + p.clip.unwrap().x + 14.0).collect();
    assert_eq!(edges, [210.0; 3], "each slice ends at the page's edge");
    let signed =
        stamp(&document(3), &seal, &places, &cast.signer(Mode::Whole), &mut rng()).unwrap();
    assert_eq!(grave(check_ofd(&signed.ofd, &cast.trust)[0].as_ref().unwrap()), []);
}
