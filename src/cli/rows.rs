//! Issues and events as rows of a table, for people.

use serde_json::Value;

use super::terminal::{self, Align, Style, Table, thousands};
use crate::app;
use crate::domain::timestamp;

/// Columns from which the rows of events have all they can on one line.
const WIDE: usize = 140;
/// Columns below which those of issues leave out some.
const NARROW: usize = 70;

/// A member's text; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// How long ago a time of the API was.
pub(super) fn ago(at: &str) -> String {
    timestamp::parse(at).map_or_else(String::new, |at| terminal::ago(at, app::now()))
}

/// The same as part of a sentence.
pub(super) fn long_ago(at: &str) -> String {
    match ago(at).as_str() {
        "now" => "just now".to_owned(),
        ago => format!("{ago} ago"),
    }
}

/// How a level stands out.
pub(super) fn level_style(level: &str) -> Style {
    match level {
        "CRITICAL" | "ERROR" => Style::Red,
        "WARNING" => Style::Yellow,
        "DEBUG" => Style::Dim,
        _ => Style::Plain,
    }
}

/// How a status stands out.
pub(super) fn status_style(status: &str) -> Style {
    match status {
        "NEW" => Style::Yellow,
        "FIX_FAILED" => Style::Red,
        "FIXED" | "VERIFIED" | "DEPLOYED" => Style::Green,
        "CANNOT_REPRODUCE" => Style::Dim,
        _ => Style::Plain,
    }
}

/// `Type: message`, of an issue or of an event's error.
pub(super) fn title(error: &Value) -> String {
    let message = text(error, "message").trim();
    let kind = text(error, "type");
    if message.is_empty() { kind.to_owned() } else { format!("{kind}: {message}") }
}

/// What sets an issue apart: `R` regressed, `^` rising, `M` muted.
pub(super) fn marks(issue: &Value) -> String {
    let marks = [
        ("R", issue["regressed"] == Value::Bool(true)),
        ("^", issue["rising"] == Value::Bool(true)),
        ("M", !issue["muted_until"].is_null()),
    ];
    marks.into_iter().filter(|(_, is_set)| *is_set).map(|(mark, _)| mark).collect()
}

/// A table of issues. A narrow terminal has no room for levels and users.
pub(super) fn issues(items: &[Value]) -> String {
    let width = terminal::width();
    let is_narrow = width.is_some_and(|columns| columns < NARROW);
    let has_marks = items.iter().any(|issue| !marks(issue).is_empty());
    let columns = [
        ("ID", Align::Right, true),
        ("STATUS", Align::Left, true),
        ("LEVEL", Align::Left, !is_narrow),
        ("COUNT", Align::Right, true),
        ("USERS", Align::Right, !is_narrow),
        ("SEEN", Align::Right, true),
        ("", Align::Whole, has_marks),
        ("PROJECT", Align::Left, true),
        ("TITLE", Align::Flexible, true),
    ];
    let shown = columns.iter().filter(|(_, _, is_shown)| *is_shown);
    let mut table = Table::new(&shown.map(|(head, align, _)| (*head, *align)).collect::<Vec<_>>());
    for issue in items {
        let (status, level) = (text(issue, "status"), text(issue, "level"));
        let number = |name: &str| thousands(issue[name].as_i64().unwrap_or(0));
        let cells = [
            (issue["id"].to_string(), Style::Bold),
            (status.to_owned(), status_style(status)),
            (level.to_owned(), level_style(level)),
            (number("count"), Style::Plain),
            (number("users"), Style::Plain),
            (ago(text(issue, "last_seen")), Style::Plain),
            (marks(issue), Style::Yellow),
            (text(issue, "project_id").to_owned(), Style::Plain),
            (title(issue), Style::Plain),
        ];
        let cells = cells.into_iter().zip(&columns).filter(|(_, (_, _, is_shown))| *is_shown);
        table.row(cells.map(|(cell, _)| cell).collect());
    }
    table.text(width)
}

/// A table of events of any issue. On a narrow terminal the ids stand below each row.
pub(super) fn events(items: &[Value]) -> String {
    let width = terminal::width();
    let is_wide = width.is_none_or(|columns| columns >= WIDE);
    let mut columns = vec![
        ("SEEN", Align::Right),
        ("LEVEL", Align::Left),
        ("ISSUE", Align::Right),
        ("PROJECT", Align::Left),
        ("ENVIRONMENT", Align::Left),
    ];
    if is_wide {
        columns.extend([("EVENT", Align::Whole), ("REQUEST", Align::Left), ("USER", Align::Left)]);
    }
    columns.push(("TITLE", Align::Flexible));
    let mut table = Table::new(&columns);
    for event in items {
        let level = text(event, "level");
        let plain = |name: &str| (text(event, name).to_owned(), Style::Plain);
        let mut cells = vec![
            (ago(text(event, "timestamp")), Style::Plain),
            (level.to_owned(), level_style(level)),
            (event["issue_id"].to_string(), Style::Bold),
            plain("project_id"),
            plain("environment"),
        ];
        if is_wide {
            cells.extend([plain("event_id"), plain("request_id"), plain("user_id")]);
        }
        cells.push((title(&event["error"]), Style::Plain));
        table.row(cells);
    }
    let shown = table.text(width);
    if is_wide {
        return shown;
    }
    let mut lines = shown.lines();
    let mut out: Vec<String> = lines.next().map(str::to_owned).into_iter().collect();
    for (line, event) in lines.zip(items) {
        out.push(line.to_owned());
        out.push(Style::Dim.on(&ids(event, width)));
    }
    out.join("\n")
}

/// The line below an event's row.
fn ids(event: &Value, width: Option<usize>) -> String {
    let mut line = format!("      {}", text(event, "event_id"));
    for (word, name) in [("request", "request_id"), ("user", "user_id")] {
        if let Some(id) = event[name].as_str() {
            line.push_str(&format!("  {word} {id}"));
        }
    }
    let line = terminal::line(&line).into_owned();
    width.map_or_else(|| line.clone(), |columns| terminal::cut(&line, columns).into_owned())
}

/// A table of the events of one issue.
pub(super) fn events_of_issue(items: &[Value]) -> String {
    let mut table = Table::new(&[
        ("EVENT", Align::Whole),
        ("SEEN", Align::Right),
        ("ENVIRONMENT", Align::Left),
        ("VERSION", Align::Left),
        ("USER", Align::Left),
        ("MESSAGE", Align::Flexible),
    ]);
    for event in items {
        let plain = |name: &str| (text(event, name).to_owned(), Style::Plain);
        table.row(vec![
            (text(event, "event_id").to_owned(), Style::Bold),
            (ago(text(event, "timestamp")), Style::Plain),
            plain("environment"),
            plain("version"),
            plain("user_id"),
            (text(&event["error"], "message").to_owned(), Style::Plain),
        ]);
    }
    table.text(terminal::width())
}
