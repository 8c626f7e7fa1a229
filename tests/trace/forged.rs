//! What fits in itself and is not what it seems: a chain that nobody signed, a genesis with other names, records of two ledgers.

use std::{collections::BTreeMap, sync::Arc};

use yinxin_gm::Digest;
use yinxin_receipt::{Anchor, Genesis, Receipt, Wire};
use yinxin_sharing::provenance::{Filter, Graph};
use yinxin_store::{RocksDisk, Store};
use yinxin_tests::{
    acts::{Ledger, Plan, fill, forge},
    place::Place,
};
use yinxin_verdict::Lang;
use yinxin_verify::Evidence;

/// A node's directory with the ledger that `fill` makes.
fn directory(place: &Place, name: &str, make: impl FnOnce(Arc<RocksDisk>) -> Store) -> Store {
    let data = place.file(&format!("{name}/data"));
    std::fs::create_dir_all(&data).unwrap();
    place.write(&format!("{name}/ledger.genesis"), Ledger::genesis().to_der());
    let settings = "genesis = \"ledger.genesis\"\n[node]\ndata_dir = \"data\"\n";
    place.write(&format!("{name}/node.toml"), settings);
    make(Arc::new(RocksDisk::open(&data.join("ledger")).unwrap()))
}

/// Parents, bodies, roots, rules, index: all of it fits. No validator signed it.
#[test]
fn a_chain_that_its_validators_did_not_sign_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = &Place::new(folder.path());
    let plan = || Plan::new(1, Some(8));
    let honest = directory(place, "honest", |disk| fill(disk, plan(), |_| {}).store);
    let height = honest.view().head_ref().height;
    assert!(height > 1);
    honest.close();
    directory(place, "forged", |disk| forge(disk, plan()).store).close();
    directory(place, "empty", |disk| Ledger::empty(disk)).close();
    let temporary = place.file("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let run = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let output = place.command(&words).env("TMPDIR", &temporary).output().unwrap();
        let left = std::fs::read_dir(&temporary).unwrap().count();
        assert_eq!(left, 0, "{line}: what was derived is removed");
        yinxin_tests::place::Said::new(line, &output)
    };
    let signed = format!("block {height} is signed by 1 of the 1 validators in office");
    run("audit check honest").must(0, &["0 differ", &signed, "by the node's own genesis only"]);
    run("node reindex honest").must(0, &["put: 0, removed: 0"]);
    for line in ["audit check forged", "node reindex forged"] {
        run(line).must(1, &["its validators did not sign it"]);
    }
    for line in ["audit check empty", "node reindex empty"] {
        run(line).must(0, &["no block yet, and so no signature"]);
    }
    // The ledger is the one of the trust folder, or it is not believed at all.
    place.write("trust/ledger.genesis", Ledger::genesis().to_der());
    run("audit check honest --trust trust").must(0, &["which the trust folder knows"]);
    place.write("other/ledger.genesis", renamed(&Ledger::genesis(), "elsewhere").to_der());
    run("audit check honest --trust other").must(4, &[]);
}

/// A genesis in which every organisation has another name; what its founders signed, this is not.
fn renamed(genesis: &Genesis, name: &str) -> Genesis {
    let mut other = genesis.clone();
    for organisation in &mut other.organisations {
        organisation.name = name.to_owned();
    }
    other
}

/// Names come from the ledger that the trust folder knows, or there are none.
pub(super) fn names_of_a_foreign_genesis_are_not_taken(place: &Place, at: &str) {
    place.ok(&format!("audit export opinion.txt --document opinion.txt {at} --out named"));
    let genesis = Genesis::from_der(&place.read("trust/ledger.genesis")).unwrap();
    assert!(genesis.organisations.iter().all(|o| o.name.starts_with('D')));
    let foreign = renamed(&genesis, "IMPOSTOR").to_der();
    let (own, list) = (place.read("named/trust/ledger.genesis"), place.read("named/manifest.json"));
    let trace = "trace opinion.txt --backward --evidence named --trust trust --verify";
    place.ends(trace, 0, &["D1", "D2", "all hold", "maker left something out is not shown"]);
    place.write("named/trust/ledger.genesis", &foreign);
    place.write("named/manifest.json", super::fitting(&list, "trust/ledger.genesis", &foreign));
    let said = place.ends(trace, 0, &["organisations are not named"]);
    assert!(!format!("{}{}", said.out, said.err).contains("IMPOSTOR"), "{}", said.out);
    place.ends("verify --trust trust named", 1, &["LEDGERS_MIXED"]);
    // An exported package has the node's genesis only if it is that ledger's: the picture is drawn with no other names.
    let copied = place.ends(
        "audit export opinion.txt --evidence named --trust trust --out copied",
        0,
        &["organisations are not named"],
    );
    assert!(!place.file("copied/trust/ledger.genesis").exists(), "{}", copied.out);
    let report = String::from_utf8(place.read("copied/report.html")).unwrap();
    assert!(!report.contains("IMPOSTOR"));
    place.write("named/trust/ledger.genesis", own);
    place.write("named/manifest.json", list);
    place.ok("verify --trust trust named");
}

/// Both are trusted, every receipt holds, list and picture fit: still it is no one story.
pub(super) fn records_of_two_ledgers_are_no_one_story(place: &Place) {
    let store = fill(Arc::new(yinxin_store::MemoryDisk::default()), Plan::new(1, Some(8)), |_| {});
    let id = store.call.as_ref().unwrap().window;
    let receipt = store.receipt(&id);
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for folder in ["receipts", "trust"] {
        for file in std::fs::read_dir(place.file(&format!("named/{folder}"))).unwrap() {
            let file = file.unwrap();
            let name = format!("{folder}/{}", file.file_name().to_str().unwrap());
            files.insert(name, std::fs::read(file.path()).unwrap());
        }
    }
    let sealed = |files: &BTreeMap<String, Vec<u8>>| {
        let package = Evidence::of_files(files.clone());
        let found: Vec<_> = package.records().into_iter().map(|(found, _)| found).collect();
        let mut graph = Graph::of(&found, &Filter::default());
        let genesis = Genesis::from_der(&files["trust/ledger.genesis"]).unwrap();
        let names = genesis.organisations.iter().map(|o| (o.code.as_str(), o.name.as_str()));
        graph.name_organisations(names);
        Evidence::seal(files.clone(), &graph, Lang::En).to_der()
    };
    place.copy("trust/ledger.genesis", "both/a.genesis");
    place.copy("trust/ca.cer", "both/ca.cer");
    place.write("both/b.genesis", Ledger::genesis().to_der());
    place.write("one.evidence", sealed(&files));
    place.ends("verify --trust both one.evidence", 0, &["VALID"]);
    // A receipt that stands on a checkpoint has no place in the story, and so none in its package.
    let (name, der) = files.iter().find(|(name, _)| name.starts_with("receipts/")).unwrap();
    let (name, whole) = (name.clone(), der.clone());
    let rebased = Receipt::from_der(&whole).unwrap();
    let rebased = Receipt { anchor: Anchor::Checkpoint(Digest([7; 32])), ..rebased };
    files.insert(name.clone(), rebased.to_der());
    place.write("rebased.evidence", sealed(&files));
    place.ends("verify --trust both rebased.evidence", 1, &["stands on a checkpoint"]);
    files.insert(name, whole);
    files.insert(format!("receipts/{id}.receipt"), receipt.to_der());
    place.write("mixed.evidence", sealed(&files));
    place.ends("verify --trust both mixed.evidence", 1, &["LEDGERS_MIXED"]);
    let trace = "trace opinion.txt --evidence mixed.evidence --trust both";
    place.ends(trace, 1, &["records of several ledgers"]);
}
