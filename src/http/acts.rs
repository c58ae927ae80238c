//! Links in messages: a page shows what one does, a button does it.
//!
//! Invariant: the link is the permission, for its one act and once. Whoever is known besides is
//! recorded by name; else the record says that a link did it.

use serde_json::{Value, json};

use super::error::Error;
use super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::fields::Fields;
use crate::app::App;
use crate::domain::change::{PERSON_CHARS_MAX, Who};
use crate::domain::issue::Issue;
use crate::domain::notify::act::{Act, BY_LINK, LINK_CHARS_MAX, Link, Unfit};
use crate::domain::timestamp;
use crate::domain::trust::audit::Note;
use crate::domain::trust::person::name_fault;
use crate::store::links::{self, Followed};

/// `POST /api/v1/acts/look`: what a link does, without doing it.
pub(super) async fn look(app: &App, mut request: Request) -> Result<Response, Error> {
    let (text, _) = read(&request.body(CHANGE_BYTES_MAX).await?)?;
    let link = link(app, &text)?;
    let now = app.now();
    let found = app.read(move |db| links::look(db, &link, now)).await?;
    let linked = found.ok_or(Error::NotFound("issue"))?;
    let mut shown = shown(&link, &linked.issue);
    shown["is_used"] = json!(linked.is_used);
    shown["is_open"] = json!(!linked.is_used && link.act.is_open(&linked.issue));
    let person = request.caller().who().map(|who| who.name);
    shown["as"] = json!(person);
    Ok(exchange::json_ok(&shown))
}

/// `POST /api/v1/acts`: does what a link says.
pub(super) async fn act(app: &App, mut request: Request) -> Result<Response, Error> {
    let (text, name) = read(&request.body(CHANGE_BYTES_MAX).await?)?;
    let link = link(app, &text)?;
    let (who, assignee) = doer(&request, link.act, name)?;
    let note = Note {
        who: who.clone(),
        address: request.caller().address.to_canonical().to_string(),
        action: "link.use",
        object: String::new(),
        detail: json!({ "act": link.act.name(), "notice": link.notice, "assignee": assignee }),
    };
    let now = app.now();
    let assignee = assignee.unwrap_or_default();
    let followed =
        app.write(move |writer| links::follow(writer, &link, (&assignee, &who), note, now)).await?;
    match followed {
        Followed::Done(issue) => Ok(exchange::json_ok(&shown(&link, &issue))),
        Followed::Gone => Err(Error::NotFound("issue")),
        Followed::Used => Err(conflict("the link was used already", &json!({}))),
        Followed::Settled(issue) => Err(conflict("it is settled already", &shown(&link, &issue))),
    }
}

fn conflict(message: &str, info: &Value) -> Error {
    Error::Conflict { message: message.into(), info: info.clone() }
}

/// The text of a link, and a name for who has none here.
fn read(body: &[u8]) -> Result<(String, Option<String>), Error> {
    let mut fields = Fields::parse(body)?;
    let text = fields.text("link", LINK_CHARS_MAX);
    if text.is_none() {
        fields.missing("link");
    }
    let name = fields.name("name", PERSON_CHARS_MAX);
    if let Some(fault) = name.as_deref().and_then(name_fault) {
        fields.fault("name", fault);
    }
    fields.finish()?;
    Ok((text.unwrap_or_default(), name))
}

fn link(app: &App, text: &str) -> Result<Link, Error> {
    let key = app.notifier.link_key().map_err(|why| Error::Internal(format!("{why:?}")))?;
    let key = key.ok_or_else(|| unfit(Unfit::Forged))?;
    Link::read(text, &key, app.now()).map_err(unfit)
}

fn unfit(unfit: Unfit) -> Error {
    match unfit {
        Unfit::Forged => Error::Auth("the link is not valid".into()),
        Unfit::Over => Error::Auth("the link has ended".into()),
    }
}

/// Who is recorded, and who claims.
fn doer(request: &Request, act: Act, name: Option<String>) -> Result<(Who, Option<String>), Error> {
    if let Some(who) = request.caller().who() {
        let assignee = (act == Act::Claim).then(|| who.name.clone());
        return Ok((who, assignee));
    }
    // Where the door is open a name is believed; elsewhere it is only whom the issue goes to.
    let believed = name.clone().filter(|_| request.caller().is_open());
    let who = Who { name: believed.unwrap_or_else(|| BY_LINK.to_owned()), verified: false };
    match (act, name) {
        (Act::Claim, None) => {
            let message = "expected the name of whoever claims it";
            Err(crate::domain::report::Fault::new("name", message).into())
        }
        (Act::Claim, name) => Ok((who, name)),
        _ => Ok((who, None)),
    }
}

fn shown(link: &Link, issue: &Issue) -> Value {
    json!({
        "act": link.act.name(),
        "expires_at": timestamp::format(link.until),
        "issue_id": issue.id,
        "project_id": issue.project_id,
        "type": issue.kind,
        "status": issue.status.name(),
        "assignee": issue.assignee,
        "is_muted": issue.muted_until.is_some(),
    })
}
