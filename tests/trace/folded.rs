//! A grant that is used again and again, in a package: told as one, handed on so, and cut by a time as far as the package shows it.

use std::{collections::BTreeMap, sync::Arc};

use yinxin_receipt::{StatusProof, Wire};
use yinxin_record::state_key;
use yinxin_sharing::provenance::{AsOf, Direction, Filter, Limits, Start, trace};
use yinxin_store::MemoryDisk;
use yinxin_tests::{
    acts::{Filled, Ledger, Local, Plan, fill},
    place::Place,
};
use yinxin_verdict::Lang;
use yinxin_verify::Evidence;

/// How a state stands at the head, as the ledger's nodes prove it.
fn status(filled: &Filled, key: &[u8]) -> Vec<u8> {
    let view = filled.store.view();
    let (header, certificate) = view.header(filled.height()).unwrap().unwrap();
    let (value, path) = view.prove_state(key).unwrap();
    StatusProof::new(key.to_vec(), value, path, header, certificate).to_der()
}

#[test]
fn windows_that_are_told_as_one_stay_so_in_a_package_of_a_package() {
    let folder = tempfile::tempdir().unwrap();
    let place = &Place::new(folder.path());
    let filled = fill(Arc::new(MemoryDisk::default()), Plan::new(6_000, Some(4)), |_| {});
    let windows = filled.stories.iter().flat_map(|story| &story.windows);
    let (grant, count) = windows.max_by_key(|(_, count)| **count).unwrap();
    assert!(*count > 4, "{count}");
    let source = Local::new(filled.store.view());
    let (start, limits, all) = (Start::Request(*grant), Limits::default(), Filter::default());
    let (both, now) = (Direction::Both, AsOf::default());
    let (mut graph, found) = trace(&source, &start, both, now, limits, &all).unwrap();
    let genesis = Ledger::genesis();
    let names = genesis.organisations.iter().map(|o| (o.code.as_str(), o.name.as_str()));
    graph.name_organisations(names);
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for id in found.iter().map(|f| f.record.id()) {
        files.insert(format!("receipts/{id}.receipt"), filled.receipt(&id).to_der());
    }
    let folded = graph.activities.iter().filter_map(|a| a.folded).map(|f| (f.grant, f.minute));
    let folded: Vec<_> = folded.collect();
    assert!(folded.iter().any(|(of, _)| of == grant));
    for (number, (of, minute)) in folded.iter().enumerate() {
        let proof = status(&filled, &state_key::access(of, *minute));
        files.insert(format!("status/{number:04}.status"), proof);
    }
    files.insert("trust/ledger.genesis".to_owned(), genesis.to_der());
    place.write("trust/ledger.genesis", genesis.to_der());
    place.write("case.evidence", Evidence::seal(files, &graph, Lang::En).to_der());
    place.ends("verify --trust trust case.evidence", 0, &["VALID"]);
    let of_package = |name: &str| format!("q:{grant} --evidence {name} --trust trust");
    place.ok(&format!("audit export {} --out again.evidence", of_package("case.evidence")));
    place.ends("verify --trust trust again.evidence", 0, &["VALID"]);
    let told = |more: &str| {
        let said = place.run(&format!("--json trace {}{more}", of_package("again.evidence")));
        said.must(0, &[]);
        said.json()
    };
    let whole = told(" --verify");
    let sum = whole["folded"].as_array().unwrap().iter().find(|f| f["grant"] == grant.to_string());
    let sum = sum.unwrap();
    assert_eq!((&sum["windows"], &whole["truncated"]), (&(*count).into(), &false.into()));
    // The package has the first windows and the last: what lies between is not told as of a time that cuts it.
    for cut in ["since", "until"] {
        let cut = told(&format!(" --{cut} {}", sum["last"].as_str().unwrap()));
        assert_eq!(cut["truncated"], true, "{cut}");
    }
}
