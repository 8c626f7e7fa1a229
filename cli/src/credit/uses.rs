//! `credit uses`: who looked at a subject's credit, who may, and what was made of it.

use serde::Serialize;
use yinxin_ledger::index_key;
use yinxin_record::{CreditAct, EventChain, Subject, state_key};

use super::{
    events::{self, Event},
    words,
};
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    send,
    submit::LedgerArgs,
    trace::listed,
    ui::Ui,
};

/// `yinxin credit uses`
#[derive(Debug, clap::Args)]
pub(crate) struct Uses {
    /// Whose credit: a credit code, or CUSTODIAN:PSEUDONYM
    #[arg(value_name = "SUBJECT", value_parser = words::subject)]
    subject: Subject,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct UsesView {
    schema: &'static str,
    subject: String,
    /// How many records the subject's leaf of uses counts; those listed replay to it.
    records: u64,
    head: String,
    /// Oldest first.
    uses: Vec<UseView>,
}

/// A view, an authorisation or its end, a score, a key.
#[derive(Serialize)]
struct UseView {
    record: String,
    kind: &'static str,
    time: String,
    /// Who put it on the ledger.
    by: String,
    /// Who saw it, or may.
    reader: Option<String>,
    purpose: Option<String>,
    ground: Option<String>,
    /// Empty: all.
    classes: Vec<String>,
    as_of: Option<String>,
    until: Option<String>,
    formula: Option<String>,
}

impl Uses {
    /// Lists what the subject's chain of uses is made of; a list that does not replay to it is refused.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let leaf: Option<EventChain> =
            send::state(&client, &state_key::credit_uses(&self.subject))?;
        let leaf = leaf.unwrap_or_else(|| EventChain::start(&self.subject));
        let count = usize::try_from(leaf.count).unwrap_or(usize::MAX);
        let ids = listed(&client, &index_key::credit_uses(&self.subject), u64::MAX, count)?;
        let uses = events::of_ids(&client, ids)?;
        let found = EventChain::replay(&self.subject, uses.iter().map(|event| &event.id));
        if found != leaf {
            return Err(withheld(&leaf, &found));
        }
        let view = UsesView {
            schema: "yinxin.credit-uses-read/1",
            subject: self.subject.to_string(),
            records: leaf.count,
            head: leaf.head.to_string(),
            uses: uses.iter().map(UseView::new).collect(),
        };
        ui.result(&view, |v| text(v, ui))
    }
}

fn withheld(leaf: &EventChain, found: &EventChain) -> Failure {
    let (known, listed) = (leaf.count, found.count);
    Failure::new(
        Class::Invalid,
        format!(
            "the leaf counts {known} uses, and the {listed} that the node lists do not replay to it"
        ),
        format!("账本叶值记有 {known} 次使用，节点列出的 {listed} 条不能重放至该值"),
    )
    .todo("ask another node", "请查询其他节点")
}

impl UseView {
    fn new(event: &Event) -> Self {
        let mut view = Self {
            record: event.id.to_string(),
            kind: "key",
            time: event.time.to_string(),
            by: event.record.tbs.organisation.to_string(),
            reader: None,
            purpose: None,
            ground: None,
            classes: Vec::new(),
            as_of: None,
            until: None,
            formula: None,
        };
        match &event.act {
            CreditAct::View(act) => {
                view.kind = "view";
                view.reader = Some(act.reader.to_string());
                view.purpose = Some(act.purpose.to_string());
                view.ground = Some(words::ground(&act.ground));
                view.classes = act.classes.iter().map(ToString::to_string).collect();
                view.as_of = Some(act.as_of.to_string());
            }
            CreditAct::Authorise(act) => {
                view.kind = "authorise";
                view.reader = Some(act.terms.reader.to_string());
                view.purpose = Some(act.terms.purpose.to_string());
                view.classes = act.terms.classes.iter().map(ToString::to_string).collect();
                view.until = Some(act.terms.until.to_string());
            }
            CreditAct::RevokeAuthorisation(act) => {
                view.kind = "revoke";
                view.ground = Some(format!("authorisation {}", act.authorisation));
            }
            CreditAct::Score(act) => {
                view.kind = "score";
                view.formula = Some(format!("{}@{}", act.formula, act.version));
                view.as_of = Some(act.as_of.to_string());
            }
            _ => {}
        }
        view
    }

    fn text(&self, ui: &Ui) -> String {
        let what = match self.kind {
            "view" => ui.pick("seen by", "查询"),
            "authorise" => ui.pick("authorised", "授权"),
            "revoke" => ui.pick("authorisation ended", "授权终止"),
            "score" => ui.pick("score published", "公布评分"),
            _ => ui.pick("key registered", "登记公钥"),
        };
        let parts = [
            self.reader.as_ref().or(Some(&self.by)).cloned(),
            self.purpose.clone(),
            self.ground.clone(),
            self.formula.clone(),
            (!self.classes.is_empty()).then(|| self.classes.join(", ")),
            self.as_of.as_ref().map(|at| format!("{} {at}", ui.pick("as of", "截至"))),
            self.until.as_ref().map(|at| format!("{} {at}", ui.pick("until", "至"))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("- {} {what}: {}\n  {}\n", self.time, parts.join(", "), self.record)
    }
}

fn text(v: &UsesView, ui: &Ui) -> String {
    let mut out = format!("{}\n", v.subject);
    out.extend(v.uses.iter().map(|of| of.text(ui)));
    let count = v.records;
    out.push_str(&match ui.pick("en", "zh") {
        "zh" => format!("共 {count} 条，已与账本叶值核对齐全\n"),
        _ => format!("{count} in all, accounted for by the ledger's leaf\n"),
    });
    out
}
