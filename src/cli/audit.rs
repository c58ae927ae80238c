//! `log-center audit`: the record of logins and changes, as JSON lines.

use clap::Args;
use serde_json::Value;

use super::filters::Query;
use super::remote::{Remote, Server};
use super::terminal;
use super::trouble::Trouble;
use crate::domain::percent::escape;
use crate::fetch::Ask;

/// A page of 10,000 entries takes about 2 MiB, and less than this with the longest details.
const PAGE_BYTES_MAX: usize = 64 * 1_024 * 1_024;

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
        let path = query.after("/api/v1/audit/export");
        let mut next = String::new();
        loop {
            let (lines, cursor) = page(&mut remote, &format!("{path}{next}")).await?;
            for entry in &lines {
                terminal::say(&terminal::json_line(entry))?;
            }
            let Some(cursor) = cursor else { return Ok(()) };
            let sign = if path.contains('?') { '&' } else { '?' };
            next = format!("{sign}cursor={}", escape(&cursor));
        }
    }
}

/// Entries of a page, and where the next one begins.
async fn page(remote: &mut Remote, path: &str) -> Result<(Vec<Value>, Option<String>), Trouble> {
    let answer = remote.send(Ask::get(path.to_owned())).await?;
    let unreachable = |failure| Trouble::Unreachable { address: remote.url(), failure };
    let bytes = answer.bytes(PAGE_BYTES_MAX).await.map_err(unreachable)?;
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read = lines.map(serde_json::from_slice).collect::<Result<Vec<Value>, _>>();
    let mut lines = read.map_err(|_| remote.foreign())?;
    let last = lines.pop().ok_or_else(|| remote.foreign())?;
    Ok((lines, last["next_cursor"].as_str().map(str::to_owned)))
}
