//! `licence issue`: a CSV becomes sealed, anchored licences. A run killed at any point goes on: no row twice, none lost.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use yinxin_gm::sm3;
use yinxin_licence::{Batch, CatalogueType, Columns, Issuer, Journal, Rows};
use yinxin_pki::oid;
use yinxin_seal::Seal;

use super::{
    batch::{Tally, Worker},
    failure,
    folders::{self, Folders},
    make::Workshop,
    read_type,
    rejects::Rejects,
};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    fonts::FontArgs,
    keys::SignerArgs,
    submit::LedgerArgs,
    ui::Ui,
};

/// Rows that are made, written, synced and submitted together: enough to fill a block, few enough to keep in memory as pages.
const CHUNK: usize = 64;

/// What licences are made with.
#[derive(Debug, clap::Args)]
pub(super) struct Materials {
    /// The licence type (TOML)
    #[arg(long = "type", value_name = "TOML")]
    pub(super) kind: PathBuf,
    /// Which column is which field (TOML)
    #[arg(long, value_name = "TOML")]
    pub(super) map: PathBuf,
    /// The issuer's seal
    #[arg(long, value_name = "ESL")]
    pub(super) seal: PathBuf,
    #[command(flatten)]
    pub(super) signer: SignerArgs,
    /// Where the printed code leads, such as `https://licence.example.gov.cn/l`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1/l")]
    pub(super) address: String,
    /// The six digits of the issuer's division [default: by its credit code]
    #[arg(long, value_name = "CODE")]
    pub(super) area: Option<String>,
    #[command(flatten)]
    pub(super) font: FontArgs,
}

/// `yinxin licence issue`
#[derive(Debug, clap::Args)]
pub(crate) struct Issue {
    /// The rows (CSV, UTF-8, with a header)
    #[arg(long, value_name = "CSV")]
    csv: PathBuf,
    #[command(flatten)]
    materials: Materials,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// The folder that documents go into
    #[arg(long, value_name = "DIR", default_value = "licences")]
    out: PathBuf,
    /// The folder that receipts go into
    #[arg(long, value_name = "DIR", default_value = "receipts")]
    receipts: PathBuf,
    /// The folder of the batch's journal, documents on their way, and rejects: keep it
    #[arg(long, value_name = "DIR", default_value = "work")]
    work: PathBuf,
    /// The batch's name: the same name goes on with the same batch
    #[arg(long, default_value = "batch")]
    batch: String,
    /// Records submitted at a time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    issued: u64,
    before: u64,
    restored: u64,
    rejected: usize,
    rejects: Option<String>,
    out: String,
    seconds: f64,
}

impl Materials {
    /// Opens keys, seal and fonts, and names the issuer by its certificate.
    pub(super) fn workshop(&self, ui: &Ui, config: &Config) -> Done<Workshop> {
        let seal = Seal::parse(&files::read(&self.seal)?)
            .class(Class::Malformed)
            .at(self.seal.display())?;
        let fonts = self.font.faces(config)?;
        let signer = self.signer.load(ui)?;
        let code = signer.code()?;
        let subject = signer.certificate.subject();
        let name = subject
            .get(&oid::ORGANISATION)
            .map_or_else(|| signer.certificate.title(), str::to_owned);
        // Digits 3 to 8 of a credit code are the division of its registration authority (GB 32100).
        let area = self.area.clone().unwrap_or_else(|| code.chars().skip(2).take(6).collect());
        let issuer = Issuer::new(&code, &name, &area).class(Class::Usage)?;
        Ok(Workshop { issuer, signer, seal, fonts, address: self.address.clone() })
    }
}

impl Issue {
    /// Issues every good row that was not issued before.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let start = std::time::Instant::now();
        // The whole input is read once before anything is issued: an unreadable file changes nothing.
        let kind = Arc::new(read_type(&self.materials.kind)?);
        let total = self.rows(&kind)?.count() as u64;
        let client = self.ledger.open(config)?;
        let shop = self.materials.workshop(ui, config)?;
        let journal = self.journal(&kind, &shop.issuer.code)?;
        let folders = Folders {
            drafts: self.work.join(format!("{}.documents", self.name())),
            licences: self.out.clone(),
            receipts: self.receipts.clone(),
        };
        folders.make()?;
        folders::sync(&self.work)?;
        let bar = ui.progress(total, "issuing", "签发");
        let mut worker =
            Worker::new(&client, &shop, journal, folders, usize::from(self.parallel), bar);
        let mut rejects = Rejects::default();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut result = Ok(());
        for row in self.rows(&kind)? {
            match row {
                Ok(draft) => chunk.push(draft),
                Err(reject) => {
                    worker.bar.inc(1);
                    rejects.row(reject);
                }
            }
            if chunk.len() == CHUNK {
                result = worker.chunk(std::mem::take(&mut chunk), &mut rejects);
                if result.is_err() {
                    break;
                }
            }
        }
        if result.is_ok() {
            result = worker.chunk(chunk, &mut rejects);
        }
        let tally = worker.finish();
        let rejects_file = self.write_rejects(&rejects, ui)?;
        result?;
        self.report(&tally?, &rejects, rejects_file.as_deref(), start.elapsed().as_secs_f64(), ui)
    }

    fn rows(&self, kind: &Arc<CatalogueType>) -> Done<Rows<File>> {
        let columns = Columns::from_toml(&files::read_text(&self.materials.map)?)
            .map_err(|e| failure(&e).at(self.materials.map.display()))?;
        let file = File::open(&self.csv).map_err(|e| Failure::io(&self.csv, &e))?;
        Rows::open(file, columns, Arc::clone(kind)).map_err(|e| failure(&e).at(self.csv.display()))
    }

    fn journal(&self, kind: &CatalogueType, issuer: &str) -> Done<Journal<File>> {
        files::make_private_folder(&self.work)?;
        let path = self.work.join(format!("{}.journal", self.name()));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| Failure::io(&path, &e))?;
        let batch = Batch::new(kind.digest(), issuer, &self.batch);
        let journal = Journal::open(file, batch).map_err(|e| failure(&e).at(path.display()))?;
        Ok(journal)
    }

    /// The batch's name is the caller's; its digest is safe as a file name.
    fn name(&self) -> String {
        sm3::digest(self.batch.as_bytes()).to_string()[..16].to_owned()
    }

    fn write_rejects(&self, rejects: &Rejects, ui: &Ui) -> Done<Option<PathBuf>> {
        let path = self.work.join("rejects.csv");
        if rejects.is_empty() {
            // Those of an earlier run were mended.
            let _ = fs::remove_file(&path);
            return Ok(None);
        }
        files::write(&path, &rejects.to_csv(ui.lang)?, Access::Owner, Existing::Replace)?;
        Ok(Some(path))
    }

    fn report(
        &self,
        tally: &Tally,
        rejects: &Rejects,
        rejects_file: Option<&Path>,
        seconds: f64,
        ui: &Ui,
    ) -> Done {
        for line in rejects.lines(ui.lang).take(5) {
            ui.say(format!("  {line}"), format!("  {line}"));
        }
        let view = View {
            schema: "yinxin.batch/1",
            issued: tally.issued,
            before: tally.before,
            restored: tally.restored,
            rejected: rejects.len(),
            rejects: rejects_file.map(|p| p.display().to_string()),
            out: self.out.display().to_string(),
            seconds,
        };
        ui.result(&view, |v| {
            let mut out = format!(
                "{} {}, {} {}, {} {} ({:.1} s)\n",
                v.issued,
                ui.pick("issued", "份已签发"),
                v.before,
                ui.pick("were there", "份此前已签发"),
                v.rejected,
                ui.pick("rejected", "行被拒绝"),
                v.seconds
            );
            if v.restored > 0 {
                out.push_str(&format!(
                    "{} {}\n",
                    v.restored,
                    ui.pick("restored from the work folder", "份已从工作文件夹恢复")
                ));
            }
            if let Some(file) = &v.rejects {
                out.push_str(&format!("{}: {file}\n", ui.pick("rejects", "被拒绝的行")));
            }
            out
        })?;
        if rejects.is_empty() { Ok(()) } else { Err(Failure::told(Class::Malformed)) }
    }
}
