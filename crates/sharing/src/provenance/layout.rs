//! Where everything stands in the picture: one lane for each department, time from left to right in bands below each other, as
//! lines of a page; nothing on top of anything.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_record::{Node, OrganisationCode};

use super::graph::{Graph, Item, Relation};

pub(super) const NODE_WIDTH: i64 = 192;
pub(super) const NODE_HEIGHT: i64 = 68;
/// Between two columns: lines turn there.
pub(super) const GAP: i64 = 44;
/// The names of departments.
pub(super) const LEFT: i64 = 132;
pub(super) const TOP: i64 = 96;
/// What comes from the band above enters here.
pub(super) const ENTRY: i64 = 34;
/// Columns of a band: a page of a thousand pixels.
pub(super) const COLUMNS: usize = 4;
/// Between nodes above each other, and a lane's margin.
const SPACE: i64 = 14;
/// Height that a passing line takes.
pub(super) const WIRE: i64 = 14;
/// The least height of a lane: the department's name, over three lines, and its code.
const LANE: i64 = 86;
/// Between two bands.
const BETWEEN: i64 = 22;
/// Most places where lines pass; beyond, lines are drawn straight: such a picture is for searching, not for looking.
const MAX_WIRES: usize = 6_000;

/// The whole width.
pub(super) const WIDTH: i64 = left_of(COLUMNS - 1) + NODE_WIDTH + GAP;

/// Where a column begins.
#[allow(clippy::cast_possible_wrap, clippy::as_conversions, reason = "four columns")]
pub(super) const fn left_of(column: usize) -> i64 {
    LEFT + ENTRY + 12 + (column as i64) * (NODE_WIDTH + GAP)
}

/// A place: its middle, in a band, in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) layer: usize,
    pub(super) y: i64,
}

impl Place {
    pub(super) const fn left(self) -> i64 {
        left_of(self.layer % COLUMNS)
    }

    pub(super) const fn band(self) -> usize {
        self.layer / COLUMNS
    }
}

/// A line that begins at a node and branches off to all nodes that it leads to in one relation.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) from: Item,
    pub(super) relation: Relation,
    pub(super) to: Vec<Item>,
    /// Where it passes, layer by layer from the one after its beginning on.
    pub(super) through: Vec<Place>,
    /// Where it enters each band after the one that it begins in: middle height.
    pub(super) entries: Vec<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) organisation: Option<OrganisationCode>,
    /// Its number among all: for its colour.
    pub(super) number: usize,
    pub(super) top: i64,
    pub(super) height: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) places: BTreeMap<Item, Place>,
    pub(super) lines: Vec<Line>,
    /// The lanes of each band.
    pub(super) bands: Vec<Vec<Lane>>,
    pub(super) height: i64,
}

/// What stands in a cell: a node, or a line that passes, or enters a band.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tenant {
    Node(Item),
    /// Number of the line, and of its place.
    Wire(usize, usize),
    /// Number of the line, and of its entry.
    Entry(usize, usize),
}

/// A cell: band, column (0: the entry, the others from 1 on), lane.
type Cell = (usize, usize, usize);

/// Lays a graph out.
pub(super) fn layout(graph: &Graph) -> Layout {
    let layers = layers(graph);
    let (lanes, lane_of) = lanes(graph, &layers);
    let mut lines = lines(graph, &layers);
    let mut cells: BTreeMap<Cell, Vec<Tenant>> = BTreeMap::new();
    for (item, layer) in &layers {
        let cell = (layer / COLUMNS, layer % COLUMNS + 1, lane_of[item]);
        cells.entry(cell).or_default().push(Tenant::Node(item.clone()));
    }
    let last = |line: &Line| line.to.iter().map(|to| layers[to]).max().unwrap_or_default();
    let spans: usize = lines.iter().map(|l| last(l).saturating_sub(layers[&l.from])).sum();
    for (number, line) in lines.iter_mut().enumerate().filter(|_| spans <= MAX_WIRES) {
        // It keeps to the lane of whatever it comes to next.
        let lane = |layer: usize, line: &Line| {
            let ahead = line.to.iter().filter(|to| layers[*to] > layer);
            ahead.min_by_key(|to| (layers[*to], lane_of[*to])).map_or(0, |to| lane_of[to])
        };
        for layer in layers[&line.from] + 1..=last(line) {
            let (band, column) = (layer / COLUMNS, layer % COLUMNS);
            if column == 0 {
                let cell = (band, 0, lane(layer - 1, line));
                let tenant = Tenant::Entry(number, line.entries.len());
                cells.entry(cell).or_default().push(tenant);
                line.entries.push(0);
            }
            if layer < last(line) {
                let tenant = Tenant::Wire(number, line.through.len());
                cells.entry((band, column + 1, lane(layer, line))).or_default().push(tenant);
                line.through.push(Place { layer, y: 0 });
            }
        }
    }
    let mut result = Layout { lines, ..Layout::default() };
    let times = graph.activities.iter().map(|a| (Item::Activity(a.id), a.index)).collect();
    let mut arriving: BTreeMap<Item, Vec<usize>> = BTreeMap::new();
    for (line, number) in result.lines.iter().zip(0..) {
        for to in &line.to {
            arriving.entry(to.clone()).or_default().push(number);
        }
    }
    result.stack(&cells, &lanes, &times, &arriving);
    result
}

/// An act stands right of all that it used, and never left of an earlier act; a thing right of the acts that made it.
fn layers(graph: &Graph) -> BTreeMap<Item, usize> {
    let mut layers: BTreeMap<Item, usize> = BTreeMap::new();
    let mut users: BTreeMap<&Item, usize> = BTreeMap::new();
    let mut now = 1;
    for activity in &graph.activities {
        let act = Item::Activity(activity.id);
        let ended = graph.to(&act, Relation::WasInvalidatedBy).map(|e| &e.subject);
        let taken = graph.from(&act, Relation::Used);
        let before: Vec<&Item> =
            taken.map(|e| &e.object).chain(ended.filter_map(|i| graph.items.get(i))).collect();
        let after = before.iter().filter_map(|i| layers.get(*i)).max().map_or(0, |l| l + 1);
        now = now.max(after);
        for item in before {
            users.entry(item).or_insert(now);
        }
        for edge in graph.to(&act, Relation::WasGeneratedBy) {
            let layer = layers.entry(edge.subject.clone()).or_default();
            *layer = (*layer).max(now + 1);
        }
        layers.insert(act, now);
    }
    // What nobody here made stands right before its first use.
    for (item, first) in users {
        layers.entry(item.clone()).or_insert(first.saturating_sub(1));
    }
    for item in graph.items.iter().filter(|i| i.is_entity()) {
        layers.entry(item.clone()).or_insert(0);
    }
    let first = layers.values().min().copied().unwrap_or_default();
    layers.values_mut().for_each(|layer| *layer -= first);
    layers
}

type Lanes = (Vec<Option<OrganisationCode>>, BTreeMap<Item, usize>);

/// Lanes in the order in which departments first appear.
fn lanes(graph: &Graph, layers: &BTreeMap<Item, usize>) -> Lanes {
    let mut owners: BTreeMap<Item, Option<OrganisationCode>> = BTreeMap::new();
    for activity in &graph.activities {
        owners.insert(Item::Activity(activity.id), Some(activity.organisation.clone()));
    }
    for item in layers.keys().filter(|i| i.is_entity()) {
        let attributed =
            graph.from(item, Relation::WasAttributedTo).find_map(|e| match &e.object {
                Item::Organisation(code) => Some(code.clone()),
                _ => None,
            });
        let named = match item {
            Item::Thing(Node::Resource(version)) => Some(version.resource.owner()),
            _ => None,
        };
        let user = || {
            let mut users = graph.to(item, Relation::Used);
            users.find_map(|e| owners.get(&e.subject).cloned().flatten())
        };
        let owner = named.or(attributed).or_else(user);
        owners.insert(item.clone(), owner);
    }
    let mut order: Vec<(&Item, &usize)> = layers.iter().collect();
    order.sort_by_key(|(item, layer)| (**layer, (*item).clone()));
    let mut lanes: Vec<Option<OrganisationCode>> = Vec::new();
    let mut numbers: BTreeMap<&Option<OrganisationCode>, usize> = BTreeMap::new();
    for (item, _) in order {
        let owner = &owners[item];
        numbers.entry(owner).or_insert_with(|| {
            lanes.push(owner.clone());
            lanes.len() - 1
        });
    }
    let lane_of = layers.keys().map(|item| (item.clone(), numbers[&owners[item]])).collect();
    (lanes, lane_of)
}

/// The lines of each node and relation, to all that they lead to.
fn lines(graph: &Graph, layers: &BTreeMap<Item, usize>) -> Vec<Line> {
    let mut lines: BTreeMap<(&Item, Relation), BTreeSet<&Item>> = BTreeMap::new();
    for edge in &graph.edges {
        let (from, to) = match edge.relation {
            Relation::Used | Relation::WasGeneratedBy => (&edge.object, &edge.subject),
            Relation::WasInvalidatedBy => (&edge.subject, &edge.object),
            _ => continue,
        };
        if layers.contains_key(from) && layers.contains_key(to) {
            lines.entry((from, edge.relation)).or_default().insert(to);
        }
    }
    let line = |((from, relation), to): ((&Item, Relation), BTreeSet<&Item>)| Line {
        from: from.clone(),
        relation,
        to: to.into_iter().cloned().collect(),
        through: Vec::new(),
        entries: Vec::new(),
    };
    lines.into_iter().map(line).collect()
}

const fn height(tenant: &Tenant) -> i64 {
    match tenant {
        Tenant::Node(_) => NODE_HEIGHT,
        Tenant::Wire(..) => WIRE,
        // A number in a circle.
        Tenant::Entry(..) => WIRE + 4,
    }
}

fn full(list: &[Tenant]) -> i64 {
    list.iter().map(|t| height(t) + SPACE).sum()
}

impl Layout {
    /// Gives every cell its height and every tenant its middle, column by column, near to where its lines come from.
    fn stack(
        &mut self,
        cells: &BTreeMap<Cell, Vec<Tenant>>,
        lanes: &[Option<OrganisationCode>],
        times: &BTreeMap<Item, u64>,
        arriving: &BTreeMap<Item, Vec<usize>>,
    ) {
        // Lanes of a band are those in which something stands.
        let mut tallest: BTreeMap<(usize, usize), i64> = BTreeMap::new();
        for ((band, _, lane), list) in cells {
            let most = tallest.entry((*band, *lane)).or_default();
            *most = full(list).max(*most);
        }
        let mut top = TOP;
        let mut tops: BTreeMap<(usize, usize), (i64, i64)> = BTreeMap::new();
        for ((band, lane), tallest) in tallest {
            if band >= self.bands.len() {
                top += if self.bands.is_empty() { 0 } else { BETWEEN };
                self.bands.push(Vec::new());
            }
            let height = (tallest + SPACE).max(LANE);
            let organisation = lanes[lane].clone();
            self.bands[band].push(Lane { organisation, number: lane, top, height });
            tops.insert((band, lane), (top, height));
            top += height;
        }
        self.height = top;
        for ((band, column, lane), list) in cells {
            let (top, room) = tops[&(*band, *lane)];
            let time = |tenant: &Tenant| match tenant {
                Tenant::Node(item) => times.get(item).copied(),
                _ => None,
            };
            let layer = (band * COLUMNS + column).saturating_sub(1);
            let mut list: Vec<(i64, Option<u64>, &Tenant)> =
                list.iter().map(|t| (self.pull(t, layer, arriving), time(t), t)).collect();
            list.sort();
            let tenants: Vec<Tenant> = list.iter().map(|(.., t)| (*t).clone()).collect();
            let mut y = top + (room - full(&tenants) + SPACE) / 2;
            for tenant in tenants {
                let own = height(&tenant);
                let middle = y + own / 2;
                match tenant {
                    Tenant::Node(item) => {
                        self.places.insert(item, Place { layer, y: middle });
                    }

                    Tenant::Wire(line, at) => {
                        self.lines[line].through[at] = Place { layer, y: middle };
                    }
                    Tenant::Entry(line, at) => self.lines[line].entries[at] = middle,
                }
                y += own + SPACE;
            }
        }
    }

    /// The mean height of where a tenant's lines come from, within its band; those without keep the top.
    fn pull(&self, tenant: &Tenant, layer: usize, arriving: &BTreeMap<Item, Vec<usize>>) -> i64 {
        let before = |number: &usize| self.lines[*number].before(&self.places, layer);
        let from: Vec<i64> = match tenant {
            // The order of a band's entries is that of their beginnings.
            Tenant::Entry(line, _) => {
                let from = self.places.get(&self.lines[*line].from);
                from.map(|p| i64::try_from(p.layer).unwrap_or(0)).into_iter().collect()
            }
            Tenant::Wire(line, _) => before(line).into_iter().collect(),
            Tenant::Node(item) => {
                arriving.get(item).into_iter().flatten().filter_map(before).collect()
            }
        };
        let count = i64::try_from(from.len()).unwrap_or(1);
        if count == 0 { 0 } else { from.iter().sum::<i64>() / count }
    }
}

impl Line {
    /// Where the line is before a layer, in the same band: its place in the layer before, its entry, or its beginning.
    pub(super) fn before(&self, places: &BTreeMap<Item, Place>, layer: usize) -> Option<i64> {
        let begun = places.get(&self.from)?;
        if layer.is_multiple_of(COLUMNS) {
            return self.entries.get((layer / COLUMNS).checked_sub(begun.band() + 1)?).copied();
        }
        if layer == begun.layer + 1 {
            return Some(begun.y);
        }
        self.through.get(layer.checked_sub(begun.layer + 2)?).map(|p| p.y)
    }
}
