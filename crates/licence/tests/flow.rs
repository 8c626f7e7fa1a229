//! From rows to anchored documents, killed at every step; the seal and the ledger are stand-ins.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use yinxin_gm::Digest;
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_licence::batch::{Batch, Journal, Stage};
use yinxin_licence::document::{inspect, read};
use yinxin_licence::layout::Place;
use yinxin_licence::{
    CatalogueType, Columns, Error, Face, Fonts, Issued, Issuer, Printed, Rows, Sealed, qr,
};
use yinxin_ofd::{
    Draft, Limits, Package, Provider, RECEIPT_PATH, Rect, SignatureKind, StampPlace,
    append_signature,
};
use yinxin_verdict::{Facts, UnixTime};

use absent::absent;

const COMPANIES: &str = include_str!("../../../cli/sample/companies.csv");
const COLUMNS: &str = include_str!("../../../cli/sample/columns.toml");
const TYPE: &str = include_str!("../../../cli/sample/business-licence.toml");
const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";

struct Rig {
    kind: Arc<CatalogueType>,
    issuer: Issuer,
    fonts: Fonts,
    key: PrivateKey,
    now: UnixTime,
}

impl Rig {
    /// None without the font.
    fn new() -> Option<Self> {
        let Ok(font) = std::fs::read(FONT) else {
            absent(format!("{FONT} is not installed (Debian package fonts-noto-cjk)"));
            return None;
        };
        Some(Self {
            kind: Arc::new(CatalogueType::from_toml(TYPE).unwrap()),
            issuer: Issuer::new("11330105002500287C", "杭州市市场监督管理局", "330100").unwrap(),
            fonts: Fonts::new(Face::from_bytes(font, "Noto Serif CJK SC").unwrap(), None),
            key: PrivateKey::from_bytes(&[7; 32]).unwrap(),
            now: UnixTime::parse("2026-11-22T10:00:00.250+08:00").unwrap(),
        })
    }

    fn rows(&self, csv: &str) -> Rows<Cursor<Vec<u8>>> {
        let columns = Columns::from_toml(COLUMNS).unwrap();
        Rows::open(Cursor::new(csv.as_bytes().to_vec()), columns, Arc::clone(&self.kind)).unwrap()
    }

    fn code(&self, issued: &Issued) -> Printed {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let sign = |m: &[u8]| -> Result<[u8; 64], Error> {
            Ok(self.key.sign(DEFAULT_ID, m, &mut rng).unwrap().to_raw())
        };
        let address = "https://licence.example.gov.cn/l";
        Printed::sign(address, issued.identifier(), issued.metadata_digest(), sign).unwrap()
    }

    fn seal(&self, issued: Issued) -> Sealed {
        let ofd = issued.to_ofd(&self.code(&issued), &self.fonts).unwrap();
        issued.seal(&ofd, |ofd, place| stand_in_seal(ofd, place, self.now)).unwrap()
    }

    /// One run over the rows, killed after `steps` steps; what is done when it ends by itself.
    fn run(&self, csv: &str, folder: &Path, mut steps: usize) -> Option<BTreeMap<String, String>> {
        let batch = Batch::new(self.kind.digest(), &self.issuer.code, "flow");
        let mut journal = Journal::open(open(&folder.join("journal")), batch).unwrap();
        let mut step = || {
            steps = steps.checked_sub(1)?;
            Some(())
        };
        for draft in self.rows(csv).map(Result::unwrap) {
            let serial = draft.serial().to_owned();
            let digest = draft.digest();
            loop {
                step()?;
                let row = journal.resume(&serial, digest).unwrap().cloned();
                match row.as_ref().map(|r| r.stage) {
                    None => {
                        let issued =
                            draft.clone().issue(&self.issuer, None, &self.fonts, self.now).unwrap();
                        journal.issued(issued.identifier(), digest, self.now).unwrap();
                    }
                    Some(Stage::Issued) => {
                        let at = row.unwrap().issued_at;
                        let issued =
                            draft.clone().issue(&self.issuer, None, &self.fonts, at).unwrap();
                        let path = issued.identifier().file_name();
                        let sealed = self.seal(issued);
                        std::fs::write(folder.join(&path), sealed.ofd()).unwrap();
                        journal.sealed(&serial, &path, sealed.signed_value()).unwrap();
                    }
                    Some(Stage::Sealed) => {
                        let record =
                            [b"record of ", row.unwrap().signed_value.as_bytes().as_slice()]
                                .concat();
                        journal.submitted(&serial, &record).unwrap();
                        journal.sync().unwrap();
                    }
                    Some(Stage::Submitted) => {
                        let row = row.unwrap();
                        let ledger = folder.join("ledger").join(&serial);
                        // The ledger takes a record once; resent bytes are the same bytes.
                        match std::fs::read(&ledger) {
                            Ok(known) => assert_eq!(known, row.record, "{serial}"),
                            Err(_) => std::fs::write(&ledger, &row.record).unwrap(),
                        }
                        step()?;
                        let path = folder.join(&row.path);
                        let sealed = Sealed::from_ofd(std::fs::read(&path).unwrap()).unwrap();
                        assert_eq!(sealed.signed_value(), row.signed_value);
                        let anchored = sealed.anchor(b"receipt").unwrap();
                        let part = folder.join("part");
                        std::fs::write(&part, anchored.ofd()).unwrap();
                        std::fs::rename(&part, &path).unwrap();
                        step()?;
                        journal.anchored(&serial, 1).unwrap();
                    }
                    Some(Stage::Anchored) => break,
                }
            }
        }
        Some(journal.rows().iter().map(|(s, r)| (s.clone(), r.identifier.to_string())).collect())
    }
}

fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap()
}

/// Signs the package with a value that only looks like one.
fn stand_in_seal(ofd: &[u8], place: Place, now: UnixTime) -> Result<Vec<u8>, yinxin_ofd::OfdError> {
    let package = Package::open(ofd, &Limits::default())?;
    let mut draft = Draft::new(SignatureKind::Seal, Provider::new("test", "test", "1"), now);
    let boundary = Rect::new(place.x, place.y, place.w, place.h);
    draft.stamps = vec![StampPlace { page: 0, boundary, clip: None }];
    draft.seal = Some(vec![0x30, 0x00]);
    let prepared = append_signature(&package, &draft)?;
    let value = [&[0x30, 0x20], prepared.digest().as_bytes().as_slice()].concat();
    prepared.finish(value)
}

fn first_rows(count: usize) -> String {
    COMPANIES.lines().take(count + 1).map(|l| format!("{l}\n")).collect()
}

#[test]
fn a_row_becomes_an_anchored_document_that_reads_back() {
    let Some(rig) = Rig::new() else { return };
    let draft = rig.rows(&first_rows(1)).next().unwrap().unwrap();
    let issued = draft.issue(&rig.issuer, None, &rig.fonts, rig.now).unwrap();
    let metadata = issued.metadata().clone();
    let sealed = rig.seal(issued);
    assert_eq!(sealed.metadata(), &metadata);
    assert_ne!(sealed.signed_value(), Digest::ZERO);
    let anchored = sealed.anchor(b"receipt").unwrap();
    let package = Package::open(anchored.into_ofd(), &Limits::default()).unwrap();
    assert_eq!(package.file(RECEIPT_PATH), Some(&b"receipt"[..]));
    assert_eq!(read(&package).unwrap(), metadata);
    let mut facts = Facts::new();
    inspect(&package, rig.now, "licence", &mut facts);
    assert!(facts.facts().iter().all(|f| f.reason().is_none()), "{:?}", facts.facts());
    assert_eq!(facts.value("holder"), Some(metadata.holder_name.as_str()));
}

#[test]
fn a_change_is_the_next_version_and_names_the_one_before() {
    let Some(rig) = Rig::new() else { return };
    let draft = rig.rows(&first_rows(1)).next().unwrap().unwrap();
    let first = draft.clone().issue(&rig.issuer, None, &rig.fonts, rig.now).unwrap();
    let second = draft.issue(&rig.issuer, Some(first.identifier()), &rig.fonts, rig.now).unwrap();
    assert_eq!(second.identifier().version(), 2);
    assert_eq!(second.metadata().previous.as_ref(), Some(first.identifier()));
    assert_eq!(second.identifier(), &first.identifier().next_version().unwrap());
}

#[test]
fn the_printed_code_is_signed_by_the_issuer_for_this_licence_only() {
    let Some(rig) = Rig::new() else { return };
    let draft = rig.rows(&first_rows(1)).next().unwrap().unwrap();
    let issued = draft.issue(&rig.issuer, None, &rig.fonts, rig.now).unwrap();
    let mut code = Printed::parse(&rig.code(&issued).to_text()).unwrap();
    let holds = |code: &Printed| {
        let signature = yinxin_gm::sm2::Signature::from_raw(&code.signature).unwrap();
        rig.key.public_key().verify(DEFAULT_ID, &code.message(), &signature).is_ok()
    };
    assert!(code.message().starts_with(qr::DOMAIN));
    assert!(holds(&code));
    code.identifier = code.identifier.next_version().unwrap();
    assert!(!holds(&code));
}

#[test]
fn a_run_killed_after_any_step_goes_on_and_issues_each_row_once() {
    let Some(rig) = Rig::new() else { return };
    let csv = first_rows(2);
    let fresh = |folder: &Path| std::fs::create_dir(folder.join("ledger")).unwrap();
    let whole = tempfile::tempdir().unwrap();
    fresh(whole.path());
    let expected = rig.run(&csv, whole.path(), usize::MAX).unwrap();
    assert_eq!(expected.len(), 2);
    for killed_after in 0..17 {
        let folder = tempfile::tempdir().unwrap();
        fresh(folder.path());
        if rig.run(&csv, folder.path(), killed_after).is_none() {
            rig.run(&csv, folder.path(), killed_after / 2);
        }
        let rows = rig.run(&csv, folder.path(), usize::MAX).unwrap();
        assert_eq!(rows, expected, "killed after {killed_after}");
        let count = |path: &Path| std::fs::read_dir(path).unwrap().count();
        assert_eq!(count(&folder.path().join("ledger")), 2);
        assert_eq!(count(folder.path()), 2 + 2, "two licences, the journal, the ledger");
    }
}

#[test]
fn what_does_not_fit_the_page_or_the_font_is_refused_by_field() {
    let Some(rig) = Rig::new() else { return };
    let csv = first_rows(1);
    let row = csv.lines().nth(1).unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    let name = cells[1];
    let scope = cells.iter().find(|c| c.starts_with("一般项目")).unwrap();
    for (from, to, field) in [
        (*scope, "经营".repeat(400), "scope"),
        (name, "杭州\u{F0001}有限公司".to_owned(), "holder_name"),
    ] {
        let draft = rig.rows(&csv.replace(from, &to)).next().unwrap().unwrap();
        let issued = draft.issue(&rig.issuer, None, &rig.fonts, rig.now).unwrap();
        let refusal = issued.to_ofd(&rig.code(&issued), &rig.fonts).unwrap_err();
        assert_eq!(refusal.field, field, "{refusal}");
        assert!(matches!(refusal.cause, Error::PageOverflow { .. } | Error::GlyphsMissing { .. }));
    }
}
