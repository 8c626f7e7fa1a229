//! Whether a view holds: every check that a reader, far from any node, can make.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use yinxin_gm::Digest;
use yinxin_merkle::wire::{Wire, rising};
use yinxin_receipt::{Receipt, StatusProof, Trust, check_receipt, check_status};
use yinxin_record::{
    AuthorisationState, CreditSources, Disclosure, EventChain, EventState, ItemState,
    OrganisationState, OrganisationStatus, Power, Powers, PublishClass, Record, SourceItemState,
    SourceMarks, SourceState, ViewGround, state_key,
};
use yinxin_verdict::{Fact, Facts, Policy, UnixTime};

use super::{
    AlsoTold, CreditView, Seen, SeenItem, SeenSource, ShownContent, SourcePart, ViewQuestion,
    same::Numbers,
};
use crate::{
    CreditItem, Error,
    history::{self, Classes, Marks, Replay, SourceItems, SourceMark, replay_source},
    source::{SourceEvent, SourceRecord},
};

/// Checks a view against what is trusted, and tells what it proves.
///
/// How old it is, its header says: [`Seen::as_of`] is never later than that.
///
/// # Errors
/// [`Error::Unproven`] names what does not hold by this trust; [`Error::Mismatch`] and [`Error::DigestMismatch`] what was withheld, altered or
/// put in another's place; [`Error::Denied`] what the ground does not permit.
pub fn check_view(
    view: &CreditView,
    trust: &Trust,
    policy: &Policy,
    now: UnixTime,
) -> Result<Seen, Error> {
    check_view_facts(view, trust, policy, now, &mut Facts::new())
}

/// The same, and records what came of the proofs: all of the subject's chain's, of the others what does not hold, each kind once.
///
/// # Errors
/// As [`check_view`]
pub fn check_view_facts(
    view: &CreditView,
    trust: &Trust,
    policy: &Policy,
    now: UnixTime,
    facts: &mut Facts,
) -> Result<Seen, Error> {
    let told = RefCell::default();
    let believed = Some(Believed { trust, policy, now, told: &told });
    let seen = Check { view, question: &view.question, believed }.all();
    facts.extend(told.into_inner());
    seen
}

/// What a view would show, if its proofs hold: for whoever puts it together and asked for them itself.
pub(super) fn shown(view: &CreditView) -> Result<Vec<CreditItem>, Error> {
    let check = Check { view, question: &view.question, believed: None };
    Ok(check.all()?.items.into_iter().map(|seen| seen.item).collect())
}

struct Check<'a> {
    view: &'a CreditView,
    question: &'a ViewQuestion,
    /// What proofs are judged by; `None`: whoever asks has proven it already.
    believed: Option<Believed<'a>>,
}

/// What is trusted, by which policy, and when; and what came of it.
struct Believed<'a> {
    trust: &'a Trust,
    policy: &'a Policy,
    now: UnixTime,
    told: &'a RefCell<Facts>,
}

impl Believed<'_> {
    /// Whether a proof holds and is of this ledger.
    fn status(&self, proof: &StatusProof, chain_id: &Digest, what: &str) -> bool {
        let mut facts = Facts::new();
        let found = check_status(proof, self.trust, self.policy, self.now, what, &mut facts);
        self.tell(facts);
        found.is_some_and(|found| found.holds && found.chain_id == *chain_id)
    }

    /// Whether a receipt holds and is of this ledger.
    fn receipt(&self, receipt: &Receipt, chain_id: &Digest, what: &str) -> bool {
        let mut facts = Facts::new();
        let found = check_receipt(receipt, self.trust, self.policy, self.now, what, &mut facts);
        self.tell(facts);
        found.is_some_and(|found| found.holds && found.chain_id == *chain_id)
    }

    /// Ten thousand proofs that fail alike are told once.
    fn tell(&self, facts: Facts) {
        let mut told = self.told.borrow_mut();
        if told.facts().is_empty() {
            return told.extend(facts);
        }
        for fact in facts.facts().iter().filter(|fact| fact.reason().is_some()) {
            let same = |other: &Fact| (other.check, other.reason()) == (fact.check, fact.reason());
            if !told.facts().iter().any(same) {
                told.push(fact.clone());
            }
        }
    }
}

impl Check<'_> {
    fn all(&self) -> Result<Seen, Error> {
        let view = self.view;
        rising("contents", &view.contents, |content| content.item)?;
        let chain = self.chain()?;
        self.ground()?;
        let classes = self.classes()?;
        let now = view.chain.header.time();
        let (standing, open) = (self.standing()?, self.marks()?);
        let mut current = history::shown(&standing, now);
        let (mut items, marks) = self.ledger_items(standing, &open, &classes)?;
        let (height, as_of) = (view.chain.header.height, self.question.as_of);
        let (own, mut sources, mut numbers) = (items.len(), Vec::new(), Numbers::new()?);
        for (part, code) in self.sources()? {
            let (mut source, records, ids) = self.source_records(part, &code)?;
            self.classes_of(part, &records, &classes)?;
            let stand = |told: SourceItems, marks: &Marks| -> Vec<CreditItem> {
                told.items.into_iter().map(|item| history::marked(item, marks)).collect()
            };
            let told = replay_source(&classes, now, &records);
            source.broken += told.broken;
            sources.push(source);
            current.extend(history::shown(&stand(told, &open), now));
            let then = stand(replay_source(&classes, as_of, &records), &marks);
            numbers.source((&records, &ids), &then, |item| self.stands(item, &current));
            items.extend(then);
        }
        for item in &items[..own] {
            if let (Some(shown), Some(class)) = (self.content(&item.id), classes.get(&item.class)) {
                numbers.ledger(item, class, shown, self.stands(item, &current));
            }
        }
        let (records, items_seen) = (chain.count, Vec::new());
        let mut seen =
            Seen { as_of, height, records, sources, items: items_seen, beyond: 0, ended: 0 };
        for item in items {
            let also = numbers.of(&item.id);
            self.show(item, also, &current, &classes, &mut seen)?;
        }
        let shown: BTreeSet<_> = seen.items.iter().map(|item| item.item.id).collect();
        if let Some(extra) = view.contents.iter().find(|content| !shown.contains(&content.item)) {
            return Err(mismatch("content", "only of what is shown", &extra.item.to_string()));
        }
        Ok(seen)
    }

    /// What the ledger says under a key, if the proof holds and is not older than the chain's.
    fn proven<T: Wire>(&self, proof: &StatusProof, key: &[u8]) -> Result<Option<T>, Error> {
        let what = String::from_utf8_lossy(key).into_owned();
        if proof.key != key {
            let found = String::from_utf8_lossy(&proof.key).into_owned();
            return Err(Error::Mismatch { what: "key of a proof", expected: what, found });
        }
        let chain = &self.view.chain.header;
        if self.believed.as_ref().is_some_and(|b| !b.status(proof, &chain.chain_id, &what)) {
            return Err(Error::Unproven { what });
        }
        let (least, height) = (chain.height, proof.header.height);
        if height < least {
            let (expected, found) = (least.to_string(), height.to_string());
            return Err(Error::Mismatch { what: "height of a proof, at least", expected, found });
        }
        Ok(proof.value.as_deref().map(T::from_der).transpose()?)
    }

    /// The subject's chain is that of these ids.
    fn chain(&self) -> Result<EventChain, Error> {
        let subject = &self.question.subject;
        let known: Option<EventChain> =
            self.proven(&self.view.chain, &state_key::credit_subject(subject))?;
        let known = known.unwrap_or_else(|| EventChain::start(subject));
        let found = EventChain::replay(subject, &self.view.ids);
        if found.count != known.count {
            let (expected, found) = (known.count.to_string(), found.count.to_string());
            return Err(Error::Mismatch { what: "records of the subject", expected, found });
        }
        let (expected, found) = (known.head, found.head);
        if expected != found {
            return Err(Error::DigestMismatch { what: "the subject's chain", expected, found });
        }
        if self.question.as_of > self.view.chain.header.time() {
            let expected = format!("at most {}", self.view.chain.header.time());
            return Err(mismatch("as of", &expected, &self.question.as_of.to_string()));
        }
        Ok(known)
    }

    fn ground(&self) -> Result<(), Error> {
        let ViewQuestion { subject, reader, purpose, ground, classes, .. } = self.question;
        let powers = self.reader()?;
        // Departments see credit by law; whoever else reads has an authorisation or sees nothing.
        let by_law = powers.has(Power::Credit) || powers.has(Power::CreditAuthority);
        if !(by_law || powers.has(Power::CreditUse) || powers.has(Power::CreditCourt)) {
            return Err(Error::Denied { why: "the reader has no power to see credit" });
        }
        match ground {
            ViewGround::Authorisation(id) => {
                let denied = || Error::Denied { why: "no authorisation" };
                let proof = self.view.grant.as_ref().ok_or_else(denied)?;
                let state: Option<AuthorisationState> =
                    self.proven(proof, &state_key::credit_authorisation(id))?;
                // What it permitted then does not count now: a view is taken now, whatever day it asks about.
                let now = self.view.chain.header.time();
                let permits =
                    state.ok_or_else(denied)?.permits(subject, reader, purpose, classes, now);
                permits.map_err(|reason| Error::Denied { why: reason.name() })
            }
            ViewGround::Court(_) if powers.has(Power::CreditCourt) => Ok(()),
            ViewGround::Court(_) => Err(Error::Denied { why: "the reader is no court" }),
            _ if by_law => Ok(()),
            _ => Err(Error::Denied { why: "the reader has no power to see credit by law" }),
        }
    }

    /// What the reader may do, as the ledger says: nothing if it is no member or is suspended.
    fn reader(&self) -> Result<Powers, Error> {
        let key = state_key::organisation(&self.question.reader);
        let member: Option<OrganisationState> = self.proven(&self.view.reader, &key)?;
        let active = member.filter(|member| member.status == OrganisationStatus::Active);
        Ok(active.map(|member| member.powers).unwrap_or_default())
    }

    fn classes(&self) -> Result<Classes, Error> {
        let mut classes = Classes::new();
        for proof in &self.view.classes {
            let value = proof.value.as_deref().map(PublishClass::from_der).transpose()?;
            let Some(class) = value else { continue };
            let key = state_key::credit_class_version(&class.code, class.version);
            let proven: Option<PublishClass> = self.proven(proof, &key)?;
            let reference =
                yinxin_record::ClassReference { code: class.code, version: class.version };
            classes.extend(proven.map(|class| (reference, class)));
        }
        Ok(classes)
    }

    /// Of each class that a source names the view has what the ledger says, or that it knew none when it had the source's batch already: a
    /// class that is left out, or was published since the proof, takes no item with it.
    fn classes_of(
        &self,
        part: &SourcePart,
        records: &[SourceRecord],
        known: &Classes,
    ) -> Result<(), Error> {
        let named = records.iter().filter_map(|record| match &record.event {
            SourceEvent::Record(item) => Some(&item.class),
            SourceEvent::Follow(_) => None,
        });
        let unknown: BTreeSet<_> = named.filter(|class| !known.contains_key(class)).collect();
        for class in unknown {
            let key = state_key::credit_class_version(&class.code, class.version);
            let proof = self.view.classes.iter().find(|proof| proof.key == key);
            let missing = || Error::NotFound { what: "class", name: class.to_string() };
            let proof = proof.ok_or_else(missing)?;
            let is_known = self.proven::<PublishClass>(proof, &key)?.is_some();
            if is_known || proof.header.height < part.state.header.height {
                return Err(missing());
            }
        }
        Ok(())
    }

    /// The items that the ledger itself has, as its states say.
    fn standing(&self) -> Result<Vec<CreditItem>, Error> {
        let (ids, states) = (&self.view.ids, &self.view.states);
        if states.len() != ids.len() {
            return Err(mismatch("states", &ids.len().to_string(), &states.len().to_string()));
        }
        let mut items = Vec::new();
        for (id, proof) in ids.iter().zip(states) {
            let state: Option<ItemState> = self.proven(proof, &state_key::credit_item(id))?;
            // An id without a state is of something that happened to an item.
            items.extend(state.map(|state| CreditItem::of_state(*id, &state)));
        }
        Ok(items)
    }

    /// The same as of the time asked for, and what the ledger knew of items in batches.
    fn ledger_items(
        &self,
        items: Vec<CreditItem>,
        open: &Marks,
        classes: &Classes,
    ) -> Result<(Vec<CreditItem>, Marks), Error> {
        let as_of = self.question.as_of;
        let past = as_of < self.view.chain.header.time();
        let whole = past || self.question.ground.is_court();
        if self.view.receipts.is_empty() && self.view.events.is_empty() && !whole {
            return Ok((items, open.clone()));
        }
        let records = self.records()?;
        let now = replayed(&records, classes, self.view.chain.header.time())?;
        self.as_proven(&items, open, &now)?;
        let found = if past { replayed(&records, classes, as_of)? } else { now };
        let known: BTreeSet<Digest> = found.0.iter().map(|item| item.id).collect();
        let lost = items.iter().find(|item| item.recorded <= as_of && !known.contains(&item.id));
        match lost {
            Some(lost) => Err(mismatch("item", &lost.id.to_string(), "none")),
            None => Ok(found),
        }
    }

    /// Replayed up to the chain's header, each item stands as its proven state says, and so does what is open about items of batches; of an
    /// open application for an item on the ledger only the records tell. What is proven under a later header may tell of what came since.
    fn as_proven(
        &self,
        proven: &[CreditItem],
        open: &Marks,
        (items, marks): &(Vec<CreditItem>, Marks),
    ) -> Result<(), Error> {
        let view = self.view;
        let height = view.chain.header.height;
        let now = |proof: &StatusProof| proof.header.height == height;
        let states = view.ids.iter().zip(&view.states).filter(|(_, proof)| now(proof));
        let fixed: BTreeSet<&Digest> = states.map(|(id, _)| id).collect();
        let proven: BTreeMap<&Digest, &CreditItem> = proven.iter().map(|i| (&i.id, i)).collect();
        let stands = |item: &CreditItem| CreditItem { repair_open: false, ..item.clone() };
        let same = |item: &CreditItem| proven.get(&item.id).is_some_and(|p| **p == stands(item));
        if let Some(other) = items.iter().find(|item| fixed.contains(&item.id) && !same(item)) {
            return Err(mismatch("item", "as its state on the ledger", &other.id.to_string()));
        }
        if now(&view.marks) && view.marked.iter().all(now) && marks != open {
            return Err(mismatch("items of batches", "as their states on the ledger", "others"));
        }
        Ok(())
    }

    /// What is open about the subject's items in batches: of all of them, as many as the ledger counts.
    fn marks(&self) -> Result<Marks, Error> {
        let subject = &self.question.subject;
        let key = state_key::credit_source_marks(subject);
        let known: Option<SourceMarks> = self.proven(&self.view.marks, &key)?;
        let mut marks = Marks::new();
        for proof in &self.view.marked {
            let key = String::from_utf8_lossy(&proof.key);
            let id = key.strip_prefix("credit-source-item/").and_then(|id| id.parse().ok());
            let other = || mismatch("key of a proof", "an item of a batch", &key);
            let id: Digest = id.ok_or_else(other)?;
            let state: Option<SourceItemState> =
                self.proven(proof, &state_key::credit_source_item(&id))?;
            let state = state.filter(|state| state.subject == *subject && state.is_marked());
            let mark = SourceMark::of_state(&state.ok_or_else(other)?);
            if marks.insert(id, mark).is_some() {
                return Err(other());
            }
        }
        let (expected, found) = (known.unwrap_or_default().items, marks.len() as u64);
        if expected == found {
            return Ok(marks);
        }
        Err(mismatch(
            "items of batches that something is open about",
            &expected.to_string(),
            &found.to_string(),
        ))
    }

    /// The records themselves, each with the time at which the ledger took it.
    fn records(&self) -> Result<Vec<(Record, UnixTime)>, Error> {
        let CreditView { ids, receipts, events, .. } = self.view;
        for (what, found) in [("receipts", receipts.len()), ("events", events.len())] {
            if found != ids.len() {
                return Err(mismatch(what, &ids.len().to_string(), &found.to_string()));
            }
        }
        let each = (1..).zip(ids.iter().zip(receipts.iter().zip(events)));
        let record = |(n, (id, (receipt, event)))| {
            Ok((self.record(id, receipt)?, self.taken_at(n, id, event)?))
        };
        each.map(record).collect()
    }

    /// When the ledger took the subject's record `n`: its receipt may lead to any later header, and so does not say.
    fn taken_at(&self, n: u64, id: &Digest, event: &StatusProof) -> Result<UnixTime, Error> {
        let key = state_key::credit_event(&self.question.subject, n);
        let state: Option<EventState> = self.proven(event, &key)?;
        let unproven = || Error::Unproven { what: format!("record {id}") };
        let state = state.ok_or_else(unproven)?;
        if state.record == *id {
            return Ok(state.since);
        }
        let (expected, found) = (*id, state.record);
        Err(Error::DigestMismatch { what: "the subject's chain", expected, found })
    }

    fn record(&self, id: &Digest, receipt: &Receipt) -> Result<Record, Error> {
        let name = format!("record {id}");
        let unproven = || Error::Unproven { what: name.clone() };
        let record = Record::from_der(receipt.subject.record().ok_or_else(unproven)?)?;
        let found = record.id();
        if found != *id {
            return Err(Error::DigestMismatch { what: "a record's id", expected: *id, found });
        }
        let chain_id = &self.view.chain.header.chain_id;
        match &self.believed {
            Some(believed) if !believed.receipt(receipt, chain_id, &name) => Err(unproven()),
            _ => Ok(record),
        }
    }

    /// The parts, each with the source that it must be of: all that ever published a batch.
    fn sources(&self) -> Result<Vec<(&SourcePart, yinxin_record::OrganisationCode)>, Error> {
        let sources: Option<CreditSources> =
            self.proven(&self.view.sources, &state_key::credit_sources())?;
        let codes = sources.unwrap_or_default().codes;
        let parts = &self.view.parts;
        if parts.len() != codes.len() {
            return Err(mismatch("sources", &codes.len().to_string(), &parts.len().to_string()));
        }
        Ok(parts.iter().zip(codes).collect())
    }

    /// All records of the subject that a source has, with their ids; what is none is counted.
    fn source_records(
        &self,
        part: &SourcePart,
        code: &yinxin_record::OrganisationCode,
    ) -> Result<(SeenSource, Vec<SourceRecord>, Vec<Digest>), Error> {
        let subject = &self.question.subject;
        let state: Option<SourceState> =
            self.proven(&part.state, &state_key::credit_source(code))?;
        let state = state.ok_or_else(|| Error::Unproven { what: format!("source {code}") })?;
        part.proof.verify(&state.root, subject)?;
        let ids = SourceRecord::ids(part.records.iter().map(Vec::as_slice));
        let found = EventChain::replay(subject, &ids);
        let known = part.proof.chain.unwrap_or_else(|| EventChain::start(subject));
        if found != known {
            let words = |c: EventChain| format!("{} records, head {}", c.count, c.head);
            return Err(mismatch("records of a source", &words(known), &words(found)));
        }
        let records = ids.into_iter().zip(&part.records).filter_map(|(id, bytes)| {
            let record = SourceRecord::from_der(bytes).ok()?;
            (record.source == *code && record.subject == *subject).then_some((record, id))
        });
        let (records, ids): (Vec<_>, Vec<_>) = records.unzip();
        let broken = part.records.len() - records.len();
        let (source, sequence) = (code.clone(), state.sequence);
        Ok((SeenSource { source, sequence, chain: known, broken }, records, ids))
    }

    /// As of then and as of now: who asks for the day before a repair does not see what was repaired.
    fn stands(&self, item: &CreditItem, current: &BTreeSet<Digest>) -> bool {
        item.is_shown(self.question.as_of) && current.contains(&item.id)
    }

    /// The content of an item: [`Self::all`] has seen that they rise.
    fn content(&self, id: &Digest) -> Option<&ShownContent> {
        let contents = &self.view.contents;
        contents.binary_search_by_key(id, |content| content.item).ok().map(|at| &contents[at])
    }

    fn show(
        &self,
        item: CreditItem,
        also: Vec<AlsoTold>,
        current: &BTreeSet<Digest>,
        classes: &Classes,
        seen: &mut Seen,
    ) -> Result<(), Error> {
        let ViewQuestion { ground, classes: asked, .. } = self.question;
        if !(ground.is_court() || self.stands(&item, current)) {
            seen.ended += 1;
            return Ok(());
        }
        let missing = || Error::NotFound { what: "class", name: item.class.to_string() };
        let class = classes.get(&item.class).ok_or_else(missing)?.clone();
        let by_law = !matches!(ground, ViewGround::Authorisation(_));
        let open = by_law || class.disclosure != Disclosure::Internal;
        let wanted = asked.is_empty() || asked.binary_search(&class.code).is_ok();
        if !(open && wanted) {
            seen.beyond += 1;
            return Ok(());
        }
        let shown = self.content(&item.id);
        if let Some(shown) = shown {
            let found = shown.content.digest(&shown.salt);
            if found != item.content {
                let expected = item.content;
                return Err(Error::DigestMismatch { what: "a content", expected, found });
            }
        }
        let content = shown.map(|shown| shown.content.clone());
        seen.items.push(SeenItem { item, class, content, also });
        Ok(())
    }
}

/// The items as of a time by the records themselves, and what was open about items of batches.
fn replayed(
    records: &[(Record, UnixTime)],
    classes: &Classes,
    as_of: UnixTime,
) -> Result<(Vec<CreditItem>, Marks), Error> {
    let mut replay = Replay::new(classes, as_of);
    for (record, at) in records {
        replay.record(record, *at)?;
    }
    let marks = replay.marks();
    Ok((replay.into_items(), marks))
}

fn mismatch(what: &'static str, expected: &str, found: &str) -> Error {
    Error::Mismatch { what, expected: expected.to_owned(), found: found.to_owned() }
}
