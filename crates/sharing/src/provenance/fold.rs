//! Windows of a grant that are told as one.

use std::collections::{BTreeMap, HashMap, HashSet};

use yinxin_gm::Digest;
use yinxin_record::{AccessState, Node, Windows};
use yinxin_verdict::UnixTime;

use super::graph::{Graph, Item, Relation, WINDOW};

/// The windows of a grant, told by the last of them: how many there are and what they served is in the ledger's state of that one, so
/// its proof proves the sums, and nobody reads each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Folded {
    /// The grant.
    pub grant: Digest,
    /// The minute of the last one: with the grant the key of its state.
    pub minute: u64,
    /// The minute of the first one that counts, whose state has what was before; `None`: all count, from the grant's first.
    pub since: Option<u64>,
    /// Their number and sum.
    pub windows: Windows,
    /// Time of the block of the first one that is at hand.
    pub first: UnixTime,
    /// Of how many the record is at hand, the last among them.
    pub at_hand: usize,
}

/// Windows of a grant in a row, by the ledger's states of their ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever has states makes it")]
pub struct Run {
    /// The grant.
    pub grant: Digest,
    /// The minute of the last window, and its state.
    pub last: (u64, AccessState),
    /// The same of the first that counts; `None`: all count, from the grant's first.
    pub since: Option<(u64, AccessState)>,
}

impl Run {
    /// Their number and sum; `None` if the states are not of one row.
    #[must_use]
    pub fn windows(&self) -> Option<Windows> {
        let (minute, state) = &self.last;
        let all = state.windows(*minute);
        self.since.as_ref().map_or(Some(all), |(_, first)| all.after(first.before))
    }
}

impl Graph {
    /// Draws the windows of each grant as one, by the newest of its runs whose last window is among the acts: those that were told
    /// before it fall away, and it tells of all. Nothing changes where there is none.
    pub fn fold(&mut self, runs: &[Run]) {
        let mut newest: BTreeMap<Digest, (u64, &Run)> = BTreeMap::new();
        for run in runs {
            let Some(last) = self.activity(&run.last.1.record).map(|a| a.index) else { continue };
            if newest.get(&run.grant).is_none_or(|(index, _)| *index < last) {
                newest.insert(run.grant, (last, run));
            }
        }
        // All windows up to the last of each, in the order of the log.
        let mut told: BTreeMap<Digest, Vec<(Digest, UnixTime)>> = BTreeMap::new();
        for edge in self.edges.iter().filter(|e| e.relation == Relation::Used) {
            if let Item::Thing(Node::Grant(grant)) = &edge.object
                && let Some((last, _)) = newest.get(grant)
                && let Some(act) = self.activity(&edge.record)
                && act.kind == WINDOW
                && act.index <= *last
            {
                told.entry(*grant).or_default().push((act.id, act.time));
            }
        }
        let mut gone: HashSet<Digest> = HashSet::new();
        let mut ends: HashMap<Digest, Folded> = HashMap::new();
        for (grant, (_, run)) in newest {
            let (minute, Run { last: (_, state), .. }) = (run.last.0, run);
            let told = told.remove(&grant).unwrap_or_default();
            // A state that names a record of something else tells of nothing here.
            let (Some((_, first)), Some((last, _)), Some(windows)) =
                (told.first(), told.last(), run.windows())
            else {
                continue;
            };
            if *last != state.record {
                continue;
            }
            let since = run.since.as_ref().map(|(minute, _)| *minute);
            let (first, at_hand) = (*first, told.len());
            ends.insert(*last, Folded { grant, minute, since, windows, first, at_hand });
            gone.extend(told.iter().map(|(id, _)| *id).filter(|id| *id != state.record));
        }
        self.retain(|activity| !gone.contains(&activity.id));
        for activity in &mut self.activities {
            activity.folded = ends.remove(&activity.id).or(activity.folded);
        }
    }
}
