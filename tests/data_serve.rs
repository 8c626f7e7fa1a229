//! Shared data served from files and PostgreSQL to a receiver, over sockets that are written down: what was granted arrives masked
//! and once, all else is refused and recorded, streams end with their grant or their server, and no octet of content was readable
//! on any wire or lies with any node.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::{Duration, Instant};

use yinxin_receipt::{Receipt, Wire};
use yinxin_record::{Act, DataAct, DenialReason, OrganisationCode, Record};
use yinxin_sharing::access::Guard;
use yinxin_tests::{
    cluster::{DEPARTMENTS, wait_for},
    data_town::{
        PATIENCE, SECRETS, Server, Town, ended, hex, holds, lies_in, post, signer, subjects, tells,
        text, town,
    },
    place::Place,
    postgres::PASSWORD,
    wiretap::Wiretap,
};
use yinxin_verdict::UnixTime;

#[test]
fn what_is_granted_arrives_once_and_nothing_else_leaves() {
    let Some(town) = town() else { return };
    let server = town.serve();
    // Of the whole resource, of a part of its fields, and of one with much text.
    let whole = town.grant(
        "307~1",
        "--field 企业名称 --field 法定代表人 --field 证号 --field 年龄",
        4000,
        "whole",
    );
    let names = town.grant("307~1", "--field 企业名称", 10, "names");
    let penalties = town.grant("307~2", "--field 企业名称 --field 处罚事由", 100, "penalties");
    let [revoked, killed] = ["revoked", "killed"]
        .map(|key| town.grant("307~3", "--field 序号 --field 全文", 200_000, key));

    let begun = Instant::now();
    from_the_table(&town, &whole);
    from_the_file(&town, &penalties);
    misuse(&town, &whole, &names, &penalties);
    withdrawn_while_streaming(&town, &revoked);
    let server = killed_while_streaming(&town, server, &killed);
    println!("calls, good and bad: {:?}", begun.elapsed());

    let minutes = windows_and_accounts(&town, &whole, &[&names, &penalties, &revoked, &killed]);
    one_person(&town);
    compacted(&town, server, &whole, minutes);
    a_line_is_found_in_what_was_put_by(&town);
    proof_of_a_line(&town);
    nothing_is_readable(&town);
}

fn from_the_table(town: &Town, grant: &str) {
    let place = town.place();
    let done = town.fetch(grant, "whole.csv", "");
    assert_eq!(done["rows"], 3000);
    let lines = text(place, "whole.csv");
    assert_eq!(lines.len(), 3001);
    assert_eq!(lines[0], "企业名称,法定代表人,年龄", "a dropped field does not leave");
    assert_eq!(lines[1], "企业-1,欧***,20..29");
    assert_eq!(lines[7], format!("{},欧***,20..29", SECRETS[1]));
    assert_eq!(lines[8], "企业-8,a*****,", "no value has no range");
    assert_eq!(done["bytes"], place.read("whole.csv").len());
    // A range of rows is the same each time.
    town.fetch(grant, "range.csv", "--field 企业名称 --skip 10 --rows 5");
    assert_eq!(
        text(place, "range.csv"),
        ["企业名称", "企业-11", "企业-12", "企业-13", "企业-14", "企业-15"]
    );
    // What is there is not overwritten, and not called for.
    place.ends(&town.fetch_line(2, grant, "whole.csv", ""), 2, &["exists"]);
}

fn from_the_file(town: &Town, grant: &str) {
    let place = town.place();
    let some = format!("--subject {}", subjects(place)[0]);
    town.fetch(grant, "penalties.csv.out", &some);
    assert_eq!(
        text(place, "penalties.csv.out"),
        ["企业名称,处罚事由", &format!("甲公司,{}", SECRETS[3]), "丙公司,third"]
    );
    // What is granted and cannot be read is denied, and so recorded.
    std::fs::rename(place.file("penalties.csv"), place.file("penalties.away")).unwrap();
    town.refused(2, grant, &some, "source");
    std::fs::rename(place.file("penalties.away"), place.file("penalties.csv")).unwrap();
    let lines = format!("--json data lines served/journal --grant {grant}");
    let lines = place.ends(&lines, 0, &[]).json();
    let last = lines["lines"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["outcome"], &last["rows"]), (&"source".into(), &0.into()));
}

/// From what a custodian calls somebody to what an auditor finds: asked for, fetched, traced.
fn one_person(town: &Town) {
    let place = town.place();
    let [who, other] = subjects(place);
    let fields = format!("--field 企业名称 --subject {who}");
    let grant = town.grant("307~2", &fields, 10, "person");
    town.fetch(&grant, "person.csv", &format!("--subject {who}"));
    assert_eq!(text(place, "person.csv"), ["企业名称", "甲公司", "丙公司"]);
    town.refused(2, &grant, &format!("--subject {other}"), "subjects");
    place.ends(&format!("trace s:{who} {}", town.at()), 0, &["request", &grant[..12]]);
    // The custodian knows how much was asked, and answers no more than it may in a day.
    let journal = String::from_utf8(place.read("custodian.journal")).unwrap();
    assert_eq!(journal.lines().count(), 1, "{journal}");
    assert!(journal.contains("\"values\":2") && !journal.contains(SECRETS[2]));
    place.write("third.txt", "330106198001011236\n");
    let more = format!(
        "data pseudonym third.txt --secret custodian.secret --for {} --purpose credit --journal custodian.journal --most 2",
        DEPARTMENTS[0].0
    );
    place.ends(&more, 6, &["3 values", "at most 2"]);
}

/// Each refusal by its reason; a recorded call sent again; garbage.
fn misuse(town: &Town, whole: &str, names: &str, penalties: &str) {
    let place = town.place();
    town.refused(2, whole, "--purpose advertising", "purpose");
    town.refused(2, names, "--field 企业名称 --field 年龄", "fields");
    town.refused(3, names, "", "caller");
    town.refused(2, names, "--rows 11", "volume");
    town.refused(2, whole, &format!("--subject {}", subjects(place)[0]), "subjects");
    town.refused(2, names, &format!("--by {}", DEPARTMENTS[3].0), "signature");
    // All rows are more than ten: none of them leaves, and none is used up.
    town.refused(2, names, "", "volume");
    assert!(!place.file("refused.csv").exists());
    // A call that was heard on the wire, sent again.
    let heard = town.to_server.heard();
    let begin = heard.windows(14).position(|w| w == b"POST /v1/calls").unwrap();
    let length = |name: &[u8]| {
        let at =
            heard[begin..].windows(name.len()).position(|w| w.eq_ignore_ascii_case(name)).unwrap();
        let digits = heard[begin + at + name.len()..].iter().take_while(|b| b.is_ascii_digit());
        String::from_utf8(digits.copied().collect()).unwrap().parse::<usize>().unwrap()
    };
    let head = begin + heard[begin..].windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let call = &heard[head..head + length(b"content-length: ")];
    let answer = post(&town.listen, call);
    assert!(answer.contains("403") && answer.contains("denied:replayed"), "{answer}");
    // The same call for another grant: the signature is not of it.
    let mut forged = call.to_vec();
    let id = hex(whole);
    let at = forged.windows(32).position(|w| w == id).unwrap();
    forged[at..at + 32].copy_from_slice(&hex(penalties));
    let answer = post(&town.listen, &forged);
    assert!(answer.contains("denied:signature"), "{answer}");
    // Of so many strangers not each has a line of its own; whoever is known is served.
    let answers: Vec<_> = (0..40).map(|_| post(&town.listen, &forged)).collect();
    let busy = answers.iter().filter(|a| a.contains("problem:busy")).count();
    assert!(busy >= 8, "{}", town.log());
    town.fetch(names, "known.csv", "--rows 1");
    for garbage in [&b""[..], b"garbage", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
        assert!(post(&town.listen, garbage).contains("400"));
    }
    // Only one server works in a folder.
    let second = format!(
        "data serve serve.toml --work served --listen 127.0.0.1:0 {} {}",
        signer(1),
        town.at()
    );
    place.ends(&second, 2, &["another server"]);
    place.ends(&second.replace("n1/", "n2/").replace("served", "other"), 6, &["no such server"]);
}

fn withdrawn_while_streaming(town: &Town, grant: &str) {
    let place = town.place();
    let child = town.stalled(grant, "withdrawn.csv");
    place.ends(
        &format!("data revoke {grant} --reason 7 {} {}", signer(1), town.at()),
        0,
        &["revoked"],
    );
    // Until the server has heard of it: it asks its own node, which may be a block behind. Once it has, the stream has too.
    let line = town.fetch_line(2, grant, "late.csv", "");
    place.ends(&line, 2, &["another call writes this journal"]);
    let line = line.replace("n2.journal", "late.journal");
    let heard =
        wait_for(PATIENCE, || place.run(&line).err.contains("denied:revoked").then_some(()));
    assert!(heard.is_some(), "{}", town.log());
    town.to_server.hold(None);
    ended(child, 6, &["cut short: revoked"]);
    for file in ["withdrawn.csv", "withdrawn.csv.part", "withdrawn.csv.opening"] {
        assert!(!place.file(file).exists(), "{file}");
    }
}

fn killed_while_streaming(town: &Town, mut server: Server, grant: &str) -> Server {
    let place = town.place();
    let child = town.stalled(grant, "killed.csv");
    server.0.kill().unwrap();
    server.0.wait().unwrap();
    town.to_server.hold(None);
    ended(child, 5, &["call again"]);
    assert!(!place.file("killed.csv").exists() && !place.file("killed.csv.part").exists());
    // The next process goes on with the journal: what left is counted, and the data are there for who may have them.
    let server = town.serve();
    let lines = place.ends(&format!("--json data lines served/journal --grant {grant}"), 0, &[]);
    let lines = lines.json()["lines"].as_array().unwrap().len();
    let noted = place.ends(&format!("--json data lines n2.journal --grant {grant}"), 0, &[]);
    let noted = noted.json()["lines"].as_array().unwrap().len();
    assert!(noted > 0 && lines >= noted, "{lines} recorded, {noted} arrived");
    let done = town.fetch(grant, "again.csv", "--rows 1000");
    assert_eq!(done["rows"], 1000);
    assert_eq!(text(place, "again.csv").len(), 1001);
    // By the column, not by its text that goes out.
    town.fetch(grant, "numbers.csv", "--field 序号 --skip 8 --rows 3");
    assert_eq!(text(place, "numbers.csv"), ["序号", "9", "10", "11"]);
    server
}

/// The minute ends, its windows are on the ledger, and both sides' counts are the same where nothing was lost on the way. Of which minutes.
fn windows_and_accounts(town: &Town, whole: &str, others: &[&str]) -> [UnixTime; 2] {
    let place = town.place();
    // 3000 and five rows in two calls.
    let wait = Duration::from_secs(120);
    let anchored = wait_for(wait, || {
        let said = place.run(&format!("data status {whole} {}", town.at()));
        said.out.contains("3005 rows").then_some(())
    });
    assert!(anchored.is_some(), "{}", town.log());
    let all = wait_for(wait, || {
        let unsent = std::fs::read_dir(place.file("served/windows")).unwrap().flatten();
        let receipts = unsent.filter(|e| e.path().extension().is_some_and(|x| x == "receipt"));
        (receipts.count() >= others.len()).then_some(())
    });
    assert!(all.is_some(), "{}", town.log());
    let now = UnixTime::system_now().as_millis();
    let minutes =
        [now - 3_600_000, now].map(|ms| UnixTime::EPOCH.plus_millis(ms - ms.rem_euclid(60_000)));
    // Of a stream that its grant's end cut short both sides have the same parts, the tap having let all of them through.
    for grant in [whole, others[2]] {
        account(town, (1, "served/journal"), grant, minutes, 0, "waiting");
        account(town, (2, "n2.journal"), grant, minutes, 0, "matched");
    }
    strangers_are_on_the_ledger(town);
    minutes
}

/// A side states what its journal counts under a grant.
fn account(
    town: &Town,
    (n, journal): (usize, &str),
    grant: &str,
    [from, until]: [UnixTime; 2],
    code: i32,
    word: &str,
) {
    let line = format!(
        "data reconcile {grant} --from {from} --until {until} --journal {journal} {} {}",
        signer(n),
        town.at()
    );
    town.place().ends(&line, code, &[word]);
}

/// How many calls nobody proved to have signed: those with lines, and all the others, as one count under one root.
fn strangers_are_on_the_ledger(town: &Town) {
    let place = town.place();
    let told = place.ends("--json data lines served/journal", 0, &[]).json();
    let crowds = told["crowds"].as_array().unwrap();
    let gathered: u64 = crowds.iter().map(|c| c["calls"].as_u64().unwrap()).sum();
    assert!(gathered > 0, "{crowds:?}");
    let by_signature = |line: &&serde_json::Value| line["outcome"] == "signature";
    let lines = told["lines"].as_array().unwrap().iter().filter(by_signature).count() as u64;
    // What the windows' records say, by their receipts.
    let told = wait_for(Duration::from_secs(120), || {
        (denials_on_the_ledger(place) == lines + gathered).then_some(())
    });
    assert!(told.is_some(), "{} of {lines} and {gathered}", denials_on_the_ledger(place));
}

fn denials_on_the_ledger(place: &Place) -> u64 {
    let files = std::fs::read_dir(place.file("served/windows")).unwrap().flatten();
    let receipts =
        files.map(|f| f.path()).filter(|f| f.extension().is_some_and(|e| e == "receipt"));
    let denied = receipts.map(|path| {
        let receipt = Receipt::from_der(&std::fs::read(path).unwrap()).unwrap();
        let record = Record::from_der(receipt.subject.record().unwrap()).unwrap();
        let Act::Data(DataAct::Deny(act)) = record.tbs.act else { return 0 };
        let of = act.denials.iter().filter(|d| d.reason == DenialReason::Signature);
        of.map(|d| d.count).sum::<u64>()
    });
    denied.sum()
}

/// The journal begins anew while no server works with it, and the next one goes on: what was used stays used, each line is still there,
/// and the old file does not come back.
fn compacted(town: &Town, server: Server, whole: &str, minutes: [UnixTime; 2]) {
    let place = town.place();
    place.ends("data compact served", 2, &["another server works in this folder"]);
    place.ends("data compact n2", 2, &["no data server has ever worked"]);
    drop(server);
    let before = place.read("served/journal");
    let done = place.ends("--json data compact served", 0, &[]).json();
    let old = done["old"].as_str().unwrap();
    assert_eq!(old, format!("served/journal.{}", done["lines"]));
    assert!(place.read(old) == before && place.read("served/journal") != before);
    a_copy_is_not_compacted(place);
    // Nothing was answered since: the file is the second of as many lines. A run that was cut off had put it by already, and had begun.
    let (second, at) = (format!("{old}.2"), |name: &str| place.file(name));
    std::fs::hard_link(at("served/journal"), at(&second)).unwrap();
    place.write("served/journal.next", "half an ent");
    let kept = place.read("served/journal");
    let again = place.ends("--json data compact served", 0, &[]).json();
    assert_eq!(again["old"], second);
    assert!(place.read(&second) == kept && !at(&format!("{old}.3")).exists());
    assert!(!at("served/journal.next").exists());
    // The same is counted of all that lie there, each line once, and nothing where one is missing.
    account(town, (1, old), whole, minutes, 2, "name journal");
    account(town, (1, &second), whole, minutes, 2, "name journal");
    let minutes = [minutes[0].plus_millis(-60_000), minutes[1]];
    account(town, (1, "served/journal"), whole, minutes, 0, "waiting");
    account(town, (2, "n2.journal"), whole, minutes, 0, "matched");
    std::fs::rename(at(old), at("away")).unwrap();
    account(town, (1, "served/journal"), whole, minutes, 2, "in the journal before this one");
    std::fs::rename(at("away"), at(old)).unwrap();
    let server = town.serve();
    town.fetch(whole, "compacted.csv", "--rows 2");
    town.refused(2, whole, "--rows 994", "volume");
    drop(server);
    // After a start with the new one the ledger knows that the old one is behind.
    std::fs::rename(at("served/journal"), at("served/new")).unwrap();
    std::fs::rename(at(old), at("served/journal")).unwrap();
    place.ends(&town.serve_line(), 6, &["older copy"]);
    std::fs::rename(at("served/journal"), at(old)).unwrap();
    std::fs::rename(at("served/new"), at("served/journal")).unwrap();
    drop(town.serve());
}

/// It would come out as an original.
fn a_copy_is_not_compacted(place: &Place) {
    place.copy("served/journal", "copied/journal");
    let before = place.read("copied/journal");
    place.ends("data compact copied", 6, &["is a copy"]);
    let left = std::fs::read_dir(place.file("copied")).unwrap().flatten().map(|e| e.file_name());
    let mut left: Vec<_> = left.filter(|name| name != "lock").collect();
    left.sort();
    assert_eq!(left, ["journal"]);
    assert!(place.read("copied/journal") == before);
}

/// A line that the journal has no more, in those that were put by: the second of as many lines too.
fn a_line_is_found_in_what_was_put_by(town: &Town) {
    let place = town.place();
    let lines = place.ends("--json data lines served/journal", 0, &[]).json();
    let lines = lines["lines"].as_array().unwrap().len();
    let windows = std::fs::read_dir(place.file("served/windows")).unwrap().flatten();
    for receipt in windows.map(|e| e.file_name().into_string().unwrap()) {
        place.copy(&format!("served/windows/{receipt}"), &format!("later/windows/{receipt}"));
    }
    // Hours later: it has none of the first lines.
    let journal = std::fs::File::create(place.file("later/journal")).unwrap();
    let owner = OrganisationCode::new(DEPARTMENTS[0].0).unwrap();
    drop(Guard::open(&mut std::io::empty(), journal, owner).unwrap());
    let proof = "data line later 0 --out later.proof --force";
    place.ends(proof, 2, &["line", "0"]);
    let old = std::fs::read_dir(place.file("served")).unwrap().flatten();
    let old = old.map(|e| e.file_name().into_string().unwrap());
    let old = old.filter(|name| name.starts_with("journal.")).min_by_key(String::len).unwrap();
    for name in [old.clone(), format!("{old}.2")] {
        place.copy(&format!("served/{old}"), &format!("later/{name}"));
        place.ends(proof, 0, &["served"]);
        place.ends("data verify-line later.proof --trust trust", 0, &["served"]);
        // It has no line beyond.
        place.ends(&proof.replace(" 0 ", &format!(" {lines}00 ")), 2, &["line"]);
        std::fs::remove_file(place.file(&format!("later/{name}"))).unwrap();
    }
}

/// A line of the answer, proven by a file alone; with all nodes stopped.
fn proof_of_a_line(town: &Town) {
    let place = town.place();
    place.ok("data line served 0 --out line.proof --call call.proof --window window.receipt");
    place.ok("verify --brief --trust trust window.receipt");
    assert!(holds(&place.read("line.proof"), &place.read("call.proof")));
    town.cluster.stop_all();
    place.ends("data verify-line line.proof --trust trust", 0, &["served", DEPARTMENTS[0].0]);
    let proof = place.read("line.proof");
    for at in [60, 150, proof.len() / 2, proof.len() - 10] {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        place.write("changed.proof", changed);
        let said = place.run("data verify-line changed.proof --trust trust");
        assert_ne!(said.code, Some(0), "octet {at}: {}", said.out);
    }
}

/// Base64 is found whatever stands around it.
#[test]
fn a_word_is_found_in_each_guise() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    for (before, after) in [("", "x"), ("a", ""), ("ab", "yz"), ("abc", "y")] {
        let text = format!("{before}{}{after}", SECRETS[0]);
        assert!(tells(STANDARD.encode(&text).as_bytes(), SECRETS[0]), "{text}");
        let hex: String = text.bytes().map(|b| format!("{b:02X}")).collect();
        assert!(tells(hex.as_bytes(), SECRETS[0]));
    }
    assert!(tells(br"\u6b27\u9633\u6d4b\u8bd5", "欧阳测试"));
    assert!(!tells(STANDARD.encode("欧阳测诗").as_bytes(), "欧阳测试"));
}

fn nothing_is_readable(town: &Town) {
    let place = town.place();
    let (server, node) = (town.to_server.heard(), town.to_node.heard());
    assert!(server.len() > 4 << 20 && node.len() > 10_000, "{} {}", server.len(), node.len());
    assert!(holds(&server, b"POST /v1/calls") && holds(&node, b"GET /v1/state/"));
    let ledger = town.to_ledger.heard();
    assert!(holds(&ledger, b"GET /v1/status/") || holds(&ledger, b"GET /v1/state/"));
    // What may pass is found, in a record and in an answer of base64: so would be what may not.
    assert!(tells(&node, "法定代表人") && tells(&ledger, "法定代表人"));
    let nodes: Vec<Vec<u8>> = town.between_nodes.iter().map(Wiretap::heard).collect();
    // Of two nodes one reaches the other: consensus and records were both heard, if not at each of their doors.
    let octets = |at: usize| nodes.iter().skip(at).step_by(2).map(Vec::len).sum::<usize>();
    assert!(octets(0) > 50_000 && octets(1) > 10_000, "{} {}", octets(0), octets(1));
    // Between nodes not even what all of them may read, such as a field's name on the ledger.
    let everybody_may = "法定代表人";
    assert!(lies_in(&place.file("n1/data"), everybody_may.as_bytes()));
    assert!(!nodes.iter().any(|heard| holds(heard, everybody_may.as_bytes())));
    for word in SECRETS.iter().chain(&["企业-1", "甲公司", PASSWORD]) {
        assert!(!nodes.iter().any(|heard| tells(heard, word)), "{word} between nodes");
        assert!(!tells(&server, word), "{word} went over the wire to the receiver");
        assert!(!tells(&node, word), "{word} went over the wire to the server's node");
        assert!(!tells(&ledger, word), "{word} went over the wire to the others' node");
        for folder in ["n1", "n2", "n3", "n4", "served"] {
            assert!(!lies_in(&place.file(folder), word.as_bytes()), "{word} lies in {folder}");
        }
        assert!(!holds(town.log().as_bytes(), word.as_bytes()), "{word} stands in the log");
    }
    assert!(town.database.psql("SELECT 1").is_ok(), "it was there all the time");
}
