//! What nobody decided in time: told as overdue, escalated by whoever asked or by an authority, and decided by the authority.

use super::{Town, code, resource};

/// Two requests of two departments, to be decided by the end of the next working day.
pub(super) fn asked(town: &Town) -> [String; 2] {
    [2, 4].map(|by| {
        let line = format!(
            "data request {} --field 企业名称 --purpose credit --item 0001 --basis 某条例 --until 2090-01-01 --calls 1 \
             --rows 10 --bytes 1000 --working-days 1 --calendar days.toml --business-key late {}",
            resource(1),
            town.by(by)
        );
        let until = yinxin_verdict::UnixTime::system_now().plus_millis(300 * 86_400_000);
        let line = line.replace("2090-01-01", &until.china_date());
        town.ends(&line, 0, &["open"])["subject"].as_str().unwrap().to_owned()
    })
}

/// Five days pass: a weekend lies in between at most. Nodes and commands are the same programs, only the clock is another.
pub(super) fn what_is_overdue_is_escalated(town: &Town, [own, other]: &[String; 2]) {
    let place = town.place();
    let escalate = |request: &str, n: usize| {
        format!("data escalate {request} --calendar days.toml {}", town.by(n))
    };
    town.ends(&escalate(own, 2), 1, &["NOT_OVERDUE"]);
    let Some(later) = place.at_clock("+5d") else { return };
    town.cluster.stop_all();
    town.cluster.start_all_in(&later);
    let run = |line: &str, code: i32, words: &[&str]| {
        let said = later.ends(&format!("--json {line}"), code, words);
        serde_json::from_str::<serde_json::Value>(&said.out).unwrap_or_default()
    };
    let overdue = || {
        let view = run(&format!("data overdue --of {} {}", code(1), town.look()), 0, &[]);
        let requests = view["requests"].as_array().unwrap().clone();
        assert!(requests.iter().all(|r| r["overdue"] == true), "{view}");
        let mut ids: Vec<_> =
            requests.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let mut both = vec![own.clone(), other.clone()];
    both.sort();
    assert_eq!(overdue(), both);
    // Whoever did not ask and is no authority moves nothing; the requester moves its own, the authority what is left.
    run(&escalate(other, 2), 1, &["NOT_AUTHORITY"]);
    let all = |more: &str, n: usize| {
        let line = format!("data escalate --overdue {more} --calendar days.toml {}", town.by(n));
        run(&line, 0, &[])["requests"].clone()
    };
    assert_eq!(all("", 2), serde_json::json!([own]));
    let _ = town.look();
    assert_eq!(all(&format!("--of {}", code(1)), 3), serde_json::json!([other]));
    let _ = town.look();
    assert_eq!(overdue(), Vec::<String>::new(), "there is a new term");
    for request in [own, other] {
        run(&format!("data status {request} {}", town.look()), 0, &["escalated"]);
    }
    run(&escalate(own, 2), 1, &["ILLEGAL_MOVE"]);
    // The authority has persons of its own, and decides what was moved up to it.
    run(&format!("data approvers --approver core=zhang.cer {}", town.by(3)), 0, &[]);
    let _ = town.look();
    let grant = |n: usize| {
        let approver = "--approver zhang.key --approver-password-file pw";
        format!("data grant {other} {approver} {}", town.by(n))
    };
    run(&grant(2), 1, &[]);
    run(&grant(3), 0, &["granted"]);
}
