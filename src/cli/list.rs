//! `log-center list`: issues, filtered and sorted.

use clap::Args;
use serde_json::Value;

use super::filters::{Amount, Query, Scope, read_list};
use super::remote::{Remote, Server};
use super::rows;
use super::terminal::{self, Style, thousands};
use super::trouble::Trouble;

const EXAMPLES: &str = "\
The first column is the issue's id, for `log-center show`. COUNT, SEEN and the
order obey the filters, USERS are all that ever met it; SEEN is how long ago.
Before the project stand R for an issue that came back after its fix was
deployed, ^ for one that rises, M for a muted one.

Examples:
  log-center list                              The 50 that were seen last
  log-center list --status NEW --sort count    The most frequent new ones
  log-center list --project shop --since 2h    What one project had lately
  log-center list 'is:regressed !level:INFO'   As in `log-center search`
  log-center list --all --json | jq .items";

/// List issues
///
/// Newest first, with how often and when they were seen.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// A query in the search language, e.g. 'timeout status:NEW'
    query: Vec<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    order: Order,
    #[command(flatten)]
    amount: Amount,
    #[command(flatten)]
    server: Server,
}

/// Which issues, beside where and when.
#[derive(Debug, Args)]
#[command(next_help_heading = "Filters")]
struct Which {
    /// Only in these statuses, e.g. NEW,FIXING
    #[arg(long, value_name = "STATUS")]
    status: Vec<String>,

    /// Only with reports of these levels, e.g. ERROR,CRITICAL
    #[arg(long, value_name = "LEVEL")]
    level: Vec<String>,

    /// Only of these exception classes
    #[arg(long = "type", value_name = "CLASS")]
    kind: Vec<String>,

    /// Only with these codes
    #[arg(long, value_name = "CODE")]
    code: Vec<String>,

    /// Only reported by these versions of the application
    #[arg(long, visible_alias = "version", value_name = "VERSION")]
    app_version: Vec<String>,

    /// Only those that these people take care of
    #[arg(long, value_name = "NAME")]
    assignee: Vec<String>,

    /// Only with this fingerprint, or 12 or more digits of its beginning
    #[arg(long, value_name = "DIGITS")]
    fingerprint: Vec<String>,
}

/// In which order.
#[derive(Debug, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct Order {
    /// Which come first: the newest, or those with the most
    #[arg(long, value_name = "ORDER", value_parser = ["last_seen", "first_seen", "count", "users"])]
    sort: Option<String>,
}

impl List {
    /// Reads as many pages as wanted, and prints them.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut query = Query::default();
        let q = self.query.join(" ");
        query.add("q", Some(&q).filter(|q| !q.trim().is_empty()));
        let lists = [
            ("status", &self.which.status),
            ("level", &self.which.level),
            ("type", &self.which.kind),
            ("code", &self.which.code),
            ("version", &self.which.app_version),
            ("assignee", &self.which.assignee),
            ("fingerprint", &self.which.fingerprint),
        ];
        for (name, values) in lists {
            query.list(name, values);
        }
        self.scope.on(&mut query)?;
        self.order.on(&mut query);
        let mut remote = self.server.remote()?;
        let read = read_issues(&mut remote, &query, &self.amount).await;
        let answer = read.map_err(|trouble| trouble.in_query(&q))?;
        if self.json {
            return terminal::say_json(&answer);
        }
        print(&answer)
    }
}

impl Order {
    /// Adds it to a query.
    pub(super) fn on(&self, query: &mut Query) {
        query.add("sort", self.sort.as_ref());
    }

    /// Whether one was asked for.
    pub(super) const fn is_given(&self) -> bool {
        self.sort.is_some()
    }
}

/// Reads issues.
pub(super) async fn read_issues(
    remote: &mut Remote,
    query: &Query,
    amount: &Amount,
) -> Result<Value, Trouble> {
    read_list(remote, "/api/v1/issues", query, amount).await
}

/// Prints issues as a table, and how many more there are.
pub(super) fn print(answer: &Value) -> Result<(), Trouble> {
    let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() {
        return terminal::say("No issue matches.");
    }
    terminal::say(&rows::issues(items))?;
    if answer["next_cursor"].is_null() {
        return Ok(());
    }
    let shown = thousands(i64::try_from(items.len()).unwrap_or(i64::MAX));
    let total = thousands(answer["total"].as_i64().unwrap_or(0));
    let total = if answer["total_is_exact"] == Value::Bool(false) {
        format!("more than {total}")
    } else {
        total
    };
    let line = format!("{shown} of {total}; more with --all or --limit");
    terminal::say(&Style::Dim.on(&line))
}
