//! A ledger over HTTP: what `service` serves, asked from afar. Everything that comes back is checked by the caller.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, de::DeserializeOwned};
use yinxin_gm::Digest;
use yinxin_ledger::advice;
use yinxin_service::{Answer, DenialsView, Head, Ledger, LedgerError, RefusalPage};
use yinxin_verdict::Lang;

use crate::fail::{Class, Done, Failure};

/// The largest answer: a page of 1,000 index entries is under 1 MiB, a record under 64 KiB.
const MAX_ANSWER: u64 = 4 << 20;
/// A little longer than the service lets a request take, so that its own words arrive.
const PATIENCE: Duration = Duration::from_secs(70);

/// A node's HTTP address, and the connection pool to it.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    base: Arc<str>,
    agent: ureq::Agent,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    detail: String,
}

#[derive(Deserialize)]
struct Named {
    der: String,
}

#[derive(Deserialize)]
struct HeadView {
    height: u64,
    peers: usize,
    header: String,
    certificate: String,
}

type Got<T> = Result<T, LedgerError>;
/// Key and value of an index entry.
type Pair = (Vec<u8>, Vec<u8>);

impl Remote {
    /// A ledger at `http://host:port`.
    pub(crate) fn new(address: &str) -> Done<Self> {
        if !address.starts_with("http://") {
            return Err(Failure::new(
                Class::Usage,
                format!("expected a node address such as http://127.0.0.1:8080, got {address:?}"),
                format!("节点地址应形如 http://127.0.0.1:8080，实为 {address:?}"),
            )
            .todo(
                "for TLS, run a proxy beside this program: receipts are checked, so the way they come is not trusted",
                "如需 TLS，请在本机运行代理：回执均经验证，传输途径不作为信任依据",
            ));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(Duration::from_secs(5)))
            .http_status_as_error(false)
            .max_idle_connections_per_host(256)
            .build();
        Ok(Self { base: address.trim_end_matches('/').into(), agent: config.into() })
    }

    /// The address, for messages.
    pub(crate) fn address(&self) -> &str {
        &self.base
    }

    /// Submits a record; the receipt comes back unchecked.
    pub(crate) fn put(&self, record: &[u8]) -> Got<Vec<u8>> {
        let url = format!("{}/v1/records", self.base);
        let sent = self
            .agent
            .post(&url)
            .header("accept", "application/octet-stream")
            .header("content-type", "application/octet-stream")
            .send(record);
        self.answer(sent)
    }

    /// Submits until the ledger has it, since the same bytes are never committed twice; gives up at `patience`.
    pub(crate) fn put_patiently(&self, record: &[u8], patience: Duration) -> Got<Vec<u8>> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            match self.put(record) {
                Err(LedgerError::Pending { .. } | LedgerError::Unavailable { .. })
                    if start.elapsed() + pause < patience =>
                {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
                other => return other,
            }
        }
    }

    /// The receipt of a record, re-based with `log_size`.
    pub(crate) fn receipt_of(&self, id: Digest, log_size: Option<u64>) -> Got<Vec<u8>> {
        let base = log_size.map(|n| format!("?log_size={n}")).unwrap_or_default();
        self.bytes(&format!("/v1/receipts/{id}{base}"))
    }

    /// A status proof for a state key.
    pub(crate) fn status_of(&self, key: &[u8]) -> Got<Vec<u8>> {
        self.bytes(&format!("/v1/state/{}", hex::encode(key)))
    }

    /// A whole record.
    pub(crate) fn record_of(&self, id: Digest) -> Got<Vec<u8>> {
        self.bytes(&format!("/v1/records/{id}"))
    }

    /// The newest header.
    pub(crate) fn newest(&self) -> Got<Head> {
        let view: HeadView = self.json("/v1/ledger/head")?;
        Ok(Head {
            height: view.height,
            header: self.decode(&view.header)?,
            certificate: self.decode(&view.certificate)?,
            peers: view.peers,
        })
    }

    /// The header of a height.
    pub(crate) fn header_of(&self, height: u64) -> Got<Vec<u8>> {
        self.bytes(&format!("/v1/ledger/headers/{height}"))
    }

    /// Index entries by prefix, from a key on, or from the first.
    pub(crate) fn entries(&self, prefix: &[u8], from: &[u8], limit: usize) -> Got<Vec<Pair>> {
        let (prefix, from) = (hex::encode(prefix), hex::encode(from));
        let begin = if from.is_empty() { from } else { format!("&from={from}") };
        let pairs: Vec<(String, String)> =
            self.json(&format!("/v1/index/{prefix}?limit={limit}{begin}"))?;
        let bytes = |text: &str| hex::decode(text).map_err(|_| self.garbled());
        pairs.iter().map(|(k, v)| Ok((bytes(k)?, bytes(v)?))).collect()
    }

    /// The genesis.
    pub(crate) fn first(&self) -> Got<Vec<u8>> {
        self.bytes("/v1/ledger/genesis")
    }

    /// Every change of the validator set.
    pub(crate) fn changes(&self) -> Got<Vec<Vec<u8>>> {
        let list: Vec<Named> = self.json("/v1/ledger/set-changes")?;
        list.iter().map(|named| self.decode(&named.der)).collect()
    }

    /// A page of what the node refused, from a number on.
    pub(crate) fn refusals(&self, from: u64) -> Got<RefusalPage> {
        let view: DenialsView = self.json(&format!("/v1/denials?from={from}"))?;
        let digest = |text: &str| text.parse().map_err(|_| self.garbled());
        let entries = view.entries.iter().map(|der| self.decode(der)).collect::<Got<_>>()?;
        Ok(RefusalPage {
            journal: digest(&view.journal)?,
            count: view.count,
            head: digest(&view.head)?,
            oldest: view.oldest,
            before: digest(&view.before)?,
            entries,
        })
    }

    fn bytes(&self, path: &str) -> Got<Vec<u8>> {
        let url = format!("{}{path}", self.base);
        self.answer(self.agent.get(&url).header("accept", "application/octet-stream").call())
    }

    fn json<T: DeserializeOwned>(&self, path: &str) -> Got<T> {
        let url = format!("{}{path}", self.base);
        let body = self.answer(self.agent.get(&url).header("accept", "application/json").call())?;
        serde_json::from_slice(&body).map_err(|_| self.garbled())
    }

    fn decode(&self, text: &str) -> Got<Vec<u8>> {
        STANDARD.decode(text).map_err(|_| self.garbled())
    }

    fn garbled(&self) -> LedgerError {
        LedgerError::Unavailable { what: format!("{}: unreadable answer", self.base) }
    }

    fn answer(&self, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Got<Vec<u8>> {
        let unreachable = |e: &dyn std::fmt::Display| LedgerError::Unavailable {
            what: format!("{}: {e}", self.base),
        };
        let mut response = sent.map_err(|e| unreachable(&e))?;
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_vec()
            .map_err(|e| unreachable(&e))?;
        if (200..300).contains(&status) { Ok(body) } else { Err(self.problem(status, &body)) }
    }

    fn problem(&self, status: u16, body: &[u8]) -> LedgerError {
        let problem: Problem = serde_json::from_slice(body)
            .unwrap_or(Problem { kind: String::new(), detail: format!("HTTP {status}") });
        let word = problem.kind.strip_prefix("urn:yinxin:problem:").unwrap_or_default();
        match (word.split_once(':'), word, status) {
            (Some(("refused", code)), _, _) => {
                LedgerError::Refused { code: code.to_owned(), what: rule(&problem.detail, code) }
            }
            (_, "not-found", _) | (_, "", 404) => LedgerError::NotFound,
            (_, "pending", _) | (_, "", 504) => {
                LedgerError::Pending { waited_secs: PATIENCE.as_secs() }
            }
            (_, "bad-request" | "too-large", _) => {
                LedgerError::Refused { code: word.to_owned(), what: problem.detail }
            }
            _ => LedgerError::Unavailable { what: format!("{}: {}", self.base, problem.detail) },
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Self) -> Got<T> + Send + 'static,
    ) -> Answer<'_, T> {
        let this = self.clone();
        Box::pin(async move {
            tokio::task::spawn_blocking(move || question(&this))
                .await
                .unwrap_or_else(|e| Err(LedgerError::Unavailable { what: e.to_string() }))
        })
    }
}

impl Ledger for Remote {
    fn submit(&self, record: Vec<u8>) -> Answer<'_, Vec<u8>> {
        self.ask(move |r| r.put(&record))
    }

    fn receipt(&self, id: Digest, log_size: Option<u64>) -> Answer<'_, Vec<u8>> {
        self.ask(move |r| r.receipt_of(id, log_size))
    }

    fn status(&self, key: Vec<u8>) -> Answer<'_, Vec<u8>> {
        self.ask(move |r| r.status_of(&key))
    }

    fn head(&self) -> Answer<'_, Head> {
        self.ask(Self::newest)
    }

    fn header(&self, height: u64) -> Answer<'_, Vec<u8>> {
        self.ask(move |r| r.header_of(height))
    }

    fn query(&self, prefix: Vec<u8>, from: Vec<u8>, limit: usize) -> Answer<'_, Vec<Pair>> {
        self.ask(move |r| r.entries(&prefix, &from, limit))
    }

    fn record(&self, id: Digest) -> Answer<'_, Vec<u8>> {
        self.ask(move |r| r.record_of(id))
    }

    fn genesis(&self) -> Answer<'_, Vec<u8>> {
        self.ask(Self::first)
    }

    fn set_changes(&self) -> Answer<'_, Vec<Vec<u8>>> {
        self.ask(Self::changes)
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

/// The rule's own words: the service put "the ledger refuses the record" around them, and so shall we.
fn rule(detail: &str, code: &str) -> String {
    let inner = detail.split_once(": ").map_or(detail, |(_, rest)| rest);
    inner.trim_end_matches(&format!(" ({code})")).to_owned()
}

/// The class of what a ledger said.
pub(crate) fn failure(error: &LedgerError) -> Failure {
    let class = match error {
        LedgerError::NotFound => Class::Usage,
        LedgerError::Refused { .. } => Class::Invalid,
        _ => Class::Node,
    };
    let failure = Failure::of(class, error);
    match error {
        LedgerError::Refused { code, .. } => {
            failure.todo(advice(code, Lang::En), advice(code, Lang::Zh))
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_once() {
        let detail =
            "the ledger refuses the record: revoke is not possible when revoked (ILLEGAL_MOVE)";
        assert_eq!(rule(detail, "ILLEGAL_MOVE"), "revoke is not possible when revoked");
        assert_eq!(rule("no", "X"), "no");
    }

    #[test]
    fn only_plain_http_addresses_are_taken() {
        for (address, good) in
            [("http://127.0.0.1:1", true), ("https://a", false), ("127.0.0.1:1", false)]
        {
            assert_eq!(Remote::new(address).is_ok(), good, "{address}");
        }
    }
}
