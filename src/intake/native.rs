//! The native report: the JSON object of CONTRACT 1. The order of the checks below is the order in
//! which a caller reads the faults.

use std::borrow::Cow;

use super::Intake;
use super::draft::{Draft, DraftError, Frames, Raised, Unknown};
use super::field::Fields;
use crate::domain::level::Level;
use crate::domain::report::{FUTURE_MS_MAX, Fault, NAME_CHARS_MAX};
use crate::domain::{json, timestamp, uuid};

/// Names that the addresses of the API and of the Sentry protocol use themselves.
const RESERVED_PROJECT_IDS: [&str; 8] =
    [".", "..", "0", "v1", "embed", "store", "canonical", "relay"];
/// Characters that have a meaning in an address.
const OF_ADDRESSES: [char; 5] = ['/', '\\', '?', '#', '%'];
/// Elements of one stack trace at most whose faults are listed one by one.
const ELEMENT_FAULTS_MAX: usize = 10;

/// The members of a report as raw JSON. `null` is absent; of equal names the last counts.
#[derive(Default)]
pub(super) struct Members<'a> {
    project_id: Option<&'a str>,
    environment: Option<&'a str>,
    level: Option<&'a str>,
    timestamp: Option<&'a str>,
    version: Option<&'a str>,
    commit_hash: Option<&'a str>,
    error: Option<&'a str>,
    context: Option<&'a str>,
    event_id: Option<&'a str>,
    unknown: Unknown<'a>,
}

/// The members of `error`, likewise.
#[derive(Default)]
struct ErrorMembers<'a> {
    kind: Option<&'a str>,
    message: Option<&'a str>,
    file_path: Option<&'a str>,
    line_number: Option<&'a str>,
    stack_trace: Option<&'a str>,
    code: Option<&'a str>,
    unknown: Unknown<'a>,
}

impl<'a> json::Members<'a> for Members<'a> {
    fn take(&mut self, name: Cow<'a, str>, raw: &'a str) {
        let member = match &*name {
            "project_id" => &mut self.project_id,
            "environment" => &mut self.environment,
            "level" => &mut self.level,
            "timestamp" => &mut self.timestamp,
            "version" => &mut self.version,
            "commit_hash" => &mut self.commit_hash,
            "error" => &mut self.error,
            "context" => &mut self.context,
            "event_id" => &mut self.event_id,
            _ => return self.unknown.push((name, raw)),
        };
        *member = not_null(raw);
    }
}

impl<'a> json::Members<'a> for ErrorMembers<'a> {
    fn take(&mut self, name: Cow<'a, str>, raw: &'a str) {
        let member = match &*name {
            "type" => &mut self.kind,
            "message" => &mut self.message,
            "file_path" => &mut self.file_path,
            "line_number" => &mut self.line_number,
            "stack_trace" => &mut self.stack_trace,
            "code" => &mut self.code,
            _ => return self.unknown.push((name, raw)),
        };
        *member = not_null(raw);
    }
}

fn not_null(raw: &str) -> Option<&str> {
    (raw != "null").then_some(raw)
}

/// Says of valid JSON that is no object what it is.
pub(super) fn no_object(intake: &Intake<'_>, json: &str) -> Vec<Fault> {
    let mut fields = Fields::new(intake);
    fields.expected("", "a JSON object", json);
    fields.into_faults()
}

/// Reads a report out of its members; every fault at once.
pub(super) fn draft<'a>(intake: &Intake<'_>, given: Members<'a>) -> Result<Draft<'a>, Vec<Fault>> {
    let mut fields = Fields::new(intake);
    let draft = read(&mut fields, intake.now, given);
    let faults = fields.into_faults();
    draft.filter(|_| faults.is_empty()).ok_or(faults)
}

/// `None` only beside a fault.
fn read<'a>(fields: &mut Fields<'_>, now: i64, given: Members<'a>) -> Option<Draft<'a>> {
    let project_id = project_id(fields, given.project_id);
    let environment = environment(fields, given.environment);
    let level = level(fields, given.level);
    let timestamp = moment(fields, given.timestamp);
    let version = fields.word("version", given.version);
    let commit_hash = fields.word("commit_hash", given.commit_hash);
    let error = error(fields, project_id.as_deref(), given.error);
    let context = given.context.filter(|raw| {
        let is_object = raw.starts_with('{');
        if !is_object {
            fields.expected("context", "an object", raw);
        }
        is_object
    });
    let event_id = event_id(fields, given.event_id);
    let error = error?;
    let early_enough = timestamp.filter(|moment| moment - now <= FUTURE_MS_MAX);
    Some(Draft {
        project_id: project_id?,
        environment: environment?,
        level: level?,
        timestamp: early_enough.unwrap_or(now),
        adjusted: if timestamp == early_enough { Vec::new() } else { vec!["timestamp".to_owned()] },
        version,
        commit_hash,
        error,
        context,
        event_id,
        unknown: given.unknown,
    })
}

/// The error, from memory if it is there.
fn error<'a>(
    fields: &mut Fields<'_>,
    project_id: Option<&str>,
    raw: Option<&'a str>,
) -> Option<DraftError<'a>> {
    let known = project_id.zip(raw).and_then(|(id, raw)| fields.recent().recall(id, raw));
    if let Some(read) = known {
        return Some(DraftError::Known(read));
    }
    if let Some(raw) = raw.filter(|raw| !raw.starts_with('{')) {
        fields.expected("error", "an object", raw);
        return None;
    }
    // Without `error`, each of its members is missing and said to be.
    let raw = raw.unwrap_or("{}");
    error_members(fields, raw, json::known_members(raw)).map(DraftError::Raised)
}

fn error_members<'a>(
    fields: &mut Fields<'_>,
    raw: &'a str,
    given: ErrorMembers<'a>,
) -> Option<Raised<'a>> {
    let kind = fields.text("error.type", given.kind);
    if kind.as_deref() == Some("") {
        fields.expected("error.type", "1 character or more", "\"\"");
    }
    let message = fields.text("error.message", given.message);
    // Browsers leave it empty for an error in a script of another origin.
    let file_path = fields.text("error.file_path", given.file_path);
    let line_number = fields.whole_number("error.line_number", given.line_number);
    let stack = stack_trace(fields, given.stack_trace);
    let code = fields.word("error.code", given.code);
    Some(Raised {
        raw,
        kind: kind?,
        message: message?,
        file_path: file_path?,
        line_number: line_number?,
        stack: stack?,
        code,
        unknown: given.unknown,
    })
}

/// Whether a name of the right length may be a project's.
pub(super) fn may_name_project(name: &str) -> bool {
    !RESERVED_PROJECT_IDS.contains(&name) && !name.contains(['/', '\\', '?', '#', '%'])
}

fn project_id<'a>(fields: &mut Fields<'_>, raw: Option<&'a str>) -> Option<Cow<'a, str>> {
    const FIELD: &str = "project_id";
    let name = name(fields, FIELD, raw)?;
    if RESERVED_PROJECT_IDS.contains(&&*name) {
        fields.refuse(FIELD, format!("\"{name}\" is reserved: choose another name"));
    }
    if name.contains(OF_ADDRESSES) {
        fields.expected(FIELD, "a name without / \\ ? # %", raw?);
    }
    Some(name)
}

/// Why a name of 1 to 64 characters cannot be a project's; `None` if it can.
pub fn project_fault(name: &str) -> Option<&'static str> {
    if RESERVED_PROJECT_IDS.contains(&name) {
        return Some("this name is reserved: choose another one");
    }
    name.contains(OF_ADDRESSES).then_some("expected a name without / \\ ? # %")
}

fn environment<'a>(fields: &mut Fields<'_>, raw: Option<&'a str>) -> Option<Cow<'a, str>> {
    name(fields, "environment", raw)
}

/// A required name of 1 to 64 characters.
fn name<'a>(fields: &mut Fields<'_>, field: &str, raw: Option<&'a str>) -> Option<Cow<'a, str>> {
    let text = fields.text(field, raw)?;
    let count = text.chars().take(NAME_CHARS_MAX + 1).count();
    if !(1..=NAME_CHARS_MAX).contains(&count) {
        fields.expected(field, "1 to 64 characters", raw?);
    }
    if text.chars().any(char::is_control) {
        fields.refuse(field, "expected a name without control characters");
    }
    Some(text)
}

fn level(fields: &mut Fields<'_>, raw: Option<&str>) -> Option<Level> {
    let raw = fields.required("level", raw)?;
    let level = json::string(raw).and_then(|word| Level::parse(word.trim()));
    if level.is_none() {
        fields.expected("level", "one of ERROR, WARNING, CRITICAL, INFO, DEBUG", raw);
    }
    level
}

fn moment(fields: &mut Fields<'_>, raw: Option<&str>) -> Option<i64> {
    let moment = json::string(raw?).and_then(|text| timestamp::parse(&text));
    if moment.is_none() {
        let expected = "an ISO 8601 time of the years 1970 to 9999, such as 2026-01-30T10:30:00Z";
        fields.expected("timestamp", expected, raw?);
    }
    moment
}

fn event_id(fields: &mut Fields<'_>, raw: Option<&str>) -> Option<[u8; 16]> {
    let id = json::string(raw?).and_then(|text| uuid::parse(&text));
    if id.is_none() {
        fields.expected("event_id", "a UUID", raw?);
    }
    id
}

fn stack_trace<'a>(fields: &mut Fields<'_>, raw: Option<&'a str>) -> Option<Frames<'a>> {
    const FIELD: &str = "error.stack_trace";
    let raw = fields.required(FIELD, raw)?;
    if let Some(text) = json::string(raw) {
        return Some(Frames::Text(text));
    }
    if !raw.starts_with('[') {
        fields.expected(FIELD, "an array of strings or a string", raw);
        return None;
    }
    let (mut lines, mut refused) = (Vec::new(), 0);
    for (at, element) in json::elements(raw).enumerate() {
        if let Some(line) = json::string(element) {
            lines.push(line);
            continue;
        }
        refused += 1;
        if refused <= ELEMENT_FAULTS_MAX {
            fields.expected(&format!("{FIELD}[{at}]"), "a string", element);
        }
    }
    if refused > ELEMENT_FAULTS_MAX {
        let more = refused - ELEMENT_FAULTS_MAX;
        fields.refuse(FIELD, format!("{more} more elements are no strings"));
    }
    Some(Frames::Lines(lines))
}

#[cfg(test)]
mod tests;
