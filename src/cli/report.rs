//! `log-center report`: sends one report from a shell, a program's output, or reports as JSON.

mod input;

use std::borrow::Cow;
use std::fs::File;
use std::io::IsTerminal;

use clap::Args;
use serde_json::{Map, Value, json};

use self::input::{Form, Input};
use super::origin::{self, Origin};
use super::progress::Progress;
use super::remote::{Remote, Server};
use super::sending::{self, BATCH, REPORT};
use super::terminal::{self, Style};
use super::trouble::Trouble;
use crate::domain::level::Level;
use crate::domain::traceback::{self, Raised};

const EXAMPLES: &str = "\
Examples:
  log-center report --project shop 'The disk of db1 is nearly full'
  ./backup.sh 2>&1 | log-center report --project shop
  log-center report --project shop --level WARNING --tag host=db1 'Slow disk'
  log-center report --project shop --file import.sh --line 12 'No rows'
  log-center report --project shop --stack trace.txt 'The import failed'
  log-center report --body < reports.ndjson

Without MESSAGE the report is read from standard input: a traceback of Python,
Node, Java, Go, Ruby, PHP or Rust gives type, message, file and line; of other
output the last line is the message. JSON reports, one or several, are sent as
they are, with what is missing taken from the flags. A message without a place
is grouped by its words; numbers in them do not count.";

/// Reports of one request at most, as the server takes them.
const BATCH_REPORTS: usize = 1_000;
/// Bytes of one request at most; the server takes 8 MiB.
const BATCH_BYTES: usize = 7 * 1_024 * 1_024;
/// Characters of a message that name its group.
const GROUP_CHARS: usize = 120;

/// Send a report from a shell or a pipe
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Report {
    /// What happened; without it, standard input is read
    message: Option<String>,

    #[command(flatten)]
    origin: Origin,

    /// How bad it is: DEBUG, INFO, WARNING, ERROR or CRITICAL
    #[arg(long, value_name = "LEVEL", default_value = "ERROR", value_parser = level)]
    level: Level,

    /// The kind of error, such as an exception's class
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,

    /// The file in which it happened
    #[arg(long, value_name = "FILE")]
    file: Option<String>,

    /// The line of that file
    #[arg(long, value_name = "N")]
    line: Option<u32>,

    /// The error's class in your own terms
    #[arg(long, value_name = "CODE")]
    code: Option<String>,

    /// A tag of its context; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    tag: Vec<(String, String)>,

    /// Its context: a JSON object, or @FILE with one
    #[arg(long, value_name = "JSON|@FILE", value_parser = context)]
    context: Option<Map<String, Value>>,

    /// The report's own id, so that sending it again counts nothing; drawn if absent
    #[arg(long, value_name = "UUID")]
    event_id: Option<String>,

    /// The request that it belongs to
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,

    /// A file with the stack trace or output; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    stack: Option<String>,

    /// Standard input holds reports as JSON: one, an array, or one a line
    #[arg(long, conflicts_with_all = ["message", "kind", "file", "line", "code", "tag", "context",
        "event_id", "request_id"])]
    body: bool,

    /// Print nothing when it arrived
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

/// Reads a level.
pub(super) fn level(text: &str) -> Result<Level, String> {
    Level::parse(text).ok_or_else(|| "expected DEBUG, INFO, WARNING, ERROR or CRITICAL".to_owned())
}

fn tag(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(key, _)| !key.trim().is_empty());
    let (key, value) = pair.ok_or("expected KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

fn context(text: &str) -> Result<Map<String, Value>, String> {
    let read = match text.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?,
        None => text.to_owned(),
    };
    serde_json::from_str(&read).map_err(|error| format!("expected a JSON object: {error}"))
}

impl Report {
    /// Reads what there is to report, sends it and says where it went.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let (report, reports) = match self.input()? {
            Some(Input::Reports(items)) => (None, items),
            Some(Input::Report(item)) => (Some(item), Vec::new()),
            Some(Input::Text(text)) => (Some(self.of_text(&text)?), Vec::new()),
            None => (Some(self.of_text("")?), Vec::new()),
        };
        let mut remote = self.server.remote()?;
        match report {
            Some(report) => self.send(&mut remote, report).await,
            None => self.send_all(&mut remote, reports).await,
        }
    }

    fn input(&self) -> Result<Option<Input>, Trouble> {
        let stdin = std::io::stdin();
        match (self.stack.as_deref(), &self.message) {
            (Some("-"), _) => input::read(stdin, Form::Text).map(Some),
            (Some(path), _) => {
                let file = File::open(path).map_err(|error| {
                    Trouble::Usage(format!("The file {path} cannot be read: {error}."))
                })?;
                input::read(file, Form::Text).map(Some)
            }
            (None, Some(_)) => Ok(None),
            (None, None) if self.body => input::read(stdin, Form::Reports).map(Some),
            (None, None) if stdin.is_terminal() => Err(Trouble::Usage(
                "Nothing to report: name a message, or send a program's output through a pipe."
                    .into(),
            )),
            (None, None) => input::read(stdin, Form::Any).map(Some),
        }
    }

    /// The report of a message, of a program's output, or of both.
    fn of_text(&self, text: &str) -> Result<Value, Trouble> {
        if self.message.is_none() && text.trim().is_empty() {
            return Err(Trouble::Failed("The input is empty: nothing was reported.".into()));
        }
        let found = traceback::find(text).unwrap_or_else(|| {
            let last = text.lines().rev().find(|line| !line.trim().is_empty());
            let message = last.unwrap_or_default().trim().to_owned();
            Raised { kind: "Message".into(), message, ..Raised::default() }
        });
        let message = self.message.clone().unwrap_or(found.message);
        let (file, line) = match (&self.file, found.file) {
            (Some(file), _) => (file.clone(), self.line.unwrap_or(0)),
            (None, Some(file)) => (file, self.line.unwrap_or(found.line)),
            (None, None) => (group(&message), self.line.unwrap_or(0)),
        };
        let mut error = json!({
            "type": self.kind.clone().unwrap_or(found.kind),
            "message": message,
            "file_path": file,
            "line_number": line,
            "stack_trace": text.trim_end().lines().collect::<Vec<_>>(),
        });
        if let Some(code) = self.code.clone().or(found.code) {
            error["code"] = code.into();
        }
        Ok(json!({ "error": error, "context": self.context() }))
    }

    fn context(&self) -> Map<String, Value> {
        let mut context = self.context.clone().unwrap_or_default();
        if let Some(id) = &self.request_id {
            context.insert("request_id".into(), id.clone().into());
        }
        if !self.tag.is_empty() {
            let tags = context.entry("tags").or_insert_with(|| json!({}));
            if let Value::Object(tags) = tags {
                tags.extend(self.tag.iter().map(|(key, value)| (key.clone(), json!(value))));
            }
        }
        if let Some(name) = origin::host_name() {
            context.entry("server_name").or_insert_with(|| name.into());
        }
        context
    }

    /// Adds what the flags say, and an id.
    fn complete(&self, report: &mut Value) -> Result<(), Trouble> {
        let Value::Object(members) = report else { return Ok(()) };
        self.origin.complete(members);
        if members.get("project_id").is_none_or(Value::is_null) {
            return Err(Trouble::Usage(
                "Which project? Name it with --project or in LOG_CENTER_PROJECT.".into(),
            ));
        }
        members.entry("level").or_insert_with(|| self.level.name().into());
        let id = self.event_id.clone().unwrap_or_else(sending::event_id);
        members.entry("event_id").or_insert_with(|| id.into());
        Ok(())
    }

    async fn send(&self, remote: &mut Remote, mut report: Value) -> Result<(), Trouble> {
        self.complete(&mut report)?;
        let answer = sending::post(remote, REPORT, &report).await?;
        if self.json {
            return terminal::say_json(&answer);
        }
        if self.quiet {
            return Ok(());
        }
        let is_new = answer["is_new"].as_bool().unwrap_or(false);
        let id = &answer["id"];
        let word = if is_new { Style::Yellow.on("new") } else { "seen before".into() };
        let error = &report["error"];
        let text = |name: &str| error[name].as_str().unwrap_or_default();
        let title = format!("{}: {}", text("type"), text("message"));
        let title = terminal::line(title.trim_end_matches(": ")).into_owned();
        let known = if is_new { "new" } else { "seen before" };
        let taken = terminal::columns_of(&format!("Issue {id}, {known}: "));
        let title = fitting(&title, taken);
        terminal::say(&format!("Issue {id}, {word}: {title}\n{}/issues/{id}", remote.url()))
    }

    async fn send_all(&self, remote: &mut Remote, items: Vec<Value>) -> Result<(), Trouble> {
        let mut items = items;
        for item in &mut items {
            self.complete(item)?;
        }
        let mut results = Vec::new();
        let total = u64::try_from(items.len()).ok();
        let mut progress = Progress::start(total, self.quiet || items.len() <= BATCH_REPORTS);
        for batch in batches(items) {
            let mut answer = sending::post(remote, BATCH, &batch.into()).await?;
            if let Some(more) = answer["results"].as_array_mut() {
                results.append(more);
            }
            progress.at(u64::try_from(results.len()).unwrap_or(0), "reports");
        }
        progress.end();
        let failed: Vec<_> = results.iter().enumerate().filter(|(_, one)| is_error(one)).collect();
        let new = results.iter().filter(|one| one["is_new"] == true).count();
        let (all, failed_count) = (results.len(), failed.len());
        for (at, one) in failed {
            let why = one["message"].as_str().unwrap_or_default();
            eprintln!("log-center: report {}: {}", at + 1, terminal::line(why));
        }
        if self.json {
            terminal::say_json(&json!({ "results": results }))?;
        } else if !self.quiet {
            let arrived = all - failed_count;
            let issues = if new == 1 { "new issue" } else { "new issues" };
            terminal::say(&format!("{arrived} of {all} reports arrived, {new} {issues}."))?;
        }
        match failed_count {
            0 => Ok(()),
            one => Err(Trouble::Failed(format!("{one} of {all} reports were refused."))),
        }
    }
}

fn is_error(result: &Value) -> bool {
    result["status"] == "error"
}

/// A title behind so many columns of the same line.
fn fitting(title: &str, taken: usize) -> Cow<'_, str> {
    let room = terminal::width().map(|width| width.saturating_sub(taken));
    room.map_or(Cow::Borrowed(title), |room| terminal::cut(title, room))
}

/// Splits into requests that the server takes.
fn batches(items: Vec<Value>) -> Vec<Vec<Value>> {
    let mut batches: Vec<Vec<Value>> = Vec::new();
    let mut bytes = BATCH_BYTES;
    for item in items {
        let size = item.to_string().len() + 1;
        let is_full = batches.last().is_none_or(|batch| batch.len() >= BATCH_REPORTS);
        if is_full || bytes + size > BATCH_BYTES {
            batches.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(batch) = batches.last_mut() {
            batch.push(item);
        }
    }
    batches
}

/// What takes the place of a file for a message that has none: its words, so that another message
/// is another issue, with one `#` for each number, so that another number is not.
fn group(message: &str) -> String {
    let mut out = String::new();
    for one in message.lines().next().unwrap_or_default().chars() {
        let shown = if one.is_ascii_digit() { '#' } else { one };
        if shown != '#' || !out.ends_with('#') {
            out.push(shown);
        }
    }
    let cut: String = out.trim().chars().take(GROUP_CHARS).collect();
    if cut.is_empty() { "unknown".into() } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_grouped_by_their_words() {
        let table = [
            ("disk 91 % full", "disk # % full"),
            ("disk 100 % full\nmore", "disk # % full"),
            ("  ", "unknown"),
            ("took 1.25 s", "took #.# s"),
        ];
        for (message, expected) in table {
            assert_eq!(group(message), expected);
        }
    }

    #[test]
    fn batches_fit_what_the_server_takes() {
        let sizes = |items| batches(items).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![json!(1); 2_500]), [1_000, 1_000, 500]);
        assert_eq!(sizes(vec![json!("x".repeat(3 * 1_024 * 1_024)); 3]), [2, 1]);
        assert!(sizes(Vec::new()).is_empty());
    }
}
