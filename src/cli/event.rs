//! One event as text: the error, its stack, the request, and what the client said besides.

use serde_json::{Map, Value};

use super::moment;
use super::rows::{level_style, text, title};
use super::sheet::Sheet;
use super::terminal::Style;
use super::tree::plain;
use crate::domain::culprit;

/// Members of a context that the request's section shows; the tree leaves them out.
const REQUEST_LINES: [&str; 5] = ["request_path", "status", "server_name", "view", "component"];
const REQUEST_TREES: [&str; 4] = ["params", "query", "body", "headers"];

/// Writes an event, whole.
pub(super) fn write(sheet: &mut Sheet, event: &Value) {
    sheet.heading(&format!("Event {}", text(event, "event_id")));
    let error = &event["error"];
    sheet.styled_field("level", text(event, "level"), level_style(text(event, "level")));
    let happened = moment::shown(text(event, "timestamp"));
    sheet.field("happened", &format!("{happened}, received {}", received(event)));
    sheet.field("environment", text(event, "environment"));
    sheet.field("version", &version(event));
    sheet.field("place", &place(event));
    sheet.field("code", text(error, "code"));
    for (name, member) in [("user", "user_id"), ("request", "request_id"), ("trace", "trace_id")] {
        sheet.field(name, text(event, member));
    }
    for (name, member) in [("trimmed", "trimmed"), ("adjusted", "adjusted")] {
        let fields = event[member].as_array().into_iter().flatten().filter_map(Value::as_str);
        sheet.field(name, &fields.collect::<Vec<_>>().join(", "));
    }
    sheet.heading("Error");
    sheet.block(&title(error), Style::Plain);
    stack(sheet, &error["stack_trace"]);
    let mut context = event["context"].as_object().cloned().unwrap_or_default();
    request(sheet, &mut context);
    for (name, member) in [("User", "user"), ("User", "currentUser"), ("Tags", "tags")] {
        section(sheet, name, context.remove(member));
    }
    if let Some(value) = context.remove("breadcrumbs") {
        breadcrumbs(sheet, value);
    }
    section(sheet, "Context", Some(Value::Object(context)));
}

/// The time alone when both are of the same day.
fn received(event: &Value) -> String {
    let (happened, received) = (text(event, "timestamp"), text(event, "received_at"));
    let shown = moment::shown(received);
    let same_day = happened.get(..10).is_some_and(|day| received.starts_with(day));
    if same_day { shown[shown.len().min(11)..].to_owned() } else { shown }
}

fn version(event: &Value) -> String {
    match (text(event, "version"), text(event, "commit_hash")) {
        (version, "") => version.to_owned(),
        ("", commit) => format!("commit {commit}"),
        (version, commit) => format!("{version}, commit {commit}"),
    }
}

/// Where it was raised, as far as anybody knows.
fn place(event: &Value) -> String {
    match text(event, "culprit") {
        "" => file_and_line(&event["error"]),
        culprit => culprit.to_owned(),
    }
}

/// `file:line` of an error or an issue.
pub(super) fn file_and_line(error: &Value) -> String {
    match text(error, "file_path") {
        "" => String::new(),
        file => format!("{file}:{}", error["line_number"]),
    }
}

fn stack(sheet: &mut Sheet, value: &Value) {
    let lines: Vec<&str> = match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        Value::String(whole) => vec![whole],
        _ => return,
    };
    let lines: Vec<&str> = lines.into_iter().flat_map(str::lines).collect();
    if lines.is_empty() {
        return;
    }
    sheet.heading("Stack");
    let mut is_foreign = false;
    for line in lines {
        // What is no frame, as the source line that Python shows, is of the frame before it.
        let style = match culprit::frame(line) {
            Some(frame) => {
                is_foreign = !culprit::is_own(&frame);
                if is_foreign { Style::Dim } else { Style::Bold }
            }
            None if is_foreign && line.starts_with([' ', '\t']) => Style::Dim,
            None => Style::Plain,
        };
        sheet.block(line, style);
    }
}

/// Members of the context itself go before the same ones nested in `request`.
fn request(sheet: &mut Sheet, context: &mut Map<String, Value>) {
    let mut nested = match context.remove("request") {
        Some(Value::Object(members)) => members,
        Some(other) => {
            context.insert("request".into(), other);
            Map::new()
        }
        None => Map::new(),
    };
    let mut take = |name: &str| {
        let inner = nested.remove(name);
        context.remove(name).or(inner).filter(|value| !value.is_null())
    };
    let (method, url) = (take("method"), take("url"));
    let lines: Vec<_> = REQUEST_LINES.iter().map(|name| (*name, take(name))).collect();
    let trees: Vec<_> = REQUEST_TREES.iter().map(|name| (*name, take(name))).collect();
    for name in ["request_id", "requestId", "user_id", "userId", "trace_id", "traceId"] {
        // They stand above, among the event's own fields.
        take(name);
    }
    let has_request = method.is_some() || url.is_some() || !nested.is_empty();
    if !has_request && lines.iter().chain(&trees).all(|(_, value)| value.is_none()) {
        return;
    }
    sheet.heading("Request");
    let first = [method, url].into_iter().flatten().map(|value| plain(&value));
    let first = first.collect::<Vec<_>>().join(" ");
    if !first.is_empty() {
        sheet.line(&first, Style::Plain, 2);
    }
    for (name, value) in lines.into_iter().chain(trees) {
        if let Some(value) = value {
            sheet.tree(&Value::Object([(name.to_owned(), value)].into_iter().collect()));
        }
    }
    if !nested.is_empty() {
        sheet.tree(&Value::Object(nested));
    }
}

fn section(sheet: &mut Sheet, name: &str, value: Option<Value>) {
    let is_empty = match &value {
        None | Some(Value::Null) => true,
        Some(Value::Object(members)) => members.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    };
    if let Some(value) = value.filter(|_| !is_empty) {
        sheet.heading(name);
        sheet.tree(&value);
    }
}

/// One line each, as clients send them: a list, or a list in `values`.
fn breadcrumbs(sheet: &mut Sheet, value: Value) {
    let list = if value["values"].is_array() { &value["values"] } else { &value };
    let Some(items) = list.as_array() else { return section(sheet, "Breadcrumbs", Some(value)) };
    if items.is_empty() {
        return;
    }
    sheet.heading("Breadcrumbs");
    for item in items {
        let Some(members) = item.as_object() else {
            sheet.line(&plain(item), Style::Plain, 2);
            continue;
        };
        let mut members = members.clone();
        let known = ["timestamp", "time", "at", "category", "type", "level", "message"];
        let taken = known.iter().filter_map(|name| members.remove(*name));
        let mut parts: Vec<_> = taken.map(|value| moment::shown(&plain(&value))).collect();
        parts.extend(members.iter().map(|(name, value)| format!("{name}={}", plain(value))));
        parts.retain(|part| !part.is_empty());
        sheet.line(&parts.join("  "), Style::Plain, 2);
    }
}
