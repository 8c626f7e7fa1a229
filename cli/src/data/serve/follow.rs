//! What the ledger says, kept fresh: status proofs, each verified by the trust folder before it counts.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tracing::warn;
use yinxin_gm::Digest;
use yinxin_record::{
    CertificateState, CredentialStatus, GrantState, OrganisationCode, OrganisationState,
    OrganisationStatus, Power, RequestState, ResourceCode, ResourceState, ServingState, Suspension,
    Turn, Wire, state_key,
};
use yinxin_sharing::{
    Error,
    access::{Clock, Head},
    serving::{Ask, Member, Standing},
};
use yinxin_verdict::{Lang, UnixTime};

use crate::{
    config::Config,
    fail::Done,
    submit::{Client, LedgerArgs},
    ui,
};

/// How often the node is asked for its head while answers go out.
const LOOK: Duration = Duration::from_millis(250);
/// How often the trust folder is read again: revocation lists and set changes come as files.
const REREAD: Duration = Duration::from_secs(30);

/// The ledger, as this server knows it.
pub(super) struct Follower {
    args: LedgerArgs,
    config: Config,
    client: RwLock<Arc<Client>>,
    known: Mutex<BTreeMap<Vec<u8>, Proven>>,
    server: OrganisationCode,
    clock: Mutex<Clock>,
    begun: Instant,
    /// The ledger has a window of this server that is not of its journal.
    displaced: AtomicBool,
}

/// What was last proven of a key.
struct Proven {
    value: Option<Vec<u8>>,
    head: Head,
    /// How many answers that are going out look at it.
    watchers: usize,
}

/// An answer's interest in its keys; they are followed until it is dropped.
pub(super) struct Watch {
    follower: Arc<Follower>,
    resource: ResourceCode,
    grant: Digest,
    caller: Option<OrganisationCode>,
    /// Certificates among them, each from when its organisation has it.
    keys: Mutex<Vec<Vec<u8>>>,
}

impl Follower {
    /// Of the node and by the trust folder that were named, for this server.
    pub(super) fn new(args: LedgerArgs, config: Config, server: OrganisationCode) -> Done<Self> {
        let client = RwLock::new(Arc::new(args.open(&config)?));
        let (known, clock, begun) = (Mutex::default(), Mutex::default(), Instant::now());
        let displaced = AtomicBool::new(false);
        Ok(Self { args, config, client, known, server, clock, begun, displaced })
    }

    /// The ledger's client, with the trust folder as last read.
    pub(super) fn client(&self) -> Arc<Client> {
        Arc::clone(&self.client.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who serves.
    pub(super) const fn server(&self) -> &OrganisationCode {
        &self.server
    }

    /// From here on this is no server: what it serves could never be told.
    pub(super) fn displace(&self) {
        self.displaced.store(true, Ordering::Release);
    }

    /// Whether [`Self::displace`] was called.
    pub(super) fn is_displaced(&self) -> bool {
        self.displaced.load(Ordering::Acquire)
    }

    /// What stands under a key now; the node must answer.
    pub(super) fn value<T: Wire>(&self, key: &[u8]) -> Done<Option<T>> {
        crate::data::send::state(&self.client(), key)
    }

    /// The newest block that anything was proven as of.
    pub(super) fn head(&self) -> Head {
        let known = self.known();
        known.values().map(|p| p.head).max_by_key(|head| head.height).unwrap_or(NEVER.head)
    }

    /// The time, if the clock can be right by the ledger's.
    pub(super) fn now(&self) -> Result<UnixTime, Error> {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.check(ui::now(), self.begun.elapsed())
    }

    /// Follows for ever what this server itself depends on.
    pub(super) fn keep_server(&self) {
        let of = [state_key::organisation(&self.server), state_key::suspension(&self.server)];
        of.iter().for_each(|key| self.look(key, 1));
        if let Some((Some(member), _)) = self.last::<OrganisationState>(&of[0]) {
            self.look(&state_key::certificate(&self.server, &member.certificate), 1);
        }
    }

    /// Looks at a resource, and follows it for ever: calls for it can then be denied with a reason even while the node is away.
    pub(super) fn keep(&self, resource: &ResourceCode) {
        self.look(&state_key::resource(resource), 1);
    }

    /// Looks at which journal answers for a resource, and follows it for ever.
    pub(super) fn keep_serving(&self, resource: &ResourceCode) {
        self.look(&state_key::serving(resource, &self.server), 1);
    }

    /// Whether this turn is the one that answers for a resource, by the newest proof.
    pub(super) fn answers(&self, resource: &ResourceCode, turn: Turn) -> bool {
        let last = self.last::<ServingState>(&state_key::serving(resource, &self.server));
        let state = last.and_then(|(state, head)| Some((state?, head)));
        state.is_some_and(|(state, head)| {
            state.turn == turn && state.until.is_none() && head.time >= state.since
        })
    }

    /// Looks at all that is followed again: none of it is older than this instant.
    pub(super) fn look_again(&self) {
        self.watched().iter().for_each(|key| self.look(key, 0));
    }

    /// Looks at all that a call depends on, and goes on looking while the watch is held.
    pub(super) fn watch(self: &Arc<Self>, ask: &Ask, caller: &OrganisationCode) -> Watch {
        let mut keys = vec![
            state_key::resource(&ask.resource),
            state_key::grant(&ask.grant),
            state_key::request(&ask.grant),
            state_key::organisation(caller),
            state_key::suspension(caller),
        ];
        keys.iter().for_each(|key| self.look(key, 1));
        // The server's own are followed all the time.
        for key in self.own(&ask.resource) {
            self.join(&key);
            keys.push(key);
        }
        let (resource, grant, keys) = (ask.resource.clone(), ask.grant, Mutex::new(keys));
        Watch { follower: Arc::clone(self), resource, grant, caller: Some(caller.clone()), keys }
    }

    /// For a call whose caller nobody proved: what is followed anyway, and no question to the node.
    pub(super) fn watch_nobody(self: &Arc<Self>, resource: &ResourceCode, grant: Digest) -> Watch {
        let mut keys = vec![state_key::resource(resource)];
        keys.extend(self.own(resource));
        for key in &keys {
            self.join(key);
        }
        let (resource, keys) = (resource.clone(), Mutex::new(keys));
        Watch { follower: Arc::clone(self), resource, grant, caller: None, keys }
    }

    /// What this server depends on whoever calls.
    fn own(&self, resource: &ResourceCode) -> [Vec<u8>; 3] {
        [
            state_key::organisation(&self.server),
            state_key::suspension(&self.server),
            state_key::serving(resource, &self.server),
        ]
    }

    /// Follows for ever: new proofs of what is watched with each new block, the trust folder again from time to time.
    pub(super) fn run(&self) {
        let (mut height, mut read) = (0, Instant::now());
        loop {
            std::thread::sleep(LOOK);
            if read.elapsed() > REREAD {
                read = Instant::now();
                self.reread();
            }
            let watched = self.watched();
            if watched.is_empty() {
                continue;
            }
            // The height is a hint; what counts are the proofs' own headers.
            match self.client().remote.newest() {
                Ok(head) if head.height != height => {
                    height = head.height;
                    self.look_again();
                }
                Ok(_) => {}
                Err(error) => warn!(%error, "the node does not answer"),
            }
        }
    }

    fn reread(&self) {
        match self.args.open(&self.config) {
            Ok(client) => {
                *self.client.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(client);
            }
            Err(failure) => warn!(why = failure.explain(Lang::En).what, "trust folder"),
        }
    }

    fn watched(&self) -> Vec<Vec<u8>> {
        self.known().iter().filter(|(_, p)| p.watchers > 0).map(|(key, _)| key.clone()).collect()
    }

    /// Asks for a proof. Without an answer the last one stays, and grows old.
    fn look(&self, key: &[u8], watchers: usize) {
        let proof = self.client().status(key);
        let mut known = self.known();
        match proof {
            Ok((proof, _)) => {
                let time = i64::try_from(proof.header.time_ms).unwrap_or(i64::MAX);
                let time = UnixTime::EPOCH.plus_millis(time);
                let head = Head { height: proof.header.height, time };
                let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
                clock.proven(&head, self.begun.elapsed());
                drop(clock);
                let entry = known.entry(key.to_vec()).or_insert(NEVER);
                // A node that was restored from a copy does not take back what was known.
                if head.height >= entry.head.height {
                    (entry.value, entry.head) = (proof.value, head);
                }
                entry.watchers += watchers;
            }
            Err(failure) => {
                warn!(why = failure.explain(Lang::En).what, "status proof");
                known.entry(key.to_vec()).or_insert(NEVER).watchers += watchers;
            }
        }
    }

    /// Follows a key; asks only if nobody does yet.
    fn join(&self, key: &[u8]) {
        if let Some(proven) = self.known().get_mut(key).filter(|p| p.watchers > 0) {
            proven.watchers += 1;
            return;
        }
        self.look(key, 1);
    }

    fn last<T: Wire>(&self, key: &[u8]) -> Option<(Option<T>, Head)> {
        let known = self.known();
        let proven = known.get(key).filter(|p| p.head.height > 0)?;
        let value = proven.value.as_deref().map(T::from_der).transpose();
        value.ok().map(|value| (value, proven.head))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Proven>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What no proof was ever had of: as old as can be.
const NEVER: Proven =
    Proven { value: None, head: Head { height: 0, time: UnixTime::EPOCH }, watchers: 0 };

impl Watch {
    /// How things stand by the newest proofs, as of the oldest of them. `None` when the resource was never seen.
    pub(super) fn standing(&self) -> Option<Standing> {
        let follower = &self.follower;
        self.follow_certificates();
        let mut head = Head { height: u64::MAX, time: UnixTime::EPOCH };
        {
            let known = follower.known();
            for key in self.keys().iter() {
                let proven = known.get(key).map_or(NEVER.head, |p| p.head);
                if proven.height < head.height {
                    head = proven;
                }
            }
        }
        let (resource, _) = follower.last::<ResourceState>(&state_key::resource(&self.resource))?;
        let grant = follower.last::<GrantState>(&state_key::grant(&self.grant));
        let request = follower.last::<RequestState>(&state_key::request(&self.grant));
        let serving = state_key::serving(&self.resource, &follower.server);
        let serving = follower.last::<ServingState>(&serving).and_then(|(state, _)| state);
        Some(Standing {
            head,
            resource: resource?,
            grant: grant.and_then(|(state, _)| state),
            subjects: request
                .and_then(|(state, _)| state)
                .map(|state| state.asked.subjects)
                .unwrap_or_default(),
            caller: self.caller.as_ref().and_then(|code| self.member(code, None, head.time)),
            server: (!follower.is_displaced())
                .then(|| self.member(&follower.server, Some(Power::Data), head.time))
                .flatten(),
            serving,
        })
    }

    /// The time, if the clock can be right by the ledger's.
    pub(super) fn now(&self) -> Result<UnixTime, Error> {
        self.follower.now()
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which certificate a member has, its own leaf says, and says anew once it was replaced.
    fn follow_certificates(&self) {
        for code in self.caller.iter().chain([&self.follower.server]) {
            let member = self.follower.last::<OrganisationState>(&state_key::organisation(code));
            let Some(member) = member.and_then(|(state, _)| state) else { continue };
            let key = state_key::certificate(code, &member.certificate);
            if !self.keys().contains(&key) {
                self.follower.join(&key);
                self.keys().push(key);
            }
        }
    }

    /// How a member stands; `None` when it is none, when its certificate is revoked, or without the power that it needs.
    fn member(
        &self,
        code: &OrganisationCode,
        needs: Option<Power>,
        at: UnixTime,
    ) -> Option<Member> {
        let follower = &self.follower;
        let (member, _) = follower.last::<OrganisationState>(&state_key::organisation(code))?;
        let member = member.filter(|m| needs.is_none_or(|power| m.powers.has(power)))?;
        let suspension = follower.last::<Suspension>(&state_key::suspension(code));
        let until = suspension.and_then(|(state, _)| state).and_then(|s| s.until);
        let key = state_key::certificate(code, &member.certificate);
        let certificate = follower.last::<CertificateState>(&key).and_then(|(state, _)| state);
        if certificate.is_some_and(|c| c.status == CredentialStatus::Revoked) {
            return None;
        }
        let suspended =
            member.status != OrganisationStatus::Active || until.is_some_and(|u| u > at);
        Some(Member { key: member.key, suspended })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let keys = self.keys.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.follower.known();
        for key in keys.iter() {
            if let Some(proven) = known.get_mut(key) {
                proven.watchers = proven.watchers.saturating_sub(1);
            }
        }
        // What nobody looks at is asked for again when somebody does; only what calls share is worth keeping for when the node is
        // away.
        if known.len() > MAX_KEPT {
            known.retain(|_, p| p.watchers > 0);
        }
    }
}

/// Proofs that are kept although no answer goes out: a few hundred grants' worth, some MiB at most.
const MAX_KEPT: usize = 2048;
