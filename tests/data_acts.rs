//! The acts around a share: rules that decide, appeals, demands, derivation, recognition, rotated keys, counts and erasure. Every
//! command asks another node than the one before: what builds on a moment ago is found there too.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "data_acts/denials.rs"]
mod denials;
#[path = "data_acts/foreign.rs"]
mod foreign;
#[path = "data_acts/hostile.rs"]
mod hostile;
#[path = "data_acts/late.rs"]
mod late;
#[path = "data_acts/portal.rs"]
mod portal;
#[path = "data_acts/recognition.rs"]
mod recognition;

use std::{
    cell::Cell,
    collections::BTreeSet,
    time::{Duration, Instant},
};

use yinxin_gm::sm3;
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{Record, Wire};
use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS, wait_for},
    decide::{certificate, rotate},
    liar::hiding,
    place::Place,
};
use yinxin_verdict::UnixTime;

/// Four nodes, and whose turn it is.
struct Town {
    cluster: Cluster,
    turn: Cell<usize>,
}

impl Town {
    fn place(&self) -> &Place {
        self.cluster.place()
    }

    /// The next node.
    fn at(&self) -> String {
        let n = self.turn.get() % 4 + 1;
        self.turn.set(n);
        format!("--node {} --trust trust", self.cluster.http(n))
    }

    /// The next node, once all have the same blocks: a look at the present is as of a node's own.
    fn look(&self) -> String {
        let start = Instant::now();
        let heights = || (1..=4).map(|n| self.cluster.height(n)).collect::<BTreeSet<_>>();
        while heights().len() > 1 {
            assert!(start.elapsed() < Duration::from_secs(60), "the nodes agree: {:?}", heights());
            std::thread::sleep(Duration::from_millis(50));
        }
        self.at()
    }

    /// Signed by a department, sent to the next node.
    fn by(&self, n: usize) -> String {
        let at = self.at();
        format!("--key n{n}/org.key --cert n{n}/org.cer --password-file pw {at}")
    }

    fn ends(&self, line: &str, code: i32, words: &[&str]) -> serde_json::Value {
        let said = self.place().ends(&format!("--json {line}"), code, words);
        serde_json::from_str(&said.out).unwrap_or_default()
    }

    /// A state of the ledger, whole, as a node shows it; its proof is the commands' business.
    fn state<T: Wire>(&self, key: &[u8]) -> T {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = self.cluster.get(1, &format!("/v1/state/{hex}")).unwrap();
        let view: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let der = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            view["der"].as_str().unwrap(),
        );
        T::from_der(&StatusProof::from_der(&der.unwrap()).unwrap().value.unwrap()).unwrap()
    }
}

fn code(n: usize) -> &'static str {
    DEPARTMENTS[n - 1].0
}

fn resource(n: usize) -> String {
    format!("{}.307~{n}", code(1))
}

/// Two resources: of the second a rule decides; a calendar that does not end with the program's; one who decides.
fn materials(place: &Place) {
    let owner = code(1);
    let mut catalogue = String::from(
        "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n",
    );
    for (number, name, level) in [(1, "企业登记信息", "一般3级"), (2, "行政处罚信息", "一般1级")]
    {
        for item in ["企业名称", "联系电话"] {
            catalogue.push_str(&format!("{owner},测试局,307/{number},1,{name},测试,有条件共享,用于信贷审批,,每日,{item},字符型,{level},\n"));
        }
    }
    place.write("catalogue.csv", &catalogue);
    let second = resource(2);
    place.write(
        "policy.toml",
        format!(
            "[[resource]]\ncode = \"{second}\"\nnegative = {{ items = [\"联系电话\"], purposes = [\"marketing\"] }}\n\
             [resource.automatic]\npurposes = [\"credit\"]\nlevel = \"general-2\"\ncalls = 20\nrows = 100\nbytes = 100000\ndays = 400\nrefuse_others = true\n"
        ),
    );
    place.write(
        "rules.toml",
        "dual_control = \"general-4\"\n[[rule]]\nid = \"credit\"\npurposes = [\"credit\"]\nitems = [\"企业名称\"]\n\
         rows = 100000\ndecide = \"grant\"\nreason = \"by-consent\"\nbasis = \"某条例\"\n",
    );
    place.write(
        "lists.toml",
        format!(
            "[[duty]]\nresource = \"{second}\"\nduty = \"update\"\norganisation = \"{owner}\"\nterm = \"provide-after-consent\"\nbasis = \"某条例\"\n"
        ),
    );
    let days: String = (2025..2100)
        .map(|year| format!("[[year]]\nyear = {year}\nsource = \"test\"\noff = []\nwork = []\n"))
        .collect();
    place.write("days.toml", format!("region = \"CN\"\n{days}"));
    place.write("rows.csv", "企业名称,联系电话\n甲公司,13900000001\n".repeat(1000));
    place.ok("key new zhang.key --password-file pw");
    place.ok("key csr zhang.key --password-file pw --organisation D1 --name zhang --out zhang.csr");
    place.ok("ca issue ca zhang.csr --password-file pw --out zhang.cer");
}

fn ask(town: &Town, by: usize, of: usize, key: &str, rows: u64) -> (String, String) {
    let until = UnixTime::system_now().plus_millis(300 * 86_400_000).china_date();
    let view = town.ends(
        &format!(
            "data request {} --field 企业名称 --purpose credit --item 0001 --basis 征信业管理条例 --until {until} \
             --calls 20 --rows {rows} --bytes 90000 --calendar days.toml --business-key {key} {}",
            resource(of),
            town.by(by)
        ),
        0,
        &[],
    );
    (view["subject"].as_str().unwrap().to_owned(), view["status"].as_str().unwrap().to_owned())
}

fn grant(town: &Town, request: &str) {
    let approver = "--approver zhang.key --approver-password-file pw";
    let advise = format!("data advise {request} catalogue.csv --rules rules.toml {}", town.look());
    let view = town.ends(&advise, 0, &[]);
    assert_eq!((&view["advice"], &view["rule"]), (&"grant".into(), &"credit".into()), "{view}");
    assert_eq!((&view["reason"], &view["basis"]), (&"by-consent".into(), &"某条例".into()));
    town.ends(&format!("data grant {request} {approver} {}", town.by(1)), 0, &["granted"]);
}

#[test]
fn the_acts_around_a_share() {
    let town = Town { cluster: Cluster::start(), turn: Cell::new(0) };
    let place = town.place();
    materials(place);
    place.ok(&format!("data calendar --calendar days.toml {}", town.by(3)));
    let publish = format!(
        "data publish catalogue.csv --policy policy.toml --lists lists.toml --work work {}",
        town.by(1)
    );
    assert_eq!(town.ends(&publish, 0, &[])["published"], 2);
    the_definition_covers_by_when_and_why(&town);
    what_was_signed_before_goes_first(&town);
    what_an_earlier_run_kept_is_of_no_other_definition(&town);
    what_is_kept_for_another_ledger_stays(&town);
    place.ok(&format!("data approvers --approver core=zhang.cer {}", town.by(1)));
    let (theirs, _) = ask(&town, 4, 2, "theirs", 100);
    let call = recognition::call(&town, &theirs);

    a_rule_decides_and_a_person_hears_the_appeal(&town);
    demands_are_raised_and_answered(&town);
    hostile::a_server_that_sends_more_than_was_granted_is_cut_off(&town);
    let (own, _) = ask(&town, 2, 1, "own", 50_000);
    grant(&town, &own);
    let envelope = keys_are_rotated_under_a_delivery(&town, &own);
    what_was_made_names_its_sources(&town, &own, &envelope);
    recognition::another_departments_call_is_recognised(&town, call);
    counts_are_the_ledgers(&town, &own);
    what_is_due_is_erased_and_proofs_stand(&town, &own);
    let late = late::asked(&town);
    a_mismatch_is_raised(&town, &own);
    portal::people_see_it(&town.cluster, &own, code(2));
    late::what_is_overdue_is_escalated(&town, &late);
    denials::what_a_node_refuses_is_kept_and_vouched_for(&town);
    town.cluster.stop_all();
}

/// The entry that was kept is what the ledger has the digest of, and shows term and basis; without the list the digest is another.
fn the_definition_covers_by_when_and_why(town: &Town) {
    let place = town.place();
    let kept = std::fs::read_dir(place.file("work")).unwrap().flatten().map(|f| f.path());
    let kept: Vec<_> = kept.filter(|f| f.extension().is_some_and(|e| e == "jsonld")).collect();
    assert!(!kept.is_empty());
    for path in kept {
        let shown = place.ends(&format!("--json data list {}", path.display()), 0, &[]).json();
        let entry = &shown["resources"][0];
        let duty = &entry["responsibilities"][0];
        assert!(duty["term"] != "" && duty["basis"] != "", "{entry}");
        let (code, definition) = (entry["code"].as_str().unwrap(), &entry["definition"]);
        place.ends(
            &format!("data status {code} {}", town.look()),
            0,
            &[definition.as_str().unwrap()],
        );
        let plain = place.ends("--json data list catalogue.csv", 0, &[]).json();
        let same = plain["resources"].as_array().unwrap().iter().find(|e| e["code"] == code);
        assert_ne!(&same.unwrap()["definition"], definition);
        let with = "--json data list catalogue.csv --lists lists.toml";
        let with = place.ends(with, 0, &[]).json();
        let same = with["resources"].as_array().unwrap().iter().find(|e| e["code"] == code);
        assert_eq!(&same.unwrap()["definition"], definition);
    }
}

/// A publication that may be on the ledger is found out about before another of the same version is made; its entry stays what it was.
fn what_was_signed_before_goes_first(town: &Town) {
    let place = town.place();
    let third = String::from_utf8(place.read("catalogue.csv")).unwrap();
    let row = third.lines().find(|line| line.contains("307/1")).unwrap();
    let head = third.lines().next().unwrap();
    place.write("third.csv", format!("{head}\n{}\n", row.replace("307/1", "307/3")));
    let resource = resource(3);
    let lists = |basis: &str| {
        place.write(
            "third.toml",
            format!(
                "[[duty]]\nresource = \"{resource}\"\nduty = \"update\"\norganisation = \"{}\"\nterm = \"provide-after-consent\"\nbasis = \"{basis}\"\n",
                code(1)
            ),
        );
    };
    let publish = |at: &str| {
        format!(
            "data publish third.csv --lists third.toml --work third --key n1/org.key --cert n1/org.cer --password-file pw {at}"
        )
    };
    lists("甲条例");
    let door = hiding(town.cluster.http(1), b"nothing is hidden");
    let line = publish(&format!("--node {door} --trust trust"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut killed = place.command(&words).spawn().unwrap();
    let signed = place.file(&format!("third/{resource}@1.unsent"));
    wait_for(Duration::from_secs(30), || signed.exists().then_some(())).unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    let entry = format!("third/{resource}@1.jsonld");
    let kept = place.read(&format!("{entry}.unsent"));
    lists("乙条例");
    for _ in 0..2 {
        let view = town.ends(&publish(&town.at()), 4, &[]);
        assert_eq!((&view["published"], &view["rejected"]), (&0.into(), &1.into()), "{view}");
        assert!(place.read(&entry) == kept, "what the ledger has the digest of");
    }
    lists("甲条例");
    assert_eq!(town.ends(&publish(&town.at()), 0, &[])["before"], 1);
}

/// A run with lists was refused, and its record is gone; the one that is published has none.
fn what_an_earlier_run_kept_is_of_no_other_definition(town: &Town) {
    let place = town.place();
    let third = String::from_utf8(place.read("third.csv")).unwrap();
    place.write("fourth.csv", third.replace("307/3", "307/4"));
    let stale = format!("fourth/{}@1.jsonld.unsent", resource(4));
    std::fs::create_dir(place.file("fourth")).unwrap();
    place.write(&stale, "of another definition");
    let publish = format!("data publish fourth.csv --work fourth {}", town.by(1));
    assert_eq!(town.ends(&publish, 0, &[])["published"], 1);
    let left = std::fs::read_dir(place.file("fourth")).unwrap().flatten().map(|f| f.path());
    let left: Vec<_> = left.filter(|f| f.to_string_lossy().contains(".jsonld")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A work folder of another ledger: what that one may have is not sent here, and its receipt is not taken for this one's.
fn what_is_kept_for_another_ledger_stays(town: &Town) {
    let place = town.place();
    let name = format!("{}@1", resource(4));
    let receipt = place.read(&format!("fourth/{name}.receipt"));
    let read = Receipt::from_der(&receipt).unwrap();
    let record = read.subject.record().unwrap();
    let id = Record::from_der(record).unwrap().tbs.chain_id;
    for (ending, own) in [("unsent", record), ("receipt", &receipt[..])] {
        let mut foreign = own.to_vec();
        for at in 0..own.len() {
            if own[at..].starts_with(id.as_bytes()) {
                foreign[at] ^= 1;
            }
        }
        let file = format!("{ending}/{name}.{ending}");
        place.write(&file, &foreign);
        let publish = format!("data publish fourth.csv --work {ending} {}", town.by(1));
        place.ends(&publish, 2, &["another ledger"]);
        assert!(place.read(&file) == foreign, "{ending}");
    }
}

fn a_rule_decides_and_a_person_hears_the_appeal(town: &Town) {
    assert_eq!(ask(town, 2, 2, "small", 10).1, "granted");
    let (request, status) = ask(town, 2, 2, "large", 1_000);
    assert_eq!(status, "refused-by-rule");
    let statement = sm3::digest(b"why");
    let appeal = format!(
        "data appeal {request} --statement {statement} --calendar days.toml {}",
        town.by(2)
    );
    town.ends(&appeal, 0, &["appealed"]);
    let waiting =
        town.ends(&format!("data overdue --of {} --waiting {}", code(1), town.look()), 0, &[]);
    assert_eq!(waiting["requests"][0]["id"], request.as_str());
    assert_eq!(waiting["requests"][0]["overdue"], false);
    let none = town.ends(&format!("data overdue --by {} {}", code(2), town.look()), 0, &[]);
    assert_eq!(none["requests"].as_array().unwrap().len(), 0);
    let early = format!("data escalate {request} --calendar days.toml {}", town.by(2));
    town.ends(&early, 1, &["NOT_OVERDUE"]);
    town.ends(&format!("data escalate --overdue --calendar days.toml {}", town.by(2)), 0, &["[]"]);
    grant(town, &request);
    // The negative list holds against everybody, and nobody hears an appeal from it.
    let barred = format!(
        "data request {} --field 联系电话 --purpose credit --item 1 --basis 某法 --until 2099-01-01 --rows 1 --bytes 1 \
         --calendar days.toml {}",
        resource(2),
        town.by(2)
    );
    town.ends(&barred, 1, &["NEGATIVE_LIST"]);
    let lists = town.ends(&format!("data lists --of {} {}", code(1), town.look()), 0, &[]);
    assert_eq!(lists["responsibilities"][0]["duty"], "update");
    assert_eq!(lists["negative"][0]["fields"][0], "联系电话");
}

fn demands_are_raised_and_answered(town: &Town) {
    town.place().write("demand.txt", "纳税信用等级");
    town.place().write("other.txt", "用电量");
    let raise = |file: &str| {
        let line = format!(
            "data demand raise {} --name {file} --entry {file} --purpose credit {}",
            code(1),
            town.by(2)
        );
        town.ends(&line, 0, &["open"])["subject"].as_str().unwrap().to_owned()
    };
    let (one, other) = (raise("demand.txt"), raise("other.txt"));
    town.ends(
        &format!("data demand meet {one} {} {}", resource(1), town.by(2)),
        1,
        &["POWER_MISSING"],
    );
    town.ends(&format!("data demand meet {one} {} {}", resource(1), town.by(1)), 0, &["met"]);
    town.ends(&format!("data demand decline {other} --reason 4 {}", town.by(1)), 0, &["declined"]);
    let list = town.ends(&format!("data demand list {} {}", code(2), town.look()), 0, &[]);
    let mut statuses: Vec<_> =
        list["demands"].as_array().unwrap().iter().map(|d| d["status"].as_str().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["declined", "met"]);
    let open = town.ends(&format!("data demand list {} --open {}", code(1), town.look()), 0, &[]);
    assert_eq!(open["demands"].as_array().unwrap().len(), 0);
}

/// Delivered, then wrapped to the receiver's new key: the old one opens the new header no more; a signer's own rotation likewise.
fn keys_are_rotated_under_a_delivery(town: &Town, grant: &str) -> String {
    let place = town.place();
    certificate(place, 2, code(2), "new");
    certificate(place, 1, code(1), "old");
    std::fs::create_dir(place.file("out")).unwrap();
    let sign = "--key n1/org.key --cert n1/org.cer --password-file pw";
    place.ok(&format!("data seal rows.csv --to n2/org.cer --out out/a.envelope {sign}"));
    place.ok(&format!(
        "data deliver out/a.envelope --to {grant}=n2/org.cer --rows 1000 --no-server --out a.receipt {}",
        town.by(1)
    ));
    // Sealed before the owner's own key was rotated, never delivered.
    place.ok("data seal rows.csv --to n2/org.cer --out out/b.envelope --key n1/old.key --cert n1/old.cer --password-file pw");
    let body = place.read("out/a.envelope.body");
    place.copy("out/a.envelope", "first.envelope");
    let wrap = |old: &str| {
        format!(
            "data rewrap out --rotate n2/{old}.cer=n2/new.cer --was-cert n1/old.cer --was-key n1/old.key --was-password-file pw {}",
            town.by(1)
        )
    };
    // Not before the members have decided that this is the receiver's key.
    foreign::nothing_is_wrapped_to_a_strangers_certificate(town, grant);
    rotate(&town.cluster, 2, "new");
    let _ = town.look();
    let wrap = wrap("was");
    let done = town.ends(&wrap, 0, &[]);
    let envelopes = done["envelopes"].as_array().unwrap();
    assert_eq!((envelopes.len(), &done["unchanged"]), (2, &0.into()));
    assert!(envelopes[0]["record"].is_string() && envelopes[1]["record"].is_null());
    assert_eq!(place.read("out/a.envelope.body"), body, "content is not encrypted again");
    place.ok("verify --brief --trust trust out/a.envelope.2.receipt");
    let again = town.ends(&wrap, 0, &[]);
    assert_eq!((again["envelopes"].as_array().unwrap().len(), &again["unchanged"]), (0, &2.into()));

    let open = |envelope: &str, key: &str, out: &str| {
        format!(
            "data open {envelope} --body out/a.envelope.body --from n1/org.cer --out {out} --key n2/{key}.key --cert n2/{key}.cer --password-file pw {}",
            town.look()
        )
    };
    place.ok(&open("out/a.envelope", "new", "opened.csv"));
    assert_eq!(place.read("opened.csv"), place.read("rows.csv"));
    place.ends(&open("out/a.envelope", "was", "old.csv"), 6, &[]);
    place.ends(&open("first.envelope", "was", "old.csv"), 6, &["replaced by"]);
    recipients_come_and_go(town, &open);
    // Nothing is counted twice, nobody of another organisation comes in as a rotated key.
    place.ends(&format!("data status {grant} {}", town.look()), 0, &["1 calls, 1000 rows"]);
    let other = format!("data rewrap out --rotate n2/new.cer=n4/org.cer {}", town.by(1));
    place.ends(&other, 2, &[code(4)]);
    envelopes[0]["envelope"].as_str().unwrap().to_owned()
}

/// Another department comes in under a grant of its own, and goes again; the one that stays opens every header.
fn recipients_come_and_go(town: &Town, open: &dyn Fn(&str, &str, &str) -> String) {
    let place = town.place();
    let (other, _) = ask(town, 4, 1, "for-the-other", 5_000);
    grant(town, &other);
    place.copy("out/a.envelope", "alone.envelope");
    let theirs = |out: &str| open("out/a.envelope", "org", out).replace("n2/", "n4/");
    place.ends(&theirs("theirs.csv"), 6, &[]);
    let change = |what: &str| format!("data rewrap out/a.envelope {what} {}", town.by(1));
    place.ends(&change(&format!("--add {other}=n4/org.cer")), 2, &["--no-server"]);
    let change = |what: &str| change(&format!("--no-server {what}"));
    place.ok(&change(&format!("--add {other}=n4/org.cer")));
    let _ = town.look();
    place.ok(&theirs("theirs.csv"));
    assert_eq!(place.read("theirs.csv"), place.read("rows.csv"));
    place.ok(&change("--remove n4/org.cer"));
    let _ = town.look();
    place.ends(&theirs("again.csv"), 6, &[]);
    place.ok(&open("out/a.envelope", "new", "still.csv"));
    place.ends(&open("alone.envelope", "new", "old.csv"), 6, &["replaced by"]);
    place.ends(&change(&format!("--add {other}=n3/org.cer")), 1, &["RECIPIENT_OTHER"]);
    place.ends(&change(""), 2, &["nothing is to be changed"]);
}

fn what_was_made_names_its_sources(town: &Town, grant: &str, envelope: &str) {
    let place = town.place();
    place.write("rule.txt", "keep/1/0");
    place.write("masked.csv", "企业名称\n甲*\n");
    place.write("joined.csv", "企业名称,评级\n甲*,A\n");
    let masked = format!(
        "data derive masked.csv --method masked --from g:{grant}=out/a.envelope --rule rule.txt --purpose credit --out masked.receipt {}",
        town.by(2)
    );
    place.ends(&masked.replace("--purpose credit", "--purpose marketing"), 1, &["WRONG_PURPOSE"]);
    place.ok(&masked);
    place.ok("verify --brief --trust trust masked.receipt");
    place.ok(&format!(
        "data derive joined.csv --method joined --from masked.csv --from g:{grant} --rule rule.txt --purpose credit {}",
        town.by(2)
    ));
    let line = format!(
        "data derive joined.csv --method joined --from masked.csv --rule rule.txt --purpose other {}",
        town.by(2)
    );
    place.ends(&line, 1, &["BUSINESS_KEY_USED"]);
    let line = format!(
        "data derive late.csv --method joined --from rule.txt --rule rule.txt --purpose other {}",
        town.by(2)
    );
    place.write("late.csv", "x");
    place.ends(&line, 2, &["unknown to the ledger"]);
    let traced = place.ok(&format!("trace joined.csv --verify {}", town.look()));
    assert!(traced.contains("企业登记信息"), "{traced}");
    let forward = place.ok(&format!("--json trace d:{envelope} {}", town.look()));
    assert!(forward.contains("deliver"), "{forward}");
}

/// Who stated first finds it too, with both numbers.
fn a_mismatch_is_raised(town: &Town, grant: &str) {
    let period = "--from 2026-01-01 --until 2026-01-02 --bytes 50";
    let state = |n: usize, rows: u64, ends: i32, word: &str| {
        let line = format!("data reconcile {grant} {period} --rows {rows} {}", town.by(n));
        town.ends(&line, ends, &[word]);
    };
    state(1, 5, 0, "waiting");
    state(2, 4, 1, "mismatched");
    for side in [format!("--of {}", code(1)), format!("--by {}", code(2))] {
        let view = town.ends(&format!("data accounts {side} {}", town.look()), 1, &[]);
        let accounts = view["accounts"].as_array().unwrap();
        assert_eq!(accounts.len(), 1, "{view}");
        let one = &accounts[0];
        assert_eq!((&one["served"]["rows"], &one["received"]["rows"]), (&5.into(), &4.into()));
        assert_eq!((&one["grant"], &one["status"]), (&grant.into(), &"mismatched".into()));
    }
}

fn counts_are_the_ledgers(town: &Town, grant: &str) {
    let view = town.ends(
        &format!(
            "data statistics --of {} --group resource,receiver,purpose,year {}",
            code(1),
            town.look()
        ),
        0,
        &[],
    );
    let groups = view["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 3, "{view}");
    assert_eq!(view["total"]["rows"], 2001);
    let past = format!("data statistics --by {} --until 2020-01-01 {}", code(2), town.look());
    assert_eq!(town.ends(&past, 0, &[])["total"]["rows"], 0);
    let said = town.place().ok(&format!("data statistics --grant {grant} {}", town.look()));
    assert!(said.contains("█") && said.contains("rows 1000"), "{said}");
}

fn what_is_due_is_erased_and_proofs_stand(town: &Town, grant: &str) {
    let place = town.place();
    place.copy("opened.csv", "kept/opened.csv");
    place.copy("masked.csv", "kept/masked.csv");
    place.copy("rows.csv", "kept/strange.csv");
    let keep = |file: &str, more: &str| {
        format!("data keep kept/list.toml kept/{file} {more} --basis 数据安全法")
    };
    place.ok(&keep(
        "opened.csv",
        &format!("--as out/a.envelope --grant {grant} --days-after-end 0"),
    ));
    place.ok(&keep("masked.csv", "--until 2099-01-01"));
    place.ends(&keep("masked.csv", "--until 2099-01-01"), 2, &["already"]);
    place.ends("data keep kept/list.toml rows.csv --until 2099-01-01 --basis x", 2, &["below"]);
    let _ = town.look();
    let erase = format!("data erase kept/list.toml --receipts erased {}", town.by(2));
    let view = town.ends(&erase, 0, &[]);
    assert_eq!(view["erased"], 0, "the grant serves, and the other day is far: {view}");
    assert!(place.file("kept/opened.csv").exists());
    place.ok(&format!("data revoke {grant} --reason 7 {}", town.by(1)));
    let _ = town.look();
    let due = town.ends(&format!("{erase} --dry-run"), 0, &[]);
    assert_eq!((&due["entries"][0]["state"], &due["erased"]), (&"due".into(), &0.into()));
    assert!(place.file("kept/opened.csv").exists(), "a look changes nothing");
    let view = town.ends(&erase, 0, &[]);
    assert_eq!(
        (&view["entries"][0]["state"], &view["entries"][1]["state"]),
        (&"erased".into(), &"kept".into())
    );
    assert!(!place.file("kept/opened.csv").exists() && place.file("kept/masked.csv").exists());
    assert!(!place.file("kept/opened.csv.erasing").exists());
    // What takes an erased file's place later is not the list's business.
    place.copy("rows.csv", "kept/opened.csv");
    let rest = town.ends(&erase, 0, &[]);
    assert_eq!(
        rest["entries"].as_array().unwrap().len(),
        1,
        "what is erased leaves the list: {rest}"
    );
    assert!(place.file("kept/opened.csv").exists());

    // What the ledger does not know as this organisation's is not removed; nor another file than was listed, nor what nobody
    // removed recorded; and each bad entry leaves the others to be looked at.
    place.ok(&keep("strange.csv", "--until 2020-01-01"));
    let other = format!("--as out/a.envelope --grant {grant} --until 2020-01-01");
    place.ok(&keep("opened.csv", &other));
    place.copy("rows.csv", "kept/missing.csv");
    place.ok(&keep("missing.csv", &other));
    place.copy("masked.csv", "kept/opened.csv");
    std::fs::remove_file(place.file("kept/missing.csv")).unwrap();
    let told = ["nothing was removed", "expected SM3", "nothing was recorded"];
    let view = town.ends(&erase, 4, &told);
    assert_eq!((&view["failed"], &view["erased"]), (&3.into(), &0.into()), "{view}");
    assert!(place.file("kept/strange.csv").exists() && place.file("kept/opened.csv").exists());
    // Every proof of before stands, and the trace says what was erased.
    for receipt in ["a.receipt", "masked.receipt", "out/a.envelope.2.receipt"] {
        place.ok(&format!("verify --brief --trust trust {receipt}"));
    }
    let erased = std::fs::read_dir(place.file("erased")).unwrap().next().unwrap().unwrap().path();
    place.ok(&format!("verify --brief --trust trust {}", erased.display()));
    let traced = place.ok(&format!("--json trace joined.csv --verify {}", town.look()));
    assert!(traced.contains("erase") && traced.contains("\"verified\": true"), "{traced}");
}
