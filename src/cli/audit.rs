//! `log-center audit`: the record of logins and changes, as JSON lines.

use clap::Args;

use super::filters::Query;
use super::remote::Server;
use super::terminal;
use super::trouble::Trouble;
use crate::domain::percent::escape;

const EXAMPLES: &str = "\
Examples:
  log-center audit > audit.jsonl
  log-center audit --action session.refused
  log-center audit --who ann | jq -r '.at + \" \" + .action'

Newest first, one entry a line. Where the server asks for a login, this needs a
key with the scope manage.";

/// Print who logged in and who changed what
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Audit {
    /// Whose doing
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// What was done, e.g. session.begin; key is all that was done with keys
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    #[command(flatten)]
    server: Server,
}

impl Audit {
    /// Reads all pages, and prints each as it comes.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let mut query = Query::default();
        query.add("who", self.who.as_ref());
        query.add("action", self.action.as_ref());
        query.add("limit", Some("200"));
        let path = query.after("/api/v1/audit");
        let mut next = String::new();
        loop {
            let page = remote.read(&format!("{path}{next}")).await?;
            for entry in page["items"].as_array().into_iter().flatten() {
                terminal::say(&terminal::json_line(entry))?;
            }
            let Some(cursor) = page["next_cursor"].as_str() else { return Ok(()) };
            next = format!("&cursor={}", escape(cursor));
        }
    }
}
