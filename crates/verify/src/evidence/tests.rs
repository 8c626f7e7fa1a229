//! What is done to a package is told.

use yinxin_verdict::{Policy, UnixTime, Verdict};

use super::*;
use crate::{Trust, verify};

fn files(list: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    list.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect()
}

fn sealed() -> Evidence {
    Evidence::seal(files(&[("documents/a.txt", b"a")]), &Graph::default(), Lang::Zh)
}

fn reasons(package: &Evidence) -> Vec<String> {
    let now = UnixTime::parse("2026-11-22").unwrap();
    let report = verify(&package.to_der(), &Trust::default(), &Policy::default(), now);
    assert_eq!(report.input.kind, "evidence");
    assert_ne!(report.verdict, Verdict::Valid);
    report.facts.iter().filter_map(|f| f.reason()).map(|r| r.code().to_owned()).collect()
}

#[test]
fn each_thing_that_was_done_to_a_package_is_told() {
    assert_eq!(reasons(&sealed()), ["EVIDENCE_UNSIGNED", "NOT_ANCHORED", "DOCUMENT_MISMATCH"]);
    type Deed = fn(&mut BTreeMap<String, Vec<u8>>);
    let deeds: [(&str, Deed); 7] = [
        ("DIGEST_MISMATCH", |f| f.get_mut("documents/a.txt").unwrap().push(0)),
        ("DIGEST_MISMATCH", |f| f.get_mut("report.html").unwrap().push(b' ')),
        ("DIGEST_MISSING", |f| drop(f.remove("graph/graph.svg"))),
        ("FILE_UNLISTED", |f| drop(f.insert("notes.txt".into(), Vec::new()))),
        ("MALFORMED", |f| drop(f.remove(MANIFEST))),
        ("MALFORMED", |f| drop(f.insert(MANIFEST.into(), b"{}".to_vec()))),
        ("MALFORMED", |f| drop(f.insert("receipts/x.receipt".into(), b"x".to_vec()))),
    ];
    for (reason, deed) in deeds {
        let mut package = sealed();
        deed(&mut package.files);
        assert!(reasons(&package).iter().any(|r| r == reason), "{reason}");
    }
}

#[test]
fn that_nothing_was_left_out_is_said_only_by_a_maker_that_signed() {
    let detail = |package: &Evidence| {
        let now = UnixTime::parse("2026-11-22").unwrap();
        let report = verify(&package.to_der(), &Trust::default(), &Policy::default(), now);
        let said = report.details.iter().find(|d| d.name.starts_with("complete"));
        said.map(|d| (d.name.clone(), d.value.clone()))
    };
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let key = PrivateKey::generate(&mut rng);
    let now = UnixTime::parse("2026-11-20").unwrap();
    let name = yinxin_pki::Subject::new("maker").country("CN").to_name().unwrap();
    let period = yinxin_pki::ca::Period::days(now, 30);
    let certificate = yinxin_pki::ca::self_signed(name, &key, period, None, &mut rng).unwrap();
    assert_eq!(detail(&sealed()), None);
    let mut signed = sealed().signed(&key, &certificate, now, &mut rng).unwrap();
    let said = Some(("complete-as-its-maker-says".into(), "true".into()));
    assert_eq!(detail(&signed), said);
    signed.files.get_mut(MANIFEST).unwrap().push(b' ');
    assert_eq!(detail(&signed), None, "another list than was signed");
}

#[test]
fn a_list_that_was_made_to_fit_does_not_help_a_report_that_no_record_says() {
    let mut package = sealed();
    let lie = b"<p>nothing happened</p>".to_vec();
    let json = String::from_utf8(package.files[MANIFEST].clone()).unwrap();
    let mut manifest: Manifest = serde_json::from_str(&json).unwrap();
    for listed in manifest.files.iter_mut().filter(|l| l.name == "report.html") {
        (listed.size, listed.sm3) = (lie.len() as u64, sm3::digest(&lie).to_string());
    }
    package.files.insert("report.html".into(), lie);
    package.files.insert(MANIFEST.into(), serde_json::to_vec(&manifest).unwrap());
    let told = reasons(&package);
    let expected = ["EVIDENCE_UNSIGNED", "NOT_ANCHORED", "DOCUMENT_MISMATCH", "DIGEST_MISMATCH"];
    assert_eq!(told, expected);
}

/// A file with its line in the list, but at no place of a package: nobody reads beside what is proven what is not.
#[test]
fn a_file_that_a_package_has_no_place_for_is_told_though_the_list_has_it() {
    for name in ["report.zh.html", "index.html", "graph/graph.html", "documents/../report.html"] {
        let put = files(&[("documents/a.txt", b"a"), (name, b"<p>nothing happened</p>")]);
        let package = Evidence::seal(put, &Graph::default(), Lang::Zh);
        let told = reasons(&package);
        assert!(told.iter().any(|r| r == "FILE_UNLISTED"), "{name}: {told:?}");
        assert!(!told.iter().any(|r| r == "DIGEST_MISMATCH" || r == "DIGEST_MISSING"), "{name}");
    }
}

#[test]
fn one_package_has_one_encoding_and_any_bytes_are_answered() {
    let der = Evidence::of_files(files(&[("a", b"1"), ("b", b"2")])).to_der();
    assert_eq!(Evidence::from_der(&der).map(|e| e.files.len()), Ok(2));
    let (a, b) = (
        der.iter().rposition(|c| *c == b'a').unwrap(),
        der.iter().rposition(|c| *c == b'b').unwrap(),
    );
    for name in [b"ba", b"aa"] {
        let mut other = der.clone();
        (other[a], other[b]) = (name[0], name[1]);
        assert!(Evidence::from_der(&other).is_err(), "names rise");
    }
    assert!(Evidence::from_der(&Evidence::default().to_der()).is_err(), "one file at least");
    let now = UnixTime::parse("2026-11-22").unwrap();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 0x15;
        let report = verify(&changed, &Trust::default(), &Policy::default(), now);
        assert_eq!(report.verdict, Verdict::Invalid);
        let _ = verify(&der[..at], &Trust::default(), &Policy::default(), now);
    }
}

/// A key with two certificates, one after the other: the first act is judged by the one, the last by the other, whatever their files are
/// called.
#[test]
fn a_certificate_that_was_renewed_under_its_key_holds_for_acts_of_both() {
    use yinxin_pki::{
        Subject,
        ca::{Ca, Period, Profile, Template, self_signed},
    };
    use yinxin_record::{
        Act, BusinessKey, DataAct, OrganisationCode, ResourceCode, Tbs, WithdrawResource, key_id,
    };
    const CODE: &str = "11990100MB0A00018B";
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let day = |text: &str| UnixTime::parse(text).unwrap();
    let period = |from, until| Period { not_before: day(from), not_after: day(until) };
    let (root_key, key) = (PrivateKey::generate(&mut rng), PrivateKey::generate(&mut rng));
    let mut root = |name: &str| {
        let name = Subject::new(name).country("CN").to_name().unwrap();
        self_signed(name, &root_key, period("2020-01-01", "2040-01-01"), None, &mut rng).unwrap()
    };
    let (root, stranger) = (root("known"), root("unknown"));
    let certificate = |issuer: &Certificate, from, until| {
        let subject = Subject::new("office").country("CN").organisation_code(CODE);
        let (name, profile) = (subject.to_name().unwrap(), Profile::Signing);
        let template = Template::new(name, *key.public_key(), profile, period(from, until));
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        Ca::new(issuer, &root_key).unwrap().issue(&template, &mut rng).unwrap()
    };
    let old = certificate(&root, "2026-01-01", "2026-06-30");
    let new = certificate(&root, "2026-06-01", "2027-06-30");
    let other = certificate(&stranger, "2026-01-01", "2027-06-30");
    let act = |n: u64, time: &str| {
        let organisation = OrganisationCode::new(CODE).unwrap();
        let resource = ResourceCode::of(&organisation, "306001/000001").unwrap();
        let act = DataAct::Withdraw(WithdrawResource { resource, reason: 1, grants_until: None });
        let tbs = Tbs {
            chain_id: Digest::ZERO,
            organisation,
            signer: key_id(key.public_key()),
            business_key: BusinessKey::new(format!("case/{n}")).unwrap(),
            last_valid_height: 100,
            act: Act::Data(act),
        };
        let record = tbs.sign(&key, &mut rand_core::UnwrapErr(getrandom::SysRng)).unwrap();
        Found { record, index: n, height: n, time: day(time) }
    };
    let found = [act(1, "2026-02-01"), act(2, "2026-11-01")];
    let graph = Graph::of(&found, &Filter::default());
    let trust = Trust::from_files([("root.cer".to_owned(), root.raw().to_vec())]).unwrap();
    let policy = Policy::default();
    let invalid = |certificates: &[&Certificate]| {
        let named = |c: &&Certificate| {
            (format!("certificates/{}.cer", sm3::digest(c.raw())), c.raw().to_vec())
        };
        let package = Evidence { files: certificates.iter().map(named).collect() };
        let context = Context { trust: &trust, policy: &policy, at: day("2026-11-22") };
        let mut facts = Facts::new();
        signers::check(&package, &found, &graph, &context, &mut facts);
        let reasons = facts.facts().iter().filter_map(Fact::reason);
        reasons.filter(|r| policy.gravity(*r) == Verdict::Invalid).count()
    };
    assert_eq!(invalid(&[&old, &new]), 0);
    assert_eq!((invalid(&[&old]), invalid(&[&new])), (1, 1), "one alone does not hold for both");
    assert_eq!(invalid(&[&old, &other]), 1, "nobody's certificate helps");
}
