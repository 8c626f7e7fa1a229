//! The picture: lanes of departments, time from left to right, acts as pills, things as cards.

use std::fmt::Write as _;

use yinxin_record::Node;
use yinxin_verdict::Lang;

use super::graph::{Activity, Graph, Item, Relation};
use super::layout::{GAP, LEFT, Lane, Layout, Line, NODE_HEIGHT, NODE_WIDTH, Place, TOP, layout};
use super::words::{self, escape, fit, width};

const FONT: &str =
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif";
/// Columns that fit a node: a column is half of a Chinese character of 13 pixels, and a Latin letter is about as wide.
const COLUMNS: usize = 24;
const LEGEND: i64 = 76;

/// The graph as a self-contained SVG without scripts; fonts are the reader's.
#[must_use]
pub fn to_svg(graph: &Graph, lang: Lang) -> String {
    let laid = layout(graph);
    let (wide, tall) = (laid.width.max(980), laid.height + LEGEND);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {tall}\" width=\"{wide}\" height=\"{tall}\" font-family=\"{FONT}\" role=\"img\">\n"
    );
    out.push_str(DEFINITIONS);
    let _ = writeln!(out, "<rect width=\"{wide}\" height=\"{tall}\" fill=\"#ffffff\"/>");
    header(&mut out, graph, lang);
    for (number, lane) in laid.lanes.iter().enumerate() {
        draw_lane(&mut out, graph, lane, number, wide, lang);
    }
    let _ = writeln!(out, "<g fill=\"none\" stroke-width=\"1.6\">");
    for line in &laid.lines {
        draw_line(&mut out, &laid, line);
    }
    out.push_str("</g>\n");
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
    text(out, 24, 68, 13, "#64748b", false, &words.join("   ·   "));
    let later = lang.pick("time →", "时间 →");
    text(out, LEFT + 24, TOP - 12, 11, "#94a3b8", false, later);
}

fn draw_lane(out: &mut String, graph: &Graph, lane: &Lane, number: usize, wide: i64, lang: Lang) {
    let Lane { organisation, top, height } = lane;
    let fill = ["#f8fafc", "#f1f5f9"][number % 2];
    let _ = writeln!(
        out,
        "<rect x=\"0\" y=\"{top}\" width=\"{wide}\" height=\"{height}\" fill=\"{fill}\"/>"
    );
    let colour = ["#4f46e5", "#0d9488", "#d97706", "#be185d", "#0369a1", "#65a30d"][number % 6];
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
    let lines = wrapped(&name, 22);
    let count = i64::try_from(lines.len()).unwrap_or(1);
    let mut y = top + height / 2 - (count - 1) * 9 + 2;
    for line in &lines {
        text(out, 22, y, 14, "#0f172a", true, line);
        y += 19;
    }
    if code != name {
        text(out, 22, y, 10, "#94a3b8", false, &code);
    }
}

/// A name over at most three lines.
fn wrapped(name: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for c in name.chars() {
        let line = lines.last_mut().expect("there is one line from the start");
        let mut longer = line.clone();
        longer.push(c);
        if width(&longer) > columns {
            lines.push(c.to_string());
        } else {
            *line = longer;
        }
    }
    if lines.len() > 3 {
        lines.truncate(3);
        lines[2] = fit(&format!("{}……", lines[2]), columns);
    }
    lines
}

fn draw_line(out: &mut String, laid: &Layout, line: &Line) {
    let (Some(from), Some(to)) = (laid.places.get(&line.from), laid.places.get(&line.to)) else {
        return;
    };
    let (colour, tip, dash) = match line.relation {
        Relation::WasGeneratedBy => ("#4f46e5", "made", ""),
        Relation::WasInvalidatedBy => ("#dc2626", "end", " stroke-dasharray=\"5 4\""),
        _ => ("#94a3b8", "tip", ""),
    };
    let (mut x, mut y) = (from.left() + NODE_WIDTH, from.y);
    let mut path = format!("M{x} {y}");
    for place in &line.through {
        curve(&mut path, (x, y), (place.left(), place.y));
        (x, y) = (place.left() + NODE_WIDTH, place.y);
        let _ = write!(path, " H{x}");
    }
    curve(&mut path, (x, y), (to.left() - 2, to.y));
    let _ =
        writeln!(out, "<path d=\"{path}\" stroke=\"{colour}\"{dash} marker-end=\"url(#{tip})\"/>");
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
        for (by, opacity) in [(8, "0.25"), (4, "0.5")] {
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
    let head = if note.is_empty() { title.to_owned() } else { format!("{title} · {note}") };
    centred(out, x + NODE_WIDTH / 2, y + 23, 13, "#ffffff", true, &fit(&head, COLUMNS));
    let when = words::when(activity);
    centred(
        out,
        x + NODE_WIDTH / 2,
        y + 40,
        10,
        "#ffffffcc",
        false,
        &format!("{when} · #{}", activity.height),
    );
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
    let _ =
        writeln!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"{colour}\"/>", x + 17, y + 19);
    text(out, x + 30, y + 24, 13, "#0f172a", true, &fit(title, COLUMNS - 2));
    text(out, x + 30, y + 41, 10, "#64748b", false, &fit(id, COLUMNS + 4));
}

fn legend(out: &mut String, top: i64, lang: Lang) {
    let y = top + 42;
    let mut x = 24;
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
        x += 34 + pixels(word, 12) + 26;
    }
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
