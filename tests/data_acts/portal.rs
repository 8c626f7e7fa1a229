//! What a person sees of it all: catalogue, requests, a share's life and the picture, in Chinese and English, by mouse, by key and on
//! a telephone.

use std::path::Path;

use yinxin_tests::{browser::Browser, cluster::Cluster};
use yinxin_verdict::UnixTime;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// Keeps a picture for whoever asks for it.
fn picture(browser: &Browser, name: &str) {
    if let Some(dir) = std::env::var_os("YINXIN_SCREENSHOTS") {
        std::fs::write(Path::new(&dir).join(name), browser.screenshot()).unwrap();
    }
}

fn sees(browser: &Browser, css: &str, words: &[&str]) {
    let shown = browser.wait_text(css, |text| words.iter().all(|word| text.contains(word)));
    assert!(!shown.is_empty(), "{css}");
}

fn clean(browser: &Browser, page: &str) {
    assert_eq!(browser.console(), Vec::<String>::new(), "{page}: no errors, nothing blocked");
}

pub(super) fn people_see_it(cluster: &Cluster, request: &str, organisation: &str) {
    let Some(browser) = Browser::start() else { return };
    let url = |path: &str| format!("{}{path}", cluster.http(1));
    let share = url(&format!("/share?id={request}"));
    let requests = url(&format!("/requests?organisation={organisation}"));

    browser.open(&url("/catalogue"));
    sees(&browser, "#hits", &["企业登记信息", "行政处罚信息", "有条件共享", "一般 3 级"]);
    picture(&browser, "catalogue-zh.png");
    browser.type_into("#q", &format!("处罚{ENTER}"));
    sees(&browser, "#count", &["共 1 项"]);
    browser.click("#hits a");
    sees(&browser, "#resource", &["行政处罚信息", "联系电话", "更新", "自动审批", "状态证明"]);
    picture(&browser, "resource-zh.png");
    clean(&browser, "catalogue");

    browser.open(&requests);
    sees(&browser, "#requests", &["企业登记信息", "已授权"]);
    sees(&browser, "#bars", &["1 000 行", "一致"]);
    sees(&browser, "#open", &["不符", "提供方 5 行", "接收方 4 行"]);
    picture(&browser, "requests-zh.png");
    browser.open(&share);
    sees(&browser, "#timeline", &["提出申请", "审批", "交付", "撤销授权", "删除", "回执"]);
    sees(&browser, "#head", &["已授权", "已撤销授权"]);
    sees(&browser, "#meters", &["1 000 / 50 000"]);
    picture(&browser, "share-zh.png");
    browser.click("#head a[href^='/provenance']");
    sees(&browser, "#picture", &["数据溯源图"]);
    sees(&browser, "#list", &["交付", "加工"]);
    picture(&browser, "provenance-zh.png");
    clean(&browser, "share and provenance");
    as_of_today_shows_what_was_done_today(&browser);
    an_answer_that_comes_late_is_not_shown(&browser);
    clean(&browser, "provenance asked again");

    // In English from here on: the choice stays from page to page.
    browser.click("#lang");
    sees(&browser, "#picture", &["Where data came from and went"]);
    sees(&browser, "nav", &["Catalogue", "Requests", "Provenance"]);
    picture(&browser, "provenance-en.png");
    browser.open(&share);
    sees(&browser, "#timeline", &["request", "deliver", "revoke", "erase", "receipt"]);
    picture(&browser, "share-en.png");
    browser.open(&requests);
    sees(&browser, "#requests", &["granted"]);
    browser.open(&url("/catalogue?lang=en"));
    sees(&browser, "#hits", &["conditional", "general 3"]);
    clean(&browser, "in English");

    by_key(&browser, &url("/catalogue"));
    on_a_telephone(&browser, &[&url("/"), &url("/catalogue"), &requests, &share]);
    what_is_not_there_is_told(&browser, &url(&format!("/share?id={}", "0".repeat(64))));
}

/// Sets fields of the form and sends it.
fn asks(browser: &Browser, set: &str) {
    let send = "document.querySelector('#walk button').click(); return true";
    assert_eq!(browser.script(&format!("{set}; {send}")), true);
}

fn as_of_today_shows_what_was_done_today(browser: &Browser) {
    let today = UnixTime::system_now().china_date();
    asks(browser, &format!("document.getElementById('as-of').value = '{today}'"));
    sees(browser, "#list", &["交付", "加工"]);
    let asked = browser.script("return document.getElementById('prov').href");
    assert!(asked.as_str().unwrap().contains(&format!("as_of={today}")), "{asked}");
    asks(browser, "document.getElementById('as-of').value = ''");
    sees(browser, "#list", &["交付", "加工"]);
}

/// The first question's answer is held back until the second one's stands there.
fn an_answer_that_comes_late_is_not_shown(browser: &Browser) {
    let held = "const real = window.fetch; let release; const wait = new Promise(done => { release = done; }); \
        window.release = () => { release(); return true; }; window.late = 0; \
        window.fetch = (url, how) => String(url).includes('direction=backward') \
            ? wait.then(() => { setTimeout(() => { window.late += 1; }, 0); return new Response('<svg xmlns=\"http://www.w3.org/2000/svg\"><text>TOO LATE</text></svg>'); }) \
            : real(url, how);";
    asks(browser, &format!("{held} document.getElementById('direction').value = 'backward'"));
    asks(browser, "document.getElementById('direction').value = 'forward'");
    sees(browser, "#list", &["加工"]);
    let shown = browser.text("#picture");
    assert_eq!(browser.script("return window.release()"), true);
    let begun = std::time::Instant::now();
    while browser.script("return window.late") != 1 {
        assert!(begun.elapsed().as_secs() < 30, "the late answer never came");
    }
    assert_eq!(browser.text("#picture"), shown, "the later question's answer stays");
    asks(browser, "document.getElementById('direction').value = 'both'");
    sees(browser, "#list", &["交付", "加工"]);
}

/// The first key leads past the navigation, and what has the focus is seen to have it.
fn by_key(browser: &Browser, catalogue: &str) {
    browser.open(catalogue);
    browser.type_into("body", TAB);
    let focus = "return document.activeElement.className";
    assert_eq!(browser.script(focus), "skip");
    browser.type_into(".skip", ENTER);
    let main = "return document.activeElement.id";
    assert_eq!(browser.script(main), "main");
    browser.type_into("main", TAB);
    assert_eq!(browser.script(main), "q");
    let labels =
        "return [...document.querySelectorAll('input,select')].every(n => n.labels.length)";
    assert_eq!(browser.script(labels), true, "every field has its label");
}

fn on_a_telephone(browser: &Browser, pages: &[&str]) {
    browser.resize(500, 900);
    for (number, page) in pages.iter().enumerate() {
        browser.open(page);
        let _ = browser.wait_text("main", |text| text.len() > 20);
        // Chromium's window is no narrower than 500 pixels; telephones are 360.
        let narrow = "document.body.style.width = '360px'; return document.body.scrollWidth <= 360";
        assert_eq!(browser.script(narrow), true, "{page}");
        picture(browser, &format!("telephone-{number}.png"));
    }
    browser.resize(1000, 1400);
}

fn what_is_not_there_is_told(browser: &Browser, page: &str) {
    browser.open(page);
    sees(browser, "#problem", &["no such request"]);
    assert!(browser.console().iter().all(|m| m.contains("404")), "only the refusal");
}
