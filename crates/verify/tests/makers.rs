//! Who may make seals: those that policy names, else those to whom a trusted ledger gives the power, else any, which is told.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use rand_core::UnwrapErr;
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_pki::{
    Certificate, Subject,
    ca::{Ca, Period, Profile, Template, self_signed},
};
use yinxin_receipt::{Genesis, GenesisOrganisation, GenesisValidator, Wire};
use yinxin_seal::{CertList, Picture, SealDraft};
use yinxin_verify::{Check, Policy, Reason, Report, Trust, UnixTime, Verdict, verify};

const MAKER: &str = "11990100MB0A000266";
const OTHER: &str = "11990100MB0A00018B";

fn now() -> UnixTime {
    UnixTime::parse("2026-11-22T10:00:00Z").unwrap()
}

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// A root, and a seal that a maker of this code, if any, made under it.
fn seal(code: Option<&str>) -> (Certificate, Vec<u8>) {
    let day = |text| UnixTime::parse(text).unwrap();
    let period = Period { not_before: day("2026-01-01"), not_after: day("2036-01-01") };
    let root_key = PrivateKey::generate(&mut rng());
    let name = Subject::new("示范市CA").country("CN").to_name().unwrap();
    let root = self_signed(name, &root_key, period, None, &mut rng()).unwrap();
    let key = PrivateKey::generate(&mut rng());
    let mut subject = Subject::new("制章中心").country("CN");
    if let Some(code) = code {
        subject = subject.organisation_code(code);
    }
    let template =
        Template::new(subject.to_name().unwrap(), *key.public_key(), Profile::Maker, period);
    let maker = Ca::new(&root, &root_key).unwrap().issue(&template, &mut rng()).unwrap();
    let draft = SealDraft {
        id: "53010200000001".to_owned(),
        vendor: "test".to_owned(),
        kind: 1,
        name: "示范市市场监督管理局".to_owned(),
        signers: CertList::Certificates(vec![maker.raw().to_vec()]),
        created: day("2026-02-01"),
        valid_from: day("2026-02-01"),
        valid_until: day("2030-01-01"),
        picture: Picture {
            format: "PNG".to_owned(),
            data: b"\x89PNG\r\n\x1a\n".to_vec(),
            width_mm: 42,
            height_mm: 42,
        },
    };
    let made = draft.sign(&maker, &key, &mut rng()).unwrap();
    (root, made.as_bytes().to_vec())
}

/// A ledger that gives an organisation these powers.
fn genesis(code: &str, powers: u32) -> Vec<u8> {
    let key = PrivateKey::generate(&mut rng());
    let mut genesis = Genesis::new("test".to_owned(), now(), vec![0x30, 0]);
    genesis.organisations.push(GenesisOrganisation {
        code: code.to_owned(),
        name: "department".to_owned(),
        certificate: Vec::new(),
        key: *key.public_key(),
        powers,
    });
    genesis.validators.push(GenesisValidator {
        organisation: code.to_owned(),
        key: *PrivateKey::generate(&mut rng()).public_key(),
        power: 1,
        peer_id: "peer".to_owned(),
        address: "/ip4/127.0.0.1/tcp/1".to_owned(),
    });
    let signature = key.sign(DEFAULT_ID, &genesis.body(), &mut rng()).unwrap();
    genesis.add_signature(code, signature.to_raw()).unwrap();
    genesis.to_der()
}

fn judge(code: Option<&str>, ledger: Option<Vec<u8>>, makers: &[&str]) -> Report {
    let (root, seal) = seal(code);
    let files = [("root".to_owned(), root.raw().to_vec())];
    let ledger = ledger.map(|der| ("genesis".to_owned(), der));
    let trust = Trust::from_files(files.into_iter().chain(ledger)).unwrap();
    let mut policy = Policy::default();
    policy.seal_makers = makers.iter().map(|m| (*m).to_owned()).collect();
    verify(&seal, &trust, &policy, now())
}

#[test]
fn a_maker_is_judged_by_policy_then_by_the_ledger_then_not_at_all() {
    use Verdict::{Indeterminate, Invalid, Valid};
    let (seals, anchor) = (4, 1);
    let named = |code| Some(genesis(code, seals));
    let silent = || Some(genesis(OTHER, anchor));
    for (what, code, ledger, makers, verdict, reason) in [
        ("nobody says", Some(MAKER), None, &[][..], Valid, Some(Reason::SealMakerUnrestricted)),
        (
            "a ledger without makers",
            None,
            silent(),
            &[],
            Valid,
            Some(Reason::SealMakerUnrestricted),
        ),
        ("the ledger's maker", Some(MAKER), named(MAKER), &[], Valid, None),
        ("another", Some(OTHER), named(MAKER), &[], Indeterminate, Some(Reason::SealMakerUnnamed)),
        ("without a code", None, named(MAKER), &[], Indeterminate, Some(Reason::SealMakerUnnamed)),
        ("policy's maker", Some(OTHER), named(MAKER), &[OTHER], Valid, None),
        (
            "not policy's",
            Some(MAKER),
            named(MAKER),
            &[OTHER],
            Invalid,
            Some(Reason::SealMakerUnlisted),
        ),
    ] {
        let report = judge(code, ledger, makers);
        let text = report.to_text(yinxin_verdict::Lang::En);
        assert_eq!(report.verdict, verdict, "{what}\n{text}");
        assert_eq!(report.holds(Check::SealMaker), reason.is_none(), "{what}\n{text}");
        if let Some(reason) = reason {
            assert!(report.has(reason), "{what}\n{text}");
        }
    }
}
