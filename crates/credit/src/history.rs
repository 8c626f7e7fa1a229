//! Items as they stood at any time: from the ledger's states, from its records, from a source's records.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire;
use yinxin_record::{
    Act, Basis, ClassKind, ClassReference, Correction, CreditAct, Date, ItemEvent, ItemState,
    ItemStatus, OrganisationCode, PublishClass, Record, RecordItem, RepairDecision, Resolution,
    SourceAsk, SourceItemState, SourceRuling, TermBase, next_item_status,
};
use yinxin_verdict::UnixTime;

use crate::{
    Error,
    source::{ItemKey, SourceEvent, SourceFollow, SourceItem, SourceRecord, Standing, Terms},
};

/// An item, as it stands or stood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "what tests and tools compare")]
pub struct CreditItem {
    /// The id of the record that recorded it.
    pub id: Digest,
    /// The source in whose batch that is; `None`: on the ledger itself.
    pub source: Option<OrganisationCode>,
    /// By which version of its class it is judged.
    pub class: ClassReference,
    /// Who recorded it, or who decided what a source recorded.
    pub authority: OrganisationCode,
    /// Salted digest of the content, as last corrected.
    pub content: Digest,
    /// The day of the decision.
    pub decided: Date,
    /// When it was recorded: the block, or the day on which the source published it.
    pub recorded: UnixTime,
    /// The first day on which it may be repaired or struck off.
    pub minimum: Date,
    /// The first day on which it is no longer shown.
    pub until: Option<Date>,
    /// Where it stands.
    pub status: ItemStatus,
    /// Somebody objects to it.
    pub disputed: bool,
    /// An application for its repair is not decided.
    pub repair_open: bool,
    /// How many corrections it has.
    pub corrections: u32,
    /// It was published later than it had to be; never told of a source's item, whose batch counts those that were.
    pub late: bool,
}

impl CreditItem {
    /// Whether it is shown: in force, and its term not over.
    #[must_use]
    pub fn is_shown(&self, at: UnixTime) -> bool {
        self.status.is_in_force() && self.until.is_none_or(|until| at < until.start())
    }

    /// From how the ledger says that it stands; whether an application for repair is open, the application's own state says.
    #[must_use]
    pub fn of_state(id: Digest, state: &ItemState) -> Self {
        Self {
            id,
            source: None,
            class: state.class.clone(),
            authority: state.authority.clone(),
            content: state.content,
            decided: state.decided,
            recorded: state.recorded,
            minimum: state.minimum,
            until: state.until,
            status: state.status,
            disputed: state.objection.is_some(),
            repair_open: false,
            corrections: state.corrections,
            late: state.is_late(),
        }
    }

    fn correct(&mut self, by: &Correction) {
        self.content = by.content;
        self.until = by.until.or(self.until);
        self.corrections += 1;
    }
}

/// What the ledger knows of an item of a batch: what is open about it, and how it ended by a decision that its source has not told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "what tests and tools compare")]
pub struct SourceMark {
    /// Somebody objects to it, or its source has not corrected it yet.
    pub disputed: bool,
    /// An application for its repair is not decided.
    pub repair_open: bool,
    /// How it ended.
    pub ended: Option<ItemStatus>,
}

/// By the ids of the items' records.
pub type Marks = BTreeMap<Digest, SourceMark>;

impl SourceMark {
    /// From how the ledger says that it stands.
    #[must_use]
    pub fn of_state(state: &SourceItemState) -> Self {
        let mut mark = Self {
            disputed: !state.objections.is_empty(),
            repair_open: !state.applications.is_empty(),
            ended: None,
        };
        for order in &state.orders {
            mark.order(order.ruling);
        }
        mark
    }

    /// The item as the ledger has it: marked, or ended by a decision that its source has not told of.
    #[must_use]
    pub fn on(self, mut item: CreditItem) -> CreditItem {
        item.disputed = self.disputed;
        item.repair_open = self.repair_open;
        if let Some(ended) = self.ended.filter(|_| item.status.is_in_force()) {
            item.status = ended;
        }
        item
    }

    /// A decision that waits for its source; of two by which it ended, the withdrawal counts.
    fn order(&mut self, ruling: SourceRuling) {
        match ruling {
            SourceRuling::Correct => self.disputed = true,
            SourceRuling::Withdraw => self.ended = Some(ItemStatus::Withdrawn),
            SourceRuling::Repair => self.ended = self.ended.or(Some(ItemStatus::Repaired)),
            SourceRuling::Uphold | SourceRuling::Reject | SourceRuling::Drop => {}
        }
    }
}

/// An item of a batch with what the ledger knows of it: what is decided counts from the decision, whenever its source tells of it.
#[must_use]
pub fn marked(item: CreditItem, marks: &Marks) -> CreditItem {
    match marks.get(&item.id) {
        Some(mark) => mark.on(item),
        None => item,
    }
}

/// Which items are shown at a time.
///
/// A day that is over is told of these only, as they stand now: what ended since is not brought back by asking for the day before it
/// ended. Only a court is told of it.
#[must_use]
pub fn shown<'a>(
    items: impl IntoIterator<Item = &'a CreditItem>,
    at: UnixTime,
) -> BTreeSet<Digest> {
    items.into_iter().filter(|item| item.is_shown(at)).map(|item| item.id).collect()
}

/// What judges items: the published versions of their classes.
pub type Classes = BTreeMap<ClassReference, PublishClass>;

/// A subject's items by the ledger's records, replayed in order up to a time.
///
/// The rules are the ledger's tables; that the ledger refused what they refuse is its own to show.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    classes: &'a Classes,
    as_of: UnixTime,
    items: Vec<CreditItem>,
    /// The day on which what is recognised of another ledger ends there.
    homes: BTreeMap<Digest, Date>,
    /// The item of each objection that is open.
    objections: BTreeMap<Digest, Digest>,
    /// The item of each application, and whether it is open.
    applications: BTreeMap<Digest, (Digest, bool)>,
    /// Cases about items of batches that are not over: the item, whether it is an objection, and what was ordered.
    cases: BTreeMap<Digest, (Digest, bool, Option<SourceRuling>)>,
}

/// What is recognised ends no later than at home.
fn no_later(home: Option<Date>, until: Option<Date>) -> Option<Date> {
    home.map_or(until, |home| Some(until.map_or(home, |until| until.min(home))))
}

impl<'a> Replay<'a> {
    /// Before anything happened.
    #[must_use]
    pub const fn new(classes: &'a Classes, as_of: UnixTime) -> Self {
        Self {
            classes,
            as_of,
            items: Vec::new(),
            homes: BTreeMap::new(),
            objections: BTreeMap::new(),
            applications: BTreeMap::new(),
            cases: BTreeMap::new(),
        }
    }

    /// The items, in the order in which they were recorded.
    #[must_use]
    pub fn into_items(self) -> Vec<CreditItem> {
        self.items
    }

    /// What is open about items of batches.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let mut marks = Marks::new();
        for (item, objection, ruling) in self.cases.values() {
            let mark = marks.entry(*item).or_default();
            match ruling {
                Some(ruling) => mark.order(*ruling),
                None if *objection => mark.disputed = true,
                None => mark.repair_open = true,
            }
        }
        marks
    }

    /// Applies a record of the subject's chain, with the time of its block; what came after the time that is asked for changes nothing.
    ///
    /// # Errors
    /// [`Error::Record`] if the tables have no such row, [`Error::NotFound`] for an item or class that is not among those given.
    pub fn record(&mut self, record: &Record, at: UnixTime) -> Result<(), Error> {
        let Act::Credit(act) = &record.tbs.act else {
            let found = record.tbs.act.verb().to_owned();
            return Err(Error::Mismatch { what: "family", expected: "credit".to_owned(), found });
        };
        if at > self.as_of {
            return Ok(());
        }
        let id = record.id();
        match act {
            CreditAct::Record(item) => self.begin(id, item, &record.tbs.organisation, at),
            CreditAct::Correct(act) => {
                self.moved(&act.item, ItemEvent::Correct).map(|item| item.correct(&act.correction))
            }
            CreditAct::Fulfil(act) => self.settle(&act.item, ItemEvent::Fulfil, act.found, at),
            CreditAct::Break(act) => self.settle(&act.item, ItemEvent::Break, act.found, at),
            CreditAct::Withdraw(act) => self.moved(&act.item, ItemEvent::Withdraw).map(drop),
            CreditAct::Delist(act) => self.moved(&act.item, ItemEvent::Delist).map(drop),
            CreditAct::Object(act) => {
                self.objections.insert(id, act.item);
                self.moved(&act.item, ItemEvent::Object).map(|item| item.disputed = true)
            }
            CreditAct::Resolve(act) => self.resolve(&act.objection, &act.resolution),
            CreditAct::ApplyRepair(act) => {
                self.applications.insert(id, (act.item, true));
                self.moved(&act.item, ItemEvent::Apply).map(|item| item.repair_open = true)
            }
            CreditAct::DecideRepair(act) => {
                let about = self.about(&act.application)?;
                self.applications.insert(act.application, (about, false));
                let open = self.applications.values().any(|of| *of == (about, true));
                let item = match act.decision {
                    RepairDecision::Accept(_) => self.moved(&about, ItemEvent::Repair)?,
                    _ => self.item(&about)?,
                };
                item.repair_open = open;
                Ok(())
            }
            CreditAct::Reinstate(act) => {
                let item = self.about(&act.application)?;
                let class = self.item(&item)?.class.clone();
                let minimum = Date::of(at).plus_months(self.class(&class)?.term.min_months);
                self.moved(&item, ItemEvent::Reinstate).map(|item| item.minimum = minimum)
            }
            CreditAct::RaiseCase(act) => {
                let objection = matches!(act.ask, SourceAsk::Objection(_));
                self.cases.insert(id, (act.item.id(), objection, None));
                Ok(())
            }
            CreditAct::DecideCase(act) => {
                let case = self.case(&act.case)?;
                case.2 = Some(act.ruling);
                if act.ruling.follow().is_none() {
                    self.cases.remove(&act.case);
                }
                Ok(())
            }
            CreditAct::CloseCase(act) => {
                self.case(&act.case)?;
                if act.done.is_some() {
                    self.cases.remove(&act.case);
                }
                Ok(())
            }
            CreditAct::EndRecognised(act) => self.moved(&act.item, ItemEvent::Withdraw).map(drop),
            // Measures rest on items and change none.
            CreditAct::ApplyMeasure(_) | CreditAct::TellMeasure(_) | CreditAct::LiftMeasure(_) => {
                Ok(())
            }
            other => {
                let (expected, found) = ("an event of an item".to_owned(), other.verb().to_owned());
                Err(Error::Mismatch { what: "act", expected, found })
            }
        }
    }

    fn begin(
        &mut self,
        id: Digest,
        act: &RecordItem,
        by: &OrganisationCode,
        at: UnixTime,
    ) -> Result<(), Error> {
        let class = self.class(&act.class)?;
        let commitment = class.kind == ClassKind::Commitment;
        // The term of a commitment begins when it is kept or broken.
        let (minimum, until) =
            if commitment { (act.decided, None) } else { term(class, act.decided, Date::of(at)) };
        let event = if commitment { ItemEvent::Commit } else { ItemEvent::Record };
        let home = match &act.basis {
            Basis::Foreign(basis) => basis.until,
            _ => None,
        };
        let until = act.until.or(until);
        self.homes.extend(home.map(|home| (id, home)));
        self.items.push(CreditItem {
            id,
            source: None,
            class: act.class.clone(),
            authority: by.clone(),
            content: act.content,
            decided: act.decided,
            recorded: at,
            minimum,
            until: no_later(home, until),
            status: next_item_status(None, event)?,
            disputed: false,
            repair_open: false,
            corrections: 0,
            late: act.publish_by.is_some_and(|by| by.at <= at),
        });
        Ok(())
    }

    fn settle(
        &mut self,
        id: &Digest,
        event: ItemEvent,
        found: Date,
        at: UnixTime,
    ) -> Result<(), Error> {
        let class = self.item(id)?.class.clone();
        let (minimum, until) = term(self.class(&class)?, found, Date::of(at));
        let home = self.homes.get(id).copied();
        let item = self.moved(id, event)?;
        item.decided = found;
        item.minimum = minimum;
        item.until = no_later(home, until);
        Ok(())
    }

    fn resolve(&mut self, objection: &Digest, resolution: &Resolution) -> Result<(), Error> {
        let missing = || Error::NotFound { what: "objection", name: objection.to_string() };
        let id = self.objections.remove(objection).ok_or_else(missing)?;
        let open = self.objections.values().any(|item| *item == id);
        let item = match resolution {
            Resolution::Corrected(correction) => {
                let item = self.moved(&id, ItemEvent::Correct)?;
                item.correct(correction);
                item
            }
            Resolution::Withdrawn(_) => self.moved(&id, ItemEvent::Withdraw)?,
            _ => self.item(&id)?,
        };
        item.disputed = open;
        Ok(())
    }

    fn case(&mut self, id: &Digest) -> Result<&mut (Digest, bool, Option<SourceRuling>), Error> {
        let missing = || Error::NotFound { what: "case", name: id.to_string() };
        self.cases.get_mut(id).ok_or_else(missing)
    }

    fn about(&self, id: &Digest) -> Result<Digest, Error> {
        let missing = || Error::NotFound { what: "application", name: id.to_string() };
        self.applications.get(id).map(|(item, _)| *item).ok_or_else(missing)
    }

    fn item(&mut self, id: &Digest) -> Result<&mut CreditItem, Error> {
        let missing = || Error::NotFound { what: "item", name: id.to_string() };
        self.items.iter_mut().find(|item| item.id == *id).ok_or_else(missing)
    }

    fn moved(&mut self, id: &Digest, event: ItemEvent) -> Result<&mut CreditItem, Error> {
        let item = self.item(id)?;
        item.status = next_item_status(Some(item.status), event)?;
        Ok(item)
    }

    fn class(&self, reference: &ClassReference) -> Result<&'a PublishClass, Error> {
        let missing = || Error::NotFound { what: "class", name: reference.to_string() };
        self.classes.get(reference).ok_or_else(missing)
    }
}

/// A subject's items by a source's records, and what of these is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceItems {
    /// The items, in the order in which they were recorded.
    pub items: Vec<CreditItem>,
    /// How many records break a rule and count for nothing.
    pub broken: usize,
}

/// A subject's items by a source's records, in the order of its chain, up to a time.
///
/// What follows on an item that was not published by then is passed over with it. So is all that a source tells of an item behind
/// something that had not happened by then: days of one item rise, and where they do not, the view is that of the days before. And so is
/// what it tells of an item past its term, but for corrections and a withdrawal: such an item does not come back. Nor does one that is
/// recorded a second time: it is the item of its first record, as it stood before the second.
///
/// The ledger sees counts and roots only, so that a source may tell what breaks the rules: of an item that it never recorded, of a class
/// that is not among those given, what the tables have no row for. Such a record counts for nothing, and is counted: it takes nothing
/// else of the subject with it.
#[must_use]
pub fn replay_source(classes: &Classes, as_of: UnixTime, records: &[SourceRecord]) -> SourceItems {
    let day = Date::of(as_of);
    let mut items: BTreeMap<ItemKey, Told> = BTreeMap::new();
    let (mut order, mut broken) = (Vec::new(), 0);
    for record in records {
        let holds = match (&record.event, items.entry(record.item)) {
            (SourceEvent::Record(item), Entry::Vacant(place)) => {
                let class = classes.get(&item.class);
                let told = class.and_then(|class| Told::begin(record, item, class, day).ok());
                told.map(|told| {
                    order.push(record.item);
                    place.insert(told);
                })
            }
            // An item is recorded once: what is told behind a second record of its number counts for nothing.
            (SourceEvent::Record(_), Entry::Occupied(told)) => {
                told.into_mut().over = true;
                None
            }
            (SourceEvent::Follow(follow), Entry::Occupied(told)) => {
                told.into_mut().follow(follow, day).ok()
            }
            (SourceEvent::Follow(_), Entry::Vacant(_)) => None,
        };
        broken += usize::from(holds.is_none());
    }
    let shown = |key| items.remove(key).filter(|told| told.published).map(|told| told.item);
    SourceItems { items: order.iter().filter_map(shown).collect(), broken }
}

/// What a source told of an item up to a day.
struct Told {
    terms: Terms,
    standing: Standing,
    item: CreditItem,
    /// It was published by that day.
    published: bool,
    /// Nothing more counts: something came that had not happened by that day, or the item was recorded again.
    over: bool,
    /// Something was told of it past its term: from then on it is only corrected and withdrawn.
    ended: bool,
}

impl Told {
    fn begin(
        record: &SourceRecord,
        item: &SourceItem,
        class: &PublishClass,
        day: Date,
    ) -> Result<Self, Error> {
        let terms = Terms { kind: class.kind, term: class.term };
        let standing = terms.begin(item)?;
        let published = item.published <= day;
        let item = CreditItem {
            id: SourceRecord::id(&record.to_der()),
            source: Some(record.source.clone()),
            class: item.class.clone(),
            authority: item.authority.clone(),
            content: item.content,
            decided: standing.decided,
            recorded: item.published.start(),
            minimum: standing.minimum,
            until: standing.until,
            status: standing.status,
            disputed: false,
            repair_open: false,
            corrections: 0,
            late: false,
        };
        Ok(Self { terms, standing, item, published, over: !published, ended: false })
    }

    fn follow(&mut self, follow: &SourceFollow, day: Date) -> Result<(), Error> {
        // Past its term nothing happens to an item but that it is corrected or withdrawn: nothing that a source tells of a day past
        // its term brings it back.
        let changes = !matches!(follow.event, ItemEvent::Correct | ItemEvent::Withdraw);
        let since = follow.day.max(self.standing.last);
        self.over |= follow.day > day;
        self.ended |= changes && self.standing.until.is_some_and(|until| until <= since);
        if self.over || (self.ended && changes) {
            return Ok(());
        }
        self.standing = self.terms.then(self.standing.clone(), follow)?;
        let Standing { status, decided, minimum, until, .. } = self.standing;
        let item = &mut self.item;
        (item.status, item.decided) = (status, decided);
        (item.minimum, item.until) = (minimum, until);
        if let Some(content) = follow.content {
            item.content = content;
            item.corrections += 1;
        }
        Ok(())
    }
}

/// The first day on which an item may be repaired, and the first on which it is no longer shown, by its class.
fn term(class: &PublishClass, decided: Date, published: Date) -> (Date, Option<Date>) {
    let base = match class.term.base {
        TermBase::Publication => published,
        _ => decided,
    };
    let until = class.term.max_months.map(|months| base.plus_months(months));
    (base.plus_months(class.term.min_months), until)
}
