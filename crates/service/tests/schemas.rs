//! Every answer is what the OpenAPI document says of it: real answers of all routes, held against their schemas.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "../../ledger/tests/rig/batches.rs"]
mod batches;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/client.rs"]
mod client;
#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/fake.rs"]
mod fake;
#[path = "support/held.rs"]
mod held;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/shelf.rs"]
mod shelf;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use std::{collections::BTreeSet, sync::Arc};

use client::{Answer, Server};
use serde_json::{Value, json};
use town::Town;
use world::code;
use yinxin_record::SourceRuling;
use yinxin_service::{App, Limits, openapi, router};
use yinxin_verify::{Policy, Trust};

/// The document, and which of its operations were answered in a test.
struct Contract {
    document: Value,
    answered: BTreeSet<(String, String)>,
}

impl Contract {
    fn new() -> Self {
        let document = serde_json::to_value(openapi()).unwrap();
        Self { document, answered: BTreeSet::new() }
    }

    /// The path of the document that an address is of, the one with the fewest holes first.
    fn path(&self, address: &str) -> String {
        let asked: Vec<&str> = address.split('?').next().unwrap().split('/').collect();
        let fits = |path: &&String| {
            let parts: Vec<&str> = path.split('/').collect();
            let rest = parts.last().is_some_and(|part| part.starts_with("{*"));
            (parts.len() == asked.len() || (rest && parts.len() < asked.len()))
                && parts
                    .iter()
                    .zip(&asked)
                    .all(|(part, word)| part.starts_with('{') || part == word)
        };
        let paths = self.document["paths"].as_object().unwrap().keys();
        let found = paths.filter(fits).min_by_key(|path| path.matches('{').count());
        found.unwrap_or_else(|| panic!("{address} is not in the document")).clone()
    }

    /// The schema of an answer; none for what is no JSON.
    fn schema(&self, method: &str, path: &str, answer: &Answer) -> Option<Value> {
        let responses = &self.document["paths"][path][method]["responses"];
        let told = &responses[answer.status.to_string()];
        assert!(told.is_object(), "{method} {path}: {} is not in the document", answer.status);
        let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
        let content = told["content"].as_object()?;
        let schema =
            content.get(&kind).or_else(|| content.get("application/json"))?.get("schema")?;
        Some(json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.document["components"],
        }))
    }

    fn holds(&mut self, method: &str, address: &str, answer: &Answer) {
        let path = self.path(address);
        self.answered.insert((method.to_owned(), path.clone()));
        let Some(schema) = self.schema(method, &path, answer) else { return };
        let value = answer.json();
        if let Err(error) = fits(&schema, &value) {
            panic!("{method} {address}: {error}\n{value:#}");
        }
        // What every answer of this kind has is asked for: without any one of its fields it does not fit.
        let Some(fields) = value.as_object() else { return };
        for field in fields.keys() {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(field);
            let mut other = value.clone();
            other[field] = json!([[[0]]]);
            assert!(
                fits(&schema, &less).is_err() || fits(&schema, &other).is_err(),
                "{method} {address}: nothing is said of {field}"
            );
        }
    }

    fn get(&mut self, server: &Server, address: &str, status: u16) -> Value {
        let answer = server.get(address);
        assert_eq!(answer.status, status, "{address}: {answer:?}");
        self.holds("get", address, &answer);
        if answer.header("content-type").contains("json") { answer.json() } else { Value::Null }
    }
}

fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    let validator = jsonschema::draft202012::new(schema).map_err(|error| error.to_string())?;
    let told: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if told.is_empty() { Ok(()) } else { Err(told.join("\n")) }
}

#[test]
fn answers_about_credit_and_assets_are_as_the_document_says() {
    let mut contract = Contract::new();
    let mut town = Town::new();
    town.others();
    let story = town.story();
    town.aftermath();
    town.scored();
    let server = Server::with(Some(Arc::new(town)), Limits::default());
    let (company, market) = (&story.company, code(credit::MARKET));
    for address in [
        "/v1/credit/classes/penalty.ordinary".to_owned(),
        format!("/v1/credit/subjects/{company}"),
        format!("/v1/credit/subjects/{company}?as_of=2026-12-25"),
        format!("/v1/credit/subjects/{company}?limit=3"),
        format!("/v1/credit/subjects/{company}/uses"),
        format!("/v1/credit/subjects/{company}/uses/scores"),
        format!("/v1/credit/items/{}", story.applied),
        format!("/v1/credit/items/{}", story.listed),
        format!("/v1/credit/items/{}", story.repaired),
        format!("/v1/credit/authorities/{market}"),
        format!("/v1/credit/authorities/{market}/measures"),
        "/v1/credit/league".to_owned(),
        "/v1/credit/lists/abnormal".to_owned(),
        format!("/v1/assets/{}", story.asset),
        format!("/v1/status/credit-item/{}", story.listed),
        "/v1/organisations".to_owned(),
    ] {
        contract.get(&server, &address, 200);
    }
    for (address, status) in [
        ("/v1/credit/classes/nothing".to_owned(), 404),
        ("/v1/credit/subjects/x".to_owned(), 400),
        (format!("/v1/credit/subjects/{company}?limit=3&as_of=2026-12-25"), 503),
        (format!("/v1/credit/items/{}", "0".repeat(64)), 404),
        ("/v1/credit/authorities/1".to_owned(), 400),
        ("/v1/credit/lists/nothing".to_owned(), 404),
    ] {
        contract.get(&server, &address, status);
    }
}

/// With what a batch alone has: an item's source, its place, cases that wait, orders.
#[test]
fn answers_about_items_of_batches_are_as_the_document_says() {
    let mut contract = Contract::new();
    let mut town = Town::new();
    let (mut held, item) = held::Held::inspection(&mut town, 9);
    for (who, ruling) in [(credit::BANK, Some(SourceRuling::Correct)), (credit::CENTRE, None)] {
        let act = town.world.objects(&item, "wrong");
        let case = town.done(who, act);
        if let Some(ruling) = ruling {
            let act = town.world.rules(case, ruling);
            town.done(credit::TAX, act);
        }
    }
    town.until_day("2026-11-24");
    held.corrects(&mut town, 9, None);
    let app =
        App::new(Trust::default(), Policy::default(), Some(Arc::new(town)), Limits::default());
    let app = app.with_credit_sources(vec![Arc::new(held)]);
    let server = Server::of(router(app), Limits::default());
    let company = format!("/v1/credit/subjects/{}", credit::company(9));
    let desk = format!("/v1/credit/authorities/{}", code(credit::TAX));
    let told = contract.get(&server, &company, 200);
    let first = contract.get(&server, &format!("{company}?limit=2"), 200);
    let next = first["next"].as_str().unwrap();
    let second = contract.get(&server, &format!("{company}?limit=2&from={next}"), 200);
    let owed = contract.get(&server, &desk, 200);
    contract.get(&server, &format!("{company}?as_of=2026-11-23"), 200);
    // What the document was held against was there.
    assert!(told["items"][0]["source"].is_object() && told["sources"][0]["records"] == 2);
    assert!(told["items"][0]["events"][0]["batch"].is_object(), "{told:#}");
    assert_eq!(second["later"].as_array().unwrap().len(), 1, "{second:#}");
    assert!(owed["cases"][0]["item"].is_object() && owed["orders"][0]["about"].is_object());
    type Lie = fn(&mut Value);
    let lies: [(&str, Value, Lie); 4] = [
        (&company, told.clone(), |v| v["items"][0]["events"][0]["batch"]["place"] = "first".into()),
        (&company, told, |v| drop(v["items"][0].as_object_mut().unwrap().remove("more"))),
        (&company, second, |v| v["later"][0]["events"][0]["outcome"] = 7.into()),
        (&desk, owed, |v| drop(v["orders"][0].as_object_mut().unwrap().remove("ruling"))),
    ];
    for (n, (address, mut value, lie)) in lies.into_iter().enumerate() {
        let path = contract.path(address);
        let schema = contract.schema("get", &path, &server.get(address)).unwrap();
        lie(&mut value);
        assert!(fits(&schema, &value).is_err(), "lie {n} fits");
    }
}

#[test]
fn answers_about_shared_data_are_as_the_document_says() {
    let mut contract = Contract::new();
    let shelf = Arc::new(shelf::Shelf::default());
    shelf.publish(1, 1, "企业登记信息");
    let server = Server::with(Some(shelf), Limits::default());
    let owner = shelf::OWNER;
    for address in [
        "/v1/catalogue".to_owned(),
        "/v1/organisations".to_owned(),
        format!("/v1/organisations/{owner}/requests?side=received"),
        format!("/v1/organisations/{owner}/statistics?group=month,purpose"),
    ] {
        contract.get(&server, &address, 200);
    }
    let id = "0".repeat(64);
    for address in
        [format!("/v1/requests/{id}"), format!("/v1/grants/{id}"), format!("/v1/trace/d:{id}")]
    {
        contract.get(&server, &address, 404);
    }
}

#[test]
fn answers_of_the_ledger_and_of_the_verifier_are_as_the_document_says() {
    let mut contract = Contract::new();
    let server = Server::start(Limits::default());
    let id = format!("{}aa", "0".repeat(62));
    for address in [
        format!("/v1/records/{id}"),
        format!("/v1/receipts/{id}"),
        format!("/v1/status/licence/{}", fake::LICENCE),
        format!("/v1/licences/{}", fake::LICENCE),
        "/v1/state/6162".to_owned(),
        "/v1/index/6f".to_owned(),
        "/v1/ledger/head".to_owned(),
        "/v1/ledger/headers/7".to_owned(),
        "/v1/ledger/genesis".to_owned(),
        "/v1/ledger/set-changes".to_owned(),
        "/v1/vocabulary".to_owned(),
        "/health/live".to_owned(),
        "/health/ready".to_owned(),
        "/metrics".to_owned(),
    ] {
        contract.get(&server, &address, 200);
    }
    for (address, body) in [("/v1/verify", b"no document".as_slice()), ("/v1/records", b"good")] {
        let answer = server.post(address, body, &[]);
        contract.holds("post", address, &answer);
    }
    let refused = server.post("/v1/records", b"refuse", &[]);
    contract.holds("post", "/v1/records", &refused);
}

/// The test above would notice: an answer that says less, or otherwise, than the document does not fit.
#[test]
fn an_answer_that_is_not_as_the_document_says_is_noticed() {
    let contract = Contract::new();
    let mut town = Town::new();
    let story = town.story();
    let server = Server::with(Some(Arc::new(town)), Limits::default());
    let address = format!("/v1/credit/subjects/{}", story.company);
    let answer = server.get(&address);
    let schema = contract.schema("get", &contract.path(&address), &answer).unwrap();
    let whole = answer.json();
    fits(&schema, &whole).unwrap();
    type Lie = fn(&mut Value);
    let lies: [Lie; 5] = [
        |v| drop(v.as_object_mut().unwrap().remove("items")),
        |v| v["records"] = "many".into(),
        |v| drop(v["items"][0].as_object_mut().unwrap().remove("status")),
        |v| v["items"][0]["events"][0]["time"] = 7.into(),
        |v| v["items"][0]["ways"]["objection_days"] = json!({}),
    ];
    for (n, lie) in lies.into_iter().enumerate() {
        let mut told = whole.clone();
        lie(&mut told);
        assert!(fits(&schema, &told).is_err(), "lie {n} fits");
    }
}
