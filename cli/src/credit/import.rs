//! `credit import`: rows become batches; what the rules refuse goes into a file with line and reason.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use indicatif::ProgressBar;
use serde::Serialize;
use yinxin_credit::{
    ClassTable, Forms,
    source::{DEFAULT_BATCH, Importer, Job, Place, Progress, Reject, Rejects, Rows, SourceRules},
};
use yinxin_gm::sm3;
use yinxin_record::{ClassCode, Date, OrganisationCode};
use yinxin_sharing::calendar::Calendar;
use yinxin_verdict::Explain;
use zeroize::Zeroizing;

use super::{anchoring::Anchoring, failure, store::RocksSource};
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files,
    keys::SignerArgs,
    rng,
    submit::LedgerArgs,
    ui::{self, Ui},
};

/// `yinxin credit import`
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The file: `.csv` (the first line names the columns), or `.jsonl` (an object a line)
    file: PathBuf,
    /// The folder of the source's records; made if need be
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The source's unified social credit code
    #[arg(long, value_name = "CODE", value_parser = organisation)]
    source: OrganisationCode,
    /// The class of rows without a column `class`
    #[arg(long, value_name = "CODE", value_parser = class)]
    class: Option<ClassCode>,
    /// The table of classes [default: the one that comes with this program]
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// The forms of records [default: those that come with this program]
    #[arg(long, value_name = "FILE")]
    forms: Option<PathBuf>,
    /// The working days that lateness is counted with [default: those that come with this program]
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// Where rows go that are refused [default: the file's name and `.rejects.jsonl`]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Rows of a batch
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH, value_parser = batch)]
    batch: usize,
    #[command(flatten)]
    signer: Option<SignerArgs>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

/// What an import came to.
#[derive(Serialize)]
struct ImportView {
    schema: &'static str,
    source: String,
    batches: u64,
    records: u64,
    late: u64,
    unjudged: u64,
    rejected: u64,
    rejects: String,
    /// The newest batch of the source.
    sequence: u64,
    root: String,
    /// Batches that the ledger has; nothing was sent if there is none.
    anchored: Option<u64>,
}

impl Import {
    /// Imports the file, going on where an earlier run stopped.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let lib = |e: yinxin_credit::Error| failure(&e);
        let (rules, forms) = (self.rules()?, self.read_forms()?);
        let anchoring =
            Anchoring::open(self.signer.as_ref(), &self.ledger, &self.source, ui, config)?;
        files::make_private_folder(&self.store)?;
        let seed = seed(&self.store.join("seed"))?;
        let job = self.job()?;
        let store = RocksSource::open(&self.store.join("records")).map_err(lib)?;
        let mut importer = Importer::open(&rules, &forms, seed, store, job).map_err(lib)?;
        let place = importer.place();
        let path = self.rejects.clone().unwrap_or_else(|| beside(&self.file));
        let mut rejects = RejectsFile::open(&path, &place)?;
        let mut rows = self.rows(&place)?;
        let bar = self.bar(ui)?;
        let mut view = ImportView::new(&self.source, &path);
        loop {
            if let Some(anchoring) = &anchoring {
                view.anchored = Some(anchoring.send(importer.store(), ui)?);
            }
            let mut told = |p: Progress| bar.set_position(p.bytes);
            let next = importer.next_batch(&mut rows, &mut rejects, &mut told);
            let Some(manifest) = next.map_err(lib).at(self.file.display())? else { break };
            view.batches += 1;
            view.records += manifest.batch.count();
            view.late += manifest.batch.late();
            view.unjudged += manifest.unjudged;
            view.sequence = manifest.batch.sequence;
            view.root = manifest.batch.after.to_string();
        }
        importer.store().settle().map_err(lib)?;
        bar.finish_and_clear();
        view.rejected = importer.progress().rejected;
        ui.result(&view, |v| v.text(ui))
    }

    fn rules(&self) -> Done<SourceRules> {
        let table = match &self.classes {
            None => ClassTable::national().map_err(|e| failure(&e))?,
            Some(path) => {
                let table = ClassTable::from_toml(&files::read_text(path)?);
                table.map_err(|e| failure(&e)).at(path.display())?
            }
        };
        let malformed = |e: yinxin_sharing::calendar::Error| Failure::of(Class::Malformed, &e);
        let calendar = match &self.calendar {
            None => Calendar::china().map_err(malformed)?,
            Some(path) => {
                let calendar = Calendar::from_toml(&files::read_text(path)?);
                calendar.map_err(malformed).at(path.display())?
            }
        };
        Ok(SourceRules::new(self.source.clone(), table, calendar))
    }

    fn read_forms(&self) -> Done<Forms> {
        match &self.forms {
            None => Forms::standard().map_err(|e| failure(&e)),
            Some(path) => Forms::from_toml(&files::read_text(path)?)
                .map_err(|e| failure(&e))
                .at(path.display()),
        }
    }

    fn job(&self) -> Done<Job> {
        let path = std::fs::canonicalize(&self.file).map_err(|e| Failure::io(&self.file, &e))?;
        Ok(Job {
            class: self.class.clone(),
            today: Date::of(ui::now()),
            input: sm3::digest(path.as_os_str().as_encoded_bytes()),
            batch: self.batch,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        })
    }

    fn open(&self) -> Done<BufReader<File>> {
        let file = File::open(&self.file).map_err(|e| Failure::io(&self.file, &e))?;
        Ok(BufReader::with_capacity(1 << 20, file))
    }

    fn rows(&self, place: &Place) -> Done<Rows<BufReader<File>>> {
        let csv = match self.file.extension().and_then(|e| e.to_str()) {
            Some("csv") => true,
            Some("jsonl" | "ndjson") => false,
            _ => {
                return Err(Failure::new(
                    Class::Usage,
                    format!("{}: neither .csv nor .jsonl", self.file.display()),
                    format!("{}：既非 .csv 亦非 .jsonl", self.file.display()),
                )
                .todo("name it by what it is", "请按内容命名文件"));
            }
        };
        let input = self.open()?;
        let rows = if csv { Rows::csv(input) } else { Ok(Rows::json_lines(input)) };
        let mut rows = rows.map_err(|e| failure(&e)).at(self.file.display())?;
        rows.seek(place).map_err(|e| failure(&e)).at(self.file.display())?;
        Ok(rows)
    }

    fn bar(&self, ui: &Ui) -> Done<ProgressBar> {
        let length = std::fs::metadata(&self.file).map_err(|e| Failure::io(&self.file, &e))?.len();
        Ok(ui.progress(length, "importing, bytes", "导入（字节）"))
    }
}

impl ImportView {
    fn new(source: &OrganisationCode, rejects: &Path) -> Self {
        Self {
            schema: "yinxin.credit-import/1",
            source: source.to_string(),
            batches: 0,
            records: 0,
            late: 0,
            unjudged: 0,
            rejected: 0,
            rejects: rejects.display().to_string(),
            sequence: 0,
            root: String::new(),
            anchored: None,
        }
    }

    fn text(&self, ui: &Ui) -> String {
        let Self { batches, records, late, unjudged, rejected, rejects, .. } = self;
        let en = format!(
            "{records} records in {batches} batches; {late} published late, {unjudged} not judged; {rejected} rejected, see {rejects}"
        );
        let zh = format!(
            "{batches} 个批次共 {records} 条；逾期公示 {late} 条，未能判断 {unjudged} 条；拒收 {rejected} 条，见 {rejects}"
        );
        ui.pick(&en, &zh).to_owned()
    }
}

/// Rows that were refused, a JSON object a line.
struct RejectsFile {
    out: BufWriter<File>,
    length: u64,
}

#[derive(Serialize)]
struct RejectView<'a> {
    line: u64,
    code: &'static str,
    reason: &'a str,
    reason_zh: &'a str,
}

impl RejectsFile {
    /// Opens it; what was written behind the last batch committed is cut off and comes again.
    fn open(path: &Path, place: &Place) -> Done<Self> {
        let io = |e: std::io::Error| Failure::io(path, &e);
        let open = OpenOptions::new().create(true).append(true).open(path);
        let file = open.map_err(io)?;
        file.set_len(place.rejects).map_err(io)?;
        Ok(Self { out: BufWriter::new(file), length: place.rejects })
    }
}

impl Rejects for RejectsFile {
    fn take(&mut self, rejects: &[Reject]) -> Result<(), yinxin_credit::Error> {
        for Reject { line, error, .. } in rejects {
            let [en, zh] =
                [yinxin_verdict::Lang::En, yinxin_verdict::Lang::Zh].map(|l| error.explain(l).what);
            let view = RejectView { line: *line, code: error.code(), reason: &en, reason_zh: &zh };
            let mut text =
                serde_json::to_vec(&view).map_err(|e| yinxin_credit::Error::io(&e.into()))?;
            text.push(b'\n');
            self.out.write_all(&text).map_err(|e| yinxin_credit::Error::io(&e))?;
            self.length += text.len() as u64;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<u64, yinxin_credit::Error> {
        self.out.flush().map_err(|e| yinxin_credit::Error::io(&e))?;
        self.out.get_ref().sync_data().map_err(|e| yinxin_credit::Error::io(&e))?;
        Ok(self.length)
    }
}

/// The secret that salts are made from: read, or made and kept for its owner alone.
fn seed(path: &Path) -> Done<Zeroizing<[u8; 32]>> {
    if !path.exists() {
        let mut seed = Zeroizing::new([0; 32]);
        rand_core::Rng::fill_bytes(&mut rng::os(), &mut seed[..]);
        files::write(path, &seed[..], files::Access::Owner, files::Existing::Keep)?;
        return Ok(seed);
    }
    let bytes = files::read_secret(path)?;
    let seed: Result<[u8; 32], _> = bytes.as_slice().try_into();
    seed.map(Zeroizing::new).map_err(|_| {
        Failure::new(Class::Malformed, "the seed has not 32 bytes", "种子文件应为 32 字节")
            .at(path.display())
            .todo(
                "restore it from a backup: contents cannot be proven without it",
                "请从备份恢复：缺少它将无法证明内容",
            )
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".rejects.jsonl");
    PathBuf::from(name)
}

fn organisation(text: &str) -> Result<OrganisationCode, String> {
    OrganisationCode::new(text).map_err(|e| e.to_string())
}

fn class(text: &str) -> Result<ClassCode, String> {
    ClassCode::new(text).map_err(|e| e.to_string())
}

/// A batch is held in memory: two million rows take 2 GB.
fn batch(text: &str) -> Result<usize, String> {
    let most = 2_000_000;
    let fits = text.parse().ok().filter(|n| (1..=most).contains(n));
    fits.ok_or_else(|| format!("expected 1 to {most}"))
}
