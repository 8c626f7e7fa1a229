//! A service over a node and a source's store: what is in batches is shown with what is on the ledger, also what comes in meanwhile.

use std::collections::BTreeMap;

use yinxin_tests::{
    browser::Browser,
    cluster::free_ports,
    server::{Server, get},
};

use crate::desk::{AUTHORITY, COMPANY, Desk, ago, code};

/// The store has one record of the company; `seen` is what a bank's view shows of it.
pub(crate) fn batches_are_shown(desk: &Desk<'_>, seen: &serde_json::Value) {
    let (place, port) = (desk.place, free_ports());
    let node = desk.cluster.http(AUTHORITY);
    let base = format!("http://127.0.0.1:{port}");
    let serve = format!("serve --trust trust --listen 127.0.0.1:{port} --node {node}");
    place.ends(&format!("{serve} --credit-store nothing"), 5, &["nothing"]);
    let mut server = Server::start(place, &format!("{serve} --credit-store store"));
    Server::wait(&base);
    let view = |base: &str| -> serde_json::Value {
        let (status, text) = get(&format!("{base}/v1/credit/subjects/{COMPANY}")).unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    };
    let items = |view: &serde_json::Value| {
        let items = view["items"].as_array().unwrap();
        let of_source = items.iter().filter(|item| item["source"]["code"] == code(AUTHORITY));
        (items.len(), of_source.count())
    };
    let alone = view(node);
    let (all, none) = items(&alone);
    assert_eq!((none, &alone["sources"][0]["records"]), (0, &serde_json::Value::Null));
    let both = view(&base);
    assert_eq!(
        (items(&both), &both["sources"][0]["records"]),
        ((all + 1, 1), &1.into()),
        "{both:#}"
    );
    // The receipt of the batch that the source's root stands in.
    let receipt = both["sources"][0]["receipt"].as_str().unwrap();
    let id = receipt.strip_prefix("/v1/receipts/").unwrap().parse().unwrap();
    place.write("batch.receipt", desk.cluster.receipt(AUTHORITY, &id).unwrap());
    place.ok("verify --brief --trust trust batch.receipt");

    told_alike(seen, &both);
    people_see_them(desk, &base, seen);

    // The source goes on while it is served.
    let (code, day) = (code(AUTHORITY), ago(8));
    place.write(
        "more.csv",
        format!(
            "MC,LB,SHXYM,BH,NR,RQ,JG,JGDM\n某公司,02,{COMPANY},4,年报已公示,{day},某局,{code}\n"
        ),
    );
    desk.does(
        AUTHORITY,
        &format!("credit import more.csv --store store --source {code} --class fact --classes classes.toml --calendar days.toml"),
    );
    let more = view(&base);
    assert_eq!((items(&more), &more["sources"][0]["batch"]), ((all + 2, 2), &2.into()), "{more:#}");
    assert_eq!(server.interrupt(), Some(0));
}

/// The command and the service say the same of each item.
fn told_alike(seen: &serde_json::Value, view: &serde_json::Value) {
    let items = |of: &serde_json::Value, id: &str, fields: [&str; 6]| {
        let one = |item: &serde_json::Value| {
            let said = fields.map(|field| item[field].clone());
            (item[id].as_str().unwrap().to_owned(), said)
        };
        of["items"].as_array().unwrap().iter().map(one).collect::<BTreeMap<_, _>>()
    };
    let fields = ["class", "status", "decided", "until", "disputed", "late"];
    assert_eq!(items(seen, "item", fields), items(view, "id", fields));
    let sum = |of: &serde_json::Value, fields: &[&str]| -> u64 {
        fields.iter().map(|field| of[field].as_u64().unwrap()).sum()
    };
    assert_eq!(sum(seen, &["ended", "beyond"]), sum(view, &["not_shown"]));
    assert_eq!(seen["records"], view["records"]);
}

fn people_see_them(desk: &Desk<'_>, base: &str, seen: &serde_json::Value) {
    let Some(browser) = Browser::start() else { return };
    let sees = |css: &str, words: &[&str]| {
        let shown = browser.wait_text(css, |text| words.iter().all(|word| text.contains(word)));
        assert!(!shown.is_empty(), "{css}");
    };
    browser.open(&format!("{}/credit?subject={COMPANY}", desk.cluster.http(AUTHORITY)));
    sees("#head", &["未含批量来源"]);
    browser.open(&format!("{base}/credit?subject={COMPANY}"));
    sees("#head", &["批量来源", "1 条", "第 1 批"]);
    sees("#items", &["fact", "批量来源"]);
    let all = seen["items"].as_array().unwrap();
    sees("#head", &[&format!("{} 条", all.len()), &seen["records"].to_string()]);
    for item in all {
        let card = format!("#item-{}", item["item"].as_str().unwrap());
        let days = [&item["decided"], &item["until"]].map(|day| day.as_str().unwrap());
        sees(&card, &days);
    }
    assert_eq!(browser.console(), Vec::<String>::new(), "no errors, nothing blocked");
}
