//! Issues the sample's rows without sealing them: writes the first page as SVG and OFD, and says how long a page takes.
//!
//! `cargo run --release -p yinxin-licence --example preview -- OUT_DIR [FONT.ttc [BOLD.ttc]]`

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use yinxin_licence::{CatalogueType, Columns, Error, Face, Fonts, Issuer, Printed, Rows, preview};
use yinxin_ofd::{Limits, Package};
use yinxin_verdict::UnixTime;

const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
const BOLD: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc";
const FAMILY: &str = "Noto Serif CJK SC";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(args.next().ok_or("expected a folder to write into")?);
    fs::create_dir_all(&out)?;
    let face = |path: String| -> Result<Face, Box<dyn std::error::Error>> {
        Ok(Face::from_bytes(fs::read(path)?, FAMILY)?)
    };
    let regular = face(args.next().unwrap_or_else(|| FONT.to_owned()))?;
    let bold = face(args.next().unwrap_or_else(|| BOLD.to_owned()))?;
    let fonts = Fonts::new(regular, Some(bold));

    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cli/sample");
    let read = |name: &str| fs::read_to_string(format!("{sample}/{name}"));
    let kind = Arc::new(CatalogueType::from_toml(&read("business-licence.toml")?)?);
    let columns = Columns::from_toml(&read("columns.toml")?)?;
    let issuer = Issuer::new("11330100002489559X", "杭州市市场监督管理局", "330100")
        .or_else(|_| Issuer::new("11430000006122244L", "杭州市市场监督管理局", "330100"))?;

    let now = UnixTime::parse("2026-11-22T10:00:00+08:00")?;
    let start = Instant::now();
    let (mut rows, mut bytes) = (0u32, 0);
    for row in Rows::open(File::open(format!("{sample}/companies.csv"))?, columns, kind)? {
        let draft = row.map_err(|r| r.to_string())?;
        let issued = draft.issue(&issuer, None, &fonts, now)?;
        let code = Printed::sign(
            "https://licence.example.gov.cn/l",
            issued.identifier(),
            issued.metadata_digest(),
            // An example has no key.
            |_| Ok::<_, Error>([0x5A; 64]),
        )?;
        let ofd = issued.to_ofd(&code, &fonts)?;
        bytes += ofd.len();
        if rows < 8 {
            let name = issued.identifier().serial();
            let package = Package::open(ofd.as_slice(), &Limits::default())?;
            fs::write(out.join(format!("{name}.svg")), preview::svg(&package, 0, |_| None)?)?;
            fs::write(out.join(format!("{name}.ofd")), ofd)?;
        }
        rows += 1;
    }
    let took = start.elapsed();
    println!(
        "{rows} pages in {:.2} s: {:.0} a second, {} bytes each",
        took.as_secs_f64(),
        f64::from(rows) / took.as_secs_f64(),
        bytes / rows as usize
    );
    Ok(())
}
