//! What the rest of the program can ask of a running node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use yinxin_engine::{Admission, App, ApplyError, Base as _, BlockContext, Peer};
use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire;
use yinxin_receipt::{Anchor, Receipt, SetChange, StatusProof, Subject};
use yinxin_store::{Store, StoreError, View};

use crate::clock::now_ms;
use crate::config::Tuning;
use crate::gossip::{Command, Message};
use crate::mempool::{Added, Mempool};
use crate::metrics::Metrics;
use crate::overlay::Overlays;
use crate::{NodeError, SubmitError};

type Waiter = oneshot::Sender<Result<(), SubmitError>>;

/// What driver, gossip and handles share.
pub(crate) struct Shared {
    pub(crate) app: Arc<dyn App>,
    pub(crate) store: Arc<Store>,
    pub(crate) genesis: Vec<u8>,
    pub(crate) tuning: Tuning,
    pub(crate) pool: Mutex<Mempool>,
    pub(crate) pool_changed: Notify,
    pub(crate) overlays: Overlays,
    pub(crate) waiting: Mutex<HashMap<Digest, Vec<Waiter>>>,
    pub(crate) gossip: mpsc::Sender<Command>,
    pub(crate) metrics: Metrics,
    pub(crate) status: Mutex<Status>,
}

/// Whether this node votes, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signing {
    /// It has no validator key: it follows.
    NoKey,
    /// It does not vote any more, and why.
    Off(String),
    /// The guard said no: silent until this height is committed.
    Silent(u64),
    /// A new key: watching for votes that are not its own.
    Watching,
    /// It votes.
    On,
}

/// How a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Our peer id.
    pub peer_id: String,
    /// Whether we vote.
    pub signing: Signing,
    /// Connected nodes.
    pub peers: usize,
    /// The highest block a connected node told of.
    pub peers_height: u64,
}

/// The newest block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadInfo {
    /// Its height; 0 before the first block.
    pub height: u64,
    /// Its header's DER; empty before the first block.
    pub header: Vec<u8>,
    /// Its commit certificate's DER; empty before the first block.
    pub certificate: Vec<u8>,
    /// Records in the log.
    pub log_size: u64,
}

/// Two byte strings that belong together: a header and its certificate, or an index entry's key and value.
pub type Encodings = (Vec<u8>, Vec<u8>);

/// A running node. Clones are the same node; it stops on [`NodeHandle::shutdown`].
#[derive(Clone)]
pub struct NodeHandle {
    pub(crate) shared: Arc<Shared>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) ended: watch::Receiver<Option<Arc<Result<(), NodeError>>>>,
}

impl std::fmt::Debug for NodeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeHandle")
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}

impl Shared {
    /// Takes a record into the mempool. `Ok(None)`: it is committed already.
    pub(crate) fn admit(&self, record: &[u8]) -> Result<Option<(Digest, Added)>, SubmitError> {
        let id = self.app.identify(record).map_err(SubmitError::Refused)?;
        let view = self.store.view();
        if view.record(&id)?.is_some() {
            return Ok(None);
        }
        if lock(&self.pool).contains(&id) {
            return Ok(Some((id, Added::Known)));
        }
        let admission = self.admission(&view, &id, record)?;
        let added = lock(&self.pool).add(admission, record.to_vec(), now_ms());
        Ok(Some((id, added)))
    }

    /// Whether a record could be committed next, or after those of its organisation that wait before it.
    pub(crate) fn admission(
        &self,
        view: &View,
        id: &Digest,
        record: &[u8],
    ) -> Result<Admission, SubmitError> {
        let at = self.next_block(view);
        let refusal = match self.app.check(view, &at, record) {
            Ok(admission) => return Ok(admission),
            Err(ApplyError::Record { refusal, .. }) => SubmitError::Refused(refusal),
            Err(failure) => return Err(refused(failure)),
        };
        let Some(organisation) = self.app.author(record) else { return Err(refusal) };
        let behind = self.overlays.behind(self, view, &at, &organisation, id)?;
        match behind.map(|state| self.app.check(&state, &at, record)) {
            Some(Ok(admission)) => Ok(admission),
            Some(Err(ApplyError::Store(failure))) => Err(refused(failure.into())),
            Some(Err(ApplyError::Record { .. })) | None => Err(refusal),
        }
    }

    /// Where a record would be applied if it were committed next.
    pub(crate) fn next_block(&self, view: &View) -> BlockContext {
        let head = view.head();
        let time_ms = now_ms().max(head.time_ms + 1);
        BlockContext { chain_id: self.store.chain_id(), height: head.height + 1, time_ms }
    }

    /// Tells whoever waits for a record how it ended.
    pub(crate) fn settle(&self, id: &Digest, result: &Result<(), SubmitError>) {
        for waiter in lock(&self.waiting).remove(id).unwrap_or_default() {
            // The caller may have given up waiting.
            let _ = waiter.send(result.clone());
        }
    }

    fn receipt(&self, id: &Digest, log_size: Option<u64>) -> Result<Option<Vec<u8>>, StoreError> {
        let view = self.store.view();
        let Some(stored) = view.record(id)? else { return Ok(None) };
        // Any later header will do for a longer log: the first that covers the size asked for.
        let height = match log_size {
            None => stored.height,
            Some(size) => match self.height_of_log(&view, size, stored.height)? {
                Some(height) => height,
                None => return Ok(None),
            },
        };
        let Some((header, certificate)) = view.header(height)? else { return Ok(None) };
        let path = view.log_path(stored.index, header.log_size)?;
        let anchor = Anchor::committed(header, certificate);
        let subject = Subject::Record(stored.record);
        Ok(Some(Receipt { subject, index: stored.index, path, anchor }.to_der()))
    }

    /// The first height from `low` on whose log has at least `size` records.
    fn height_of_log(&self, view: &View, size: u64, low: u64) -> Result<Option<u64>, StoreError> {
        let (mut low, mut high) = (low, view.head().height + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match view.header(middle)? {
                Some((header, _)) if header.log_size < size => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok((low <= view.head().height).then_some(low))
    }
}

pub(crate) fn refused(error: ApplyError) -> SubmitError {
    match error {
        ApplyError::Record { refusal, .. } => SubmitError::Refused(refusal),
        ApplyError::Store(failure) => SubmitError::Store(StoreError::Io(failure.why)),
    }
}

impl NodeHandle {
    /// Submits a record and waits until a quorum has committed it and this node's disk holds it: its receipt's DER.
    /// The same act again gives the first receipt.
    ///
    /// # Errors
    /// [`SubmitError::Refused`] by the rules; [`SubmitError::Pending`] if it takes too long: send the same bytes
    /// again.
    pub async fn submit(&self, record: Vec<u8>) -> Result<Vec<u8>, SubmitError> {
        let shared = &self.shared;
        shared.metrics.submitted_total.add(1);
        let id = shared.app.identify(&record).map_err(SubmitError::Refused)?;
        // Waiting begins before the record is taken in, so that its commit cannot be missed.
        let (sender, receiver) = oneshot::channel();
        lock(&shared.waiting).entry(id).or_default().push(sender);
        if self.ended.borrow().is_some() {
            self.give_up(&id);
            return Err(SubmitError::Stopped);
        }
        let taken = shared.admit(&record).inspect_err(|_| {
            shared.metrics.refused_total.add(1);
            self.give_up(&id);
        })?;
        match taken {
            None => {
                self.give_up(&id);
                return self.committed(&id);
            }
            Some((_, Added::Full(why))) => {
                self.give_up(&id);
                return Err(SubmitError::Busy(why.into()));
            }
            Some((_, Added::Known)) => {}
            Some((_, Added::New)) => {
                shared.metrics.gossiped_total.add(1);
                let message = Command::Broadcast(Message::Records(vec![record]));
                // If the queue is full the record goes out with the next round of gossip.
                let _ = shared.gossip.try_send(message);
                shared.pool_changed.notify_one();
            }
        }
        let waited_ms = shared.tuning.submit_timeout_ms;
        let timeout = tokio::time::timeout(Duration::from_millis(waited_ms), receiver);
        match timeout.await {
            Ok(Ok(result)) => result?,
            Ok(Err(_)) => return Err(SubmitError::Stopped),
            Err(_) => {
                self.give_up(&id);
                return Err(SubmitError::Pending { waited_ms });
            }
        }
        self.committed(&id)
    }

    /// Drops waiters that no longer wait.
    fn give_up(&self, id: &Digest) {
        let mut waiting = lock(&self.shared.waiting);
        if let Some(waiters) = waiting.get_mut(id) {
            waiters.retain(|waiter| !waiter.is_closed());
            if waiters.is_empty() {
                waiting.remove(id);
            }
        }
    }

    fn committed(&self, id: &Digest) -> Result<Vec<u8>, SubmitError> {
        let receipt = self.shared.receipt(id, None)?;
        receipt
            .ok_or_else(|| SubmitError::Store(StoreError::Io("a committed record is gone".into())))
    }

    /// The receipt of a record, if it is committed; with `log_size`, re-based on the first header whose log has
    /// at least that many records.
    ///
    /// # Errors
    /// If the store fails.
    pub fn receipt(
        &self,
        id: &Digest,
        log_size: Option<u64>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.shared.receipt(id, log_size)
    }

    /// The path from a record to the log's root at exactly `size` records: to re-base a receipt on a checkpoint.
    ///
    /// # Errors
    /// If the store fails or the log is shorter.
    pub fn log_path(
        &self,
        id: &Digest,
        size: u64,
    ) -> Result<Option<(u64, Vec<Digest>)>, StoreError> {
        let view = self.shared.store.view();
        let Some(stored) = view.record(id)? else { return Ok(None) };
        Ok(Some((stored.index, view.log_path(stored.index, size)?)))
    }

    /// What the state holds under a key at the newest header, present or absent: a status proof's DER.
    /// `None` before the first block.
    ///
    /// # Errors
    /// If the store fails.
    pub fn status_proof(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let view = self.shared.store.view();
        let Some((header, certificate)) = view.header(view.head().height)? else { return Ok(None) };
        let (value, path) = view.prove_state(key)?;
        Ok(Some(StatusProof::new(key.to_vec(), value, path, header, certificate).to_der()))
    }

    /// The newest block.
    ///
    /// # Errors
    /// If the store fails.
    pub fn head(&self) -> Result<HeadInfo, StoreError> {
        let view = self.shared.store.view();
        let head = view.head();
        let found = view.header(head.height)?;
        let (header, certificate) = found
            .map(|(header, certificate)| (header.to_der(), certificate.to_der()))
            .unwrap_or_default();
        Ok(HeadInfo { height: head.height, header, certificate, log_size: head.frontier.size() })
    }

    /// Header and certificate of a height, as DER.
    ///
    /// # Errors
    /// If the store fails.
    pub fn header(&self, height: u64) -> Result<Option<Encodings>, StoreError> {
        let found = self.shared.store.view().header(height)?;
        Ok(found.map(|(header, certificate)| (header.to_der(), certificate.to_der())))
    }

    /// A committed record's bytes.
    ///
    /// # Errors
    /// If the store fails.
    pub fn record(&self, id: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.shared.store.view().record(id)?.map(|stored| stored.record))
    }

    /// The application's index entries under a prefix, from `from` on.
    ///
    /// # Errors
    /// If the store fails.
    pub fn query_index(
        &self,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Encodings>, StoreError> {
        self.shared.store.view().index(prefix, from, limit)
    }

    /// Every change of validators so far, as verifiers' trust folders hold it, oldest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn set_changes(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let view = self.shared.store.view();
        let mut changes = Vec::new();
        for height in view.set_changes()? {
            if let Some((header, certificate)) = view.header(height)? {
                let next = view.validators(&header.next_validators)?;
                changes.push(SetChange { header, certificate, next }.to_der());
            }
        }
        Ok(changes)
    }

    /// The genesis' DER.
    #[must_use]
    pub fn genesis(&self) -> Vec<u8> {
        self.shared.genesis.clone()
    }

    /// The chain id.
    #[must_use]
    pub fn chain_id(&self) -> Digest {
        self.shared.store.chain_id()
    }

    /// The nodes on the ledger's list.
    ///
    /// # Errors
    /// If the store fails.
    pub fn peers(&self) -> Result<Vec<Peer>, StoreError> {
        self.shared.store.view().peers()
    }

    /// The ledger as it is now, for whoever reads state directly.
    #[must_use]
    pub fn view(&self) -> View {
        self.shared.store.view()
    }

    /// How the node is.
    #[must_use]
    pub fn status(&self) -> Status {
        lock(&self.shared.status).clone()
    }

    /// Numbers in Prometheus' text form.
    #[must_use]
    pub fn metrics_text(&self) -> String {
        self.shared.metrics.text()
    }

    /// Stops the node and waits until its files are closed.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        let _ = self.wait().await;
    }

    /// Waits until the node ends.
    ///
    /// # Errors
    /// Why it ended, if nobody asked it to.
    pub async fn wait(&self) -> Result<(), Arc<Result<(), NodeError>>> {
        let mut ended = self.ended.clone();
        let end = ended.wait_for(Option::is_some).await.map(|end| end.clone());
        match end {
            Ok(Some(end)) if end.is_err() => Err(end),
            _ => Ok(()),
        }
    }
}
