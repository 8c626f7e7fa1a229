//! Every act of a licence's life through four processes: suspended, resumed, changed, revoked, cancelled; no act on a dead one.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS},
    place::Place,
    root,
};

/// The sample's type stands for the nation's; here the first department publishes it as its own.
const NATIONAL_CODE: &str = "11100000MB0143028R001";

const SIGNER: &str = "--key n1/org.key --cert n1/org.cer --password-file pw";

/// Type, mapping, the sample's first three rows, and the first of them with another address.
fn materials(place: &Place) {
    let sample =
        |name: &str| std::fs::read_to_string(root().join("cli/sample").join(name)).unwrap();
    let code = format!("{}001", DEPARTMENTS[0].0);
    place.write("type.toml", sample("business-licence.toml").replace(NATIONAL_CODE, &code));
    place.write("columns.toml", sample("columns.toml"));
    let csv = sample("companies.csv");
    let rows: Vec<_> = csv.lines().take(4).collect();
    place.write("rows.csv", rows.join("\n"));
    let moved = rows[1].replace("浙江省杭州市", "浙江省宁波市");
    assert_ne!(moved, rows[1], "the first company of the sample sits in Hangzhou");
    place.write("moved.csv", [rows[0], &moved].join("\n"));
}

/// Asks the ledger, verifies the document with the answer, and insists on the state and the exit code.
fn stands(place: &Place, at: &str, file: &str, state: &str, code: i32) {
    let line = format!("licence status {file} {at} --out now.status");
    place.ends(&line, 0, &[state]);
    place.ends(&format!("verify --brief --trust trust --status now.status {file}"), code, &[]);
}

#[test]
fn a_licence_lives_by_its_table_and_the_dead_stay_dead() {
    let cluster = Cluster::start();
    let place = cluster.place();
    materials(place);
    let at = format!("--node {} --trust trust", cluster.http(1));
    place.ok(&format!(
        "seal make --key n2/org.key --cert n2/org.cer --password-file pw --signer n1/org.cer --name 测试局 \
         --out seal.esl {at}"
    ));
    place.ends("licence type show type.toml", 0, &["营业执照"]);
    place.ok(&format!("licence type publish type.toml {SIGNER} {at}"));
    let made = format!("--type type.toml --map columns.toml --seal seal.esl {SIGNER} {at}");
    place.ok(&format!(
        "licence issue --csv rows.csv {made} --out licences --receipts receipts --work work"
    ));
    let [first, second, third] =
        ["01", "02", "03"].map(|n| format!("licences/33010020260000{n}.ofd"));

    // Suspended and resumed: out of force, and in force again.
    stands(place, &at, &first, "active", 0);
    place.ok(&format!("licence suspend {first} --reason inquiry {SIGNER} {at}"));
    stands(place, &at, &first, "suspended", 1);
    place.ends(&format!("licence suspend {first} --reason inquiry {SIGNER} {at}"), 1, &["suspend"]);
    place.ok(&format!("licence resume {first} {SIGNER} {at}"));
    stands(place, &at, &first, "active", 0);

    // Changed: a new version in force, the old one replaced; both still prove that they were issued.
    place.ok(&format!("licence change {first} --csv moved.csv {made} --out changed"));
    stands(place, &at, &first, "replaced", 1);
    let mut new = std::fs::read_dir(place.file("changed")).unwrap().map(|e| e.unwrap().file_name());
    let new = new.find(|n| n.to_string_lossy().ends_with(".ofd")).unwrap();
    let new = format!("changed/{}", new.to_string_lossy());
    assert!(!place.file("changed/.pending").exists(), "nothing is on its way any more");
    // A version whose name is taken in the folder is not even sent, and the file stays as it is.
    let bytes = std::fs::read(place.file(&new)).unwrap();
    place.ends(&format!("licence change {first} --csv moved.csv {made} --out changed"), 2, &[&new]);
    assert_eq!(std::fs::read(place.file(&new)).unwrap(), bytes);
    // What the rules refuse leaves no document behind.
    let refused = format!("licence change {first} --csv moved.csv {made} --out elsewhere");
    assert_ne!(place.run(&refused).code, Some(0));
    let left = std::fs::read_dir(place.file("elsewhere")).map_or(0, Iterator::count);
    assert_eq!(left, 0);
    place.ends(&format!("licence show {new}"), 0, &[".002.", "宁波"]);
    stands(place, &at, &new, "active", 0);

    // Revoked and cancelled: nothing moves them again.
    place.ok(&format!("licence revoke {second} --reason deceit {SIGNER} {at}"));
    place.ok(&format!("licence cancel {third} --reason holder-closed {SIGNER} {at}"));
    for (dead, state) in [(&second, "revoked"), (&third, "cancelled"), (&first, "replaced")] {
        stands(place, &at, dead, state, 1);
        for act in [
            "suspend --reason inquiry",
            "resume",
            "revoke --reason deceit",
            "cancel --reason expired",
        ] {
            let (verb, more) = act.split_once(' ').unwrap_or((act, ""));
            place.ends(&format!("licence {verb} {dead} {more} {SIGNER} {at}"), 1, &[]);
        }
        stands(place, &at, dead, state, 1);
    }
    // Another department has no say.
    let other = "--key n3/org.key --cert n3/org.cer --password-file pw";
    place.ends(&format!("licence revoke {new} --reason deceit {other} {at}"), 1, &[]);
    a_licence_names_the_register_that_it_was_made_from(place, &at, &new);
    cluster.stop_all();
    place.ok(&format!("verify --brief --trust trust {first} {second} {third} {new}"));
}

/// The document of a licence is the target of a derivation: from the licence the way leads back to the shared register.
fn a_licence_names_the_register_that_it_was_made_from(place: &Place, at: &str, licence: &str) {
    let owner = DEPARTMENTS[0].0;
    place.write(
        "catalogue.csv",
        format!(
            "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n\
             {owner},测试局,306/1,1,企业登记簿,测试,有条件共享,用于发证,,每日,企业名称,字符型,一般1级,\n"
        ),
    );
    place.write("policy.toml", "");
    place.ok(&format!(
        "data publish catalogue.csv --policy policy.toml --work work-data {SIGNER} {at}"
    ));
    let derive = |from: &str, more: &str| {
        format!(
            "data derive {licence} --method licence --from {from} --rule columns.toml --purpose licensing {more} {SIGNER} {at}"
        )
    };
    let resource = format!("{owner}.306~1");
    place.ends(&derive(&format!("{resource}@2"), ""), 1, &[]);
    place.ok(&derive(&format!("{resource}@1"), "--out derived.receipt"));
    place.ok("verify --brief --trust trust derived.receipt");
    let back = format!("trace {licence} --backward --verify {at}");
    place.ends(&back, 0, &["企业登记簿", "all hold"]);
    // From the identifier too, through the record that issued it.
    let shown = place.ends(&format!("--json licence show {licence}"), 0, &[]).json();
    let identifier = shown["identifier"].as_str().unwrap();
    let traced = place.ok(&format!("--json trace l:{identifier} --backward {at}"));
    assert!(traced.contains(&resource) && traced.contains("licence"), "{traced}");
    // And forwards, to whoever asks what became of the register.
    let traced = place.ok(&format!("--json trace {resource} --forward {at}"));
    assert!(traced.contains(identifier), "{traced}");
}
