//! `log-center keys`: keys of programs, made, replaced and ended over the API.

use clap::{Args, Subcommand};
use hyper::Method;
use serde_json::{Value, json};

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
    Rotate(Numbered),
    /// End a key
    Revoke(Numbered),
}

#[derive(Debug, Args)]
struct Numbered {
    /// The key's number
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    id: i64,
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
        let mut remote = self.server.remote()?;
        let answer = match &self.what {
            None => {
                let items = remote.all(&format!("{PATH}?limit=200")).await?;
                if self.json {
                    return terminal::say_json(&json!({ "items": items, "next_cursor": null }));
                }
                return list(&items);
            }
            Some(What::Create(new)) => {
                let body = json!({
                    "name": new.name,
                    "kind": new.kind,
                    "project_id": new.project,
                    "scopes": new.scope,
                    "origins": new.origin,
                    "expires_in_days": new.days,
                });
                remote.write(Method::POST, PATH, &body).await?
            }
            Some(What::Rotate(Numbered { id })) => {
                remote.write(Method::POST, &format!("{PATH}/{id}/rotate"), &json!({})).await?
            }
            Some(What::Revoke(Numbered { id })) => {
                remote.write(Method::DELETE, &format!("{PATH}/{id}"), &json!({})).await?
            }
        };
        if self.json {
            return terminal::say_json(&answer);
        }
        match answer["secret"].as_str() {
            Some(secret) => terminal::say(secret),
            None => terminal::say(&format!("Key {} has ended.", answer["id"])),
        }
    }
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
