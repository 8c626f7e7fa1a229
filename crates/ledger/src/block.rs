//! A block while it is executed: the state before it, with what its records have written so far.

use core::fmt;
use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_record::{
    LicenceIdentifier, Node, OrganisationCode, OrganisationState, OrganisationStatus,
    Organisations, Rules, Suspension, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use crate::{
    Error,
    index_key::{self, Edge, Relation},
};

/// Reads the state before the block.
pub trait StateRead {
    /// The value of a key, or `None` if there is none. The same answer for as long as a block is executed.
    ///
    /// # Errors
    /// [`StoreFailure`] if it cannot be read: the block is then given up, and nothing is known about its records.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure>;
}

/// The state could not be read; the store's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFailure(pub String);

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state cannot be read: {}", self.0)
    }
}

impl core::error::Error for StoreFailure {}

/// Where the block stands, as far as records may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// The ledger.
    pub chain_id: Digest,
    /// The block's height.
    pub height: u64,
    /// The block's time.
    pub time: UnixTime,
}

/// What a mempool keeps of a record that could be committed, and what the log holds of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The record's id.
    pub id: Digest,
    /// The record's hash: the log's entry.
    pub hash: Digest,
    /// Who signed it.
    pub organisation: String,
    /// The last height at which it may be committed.
    pub last_valid_height: u64,
}

/// The state as the next record finds it.
pub(crate) struct Block<'a> {
    pub(crate) at: &'a BlockContext,
    state: &'a dyn StateRead,
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    index: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Writes and index entries, as [`crate::Outcome`] carries them.
pub(crate) type Effects = (Vec<(Vec<u8>, Option<Vec<u8>>)>, Vec<(Vec<u8>, Vec<u8>)>);

impl<'a> Block<'a> {
    pub(crate) fn new(state: &'a dyn StateRead, at: &'a BlockContext) -> Self {
        Self { at, state, writes: BTreeMap::new(), index: Vec::new() }
    }

    /// All that was written; keys in order, each once.
    pub(crate) fn finish(self) -> Effects {
        (self.writes.into_iter().collect(), self.index)
    }

    pub(crate) fn load<T: Wire>(&self, key: &[u8]) -> Result<Option<T>, Error> {
        let bytes = match self.writes.get(key) {
            Some(written) => written.clone(),
            None => self.state.get(key)?,
        };
        // Whoever reads what this crate did not write has a broken store: better no block than a wrong one.
        let broken = |error| StoreFailure(format!("{}: {error}", String::from_utf8_lossy(key)));
        Ok(bytes.map(|b| T::from_der(&b)).transpose().map_err(broken)?)
    }

    /// Loads what genesis wrote and nothing deletes.
    pub(crate) fn expect<T: Wire>(&self, key: &[u8]) -> Result<T, Error> {
        let missing = || StoreFailure(format!("{} is missing", String::from_utf8_lossy(key)));
        Ok(self.load(key)?.ok_or_else(missing)?)
    }

    pub(crate) fn store(&mut self, key: Vec<u8>, value: &impl Wire) {
        self.writes.insert(key, Some(value.to_der()));
    }

    pub(crate) fn remove(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    pub(crate) fn organisation(
        &self,
        code: &OrganisationCode,
    ) -> Result<Option<OrganisationState>, Error> {
        self.load(&state_key::organisation(code))
    }

    /// The organisations that are not suspended by the members. An emergency suspension does not count here: a few could
    /// otherwise make themselves the many.
    pub(crate) fn active_organisations(&self) -> Result<Vec<OrganisationCode>, Error> {
        let Organisations { codes } = self.expect(&state_key::organisations())?;
        let mut active = Vec::with_capacity(codes.len());
        for code in codes {
            let state: OrganisationState = self.expect(&state_key::organisation(&code))?;
            if state.status == OrganisationStatus::Active {
                active.push(code);
            }
        }
        Ok(active)
    }

    /// Until when an organisation is suspended in an emergency, if it is now.
    pub(crate) fn emergency(&self, code: &OrganisationCode) -> Result<Option<UnixTime>, Error> {
        let suspension: Option<Suspension> = self.load(&state_key::suspension(code))?;
        Ok(suspension.and_then(|s| s.until).filter(|until| *until > self.at.time))
    }

    pub(crate) fn rules(&self) -> Result<Rules, Error> {
        self.expect(&state_key::rules())
    }
}

/// One record within its block: who acts, and where its index entries go.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) id: Digest,
    pub(crate) position: u32,
    pub(crate) organisation: &'a OrganisationCode,
    pub(crate) sender: &'a OrganisationState,
}

impl Entry<'_> {
    pub(crate) fn index_organisation(&self, block: &mut Block<'_>) {
        self.index(block, index_key::organisation(self.organisation));
    }

    pub(crate) fn index_licence(&self, block: &mut Block<'_>, identifier: &LicenceIdentifier) {
        self.index(block, index_key::licence(identifier));
    }

    pub(crate) fn index_digest(&self, block: &mut Block<'_>, digest: &Digest) {
        self.index(block, index_key::digest(digest));
    }

    /// An edge of the provenance graph, to be found from either end.
    pub(crate) fn index_edge(
        &self,
        block: &mut Block<'_>,
        ordinal: u16,
        from: &Node,
        relation: Relation,
        to: &Node,
    ) {
        let ends = [(index_key::forward(from), to), (index_key::backward(to), from)];
        for (mut key, other) in ends {
            key.extend(block.at.height.to_be_bytes());
            key.extend(self.position.to_be_bytes());
            key.extend(ordinal.to_be_bytes());
            let edge = Edge { record: self.id, relation, node: other.clone() };
            block.index.push((key, edge.to_bytes()));
        }
    }

    pub(crate) fn index(&self, block: &mut Block<'_>, mut key: Vec<u8>) {
        key.extend(block.at.height.to_be_bytes());
        key.extend(self.position.to_be_bytes());
        block.index.push((key, self.id.as_bytes().to_vec()));
    }
}
