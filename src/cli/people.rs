//! `log-center people`: who may log in, over the API.

use clap::{Args, Subcommand};
use hyper::Method;
use serde_json::{Map, Value, json};

use super::remote::Server;
use super::terminal::{self, Align, Style, Table};
use super::trouble::Trouble;
use crate::domain::percent::escape;

const PATH: &str = "/api/v1/people";

const EXAMPLES: &str = "\
Examples:
  log-center people
  log-center people invite --role member --project shop,shop_api
  log-center people change bob --role viewer
  log-center people change bob --disable

An invitation is a link that works once; send it as you like. Where the server
asks for a login, this needs a key with the scope manage.";

/// List people, invite them, and say what they may do
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct People {
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
    /// Print a link by which one person may come
    Invite(Invite),
    /// Change what a person may do
    Change(Change),
}

#[derive(Debug, Args)]
struct Invite {
    /// viewer, member or administrator
    #[arg(long, value_name = "ROLE")]
    role: String,
    /// Projects that they will see; without: all
    #[arg(long, value_name = "PROJECT", value_delimiter = ',')]
    project: Vec<String>,
    /// Hours that the link is good for; without: a week
    #[arg(long, value_name = "HOURS")]
    hours: Option<u32>,
}

#[derive(Debug, Args)]
struct Change {
    /// The person's name
    #[arg(value_name = "NAME")]
    name: String,
    /// viewer, member or administrator
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// The projects that they see from now on
    #[arg(long, value_name = "PROJECT", value_delimiter = ',')]
    project: Vec<String>,
    /// Let them see all projects
    #[arg(long, conflicts_with = "project")]
    all_projects: bool,
    /// Shut them out and end their sessions
    #[arg(long)]
    disable: bool,
    /// Let them in again
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Ask them for no code any more, as they lost their authenticator
    #[arg(long)]
    reset_totp: bool,
    /// Remove all their passkeys, as they lost them
    #[arg(long)]
    reset_passkeys: bool,
}

impl People {
    /// Does what was asked for.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        match &self.what {
            None => {
                let items = remote.all(&format!("{PATH}?limit=200")).await?;
                if self.json {
                    return terminal::say_json(&json!({ "items": items, "next_cursor": null }));
                }
                list(&items)
            }
            Some(What::Invite(invite)) => {
                let projects = (!invite.project.is_empty()).then_some(&invite.project);
                let body = json!({
                    "role": invite.role,
                    "projects": projects,
                    "expires_in_hours": invite.hours,
                });
                let made = remote.write(Method::POST, "/api/v1/invitations", &body).await?;
                if self.json {
                    return terminal::say_json(&made);
                }
                let url = made["url"].as_str().unwrap_or_default();
                let base = if url.starts_with('/') { remote.url() } else { String::new() };
                terminal::say(&format!("{base}{url}"))
            }
            Some(What::Change(change)) => {
                let path = format!("{PATH}/{}", escape(&change.name));
                let body = change.body();
                let resets = [("totp", change.reset_totp), ("passkeys", change.reset_passkeys)];
                if body != json!({}) || resets.iter().all(|(_, wanted)| !wanted) {
                    remote.write(Method::PATCH, &path, &body).await?;
                }
                for (what, _) in resets.into_iter().filter(|(_, wanted)| *wanted) {
                    let path = format!("{path}/{what}");
                    remote.write(Method::DELETE, &path, &json!({})).await?;
                }
                let person = remote.read(&path).await?;
                if self.json {
                    return terminal::say_json(&person);
                }
                list(&[person])
            }
        }
    }
}

impl Change {
    fn body(&self) -> Value {
        let mut body = Map::new();
        if let Some(role) = &self.role {
            body.insert("role".into(), json!(role));
        }
        if self.all_projects {
            body.insert("projects".into(), Value::Null);
        } else if !self.project.is_empty() {
            body.insert("projects".into(), json!(self.project));
        }
        if self.disable || self.enable {
            body.insert("disabled".into(), json!(self.disable));
        }
        body.into()
    }
}

fn list(items: &[Value]) -> Result<(), Trouble> {
    if items.is_empty() {
        return terminal::say("Nobody yet: log-center admin create makes the first one.");
    }
    let mut table = Table::new(&[
        ("NAME", Align::Flexible),
        ("ROLE", Align::Left),
        ("PROJECTS", Align::Left),
        ("", Align::Left),
    ]);
    for person in items {
        let names = person["projects"].as_array();
        let names = names.map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        let state = if person["disabled_at"].is_string() { "shut out" } else { "" };
        table.row(vec![
            (person["name"].as_str().unwrap_or_default().to_owned(), Style::Bold),
            (person["role"].as_str().unwrap_or_default().to_owned(), Style::Plain),
            (names.map_or_else(|| "all".into(), |names| names.join(", ")), Style::Plain),
            (state.to_owned(), Style::Plain),
        ]);
    }
    terminal::say(&table.text(terminal::width()))
}
