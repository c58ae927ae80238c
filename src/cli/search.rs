//! `log-center search`: the search language over issues and events.

use clap::Args;
use serde_json::Value;

use super::filters::{Amount, Query, Scope, read_list};
use super::list::{self, Order};
use super::moment;
use super::remote::Server;
use super::rows;
use super::terminal::{self, Style, thousands};
use super::trouble::Trouble;

const EXAMPLES: &str = "\
Words match inside type, message, file and code, in any case; all must match.
  \"a phrase\"  key:value  key:a,b  !key:value  * is wild
  Keys: status level project env type file code version user request assignee trace fingerprint
  count:>100  users:>10  seen:<1h  first:>2026-01-01
  is:regressed  is:muted  is:mine  is:rising
  context.any.path:value (events only)

Examples:
  log-center search timeout
  log-center search 'type:*Error' file:views.py '!status:DEPLOYED'
  log-center search '\"connection refused\"' --sort count
  log-center search --events 'context.tags.region:eu-*' --since 1d
  log-center search --request req_abc123      All errors of one request
  log-center search --user-id u_12345";

/// Search issues or events
///
/// The same search language as the dashboard's and the API's.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Search {
    /// What to look for; several words need no quotes
    #[arg(value_name = "QUERY",
        required_unless_present_any = ["request", "user_id", "trace"])]
    query: Vec<String>,

    /// Search events, not issues
    #[arg(long)]
    events: bool,

    /// Events of this request
    #[arg(long, value_name = "ID")]
    request: Option<String>,

    /// Events of this user of the application
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,

    /// Events of this trace
    #[arg(long, value_name = "ID")]
    trace: Option<String>,

    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    order: Order,
    #[command(flatten)]
    amount: Amount,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Search {
    /// Searches, and prints what was found.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let ids =
            [("request_id", &self.request), ("user_id", &self.user_id), ("trace_id", &self.trace)];
        let of_events = self.events || ids.iter().any(|(_, id)| id.is_some());
        if of_events && self.order.is_given() {
            return Err(Trouble::Usage("Events are newest first: --sort is of issues.".into()));
        }
        let q = self.query.join(" ");
        let mut query = Query::default();
        query.add("q", Some(&q).filter(|q| !q.trim().is_empty()));
        for (name, id) in ids {
            query.add(name, id.as_ref());
        }
        self.scope.on(&mut query)?;
        self.order.on(&mut query);
        let mut remote = self.server.remote()?;
        let path = if of_events { "/api/v1/events" } else { "/api/v1/issues" };
        let read = read_list(&mut remote, path, &query, &self.amount).await;
        let answer = read.map_err(|trouble| trouble.in_query(&q))?;
        if self.json {
            return terminal::say_json(&answer);
        }
        if of_events { print_events(&answer) } else { list::print(&answer) }
    }
}

fn print_events(answer: &Value) -> Result<(), Trouble> {
    let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
    let searched_to = answer["searched_to"].as_str().map(moment::shown);
    if items.is_empty() {
        return terminal::say(&match searched_to {
            None => "No event matches.".to_owned(),
            Some(at) => format!("No event since {at} matches; older ones with --all."),
        });
    }
    terminal::say(&rows::events(items))?;
    let shown = thousands(i64::try_from(items.len()).unwrap_or(i64::MAX));
    let line = match searched_to {
        Some(at) => format!("{shown} since {at}; older ones with --all"),
        None if answer["next_cursor"].is_null() => return Ok(()),
        None => format!("The newest {shown}; more with --all or --limit"),
    };
    terminal::say(&Style::Dim.on(&line))
}
