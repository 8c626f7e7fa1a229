//! `audit denials`: what a node refused by the ledger's rules. The chain is gone along from the oldest entry that is kept to the last, and
//! held against what the node's organisation vouched for on the ledger.

use std::collections::VecDeque;

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_record::{
    AnchorDenials, DataAct, DenialsState, OrganisationCode, Refusal, Refused, Wire, state_key,
};
use yinxin_service::RefusalPage;

use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys::SignerOption,
    remote,
    send::{put, state},
    submit::{Client, LedgerArgs},
    ui::Ui,
};

/// `yinxin audit denials`
#[derive(Debug, clap::Args)]
pub(crate) struct Denials {
    /// The organisation that vouches for the node's journal; with --key its certificate says it
    #[arg(long, value_name = "CODE", value_parser = organisation, required_unless_present = "key")]
    organisation: Option<OrganisationCode>,
    /// How many of the last refusals to show; all that are kept are checked
    #[arg(long, value_name = "N", default_value_t = 100)]
    last: usize,
    /// Vouch for what the node has refused by now
    #[command(flatten)]
    signer: SignerOption,
    #[command(flatten)]
    ledger: LedgerArgs,
}

fn organisation(text: &str) -> Result<OrganisationCode, String> {
    OrganisationCode::new(text).map_err(|e| e.to_string())
}

/// The journal for people and programs.
#[derive(Serialize)]
struct DenialsView {
    schema: &'static str,
    organisation: String,
    journal: String,
    count: u64,
    oldest: u64,
    head: String,
    /// How many are vouched for; nobody can change them any more without its showing.
    vouched: u64,
    record: Option<String>,
    entries: Vec<EntryView>,
}

#[derive(Serialize)]
struct EntryView {
    number: u64,
    time: String,
    height: u64,
    organisation: Option<String>,
    records: u64,
    act: Option<String>,
    code: Option<String>,
    record: Option<String>,
    root: Option<String>,
}

/// What the journal says.
struct Read {
    page: RefusalPage,
    last: VecDeque<Refusal>,
    /// The chain after what is vouched for, if that is still kept.
    vouched: Option<Digest>,
}

impl Denials {
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let signer = self.signer.given().map(|signer| signer.load(ui)).transpose()?;
        let organisation = match (&signer, self.organisation) {
            (Some(signer), _) => OrganisationCode::new(&signer.code()?).class(Class::Usage)?,
            (None, Some(code)) => code,
            (None, None) => unreachable!("clap asks for one of them"),
        };
        let (read, mut known) = read(&client, &organisation, self.last)?;
        holds(&read, known.as_ref())?;
        let RefusalPage { journal, count, head, oldest, .. } = read.page;
        if let Some(signer) = signer
            && count > known.as_ref().map_or(0, |k| k.count)
        {
            let act = DataAct::AnchorDenials(AnchorDenials { journal, count, head });
            let key = format!("data/denials/{journal}@{count}");
            let done = put(&client, &signer, &key, act, None).map_err(|u| u.failure)?;
            let (record, height) = (done.id, done.height);
            known = Some(DenialsState { count, head, record, height });
        }
        let view = DenialsView {
            schema: "yinxin.denials-read/1",
            organisation: organisation.to_string(),
            journal: journal.to_string(),
            count,
            oldest,
            head: head.to_string(),
            vouched: known.as_ref().map_or(0, |k| k.count),
            record: known.map(|k| k.record.to_string()),
            entries: read.last.iter().map(EntryView::of).collect(),
        };
        ui.result(&view, |v| v.text(ui))
    }
}

/// All entries that are kept, by pages, and what is vouched for of this journal.
fn read(
    client: &Client,
    organisation: &OrganisationCode,
    last: usize,
) -> Done<(Read, Option<DenialsState>)> {
    let ask = |from| client.remote.refusals(from).map_err(|e| remote::failure(&e));
    let mut page = ask(0)?;
    let key = state_key::denials(organisation, &page.journal);
    let known: Option<DenialsState> = state(client, &key)?;
    let (journal, oldest) = (page.journal, page.oldest);
    let (mut chain, mut number) = (page.before, oldest);
    let vouched_at = known.as_ref().map(|k| k.count);
    let mut vouched = (vouched_at == Some(number - 1)).then_some(chain);
    let mut entries = VecDeque::new();
    while !page.entries.is_empty() {
        if page.journal != journal || page.before != chain {
            return Err(broken(number));
        }
        for der in &page.entries {
            let entry = Refusal::from_der(der).map_err(|_| broken(number))?;
            if entry.number != number {
                return Err(broken(number));
            }
            (chain, number) = (entry.chain(&chain), number + 1);
            if vouched_at == Some(entry.number) {
                vouched = Some(chain);
            }
            entries.push_back(entry);
            if entries.len() > last {
                entries.pop_front();
            }
        }
        page = ask(number)?;
    }
    // Nothing is left beyond the last entry, and the chain ends where the node says.
    if page.head != chain || page.count + 1 != number {
        return Err(broken(number));
    }
    Ok((Read { page, last: entries, vouched }, known))
}

fn broken(number: u64) -> Failure {
    Failure::new(
        Class::Invalid,
        format!(
            "the journal of refusals is broken at number {number}: entries were changed or left out"
        ),
        format!("拒绝记录在第 {number} 条处不连续：有记录被改动或遗漏"),
    )
}

/// What was vouched for is what the journal has.
fn holds(read: &Read, known: Option<&DenialsState>) -> Done {
    let Some(known) = known else { return Ok(()) };
    let kept = known.count + 1 >= read.page.oldest;
    if known.count > read.page.count || (kept && read.vouched != Some(known.head)) {
        return Err(Failure::new(
            Class::Invalid,
            format!(
                "the first {} refusals are not those that were vouched for by record {}: the journal was changed",
                known.count, known.record
            ),
            format!(
                "前 {} 条拒绝记录与记录 {} 所担保的不符：日志已被改动",
                known.count, known.record
            ),
        ));
    }
    Ok(())
}

impl EntryView {
    fn of(entry: &Refusal) -> Self {
        let (number, time, height) = (entry.number, entry.time.to_string(), entry.height);
        let none = Self {
            number,
            time,
            height,
            organisation: None,
            records: 1,
            act: None,
            code: None,
            record: None,
            root: None,
        };
        match &entry.refused {
            Refused::Act(act) => Self {
                organisation: Some(act.organisation.to_string()),
                act: Some(act.act.to_string()),
                code: Some(act.code.to_string()),
                record: Some(act.record.to_string()),
                ..none
            },
            Refused::Together(together) => Self {
                organisation: together.organisation.as_ref().map(ToString::to_string),
                records: together.records,
                root: Some(together.root.to_string()),
                ..none
            },
            _ => none,
        }
    }
}

impl DenialsView {
    fn text(&self, ui: &Ui) -> String {
        let mut text = format!(
            "{} {} ({}: {})\n",
            self.count,
            ui.pick("refused", "条拒绝记录"),
            ui.pick("vouched for", "已担保"),
            self.vouched
        );
        for entry in &self.entries {
            let who = entry.organisation.as_deref().unwrap_or("?");
            let what = match (&entry.act, &entry.code, &entry.record) {
                (Some(act), Some(code), Some(record)) => format!("{act}  {code}  {record}"),
                _ => format!("× {}", entry.records),
            };
            text.push_str(&format!("{:>8}  {}  {who}  {what}\n", entry.number, entry.time));
        }
        text
    }
}
