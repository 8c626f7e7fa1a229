//! What another region recorded is recognised here by its receipt; and the other ends that things come to.

use yinxin_gm::sm3;
use yinxin_receipt::{StatusProof, Subject};
use yinxin_record::{
    Act, Basis, ClassCode, ClassReference, CreditAct, Date, EndRecognised, ForeignBasis, HomeEnd,
    ItemState, Record, RecordItem, RecordReference, Text, Wire,
};
use yinxin_tests::{
    cluster::{Cluster, proven},
    place::Place,
};

use crate::{
    desk::{AUTHORITY, BANK, CENTRE, COMPANY, Desk, EVIDENCE, ago, code, founded, recording},
    turn,
};

/// Penalties on another region's ledger, of which class, and what those that are withdrawn there are called then.
const FAR: [(&str, &str, Option<&str>); 6] = [
    ("far", "penalty.grave", Some("gone")),
    ("farther", "penalty.grave", Some("farther-gone")),
    ("lapsed", "penalty.grave", Some("lapsed-gone")),
    ("strange", "penalty.grave", None),
    ("longer", "penalty.grave", None),
    ("mild", "penalty.test", None),
];

/// Of each the receipt and how it stood before and after its withdrawal; the genesis of that ledger, and how the company's chain stands there.
fn elsewhere() -> Vec<(String, Vec<u8>)> {
    let cluster = Cluster::start();
    let desk = founded(&cluster);
    let at = cluster.http(AUTHORITY);
    let status = |of: &str, to: &str| {
        let to = format!("{to}.status");
        desk.place.ok(&format!("credit status {of} --trust trust --node {at} --out {to}"));
        to
    };
    let mut files = vec!["trust/ledger.genesis".to_owned()];
    for (name, class, gone) in FAR {
        let form = desk.penalty(AUTHORITY, name, 60);
        let receipt = format!("{name}.receipt");
        let line = format!("{} --out {receipt}", recording(class, name, &form));
        let item = desk.does(AUTHORITY, &line);
        files.extend([receipt, status(&item, name)]);
        if let Some(gone) = gone {
            let why =
                format!("--paper papers/annulled.txt --decided {} --calendar days.toml", ago(1));
            desk.does(AUTHORITY, &format!("credit withdraw {item} {why}"));
            files.push(status(&item, gone));
        }
    }
    files.push(status(COMPANY, "chain"));
    cluster.stop_all();
    let read = |file: String| (file.replace("trust/", "other/"), desk.place.read(&file));
    files.into_iter().map(read).collect()
}

#[test]
fn another_regions_record_is_recognised_and_things_end_otherwise() {
    let _turn = turn();
    let files = elsewhere();
    let cluster = Cluster::start();
    let desk = founded(&cluster);
    for (file, bytes) in files {
        desk.place.write(&file, bytes);
    }
    recognised(&desk);
    invented(&desk);
    settled(&desk);
    own_word(&desk);
    struck_off(&desk);
    given_back(&desk);
    people(&desk);
    cluster.stop_all();
}

/// By the other ledger's own genesis, whole, once; and a bank here sees it.
fn recognised(desk: &Desk<'_>) {
    let place = desk.place;
    let receipt = place.read("far.receipt");
    let form = desk.general(AUTHORITY, "recognised", 50);
    let line = |receipt: &str, of: &str, form: &str| {
        let line = format!(
            "credit recognise black {form} --receipt {receipt} --status far.status --of {of} --contents contents --classes classes.toml --calendar days.toml"
        );
        desk.line(AUTHORITY, &line)
    };
    // Whoever records cannot say that something stands on another ledger without its proofs.
    let said = "0".repeat(64);
    let invented = format!(
        "credit record black {form} --basis foreign:{said}:{said} --contents contents --classes classes.toml --calendar days.toml"
    );
    place.ends(&desk.line(AUTHORITY, &invented), 2, &["document:DIGEST"]);
    place.ends(&line("far.receipt", "trust", &form), 3, &["LEDGER_UNKNOWN", "--of"]);
    let mut forged = receipt.clone();
    // The record stands in the receipt: a letter of it is another one.
    let at = receipt.windows(5).position(|word| word == b"grave").unwrap();
    forged[at] ^= 1;
    place.write("forged.receipt", forged);
    place.ends(&line("forged.receipt", "other", &form), 1, &["INCLUSION_BAD"]);
    let good = line("far.receipt", "other", &form);
    // It has ended there; the proof is of something else; another subject's; no class that the list rests on.
    let with = |status: &str| good.replace("far.status", status);
    place.ends(&with("gone.status"), 1, &["not in force", "withdrawn"]);
    place.ends(&with("chain.status"), 2, &["credit-key", "not of the item"]);
    let text = String::from_utf8(place.read(&form)).unwrap();
    place.write("forms/stranger.toml", text.replace(COMPANY, code(BANK)));
    place.ends(&good.replace(&form, "forms/stranger.toml"), 2, &[COMPANY, code(BANK)]);
    // Its proofs hold, and nobody here has said that the ledger is another region's.
    place.ends(&good, 1, &["BASIS_UNKNOWN"]);
    let region = "credit region 邻市 --of other";
    desk.refused(AUTHORITY, region, &["POWER_MISSING"]);
    desk.does(CENTRE, region);
    let done = place.ends(&good, 0, &["in-force"]).json();
    let item = done["record"].as_str().unwrap();
    let again = desk.general(AUTHORITY, "again", 49);
    place.ends(&line("far.receipt", "other", &again), 1, &["ALREADY_RECOGNISED", item]);

    let take = format!(
        "credit view take {COMPANY} --purpose hearing --own papers/statement.txt --package own.view"
    );
    let seen = place.ends(&desk.line(CENTRE, &take), 0, &[]).json();
    assert_eq!(seen["items"][0]["item"], item, "{seen:#}");
    // It ends no later than at home: the penalty's 36 months, ten days less than the entry's own.
    let at = desk.cluster.http(AUTHORITY);
    let state = format!("--json credit status {item} --trust trust --node {at}");
    let state = place.ends(&state, 0, &[]).json();
    let home = Date::parse(&ago(60)).unwrap().plus_months(36).to_string();
    assert!(state.to_string().contains(&home), "{home} {state:#}");
    // Only whoever may see by law may say that the subject asked.
    desk.refused(BANK, &take.replace("own.view", "bank.view"), &["no power to see credit"]);

    // Withdrawn at home, it ends here: by a fresh proof of that ledger, and by who recognised it.
    let ended = |status: &str| format!("credit ended {item} --status {status} --of other");
    desk.refused(AUTHORITY, &ended("far.status"), &["not ended"]);
    place.ends(&desk.line(AUTHORITY, &ended("chain.status")), 2, &["not of the item"]);
    desk.refused(BANK, &ended("gone.status"), &["NOT_AUTHORITY"]);
    let check = |more: &str| checking(desk, item, "far", more);
    place.ends(&check(""), 0, &["recognised", "holds"]);
    place.ends(&check("--end gone.status"), 2, &["nobody has ended"]);
    desk.does(AUTHORITY, &ended("gone.status"));
    assert_eq!(desk.status(item), "withdrawn");
    // Who did not recognise it sees that it was true: as of that day, whatever became of it since.
    place.ends(&check(""), 0, &["not checked, give --end"]);
    place.ends(&check("--end gone.status"), 0, &["was withdrawn there: holds"]);
    let json = place.ends(&format!("--json {}", check("--end gone.status")), 0, &[]).json();
    assert_eq!((&json["ended"], &json["end_checked"]), (&"withdrawn".into(), &true.into()));
    place.ends(&check("--end far.status"), 1, &["the ledger names", "SM3", code(AUTHORITY)]);
    let other = |file: &str, found: &str| place.ends(&check("").replace(file, found), 1, &["SM3"]);
    other("far.receipt", "forged.receipt");
    other("far.status", "gone.status");
    place.ends(&check("").replace("--of other", "--of trust"), 3, &["LEDGER_UNKNOWN"]);
}

fn checking(desk: &Desk<'_>, item: &str, name: &str, more: &str) -> String {
    let at = desk.cluster.http(AUTHORITY);
    format!(
        "credit recognised {item} --receipt {name}.receipt --status {name}.status --of other --trust trust --node {at} {more}"
    )
}

/// What the other ledger's files prove of one of its penalties.
fn truth(place: &Place, name: &str) -> ForeignBasis {
    let read = |what: &str| place.read(&format!("{name}.{what}"));
    let (receipt, status) = (read("receipt"), read("status"));
    let Subject::Record(theirs) = proven(&receipt).0 else { panic!("a record") };
    let theirs = Record::from_der(&theirs).unwrap();
    let of = RecordReference { chain_id: theirs.tbs.chain_id, record: theirs.id() };
    let state = StatusProof::from_der(&status).unwrap().value.unwrap();
    let until = ItemState::from_der(&state).unwrap().until;
    ForeignBasis { of, receipt: sm3::digest(&receipt), status: sm3::digest(&status), until }
}

/// An authority that does not use the program: the ledger takes any digests; whoever asks it for its files sees what they are worth.
fn invented(desk: &Desk<'_>) {
    let (place, cluster) = (desk.place, desk.cluster);
    let signer = cluster.signer(AUTHORITY);
    let digest = |what: &str| sm3::digest(what.as_bytes());
    let send = |name: &str, act: CreditAct| {
        let record = signer.act(name, Act::Credit(act), 100_000);
        cluster.post(AUTHORITY, &record.to_der()).unwrap();
        record.id()
    };
    let recognise = |subject: &str, basis: &ForeignBasis| {
        let name = basis.of.record.to_string();
        let act = RecordItem {
            subject: yinxin_record::Subject::parse(subject).unwrap(),
            class: ClassReference { code: ClassCode::new("black").unwrap(), version: 1 },
            law: Text::new("行政处罚法").unwrap(),
            content: digest(&name),
            basis: Basis::Foreign(basis.clone()),
            decided: Date::parse(&ago(48)).unwrap(),
            until: None,
            publish_by: None,
        };
        send(&name, CreditAct::Record(act))
    };
    // A record is recognised once: each lie names one of its own.
    let of = |name: &str| truth(place, name);
    let gone = sm3::digest(&place.read("lapsed-gone.status"));
    let made_up = |what: &str| RecordReference { record: digest(what), ..of("farther").of };
    let lies = [
        (
            "farther",
            COMPANY,
            ForeignBasis { of: made_up("one"), receipt: digest("receipt"), ..of("farther") },
            &["SM3"][..],
        ),
        (
            "farther",
            COMPANY,
            ForeignBasis { of: made_up("two"), status: digest("status"), ..of("farther") },
            &["SM3"],
        ),
        (
            "farther",
            COMPANY,
            ForeignBasis { of: made_up("three"), ..of("farther") },
            &["rests on record"],
        ),
        ("strange", code(BANK), of("strange"), &["is about", COMPANY, code(BANK)]),
        ("mild", COMPANY, of("mild"), &["rests on penalty.grave", "is of penalty.test"]),
        (
            "lapsed",
            COMPANY,
            ForeignBasis { status: gone, ..of("lapsed") },
            &["recognised as in force", "at home it was: withdrawn"],
        ),
        (
            "longer",
            COMPANY,
            ForeignBasis { until: None, ..of("longer") },
            &["in force until -", "at home it was: in-force, until 2"],
        ),
    ];
    for (name, subject, lie, words) in lies {
        let item = recognise(subject, &lie).to_string();
        let check = checking(desk, &item, name, "");
        let check = check.replace("--status lapsed.status", "--status lapsed-gone.status");
        place.ends(&check, 1, &[words, &[code(AUTHORITY), "credit dispute"]].concat());
    }
    let item = recognise(COMPANY, &of("farther"));
    let check = |more: &str| checking(desk, &item.to_string(), "farther", more);
    place.ends(&check(""), 0, &["holds"]);
    // It was withdrawn at home, and was ended here as if it had been repaired.
    let status = sm3::digest(&place.read("farther-gone.status"));
    send("end", CreditAct::EndRecognised(EndRecognised { item, status, how: HomeEnd::Repaired }));
    place.ends(&check("--end farther.status"), 1, &["SM3", "credit dispute"]);
    let words = ["ended here as repaired, at home it was: withdrawn", "credit dispute"];
    place.ends(&check("--end farther-gone.status"), 1, &words);
}

/// A commitment is broken; a repair is rejected and may be asked for again; objections are upheld, dropped, and end the item.
fn settled(desk: &Desk<'_>) {
    let form = desk.promise(AUTHORITY, "promise", 20);
    let promise = desk.record("promise", "promise", &form);
    assert_eq!(desk.status(&promise), "committed");
    let found = format!("{promise} --finding papers/kept.txt --found {}", ago(2));
    desk.refused(CENTRE, &format!("credit commitment break {found}"), &["NOT_AUTHORITY"]);
    desk.does(AUTHORITY, &format!("credit commitment break {found}"));
    assert_eq!(desk.status(&promise), "broken");
    let late = format!("credit commitment fulfil {found}");
    desk.refused(AUTHORITY, &late, &["ILLEGAL_MOVE"]);

    let form = desk.penalty(AUTHORITY, "worn", 120);
    let worn = desk.record("penalty.test", "worn", &form);
    let apply = format!("credit repair apply {worn} {EVIDENCE}");
    let application = desk.does(BANK, &apply);
    desk.does(AUTHORITY, &format!("credit repair decide {application} --reject 2"));
    assert_eq!(
        [desk.status(&application), desk.status(&worn)],
        ["rejected", "in-force"].map(str::to_owned)
    );
    let better = apply.replace("--commitment papers/letter", "--commitment papers/done");
    let second = desk.does(BANK, &better);
    assert_eq!(desk.status(&second), "applied");

    let objecting = |statement: &str| {
        format!("credit dispute {worn} --statement papers/{statement}.txt --calendar days.toml")
    };
    let object = |n: usize, statement: &str| desk.does(n, &objecting(statement));
    let ends = |objection: &str, how: &str, n: usize, item: &str| {
        desk.does(n, &format!("credit resolve {objection} {how}"));
        assert_eq!((desk.status(objection).as_str(), desk.status(&worn).as_str()), (how, item));
    };
    ends(&object(BANK, "statement"), "upheld", AUTHORITY, "in-force");
    ends(&object(BANK, "case"), "dropped", BANK, "in-force");
    desk.refused(BANK, &objecting("report"), &["NOT_OVERDUE"]);
    ends(&object(CENTRE, "report"), "withdrawn", AUTHORITY, "withdrawn");
    desk.refused(BANK, &better.replace("papers/done", "papers/kept"), &["ILLEGAL_MOVE"]);
}

/// The company objects by its own signature, whoever else has objected; the member that carried its word does not take it back.
fn own_word(desk: &Desk<'_>) {
    let place = desk.place;
    let form = desk.penalty(AUTHORITY, "own", 90);
    let item = desk.record("penalty.test", "own", &form);
    let theirs = "--statement papers/statement.txt --calendar days.toml";
    let theirs = desk.does(BANK, &format!("credit dispute {item} {theirs}"));
    let signing = "--key company.key --password-file pw --trust trust";
    place.ok(&format!(
        "credit objection sign {item} --statement papers/case.txt --reason 2 {signing} --out word"
    ));
    let submit = "credit objection submit word --calendar days.toml";
    let own = desk.does(BANK, submit);
    let at = desk.cluster.http(AUTHORITY);
    place.ends(
        &format!("credit status {own} --trust trust --node {at}"),
        0,
        &["signed-by-subject"],
    );
    desk.refused(BANK, &format!("credit resolve {own} dropped"), &["SIGNATURE"]);
    place.ok(&format!("credit objection retract {own} {signing} --out dropped"));
    desk.does(CENTRE, &format!("credit objection drop {own} dropped"));
    assert_eq!(
        (desk.status(&own), desk.status(&theirs)),
        ("dropped".to_owned(), "open".to_owned())
    );
    desk.refused(CENTRE, submit, &["WORD_KNOWN", &own]);
    place.ok(&format!(
        "credit objection sign {item} --statement papers/report.txt --key n2/org.key --password-file pw --trust trust --out forged"
    ));
    let forged = "credit objection submit forged --calendar days.toml";
    desk.refused(CENTRE, forged, &["SIGNATURE"]);
}

/// A place on a list falls with the decision that it rests on.
fn struck_off(desk: &Desk<'_>) {
    let form = desk.penalty(AUTHORITY, "grave", 30);
    let grave = desk.record("penalty.grave", "grave", &form);
    let form = desk.general(AUTHORITY, "entry", 29);
    let entry = desk.does(
        AUTHORITY,
        &format!(
            "credit record black {form} --basis item:{grave} --contents contents --classes classes.toml --calendar days.toml"
        ),
    );
    let off = format!("credit delist {entry} --basis-ended {grave}");
    desk.refused(AUTHORITY, &off, &["BASIS_OTHER"]);
    let excluded = format!("credit delist {entry} --excluded-by {grave}");
    desk.refused(AUTHORITY, &excluded, &["BASIS_OTHER"]);
    desk.does(
        AUTHORITY,
        &format!(
            "credit withdraw {grave} --paper papers/annulled.txt --decided {} --calendar days.toml",
            ago(1)
        ),
    );
    desk.does(AUTHORITY, &off);
    assert_eq!(desk.status(&entry), "delisted");
}

/// A bank that needs its authorisation no longer gives it back; nobody brings it again.
fn given_back(desk: &Desk<'_>) {
    let place = desk.place;
    let bank = code(BANK);
    let sign = format!(
        "--json credit authorise sign {COMPANY} --reader {bank} --purpose loan --until {} --key company.key --password-file pw \
         --trust trust --out grant",
        ago(-300)
    );
    let signed = place.ends(&sign, 0, &[]).json();
    let grant = signed["id"].as_str().unwrap();
    desk.does(BANK, "credit authorise submit grant");
    desk.refused(AUTHORITY, &format!("credit revoke end {grant}"), &["POWER_MISSING"]);
    desk.does(BANK, &format!("credit revoke end {grant} --reason 1"));
    assert_eq!(desk.status(grant), "closed");
    desk.refused(CENTRE, "credit authorise submit grant", &["ILLEGAL_MOVE"]);
}

/// A person is a pseudonym that its custodian alone can make; the ledger and the content have neither number nor name.
fn people(desk: &Desk<'_>) {
    let place = desk.place;
    let (number, custodian) = ("99010119900307004X", code(AUTHORITY));
    place.ok("asset secret people.secret");
    place.write("people", format!("{number}\n 990101199003070058\n\n99010119900307004x\n"));
    let at = desk.cluster.http(AUTHORITY);
    let make = format!(
        "--json credit pseudonym people --custodian {custodian} --secret people.secret --trust trust --node {at}"
    );
    place.ends(&make, 2, &["does not know which secret", "credit custodian"]);
    desk.does(AUTHORITY, "credit custodian --secret people.secret");
    place.ok("asset secret other.secret");
    desk.refused(AUTHORITY, "credit custodian --secret other.secret", &["SECRET_KNOWN"]);
    place.ends(&make.replace("people.secret", "other.secret"), 2, &["check value"]);
    let made = place.ends(&make, 0, &[]).json();
    let made: Vec<&str> =
        made["pseudonyms"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
    let [person, other, same] = made[..] else { panic!("three numbers: {made:?}") };
    assert!(person == same && person != other);
    place.write("people", format!("{number}\n990101199003070059\n"));
    let said = place.ends(&make, 4, &["people:2"]);
    assert!(!said.err.contains("99010119900307"), "{said:?}");

    let form = desk.promise(AUTHORITY, "person", 3);
    let text = String::from_utf8(place.read(&form)).unwrap();
    let text = text.replace("\"02\"", "\"01\"").replace("示例精密机械有限公司", "张三丰");
    place.write(&form, text.replace(&format!("SHXYM = \"{COMPANY}\"\n"), ""));
    let line = format!("{} --pseudonym {person}", recording("promise", "person", &form));
    let item = desk.does(AUTHORITY, &line);
    let take = format!(
        "credit view take {person} --purpose hearing --law 社会信用条例 --contents contents --package person.view"
    );
    let seen = place.ends(&desk.line(CENTRE, &take), 0, &[]).json();
    assert_eq!((&seen["items"][0]["item"], &seen["records"]), (&item.into(), &1.into()));
    let shown = seen["items"][0]["content"].to_string();
    assert!(shown.contains("张**") && !shown.contains("张三丰"), "{shown}");
}
