//! `log-center rules`: which happenings are worth a notification, over the API.

use clap::{Args, Subcommand};
use hyper::Method;
use serde_json::{Map, Value, json};

use super::remote::Server;
use super::terminal::{self, Align, Style, Table};
use super::trouble::Trouble;

const PATH: &str = "/api/v1/rules";

const EXAMPLES: &str = "\
Examples:
  log-center rules
  log-center rules create payments --project 'pay-*' --level CRITICAL
  log-center rules create busy --trigger frequent --reports 100 --minutes 5
  log-center rules remove 1

Without any rule, errors of live environments that are new or came back are
told to every channel. Where the server asks for a login, this needs a key with
the scope manage.";

/// List, make and remove rules of notifications
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rules {
    #[command(subcommand)]
    what: Option<What>,
    /// Print what the API answers
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a rule
    Create(Box<Create>),
    /// Let a rule decide nothing until it is resumed
    Pause(Numbered),
    /// Let a rule decide again
    Resume(Numbered),
    /// Remove a rule
    Remove(Numbered),
}

#[derive(Debug, Args)]
struct Numbered {
    /// The rule's number
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    id: i64,
}

#[derive(Debug, Args)]
struct Create {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,
    /// A channel's number; without: all
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    channel: Vec<i64>,
    /// A project, in which * is wild; without: all
    #[arg(long, value_name = "PROJECT", value_delimiter = ',')]
    project: Vec<String>,
    /// An environment; without: the project's live ones
    #[arg(long, value_name = "ENVIRONMENT", value_delimiter = ',')]
    environment: Vec<String>,
    /// The lowest level; without: ERROR
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    /// An error's type, in which * is wild; without: all
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// An error's code; without: all
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    code: Vec<String>,
    /// What has to happen; without: created and regressed
    #[arg(long, value_name = "TRIGGER", value_delimiter = ',')]
    trigger: Vec<String>,
    /// Of frequent: so many reports of an issue
    #[arg(long, value_name = "N")]
    reports: Option<i64>,
    /// Of frequent and silent: within so many minutes
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<i64>,
}

impl Rules {
    /// Does what was asked for.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        let enabled = |enabled: bool| json!({ "enabled": enabled });
        let answer = match &self.what {
            None => {
                let items = remote.all(&format!("{PATH}?limit=200")).await?;
                if self.json {
                    return terminal::say_json(&json!({ "items": items, "next_cursor": null }));
                }
                return list(&items);
            }
            Some(What::Create(new)) => remote.write(Method::POST, PATH, &new.body()).await?,
            Some(What::Pause(Numbered { id })) => {
                remote.write(Method::PATCH, &format!("{PATH}/{id}"), &enabled(false)).await?
            }
            Some(What::Resume(Numbered { id })) => {
                remote.write(Method::PATCH, &format!("{PATH}/{id}"), &enabled(true)).await?
            }
            Some(What::Remove(Numbered { id })) => {
                remote.write(Method::DELETE, &format!("{PATH}/{id}"), &json!({})).await?
            }
        };
        if self.json {
            return terminal::say_json(&answer);
        }
        match answer["deleted"]["id"].as_i64() {
            Some(id) => terminal::say(&format!("Rule {id} is removed.")),
            None => list(&[answer]),
        }
    }
}

impl Create {
    fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("name".into(), json!(self.name));
        let lists = [
            ("projects", &self.project),
            ("environments", &self.environment),
            ("types", &self.types),
            ("codes", &self.code),
            ("triggers", &self.trigger),
        ];
        for (name, words) in lists {
            if !words.is_empty() {
                body.insert(name.into(), json!(words));
            }
        }
        if !self.channel.is_empty() {
            body.insert("channels".into(), json!(self.channel));
        }
        if let Some(level) = &self.level {
            body.insert("level".into(), json!(level));
        }
        for (name, number) in [("reports", self.reports), ("minutes", self.minutes)] {
            if let Some(number) = number {
                body.insert(name.into(), json!(number));
            }
        }
        body.into()
    }
}

fn list(items: &[Value]) -> Result<(), Trouble> {
    if items.is_empty() {
        let text = "No rule yet: errors of live environments that are new or came back are told.";
        return terminal::say(text);
    }
    let mut table = Table::new(&[
        ("ID", Align::Right),
        ("NAME", Align::Flexible),
        ("WHEN", Align::Left),
        ("LEVEL", Align::Left),
        ("PROJECTS", Align::Flexible),
        ("ENVIRONMENTS", Align::Flexible),
        ("CHANNELS", Align::Left),
        ("STATE", Align::Left),
    ]);
    for rule in items {
        let all = |name: &str, none: &str| match rule[name].as_array() {
            Some(items) if !items.is_empty() => {
                let words = items.iter().map(|item| match item.as_str() {
                    Some(word) => word.to_owned(),
                    None => item.to_string(),
                });
                words.collect::<Vec<_>>().join(" ")
            }
            _ => none.to_owned(),
        };
        let state = if rule["enabled"] == false { "paused" } else { "holds" };
        table.row(vec![
            (rule["id"].to_string(), Style::Plain),
            (rule["name"].as_str().unwrap_or_default().to_owned(), Style::Bold),
            (all("triggers", ""), Style::Plain),
            (rule["level"].as_str().unwrap_or_default().to_owned(), Style::Plain),
            (all("projects", "all"), Style::Plain),
            (all("environments", "live"), Style::Plain),
            (all("channels", "all"), Style::Plain),
            (state.to_owned(), Style::Plain),
        ]);
    }
    terminal::say(&table.text(terminal::width()))
}
