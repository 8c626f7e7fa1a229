//! Executing a block on top of the committed chain, and holding its header against what comes out.

use core::fmt;

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::log::{self, Frontier};
use yinxin_receipt::{Algorithms, Header, ValidatorSet};

use crate::app::{App, ApplyError, BlockContext, Outcome, StateRead, StoreFailure, Writes};

/// The tip of the committed chain: all that the next block's header depends on besides state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a store rebuilds it from what it kept")]
pub struct Head {
    /// Height of the last block; 0 is the genesis state.
    pub height: u64,
    /// Its id; the chain id at genesis.
    pub id: Digest,
    /// Its time; the genesis time at genesis.
    pub time_ms: u64,
    /// The right edge of the log.
    pub frontier: Frontier,
    /// The validators of the next block.
    pub validators: ValidatorSet,
}

/// The committed chain, as a block is executed on it.
pub trait Base: StateRead {
    /// The tip.
    fn head(&self) -> &Head;

    /// The state root after these writes at the next height. Changes nothing.
    ///
    /// # Errors
    /// If the store fails.
    fn state_root(&self, writes: &Writes) -> Result<Digest, StoreFailure>;
}

/// A block and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Executed {
    /// The header, every field computed here.
    pub header: Header,
    /// The records.
    pub records: Vec<Vec<u8>>,
    /// What they do.
    pub outcome: Outcome,
}

/// What is wrong with a proposed block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Its time is further ahead of our clock than the chain allows.
    Ahead {
        /// The block's time.
        time_ms: u64,
        /// Our clock.
        now_ms: u64,
    },
    /// A header field is not what it must be.
    Field {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Its records do not apply, or the store failed.
    Records(ApplyError),
    /// Its time is not after its parent's.
    Time {
        /// The block's time.
        time_ms: u64,
        /// Its parent's.
        parent_ms: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead { time_ms, now_ms } => {
                write!(f, "time {time_ms} is too far ahead of our clock {now_ms}")
            }
            Self::Field { field, expected, found } => {
                write!(f, "{field} is {found}, expected {expected}")
            }
            Self::Records(error) => error.fmt(f),
            Self::Time { time_ms, parent_ms } => {
                write!(f, "time {time_ms} is not after the parent's {parent_ms}")
            }
        }
    }
}

impl core::error::Error for Fault {}

/// The log's leaf of a record: over SM3 of its bytes, so that a receipt can stand for a record it does not show.
#[must_use]
pub fn record_leaf(record: &[u8]) -> Digest {
    log::leaf_hash(sm3::digest(record).as_bytes())
}

/// Binds a block's body: the root of a tree over its records' leaves.
#[must_use]
pub fn body_root(records: &[Vec<u8>]) -> Digest {
    log::root(records.iter().map(|record| record_leaf(record)))
}

/// Builds the block of these records at this time on top of `base`.
///
/// # Errors
/// The first record that does not apply, or the store's failure.
///
/// # Panics
/// If the application answers for another number of records than it was given: a bug that must not be voted on.
pub fn execute(
    app: &dyn App,
    base: &dyn Base,
    chain_id: Digest,
    time_ms: u64,
    records: Vec<Vec<u8>>,
) -> Result<Executed, ApplyError> {
    let head = base.head();
    let at = BlockContext { chain_id, height: head.height + 1, time_ms };
    let outcome = app.apply(&Reads(base), &at, &records)?;
    assert_eq!(outcome.applied.len(), records.len(), "one answer for each record");
    let mut frontier = head.frontier.clone();
    for record in &records {
        frontier.append(record_leaf(record), &mut |_, _| {});
    }
    let header = Header {
        algorithms: Algorithms::Sm2Sm3,
        chain_id,
        height: at.height,
        time_ms,
        parent: head.id,
        body_root: body_root(&records),
        log_root: frontier.root(),
        log_size: frontier.size(),
        state_root: base.state_root(&outcome.writes)?,
        validators: head.validators.hash(),
        next_validators: outcome.next_validators.hash(),
    };
    Ok(Executed { header, records, outcome })
}

/// Executes a proposed block and compares every field of its header. `now_ms` with the most a block may be
/// ahead of it, or `None` where a quorum has already accepted the time.
///
/// # Errors
/// The first thing that is wrong.
pub fn validate(
    app: &dyn App,
    base: &dyn Base,
    chain_id: Digest,
    header: &Header,
    records: Vec<Vec<u8>>,
    clock: Option<Clock>,
) -> Result<Executed, Fault> {
    let head = base.head();
    // What needs no execution comes first, so that a stale or foreign block costs nothing.
    same("height", &(head.height + 1), &header.height)?;
    same("parent", &head.id, &header.parent)?;
    if header.time_ms <= head.time_ms {
        return Err(Fault::Time { time_ms: header.time_ms, parent_ms: head.time_ms });
    }
    if let Some(Clock { now_ms, max_ahead_ms }) = clock
        && header.time_ms > now_ms.saturating_add(max_ahead_ms)
    {
        return Err(Fault::Ahead { time_ms: header.time_ms, now_ms });
    }
    let executed = execute(app, base, chain_id, header.time_ms, records).map_err(Fault::Records)?;
    compare(&executed.header, header)?;
    Ok(executed)
}

/// Our clock, and how far ahead of it a block may be.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "two numbers that belong together")]
pub struct Clock {
    /// Now.
    pub now_ms: u64,
    /// The most a block's time may lie after it.
    pub max_ahead_ms: u64,
}

fn compare(expected: &Header, found: &Header) -> Result<(), Fault> {
    // Destructured, so that a new header field cannot be forgotten here.
    let Header {
        algorithms,
        chain_id,
        height,
        time_ms,
        parent,
        body_root,
        log_root,
        log_size,
        state_root,
        validators,
        next_validators,
    } = expected;
    same_debug("algorithms", algorithms, &found.algorithms)?;
    same("chain id", chain_id, &found.chain_id)?;
    same("height", height, &found.height)?;
    same("time", time_ms, &found.time_ms)?;
    same("parent", parent, &found.parent)?;
    same("body root", body_root, &found.body_root)?;
    same("log root", log_root, &found.log_root)?;
    same("log size", log_size, &found.log_size)?;
    same("state root", state_root, &found.state_root)?;
    same("validators", validators, &found.validators)?;
    same("next validators", next_validators, &found.next_validators)
}

fn same<T: PartialEq + fmt::Display>(
    field: &'static str,
    expected: &T,
    found: &T,
) -> Result<(), Fault> {
    if expected == found {
        return Ok(());
    }
    Err(Fault::Field { field, expected: expected.to_string(), found: found.to_string() })
}

fn same_debug<T: PartialEq + fmt::Debug>(
    field: &'static str,
    expected: &T,
    found: &T,
) -> Result<(), Fault> {
    if expected == found {
        return Ok(());
    }
    Err(Fault::Field { field, expected: format!("{expected:?}"), found: format!("{found:?}") })
}

/// A base, seen as state only.
struct Reads<'a>(&'a dyn Base);

impl StateRead for Reads<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.0.get(key)
    }
}
