//! A view gathered from a node and from sources' stores, and checked as its reader will check it.

use std::{collections::BTreeSet, path::PathBuf};

use yinxin_credit::{
    source::{Lookup, SourceEvent, SourceRecord, SourceStore},
    view::{CreditView, Seen, ShownContent, SourcePart, ViewQuestion, check_view},
};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{
    CreditAct, CreditSources, EventChain, OrganisationCode, SourceItemState, SourceMarks,
    SourceState, Subject, ViewGround, Wire, state_key,
};
use yinxin_verdict::Policy;

use super::super::{
    contents::Contents,
    events::{self, Published},
    failure,
    store::RocksSource,
};
use crate::{
    fail::{At, Class, Classed, Done, Failure},
    submit::Client,
    ui,
};

/// The view that answers a question, with what it proves.
pub(super) fn view(
    client: &Client,
    mut question: ViewQuestion,
    past: bool,
    contents: &[Contents],
    stores: &[PathBuf],
) -> Done<(CreditView, Seen)> {
    let subject = question.subject.clone();
    let (chain, _) = client.status(&state_key::credit_subject(&subject))?;
    if !past {
        question.as_of = chain.header.time();
    }
    let whole = past || question.ground.is_court();
    let mut published = Published::default();
    // Before the chain is listed: it names at least the cases that are counted here.
    let (marks, _) = client.status(&state_key::credit_source_marks(&subject))?;
    let Told { ids, receipts, cases } = records(client, &subject, &chain, whole, &mut published)?;
    let states = ids.iter().map(|id| Ok(client.status(&state_key::credit_item(id))?.0));
    let states = states.collect::<Done<Vec<_>>>()?;
    let (sources, _) = client.status(&state_key::credit_sources())?;
    let parts = parts(client, &subject, &sources, stores, &mut published)?;
    let marked = marked(client, &marks, &cases)?;
    let grant = match &question.ground {
        ViewGround::Authorisation(id) => {
            Some(client.status(&state_key::credit_authorisation(id))?.0)
        }
        _ => None,
    };
    let (reader, _) = client.status(&state_key::organisation(&question.reader))?;
    let mut view = CreditView {
        question,
        reader,
        chain,
        ids,
        states,
        receipts,
        sources,
        parts,
        marks,
        marked,
        classes: published.into_proofs(),
        grant,
        contents: Vec::new(),
    };
    let seen = check(&view, client)?;
    view.contents = shown(&seen, contents)?;
    // The limits of a package are those of its reader.
    CreditView::from_der(&view.to_der()).map_err(|e| failure(&e.into()))?;
    let seen = check(&view, client)?;
    Ok((view, seen))
}

fn check(view: &CreditView, client: &Client) -> Done<Seen> {
    let seen = check_view(view, client.trust.ledgers(), &Policy::default(), ui::now());
    seen.map_err(|e| failure(&e))
}

/// What the subject's chain is made of.
struct Told {
    /// The records, in order, as far as the proven leaf goes.
    ids: Vec<Digest>,
    /// Their receipts, where they are wanted.
    receipts: Vec<Receipt>,
    /// The items of batches that anyone raised a case about, up to now.
    cases: BTreeSet<Digest>,
}

/// Reads the chain, and what it says of classes and cases.
fn records(
    client: &Client,
    subject: &Subject,
    chain: &StatusProof,
    whole: bool,
    published: &mut Published,
) -> Done<Told> {
    let known = chain.value.as_deref().map(EventChain::from_der).transpose();
    let known = known.map_err(yinxin_record::Error::from).class(Class::Node)?;
    let count = known.map_or(0, |chain| chain.count);
    let events = events::events(client, &index_key::credit_subject(subject))?;
    let raised = events.iter().filter_map(|event| match &event.act {
        CreditAct::RaiseCase(case) => Some(case.item.id()),
        _ => None,
    });
    let cases = raised.collect();
    let of_chain = events.into_iter().filter(|event| event.act.is_in_chain());
    let (mut ids, mut receipts) = (Vec::new(), Vec::new());
    for event in of_chain.take(usize::try_from(count).unwrap_or(usize::MAX)) {
        if let CreditAct::Record(item) = &event.act {
            published.learn(client, &item.class)?;
        }
        ids.push(event.id);
        receipts.extend(whole.then_some(event.receipt));
    }
    Ok(Told { ids, receipts, cases })
}

/// The states of the subject's items in batches that something is open about, as many as are counted: each was marked by a case.
fn marked(
    client: &Client,
    marks: &StatusProof,
    cases: &BTreeSet<Digest>,
) -> Done<Vec<StatusProof>> {
    let open = marks.value.as_deref().map(SourceMarks::from_der).transpose();
    let open = open.map_err(yinxin_record::Error::from).class(Class::Node)?.unwrap_or_default();
    let mut marked = Vec::new();
    for item in cases {
        if marked.len() as u64 == open.items {
            break;
        }
        let (proof, _) = client.status(&state_key::credit_source_item(item))?;
        let state = proof.value.as_deref().map(SourceItemState::from_der).transpose();
        let state = state.map_err(yinxin_record::Error::from).class(Class::Node)?;
        marked.extend(state.filter(SourceItemState::is_marked).map(|_| proof));
    }
    Ok(marked)
}

/// What every source that ever published a batch has of the subject: its records, or that there are none.
fn parts(
    client: &Client,
    subject: &Subject,
    sources: &StatusProof,
    stores: &[PathBuf],
    published: &mut Published,
) -> Done<Vec<SourcePart>> {
    let all = sources.value.as_deref().map(CreditSources::from_der).transpose();
    let all = all.map_err(yinxin_record::Error::from).class(Class::Node)?.unwrap_or_default();
    if all.codes.is_empty() {
        return Ok(Vec::new());
    }
    let open = |path: &PathBuf| {
        let records = path.join("records");
        if !records.is_dir() {
            let (en, zh) = ("no store of a source", "不是来源库");
            return Err(Failure::new(Class::Usage, en, zh).at(path.display()).todo(
                "give --store with a folder that `credit import` filled",
                "请用 --store 指定由 `credit import` 写入的文件夹",
            ));
        }
        RocksSource::open_to_read(&records).map_err(|e| failure(&e)).at(path.display())
    };
    let stores = stores.iter().map(open).collect::<Done<Vec<_>>>()?;
    all.codes.iter().map(|code| part(client, subject, code, &stores, published)).collect()
}

fn part(
    client: &Client,
    subject: &Subject,
    code: &OrganisationCode,
    stores: &[RocksSource],
    published: &mut Published,
) -> Done<SourcePart> {
    let (state, _) = client.status(&state_key::credit_source(code))?;
    let known = state.value.as_deref().map(SourceState::from_der).transpose();
    let known = known.map_err(yinxin_record::Error::from).class(Class::Node)?;
    let known = known.ok_or_else(|| missing(code))?;
    let mut found = None;
    for store in stores {
        let manifest = store.manifest(known.sequence).map_err(|e| failure(&e))?;
        if manifest.is_some_and(|m| m.source == *code) {
            found = Some(store);
        }
    }
    let lookup = Lookup::open(found.ok_or_else(|| missing(code))?, known.sequence);
    let chain = lookup.and_then(|lookup| lookup.subject(subject)).map_err(|e| failure(&e))?;
    let records: Vec<Vec<u8>> = chain.records.into_iter().map(|stored| stored.record).collect();
    for bytes in &records {
        let record = SourceRecord::from_der(bytes).map_err(|e| failure(&e.into()))?;
        if let SourceEvent::Record(item) = &record.event {
            published.learn(client, &item.class)?;
        }
    }
    Ok(SourcePart { state, proof: chain.proof, records })
}

fn missing(code: &OrganisationCode) -> Failure {
    Failure::new(
        Class::Usage,
        format!("source {code} published batches, and no store given has its newest one"),
        format!("来源 {code} 发布过批次，所给存储中没有其最新批次"),
    )
    .todo(
        "give its store, or a copy as of that batch, with --store DIR: a view without it would not be complete",
        "请用 --store 目录 给出其存储或截至该批次的副本：缺少它则视图不完整",
    )
}

/// The contents of what is shown, rising by item.
fn shown(seen: &Seen, contents: &[Contents]) -> Done<Vec<ShownContent>> {
    let mut shown = Vec::new();
    for folder in contents {
        let all = folder.all()?;
        shown.extend(seen.items.iter().filter_map(|seen| {
            let (salt, content) = all.get(&seen.item.content)?.clone();
            Some(ShownContent { item: seen.item.id, salt, content })
        }));
    }
    shown.sort_by_key(|content| content.item);
    shown.dedup_by_key(|content| content.item);
    Ok(shown)
}
