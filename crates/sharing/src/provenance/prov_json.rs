//! PROV-JSON, the W3C member submission of 24 April 2013: one object for each kind of element, keyed by identifier.

use serde_json::{Map, Value, json};
use yinxin_gm::Digest;
use yinxin_record::Windows;
use yinxin_verdict::{Lang, UnixTime};

use super::graph::{Graph, Item, Relation};
use super::words;

/// The graph as PROV-JSON. The same graph gives the same bytes: keys stand in alphabetical order.
///
/// # Panics
/// Never: maps with text keys are always JSON.
#[must_use]
pub fn to_prov_json(graph: &Graph) -> String {
    let mut groups: std::collections::BTreeMap<&'static str, Map<String, Value>> =
        std::collections::BTreeMap::new();
    for item in &graph.items {
        let (group, value) = element(graph, item);
        groups.entry(group).or_default().insert(name(item), value);
    }
    for (number, edge) in graph.edges.iter().enumerate() {
        let (first, second) = ends(edge.relation);
        let mut value = Map::new();
        // Alphabetical: prov:…, then yx:….
        let mut pairs = vec![(first, name(&edge.subject)), (second, name(&edge.object))];
        if edge.relation == Relation::WasDerivedFrom {
            pairs.push(("prov:activity", name(&Item::Activity(edge.record))));
        }
        if edge.relation == Relation::ActedOnBehalfOf {
            pairs.push(("prov:activity", name(&Item::Activity(edge.record))));
        }
        pairs.sort();
        for (key, end) in pairs {
            value.insert(key.to_owned(), json!(end));
        }
        if let Some(at) = time_of(graph, edge.relation, &edge.record) {
            value.insert("prov:time".to_owned(), at);
        }
        if !edge.how.is_empty() {
            value.insert(
                "prov:type".to_owned(),
                json!({ "$": format!("yx:{}", edge.how), "type": "prov:QUALIFIED_NAME" }),
            );
        }
        value.insert("yx:record".to_owned(), json!(edge.record.to_string()));
        groups
            .entry(edge.relation.name())
            .or_default()
            .insert(format!("_:e{number:06}"), Value::Object(value));
    }
    if graph.truncated {
        let what = json!({ "$": "yx:cut-short", "type": "prov:QUALIFIED_NAME" });
        let value = json!({ "prov:label": words::cut_short(Lang::En), "prov:type": what });
        groups.entry("entity").or_default().insert("yx:not-shown".to_owned(), value);
    }
    let mut root = Map::new();
    let prefixes = json!({ "xsd": "http://www.w3.org/2001/XMLSchema#", "yx": "urn:yinxin:prov:" });
    groups.insert("prefix", prefixes.as_object().cloned().unwrap_or_default());
    for (group, members) in groups {
        root.insert(group.to_owned(), Value::Object(members));
    }
    let text = serde_json::to_string_pretty(&Value::Object(root));
    text.expect("maps with text keys are always JSON") + "\n"
}

/// A qualified name: the local part has no character that PROV-N would have to escape in ours but `:` and `@`, which JSON does not mind.
fn name(item: &Item) -> String {
    format!("yx:{item}")
}

fn element(graph: &Graph, item: &Item) -> (&'static str, Value) {
    let (label, _) = words::title(graph, item, Lang::Zh);
    let mut value = Map::new();
    match item {
        Item::Activity(id) => {
            if let Some(activity) = graph.activity(id) {
                value.insert("prov:endTime".to_owned(), json!(stamp(activity.time)));
                value.insert("prov:label".to_owned(), json!({ "$": label, "lang": "zh" }));
                let begun = activity.folded.map_or(activity.time, |f| f.first);
                value.insert("prov:startTime".to_owned(), json!(stamp(begun)));
                value.insert(
                    "prov:type".to_owned(),
                    json!({ "$": format!("yx:{}", activity.kind), "type": "prov:QUALIFIED_NAME" }),
                );
                value.insert(
                    "yx:height".to_owned(),
                    json!({ "$": activity.height.to_string(), "type": "xsd:unsignedLong" }),
                );
                value.insert(
                    "yx:index".to_owned(),
                    json!({ "$": activity.index.to_string(), "type": "xsd:unsignedLong" }),
                );
                if let Some(folded) = &activity.folded {
                    value.extend(counts(&folded.windows));
                } else if !activity.note.is_empty() {
                    value.insert("yx:note".to_owned(), json!(words::note(activity, Lang::Zh)));
                }
            }
            ("activity", Value::Object(value))
        }
        Item::Organisation(_) | Item::Person(_) => {
            let kind =
                if matches!(item, Item::Person(_)) { "prov:Person" } else { "prov:Organization" };
            value.insert("prov:label".to_owned(), json!({ "$": label, "lang": "zh" }));
            value.insert(
                "prov:type".to_owned(),
                json!({ "$": kind, "type": "prov:QUALIFIED_NAME" }),
            );
            ("agent", Value::Object(value))
        }
        _ => {
            value.insert("prov:label".to_owned(), json!({ "$": label, "lang": "zh" }));
            ("entity", Value::Object(value))
        }
    }
}

/// What many windows tell as one.
fn counts(windows: &Windows) -> [(String, Value); 5] {
    let Windows { count, served, denied, .. } = *windows;
    let number = |name: &str, n: u64| {
        (name.to_owned(), json!({ "$": n.to_string(), "type": "xsd:unsignedLong" }))
    };
    [
        number("yx:bytes", served.bytes),
        number("yx:calls", served.calls),
        number("yx:denied", denied),
        number("yx:rows", served.rows),
        number("yx:windows", count),
    ]
}

fn time_of(graph: &Graph, relation: Relation, record: &Digest) -> Option<Value> {
    let timed =
        matches!(relation, Relation::Used | Relation::WasGeneratedBy | Relation::WasInvalidatedBy);
    graph.activity(record).filter(|_| timed).map(|a| json!(stamp(a.time)))
}

fn stamp(time: UnixTime) -> String {
    time.to_string()
}

/// The names of a relation's ends: subject, object.
const fn ends(relation: Relation) -> (&'static str, &'static str) {
    match relation {
        Relation::ActedOnBehalfOf => ("prov:delegate", "prov:responsible"),
        Relation::WasAssociatedWith => ("prov:activity", "prov:agent"),
        Relation::WasAttributedTo => ("prov:entity", "prov:agent"),
        Relation::WasDerivedFrom => ("prov:generatedEntity", "prov:usedEntity"),
        Relation::WasGeneratedBy | Relation::WasInvalidatedBy => ("prov:entity", "prov:activity"),
        Relation::Used => ("prov:activity", "prov:entity"),
    }
}
