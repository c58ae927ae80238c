//! The routes that programs report to.

use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};

use super::error::Error;
use super::exchange::{self, BATCH_BYTES_MAX, REPORT_BYTES_MAX, Request, Response};
use crate::app::{App, Failure};
use crate::intake::{BATCH_REPORTS_MAX, BatchFault, Intake};
use crate::store::names::PROJECTS_MAX;
use crate::store::record::Recorded;

/// `POST /api/v1/logs/report`.
pub(super) async fn record(app: &App, mut request: Request) -> Result<Response, Error> {
    let began = Instant::now();
    let body = request.body(REPORT_BYTES_MAX).await?;
    let whole = Instant::now();
    let intake = Intake { scrubber: &app.scrubber, now: app.now() };
    let read = || intake.report(&body).map(|report| app.prepare(report));
    let prepared = beside(body.len(), read).map_err(Error::Validation)?;
    drop((body, request));
    let stages = &app.metrics.stages;
    stages.receive.add(whole - began);
    stages.read.add(whole.elapsed());
    let trimmed = !prepared.report.trimmed.is_empty();
    let recorded = app.ingest.report(prepared).await.map_err(Failure::from)?;
    Ok(exchange::json_ok(&answer(app, recorded, trimmed)?))
}

/// `POST /api/v1/logs/report/batch`.
pub(super) async fn record_batch(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(BATCH_BYTES_MAX).await?;
    let intake = Intake { scrubber: &app.scrubber, now: app.now() };
    let read = beside(body.len(), || intake.batch(&body)).map_err(|fault| match fault {
        BatchFault::TooMany => Error::TooMany(BATCH_REPORTS_MAX),
        BatchFault::Unreadable(fault) => fault.into(),
    })?;
    let (mut places, mut prepared) = (Vec::with_capacity(read.len()), Vec::new());
    beside(body.len(), || {
        for one in read {
            places.push(one.map(|report| {
                let trimmed = !report.trimmed.is_empty();
                prepared.push(app.prepare(report));
                trimmed
            }));
        }
    });
    drop((body, request));
    let recorded = app.ingest.batch(prepared).await.map_err(Failure::from)?;
    let mut recorded = recorded.into_iter();
    let results: Vec<Value> = places
        .into_iter()
        .map(|place| {
            let outcome = match (place, &mut recorded) {
                (Err(faults), _) => Err(Error::Validation(faults)),
                (Ok(trimmed), recorded) => recorded
                    .next()
                    .ok_or_else(|| Error::Internal("a report has no answer".into()))
                    .and_then(|one| answer(app, one, trimmed)),
            };
            entry(app, outcome)
        })
        .collect();
    Ok(exchange::json_ok(&json!({ "results": results })))
}

/// Bodies above this many bytes take longer than a millisecond to read.
const LARGE_BYTES: usize = 64 * 1_024;

/// Does the work of a body; of a large one beside the requests that this thread serves.
pub(super) fn beside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes > LARGE_BYTES { tokio::task::block_in_place(work) } else { work() }
}

/// What a reporter is told; counted on the way.
fn answer(app: &App, recorded: Recorded, trimmed: bool) -> Result<Answer, Error> {
    let Recorded::Issue { id, fingerprint, is_new } = recorded else {
        return Err(Error::Forbidden(format!(
            "there are {PROJECTS_MAX} projects already, and reports cannot create more"
        )));
    };
    app.metrics.reports_accepted.add(1);
    app.metrics.reports_duplicate.add(u64::from(!is_new));
    app.metrics.reports_trimmed.add(u64::from(trimmed));
    let status = if is_new { "ok" } else { "duplicate" };
    Ok(Answer { status, id, fingerprint: fingerprint.hex(), is_new })
}

fn entry(app: &App, outcome: Result<Answer, Error>) -> Value {
    match outcome {
        Ok(answer) => json!(answer),
        Err(error) => {
            app.metrics.refuse(error.code());
            json!({
                "status": "error",
                "code": error.code(),
                "message": error.message(),
                "info": error.info(),
            })
        }
    }
}

/// The four members that clients rely on.
#[derive(Serialize)]
struct Answer {
    status: &'static str,
    id: i64,
    fingerprint: String,
    is_new: bool,
}
