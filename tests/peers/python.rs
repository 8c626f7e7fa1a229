//! What we write for others is read by programs that know nothing of us: PROV-JSON by the package prov, DCAT by an RDF store.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::{collections::BTreeMap, path::Path, process::Command, sync::Arc};

use serde_json::{Value, json};
use yinxin_sharing::{
    catalogue::{Columns, read_csv, to_dcat},
    provenance::{Item, Relation, to_prov_json},
};
use yinxin_store::MemoryDisk;
use yinxin_tests::{
    absent::absent,
    acts::{Local, Plan, fill, found_whole},
    root,
};

/// Debian's own Python first: a newer one in the path has none of Debian's packages.
const PYTHONS: [&str; 2] = ["/usr/bin/python3", "python3"];

/// A Python that has a package, or a line that says that there is none.
fn python(package: &str) -> Option<Command> {
    let has = |python: &&&str| {
        let import = Command::new(**python).args(["-c", &format!("import {package}")]).output();
        import.is_ok_and(|output| output.status.success())
    };
    let found = PYTHONS.iter().find(has);
    if found.is_none() {
        absent(format!("no Python with {package} (Debian package python3-{package})"));
    }
    found.map(Command::new)
}

fn tells(mut python: Command, script: &str, args: &[&str]) -> Value {
    let script = root().join("tests/peers/python").join(script);
    let output =
        python.arg(script).args(args).env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn our_provenance_is_read_by_another_program() {
    let Some(python) = python("prov") else { return };
    let filled = fill(Arc::new(MemoryDisk::default()), Plan::new(2_000, None), |_| {});
    let story = &filled.stories[0];
    let graph = found_whole(&Local::new(filled.store.view()), story);
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "story.json", &to_prov_json(&graph));
    let end = Item::content(story.end);
    let told = tells(python, "read_prov.py", &[&path, &format!("yx:{end}")]);

    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for edge in &graph.edges {
        let kind = match edge.relation {
            Relation::ActedOnBehalfOf => "Delegation",
            Relation::Used => "Usage",
            Relation::WasAssociatedWith => "Association",
            Relation::WasAttributedTo => "Attribution",
            Relation::WasDerivedFrom => "Derivation",
            Relation::WasGeneratedBy => "Generation",
            Relation::WasInvalidatedBy => "Invalidation",
            other => unreachable!("{other:?}"),
        };
        *expected.entry(kind).or_default() += 1;
    }
    for item in &graph.items {
        let kind = match item {
            Item::Activity(_) => "Activity",
            Item::Organisation(_) | Item::Person(_) => "Agent",
            _ => "Entity",
        };
        *expected.entry(kind).or_default() += 1;
    }
    // That it may be cut short is said by an entity of its own.
    *expected.entry("Entity").or_default() += usize::from(graph.truncated);
    assert!(expected["Derivation"] > 100 && expected["Delegation"] > 0, "{expected:?}");
    assert_eq!(told["records"], json!(expected));
    assert_eq!(told["provn"], json!(expected["Derivation"]));
    assert_eq!(told["writes_what_it_read"], true);
    // What the end came from, by its arrows and by ours.
    let (mut sources, mut ends) = (std::collections::BTreeSet::new(), vec![end]);
    while let Some(at) = ends.pop() {
        let from = graph
            .edges
            .iter()
            .filter(|e| e.relation == Relation::WasDerivedFrom && e.subject == at);
        for edge in from {
            if sources.insert(format!("yx:{}", edge.object)) {
                ends.push(edge.object.clone());
            }
        }
    }
    assert!(sources.len() > 80, "{}", sources.len());
    assert_eq!(told["came_from"], json!(sources));
}

const TABLE: &str = "\
提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则
11330105002500287C,某局,307/1,2,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,企业名称,字符型,一般1级,
11330105002500287C,某局,307/1,2,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,法定代表人,字符型,一般3级,keep/1/0
11330105002500287C,某局,307/2,1,举报人信息,姓名,不予共享,,某法,实时,姓名,字符型,一般4级,
";

#[test]
fn our_catalogue_is_read_by_another_program() {
    let Some(python) = python("rdflib") else { return };
    let table = read_csv(TABLE.as_bytes(), &Columns::standard().unwrap()).unwrap();
    assert_eq!(table.resources.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    let text = to_dcat("某市目录", &table.resources).to_string();
    let told = tells(python, "read_dcat.py", &[&file(folder.path(), "catalogue.jsonld", &text)]);
    let data_set = |code: &str, title: &str, description: &str, version: &str| {
        json!({
            "id": format!("urn:yinxin:resource:11330105002500287C.{}", code.replace('/', "~")),
            "type": "http://www.w3.org/ns/dcat#Dataset",
            "identifier": code,
            "title": format!("{title}@zh"),
            "description": format!("{description}@zh"),
            "version": version,
            "publisher": ["11330105002500287C", "某局@zh"],
        })
    };
    let authority = |of: &str| format!("http://publications.europa.eu/resource/authority/{of}");
    let mut expected = [
        data_set("307/1", "企业登记信息", "名称与代码", "2"),
        data_set("307/2", "举报人信息", "姓名", "1"),
    ];
    for (data_set, frequency, access, items) in [
        (0, "DAILY", "RESTRICTED", &["企业名称@zh", "法定代表人@zh"][..]),
        (1, "UPDATE_CONT", "NON_PUBLIC", &["姓名@zh"]),
    ] {
        let mut items = items.to_vec();
        items.sort_unstable();
        expected[data_set]["frequency"] = authority(&format!("frequency/{frequency}")).into();
        expected[data_set]["access"] = authority(&format!("access-right/{access}")).into();
        expected[data_set]["items"] = json!(items);
    }
    assert_eq!(told, json!(expected));
}
