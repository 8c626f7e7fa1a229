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
