//! Sources of batches: which there are, and what those at hand have of a subject.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::{
    Classes, CreditItem, Error, Marks, SourceMark, marked, replay_source, shown,
    source::{SourceChain, SourceEvent, SourceRecord},
};
use yinxin_gm::Digest;
use yinxin_record::{
    BatchState, ClassReference, CreditSources, EventChain, OrganisationCode, SourceItemState,
    SourceMarks, SourceState, Subject, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    batched::{Batched, by_item},
    events::classes,
};
use crate::{
    App, Problem,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// A source's records, as whoever serves them keeps them. It reads a disk: it is asked on a thread that may wait.
pub trait CreditSource: Send + Sync {
    /// Whose they are.
    fn code(&self) -> &OrganisationCode;

    /// What the source has of a subject as of one of its batches, with the proof.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it has no such batch, or what its store says.
    fn subject(&self, subject: &Subject, sequence: u64) -> Result<SourceChain, Error>;

    /// Of records at these positions, rising, as of one of its batches: which batch each is in, and its place there.
    ///
    /// # Errors
    /// As [`subject`](Self::subject).
    fn batches(&self, positions: &[u64], sequence: u64) -> Result<Vec<(u64, u64)>, Error>;
}

/// A source of batches, and how much it has of the subject.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceView {
    #[serde(flatten)]
    party: Party,
    /// Its newest batch on the ledger.
    batch: u64,
    /// Where the receipt of that batch is.
    receipt: Option<String>,
    /// How many records it has of the subject, proven under that batch's root; `None`: they are not at hand here.
    records: Option<usize>,
    /// How many of these are none, or break a rule, and count for nothing.
    broken: usize,
}

/// Most classes that a source's records of a subject may name: as many as a view's package has. Beyond that they count as not at hand.
const MAX_CLASSES: usize = 4_096;

/// What the sources have of a subject.
#[derive(Default)]
pub(super) struct FromSources {
    pub(super) views: Vec<SourceView>,
    pub(super) items: Vec<CreditItem>,
    /// What their records tell, by the item.
    pub(super) told: BTreeMap<Digest, Vec<Batched>>,
    /// Which of them are shown now.
    pub(super) current: BTreeSet<Digest>,
    /// The status proof of which sources there are.
    pub(super) proof: String,
}

/// Asks every source that ever published a batch, as far as it is at hand; with what is open about their items at the time that is asked for
/// and now, where all records say so.
pub(super) async fn ask(
    app: &App,
    reading: &Reading,
    subject: &Subject,
    ([at, now], marks): ([UnixTime; 2], Option<[Marks; 2]>),
    known: &mut Classes,
    parties: &mut Parties<'_>,
) -> Result<FromSources, Problem> {
    let all = reading.state::<CreditSources>(state_key::credit_sources()).await?;
    let mut found = FromSources {
        views: Vec::new(),
        items: Vec::new(),
        told: BTreeMap::new(),
        current: BTreeSet::new(),
        proof: all.proof,
    };
    let mut marking = Marking::of(reading, subject, marks).await?;
    for code in all.value.unwrap_or_default().codes {
        let state = reading.state::<SourceState>(state_key::credit_source(&code)).await?.value;
        let state = state.ok_or_else(|| reading.garbled(format!("source {code} has no state")))?;
        let batch = state_key::credit_batch(&code, state.sequence);
        let batch = reading.state::<BatchState>(batch).await?.value;
        let records = match app.credit_sources.iter().find(|source| *source.code() == code) {
            Some(source) => proven(source, subject, &state).await,
            None => None,
        };
        let (count, mut broken) = (records.as_ref().map(|proven| proven.count), 0);
        if let Some(Proven { count, records, batches, classes: named }) = records {
            classes(reading, named, known).await?;
            let stand = |at| replay_source(known, at, &records);
            let then = if at == now { None } else { Some(marking.then(stand(at).items)) };
            let told = stand(now);
            broken = count - records.len() + told.broken;
            let standing = marking.standing(told.items).await?;
            found.current.extend(shown(&standing, now));
            found.items.extend(then.unwrap_or(standing));
            found.told.extend(by_item(records, &batches));
        }
        found.views.push(SourceView {
            party: parties.of(&code).await?,
            batch: state.sequence,
            receipt: batch.map(|batch| format!("/v1/receipts/{}", batch.record)),
            records: count,
            broken,
        });
    }
    Ok(found)
}

/// Who finds the items that the ledger marks.
struct Marking<'a> {
    reading: &'a Reading,
    /// What all records say is open: at the time that is asked for, and now.
    known: Option<[Marks; 2]>,
    /// How many marked items of the subject are not found yet.
    left: u64,
}

impl<'a> Marking<'a> {
    async fn of(
        reading: &'a Reading,
        subject: &Subject,
        known: Option<[Marks; 2]>,
    ) -> Result<Self, Problem> {
        if known.is_some() {
            return Ok(Self { reading, known, left: 0 });
        }
        let key = state_key::credit_source_marks(subject);
        let marks = reading.state::<SourceMarks>(key).await?.value.unwrap_or_default();
        Ok(Self { reading, known, left: marks.items })
    }

    /// Items as they were marked at the time that is asked for.
    fn then(&self, items: Vec<CreditItem>) -> Vec<CreditItem> {
        match &self.known {
            Some([then, _]) => items.into_iter().map(|item| marked(item, then)).collect(),
            None => items,
        }
    }

    /// Items as the ledger marks them: what is open about them, and what was decided that their source has not told of. Where not all
    /// records are at hand their states are asked for, until all that are marked are found.
    async fn standing(&mut self, items: Vec<CreditItem>) -> Result<Vec<CreditItem>, Problem> {
        if let Some([_, now]) = &self.known {
            return Ok(items.into_iter().map(|item| marked(item, now)).collect());
        }
        let mut standing = Vec::with_capacity(items.len());
        for item in items {
            let key = state_key::credit_source_item(&item.id);
            let state = match self.left {
                0 => None,
                _ => self.reading.state::<SourceItemState>(key).await?.value,
            };
            standing.push(match state.filter(SourceItemState::is_marked) {
                Some(state) => {
                    self.left -= 1;
                    SourceMark::of_state(&state).on(item)
                }
                None => item,
            });
        }
        Ok(standing)
    }
}

/// What a source has of a subject, proven.
struct Proven {
    /// How many records.
    count: usize,
    /// Those that are some, of this source and subject.
    records: Vec<SourceRecord>,
    /// Of each of them the batch it is in and its place there.
    batches: Vec<(u64, u64)>,
    /// The classes that they name.
    classes: BTreeSet<ClassReference>,
}

/// The subject's records in a source, if they are all that its anchored root says; else they are as good as not at hand.
async fn proven(
    source: &Arc<dyn CreditSource>,
    subject: &Subject,
    state: &SourceState,
) -> Option<Proven> {
    let (asked, of, root) = (source.clone(), subject.clone(), state.root);
    let sequence = state.sequence;
    let read = move || -> Result<Proven, Error> {
        let chain = asked.subject(&of, sequence)?;
        chain.proof.verify(&root, &of)?;
        let ids = SourceRecord::ids(chain.records.iter().map(|r| r.record.as_slice()));
        let leaf = chain.proof.chain.unwrap_or_else(|| EventChain::start(&of));
        if EventChain::replay(&of, &ids) != leaf {
            return Err(Error::StoreDamaged { what: "a subject's chain" });
        }
        let (batches, count) = (asked.batches(&chain.positions, sequence)?, chain.records.len());
        if batches.len() != count {
            return Err(Error::StoreDamaged { what: "a subject's positions" });
        }
        let records = chain.records.iter().zip(batches).filter_map(|(stored, batch)| {
            let record = SourceRecord::from_der(&stored.record).ok()?;
            (record.source == *asked.code() && record.subject == of).then_some((record, batch))
        });
        let (records, batches): (Vec<_>, _) = records.unzip();
        let classes = named(&records);
        if classes.len() > MAX_CLASSES {
            let (max, found) = (MAX_CLASSES as u64, classes.len() as u64);
            return Err(Error::TooMany { what: "classes of a source's records", max, found });
        }
        Ok(Proven { count, records, batches, classes })
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(records)) => Some(records),
        Ok(Err(error)) => {
            tracing::warn!(source = %source.code(), %error, "a source's records are not at hand");
            None
        }
        Err(_) => None,
    }
}

/// The classes that records name, each once: of those that the ledger does not have each is asked for.
fn named(records: &[SourceRecord]) -> BTreeSet<ClassReference> {
    let class = |record: &SourceRecord| match &record.event {
        SourceEvent::Record(item) => Some(item.class.clone()),
        _ => None,
    };
    records.iter().filter_map(class).collect()
}
