//! The register of invoices: one key for all spellings, one pledge at a time.

use std::thread;

use yinxin_tests::{cluster::Cluster, place::Said};

use crate::{
    desk::{AUTHORITY, BANK, CENTRE, COMPANY, Desk, OTHER_BANK, ago, code, company},
    turn,
};

#[test]
fn one_invoice_is_pledged_once_however_its_number_is_written() {
    let _turn = turn();
    let cluster = Cluster::start();
    let place = cluster.place();
    company(place);
    let desk = Desk { cluster: &cluster, place };
    desk.does(CENTRE, &format!("credit key {COMPANY} --subject-cert company.cer"));
    let made = place.ends("--json asset secret register.secret", 0, &[]).json();
    let check = made["check"].as_str().unwrap();
    place.ends("asset check register.secret", 0, &[check]);
    place.ends("asset secret register.secret", 2, &["exists"]);
    let ask = format!("--trust trust --node {}", cluster.http(AUTHORITY));
    let early = format!("asset key invoice 25332000000012345678 --secret register.secret {ask}");
    place.ends(&early, 2, &["does not know which secret", "asset custodian"]);
    let appoint = format!("asset custodian invoice {} --check {check}", code(AUTHORITY));
    desk.does(CENTRE, &appoint);
    // A secret that somebody made anew leads every number to another asset: it is noticed before anything is registered.
    place.ok("asset secret another.secret");
    place.ends(&early.replace("register.secret", "another.secret"), 2, &["check value", check]);
    place.ends(&format!("{early} --offline"), 0, &["25332000000012345678"]);
    let key = |number: &str| {
        let line = format!("--json asset key invoice {number} --secret register.secret {ask}");
        place.ends(&line, 0, &[]).json()["key"].as_str().unwrap().to_owned()
    };
    let spellings =
        ["25332000000012345678", "发票号码：２５３３－２０００－００００－１２３４－５６７８"];
    let [asset, same] = spellings.map(key);
    assert_eq!(asset, same, "one invoice, one key");
    place.ends("asset key invoice 2533200000001234567", 4, &["20 digits"]);
    place.write("invoice.txt", "钢材 120 吨");
    desk.does(
        AUTHORITY,
        &format!(
            "asset register {asset} --owner {COMPANY} --content invoice.txt --due {}",
            ago(-90)
        ),
    );
    desk.refused(
        AUTHORITY,
        &format!("asset register {same} --owner {COMPANY} --content invoice.txt"),
        &["ILLEGAL_MOVE"],
    );

    // Its owner signs with both banks, each with its own spelling.
    for (bank, asset) in [(BANK, &asset), (OTHER_BANK, &same)] {
        place.write(&format!("contract{bank}.txt"), format!("loan {bank}"));
        place.ok(&format!(
            "asset sign pledge {asset} --turn {} --pledgee {} --contract contract{bank}.txt --key company.key --password-file pw --trust trust --out deal{bank}",
            turn_of(&desk, asset),
            code(bank)
        ));
    }
    let race: Vec<(usize, Said)> = thread::scope(|scope| {
        let run = |bank: usize| {
            let line = desk.line_at(
                bank,
                bank,
                &format!("asset pledge deal{bank} --out pledge{bank}.receipt"),
            );
            scope.spawn(move || (bank, place.run(&line)))
        };
        let both = [BANK, OTHER_BANK].map(run);
        both.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) =
        race.into_iter().partition(|(_, said)| said.code == Some(0));
    assert_eq!((won.len(), lost.len()), (1, 1), "{won:?} {lost:?}");
    let ((winner, _), (loser, said)) = (&won[0], &lost[0]);
    said.must(1, &[code(*winner)]);
    place.ok(&format!("verify --brief --trust trust pledge{winner}.receipt"));
    assert!(!place.file(&format!("pledge{loser}.receipt")).exists());

    // Whoever holds it releases it, nobody else; then the other may have it, by a new signature.
    desk.refused(*loser, &format!("asset release {asset}"), &["NOT_AUTHORITY"]);
    desk.does(*winner, &format!("asset release {asset} --reason 1"));
    desk.refused(*loser, &format!("asset pledge deal{loser}"), &["TURN_OTHER"]);
    place.ok(&format!(
        "asset sign pledge {asset} --turn {} --pledgee {} --contract contract{loser}.txt --key company.key --password-file pw --trust trust --out again",
        turn_of(&desk, &asset),
        code(*loser)
    ));
    desk.does(*loser, "asset pledge again");
    ends(&desk, &asset, *loser);
    cluster.stop_all();
}

/// Pledged, it is nobody's to sell, and only whoever holds it says that it is spent.
fn ends(desk: &Desk<'_>, pledged: &str, holder: usize) {
    let place = desk.place;
    let sells = |asset: &str, key: &str, out: &str| {
        place.ok(&format!(
            "asset sign transfer {asset} --turn {} --to {} --contract invoice.txt --key {key} --password-file pw --trust trust --out {out}",
            turn_of(desk, asset),
            code(BANK)
        ));
        format!("asset transfer {out}")
    };
    desk.refused(AUTHORITY, &sells(pledged, "company.key", "sold"), &["ASSET_PLEDGED"]);
    desk.refused(
        AUTHORITY,
        &format!("asset retire {pledged} --paper invoice.txt"),
        &["NOT_AUTHORITY"],
    );
    desk.does(AUTHORITY, &format!("asset impair {pledged} --paper invoice.txt"));
    assert_eq!(asset_status(desk, pledged)["status"], "impaired");
    desk.does(holder, &format!("asset release {pledged}"));
    assert_eq!(asset_status(desk, pledged)["status"], "retired");

    // Another invoice is sold by its owner's word and no other's.
    let at = desk.cluster.http(AUTHORITY);
    let line = format!(
        "--json asset key invoice 25332000000087654321 --secret register.secret --trust trust --node {at}"
    );
    let other = place.ends(&line, 0, &[]).json()["key"].as_str().unwrap().to_owned();
    desk.does(
        AUTHORITY,
        &format!("asset register {other} --owner {COMPANY} --content invoice.txt"),
    );
    desk.refused(AUTHORITY, &sells(&other, "n2/org.key", "stolen"), &["SIGNATURE"]);
    desk.does(AUTHORITY, &sells(&other, "company.key", "sale"));
    let owner = asset_status(desk, &other)["details"].to_string();
    assert!(owner.contains(code(BANK)), "{owner}");
    desk.does(AUTHORITY, &format!("asset retire {other} --paper invoice.txt"));
    assert_eq!(asset_status(desk, &other)["status"], "retired");
    one_debt(desk);
}

/// A contract's number is its parties' own, and the debt that it is and its invoice are registered as one or the other.
fn one_debt(desk: &Desk<'_>) {
    let place = desk.place;
    let secret = place.ends("--json asset check register.secret", 0, &[]).json();
    let check = secret["check"].as_str().unwrap();
    desk.does(CENTRE, &format!("asset custodian receivable {} --check {check}", code(AUTHORITY)));
    let at = desk.cluster.http(AUTHORITY);
    let ask = format!("--secret register.secret --trust trust --node {at}");
    let key = |what: &str| {
        let line = format!("--json asset key {what} {ask}");
        place.ends(&line, 0, &[]).json()["key"].as_str().unwrap().to_owned()
    };
    let bare = format!("asset key receivable HT-2026-001 {ask}");
    place.ends(&bare, 4, &["seller"]);
    let of = |seller: &str| {
        key(&format!("receivable HT-2026-001 --seller {seller} --buyer {}", code(BANK)))
    };
    let receivable = of(COMPANY);
    assert_ne!(receivable, of(code(CENTRE)), "another seller's contract of that number");
    let invoice = key("invoice 25332000000011112222");
    let register = |asset: &str, more: &str| {
        format!("asset register {asset} --owner {COMPANY} --content invoice.txt {more}")
    };
    desk.does(AUTHORITY, &register(&receivable, &format!("--invoice {invoice}")));
    desk.refused(AUTHORITY, &register(&invoice, ""), &["DEBT_REGISTERED", &receivable]);
}

fn asset_status(desk: &Desk<'_>, asset: &str) -> serde_json::Value {
    let at = desk.cluster.http(AUTHORITY);
    let line = format!("--json asset status {asset} --trust trust --node {at}");
    desk.place.ends(&line, 0, &[]).json()["things"][0].clone()
}

fn turn_of(desk: &Desk<'_>, asset: &str) -> String {
    let thing = asset_status(desk, asset);
    let details = thing["details"].as_array().unwrap();
    let turn = details.iter().find(|pair| pair[0] == "turn").unwrap();
    turn[1].as_str().unwrap().to_owned()
}
