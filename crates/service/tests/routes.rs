//! Every route over real HTTP, with a ledger in memory: answers, problems, limits, languages.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "support/client.rs"]
mod client;
#[path = "support/fake.rs"]
mod fake;

use client::{Answer, Server};
use serde_json::Value;
use yinxin_service::Limits;

const ID: &str = "00000000000000000000000000000000000000000000000000000000000000aa";
const LICENCE: &str = fake::LICENCE;

fn problem(answer: &Answer, status: u16, kind: &str) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let json = answer.json();
    assert_eq!(json["type"], format!("urn:yinxin:problem:{kind}"));
    assert_eq!(json["status"], status);
    for field in ["title", "detail", "todo"] {
        assert!(json[field].is_string(), "{field} in {json}");
    }
    assert!(!json["title"].as_str().unwrap().is_empty());
    json
}

#[test]
fn every_route_answers() {
    let server = Server::start(Limits::default());
    let receipt = format!("/v1/receipts/{ID}");
    let rebased = format!("/v1/receipts/{ID}?log_size=7");
    let record = format!("/v1/records/{ID}");
    let status = format!("/v1/status/licence/{LICENCE}");
    let seal = format!("/v1/status/seal/11990100MB0A000266/{ID}");
    for (path, kind, part) in [
        ("/", "text/html", "印信"),
        ("/catalogue", "text/html", "/portal/catalogue.js"),
        ("/requests", "text/html", "/portal/requests.js"),
        ("/share", "text/html", "/portal/share.js"),
        ("/provenance", "text/html", "/portal/provenance.js"),
        ("/portal/frame.js", "text/javascript", "use strict"),
        ("/portal/style.css", "text/css", "#verdict"),
        ("/health/live", "text/plain", "live"),
        ("/health/ready", "text/plain", "ready"),
        ("/metrics", "text/plain", "yinxin_height 7"),
        ("/openapi.json", "application/json", "/v1/verify"),
        ("/v1/vocabulary", "application/json", "DIGEST_MISMATCH"),
        (&record, "application/json", "yinxin.record/1"),
        (&receipt, "application/json", "yinxin.receipt/1"),
        (&rebased, "application/json", "yinxin.receipt/1"),
        (&status, "application/json", "yinxin.status/1"),
        (&seal, "application/json", "yinxin.status/1"),
        ("/v1/state/6162", "application/json", "\"key\":\"6162\""),
        ("/v1/index/6f", "application/json", "[[\"6f\",\"01\"]]"),
        ("/v1/index/6f?from=6f7000", "application/json", "[[\"6f7000\",\"02\"]]"),
        ("/v1/ledger/head", "application/json", "\"height\":7"),
        ("/v1/ledger/headers/7", "application/json", "yinxin.header/1"),
        ("/v1/ledger/genesis", "application/json", "yinxin.genesis/1"),
        ("/v1/ledger/set-changes", "application/json", "yinxin.set-change/1"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert!(answer.header("content-type").starts_with(kind), "{path}: {answer:?}");
        assert!(answer.text().contains(part), "{path}: {}", answer.text());
    }
}

#[test]
fn a_licence_is_shown_with_its_proof_known_or_not() {
    let server = Server::start(Limits::default());
    let unknown = server.get(&format!("/v1/licences/{LICENCE}")).json();
    assert_eq!((&unknown["known"], &unknown["state"]), (&false.into(), &"".into()));
    assert_eq!(unknown["height"], 7);
    assert!(unknown["proof"].as_str().unwrap().len() > 100);
    problem(&server.get("/v1/licences/123"), 400, "bad-request");
}

#[test]
fn a_file_gets_a_report_whatever_its_verdict() {
    let server = Server::start(Limits::default());
    let report = server.post("/v1/verify", b"no document", &[]).json();
    assert_eq!(
        (&report["schema"], &report["verdict"]),
        (&"yinxin.report/1".into(), &"INVALID".into())
    );
    let dated = server.post("/v1/verify?at=2026-03-01", b"no document", &[]).json();
    assert!(dated["at"].as_str().unwrap().starts_with("2026-0"), "{dated}");
    problem(&server.post("/v1/verify", b"", &[]), 400, "bad-request");
    problem(&server.post("/v1/verify?at=yesterday", b"x", &[]), 400, "bad-request");
}

#[test]
fn der_comes_as_bytes_when_asked_for() {
    let server = Server::start(Limits::default());
    for path in [
        format!("/v1/receipts/{ID}"),
        format!("/v1/records/{ID}"),
        "/v1/ledger/genesis".into(),
        "/v1/state/6162".into(),
    ] {
        let bytes = server.send("GET", &path, &[("Accept", "application/octet-stream")], b"");
        assert_eq!(bytes.header("content-type"), "application/octet-stream", "{path}");
        let json = server.get(&path).json();
        let base64 =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes.body);
        assert_eq!(json["der"], base64, "{path}");
    }
}

#[test]
fn what_the_ledger_says_becomes_a_problem() {
    let server = Server::start(Limits::default());
    let created = server.post("/v1/records", b"good", &[]);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.json()["schema"], "yinxin.receipt/1");
    let refused = problem(&server.post("/v1/records", b"refuse", &[]), 409, "refused:R7");
    assert!(refused["detail"].as_str().unwrap().contains("R7"), "{refused}");
    let pending = problem(&server.post("/v1/records", b"pending", &[]), 504, "pending");
    assert!(pending["todo"].as_str().unwrap().contains("same bytes"), "{pending}");
    problem(&server.post("/v1/records", b"down", &[]), 503, "unavailable");
    let absent = "ff".repeat(32);
    problem(&server.get(&format!("/v1/records/{absent}")), 404, "not-found");
    problem(&server.get(&format!("/v1/receipts/{absent}")), 404, "not-found");
}

#[test]
fn wrong_requests_are_problems() {
    let server = Server::start(Limits::default());
    for path in [
        "/v1/records/xyz",
        "/v1/records/00",
        "/v1/receipts/%ff",
        "/v1/state/6",
        "/v1/state/zz",
        "/v1/index/0",
        "/v1/status/licence/1",
        "/v1/status/nothing/1",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 400, "{path}: {answer:?}");
    }
    problem(&server.get(&format!("/v1/state/{}", "ab".repeat(513))), 400, "bad-request");
    for path in ["/v2/verify", "/v1", "/%2e%2e/etc/passwd", "//", "/v1/verify/"] {
        problem(&server.get(path), 404, "not-found");
    }
    for (method, path) in [
        ("GET", "/v1/verify"),
        ("DELETE", "/v1/records"),
        ("POST", "/"),
        ("PUT", "/v1/ledger/head"),
    ] {
        problem(&server.send(method, path, &[], b""), 405, "method");
    }
}

#[test]
fn requests_that_no_route_can_read_are_problems_too() {
    let server = Server::start(Limits::default());
    for path in [
        "/v1/receipts/%ff",
        "/v1/status/%ff/a",
        &format!("/v1/receipts/{ID}?log_size=x"),
        "/v1/index/6f?limit=-1",
    ] {
        problem(&server.get(path), 400, "bad-request");
    }
    problem(&server.post("/v1/verify?at=2026-01-01&at=2026-01-02", b"x", &[]), 400, "bad-request");
}

#[test]
fn without_a_ledger_it_verifies_and_says_so_elsewhere() {
    let server = Server::without_ledger();
    assert_eq!(server.post("/v1/verify", b"x", &[]).status, 200);
    assert_eq!(server.get("/health/ready").status, 200);
    for path in ["/v1/ledger/head", "/v1/ledger/genesis", &format!("/v1/records/{ID}")] {
        problem(&server.get(path), 501, "no-ledger");
    }
    problem(&server.post("/v1/records", b"x", &[]), 501, "no-ledger");
}

#[test]
fn problems_speak_the_language_asked_for() {
    let server = Server::start(Limits::default());
    for (language, title) in [
        ("zh-CN,zh;q=0.9", "请求有误"),
        ("zh", "请求有误"),
        ("en-GB", "bad request"),
        ("de", "bad request"),
        ("", "bad request"),
    ] {
        let answer = server.post("/v1/verify", b"", &[("Accept-Language", language)]);
        assert_eq!(problem(&answer, 400, "bad-request")["title"], title, "{language}");
    }
    let missing = server.send("GET", "/nowhere", &[("Accept-Language", "zh")], b"");
    assert_eq!(problem(&missing, 404, "not-found")["title"], "未找到");
}

#[test]
fn every_answer_has_the_headers_that_browsers_heed() {
    let server = Server::start(Limits::default());
    for answer in [
        server.get("/"),
        server.get("/v1/ledger/head"),
        server.get("/nowhere"),
        server.post("/v1/verify", b"", &[]),
    ] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cache-control"), "no-store");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "",
            "no other site may read answers"
        );
    }
}

#[test]
fn bodies_over_the_limit_are_refused() {
    let limits =
        Limits { file_bytes: 1000, record_bytes: 100, request_secs: 2, ..Limits::default() };
    let server = Server::start(limits);
    assert_eq!(server.post("/v1/verify", &[0; 1000], &[]).status, 200);
    let refused = problem(&server.post("/v1/verify", &[0; 1001], &[]), 413, "too-large");
    assert!(refused["detail"].as_str().unwrap().contains("1000"), "{refused}");
    problem(&server.post("/v1/records", &[0; 101], &[]), 413, "too-large");
    // A claimed length without its body waits no longer than any request; chunks without a length are counted.
    let claimed = server.raw(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\nabc");
    assert!([413, 504].contains(&claimed.status), "{claimed:?}");
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", 1001, "a".repeat(1001));
    let head = "POST /v1/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunked = server.raw([head.as_bytes(), chunk.as_bytes()].concat().as_slice());
    assert_eq!(chunked.status, 413, "{chunked:?}");
}

#[test]
fn a_request_that_takes_too_long_is_ended() {
    let server = Server::start(Limits { request_secs: 1, ..Limits::default() });
    let slow = server.post("/v1/records", b"slow", &[]);
    problem(&slow, 504, "timeout");
    // A client that sends a byte and then nothing.
    let start = std::time::Instant::now();
    let stalled = server.raw(
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100\r\n\r\na",
    );
    problem(&stalled, 504, "timeout");
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn slow_clients_do_not_keep_others_waiting() {
    let server = Server::start(Limits { verifications: 1, ..Limits::default() });
    let stalled: Vec<_> = (0..50)
        .map(|_| {
            server.open(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na")
        })
        .collect();
    assert_eq!(server.post("/v1/verify", b"x", &[]).status, 200);
    assert_eq!(server.get("/health/live").status, 200);
    drop(stalled);
}

#[test]
fn files_on_their_way_in_take_bounded_memory() {
    let limits = Limits { file_bytes: 1 << 20, verifications: 2, ..Limits::default() };
    let server = Server::start(limits);
    let begun = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\na";
    let unsaid =
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
    let stalled = [server.open(begun), server.open(unsaid)];
    let refused = |server: &Server| server.post("/v1/verify", b"x", &[]).status == 503;
    // The service takes the two up when it gets to them.
    assert!((0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        refused(&server)
    }));
    problem(&server.post("/v1/verify", b"x", &[]), 503, "busy");
    drop(stalled);
    assert!((0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        !refused(&server)
    }));
}

#[test]
fn garbage_on_the_wire_closes_only_its_connection() {
    let server = Server::start(Limits::default());
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let answer = server.raw(bytes);
        assert!(answer.status == 0 || answer.status >= 400, "{answer:?}");
    }
    assert_eq!(server.get("/health/live").status, 200);
}

#[test]
fn the_openapi_document_lists_every_route() {
    let server = Server::start(Limits::default());
    let document = server.get("/openapi.json").json();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        found.extend(methods.as_object().unwrap().keys().map(|m| format!("{m} {path}")));
    }
    found.sort();
    let expected = [
        "get /health/live",
        "get /health/ready",
        "get /metrics",
        "get /v1/assets/{key}",
        "get /v1/catalogue",
        "get /v1/catalogue/{code}",
        "get /v1/credit/authorities/{code}",
        "get /v1/credit/authorities/{code}/measures",
        "get /v1/credit/classes/{code}",
        "get /v1/credit/items/{id}",
        "get /v1/credit/league",
        "get /v1/credit/lists/{code}",
        "get /v1/credit/subjects/{subject}",
        "get /v1/credit/subjects/{subject}/uses",
        "get /v1/credit/subjects/{subject}/uses/scores",
        "get /v1/denials",
        "get /v1/grants/{id}",
        "get /v1/grants/{id}/statistics",
        "get /v1/index/{prefix}",
        "get /v1/ledger/genesis",
        "get /v1/ledger/head",
        "get /v1/ledger/headers/{height}",
        "get /v1/ledger/set-changes",
        "get /v1/licences/{identifier}",
        "get /v1/organisations",
        "get /v1/organisations/{code}/accounts",
        "get /v1/organisations/{code}/requests",
        "get /v1/organisations/{code}/statistics",
        "get /v1/receipts/{id}",
        "get /v1/records/{id}",
        "get /v1/requests/{id}",
        "get /v1/state/{key}",
        "get /v1/status/{kind}/{id}",
        "get /v1/trace/{subject}",
        "get /v1/vocabulary",
        "post /v1/records",
        "post /v1/verify",
    ];
    assert_eq!(found, expected);
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    // Each schema that is referred to is there.
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
