//! `ofd show | stamp | sign`: OFD documents.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_ofd::{Limits, Mode, Package, RECEIPT_PATH, SignatureKind};
use yinxin_seal::{Seal, Signer, place, stamp};
use yinxin_verdict::{UnixTime, shown};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::SignerArgs,
    rng,
    ui::{self, Ui},
    verify::Judging,
};

/// `yinxin ofd …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum OfdCommand {
    /// Show what is in a document: pages, signatures, files; and check it
    Show(Show),
    /// Stamp a document with an e-seal (GB/T 38540)
    Stamp(Stamp),
    /// Sign a document without a seal (GB/T 35275)
    Sign(Sign),
}

/// `yinxin ofd show`
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The document; `-` for stdin
    #[arg(value_name = "OFD")]
    file: PathBuf,
    #[command(flatten)]
    how: Judging,
    /// Write one file of the package to stdout instead, such as OFD.xml
    #[arg(long, value_name = "PATH")]
    extract: Option<String>,
}

/// `yinxin ofd stamp`
#[derive(Debug, clap::Args)]
pub(crate) struct Stamp {
    /// The document
    #[arg(value_name = "OFD")]
    file: PathBuf,
    /// The seal
    #[arg(long, value_name = "ESL")]
    seal: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    /// Where: page (from 1), left and upper edge in mm, such as 1,140,220; may be repeated
    #[arg(long, value_name = "PAGE,X,Y", default_value = "1,140,220", value_parser = spot)]
    at: Vec<Spot>,
    #[command(flatten)]
    how: HowSigned,
}

/// `yinxin ofd sign`
#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The document
    #[arg(value_name = "OFD")]
    file: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    how: HowSigned,
}

/// What stamping and signing share.
#[derive(Debug, clap::Args)]
struct HowSigned {
    /// No one may sign after
    #[arg(long)]
    last: bool,
    /// The signing time [default: now]
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    time: Option<UnixTime>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// A place on a page.
#[derive(Clone, Copy, Debug)]
struct Spot {
    page: usize,
    x: f64,
    y: f64,
}

fn spot(text: &str) -> Result<Spot, String> {
    let wrong = || format!("expected page,x,y such as 1,140,220, got {text:?}");
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [page, x, y] = parts.as_slice() else { return Err(wrong()) };
    let page: usize = page.parse().map_err(|_| wrong())?;
    let mm =
        |t: &str| t.parse::<f64>().ok().filter(|v| v.is_finite() && (0.0..=5000.0).contains(v));
    match (page.checked_sub(1), mm(x), mm(y)) {
        (Some(page), Some(x), Some(y)) => Ok(Spot { page, x, y }),
        _ => Err(wrong()),
    }
}

impl OfdCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Show(c) => c.run(ui, config),
            Self::Stamp(c) => c.run(ui),
            Self::Sign(c) => c.run(ui),
        }
    }
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    documents: usize,
    pages: usize,
    signatures: Vec<SignatureView>,
    receipt: bool,
    deviations: Vec<String>,
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct SignatureView {
    id: String,
    kind: &'static str,
    time: Option<String>,
    files: usize,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    bytes: usize,
}

impl Show {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let bytes = files::read(&self.file)?;
        let package = Package::open(bytes.clone(), &Limits::default())
            .class(Class::Malformed)
            .at(self.file.display())?;
        if let Some(path) = &self.extract {
            let file = package.file(path.trim_start_matches('/')).ok_or_else(|| {
                Failure::new(
                    Class::Usage,
                    format!("no file {path:?} in the package"),
                    format!("文件包中没有 {path:?}"),
                )
            })?;
            return ui::write_raw_stdout(file);
        }
        ui.result(&view(&package, ui), |v| text(ui, v))?;
        let report = self.how.judge(config)?.report(&bytes);
        if !ui.json {
            ui::write_stdout(report.to_text(ui.lang).as_bytes())?;
        }
        Class::of(report.verdict).map_or(Ok(()), |c| Err(Failure::told(c)))
    }
}

fn view(package: &Package, ui: &Ui) -> View {
    let signatures = package.signatures();
    let signatures = signatures.files().map(|f| SignatureView {
        id: f.id.clone(),
        kind: if f.kind == SignatureKind::Seal { "seal" } else { "sign" },
        time: f.date_time.clone(),
        files: f.references.len(),
    });
    let documents = package.bodies().len();
    View {
        schema: "yinxin.ofd/1",
        documents,
        pages: (0..documents).filter_map(|i| package.document(i).ok()).map(|d| d.pages.len()).sum(),
        signatures: signatures.collect(),
        receipt: package.file(RECEIPT_PATH).is_some(),
        deviations: package.deviations().iter().map(|d| d.kind.say(ui.lang)).collect(),
        files: package
            .paths()
            .map(|path| FileView {
                path: path.to_owned(),
                bytes: package.file(path).map_or(0, <[u8]>::len),
            })
            .collect(),
    }
}

fn text(ui: &Ui, v: &View) -> String {
    let mut out = format!(
        "{} {}, {} {}\n",
        v.documents,
        ui.pick("document(s)", "个文档"),
        v.pages,
        ui.pick("page(s)", "页")
    );
    for s in &v.signatures {
        let time = shown(s.time.as_deref().unwrap_or("–"));
        out.push_str(&format!("  {} {} {time} ({})\n", s.kind, shown(&s.id), s.files));
    }
    for d in &v.deviations {
        out.push_str(&format!("  · {d}\n"));
    }
    for f in &v.files {
        out.push_str(&format!("  {:>9} {}\n", f.bytes, shown(&f.path)));
    }
    out
}

impl HowSigned {
    fn mode(&self) -> Mode {
        if self.last { Mode::Whole } else { Mode::Append }
    }

    fn write(&self, ofd: &[u8], id: &str, signed_value: &[u8], ui: &Ui) -> Done {
        files::write(&self.out, ofd, Access::Public, Existing::forced(self.force))?;
        if self.out.as_os_str() == "-" {
            return Ok(());
        }
        let view = SignedView {
            schema: "yinxin.signed/1",
            file: self.out.display().to_string(),
            signature: id.to_owned(),
            digest: yinxin_gm::sm3::digest(signed_value).to_string(),
        };
        ui.result(&view, |v| {
            format!(
                "{} ({} {}, SM3 {})\n",
                v.file,
                ui.pick("signature", "签名"),
                v.signature,
                v.digest
            )
        })
    }
}

#[derive(Serialize)]
struct SignedView {
    schema: &'static str,
    file: String,
    signature: String,
    /// SM3 of SignedValue.dat: what the ledger anchors.
    digest: String,
}

impl Stamp {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.how.out, self.how.force)?;
        let ofd = files::read(&self.file)?;
        let seal = Seal::parse(&files::read(&self.seal)?)
            .class(Class::Malformed)
            .at(self.seal.display())?;
        let signer = self.signer.load(ui)?;
        let places: Vec<_> = self.at.iter().map(|s| place(&seal, s.page, s.x, s.y)).collect();
        let who = Signer {
            certificate: &signer.certificate,
            key: &signer.key,
            time: self.how.time.unwrap_or_else(ui::now),
            mode: self.how.mode(),
        };
        let signed = stamp(&ofd, &seal, &places, &who, &mut rng::os())
            .class(Class::Malformed)
            .at(self.file.display())?;
        self.how.write(&signed.ofd, &signed.id, &signed.signed_value, ui)
    }
}

impl Sign {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.how.out, self.how.force)?;
        let ofd = files::read(&self.file)?;
        let signer = self.signer.load(ui)?;
        let who = Signer {
            certificate: &signer.certificate,
            key: &signer.key,
            time: self.how.time.unwrap_or_else(ui::now),
            mode: self.how.mode(),
        };
        let signed = yinxin_seal::sign(&ofd, &who, &[], &mut rng::os())
            .class(Class::Malformed)
            .at(self.file.display())?;
        self.how.write(&signed.ofd, &signed.id, &signed.signed_value, ui)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_page_and_millimetres() {
        assert_eq!(spot("1,140,220").unwrap().page, 0);
        for wrong in ["", "1", "0,1,1", "1,-1,1", "1,NaN,1", "1,2,3,4", "a,b,c"] {
            assert!(spot(wrong).is_err(), "{wrong}");
        }
    }
}
