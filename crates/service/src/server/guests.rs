//! Who is connected, and who of them keeps us waiting.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::oneshot, time::Instant};

/// Who is connected.
#[derive(Clone, Default)]
pub(super) struct Guests(Arc<Mutex<BTreeMap<u64, Place>>>);

struct Place {
    /// Since when the other side keeps us waiting; `None` while its request is worked on or its answer grows.
    waiting_since: Option<Instant>,
    show_out: oneshot::Sender<()>,
}

impl Guests {
    pub(super) fn enter(&self, number: u64) -> (Guest, oneshot::Receiver<()>) {
        let (show_out, shown_out) = oneshot::channel();
        self.all().insert(number, Place { waiting_since: Some(Instant::now()), show_out });
        (Guest { number, guests: self.clone() }, shown_out)
    }

    /// Ends the connection that has kept us waiting the longest, if any does.
    pub(super) fn show_one_out(&self) {
        let mut all = self.all();
        let waiting = all.iter().filter_map(|(number, p)| Some((p.waiting_since?, *number)));
        let longest = waiting.min().map(|(_, number)| number);
        if let Some(place) = longest.and_then(|number| all.remove(&number)) {
            // Its task may have ended by itself meanwhile.
            let _ = place.show_out.send(());
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them; leaves its place when dropped.
pub(super) struct Guest {
    number: u64,
    guests: Guests,
}

impl Guest {
    pub(super) fn keeps_us_waiting(&self) {
        self.set(Some(Instant::now()));
    }

    pub(super) fn is_worked_for(&self) {
        self.set(None);
    }

    /// Some of what is its own was taken: it kept us waiting only until now.
    pub(super) fn takes(&self) {
        if let Some(place) = self.guests.all().get_mut(&self.number)
            && let Some(since) = &mut place.waiting_since
        {
            *since = Instant::now();
        }
    }

    fn set(&self, waiting_since: Option<Instant>) {
        if let Some(place) = self.guests.all().get_mut(&self.number) {
            place.waiting_since = waiting_since;
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.all().remove(&self.number);
    }
}
