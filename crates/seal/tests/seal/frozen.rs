//! The bytes that are written do not change unnoticed.

use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::ca::{Period, self_signed};
use yinxin_pki::{Certificate, Subject};
use yinxin_seal::{CertList, MakerScope, Picture, SealDraft, SealSignature};

use crate::shared::{now, rng};

fn draft(signers: CertList) -> SealDraft {
    SealDraft {
        id: "53010200000001".into(),
        vendor: "yinxin".into(),
        kind: 1,
        name: "测试市市场监督管理局".into(),
        signers,
        created: now(),
        valid_from: now(),
        valid_until: now().plus_millis(365 * 86_400_000),
        picture: Picture { format: "PNG".into(), data: vec![1; 200], width_mm: 42, height_mm: 42 },
    }
}

fn own_certificate(key: &PrivateKey) -> Certificate {
    let name = Subject::new("测试制章中心").country("CN").to_name().unwrap();
    self_signed(name, key, Period::days(now(), 365), None, &mut rng()).unwrap()
}

#[test]
fn frozen_encodings_are_written_again() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/seal/written.txt");
    let key = PrivateKey::generate(&mut rng());
    let maker = own_certificate(&key);
    let info = |signers| {
        let seal = draft(signers).sign(&maker, &key, &mut rng()).unwrap();
        hex::encode(seal.maker_signed(MakerScope::Info))
    };
    let entry: &[u8] = b"a certificate";
    let by_bytes = info(CertList::Certificates(vec![entry.to_vec()]));
    let by_digest = info(CertList::digests_of([entry]));

    let seal = draft(CertList::Certificates(vec![maker.raw().to_vec()]));
    let seal = seal.sign(&maker, &key, &mut rng()).unwrap();
    let path_info = "/Doc_0/Signs/Sign_0/Signature.xml";
    let signature =
        SealSignature::sign(&seal, b"<xml/>", path_info, now(), &maker, &key, &mut rng()).unwrap();
    let whole = hex::encode(signature.signed_bytes());
    let (_, tail) = whole.split_once(&hex::encode(seal.as_bytes())).unwrap();

    let written = format!(
        "seal-info-certificates: {by_bytes}\nseal-info-digests: {by_digest}\ntbs-after-seal: {tail}\n"
    );
    if std::env::var_os("YINXIN_FREEZE").is_some() {
        std::fs::write(path, &written).unwrap();
    }
    assert_eq!(written, std::fs::read_to_string(path).unwrap());
}
