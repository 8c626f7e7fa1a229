//! Whether the service lives, whether it can serve, and its metrics.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use crate::{App, Problem, app::lang};

/// The process answers.
#[utoipa::path(get, path = "/health/live", responses((status = 200, description = "the process answers")))]
pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// The ledger behind it, if any, answers too.
#[utoipa::path(get, path = "/health/ready", responses(
    (status = 200, description = "the ledger, if there is one, answers"),
    (status = 503, description = "it does not", body = Problem),
))]
pub(crate) async fn ready(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<&'static str, Problem> {
    if let Some(ledger) = &app.ledger {
        ledger.head().await.map_err(|e| Problem::from_ledger(&e, lang(&headers)))?;
    }
    Ok("ready\n")
}

/// Prometheus' text form.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Prometheus' text form", content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let text = app.ledger.as_ref().map(|l| l.metrics()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
