//! A real store full of shared data: as many acts as asked for, each signed and executed by the ledger's own rules, with stories
//! planted among them that a walk must find whole.
//!
//! What is left out is told by [`Filled`]: no consensus (one validator signs), no sync of each block, and, unless it is asked for,
//! no state tree on disk: the rules read the state from memory.

mod ledger;
mod plan;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use yinxin_engine::Base as _;
use yinxin_gm::Digest;
use yinxin_receipt::{Anchor, Receipt, Subject};
use yinxin_sharing::provenance::{AsOf, Direction, Filter, Graph, Item, Limits, Start, trace};
use yinxin_store::{Disk, Store};

pub use ledger::Ledger;
pub use plan::{Call, Plan, Story};
pub use source::Local;

/// A store and what was planted in it.
#[derive(Debug)]
pub struct Filled {
    /// The store.
    pub store: Store,
    /// The stories that were told to their end.
    pub stories: Vec<Story>,
    /// How many acts it holds.
    pub acts: u64,
    /// A call whose line is known.
    pub call: Option<Call>,
}

/// Fills an empty disk. `after` hears of each block with the number of acts so far.
///
/// # Panics
/// If the rules refuse an act or the store fails.
pub fn fill(disk: Arc<dyn Disk>, plan: Plan, after: impl FnMut(u64)) -> Filled {
    grow(Ledger::found(disk, plan.state()), plan, after)
}

/// Fills an empty disk with a chain that is right in all but one thing: a stranger signed its blocks, not the validator.
///
/// # Panics
/// As [`fill`].
pub fn forge(disk: Arc<dyn Disk>, plan: Plan) -> Filled {
    grow(Ledger::found(disk, plan.state()).signed_by_a_stranger(), plan, |_| {})
}

fn grow(mut ledger: Ledger, mut plan: Plan, mut after: impl FnMut(u64)) -> Filled {
    plan.begin(&mut ledger);
    while !plan.is_done() {
        let records = plan.block(&ledger);
        ledger.commit(records);
        after(ledger.acts());
    }
    let acts = ledger.acts();
    let (stories, call) = plan.into_told();
    Filled { store: ledger.into_store(), stories, acts, call }
}

/// Walks a story backwards from its end.
///
/// # Panics
/// If the store fails.
#[must_use]
pub fn walk(source: &Local, end: Digest) -> Graph {
    let start = Start::Item(Item::content(end));
    let (limits, filter) = (Limits::default(), Filter::default());
    let walked = trace(source, &start, Direction::Backward, AsOf::default(), limits, &filter);
    walked.expect("the store answers").0
}

/// The acts of a graph that are no windows.
#[must_use]
pub fn lineage(graph: &Graph) -> BTreeSet<Digest> {
    let acts = graph.activities.iter().filter(|act| act.kind != "access");
    acts.map(|act| act.id).collect()
}

/// Walks a story, and insists that just what was planted is found: all that leads on, and, where the store has the state, the number
/// of windows under each grant.
///
/// # Panics
/// If it is not.
#[must_use]
pub fn found_whole(source: &Local, story: &Story) -> Graph {
    let graph = walk(source, story.end);
    let found = lineage(&graph);
    assert!(found == story.records, "found {}, planted {}", found.len(), story.records.len());
    assert_eq!(found.len(), Story::ACTS);
    assert_eq!(story.windows.len(), Story::GRANTS);
    let folded = graph.activities.iter().filter_map(|act| act.folded.as_ref());
    let folded: BTreeMap<_, _> = folded.map(|f| (f.grant, f.windows.count)).collect();
    let many = story.windows.iter().filter(|(_, count)| **count > 3);
    let many: BTreeMap<_, _> = many.map(|(grant, count)| (*grant, *count)).collect();
    if source.has_state() {
        assert_eq!(folded, many);
    }
    // Where no state says how many there were, three may be the first of many.
    let perhaps = story.windows.values().any(|count| *count >= 3);
    assert_eq!(graph.truncated, !source.has_state() && perhaps);
    graph
}

impl Filled {
    /// The receipt of a record, as the ledger's nodes give it.
    ///
    /// # Panics
    /// If there is no such record.
    #[must_use]
    pub fn receipt(&self, id: &Digest) -> Receipt {
        let view = self.store.view();
        let stored = view.record(id).expect("the store answers").expect("it is there");
        let header = view.header(stored.height).expect("the store answers");
        let (header, certificate) = header.expect("its block is there");
        let path = view.log_path(stored.index, header.log_size).expect("it is in the log");
        Receipt {
            subject: Subject::Record(stored.record),
            index: stored.index,
            path,
            anchor: Anchor::committed(header, certificate),
        }
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.store.view().head().height
    }
}
