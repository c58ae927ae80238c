//! `log-center channels`: where notifications go, over the API.

use clap::{Args, Subcommand};
use hyper::Method;
use serde_json::{Map, Value, json};

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
    Test(Numbered),
    /// Send nothing there until it is resumed
    Pause(Numbered),
    /// Send there again
    Resume(Numbered),
    /// Remove a channel with all that waits for it
    Remove(Numbered),
}

#[derive(Debug, Args)]
struct Numbered {
    /// The channel's number
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    id: i64,
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
    /// en, zh or ru
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

impl Channels {
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
            Some(What::Create(new)) => remote.write(Method::POST, PATH, &new.body()?).await?,
            Some(What::Test(Numbered { id })) => {
                let path = format!("{PATH}/{id}/test");
                let said = remote.write(Method::POST, &path, &json!({})).await?;
                return if self.json { terminal::say_json(&said) } else { tell(&said) };
            }
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
            Some(id) => terminal::say(&format!("Channel {id} is removed.")),
            None => list(&[answer]),
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
        if !self.to.is_empty() {
            body.insert("to".into(), json!(self.to));
        }
        Ok(body.into())
    }
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
