//! How a view is put together, by whoever serves: questions to a ledger and to sources.

use std::collections::BTreeSet;

use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire;
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{
    ClassReference, CreditSources, ItemState, OrganisationCode, SourceCaseState, SourceItemState,
    SourceMarks, SourceState, Subject, ViewGround, state_key,
};
use yinxin_verdict::UnixTime;

use super::{CreditView, ShownContent, SourcePart, ViewQuestion};
use crate::{
    CreditItem, Error,
    source::{SourceEvent, SourceProof, SourceRecord},
};

/// How often what is open about items of batches is asked for, if blocks between two answers changed it.
const TRIES: usize = 3;

/// What a view is made from: a node and sources' stores, or a ledger in memory. It moves on between two answers.
pub trait ViewSource {
    /// What goes wrong when it is asked.
    type Error: From<Error>;

    /// The status proof of a key, at the newest header, or one a little older; never older than one given before.
    ///
    /// # Errors
    /// If it cannot be had.
    fn state(&mut self, key: &[u8]) -> Result<StatusProof, Self::Error>;

    /// The ids of all records of the subject's chain as of a height, in order: from an index, which the view's proof checks.
    ///
    /// # Errors
    /// If they cannot be had.
    fn ids(&mut self, subject: &Subject, height: u64) -> Result<Vec<Digest>, Self::Error>;

    /// The receipt of a record that [`ids`](Self::ids) named, with the record.
    ///
    /// # Errors
    /// If it cannot be had.
    fn receipt(&mut self, id: &Digest) -> Result<Receipt, Self::Error>;

    /// What a source has of the subject as of its newest batch on the ledger, under that batch's root: the records in order, and the proof.
    ///
    /// # Errors
    /// If they cannot be had.
    fn source(
        &mut self,
        source: &OrganisationCode,
        newest: &SourceState,
        subject: &Subject,
    ) -> Result<(SourceProof, Vec<Vec<u8>>), Self::Error>;

    /// The content of an item, if it is at hand.
    ///
    /// # Errors
    /// If it cannot be read.
    fn content(&mut self, item: &CreditItem) -> Result<Option<ShownContent>, Self::Error>;
}

impl CreditView {
    /// Puts a view together, as of a time, whatever the question names; `None`: the time of the newest header. Before it, and for a court, the
    /// records come too.
    ///
    /// Contents go in for what [`check_view`](super::check_view) will show and nothing else: whoever checks it refuses more.
    ///
    /// # Errors
    /// What the source says, or an answer of it that cannot be read.
    pub fn collect<S: ViewSource>(
        question: ViewQuestion,
        as_of: Option<UnixTime>,
        from: &mut S,
    ) -> Result<Self, S::Error> {
        let subject = question.subject.clone();
        let chain = from.state(&state_key::credit_subject(&subject))?;
        let now = chain.header.time();
        let question = ViewQuestion { as_of: as_of.unwrap_or(now), ..question };
        let whole = question.ground.is_court() || question.as_of < now;
        let ids = from.ids(&subject, chain.header.height)?;
        let (marks, marked) = marked_by_cases(&subject, from)?;
        let mut view = Self {
            grant: match &question.ground {
                ViewGround::Authorisation(id) => {
                    Some(from.state(&state_key::credit_authorisation(id))?)
                }
                _ => None,
            },
            reader: from.state(&state_key::organisation(&question.reader))?,
            question,
            chain,
            states: Vec::with_capacity(ids.len()),
            receipts: Vec::new(),
            events: Vec::new(),
            sources: from.state(&state_key::credit_sources())?,
            parts: Vec::new(),
            marks,
            marked,
            classes: Vec::new(),
            contents: Vec::new(),
            ids,
        };
        let mut needed: Vec<ClassReference> = Vec::new();
        for (n, id) in (1..).zip(view.ids.clone()) {
            let proof = from.state(&state_key::credit_item(&id))?;
            needed.extend(read::<ItemState>(proof.value.as_deref())?.map(|state| state.class));
            view.states.push(proof);
            if whole {
                view.receipts.push(from.receipt(&id)?);
                view.events.push(from.state(&state_key::credit_event(&subject, n))?);
            }
        }
        let sources = read::<CreditSources>(view.sources.value.as_deref())?.unwrap_or_default();
        for code in sources.codes {
            let part = part(&code, &subject, from)?;
            for bytes in &part.records {
                // What is no record counts for nothing.
                let Ok(record) = SourceRecord::from_der(bytes) else { continue };
                if let SourceEvent::Record(item) = record.event {
                    needed.push(item.class);
                }
            }
            view.parts.push(part);
        }
        needed.sort();
        needed.dedup();
        for class in needed {
            view.classes
                .push(from.state(&state_key::credit_class_version(&class.code, class.version))?);
        }
        for item in super::check::shown(&view)? {
            view.contents.extend(from.content(&item)?);
        }
        view.contents.sort_by_key(|content| content.item);
        Ok(view)
    }
}

/// How many items of batches something is open about, as the ledger counts them, and the state of each.
///
/// A block between the count and a state may close what was open; then both are asked for again.
fn marked_by_cases<S: ViewSource>(
    subject: &Subject,
    from: &mut S,
) -> Result<(StatusProof, Vec<StatusProof>), S::Error> {
    let mut again = 1..TRIES;
    loop {
        let marks = from.state(&state_key::credit_source_marks(subject))?;
        let open = read::<SourceMarks>(marks.value.as_deref())?.unwrap_or_default().items;
        let marked = marked(open, marks.header.height, subject, from)?;
        if marked.len() as u64 == open || again.next().is_none() {
            return Ok((marks, marked));
        }
    }
}

/// The states of so many items that something is open about, found by their cases: each mark comes from a case, and every case stands in
/// the subject's chain, as of the block that counts them.
fn marked<S: ViewSource>(
    open: u64,
    height: u64,
    subject: &Subject,
    from: &mut S,
) -> Result<Vec<StatusProof>, S::Error> {
    let (mut marked, mut looked_at) = (Vec::new(), BTreeSet::new());
    if open == 0 {
        return Ok(marked);
    }
    for id in from.ids(subject, height)? {
        let case = from.state(&state_key::credit_source_case(&id))?;
        let Some(case) = read::<SourceCaseState>(case.value.as_deref())? else { continue };
        if !looked_at.insert(case.item) {
            continue;
        }
        let proof = from.state(&state_key::credit_source_item(&case.item))?;
        let state = read::<SourceItemState>(proof.value.as_deref())?;
        marked.extend(state.filter(SourceItemState::is_marked).map(|_| proof));
        if marked.len() as u64 == open {
            break;
        }
    }
    Ok(marked)
}

fn part<S: ViewSource>(
    code: &OrganisationCode,
    subject: &Subject,
    from: &mut S,
) -> Result<SourcePart, S::Error> {
    let state = from.state(&state_key::credit_source(code))?;
    let unproven = || Error::Unproven { what: format!("source {code}") };
    let newest = read::<SourceState>(state.value.as_deref())?.ok_or_else(unproven)?;
    let (proof, records) = from.source(code, &newest, subject)?;
    Ok(SourcePart { state, proof, records })
}

fn read<T: Wire>(value: Option<&[u8]>) -> Result<Option<T>, Error> {
    Ok(value.map(T::from_der).transpose()?)
}
