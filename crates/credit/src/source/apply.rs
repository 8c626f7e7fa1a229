//! A batch, page by page: the one place where records become states. Importers and auditors go through it.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::Frontier,
    pages::{PAGES, Top, Tops},
    wire::Wire,
};
use yinxin_record::{ClassCount, ClassReference, CreditBatch, Date, EventChain, ItemStatus};

use super::{
    ItemKey, SourceEvent, SourceFollow, SourceRecord,
    lookup::MAX_RECORDS,
    manifest::{Manifest, Place},
    page::{self, Entry, Item},
    rules::{Deadlines, Punctual, SourceRules},
    standing::Standing,
    store::{SourceStore, Stored, TOP_PAGES, TOPS_IN_PAGE},
};
use crate::Error;

/// Records that are handed to the store, and to the log, together.
const AT_ONCE: usize = 4096;
/// Level of the subtrees whose roots are kept: 256 records.
pub(super) const KEPT_LEVEL: u8 = 8;

/// A record that wants to be in a batch.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Where it came from: the line, or the place in a batch that is audited.
    pub(super) line: u64,
    /// The line that it ended on; the same place.
    pub(super) last: u64,
    /// SM3 of its subject's key.
    pub(super) key: Digest,
    /// Its own id.
    pub(super) id: Digest,
    /// What its authority calls its item, for messages.
    pub(super) number: String,
    pub(super) record: SourceRecord,
    pub(super) stored: Stored,
}

/// A batch in the making.
pub(super) struct Batch<'a, S> {
    rules: &'a SourceRules,
    store: &'a mut S,
    sequence: u64,
    first: u64,
    next: u64,
    tops: Tops,
    before: Digest,
    frontier: Frontier,
    roots: Vec<Digest>,
    waiting: Vec<Stored>,
    ids: Vec<Digest>,
    counts: BTreeMap<ClassReference, Count>,
    unjudged: u64,
    /// Repairs from this day on must name a decision, where their class asks for evidence; those that do not.
    decided_since: Option<Date>,
    undecided: u64,
    deadlines: Deadlines,
    /// What was told of the items of the page at hand on which something follows.
    told: BTreeMap<(Digest, ItemKey), Told>,
    /// The page that was put last: its next drafts go on from there.
    put: Option<u16>,
}

/// The subject at hand: what is asked of it with each of its records.
struct Open {
    key: Digest,
    /// Its records so far.
    count: u64,
    /// Where its items are in its entry.
    places: BTreeMap<ItemKey, usize>,
}

/// What a draft does to the items of its subject.
enum Next {
    Begins(ItemStatus),
    Follows(usize, ItemStatus),
}

impl Open {
    fn new(key: Digest, entry: Option<&Entry>) -> Self {
        let items = entry.map_or(&[][..], |entry| &entry.items);
        Self {
            key,
            count: items.iter().map(|item| item.positions.len() as u64).sum(),
            places: items.iter().enumerate().map(|(place, item)| (item.key, place)).collect(),
        }
    }
}

/// Records of a class: all, those that had to be published by a day, and the late ones of these.
#[derive(Clone, Copy, Default)]
struct Count {
    all: u64,
    due: u64,
    late: u64,
}

/// What was told of an item so far.
struct Told {
    class: ClassReference,
    standing: Standing,
    /// The records after the first.
    ids: BTreeSet<Digest>,
}

impl<'a, S: SourceStore> Batch<'a, S> {
    pub(super) fn new(
        rules: &'a SourceRules,
        store: &'a mut S,
        last: Option<&Manifest>,
        tops: Tops,
    ) -> Self {
        let first = last.map_or(0, |m| m.first + m.batch.count());
        Self {
            rules,
            store,
            sequence: last.map_or(1, |m| m.batch.sequence + 1),
            first,
            next: first,
            before: tops.root(),
            tops,
            frontier: Frontier::new(),
            roots: Vec::new(),
            waiting: Vec::with_capacity(AT_ONCE),
            ids: Vec::with_capacity(AT_ONCE),
            counts: BTreeMap::new(),
            unjudged: 0,
            decided_since: None,
            undecided: 0,
            deadlines: Deadlines::new(),
            told: BTreeMap::new(),
            put: None,
        }
    }

    /// Counts repairs of that day or later which name no decision.
    pub(super) const fn decided_since(mut self, day: Option<Date>) -> Self {
        self.decided_since = day;
        self
    }

    /// How many these are so far.
    pub(super) const fn undecided(&self) -> u64 {
        self.undecided
    }

    /// How many records it has so far.
    pub(super) fn count(&self) -> u64 {
        self.next - self.first
    }

    /// Applies drafts of one page, rising by key and line; tells those that the rules refuse. Others of this page may follow before those of
    /// another one.
    pub(super) fn page(
        &mut self,
        page: u16,
        drafts: Vec<Draft>,
        refused: &mut impl FnMut(Draft, Error),
    ) -> Result<(), Error> {
        let before = if self.put == Some(page) { self.sequence } else { self.sequence - 1 };
        let bytes = self.store.page(page.into(), before)?;
        let entries = page::read(&bytes.unwrap_or_default())?;
        let mut old = entries.into_iter().peekable();
        let mut new: Vec<Entry> = Vec::with_capacity(old.len() + drafts.len());
        let before = self.next;
        self.told.clear();
        let mut open = Open::new(Digest::ZERO, None);
        for draft in drafts {
            while let Some(entry) = old.next_if(|entry| entry.key <= draft.key) {
                new.push(entry);
            }
            let known = new.last().filter(|entry| entry.key == draft.key);
            if open.key != draft.key {
                open = Open::new(draft.key, known);
            }
            match self.judge(known, &open, &draft) {
                Err(error @ (Error::Io { .. } | Error::StoreDamaged { .. })) => return Err(error),
                Err(error) => refused(draft, error),
                Ok(next) => self.take(draft, next, &mut open, &mut new)?,
            }
        }
        if self.next == before {
            return Ok(());
        }
        new.extend(old);
        let chains: Vec<_> = new.iter().map(|entry| (entry.key, entry.chain())).collect();
        self.tops.set([(page, Top::of(&page::leaves(&chains)))]);
        self.put = Some(page);
        self.store.put_page(page.into(), self.sequence, &page::write(&new))
    }

    /// What becomes of the items once the draft is applied.
    fn judge(&mut self, entry: Option<&Entry>, open: &Open, draft: &Draft) -> Result<Next, Error> {
        let place = open.places.get(&draft.record.item).copied();
        let known = place.zip(entry).map(|(place, entry)| (place, &entry.items[place]));
        match &draft.record.event {
            SourceEvent::Record(_) if known.is_some() => Err(recorded(draft)),
            // More are not looked up, nor proven: nobody could read what the source has of the subject.
            _ if open.count >= MAX_RECORDS as u64 => {
                let (max, found) = (MAX_RECORDS as u64, open.count + 1);
                Err(Error::TooMany { what: "records of a subject in one source", max, found })
            }
            SourceEvent::Record(item) => {
                let status = self.rules.begin(item)?.status;
                self.room(&item.class)?;
                let punctual = self.rules.punctual(item, &mut self.deadlines);
                let count = self.counts.entry(item.class.clone()).or_default();
                count.all += 1;
                count.due += u64::from(matches!(punctual, Punctual::InTime | Punctual::Late));
                count.late += u64::from(punctual == Punctual::Late);
                self.unjudged += u64::from(punctual == Punctual::Unjudged);
                Ok(Next::Begins(status))
            }
            SourceEvent::Follow(follow) => {
                let missing = || Error::NotFound { what: "item", name: number(&draft.record.item) };
                let (place, item) = known.ok_or_else(missing)?;
                Ok(Next::Follows(place, self.follow(item, draft, follow)?))
            }
        }
    }

    fn follow(
        &mut self,
        known: &Item,
        draft: &Draft,
        follow: &SourceFollow,
    ) -> Result<ItemStatus, Error> {
        let at = (draft.key, known.key);
        let told = match self.told.remove(&at) {
            Some(told) => told,
            None => self.told_of(known)?,
        };
        let next = self.judge_follow(&told, draft, follow);
        // What is refused changes nothing.
        let (told, outcome) = match next {
            Err(error) => (told, Err(error)),
            Ok(standing) => {
                let mut told = told;
                told.ids.insert(draft.id);
                let since = self.decided_since.is_some_and(|day| day <= follow.day);
                let lacks = since && self.rules.lacks_decision(&told.class, follow)?;
                self.undecided += u64::from(lacks);
                self.counts.entry(told.class.clone()).or_default().all += 1;
                let status = standing.status;
                (Told { standing, ..told }, Ok(status))
            }
        };
        self.told.insert(at, told);
        outcome
    }

    fn judge_follow(
        &self,
        told: &Told,
        draft: &Draft,
        follow: &SourceFollow,
    ) -> Result<Standing, Error> {
        if told.ids.contains(&draft.id) {
            return Err(recorded(draft));
        }
        let next = self.rules.then(&told.class, told.standing.clone(), follow)?;
        self.room(&told.class)?;
        Ok(next)
    }

    /// Whether one more record of the class has room: a batch names at most so many classes on the ledger, and of each class a volume.
    fn room(&self, class: &ClassReference) -> Result<(), Error> {
        let most = yinxin_record::MAX_BATCH_CLASSES;
        if !self.counts.contains_key(class) && self.counts.len() == most {
            let (max, found) = (most as u64, most as u64 + 1);
            return Err(Error::TooMany { what: "classes of a batch", max, found });
        }
        let found = self.counts.get(class).map_or(0, |count| count.all) + 1;
        let max = self.rules.volume(class)?;
        if found > max {
            return Err(Error::TooMany { what: "records of the class in a batch", max, found });
        }
        Ok(())
    }

    /// What was told of an item so far. Only what follows on an item asks for it, and once a page: new items cost nothing.
    fn told_of(&self, item: &Item) -> Result<Told, Error> {
        let damaged = || Error::StoreDamaged { what: "an item" };
        let handed = self.next - self.waiting.len() as u64;
        let (stored, waiting) =
            item.positions.split_at(item.positions.partition_point(|p| *p < handed));
        let mut records: Vec<Vec<u8>> =
            self.store.records_at(stored)?.into_iter().map(|stored| stored.record).collect();
        for position in waiting {
            let place = usize::try_from(position - handed).map_err(|_| damaged())?;
            records.push(self.waiting.get(place).ok_or_else(damaged)?.record.clone());
        }
        let (mut own, mut follows, mut ids) = (None, Vec::new(), BTreeSet::new());
        for record in &records {
            match (SourceRecord::from_der(record)?.event, &own) {
                (SourceEvent::Record(item), None) => own = Some(item),
                (SourceEvent::Follow(follow), Some(_)) => {
                    follows.push(follow);
                    ids.insert(SourceRecord::id(record));
                }
                _ => return Err(damaged()),
            }
        }
        let own = own.ok_or_else(damaged)?;
        let standing = self.rules.replay(&own, follows)?;
        Ok(Told { class: own.class, standing, ids })
    }

    fn take(
        &mut self,
        draft: Draft,
        next: Next,
        open: &mut Open,
        new: &mut Vec<Entry>,
    ) -> Result<(), Error> {
        let Draft { key, id, record, stored, .. } = draft;
        if new.last().is_none_or(|entry| entry.key != key) {
            let head = EventChain::start(&record.subject).head;
            new.push(Entry { key, head, items: Vec::new() });
        }
        let entry = new.last_mut().expect("it was pushed if it was not there");
        entry.head = EventChain { count: 0, head: entry.head }.then(&id).head;
        match next {
            Next::Begins(status) => {
                open.places.insert(record.item, entry.items.len());
                entry.items.push(Item { key: record.item, status, positions: vec![self.next] });
            }
            Next::Follows(place, status) => {
                entry.items[place].status = status;
                entry.items[place].positions.push(self.next);
            }
        }
        open.count += 1;
        self.ids.push(id);
        self.waiting.push(stored);
        self.next += 1;
        if self.waiting.len() == AT_ONCE { self.hand() } else { Ok(()) }
    }

    fn hand(&mut self) -> Result<(), Error> {
        let leaves =
            yinxin_merkle::log::leaf_hashes(&self.ids.iter().map(|id| id.0).collect::<Vec<_>>());
        let roots = &mut self.roots;
        self.frontier.append_all(&leaves, &mut |id, hash| {
            if id.level == KEPT_LEVEL {
                roots.push(hash);
            }
        });
        self.store.put_records(self.next - self.waiting.len() as u64, &self.waiting)?;
        self.waiting.clear();
        self.ids.clear();
        Ok(())
    }

    /// Commits it, if it has any records; gives the tree above the pages back.
    pub(super) fn finish(mut self, place: Place) -> Result<(Option<Manifest>, Tops), Error> {
        if self.count() == 0 {
            return Ok((None, self.tops));
        }
        self.hand()?;
        for (number, chunk) in (0..TOP_PAGES).map(|n| (n, n * TOPS_IN_PAGE)) {
            let tops = (chunk..chunk + TOPS_IN_PAGE).map(|page| u16::try_from(page).unwrap_or(0));
            let bytes: Vec<u8> = tops.flat_map(|page| self.tops.page(page).to_bytes()).collect();
            self.store.put_page(top_page(number), self.sequence, &bytes)?;
        }
        self.store.put_roots(self.sequence, &self.roots)?;
        let counts = core::mem::take(&mut self.counts).into_iter();
        let batch = CreditBatch {
            sequence: self.sequence,
            counts: counts
                .map(|(class, Count { all, due, late })| ClassCount {
                    class,
                    count: all,
                    due,
                    late,
                })
                .collect(),
            records: self.frontier.root(),
            before: self.before,
            after: self.tops.root(),
        };
        let source = self.rules.source().clone();
        let manifest =
            Manifest { source, batch, first: self.first, unjudged: self.unjudged, place };
        self.store.commit(&manifest)?;
        Ok((Some(manifest), self.tops))
    }
}

/// The tree above the pages, as of a batch.
pub(super) fn tops(store: &impl SourceStore, sequence: u64) -> Result<Tops, Error> {
    let mut tops = Tops::new();
    for number in 0..TOP_PAGES {
        let Some(bytes) = store.page(top_page(number), sequence)? else { continue };
        let (parts, rest) = bytes.as_chunks::<{ Top::LEN }>();
        if parts.len() != TOPS_IN_PAGE || !rest.is_empty() {
            return Err(Error::StoreDamaged { what: "the tops" });
        }
        let first = number * TOPS_IN_PAGE;
        let read = parts.iter().enumerate().map(|(i, part)| {
            let page = u16::try_from(first + i).ok()?;
            Some((page, Top::from_bytes(part)?))
        });
        let read: Option<Vec<_>> = read.collect();
        tops.set(read.ok_or(Error::StoreDamaged { what: "the tops" })?);
    }
    Ok(tops)
}

fn top_page(number: usize) -> u32 {
    u32::try_from(PAGES + number).expect("65,792 pages")
}

/// The source has this record already.
fn recorded(draft: &Draft) -> Error {
    Error::Recorded { number: number(&draft.record.item) }
}

fn number(item: &ItemKey) -> String {
    item.0.iter().map(|byte| format!("{byte:02x}")).collect()
}
