//! Certificates with one thing wrong: refused when they are read, or told.

use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{Certificate, Deviation, Usage};
use yinxin_verdict::Reason;

use super::{
    Party, ask,
    forge::{ECDSA, Forge, der, extension, key_usage},
    grave, rng, trusting,
};

type Change = fn(&mut Forge);

#[test]
fn what_decisions_rest_on_must_be_well_formed() {
    let root = Party::root();
    let key = PrivateKey::generate(&mut rng());
    let changes: [(&str, Change); 17] = [
        ("inner algorithm differs", |f| f.inner = ECDSA.to_vec()),
        ("outer algorithm differs", |f| f.outer = ECDSA.to_vec()),
        ("parameters differ", |f| f.outer = der(0x30, &[&f.inner[2..], &[4, 1, 0]])),
        ("bytes after the extensions", |f| f.after_tbs = vec![5, 0]),
        ("extension twice", |f| f.extensions = Some(vec![key_usage(0x80), key_usage(0xc0)])),
        ("extensions in version 1", |f| f.version = Vec::new()),
        ("extensions in version 2", |f| f.version = vec![0xa0, 3, 2, 1, 1]),
        ("key usage malformed", |f| {
            f.extensions = Some(vec![extension(15, false, &[3, 2, 9, 0x80])])
        }),
        ("basic constraints malformed", |f| {
            f.extensions = Some(vec![extension(19, false, &[0x30, 1, 1])])
        }),
        ("basic constraints with more behind", |f| {
            f.extensions = Some(vec![extension(19, true, &[0x30, 0, 5, 0])])
        }),
        ("empty extended usage", |f| f.extensions = Some(vec![extension(37, false, &[0x30, 0])])),
        ("critical and malformed", |f| f.extensions = Some(vec![extension(14, true, &[5, 0])])),
        ("name constraints malformed", |f| {
            f.extensions = Some(vec![extension(30, false, &[0x30, 0])])
        }),
        ("empty serial", |f| f.serial = vec![2, 0]),
        ("impossible date", |f| f.not_after = der(0x17, &[b"290230000000Z"])),
        ("point not on the curve", |f| *f.spki.last_mut().unwrap() ^= 1),
        ("curve written out", |f| {
            f.spki = der(
                0x30,
                &[
                    &der(0x30, &[&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], &[0x30, 0]]),
                    &f.spki[23..],
                ],
            )
        }),
    ];
    assert!(Certificate::parse(&Forge::under(&root, &key).sign(&root.key)).is_ok());
    for (why, change) in changes {
        let mut forge = Forge::under(&root, &key);
        change(&mut forge);
        assert!(Certificate::parse(&forge.sign(&root.key)).is_err(), "{why}");
    }
    let good = Forge::under(&root, &key).sign(&root.key);
    assert!(Certificate::parse(&[&good[..], &[0]].concat()).is_err(), "trailing bytes");
    assert!(Certificate::parse(&good[..good.len() - 1]).is_err(), "cut");
    assert!(Certificate::parse(&vec![0x30; 70_000]).is_err(), "too large");
}

#[test]
fn harmless_departures_are_told_and_nothing_of_ours_has_them() {
    let root = Party::root();
    let key = PrivateKey::generate(&mut rng());
    let changes: [(Change, Deviation); 10] = [
        (|f| f.serial = vec![2, 1, 0x80], Deviation::Serial { octets: 1 }),
        (|f| f.serial = vec![2, 1, 0], Deviation::Serial { octets: 1 }),
        (|f| f.serial = der(2, &[&[0x11; 21]]), Deviation::Serial { octets: 21 }),
        (|f| f.serial = vec![2, 2, 0, 5], Deviation::IntegerPadded),
        (|f| f.not_after = der(0x18, &[b"20290101000000Z"]), Deviation::TimeForm),
        (|f| f.not_before = der(0x17, &[b"2201010000Z"]), Deviation::TimeForm),
        (|f| f.not_before = der(0x17, &[b"220101080000+0800"]), Deviation::TimeForm),
        (
            |f| f.extensions = Some(vec![extension(15, true, &[3, 2, 0, 0xc0])]),
            Deviation::KeyUsageForm,
        ),
        (
            |f| f.extensions = Some(vec![key_usage(0xc0), extension(14, false, &[5, 0])]),
            Deviation::ExtensionMalformed { oid: yinxin_pki::oid::SUBJECT_KEY_IDENTIFIER },
        ),
        (
            |f| f.extensions = Some(vec![extension(19, true, &[0x30, 3, 1, 1, 0])]),
            Deviation::DefaultEncoded,
        ),
    ];
    for (change, deviation) in changes {
        let mut forge = Forge::under(&root, &key);
        change(&mut forge);
        let bytes = forge.sign(&root.key);
        let certificate = Certificate::parse(&bytes).unwrap();
        assert!(
            certificate.deviations().contains(&deviation),
            "{deviation}: {:?}",
            certificate.deviations()
        );
        assert!(Certificate::parse_strict(&bytes).is_err(), "{deviation}");
        let (found, _) = ask(&certificate, &[], &trusting(&root), Usage::Any);
        assert!(found.reasons.contains(&Reason::Deviation));
        assert_eq!(grave(&found), [], "{deviation}");
    }
}

#[test]
fn signatures_in_the_forms_of_real_files_verify_and_others_do_not() {
    let root = Party::root();
    let key = PrivateKey::generate(&mut rng());
    let trust = trusting(&root);
    let tbs_and_value = |bytes: &[u8]| {
        let c = Certificate::parse(bytes).unwrap();
        (c.tbs().to_vec(), c.signature().value.clone())
    };
    let (tbs, value) = tbs_and_value(&Forge::under(&root, &key).sign(&root.key));
    let raw = yinxin_gm::sm2::Signature::from_der(&value).unwrap().to_raw();
    let padded = der(0x30, &[&der(2, &[&[0, 0], &raw[..32]]), &der(2, &[&[0, 0], &raw[32..]])]);
    let swapped = [&raw[32..], &raw[..32]].concat();
    let trailing =
        der(0x30, &[&der(2, &[&[0], &raw[..32]]), &der(2, &[&[0], &raw[32..]]), &[5, 0]]);
    for (value, good, forms) in [
        (value.clone(), true, &[][..]),
        (raw.to_vec(), true, &[Deviation::SignatureRaw]),
        (padded, true, &[Deviation::IntegerPadded]),
        (swapped, false, &[]),
        (trailing, false, &[]),
        (Vec::new(), false, &[]),
        (vec![0; 64], false, &[]),
        ([&raw[..], &[0]].concat(), false, &[]),
        ([&value[..], &[0]].concat(), false, &[]),
    ] {
        let bytes = der(0x30, &[&tbs, &super::forge::SM2_SM3, &der(3, &[&[0], &value])]);
        let certificate = Certificate::parse(&bytes).unwrap();
        let checked =
            certificate.signature().verify(root.certificate.public_key(), certificate.tbs());
        assert_eq!(checked.is_ok(), good, "{value:02x?}");
        if let Ok(deviations) = checked {
            assert_eq!(deviations, forms);
        }
        let (found, _) = ask(&certificate, &[], &trust, Usage::Sign);
        assert_eq!(grave(&found).is_empty(), good);
        if !good {
            assert_eq!(grave(&found), [Reason::CertSignatureBad]);
        }
    }
}
