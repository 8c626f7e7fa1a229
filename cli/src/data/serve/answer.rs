//! An answer's way out: rows from the source, masked and sealed, part by part to a receiver that may be slow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, sync::mpsc};
use tracing::{info, warn};
use yinxin_gm::Digest;
use yinxin_pki::Certificate;
use yinxin_record::Wire;
use yinxin_service::{CallRefused, Cut, Part};
use yinxin_sharing::{
    Error,
    access::{Admitted, Decision},
    envelope::Owner,
    serving::{
        Delivered, Delivery, Desk, Frame, Layout, Offer, Range, SignedCall, Standing, deliver, keep,
    },
};
use yinxin_verdict::UnixTime;

use super::{
    crowd::Decided,
    follow::Watch,
    shop::{Shop, broken, code, unavailable},
    source::Source,
};
use crate::rng;

/// How long a receiver may take to take one part in.
const PART_PATIENCE: Duration = Duration::from_secs(60);
/// Parts on their way at a time: one that is being sent, one that is ready.
const AHEAD: usize = 1;

/// A call that may be answered.
pub(super) struct Judged<'a> {
    pub(super) call: SignedCall,
    pub(super) caller: Certificate,
    pub(super) source: &'a Source,
    pub(super) layout: Layout,
    pub(super) admitted: Admitted,
    pub(super) offer: Offer,
    pub(super) watch: Watch,
    pub(super) last: Arc<Standing>,
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

impl Shop {
    /// Answers, until all has left or something stops it; whether it is answered is told at once.
    pub(super) fn go_out(&self, judged: Judged<'_>, decided: Decided, handle: &Handle) {
        let Judged { call, caller, source, layout, admitted, offer, watch, last } = judged;
        let rows = match call.ask().rows {
            // One more than is left shows that there are more: then nothing leaves, and the answer is not silently short.
            0 => admitted.left().rows.saturating_add(1),
            some => some,
        };
        let range = Range { skip: call.ask().skip, rows };
        let all = call.ask().rows == 0;
        let mut decided = Some((decided, admitted));
        let opened =
            source.with_rows(&layout, &call.ask().subjects, (range, all), |found, rows| {
                let (out, parts) = mpsc::channel(AHEAD);
                let Some((decided, mut admitted)) = decided.take() else { return };
                if all && let Some(refused) = self.keeps(&mut admitted, found, &watch) {
                    let _ = decided.send(Err(refused));
                    return;
                }
                // Who called may be gone.
                if decided.send(Ok(parts)).is_err() {
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
                let last = Arc::clone(&last);
                let mut counter = Counter { out, handle, watch: &watch, last };
                let done =
                    deliver(&self.guard, admitted, rows, &delivery, &mut counter, &mut rng::os());
                self.told(done, &call.id(), &mut counter);
            });
        if let (Err(error), Some((decided, admitted))) = (opened, decided) {
            let refused = self.cannot(&admitted, &watch, unavailable(&error, "source"));
            if matches!(refused, CallRefused::Denied { .. }) {
                self.counts.denied.fetch_add(1, Ordering::Relaxed);
            }
            let _ = decided.send(Err(refused));
        }
    }

    /// Keeps all rows that there are for a call, whose count is known now; why not, if they are more than is left.
    fn keeps(&self, admitted: &mut Admitted, rows: u64, watch: &Watch) -> Option<CallRefused> {
        let standing = watch.standing()?;
        let kept = watch
            .now()
            .and_then(|now| keep(&self.guard, admitted, rows, &self.offer, &standing, now));
        match kept {
            Ok(Decision::Allowed(())) => None,
            Ok(Decision::Denied(denied)) => {
                self.counts.denied.fetch_add(1, Ordering::Relaxed);
                info!(reason = denied.reason.name(), "denied");
                let line = denied.line.to_der();
                Some(CallRefused::Denied { reason: denied.reason, line })
            }
            Err(error) => Some(broken(&error)),
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
            Ok(Delivered::BrokenOff(error)) => {
                count(&self.counts.failed, 1);
                warn!(%call, %error, "broken off");
            }
            Err(error) => {
                count(&self.counts.failed, 1);
                warn!(%call, %error, "failed");
                // That it failed may not arrive either; where it does, it is the last frame, and a cut could overtake it.
                let code = code(&error, "source");
                if counter.send(&[Frame::Failed(code.to_owned())]).is_err() {
                    let _ = counter.put(Err(Cut));
                }
            }
        }
    }
}
