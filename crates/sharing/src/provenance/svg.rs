//! The picture: lanes of departments, time from left to right, acts as pills, things as cards.

use std::{collections::BTreeMap, fmt::Write as _};

use yinxin_record::Node;
use yinxin_verdict::Lang;

use super::graph::{Activity, Graph, Item, Relation};
use super::layout::{
    COLUMNS, ENTRY, GAP, LEFT, Lane, Layout, Line, NODE_HEIGHT, NODE_WIDTH, Place, TOP, WIDTH,
    layout,
};
use super::words::{self, escape, fit, width};

const FONT: &str =
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif";
/// Letters that fit a node's first line: one is half of a Chinese character of 13 pixels, and a Latin letter is about as wide.
const FIRST: usize = 23;
/// Letters that fit its other lines, of 11 pixels.
const OTHER: usize = 28;
const LEGEND: i64 = 92;

/// The graph as a self-contained SVG without scripts; fonts are the reader's.
#[must_use]
pub fn to_svg(graph: &Graph, lang: Lang) -> String {
    let laid = layout(graph);
    let (wide, tall) = (WIDTH, laid.height + LEGEND);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {tall}\" width=\"{wide}\" height=\"{tall}\" font-family=\"{FONT}\" role=\"img\">\n"
    );
    out.push_str(DEFINITIONS);
    let _ = writeln!(out, "<rect width=\"{wide}\" height=\"{tall}\" fill=\"#ffffff\"/>");
    header(&mut out, graph, lang);
    for lane in laid.bands.iter().flatten() {
        draw_lane(&mut out, graph, lane, lang);
    }
    let _ = writeln!(out, "<g fill=\"none\" stroke-width=\"1.6\">");
    for line in &laid.lines {
        draw_line(&mut out, &laid, line);
    }
    out.push_str("</g>\n");
    draw_numbers(&mut out, graph, &laid, lang);
    for (item, place) in &laid.places {
        draw_node(&mut out, graph, item, *place, lang);
    }
    legend(&mut out, laid.height, lang);
    out.push_str("</svg>\n");
    out
}

const DEFINITIONS: &str = "<defs>\
<marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.6 L7.4 4 L0 7.4 Z\" fill=\"#94a3b8\"/></marker>\
<marker id=\"made\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.6 L7.4 4 L0 7.4 Z\" fill=\"#4f46e5\"/></marker>\
<marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.6 L7.4 4 L0 7.4 Z\" fill=\"#dc2626\"/></marker>\
<filter id=\"lift\" x=\"-10%\" y=\"-20%\" width=\"120%\" height=\"150%\"><feDropShadow dx=\"0\" dy=\"1.5\" stdDeviation=\"1.6\" flood-color=\"#0f172a\" flood-opacity=\"0.16\"/></filter>\
</defs>\n";

fn header(out: &mut String, graph: &Graph, lang: Lang) {
    let title = lang.pick("Where data came from and went", "数据溯源图");
    text(out, 24, 42, 22, "#0f172a", true, title);
    let mut words: Vec<String> = Vec::new();
    if let Some(start) = graph.starts.first() {
        let (name, id) = words::title(graph, start, lang);
        words.push(format!("{}{name} {id}", lang.pick("from: ", "起点：")));
    }
    words.push(match lang {
        Lang::En => format!("{} acts on the ledger", graph.activities.len()),
        Lang::Zh => format!("账本记录 {} 条", graph.activities.len()),
    });
    if let (Some(first), Some(last)) = (graph.activities.first(), graph.activities.last()) {
        words.push(format!("{} – {}", words::time(first.time), words::time(last.time)));
    }
    if graph.truncated {
        words.push(words::cut_short(lang).to_owned());
    }
    text(out, 24, 66, 12, "#64748b", false, &fit(&words.join("  ·  "), 150));
    let later = lang.pick("time →", "时间 →");
    text(out, LEFT + 24, TOP - 12, 11, "#94a3b8", false, later);
}

fn draw_lane(out: &mut String, graph: &Graph, lane: &Lane, lang: Lang) {
    let Lane { organisation, number, top, height } = lane;
    let wide = WIDTH;
    let fill = ["#f8fafc", "#f1f5f9"][*number % 2];
    let _ = writeln!(
        out,
        "<rect x=\"0\" y=\"{top}\" width=\"{wide}\" height=\"{height}\" fill=\"{fill}\"/>"
    );
    let colour = ["#4f46e5", "#0d9488", "#d97706", "#be185d", "#0369a1", "#65a30d"][*number % 6];
    let _ = writeln!(
        out,
        "<rect x=\"0\" y=\"{top}\" width=\"6\" height=\"{height}\" fill=\"{colour}\"/>"
    );
    let _ = writeln!(
        out,
        "<line x1=\"{LEFT}\" x2=\"{LEFT}\" y1=\"{top}\" y2=\"{}\" stroke=\"#e2e8f0\"/>",
        top + height
    );
    let (name, code) = match organisation {
        Some(code) => words::title(graph, &Item::Organisation(code.clone()), lang),
        None => (lang.pick("elsewhere", "其他").to_owned(), String::new()),
    };
    let lines = wrapped(&name, 16, 3);
    let count = i64::try_from(lines.len()).unwrap_or(1);
    let mut y = top + height / 2 - (count - 1) * 9 - 3;
    for line in &lines {
        text(out, 16, y, 13, "#0f172a", true, line);
        y += 18;
    }
    if code != name {
        text(out, 16, y, 9, "#94a3b8", false, &code);
    }
}

/// A name over at most so many lines.
fn wrapped(name: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for c in name.chars() {
        let line = lines.last_mut().expect("there is one line from the start");
        let mut longer = line.clone();
        longer.push(c);
        if width(&longer) > columns {
            // Where words are set apart, the last one goes to the next line whole.
            let at = line.rfind(' ').filter(|at| at * 2 > line.len() && c != ' ');
            let rest = at.map(|at| line.split_off(at)).unwrap_or_default();
            lines.push(format!("{rest}{c}").trim_start().to_owned());
        } else {
            *line = longer;
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        lines[most - 1] = fit(&format!("{}……", lines[most - 1]), columns);
    }
    lines
}

const fn ink(relation: Relation) -> (&'static str, &'static str, &'static str) {
    match relation {
        Relation::WasGeneratedBy => ("#4f46e5", "made", ""),
        Relation::WasInvalidatedBy => ("#dc2626", "end", " stroke-dasharray=\"5 4\""),
        _ => ("#94a3b8", "tip", ""),
    }
}

/// A line with its branches; where it goes on in the band below, it ends at the right and begins anew at the left.
fn draw_line(out: &mut String, laid: &Layout, line: &Line) {
    let Some(begun) = laid.places.get(&line.from) else { return };
    let (colour, tip, dash) = ink(line.relation);
    let mut branch = |x: i64, y: i64, to: &Place| {
        let mut path = format!("M{x} {y}");
        curve(&mut path, (x, y), (to.left() - 2, to.y));
        let _ = writeln!(
            out,
            "<path d=\"{path}\" stroke=\"{colour}\"{dash} marker-end=\"url(#{tip})\"/>"
        );
    };
    let ends: Vec<&Place> = line.to.iter().filter_map(|to| laid.places.get(to)).collect();
    let last = ends.iter().map(|p| p.layer).max().unwrap_or(begun.layer);
    let (mut x, mut y) = (begun.left() + NODE_WIDTH, begun.y);
    // What several say of one thing may go back in time.
    ends.iter().filter(|to| to.layer <= begun.layer).for_each(|to| branch(x, y, to));
    let mut trunk = format!("M{x} {y}");
    for layer in begun.layer + 1..=last {
        let Some(height) = line.before(&laid.places, layer) else {
            // Too many lines to find a way for each.
            ends.iter().filter(|to| to.layer >= layer).for_each(|to| branch(x, y, to));
            break;
        };
        if layer.is_multiple_of(COLUMNS) {
            let _ = write!(trunk, " H{} M{} {height}", x + GAP / 2, LEFT + ENTRY / 2);
            (x, y) = (LEFT + ENTRY / 2, height);
        }
        ends.iter().filter(|to| to.layer == layer).for_each(|to| branch(x, y, to));
        if layer < last
            && let Some(place) = line.through.get(layer - begun.layer - 1)
        {
            curve(&mut trunk, (x, y), (place.left(), place.y));
            (x, y) = (place.left() + NODE_WIDTH, place.y);
            let _ = write!(trunk, " H{x}");
        }
    }
    if trunk.contains('H') {
        let _ = writeln!(out, "<path d=\"{trunk}\" stroke=\"{colour}\"{dash}/>");
    }
}

/// A number where a line leaves a band, and the same where it enters the next: one for each node that lines come from.
fn draw_numbers(out: &mut String, graph: &Graph, laid: &Layout, lang: Lang) {
    let mut numbers: BTreeMap<&Item, usize> = BTreeMap::new();
    let mut lines: Vec<&Line> = laid.lines.iter().filter(|l| !l.entries.is_empty()).collect();
    lines.sort_by_key(|line| laid.places.get(&line.from).map(|p| (p.layer, p.y)));
    for line in lines {
        let Some(begun) = laid.places.get(&line.from) else { continue };
        for (at, entry) in line.entries.iter().enumerate() {
            let next = numbers.len() + 1;
            let number = *numbers.entry(&line.from).or_insert(next);
            let layer = (begun.band() + at + 1) * COLUMNS;
            // It left the band above at its last column.
            let left = match layer.checked_sub(begun.layer + 2) {
                Some(passed) => line.through.get(passed).map(|p| p.y),
                None => Some(begun.y),
            };
            let colour = ink(line.relation).0;
            let (title, _) = words::title(graph, &line.from, lang);
            let right = Place { layer: layer - 1, y: 0 }.left() + NODE_WIDTH + GAP / 2 + 4;
            for (x, y) in [(Some(right), left), (Some(LEFT + ENTRY / 2), Some(*entry))]
                .into_iter()
                .filter_map(|(x, y)| x.zip(y))
            {
                let _ = writeln!(
                    out,
                    "<g><title>{}</title><circle cx=\"{x}\" cy=\"{y}\" r=\"9\" fill=\"{colour}\"/>",
                    escape(&title)
                );
                centred(out, x, y + 3, 9, "#ffffff", true, &number.to_string());
                out.push_str("</g>\n");
            }
        }
    }
}

fn curve(path: &mut String, (x, y): (i64, i64), (to_x, to_y): (i64, i64)) {
    let bend = if to_x > x { (to_x - x) / 2 } else { GAP };
    let _ = write!(path, " C{} {y} {} {to_y} {to_x} {to_y}", x + bend, to_x - bend);
}

fn draw_node(out: &mut String, graph: &Graph, item: &Item, place: Place, lang: Lang) {
    let (x, y) = (place.left(), place.y - NODE_HEIGHT / 2);
    let (title, id) = words::title(graph, item, lang);
    let _ = writeln!(out, "<g><title>{}</title>", escape(&format!("{title} {item}")));
    if graph.starts.contains(item) {
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"15\" fill=\"none\" stroke=\"#f59e0b\" stroke-width=\"3\"/>",
            x - 5,
            y - 5,
            NODE_WIDTH + 10,
            NODE_HEIGHT + 10
        );
    }
    match item {
        Item::Activity(id) => {
            if let Some(activity) = graph.activity(id) {
                draw_act(out, activity, &title, x, y, lang);
            }
        }
        _ => draw_thing(out, item, &title, &id, x, y),
    }
    out.push_str("</g>\n");
}

fn draw_act(out: &mut String, activity: &Activity, title: &str, x: i64, y: i64, lang: Lang) {
    let fill = match activity.kind.as_str() {
        "deny" | "revoke" | "close" | "erase" | "withdraw" | "licence-revoke"
        | "licence-cancel" => "#b91c1c",
        "decide" | "confirm" => "#b45309",
        "access" | "deliver" => "#0f766e",
        _ => "#4338ca",
    };
    if activity.folded.is_some() {
        // Many behind the last one.
        for (by, opacity) in [(6, "0.25"), (3, "0.5")] {
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{NODE_WIDTH}\" height=\"{NODE_HEIGHT}\" rx=\"26\" fill=\"{fill}\" fill-opacity=\"{opacity}\"/>",
                x + by,
                y + by
            );
        }
    }
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{NODE_WIDTH}\" height=\"{NODE_HEIGHT}\" rx=\"26\" fill=\"{fill}\" filter=\"url(#lift)\"/>"
    );
    let note = words::note(activity, lang);
    let notes = if note.is_empty() { Vec::new() } else { wrapped(&note, OTHER, 2) };
    let when = format!("{} · #{}", words::when(activity), activity.height);
    let middle = x + NODE_WIDTH / 2;
    // Three or four lines, or two with more air.
    let (mut line, step) = match notes.len() {
        0 => (y + 31, 19),
        1 => (y + 24, 17),
        _ => (y + 18, 14),
    };
    centred(out, middle, line, 13, "#ffffff", true, &fit(title, FIRST));
    for words in &notes {
        line += step;
        centred(out, middle, line, 11, "#ffffff", false, words);
    }
    centred(out, middle, line + step, 10, "#ffffffcc", false, &fit(&when, OTHER + 6));
}

fn draw_thing(out: &mut String, item: &Item, title: &str, id: &str, x: i64, y: i64) {
    let colour = match item {
        Item::Request(_) => "#64748b",
        Item::Thing(Node::Grant(_)) => "#d97706",
        Item::Thing(Node::Resource(_)) => "#0d9488",
        Item::Thing(Node::Licence(_)) => "#be123c",
        Item::Thing(Node::Record(_)) => "#7c3aed",
        _ => "#2563eb",
    };
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{NODE_WIDTH}\" height=\"{NODE_HEIGHT}\" rx=\"11\" fill=\"#ffffff\" stroke=\"{colour}\" stroke-width=\"1.6\" filter=\"url(#lift)\"/>"
    );
    let lines = wrapped(title, FIRST - 1, 2);
    let mut line = y + if lines.len() > 1 { 23 } else { 31 };
    let _ =
        writeln!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"{colour}\"/>", x + 15, line - 5);
    for words in &lines {
        text(out, x + 27, line, 13, "#0f172a", true, words);
        line += 17;
    }
    text(out, x + 27, line, 10, "#64748b", false, &fit(id, OTHER - 1));
}

fn legend(out: &mut String, top: i64, lang: Lang) {
    let (mut y, mut x) = (top + 36, 24);
    let pairs: [(&str, &str, &str, bool); 7] = [
        ("#0d9488", "resource", "数据资源", false),
        ("#64748b", "request", "申请", false),
        ("#d97706", "grant", "授权", false),
        ("#2563eb", "data, document", "数据、文件", false),
        ("#be123c", "licence", "电子证照", false),
        ("#4338ca", "act (one record)", "账本行为（一条记录）", true),
        ("#b91c1c", "end or denial", "终止或拒绝", true),
    ];
    for (colour, en, zh, act) in pairs {
        let word = lang.pick(en, zh);
        let (radius, fill) = if act { (8, colour) } else { (4, "#ffffff") };
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{}\" width=\"26\" height=\"16\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"1.6\"/>",
            y - 12
        );
        text(out, x + 34, y + 1, 12, "#334155", false, word);
        x += 34 + pixels(word, 12) + 22;
    }
    (x, y) = (24, y + 30);
    for (colour, tip, en, zh) in [
        ("#94a3b8", "tip", "used", "使用"),
        ("#4f46e5", "made", "made", "产生"),
        ("#dc2626", "end", "ended", "终止"),
    ] {
        let word = lang.pick(en, zh);
        let _ = writeln!(
            out,
            "<path d=\"M{x} {line} H{}\" stroke=\"{colour}\" stroke-width=\"1.6\" marker-end=\"url(#{tip})\"/>",
            x + 30,
            line = y - 4
        );
        text(out, x + 38, y + 1, 12, "#334155", false, word);
        x += 38 + pixels(word, 12) + 24;
    }
    let _ = writeln!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"9\" fill=\"#94a3b8\"/>", x + 9, y - 4);
    centred(out, x + 9, y - 1, 9, "#ffffff", true, "1");
    let word = lang.pick("goes on in the band below at the same number", "在下一行同号处继续");
    text(out, x + 26, y + 1, 12, "#334155", false, word);
}

fn pixels(text: &str, size: i64) -> i64 {
    i64::try_from(width(text)).unwrap_or(0) * size * 11 / 20
}

fn text(out: &mut String, x: i64, y: i64, size: i64, fill: &str, bold: bool, words: &str) {
    let weight = if bold { " font-weight=\"600\"" } else { "" };
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{fill}\"{weight}>{}</text>",
        escape(words)
    );
}

fn centred(out: &mut String, x: i64, y: i64, size: i64, fill: &str, bold: bool, words: &str) {
    let weight = if bold { " font-weight=\"600\"" } else { "" };
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{fill}\" text-anchor=\"middle\"{weight}>{}</text>",
        escape(words)
    );
}
