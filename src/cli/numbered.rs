//! What is kept on the server with a number: how `channels`, `rules` and `keys` list, change and
//! remove it, over the API.

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::remote::{Remote, Server};
use super::terminal;
use super::trouble::Trouble;

/// Says a list as a person reads it.
type Show = fn(&[Value]) -> Result<(), Trouble>;

/// The number of one of them.
#[derive(Debug, Args)]
pub(super) struct Number {
    /// Its number in the list
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    id: i64,
}

/// A kind of them.
pub(super) struct Kept {
    path: &'static str,
    show: Show,
    is_json: bool,
    remote: Remote,
}

impl Kept {
    /// Those at a path; `is_json`: the API's answers are said as they are.
    pub(super) fn at(
        path: &'static str,
        show: Show,
        is_json: bool,
        server: &Server,
    ) -> Result<Self, Trouble> {
        Ok(Self { path, show, is_json, remote: server.remote()? })
    }

    /// Says all of them.
    pub(super) async fn list(&mut self) -> Result<(), Trouble> {
        let items = self.remote.all(&format!("{}?limit=200", self.path)).await?;
        if self.is_json {
            return terminal::say_json(&json!({ "items": items, "next_cursor": null }));
        }
        (self.show)(&items)
    }

    /// Makes one and says it.
    pub(super) async fn create(&mut self, body: &Value) -> Result<(), Trouble> {
        let made = self.remote.write(Method::POST, self.path, body).await?;
        self.say(made)
    }

    /// Makes one and says of it what `said` finds, as its secret.
    pub(super) async fn create_and(
        &mut self,
        body: &Value,
        said: fn(&Value) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let made = self.remote.write(Method::POST, self.path, body).await?;
        if self.is_json { terminal::say_json(&made) } else { said(&made) }
    }

    /// Does something with one that has a path of its own, and says what came of it.
    pub(super) async fn act(
        &mut self,
        Number { id }: &Number,
        act: &str,
        said: fn(&Value) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let path = format!("{}/{id}/{act}", self.path);
        let answer = self.remote.write(Method::POST, &path, &json!({})).await?;
        if self.is_json { terminal::say_json(&answer) } else { said(&answer) }
    }

    /// Pauses or resumes one, and says it.
    pub(super) async fn enable(
        &mut self,
        Number { id }: &Number,
        enabled: bool,
    ) -> Result<(), Trouble> {
        let (path, body) = (format!("{}/{id}", self.path), json!({ "enabled": enabled }));
        let changed = self.remote.write(Method::PATCH, &path, &body).await?;
        self.say(changed)
    }

    /// Removes one; `said` has `{}` for its number.
    pub(super) async fn remove(
        &mut self,
        Number { id }: &Number,
        said: &str,
    ) -> Result<(), Trouble> {
        let path = format!("{}/{id}", self.path);
        let answer = self.remote.write(Method::DELETE, &path, &json!({})).await?;
        if self.is_json {
            return terminal::say_json(&answer);
        }
        terminal::say(&said.replace("{}", &id.to_string()))
    }

    fn say(&self, one: Value) -> Result<(), Trouble> {
        if self.is_json { terminal::say_json(&one) } else { (self.show)(&[one]) }
    }
}
