//! Links by which people come: made, taken back, used once. The link for the first administrator
//! is one of them, kept in memory alone.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::people::{numbers, settled};
use super::start::{Proof, Proved, Second, start};
use super::{fresh, note, number, read, session};
use crate::app::App;
use crate::app::trust::secret;
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::domain::trust::key::SECRET_DIGITS;
use crate::domain::trust::person::{INVITATION_HOURS, INVITATION_HOURS_MAX, INVITATIONS_MAX};
use crate::domain::trust::role::Role;
use crate::store::invitations::{self, GoodFor, NewInvitation};
use crate::store::people::{self, Added, NewPerson};
use crate::store::{self, Writer, audit};

pub(super) const NOT_VALID: &str = "the link is not valid: it was used, taken back, or has ended";
const HOUR_MS: i64 = 3_600_000;
/// Where the dashboard takes an invitation; what stands behind `#` is sent to no server and stands
/// in no log.
pub const JOIN: &str = "/join#";

/// `GET /api/v1/invitations`.
pub(crate) async fn list(app: &App, _request: Request) -> Result<Response, Error> {
    let now = app.now();
    let items = app.read_events(move |db| invitations::list(db, now)).await?;
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": null })))
}

/// `POST /api/v1/invitations`: the link is told once.
pub(crate) async fn invite(app: &App, mut request: Request) -> Result<Response, Error> {
    let (role, projects, hours) = read_invitation(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (secret, now) = (fresh()?, app.now());
    let (hash, expires_at) = (secret::hash(&secret), now + hours * HOUR_MS);
    let detail = json!({ "role": role, "projects": projects });
    let made = note(&request, "invitation.create", "invitation", detail)?;
    let invitation = app
        .write(move |Writer { db, .. }| {
            let numbers = match numbers(db, projects.as_deref())? {
                Ok(numbers) => numbers,
                Err(unknown) => return Ok(Err(unknown)),
            };
            let (projects, by) = (numbers.as_deref(), made.who.name.as_str());
            let new = NewInvitation { hash: &hash, role, projects, by, expires_at };
            let Some(id) = invitations::add(db, &new, now)? else {
                let message = format!("{INVITATIONS_MAX} invitations wait already");
                return Ok(Err(Error::Forbidden(message)));
            };
            audit::add(db, &Note { object: format!("invitation {id}"), ..made }, now)?;
            Ok(Ok(invitations::list(db, now)?.into_iter().find(|one| one.id == id)))
        })
        .await??;
    let origin = app.config.public_url.as_ref().map_or("", |url| url.origin.as_str());
    Ok(exchange::json_created(&json!({
        "invitation": invitation,
        "secret": secret,
        "url": format!("{origin}{JOIN}{secret}"),
    })))
}

/// `DELETE /api/v1/invitations/{invitation_id}`.
pub(crate) async fn take_back(app: &App, request: Request) -> Result<Response, Error> {
    let (id, now) = (number(&request, "invitation")?, app.now());
    let taken = note(&request, "invitation.remove", format!("invitation {id}"), json!({}))?;
    let was = app
        .write(move |Writer { db, .. }| {
            let was = invitations::remove(db, id)?;
            if was {
                audit::add(db, &taken, now)?;
            }
            Ok(was)
        })
        .await?;
    match was {
        true => Ok(exchange::json_ok(&json!({ "status": "ok" }))),
        false => Err(Error::NotFound("invitation")),
    }
}

/// Who wants to come.
struct Coming {
    secret: String,
    name: String,
    password: String,
}

/// `POST /api/v1/invitations/accept`: adds the person and logs them in.
pub(crate) async fn accept(app: &App, mut request: Request) -> Result<Response, Error> {
    let Coming { secret, name, password } = read_coming(&request.body(CHANGE_BYTES_MAX).await?)?;
    session::count_try(app, &request)?;
    let (is_first, now) = (app.trust.is_first(&secret), app.now());
    let hash = secret::hash(&secret);
    // Looked at before the password is hashed: who has no link takes nobody's place.
    let is_good = app.read_events(move |db| good_for(db, is_first, &hash, now)).await?.is_some();
    if !is_good {
        session::refuse(app, &request, "invitation.refused", &name).await;
        return Err(Error::Auth(NOT_VALID.into()));
    }
    let password = app.trust.passwords.hash(password).await?;
    let came = Note {
        who: Who { name: name.clone(), verified: true },
        address: request.caller().address.to_canonical().to_string(),
        action: "invitation.accept",
        object: format!("person {name}"),
        detail: json!({ "first": is_first }),
    };
    let proof = Some(password.clone());
    let person = app
        .write_trust(move |Writer { db, .. }| {
            let Some(good) = good_for(db, is_first, &hash, now)? else {
                return Ok(Err(Error::Auth(NOT_VALID.into())));
            };
            let (role, projects) = (good.role, good.projects.as_deref());
            let new = NewPerson { name: &name, role, projects, secret: Some(&password) };
            let added = people::add(db, &new, now)?;
            let Added::As(id) = added else {
                // The link stays good for another name.
                return Ok(Err(settled(added).err().unwrap_or(Error::NotFound("invitation"))));
            };
            invitations::remove(db, good.id)?;
            audit::add(db, &came, now)?;
            Ok(Ok(id))
        })
        .await??;
    if is_first {
        app.trust.came();
    }
    let by = Proof::Password(proof, Second::NotAsked);
    start(app, &request, Proved { person, by }, StatusCode::CREATED).await
}

/// What a link is good for.
pub(super) fn good_for(
    db: &mut dyn store::engine::Engine,
    is_first: bool,
    hash: &[u8],
    now: i64,
) -> store::Result<Option<GoodFor>> {
    if !is_first {
        return invitations::find(db, hash, now);
    }
    // Of two who hold it at once one comes first, and then there is an administrator.
    let first = GoodFor { id: 0, role: Role::Administrator, projects: None };
    Ok((people::administrators(db)? == 0).then_some(first))
}

type Invited = (Role, Option<Vec<String>>, i64);

fn read_invitation(body: &[u8]) -> Result<Invited, Error> {
    let mut fields = Fields::parse(body)?;
    let role = read::role(&mut fields);
    if role.is_none() {
        fields.missing("role");
    }
    let role = role.unwrap_or(Role::Viewer);
    let projects = read::projects(&mut fields).unwrap_or(None);
    read::only_all(&mut fields, role, &projects);
    let hours = match fields.take("expires_in_hours") {
        None | Some(Value::Null) => INVITATION_HOURS,
        Some(value) => match value.as_i64().filter(|h| (1..=INVITATION_HOURS_MAX).contains(h)) {
            Some(hours) => hours,
            None => {
                let expected = format!("an integer from 1 to {INVITATION_HOURS_MAX}");
                fields.unexpected("expires_in_hours", &expected, &value);
                0
            }
        },
    };
    fields.finish()?;
    Ok((role, projects, hours))
}

fn read_coming(body: &[u8]) -> Result<Coming, Error> {
    let mut fields = Fields::parse(body)?;
    let name = read::new_name(&mut fields);
    let password = read::new_password(&mut fields, "password", &name);
    if password.is_none() {
        fields.missing("password");
    }
    let secret = match fields.take("secret") {
        Some(Value::String(text)) if text.len() <= 2 * SECRET_DIGITS => text,
        _ => {
            fields.fault("secret", "expected the text behind # of the link");
            String::new()
        }
    };
    fields.finish()?;
    Ok(Coming { secret, name, password: password.unwrap_or_default() })
}
