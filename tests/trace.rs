//! A short story of shared data over four nodes, traced from each end, exported as evidence, and its indexes checked.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "trace/folded.rs"]
mod folded;
#[path = "trace/forged.rs"]
mod forged;

use std::time::Duration;

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
use yinxin_receipt::{Receipt, Wire};
use yinxin_record::{
    Act, Approval, Approver, DataAct, Deadline, Decide, Decision, Deliver, DeliveredContent,
    Derive, DeriveMethod, FieldKind, FieldSet, GrantedData, Level, Masking, NegativeList,
    OrganisationCode, PublishCalendar, PublishResource, Recipient, RequestData, ResourceCode,
    ResourceField, SetApprovers, SharingClass, Source, Subjects, Terms, Text, UpdateCycle, Volume,
    key_id,
};
use yinxin_store::{Batch, Disk, RocksDisk, Table};
use yinxin_tests::{
    browser::Browser,
    cluster::{Cluster, DEPARTMENTS, proven, wait_for},
    place::Place,
};
use yinxin_verdict::UnixTime;

const OPINION: &str = "授信意见：同意";

/// What the story left on the ledger.
struct Story {
    request: Digest,
    deliver: Digest,
    derive: Digest,
    /// The height before anything was derived, and its time.
    before: u64,
    delivered: UnixTime,
}

fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn code(n: usize) -> OrganisationCode {
    OrganisationCode::new(DEPARTMENTS[n - 1].0).unwrap()
}

fn resource() -> ResourceCode {
    ResourceCode::of(&code(1), "306001/000001").unwrap()
}

fn day(n: i64) -> UnixTime {
    UnixTime::system_now().floor_to_second().plus_millis(n * 86_400_000)
}

fn publication() -> PublishResource {
    let field = |name: &str| ResourceField {
        name: text(name),
        kind: FieldKind::Text,
        level: Level::General2,
        masking: Masking::None,
        rule: None,
    };
    PublishResource {
        resource: resource(),
        version: 1,
        name: text("法人登记信息"),
        definition: digest("entry"),
        fields: vec![field("name"), field("code")],
        class: SharingClass::Conditional,
        level: Level::General2,
        dual_control: Level::General4,
        cycle: UpdateCycle::Daily,
        responsibilities: Vec::new(),
        negative: NegativeList {
            fields: FieldSet::default(),
            purposes: Vec::new(),
            organisations: Vec::new(),
        },
        automatic: None,
    }
}

/// Publishes, asks, decides, delivers, derives masked data and a document from it.
fn tell(cluster: &Cluster) -> Story {
    let signers: Vec<_> = (1..=3).map(|n| cluster.signer(n)).collect();
    let put = |n: usize, key: &str, act: DataAct| {
        let record = signers[n - 1].act(key, Act::Data(act), 1_000);
        // All through one node: another may be a moment behind the block that an act builds on.
        let receipt = cluster.post(1, &yinxin_record::Wire::to_der(&record));
        (record.id(), proven(&receipt.unwrap_or_else(|e| panic!("{key}: {e:?}"))).2)
    };
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let clerk = PrivateKey::generate(rng);
    let year = PublishCalendar { digest: digest("2026"), from_year: 2026, until_year: 2026 };
    put(3, "calendar", DataAct::PublishCalendar(year));
    let approver = Approver {
        key: *clerk.public_key(),
        issuer: code(3),
        certificate: digest("clerk"),
        level: Level::General2,
    };
    put(1, "approvers", DataAct::SetApprovers(SetApprovers { approvers: vec![approver] }));
    put(1, "publish", DataAct::Publish(publication()));
    let fields: FieldSet = [0, 1].into_iter().collect();
    let limit = Volume { calls: 10, rows: 100, bytes: 10_000 };
    let asked = RequestData {
        resource: resource(),
        version: 1,
        fields: fields.clone(),
        subjects: Subjects { pseudonyms: vec![digest("somebody")], scope: None },
        purpose: text("credit"),
        item: text("item"),
        basis: text("中小企业促进法 第十六条"),
        case: None,
        until: day(30),
        limit,
        level: Level::General2,
        deadline: Deadline { at: day(10), calendar: digest("2026") },
    };
    let until = asked.until;
    let (request, _) = put(2, "request", DataAct::Request(asked));
    let terms = Terms { fields: fields.clone(), until, limit, conditions: None };
    let decision = Decision::Grant(terms);
    let approval = Approval::sign(&signers[0].chain_id, &request, &decision, &clerk, rng).unwrap();
    put(1, "decide", DataAct::Decide(Decide { request, decision, approval }));
    let recipient = Recipient {
        grant: request,
        organisation: code(2),
        key: key_id(signers[1].key.public_key()),
    };
    let delivery = Deliver {
        resource: resource(),
        envelope: digest("envelope"),
        content: digest("content"),
        fields: fields.clone(),
        purpose: text("credit"),
        volume: Volume { calls: 1, rows: 20, bytes: 2_000 },
        recipients: vec![recipient],
        subjects: Vec::new(),
        replaces: None,
    };
    let (deliver, head) = put(1, "deliver", DataAct::Deliver(delivery));
    let delivered = DeliveredContent { server: code(1), content: digest("content") };
    let granted = GrantedData { grant: request, fields, content: Some(delivered) };
    let made = |target, method, source| {
        let (sources, rule, purpose) = (vec![source], digest("rule"), text("credit"));
        DataAct::Derive(Derive { target, method, sources, rule, purpose, subjects: Vec::new() })
    };
    let masked = made(digest("masked"), DeriveMethod::Masked, Source::Grant(granted));
    let (before, delivered) = (head.height, head.time());
    let (derive, head) = put(2, "mask", masked);
    assert!(head.height > before && head.time() > delivered);
    let opinion = made(digest(OPINION), DeriveMethod::Document, Source::Own(digest("masked")));
    put(2, "opinion", opinion);
    Story { request, deliver, derive, before, delivered }
}

#[test]
fn shared_data_are_traced_from_each_end_proven_exported_and_the_indexes_checked() {
    let cluster = Cluster::start();
    let story = tell(&cluster);
    let place = cluster.place();
    place.write("opinion.txt", OPINION);
    let at = format!("--node {} --trust trust", cluster.http(4));
    from_each_end(&cluster, &at, &story);
    as_of(place, &at, &story);
    forms(place, &at);
    evidence(place, &at, &story);
    signed_evidence(place, &at);
    forged::names_of_a_foreign_genesis_are_not_taken(place, &at);
    forged::records_of_two_ledgers_are_no_one_story(place);
    place.ends(&format!("audit check {at}"), 0, &["0 differ", "of the 4 validators in office"]);
    cluster.stop_all();
    a_lie_is_found(&cluster, place, &at);
}

fn acts(place: &Place, line: &str) -> Vec<String> {
    let said = place.run(&format!("--json trace {line}"));
    said.must(0, &[]);
    let prov = said.json()["prov"]["activity"].clone();
    let mut kinds: Vec<String> = prov
        .as_object()
        .map(|acts| {
            let kind = |a: &serde_json::Value| a["prov:type"]["$"].as_str().unwrap().to_owned();
            acts.values().map(kind).collect()
        })
        .unwrap_or_default();
    kinds.sort();
    kinds.iter().map(|k| k.trim_start_matches("yx:").to_owned()).collect()
}

fn from_each_end(cluster: &Cluster, at: &str, story: &Story) {
    let place = cluster.place();
    let all = ["decide", "deliver", "derive", "derive", "publish", "request"];
    let made = ["decide", "deliver", "derive", "derive", "request"];
    let pseudonym = format!("s:{}", digest("somebody"));
    for (subject, expected) in [
        ("opinion.txt --backward".to_owned(), &all[..]),
        (format!("{} --backward", digest(OPINION)), &all),
        (format!("{}@1 --forward", resource()), &made),
        (resource().to_string(), &all),
        (story.request.to_string(), &all),
        (format!("x:{}", story.derive), &all),
        (format!("q:{} --backward", story.request), &["decide", "publish", "request"]),
        (format!("g:{} --forward", story.request), &["decide", "deliver", "derive", "derive"]),
        (format!("g:{} --backward", story.request), &["decide", "publish", "request"]),
        (
            format!("d:{} --backward", digest("content")),
            &["decide", "deliver", "publish", "request"],
        ),
        (format!("{pseudonym} --backward"), &["publish", "request"]),
        (format!("{} --forward", story.derive), &["derive", "derive"]),
        (format!("{pseudonym} --forward"), &made),
        (format!("{} --depth 1 --forward", digest("content")), &["derive"]),
        (format!("{} --forward --kind derive", resource()), &["derive", "derive"]),
        (format!("{} --by {}", resource(), code(2)), &["derive", "derive", "request"]),
        (format!("{} --until {}", resource(), story.delivered), &["decide", "publish", "request"]),
        (format!("{} --since {}", resource(), story.delivered), &["deliver", "derive", "derive"]),
        (
            format!("{} --as-of {}", resource(), story.delivered),
            &["decide", "deliver", "publish", "request"],
        ),
    ] {
        assert_eq!(acts(place, &format!("{subject} {at}")), expected, "{subject}");
    }
    // Every edge stands on a receipt that is checked, each of the nodes' own.
    for n in 1..=4 {
        let at = format!("--node {} --trust trust", cluster.http(n));
        let edges = place.run(&format!("--json trace opinion.txt {at} --verify"));
        assert_eq!(
            (&edges.json()["verified"], &edges.json()["failed"]),
            (&true.into(), &serde_json::json!([]))
        );
        assert_eq!(edges.json()["completeness"], "not-shown");
        place.ends(
            &format!("trace opinion.txt {at} --verify"),
            0,
            &[
                &format!("{} edges, 6 receipts: all hold", edges.json()["edges"]),
                "whether the node left something out is not shown by this",
            ],
        );
    }
    // An organisation's affairs: also what concerns no resource.
    let bank = acts(place, &format!("{} {at} --verify", code(2)));
    assert!(
        bank.contains(&"derive".to_owned()) && bank.contains(&"publish".to_owned()),
        "{bank:?}"
    );
    place.ends(&format!("trace {} {at}", digest("never seen")), 2, &["nothing is known"]);
    place.ends(&format!("trace nothing {at}"), 2, &["no file"]);
}

fn as_of(place: &Place, at: &str, story: &Story) {
    let then = format!("--as-of {}", story.before);
    let before = acts(place, &format!("{}@1 --forward {then} {at}", resource()));
    assert_eq!(before, ["decide", "deliver", "request"], "nothing was derived yet");
    place.ends(&format!("trace opinion.txt {then} {at}"), 2, &["nothing is known"]);
    // Today is as of its end.
    let today = UnixTime::system_now().china_date();
    assert_eq!(acts(place, &format!("opinion.txt --as-of {today} {at}")).len(), 6);
    let long_ago = format!("trace opinion.txt --as-of 2020-01-01 {at}");
    place.ends(&long_ago, 2, &["nothing is known"]);
}

fn forms(place: &Place, at: &str) {
    let tree =
        place.ends(&format!("trace opinion.txt {at} --verify"), 0, &["came from", "all hold"]);
    assert!(tree.out.contains("└─◇ derive") && !tree.out.contains('\x1b'), "{}", tree.out);
    for (form, word) in [
        ("svg", "<svg"),
        ("dot", "digraph"),
        ("mermaid", "flowchart"),
        ("prov-json", "wasDerivedFrom"),
    ] {
        place.ok(&format!("trace opinion.txt {at} --graph {form} --out picture.{form}"));
        let file = String::from_utf8(place.read(&format!("picture.{form}"))).unwrap();
        assert!(file.contains(word), "{form}: {file}");
    }
    graphviz_draws_it(place);
    mermaid_draws_it(place);
    place.ends(&format!("trace opinion.txt {at} --graph svg --out picture.svg"), 2, &["exists"]);
    // Cut short at the second record of a list: each form says so.
    let short = format!("trace {} {at} --list 1", code(2));
    for form in ["tree", "svg", "dot", "mermaid"] {
        place.ends(&format!("{short} --graph {form}"), 0, &["not all is shown"]);
    }
    place.ends(&format!("{short} --graph prov-json"), 0, &["yx:cut-short"]);
    assert_eq!(place.run(&format!("--json {short}")).json()["truncated"], true);
}

/// Graphviz reads the whole of it: as many nodes and edges as were written.
fn graphviz_draws_it(place: &Place) {
    let dot =
        std::process::Command::new("dot").arg("-Tplain").arg(place.file("picture.dot")).output();
    let Ok(dot) = dot else {
        println!("skipped: no dot (Debian package graphviz)");
        return;
    };
    assert!(dot.status.success(), "{}", String::from_utf8_lossy(&dot.stderr));
    let (plain, written) = (String::from_utf8(dot.stdout).unwrap(), place.read("picture.dot"));
    let written = String::from_utf8(written).unwrap();
    let drawn = |kind: &str| plain.lines().filter(|line| line.starts_with(kind)).count();
    let edges = written.lines().filter(|line| line.contains(" -> ")).count();
    let nodes =
        written.lines().filter(|line| line.starts_with("  n") && line.contains("label=")).count();
    // The lines that set how nodes look, and the edges.
    assert_eq!((drawn("node "), drawn("edge ")), (nodes - edges, edges));
    assert!(edges > 20, "{edges}");
}

/// Mermaid, in a browser, reads the whole of it. `YINXIN_MERMAID` names its script, `mermaid.min.js`.
fn mermaid_draws_it(place: &Place) {
    let Some(script) = std::env::var_os("YINXIN_MERMAID") else {
        println!("skipped: no Mermaid (YINXIN_MERMAID: mermaid.min.js of npm's package mermaid)");
        return;
    };
    let Some(browser) = Browser::start() else { return };
    let code = String::from_utf8(place.read("picture.mermaid")).unwrap();
    let page = format!(
        "<!doctype html><meta charset=utf-8><script src=\"file://{}\"></script><p id=said></p><div id=out></div><script>\
         mermaid.initialize({{ startOnLoad: false, maxTextSize: 1e6, maxEdges: 5000 }});\
         mermaid.render('graph', {}).then(r => {{ out.innerHTML = r.svg; said.textContent = 'drawn'; }})\
         .catch(e => {{ said.textContent = 'failed: ' + e; }});</script>",
        script.display(),
        serde_json::to_string(&code).unwrap()
    );
    place.write("mermaid.html", page);
    browser.open(&format!("file://{}", place.file("mermaid.html").display()));
    let said = browser.wait_text("#said", |text| !text.is_empty());
    assert_eq!(said, "drawn", "{code}");
    let nodes = browser.script("return document.querySelectorAll('#out g.node').length");
    let written = code.lines().filter(|l| l.starts_with("  n") && l.contains('\"')).count();
    assert_eq!(nodes, written);
}

fn evidence(place: &Place, at: &str, story: &Story) {
    let export = "audit export opinion.txt --document opinion.txt";
    place.ok(&format!("{export} {at} --out case"));
    place.ok(&format!("{export} {at} --out case.evidence"));
    place.ends("verify --trust trust case case.evidence", 0, &["VALID"]);
    place.ends("verify case.evidence", 3, &[]);
    place.ends(&format!("{export} {at} --out case"), 2, &["exists"]);
    let receipt = format!("case/receipts/{}.receipt", story.deliver);
    // A folder with one file changed, gone, or more than it had.
    let invalid = |file: &str, bytes: Option<Vec<u8>>, word: &str| {
        let before = std::fs::read(place.file(file)).ok();
        match &bytes {
            Some(bytes) => place.write(file, bytes),
            None => std::fs::remove_file(place.file(file)).unwrap(),
        }
        place.ends("verify --trust trust case", 1, &["INVALID", word]);
        match before {
            Some(before) => place.write(file, before),
            None => std::fs::remove_file(place.file(file)).unwrap(),
        }
    };
    invalid("case/documents/opinion.txt", Some(b"other".to_vec()), "DOCUMENT_MISMATCH");
    invalid("case/report.html", Some(b"<p>nothing happened</p>".to_vec()), "picture and report");
    invalid("case/more.txt", Some(Vec::new()), "FILE_UNLISTED");
    invalid(&receipt, None, "DIGEST_MISSING");
    let mut forged = place.read(&receipt);
    let last = forged.len() - 5;
    forged[last] ^= 1;
    invalid(&receipt, Some(forged.clone()), "DIGEST_MISMATCH");
    // With the list made to fit, so that only the record itself does not hold: its last octets are a validator's signature, those
    // of the record's own signature stand before.
    let mut own = place.read(&receipt);
    let parsed = Receipt::from_der(&own).unwrap();
    let record = parsed.subject.record().unwrap();
    let begin = own.windows(record.len()).position(|w| w == record).unwrap();
    own[begin + record.len() - 5] ^= 1;
    for changed in [&forged, &own] {
        let list = place.read("case/manifest.json");
        let fits = fitting(&list, receipt.strip_prefix("case/").unwrap(), changed);
        place.write("case/manifest.json", fits);
        invalid(&receipt, Some(changed.clone()), "receipt");
        place.write("case/manifest.json", list);
    }
    place.ok("verify --trust trust case");
    let mut bytes = place.read("case.evidence");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    place.write("changed.evidence", bytes);
    place.ends("verify --trust trust changed.evidence", 1, &["INVALID"]);
    handed_on(place, at);
    // The same walk over the package alone, and what a forged receipt does to its edges.
    let offline = "trace opinion.txt --backward --evidence case --trust trust --verify";
    place.ends(offline, 0, &["all hold"]);
    place.write(&receipt, forged);
    let said = place.ends(offline, 1, &["does not hold", "wasGeneratedBy"]);
    assert!(said.err.contains(&story.deliver.to_string()), "{}", said.err);
}

/// What is exported from a package has its proofs; documents are named by a record, and by one name each.
fn handed_on(place: &Place, at: &str) {
    let export = "audit export opinion.txt --trust trust";
    place.ok(&format!("{export} --evidence case --document opinion.txt --out again"));
    place.ends("verify --trust trust again", 0, &["VALID"]);
    let proofs = |folder: &str| std::fs::read_dir(place.file(folder)).unwrap().count();
    assert_eq!(proofs("again/status"), proofs("case/status"));
    assert!(proofs("case/status") > 3);
    // One of its proofs is that of another state, with the list made to fit: it is not handed on.
    let (one, list) = (place.read("again/status/0000.status"), place.read("again/manifest.json"));
    let mut changed = one.clone();
    let last = changed.len() - 5;
    changed[last] ^= 1;
    place.write("again/manifest.json", fitting(&list, "status/0000.status", &changed));
    place.write("again/status/0000.status", changed);
    place.ends(&format!("{export} --evidence again --out third"), 1, &["does not hold"]);
    place.write("again/status/0000.status", one);
    place.write("again/manifest.json", list);
    place.write("other/opinion.txt", OPINION);
    place.write("other/unknown.txt", "of no record");
    for (documents, said) in [
        ("--document opinion.txt --document other/opinion.txt", "the same name"),
        ("--document other/unknown.txt", "no record of the package names"),
    ] {
        let export = format!("audit export opinion.txt {at} {documents} --out third");
        place.ends(&export, 2, &[said]);
        assert!(!place.file("third").exists());
    }
    // A list of a package has what is about its thing: a short one is not filled by what is not.
    let short = "opinion.txt --backward --evidence case --trust trust --list 5";
    assert_eq!(acts(place, short), ["decide", "deliver", "derive", "derive", "publish", "request"]);
    assert_eq!(place.run(&format!("--json trace {short}")).json()["truncated"], false);
}

/// A package's list with the digest of a file as it is now.
fn fitting(list: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut list: serde_json::Value = serde_json::from_slice(list).unwrap();
    for file in list["files"].as_array_mut().unwrap() {
        if file["name"] == name {
            file["sm3"] = sm3::digest(content).to_string().into();
            file["size"] = content.len().into();
        }
    }
    serde_json::to_vec_pretty(&list).unwrap()
}

/// An auditor who is no member answers for a package: who made it is told, and whatever is taken out of it.
fn signed_evidence(place: &Place, at: &str) {
    place.ok("key new audit.key --password-file pw");
    place.ok("key csr audit.key --password-file pw --organisation Auditor --code 11990100MB0A00077E --out audit.csr");
    place.ok("ca issue ca audit.csr --password-file pw --out audit.cer");
    let export = format!("audit export opinion.txt --document opinion.txt {at} --key audit.key");
    place.ends(&format!("{export} --out unsigned"), 2, &["--cert"]);
    let export = format!("{export} --cert audit.cer --password-file pw");
    place.ends(&format!("{export} --out signed"), 0, &["signed by Auditor"]);
    place.ok(&format!("{export} --out signed.evidence"));
    place.ends("verify --trust trust signed signed.evidence", 0, &["Auditor", "VALID"]);
    // Two departments, the CA and its list; the clerk's certificate is not at hand, which is told.
    let files = std::fs::read_dir(place.file("signed/certificates")).unwrap();
    let mut endings: Vec<String> = files
        .map(|file| file.unwrap().path().extension().unwrap().to_str().unwrap().to_owned())
        .collect();
    endings.sort();
    assert_eq!(endings, ["cer", "cer", "cer", "crl"]);
    place.ends(
        "verify --trust trust signed",
        0,
        &["not in the package", "certificate not revoked"],
    );
    // A record is taken out, with its line of the list: nothing fits, but it could be made to; not the signature.
    let list = place.read("signed/manifest.json");
    let mut shorter: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let files = shorter["files"].as_array_mut().unwrap();
    let at = files.iter().position(|f| f["name"].as_str().unwrap().starts_with("receipts/"));
    let gone = files.remove(at.unwrap())["name"].as_str().unwrap().to_owned();
    let receipt = place.read(&format!("signed/{gone}"));
    place.write("signed/manifest.json", serde_json::to_vec_pretty(&shorter).unwrap());
    std::fs::remove_file(place.file(&format!("signed/{gone}"))).unwrap();
    place.ends(
        "verify --trust trust signed",
        1,
        &["package signed by whoever made it", "DIGEST_MISMATCH"],
    );
    place.write(&format!("signed/{gone}"), receipt);
    place.write("signed/manifest.json", list);
    place.ok("verify --trust trust signed");
    // A department's certificate, taken back as of before it signed: the package brings its chain, the folder the newer list.
    place.ok("ca revoke ca n2/org.cer --reason keyCompromise --since 2020-01-01");
    place.ok("ca crl ca --password-file pw --out later.crl");
    place.copy("later.crl", "trust/later.crl");
    place.ends("verify --trust trust signed", 1, &["CERT_REVOKED"]);
    std::fs::remove_file(place.file("trust/later.crl")).unwrap();
}

fn ledger_of(place: &Place) -> RocksDisk {
    RocksDisk::open(&place.file("n4/data/ledger")).unwrap()
}

fn index_of(place: &Place) -> Vec<(Vec<u8>, Vec<u8>)> {
    ledger_of(place).scan(Table::Index, &[], &[], usize::MAX).unwrap()
}

fn change(place: &Place, changes: impl FnOnce(&mut Batch)) {
    let mut batch = Batch::default();
    changes(&mut batch);
    ledger_of(place).write(batch, true).unwrap();
}

/// Somebody with the disk in hand adds a record to a department's list: found on the disk, and by whoever asks the node.
fn a_lie_is_found(cluster: &Cluster, place: &Place, at: &str) {
    place.ends("audit check n4 --trust trust", 0, &["0 differ", "of the 4 validators in office"]);
    let told = index_of(place);
    let mut planted = format!("o/{}/", code(4)).into_bytes();
    planted.extend(3_u64.to_be_bytes());
    planted.extend(0_u32.to_be_bytes());
    let never = digest("never happened").as_bytes().to_vec();
    change(place, |batch| batch.put(Table::Index, planted, never.clone()));
    place.ends("audit check n4", 1, &["planted", "1 differ"]);
    cluster.start_node(4);
    assert!(wait_for(Duration::from_secs(60), || cluster.height(4)).is_some());
    place.ends(&format!("audit check {at}"), 1, &["planted", "1 differ"]);
    place.ends("node reindex n4", 5, &["stop the node first"]);
    cluster.stop(4);
    let hidden =
        |kind: &str| told.iter().find(|(key, _)| key.starts_with(kind.as_bytes())).unwrap();
    change(place, |batch| {
        batch.delete(Table::Index, hidden("o/").0.clone());
        batch.put(Table::Index, hidden("f/").0.clone(), never);
    });
    place.ends("audit check n4", 1, &["planted", "missing", "changed", "3 differ"]);
    // Whoever asks misses a record of the log.
    cluster.start_node(4);
    assert!(wait_for(Duration::from_secs(60), || cluster.height(4)).is_some());
    place.ends(&format!("audit check {at}"), 1, &["is in no organisation's list"]);
    cluster.stop(4);
    an_index_is_made_again(place, &told);
}

/// From the blocks alone, byte for byte as it was written with them; not from blocks that are damaged themselves.
fn an_index_is_made_again(place: &Place, told: &[(Vec<u8>, Vec<u8>)]) {
    place.ends("node reindex n4", 0, &["put: 2, removed: 1"]);
    assert!(index_of(place) == told, "it is what was written block by block");
    place.ends("audit check n4", 0, &["0 differ"]);
    change(place, |batch| told.iter().for_each(|(key, _)| batch.delete(Table::Index, key.clone())));
    place.ends("audit check n4", 1, &["missing"]);
    place.ends("node reindex n4", 0, &[&format!("put: {}, removed: 0", told.len())]);
    assert!(index_of(place) == told, "all of it");
    place.ends("node reindex n4", 0, &["put: 0, removed: 0"]);
    let body = ledger_of(place).scan(Table::Bodies, &[], &[], 1).unwrap().remove(0);
    let mut damaged = body.1.clone();
    damaged[100] ^= 1;
    change(place, |batch| batch.put(Table::Bodies, body.0.clone(), damaged));
    place.ends("node reindex n4", 1, &["has other records than its header names"]);
    change(place, |batch| batch.put(Table::Bodies, body.0, body.1));
    place.ends("audit check n4", 0, &["0 differ"]);
    assert!(index_of(place) == told);
}
