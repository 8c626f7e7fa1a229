//! Tokens: an owner has them made by its custodian, and a third party verifies a view that shows them.

use yinxin_record::Wire;
use yinxin_sharing::masked::{Custodian, TokenAsk};
use yinxin_tests::{
    cluster::{DEPARTMENTS, authority},
    place::Place,
};

use super::{department, signer};

const PEOPLE: &str = "姓名,年龄,证号\n张三,34,330106199001011234\n李四,31,330106199101011235\n张三,38,330106199001011234\n";
const FIELDS: &str = "[[field]]\nname = \"姓名\"\nkind = \"text\"\nforms = [\"keep/1/0\"]\n\
    [[field]]\nname = \"年龄\"\nkind = \"integer\"\nforms = [\"range/10\"]\nquasi = true\n\
    [[field]]\nname = \"证号\"\nkind = \"id\"\nforms = [\"token/loan\"]\n";

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Department 1 owns the rows, 2 keeps the secret; each has only its own folder, and what the other sends it is sealed.
#[test]
fn a_tokenised_view_is_verified_by_whoever_has_neither_the_rows_nor_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let place = &Place::new(folder.path());
    authority(place);
    (1..=2).for_each(|n| department(place, n));
    place.write("n1/people.csv", PEOPLE);
    place.write("n1/fields.toml", FIELDS);
    place.ok("asset secret n2/secret");
    let table = "n1/people.csv --fields n1/fields.toml";
    let mask = format!("data mask {table} --seed n1/seed --out n1/statement {}", signer(1));
    place.ends(&mask, 2, &["custodian"]);
    assert!(!place.file("n1/seed").exists(), "nothing was committed to with it");

    let asked = place.ends(&format!("data token ask {table} --out n1/ask"), 0, &["loan id: 2"]);
    assert!(!asked.out.contains("3301"), "values are not shown: {}", asked.out);
    let ask = place.read("n1/ask");
    assert!(!holds(&ask, "张三") && !holds(&ask, "range"), "nothing but what has tokens");
    send(place, (1, "n1/ask"), (2, "n2/ask"));
    let make = format!(
        "data token make n2/ask --secret n2/secret --for {} --purpose loan --journal n2/journal --out n2/tokens",
        DEPARTMENTS[0].0
    );
    place.ends(&make.replace("--purpose loan", "--purpose tax"), 6, &["\"loan\"", "\"tax\""]);
    place.ends(&format!("{make} --most 1"), 6, &["2 values", "at most 1"]);
    assert!(!place.file("n2/tokens").exists());
    place.ends(&make, 0, &["loan id: 2"]);
    // The same once more is the same question; another one on the same day is added up.
    place.ok(&format!("{make} --force --most 2"));
    let journal = place.read("n2/journal");
    assert_eq!(journal.iter().filter(|octet| **octet == b'\n').count(), 1);
    assert!(!holds(&journal, "3301"), "what was asked is counted, not kept");
    let plain = TokenAsk::from_der(&ask).unwrap().digest().to_string();
    assert!(
        !holds(&journal, &plain) && !asked.out.contains(&plain),
        "nor so that it could be searched for"
    );
    another_question_counts(place, &make);
    let tokens = place.read("n2/tokens");
    assert!(!holds(&tokens, "3301"));
    send(place, (2, "n2/tokens"), (1, "n1/tokens"));

    place.ok(&format!("{mask} --tokens n1/tokens"));
    let view = format!(
        "data view {table} --tokens n1/tokens --seed n1/seed --statement n1/statement --show 证号=token/loan --show 年龄=range/10 --k 3 --out loan.view"
    );
    place.ok(&view);
    let shown = place.ends(
        "--json data verify-view loan.view --from n1/org.cer --trust trust --k 3",
        0,
        &[],
    );
    let rows = shown.json()["rows"].clone();
    let token = custodian(place).token("loan", "id", "330106199001011234");
    for (row, decade) in [(0, "30..39"), (2, "30..39")] {
        assert_eq!(rows[row]["texts"], serde_json::json!([decade, token]), "{rows}");
    }
    assert_ne!(rows[1]["texts"][1], token.as_str(), "another person has another token");
    let bytes = place.read("loan.view");
    for hidden in ["张三", "330106199001011234"] {
        assert!(!holds(&bytes, hidden), "{hidden}");
    }
    // A token that somebody else put there.
    let at = bytes.windows(token.len()).position(|w| w == token.as_bytes()).unwrap();
    let mut changed = bytes.clone();
    changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
    place.write("changed.view", changed);
    place.ends("data verify-view changed.view --from n1/org.cer --trust trust", 1, &[]);

    // Rows that changed since: their tokens are asked for again, none is made up.
    place.write("n1/people.csv", PEOPLE.replace("01011235", "01011299"));
    let late = mask.replace("n1/seed", "n1/seed2").replace("n1/statement", "n1/statement2");
    place.ends(&format!("{late} --tokens n1/tokens"), 4, &["ask the custodian again"]);
    // Whoever found the owner's folder has no secret to search with.
    let secret = String::from_utf8(place.read("n2/secret")).unwrap();
    for file in std::fs::read_dir(place.file("n1")).unwrap() {
        let file = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!holds(&file, secret.trim()));
    }
}

/// As departments send each other anything: sealed to the receiver, signed by the sender.
fn send(place: &Place, (from, file): (usize, &str), (to, received): (usize, &str)) {
    let envelope = format!("{from}-{to}.envelope");
    place.ok(&format!("data seal {file} --to n{to}/org.cer --out {envelope} {}", signer(from)));
    place.ok(&format!(
        "data open {envelope} --from n{from}/org.cer --offline --trust trust --out {received} {}",
        signer(to)
    ));
    assert_eq!(place.read(received), place.read(file));
}

fn another_question_counts(place: &Place, make: &str) {
    place.write("n1/one.csv", "姓名,年龄,证号\n王五,58,330106196401011236\n");
    place.ok("data token ask n1/one.csv --fields n1/fields.toml --out n1/one.ask");
    let more = make.replace("n2/ask", "n1/one.ask").replace("n2/tokens", "n2/more");
    place.ends(&format!("{more} --most 2"), 6, &["3 values", "at most 2"]);
    place.ok(&format!("{more} --most 3"));
    // Another organisation has its own count; a line that a crash cut short is cut off.
    let mut journal = place.read("n2/journal");
    journal.extend(b"{\"time\":\"2026");
    place.write("n2/journal", journal);
    let other = more.replace(DEPARTMENTS[0].0, DEPARTMENTS[3].0);
    place.ok(&format!("{other} --force --most 1"));
    let text = String::from_utf8(place.read("n2/journal")).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

/// The custodian itself, as the test may see it.
fn custodian(place: &Place) -> Custodian {
    let text = String::from_utf8(place.read("n2/secret")).unwrap();
    let text = text.trim();
    let octet = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    Custodian::new(zeroize::Zeroizing::new(std::array::from_fn(octet)))
}
