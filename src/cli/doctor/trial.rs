//! `--send`: a report goes the whole way, and is looked for at its end.

use std::time::Instant;

use serde_json::json;

use super::finding::Finding;
use super::server::failed;
use crate::cli::origin;
use crate::cli::remote::Remote;
use crate::cli::sending::{self, REPORT};
use crate::cli::trouble::Trouble;

const CHECK: &str = "test report";
/// Where such reports go; nothing else does.
pub(super) const PROJECT: &str = "log-center-doctor";

/// Sends a report, and reads it back.
pub(super) async fn report(remote: &mut Remote) -> Finding {
    let id = sending::event_id();
    let report = json!({
        "project_id": PROJECT,
        "environment": "development",
        "level": "INFO",
        "event_id": id,
        "error": {
            "type": "TestReport",
            "message": "log-center doctor --send sent this to see whether reports arrive",
            "file_path": "log-center doctor",
            "line_number": 0,
            "stack_trace": [],
        },
        "context": { "server_name": origin::host_name() },
    });
    let began = Instant::now();
    let issue = match sending::post(remote, REPORT, &report).await {
        Ok(answer) => answer["id"].clone(),
        Err(Trouble::Refused { message, .. }) => {
            let text = format!("it was refused: {}", message.trim_end_matches('.'));
            let advice = format!(
                "Where reports need a key, give one that may report to the project {PROJECT}, and \
                 make that project first."
            );
            return Finding::wrong(CHECK, text, advice);
        }
        Err(trouble) => return failed(CHECK, &trouble),
    };
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    match remote.read(&format!("/api/v1/events/{id}?project_id={PROJECT}")).await {
        Ok(event) if event["issue_id"] == issue => Finding::ok(
            CHECK,
            format!(
                "it was stored in {took:.1} ms, and is shown at {}/issues/{issue}",
                remote.url()
            ),
        ),
        Ok(_) => Finding::wrong(
            CHECK,
            format!("issue {issue} was named, but the event belongs to another"),
            "Look into the server's log, and tell its makers.",
        ),
        Err(Trouble::Refused { status: 401 | 403, .. }) => Finding::ok(
            CHECK,
            format!("it was stored in {took:.1} ms as issue {issue}; this key cannot read it back"),
        ),
        Err(trouble) => failed(CHECK, &trouble),
    }
}
