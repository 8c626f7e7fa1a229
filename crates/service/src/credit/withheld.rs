//! What a service for everybody keeps to itself although the members of the ledger have it: items that are not public or have ended, and
//! what tells of them. That a record is there stays proven to whoever has it: its receipt, without the record.

use axum::http::StatusCode;
use yinxin_credit::{Classes, CreditItem};
use yinxin_gm::Digest;
use yinxin_receipt::{Receipt, Subject};
use yinxin_record::{
    About, Act, ClassReference, ItemState, Record, SourceItemState, Wire, state_key,
};
use yinxin_verdict::Lang;

use super::{events::classes, views::is_public};
use crate::{App, Problem, data::reading::Reading};

/// How far an act is from the item that it tells of: a decision, the application that it answers, the item.
const STEPS: usize = 3;

/// Refuses the state of what is withheld.
pub(crate) async fn state(app: &App, key: &[u8], lang: Lang) -> Result<(), Problem> {
    let Some(reading) = reading(app, lang)? else { return Ok(()) };
    let text = core::str::from_utf8(key).unwrap_or_default();
    let Some((kind, Ok(id))) = text.split_once('/').map(|(kind, id)| (kind, id.parse())) else {
        return Ok(());
    };
    match kind {
        "credit-item" | "credit-open" | "credit-source-item" => item(&reading, id).await,
        "credit-objection" | "credit-repair" | "credit-measure" | "credit-source-case" => {
            told(&reading, id).await
        }
        _ => Ok(()),
    }
}

/// Refuses a record that tells of what is withheld.
pub(crate) async fn record(app: &App, der: &[u8], lang: Lang) -> Result<(), Problem> {
    let Some(reading) = reading(app, lang)? else { return Ok(()) };
    let record = Record::from_der(der).map_err(|e| reading.garbled(e))?;
    if matches!(record.tbs.act, Act::Credit(_)) {
        told(&reading, record.id()).await
    } else {
        Ok(())
    }
}

/// A receipt, without its record if that is withheld.
pub(crate) async fn receipt(app: &App, der: Vec<u8>, lang: Lang) -> Result<Vec<u8>, Problem> {
    let Some(reading) = reading(app, lang)? else { return Ok(der) };
    let found = Receipt::from_der(&der).map_err(|e| reading.garbled(e))?;
    let Some(bytes) = found.subject.record() else { return Ok(der) };
    match record(app, bytes, lang).await {
        Ok(()) => Ok(der),
        Err(problem) if problem.status == StatusCode::FORBIDDEN.as_u16() => {
            let subject = Subject::Hash(found.subject.record_hash());
            Ok(Receipt { subject, ..found }.to_der())
        }
        Err(problem) => Err(problem),
    }
}

/// Where nothing is withheld, there is nothing to read.
fn reading(app: &App, lang: Lang) -> Result<Option<Reading>, Problem> {
    let open = || Ok(Reading { ledger: app.ledger(lang)?.clone(), lang });
    app.for_everybody.then(open).transpose()
}

/// What a record tells of an item, if it does.
async fn told(reading: &Reading, mut id: Digest) -> Result<(), Problem> {
    for _ in 0..STEPS {
        let der = reading.ledger.record(id).await.map_err(|e| reading.problem(&e))?;
        let record = Record::from_der(&der).map_err(|e| reading.garbled(e))?;
        let Act::Credit(act) = &record.tbs.act else { return Ok(()) };
        match act.about() {
            Some(About::Itself) => return item(reading, id).await,
            Some(About::Item(of)) => return item(reading, of).await,
            Some(About::ItemOf(of)) => id = of,
            None => return Ok(()),
        }
    }
    Ok(())
}

async fn item(reading: &Reading, id: Digest) -> Result<(), Problem> {
    let proven = reading.state::<ItemState>(state_key::credit_item(&id)).await?;
    let Some(state) = proven.value else { return of_batch(reading, id).await };
    let item = CreditItem::of_state(id, &state);
    open_to_all(reading, &id, &item.class).await?;
    if item.is_shown(proven.time) { Ok(()) } else { Err(ended(&id, reading.lang)) }
}

/// An item of a batch, once a case told the ledger of it. Whether it has ended, its source's batches say and not the ledger.
async fn of_batch(reading: &Reading, id: Digest) -> Result<(), Problem> {
    let key = state_key::credit_source_item(&id);
    let Some(state) = reading.state::<SourceItemState>(key).await?.value else { return Ok(()) };
    open_to_all(reading, &id, &state.class).await?;
    Err(batched(&id, reading.lang))
}

async fn open_to_all(
    reading: &Reading,
    id: &Digest,
    class: &ClassReference,
) -> Result<(), Problem> {
    let mut known = Classes::new();
    classes(reading, vec![class.clone()], &mut known).await?;
    let open = known.get(class).is_some_and(is_public);
    open.then_some(()).ok_or_else(|| not_public(id, reading.lang))
}

pub(super) fn not_public(id: &Digest, lang: Lang) -> Problem {
    let title = ["not for everybody", "不向社会公开"];
    let what = ["records of this class are not shown to everybody", "该类目的记录不向社会公开"];
    let todo = [
        "a reader with a ground takes a view: `yinxin credit view take`",
        "有依据的查询方请使用 `yinxin credit view take`",
    ];
    withheld("not-public", id, lang, [title, what, todo])
}

fn batched(id: &Digest, lang: Lang) -> Problem {
    let title = ["an item of a batch", "批次中的记录"];
    let what = [
        "whether it is still shown, its source's batches say; that the case is there, the case's receipt proves",
        "是否仍在公示由来源单位的批次决定；案件已上链可由案件的回执证明",
    ];
    let todo = [
        "what is shown of a subject is at /v1/credit/subjects/{subject}",
        "主体的公示信息请查询 /v1/credit/subjects/{subject}",
    ];
    withheld("batched", id, lang, [title, what, todo])
}

fn ended(id: &Digest, lang: Lang) -> Problem {
    let title = ["no longer shown", "已不再公示"];
    let what = [
        "it expired, was repaired, withdrawn or struck off, and what it says is for a court; that it is there, /v1/receipts and /v1/credit/items prove",
        "已到期、修复、撤销或移出，其内容仅供司法查询；其存在可由 /v1/receipts 与 /v1/credit/items 证明",
    ];
    let todo = [
        "for a court, a member of the ledger takes a view: `yinxin credit view take --court`",
        "司法查询由账本成员使用 `yinxin credit view take --court`",
    ];
    withheld("ended", id, lang, [title, what, todo])
}

/// Title, reason and advice, each in English and Chinese.
fn withheld(kind: &str, id: &Digest, lang: Lang, words: [[&str; 2]; 3]) -> Problem {
    let [title, what, todo] = words.map(|[en, zh]| lang.pick(en, zh));
    let problem = Problem::new(StatusCode::FORBIDDEN, kind, title, format!("{id}: {what}"));
    Problem { todo: todo.to_owned(), ..problem }
}
