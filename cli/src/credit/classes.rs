//! `credit classes | publish`: the law as data, and its way to the ledger.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_credit::{Class as ItemClass, ClassTable, Forms, Formula};
use yinxin_gm::sm3;
use yinxin_record::{
    ClassCode, ClassState, CreditAct, Date, PublishClass, PublishFormula, Wire, state_key,
};

use super::{contents, failure, words};
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    keys::{Signer, SignerArgs},
    send,
    submit::{Client, LedgerArgs},
    ui::{self, Ui},
};

/// `yinxin credit classes`
#[derive(Debug, clap::Args)]
pub(crate) struct ClassesCommand {
    /// The table of classes [default: the one that comes with this program]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only this class, all of it
    #[arg(long = "class", value_name = "CODE", value_parser = ClassCode::new)]
    class: Option<ClassCode>,
}

#[derive(Serialize)]
struct TableView {
    schema: &'static str,
    table: String,
    digest: String,
    classes: Vec<ClassView>,
}

#[derive(Serialize)]
struct ClassView {
    class: String,
    name: String,
    kind: &'static str,
    valid_from: String,
    valid_until: Option<String>,
    min_months: u16,
    max_months: Option<u16>,
    publish_days: Option<u16>,
    repair: Option<Vec<String>>,
    repair_days: Option<u16>,
    extension_days: Option<u16>,
    forward_days: Option<u16>,
    sync_days: Option<u16>,
    laws: Vec<String>,
    measures: Vec<String>,
    source: String,
    unsure: Vec<String>,
}

impl ClassView {
    fn new(class: &ItemClass) -> Self {
        let words = |all: &[yinxin_record::EvidenceKind]| {
            all.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let list = class.list.as_ref();
        Self {
            class: class.reference.to_string(),
            name: class.name.to_string(),
            kind: class.kind.name(),
            valid_from: class.valid_from.to_string(),
            valid_until: class.valid_until.map(|day| day.to_string()),
            min_months: class.term.min_months,
            max_months: class.term.max_months,
            publish_days: class.limits.publish_days,
            repair: class.repair.as_ref().map(|repair| words(&repair.rule.evidence)),
            repair_days: class.repair.as_ref().map(|repair| repair.rule.days),
            extension_days: class.repair.as_ref().map(|repair| repair.extension_days),
            forward_days: class.repair.as_ref().map(|repair| repair.forward_days),
            sync_days: class.repair.as_ref().map(|repair| repair.sync_days),
            laws: class.laws.iter().map(ToString::to_string).collect(),
            measures: list.iter().flat_map(|l| &l.measures).map(|m| m.code.to_string()).collect(),
            source: class.source.clone(),
            unsure: class.unsure.clone(),
        }
    }

    fn text(&self, ui: &Ui, whole: bool) -> String {
        let Self { class, name, kind, valid_from, min_months, .. } = self;
        let max = self.max_months.map_or_else(|| "∞".to_owned(), |m| m.to_string());
        let months = ui.pick("months", "个月");
        let mut out = format!("{class:<26} {kind:<14} {min_months:>2}–{max:<3} {months}  {name}\n");
        if !whole {
            return out;
        }
        let until = self.valid_until.as_deref().unwrap_or("…");
        let mut line = |en: &str, zh: &str, value: String| {
            if !value.is_empty() {
                out.push_str(&format!("  {} {value}\n", ui.pick(en, zh)));
            }
        };
        line("judges decisions of", "适用决定日期", format!("{valid_from} – {until}"));
        line("published within working days:", "公示期限（工作日）：", number(self.publish_days));
        line(
            "repaired with",
            "修复材料",
            self.repair.iter().flatten().cloned().collect::<Vec<_>>().join(", "),
        );
        line(
            "repair decided within working days:",
            "修复办理期限（工作日）：",
            number(self.repair_days),
        );
        line(
            "repair put off once by working days:",
            "修复可延长一次（工作日）：",
            number(self.extension_days),
        );
        line(
            "repair forwarded within working days:",
            "修复转办期限（工作日）：",
            number(self.forward_days),
        );
        line(
            "repair told everywhere within working days:",
            "修复同步期限（工作日）：",
            number(self.sync_days),
        );
        line("measures", "措施", self.measures.join(", "));
        line("laws", "依据", self.laws.join("；"));
        line("source", "来源", self.source.clone());
        line("unsure", "待核实", self.unsure.join(", "));
        out
    }
}

fn number(n: Option<u16>) -> String {
    n.map(|n| n.to_string()).unwrap_or_default()
}

impl ClassesCommand {
    /// Checks the table and shows it.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let table = contents::classes(self.file.as_deref())?;
        let wanted = |class: &&ItemClass| {
            self.class.as_ref().is_none_or(|code| class.reference.code == *code)
        };
        let classes: Vec<_> = table.classes().filter(wanted).map(ClassView::new).collect();
        if let (true, Some(code)) = (classes.is_empty(), &self.class) {
            return Err(unknown(code));
        }
        let (name, digest) = (table.name().to_owned(), table.digest().to_string());
        let view = TableView { schema: "yinxin.credit-classes/1", table: name, digest, classes };
        let whole = self.class.is_some();
        ui.result(&view, |v| {
            let head = format!("{} {}\n", v.table, v.digest);
            let rows = v.classes.iter().map(|class| class.text(ui, whole));
            [head].into_iter().chain(rows).collect()
        })
    }
}

pub(super) fn unknown(code: &ClassCode) -> Failure {
    Failure::new(
        Class::Usage,
        format!("the table of classes has no {code}"),
        format!("分类表中没有 {code}"),
    )
    .todo("see `yinxin credit classes`", "可用类别见 `yinxin credit classes`")
}

/// `yinxin credit publish`
#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    /// Classes, CODE or CODE@VERSION; with none and no formula, all of the table
    #[arg(value_name = "CLASS", value_parser = words::reference)]
    codes: Vec<(ClassCode, Option<u32>)>,
    #[command(flatten)]
    tables: contents::Tables,
    /// Publish a version anew whose first day has not come: what it said before is forgotten
    #[arg(long)]
    replace: bool,
    /// A formula for scores; may be repeated
    #[arg(long, value_name = "FILE")]
    formula: Vec<PathBuf>,
    /// Where receipts go, a file for each version; a run that was cut off goes on where it stopped
    #[arg(long, value_name = "DIR")]
    receipts: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct PublishView {
    schema: &'static str,
    published: Vec<String>,
    known: Vec<String>,
}

struct Press<'a> {
    client: Client,
    signer: Signer,
    receipts: &'a PathBuf,
    replace: bool,
    view: PublishView,
}

impl Publish {
    /// Publishes every version that the ledger does not have.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let (table, forms) = (self.tables.classes()?, self.tables.forms()?);
        let formulas = self.formula.iter().map(|path| formula(path)).collect::<Done<Vec<_>>>()?;
        if let Some((code, _)) = self.codes.iter().find(|(code, _)| table.newest(code).is_none()) {
            return Err(unknown(code));
        }
        let (client, signer) = (self.ledger.open(config)?, self.signer.load(ui)?);
        let view = PublishView {
            schema: "yinxin.credit-publish/1",
            published: Vec::new(),
            known: Vec::new(),
        };
        let receipts = &self.receipts;
        let mut press = Press { client, signer, receipts, replace: self.replace, view };
        let all = self.codes.is_empty() && formulas.is_empty();
        let named = |class: &&ItemClass| {
            let reference = &class.reference;
            let is = |(code, version): &(ClassCode, Option<u32>)| {
                reference.code == *code && version.is_none_or(|v| v == reference.version)
            };
            all || self.codes.iter().any(is)
        };
        let classes: Vec<_> = table.classes().filter(named).collect();
        let bar = ui.progress((classes.len() + formulas.len()) as u64, "publishing", "发布");
        for class in classes {
            press.class(&table, &forms, class)?;
            bar.inc(1);
        }
        for formula in formulas {
            press.formula(formula)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        ui.result(&press.view, |v| {
            let line = |word: &str, name: &String| format!("{name}: {word}\n");
            let new = v.published.iter().map(|n| line(ui.pick("published", "已发布"), n));
            let old = v.known.iter().map(|n| line(ui.pick("known already", "此前已发布"), n));
            new.chain(old).collect()
        })
    }
}

fn formula(path: &Path) -> Done<PublishFormula> {
    let formula = Formula::from_toml(&files::read_text(path)?);
    Ok(formula.map_err(|e| failure(&e)).at(path.display())?.publish())
}

impl Press<'_> {
    fn class(&mut self, table: &ClassTable, forms: &Forms, class: &ItemClass) -> Done {
        let act = table.publish(class, forms)?;
        let name = format!("{}@{}", act.code, act.version);
        let leaf = state_key::credit_class_version(&act.code, act.version);
        match send::state::<PublishClass>(&self.client, &leaf)? {
            Some(known) if table.says(&known) && known.form == act.form => self.is_known(&name),
            Some(known) if self.may_replace(&name, known.valid_from)? => {
                let key = format!("credit/class/{name}/{}", sm3::digest(&act.to_der()));
                self.put(name, &key, CreditAct::PublishClass(act))
            }
            Some(known) => {
                contents::same_form(forms, class, &known)?;
                Err(says_else(&name))
            }
            None => {
                let newest = state_key::credit_class(&act.code);
                self.in_turn(&name, act.version, &newest)?;
                let key = format!("credit/class/{name}/{}", sm3::digest(&act.to_der()));
                self.put(name, &key, CreditAct::PublishClass(act))
            }
        }
    }

    fn formula(&mut self, act: PublishFormula) -> Done {
        let name = format!("{}@{}", act.code, act.version);
        let leaf = state_key::credit_formula_version(&act.code, act.version);
        match send::state::<PublishFormula>(&self.client, &leaf)? {
            Some(known) if known == act => self.is_known(&name),
            Some(known) if self.may_replace(&name, known.valid_from)? => {
                let key = format!("credit/formula/{name}/{}", sm3::digest(&act.to_der()));
                self.put(name, &key, CreditAct::PublishFormula(act))
            }
            Some(_) => Err(says_else(&name)),
            None => {
                let newest = state_key::credit_formula(&act.code);
                self.in_turn(&name, act.version, &newest)?;
                let key = format!("credit/formula/{name}/{}", sm3::digest(&act.to_der()));
                self.put(name, &key, CreditAct::PublishFormula(act))
            }
        }
    }

    /// A version whose forerunner was written a moment ago, through another node, is given time.
    fn in_turn(&self, name: &str, version: u32, newest: &[u8]) -> Done {
        if version > 1 {
            let state: ClassState = send::known(&self.client, newest).at(name)?;
            if state.version + 1 < version {
                return Err(Failure::new(
                    Class::Usage,
                    format!("{name}: the ledger has version {} only", state.version),
                    format!("{name}：账本上最新为第 {} 版", state.version),
                )
                .todo("publish the versions between too", "请一并发布中间版本"));
            }
        }
        Ok(())
    }

    fn is_known(&mut self, name: &str) -> Done {
        self.view.known.push(name.to_owned());
        Ok(())
    }

    /// Whether a version that says something else makes way: its day has not come, and that was asked for.
    fn may_replace(&self, name: &str, valid_from: Date) -> Done<bool> {
        let waits = Date::of(ui::now()) < valid_from;
        if !waits || self.replace {
            return Ok(waits);
        }
        Err(Failure::new(
            Class::Invalid,
            format!("{name} is published, says something else, and waits for {valid_from}"),
            format!("{name} 已发布、内容不同，且自 {valid_from} 起方生效"),
        )
        .todo(
            "until its day whoever published it may publish it anew: give --replace",
            "生效之日前，原发布单位可以重新发布：请使用 --replace",
        ))
    }

    fn put(&mut self, name: String, key: &str, act: CreditAct) -> Done {
        let receipt = self.receipts.join(format!("{name}.receipt"));
        let kept = send::beside(&receipt, "unsent");
        let sent = send::put(&self.client, &self.signer, key, act, Some(&kept));
        let done = sent.map_err(|unsent| unsent.failure).at(&name)?;
        files::write(&receipt, &done.receipt, Access::Public, Existing::Replace)?;
        send::remove(&kept)?;
        self.view.published.push(name);
        Ok(())
    }
}

fn says_else(name: &str) -> Failure {
    Failure::new(
        Class::Invalid,
        format!("{name} is published, and says something else"),
        format!("{name} 已发布，且内容不同"),
    )
    .todo(
        "what is published does not change: make it the next version",
        "已发布的版本不能更改：请作为下一版本发布",
    )
}
