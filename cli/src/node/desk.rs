//! The journal of refusals behind a thread of its own: whoever was refused is answered once that is on disk, many by one fsync.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};

use tokio::sync::oneshot;
use tracing::error;
use yinxin_engine::{Base as _, StateRead as _};
use yinxin_gm::{Digest, sm3};
use yinxin_node::NodeHandle;
use yinxin_record::{OrganisationState, Record, RefusedAct, Text, Wire, state_key};
use yinxin_service::RefusalPage;

use super::denials::{Denials, Told, octets};
use crate::ui;

/// Refusals that wait for the disk at most; who comes then waits before.
const WAITING: usize = 256;
/// How often it is looked whether a minute is over.
const LOOK: Duration = Duration::from_secs(1);

/// What waits for the disk, and whom to tell.
struct Waiting {
    record: Vec<u8>,
    code: String,
    done: oneshot::Sender<()>,
}

/// The journal's handle.
#[derive(Clone)]
pub(super) struct Desk {
    journal: Arc<Mutex<Denials>>,
    waiting: mpsc::SyncSender<Waiting>,
}

impl Desk {
    /// Opens the journal in this folder, or begins one.
    pub(super) fn open(folder: &Path, node: NodeHandle, random: [u8; 32]) -> std::io::Result<Self> {
        let journal = Denials::open(folder, sm3::digest(&random))?;
        let journal = Arc::new(Mutex::new(journal));
        let (waiting, come) = mpsc::sync_channel(WAITING);
        let of = Arc::clone(&journal);
        std::thread::spawn(move || run(&of, &come, &node));
        Ok(Self { journal, waiting })
    }

    /// Notes a refusal; it is on disk when this returns, unless the disk fails.
    pub(super) async fn note(&self, record: Vec<u8>, code: &str) {
        let (done, wait) = oneshot::channel();
        let one = Waiting { record, code: code.to_owned(), done };
        let waiting = self.waiting.clone();
        let sent = tokio::task::spawn_blocking(move || waiting.send(one).is_ok());
        if sent.await.unwrap_or(false) {
            let _ = wait.await;
        }
    }

    /// Entries from a number on.
    pub(super) fn page(&self, from: u64, limit: usize) -> std::io::Result<RefusalPage> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).page(from, limit)
    }
}

fn run(journal: &Mutex<Denials>, come: &mpsc::Receiver<Waiting>, node: &NodeHandle) {
    loop {
        let mut some = match come.recv_timeout(LOOK) {
            Ok(first) => vec![first],
            Err(mpsc::RecvTimeoutError::Timeout) => Vec::new(),
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        };
        some.extend(come.try_iter().take(WAITING));
        let told: Vec<Told> = some.iter().map(|one| told(one, node)).collect();
        let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let done =
            if told.is_empty() { journal.turn(ui::now()) } else { journal.take(&told, ui::now()) };
        if let Err(error) = done {
            error!(%error, refused = told.len(), "what was refused is not recorded");
        }
        drop(journal);
        for one in some {
            // Who waited may be gone.
            let _ = one.done.send(());
        }
    }
}

/// Named is only who signed, for this ledger.
fn told(one: &Waiting, node: &NodeHandle) -> Told {
    let view = node.view();
    let ours = (one.code != "OTHER_LEDGER").then_some(&one.record);
    let act = ours.and_then(|record| Record::from_der(record).ok()).and_then(|record| {
        let key = state_key::organisation(&record.tbs.organisation);
        let member = view.get(&key).ok().flatten()?;
        let member = OrganisationState::from_der(&member).ok()?;
        record.verify(&member.key).ok()?;
        let act = format!("{} {}", record.tbs.act.family(), record.tbs.act.verb());
        Some(RefusedAct {
            record: record.id(),
            organisation: record.tbs.organisation.clone(),
            act: Text::new(&act).ok()?,
            code: Text::new(&one.code).ok()?,
        })
    });
    let octets: Digest = octets(&one.record);
    Told { octets, act, height: view.head().height }
}
