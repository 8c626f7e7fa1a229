//! Stamps on real documents: everything holds but the anchor, which is not public.

use yinxin_pki::TrustStore;
use yinxin_verdict::{Check, Reason};

use crate::shared::{check_ofd, grave, read, shared};

#[test]
fn real_stamps_hold_up_to_their_unknown_anchor() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/real");
    use Reason::{CertExpired, CertPurposeOther, SealExpired, SealMakerExpired, UnknownAnchor};
    // ofdrw's test certificates end in 2024 while its newest samples are from 2026; Yunnan's maker had expired, its seal not.
    let late: &[Reason] = &[CertExpired, SealExpired, UnknownAnchor];
    let cases: [(&str, usize, &[Reason]); 10] = [
        ("13_draw_param_ref.ofd", 1, &[UnknownAnchor]),
        ("15_v4signed.ofd", 1, &[UnknownAnchor]),
        ("16_999.ofd", 1, &[UnknownAnchor]),
        ("19_zsbk.ofd", 2, &[UnknownAnchor]),
        ("24_gen_13_riding_seal.ofd", 1, late),
        ("25_h.ofd", 2, &[UnknownAnchor]),
        ("27_gen_14_digital_sign.ofd", 1, late),
        ("28_SESV4SignDoc.ofd", 1, late),
        ("33_output.ofd", 3, &[UnknownAnchor]),
        // Its seal was made with a certificate for time-stamps.
        ("34_test.ofd", 1, &[CertPurposeOther, UnknownAnchor]),
    ];
    for (name, count, reasons) in cases {
        let stamps: Vec<_> =
            check_ofd(&read(&dir, name), &TrustStore::new()).into_iter().flatten().collect();
        assert_eq!(stamps.len(), count, "{name}");
        for facts in &stamps {
            assert_eq!(grave(facts), reasons, "{name}");
            for check in [
                Check::SignatureValue,
                Check::SignatureDigest,
                Check::SignatureScope,
                Check::SealSigner,
                Check::SealSignature,
            ] {
                let asked = facts.facts().iter().find(|f| f.check == check).unwrap();
                assert_eq!(asked.reason(), None, "{name}: {asked:?}");
            }
            assert_eq!(
                facts.has(SealMakerExpired),
                reasons == late || name == "19_zsbk.ofd",
                "{name}"
            );
        }
    }
}
