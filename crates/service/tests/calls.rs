//! The routes of a server of shared data: what is refused, in which words, and answers in parts.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "shared with the tests of the routes")]
#[path = "support/client.rs"]
mod client;
#[allow(dead_code, reason = "shared with the tests of the routes")]
#[path = "support/fake.rs"]
mod fake;

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use client::Server;
use serde_json::Value;
use tokio::sync::mpsc;
use yinxin_record::DenialReason;
use yinxin_service::{CallRefused, Called, Calls, Cut, Limits, calls_openapi, calls_router};

/// That an answer without an end was ended all the same.
static ENDED: AtomicBool = AtomicBool::new(false);

/// Parts that come one after the other, slowly; or large ones, for ever.
async fn going(out: mpsc::Sender<Result<Vec<u8>, Cut>>, word: &str) {
    if word == "slow" {
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if out.send(Ok(b"part ".to_vec())).await.is_err() {
                return;
            }
        }
        return;
    }
    while out.send(Ok(vec![0; 64 << 10])).await.is_ok() {}
    ENDED.store(true, Ordering::Release);
}

/// Answers by the call's first word.
struct Fake;

impl Calls for Fake {
    fn call(&self, call: Vec<u8>) -> Called<'_> {
        Box::pin(async move {
            let text = String::from_utf8_lossy(&call).into_owned();
            let parts: &[Result<&str, Cut>] = match text.as_str() {
                "whole" => &[Ok("one "), Ok("two "), Ok("three")],
                "cut" => &[Ok("one "), Err(Cut)],
                "slow" | "endless" => {
                    let (out, answer) = mpsc::channel(1);
                    tokio::spawn(async move { going(out, &text).await });
                    return Ok(answer);
                }
                "busy" => return Err(CallRefused::Busy),
                "elsewhere" => {
                    return Err(CallRefused::NotServed { resource: "x.y".to_owned() });
                }
                "away" => return Err(CallRefused::Unavailable { code: "ledger" }),
                "garbage" => return Err(CallRefused::Malformed { what: "no call".to_owned() }),
                name => {
                    let reason = DenialReason::ALL.iter().find(|r| r.name() == name);
                    let reason = *reason.unwrap_or_else(|| panic!("{name}"));
                    return Err(CallRefused::Denied { reason, line: b"line".to_vec() });
                }
            };
            let (out, answer) = mpsc::channel(1);
            let parts = parts.to_vec();
            tokio::spawn(async move {
                for part in parts {
                    let part = part.map(|text| text.as_bytes().to_vec());
                    if out.send(part).await.is_err() {
                        return;
                    }
                }
            });
            Ok(answer)
        })
    }

    fn ready(&self) -> Result<(), CallRefused> {
        Err(CallRefused::Unavailable { code: "ledger" })
    }

    fn metrics(&self) -> String {
        "yinxin_data_windows_waiting 0\n".to_owned()
    }
}

fn server(limits: Limits) -> Server {
    Server::of(calls_router(Arc::new(Fake), limits), limits)
}

#[test]
fn an_answer_comes_in_parts_and_a_cut_one_is_no_whole_one() {
    let server = server(Limits::default());
    let raw = |word: &str| {
        let mut stream = server.open(question(word).as_bytes());
        let mut text = String::new();
        // A cut connection may be an error here.
        drop(stream.read_to_string(&mut text));
        text
    };
    let whole = raw("whole");
    assert!(whole.starts_with("HTTP/1.1 200"), "{whole}");
    assert!(whole.contains("three") && whole.ends_with("0\r\n\r\n"), "{whole}");
    let cut = raw("cut");
    // How much of it arrives before the end is the sockets' affair.
    assert!(cut.starts_with("HTTP/1.1 200") && !cut.ends_with("0\r\n\r\n"), "{cut}");
}

fn question(word: &str) -> String {
    format!(
        "POST /v1/calls HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{word}",
        word.len()
    )
}

#[test]
fn whose_answer_grows_keeps_the_place() {
    // Two places: newcomers that ask nothing have only each other's.
    let limits = Limits { connections: 2, header_secs: 60, ..Limits::default() };
    let server = server(limits);
    let mut answered = server.open(question("slow").as_bytes());
    let mut idle = Vec::new();
    for _ in 0..15 {
        std::thread::sleep(Duration::from_millis(100));
        idle.push(server.open(b""));
    }
    let mut text = String::new();
    answered.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("part ").count(), 20, "{text}");
    assert!(text.ends_with("0\r\n\r\n"), "{text}");
    assert_eq!(server.get("/health/live").status, 200);
}

#[test]
fn an_answer_that_nobody_takes_ends() {
    let server = server(Limits { taking_secs: 1, ..Limits::default() });
    let begun = Instant::now();
    let _stalled = server.open(question("endless").as_bytes());
    while !ENDED.load(Ordering::Acquire) {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is still offered");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn each_refusal_is_a_problem_with_a_stable_type_in_two_languages() {
    let server = server(Limits::default());
    let mut cases = vec![
        ("busy".to_owned(), 503, "busy".to_owned()),
        ("elsewhere".to_owned(), 404, "not-found".to_owned()),
        ("away".to_owned(), 503, "unavailable:ledger".to_owned()),
        ("garbage".to_owned(), 400, "bad-request".to_owned()),
    ];
    for reason in DenialReason::ALL {
        let status = if *reason == DenialReason::StaleLedger { 503 } else { 403 };
        cases.push((reason.name().to_owned(), status, format!("denied:{}", reason.name())));
    }
    for (word, status, kind) in cases {
        let [en, zh] = ["en", "zh-CN"].map(|lang| {
            let answer = server.post("/v1/calls", word.as_bytes(), &[("Accept-Language", lang)]);
            assert_eq!(answer.status, status, "{word}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{word}");
            answer.json()
        });
        assert_eq!(en["type"], format!("urn:yinxin:problem:{kind}"), "{word}");
        assert_eq!(en["status"], status, "{word}");
        assert_eq!(en["type"], zh["type"]);
        assert_ne!(en["title"], zh["title"], "{word}");
        let line = if kind.starts_with("denied") { Value::from("bGluZQ==") } else { Value::Null };
        assert_eq!(en["line"], line, "{word}");
    }
}

#[test]
fn what_is_no_call_costs_little() {
    let server = server(Limits { request_secs: 1, ..Limits::default() });
    let large = server.post("/v1/calls", &[0; (16 << 10) + 1], &[]);
    assert_eq!(
        (large.status, large.json()["type"].as_str()),
        (413, Some("urn:yinxin:problem:too-large"))
    );
    assert_eq!(server.get("/v1/calls").status, 405);
    assert_eq!(server.get("/v1/records/00").status, 404, "it is no node");
    assert_eq!(server.get("/health/live").text(), "live\n");
    assert_eq!(server.get("/health/ready").status, 503);
    assert!(server.get("/metrics").text().contains("windows_waiting"));
    let half = b"POST /v1/calls HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf";
    let mut stream = server.open(half);
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut text = String::new();
    drop(stream.read_to_string(&mut text));
    assert!(text.starts_with("HTTP/1.1 504"), "half a call is not waited for: {text}");
}

#[test]
fn the_document_has_every_route() {
    let document = serde_json::to_value(calls_openapi()).unwrap();
    for path in ["/v1/calls", "/health/live", "/health/ready", "/metrics"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let answers = &document["paths"]["/v1/calls"]["post"]["responses"];
    for status in ["200", "400", "403", "404", "413", "503"] {
        assert!(answers[status].is_object(), "{status}");
    }
}
