//! Credit as a person sees it: a company's records and what can be done about them, an authority's desk, who publishes in time. Chinese
//! and English, by key, on a telephone, over the ledger's real rules in memory.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

#[path = "../crates/ledger/tests/rig/batches.rs"]
mod batches;
#[path = "../crates/ledger/tests/rig/credit.rs"]
mod credit;
#[path = "../crates/service/tests/support/held.rs"]
mod held;
#[allow(dead_code, reason = "the service's own tests use the rest")]
#[path = "../crates/service/tests/support/town.rs"]
mod town;
#[path = "../crates/ledger/tests/rig/world.rs"]
mod world;

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use held::Held;
use town::{Story, Town};
use world::code;
use yinxin_service::{App, CreditSource, Limits, router};
use yinxin_tests::browser::Browser;
use yinxin_verify::{Policy, Trust};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// The portal over a town whose story was told; it ends with the runtime.
struct Site {
    base: String,
    story: Story,
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    fn open() -> Self {
        let mut town = Town::new();
        town.others();
        let story = town.story();
        town.aftermath();
        town.scored();
        Self::over(town, story, Vec::new())
    }

    fn over(town: Town, story: Story, sources: Vec<Arc<dyn CreditSource>>) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app =
            App::new(Trust::default(), Policy::default(), Some(Arc::new(town)), Limits::default());
        let app = app.with_credit_sources(sources);
        runtime.spawn(async move { axum::serve(listener, router(app)).await });
        Self { base, story, _runtime: runtime }
    }

    fn company(&self) -> String {
        format!("{}/credit?subject={}", self.base, self.story.company)
    }

    fn desk(&self) -> String {
        format!("{}/desk?authority={}", self.base, code(credit::MARKET))
    }

    fn league(&self) -> String {
        format!("{}/league", self.base)
    }
}

/// Keeps a picture for whoever asks for it.
fn picture(browser: &Browser, name: &str) {
    if let Some(dir) = std::env::var_os("YINXIN_SCREENSHOTS") {
        fs::write(Path::new(&dir).join(name), browser.screenshot()).unwrap();
    }
}

fn sees(browser: &Browser, css: &str, words: &[&str]) {
    let shown = browser.wait_text(css, |text| words.iter().all(|word| text.contains(word)));
    assert!(!shown.is_empty(), "{css}");
}

fn clean(browser: &Browser, page: &str) {
    assert_eq!(browser.console(), Vec::<String>::new(), "{page}: no errors, nothing blocked");
}

#[test]
fn people_see_credit() {
    let Some(browser) = Browser::start() else { return };
    let site = Site::open();
    a_company(&browser, &site);
    a_company_that_is_asked_for_again(&browser, &site);
    a_desk(&browser, &site);
    a_desk_that_is_changed_at_once(&browser, &site);
    a_desk_with_more_than_is_read(&browser, &site);
    a_case(&browser);
    a_league(&browser, &site);
    in_english(&browser, &site);
    by_key(&browser, &site);
    on_a_telephone(&browser, &site);
}

fn a_company(browser: &Browser, site: &Site) {
    let company = site.story.company.to_string();
    browser.open(&format!("{}/credit", site.base));
    browser.type_into("#subject", &format!("{}{ENTER}", company.to_lowercase()));
    sees(browser, "#head", &[&company, "记录完整", "有异议未决", "4 条", "1 条"]);
    sees(browser, "#items", &["行政处罚（一般失信）", "经营（活动）异常名录", "市市场监督管理局"]);
    sees(browser, "#items", &["有异议", "修复申请中", "逾期公示", "移出名单"]);
    sees(
        browser,
        "#items",
        &["信用承诺书、义务履行证明", "2027-06-10 起可申请", "10 个工作日内决定"],
    );
    sees(browser, "#items", &["修复决定：不予修复", "理由代码 2", "江南银行", "回执"]);
    // Which measure and on which law; on which law and paper each record stands.
    sees(browser, "#items", &["采取措施：纳入重点监管范围", "依据 优化营商环境条例"]);
    sees(browser, "#items", &["法律依据", "市场主体登记管理条例", "决定书（加盐摘要）"]);
    let item =
        |id: &dyn std::fmt::Display| format!("return !!document.getElementById('item-{id}')");
    assert_eq!(browser.script(&item(&site.story.disputed)), true);
    assert_eq!(browser.script(&item(&site.story.repaired)), false, "what is repaired is not shown");
    let bars = "return document.querySelectorAll('.gantt rect.past').length";
    assert_eq!(browser.script(bars), 4);
    // Whoever looked is told, with the ground.
    browser.click("#looked summary");
    sees(browser, "#looked", &["查询", "市税务局", "依法：征信业管理", "未有遗漏"]);
    // Each score by its formula, with what came since, and how it is computed again.
    browser.click("#scored summary");
    sees(browser, "#scored", &["公共信用综合评价", "市公共信用中心", "第 1 版公式", "已有第 2 版"]);
    sees(browser, "#scored", &["此后新增 1 条记录", "账本此后无新记录", "共 2 次评分", "未有遗漏"]);
    sees(browser, "#scored", &["yinxin credit score check VIEW", "--record", &site.base]);
    let each = "return [...document.querySelectorAll('.score')].map(s => s.querySelectorAll('.command').length)";
    assert_eq!(
        browser.script(each),
        serde_json::json!([1, 2]),
        "the newest first; what is old is computed anew"
    );
    picture(browser, "credit-zh.png");
    clean(browser, "credit");
    // The day before it was repaired does not bring it back.
    browser.open(&format!("{}&as_of=2026-12-01", site.company()));
    sees(browser, "#head", &["2026-12-01 23:59:59", "1 条", "不因查询历史日期而重现"]);
    let advice = "return document.querySelectorAll('.ways, #looked:not([hidden]), #scored:not([hidden])').length";
    assert_eq!(browser.script(advice), 0, "nothing can be done on a day that is over");
    assert_eq!(browser.script(&item(&site.story.applied)), true);
    assert_eq!(browser.script(&item(&site.story.repaired)), false);
    picture(browser, "credit-past-zh.png");
    browser.open(&format!("{}/credit?subject={}", site.base, credit::company(99)));
    sees(browser, "#items", &["没有公示中的记录"]);
    clean(browser, "credit before, and of nobody");
    browser.open(&format!("{}/credit?subject=%3Cimg%20src%3Dx%3E", site.base));
    sees(browser, "#problem", &["统一社会信用代码", "<img src=x>"]);
    assert!(browser.console().iter().all(|m| m.contains("400")), "only the refusal");
}

fn a_desk(browser: &Browser, site: &Site) {
    browser.open(&site.desk());
    sees(browser, "#count", &["待办 2 件", "逾期 1 件"]);
    sees(browser, "#tiles", &["其中逾期 4", "均按期"]);
    let first = browser.text("#tasks li");
    assert!(
        first.contains("异议待答复") && first.contains("逾期"),
        "the most urgent first: {first}"
    );
    sees(browser, "#tasks", &["修复待决定", "剩余"]);
    sees(browser, "#late", &[&site.story.company.to_string(), "行政处罚（一般失信）"]);
    // What a batch counts as late stands beneath the tile that counts it.
    sees(browser, "#late", &["第 1 批", "逾期 3 / 8"]);
    sees(browser, "#none", &["账本计逾期 4 条：单条 1", "批次 3"]);
    // A measure whose place has ended, by its id and without whose it was.
    sees(browser, "#lifts", &["不适用信用承诺制", "结果代码 3", "yinxin credit measure lift"]);
    assert!(!browser.text("#lifts").contains(&credit::company(2).to_string()));
    picture(browser, "desk-zh.png");
    clean(browser, "desk");
}

/// Answers from here on wait, the first asked the longest.
const SLOW: &str = "const real = window.fetch; let asked = 0; window.waiting = 0; \
    window.fetch = (...all) => { \
        const late = 400 - 100 * Math.min(asked++, 4); \
        window.waiting += 1; \
        const held = new Promise(go => setTimeout(go, late)).then(() => real(...all)); \
        return held.finally(() => setTimeout(() => { window.waiting -= 1; }, 100)); \
    };";

fn all_answered(browser: &Browser) {
    let start = Instant::now();
    while browser.script("return window.waiting") != 0 {
        assert!(start.elapsed() < Duration::from_secs(30), "answers do not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Another day is asked for while the answer is on its way, and who looked twice: what was asked last is there, once.
fn a_company_that_is_asked_for_again(browser: &Browser, site: &Site) {
    browser.open(&site.company());
    sees(browser, "#head", &["记录完整"]);
    let _ = browser.script(SLOW);
    for day in ["2026-12-01", ""] {
        let _ = browser.script(&format!(
            "document.getElementById('as-of').value = '{day}'; \
             document.getElementById('who').requestSubmit();"
        ));
    }
    all_answered(browser);
    let items = "return document.querySelectorAll('#items > article').length";
    assert_eq!(browser.script(items), 4, "of today alone");
    let day = "return document.getElementById('head').textContent.includes('2026-12-01')";
    assert_eq!(browser.script(day), false);
    browser.open(&site.company());
    sees(browser, "#head", &["记录完整"]);
    let _ = browser.script(SLOW);
    for _ in 0..2 {
        let _ = browser.script(
            "const toggle = new Event('toggle'), box = document.getElementById('looked'); \
             box.open = true; box.dispatchEvent(toggle);",
        );
    }
    sees(browser, "#looked", &["未有遗漏"]);
    all_answered(browser);
    let looks = "return document.querySelectorAll('#looks tbody tr').length";
    let told = format!(
        "return fetch('/v1/credit/subjects/{}/uses').then(a => a.json()).then(a => a.records)",
        site.story.company
    );
    assert_eq!(browser.script(looks), browser.script(&told), "each once");
    clean(browser, "a company that is asked for again");
}

/// The choice is changed while answers are on their way, and the first asked come last: only the last choice's are there, once.
fn a_desk_that_is_changed_at_once(browser: &Browser, site: &Site) {
    for (choices, there) in [
        (&[credit::MARKET, credit::TAX][..], [0, 0]),
        (&[credit::MARKET, credit::TAX, credit::MARKET][..], [2, 1]),
    ] {
        browser.open(&site.desk());
        sees(browser, "#lifts", &["yinxin credit measure lift"]);
        let _ = browser.script(SLOW);
        for of in choices.iter().map(|n| code(*n)) {
            let _ = browser.script(&format!(
                "const box = document.getElementById('authority'); box.value = '{of}'; \
                 box.dispatchEvent(new Event('change', {{ bubbles: true }}));"
            ));
        }
        all_answered(browser);
        let count = "return ['#tasks > li', '#lifts > li'].map(css => document.querySelectorAll(css).length)";
        assert_eq!(browser.script(count), serde_json::json!(there), "{choices:?}");
    }
    clean(browser, "a desk that is changed at once");
}

/// A list of measures that does not end is read so far, and that there are more is told.
fn a_desk_with_more_than_is_read(browser: &Browser, site: &Site) {
    browser.open(&site.desk());
    sees(browser, "#lifts", &["yinxin credit measure lift"]);
    let hidden = "return document.getElementById('lifts-more').hidden";
    assert_eq!(browser.script(hidden), true, "all were read");
    let endless = "const real = window.fetch; \
        window.fetch = async (address, ...rest) => { \
            const answer = await real(String(address).replace(/from=[^&]*/, ''), ...rest); \
            if (!String(address).includes('/measures')) { return answer; } \
            const told = { ...await answer.json(), next: 'ff' }; \
            return new Response(JSON.stringify(told), { headers: answer.headers }); \
        }; \
        document.getElementById('authority').dispatchEvent(new Event('change', { bubbles: true }));";
    let _ = browser.script(endless);
    sees(browser, "#lifts-more", &["yinxin credit measure list --due"]);
    let read = "return document.querySelectorAll('#lifts > li').length";
    assert_eq!(browser.script(read), 20, "a page at a time");
    clean(browser, "a desk with more than is read");
}

/// Somebody objects to an item of a batch: the desk that owes the answer has it, and so has the subject's page.
fn a_case(browser: &Browser) {
    let mut town = Town::new();
    let story = town.story();
    let (mut held, item) = Held::inspection(&mut town, 9);
    let act = town.world.objects(&item, "wrong");
    let case = town.done(credit::BANK, act);
    let act = town.world.objects(&item, "wrong too");
    let ordered = town.done(credit::CENTRE, act);
    let act = town.world.rules(ordered, yinxin_record::SourceRuling::Correct);
    town.done(credit::TAX, act);
    held.corrects(&mut town, 9, None);
    let site = Site::over(town, story, vec![Arc::new(held)]);
    let company = credit::company(9).to_string();
    browser.open(&format!("{}/desk?authority={}", site.base, code(credit::TAX)));
    sees(browser, "#count", &["待办 1 件"]);
    let decide = format!("yinxin credit case decide {case}");
    sees(browser, "#tasks", &["异议待答复", "批量来源", &decide, &company]);
    // What was ordered, until its source's batch has it.
    let done = format!("yinxin credit case done {ordered}");
    sees(browser, "#orders", &["更正", "决定单位", "剩余", &done, &company]);
    picture(browser, "desk-case-zh.png");
    clean(browser, "a desk with a case");
    browser.open(&format!("{}/credit?subject={company}", site.base));
    sees(browser, "#head", &["有异议未决", "市税务局：2 条，可证明齐全"]);
    sees(browser, "#items", &["行政监督检查", "批量来源", "已提出，等待答复", "下一批次"]);
    sees(browser, "#items .timeline", &["提出异议", "江南银行", "期限", "回执"]);
    // What its source did, beside the chip that counts it.
    sees(browser, "#items .chips", &["已更正 1 次"]);
    sees(browser, "#items .timeline", &["认定并公示", "第 1 批第 1 条", "决定日期 2026-03-02"]);
    sees(browser, "#items .timeline", &["更正", "市税务局", "第 2 批第 1 条"]);
    picture(browser, "credit-case-zh.png");
    clean(browser, "a company with a case");
}

fn a_league(browser: &Browser, site: &Site) {
    browser.open(&site.league());
    sees(
        browser,
        "#places",
        &["市税务局", "公示全部按期 · 3", "市市场监督管理局", "逾期 33.33% · 4 / 12"],
    );
    sees(browser, "#places", &["按工作日重算：单条逾期 1 / 4", "批次按来源自报日期自计逾期 3 / 8"]);
    let promise = browser.text("main");
    assert!(promise.contains("期限由认定单位随记录填报") && !promise.contains("无须任何单位"));
    sees(browser, "#table", &["异议答复", "1 / 2"]);
    // An objection that nobody answered is late to people long before the ledger counts it.
    sees(browser, "#places .owed", &["逾期未办 1 项"]);
    let shares = "return [...document.querySelectorAll('.share .tardy')].map(r => \
        Math.round(100 * r.getBoundingClientRect().width / r.parentNode.getBoundingClientRect().width)).slice(0, 2)";
    assert_eq!(browser.script(shares), serde_json::json!([0, 33]), "the bars are as long as that");
    picture(browser, "league-zh.png");
    browser.click("#places a");
    sees(browser, "#tiles", &["公示"]);
    clean(browser, "league");
}

/// From here on: the choice stays from page to page.
fn in_english(browser: &Browser, site: &Site) {
    browser.open(&site.company());
    sees(browser, "#head", &["记录完整"]);
    browser.click("#lang");
    sees(browser, "#head", &["complete", "something is disputed"]);
    sees(
        browser,
        "#items",
        &["To object", "To repair", "commitment letter", "possible from 2027-06-10"],
    );
    sees(browser, "#items", &["decide on repair: rejected", "receipt"]);
    sees(browser, "#items", &["apply measure: focus supervision", "rests on", "law"]);
    browser.click("#looked summary");
    sees(browser, "#looked", &["law: 征信业管理", "none is left out"]);
    browser.click("#scored summary");
    sees(
        browser,
        "#scored",
        &["version 2 since 2026-01-03", "1 more record since", "computed again"],
    );
    sees(browser, "nav", &["Credit"]);
    picture(browser, "credit-en.png");
    browser.open(&site.desk());
    sees(browser, "#count", &["2 to answer, 1 of them overdue"]);
    sees(
        browser,
        "#tasks",
        &["objection to resolve", "days overdue", "repair to decide", "days left"],
    );
    picture(browser, "desk-en.png");
    browser.open(&site.league());
    sees(
        browser,
        "#places",
        &["all published in time", "33.33% late · 4 of 12", "by working days"],
    );
    picture(browser, "league-en.png");
    clean(browser, "in English");
}

/// Past the navigation with one key, to a record by its bar in the picture; and every field has its label.
fn by_key(browser: &Browser, site: &Site) {
    browser.open(&site.company());
    sees(browser, "#head", &["complete"]);
    browser.type_into("body", TAB);
    assert_eq!(browser.script("return document.activeElement.className"), "skip");
    browser.type_into(".skip", ENTER);
    assert_eq!(browser.script("return document.activeElement.id"), "main");
    let focused = "document.querySelector('.gantt a').focus(); return document.activeElement.closest('.gantt') !== null";
    assert_eq!(browser.script(focused), true, "a bar can have the focus");
    browser.type_into(".gantt a", ENTER);
    let hash = "return location.hash";
    assert_eq!(browser.script(hash), format!("#item-{}", site.story.applied));
    let labels =
        "return [...document.querySelectorAll('input,select')].every(n => n.labels.length)";
    for page in [site.company(), site.desk()] {
        browser.open(&page);
        assert_eq!(browser.script(labels), true, "{page}");
    }
}

fn on_a_telephone(browser: &Browser, site: &Site) {
    browser.resize(500, 900);
    for (name, page) in
        [("credit", site.company()), ("desk", site.desk()), ("league", site.league())]
    {
        browser.open(&page);
        sees(browser, "#proven", &["height"]);
        // Chromium's window is no narrower than 500 pixels; telephones are 360.
        let narrow = "document.body.style.width = '360px'; return document.body.scrollWidth <= 360";
        assert_eq!(browser.script(narrow), true, "{page}");
        picture(browser, &format!("{name}-telephone.png"));
    }
}
