//! The second step of one's own logins: an authenticator's codes, set up, taken away, and codes to
//! recover with. Each change needs the password: a session that was left open is not enough.

use serde_json::json;

use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::session::{self, own};
use super::{note, read};
use crate::app::App;
use crate::app::trust::codes::{self, DIGITS, STEP_MS};
use crate::domain::percent::escape;
use crate::domain::timestamp;
use crate::store::{Writer, audit, people, sessions, totp};

/// Who vouches for the codes, as authenticators show it.
const ISSUER: &str = "Log Center";

/// `GET /api/v1/session/totp`.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let (person, _) = own(&request)?;
    let id = person.id;
    let found = app.read_events(move |db| Ok((totp::find(db, id)?, totp::codes_left(db, id)?)));
    let (found, codes_left) = found.await?;
    let enabled_at = found.and_then(|totp| totp.enabled_at);
    Ok(exchange::json_ok(&json!({
        "enabled_at": enabled_at.map(timestamp::format),
        "recovery_codes_left": codes_left,
    })))
}

/// `POST /api/v1/session/totp`: a secret, which is not asked for before a code of it was shown.
pub(crate) async fn begin(app: &App, mut request: Request) -> Result<Response, Error> {
    let password = read::proof(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (person, _) = own(&request)?;
    let proof = session::prove(app, &request, password).await?;
    let secret = codes::fresh_secret().map_err(Error::Internal)?;
    let (id, now, kept) = (person.id, app.now(), app.seal(&secret).await?);
    let begun = note(&request, "totp.begin", format!("person {}", person.name), json!({}))?;
    app.write(move |Writer { db, .. }| {
        if !people::still_has_secret(db, id, &proof)? {
            return Ok(Err(session::not_present()));
        }
        if !totp::begin(db, id, &kept, now)? {
            return Ok(Err(conflict("codes are asked for already: remove that first")));
        }
        audit::add(db, &begun, now)?;
        Ok(Ok(()))
    })
    .await??;
    let (text, name) = (codes::base32(&secret), escape(&person.name));
    let issuer = escape(ISSUER);
    let period = STEP_MS / 1_000;
    let uri = format!(
        "otpauth://totp/{issuer}:{name}?secret={text}&issuer={issuer}&algorithm=SHA1\
         &digits={DIGITS}&period={period}"
    );
    Ok(exchange::json_ok(&json!({ "secret": text, "uri": uri })))
}

/// `POST /api/v1/session/totp/confirm`: from now on codes are asked for; the other sessions end.
pub(crate) async fn confirm(app: &App, mut request: Request) -> Result<Response, Error> {
    let code = read_code(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (person, session) = own(&request)?;
    let (id, now) = (person.id, app.now());
    session::count_code(app, id)?;
    let found = app.read_events(move |db| totp::find(db, id)).await?;
    let found = found.filter(|totp| totp.enabled_at.is_none());
    let found =
        found.ok_or_else(|| conflict("nothing was begun, or codes are asked for already"))?;
    let secret = app.unseal(&found.secret).await?.ok_or_else(session::unreadable)?;
    let step = codes::step_of(&secret, &code, found.last_step, now);
    let step = step.ok_or(Error::SecondStep { is_wrong: true })?;
    let (shown, hashes) = fresh_codes()?;
    let enabled = note(&request, "totp.enable", format!("person {}", person.name), json!({}))?;
    let ended = app
        .write_trust(move |Writer { db, .. }| {
            if !totp::enable(db, id, &found.secret, (step, now))? {
                return Ok(Err(conflict("somebody was first: begin again")));
            }
            totp::set_codes(db, id, &hashes)?;
            audit::add(db, &enabled, now)?;
            sessions::end_others(db, id, session).map(Ok)
        })
        .await??;
    app.live.rethink();
    Ok(exchange::json_ok(&json!({ "recovery_codes": shown, "ended_sessions": ended })))
}

/// `POST /api/v1/session/totp/codes`: other codes to recover with.
pub(crate) async fn renew(app: &App, mut request: Request) -> Result<Response, Error> {
    let password = read::proof(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (person, _) = own(&request)?;
    let proof = session::prove(app, &request, password).await?;
    let (shown, hashes) = fresh_codes()?;
    let (id, now) = (person.id, app.now());
    let renewed = note(&request, "totp.codes", format!("person {}", person.name), json!({}))?;
    app.write(move |Writer { db, .. }| {
        if !people::still_has_secret(db, id, &proof)? {
            return Ok(Err(session::not_present()));
        }
        if !totp::is_enabled(db, id)? {
            return Ok(Err(conflict("no codes are asked for")));
        }
        totp::set_codes(db, id, &hashes)?;
        audit::add(db, &renewed, now)?;
        Ok(Ok(()))
    })
    .await??;
    Ok(exchange::json_ok(&json!({ "recovery_codes": shown, "ended_sessions": 0 })))
}

/// `POST /api/v1/session/totp/remove`: codes are asked for no more.
pub(crate) async fn remove(app: &App, mut request: Request) -> Result<Response, Error> {
    let password = read::proof(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (person, _) = own(&request)?;
    let proof = session::prove(app, &request, password).await?;
    let (id, now) = (person.id, app.now());
    let removed = note(&request, "totp.remove", format!("person {}", person.name), json!({}))?;
    app.write_trust(move |Writer { db, .. }| {
        if !people::still_has_secret(db, id, &proof)? {
            return Ok(Err(session::not_present()));
        }
        if totp::remove(db, id)? {
            audit::add(db, &removed, now)?;
        }
        Ok(Ok(()))
    })
    .await??;
    Ok(exchange::json_ok(&json!({ "status": "ok" })))
}

/// `DELETE /api/v1/people/{person}/totp`: for somebody who lost it. Their sessions end.
pub(crate) async fn reset(app: &App, request: Request) -> Result<Response, Error> {
    let (name, now) = (request.param(0).to_owned(), app.now());
    let reset = note(&request, "totp.reset", format!("person {name}"), json!({}))?;
    let was = app
        .write_trust(move |Writer { db, .. }| {
            let Some(person) = people::find(db, &name)? else { return Ok(None) };
            let was = totp::remove(db, person.id)?;
            if was {
                sessions::end_others(db, person.id, None)?;
                audit::add(db, &reset, now)?;
            }
            Ok(Some(was))
        })
        .await?;
    app.live.rethink();
    match was {
        Some(true) => Ok(exchange::json_ok(&json!({ "status": "ok" }))),
        Some(false) => Err(Error::NotFound("authenticator")),
        None => Err(Error::NotFound("person")),
    }
}

type Codes = (Vec<String>, Vec<[u8; 32]>);

fn fresh_codes() -> Result<Codes, Error> {
    let shown = codes::fresh_recovery().map_err(Error::Internal)?;
    let hashes = shown.iter().map(|code| codes::recovery_hash(code)).collect();
    Ok((shown, hashes))
}

fn conflict(message: &str) -> Error {
    Error::Conflict { message: message.into(), info: json!({}) }
}

fn read_code(body: &[u8]) -> Result<String, Error> {
    let mut fields = Fields::parse(body)?;
    let code = read::typed_code(&mut fields);
    if code.is_none() {
        fields.missing("code");
    }
    fields.finish()?;
    Ok(code.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_never_shows_the_code_that_was_typed() {
        for body in [&br#"{"code":123456}"#[..], br#"{"code":["123456"]}"#] {
            let error = read_code(body).expect_err("no text");
            assert!(!format!("{} {}", error.message(), error.info()).contains("123456"));
        }
        assert_eq!(read_code(br#"{"code":"123 456"}"#).expect("valid"), "123 456");
        assert!(read::proof(b"{}").is_err());
    }
}
