//! Chromium, driven through chromedriver as the W3C WebDriver standard says: just what a page test needs.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::absent::absent;

/// The key under which WebDriver names an element (W3C WebDriver, 11.).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running Chromium.
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one with an empty profile; says so in a line and returns none where Chromium is absent.
    ///
    /// # Panics
    /// If it is there and does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        for program in ["chromium", "chromedriver"] {
            if Command::new(program)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_err()
            {
                absent(format!("no {program} (Debian packages chromium and chromium-driver)"));
                return None;
            }
        }
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("LANGUAGE", "zh_CN")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let out = BufReader::new(driver.stdout.take().expect("it was piped"));
        let mut lines = out.lines().map_while(Result::ok);
        // It also says which port it was asked for, which is 0.
        let port = lines
            .find_map(|l| {
                l.rsplit_once("started successfully on port ")
                    .map(|(_, p)| p.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        // Whatever else it says must find a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let base = format!("http://127.0.0.1:{port}/session");
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=zh-CN",
            "--accept-lang=zh-CN",
            "--window-size=1000,1400",
        ];
        let mut arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let answer = send(
            &agent,
            &base,
            &json!({"capabilities": {"alwaysMatch": {
                "goog:chromeOptions": {"args": arguments},
                "goog:loggingPrefs": {"browser": "ALL"},
            }}}),
        );
        let id = answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        Some(Self { session: format!("{base}/{id}"), driver, agent, _profile: profile })
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.post("url", &json!({"url": url}));
    }

    /// The one element that a CSS selector names.
    fn element(&self, css: &str) -> String {
        let found = self.post("element", &json!({"using": "css selector", "value": css}));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("no element {css}: {found}")).to_owned()
    }

    /// Chooses a file, as a person does in the file dialogue.
    pub fn choose_file(&self, css: &str, file: &Path) {
        let id = self.element(css);
        self.post(
            &format!("element/{id}/value"),
            &json!({"text": file.to_str().expect("a UTF-8 path")}),
        );
    }

    /// Types into an element; `\u{e004}` is the tabulator, `\u{e007}` Enter (W3C WebDriver, 17.4.2).
    pub fn type_into(&self, css: &str, text: &str) {
        let id = self.element(css);
        self.post(&format!("element/{id}/value"), &json!({"text": text}));
    }

    /// Gives the window another size, pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.post("window/rect", &json!({"width": width, "height": height}));
    }

    /// Clicks.
    pub fn click(&self, css: &str) {
        let id = self.element(css);
        self.post(&format!("element/{id}/click"), &json!({}));
    }

    /// The text that a person sees.
    #[must_use]
    pub fn text(&self, css: &str) -> String {
        let id = self.element(css);
        let answer = self.agent.get(&format!("{}/element/{id}/text", self.session)).call();
        let value: Value =
            answer.expect("chromedriver answers").body_mut().read_json().expect("JSON");
        value["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function body in the page and returns what it returns.
    #[must_use]
    pub fn script(&self, body: &str) -> Value {
        self.post("execute/sync", &json!({"script": body, "args": []}))
    }

    /// Waits until an element's text is one for which `ready` holds.
    ///
    /// # Panics
    /// After 30 seconds.
    #[must_use]
    pub fn wait_text(&self, css: &str, ready: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = self.text(css);
            if ready(&text) {
                return text;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{css} stayed {text:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the page wrote to the console since the last call; a blocked script or a failed request stands there too.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        let log = self.post("se/log", &json!({"type": "browser"}));
        let entries = log.as_array().map(Vec::as_slice).unwrap_or_default();
        entries.iter().map(|e| e["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The page as a picture, PNG.
    ///
    /// # Panics
    /// If the browser gives none.
    #[must_use]
    pub fn screenshot(&self) -> Vec<u8> {
        let url = format!("{}/screenshot", self.session);
        let mut answer = self.agent.get(&url).call().expect("chromedriver answers");
        let value: Value =
            answer.body_mut().with_config().limit(64 << 20).read_json().expect("JSON");
        let base64 = value["value"].as_str().expect("a picture in base64");
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64).expect("base64")
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        send(&self.agent, &format!("{}/{path}", self.session), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.agent.delete(&self.session).call());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

fn send(agent: &ureq::Agent, url: &str, body: &Value) -> Value {
    let mut answer = agent.post(url).send_json(body).expect("chromedriver answers");
    let value: Value = answer.body_mut().read_json().expect("chromedriver speaks JSON");
    assert!(value["value"]["error"].is_null(), "{url}: {}", value["value"]);
    value["value"].clone()
}
