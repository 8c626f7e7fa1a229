//! `verify FILE…`: one report for each file, the gravest verdict as exit code.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::Serialize;
use yinxin_receipt::{StatusProof, Wire};
use yinxin_verdict::{Policy, Report, UnixTime, Verdict, shown};
use yinxin_verify::Trust;

use crate::{
    audit,
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files, trusting,
    ui::{self, Ui},
};

/// `yinxin verify`
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// OFD documents, e-seals, GB/T 35275 messages, certificates, records, receipts, status proofs, packages of evidence (file or folder); `-` for stdin
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    how: Judging,
    /// The content of a GB/T 35275 message that was signed apart from it
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// One line for each file instead of every check
    #[arg(long, short)]
    brief: bool,
}

/// How verdicts are found.
#[derive(Debug, clap::Args)]
pub(crate) struct Judging {
    /// The folder of what is trusted: certificates, revocation lists, genesis, checkpoints
    #[arg(long, value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
    /// Judge as of this time instead of now, such as 2026-11-22 or 2026-11-22T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    at: Option<UnixTime>,
    /// What facts mean, as TOML (see specs/verdict.md)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A fresh status proof to judge the files by; may be repeated
    #[arg(long, value_name = "FILE")]
    status: Vec<PathBuf>,
}

/// Trust, policy and time, read once for all files.
pub(crate) struct Judge {
    trust: Trust,
    policy: Policy,
    at: UnixTime,
    content: Option<Vec<u8>>,
}

impl Judging {
    /// Reads what is needed to judge.
    pub(crate) fn judge(&self, config: &Config) -> Done<Judge> {
        let mut trust = match config.trust_folder(self.trust.as_deref()) {
            Some(folder) => trusting::load(&folder)?,
            None => Trust::default(),
        };
        let policy = match &self.policy {
            Some(path) => policy(path)?,
            None => Policy::default(),
        };
        for path in &self.status {
            trust.add_status_proof(proof(path)?);
        }
        Ok(Judge { trust, policy, at: self.at.unwrap_or_else(ui::now), content: None })
    }
}

fn proof(path: &Path) -> Done<StatusProof> {
    StatusProof::from_der(&files::read(path)?)
        .map_err(yinxin_receipt::Error::from)
        .class(Class::Malformed)
        .at(path.display())
}

fn policy(path: &Path) -> Done<Policy> {
    let wrong = |what: String| {
        Failure::new(Class::Usage, what.clone(), what)
            .todo(
                "correct the policy; specs/verdict.md lists its settings and the reason codes",
                "请更正策略文件；可用设置与原因代码见 specs/verdict.md",
            )
            .at(path.display())
    };
    let policy: Policy =
        toml::from_str(&files::read_text(path)?).map_err(|e| wrong(e.to_string()))?;
    match policy.unknown_names().first() {
        Some(name) => Err(wrong(format!("{name:?} is no reason code"))),
        None => Ok(policy),
    }
}

impl Judge {
    /// The report for one input.
    pub(crate) fn report(&self, bytes: &[u8]) -> Report {
        let Self { trust, policy, at, content } = self;
        match content {
            Some(content) => yinxin_verify::verify_detached(bytes, content, trust, policy, *at),
            None => yinxin_verify::verify(bytes, trust, policy, *at),
        }
    }
}

#[derive(Serialize)]
struct View<'a> {
    schema: &'static str,
    verdict: Verdict,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct FileView<'a> {
    file: String,
    report: &'a Report,
}

type Answer = Done<Report>;

impl Verify {
    /// Verifies, prints, and ends with the gravest verdict's exit code.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let mut judge = self.how.judge(config)?;
        if let Some(path) = &self.content {
            judge.content = Some(self.content_of_the_one(path)?);
        }
        let answers = all(&judge, &self.files, ui);
        let mut worst: Option<Failure> = None;
        let mut reports = Vec::new();
        for (path, answer) in self.files.iter().zip(answers) {
            let failure = match answer {
                Ok(report) => {
                    let failure = Class::of(report.verdict).map(Failure::told);
                    reports.push((path, report));
                    failure
                }
                Err(failure) => {
                    ui.failure(&failure);
                    Some(Failure::told(failure.class))
                }
            };
            worst = graver(worst, failure);
        }
        self.print(ui, &reports)?;
        worst.map_or(Ok(()), Err)
    }

    /// The content, if there is one message for it.
    fn content_of_the_one(&self, path: &Path) -> Done<Vec<u8>> {
        if self.files.len() == 1 {
            return files::read(path);
        }
        Err(Failure::new(
            Class::Usage,
            "--content belongs to one message; several files are named",
            "--content 只对应一个签名消息，但给出了多个文件",
        )
        .todo("verify them one by one", "请逐个验证"))
    }

    fn print(&self, ui: &Ui, reports: &[(&PathBuf, Report)]) -> Done {
        let files = reports
            .iter()
            .map(|(path, report)| FileView { file: path.display().to_string(), report })
            .collect();
        let verdict =
            reports.iter().map(|(_, r)| r.verdict).max().unwrap_or(Verdict::Indeterminate);
        let view = View { schema: "yinxin.verification/1", verdict, files };
        ui.result(&view, |v| {
            let lines: String = v.files.iter().map(|f| self.text(ui, f)).collect();
            if v.files.len() > 1 { lines + &summary(ui, v) } else { lines }
        })
    }

    fn text(&self, ui: &Ui, file: &FileView<'_>) -> String {
        let FileView { file, report } = file;
        if self.brief {
            let reasons = report.reasons.join(", ");
            return format!("{}: {} {reasons}", shown(file), report.verdict.say(ui.lang))
                .trim_end()
                .to_owned()
                + "\n";
        }
        format!("{}: {}", shown(file), report.to_text(ui.lang))
    }
}

fn summary(ui: &Ui, view: &View<'_>) -> String {
    let count = |v: Verdict| view.files.iter().filter(|f| f.report.verdict == v).count();
    let all = [Verdict::Valid, Verdict::Indeterminate, Verdict::Invalid];
    let parts: Vec<_> = all
        .iter()
        .filter(|v| count(**v) > 0)
        .map(|v| format!("{} {}", count(*v), v.say(ui.lang)))
        .collect();
    format!("{}: {}\n", ui.pick("together", "合计"), parts.join(", "))
}

/// A file, or a folder that holds a package of evidence.
fn input(path: &Path) -> Done<Vec<u8>> {
    if path.is_dir() { Ok(audit::read_package(path)?.to_der()) } else { files::read(path) }
}

/// INVALID outweighs everything, then what could not be read, then INDETERMINATE (specs/cli.md, "Exit codes").
fn graver(a: Option<Failure>, b: Option<Failure>) -> Option<Failure> {
    let weight = |f: &Failure| match f.class {
        Class::Invalid => 3,
        Class::Indeterminate => 1,
        _ => 2,
    };
    match (a, b) {
        (Some(a), Some(b)) => Some(if weight(&b) > weight(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Every file's answer, in order, found on all processors.
fn all(judge: &Judge, paths: &[PathBuf], ui: &Ui) -> Vec<Answer> {
    let bar = ui.progress(paths.len() as u64, "verifying", "验证");
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<Option<Answer>>> = Mutex::new(paths.iter().map(|_| None).collect());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(i) else { return };
                    let answer = input(path).map(|bytes| judge.report(&bytes));
                    answers.lock().unwrap_or_else(PoisonError::into_inner)[i] = Some(answer);
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers
        .into_iter()
        .map(|a| a.unwrap_or_else(|| Err(Failure::bug("a file was skipped"))))
        .collect()
}
