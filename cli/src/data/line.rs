//! `data lines | line | verify-line`: what a journal says, and the proof of one line of it.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_receipt::{Receipt, Subject};
use yinxin_record::{Act, DataAct, Record, Wire};
use yinxin_sharing::access::{AnchoredLine, Crowd, Line, Outcome, prove, read_crowds, read_lines};
use yinxin_verdict::{Policy, UnixTime, Verdict};

use super::{
    put_by, serve,
    words::{self, failure},
};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    trusting,
    ui::{self, Ui},
};

/// `yinxin data lines`
#[derive(Debug, clap::Args)]
pub(crate) struct Lines {
    /// A server's journal (`WORK/journal`), or a receiver's
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    /// Only of this grant
    #[arg(long, value_name = "GRANT")]
    grant: Option<Digest>,
    /// From when on
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    from: Option<UnixTime>,
    /// The first instant after
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    until: Option<UnixTime>,
}

/// `yinxin data line`
#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    /// The server's folder
    #[arg(value_name = "WORK")]
    work: PathBuf,
    /// The line's number, as `data lines` shows it
    #[arg(value_name = "NUMBER")]
    number: u64,
    /// Write line, proof and receipt to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write the proof alone too, as `data recognise --call` takes it
    #[arg(long, value_name = "FILE")]
    call: Option<PathBuf>,
    /// Write the window's receipt alone too, as `data recognise --window` takes it
    #[arg(long, value_name = "FILE")]
    window: Option<PathBuf>,
    /// Replace the files if they exist
    #[arg(long)]
    force: bool,
}

/// `yinxin data verify-line`
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyLine {
    /// A file of `data line`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder of what is trusted
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

#[derive(Serialize)]
struct LinesView {
    schema: &'static str,
    lines: Vec<LineView>,
    /// Calls that nobody proved to have signed, told together.
    crowds: Vec<CrowdView>,
}

#[derive(Serialize)]
struct CrowdView {
    time: String,
    resource: String,
    outcome: &'static str,
    calls: u64,
    root: String,
    head: u64,
    /// Ids of the calls, the leaves of the root; none where they were too many to be kept.
    ids: Vec<String>,
}

#[derive(Serialize)]
struct LineView {
    number: u64,
    time: String,
    call: String,
    part: u32,
    caller: String,
    grant: String,
    resource: String,
    purpose: String,
    outcome: &'static str,
    rows: u64,
    bytes: u64,
    head: u64,
}

#[derive(Serialize)]
struct ProofView {
    schema: &'static str,
    server: String,
    record: String,
    #[serde(flatten)]
    line: LineView,
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        let (outcome, rows, bytes) = match line.outcome {
            Outcome::Served(answer) => ("served", answer.rows, answer.bytes),
            Outcome::Denied(reason) => (reason.name(), 0, 0),
        };
        Self {
            number: line.number,
            time: line.time.to_string(),
            call: line.call.to_string(),
            part: line.part,
            caller: line.caller.to_string(),
            grant: line.grant.to_string(),
            resource: line.resource.to_string(),
            purpose: line.purpose.to_string(),
            outcome,
            rows,
            bytes,
            head: line.head,
        }
    }
}

impl CrowdView {
    fn new(crowd: &Crowd, ids: Option<Vec<Digest>>) -> Self {
        Self {
            time: crowd.time.to_string(),
            resource: crowd.resource.to_string(),
            outcome: crowd.reason.name(),
            calls: crowd.calls,
            root: crowd.root.to_string(),
            head: crowd.head,
            ids: ids.iter().flatten().map(Digest::to_string).collect(),
        }
    }
}

impl LineView {
    fn text(&self) -> String {
        let Self { number, time, caller, grant, outcome, rows, bytes, part, .. } = self;
        let grant = grant.get(..16).unwrap_or_default();
        format!(
            "{number:>8}  {time}  {caller}  {grant}…  {outcome:<12} part {part}: {rows} rows, {bytes} bytes\n"
        )
    }
}

impl Lines {
    /// Shows the lines.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let (mut lines, mut crowds) = (Vec::new(), Vec::new());
        let within = |time: UnixTime| {
            self.from.is_none_or(|t| time >= t) && self.until.is_none_or(|t| time < t)
        };
        let read = read_lines(&mut open(&self.journal)?, |line| {
            if self.grant.is_none_or(|g| g == line.grant) && within(line.time) {
                lines.push(LineView::from(&line));
            }
        });
        read.map_err(|e| failure(&e)).at(self.journal.display())?;
        let read = read_crowds(&mut open(&self.journal)?, |crowd, ids| {
            if self.grant.is_none() && within(crowd.time) {
                crowds.push(CrowdView::new(&crowd, ids));
            }
        });
        read.map_err(|e| failure(&e)).at(self.journal.display())?;
        let view = LinesView { schema: "yinxin.data-lines/1", lines, crowds };
        let together = |c: &CrowdView| {
            let CrowdView { time, resource, outcome, calls, .. } = c;
            let word = ui.pick("calls, told together", "次调用，合并记录");
            format!("{:>8}  {time}  {resource}  {outcome}  {calls} {word}\n", "–")
        };
        ui.result(&view, |v| {
            v.lines.iter().map(LineView::text).chain(v.crowds.iter().map(together)).collect()
        })
    }
}

impl Prove {
    /// Writes the proof.
    pub(super) fn run(self, ui: &Ui) -> Done {
        for path in
            [Some(&self.out), self.call.as_ref(), self.window.as_ref()].into_iter().flatten()
        {
            files::must_be_free(path, self.force)?;
        }
        let (anchored, view) = self.proven()?;
        let write = |path: &Path, bytes: &[u8]| {
            files::write(path, bytes, Access::Owner, Existing::forced(self.force))
        };
        if let Some(path) = &self.call {
            write(path, &anchored.proof.to_der())?;
        }
        if let Some(path) = &self.window {
            write(path, &anchored.receipt)?;
        }
        write(&self.out, &anchored.to_der())?;
        ui.result(&view, |v| format!("{}: {}", self.out.display(), v.line.text().trim_start()))
    }
}

impl Prove {
    /// From the journal, or the one before a compaction that has all of the line's window.
    fn proven(&self) -> Done<(AnchoredLine, ProofView)> {
        let journal = self.work.join("journal");
        let older = put_by::before(&journal)?.into_iter().filter(|(p, _)| p.lines > self.number);
        let first = self.proven_in(&journal);
        older.fold(first, |found, (_, path)| found.or_else(|_| self.proven_in(&path)))
    }

    fn proven_in(&self, journal: &Path) -> Done<(AnchoredLine, ProofView)> {
        let proven = prove(|| File::open(journal).map(BufReader::new), self.number);
        let (window, proof) = proven.map_err(|e| failure(&e)).at(journal.display())?;
        let receipt = serve::receipt(&self.work, &window);
        if !receipt.exists() {
            return Err(Failure::new(
                Class::Usage,
                "the line's window is not on the ledger yet",
                "该行所在时窗尚未入账",
            )
            .todo("try again when its minute is over", "请在该分钟结束后重试"));
        }
        let anchored = AnchoredLine { proof, receipt: files::read(&receipt)? };
        let view = check(&anchored)?;
        Ok((anchored, view))
    }
}

impl VerifyLine {
    /// Checks the receipt by the trust folder, and the line against the record's root; no server is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let folder = config.trust_folder(self.trust.as_deref()).ok_or_else(|| {
            Failure::new(Class::Usage, "no trust folder is named", "未指定信任文件夹")
                .todo("give --trust DIR", "请使用 --trust 目录")
        })?;
        let trust = trusting::load(&folder)?;
        let anchored = AnchoredLine::from_der(&files::read(&self.file)?);
        let anchored = anchored.map_err(|e| failure(&e.into())).at(self.file.display())?;
        let report =
            yinxin_verify::verify(&anchored.receipt, &trust, &Policy::default(), ui::now());
        if report.verdict != Verdict::Valid {
            let reasons = report.reasons.join(", ");
            return Err(Failure::new(
                Class::of(report.verdict).unwrap_or(Class::Invalid),
                format!("the window's receipt does not hold by this trust folder: {reasons}"),
                format!("依据该信任文件夹，时窗的回执不成立：{reasons}"),
            )
            .at(self.file.display()));
        }
        let view = check(&anchored).at(self.file.display())?;
        ui.result(&view, |v| {
            let (by, record) = (ui.pick("recorded by", "记录方"), ui.pick("record", "记录"));
            format!("{}  {by} {}\n  {record} {}\n", v.line.text(), v.server, v.record)
        })
    }
}

/// The line stands in the window that the receipt's record is, and that record tells of such a line.
fn check(anchored: &AnchoredLine) -> Done<ProofView> {
    let receipt = Receipt::from_der(&anchored.receipt)
        .map_err(yinxin_receipt::Error::from)
        .class(Class::Malformed)?;
    let other = || {
        Failure::new(
            Class::Invalid,
            "the receipt is of another record than this line's window",
            "该回执所证并非此行所在时窗的记录",
        )
    };
    let Subject::Record(bytes) = &receipt.subject else { return Err(other()) };
    let record =
        Record::from_der(bytes).map_err(yinxin_record::Error::from).class(Class::Malformed)?;
    let Act::Data(act) = &record.tbs.act else { return Err(other()) };
    let root = match act {
        DataAct::Access(act) => act.root,
        DataAct::Deny(act) => act.root,
        _ => return Err(other()),
    };
    let line = anchored.proof.verify(&root).map_err(|e| failure(&e))?;
    if !line.is_told_by(act) {
        return Err(other());
    }
    Ok(ProofView {
        schema: "yinxin.data-line/1",
        server: record.tbs.organisation.to_string(),
        record: record.id().to_string(),
        line: LineView::from(line),
    })
}

fn open(path: &Path) -> Done<BufReader<File>> {
    File::open(path).map(BufReader::new).map_err(|e| Failure::io(path, &e))
}
