//! Mermaid: for wikis and issue trackers that draw it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use yinxin_verdict::Lang;

use super::graph::{Graph, Item, Relation};
use super::words;

/// The graph as a Mermaid flowchart. Attributions are left out: the acts carry who did them.
#[must_use]
pub fn to_mermaid(graph: &Graph, lang: Lang) -> String {
    let mut out = String::from("flowchart LR\n");
    let names: BTreeMap<&Item, usize> = graph.items.iter().zip(0..).collect();
    for (item, n) in &names {
        let (title, id) = words::title(graph, item, lang);
        let title = words::told(graph, item, title, lang);
        let label = format!("{}<br/>{}", quote(&title), quote(&id));
        let (open, close) = match item {
            Item::Activity(_) => ("([", "])"),
            Item::Organisation(_) | Item::Person(_) => ("{{", "}}"),
            _ => ("[", "]"),
        };
        let _ = writeln!(out, "  n{n}{open}\"{label}\"{close}");
    }
    for edge in &graph.edges {
        let (subject, object) = (names[&edge.subject], names[&edge.object]);
        let label = words::relation(edge.relation, lang);
        let _ = match edge.relation {
            Relation::WasAttributedTo | Relation::WasDerivedFrom => continue,
            Relation::Used | Relation::WasGeneratedBy => {
                writeln!(out, "  n{object} --> n{subject}")
            }
            _ => writeln!(out, "  n{subject} -. {label} .-> n{object}"),
        };
    }
    let acts: Vec<_> = names
        .iter()
        .filter(|(item, _)| matches!(item, Item::Activity(_)))
        .map(|(_, n)| format!("n{n}"))
        .collect();
    if graph.truncated {
        let _ = writeln!(out, "  cut[\"… {}\"]", quote(words::cut_short(lang)));
    }
    if !acts.is_empty() {
        let _ = writeln!(
            out,
            "  classDef act fill:#e0e7ff,stroke:#4338ca;\n  class {} act;",
            acts.join(",")
        );
    }
    out
}

/// Mermaid reads entities of HTML within quotes, and nothing else there as its own.
fn quote(text: &str) -> String {
    words::escape(text).replace('#', "#35;").replace("&#35;39;", "#39;").replace('&', "#38;")
}
