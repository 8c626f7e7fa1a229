//! Refusals that no route makes: too slow, or not even readable as a request. They are problems like all others.

use std::time::Duration;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use yinxin_verdict::Lang;

use crate::{Limits, Problem, app::lang};

/// How much of a refusal's text is kept, bytes. 4 KiB: axum's own are a sentence.
const TEXT_BYTES: usize = 4096;

/// Ends a request that takes too long, and words as a problem what axum refuses in its own words.
pub(crate) async fn as_problems(
    State(limits): State<Limits>,
    request: Request,
    next: Next,
) -> Response {
    let lang = lang(request.headers());
    let secs = limits.request_secs;
    match tokio::time::timeout(Duration::from_secs(secs), next.run(request)).await {
        Ok(response) if is_foreign_refusal(&response) => worded(response, lang).await,
        Ok(response) => response,
        Err(_) => too_slow(secs, lang).into_response(),
    }
}

fn is_foreign_refusal(response: &Response) -> bool {
    let foreign = |kind: &header::HeaderValue| kind != "application/problem+json";
    let refused = response.status().is_client_error() || response.status().is_server_error();
    refused && response.headers().get(header::CONTENT_TYPE).is_none_or(foreign)
}

async fn worded(response: Response, lang: Lang) -> Response {
    let status = response.status();
    let text = to_bytes(response.into_body(), TEXT_BYTES).await.unwrap_or_default();
    let detail = String::from_utf8_lossy(&text);
    let problem = if status == StatusCode::BAD_REQUEST {
        Problem::bad_request(detail, lang)
    } else {
        Problem::new(status, "refused", lang.pick("refused", "请求被拒绝"), detail)
    };
    problem.into_response()
}

fn too_slow(secs: u64, lang: Lang) -> Problem {
    let detail = match lang {
        Lang::En => format!("expected to be done within {secs} s"),
        Lang::Zh => format!("应在 {secs} 秒内完成"),
    };
    let title = lang.pick("took too long", "处理超时");
    let todo = lang.pick(
        "send it again: what was committed is not committed twice",
        "请重新提交：已提交的内容不会重复提交",
    );
    let problem = Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", title, detail);
    Problem { todo: todo.to_owned(), ..problem }
}
