//! Where data came from and went: the graph from any end, as a picture or as PROV-JSON.

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::runtime::Handle;
use utoipa::IntoParams;
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{AccessState, Act, DataAct, GrantState, state_key};
use yinxin_sharing::provenance::{
    self, AsOf, Direction, Filter, Found, Graph, Item, Limits, Start, to_prov_json, to_svg,
};
use yinxin_verdict::Lang;

use super::{
    reading::{PAGE, Reading},
    wrong,
};
use crate::{App, Problem, app::lang};

/// The most records of one walk: a picture that a browser still scrolls well. A command walks further (`yinxin trace`).
const RECORDS: usize = 500;

/// How the graph is walked and shown.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct How {
    /// `both` (when not said), `forward`: what was made of it, `backward`: what it was made from.
    direction: Option<String>,
    /// How many acts in a row; 32 when not said, never over that.
    depth: Option<usize>,
    /// As the ledger was at this height or instant, or at the end of this day in China.
    as_of: Option<String>,
    /// `true`: windows of access one by one; else those of a grant are one, with their sum.
    windows: Option<bool>,
    /// `prov-json` (when not said) or `svg`.
    form: Option<String>,
}

/// The graph from a file's digest, a resource, a licence, an organisation, a subject's pseudonym, a request or grant, or a record.
#[utoipa::path(get, path = "/v1/trace/{subject}",
    params(("subject" = String, Path, description = "d:DIGEST, CODE.RESOURCE, CODE.RESOURCE@VERSION, a licence's identifier, an organisation's code, s:PSEUDONYM, q:REQUEST, x:RECORD, or a bare number, which is looked up"), How),
    responses(
        (status = 200, description = "PROV-JSON, or an SVG with form=svg", content_type = "application/json"),
        (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn trace(
    State(app): State<App>,
    Path(subject): Path<String>,
    Query(how): Query<How>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let direction = direction(how.direction.as_deref(), lang)?;
    let svg = match how.form.as_deref() {
        None | Some("prov-json") => false,
        Some("svg") => true,
        Some(other) => {
            return Err(wrong("the form svg or prov-json", " svg 或 prov-json", other, lang));
        }
    };
    let as_of = as_of(how.as_of.as_deref(), lang)?;
    let start = start(&subject, &reading).await?;
    let depth = how.depth.unwrap_or(usize::MAX).min(Limits::default().depth);
    // A walk asks for one more than it takes, to see whether there is more.
    let windows = if how.windows == Some(true) { usize::MAX } else { Limits::default().windows };
    let limits = Limits { depth, records: RECORDS, list: PAGE - 1, windows };
    let permit = app.permits.clone().acquire_owned().await;
    let asking = Asking::default();
    let left = asking.0.clone();
    let source = Source { reading: reading.clone(), handle: Handle::current(), left };
    let walked = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        provenance::trace(&source, &start, direction, as_of, limits, &Filter::default())
    });
    let (mut graph, found) = walked.await.map_err(|e| failed(&e, lang))??;
    drop(asking);
    if found.is_empty() {
        let what = lang.pick("nothing is known of it as of then", "截至该时点没有相关记录");
        return Err(Problem::not_found(format!("{subject}: {what}"), lang));
    }
    name(&mut graph, &app, &reading).await?;
    Ok(if svg { picture(&graph, lang) } else { prov(&graph) })
}

fn direction(word: Option<&str>, lang: Lang) -> Result<Direction, Problem> {
    match word {
        None | Some("both") => Ok(Direction::Both),
        Some("forward") => Ok(Direction::Forward),
        Some("backward") => Ok(Direction::Backward),
        Some(other) => {
            let (en, zh) =
                ("the direction both, forward or backward", " both、forward 或 backward");
            Err(wrong(en, zh, other, lang))
        }
    }
}

fn as_of(text: Option<&str>, lang: Lang) -> Result<AsOf, Problem> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(AsOf::default()) };
    AsOf::parse(text)
        .map_err(|_| wrong("a height, a day or an instant", "高度、日期或时刻", text, lang))
}

/// What a subject is called by; a bare number is looked up: a record, else a pseudonym, else a digest.
async fn start(subject: &str, reading: &Reading) -> Result<Start, Problem> {
    if let Some(start) = Start::parse(subject) {
        return Ok(start);
    }
    let unclear = |_| {
        let (en, zh) = (
            "a code, an identifier, or a number of 64 hexadecimal digits",
            "代码、标识或 64 位十六进制编号",
        );
        wrong(en, zh, subject, reading.lang)
    };
    let number: Digest = subject.parse().map_err(unclear)?;
    if let Some(found) = reading.found(number).await? {
        return Ok(match found.record.tbs.act {
            Act::Data(DataAct::Request(_)) => Start::Request(number),
            _ => Start::Record(number),
        });
    }
    let named = |prefix: String| async move {
        reading.page(prefix.as_bytes(), &[], 1).await.map(|page| !page.entries.is_empty())
    };
    let content = named(format!("d/{number}/")).await?;
    if !content && named(format!("s/{number}/")).await? {
        return Ok(Start::Subject(number));
    }
    Ok(Start::Item(Item::content(number)))
}

/// The ledger, asked from a thread that may wait.
struct Source {
    reading: Reading,
    handle: Handle,
    /// Nobody waits for the answer any more.
    left: Arc<AtomicBool>,
}

/// Somebody waits for an answer. Whoever hangs up, or waited too long, drops it: the walk ends, and its place is free.
#[derive(Default)]
struct Asking(Arc<AtomicBool>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Source {
    /// The answer to a question, if anybody still waits for one.
    fn ask<T>(&self, answer: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        if self.left.load(Ordering::Relaxed) {
            let lang = self.reading.lang;
            let title = lang.pick("nobody waits for it", "请求已终止");
            return Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", title, ""));
        }
        self.handle.block_on(answer)
    }
}

impl provenance::Source for Source {
    type Error = Problem;

    fn list(
        &self,
        prefix: &[u8],
        heights: RangeInclusive<u64>,
        limit: usize,
    ) -> Result<Vec<Digest>, Problem> {
        let from = match heights.start() {
            0 => Vec::new(),
            start => index_key::from(prefix, *start),
        };
        let page = self.ask(self.reading.page(prefix, &from, limit))?;
        let known = page.entries.into_iter().take_while(|(_, at)| heights.contains(at));
        Ok(known.map(|(id, _)| id).collect())
    }

    fn grant(&self, id: &Digest) -> Result<Option<GrantState>, Problem> {
        Ok(self.ask(self.reading.state(state_key::grant(id)))?.value)
    }

    fn window(&self, grant: &Digest, minute: u64) -> Result<Option<AccessState>, Problem> {
        Ok(self.ask(self.reading.state(state_key::access(grant, minute)))?.value)
    }

    fn record(&self, id: &Digest) -> Result<Option<Found>, Problem> {
        self.ask(self.reading.found(*id))
    }
}

/// Organisations by the names that the ledger has of them.
async fn name(graph: &mut Graph, app: &App, reading: &Reading) -> Result<(), Problem> {
    let mut names = Vec::new();
    for item in &graph.items {
        if let Item::Organisation(code) = item {
            let name = app.catalogue.lock().await.name(code, reading).await?;
            names.push((code.to_string(), name));
        }
    }
    graph.name_organisations(names.iter().map(|(code, name)| (code.as_str(), name.as_str())));
    Ok(())
}

fn picture(graph: &Graph, lang: Lang) -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")], to_svg(graph, lang)).into_response()
}

fn prov(graph: &Graph) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], to_prov_json(graph)).into_response()
}

fn failed(error: &tokio::task::JoinError, lang: Lang) -> Problem {
    let title = lang.pick("internal error", "内部错误");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title, error.to_string())
}
