//! `log-center tail`: events as they arrive, one line each.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;
use tokio::time::sleep;

use super::event::file_and_line;
use super::filters::{Query, Scope};
use super::follow::{Batch, CATCH_UP_MAX, Follower, Missed, Wanted};
use super::remote::Server;
use super::rows::{level_style, text, title};
use super::terminal::{self, Style, columns_of, cut, cut_front, thousands};
use super::trouble::Trouble;
use super::wake::Wake;
use crate::domain::level::Level;

/// Events that it begins with when nobody says how many.
const COUNT_DEFAULT: usize = 10;
/// Between two looks at least: a storm is told in portions.
const PACE_MIN: Duration = Duration::from_millis(250);
/// Between looks while the index of words catches up.
const SETTLING: Duration = Duration::from_secs(1);
/// Between tries when the server is away: the first, and the most.
const RETRY_MIN: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(5);
const LEVEL_COLUMNS: usize = 8;

const EXAMPLES: &str = "\
A line has the time (UTC), the level, project and environment, the error, its
place and the issue's id. It goes on over a restart of the server; Ctrl-C ends
it.

Examples:
  log-center tail
  log-center tail --project shop --level ERROR,CRITICAL
  log-center tail 'timeout !type:Http404' -n 50
  log-center tail --since 1h | grep payments
  log-center tail --json -n 0 | jq -r .error.type";

/// Follow events as they arrive
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Tail {
    /// A query in the search language, e.g. 'timeout status:NEW'
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Begin with so many of the last events [default: 10, with --since all]
    #[arg(long, short = 'n', value_name = "NUMBER")]
    lines: Option<usize>,

    /// Print each event as the API answers it, one a line
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    scope: Scope,

    /// Only these levels, e.g. ERROR,CRITICAL
    #[arg(long, value_name = "LEVEL", help_heading = "Filters")]
    level: Vec<String>,

    /// Only of this request
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    request: Option<String>,

    /// Only of this user of the application
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    user_id: Option<String>,

    /// Only of this trace
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    trace: Option<String>,

    #[command(flatten)]
    server: Server,
}

impl Tail {
    /// Follows until it is stopped, or nobody reads.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        end_on_interrupt()?;
        let typed = self.query.join(" ");
        let mut follower = Follower::new(self.server.remote()?, self.wanted(&typed)?);
        let all = if self.scope.since.is_some() { CATCH_UP_MAX } else { COUNT_DEFAULT };
        let count = self.lines.unwrap_or(all);
        let begun = follower.begin(count, self.scope.since).await;
        let mut printer = Printer { json: self.json, day: String::new() };
        printer.print(&begun.map_err(|trouble| trouble.in_query(&typed))?)?;
        let wake = Wake::listen(self.server.remote()?);
        let mut away: Option<Duration> = None;
        loop {
            let longest = if follower.is_settling() { SETTLING } else { Duration::MAX };
            if let Some(pause) = away {
                sleep(pause).await;
            } else {
                wake.wait(longest).await;
            }
            let began = Instant::now();
            match follower.next().await {
                Ok(batch) => {
                    if away.take().is_some() {
                        eprintln!("log-center: The server answers again.");
                    }
                    printer.print(&batch)?;
                    sleep(began.elapsed().max(PACE_MIN)).await;
                }
                Err(trouble) if trouble.is_passing() => {
                    if away.is_none() {
                        eprintln!("log-center: {}", waiting(&trouble));
                    }
                    away = Some(away.map_or(RETRY_MIN, |pause| (pause * 2).min(RETRY_MAX)));
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }

    fn wanted(&self, typed: &str) -> Result<Wanted, Trouble> {
        let mut terms: Vec<String> = Vec::new();
        terms.extend(Some(typed.to_owned()).filter(|typed| !typed.trim().is_empty()));
        let levels: Vec<&str> = self.level.iter().flat_map(|level| level.split(',')).collect();
        for level in &levels {
            if Level::parse(level).is_none() {
                return Err(Trouble::Usage(format!(
                    "--level {level}: expected DEBUG, INFO, WARNING, ERROR or CRITICAL."
                )));
            }
        }
        if !levels.is_empty() {
            terms.push(format!("level:{}", levels.join(",")));
        }
        if self.scope.has_until() {
            return Err(Trouble::Usage("What arrives has no --until.".into()));
        }
        let mut place = Query::default();
        self.scope.place_on(&mut place);
        let mut filter = place.clone();
        let ids =
            [("request_id", &self.request), ("user_id", &self.user_id), ("trace_id", &self.trace)];
        for (name, id) in ids {
            filter.add(name, id.as_ref());
        }
        let is_searching = !terms.is_empty();
        filter.add("q", Some(terms.join(" ")).filter(|_| is_searching));
        let is_counted = !is_searching && ids.iter().all(|(_, id)| id.is_none());
        Ok(Wanted { filter, counted: Some(place).filter(|_| is_counted), is_searching })
    }
}

/// Ends the process when it is interrupted, also while nobody takes what it writes.
fn end_on_interrupt() -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Trouble::Failed(format!("The system gives no threads: {error}.")))?;
    std::thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            std::process::exit(0);
        }
    });
    Ok(())
}

fn waiting(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Unreachable { address, failure } => {
            format!("No answer from {address}: {failure}. Waiting for it.")
        }
        other => format!("{} Waiting for it.", terminal::line(&other.to_string())),
    }
}

/// Writes events as lines.
struct Printer {
    json: bool,
    /// Of the last line on a terminal, where days stand on lines of their own.
    day: String,
}

impl Printer {
    fn print(&mut self, batch: &Batch) -> Result<(), Trouble> {
        let columns = terminal::width();
        let mut lines = Vec::with_capacity(batch.events.len() + 1);
        if let Some(missed) = missed(batch.missed) {
            if self.json {
                eprintln!("log-center: {missed}");
            } else {
                lines.push(Style::Dim.on(&missed));
            }
        }
        for event in &batch.events {
            if self.json {
                lines.push(terminal::json_line(event));
                continue;
            }
            let day = text(event, "timestamp").get(..10).unwrap_or_default();
            if columns.is_some() && day != self.day {
                day.clone_into(&mut self.day);
                lines.push(Style::Dim.on(&terminal::line(day)));
            }
            lines.push(line(event, columns));
        }
        if lines.is_empty() { Ok(()) } else { terminal::say(&lines.join("\n")) }
    }
}

fn missed(missed: Missed) -> Option<String> {
    match missed {
        Missed::None => None,
        Missed::Count(1) => Some("… 1 more report".into()),
        Missed::Count(count) => Some(format!("… {} more reports", thousands(count))),
        Missed::Some => Some("… more reports".into()),
    }
}

/// One event on one line, cut to the terminal.
fn line(event: &Value, columns: Option<usize>) -> String {
    let time = text(event, "timestamp");
    let time = if columns.is_some() { time.get(11..19).unwrap_or(time) } else { time };
    let level = terminal::line(text(event, "level"));
    let place = format!("{}/{}", text(event, "project_id"), text(event, "environment"));
    let title = title(&event["error"]);
    let culprit = match text(event, "culprit") {
        "" => file_and_line(&event["error"]),
        culprit => culprit.to_owned(),
    };
    let id = format!("#{}", event["issue_id"]);
    let [time, place, title, culprit] =
        [time, &place, &title, &culprit].map(|text| terminal::line(text).into_owned());
    let gaps = 2 * 2 + 3;
    let fixed = columns_of(&time) + LEVEL_COLUMNS + columns_of(&id) + gaps;
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(fixed));
    let place = cut(&place, room / 4);
    let culprit = cut_front(&culprit, room / 3);
    let room = room.saturating_sub(columns_of(&place)).saturating_sub(columns_of(&culprit));
    let title = cut(&title, room);
    let (level, place) = (level_style(&level).on(&format!("{level:<LEVEL_COLUMNS$}")), place);
    let (time, culprit) = (Style::Dim.on(&time), Style::Dim.on(&culprit));
    format!("{time} {level} {place}  {title}  {culprit} {}", Style::Bold.on(&id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_fits_whatever_stands_in_it() {
        let long = "数据库连接".repeat(40);
        let event = json!({
            "timestamp": "2026-01-30T10:30:00.000Z", "level": "CRITICAL", "issue_id": 1_234_567,
            "project_id": long, "environment": long, "culprit": null,
            "error": {"type": long, "message": long, "file_path": long, "line_number": 7},
        });
        for columns in [40, 60, 80, 200] {
            let shown = line(&event, Some(columns));
            assert!(columns_of(&shown) <= columns, "{columns}: {shown}");
        }
        assert!(line(&event, Some(80)).contains(":7 #1234567"));
        assert!(columns_of(&line(&event, None)) > 800, "nothing is cut where there is room");
    }
}
