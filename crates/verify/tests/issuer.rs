//! A licence is its issuer's: whoever else has a trusted certificate signs in vain.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use rand_core::UnwrapErr;
use yinxin_gm::sm2::PrivateKey;
use yinxin_ofd::{
    Content, Draft, Limits, Package, Provider, SignatureKind, append_signature, page,
};
use yinxin_pki::{
    Certificate, CrlReason, Subject,
    ca::{Ca, CrlTemplate, Period, Profile, Revoked, Template, self_signed},
    signed_data::{self, Options},
};
use yinxin_verify::{Policy, Reason, Report, Trust, UnixTime, Verdict, verify};

const ISSUER: &str = "11990100MB0A00018B";
const OTHER: &str = "11990100MB0A000266";
const NAME: &str = "示范市市场监督管理局";

const ITEMS: [(&str, &str); 18] = [
    ("ZZBS", "1.2.156.3005.2.11990100MB0A00018B001.11990100MB0A00018B.3301002026000002.001.8"),
    ("ZZMC", "营业执照"),
    ("ZZLXMC", "营业执照"),
    ("ZZLXDM", "11990100MB0A00018B001"),
    ("ZZBH", "91330105MAH8H2T24N"),
    ("ZZBBH", "001"),
    ("ZZBFRQ", "2024-11-07"),
    ("ZZBFJG", NAME),
    ("ZZBFJGDM", ISSUER),
    ("ZZDYJG", "国家市场监督管理总局"),
    ("ZZDYJGDM", ISSUER),
    ("ZZYXQQSRQ", "2024-02-08"),
    ("ZZYXQJZRQ", "长期"),
    ("GXSDBM", "990100"),
    ("CZZT", "杭州泽霖汇教育科技有限公司"),
    ("CZZTDM", "91330105MAH8H2T24N"),
    ("CZZTDMLX", "统一社会信用代码"),
    ("CZZTDMLXDM", "001"),
];

fn now() -> UnixTime {
    UnixTime::parse("2026-11-22T10:00:00Z").unwrap()
}

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// A root, and whoever it certifies.
struct Office {
    root: Certificate,
    key: PrivateKey,
    period: Period,
}

impl Office {
    fn new() -> Self {
        let day = |text| UnixTime::parse(text).unwrap();
        let period = Period { not_before: day("2026-01-01"), not_after: day("2036-01-01") };
        let key = PrivateKey::generate(&mut rng());
        let name = Subject::new("示范市CA").country("CN").to_name().unwrap();
        let root = self_signed(name, &key, period, None, &mut rng()).unwrap();
        Self { root, key, period }
    }

    fn party(&self, name: &str, code: Option<&str>) -> (Certificate, PrivateKey) {
        let key = PrivateKey::generate(&mut rng());
        let mut subject = Subject::new(name).country("CN").organisation(name);
        if let Some(code) = code {
            subject = subject.organisation_code(code);
        }
        let template = Template::new(
            subject.to_name().unwrap(),
            *key.public_key(),
            Profile::Signing,
            self.period,
        );
        let ca = Ca::new(&self.root, &self.key).unwrap();
        (ca.issue(&template, &mut rng()).unwrap(), key)
    }

    fn trust(&self) -> Trust {
        Trust::from_files([("root".to_owned(), self.root.raw().to_vec())]).unwrap()
    }

    fn judge(&self, ofd: &[u8]) -> Report {
        verify(ofd, &self.trust(), &Policy::default(), now())
    }
}

/// A licence as the market authority makes them, unsigned.
fn licence() -> Vec<u8> {
    let mut info = page::Info::new("0123456789abcdef0123456789abcdef");
    info.custom_data = ITEMS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut document = page::Document::new(info);
    let face = Content::new(b"stands for the bytes of a font".to_vec()).unwrap();
    let font = document.font(page::Font::embedded("宋体", face, "ttf"));
    let mut sheet = page::Page::new(page::Size::A4);
    sheet.text(page::Text::new(font, 5.0, 20.0, 30.0, "杭州泽霖汇教育科技有限公司"));
    sheet.text(page::Text::new(font, 5.0, 20.0, 40.0, "91330105MAH8H2T24N"));
    document.page(sheet);
    document.to_package().unwrap().finish()
}

fn signed(ofd: &[u8], (certificate, key): &(Certificate, PrivateKey)) -> Vec<u8> {
    let package = Package::open(ofd, &Limits::default()).unwrap();
    let draft = Draft::new(SignatureKind::Sign, Provider::new("test", "test", "1"), now());
    let prepared = append_signature(&package, &draft).unwrap();
    let value = signed_data::make(
        signed_data::Content::Detached(prepared.signature_xml()),
        std::slice::from_ref(certificate),
        key,
        Options { signing_time: Some(now()) },
        &mut rng(),
    );
    prepared.finish(value.unwrap()).unwrap()
}

#[test]
fn only_its_issuer_makes_a_licence_valid() {
    use Verdict::{Indeterminate, Invalid, Valid};
    let office = Office::new();
    type Case<'a> = (&'a str, Option<&'a str>, Verdict, &'a [&'a str]);
    let cases: [Case<'_>; 5] = [
        (NAME, Some(ISSUER), Valid, &[]),
        ("by code alone", Some(ISSUER), Valid, &[]),
        (NAME, None, Valid, &[]),
        (NAME, Some(OTHER), Invalid, &["LICENCE_ISSUER_OTHER"]),
        ("示范市公安局", None, Indeterminate, &["LICENCE_ISSUER_UNPROVEN"]),
    ];
    for (name, code, verdict, reasons) in cases {
        let report = office.judge(&signed(&licence(), &office.party(name, code)));
        let text = report.to_text(yinxin_verdict::Lang::En);
        assert_eq!(
            (report.verdict, report.reasons.as_slice()),
            (verdict, reasons),
            "{name} {code:?}\n{text}"
        );
    }
}

#[test]
fn a_second_signature_by_another_department_harms_nothing() {
    let office = Office::new();
    let first = signed(&licence(), &office.party(NAME, Some(ISSUER)));
    let both = signed(&first, &office.party("示范市公安局", Some(OTHER)));
    let report = office.judge(&both);
    assert_eq!(report.verdict, Verdict::Valid, "{}", report.to_text(yinxin_verdict::Lang::En));
}

#[test]
fn a_signing_time_before_the_revocation_proves_nothing_by_itself() {
    let office = Office::new();
    let party = office.party(NAME, Some(ISSUER));
    let ofd = signed(&licence(), &party);
    let next = UnixTime::parse("2027-06-01").unwrap();
    for (revoked, verdict, reasons) in [
        ("2026-11-23", Verdict::Indeterminate, ["REVOKED_UNPROVEN"]),
        ("2026-11-21", Verdict::Invalid, ["CERT_REVOKED"]),
    ] {
        let since = UnixTime::parse(revoked).unwrap();
        let mut list = CrlTemplate::after(None, since, next);
        list.revoked = vec![Revoked::new(&party.0, since, CrlReason::KeyCompromise)];
        let crl = Ca::new(&office.root, &office.key).unwrap().crl(&list, &mut rng()).unwrap();
        let files = [office.root.raw(), crl.raw()].map(|f| (String::new(), f.to_vec()));
        let trust = Trust::from_files(files).unwrap();
        let later = UnixTime::parse("2026-12-01").unwrap();
        let report = verify(&ofd, &trust, &Policy::default(), later);
        let text = report.to_text(yinxin_verdict::Lang::En);
        assert_eq!(
            (report.verdict, report.reasons.as_slice()),
            (verdict, &reasons[..]),
            "{revoked}\n{text}"
        );
    }
}

#[test]
fn a_licence_without_its_receipt_is_told_to_lack_proof_of_its_status() {
    let office = Office::new();
    let ofd = signed(&licence(), &office.party(NAME, Some(ISSUER)));
    let genesis = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/documents/trust/genesis.der");
    let files = [office.root.raw().to_vec(), std::fs::read(genesis).unwrap()];
    let trust = Trust::from_files(files.map(|f| (String::new(), f))).unwrap();
    let report = verify(&ofd, &trust, &Policy::default(), now());
    assert!(report.has(Reason::NoStatusProof), "{}", report.to_text(yinxin_verdict::Lang::En));
    assert!(!office.judge(&ofd).has(Reason::NoStatusProof), "no ledger is trusted here");
}
