//! Graphviz: data flow from left to right, one cluster for each organisation's acts left to whoever lays it out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use yinxin_verdict::Lang;

use super::graph::{Graph, Item, Relation};
use super::words;

/// The graph in Graphviz' language: what was used points to the act, the act to what it made.
#[must_use]
pub fn to_dot(graph: &Graph, lang: Lang) -> String {
    let mut out = String::from(
        "digraph provenance {\n  rankdir=LR;\n  node [fontname=\"Noto Sans CJK SC\", fontsize=11];\n  edge [fontname=\"Noto Sans CJK SC\", fontsize=9, color=\"#64748b\"];\n",
    );
    let names: BTreeMap<&Item, usize> = graph.items.iter().zip(0..).collect();
    for (item, n) in &names {
        let (title, id) = words::title(graph, item, lang);
        let title = words::told(graph, item, title, lang);
        let shape = match item {
            Item::Activity(_) => "shape=box, style=\"rounded,filled\", fillcolor=\"#e0e7ff\"",
            Item::Organisation(_) | Item::Person(_) => {
                "shape=house, style=filled, fillcolor=\"#fef3c7\""
            }
            _ => "shape=ellipse",
        };
        let _ = writeln!(
            out,
            "  n{n} [{shape}, label=\"{}\\n{}\", tooltip=\"{item}\"];",
            quote(&title),
            quote(&id)
        );
    }
    for edge in &graph.edges {
        let (subject, object) = (names[&edge.subject], names[&edge.object]);
        let label = words::relation(edge.relation, lang);
        // The arrow is the data's way, against PROV's, which points from the later to the earlier.
        let (from, to) = match edge.relation {
            Relation::Used | Relation::WasGeneratedBy | Relation::WasDerivedFrom => {
                (object, subject)
            }
            _ => (subject, object),
        };
        let style = match edge.relation {
            Relation::Used | Relation::WasGeneratedBy => "solid",
            Relation::WasInvalidatedBy => "bold",
            _ => "dotted",
        };
        let _ = writeln!(
            out,
            "  n{from} -> n{to} [style={style}, label=\"{}\", tooltip=\"{}\"];",
            quote(label),
            edge.record
        );
    }
    if graph.truncated {
        let _ = writeln!(out, "  label=\"… {}\";", quote(words::cut_short(lang)));
    }
    out.push_str("}\n");
    out
}

fn quote(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
