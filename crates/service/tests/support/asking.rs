//! Questions over the real rules in memory, and the story that most of them are about.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use yinxin_gm::Digest;
use yinxin_receipt::{Receipt, Wire};
use yinxin_service::{App, Ledger, Limits, router};
use yinxin_verify::{Policy, Trust};

use crate::{
    client::Server,
    town::{Story, Town},
};

/// An answer of this status; a refusal is a problem.
pub(crate) fn get(server: &Server, path: &str, status: u16) -> Value {
    let answer = server.get(path);
    assert_eq!(answer.status, status, "{path}: {answer:?}");
    if status != 200 {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    answer.json()
}

/// A service over a town whose story was told.
pub(crate) fn told() -> (Server, Story) {
    let mut town = Town::new();
    town.others();
    let story = town.story();
    (over(town), story)
}

/// A service over a town as it stands.
pub(crate) fn over(town: Town) -> Server {
    Server::with(Some(Arc::new(town)), Limits::default())
}

/// A service for everybody and a member's own, over the same ledger.
pub(crate) fn public_and_member(town: Town) -> (Server, Server) {
    let ledger: Arc<dyn Ledger> = Arc::new(town);
    let of = |everybody: bool| {
        let ledger = Some(Arc::clone(&ledger));
        let app = App::new(Trust::default(), Policy::default(), ledger, Limits::default());
        let app = if everybody { app.for_everybody() } else { app };
        Server::of(router(app), Limits::default())
    };
    (of(true), of(false))
}

/// What proves that a record is there.
pub(crate) fn receipt(server: &Server, id: &Digest) -> Receipt {
    let said = get(server, &format!("/v1/receipts/{id}"), 200);
    Receipt::from_der(&STANDARD.decode(said["der"].as_str().unwrap()).unwrap()).unwrap()
}
