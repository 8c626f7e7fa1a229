//! `audit denials`: what a node refused by the ledger's rules. The chain is gone along from the oldest entry that is kept to the last, and
//! held against what the node's organisation vouched for on the ledger.

use std::collections::{BTreeSet, VecDeque};

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    Act, AnchorDenials, DataAct, DenialsState, OrganisationCode, Record, Refusal, Refused,
    Validators, Wire, state_key,
};
use yinxin_service::RefusalPage;

use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys::SignerOption,
    remote,
    send::{put, state},
    submit::{Client, LedgerArgs},
    trace::each_listed,
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

/// A journal that the organisation vouched for.
#[derive(Serialize)]
struct JournalView {
    journal: String,
    /// How many of its refusals are vouched for.
    vouched: u64,
    /// By which record.
    record: String,
    /// Whether it is the one that the node shows.
    shown: bool,
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
    /// Whether the node still keeps what was vouched for last, and it was compared; none where nothing is vouched for.
    compared: Option<bool>,
    /// All journals that the organisation vouched for, the newest first.
    journals: Vec<JournalView>,
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

/// A journal, and what its organisation vouches for of it.
type Vouched = (Digest, DenialsState);

impl Denials {
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let signer = self.signer.given().map(|signer| signer.load(ui)).transpose()?;
        let organisation = match (&signer, self.organisation) {
            (Some(signer), _) => OrganisationCode::new(&signer.code()?).class(Class::Usage)?,
            (None, Some(code)) => code,
            (None, None) => unreachable!("clap asks for one of them"),
        };
        let ask = |from| client.remote.refusals(from).map_err(|e| remote::failure(&e));
        let first = ask(0)?;
        let spinner = ui.spinner("reading what was vouched for", "正在读取已担保的日志");
        let mut journals = vouched(&client, &organisation, &first.journal)?;
        spinner.finish_and_clear();
        let own = |journals: &[Vouched]| {
            journals.iter().find(|(journal, _)| *journal == first.journal).map(|(_, k)| k.clone())
        };
        let known = own(&journals);
        let read = read(ask, first.clone(), known.as_ref().map(|k| k.count), self.last)?;
        holds(&read, known.as_ref())?;
        // Whoever vouches for a journal now says itself that it is the one.
        if signer.is_none() {
            newest(&read.page.journal, &journals, nodes(&client, &organisation)?)?;
        }
        let RefusalPage { journal, count, head, oldest, .. } = read.page;
        if let Some(signer) = signer
            && count > known.as_ref().map_or(0, |k| k.count)
        {
            let act = DataAct::AnchorDenials(AnchorDenials { journal, count, head });
            let key = format!("data/denials/{journal}@{count}");
            let done = put(&client, &signer, &key, act, None).map_err(|u| u.failure)?;
            let (record, height) = (done.id, done.height);
            journals.retain(|(known, _)| *known != journal);
            journals.insert(0, (journal, DenialsState { count, head, record, height }));
        }
        let known = own(&journals);
        let compared = known.as_ref().map(|k| kept(k, oldest));
        let shown = |(of, known): &Vouched| JournalView {
            journal: of.to_string(),
            vouched: known.count,
            record: known.record.to_string(),
            shown: *of == journal,
        };
        let view = DenialsView {
            schema: "yinxin.denials-read/1",
            organisation: organisation.to_string(),
            journal: journal.to_string(),
            count,
            oldest,
            head: head.to_string(),
            vouched: known.as_ref().map_or(0, |k| k.count),
            record: known.map(|k| k.record.to_string()),
            compared,
            journals: journals.iter().map(shown).collect(),
            entries: read.last.iter().map(EntryView::of).collect(),
        };
        ui.result(&view, |v| v.text(ui))
    }
}

/// The journals that an organisation vouched for, by its acts on the ledger and their proven states, the newest first; the one that the
/// node shows is asked for even if the node lists no act about it.
fn vouched(client: &Client, organisation: &OrganisationCode, shown: &Digest) -> Done<Vec<Vouched>> {
    let mut named = BTreeSet::from([*shown]);
    each_listed(client, &index_key::organisation(organisation), u64::MAX, |id| {
        let der = client.remote.record_of(id).map_err(|e| remote::failure(&e))?;
        let record = Record::from_der(&der).map_err(yinxin_record::Error::from);
        if let Act::Data(DataAct::AnchorDenials(act)) = record.class(Class::Node)?.tbs.act {
            named.insert(act.journal);
        }
        Ok(true)
    })?;
    let mut journals: Vec<Vouched> = Vec::new();
    for journal in named {
        let key = state_key::denials(organisation, &journal);
        journals.extend(state::<DenialsState>(client, &key)?.map(|known| (journal, known)));
    }
    journals.sort_by_key(|(_, known)| std::cmp::Reverse(known.height));
    Ok(journals)
}

/// All entries that are kept, by pages from the first one on, along the chain.
fn read(
    ask: impl Fn(u64) -> Done<RefusalPage>,
    mut page: RefusalPage,
    vouched_at: Option<u64>,
    last: usize,
) -> Done<Read> {
    let (journal, mut chain, mut number) = (page.journal, page.before, page.oldest);
    let before = number.checked_sub(1).ok_or_else(|| broken(number))?;
    let mut vouched = (vouched_at == Some(before)).then_some(chain);
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
            chain = entry.chain(&chain);
            number = number.checked_add(1).ok_or_else(|| broken(number))?;
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
    if page.head != chain || page.count.checked_add(1) != Some(number) {
        return Err(broken(number));
    }
    Ok(Read { page, last: entries, vouched })
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

/// Whether the chain after what is vouched for can be told from what is kept.
const fn kept(known: &DenialsState, oldest: u64) -> bool {
    known.count >= oldest.saturating_sub(1)
}

/// What was vouched for is what the journal has.
fn holds(read: &Read, known: Option<&DenialsState>) -> Done {
    let Some(known) = known else { return Ok(()) };
    let kept = kept(known, read.page.oldest);
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

/// How many nodes an organisation has: each keeps a journal of its own.
fn nodes(client: &Client, organisation: &OrganisationCode) -> Done<usize> {
    let known = state::<Validators>(client, &state_key::validators())?.unwrap_or_default();
    let own = known.validators.iter().filter(|validator| validator.organisation == *organisation);
    Ok(own.count().max(1))
}

/// The journal that the node shows is among those that were vouched for last, as many as there are nodes: another one, begun since or
/// brought back, leaves out what it refused.
fn newest(shown: &Digest, journals: &[Vouched], nodes: usize) -> Done {
    let is_current = journals.iter().take(nodes).any(|(journal, _)| journal == shown);
    match journals.first() {
        Some((journal, known)) if !is_current => Err(Failure::new(
            Class::Invalid,
            format!(
                "the node shows journal {shown}, and its organisation vouched last for {} refusals of journal {journal}, by record {}",
                known.count, known.record
            ),
            format!(
                "节点出示的是日志 {shown}，而其机构最近担保的是日志 {journal} 的 {} 条拒绝记录（记录 {}）",
                known.count, known.record
            ),
        )
        .todo(
            "ask the organisation for that journal, and why the node keeps another; it vouches for the new one with --key",
            "请向该机构索取该日志并问明更换原因；机构可用 --key 担保新日志",
        )),
        _ => Ok(()),
    }
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
            "{} {} ({}: {}; {}: {})\n",
            self.count,
            ui.pick("refused", "条拒绝记录"),
            ui.pick("vouched for", "已担保"),
            self.vouched,
            ui.pick("the oldest that is kept", "保留的最早一条"),
            self.oldest
        );
        if self.compared == Some(false) {
            text.push_str(ui.pick(
                "what was vouched for is no longer kept: not checked\n",
                "已担保的记录不再保留：未核对\n",
            ));
        }
        for other in self.journals.iter().filter(|j| !j.shown) {
            text.push_str(&match ui.pick("en", "zh") {
                "zh" => format!(
                    "该机构还担保过日志 {} 的 {} 条（记录 {}）：本节点未出示\n",
                    other.journal, other.vouched, other.record
                ),
                _ => format!(
                    "vouched for as well: {} of journal {} (record {}), which this node does not show\n",
                    other.vouched, other.journal, other.record
                ),
            });
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn page(count: u64, oldest: u64) -> RefusalPage {
        let (journal, head) = (Digest([1; 32]), Digest([2; 32]));
        RefusalPage { journal, count, head, oldest, before: head, entries: Vec::new() }
    }

    fn state(count: u64, head: u8, height: u64) -> DenialsState {
        DenialsState { count, head: Digest([head; 32]), record: Digest([9; 32]), height }
    }

    #[test]
    fn whatever_numbers_a_node_says_it_is_answered() {
        for (count, oldest) in
            [(0, 0), (u64::MAX, 1), (u64::MAX, 0), (u64::MAX, u64::MAX), (0, u64::MAX), (1, 1)]
        {
            let ask = |_| Ok(page(count, oldest));
            let failure = read(ask, page(count, oldest), Some(3), 9).err().unwrap();
            assert_eq!(failure.class, Class::Invalid, "{count} {oldest}");
        }
        // A journal of which nothing is kept is one; whether what was vouched for is compared is told by its numbers.
        let read = read(|_| Ok(page(7, 8)), page(7, 8), Some(7), 9).unwrap();
        assert_eq!(read.vouched, Some(Digest([2; 32])));
        assert!(holds(&read, Some(&state(7, 2, 1))).is_ok());
        assert!(holds(&read, Some(&state(7, 3, 1))).is_err(), "another chain");
        assert!(holds(&read, Some(&state(8, 2, 1))).is_err(), "more than there are");
        assert!(holds(&read, Some(&state(6, 3, 1))).is_ok() && !kept(&state(6, 3, 1), 8));
    }

    #[test]
    fn another_journal_than_the_one_vouched_for_last_is_refused() {
        let (a, b) = (Digest([1; 32]), Digest([2; 32]));
        let both = [(a, state(5, 1, 20)), (b, state(9, 1, 10))];
        assert!(newest(&a, &[], 1).is_ok(), "nothing is vouched for");
        assert!(newest(&a, &both, 1).is_ok() && newest(&b, &both, 1).is_err());
        assert!(newest(&b, &both, 2).is_ok(), "each of two nodes has its own");
        assert!(
            newest(&b, &both[..1], 1).is_err() && newest(&b, &both[..1], 2).is_err(),
            "a fresh one"
        );
    }
}
