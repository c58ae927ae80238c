//! The routes that programs report to.

use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};

use super::beside::{LARGE_BYTES, beside};
use super::error::Error;
use super::exchange::{self, BATCH_BYTES_MAX, REPORT_BYTES_MAX, Request, Response};
use super::who::Caller;
use crate::app::{App, Failure};
use crate::domain::json::Object;
use crate::domain::report::Report;
use crate::intake::{BATCH_REPORTS_MAX, BatchFault};
use crate::metrics::Reason;
use crate::store::names::PROJECTS_MAX;
use crate::store::record::Recorded;

/// `POST /api/v1/logs/report`.
pub(super) async fn record(app: &App, mut request: Request) -> Result<Response, Error> {
    let began = Instant::now();
    let body = request.body(REPORT_BYTES_MAX).await?;
    let whole = Instant::now();
    let intake = app.intake();
    let prepared = beside(body.len(), LARGE_BYTES, || {
        let report = intake.report(&body).map_err(Error::Validation)?;
        may_report_to(app, request.caller(), &report.project_id)?;
        count_of_project(app, &report)?;
        Ok::<_, Error>(app.prepare(report))
    })
    .await?;
    drop((body, request));
    let stages = &app.metrics.stages;
    stages.receive.add(whole - began);
    stages.read.add(whole.elapsed());
    let changed = Changed::of(&prepared.report);
    let recorded = app.ingest.report(prepared).await.map_err(Failure::from)?;
    Ok(exchange::json_text(answer(app, recorded, changed)?.json()))
}

/// `POST /api/v1/logs/report/batch`.
pub(super) async fn record_batch(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(BATCH_BYTES_MAX).await?;
    let intake = app.intake();
    let read = beside(body.len(), LARGE_BYTES, || intake.batch(&body)).await;
    let read = read.map_err(|fault| match fault {
        BatchFault::TooMany => Error::TooMany(BATCH_REPORTS_MAX),
        BatchFault::Unreadable(fault) => fault.into(),
    })?;
    let peer = request.peer;
    let (mut places, mut prepared) = (Vec::with_capacity(read.len()), Vec::new());
    beside(body.len(), LARGE_BYTES, || {
        for (at, one) in read.into_iter().enumerate() {
            // The request itself was counted as the first one. What cannot be read costs as much.
            let counted = if at > 0 { app.rates.address(peer) } else { Ok(()) };
            places.push(counted.map_err(Error::from).and_then(|()| {
                let report = one.map_err(Error::Validation)?;
                may_report_to(app, request.caller(), &report.project_id)?;
                count_of_project(app, &report)?;
                let changed = Changed::of(&report);
                prepared.push(app.prepare(report));
                Ok(changed)
            }));
        }
    })
    .await;
    if !places.is_empty() && places.iter().all(is_too_often) {
        return Err(refuse_all(app, places));
    }
    drop((body, request));
    let recorded = app.ingest.batch(prepared).await.map_err(Failure::from)?;
    let mut recorded = recorded.into_iter();
    let results: Vec<Value> = places
        .into_iter()
        .map(|place| {
            let outcome = match (place, &mut recorded) {
                (Err(error), _) => Err(error),
                (Ok(changed), recorded) => recorded
                    .next()
                    .ok_or_else(|| Error::Internal("a report has no answer".into()))
                    .and_then(|one| answer(app, one, changed)),
            };
            entry(app, outcome)
        })
        .collect();
    Ok(exchange::json_ok(&json!({ "results": results })))
}

/// Where reports need a key, it says to which project they go, and they make none.
fn may_report_to(app: &App, caller: &Caller, project: &str) -> Result<(), Error> {
    if caller.is_open() {
        let known = app.trust.known();
        // Made by this report; others may need a key for it, as those through a proxy.
        if known.has_administrator && !known.has_project(project) {
            app.trust.doubt();
        }
        return Ok(());
    }
    if !caller.may_report_to(project) {
        return Err(Error::Forbidden("the key is for another project".into()));
    }
    if !app.trust.known().has_project(project) {
        return Err(Error::Forbidden(
            "there is no such project, and reports make none here: an administrator does".into(),
        ));
    }
    Ok(())
}

/// Counts a report to its project; refused when it came to that too often.
fn count_of_project(app: &App, report: &Report) -> Result<(), Error> {
    app.rates.project(&report.project_id).map_err(|limited| {
        app.metrics.refusals.add_of_project(&report.project_id);
        limited.into()
    })
}

fn is_too_often(place: &Result<Changed, Error>) -> bool {
    matches!(place, Err(Error::RateLimit { .. }))
}

/// A batch of which nothing is taken is refused as one, so that its sender comes back with all of
/// it. The refusal is counted as the first report's, by who answers.
fn refuse_all(app: &App, places: Vec<Result<Changed, Error>>) -> Error {
    let mut errors = places.into_iter().filter_map(Result::err);
    let first = errors.next();
    for error in errors {
        count(app, &error);
    }
    first.unwrap_or_else(|| Error::Internal("an empty batch was refused".into()))
}

fn count(app: &App, error: &Error) {
    app.metrics.refuse(error.code());
    if let Some(reason) = error.reason() {
        app.metrics.refusals.add(reason);
    }
}

/// What was done to a report before it was stored.
#[derive(Clone, Copy, Debug)]
struct Changed {
    trimmed: bool,
    adjusted: bool,
}

impl Changed {
    fn of(report: &Report) -> Self {
        Self { trimmed: !report.trimmed.is_empty(), adjusted: !report.adjusted.is_empty() }
    }
}

/// What a reporter is told; counted on the way.
fn answer(app: &App, recorded: Recorded, changed: Changed) -> Result<Answer, Error> {
    let Recorded::Issue { id, fingerprint, is_new } = recorded else {
        app.metrics.refusals.add(Reason::Projects);
        return Err(Error::Forbidden(format!(
            "there are {PROJECTS_MAX} projects already, and reports cannot create more"
        )));
    };
    app.metrics.reports_accepted.add(1);
    app.metrics.reports_duplicate.add(u64::from(!is_new));
    app.metrics.reports_trimmed.add(u64::from(changed.trimmed));
    app.metrics.reports_adjusted.add(u64::from(changed.adjusted));
    let status = if is_new { "ok" } else { "duplicate" };
    Ok(Answer { status, id, fingerprint: fingerprint.hex(), is_new })
}

fn entry(app: &App, outcome: Result<Answer, Error>) -> Value {
    match outcome {
        Ok(answer) => json!(answer),
        Err(error) => {
            count(app, &error);
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

impl Answer {
    /// As serde writes it, in a fifth of the instructions.
    fn json(&self) -> String {
        let mut object = Object::with_capacity(128);
        object.put_text("status", self.status);
        object.put("id", &self.id.to_string());
        object.put_text("fingerprint", &self.fingerprint);
        object.put("is_new", if self.is_new { "true" } else { "false" });
        object.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_written_as_serde_writes_it() {
        for is_new in [true, false] {
            let answer = Answer { status: "ok", id: i64::MAX, fingerprint: "0af".into(), is_new };
            assert_eq!(answer.json(), serde_json::to_string(&answer).expect("plain members"));
        }
    }
}
