//! `data advise`: what the owner's own rules say of a request, for the person who decides it.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_record::{RequestState, state_key};
use yinxin_sharing::rule::{Outcome, Request, Rules};

use super::{
    catalogue::Source,
    request::{names, version},
    send,
    words::failure,
};
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    files,
    submit::LedgerArgs,
    ui::{self, Ui},
};

const DAY_MS: i64 = 24 * 3_600_000;

/// `yinxin data advise`
#[derive(Debug, clap::Args)]
pub(crate) struct Advise {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    request: Digest,
    #[command(flatten)]
    source: Source,
    /// The owner's rules, TOML; the first that fits is told
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    request: String,
    /// `grant`, `person`, `two-persons`, `refuse`, or `refuse-for-good`: nothing that a person could decide otherwise.
    advice: &'static str,
    rule: Option<String>,
    reason: String,
    basis: String,
}

impl Advise {
    /// Tells what the rules say. Nothing is decided.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let rules = Rules::from_toml(&files::read_text(&self.rules)?).map_err(|e| failure(&e));
        let rules = rules.at(self.rules.display())?;
        let catalogue = self.source.load()?.catalogue;
        let client = self.ledger.open(config)?;
        let state: RequestState = send::known(&client, &state_key::request(&self.request))?;
        let asked = &state.asked;
        let resource = catalogue.get(&asked.resource);
        let resource = resource.ok_or_else(|| {
            let code = &asked.resource;
            Failure::new(
                Class::Usage,
                format!("the catalogue has no resource {code}"),
                format!("目录中没有信息资源 {code}"),
            )
        })?;
        let items = names(&version(&client, &asked.resource, asked.version)?, &asked.fields);
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let left = asked.until.as_millis().saturating_sub(ui::now().as_millis()).max(0);
        let days = left / DAY_MS + i64::from(left % DAY_MS > 0);
        let request = Request {
            requester: &state.requester,
            purpose: asked.purpose.as_str(),
            items: &items,
            days: u32::try_from(days).unwrap_or(u32::MAX),
            rows: asked.limit.rows,
        };
        let judged = rules.judge(resource, &request).map_err(|e| failure(&e))?;
        let view = View {
            schema: "yinxin.data-advice/1",
            request: self.request.to_string(),
            advice: word(judged.outcome),
            rule: judged.rule,
            reason: judged.reason,
            basis: judged.basis,
        };
        ui.result(&view, |v| {
            let (rule, basis) = (ui.pick("rule", "规则"), ui.pick("basis", "依据"));
            let name = v.rule.as_deref().unwrap_or("–");
            format!("{}: {}\n  {rule} {name}, {basis} {}\n", v.advice, v.reason, v.basis)
        })
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Grant => "grant",
        Outcome::Person { dual: false } => "person",
        Outcome::Person { dual: true } => "two-persons",
        Outcome::Refuse { appeal: true } => "refuse",
        Outcome::Refuse { appeal: false } => "refuse-for-good",
    }
}
