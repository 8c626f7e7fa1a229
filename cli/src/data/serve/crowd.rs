//! Calls of strangers beyond those that are written down one by one: gathered for a moment, recorded together, and answered then.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::sync::oneshot;
use yinxin_gm::Digest;
use yinxin_record::ResourceCode;
use yinxin_service::{CallRefused, Parts};
use yinxin_sharing::{
    Error,
    access::Gathering,
    serving::{SignedCall, turn_away},
};

use super::shop::{Shop, broken};

/// How long they are gathered: one fsync for all that come meanwhile.
const MOMENT: Duration = Duration::from_millis(200);
/// Most that wait for it; who comes then does not wait.
const WAITING: usize = 1024;

/// What is decided of a call, on its way to whoever called.
pub(super) type Decided = oneshot::Sender<Result<Parts, CallRefused>>;

/// Those that wait, by the resource that they ask for.
#[derive(Default)]
pub(super) struct Crowds(Mutex<BTreeMap<ResourceCode, Waiting>>);

#[derive(Default)]
struct Waiting {
    calls: Gathering,
    answers: Vec<Decided>,
}

impl Crowds {
    /// One more; whether there are so many that they are to be recorded now.
    fn add(&self, call: &SignedCall, decided: Decided) -> bool {
        let mut crowds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = crowds.entry(call.ask().resource.clone()).or_default();
        waiting.calls.add(&call.id());
        waiting.answers.push(decided);
        waiting.answers.len() >= WAITING
    }
}

/// Records what has gathered, for ever.
pub(super) fn run(shop: &Arc<Shop>) {
    loop {
        std::thread::sleep(MOMENT);
        shop.turn_crowds_away();
    }
}

impl Shop {
    /// A call that nobody proved to have signed and that gets no line of its own: it is answered once it is counted.
    pub(super) fn gather(&self, call: &SignedCall, decided: Decided) {
        if self.crowds.add(call, decided) {
            self.turn_crowds_away();
        }
    }

    fn turn_crowds_away(&self) {
        let mut crowds = self.crowds.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gathered = core::mem::take(&mut *crowds);
        drop(crowds);
        for (resource, Waiting { calls, answers }) in gathered {
            let refused = match self.turned_away(&resource, &calls) {
                Ok(()) => {
                    self.counts.strangers.fetch_add(calls.calls(), Ordering::Relaxed);
                    CallRefused::Busy
                }
                Err(error) => broken(&error),
            };
            for decided in answers {
                // Who called may be gone.
                let _ = decided.send(Err(refused.clone()));
            }
        }
    }

    fn turned_away(&self, resource: &ResourceCode, calls: &Gathering) -> Result<(), Error> {
        let now = self.follower.now()?;
        let watch = self.follower.watch_nobody(resource, Digest::ZERO);
        let not_server = || Error::NotServer {
            resource: resource.to_string(),
            server: self.follower.server().to_string(),
        };
        let standing = watch.standing().ok_or_else(not_server)?;
        turn_away(&self.guard, resource, calls, &self.offer, &standing, now)
    }
}
