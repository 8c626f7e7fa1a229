//! The graph in a terminal: what it came from, and what became of it, in aligned columns.

use std::collections::BTreeSet;

use yinxin_verdict::Lang;

use super::graph::{Graph, Item, Relation};
use super::words::{self, fit, width};

/// The widest first column: with organisation, time, height and record the line stays within 160 columns.
const WIDEST: usize = 72;

/// The graph as a tree. Colours are ANSI sequences: only for a terminal.
#[must_use]
pub fn to_tree(graph: &Graph, lang: Lang, colour: bool) -> String {
    let mut tree = Tree { graph, lang, seen: BTreeSet::new(), lines: Vec::new() };
    tree.draw();
    let mut out = columns(&tree.lines, colour);
    if graph.truncated {
        let limits = "--depth, --limit, --list";
        out.push_str(&format!("… {} ({limits})\n", words::cut_short(lang)));
    }
    out
}

struct Line {
    /// Lines that show where it hangs.
    rails: String,
    sign: &'static str,
    text: String,
    paint: &'static str,
    cells: Option<[String; 4]>,
}

struct Tree<'a> {
    graph: &'a Graph,
    lang: Lang,
    seen: BTreeSet<(Item, bool)>,
    lines: Vec<Line>,
}

const BOLD: &str = "\x1b[1m";
const BLUE: &str = "\x1b[36m";
const RED: &str = "\x1b[31m";
const DIM: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";

impl<'a> Tree<'a> {
    fn draw(&mut self) {
        let graph = self.graph;
        let known: Vec<&Item> =
            graph.starts.iter().filter(|i| i.is_entity() && graph.items.contains(*i)).collect();
        if known.is_empty() {
            return self.acts();
        }
        for item in known {
            self.line(String::new(), "●", item, BOLD);
            let (back, forth) = (self.makers(item), self.users(item));
            if !back.is_empty() && !self.seen.contains(&(item.clone(), true)) {
                self.heading("came from", "来源");
                self.children(item, "", true);
            }
            if !forth.is_empty() && !self.seen.contains(&(item.clone(), false)) {
                self.heading("went to", "去向");
                self.children(item, "", false);
            }
        }
    }

    /// Without one thing to begin at: act by act, in the order of the log, with what went in and came out.
    fn acts(&mut self) {
        for activity in &self.graph.activities {
            let act = Item::Activity(activity.id);
            self.act(String::new(), "◆", &act);
            let ends: Vec<(&'static str, &Item)> = self.in_and_out(&act);
            for (n, (sign, item)) in ends.iter().enumerate() {
                let rail = if n + 1 == ends.len() { "└─" } else { "├─" };
                self.line(rail.to_owned(), sign, item, "");
            }
        }
    }

    fn in_and_out(&self, act: &'a Item) -> Vec<(&'static str, &'a Item)> {
        let used = self.graph.from(act, Relation::Used).map(|e| ("←", &e.object));
        let made = self.graph.to(act, Relation::WasGeneratedBy).map(|e| ("→", &e.subject));
        let ended = self.graph.to(act, Relation::WasInvalidatedBy).map(|e| ("✗", &e.subject));
        used.chain(made).chain(ended).collect()
    }

    fn makers(&self, item: &'a Item) -> Vec<&'a Item> {
        self.graph.from(item, Relation::WasGeneratedBy).map(|e| &e.object).collect()
    }

    fn users(&self, item: &'a Item) -> Vec<&'a Item> {
        let used = self.graph.to(item, Relation::Used).map(|e| &e.subject);
        let ended = self.graph.from(item, Relation::WasInvalidatedBy).map(|e| &e.object);
        used.chain(ended).collect()
    }

    /// Acts that ended a thing or looked at it, and made nothing: on the way back nothing else leads to them.
    fn looked(&self, item: &'a Item) -> Vec<&'a Item> {
        if self.graph.starts.contains(item) || self.seen.contains(&(item.clone(), false)) {
            return Vec::new();
        }
        let made = |act: &&Item| self.graph.to(act, Relation::WasGeneratedBy).next().is_some();
        let is_grant = matches!(item, Item::Thing(yinxin_record::Node::Grant(_)));
        let users = self.users(item).into_iter();
        users.filter(|act| is_grant && !made(act)).collect()
    }

    fn children(&mut self, item: &'a Item, rails: &str, back: bool) {
        // A thing that stands above already is not opened again: graphs have joins, trees do not.
        if !self.seen.insert((item.clone(), back)) {
            return;
        }
        let mut acts = if back { self.makers(item) } else { self.users(item) };
        if back {
            acts.extend(self.looked(item));
        }
        for (n, act) in acts.iter().enumerate() {
            let last = n + 1 == acts.len();
            let looks = back && !self.makers(item).contains(act);
            let sign = if back && !looks { "◇" } else { "◆" };
            let (own, below) = rail(rails, last);
            self.act(own, sign, act);
            let things: Vec<&'a Item> = if looks {
                Vec::new()
            } else if back {
                self.graph.from(act, Relation::Used).map(|e| &e.object).collect()
            } else {
                self.graph.to(act, Relation::WasGeneratedBy).map(|e| &e.subject).collect()
            };
            for (m, thing) in things.iter().enumerate() {
                let (own, deeper) = rail(&below, m + 1 == things.len());
                let again = self.seen.contains(&((*thing).clone(), back));
                let more = if back { self.makers(thing) } else { self.users(thing) };
                self.line(own, if again && !more.is_empty() { "↑" } else { "○" }, thing, "");
                self.children(thing, &deeper, back);
            }
        }
    }

    fn heading(&mut self, en: &'static str, zh: &'static str) {
        let text = self.lang.pick(en, zh).to_owned();
        self.lines.push(Line { rails: String::new(), sign: "", text, paint: DIM, cells: None });
    }

    fn line(&mut self, rails: String, sign: &'static str, item: &Item, paint: &'static str) {
        let (title, id) = words::title(self.graph, item, self.lang);
        self.lines.push(Line { rails, sign, text: format!("{title}  {id}"), paint, cells: None });
    }

    fn act(&mut self, rails: String, sign: &'static str, act: &Item) {
        let Item::Activity(id) = act else { return };
        let Some(activity) = self.graph.activity(id) else { return };
        let (title, record) = words::title(self.graph, act, self.lang);
        let note = words::note(activity, self.lang);
        let text = if note.is_empty() { title } else { format!("{title}  {note}") };
        let organisation = Item::Organisation(activity.organisation.clone());
        let (name, _) = words::title(self.graph, &organisation, self.lang);
        let height = format!("#{}", activity.height);
        let cells = Some([fit(&name, 24), words::when(activity), height, record]);
        let ended = self.graph.to(act, Relation::WasInvalidatedBy).next().is_some();
        let paint = if ended || activity.kind == "deny" { RED } else { BLUE };
        self.lines.push(Line { rails, sign, text, paint, cells });
    }
}

fn rail(rails: &str, last: bool) -> (String, String) {
    let (own, below) = if last { ("└─", "   ") } else { ("├─", "│  ") };
    (format!("{rails}{own}"), format!("{rails}{below}"))
}

fn columns(lines: &[Line], colour: bool) -> String {
    let first = |line: &Line| width(&line.rails) + 2 + width(&line.text);
    let acts = || lines.iter().filter(|l| l.cells.is_some());
    let left = acts().map(first).max().unwrap_or_default().min(WIDEST);
    let mut widths = [0; 4];
    for cells in acts().filter_map(|l| l.cells.as_ref()) {
        for (most, cell) in widths.iter_mut().zip(cells) {
            *most = width(cell).max(*most);
        }
    }
    let paint = |code: &str, text: &str| {
        if colour && !code.is_empty() { format!("{code}{text}{OFF}") } else { text.to_owned() }
    };
    let mut out = String::new();
    for line in lines {
        let head = if line.sign.is_empty() { String::new() } else { format!("{} ", line.sign) };
        let room = left.saturating_sub(width(&line.rails) + width(&head)).max(12);
        let text = if line.cells.is_some() { fit(&line.text, room) } else { line.text.clone() };
        out.push_str(&paint(DIM, &line.rails));
        out.push_str(&head);
        out.push_str(&paint(line.paint, &text));
        if let Some(cells) = &line.cells {
            let used = width(&line.rails) + width(&head) + width(&text);
            out.push_str(&" ".repeat(left.saturating_sub(used)));
            for (cell, most) in cells.iter().zip(widths) {
                out.push_str("  ");
                out.push_str(&paint(DIM, cell));
                out.push_str(&" ".repeat(most - width(cell)));
            }
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}
