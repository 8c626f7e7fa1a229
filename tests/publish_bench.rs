//! A province's catalogue on a ledger of four processes: how long `data publish` takes until each resource's receipt lies in its folder,
//! what a second run costs, and what export and search take.
//!
//! `cargo build --release -p yinxin-cli && cargo bench --profile release -p yinxin-tests --bench publish -- [RESOURCES] [PARALLEL]`

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a bench that fails has failed"
)]

use std::time::Instant;

use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS},
    place::Place,
};

/// As many resources as a province has, and on average three items and a little each.
const RESOURCES: usize = 16_973;
/// The first of them have one item more than the others: 52,542 items together.
const LARGER: usize = 52_542 - 3 * RESOURCES;

const HEADER: &str = "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n";

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    let resources = args.next().map_or(RESOURCES, |a| a.parse().unwrap());
    let parallel = args.next().map(|n| format!("--parallel {n}")).unwrap_or_default();
    let cluster = Cluster::start();
    let place = cluster.place();
    let items = catalogue(place, resources);
    println!("{resources} resources with {items} items");
    for (what, line) in [
        ("search", "data search catalogue.csv 不动产 --limit 1"),
        ("export as DCAT", "data export catalogue.csv --as dcat --out catalogue.json"),
        ("export back as a table", "data export catalogue.json --as csv --out back.csv"),
    ] {
        let begun = Instant::now();
        place.ok(line);
        println!("{what}: {:.1} s", begun.elapsed().as_secs_f64());
    }
    place.ok("data export catalogue.csv --as csv --out there.csv");
    assert!(place.read("back.csv") == place.read("there.csv"), "both forms say the same");
    let line = format!(
        "--json data publish catalogue.csv --work work {parallel} --key n1/org.key --cert n1/org.cer --password-file pw \
         --node {} --trust trust",
        cluster.http(1)
    );
    for (what, counted) in [("published", "published"), ("published before", "before")] {
        let begun = Instant::now();
        let view = place.ends(&line, 0, &[]).json();
        let took = begun.elapsed().as_secs_f64();
        assert_eq!(view[counted], resources, "{view}");
        println!("{what}: {took:.1} s, {:.0} a second", resources as f64 / took);
    }
}

/// The file, in codes of the first department; how many items it has.
fn catalogue(place: &Place, resources: usize) -> usize {
    let mut rows = HEADER.to_owned();
    let mut items = 0;
    for n in 0..resources {
        let class = ["无条件共享,,", "有条件共享,审批用途,", "不予共享,,某条例"][n % 3];
        for item in &["名称", "代码", "日期", "状态"][..3 + usize::from(n < LARGER)] {
            items += 1;
            rows.push_str(&format!(
                "{},某厅,307/{n},1,不动产信息第{n}号,某类基础数据,{class},每日,{item},字符型,一般2级,\n",
                DEPARTMENTS[0].0
            ));
        }
    }
    place.write("catalogue.csv", rows);
    items
}
