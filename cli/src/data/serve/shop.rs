//! The server behind the routes: a call comes in, is judged, and its answer goes out on a thread of its own.

use std::{
    collections::BTreeMap,
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
};
use tracing::{info, warn};
use yinxin_gm::Digest;
use yinxin_pki::Certificate;
use yinxin_record::{PublishResource, ResourceCode, Wire, state_key};
use yinxin_service::{CallRefused, Called, Calls, Cut, Part, Parts};
use yinxin_sharing::{
    Error,
    access::{Admitted, Decision, Guard, is_fresh},
    catalogue::Resource,
    envelope::Owner,
    serving::{
        Delivered, Delivery, Desk, Frame, Layout, Offer, Range, SignedCall, Standing, admit,
        deliver,
    },
};
use yinxin_verdict::{Lang, UnixTime};

use super::{
    config::Settings,
    door::Door,
    follow::{Follower, Watch},
    source::Source,
};
use crate::{keys::Signer, rng, trusting, ui};

/// How long a receiver may take to take one part in.
const PART_PATIENCE: Duration = Duration::from_secs(60);
/// Parts on their way at a time: one that is being sent, one that is ready.
const AHEAD: usize = 1;

/// Everything that answering takes.
pub(super) struct Shop {
    pub(super) signer: Signer,
    pub(super) follower: Arc<Follower>,
    pub(super) guard: Mutex<Guard<File>>,
    /// Journal, windows, receipts.
    pub(super) folder: PathBuf,
    pub(super) counts: Counts,
    settings: Settings,
    offer: Offer,
    /// For looking at signatures.
    looks: Arc<Semaphore>,
    door: Arc<Door>,
    /// Entries of the catalogue that the ledger's digest was compared with.
    entries: Mutex<BTreeMap<(ResourceCode, u32), Arc<Resource>>>,
}

/// What happened since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) waiting: AtomicU64,
    answered: AtomicU64,
    denied: AtomicU64,
    failed: AtomicU64,
    strangers: AtomicU64,
    rows: AtomicU64,
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
        let (guard, counts, entries) = (Mutex::new(guard), Counts::default(), Mutex::default());
        Self { signer, follower, guard, folder, counts, settings, offer, looks, door, entries }
    }

    /// Judges a call and answers it; whether it is answered is told as soon as it is known.
    fn answer(
        &self,
        octets: &[u8],
        look: OwnedSemaphorePermit,
        decided: oneshot::Sender<Result<Parts, CallRefused>>,
        handle: &Handle,
    ) {
        let read = self.read(octets);
        drop(look);
        let refused = match read {
            Err(refused) => refused,
            Ok((call, source, None)) => self.turn_away(&call, source),
            Ok((call, source, Some(caller))) => match self.door.seat(call.caller()) {
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

    /// A call that nobody proved to have signed: denied and recorded, if there are not too many of them.
    fn turn_away(&self, call: &SignedCall, source: &Source) -> CallRefused {
        let decided = self.follower.now().map_err(|e| broken(&e)).and_then(|now| {
            if !self.door.decides_on_stranger(now) {
                self.counts.strangers.fetch_add(1, Ordering::Relaxed);
                return Err(CallRefused::Busy);
            }
            let watch = self.follower.watch_nobody(call.ask());
            self.admitted(call, None, source, &watch, now)
        });
        decided.err().unwrap_or(CallRefused::Unavailable { code: "signature" })
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
        let entry = self.entry(&call.ask().resource, last.resource.version)?;
        let layout =
            Layout::new(&entry, &call.ask().fields).map_err(|e| unavailable(&e, "masking"))?;
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
        let found = all.into_iter().find(|e| e.definition() == published.definition);
        // Masking rules of another version than the published one are nobody's rules.
        let found = found
            .filter(|e| e.code() == code && e.version() == version)
            .ok_or_else(|| refused("the published version is not in the catalogue", "catalogue"))?;
        let found = Arc::new(found);
        entries.insert(key, Arc::clone(&found));
        Ok(found)
    }

    fn go_out(
        &self,
        judged: Judged<'_>,
        decided: oneshot::Sender<Result<Parts, CallRefused>>,
        handle: &Handle,
    ) {
        let Judged { call, caller, source, layout, admitted, offer, watch, last } = judged;
        let rows = match call.ask().rows {
            // One more than is left shows that there are more: then the answer is denied, not silently short.
            0 => admitted.left().rows.saturating_add(1),
            some => some,
        };
        let range = Range { skip: call.ask().skip, rows };
        let mut decided = Some(decided);
        let opened = source.with_rows(&layout, &call.ask().subjects, range, |rows| {
            let (out, parts) = mpsc::channel(AHEAD);
            let told = decided.take().is_some_and(|d| d.send(Ok(parts)).is_ok());
            if !told {
                return;
            }
            let delivery = Delivery {
                server: Owner { certificate: &self.signer.certificate, key: &self.signer.key },
                offer: &offer,
                version: last.resource.version,
                recipient: &caller,
                layout: &layout,
                part: self.settings.part,
            };
            let mut counter = Counter { out, handle, watch: &watch, last };
            let done =
                deliver(&self.guard, admitted, rows, &delivery, &mut counter, &mut rng::os());
            self.told(done, &call.id(), &mut counter);
        });
        if let (Err(error), Some(decided)) = (opened, decided) {
            let _ = decided.send(Err(unavailable(&error, "source")));
        }
    }

    fn told(&self, done: Result<Delivered, Error>, call: &Digest, counter: &mut Counter<'_>) {
        let count = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        match done {
            Ok(Delivered::Whole { rows }) => {
                count(&self.counts.answered, 1);
                count(&self.counts.rows, rows);
                info!(%call, rows, "answered");
            }
            Ok(Delivered::Denied(reason)) => {
                count(&self.counts.denied, 1);
                info!(%call, reason = reason.name(), "cut short");
            }
            Err(error) => {
                count(&self.counts.failed, 1);
                warn!(%call, %error, "failed");
                // That it failed may not arrive either.
                let code = code(&error, "source");
                let _ = counter.send(&[Frame::Failed(code.to_owned())]);
                let _ = counter.put(Err(Cut));
            }
        }
    }
}

/// A call that may be answered.
struct Judged<'a> {
    call: SignedCall,
    caller: Certificate,
    source: &'a Source,
    layout: Layout,
    admitted: Admitted,
    offer: Offer,
    watch: Watch,
    last: Arc<Standing>,
}

/// One answer's way out.
struct Counter<'a> {
    out: mpsc::Sender<Part>,
    handle: &'a Handle,
    watch: &'a Watch,
    last: Arc<Standing>,
}

impl Counter<'_> {
    fn put(&self, part: Part) -> Result<(), Error> {
        let sent = self.handle.block_on(self.out.send_timeout(part, PART_PATIENCE));
        sent.map_err(|_| Error::Io { why: "the receiver takes nothing more".to_owned() })
    }
}

impl Desk for Counter<'_> {
    fn now(&mut self) -> Result<UnixTime, Error> {
        self.watch.now()
    }

    fn standing(&mut self) -> Arc<Standing> {
        if let Some(standing) = self.watch.standing() {
            self.last = Arc::new(standing);
        }
        Arc::clone(&self.last)
    }

    fn send(&mut self, frames: &[Frame]) -> Result<(), Error> {
        let mut octets = Vec::new();
        frames.iter().for_each(|frame| frame.write(&mut octets));
        self.put(Ok(octets))
    }
}

/// What stopped an answer, by a code that stays the same.
const fn code(error: &Error, otherwise: &'static str) -> &'static str {
    match error {
        Error::ClockWrong { .. } => "clock",
        Error::NotServer { .. } => "authority",
        Error::Mismatch { .. } => "version",
        _ => otherwise,
    }
}

/// Of what comes before an answer: the clock, who serves, or else the journal.
fn broken(error: &Error) -> CallRefused {
    unavailable(error, code(error, "journal"))
}

fn unavailable(error: &Error, code: &'static str) -> CallRefused {
    warn!(%error, code, "not answered");
    CallRefused::Unavailable { code }
}

/// The routes' handle of a shop.
pub(super) struct Front(pub(super) Arc<Shop>);

impl Calls for Front {
    fn call(&self, call: Vec<u8>) -> Called<'_> {
        Box::pin(async move {
            let look = Arc::clone(&self.0.looks).acquire_owned().await;
            let look = look.map_err(|_| CallRefused::Busy)?;
            let (decided, decision) = oneshot::channel();
            let (shop, handle) = (Arc::clone(&self.0), Handle::current());
            tokio::task::spawn_blocking(move || shop.answer(&call, look, decided, &handle));
            decision.await.unwrap_or(Err(CallRefused::Unavailable { code: "internal" }))
        })
    }

    fn ready(&self) -> Result<(), CallRefused> {
        // Without asking anybody: whoever asks this often must not keep the server busy.
        let now = self.0.follower.now().map_err(|_| CallRefused::Unavailable { code: "clock" })?;
        if is_fresh(&self.0.follower.head(), now) {
            Ok(())
        } else {
            Err(CallRefused::Unavailable { code: "ledger" })
        }
    }

    fn metrics(&self) -> String {
        let Counts { waiting, answered, denied, failed, strangers, rows } = &self.0.counts;
        let mut text = String::new();
        for (name, kind, value) in [
            ("windows_waiting", "gauge", waiting),
            ("calls_answered_total", "counter", answered),
            ("calls_denied_total", "counter", denied),
            ("calls_failed_total", "counter", failed),
            ("calls_by_strangers_not_decided_total", "counter", strangers),
            ("rows_answered_total", "counter", rows),
        ] {
            let value = value.load(Ordering::Relaxed);
            text.push_str(&format!(
                "# TYPE yinxin_data_{name} {kind}\nyinxin_data_{name} {value}\n"
            ));
        }
        text
    }
}
