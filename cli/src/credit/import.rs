//! `credit import`: rows become batches; what the rules refuse goes into a file with line and reason.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use indicatif::ProgressBar;
use serde::Serialize;
use yinxin_credit::source::{
    DEFAULT_BATCH, Importer, Job, Manifest, Place, Progress, Rows, SourceStore,
};
use yinxin_gm::sm3;
use yinxin_record::{ClassCode, Date, OrganisationCode};
use zeroize::Zeroizing;

use super::{
    anchoring::{Anchoring, Sent},
    aside::Aside,
    failure,
    publishing::Publishing,
    rejects::{RejectsFile, beside},
    rules::{RulesArgs, organisation},
    store::RocksSource,
};
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files,
    keys::SignerOption,
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
    #[command(flatten)]
    rules: RulesArgs,
    /// Where rows go that are refused [default: the file's name and `.rejects.jsonl`]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Rows of a batch
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH, value_parser = batch)]
    batch: usize,
    /// Where batches are published for auditors: `N.records` each, without contents and salts; with --key only what the ledger has
    #[arg(long, value_name = "DIR")]
    publish: Option<PathBuf>,
    #[command(flatten)]
    signer: SignerOption,
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
    /// The newest batch of the source, all records of its batches, and the root of its state.
    sequence: u64,
    total: u64,
    root: String,
    /// Batches that the ledger has; nothing was sent if there is none.
    anchored: Option<u64>,
}

impl Import {
    /// Imports the file, going on where an earlier run stopped.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let lib = |e: yinxin_credit::Error| failure(&e);
        let (rules, forms) = (self.rules.read(&self.source)?, self.rules.forms()?);
        let anchoring =
            Anchoring::open(self.signer.given().as_ref(), &self.ledger, &self.source, ui, config)?;
        let publishing = self.publish.as_deref().map(Publishing::open).transpose()?;
        let job = self.job()?;
        files::make_private_folder(&self.store)?;
        let seed = seed(&self.store.join("seed"))?;
        let aside = Aside(&self.store);
        let mut store = RocksSource::open(&aside.store()).map_err(lib)?;
        if let Some(anchoring) = &anchoring {
            store = anchoring.store(store, (&aside, publishing.as_ref()), &self.source)?;
        }
        let mut importer = Importer::open(&rules, &forms, seed, store, job).map_err(lib)?;
        let place = importer.place();
        let mut rows = self.rows(&place)?;
        let path = self.rejects.clone().unwrap_or_else(|| beside(&self.file));
        let mut rejects = RejectsFile::open(&path, &place, &self.input()?)?;
        let bar = self.bar(&place, ui)?;
        let mut view = ImportView::new(&self.source, &path);
        loop {
            let last = importer.store().last().map_err(lib)?;
            view.take(last.as_ref());
            let mut whole = view.sequence;
            if let Some(anchoring) = &anchoring {
                whole = match anchoring.send(importer.store(), &aside, (&rules, &forms), ui)? {
                    Sent::All(count) => count,
                    Sent::Refused(sequence, failure) => {
                        bar.finish_and_clear();
                        let from = (&aside, publishing.as_ref());
                        return Err(take_back(importer, from, sequence, failure)?);
                    }
                };
                view.anchored = Some(whole);
            }
            if let Some(publishing) = &publishing {
                publishing.up_to(importer.store(), whole)?;
            }
            let mut told = |p: Progress| bar.set_position(p.bytes);
            let next = importer.next_batch(&mut rows, &mut rejects, &mut told);
            let Some(manifest) = next.map_err(lib).at(self.file.display())? else { break };
            view.count(&manifest);
            log(&manifest, bar.length().unwrap_or_default(), ui);
        }
        importer.store().settle().map_err(lib)?;
        bar.finish_and_clear();
        view.rejected = importer.progress().rejected;
        ui.result(&view, |v| v.text(ui))?;
        if view.rejected == 0 { Ok(()) } else { Err(Failure::told(Class::Malformed)) }
    }

    fn job(&self) -> Done<Job> {
        let path = self.input()?;
        Ok(Job {
            class: self.class.clone(),
            today: Date::of(ui::now()),
            input: sm3::digest(path.as_os_str().as_encoded_bytes()),
            batch: self.batch,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        })
    }

    /// The file by the one name that it has, from wherever the command is given.
    fn input(&self) -> Done<PathBuf> {
        std::fs::canonicalize(&self.file).map_err(|e| Failure::io(&self.file, &e))
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

    fn bar(&self, place: &Place, ui: &Ui) -> Done<ProgressBar> {
        let length = std::fs::metadata(&self.file).map_err(|e| Failure::io(&self.file, &e))?.len();
        let bar = ui.progress(length, "importing, bytes", "导入（字节）");
        bar.set_position(place.offset);
        bar.reset_eta();
        Ok(bar)
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
            total: 0,
            root: String::new(),
            anchored: None,
        }
    }

    /// Where the source stands.
    fn take(&mut self, last: Option<&Manifest>) {
        let Some(Manifest { batch, first, .. }) = last else { return };
        (self.sequence, self.total) = (batch.sequence, first + batch.count());
        self.root = batch.after.to_string();
    }

    /// A batch of this run.
    fn count(&mut self, manifest: &Manifest) {
        self.batches += 1;
        self.records += manifest.batch.count();
        self.late += manifest.batch.late();
        self.unjudged += manifest.unjudged;
    }

    fn text(&self, ui: &Ui) -> String {
        let Self { batches, records, late, unjudged, rejected, rejects, sequence, total, .. } =
            self;
        let mut en = format!(
            "{records} records in {batches} batches; {late} published late, {unjudged} not judged; the source has {total} in {sequence}\n"
        );
        let mut zh = format!(
            "{batches} 个批次共 {records} 条；逾期公示 {late} 条，未能判断 {unjudged} 条；该来源累计 {sequence} 个批次、{total} 条\n"
        );
        match self.anchored {
            Some(count) => {
                en += &format!("the ledger has {count} batches\n");
                zh += &format!("账本已有 {count} 个批次\n");
            }
            None => {
                en += "nothing was sent to the ledger: give --key and --cert\n";
                zh += "未向账本提交：请使用 --key 与 --cert\n";
            }
        }
        if *rejected > 0 {
            en += &format!(
                "{rejected} rows of the file rejected, see {rejects}: correct them and import them as another file\n"
            );
            zh += &format!("文件中 {rejected} 行被拒收，见 {rejects}：请更正后另存文件导入\n");
        }
        ui.pick(&en, &zh).to_owned()
    }
}

/// A batch is done, and how much of the file that is.
fn log(manifest: &Manifest, length: u64, ui: &Ui) {
    let (sequence, records) = (manifest.batch.sequence, manifest.batch.count());
    let read = manifest.place.offset;
    let percent = u128::from(read) * 100 / u128::from(length.max(1));
    ui.log(
        format!("batch {sequence}: {records} records; {read} of {length} bytes read ({percent} %)"),
        format!("批次 {sequence}：{records} 条；已读取 {read}/{length} 字节（{percent} %）"),
    );
}

/// A batch that the ledger refuses for its classes makes way if its rows are in the file at hand, to be read again.
fn take_back(
    importer: Importer<'_, RocksSource>,
    (aside, publishing): (&Aside<'_>, Option<&Publishing<'_>>),
    sequence: u64,
    failure: Failure,
) -> Done<Failure> {
    let lib = |e: yinxin_credit::Error| super::failure(&e);
    let from_here = importer.is_last();
    let mut store = importer.into_store();
    let newest = store.last().map_err(lib)?.is_some_and(|last| last.batch.sequence == sequence);
    if !(from_here && newest) {
        return Ok(failure.todo(
            "nothing is lost, the batch stays in the store: have the version of the class published (credit publish), then import again",
            "数据未丢失，批次保留在存储中：请先发布该类目版本（credit publish），再重新导入",
        ));
    }
    if let Some(publishing) = publishing {
        publishing.forget(sequence)?;
    }
    aside.keep(&store)?;
    store.take_back(sequence).map_err(lib)?;
    Ok(failure.todo(
        format!("nothing is lost: batch {sequence} was taken back and its rows are read again; have the class published (credit publish), or give the --classes and --forms that are, or a smaller --batch"),
        format!("数据未丢失：批次 {sequence} 已收回，其各行将重新读取；请发布该类目（credit publish）、用 --classes 与 --forms 指定已发布的类目表和格式，或减小 --batch"),
    ))
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

fn class(text: &str) -> Result<ClassCode, String> {
    ClassCode::new(text).map_err(|e| e.to_string())
}

/// A batch is held in memory: two million rows take 2 GB.
fn batch(text: &str) -> Result<usize, String> {
    let most = 2_000_000;
    let fits = text.parse().ok().filter(|n| (1..=most).contains(n));
    fits.ok_or_else(|| format!("expected 1 to {most}"))
}
