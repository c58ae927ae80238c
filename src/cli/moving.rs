//! `log-center move`: takes issues to another status, as the workflow allows.

use clap::Args;
use serde_json::{Map, Value};

use super::change::{self, Outcome, Told};
use super::remote::Server;
use super::trouble::Trouble;
use crate::domain::status::Status;

const EXAMPLES: &str = "\
Examples:
  log-center move 12 verifying
  log-center move 12 15 c28b25b7d524 PENDING_FIX --note 'seen on production'
  log-center move 12 deployed --path --app-version 1.4.2
  log-center move 12 fixed --from FIXING

The way of an issue:
  NEW > VERIFYING > PENDING_FIX > FIXING > FIXED > VERIFIED > DEPLOYED
  VERIFYING > CANNOT_REPRODUCE > VERIFYING
  FIXING, FIXED, VERIFIED > FIX_FAILED > FIXING or PENDING_FIX
  DEPLOYED > VERIFYING, with a note

If somebody else moved an issue meanwhile, it stays as it is, and this says so.";

/// Move issues to another status
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Move {
    /// Issues: numbers, or 12 digits or more of their fingerprints
    #[arg(required = true, num_args = 1.., value_name = "ISSUE")]
    issues: Vec<String>,

    /// The wanted status, in any case
    #[arg(value_name = "STATUS", value_parser = status)]
    status: Status,

    /// Walk the shortest way there, each step recorded
    #[arg(long)]
    path: bool,

    /// Why; kept in the history
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    /// The version that holds the fix
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,

    /// The commit that holds the fix
    #[arg(long, value_name = "HASH")]
    commit: Option<String>,

    /// Only if the status is still this one; by default the one that was just read
    #[arg(long, value_name = "STATUS", value_parser = status)]
    from: Option<Status>,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

fn status(text: &str) -> Result<Status, String> {
    Status::parse(&text.replace('-', "_")).ok_or_else(|| {
        let names: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

impl Move {
    /// Moves, and prints what became of each.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let outcomes = change::change(&mut remote, &self.issues, |seen| self.wanted(seen)).await?;
        let told = Told {
            done: &|outcome| self.done(outcome),
            refused: &|outcome| self.refused(outcome),
            undo: &|outcomes| self.undo(outcomes),
        };
        change::tell(&outcomes, self.json, &told)
    }

    fn wanted(&self, seen: &Value) -> Map<String, Value> {
        let mut body = Map::new();
        let from = self.from.map_or_else(|| seen["status"].clone(), |from| from.name().into());
        body.insert("from".into(), from);
        body.insert("status".into(), self.status.name().into());
        if self.path {
            body.insert("path".into(), true.into());
        }
        let texts =
            [("note", &self.note), ("version", &self.app_version), ("commit_hash", &self.commit)];
        for (name, text) in texts {
            if let Some(text) = text {
                body.insert(name.into(), text.as_str().into());
            }
        }
        body
    }

    fn done(&self, outcome: &Outcome) -> String {
        let mut way = vec![outcome.seen["status"].as_str().unwrap_or_default()];
        match before(outcome).and_then(|before| before.path(self.status)) {
            Some(steps) if self.path => way.extend(steps.iter().map(|step| step.name())),
            _ => way.push(self.status.name()),
        }
        way.join(" → ")
    }

    fn refused(&self, outcome: &Outcome) -> String {
        let info = &outcome.result["info"];
        let Some(present) = info["from"].as_str().and_then(Status::parse) else {
            let is_note = info["errors"][0]["field"] == "note";
            return if is_note { "Say why with --note.".into() } else { String::new() };
        };
        let allowed = info["allowed"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let allowed = allowed.collect::<Vec<_>>().join(" or ");
        let way = match present.path(self.status) {
            Some(steps) if steps.len() > 1 => {
                let steps: Vec<&str> = steps.iter().map(|step| step.name()).collect();
                format!(" --path would go {}.", steps.join(", "))
            }
            _ => String::new(),
        };
        format!("It may become {allowed}.{way}")
    }

    fn undo(&self, outcomes: &[&Outcome]) -> Vec<String> {
        let groups = change::grouped(outcomes, |outcome| outcome.seen["status"].clone());
        let lines = groups.iter().filter_map(|(_, members)| {
            let (ids, before) = (change::ids(members), before(members.first()?)?);
            let note = if self.status.note_required(before) { " --note WHY" } else { "" };
            match self.status.path(before) {
                Some(way) if way.len() == 1 => {
                    let rest = format!("move {ids} {}{note}", before.name());
                    Some(change::again(&self.server, &rest))
                }
                _ => Some(format!("No single move leads back to {}.", before.name())),
            }
        });
        lines.collect()
    }
}

fn before(outcome: &Outcome) -> Option<Status> {
    outcome.seen["status"].as_str().and_then(Status::parse)
}
