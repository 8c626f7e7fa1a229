//! Records of batches, and one value of each act about a case of theirs.

#[allow(clippy::wildcard_imports, reason = "this file names nearly all of them")]
use yinxin_record::*;

use super::samples::*;

pub(crate) fn raise(ask: SourceAsk) -> Act {
    let act = RaiseSourceCase { item: in_batch(&source_item()), ask, deadline: deadline() };
    Act::Credit(CreditAct::RaiseCase(act))
}

pub(crate) fn close(done: Option<InBatch>) -> Act {
    Act::Credit(CreditAct::CloseCase(CloseSourceCase { case: digest("case"), done }))
}

pub(crate) fn source_record(event: SourceEvent) -> SourceRecord {
    SourceRecord {
        source: authority(),
        subject: company(),
        item: ItemKey::of("penalty.fine", "1"),
        event,
    }
}

pub(crate) fn source_item() -> SourceRecord {
    source_record(SourceEvent::Record(SourceItem {
        class: class(),
        authority: bank(),
        content: digest("content"),
        decided: date("2026-11-20"),
        published: date("2026-11-21"),
        until: Some(date("2027-11-20")),
    }))
}

pub(crate) fn source_follow() -> SourceRecord {
    source_record(SourceEvent::Follow(SourceFollow {
        event: ItemEvent::Correct,
        authority: bank(),
        day: date("2026-11-22"),
        content: Some(digest("corrected")),
        decision: Some(digest("case")),
    }))
}

pub(crate) fn in_batch(record: &SourceRecord) -> InBatch {
    let path = vec![digest("a"), digest("b")];
    InBatch { record: record.clone(), sequence: 3, index: 2, path }
}

pub(crate) fn source_objection() -> SourceObjection {
    SourceObjection { reason: 1, statement: digest("statement") }
}

pub(crate) fn source_repair() -> SourceRepair {
    SourceRepair { evidence: vec![evidence("duty")], commitment: digest("letter") }
}

pub(crate) fn decide_case() -> DecideSourceCase {
    DecideSourceCase {
        case: digest("case"),
        ruling: SourceRuling::Correct,
        reason: 2,
        paper: digest("paper"),
        content: Some(digest("corrected")),
        carry_by: Some(deadline()),
    }
}
