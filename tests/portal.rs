//! The portal as a person uses it: a browser chooses or drops a file, and the verdict stands there in words.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::{fs, path::Path};

use serde_json::Value;
use yinxin_service::{App, Limits, router};
use yinxin_tests::{browser::Browser, office::Office, peers};
use yinxin_verify::Policy;

/// The portal on a port of its own; it ends with the runtime.
fn portal() -> (String, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = App::new(Office::new().trust(), Policy::default(), None, Limits::default());
    runtime.spawn(async move { axum::serve(listener, router(app)).await });
    (url, runtime)
}

/// Keeps a picture for whoever asks for it.
fn picture(browser: &Browser, name: &str) {
    if let Some(dir) = std::env::var_os("YINXIN_SCREENSHOTS") {
        fs::write(Path::new(&dir).join(name), browser.screenshot()).unwrap();
    }
}

fn choose(browser: &Browser, file: &Path, verdict: &str) {
    // What stands there from before must not be taken for the answer.
    let clear = "document.getElementById('verdict').textContent = ''; return true";
    assert_eq!(browser.script(clear), true);
    browser.choose_file("#file", file);
    let shown = browser.wait_text("#verdict", |text| text.contains(verdict));
    assert!(shown.contains(verdict), "{}: {shown}", file.display());
}

#[test]
fn a_person_sees_the_verdict() {
    let Some(browser) = Browser::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let documents = peers::documents(dir.path());
    let [good, changed, added, unsigned, garbage, empty] = &documents.files[..] else {
        panic!("six documents")
    };
    let (url, _runtime) = portal();
    browser.open(&url);
    picture(&browser, "empty.png");

    choose(&browser, good, "有效");
    let facts = browser.text("#facts");
    assert!(facts.contains('✓') && !facts.contains('✗'), "{facts}");
    let details = browser.text("#details");
    for words in ["测试市市场监督管理局", "签名 1 的印章的制章人", "2026-03-02 10:00:00"]
    {
        assert!(details.contains(words), "{words} in {details}");
    }
    assert!(browser.text("#input").starts_with("good.ofd · OFD 文件"));
    picture(&browser, "good-zh.png");

    choose(&browser, changed, "无效");
    let reasons = browser.text("#reasons");
    assert!(
        reasons.contains("内容与签名时不一致") && reasons.contains("DIGEST_MISMATCH"),
        "{reasons}"
    );
    assert!(browser.text("#facts").contains("Doc_0/Pages/Page_0/Content.xml"));
    picture(&browser, "changed-zh.png");

    choose(&browser, added, "无法判定");
    assert!(browser.text("#facts").contains("Doc_0/Attachs/extra.txt"));
    picture(&browser, "added-zh.png");

    choose(&browser, unsigned, "无效");
    assert!(browser.text("#reasons").contains("NOT_SIGNED"));
    choose(&browser, garbage, "无效");
    assert!(browser.text("#reasons").contains("MALFORMED"));
    // An empty file is no file: the service says so instead of a verdict.
    choose(&browser, empty, "应提交文件");
    assert!(
        browser.console().iter().all(|m| m.contains("400")),
        "only the refusal is in the console"
    );

    // English, for what is shown already too.
    choose(&browser, changed, "无效");
    browser.click("#lang");
    let shown = browser.wait_text("#verdict", |text| text.contains("INVALID"));
    assert!(!shown.contains("无效"), "{shown}");
    let reasons = browser.text("#reasons");
    assert!(reasons.contains("the content is not what was signed"), "{reasons}");
    assert_eq!(browser.script("return document.documentElement.lang"), "en");
    picture(&browser, "changed-en.png");

    // As of a day before anything was signed.
    let set = "document.getElementById('at').value = '2020-01-01'; return true";
    assert_eq!(browser.script(set), true);
    choose(&browser, good, "INVALID");
    assert!(browser.text("#reasons").contains("SIGNING_TIME_FUTURE"));
    assert_eq!(browser.console(), Vec::<String>::new(), "no errors, nothing blocked");
}

#[test]
fn a_dropped_file_is_verified_and_its_words_are_only_words() {
    let Some(browser) = Browser::start() else { return };
    let (url, _runtime) = portal();
    browser.open(&url);
    // A drop as the browser makes it; the name and bytes try to be markup.
    let drop = "
        const data = new DataTransfer();
        data.items.add(new File(['<img src=x onerror=document.title=1>'], '<b>x</b>.ofd'));
        const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
        document.getElementById('drop').dispatchEvent(event);
        return event.defaultPrevented";
    assert_eq!(
        browser.script(drop),
        Value::Bool(true),
        "the browser must not open the file itself"
    );
    let shown = browser.wait_text("#verdict", |text| !text.is_empty());
    assert!(shown.contains("无效"), "{shown}");
    let images = browser.script("return document.querySelectorAll('main img').length");
    assert_eq!(images, 0);
    assert_eq!(browser.console(), Vec::<String>::new());
    // Everything fits a telephone.
    let fits = browser
        .script("document.body.style.width = '360px'; return document.body.scrollWidth <= 360");
    assert_eq!(fits, Value::Bool(true));
}
