//! The graph: things, acts and who acted, each edge with the record that states it.

use core::fmt;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::OnceLock,
};

use yinxin_gm::Digest;
use yinxin_record::{Act, DataAct, Node, OrganisationCode, Record, RequestData};
use yinxin_verdict::{Lang, UnixTime};

use super::fold::Folded;
use super::story::{Note, Story, story};
use super::words;

/// A record, and where it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever has records makes it")]
pub struct Found {
    /// The record.
    pub record: Record,
    /// Its place in the log: the one order that all records have.
    pub index: u64,
    /// Height of its block.
    pub height: u64,
    /// Time of its block.
    pub time: UnixTime,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Item {
    /// An activity: a record, by its id.
    Activity(Digest),
    /// An agent: an organisation.
    Organisation(OrganisationCode),
    /// An agent: a person who decides for an organisation, by the id of the key.
    Person(Digest),
    /// An entity: a request. What may come of it, a grant, is [`Node::Grant`] of the same id.
    Request(Digest),
    /// An entity of the ledger's provenance index.
    Thing(Node),
}

impl Item {
    /// Reads what [`Display`](fmt::Display) writes; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let item = match kind {
            "a" => Self::Activity(rest.parse().ok()?),
            "k" => Self::Person(rest.parse().ok()?),
            "o" => Self::Organisation(OrganisationCode::new(rest).ok()?),
            "q" => Self::Request(rest.parse().ok()?),
            _ => Self::Thing(Node::parse(text)?),
        };
        (item.to_string() == text).then_some(item)
    }

    /// Whether PROV calls it an entity.
    #[must_use]
    pub const fn is_entity(&self) -> bool {
        matches!(self, Self::Request(_) | Self::Thing(_))
    }

    /// A digest: content, an envelope, a dataset, a document, a call.
    #[must_use]
    pub const fn content(digest: Digest) -> Self {
        Self::Thing(Node::Content(digest))
    }

    /// A grant, by the id of its request.
    #[must_use]
    pub const fn grant(id: Digest) -> Self {
        Self::Thing(Node::Grant(id))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activity(id) => write!(f, "a:{id}"),
            Self::Organisation(code) => write!(f, "o:{code}"),
            Self::Person(key) => write!(f, "k:{key}"),
            Self::Request(id) => write!(f, "q:{id}"),
            Self::Thing(node) => node.fmt(f),
        }
    }
}

/// What an edge says, in the words of PROV-DM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Relation {
    /// An agent acted for another, in this activity.
    ActedOnBehalfOf,
    /// An agent answers for an activity.
    WasAssociatedWith,
    /// An agent answers for an entity.
    WasAttributedTo,
    /// An entity comes from another.
    WasDerivedFrom,
    /// An activity made an entity.
    WasGeneratedBy,
    /// An activity ended an entity.
    WasInvalidatedBy,
    /// An activity used an entity.
    Used,
}

impl Relation {
    /// The name in PROV-DM.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActedOnBehalfOf => "actedOnBehalfOf",
            Self::WasAssociatedWith => "wasAssociatedWith",
            Self::WasAttributedTo => "wasAttributedTo",
            Self::WasDerivedFrom => "wasDerivedFrom",
            Self::WasGeneratedBy => "wasGeneratedBy",
            Self::WasInvalidatedBy => "wasInvalidatedBy",
            Self::Used => "used",
        }
    }
}

/// `subject relation object`, as PROV-DM orders them, and the record that states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Edge {
    /// Id of the record.
    pub record: Digest,
    /// What it says.
    pub relation: Relation,
    /// Of what: the later end.
    pub subject: Item,
    /// About what: the earlier end.
    pub object: Item,
    /// In which way: the method of a derivation; else empty.
    pub how: &'static str,
}

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// Id of the record.
    pub id: Digest,
    /// What was done, such as `derive`, `licence-issue`.
    pub kind: String,
    /// Who did it.
    pub organisation: OrganisationCode,
    /// What else the record says that a reader wants at once: purpose, rows, reason.
    pub note: Vec<Note>,
    /// Its place in the log.
    pub index: u64,
    /// Height of its block.
    pub height: u64,
    /// Time of its block.
    pub time: UnixTime,
    /// The windows that it stands for, itself among them; `None`: it stands for itself.
    pub folded: Option<Folded>,
}

/// What a thing is called.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a name from a record, or one of ours")]
pub enum Title {
    /// By our word for its kind, English and Chinese.
    Kind(&'static str, &'static str),
    /// By its name in a record.
    Name(String),
}

/// Which acts are shown. Empty lists and `None` let all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a caller's wishes")]
pub struct Filter {
    /// Kinds of act, as [`Activity::kind`].
    pub kinds: Vec<String>,
    /// Who acted.
    pub organisations: Vec<OrganisationCode>,
    /// Not before.
    pub from: Option<UnixTime>,
    /// Before.
    pub until: Option<UnixTime>,
}

impl Filter {
    fn lets(&self, activity: &Activity) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&activity.kind);
        let organisation =
            self.organisations.is_empty() || self.organisations.contains(&activity.organisation);
        let after = self.from.is_none_or(|from| activity.time >= from);
        kind && organisation && after && self.until.is_none_or(|until| activity.time < until)
    }
}

/// A provenance graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Graph {
    /// The acts, in the order of the log.
    pub activities: Vec<Activity>,
    /// All edges, in order of the log, then of relation and ends.
    pub edges: Vec<Edge>,
    /// Every node.
    pub items: BTreeSet<Item>,
    /// What things are called.
    pub titles: BTreeMap<Item, Title>,
    /// What was asked about; a tree begins there.
    pub starts: Vec<Item>,
    /// A limit was reached: there is more than this.
    pub truncated: bool,
    lookup: Lookup,
}

/// Where acts and edges stand, found out when it is first asked for: a package of thousands of records is drawn in a moment.
#[derive(Debug, Default)]
struct Lookup(OnceLock<Places>);

#[derive(Debug, Default)]
struct Places {
    activities: HashMap<Digest, usize>,
    /// Edges with a node as their subject, and as their object.
    edges: BTreeMap<Item, [Vec<usize>; 2]>,
}

/// It follows from the graph, and so tells no two graphs apart.
impl PartialEq for Lookup {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lookup {}

impl Clone for Lookup {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Activity {
    /// What the record says besides its kind, in words.
    #[must_use]
    pub fn said(&self, lang: Lang) -> String {
        words::note(self, lang)
    }
}

impl Graph {
    /// The graph of what these records say, whatever order they come in, each taken once.
    #[must_use]
    pub fn of(found: &[Found], filter: &Filter) -> Self {
        let mut sorted: Vec<(Digest, &Found)> = found.iter().map(|f| (f.record.id(), f)).collect();
        sorted.sort_by_key(|(id, f)| (f.index, *id));
        sorted.dedup_by_key(|(id, _)| *id);
        let requests: BTreeMap<Digest, &RequestData> =
            sorted.iter().filter_map(|(id, f)| Some((*id, request(&f.record)?))).collect();
        let stories: Vec<(Digest, &Found, Story)> =
            sorted.into_iter().map(|(id, f)| (id, f, story(&f.record, &requests))).collect();
        let mut graph = Self::default();
        for (id, found, story) in &stories {
            graph.add(*id, found, story);
        }
        graph.given_by_rule(&stories);
        graph.items = ends(&graph.edges);
        graph.sort();
        graph.filter(filter);
        graph
    }

    /// Names organisations: a genesis knows them, records do not.
    pub fn name_organisations<'a>(&mut self, names: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (code, name) in names {
            if let Ok(code) = OrganisationCode::new(code) {
                self.titles.insert(Item::Organisation(code), Title::Name(name.to_owned()));
            }
        }
    }

    /// Leaves the acts that a filter lets through. One that stands for many stands or falls with its own time, which is that of the
    /// last of them.
    pub fn filter(&mut self, filter: &Filter) {
        if *filter != Filter::default() {
            self.retain(|activity| filter.lets(activity));
        }
    }

    /// Leaves these acts, with their edges and what these touch.
    pub(super) fn retain(&mut self, keep: impl Fn(&Activity) -> bool) {
        self.activities.retain(keep);
        let kept: HashSet<Digest> = self.activities.iter().map(|a| a.id).collect();
        self.edges.retain(|e| kept.contains(&e.record));
        self.items = ends(&self.edges);
        self.lookup = Lookup::default();
    }

    /// An act, by the id of its record.
    #[must_use]
    pub fn activity(&self, id: &Digest) -> Option<&Activity> {
        self.places().activities.get(id).map(|at| &self.activities[*at])
    }

    fn places(&self) -> &Places {
        self.lookup.0.get_or_init(|| {
            let mut places = Places::default();
            places.activities.extend(self.activities.iter().zip(0..).map(|(a, at)| (a.id, at)));
            for (edge, at) in self.edges.iter().zip(0..) {
                for (end, item) in [&edge.subject, &edge.object].into_iter().enumerate() {
                    match places.edges.get_mut(item) {
                        Some(ends) => ends[end].push(at),
                        None => places.edges.entry(item.clone()).or_default()[end].push(at),
                    }
                }
            }
            places
        })
    }

    fn add(&mut self, id: Digest, found: &Found, story: &Story) {
        let organisation = found.record.tbs.organisation.clone();
        let activity = Activity {
            id,
            kind: kind(&found.record.tbs.act),
            organisation: organisation.clone(),
            note: story.note.clone(),
            index: found.index,
            height: found.height,
            time: found.time,
            folded: None,
        };
        for (item, title) in &story.titles {
            match (title, self.titles.get(item)) {
                // A name tells more than a kind, and what was said first stays.
                (Title::Kind(..), Some(_)) | (_, Some(Title::Name(_))) => {}
                _ => drop(self.titles.insert(item.clone(), title.clone())),
            }
        }
        self.activities.push(activity);
        let (act, agent) = (Item::Activity(id), Item::Organisation(organisation));
        let mut edge = |relation, subject: &Item, object: &Item, how| {
            let (subject, object) = (subject.clone(), object.clone());
            self.edges.push(Edge { record: id, relation, subject, object, how });
        };
        edge(Relation::WasAssociatedWith, &act, &agent, "");
        for person in &story.persons {
            let person = Item::Person(*person);
            edge(Relation::WasAssociatedWith, &act, &person, "");
            edge(Relation::ActedOnBehalfOf, &person, &agent, "");
        }
        for item in &story.used {
            edge(Relation::Used, &act, item, "");
        }
        for item in &story.generated {
            edge(Relation::WasGeneratedBy, item, &act, "");
            edge(Relation::WasAttributedTo, item, &agent, "");
        }
        for item in &story.invalidated {
            edge(Relation::WasInvalidatedBy, item, &act, "");
        }
        for (made, from, how) in &story.derived {
            edge(Relation::WasDerivedFrom, made, from, how);
        }
    }

    fn sort(&mut self) {
        let order: BTreeMap<Digest, u64> =
            self.activities.iter().map(|a| (a.id, a.index)).collect();
        self.edges.sort_by(|a, b| (order.get(&a.record), a).cmp(&(order.get(&b.record), b)));
        self.edges.dedup();
    }

    /// Edges of a relation whose subject this is.
    pub(super) fn from<'a>(
        &'a self,
        item: &Item,
        relation: Relation,
    ) -> impl Iterator<Item = &'a Edge> + use<'a> {
        self.at(item, 0, relation)
    }

    /// Edges of a relation whose object this is.
    pub(super) fn to<'a>(
        &'a self,
        item: &Item,
        relation: Relation,
    ) -> impl Iterator<Item = &'a Edge> + use<'a> {
        self.at(item, 1, relation)
    }

    fn at<'a>(
        &'a self,
        item: &Item,
        end: usize,
        relation: Relation,
    ) -> impl Iterator<Item = &'a Edge> + use<'a> {
        let places = self.places().edges.get(item).map_or(&[][..], |ends| &ends[end]);
        places.iter().map(|at| &self.edges[*at]).filter(move |e| e.relation == relation)
    }
}

/// What edges touch.
fn ends(edges: &[Edge]) -> BTreeSet<Item> {
    edges.iter().flat_map(|e| [e.subject.clone(), e.object.clone()]).collect()
}

/// The kind of a window.
pub(super) const WINDOW: &str = "access";

pub(super) fn request(record: &Record) -> Option<&RequestData> {
    match &record.tbs.act {
        Act::Data(DataAct::Request(asked)) => Some(asked),
        _ => None,
    }
}

/// The name of a kind of act: of data by its verb alone, of others with the family.
fn kind(act: &Act) -> String {
    let verb = act.verb().replace(' ', "-");
    if act.family() == "data" { verb } else { format!("{}-{verb}", act.family()) }
}
