//! How many documents a core verifies, and how many licences it makes: one thread, its own clock, best of five.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{fs, hint::black_box, io::Cursor, path::PathBuf, sync::Arc, time::Instant};

use yinxin_gm::sm2::DEFAULT_ID;
use yinxin_licence::{
    CatalogueType, Columns, Error, Face, Fonts, Issuer, Printed, Rows, document::items,
};
use yinxin_ofd::{Mode, Rect, StampPlace};
use yinxin_seal::{Signer, stamp};
use yinxin_tests::{
    forge::open,
    office::{CODE, Office, repeating},
    root,
};
use yinxin_verify::{Policy, verify};

/// The face that licences are set in, where Debian's fonts-noto-cjk puts it.
const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    match arguments.first().map(String::as_str) {
        Some("verify") => arguments[1..].iter().for_each(|file| verifying(&PathBuf::from(file))),
        Some("make") => make(&PathBuf::from(&arguments[1])),
        _ => issuing(),
    }
}

/// Calls per second.
fn rate<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut best = 0.0_f64;
    for _ in 0..5 {
        let start = Instant::now();
        let mut calls = 0_u32;
        while start.elapsed().as_millis() < 300 {
            drop(black_box(call()));
            calls += 1;
        }
        best = best.max(f64::from(calls) / start.elapsed().as_secs_f64());
    }
    best
}

/// Documents of others have an anchor that the office does not know; all digests and signatures are checked all the same.
fn verifying(file: &PathBuf) {
    let bytes = fs::read(file).expect("the file is there");
    let at = Office::judged();
    let trust = Office::new().trust();
    let verdict = verify(&bytes, &trust, &Policy::default(), at).verdict;
    let rate = rate(|| verify(&bytes, &trust, &Policy::default(), at));
    println!("RATE {} {rate:.1} {verdict}", file.display());
}

struct Desk {
    office: Office,
    kind: Arc<CatalogueType>,
    issuer: Issuer,
    fonts: Fonts,
}

impl Desk {
    fn new() -> Option<Self> {
        let Ok(font) = fs::read(FONT) else {
            println!("skipped: {FONT} is not installed");
            return None;
        };
        let kind = fs::read_to_string(root().join("cli/sample/business-licence.toml"));
        Some(Self {
            office: Office::new(),
            kind: Arc::new(CatalogueType::from_toml(&kind.expect("the sample")).expect("a type")),
            issuer: Issuer::new(CODE, "杭州市市场监督管理局", "330100").expect("an issuer"),
            fonts: Fonts::new(Face::from_bytes(font, "Noto Serif CJK SC").expect("a face"), None),
        })
    }

    /// Rows to sealed documents, without a ledger.
    fn licences(&self, most: usize) -> Vec<Vec<u8>> {
        let sample =
            |name: &str| fs::read(root().join("cli/sample").join(name)).expect("the sample");
        let columns = String::from_utf8(sample("columns.toml")).expect("text");
        let columns = Columns::from_toml(&columns).expect("columns");
        let rows =
            Rows::open(Cursor::new(sample("companies.csv")), columns, Arc::clone(&self.kind));
        let rows = rows.expect("rows").filter_map(Result::ok).take(most);
        rows.map(|draft| {
            let at = Office::signing();
            let issued = draft.issue(&self.issuer, None, &self.fonts, at).expect("it fits");
            let signer = &self.office.signer;
            let mut rng = repeating("code");
            let sign = |message: &[u8]| -> Result<[u8; 64], Error> {
                Ok(signer.key.sign(DEFAULT_ID, message, &mut rng).expect("a key signs").to_raw())
            };
            let address = "https://licence.example.gov.cn/l";
            let code = Printed::sign(address, issued.identifier(), issued.metadata_digest(), sign);
            let ofd = issued.to_ofd(&code.expect("it fits"), &self.fonts).expect("a page");
            let sealed = issued.seal(&ofd, |ofd, place| {
                let boundary = Rect::new(place.x, place.y, place.w, place.h);
                let places = [StampPlace { page: 0, boundary, clip: None }];
                let signer = Signer {
                    certificate: &signer.certificate,
                    key: &signer.key,
                    time: at,
                    mode: Mode::Append,
                };
                stamp(ofd, &self.office.seal, &places, &signer, &mut repeating("stamp"))
                    .map(|signed| signed.ofd)
            });
            sealed.expect("it is sealed").ofd().to_vec()
        })
        .collect()
    }
}

fn issuing() {
    let Some(desk) = Desk::new() else { return };
    let mut best = 0.0_f64;
    for _ in 0..5 {
        let start = Instant::now();
        let made = desk.licences(100);
        let count = u32::try_from(made.len()).expect("a hundred");
        best = best.max(f64::from(count) / start.elapsed().as_secs_f64());
    }
    println!("RATE licences {best:.1}");
}

/// Writes a licence that verifiers are measured with.
fn make(file: &PathBuf) {
    let Some(desk) = Desk::new() else { return };
    let licence = desk.licences(1).pop().expect("one");
    assert!(items(&open(&licence)).expect("it is read").is_some());
    fs::write(file, licence).expect("it is written");
    println!("made {}", file.display());
}
