//! A share's whole life through four processes: published, asked for, granted, sealed, delivered, opened, revoked; what must be
//! refused is refused by its code, and no plaintext lies in any node's directory.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "data/large.rs"]
mod large;
#[path = "data/message.rs"]
mod message;
#[path = "data/tokens.rs"]
mod tokens;

use std::path::Path;

use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS},
    place::Place,
};

/// Words of the rows, of the files that stay with departments: the ledger must never see them.
const SECRETS: [&str; 3] = ["欧阳测试", "LEDGER-MUST-NOT-SEE-41", "330106199001011234"];

fn signer(n: usize) -> String {
    format!("--key n{n}/org.key --cert n{n}/org.cer --password-file pw")
}

/// Catalogue, policy, working days of this year and the next, and rows of more than one chunk.
fn materials(place: &Place) {
    let owner = DEPARTMENTS[0].0;
    let mut catalogue = String::from(
        "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n",
    );
    for (code, name, items) in [
        ("307/1", "企业登记信息", [("企业名称", "一般1级"), ("法定代表人", "一般3级")]),
        ("307/2", "行政处罚信息", [("企业名称", "一般1级"), ("处罚事由", "一般2级")]),
        ("307/3", "重点人员信息", [("姓名", "一般4级"), ("身份证号", "一般4级")]),
    ] {
        for (item, level) in items {
            catalogue.push_str(&format!(
                "{owner},测试局,{code},1,{name},测试,有条件共享,用于信贷审批,,每日,{item},字符型,{level},\n"
            ));
        }
    }
    place.write("catalogue.csv", &catalogue);
    place.write("policy.toml", "dual_control = \"general-4\"\n");
    // The next years too: the test must not end with the calendar that comes with the program.
    let days: String = (2025..2100)
        .map(|year| format!("[[year]]\nyear = {year}\nsource = \"test\"\noff = []\nwork = []\n"))
        .collect();
    place.write("days.toml", format!("region = \"CN\"\n{days}"));
    let line = format!("{},{},{}\n", SECRETS[0], SECRETS[1], SECRETS[2]);
    place.write("rows.csv", line.repeat(40_000));
}

/// A department's key and certificate, without a node.
fn department(place: &Place, n: usize) {
    let code = DEPARTMENTS[n - 1].0;
    place.ok(&format!("key new n{n}/org.key --password-file pw"));
    place.ok(&format!("key csr n{n}/org.key --password-file pw --organisation D{n} --code {code} --out n{n}/org.csr"));
    place.ok(&format!("ca issue ca n{n}/org.csr --password-file pw --out n{n}/org.cer"));
}

/// A person with a key and a certificate of her own.
fn person(place: &Place, name: &str) {
    place.ok(&format!("key new {name}.key --password-file pw"));
    place.ok(&format!(
        "key csr {name}.key --password-file pw --organisation D1 --name {name} --out {name}.csr"
    ));
    place.ok(&format!("ca issue ca {name}.csr --password-file pw --out {name}.cer"));
}

/// Whether any file below a folder holds the bytes.
fn lies_in(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).any(|path| {
        if path.is_dir() {
            return lies_in(&path, bytes);
        }
        let content = std::fs::read(&path).unwrap_or_default();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

/// A request by the second department; its id.
fn ask(place: &Place, at: &str, resource: &str, fields: &str, key: &str) -> String {
    let line = format!(
        "--json data request {resource} {fields} --purpose credit --item 0001 --basis 征信业管理条例 \
         --until {} --calls 2 --rows 80000 --bytes 100000000 --calendar days.toml \
         --business-key {key} {} {at} --out {key}.receipt",
        in_a_year(),
        signer(2)
    );
    let view = place.ends(&line, 0, &[]).json();
    assert_eq!(view["status"], "open");
    place.ok(&format!("verify --brief --trust trust {key}.receipt"));
    view["subject"].as_str().unwrap().to_owned()
}

/// A day that a grant may last until: some three hundred days from now.
fn in_a_year() -> String {
    let now = yinxin_verdict::UnixTime::system_now();
    now.plus_millis(300 * 24 * 3_600_000).china_date()
}

#[test]
fn a_share_lives_by_its_table_and_nobody_else_reads_it() {
    let cluster = Cluster::start();
    let place = cluster.place();
    materials(place);
    let at = format!("--node {} --trust trust", cluster.http(1));
    let owner = DEPARTMENTS[0].0;
    let [one, three] = ["307~1", "307~3"].map(|code| format!("{owner}.{code}"));

    // The catalogue, and what it becomes in other forms.
    place.ends("data search catalogue.csv 企业 处罚", 0, &["307~2", "1 / 1"]);
    place.ok("data export catalogue.csv --as dcat --out catalogue.jsonld");
    place.ok("data export catalogue.jsonld --as csv --out again.csv");
    assert_eq!(place.read("again.csv"), place.read("catalogue.csv"));

    // Published, a record for each; once more changes nothing; nobody publishes another's.
    let publish = format!(
        "--json data publish catalogue.csv --policy policy.toml --work work {} {at}",
        signer(1)
    );
    let done = place.ends(&publish, 0, &[]).json();
    assert_eq!((&done["published"], &done["before"]), (&3.into(), &0.into()));
    std::fs::remove_file(place.file(&format!("work/{one}@1.receipt"))).unwrap();
    place.ends(&publish, 4, &["BUSINESS_KEY_USED"]);
    place.ok(&format!("ledger status resource {one} {at}"));
    place.ends(
        &format!("data status {one} {at} --out one.status"),
        0,
        &["published", "法定代表人"],
    );
    place.ends("data status --proof one.status --trust trust", 0, &["published", "general-3"]);

    // Who decides, and by which days.
    place.ok(&format!("data calendar --calendar days.toml {} {at}", signer(3)));
    for name in ["zhang", "li", "thief"] {
        person(place, name);
    }
    place.ok(&format!(
        "data approvers --approver core=zhang.cer --approver core=li.cer {} {at}",
        signer(1)
    ));

    // Asked for; refused to whoever may not ask; granted by the owner's person alone.
    let grant = ask(place, &at, &one, "--field 企业名称 --field 法定代表人", "first");
    let by = |n: usize, who: &str| {
        format!("--approver {who}.key --approver-password-file pw {} {at}", signer(n))
    };
    place.ends(&format!("data grant {grant} {}", by(2, "zhang")), 1, &["NOT_AUTHORITY"]);
    place.ends(&format!("data grant {grant} {}", by(3, "zhang")), 1, &["NOT_AUTHORITY"]);
    place.ends(&format!("data grant {grant} {}", by(1, "thief")), 1, &["APPROVER_UNKNOWN"]);
    place.ends(
        &format!("data grant {grant} --rows 80001 {}", by(1, "zhang")),
        1,
        &["TERMS_BEYOND"],
    );
    place.ends(&format!("data grant {grant} {}", by(1, "zhang")), 0, &["granted"]);
    place.ends(&format!("data status {grant} {at}"), 0, &["granted", "live", "0 rows"]);

    // Sealed and delivered; who is not named by the delivery does not open it, nor before there is one.
    place.ok(&format!("data seal rows.csv --to n2/org.cer --out rows.envelope {}", signer(1)));
    let open = |n: usize, out: &str| {
        format!("data open rows.envelope --from n1/org.cer --out {out} {} {at}", signer(n))
    };
    place.ends(&open(2, "early.csv"), 6, &["no delivery"]);
    let to = format!("--to {grant}=n2/org.cer --rows 40000 --no-server {} {at}", signer(1));
    place.ends(
        &format!("data deliver rows.envelope {to} --out delivered.receipt"),
        0,
        &["delivered"],
    );
    place.ok("verify --brief --trust trust delivered.receipt");
    place.ok(&open(2, "opened.csv"));
    assert_eq!(place.read("opened.csv"), place.read("rows.csv"));
    an_old_head_decides_nothing(place, &open(2, "stale.csv"));
    place.ends(&open(3, "third.csv"), 6, &[]);
    assert!(!place.file("third.csv").exists());
    place.ends(&format!("data status {grant} {at}"), 0, &["used", "1 calls, 40000 rows"]);
    a_changed_envelope_is_refused(place, &open);

    // Both sides' counts.
    let period = "--from 2026-01-01 --until 2026-01-02 --rows 5 --bytes 50";
    place.ends(&format!("data reconcile {grant} {period} {} {at}", signer(1)), 0, &["waiting"]);
    let less = period.replace("--rows 5", "--rows 4");
    place.ends(&format!("data reconcile {grant} {less} {} {at}", signer(2)), 1, &["mismatched"]);
    // Who stated first learns of it without being told.
    let raised = ["mismatched", "1 calls, 5 rows, 50 bytes", "1 calls, 4 rows, 50 bytes"];
    for side in [format!("--of {}", DEPARTMENTS[0].0), format!("--by {}", DEPARTMENTS[1].0)] {
        place.ends(&format!("data accounts {side} {at}"), 1, &raised);
    }
    place.ends(&format!("data reconcile {grant} {period} {} {at}", signer(2)), 0, &["matched"]);
    let settled = place.ends(&format!("data accounts --of {} {at}", DEPARTMENTS[0].0), 0, &[]);
    assert_eq!(settled.out, "");

    // Revoked: at once, for opening and for delivering.
    place.ends(
        &format!("data revoke {grant} --reason 7 {} {at}", signer(2)),
        1,
        &["NOT_AUTHORITY"],
    );
    place.ends(&format!("data revoke {grant} --reason 7 {} {at}", signer(1)), 0, &["revoked"]);
    place.ends(&open(2, "late.csv"), 6, &["revoked"]);
    assert!(!place.file("late.csv").exists());
    place.ok(&format!("data seal rows.csv --to n2/org.cer --out late.envelope {}", signer(1)));
    place.ends(&format!("data deliver late.envelope {to}"), 1, &["revoke"]);

    // Of the fourth level two persons grant, and not the same one twice.
    let dual = ask(place, &at, &three, "--field 姓名", "dual");
    place.ends(&format!("data grant {dual} {}", by(1, "zhang")), 0, &["awaiting-second"]);
    place.ends(&format!("data approve {dual} {}", by(1, "zhang")), 1, &["APPROVER_TWICE"]);
    place.ends(&format!("data approve {dual} {}", by(1, "li")), 0, &["granted"]);
    let refused = ask(place, &at, &one, "--field 企业名称", "refused");
    place.ends(&format!("data refuse {refused} --reason 3 {}", by(1, "zhang")), 0, &["refused"]);

    // Withdrawn: nobody asks any more, and its grants have ended.
    place.ends(&format!("data withdraw {three} {} {at}", signer(1)), 0, &["withdrawn"]);

    cluster.stop_all();
    for n in 1..=4 {
        for word in SECRETS {
            let folder = place.file(&format!("n{n}"));
            assert!(!lies_in(&folder, word.as_bytes()), "{word} lies in node {n}'s directory");
        }
    }
    assert!(lies_in(&place.file("n1"), "法定代表人".as_bytes()), "field names are on the ledger");
}

/// The grant serves by the newest block that the node shows; whether it does now, a minute-old block cannot say.
fn an_old_head_decides_nothing(place: &Place, open: &str) {
    let Some(later) = place.at_clock("+60s") else { return };
    later.ends(open, 5, &["newest block", "s old"]);
    assert!(!place.file("stale.csv").exists() && !place.file("stale.csv.part").exists());
}

/// One octet of the body, and the receiver is told; what could be opened before is no file of that name.
fn a_changed_envelope_is_refused(place: &Place, open: &dyn Fn(usize, &str) -> String) {
    let body = place.read("rows.envelope.body");
    let mut changed = body.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    place.write("rows.envelope.body", changed);
    place.ends(&open(2, "changed.csv"), 4, &["chunk"]);
    assert!(!place.file("changed.csv").exists());
    place.write("rows.envelope.body", body);
}

#[test]
fn a_view_shows_what_was_committed_to_and_no_more() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    yinxin_tests::cluster::authority(&place);
    for n in 1..=2 {
        department(&place, n);
    }
    place.write("people.csv", "姓名,年龄,证号\n张三,34,330106199001011234\n李四,31,330106199101011235\n王五,58,330106196401011236\n");
    place.write(
        "fields.toml",
        "[[field]]\nname = \"姓名\"\nkind = \"text\"\nforms = [\"keep/1/0\"]\n\
         [[field]]\nname = \"年龄\"\nkind = \"integer\"\nforms = [\"range/10\"]\nquasi = true\n\
         [[field]]\nname = \"证号\"\nkind = \"text\"\n",
    );
    let table = "people.csv --fields fields.toml --seed secret.seed";
    place.ok(&format!("data mask {table} --out people.statement {}", signer(1)));
    let made = format!("data view {table} --statement people.statement");
    place.ok(&format!(
        "{made} --show 姓名=keep/1/0 --show 年龄=range/10 --row 0-1 --k 2 --out two.view"
    ));
    let shown = place.ends(
        "data verify-view two.view --from n1/org.cer --trust trust --k 2",
        0,
        &["张*", "30..39"],
    );
    assert!(!shown.out.contains("张三") && !shown.out.contains("王"));
    let bytes = place.read("two.view");
    for hidden in ["张三", "330106199001011234", "王五"] {
        assert!(!bytes.windows(hidden.len()).any(|w| w == hidden.as_bytes()), "{hidden}");
    }
    // Alone in his decade, he is not shown where two must look alike; a form that was not committed to is not made.
    let alone = format!("{made} --show 年龄=range/10 --out three.view");
    place.ends(&format!("{alone} --k 2"), 2, &["only 1 rows share", "at least 2"]);
    assert!(!place.file("three.view").exists());
    place.ends(&format!("{made} --show 姓名=keep/0/1 --out form.view"), 2, &[]);
    // An owner that shows him all the same is found out by whoever asks for two.
    place.ok(&alone);
    let verify = "data verify-view three.view --from n1/org.cer --trust trust";
    place.ends(&format!("{verify} --k 2"), 1, &["k is 1, expected 2"]);
    place.ends(verify, 0, &["k = 1", "50..59"]);
    // Another owner's certificate, and a changed octet.
    place.ends("data verify-view two.view --from n2/org.cer --trust trust", 1, &[]);
    let mut changed = bytes.clone();
    let star = bytes.windows(4).position(|w| w == "张*".as_bytes()).unwrap();
    changed[star + 3] = b'+';
    place.write("two.view", changed);
    place.ends("data verify-view two.view --from n1/org.cer --trust trust", 1, &[]);
}
