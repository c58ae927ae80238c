//! `log-center rules`: which happenings are worth a notification, over the API.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::numbered::{Kept, Number};
use super::remote::Server;
use super::terminal::{self, Align, Style, Table};
use super::trouble::Trouble;

const PATH: &str = "/api/v1/rules";

const EXAMPLES: &str = "\
Examples:
  log-center rules
  log-center rules create payments --project 'pay-*' --level CRITICAL
  log-center rules create busy --trigger frequent --reports 100 --minutes 5
  log-center rules create database --query 'code:DB*' --path 'apps/*'
  log-center rules create nights --quiet-hours 22:00-08:00 --quiet-offset 480
  log-center rules create week --trigger digest --digest week --digest-at 09:30
  log-center rules create done --trigger moved --moved-to FIXED,DEPLOYED
  log-center rules create night --level CRITICAL --mention slack:U024BE7LH
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
    Pause(Number),
    /// Let a rule decide again
    Resume(Number),
    /// Remove a rule
    Remove(Number),
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
    /// A file, or its end after a slash, in which * is wild; without: all
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    path: Vec<String>,
    /// A version, in which * is wild; without: all
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    version: Vec<String>,
    /// What each report has to meet, in the search language
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
    /// What has to happen; without: created and regressed
    #[arg(long, value_name = "TRIGGER", value_delimiter = ',')]
    trigger: Vec<String>,
    /// Of frequent: so many reports of an issue
    #[arg(long, value_name = "N")]
    reports: Option<i64>,
    /// Of frequent and silent: within so many minutes
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<i64>,
    /// Of moved: a status; without: every one
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    moved_to: Vec<String>,
    /// Of verdict: so many hours after a deploy
    #[arg(long, value_name = "HOURS")]
    hours: Option<i64>,
    /// Of digest: hour, day or week
    #[arg(long, value_name = "EVERY")]
    digest: Option<String>,
    /// Of digest: the time of day; without: 09:00
    #[arg(long, value_name = "HH:MM", requires = "digest")]
    digest_at: Option<String>,
    /// Of digest: minutes east of UTC
    #[arg(long, value_name = "MINUTES", requires = "digest", allow_hyphen_values = true)]
    digest_offset: Option<i64>,
    /// Hours in which what is less than critical waits for their end
    #[arg(long, value_name = "HH:MM-HH:MM")]
    quiet_hours: Option<Hours>,
    /// Saturday and Sunday are quiet as a whole
    #[arg(long, requires = "quiet_hours")]
    quiet_weekends: bool,
    /// The level that does not wait; without: CRITICAL
    #[arg(long, value_name = "LEVEL", requires = "quiet_hours")]
    quiet_below: Option<String>,
    /// Whom to mention, as slack:U024BE7LH, feishu:ou_…, dingtalk:13912345678 or wecom:all
    #[arg(long, value_name = "KIND:WHO", value_delimiter = ',')]
    mention: Vec<String>,
    /// Of quiet hours: minutes east of UTC
    #[arg(long, value_name = "MINUTES", requires = "quiet_hours", allow_hyphen_values = true)]
    quiet_offset: Option<i64>,
}

/// From when to when, as they were given; the server reads the times.
#[derive(Clone, Debug)]
struct Hours {
    from: String,
    to: String,
}

impl std::str::FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once('-').ok_or("write it as 22:00-08:00")?;
        Ok(Self { from: from.to_owned(), to: to.to_owned() })
    }
}

impl Rules {
    /// Does what was asked for.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut kept = Kept::at(PATH, list, self.json, &self.server)?;
        match &self.what {
            None => kept.list().await,
            Some(What::Create(new)) => kept.create(&new.body()).await,
            Some(What::Pause(one)) => kept.enable(one, false).await,
            Some(What::Resume(one)) => kept.enable(one, true).await,
            Some(What::Remove(one)) => kept.remove(one, "Rule {} is removed.").await,
        }
    }
}

impl Create {
    fn body(&self) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()) {
                body.insert(name.into(), value);
            }
        };
        put("name", json!(self.name));
        put("channels", json!(self.channel));
        put("projects", json!(self.project));
        put("environments", json!(self.environment));
        put("types", json!(self.types));
        put("codes", json!(self.code));
        put("paths", json!(self.path));
        put("versions", json!(self.version));
        put("triggers", json!(self.trigger));
        put("moved_to", json!(self.moved_to));
        put("level", json!(self.level));
        put("query", json!(self.query));
        put("reports", json!(self.reports));
        put("minutes", json!(self.minutes));
        put("hours", json!(self.hours));
        put("digest", self.digest_body());
        put("quiet", self.quiet_body());
        put("mentions", json!(self.mention));
        body.into()
    }

    fn digest_body(&self) -> Value {
        let Some(every) = &self.digest else { return Value::Null };
        with(
            json!({ "every": every }),
            &[("at", json!(self.digest_at)), ("tz_offset_minutes", json!(self.digest_offset))],
        )
    }

    fn quiet_body(&self) -> Value {
        let Some(Hours { from, to }) = &self.quiet_hours else { return Value::Null };
        with(
            json!({ "from": from, "to": to, "weekends": self.quiet_weekends }),
            &[("below", json!(self.quiet_below)), ("tz_offset_minutes", json!(self.quiet_offset))],
        )
    }
}

/// An object with those of some members that were given.
fn with(mut object: Value, members: &[(&str, Value)]) -> Value {
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        object[*name] = value.clone();
    }
    object
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
