//! `log-center show`: one issue with its newest event, or one event of it.

use clap::Args;
use serde_json::{Value, json};

use super::event::{self, file_and_line};
use super::filters::{Amount, Query, read_list};
use super::moment;
use super::remote::{Remote, Server};
use super::rows::{self, level_style, long_ago, status_style, text, title};
use super::sheet::Sheet;
use super::terminal::{self, Style, thousands};
use super::trouble::Trouble;
use super::which::{self, Which};

/// Environments and versions that are named one by one.
const NAMED_MAX: usize = 5;

const EXAMPLES: &str = "\
Examples:
  log-center show 123                By its id, as `log-center list` shows it
  log-center show c28b25b7d524       By 12 or more digits of its fingerprint
  log-center show 123 --events 20    Its newest 20 events
  log-center show 01a202f6-a714-778d-9e37-79b97f4a7c15
                                     By one of its events, and that event
  log-center show 123 --json | jq .latest_event.context";

/// Show an issue
///
/// All that is known of it: where it stands, how often it was seen, its newest event with stack,
/// request and context, and its history.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The issue's id, 12 or more digits of its fingerprint, or an event's id
    #[arg(value_name = "ISSUE")]
    issue: String,

    /// Show this event of it instead of the newest
    #[arg(long, value_name = "EVENT_ID", conflicts_with = "events")]
    event: Option<String>,

    /// List its newest events
    #[arg(long, value_name = "NUMBER",
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    events: Option<usize>,

    /// The project, where several have the same fingerprint or event id
    #[arg(long, value_name = "PROJECT")]
    project: Vec<String>,

    /// Print what the API answers
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Show {
    /// Finds it, and prints it.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let (id, mut event) = match which::find(&mut remote, &self.issue, &self.project).await? {
            Which::Issue(id) => (id, None),
            Which::Event(event) => (event["issue_id"].as_i64().unwrap_or(0), Some(*event)),
        };
        if let Some(limit) = self.events {
            return self.list_events(&mut remote, id, limit).await;
        }
        let issue = remote.read(&format!("/api/v1/issues/{id}")).await?;
        if let Some(event_id) = &self.event {
            event = Some(event_of(&mut remote, &issue, event_id).await?);
        }
        if self.json {
            let mut answer = issue;
            if let Some(event) = event {
                answer["event"] = event;
            }
            return terminal::say_json(&answer);
        }
        let mut sheet = Sheet::new();
        write_issue(&mut sheet, &issue);
        match event.as_ref().unwrap_or(&issue["latest_event"]) {
            Value::Null => sheet.heading("None of its events is kept any more."),
            event => event::write(&mut sheet, event),
        }
        write_history(&mut sheet, &issue["history"]);
        terminal::say(&sheet.text())
    }

    async fn list_events(&self, remote: &mut Remote, id: i64, limit: usize) -> Result<(), Trouble> {
        let path = format!("/api/v1/issues/{id}/events");
        let amount = Amount::of(limit);
        let answer = read_list(remote, &path, &Query::default(), &amount).await?;
        if self.json {
            return terminal::say_json(&answer);
        }
        match answer["items"].as_array().map_or(&[][..], Vec::as_slice) {
            [] => terminal::say("None of its events is kept any more."),
            items => terminal::say(&rows::events_of_issue(items)),
        }
    }
}

/// An event that has to be of this issue.
async fn event_of(remote: &mut Remote, issue: &Value, event_id: &str) -> Result<Value, Trouble> {
    let project = [text(issue, "project_id").to_owned()];
    let event = which::event(remote, event_id, &project).await?;
    if event["issue_id"] == issue["id"] {
        return Ok(event);
    }
    let (other, id) = (&event["issue_id"], &issue["id"]);
    Err(Trouble::Failed(format!("Event {event_id} is of issue {other}, not of {id}.")))
}

fn write_issue(sheet: &mut Sheet, issue: &Value) {
    sheet.heading(&title(issue));
    let status = text(issue, "status");
    sheet.field("issue", &format!("{} in {}", issue["id"], text(issue, "project_id")));
    let regressed =
        if issue["regressed"] == json!(true) { ", came back after its deploy" } else { "" };
    let shown = format!("{status}{regressed}");
    sheet.styled_field("status", &shown, status_style(status));
    let moves = issue["allowed_moves"].as_array().into_iter().flatten().filter_map(Value::as_str);
    sheet.field("may become", &moves.collect::<Vec<_>>().join(", "));
    sheet.styled_field("level", text(issue, "level"), level_style(text(issue, "level")));
    sheet.field("assignee", text(issue, "assignee"));
    sheet.field("muted", &mute(&issue["muted_until"]));
    let rising = if issue["rising"] == json!(true) { ", rising" } else { "" };
    let count = thousands(issue["count"].as_i64().unwrap_or(0));
    sheet.field("reports", &format!("{count}{rising}"));
    sheet.field("users", &thousands(issue["users"].as_i64().unwrap_or(0)));
    for (name, time, version) in
        [("first seen", "first_seen", "first_version"), ("last seen", "last_seen", "last_version")]
    {
        let at = text(issue, time);
        let version = match text(issue, version) {
            "" => String::new(),
            version => format!(", version {version}"),
        };
        sheet.field(name, &format!("{} ({}){version}", moment::shown(at), long_ago(at)));
    }
    sheet.field("environments", &counts(&issue["by_environment"]));
    sheet.field("versions", &counts(&issue["by_version"]));
    sheet.field("code", text(issue, "code"));
    sheet.field("culprit", text(issue, "culprit"));
    sheet.field("raised at", &file_and_line(issue));
    sheet.field("fingerprint", text(issue, "fingerprint"));
}

/// `production 1,204, staging 3`.
fn counts(list: &Value) -> String {
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    let named = items.iter().take(NAMED_MAX).map(|one| {
        let key = if text(one, "key").is_empty() { "(none)" } else { text(one, "key") };
        format!("{key} {}", thousands(one["count"].as_i64().unwrap_or(0)))
    });
    let mut named: Vec<_> = named.collect();
    if items.len() > NAMED_MAX {
        named.push(format!("{} more", items.len() - NAMED_MAX));
    }
    named.join(", ")
}

fn mute(muted: &Value) -> String {
    if let Some(at) = muted["at"].as_str() {
        return format!("until {}", moment::shown(at));
    }
    if let Some(reports) = muted["reports"].as_i64() {
        return format!("for {} more reports", thousands(reports));
    }
    if muted.is_null() { String::new() } else { "for ever".to_owned() }
}

fn write_history(sheet: &mut Sheet, history: &Value) {
    let entries = history.as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return;
    }
    sheet.heading("History");
    for entry in entries {
        let at = text(entry, "at");
        let head = format!("{} ({})  {}", moment::shown(at), long_ago(at), text(entry, "who"));
        sheet.line(&format!("{head}  {}", happening(entry)), Style::Plain, 2);
        for said in ["note", "text"] {
            let is_said = said == "note" || entry["kind"] == json!("comment");
            if let Some(words) = entry[said].as_str().filter(|_| is_said) {
                for line in words.lines() {
                    sheet.line(line, Style::Dim, 6);
                }
            }
        }
    }
}

/// What somebody did.
fn happening(entry: &Value) -> String {
    let said = text(entry, "text");
    let mut done = match text(entry, "kind") {
        "comment" => "said:".to_owned(),
        "assign" if said.is_empty() => "took it from its assignee".to_owned(),
        "assign" => format!("assigned it to {said}"),
        "mute" if said == "unmuted" => "unmuted it".to_owned(),
        "mute" => format!("muted it {said}"),
        kind => {
            let step = format!("{} → {}", text(entry, "from"), text(entry, "to"));
            if kind == "move" { step } else { format!("{kind}: {step}") }
        }
    };
    for (name, member) in [("version", "version"), ("commit", "commit_hash")] {
        if let Some(value) = entry[member].as_str() {
            done.push_str(&format!(", {name} {value}"));
        }
    }
    done
}
