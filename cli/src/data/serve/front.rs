//! The routes' handle of a shop, and what it counts.

use std::sync::{
    Arc, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::{runtime::Handle, sync::oneshot};
use yinxin_service::{CallRefused, Called, Calls};
use yinxin_sharing::access::is_fresh;

use super::shop::Shop;

/// What happened since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) waiting: AtomicU64,
    /// Windows that are older than the ledger takes.
    pub(super) never_told: AtomicU64,
    pub(super) answered: AtomicU64,
    pub(super) denied: AtomicU64,
    pub(super) failed: AtomicU64,
    /// Calls by strangers that were told together.
    pub(super) strangers: AtomicU64,
    pub(super) rows: AtomicU64,
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
        let Shop { follower, settings, offer, .. } = &*self.0;
        let answers = settings.sources.keys().all(|code| follower.answers(code, offer.turn));
        if !answers || follower.is_displaced() {
            return Err(CallRefused::Unavailable { code: "authority" });
        }
        if self.0.guard.lock().unwrap_or_else(PoisonError::into_inner).is_broken() {
            return Err(CallRefused::Unavailable { code: "journal" });
        }
        // Without asking anybody: whoever asks this often must not keep the server busy.
        let now = self.0.follower.now().map_err(|_| CallRefused::Unavailable { code: "clock" })?;
        if is_fresh(&self.0.follower.head(), now) {
            Ok(())
        } else {
            Err(CallRefused::Unavailable { code: "ledger" })
        }
    }

    fn metrics(&self) -> String {
        let Counts { waiting, never_told, answered, denied, failed, strangers, rows } =
            &self.0.counts;
        let mut text = String::new();
        for (name, kind, value) in [
            ("windows_waiting", "gauge", waiting),
            ("windows_never_told", "gauge", never_told),
            ("calls_answered_total", "counter", answered),
            ("calls_denied_total", "counter", denied),
            ("calls_failed_total", "counter", failed),
            ("calls_by_strangers_told_together_total", "counter", strangers),
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
