//! What a person sees of it, from the node that wrote it: the company, the authority's desk, who publishes in time.

use yinxin_tests::browser::Browser;

use crate::desk::{AUTHORITY, COMPANY, Desk, code};

fn sees(browser: &Browser, css: &str, words: &[&str]) {
    let shown = browser.wait_text(css, |text| words.iter().all(|word| text.contains(word)));
    assert!(!shown.is_empty(), "{css}");
}

fn clean(browser: &Browser, page: &str) {
    assert_eq!(browser.console(), Vec::<String>::new(), "{page}: no errors, nothing blocked");
}

/// Two items that are shown, one that was withdrawn, and the objection to the second that nobody has answered.
pub(crate) fn people_see_it(desk: &Desk<'_>, items: [&str; 3], objection: &str) {
    let Some(browser) = Browser::start() else { return };
    let url = |path: &str| format!("{}{path}", desk.cluster.http(AUTHORITY));
    let company = url(&format!("/credit?subject={COMPANY}"));
    let [corrected, disputed, withdrawn] = items;
    browser.open(&company);
    sees(&browser, "#head", &[COMPANY, "记录完整", "有异议未决"]);
    sees(&browser, "#items", &["已更正 1 次", "逾期公示", "异议答复：更正", "恢复公示"]);
    let is_there =
        |id: &str| browser.script(&format!("return !!document.getElementById('item-{id}')"));
    assert_eq!([corrected, disputed, withdrawn].map(is_there), [true, true, false]);

    // The receipt that the page offers is one that stands by itself.
    let link = format!(
        "return document.querySelector(\"#item-{corrected} a[href^='/v1/receipts/']\").getAttribute('href')"
    );
    let link = browser.script(&link);
    let link = link.as_str().unwrap();
    assert_eq!(link, format!("/v1/receipts/{corrected}"));
    desk.place.write("seen.receipt", receipt(desk, corrected));
    desk.place.ok("verify --brief --trust trust seen.receipt");
    clean(&browser, "company");

    let of = url(&format!("/desk?authority={}", code(AUTHORITY)));
    browser.open(&of);
    sees(&browser, "#count", &["待办 1 件"]);
    sees(&browser, "#tasks", &["异议待答复", COMPANY, "剩余"]);
    sees(&browser, "#late", &[COMPANY]);
    desk.does(AUTHORITY, &format!("credit resolve {objection} upheld"));
    browser.open(&of);
    sees(&browser, "#tiles", &["异议答复", "均按期"]);
    assert_eq!(browser.text("#tasks").trim(), "", "nothing is left to answer");
    clean(&browser, "desk");

    let line = format!("--json credit lateness --trust trust --node {}", url(""));
    let first = desk.place.ends(&line, 0, &[]).json()["places"][0].clone();
    browser.open(&url("/league"));
    let share = format!("· {} / {}", first["published_late"], first["published"]);
    sees(&browser, "#places", &["逾期", &share]);
    clean(&browser, "league");
    browser.open(&company);
    sees(&browser, "#items", &["异议答复：维持"]);
}

fn receipt(desk: &Desk<'_>, id: &str) -> Vec<u8> {
    desk.cluster.receipt(AUTHORITY, &id.parse().unwrap()).unwrap()
}
