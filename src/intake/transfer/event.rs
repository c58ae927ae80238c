//! An event's line, read back as the report that it was.

use super::members::Members;
use super::{TEXT_CHARS_MAX, WORD_CHARS_MAX};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::report::{ErrorInfo, NAME_CHARS_MAX, Report, Stack};
use crate::domain::transfer::{NUMBER_MAX, ReadEvent, from_hex};
use crate::domain::{context, json, server_id, uuid};

/// Bytes of a stack trace's or a context's JSON at most: a report's own, with every byte escaped.
const JSON_BYTES_MAX: usize = 2 * 1_024 * 1_024;
/// Names of trimmed or adjusted fields: each is short.
const FIELD_CHARS_MAX: usize = 256;

/// `None` only beside a fault.
pub(super) fn read(of: &mut Members<'_, '_, '_>) -> Option<ReadEvent> {
    // What they say follows from the context.
    of.skip(&["request_id", "user_id", "trace_id"]);
    let number = of.number("number", 1, NUMBER_MAX - 1)?;
    let issue_id = of.number("issue_id", 1, NUMBER_MAX)?;
    let fingerprint = from_hex(&of.fingerprint()?)?;
    let received_at = of.time("received_at")?;
    let id = of.text("event_id", WORD_CHARS_MAX)?;
    let event_id = uuid::parse(&id);
    if event_id.is_none() {
        of.refuse("event_id", "expected a UUID");
    }
    let error = error(of)?;
    let context = context_text(of);
    let report = Report {
        project_id: of.project_id()?,
        environment: of.name("environment", NAME_CHARS_MAX)?,
        level: of.level()?,
        timestamp: of.time("timestamp")?,
        received_at,
        version: of.opt_text("version", WORD_CHARS_MAX),
        commit_hash: of.opt_text("commit_hash", WORD_CHARS_MAX),
        error: error.into(),
        known: context.as_deref().map(context::known).unwrap_or_default(),
        context,
        // Else it is the one that every server makes of these numbers.
        event_id: event_id.filter(|id| *id != server_id::of(number, received_at)),
        fingerprint: Fingerprint::from_bytes(&fingerprint)?,
        culprit: of.opt_text("culprit", TEXT_CHARS_MAX),
        trimmed: of.texts("trimmed", FIELD_CHARS_MAX)?,
        adjusted: of.texts("adjusted", FIELD_CHARS_MAX)?,
    };
    of.finish();
    Some(ReadEvent { number, issue_id, report })
}

fn error(of: &mut Members<'_, '_, '_>) -> Option<ErrorInfo> {
    let mut error = of.object("error")?;
    let stack = stack(&mut error)?;
    let info = ErrorInfo {
        kind: error.any_text("type", WORD_CHARS_MAX)?,
        message: error.any_text("message", TEXT_CHARS_MAX)?,
        file_path: error.any_text("file_path", TEXT_CHARS_MAX)?,
        line_number: error.number("line_number", 0, i64::MAX)?,
        stack,
        code: error.opt_text("code", WORD_CHARS_MAX),
    };
    error.finish();
    Some(info)
}

fn stack(error: &mut Members<'_, '_, '_>) -> Option<Stack> {
    const FIELD: &str = "stack_trace";
    let Some(raw) = error.raw(FIELD) else { return Some(Stack::Lines(Vec::new())) };
    if raw.len() > JSON_BYTES_MAX {
        error.refuse(FIELD, "is too long");
        return None;
    }
    if let Some(text) = json::string(raw) {
        return Some(Stack::Text(text.into_owned()));
    }
    let lines = json::elements(raw).map(|line| json::string(line).map(|text| text.into_owned()));
    let lines: Option<Vec<String>> = lines.collect();
    if lines.is_none() || !raw.starts_with('[') {
        error.refuse(FIELD, "expected an array of strings or a string");
        return None;
    }
    lines.map(Stack::Lines)
}

/// The context as it stands.
fn context_text(of: &mut Members<'_, '_, '_>) -> Option<String> {
    let raw = of.raw("context")?;
    if raw.len() > JSON_BYTES_MAX || !raw.starts_with('{') {
        of.refuse("context", "expected an object of at most 2 MiB");
        return None;
    }
    Some(raw.to_owned())
}
