//! `log-center mute` and `unmute`: issues that go on counting and tell nobody.

use std::time::Duration;

use clap::{ArgGroup, Args};
use serde_json::{Map, Value, json};

use super::change::{self, Outcome, Told};
use super::period::period;
use super::remote::Server;
use super::trouble::Trouble;
use crate::app;
use crate::domain::timestamp;

const EXAMPLES: &str = "\
Examples:
  log-center mute 12 --for 2h
  log-center mute 12 15 --until 2026-12-01T08:00:00+01:00
  log-center mute c28b25b7d524 --reports 100
  log-center mute 12 --forever

A muted issue counts like any other; it only stays quiet. unmute ends that.";

/// Keep issues quiet for a while
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(override_usage = "log-center mute [OPTIONS] ISSUE...\n       \
                            (--for TIME | --until TIME | --reports N | --forever)")]
#[command(group = ArgGroup::new("how").required(true).multiple(false))]
pub(super) struct Mute {
    /// Issues: numbers, or 12 digits or more of their fingerprints
    #[arg(required = true, num_args = 1.., value_name = "ISSUE")]
    issues: Vec<String>,

    /// Until then: a date, or a date and a time (UTC unless it says otherwise)
    #[arg(long, group = "how", value_name = "TIME", value_parser = time)]
    until: Option<i64>,

    /// For so long, e.g. 90m, 2h or 7d
    #[arg(long = "for", group = "how", value_name = "TIME", value_parser = period)]
    length: Option<Duration>,

    /// Until so many further reports came
    #[arg(long, group = "how", value_name = "N",
        value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
    reports: Option<i64>,

    /// Until somebody unmutes it
    #[arg(long, group = "how")]
    forever: bool,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

/// End the quiet of issues
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  log-center unmute 12 15")]
pub(super) struct Unmute {
    /// Issues: numbers, or 12 digits or more of their fingerprints
    #[arg(required = true, num_args = 1.., value_name = "ISSUE")]
    issues: Vec<String>,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

fn time(text: &str) -> Result<i64, String> {
    let expected = "expected a time such as 2026-12-01 or 2026-12-01T08:00:00Z";
    let at = timestamp::parse(text).ok_or(expected)?;
    if at > app::now() { Ok(at) } else { Err("that time is over".into()) }
}

impl Mute {
    /// Mutes, and prints what became of each.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let wanted = self.wanted();
        let outcomes = change::change(&mut remote, &self.issues, |_| muted(&wanted)).await?;
        let told = Told {
            done: &|outcome| quiet(&outcome.result["issue"]["muted_until"]),
            refused: &|_| String::new(),
            undo: &|outcomes| back(&self.server, outcomes),
        };
        change::tell(&outcomes, self.json, &told)
    }

    fn wanted(&self) -> Value {
        let length = self.length.and_then(|length| i64::try_from(length.as_millis()).ok());
        let at = self.until.or_else(|| length.map(|length| app::now().saturating_add(length)));
        match (at, self.reports) {
            (Some(at), _) => json!({ "at": timestamp::format(at) }),
            (None, Some(reports)) => json!({ "reports": reports }),
            (None, None) => json!({ "for_ever": true }),
        }
    }
}

impl Unmute {
    /// Unmutes, and prints what became of each.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let outcomes = change::change(&mut remote, &self.issues, |_| muted(&Value::Null)).await?;
        let told = Told {
            done: &|outcome| match outcome.seen["muted_until"].is_null() {
                true => "was not muted".into(),
                false => "unmuted".into(),
            },
            refused: &|_| String::new(),
            undo: &|outcomes| back(&self.server, outcomes),
        };
        change::tell(&outcomes, self.json, &told)
    }
}

fn muted(value: &Value) -> Map<String, Value> {
    Map::from_iter([("muted_until".to_owned(), value.clone())])
}

fn quiet(muted: &Value) -> String {
    if let Some(at) = muted["at"].as_str() {
        format!("muted until {at}")
    } else if let Some(reports) = muted["reports"].as_i64() {
        format!("muted for {reports} further reports")
    } else {
        "muted until somebody unmutes it".into()
    }
}

/// The commands that bring back what was seen before.
fn back(server: &Server, outcomes: &[&Outcome]) -> Vec<String> {
    let changed = |one: &&&Outcome| one.seen["muted_until"] != one.result["issue"]["muted_until"];
    let changed: Vec<&Outcome> = outcomes.iter().filter(changed).copied().collect();
    let groups = change::grouped(&changed, |outcome| outcome.seen["muted_until"].clone());
    let lines = groups.iter().map(|(before, members)| {
        let ids = change::ids(members);
        let rest = if before.is_null() {
            format!("unmute {ids}")
        } else if let Some(at) = before["at"].as_str() {
            format!("mute {ids} --until {at}")
        } else if let Some(reports) = before["reports"].as_i64() {
            format!("mute {ids} --reports {reports}")
        } else {
            format!("mute {ids} --forever")
        };
        change::again(server, &rest)
    });
    lines.collect()
}
