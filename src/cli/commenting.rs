//! `log-center comment`: adds words to an issue's history.

use std::io::Read;

use clap::Args;
use hyper::Method;
use serde_json::json;

use super::remote::Server;
use super::trouble::Trouble;
use super::{change, plain, terminal};
use crate::domain::change::NOTE_CHARS_MAX;

const EXAMPLES: &str = "\
Examples:
  log-center comment 12 'Happens only behind the proxy.'
  git log -1 | log-center comment 12 -

A comment stays in the history for good.";

/// Bytes of standard input at most: more than any comment may have.
const INPUT_BYTES_MAX: u64 = 64 * 1_024;

/// Add a comment to an issue
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Comment {
    /// The issue: its number, or 12 digits or more of its fingerprint
    issue: String,

    /// What to say; - reads it from standard input
    text: String,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

impl Comment {
    /// Adds it.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let text = if self.text == "-" { read()? } else { self.text };
        if text.trim().is_empty() {
            return Err(Trouble::Usage("The comment is empty.".into()));
        }
        if text.chars().count() > NOTE_CHARS_MAX {
            return Err(Trouble::Usage(format!(
                "The comment is longer than {NOTE_CHARS_MAX} characters."
            )));
        }
        let mut remote = self.server.remote()?;
        let id = change::issue_id(&mut remote, &self.issue).await?;
        let path = format!("/api/v1/issues/{id}/comments");
        let added = remote.write(Method::POST, &path, &json!({ "text": text })).await?;
        if self.json {
            return terminal::say_json(&added);
        }
        let who = added["who"].as_str().unwrap_or_default();
        terminal::say(&terminal::line(&format!("#{id}  comment added as {who}")))
    }
}

fn read() -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(INPUT_BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|error| Trouble::Failed(format!("The input cannot be read: {error}.")))?;
    Ok(plain::text(&bytes).trim_end().to_owned())
}
