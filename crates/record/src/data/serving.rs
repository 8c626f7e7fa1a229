//! Which journal answers calls for a resource, and since when: what was answered beside it is found out.

use yinxin_gm::Digest;
use yinxin_merkle::wire::{WireError, rising};
use yinxin_verdict::UnixTime;

use super::parts::{MAX_DATA_LIST, ResourceCode, size};
use crate::asn::{numbered, sequence};

/// A server's run on one journal, from one start to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Id of the journal: random, made with it, and anew when another takes over.
    pub journal: Digest,
    /// Rises with each start; at least 1.
    pub epoch: u64,
}

sequence!(Turn { journal, epoch } check |t: &Turn| {
    if t.epoch == 0 { Err(WireError::Value("epoch")) } else { Ok(()) }
});

/// A server is about to answer calls. No answer leaves before it stands on the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenServing {
    /// For which resources, 1 to 64, rising.
    pub resources: Vec<ResourceCode>,
    /// The turn that begins.
    pub turn: Turn,
    /// How many lines the journal has: no fewer than its windows have told of.
    pub lines: u64,
    /// Whether another journal may have answered until now.
    pub takes_over: TakesOver,
}

sequence!(OpenServing { resources, turn, lines, takes_over } check |o: &OpenServing| {
    size("resources", &o.resources, 1, MAX_DATA_LIST)?;
    rising("resources", &o.resources, |r| r.clone())
});

/// Whether a journal takes over from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "one or the other")]
pub enum TakesOver {
    /// It goes on, or is the first.
    No,
    /// Somebody said that it does. What the other served in its last minutes and has not told is unknown to it.
    Yes,
}

numbered!(TakesOver { 0 => No, 1 => Yes });

/// Which journal of an organisation answers calls for a resource now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServingState {
    /// The turn.
    pub turn: Turn,
    /// It answers from here on: after a take-over or a change of the server from the first minute in which the other answers no more.
    pub since: UnixTime,
    /// Time of the block that put another organisation in this one's place: it answers again only in a turn of its own.
    pub until: Option<UnixTime>,
    /// Lines of this journal that windows have told of.
    pub lines: u64,
    /// Id of the record that opened it.
    pub record: Digest,
    /// Its height.
    pub height: u64,
}

sequence!(ServingState { turn, since, until, lines, record, height });

/// A turn, also one that is over: windows of its minutes are still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnState {
    /// Of which journal.
    pub journal: Digest,
    /// It answers from here on.
    pub since: UnixTime,
    /// Time of the block that opened the next one, or put another organisation in this one's place.
    pub until: Option<UnixTime>,
    /// Height of the last change.
    pub height: u64,
}

sequence!(TurnState { journal, since, until, height });

impl TurnState {
    /// Whether it answered at some instant from the first to the second, and up to `unknown` milliseconds after it ended: so long may
    /// it not have known.
    #[must_use]
    pub fn answered(&self, from: UnixTime, until: UnixTime, unknown: i64) -> bool {
        self.since < until && self.until.is_none_or(|end| from < end.plus_millis(unknown))
    }
}

/// A node's organisation vouches for the journal of what its node refused by the ledger's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorDenials {
    /// Id of the journal: random, made with it.
    pub journal: Digest,
    /// How many refusals it has; one at least.
    pub count: u64,
    /// The chain after the last of them.
    pub head: Digest,
}

sequence!(AnchorDenials { journal, count, head } check |a: &AnchorDenials| {
    if a.count == 0 { Err(WireError::Value("count")) } else { Ok(()) }
});

/// How far a journal of refusals is vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenialsState {
    /// How many refusals.
    pub count: u64,
    /// The chain after the last of them.
    pub head: Digest,
    /// Id of the record.
    pub record: Digest,
    /// Its height.
    pub height: u64,
}

sequence!(DenialsState { count, head, record, height });
