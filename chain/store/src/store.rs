//! Opening the ledger, and committing to it.

use std::sync::{Arc, RwLock};

use yinxin_engine::{App, Decision, Executed, Head, Outcome, Peer, Undecided, record_leaf};
use yinxin_gm::Digest;
use yinxin_merkle::log::{Frontier, NodeId};
use yinxin_merkle::store::{self as tree, TreeUpdate};
use yinxin_merkle::wire::Wire;
use yinxin_receipt::{Genesis, Header, ValidatorSet};

use crate::codec;
use crate::disk::{Batch, Disk, Table};
use crate::query::Left;
use crate::stale::{Oldest, STATE_WINDOW};
use crate::state::{Prepared, Tree, put_state, updated};
use crate::view::View;
use crate::{GuardFile, StoreError};

/// How to open a store.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Whether commits survive a power cut. `false` exists to show that the tests notice.
    pub sync: bool,
    /// How many blocks before the newest a state is kept, at least one; what older ones alone need is dropped with each block.
    /// [`u64::MAX`] keeps all.
    pub state_window: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { sync: true, state_window: STATE_WINDOW }
    }
}

/// The ledger on disk. One writer; any number of readers, each on a [`View`] that never changes under it.
pub struct Store {
    pub(crate) disk: Arc<dyn Disk>,
    options: Options,
    chain_id: Digest,
    head: RwLock<Arc<Head>>,
    oldest: Oldest,
    prepared: Prepared,
}

impl core::fmt::Debug for Store {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Store").field("chain", &self.chain_id).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the ledger of `genesis`, making it on an empty disk.
    ///
    /// # Errors
    /// [`StoreError::WrongChain`] if another chain's is there; [`StoreError::Damaged`] if head, log, state and
    /// validators do not fit each other.
    pub fn open(
        disk: Arc<dyn Disk>,
        options: Options,
        genesis: &Genesis,
        app: &dyn App,
    ) -> Result<Self, StoreError> {
        let chain_id = genesis.chain_id();
        match disk.get(Table::Meta, codec::CHAIN)? {
            None => found(&*disk, chain_id, genesis, app)?,
            Some(stored) => same_chain(&*disk, &stored, chain_id)?,
        }
        let head = load_head(&*disk, chain_id, genesis)?;
        let oldest = Oldest::load(&*disk)?;
        let (head, prepared) = (RwLock::new(Arc::new(head)), Prepared::default());
        Ok(Self { disk, options, chain_id, head, oldest, prepared })
    }

    /// The chain.
    #[must_use]
    pub const fn chain_id(&self) -> Digest {
        self.chain_id
    }

    /// The ledger as it is now.
    ///
    /// # Panics
    /// Never: no holder of the lock panics.
    #[must_use]
    pub fn view(&self) -> View {
        let head = Arc::clone(&self.head.read().expect("no holder of this lock panics"));
        View::new(Arc::clone(&self.disk), head, self.oldest.clone(), self.prepared.clone())
    }

    /// The signer's guard, in the same database.
    #[must_use]
    pub fn guard(&self) -> GuardFile {
        GuardFile::new(Arc::clone(&self.disk))
    }

    /// Commits a decided block: everything about it in one batch. When this returns it survives a power cut.
    ///
    /// # Errors
    /// If it is not committed; the ledger then still stands on the block before.
    ///
    /// # Panics
    /// If the block is not the one after the head, or the state tree does not give the root that was voted on.
    pub fn commit(&self, decision: &Decision) -> Result<Head, StoreError> {
        let Decision { executed: Executed { header, records, outcome, .. }, certificate, .. } =
            decision;
        let view = self.view();
        let before = view.head_ref();
        assert_eq!(header.height, before.height + 1, "blocks are committed in order");
        assert_eq!(header.parent, before.id, "each on its parent");
        assert_eq!(certificate.value_id, header.id(), "the certificate is this block's");

        let mut batch = Batch::default();
        let height = codec::height_key(header.height);
        batch.put(Table::Headers, height, codec::put_header(header, certificate));
        let mut frontier = before.frontier.clone();
        for ((record, applied), position) in records.iter().zip(&outcome.applied).zip(0..) {
            batch.put(Table::Bodies, codec::body_key(header.height, position), record.clone());
            let place = codec::put_place(frontier.size(), header.height, position);
            batch.put(Table::Records, *applied.id.as_bytes(), place);
            frontier.append(record_leaf(record), &mut |id, hash| {
                batch.put(Table::LogNodes, codec::node_key(id), *hash.as_bytes());
            });
        }
        assert_eq!(frontier.root(), header.log_root, "the log is the one that was voted on");
        if let Some(peers) = &outcome.peers {
            let left = left(&view, peers, header)?;
            batch.put(Table::Meta, codec::LEFT, codec::put_left(&left));
        }
        let update = match self.prepared.take(&before.id, &outcome.writes) {
            Some(update) => update,
            None => updated(&*self.disk, &outcome.writes, header.height)?,
        };
        assert_eq!(update.root, header.state_root, "the state is the one that was voted on");
        put_outcome(&*self.disk, &mut batch, outcome, update, header.height)?;
        self.oldest.advance(&*self.disk, &mut batch, header.height, self.options.state_window)?;
        if header.validators != header.next_validators {
            batch.put(Table::Meta, [codec::SET_CHANGE, &height].concat(), Vec::new());
        }
        self.drop_undecided(&mut batch, header.height)?;
        batch.put(Table::Meta, codec::HEAD, height);
        self.disk.write(batch, self.options.sync)?;

        let head = Head {
            height: header.height,
            id: header.id(),
            time_ms: header.time_ms,
            frontier,
            validators: outcome.next_validators.clone(),
        };
        *self.head.write().expect("no holder of this lock panics") = Arc::new(head.clone());
        Ok(head)
    }

    /// Keeps a proposed block; it survives a power cut once this returns.
    ///
    /// # Errors
    /// If it cannot be kept: the node must then not vote for it.
    pub fn keep(&self, undecided: &Undecided) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        let key = codec::undecided_key(undecided.height, &undecided.value);
        batch.put(Table::Undecided, key, codec::put_undecided(undecided));
        self.disk.write(batch, self.options.sync)
    }

    /// Whether the next block can be expected to find its place.
    ///
    /// # Errors
    /// [`StoreError::Full`] before it is too late to stop well, or the failure of an earlier write.
    pub fn health(&self) -> Result<(), StoreError> {
        self.disk.health()
    }

    /// Lets go of the files, whoever still holds a view. When this returns they can be opened again.
    pub fn close(&self) {
        self.disk.close();
    }

    /// The proposed blocks kept for the height after the head.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn undecided(&self) -> Result<Vec<Undecided>, StoreError> {
        /// The host keeps 64 for a height; twice that is generous.
        const LIMIT: usize = 128;
        let prefix = codec::height_key(self.view().head_ref().height + 1);
        let kept = self.disk.scan(Table::Undecided, &prefix, &prefix, LIMIT)?;
        kept.iter().map(|(key, value)| codec::get_undecided(key, value)).collect()
    }

    fn drop_undecided(&self, batch: &mut Batch, height: u64) -> Result<(), StoreError> {
        /// Several heights' worth, should an earlier deletion have been missed.
        const LIMIT: usize = 1024;
        for (key, _) in self.disk.scan(Table::Undecided, &[], &[], LIMIT)? {
            if key.first_chunk::<8>().is_some_and(|at| u64::from_be_bytes(*at) <= height) {
                batch.delete(Table::Undecided, key);
            }
        }
        Ok(())
    }
}

/// Everything an outcome changes, but the records themselves.
fn put_outcome(
    disk: &dyn Disk,
    batch: &mut Batch,
    outcome: &Outcome,
    update: TreeUpdate,
    version: u64,
) -> Result<(), StoreError> {
    let Outcome { applied: _, writes: _, index, next_validators, peers } = outcome;
    put_state(disk, batch, update, version)?;
    for (key, value) in index {
        batch.put(Table::Index, key.clone(), value.clone());
    }
    batch.put(Table::Sets, *next_validators.hash().as_bytes(), next_validators.to_der());
    if let Some(peers) = peers {
        batch.put(Table::Meta, codec::PEERS, codec::put_peers(peers));
    }
    Ok(())
}

/// Who left, once these are the peers.
fn left(view: &View, peers: &[Peer], header: &Header) -> Result<Vec<Left>, StoreError> {
    /// As many as a chain can have at a time; whoever left before them has had time to learn it.
    const LIMIT: usize = 100;
    let gone = |id: &str| !peers.iter().any(|peer| peer.id == id);
    let mut left = view.left()?;
    left.retain(|left| gone(&left.peer.id));
    let (height, time_ms) = (header.height, header.time_ms);
    let now = view.peers()?.into_iter().filter(|peer| gone(&peer.id));
    left.extend(now.map(|peer| Left { peer, height, time_ms }));
    left.drain(..left.len().saturating_sub(LIMIT));
    Ok(left)
}

/// Writes the state before the first block.
fn found(
    disk: &dyn Disk,
    chain_id: Digest,
    genesis: &Genesis,
    app: &dyn App,
) -> Result<(), StoreError> {
    let outcome = app.genesis(genesis).map_err(|error| StoreError::Genesis(error.to_string()))?;
    let expected =
        genesis.validator_set().map_err(|error| StoreError::Genesis(error.to_string()))?;
    if outcome.next_validators != expected {
        return Err(StoreError::Genesis("the application names other validators".into()));
    }
    let mut batch = Batch::default();
    let update = updated(disk, &outcome.writes, 0)?;
    put_outcome(disk, &mut batch, &outcome, update, 0)?;
    if outcome.peers.is_none() {
        let peers: Vec<Peer> = genesis
            .validators
            .iter()
            .map(|v| Peer { id: v.peer_id.clone(), address: v.address.clone() })
            .collect();
        batch.put(Table::Meta, codec::PEERS, codec::put_peers(&peers));
    }
    batch.put(Table::Meta, codec::CHAIN, chain_entry(chain_id));
    batch.put(Table::Meta, codec::HEAD, codec::height_key(0));
    disk.write(batch, true)
}

/// Whether the directory is this chain's. One of the format before is marked as of this one, so that an older program does not
/// take blocks that it cannot read for damage.
fn same_chain(disk: &dyn Disk, stored: &[u8], given: Digest) -> Result<(), StoreError> {
    let old = stored.strip_prefix(codec::OLD_FORMAT);
    let bytes = stored
        .strip_prefix(codec::FORMAT)
        .or(old)
        .ok_or_else(|| StoreError::damaged("format", "not a store of this version"))?;
    let stored = codec::get_hash("chain id", bytes)?;
    if stored != given {
        return Err(StoreError::WrongChain { stored, given });
    }
    if old.is_none() {
        return Ok(());
    }
    let mut batch = Batch::default();
    batch.put(Table::Meta, codec::CHAIN, chain_entry(given));
    disk.write(batch, true)
}

fn chain_entry(chain_id: Digest) -> Vec<u8> {
    [codec::FORMAT.as_slice(), chain_id.as_bytes()].concat()
}

/// Reads the head and checks that log, state and validators are the ones its header names.
fn load_head(disk: &dyn Disk, chain_id: Digest, genesis: &Genesis) -> Result<Head, StoreError> {
    let missing = |what| StoreError::damaged(what, "missing");
    let bytes = disk.get(Table::Meta, codec::HEAD)?.ok_or_else(|| missing("head"))?;
    let height = codec::get_u64("head", &bytes)?;
    if height == 0 {
        let validators =
            genesis.validator_set().map_err(|error| StoreError::Genesis(error.to_string()))?;
        let (id, time_ms, frontier) = (chain_id, genesis.time_ms, Frontier::new());
        return Ok(Head { height, id, time_ms, frontier, validators });
    }
    let bytes = disk.get(Table::Headers, &codec::height_key(height))?;
    let (header, certificate) = codec::get_header(&bytes.ok_or_else(|| missing("last header"))?)?;
    let id = header.id();
    if header.height != height || header.chain_id != chain_id || certificate.value_id != id {
        return Err(StoreError::damaged("last header", "it is not of this chain and height"));
    }
    let frontier = load_frontier(disk, header.log_size)?;
    if frontier.root() != header.log_root {
        return Err(StoreError::damaged("log", "its root is not the last header's"));
    }
    let root = tree::root(&Tree(disk), height)
        .map_err(|error| StoreError::damaged("state tree", error))?;
    if root != header.state_root {
        return Err(StoreError::damaged("state tree", "its root is not the last header's"));
    }
    let set = load_set(disk, &header.next_validators)?;
    Ok(Head { height, id, time_ms: header.time_ms, frontier, validators: set })
}

pub(crate) fn load_set(disk: &dyn Disk, hash: &Digest) -> Result<ValidatorSet, StoreError> {
    let bytes = disk
        .get(Table::Sets, hash.as_bytes())?
        .ok_or_else(|| StoreError::damaged("validator set", "missing"))?;
    let set = ValidatorSet::from_der(&bytes)
        .map_err(|error| StoreError::damaged("validator set", error))?;
    if set.hash() == *hash {
        Ok(set)
    } else {
        Err(StoreError::damaged("validator set", "its hash is another"))
    }
}

/// The peaks of a log of this size are complete subtrees, one for each one-bit.
fn load_frontier(disk: &dyn Disk, size: u64) -> Result<Frontier, StoreError> {
    let mut peaks = Vec::new();
    let mut start = 0_u64;
    for level in (0..64_u8).rev() {
        let width = 1_u64 << level;
        if size & width != 0 {
            let id = NodeId { level, index: start >> level };
            let bytes = disk
                .get(Table::LogNodes, &codec::node_key(id))?
                .ok_or_else(|| StoreError::damaged("log node", "missing"))?;
            peaks.push(codec::get_hash("log node", &bytes)?);
            start += width;
        }
    }
    Frontier::from_parts(size, peaks).map_err(|error| StoreError::damaged("log", error))
}
