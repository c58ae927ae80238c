//! `log-center deploy`: tells that a version is live.

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::remote::Server;
use super::terminal;
use super::trouble::Trouble;
use crate::domain::percent::escape;

const EXAMPLES: &str = "\
Examples:
  log-center deploy shop 1.4.2
  log-center deploy shop 1.4.2 --environment staging
  log-center deploy shop 1.4.2 --commit \"$(git rev-parse HEAD)\"

A deploy without an environment, or to one of the project's live ones, moves its
VERIFIED issues to DEPLOYED. A later report of that version, or of a newer one,
reopens them.";

/// Tell that a version is deployed
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Deploy {
    /// The project
    project: String,

    /// The version that is live now
    #[arg(value_name = "VERSION")]
    release: String,

    /// Where; without it, everywhere
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,

    /// Its commit
    #[arg(long, value_name = "HASH")]
    commit: Option<String>,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

impl Deploy {
    /// Records it, and says how many issues it moved.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let mut body = json!({ "version": self.release });
        for (name, text) in [("environment", &self.environment), ("commit_hash", &self.commit)] {
            if let Some(text) = text {
                body[name] = Value::from(text.as_str());
            }
        }
        let path = format!("/api/v1/projects/{}/deploys", escape(&self.project));
        let deploy = remote.write(Method::POST, &path, &body).await?;
        if self.json {
            return terminal::say_json(&deploy);
        }
        let moved = match deploy["moved"].as_i64().ok_or_else(|| remote.foreign())? {
            0 => "no issue moved".into(),
            1 => "1 issue moved from VERIFIED to DEPLOYED".into(),
            some => format!("{some} issues moved from VERIFIED to DEPLOYED"),
        };
        let place = match &self.environment {
            Some(name) => format!("in {name}"),
            None => "everywhere".into(),
        };
        let text = format!("{} {} is deployed {place}: {moved}.", self.project, self.release);
        terminal::say(&terminal::line(&text))
    }
}
