//! Where everything stands in the picture: time from left to right, one lane for each department, nothing on top of anything.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_record::{Node, OrganisationCode};

use super::graph::{Graph, Item, Relation};

pub(super) const NODE_WIDTH: i64 = 204;
pub(super) const NODE_HEIGHT: i64 = 52;
pub(super) const GAP: i64 = 72;
pub(super) const LEFT: i64 = 200;
pub(super) const TOP: i64 = 108;
/// Between nodes above each other, and a lane's margin.
const SPACE: i64 = 18;
/// Height that a passing line takes.
const WIRE: i64 = 14;
/// Most places where lines pass; beyond, lines are drawn straight: such a picture is for searching, not for looking.
const MAX_WIRES: usize = 6_000;

/// A node's place: its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) layer: usize,
    pub(super) lane: usize,
    pub(super) y: i64,
}

impl Place {
    pub(super) fn left(self) -> i64 {
        LEFT + 24 + i64::try_from(self.layer).unwrap_or(i64::MAX / 512) * (NODE_WIDTH + GAP)
    }
}

/// A line: from a node through free places to a node.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) from: Item,
    pub(super) to: Item,
    pub(super) relation: Relation,
    pub(super) through: Vec<Place>,
}

#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) organisation: Option<OrganisationCode>,
    pub(super) top: i64,
    pub(super) height: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) places: BTreeMap<Item, Place>,
    pub(super) lines: Vec<Line>,
    pub(super) lanes: Vec<Lane>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// What stands in a cell: a node, or a line that passes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tenant {
    Node(Item),
    Wire(usize, usize),
}

/// Lays a graph out.
pub(super) fn layout(graph: &Graph) -> Layout {
    let layers = layers(graph);
    let (lanes, lane_of) = lanes(graph, &layers);
    let mut lines = lines(graph, &layers);
    let mut cells: BTreeMap<(usize, usize), Vec<Tenant>> = BTreeMap::new();
    for (item, layer) in &layers {
        cells.entry((*layer, lane_of[item])).or_default().push(Tenant::Node(item.clone()));
    }
    let spans = |line: &Line| layers[&line.from] + 1..layers[&line.to];
    let wired = lines.iter().map(|l| spans(l).len()).sum::<usize>() <= MAX_WIRES;
    for (number, line) in lines.iter_mut().enumerate().filter(|_| wired) {
        for layer in spans(line) {
            let lane = lane_of[&line.to];
            let tenant = Tenant::Wire(number, line.through.len());
            cells.entry((layer, lane)).or_default().push(tenant);
            line.through.push(Place { layer, lane, y: 0 });
        }
    }
    let mut result = Layout { lines, ..Layout::default() };
    let times = graph.activities.iter().map(|a| (Item::Activity(a.id), a.index)).collect();
    let mut arriving: BTreeMap<Item, Vec<usize>> = BTreeMap::new();
    for (line, number) in result.lines.iter().zip(0..) {
        arriving.entry(line.to.clone()).or_default().push(number);
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

fn lines(graph: &Graph, layers: &BTreeMap<Item, usize>) -> Vec<Line> {
    let drawn = graph.edges.iter().filter_map(|edge| {
        let (from, to) = match edge.relation {
            Relation::Used | Relation::WasGeneratedBy => (&edge.object, &edge.subject),
            Relation::WasInvalidatedBy => (&edge.subject, &edge.object),
            _ => return None,
        };
        let known = layers.contains_key(from) && layers.contains_key(to);
        let (from, to, relation) = (from.clone(), to.clone(), edge.relation);
        known.then_some(Line { from, to, relation, through: Vec::new() })
    });
    let mut once = BTreeSet::new();
    drawn.filter(|l| once.insert((l.from.clone(), l.to.clone(), l.relation))).collect()
}

impl Layout {
    /// Gives every cell its height and every tenant its middle, layer by layer, near to where its lines come from.
    fn stack(
        &mut self,
        cells: &BTreeMap<(usize, usize), Vec<Tenant>>,
        lanes: &[Option<OrganisationCode>],
        times: &BTreeMap<Item, u64>,
        arriving: &BTreeMap<Item, Vec<usize>>,
    ) {
        let height = |t: &Tenant| if matches!(t, Tenant::Node(_)) { NODE_HEIGHT } else { WIRE };
        let full = |list: &[Tenant]| list.iter().map(|t| height(t) + SPACE).sum::<i64>();
        let mut tallest = vec![0; lanes.len()];
        for ((_, lane), list) in cells {
            tallest[*lane] = full(list).max(tallest[*lane]);
        }
        let mut top = TOP;
        for (organisation, tallest) in lanes.iter().zip(tallest) {
            let height = (tallest + SPACE).max(NODE_HEIGHT + 2 * SPACE);
            self.lanes.push(Lane { organisation: organisation.clone(), top, height });
            top += height;
        }
        let last = cells.keys().map(|(layer, _)| *layer).max().unwrap_or_default();
        self.width = Place { layer: last, lane: 0, y: 0 }.left() + NODE_WIDTH + 40;
        self.height = top;
        for ((layer, lane), list) in cells {
            let Lane { top, height: room, .. } = self.lanes[*lane];
            let time = |tenant: &Tenant| match tenant {
                Tenant::Node(item) => times.get(item).copied(),
                Tenant::Wire(..) => None,
            };
            let mut list: Vec<(i64, Option<u64>, &Tenant)> =
                list.iter().map(|t| (self.pull(t, arriving), time(t), t)).collect();
            list.sort();
            let tenants: Vec<Tenant> = list.iter().map(|(.., t)| (*t).clone()).collect();
            let mut y = top + (room - full(&tenants) + SPACE) / 2;
            for tenant in tenants {
                let own = height(&tenant);
                let place = Place { layer: *layer, lane: *lane, y: y + own / 2 };
                match tenant {
                    Tenant::Node(item) => drop(self.places.insert(item, place)),
                    Tenant::Wire(line, at) => self.lines[line].through[at] = place,
                }
                y += own + SPACE;
            }
        }
    }

    /// The mean height of where a tenant's lines come from; those without keep the top.
    fn pull(&self, tenant: &Tenant, arriving: &BTreeMap<Item, Vec<usize>>) -> i64 {
        let from: Vec<i64> = match tenant {
            Tenant::Wire(line, 0) => {
                self.places.get(&self.lines[*line].from).map(|p| p.y).into_iter().collect()
            }
            Tenant::Wire(line, at) => vec![self.lines[*line].through[at - 1].y],
            Tenant::Node(item) => {
                let start = |number: &usize| {
                    let l = &self.lines[*number];
                    l.through.last().copied().or_else(|| self.places.get(&l.from).copied())
                };
                let arriving = arriving.get(item).into_iter().flatten();
                arriving.filter_map(start).map(|p| p.y).collect()
            }
        };
        let count = i64::try_from(from.len()).unwrap_or(1);
        if count == 0 { 0 } else { from.iter().sum::<i64>() / count }
    }
}
