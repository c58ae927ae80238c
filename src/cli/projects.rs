//! `log-center projects`: what reports, and how it stands with it.

use clap::Args;
use serde_json::{Value, json};

use super::remote::Server;
use super::terminal::{self, Align, Style, Table, thousands};
use super::trouble::Trouble;
use crate::app;
use crate::domain::timestamp;

const EXAMPLES: &str = "\
NEW counts issues that nobody looked at, OPEN those that still ask for
something: all but DEPLOYED and CANNOT_REPRODUCE.

Examples:
  log-center projects
  log-center projects --json | jq -r '.items[].project_id'";

/// List the projects
///
/// With the numbers of their issues and when each reported last.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Projects {
    /// Print what the API answers
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Projects {
    /// Reads all pages, and prints them.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let items = self.server.remote()?.all("/api/v1/projects?limit=200").await?;
        if self.json {
            return terminal::say_json(&json!({ "items": items, "next_cursor": null }));
        }
        if items.is_empty() {
            return terminal::say("No project yet. Its first report creates it.");
        }
        let mut table = Table::new(&[
            ("PROJECT", Align::Flexible),
            ("NEW", Align::Right),
            ("OPEN", Align::Right),
            ("ALL", Align::Right),
            ("LAST REPORT", Align::Left),
        ]);
        for project in &items {
            table.row(row(project));
        }
        terminal::say(&table.text(terminal::width()))
    }
}

fn row(project: &Value) -> Vec<(String, Style)> {
    let counts = &project["counts"];
    let count = |status: &str| counts[status].as_i64().unwrap_or(0);
    let all: i64 = counts.as_object().into_iter().flatten().filter_map(|(_, n)| n.as_i64()).sum();
    let new = count("NEW");
    // As the dashboard counts: where somebody still has to do something.
    let open = all - count("DEPLOYED") - count("CANNOT_REPRODUCE");
    let text = project["last_report_at"].as_str().and_then(timestamp::parse);
    let last = text.map_or_else(|| "never".into(), |at| terminal::ago(at, app::now()));
    vec![
        (project["project_id"].as_str().unwrap_or_default().to_owned(), Style::Bold),
        (thousands(new), if new > 0 { Style::Yellow } else { Style::Dim }),
        (thousands(open), Style::Plain),
        (thousands(all), Style::Plain),
        (last, Style::Plain),
    ]
}
