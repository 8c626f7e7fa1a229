//! `credit score …`: computed from a view that anyone can check, explained, published, and computed again.

mod change;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use yinxin_credit::{
    Formula, Score,
    view::{CreditView, Seen},
};
use yinxin_gm::Digest;
use yinxin_record::{ClassCode, CreditAct, PublishFormula, state_key};

use change::ScoreView;

use super::{
    events, failure,
    view::{Checked, PackageArgs, chain},
    words,
};
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    papers,
    send::{self, Sending},
    submit::{Client, LedgerArgs},
    ui::Ui,
};

const SCHEMA: &str = "yinxin.credit-score/1";

/// `yinxin credit score …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ScoreCommand {
    /// Compute a score from a package and explain it, item by item; needs no node
    Compute(Compute),
    /// Publish a computed score's inputs and salted result
    Publish(PublishArgs),
    /// Compute again and compare with a score's file, and with what was published
    Check(CheckArgs),
}

/// A package and a formula.
#[derive(Debug, clap::Args)]
struct Inputs {
    #[command(flatten)]
    package: PackageArgs,
    /// The formula [default: the example that comes with this program]
    #[arg(long, value_name = "FILE")]
    formula: Option<PathBuf>,
}

/// `yinxin credit score compute`
#[derive(Debug, clap::Args)]
pub(crate) struct Compute {
    #[command(flatten)]
    from: Inputs,
    /// Keep the score and its salt in this file, for `publish` and `check`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// `yinxin credit score publish`
#[derive(Debug, clap::Args)]
pub(crate) struct PublishArgs {
    /// The score's file, from `compute`
    #[arg(value_name = "SCORE")]
    score: PathBuf,
    /// The package that it was computed from
    #[arg(long, value_name = "PACKAGE")]
    package: PathBuf,
    /// The formula that it was computed by [default: the example that comes with this program]
    #[arg(long, value_name = "FILE")]
    formula: Option<PathBuf>,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit score check`
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    from: Inputs,
    /// The score's file
    #[arg(long, value_name = "FILE")]
    score: PathBuf,
    /// The record that published it; asks a node
    #[arg(long, value_name = "ID")]
    record: Option<Digest>,
    /// A node's address
    #[arg(long, value_name = "URL")]
    node: Option<String>,
}

/// A score with its salt: whoever has it can prove the published result.
#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    subject: String,
    salt: String,
    result: String,
    score: serde_json::Value,
}

impl ScoreCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Compute(c) => c.run(ui, config),
            Self::Publish(c) => c.run(ui, config),
            Self::Check(c) => c.run(ui, config),
        }
    }
}

/// A score, and what it was computed from.
struct Computed {
    view: CreditView,
    seen: Seen,
    formula: Formula,
    score: Score,
}

impl Inputs {
    fn score(&self, config: &Config) -> Done<Computed> {
        let formula = match &self.formula {
            None => Formula::example()?,
            Some(path) => {
                let formula = Formula::from_toml(&files::read_text(path)?);
                formula.map_err(|e| failure(&e)).at(path.display())?
            }
        };
        let Checked { view, seen, .. } = self.package.check(config)?;
        // A score is of all that counts: a view of some classes would make another one.
        if !view.question.classes.is_empty() || view.question.ground.is_court() {
            return Err(Failure::new(
                Class::Usage,
                "a score needs a view of all classes, and not a court's",
                "评分须依据全部类别的视图，且不能是司法视图",
            )
            .todo(
                "take the view without --class and --court",
                "查看时请勿使用 --class 和 --court",
            ));
        }
        let score = formula.score(&seen)?;
        Ok(Computed { view, seen, formula, score })
    }
}

impl Compute {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        if let Some(out) = &self.out {
            files::must_be_free(out, false)?;
        }
        let computed = self.from.score(config)?;
        let (subject, score) = (computed.view.question.subject.to_string(), &computed.score);
        if let Some(out) = &self.out {
            let salt = papers::fresh();
            let kept = Kept {
                schema: SCHEMA.to_owned(),
                subject: subject.clone(),
                salt: salt.to_string(),
                result: score.digest(&salt).to_string(),
                score: serde_json::to_value(score).map_err(Failure::bug)?,
            };
            let json = serde_json::to_vec_pretty(&kept).map_err(Failure::bug)?;
            files::write(out, &json, Access::Owner, Existing::Keep)?;
        }
        let view = ScoreView::new(computed, None, None);
        ui.result(&view, |v| v.text(ui))
    }
}

fn read(path: &Path) -> Done<(Kept, Digest)> {
    let wrong = |why: String| {
        Failure::new(Class::Malformed, format!("no score: {why}"), format!("不是评分文件：{why}"))
            .at(path.display())
    };
    let kept: Kept =
        serde_json::from_slice(&files::read(path)?).map_err(|e| wrong(e.to_string()))?;
    if kept.schema != SCHEMA {
        return Err(wrong(format!("schema {:?}, expected {SCHEMA:?}", kept.schema)));
    }
    let salt = kept.salt.parse().map_err(|_| wrong("its salt is no digest".to_owned()))?;
    Ok((kept, salt))
}

impl PublishArgs {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let (kept, salt) = read(&self.score)?;
        let package = PackageArgs::of(self.package, self.sending.trust());
        let from = Inputs { package, formula: self.formula };
        let Computed { view, score, .. } = from.score(config)?;
        let subject = view.question.subject.clone();
        if subject.to_string() != kept.subject {
            return Err(Failure::new(
                Class::Usage,
                format!("the score is {}'s, the package {subject}'s", kept.subject),
                format!("评分主体为 {}，视图主体为 {subject}", kept.subject),
            ));
        }
        if kept.result != score.digest(&salt).to_string() {
            return Err(Failure::new(
                Class::Invalid,
                "the score's file is not what the package and the formula come to",
                "评分文件与依据视图和公式重新计算的结果不符",
            )
            .at(self.score.display())
            .todo(
                "compute it again, and give with --formula the one that it is computed by",
                "请重新计算，并用 --formula 指定所用公式",
            ));
        }
        let desk = self.sending.open(ui, config)?;
        must_be_published(&desk.client, &score)?;
        let act = score.publish(subject, chain(&view)?, &salt)?;
        let subject = act.subject.clone();
        let (points, grade) = (score.points, score.grade);
        let done = desk.send(&words::key("score", &act), CreditAct::Score(act))?;
        desk.told("score", &done, subject, format!("{points} {grade}"))
    }
}

/// The formula that a score names is the published one, to the last byte of its file.
fn must_be_published(client: &Client, score: &Score) -> Done {
    let code = ClassCode::new(&score.formula).map_err(Failure::bug)?;
    let leaf = state_key::credit_formula_version(&code, score.version);
    let published: PublishFormula = send::known(client, &leaf)?;
    let (expected, found) = (published.definition.to_string(), &score.definition);
    if expected == *found {
        return Ok(());
    }
    let name = format!("{code}@{}", score.version);
    Err(Failure::new(
        Class::Invalid,
        format!("formula {name} is published as {expected}, the one at hand is {found}"),
        format!("公式 {name} 发布时的摘要为 {expected}，所用公式为 {found}"),
    )
    .todo("give the formula that was published: --formula", "请用 --formula 指定已发布的公式"))
}

impl CheckArgs {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let (kept, salt) = read(&self.score)?;
        let computed = self.from.score(config)?;
        let Computed { view, score, .. } = &computed;
        let again = score.digest(&salt);
        let mut agrees = again.to_string() == kept.result;
        if let Some(id) = self.record {
            let trust = self.from.package.trust();
            let client = LedgerArgs { node: self.node.clone(), trust }.open(config)?;
            let event = events::event(&client, id)?;
            let published = event.map(|event| event.act);
            let Some(CreditAct::Score(published)) = published else {
                return Err(Failure::new(
                    Class::Usage,
                    format!("record {id} publishes no score"),
                    format!("记录 {id} 未发布评分"),
                ));
            };
            must_be_published(&client, score)?;
            agrees &= published.result == again
                && published.formula.as_str() == score.formula
                && published.version == score.version
                && published.as_of == score.as_of
                && published.inputs.to_string() == score.inputs
                && published.subject == view.question.subject
                && published.seen == chain(view)?;
        }
        let published = self.record.map(|id| id.to_string());
        let shown = ScoreView::new(computed, Some(agrees), published);
        ui.result(&shown, |v| v.text(ui))?;
        if agrees { Ok(()) } else { Err(Failure::told(Class::Invalid)) }
    }
}
