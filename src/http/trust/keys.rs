//! Keys of programs: made, put in another's place, ended. The key itself is in one answer, once.

use serde_json::{Value, json};

use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::super::lists::unknown_cursor;
use super::super::query::Query;
use super::people::shown;
use super::{fresh, note, number};
use crate::app::App;
use crate::app::trust::secret;
use crate::domain::report::{Fault, NAME_CHARS_MAX};
use crate::domain::trust::audit::Note;
use crate::domain::trust::key::{
    self, KEY_DAYS_MAX, KEY_NAME_CHARS_MAX, KEYS_MAX, Key, Kind, NewKey, ORIGINS_MAX, Scope, Scopes,
};
use crate::domain::trust::person::KEY_MARK;
use crate::store::keys::{self, Kept};
use crate::store::{Writer, audit, cursor, projects};

const DAY_MS: i64 = 24 * 3_600_000;

/// `GET /api/v1/keys`: those that ended too.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let page = query.page();
    query.finish()?;
    let below = match page.cursor.as_deref() {
        None => i64::MAX,
        Some(text) => cursor::read::<1>('k', text).ok_or_else(unknown_cursor)?[0],
    };
    let limit = page.limit;
    let found = app.read_events(move |db| keys::list(db, below, limit + 1)).await?;
    let mut items: Vec<Key> = found.into_iter().map(|(_, key)| key).collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| cursor::write('k', &[last.id]));
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `POST /api/v1/keys`.
pub(crate) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let now = app.now();
    let new = read_key(&request.body(CHANGE_BYTES_MAX).await?, now)?;
    let secret = key::marked(new.scopes.kind().mark(), &fresh()?);
    let detail = json!({
        "name": new.name,
        "project_id": new.project,
        "scopes": new.scopes,
        "origins": new.origins,
    });
    let made = note(&request, "key.create", "key", detail)?;
    let (hash, shown) = (secret::hash(&secret), key::shown(&secret));
    let found = app
        .write_trust(move |Writer { db, .. }| {
            let project = match new.project.as_deref() {
                None => None,
                Some(name) => match projects::number(db, name)? {
                    Some(number) => Some(number),
                    None => {
                        let message = format!("there is no project {name:?}");
                        return Ok(Err(Fault::new("project_id", message).into()));
                    }
                },
            };
            let kept = Kept { hash: &hash, shown: &shown };
            let by = made.who.name.clone();
            let Some(id) = keys::add(db, &new, &kept, project, (&by, now))? else {
                let message = format!("there are {KEYS_MAX} keys already: end some");
                return Ok(Err(Error::Forbidden(message)));
            };
            audit::add(db, &Note { object: format!("key {id}"), ..made }, now)?;
            keys::find(db, id).map(Ok)
        })
        .await??;
    Ok(exchange::json_created(&json!({ "key": found, "secret": secret })))
}

/// `POST /api/v1/keys/{key_id}/rotate`: another secret in its place, at once.
pub(crate) async fn rotate(app: &App, request: Request) -> Result<Response, Error> {
    let (id, now) = (number(&request, "key")?, app.now());
    let digits = fresh()?;
    let found = app.read_events(move |db| keys::find(db, id)).await?;
    let kind = found.ok_or(Error::NotFound("key"))?.kind;
    let secret = key::marked(kind.mark(), &digits);
    let (hash, shown) = (secret::hash(&secret), key::shown(&secret));
    let rotated = note(&request, "key.rotate", format!("key {id}"), json!({}))?;
    let found = app
        .write_trust(move |Writer { db, .. }| {
            if !keys::rotate(db, id, &Kept { hash: &hash, shown: &shown }, now)? {
                let message = "the key has ended: make another one".into();
                return Ok(Err(Error::Conflict { message, info: json!({}) }));
            }
            audit::add(db, &rotated, now)?;
            keys::find(db, id).map(Ok)
        })
        .await??;
    app.live.rethink();
    Ok(exchange::json_ok(&json!({ "key": found, "secret": secret })))
}

/// `DELETE /api/v1/keys/{key_id}`.
pub(crate) async fn revoke(app: &App, request: Request) -> Result<Response, Error> {
    let (id, now) = (number(&request, "key")?, app.now());
    let mut revoked = note(&request, "key.revoke", format!("key {id}"), json!({}))?;
    let found = app
        .write_trust(move |Writer { db, .. }| {
            let key = keys::find(db, id)?;
            if let Some(key) = &key
                && keys::revoke(db, id, now)?
            {
                let by = [KEY_MARK, &key.name].concat();
                let ended = keys::end_given(db, &by, now)?;
                revoked.detail["ended"] = shown(&ended);
                audit::add(db, &revoked, now)?;
            }
            keys::find(db, id)
        })
        .await?;
    app.live.rethink();
    Ok(exchange::json_ok(&found.ok_or(Error::NotFound("key"))?))
}

fn read_key(body: &[u8], now: i64) -> Result<NewKey, Error> {
    let mut fields = Fields::parse(body)?;
    let name = fields.name("name", KEY_NAME_CHARS_MAX);
    if name.is_none() {
        fields.missing("name");
    }
    let kind = fields.has("kind").then(|| fields.choice("kind", "report or api", Kind::parse));
    let project = fields.name("project_id", NAME_CHARS_MAX);
    let scopes = scopes(&mut fields, kind.flatten().unwrap_or(Kind::Report));
    if scopes.has(Scope::Manage) && project.is_some() {
        fields.fault("scopes", "a key to manage is for the whole server: leave project_id out");
    }
    let new = NewKey {
        name: name.unwrap_or_default(),
        project,
        scopes,
        origins: origins(&mut fields),
        expires_at: expiry(&mut fields, now),
    };
    fields.finish()?;
    Ok(new)
}

/// A key to report has no other scope; one for the API reads unless more is asked for.
fn scopes(fields: &mut Fields, kind: Kind) -> Scopes {
    let given = fields.names("scopes", 16, Scope::ALL.len());
    let default = if kind == Kind::Report { Scope::Report } else { Scope::Read };
    let Some(words) = given.filter(|words| !words.is_empty()) else {
        return Scopes::of(&[default]);
    };
    let scopes: Option<Vec<Scope>> = words.iter().map(|word| Scope::parse(word)).collect();
    let scopes = scopes.map(|scopes| Scopes::of(&scopes));
    match scopes {
        None => fields.fault("scopes", "expected report, read, change or manage"),
        Some(scopes) if scopes.kind() != kind => {
            fields.fault(
                "scopes",
                "a key of kind report reports and nothing else, one of kind \
                api does more",
            );
        }
        Some(scopes) => return scopes,
    }
    Scopes::of(&[default])
}

fn origins(fields: &mut Fields) -> Vec<String> {
    let given = fields.names("origins", 256, ORIGINS_MAX).unwrap_or_default();
    let read: Vec<String> = given.iter().filter_map(|text| key::origin(text)).collect();
    if read.len() < given.len() {
        fields.fault("origins", "expected origins such as https://shop.example");
    }
    read
}

fn expiry(fields: &mut Fields, now: i64) -> Option<i64> {
    let value = fields.take("expires_in_days").filter(|value| *value != Value::Null)?;
    let days = value.as_i64().filter(|days| (1..=KEY_DAYS_MAX).contains(days));
    if days.is_none() {
        let expected = format!("an integer from 1 to {KEY_DAYS_MAX}");
        fields.unexpected("expires_in_days", &expected, &value);
    }
    days.map(|days| now + days * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_reports_unless_it_says_otherwise() {
        let new = read_key(br#"{"name":"web"}"#, 0).expect("valid");
        assert_eq!(
            (new.scopes, new.project, new.expires_at),
            (Scopes::of(&[Scope::Report]), None, None)
        );
        let body = br#"{"name":"ci","kind":"api","scopes":["change","report"],"project_id":"shop",
            "expires_in_days":1}"#;
        let new = read_key(body, 5).expect("valid");
        assert_eq!(new.scopes, Scopes::of(&[Scope::Report, Scope::Change]));
        assert_eq!((new.project.as_deref(), new.expires_at), (Some("shop"), Some(5 + DAY_MS)));
        let new = read_key(br#"{"name":"ci","kind":"api"}"#, 0).expect("valid");
        assert_eq!(new.scopes, Scopes::of(&[Scope::Read]));
        for wrong in [
            r#"{}"#,
            r#"{"name":"a","kind":"root"}"#,
            r#"{"name":"a","scopes":["manage"]}"#,
            r#"{"name":"a","kind":"api","scopes":["report"]}"#,
            r#"{"name":"a","kind":"api","scopes":["all"]}"#,
            r#"{"name":"a","kind":"api","scopes":["manage"],"project_id":"shop"}"#,
            r#"{"name":"a","origins":["shop.example"]}"#,
            r#"{"name":"a","expires_in_days":0}"#,
        ] {
            assert!(read_key(wrong.as_bytes(), 0).is_err(), "{wrong}");
        }
    }
}
