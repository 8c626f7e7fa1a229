//! The server behind the routes: a call comes in, is judged, and its answer goes out on a thread of its own.

use std::{
    collections::BTreeMap,
    fs::File,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tracing::{info, warn};
use yinxin_pki::Certificate;
use yinxin_record::{PublishResource, ResourceCode, Wire, state_key};
use yinxin_service::CallRefused;
use yinxin_sharing::{
    Error,
    access::{Admitted, Decision, Guard},
    catalogue::Resource,
    serving::{Layout, Offer, SignedCall, Standing, admit, give_up},
};
use yinxin_verdict::{Lang, UnixTime};

use super::{
    answer::Judged,
    config::Settings,
    crowd::{Crowds, Decided},
    door::{Door, Seat},
    follow::{Follower, Watch},
    front::Counts,
    source::Source,
};
use crate::{keys::Signer, trusting, ui};

/// Everything that answering takes.
pub(super) struct Shop {
    pub(super) signer: Signer,
    pub(super) follower: Arc<Follower>,
    pub(super) guard: Mutex<Guard<File>>,
    /// Journal, windows, receipts.
    pub(super) folder: PathBuf,
    pub(super) counts: Counts,
    pub(super) settings: Settings,
    pub(super) offer: Offer,
    /// For looking at signatures.
    pub(super) looks: Arc<Semaphore>,
    pub(super) crowds: Crowds,
    door: Arc<Door>,
    /// Entries of the catalogue that the ledger's digest was compared with.
    entries: Mutex<BTreeMap<(ResourceCode, u32), Arc<Resource>>>,
}

impl Shop {
    pub(super) fn new(
        settings: Settings,
        signer: Signer,
        follower: Arc<Follower>,
        guard: Guard<File>,
        folder: PathBuf,
        offer: Offer,
    ) -> Self {
        let looks = Arc::new(Semaphore::new(settings.calls));
        let door = Door::new(settings.calls);
        Self {
            signer,
            follower,
            guard: Mutex::new(guard),
            folder,
            counts: Counts::default(),
            settings,
            offer,
            looks,
            crowds: Crowds::default(),
            door,
            entries: Mutex::default(),
        }
    }

    /// Judges a call and answers it; whether it is answered is told as soon as it is known.
    pub(super) fn answer(
        &self,
        octets: &[u8],
        look: OwnedSemaphorePermit,
        decided: Decided,
        handle: &Handle,
    ) {
        let read = self.read(octets);
        drop(look);
        let refused = match read {
            Err(refused) => refused,
            Ok((call, source, None)) => match self.turn_away(&call, source) {
                Some(refused) => refused,
                None => return self.gather(&call, decided),
            },
            Ok((call, source, Some(caller))) => match self.seat(&call) {
                None => CallRefused::Busy,
                Some(_until_it_is_answered) => match self.judge(call, source, caller) {
                    Ok(judged) => return self.go_out(judged, decided, handle),
                    Err(refused) => refused,
                },
            },
        };
        if let CallRefused::Denied { reason, .. } = &refused {
            self.counts.denied.fetch_add(1, Ordering::Relaxed);
            info!(reason = reason.name(), "denied");
        }
        // Who called may be gone.
        let _ = decided.send(Err(refused));
    }

    /// A seat for a caller whose signature holds, if there is one; none for more than a few calls that come again.
    fn seat(&self, call: &SignedCall) -> Option<Seat> {
        let now = self.follower.now().ok();
        let past = now.filter(|now| {
            let guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
            guard.is_past(&call.call(), *now)
        });
        if past.is_some_and(|now| !self.door.decides_on_repeated(now)) {
            return None;
        }
        self.door.seat(call.caller())
    }

    /// A call for something that is served here, and its caller's certificate if the signature and the certificate hold. Asks nobody.
    fn read(
        &self,
        octets: &[u8],
    ) -> Result<(SignedCall, &Source, Option<Certificate>), CallRefused> {
        let call = SignedCall::from_der(octets)
            .map_err(|e| CallRefused::Malformed { what: e.to_string() })?;
        let not_served = || CallRefused::NotServed { resource: call.ask().resource.to_string() };
        let source = self.settings.sources.get(&call.ask().resource).ok_or_else(not_served)?;
        if call.ask().skip > 0 && !source.is_ordered() {
            let what = "skip: the rows of this resource have no order".to_owned();
            return Err(CallRefused::Malformed { what });
        }
        let client = self.follower.client();
        let caller = call.verify().ok();
        let caller =
            caller.filter(|cert| trusting::must_chain(&client.trust, cert, ui::now()).is_ok());
        Ok((call, source, caller))
    }

    /// A call that nobody proved to have signed: denied and recorded by itself, if there are not too many of them.
    fn turn_away(&self, call: &SignedCall, source: &Source) -> Option<CallRefused> {
        let now = match self.follower.now() {
            Ok(now) => now,
            Err(error) => return Some(broken(&error)),
        };
        if !self.door.decides_on_stranger(now) {
            return None;
        }
        let watch = self.follower.watch_nobody(&call.ask().resource, call.ask().grant);
        let decided = self.admitted(call, None, source, &watch, now).err();
        Some(decided.unwrap_or(CallRefused::Unavailable { code: "signature" }))
    }

    fn judge<'a>(
        &'a self,
        call: SignedCall,
        source: &'a Source,
        caller: Certificate,
    ) -> Result<Judged<'a>, CallRefused> {
        let watch = self.follower.watch(call.ask(), call.caller());
        let now = self.follower.now().map_err(|e| broken(&e))?;
        let (admitted, offer, last) = self.admitted(&call, Some(&caller), source, &watch, now)?;
        let layout = self.layout(&call, last.resource.version);
        let layout = layout.map_err(|refused| self.cannot(&admitted, &watch, refused))?;
        Ok(Judged { call, caller, source, layout, admitted, offer, watch, last })
    }

    fn admitted(
        &self,
        call: &SignedCall,
        caller: Option<&Certificate>,
        source: &Source,
        watch: &Watch,
        now: UnixTime,
    ) -> Result<(Admitted, Offer, Arc<Standing>), CallRefused> {
        let not_served = || CallRefused::NotServed { resource: call.ask().resource.to_string() };
        let standing = watch.standing().ok_or_else(not_served)?;
        let offer = Offer {
            by_subject: source.subject.is_some(),
            scope: source.scope,
            ..self.offer.clone()
        };
        let judged = admit(&self.guard, call, caller, &offer, &standing, now);
        match judged.map_err(|e| broken(&e))? {
            Decision::Allowed(admitted) => Ok((admitted, offer, Arc::new(standing))),
            Decision::Denied(denied) => {
                let line = denied.line.to_der();
                Err(CallRefused::Denied { reason: denied.reason, line })
            }
        }
    }

    fn layout(&self, call: &SignedCall, version: u32) -> Result<Layout, CallRefused> {
        let entry = self.entry(&call.ask().resource, version)?;
        Layout::new(&entry, &call.ask().fields).map_err(|e| unavailable(&e, "masking"))
    }

    /// What was admitted and cannot be answered is denied, and recorded as such; what cannot even be recorded is as it was.
    pub(super) fn cannot(
        &self,
        admitted: &Admitted,
        watch: &Watch,
        refused: CallRefused,
    ) -> CallRefused {
        let (Some(standing), Ok(now)) = (watch.standing(), watch.now()) else { return refused };
        match give_up(&self.guard, admitted, &self.offer, &standing, now) {
            Ok(denied) => {
                let line = denied.line.to_der();
                CallRefused::Denied { reason: denied.reason, line }
            }
            Err(error) => {
                warn!(%error, "not recorded");
                refused
            }
        }
    }

    /// The catalogue's entry of the version in force, the same that was published.
    fn entry(&self, code: &ResourceCode, version: u32) -> Result<Arc<Resource>, CallRefused> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (code.clone(), version);
        if let Some(entry) = entries.get(&key) {
            return Ok(Arc::clone(entry));
        }
        let refused = |why: &str, code| {
            warn!(why, "catalogue");
            CallRefused::Unavailable { code }
        };
        let published: Option<PublishResource> = self
            .follower
            .value(&state_key::resource_version(code, version))
            .map_err(|f| refused(&f.explain(Lang::En).what, "ledger"))?;
        let published = published.ok_or_else(|| refused("no such version", "ledger"))?;
        let all = self.settings.entries();
        let all = all.map_err(|f| refused(&f.explain(Lang::En).what, "catalogue"))?;
        // Masking rules of another version than the published one are nobody's rules. Only entries of this one are hashed.
        let mut own = all.into_iter().filter(|e| e.code() == code && e.version() == version);
        let found = own
            .find(|e| e.definition() == published.definition)
            .ok_or_else(|| refused("the published version is not in the catalogue", "catalogue"))?;
        let found = Arc::new(found);
        entries.insert(key, Arc::clone(&found));
        Ok(found)
    }
}

/// What stopped an answer, by a code that stays the same.
pub(super) const fn code(error: &Error, otherwise: &'static str) -> &'static str {
    match error {
        Error::ClockWrong { .. } => "clock",
        Error::NotServer { .. } => "authority",
        Error::Mismatch { .. } => "version",
        _ => otherwise,
    }
}

/// Of what comes before an answer: the clock, who serves, or else the journal.
pub(super) fn broken(error: &Error) -> CallRefused {
    unavailable(error, code(error, "journal"))
}

pub(super) fn unavailable(error: &Error, code: &'static str) -> CallRefused {
    warn!(%error, code, "not answered");
    CallRefused::Unavailable { code }
}
