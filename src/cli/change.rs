//! Changes of issues: finds what the words name, sees what is, changes, tells each by itself.

use hyper::Method;
use serde_json::{Map, Value, json};

use super::remote::{Remote, Server};
use super::terminal::{self, Style};
use super::trouble::Trouble;
use super::which::{self, Which};
use crate::domain::change::BULK_MAX;

/// What became of one issue.
#[derive(Debug)]
pub(super) struct Outcome {
    /// As the person named it.
    pub(super) word: String,
    /// The issue as it was seen before; `null` if it was not found.
    pub(super) seen: Value,
    /// An entry of the bulk route's `results`.
    pub(super) result: Value,
}

impl Outcome {
    /// The issue after the change; `None` if it was refused.
    pub(super) fn issue(&self) -> Option<&Value> {
        self.result.get("issue")
    }

    /// `#12`, or the word that names nothing.
    pub(super) fn name(&self) -> String {
        self.result["id"].as_i64().map_or_else(|| self.word.clone(), |id| format!("#{id}"))
    }
}

/// Changes every issue that a word names. `wanted` makes the change out of the issue as it is seen.
pub(super) async fn change(
    remote: &mut Remote,
    words: &[String],
    wanted: impl Fn(&Value) -> Map<String, Value>,
) -> Result<Vec<Outcome>, Trouble> {
    let mut outcomes = Vec::new();
    for word in words {
        let outcome = see(remote, word).await?;
        let is_known = outcomes.iter().any(|one: &Outcome| one.name() == outcome.name());
        if !is_known {
            outcomes.push(outcome);
        }
    }
    let mut groups: Vec<(Map<String, Value>, Vec<i64>)> = Vec::new();
    for outcome in outcomes.iter().filter(|one| !one.seen.is_null()) {
        let (body, id) = (wanted(&outcome.seen), outcome.seen["id"].as_i64().unwrap_or(0));
        match groups.iter_mut().find(|(known, ids)| *known == body && ids.len() < BULK_MAX) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((body, vec![id])),
        }
    }
    for (mut body, ids) in groups {
        body.insert("ids".into(), json!(ids));
        let answer = remote.write(Method::POST, "/api/v1/issues/bulk", &body.into()).await?;
        for result in answer["results"].as_array().into_iter().flatten() {
            let known = outcomes.iter_mut().find(|one| one.seen["id"] == result["id"]);
            if let Some(outcome) = known {
                outcome.result = result.clone();
            }
        }
    }
    Ok(outcomes)
}

/// Looks at the issue that a word names; one that is not there is an outcome, not an error.
async fn see(remote: &mut Remote, word: &str) -> Result<Outcome, Trouble> {
    let found = match issue_id(remote, word).await {
        Ok(id) => remote.read(&format!("/api/v1/issues/{id}")).await,
        Err(trouble) => Err(trouble),
    };
    let (seen, result) = match found {
        Ok(issue) => {
            let result = json!({ "id": issue["id"], "code": "AppError", "message": "no answer" });
            (issue, result)
        }
        Err(Trouble::Refused { status: 404, code, message, .. }) => {
            (Value::Null, json!({ "id": null, "code": code, "message": message }))
        }
        Err(trouble) => return Err(trouble),
    };
    Ok(Outcome { word: word.to_owned(), seen, result })
}

/// The id of the issue that a word names; of an event, that of its issue.
pub(super) async fn issue_id(remote: &mut Remote, word: &str) -> Result<i64, Trouble> {
    match which::find(remote, word, &[]).await? {
        Which::Issue(id) => Ok(id),
        Which::Event(event) => event["issue_id"]
            .as_i64()
            .ok_or_else(|| Trouble::Failed(format!("The event {word} belongs to no issue."))),
    }
}

/// What a command says of its outcomes.
pub(super) struct Told<'a> {
    /// Of one that was changed: what became of it.
    pub(super) done: &'a dyn Fn(&Outcome) -> String,
    /// Of one that was refused: what can be done, beside the server's sentence; may be empty.
    pub(super) refused: &'a dyn Fn(&Outcome) -> String,
    /// The commands that take the changes back, or why nothing does; may be empty.
    pub(super) undo: &'a dyn Fn(&[&Outcome]) -> Vec<String>,
}

/// Prints the outcomes, a line each; an error if any was refused.
pub(super) fn tell(outcomes: &[Outcome], json: bool, told: &Told<'_>) -> Result<(), Trouble> {
    let (done, refused): (Vec<&Outcome>, Vec<&Outcome>) =
        outcomes.iter().partition(|one| one.issue().is_some());
    if json {
        let results: Vec<&Value> = outcomes.iter().map(|one| &one.result).collect();
        terminal::say_json(&json!({ "results": results }))?;
    } else {
        for outcome in &done {
            let text = format!("{}  {}", outcome.name(), (told.done)(outcome));
            let title = title(outcome.issue().unwrap_or(&Value::Null));
            let line = terminal::line(&format!("{text}  {title}")).into_owned();
            terminal::say(&match terminal::width() {
                Some(width) => terminal::cut(&line, width).into_owned(),
                None => line,
            })?;
        }
        let undo = if done.is_empty() { Vec::new() } else { (told.undo)(&done) };
        for line in undo {
            terminal::say(&Style::Dim.on(&terminal::line(&line)))?;
        }
    }
    for outcome in &refused {
        let message = outcome.result["message"].as_str().unwrap_or_default();
        let message = message.trim_end_matches('.');
        let line = format!("{}: {message}. {}", outcome.name(), (told.refused)(outcome));
        eprintln!("log-center: {}", terminal::line(line.trim_end()));
    }
    if refused.is_empty() { Ok(()) } else { Err(Trouble::Failed(String::new())) }
}

/// Flags that every command passes on to the one that takes it back.
pub(super) fn again(server: &Server, rest: &str) -> String {
    let is_default = server.url.to_string() == "http://localhost:8002"
        || std::env::var_os("LOG_CENTER_URL").is_some();
    let flag = if is_default { String::new() } else { format!(" --url {}", server.url) };
    format!("To take it back: log-center {rest}{flag}")
}

/// The ids of outcomes as words of a command.
pub(super) fn ids(outcomes: &[&Outcome]) -> String {
    let ids = outcomes.iter().filter_map(|one| one.result["id"].as_i64());
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
}

/// Outcomes that share what `key` finds in them, in order.
pub(super) fn grouped<'a>(
    outcomes: &[&'a Outcome],
    key: impl Fn(&Outcome) -> Value,
) -> Vec<(Value, Vec<&'a Outcome>)> {
    let mut groups: Vec<(Value, Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        let key = key(outcome);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(outcome),
            None => groups.push((key, vec![outcome])),
        }
    }
    groups
}

fn title(issue: &Value) -> String {
    let text = |name: &str| issue[name].as_str().unwrap_or_default();
    format!("{}: {}", text("type"), text("message")).trim_end_matches(": ").to_owned()
}
