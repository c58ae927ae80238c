//! `log-center channels`: where notifications go, over the API.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::numbered::{Kept, Number};
use super::remote::Server;
use super::terminal::{self, Align, Style, Table};
use super::trouble::Trouble;

const PATH: &str = "/api/v1/channels";
/// What a value that stands in a variable begins with.
const VARIABLE: &str = "env:";

const EXAMPLES: &str = "\
Examples:
  log-center channels
  SLACK=https://hooks.slack.com/services/T0/B0/x \\
    log-center channels create team --kind slack --address env:SLACK
  log-center channels create mail --kind email --login errors \\
    --address smtps://smtp.example.org --token env:MAIL_PASSWORD \\
    --from errors@example.org --to dev@example.org
  log-center channels create chat --kind webhook --template body.json \\
    --address https://chat.example.org/hooks/x
  log-center channels test 1
  log-center channels remove 1

env:NAME takes the value of a variable: what stands in a command is seen by
every user of the machine. Where the server asks for a login, this needs a key
with the scope manage.";

/// List, make, test and remove channels of notifications
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Channels {
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
    /// Make a channel
    Create(Box<Create>),
    /// Send a test at once and say what the vendor said
    Test(Test),
    /// Send nothing there until it is resumed
    Pause(Number),
    /// Send there again
    Resume(Number),
    /// Remove a channel with all that waits for it
    Remove(Number),
}

#[derive(Debug, Args)]
struct Create {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,
    /// slack, feishu, dingtalk, wecom, discord, telegram, teams, pagerduty, email, elasticsearch
    /// or webhook
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// The hook's address, the mail server's or the Elasticsearch's
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// What messages are signed with
    #[arg(long, value_name = "SECRET")]
    secret: Option<String>,
    /// The bot's token, the routing key, the password or the API key
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The name that logs in to a mail server or an Elasticsearch
    #[arg(long, value_name = "NAME")]
    login: Option<String>,
    /// The chat of a Telegram bot
    #[arg(long, value_name = "CHAT", allow_hyphen_values = true)]
    chat_id: Option<String>,
    /// The word that a robot asks for
    #[arg(long, value_name = "WORD")]
    keyword: Option<String>,
    /// The sender's address of mails
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Who gets the mails
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    to: Vec<String>,
    /// The index or data stream of an Elasticsearch
    #[arg(long, value_name = "INDEX")]
    index: Option<String>,
    /// A file with the JSON that a webhook gets, in which {{name}} stands for a part of a message
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// en, zh or ru
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

#[derive(Debug, Args)]
struct Test {
    #[command(flatten)]
    channel: Number,
    /// Mention whom this rule mentions
    #[arg(long, value_name = "ID")]
    rule: Option<i64>,
}

impl Test {
    fn path(&self) -> String {
        self.rule.map_or_else(|| "test".to_owned(), |rule| format!("test?rule_id={rule}"))
    }
}

impl Channels {
    /// Does what was asked for.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut kept = Kept::at(PATH, list, self.json, &self.server)?;
        match &self.what {
            None => kept.list().await,
            Some(What::Create(new)) => kept.create(&new.body()?).await,
            Some(What::Test(test)) => kept.act(&test.channel, &test.path(), tell).await,
            Some(What::Pause(one)) => kept.enable(one, false).await,
            Some(What::Resume(one)) => kept.enable(one, true).await,
            Some(What::Remove(one)) => kept.remove(one, "Channel {} is removed.").await,
        }
    }
}

impl Create {
    fn body(&self) -> Result<Value, Trouble> {
        let mut body = Map::new();
        body.insert("name".into(), json!(self.name));
        body.insert("kind".into(), json!(self.kind));
        let texts = [
            ("url", &self.address),
            ("secret", &self.secret),
            ("token", &self.token),
            ("user", &self.login),
            ("chat_id", &self.chat_id),
            ("keyword", &self.keyword),
            ("from", &self.from),
            ("index", &self.index),
            ("language", &self.language),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                body.insert(name.into(), json!(resolved(value)?));
            }
        }
        if let Some(file) = &self.template {
            body.insert("template".into(), read(file)?);
        }
        if !self.to.is_empty() {
            body.insert("to".into(), json!(self.to));
        }
        Ok(body.into())
    }
}

/// The JSON in a file.
fn read(file: &Path) -> Result<Value, Trouble> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Trouble::Usage(format!("{shown} cannot be read: {error}.")))?;
    serde_json::from_str(&text)
        .map_err(|error| Trouble::Usage(format!("{shown} is not JSON: {error}.")))
}

/// A value, or that of the variable which it names.
fn resolved(text: &str) -> Result<String, Trouble> {
    let Some(name) = text.strip_prefix(VARIABLE) else { return Ok(text.to_owned()) };
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.ok_or_else(|| Trouble::Usage(format!("The variable {name} is not set.")))
}

/// What the vendor said to a test. One that did not arrive is a failure of the command.
fn tell(said: &Value) -> Result<(), Trouble> {
    let text = |name: &str| said[name].as_str().unwrap_or_default();
    let answer = match text("answer") {
        "" => String::new(),
        answer => format!(" It said: {answer}"),
    };
    if text("outcome") == "sent" {
        let caution = said["caution"].as_str().unwrap_or("It was sent.");
        return terminal::say(&format!("{caution}{answer}"));
    }
    Err(Trouble::Failed(format!("{}{answer}", text("reason"))))
}

fn list(items: &[Value]) -> Result<(), Trouble> {
    if items.is_empty() {
        return terminal::say("No channel yet: nobody is told of new errors.");
    }
    let mut table = Table::new(&[
        ("ID", Align::Right),
        ("NAME", Align::Flexible),
        ("KIND", Align::Left),
        ("WHERE", Align::Left),
        ("WAITING", Align::Right),
        ("GIVEN UP", Align::Right),
        ("STATE", Align::Flexible),
    ]);
    for channel in items {
        let text = |name: &str| channel[name].as_str().unwrap_or_default().to_owned();
        let state = match (channel["enabled"].as_bool(), channel["trouble"].as_str()) {
            (Some(false), _) => "paused".to_owned(),
            (_, Some(trouble)) => trouble.to_owned(),
            _ => "works".to_owned(),
        };
        table.row(vec![
            (channel["id"].to_string(), Style::Plain),
            (text("name"), Style::Bold),
            (text("kind"), Style::Plain),
            (format!("{} …{}", text("host"), text("ends")), Style::Plain),
            (channel["waiting"].to_string(), Style::Plain),
            (channel["dead"].to_string(), Style::Plain),
            (state, Style::Plain),
        ]);
    }
    terminal::say(&table.text(terminal::width()))
}
