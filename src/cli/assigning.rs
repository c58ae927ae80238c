//! `log-center assign`: says who looks after issues.

use clap::Args;
use serde_json::{Map, Value};

use super::change::{self, Outcome, Told};
use super::remote::Server;
use super::trouble::Trouble;

const EXAMPLES: &str = "\
Examples:
  log-center assign 12 15 ana
  log-center assign c28b25b7d524 'Ana Lima'
  log-center assign 12 --nobody";

/// Say who looks after issues
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(override_usage = "log-center assign [OPTIONS] ISSUE... NAME\n       \
                            log-center assign [OPTIONS] ISSUE... --nobody")]
pub(super) struct Assign {
    /// Issues (numbers, or 12 digits or more of their fingerprints), then a name
    #[arg(required = true, num_args = 1.., value_name = "ISSUE|NAME")]
    words: Vec<String>,

    /// Take the issues from whoever has them
    #[arg(long)]
    nobody: bool,

    /// Print what the API answers
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

impl Assign {
    /// Assigns, and prints what became of each.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let (issues, name) = self.read()?;
        let mut remote = self.server.remote()?;
        let wanted = Map::from_iter([("assignee".to_owned(), Value::from(name.clone()))]);
        let outcomes = change::change(&mut remote, issues, |_| wanted.clone()).await?;
        let told = Told {
            done: &|outcome| match outcome.result["issue"]["assignee"].as_str() {
                Some(name) => format!("assigned to {name}"),
                None => "assigned to nobody".into(),
            },
            refused: &|_| String::new(),
            undo: &|outcomes| self.undo(outcomes),
        };
        change::tell(&outcomes, self.json, &told)
    }

    /// The issues, and the name that stands behind them.
    fn read(&self) -> Result<(&[String], Option<String>), Trouble> {
        if self.nobody {
            return Ok((&self.words, None));
        }
        let whom = "To whom? Put a name behind the issues, or --nobody.";
        match self.words.split_last() {
            Some((name, issues)) if !issues.is_empty() => {
                if name.starts_with('#') || name.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Trouble::Usage(format!("{name:?} looks like an issue. {whom}")));
                }
                Ok((issues, Some(name.clone())))
            }
            _ => Err(Trouble::Usage(whom.into())),
        }
    }

    fn undo(&self, outcomes: &[&Outcome]) -> Vec<String> {
        let changed = |one: &&&Outcome| one.seen["assignee"] != one.result["issue"]["assignee"];
        let changed: Vec<&Outcome> = outcomes.iter().filter(changed).copied().collect();
        let groups = change::grouped(&changed, |outcome| outcome.seen["assignee"].clone());
        let lines = groups.iter().map(|(before, members)| {
            let ids = change::ids(members);
            let to = match before.as_str() {
                Some(name) => format!("'{}'", name.replace('\'', r"'\''")),
                None => "--nobody".into(),
            };
            change::again(&self.server, &format!("assign {ids} {to}"))
        });
        lines.collect()
    }
}
