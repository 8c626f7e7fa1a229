//! From one end through the graph: which records to read next, until a limit.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::RangeInclusive,
};

use yinxin_gm::Digest;
use yinxin_record::{
    AccessState, Date, GrantState, LicenceIdentifier, Node, OrganisationCode, ResourceCode,
    ResourceVersion,
};
use yinxin_verdict::{TimeError, UnixTime};

use super::by_rule::{gave, publication};
use super::graph::{Filter, Found, Graph, Item, request};
use super::story::{Story, story};

/// What a walk asks of a ledger, near or far, or of a folder of evidence.
///
/// An answer needs no trust: what it leaves out is missing from the graph, and what it adds has no record that says so.
pub trait Source {
    /// Why it cannot answer.
    type Error;

    /// Ids of the records that the index lists under a prefix (`specs/data.md`, 5) at these heights, oldest first, at most `limit`.
    ///
    /// # Errors
    /// If it cannot answer.
    fn list(
        &self,
        prefix: &[u8],
        heights: RangeInclusive<u64>,
        limit: usize,
    ) -> Result<Vec<Digest>, Self::Error>;

    /// How a grant stands, by the newest state; `None` where there is none, or none at hand.
    ///
    /// # Errors
    /// If it cannot answer.
    fn grant(&self, id: &Digest) -> Result<Option<GrantState>, Self::Error>;

    /// The state of a grant's window of a minute; `None` where there is none, or none at hand.
    ///
    /// # Errors
    /// If it cannot answer.
    fn window(&self, grant: &Digest, minute: u64) -> Result<Option<AccessState>, Self::Error>;

    /// The record with this id and where it stands; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot answer.
    fn record(&self, id: &Digest) -> Result<Option<Found>, Self::Error>;
}

/// Where a walk begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// At a thing: a digest, a licence, a version of a resource.
    Item(Item),
    /// At all that an organisation did, and what was done about data that it gives or has.
    Organisation(OrganisationCode),
    /// At a record.
    Record(Digest),
    /// At a request, and the grant that came of it.
    Request(Digest),
    /// At all about a resource, in all its versions.
    Resource(ResourceCode),
    /// At all about a subject, by pseudonym.
    Subject(Digest),
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "there are two ways, and both")]
pub enum Direction {
    /// To what it was made from.
    Backward,
    /// Both ways from the start, never turning round on the way.
    #[default]
    Both,
    /// To what was made of it.
    Forward,
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a caller's wishes")]
pub struct Limits {
    /// Acts in a row. 32: the longest chain known, from a register through a bureau and a bank to a court, has under ten.
    pub depth: usize,
    /// Records in all; ten times as many are read. 5,000: more than a person reads, and a drawing of a few megabytes.
    pub records: usize,
    /// Records of one list. 1,000: a page of the service.
    pub list: usize,
    /// Windows of one grant that are told one by one; where there are more, they are folded into one. 3: more is a habit, not an
    /// event. `usize::MAX` folds none.
    pub windows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 32, records: 5_000, list: 1_000, windows: 3 }
    }
}

/// Records that are read for each that may be kept: lists name many that turn out to be about something else. 10: a walk that finds
/// less than a tenth of what it reads to be of its story is lost in a crowd, and says that it was cut short.
const READS: usize = 10;

/// Until when the ledger is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a caller's wishes")]
pub struct AsOf {
    /// The last height.
    pub height: u64,
    /// The last instant.
    pub time: Option<UnixTime>,
}

impl Default for AsOf {
    fn default() -> Self {
        Self { height: u64::MAX, time: None }
    }
}

impl AsOf {
    /// Reads a height, an instant, or a day in China, which ends with its last instant: what was done on it is looked at.
    ///
    /// # Errors
    /// [`TimeError::NotATime`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        // Eight digits could be a day; a height is a number alone.
        if let Ok(height) = text.parse() {
            return Ok(Self { height, time: None });
        }
        let time = UnixTime::parse(text)?;
        let time = if Date::parse(text).is_ok() { time.plus_millis(DAY_MS - 1) } else { time };
        Ok(Self { height: u64::MAX, time: Some(time) })
    }
}

/// Milliseconds of a day; China has no other days.
const DAY_MS: i64 = 86_400_000;

/// Walks from a start, and gives the records that it read with the graph of what they say.
///
/// # Errors
/// If the source cannot answer.
pub fn trace<S: Source>(
    source: &S,
    start: &Start,
    direction: Direction,
    as_of: AsOf,
    limits: Limits,
    filter: &Filter,
) -> Result<(Graph, Vec<Found>), S::Error> {
    let until = filter.until.map(|until| until.plus_millis(-1));
    let latest = [as_of.time, until].into_iter().flatten().min();
    let mut walk = Walk {
        source,
        as_of,
        asked: (filter.from, AsOf { time: latest, ..as_of }),
        limits,
        read: BTreeMap::new(),
        kept: BTreeSet::new(),
        seen: BTreeSet::new(),
        queue: VecDeque::new(),
        grants: BTreeSet::new(),
        aside: Vec::new(),
        one_by_one: BTreeSet::new(),
        reads: limits.records.saturating_mul(READS).saturating_add(limits.list),
        full: false,
        truncated: false,
    };
    let starts = walk.begin(start, direction)?;
    while let Some((item, way, depth)) = walk.queue.pop_front() {
        walk.visit(&item, way, depth)?;
    }
    walk.rules()?;
    // Windows last: however many there are, they take no room from what leads on.
    let folded = walk.windows()?;
    let Walk { read, kept, truncated, .. } = walk;
    let kept = read.into_iter().filter(|(id, _)| kept.contains(id));
    let mut found: Vec<Found> = kept.filter_map(|(_, read)| Some(read?.0)).collect();
    found.sort_by_key(|f| f.index);
    let mut graph = Graph::of(&found, &Filter::default());
    // Before acts are dropped: the one that stands for many is the last of the time that was asked for.
    graph.fold(&folded);
    graph.filter(filter);
    graph.starts = starts;
    graph.truncated = truncated;
    Ok((graph, found))
}

/// One way, once the start is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Back,
    Forth,
}

pub(super) struct Walk<'a, S> {
    pub(super) source: &'a S,
    pub(super) as_of: AsOf,
    /// From and until when acts are shown: windows outside of it are not told in a sum either.
    pub(super) asked: (Option<UnixTime>, AsOf),
    pub(super) limits: Limits,
    /// What was read; `None` for what is not there, or later than the time looked at.
    pub(super) read: BTreeMap<Digest, Option<(Found, Story)>>,
    /// What is part of the answer.
    kept: BTreeSet<Digest>,
    seen: BTreeSet<(Item, Way)>,
    queue: VecDeque<(Item, Way, usize)>,
    /// Grants that were met: what was looked at under them is told last.
    pub(super) grants: BTreeSet<Digest>,
    /// Windows and denials that a list named beside what leads on.
    pub(super) aside: Vec<Digest>,
    /// Grants of which certain windows were asked for: these are told, each, and no others.
    pub(super) one_by_one: BTreeSet<Digest>,
    /// How many more records may be read.
    reads: usize,
    /// Nothing more can become part of the answer.
    pub(super) full: bool,
    pub(super) truncated: bool,
}

impl<S: Source> Walk<'_, S> {
    fn begin(&mut self, start: &Start, direction: Direction) -> Result<Vec<Item>, S::Error> {
        let ways: &[Way] = match direction {
            Direction::Backward => &[Way::Back],
            Direction::Both => &[Way::Back, Way::Forth],
            Direction::Forward => &[Way::Forth],
        };
        let items = match start {
            Start::Item(item) => vec![item.clone()],
            Start::Request(id) => vec![Item::Request(*id), Item::grant(*id)],
            Start::Record(id) => {
                self.seed(&[*id], ways, true)?;
                return Ok(vec![Item::Activity(*id)]);
            }
            Start::Organisation(code) => {
                self.seed_lists(
                    &["p", "c", "o"].map(|list| format!("{list}/{code}/")),
                    ways,
                    false,
                )?;
                return Ok(vec![Item::Organisation(code.clone())]);
            }
            Start::Resource(code) => {
                self.seed_lists(&[format!("r/{code}/")], ways, false)?;
                return Ok(Vec::new());
            }
            Start::Subject(pseudonym) => {
                self.seed_lists(&[format!("s/{pseudonym}/")], ways, true)?;
                return Ok(Vec::new());
            }
        };
        for item in &items {
            self.enqueue(item.clone(), ways, 0);
        }
        Ok(items)
    }

    fn seed_lists(
        &mut self,
        prefixes: &[String],
        ways: &[Way],
        whole: bool,
    ) -> Result<(), S::Error> {
        let mut ids = Vec::new();
        for prefix in prefixes {
            ids.extend(self.list(prefix.as_bytes())?);
        }
        self.seed(&ids, ways, whole)
    }

    /// Records that are in the graph whatever they use, and the ways that lead from them. Windows and denials among them wait until
    /// all else is found, unless just these were asked for.
    fn seed(&mut self, ids: &[Digest], ways: &[Way], whole: bool) -> Result<(), S::Error> {
        for id in ids {
            let Some(story) = self.read(id)? else { continue };
            let looked = self.looked(id);
            if looked && whole {
                self.one_by_one.extend(story.used.iter().filter_map(grant_of));
            }
            if looked && !whole {
                self.aside.push(*id);
            } else if !self.keep(id) {
                return Ok(());
            }
            for way in ways {
                let next = match way {
                    Way::Back => story.used.iter().chain(&story.invalidated),
                    Way::Forth => story.generated.iter().chain(&[]),
                };
                for item in next.cloned().collect::<Vec<_>>() {
                    self.enqueue(item, &[*way], 1);
                }
            }
        }
        Ok(())
    }

    fn enqueue(&mut self, item: Item, ways: &[Way], depth: usize) {
        if self.full {
            return;
        }
        for way in ways {
            if self.seen.insert((item.clone(), *way)) {
                self.queue.push_back((item.clone(), *way, depth));
            }
        }
    }

    /// Reads what the index has about a thing, and goes on from the records that made it, or used it.
    fn visit(&mut self, item: &Item, way: Way, depth: usize) -> Result<(), S::Error> {
        if depth >= self.limits.depth {
            self.truncated = true;
            return Ok(());
        }
        // Who asked and what came of it are one matter, whether a person's record stands between them or the owner's rule did.
        self.grants.extend(grant_of(item));
        if let (Way::Forth, Item::Request(id)) = (way, item) {
            self.enqueue(Item::grant(*id), &[way], depth + 1);
        }
        let mut ids = Vec::new();
        match (way, item) {
            (Way::Back, Item::Thing(Node::Resource(_))) => ids.extend(self.publication(item)?),
            _ => {
                for prefix in prefixes(item) {
                    ids.extend(self.list(prefix.as_bytes())?);
                }
            }
        }
        let mut once = BTreeSet::new();
        for id in ids.into_iter().filter(|id| once.insert(*id)) {
            if self.full {
                return Ok(());
            }
            let Some(story) = self.read(&id)? else { continue };
            let made = story.generated.contains(item) || by_rule(item, &id);
            let used = story.used.contains(item);
            let next = match way {
                Way::Back if made => &story.used,
                Way::Forth if used => &story.generated,
                // How it ended, and what was looked at under a grant, is told on every way and leads nowhere.
                _ if story.invalidated.contains(item) => &Vec::new(),
                _ if used && story.generated.is_empty() => &Vec::new(),
                _ => continue,
            };
            if !self.keep(&id) {
                return Ok(());
            }
            for next in next.clone() {
                self.enqueue(next, &[way], depth + 1);
            }
        }
        Ok(())
    }

    /// The record that published a version. What was done about a resource may fill many lists; its publication stands near the
    /// beginning, and is all that a way back needs.
    fn publication(&mut self, item: &Item) -> Result<Option<Digest>, S::Error> {
        let few = self.limits.list.min(16);
        for limit in [few, self.limits.list] {
            for prefix in prefixes(item) {
                let ids = self.source.list(prefix.as_bytes(), 0..=self.as_of.height, limit)?;
                let full = ids.len() == limit;
                for id in ids {
                    if self.read(&id)?.is_some_and(|story| story.generated.contains(item)) {
                        return Ok(Some(id));
                    }
                }
                if !full {
                    return Ok(None);
                }
            }
        }
        self.truncated = true;
        Ok(None)
    }

    /// A grant by the owner's rule is told by request and publication together: the publication belongs to the answer on a way
    /// forth too, which does not come by it.
    fn rules(&mut self) -> Result<(), S::Error> {
        let kept = || self.kept.iter().filter_map(|id| self.read.get(id)?.as_ref());
        let made: BTreeSet<&Item> = kept().flat_map(|(_, story)| &story.generated).collect();
        let mut asking: BTreeMap<Item, Vec<Found>> = BTreeMap::new();
        for (found, _) in kept() {
            let Some(asked) = request(&found.record) else { continue };
            if !made.contains(&Item::grant(found.record.id())) {
                let (resource, version) = (asked.resource.clone(), asked.version);
                let of = Item::Thing(Node::Resource(ResourceVersion { resource, version }));
                asking.entry(of).or_default().push(found.clone());
            }
        }
        for (of, asking) in asking {
            let Some(id) = self.publication(&of)? else { continue };
            let read = self.read.get(&id).and_then(Option::as_ref);
            let published = read.and_then(|(found, _)| publication(&found.record));
            if published.is_some_and(|published| asking.iter().any(|f| gave(published, f))) {
                self.keep(&id);
            }
        }
        Ok(())
    }

    fn list(&mut self, prefix: &[u8]) -> Result<Vec<Digest>, S::Error> {
        let most = self.limits.list.saturating_add(1);
        let mut ids = self.source.list(prefix, 0..=self.as_of.height, most)?;
        self.truncated |= ids.len() > self.limits.list;
        ids.truncate(self.limits.list);
        Ok(ids)
    }

    /// A record's story, if it stands within the time looked at.
    pub(super) fn read(&mut self, id: &Digest) -> Result<Option<Story>, S::Error> {
        if let Some(read) = self.read.get(id) {
            return Ok(read.as_ref().map(|(_, story)| story.clone()));
        }
        if self.reads == 0 {
            self.stop();
            return Ok(None);
        }
        self.reads -= 1;
        let AsOf { height, time } = self.as_of;
        let within = |f: &Found| f.height <= height && time.is_none_or(|latest| f.time <= latest);
        // The source's word for what it gives is not enough.
        let found = self.source.record(id)?.filter(|f| f.record.id() == *id && within(f));
        // Where a walk goes on from a decision its own ids say; what was asked for, the graph takes from the request.
        let told = found.map(|found| {
            let story = story(&found.record, &BTreeMap::new());
            (found, story)
        });
        let told = self.read.entry(*id).or_insert(told);
        Ok(told.as_ref().map(|(_, story)| story.clone()))
    }

    /// Takes a record into the answer, if there is room.
    pub(super) fn keep(&mut self, id: &Digest) -> bool {
        let room = self.kept.contains(id) || self.kept.len() < self.limits.records;
        if room {
            self.kept.insert(*id);
        } else {
            self.stop();
        }
        room
    }

    /// Looks no further: a limit is reached, and what is met from here on could not be taken.
    fn stop(&mut self) {
        (self.truncated, self.full) = (true, true);
        self.queue.clear();
    }
}

/// The grant that a node is.
pub(super) const fn grant_of(item: &Item) -> Option<Digest> {
    match item {
        Item::Thing(Node::Grant(id)) => Some(*id),
        _ => None,
    }
}

/// A grant's request may have brought it, by the owner's rule: [`Graph::of`] says whether it did.
fn by_rule(item: &Item, id: &Digest) -> bool {
    *item == Item::grant(*id)
}

/// The lists of the ledger's index where a node's records stand (`specs/data.md`, 5).
#[must_use]
pub fn prefixes(item: &Item) -> Vec<String> {
    match item {
        Item::Activity(_) | Item::Person(_) => Vec::new(),
        Item::Organisation(code) => vec![format!("o/{code}/")],
        Item::Request(id) => vec![format!("q/{id}/")],
        // Every record with an edge at one of these stands in these lists too.
        Item::Thing(Node::Content(digest)) => vec![format!("d/{digest}/")],
        // What was looked at under it stands in a list of its own, and leads nowhere.
        Item::Thing(Node::Grant(id)) => vec![format!("q/{id}/")],
        Item::Thing(Node::Resource(version)) => vec![format!("r/{}/", version.resource)],
        Item::Thing(Node::Licence(id)) => {
            [vec![licence(id)], edges(&Node::Licence(id.clone()))].concat()
        }
        Item::Thing(node) => edges(node),
    }
}

fn edges(node: &Node) -> Vec<String> {
    vec![format!("b/{node}/"), format!("f/{node}/")]
}

fn licence(id: &LicenceIdentifier) -> String {
    format!("l/{id}/")
}
