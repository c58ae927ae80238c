//! Logins: begun by a password, told about, ended. What is answered says the same of an unknown
//! name and of a wrong password, and takes as long.

use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::{HeaderValue, SET_COOKIE};
use serde_json::{Value, json};

use super::super::cookies;
use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::super::who::Caller;
use super::start::{Proof, Proved, Second, start};
use super::{login, note, number, read};
use crate::app::App;
use crate::app::trust::codes;
use crate::app::trust::passwords::{Lane, Unchecked};
use crate::app::trust::turns::{NoTurn, Turn};
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::domain::trust::password::PASSWORD_CHARS_MIN;
use crate::domain::trust::person::Person;
use crate::metrics::Reason;
use crate::store::{audit, people, sessions, totp};

/// Seconds after which an address has a turn again.
const TURN_RETRY_S: u32 = 1;
pub(super) const CODE_REFUSED: &str = "session.code_refused";
pub(super) const WRONG: &str = "the name or the password is wrong";
const WRONG_PRESENT: &str = "the present password is wrong";

/// `GET /api/v1/session`: who is logged in, and whether anybody has to be.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let caller = request.caller();
    let person = caller.person().map(|(person, _)| person.as_ref());
    let key = caller.who().filter(|_| person.is_none());
    Ok(exchange::json_ok(&json!({
        "mode": if caller.is_open() { "open" } else { "closed" },
        "person": person,
        "key": key.map(|who| who.name),
        "role": caller.role(),
        "projects": caller.role().map(|_| caller.reach()),
        "password_chars_min": PASSWORD_CHARS_MIN,
        "login": login::ways(app, &request),
        "source_projects": source_projects(app, caller),
    })))
}

/// Of which projects the source can be read.
fn source_projects<'a>(app: &'a App, caller: &Caller) -> Vec<&'a str> {
    let (roots, reach) = (&app.config.source_root, caller.reach());
    let may_look = caller.is_open() || caller.role().is_some();
    let names = roots.iter().map(|root| root.project_id.as_str());
    let mut names: Vec<&str> = names.filter(|name| may_look && reach.has(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// `POST /api/v1/session`.
pub(crate) async fn begin(app: &App, mut request: Request) -> Result<Response, Error> {
    let Login { name, password, code } = read_login(&request.body(CHANGE_BYTES_MAX).await?)?;
    count_try(app, &request)?;
    tokio::time::sleep(app.trust.slowing.name(&name)).await;
    let _turn = turn(app, &request, &name).await?;
    let asked = name.clone();
    let found = app.read_events(move |db| people::secret(db, &asked)).await?;
    let usable = found.filter(|secret| !secret.is_disabled);
    let (person, kept) = usable.map_or((0, None), |secret| (secret.person, secret.hash));
    let address = request.caller().address.to_canonical().to_string();
    let is_familiar = app.trust.known().has_address(&address);
    let lane = if is_familiar { Lane::Familiar } else { Lane::Stranger };
    if !app.trust.passwords.check(lane, password, kept.clone()).await? {
        refuse(app, &request, "session.refused", &name).await;
        return Err(Error::Auth(WRONG.into()));
    }
    let second = second(app, &request, person, (&name, code)).await?;
    let by = Proof::Password(kept, second);
    start(app, &request, Proved { person, by }, StatusCode::OK).await
}

/// What the second step is proved by. What was used up is seen in the transaction that lets in.
async fn second(
    app: &App,
    request: &Request,
    person: i64,
    (name, code): (&str, Option<String>),
) -> Result<Second, Error> {
    let found = app.read_events(move |db| totp::find(db, person)).await?;
    let Some(totp) = found.filter(|totp| totp.enabled_at.is_some()) else {
        return Ok(Second::NotAsked);
    };
    let code = code.ok_or(Error::SecondStep { is_wrong: false })?;
    count_code(app, person)?;
    if !codes::is_code(&code) {
        return Ok(Second::Recovery(codes::recovery_hash(&code)));
    }
    let secret = app.unseal(&totp.secret).await?.ok_or_else(unreadable)?;
    match codes::step_of(&secret, &code, totp.last_step, app.now()) {
        Some(step) => Ok(Second::Step(totp.secret, step)),
        None => {
            refuse(app, request, CODE_REFUSED, name).await;
            Err(Error::SecondStep { is_wrong: true })
        }
    }
}

/// What is said where the key is gone with which authenticators' secrets are sealed.
pub(super) fn unreadable() -> Error {
    Error::Conflict {
        message: "codes cannot be checked: the server's log-center.key is missing, or another's. \
                  Use a recovery code, or have the second step reset by an administrator or by \
                  log-center admin reset"
            .into(),
        info: json!({ "needs": "reset" }),
    }
}

/// Counts a code that is tried; refused when too many are.
pub(super) fn count_code(app: &App, person: i64) -> Result<(), Error> {
    app.trust
        .slowing
        .code(person)
        .map_err(|retry_after_s| Error::RateLimit { reason: Reason::Logins, retry_after_s })
}

/// Counts a try of a secret; refused when its address tries too often.
pub(super) fn count_try(app: &App, request: &Request) -> Result<(), Error> {
    let address = request.caller().address;
    app.trust
        .slowing
        .address(address)
        .map_err(|retry_after_s| Error::RateLimit { reason: Reason::Logins, retry_after_s })
}

/// Waits for a turn to have a secret checked: a few at once of an address and of a name.
async fn turn<'a>(app: &'a App, request: &Request, name: &str) -> Result<Turn<'a>, Error> {
    let address = request.caller().address;
    let is_at_home = app.trust.known().is_at_home(name, &address.to_canonical().to_string());
    app.trust.turns.take(address, name, is_at_home).await.map_err(|why| match why {
        NoTurn::Address => Error::RateLimit { reason: Reason::Logins, retry_after_s: TURN_RETRY_S },
        NoTurn::Name => Unchecked::Busy.into(),
    })
}

/// Records a try that failed, as long as they are few.
pub(super) async fn refuse(app: &App, request: &Request, action: &'static str, name: &str) {
    if !app.trust.slowing.is_recorded(action) {
        return;
    }
    // Whoever typed a password into the field for the name would find it here: a short beginning
    // is enough to see who was tried.
    let tried: String = name.chars().take(16).collect();
    let note = Note {
        who: Who::anonymous(),
        address: request.caller().address.to_canonical().to_string(),
        action,
        object: action.split('.').next().unwrap_or_default().into(),
        detail: json!({ "name": tried }),
    };
    let now = app.now();
    // A full disk must not say whether a password is right.
    let _unrecorded = app.write(move |writer| audit::add(&mut writer.db, &note, now)).await;
}

/// `DELETE /api/v1/session`.
pub(crate) async fn end(app: &App, request: Request) -> Result<Response, Error> {
    if let Some((person, Some(session))) = request.caller().person() {
        let (person, now) = (person.id, app.now());
        let ended = note(&request, "session.end", format!("session {session}"), json!({}))?;
        app.write_trust(move |writer| {
            sessions::end(&mut writer.db, person, session)?;
            audit::add(&mut writer.db, &ended, now)
        })
        .await?;
        app.live.rethink();
    }
    let mut response = exchange::json_ok(&json!({ "status": "ok" }));
    let headers = response.headers_mut();
    headers.insert(SET_COOKIE, cookies::end(request.caller().is_https));
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// `POST /api/v1/session/password`: the other sessions end.
pub(crate) async fn change_password(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(CHANGE_BYTES_MAX).await?;
    let (person, session) = own(&request)?;
    let (old, new) = read_passwords(&body, &person.name)?;
    let proof = prove(app, &request, old).await?;
    let hash = app.trust.passwords.hash(new).await?;
    let (id, now) = (person.id, app.now());
    let changed = note(&request, "person.password", format!("person {}", person.name), json!({}))?;
    let ended = app
        .write_trust(move |writer| {
            let db = &mut writer.db;
            if !people::still_has_secret(db, id, &proof)? {
                return Ok(None);
            }
            people::set_secret(db, id, &hash)?;
            audit::add(db, &changed, now)?;
            sessions::end_others(db, id, session).map(Some)
        })
        .await?
        .ok_or_else(not_present)?;
    app.live.rethink();
    Ok(exchange::json_ok(&json!({ "ended_sessions": ended })))
}

/// Checks the password of whoever is logged in; its hash, which the change that it allows looks at
/// again.
pub(super) async fn prove(app: &App, request: &Request, password: String) -> Result<String, Error> {
    let (person, _) = own(request)?;
    count_try(app, request)?;
    let name = person.name.clone();
    let kept = app.read_events(move |db| people::secret(db, &name)).await?;
    let kept = kept.and_then(|secret| secret.hash);
    let _turn = turn(app, request, &person.name).await?;
    let is_right = app.trust.passwords.check(Lane::Familiar, password, kept.clone()).await?;
    match kept.filter(|_| is_right) {
        Some(kept) => Ok(kept),
        None => {
            refuse(app, request, "session.refused", &person.name).await;
            Err(not_present())
        }
    }
}

/// The present password is another one.
pub(super) fn not_present() -> Error {
    Error::Auth(WRONG_PRESENT.into())
}

/// `GET /api/v1/sessions`: one's own.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let (person, current) = own(&request)?;
    let all = app.trust.known().sessions_of(person.id, app.now());
    let items: Vec<Value> = all
        .into_iter()
        .map(|session| {
            let is_current = Some(session.id) == current;
            let mut item = json!(session);
            item["is_current"] = json!(is_current);
            item
        })
        .collect();
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": null })))
}

/// `DELETE /api/v1/sessions/{session_id}`: one's own.
pub(crate) async fn end_one(app: &App, request: Request) -> Result<Response, Error> {
    let (person, _) = own(&request)?;
    let (person, session, now) = (person.id, number(&request, "session")?, app.now());
    let ended = note(&request, "session.end", format!("session {session}"), json!({}))?;
    let was = app
        .write_trust(move |writer| {
            let was = sessions::end(&mut writer.db, person, session)?;
            if was {
                audit::add(&mut writer.db, &ended, now)?;
            }
            Ok(was)
        })
        .await?;
    app.live.rethink();
    if was {
        Ok(exchange::json_ok(&json!({ "status": "ok" })))
    } else {
        Err(Error::NotFound("session"))
    }
}

/// Who is logged in, and by which session.
pub(super) fn own(request: &Request) -> Result<(Arc<Person>, Option<i64>), Error> {
    let own = request.caller().person().map(|(person, session)| (person.clone(), session));
    own.ok_or_else(|| Error::Forbidden("nobody is logged in".into()))
}

/// Who wants to log in.
struct Login {
    name: String,
    password: String,
    code: Option<String>,
}

fn read_login(body: &[u8]) -> Result<Login, Error> {
    let mut fields = Fields::parse(body)?;
    let name = fields.text("name", 256);
    let code = read::typed_code(&mut fields).filter(|code| !code.is_empty());
    let password = read::typed_password(&mut fields, "password");
    if name.is_none() {
        fields.missing("name");
    }
    if password.is_none() {
        fields.missing("password");
    }
    fields.finish()?;
    let (name, password) = (name.unwrap_or_default(), password.unwrap_or_default());
    Ok(Login { name, password, code })
}

fn read_passwords(body: &[u8], name: &str) -> Result<(String, String), Error> {
    let mut fields = Fields::parse(body)?;
    let old = read::typed_password(&mut fields, "password");
    let new = read::new_password(&mut fields, "new_password", name);
    if old.is_none() {
        fields.missing("password");
    }
    if new.is_none() {
        fields.missing("new_password");
    }
    fields.finish()?;
    Ok((old.unwrap_or_default(), new.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_never_shows_what_was_typed() {
        let bodies: [&[u8]; 3] = [
            br#"{"name":"ann","password":["hunter2hunter2"]}"#,
            br#"{"name":"ann","password":{"a":"hunter2hunter2"}}"#,
            br#"{"name":"ann","password":7,"hunter2":1}"#,
        ];
        for body in bodies {
            let error = read_login(body).map(|_| ()).expect_err("no text");
            assert!(!error.message().contains("hunter2"), "{}", error.message());
        }
        let error = read_passwords(br#"{"password":"x","new_password":"hunter2"}"#, "ann");
        let error = error.expect_err("too short");
        assert!(!format!("{} {}", error.message(), error.info()).contains("hunter2"));
    }
}
