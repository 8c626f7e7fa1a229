//! Routes of shared data over a ledger in memory: what is found, how pages go on, and what is refused as a problem in both languages.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/client.rs"]
mod client;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/fake.rs"]
mod fake;
#[path = "support/shelf.rs"]
mod shelf;

use std::sync::Arc;

use client::Server;
use serde_json::Value;
use shelf::{OWNER, Shelf};
use yinxin_service::{Limits, openapi};

fn get(server: &Server, path: &str, status: u16) -> Value {
    let answer = server.get(path);
    assert_eq!(answer.status, status, "{path}: {answer:?}");
    if status != 200 {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    answer.json()
}

fn names(hits: &Value) -> Vec<&str> {
    let resources = hits["resources"].as_array().unwrap();
    resources.iter().map(|r| r["name"].as_str().unwrap()).collect()
}

#[test]
fn the_catalogue_is_searched_by_words_owner_and_class() {
    let shelf = Arc::new(Shelf::default());
    for (n, name) in [(1, "企业登记信息"), (2, "行政处罚信息"), (3, "Business Register")]
    {
        shelf.publish(n, 1, name);
    }
    let server = Server::with(Some(shelf.clone()), Limits::default());
    let search = |query: &str| get(&server, &format!("/v1/catalogue{query}"), 200);
    for (query, found) in [
        ("", vec!["企业登记信息", "行政处罚信息", "Business Register"]),
        ("?q=%E5%A4%84%E7%BD%9A", vec!["行政处罚信息"]),
        ("?q=register%20business", vec!["Business Register"]),
        ("?q=307~2", vec!["行政处罚信息"]),
        ("?q=%E5%AD%97%E6%AE%B5%20307~1", vec!["企业登记信息"]),
        ("?q=nothing", vec![]),
        ("?class=never", vec![]),
        ("?class=conditional&limit=1&skip=1", vec!["行政处罚信息"]),
        ("?limit=0", vec![]),
        ("?skip=99999999999", vec![]),
    ] {
        assert_eq!(names(&search(query)), found, "{query}");
    }
    assert_eq!(search("?limit=1")["total"], 3);
    assert_eq!(search(&format!("?owner={OWNER}"))["total"], 3);
    assert_eq!(search("?owner=91350100M000100Y43")["total"], 0);

    // What comes later is seen with the next question: a new version, a withdrawal.
    shelf.publish(3, 2, "Trade Register");
    shelf.withdraw(1);
    assert_eq!(names(&search("")), ["行政处罚信息", "Trade Register"]);
    assert_eq!(search("?withdrawn=true")["total"], 3);
    assert_eq!(search("?q=business")["total"], 0);
}

#[test]
fn a_catalogue_longer_than_a_page_is_read_whole() {
    let shelf = Arc::new(Shelf::default());
    for n in 0..2_100 {
        shelf.publish(n, 1, "某信息");
    }
    let server = Server::with(Some(shelf.clone()), Limits::default());
    let hits = get(&server, "/v1/catalogue?limit=100000", 200);
    assert_eq!((&hits["total"], names(&hits).len()), (&2_100.into(), 200));
    let asked = shelf.asked();
    let _ = get(&server, "/v1/catalogue", 200);
    assert!(shelf.asked() - asked < 5, "what was read is not read again");
}

#[test]
fn what_the_ledger_does_not_know_is_empty_or_not_found() {
    let server = Server::start(Limits::default());
    let id = "0".repeat(64);
    for path in [
        "/v1/catalogue",
        "/v1/organisations",
        &format!("/v1/organisations/{OWNER}/requests?side=received&status=open"),
        &format!("/v1/organisations/{OWNER}/statistics?group=month,purpose&from=2026-01-01"),
    ] {
        get(&server, path, 200);
    }
    for path in [
        format!("/v1/catalogue/{OWNER}.307~1"),
        format!("/v1/requests/{id}"),
        format!("/v1/grants/{id}"),
        format!("/v1/grants/{id}/statistics"),
        format!("/v1/trace/d:{id}"),
        format!("/v1/trace/{OWNER}.307~1?form=svg&direction=forward&depth=3&as_of=7"),
    ] {
        let problem = get(&server, &path, 404);
        assert_eq!(problem["type"], "urn:yinxin:problem:not-found", "{path}");
    }
}

#[test]
fn what_cannot_be_read_is_told_in_the_readers_language() {
    let server = Server::start(Limits::default());
    let long = "x".repeat(201);
    for path in [
        "/v1/catalogue?owner=1",
        "/v1/catalogue?class=maybe",
        &format!("/v1/catalogue?q={long}"),
        "/v1/catalogue?limit=-1",
        "/v1/catalogue/307~1",
        "/v1/organisations/1/requests",
        &format!("/v1/organisations/{OWNER}/requests?side=both"),
        &format!("/v1/organisations/{OWNER}/requests?from=xyz"),
        &format!("/v1/organisations/{OWNER}/requests?from={}", "0".repeat(600)),
        &format!("/v1/organisations/{OWNER}/statistics?group=colour"),
        &format!("/v1/organisations/{OWNER}/statistics?until=soon"),
        &format!("/v1/organisations/{OWNER}/statistics?side=made"),
        "/v1/requests/12",
        "/v1/grants/xyz",
        "/v1/trace/rows.csv",
        &format!("/v1/trace/{OWNER}?form=png"),
        &format!("/v1/trace/{OWNER}?direction=up"),
        &format!("/v1/trace/{OWNER}?as_of=soon"),
    ] {
        let english = get(&server, path, 400);
        assert_eq!(english["type"], "urn:yinxin:problem:bad-request", "{path}");
        let chinese = server.send("GET", path, &[("accept-language", "zh-CN")], b"").json();
        assert_ne!(english["title"], chinese["title"], "{path}");
    }
}

#[test]
fn without_a_ledger_there_is_no_catalogue() {
    let server = Server::without_ledger();
    for path in ["/v1/catalogue", "/v1/requests/00", "/v1/trace/x"] {
        assert_eq!(get(&server, path, 501)["type"], "urn:yinxin:problem:no-ledger");
    }
    assert_eq!(server.get("/catalogue").status, 200, "the page is there, and says so");
    assert_eq!(server.get("/portal/../Cargo.toml").status, 404);
    assert_eq!(server.get("/portal/nothing.js").status, 404);
}

#[test]
fn every_route_is_in_the_document() {
    let document = serde_json::to_value(openapi()).unwrap();
    for path in [
        "/v1/catalogue",
        "/v1/catalogue/{code}",
        "/v1/organisations",
        "/v1/organisations/{code}/accounts",
        "/v1/organisations/{code}/requests",
        "/v1/organisations/{code}/statistics",
        "/v1/requests/{id}",
        "/v1/grants/{id}",
        "/v1/grants/{id}/statistics",
        "/v1/trace/{subject}",
    ] {
        assert!(document["paths"][path]["get"]["responses"].is_object(), "{path}");
    }
}
