//! A source's batches, with the way of each record to its log root.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a rig that fails has failed its test")]

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    log::{NodeId, NodeReader, leaf_hash, prove_inclusion, root_at, subtree_root},
    state::EMPTY,
};
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

use crate::{
    credit::{class_of, company, day, digest, text},
    world::{World, code},
};

struct Leaves(Vec<Digest>);

impl NodeReader for Leaves {
    fn node(&self, NodeId { level, index }: NodeId) -> Option<Digest> {
        let width = 1_usize << level;
        let first = usize::try_from(index).ok()? * width;
        Some(subtree_root(self.0.get(first..first + width)?))
    }
}

/// Penalty `number` of company `n`, decided and published on a day, told of by a source.
pub(crate) fn told(source: u8, n: u8, number: &str, decided: Date) -> SourceRecord {
    SourceRecord {
        source: code(source),
        subject: company(n),
        item: ItemKey::of("penalty", number),
        event: SourceEvent::Record(SourceItem {
            class: class_of("penalty", 1),
            authority: code(source),
            content: digest(number),
            decided,
            published: decided,
            until: None,
        }),
    }
}

/// What becomes of it.
pub(crate) fn follow(
    item: &SourceRecord,
    event: ItemEvent,
    day: Date,
    decision: Option<Digest>,
) -> SourceRecord {
    let content = (event == ItemEvent::Correct).then(|| digest("corrected"));
    let authority = item.source.clone();
    let follow = SourceFollow { event, authority, day, content, decision };
    SourceRecord { event: SourceEvent::Follow(follow), ..item.clone() }
}

impl World {
    /// Anchors a source's next batch: each record with its way to the root.
    pub(crate) fn batch(&mut self, source: u8, records: &[SourceRecord]) -> Vec<InBatch> {
        let ids: Vec<Digest> = records.iter().map(|r| SourceRecord::id(&r.to_der())).collect();
        let leaves = Leaves(ids.iter().map(|id| leaf_hash(id.as_bytes())).collect());
        let size = records.len() as u64;
        let before: Option<SourceState> = self.load(&state_key::credit_source(&code(source)));
        let (last, root) = before.map_or((0, EMPTY), |s| (s.sequence, s.root));
        let (sequence, records_root) = (last + 1, root_at(&leaves, size).unwrap());
        let mut counts: BTreeMap<ClassReference, (u64, u64)> = BTreeMap::new();
        for record in records {
            let (class, due) = match &record.event {
                SourceEvent::Record(item) => (item.class.clone(), 1),
                SourceEvent::Follow(_) => (class_of("penalty", 1), 0),
            };
            let count = counts.entry(class).or_default();
            (count.0, count.1) = (count.0 + 1, count.1 + due);
        }
        let counts = counts.into_iter();
        let batch = CreditBatch {
            sequence,
            counts: counts
                .map(|(class, (count, due))| ClassCount { class, count, due, late: 0 })
                .collect(),
            records: records_root,
            before: root,
            after: sm3::digest_all(&[&root.as_bytes()[..], &records_root.as_bytes()[..]]),
        };
        self.credit_act(source, CreditAct::Batch(batch)).unwrap();
        let path = |index| prove_inclusion(&leaves, index, size).unwrap();
        let one = |(index, record): (u64, &SourceRecord)| InBatch {
            record: record.clone(),
            sequence,
            index,
            path: path(index),
        };
        (0..).zip(records).map(one).collect()
    }

    pub(crate) fn objects(&self, item: &InBatch, what: &str) -> CreditAct {
        let (item, deadline) = (item.clone(), self.by(self.today(), 5));
        let ask = SourceAsk::Objection(SourceObjection { reason: 1, statement: digest(what) });
        CreditAct::RaiseCase(RaiseSourceCase { item, ask, deadline })
    }

    pub(crate) fn applies(&self, item: &InBatch, kinds: &[&str]) -> CreditAct {
        let (item, deadline) = (item.clone(), self.by(self.today(), 10));
        let evidence =
            kinds.iter().map(|k| Evidence { kind: text(k), digest: digest(k) }).collect();
        let ask = SourceAsk::Repair(SourceRepair { evidence, commitment: digest("letter") });
        CreditAct::RaiseCase(RaiseSourceCase { item, ask, deadline })
    }

    pub(crate) fn rules(&self, case: Digest, ruling: SourceRuling) -> CreditAct {
        let orders = ruling.follow().is_some();
        CreditAct::DecideCase(DecideSourceCase {
            case,
            ruling,
            reason: 7,
            paper: digest("decision"),
            content: (ruling == SourceRuling::Correct).then(|| digest("corrected")),
            carry_by: orders.then(|| self.by(self.today(), 3)),
        })
    }

    pub(crate) fn case(&self, id: &Digest) -> SourceCaseState {
        self.load(&state_key::credit_source_case(id)).unwrap()
    }

    pub(crate) fn in_batch(&self, item: &InBatch) -> Option<SourceItemState> {
        self.load(&state_key::credit_source_item(&item.id()))
    }

    pub(crate) fn marks(&self, n: u8) -> u64 {
        let marks: Option<SourceMarks> = self.load(&state_key::credit_source_marks(&company(n)));
        marks.unwrap_or_default().items
    }

    pub(crate) fn conduct(&self, n: u8) -> ConductState {
        self.load(&state_key::credit_conduct(&code(n))).unwrap_or_default()
    }
}

pub(crate) fn closed(case: Digest, done: Option<&InBatch>) -> CreditAct {
    CreditAct::CloseCase(CloseSourceCase { case, done: done.cloned() })
}

pub(crate) fn start_day() -> Date {
    day("2026-11-22")
}
