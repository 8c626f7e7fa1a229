//! Executes blocks, and answers the mempool.

use core::fmt;

use yinxin_receipt::{Validator, ValidatorSet};
use yinxin_record::{NewValidator, Validators, state_key};

use crate::{
    Admission, BlockContext, Error, StateRead, StoreFailure, admission::admit, block::Block, rules,
};

/// What a block does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// One for each record, in order.
    pub results: Vec<Admission>,
    /// Changes of state, keys in order, each once; `None` deletes.
    pub writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Entries for queries; see [`crate::index_key`].
    pub index: Vec<(Vec<u8>, Vec<u8>)>,
    /// Who signs the next block.
    pub next_validators: ValidatorSet,
    /// Peer id and address of each validator's node from the next block on; `None` if unchanged.
    pub peers: Option<Vec<(String, String)>>,
}

/// Why a block does not stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a record is refused or the store fails")]
pub enum ApplyError {
    /// One of its records may not be committed; the ones before it may.
    Record {
        /// Its position.
        index: usize,
        /// Why.
        error: Error,
    },
    /// The state cannot be read; nothing is known about the block.
    Store(StoreFailure),
}

impl ApplyError {
    fn of(index: usize, error: Error) -> Self {
        match error {
            Error::Store(failure) => Self::Store(failure),
            error => Self::Record { index, error },
        }
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { index, error } => write!(f, "record {index}: {error}"),
            Self::Store(failure) => failure.fmt(f),
        }
    }
}

impl core::error::Error for ApplyError {}

/// Whether a record could be committed in the block `at`, after this state: what the mempool asks.
///
/// # Errors
/// [`Error`] says why not; [`Error::AlreadyCommitted`] for a record that stands on the ledger.
pub fn check(state: &dyn StateRead, at: &BlockContext, record: &[u8]) -> Result<Admission, Error> {
    admit(&mut Block::new(state, at), 0, record)
}

/// Executes a block's records in order, then what takes effect after it. All of it, or nothing.
///
/// # Errors
/// The first record that may not be committed, or the store's failure.
pub fn apply(
    state: &dyn StateRead,
    at: &BlockContext,
    records: &[Vec<u8>],
) -> Result<Outcome, ApplyError> {
    let mut block = Block::new(state, at);
    let whole = |error| ApplyError::of(0, error);
    let limits = block.rules().map_err(whole)?;
    let before: Validators = block.expect(&state_key::validators()).map_err(whole)?;
    let mut results = Vec::with_capacity(records.len());
    let mut room = u64::from(limits.max_block_bytes);
    for (index, record) in records.iter().enumerate() {
        let position = u32::try_from(index).unwrap_or(u32::MAX);
        let full = || ApplyError::of(index, Error::BlockFull { max_bytes: limits.max_block_bytes });
        room = room.checked_sub(record.len() as u64).ok_or_else(full)?;
        if position >= limits.max_block_records {
            return Err(full());
        }
        let admitted = admit(&mut block, position, record);
        results.push(admitted.map_err(|error| ApplyError::of(index, error))?);
    }
    rules::take_effect(&mut block).map_err(whole)?;
    let after: Validators = block.expect(&state_key::validators()).map_err(whole)?;
    let peers = (before != after).then(|| peers(&after));
    let next_validators = validator_set(&after).map_err(whole)?;
    let (writes, index) = block.finish();
    Ok(Outcome { results, writes, index, next_validators, peers })
}

/// The set that headers name, from its leaf.
pub(crate) fn validator_set(leaf: &Validators) -> Result<ValidatorSet, Error> {
    let voter = |v: &NewValidator| Validator {
        organisation: v.organisation.as_str().to_owned(),
        key: v.key,
        power: v.power,
    };
    ValidatorSet::new(leaf.validators.iter().map(voter).collect()).map_err(Error::ValidatorSet)
}

pub(crate) fn peers(leaf: &Validators) -> Vec<(String, String)> {
    let text = |v: &NewValidator| (v.peer_id.to_string(), v.address.to_string());
    leaf.validators.iter().map(text).collect()
}
