//! What a watchman asks: alive, able to store, how much of everything.

use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde_json::json;

use super::error::Error;
use super::exchange::{self, Request, Response};
use crate::app::{App, Failure};

/// The text format of Prometheus.
const METRICS_TYPE: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `GET /healthz`: the program runs and answers.
pub(super) async fn alive(_app: &App, _request: Request) -> Result<Response, Error> {
    Ok(exchange::json_ok(&json!({ "status": "ok" })))
}

/// `GET /readyz`: reports can be stored; 503 says why not.
pub(super) async fn ready(app: &App, _request: Request) -> Result<Response, Error> {
    match app.ingest.trouble() {
        Some(refused) => Err(Failure::Refused(refused).into()),
        None => Ok(exchange::json_ok(&json!({ "status": "ok" }))),
    }
}

/// `GET /metrics`.
pub(super) async fn metrics(app: &App, _request: Request) -> Result<Response, Error> {
    Ok(exchange::content(StatusCode::OK, METRICS_TYPE, app.metrics.text().into()))
}
