//! `log-center keys`: keys of programs, made, replaced and ended over the API.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::numbered::{Kept, Number};
use super::remote::Server;
use super::terminal::{self, Align, Style, Table};
use super::trouble::Trouble;
use crate::app;
use crate::domain::timestamp;

const PATH: &str = "/api/v1/keys";

const EXAMPLES: &str = "\
Examples:
  log-center keys
  log-center keys create shop-web --project shop --origin https://shop.example
  log-center keys create ci --kind api --scope change --days 365
  log-center keys rotate 7
  log-center keys revoke 7

A key is printed once. Where the server asks for a login, this needs a key with
the scope manage.";

/// List, make and end the keys of programs
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Keys {
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
    /// Make a key and print it, this once
    Create(Create),
    /// Put another secret in a key's place and print it, this once
    Rotate(Number),
    /// End a key
    Revoke(Number),
}

#[derive(Debug, Args)]
struct Create {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,
    /// The only project it is for; without: the whole server
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// report sends reports and reads nothing, api uses the API
    #[arg(long, value_name = "KIND", default_value = "report")]
    kind: String,
    /// What a key of kind api may: report, read, change or manage; without: read
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    scope: Vec<String>,
    /// A page that may use it, e.g. https://shop.example; without: any caller
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    origin: Vec<String>,
    /// Days after which it ends; without: never
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
}

impl Keys {
    /// Does what was asked for.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut kept = Kept::at(PATH, list, self.json, &self.server)?;
        match &self.what {
            None => kept.list().await,
            Some(What::Create(new)) => kept.create_and(&new.body(), tell).await,
            Some(What::Rotate(one)) => kept.act(one, "rotate", tell).await,
            Some(What::Revoke(one)) => kept.remove(one, "Key {} has ended.").await,
        }
    }
}

impl Create {
    fn body(&self) -> Value {
        json!({
            "name": self.name,
            "kind": self.kind,
            "project_id": self.project,
            "scopes": self.scope,
            "origins": self.origin,
            "expires_in_days": self.days,
        })
    }
}

/// The secret, which is shown this once.
fn tell(key: &Value) -> Result<(), Trouble> {
    terminal::say(key["secret"].as_str().unwrap_or_default())
}

fn list(items: &[Value]) -> Result<(), Trouble> {
    if items.is_empty() {
        return terminal::say("No key yet.");
    }
    let mut table = Table::new(&[
        ("ID", Align::Right),
        ("NAME", Align::Flexible),
        ("KEY", Align::Left),
        ("PROJECT", Align::Left),
        ("MAY", Align::Left),
        ("LAST USED", Align::Left),
        ("ENDS", Align::Left),
    ]);
    for key in items {
        table.row(row(key));
    }
    terminal::say(&table.text(terminal::width()))
}

fn row(key: &Value) -> Vec<(String, Style)> {
    let text = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
    let scopes = key["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let used = key["last_used_at"].as_str().and_then(timestamp::parse);
    let used = used.map_or_else(|| "never".into(), |at| terminal::ago(at, app::now()));
    let ends = match (key["revoked_at"].is_null(), key["expires_at"].as_str()) {
        (false, _) => "ended".to_owned(),
        (true, None) => "never".to_owned(),
        (true, Some(at)) => at.get(..10).unwrap_or(at).to_owned(),
    };
    vec![
        (key["id"].to_string(), Style::Plain),
        (text("name"), Style::Bold),
        (format!("{}…", text("shown")), Style::Plain),
        (key["project_id"].as_str().unwrap_or("all").to_owned(), Style::Plain),
        (scopes.collect::<Vec<_>>().join(" "), Style::Plain),
        (used, Style::Plain),
        (ends, Style::Plain),
    ]
}
