//! An issue that never was, for a test of a channel: a message as long as a usual one.

use serde_json::json;

use super::message::Subject;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::issue::{Event, EventError, Issue};
use crate::domain::level::Level;
use crate::domain::status::Status;

const KIND: &str = "ValueError";
const MESSAGE: &str = "invalid literal for int() with base 10: 'abc'";
const FILE: &str = "apps/users/views.py";
const LINE: i64 = 42;

/// What a test is about. Its issue has the number 0, which none has.
pub fn subject(now: i64) -> Subject {
    Subject { issue: Some(issue(now)), event: Some(event(now)), folded: Vec::new() }
}

fn issue(now: i64) -> Issue {
    Issue {
        id: 0,
        project_id: "log-center".into(),
        fingerprint: Fingerprint::of("log-center", KIND, FILE, LINE).hex(),
        status: Status::New,
        level: Level::Error,
        kind: KIND.into(),
        code: None,
        message: MESSAGE.into(),
        file_path: FILE.into(),
        line_number: LINE,
        culprit: None,
        count: 1,
        users: 1,
        first_seen: now,
        last_seen: now,
        first_version: Some("1.2.3".into()),
        last_version: Some("1.2.3".into()),
        environments: vec!["production".into()],
        regressed: false,
        rising: false,
        trend: vec![0; 24],
        assignee: None,
        muted_until: None,
    }
}

fn event(now: i64) -> Event {
    let stack = json!([
        "Traceback (most recent call last):",
        "  File \"apps/users/views.py\", line 42, in get_user",
        "    user_id = int(request.GET['id'])",
        format!("{KIND}: {MESSAGE}"),
    ]);
    let context = json!({"method": "GET", "url": "/api/users/123"});
    Event {
        id: 0,
        event_id: "00000000-0000-7000-8000-000000000000".into(),
        issue_id: 0,
        project_id: "log-center".into(),
        fingerprint: Fingerprint::of("log-center", KIND, FILE, LINE).hex(),
        timestamp: now,
        received_at: now,
        environment: "production".into(),
        level: Level::Error,
        version: Some("1.2.3".into()),
        commit_hash: Some("abc1234".into()),
        error: EventError {
            kind: KIND.into(),
            message: MESSAGE.into(),
            file_path: FILE.into(),
            line_number: LINE,
            stack_trace: serde_json::value::to_raw_value(&stack).ok(),
            code: None,
        },
        culprit: None,
        request_id: Some("req_abc123".into()),
        user_id: Some("u_12345".into()),
        trace_id: None,
        context: Some(serde_json::value::to_raw_value(&context).ok()),
        trimmed: Vec::new(),
        adjusted: Vec::new(),
    }
}
