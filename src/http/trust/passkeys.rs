//! Passkeys (WebAuthn level 2): made by whoever is logged in and knows the password, and then
//! enough to log in, since the authenticator checks who its owner is. A challenge counts once.

use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::login::Site;
use super::session::{self, own, refuse};
use super::start::{Proof, Proved, start};
use super::{note, number, read};
use crate::app::App;
use crate::app::trust::signed::{is_signed, sha256};
use crate::app::trust::tickets::TICKET_MS;
use crate::domain::fingerprint::hex;
use crate::domain::report::Fault;
use crate::domain::trust::passkey::{
    self, AuthenticatorData, CREDENTIAL_BYTES_MAX, ClientData, PASSKEY_NAME_CHARS_MAX,
    PASSKEYS_MAX, PublicKey, Use, written,
};
use crate::domain::trust::person::Person;
use crate::store::passkeys::NewPasskey;
use crate::store::{Writer, audit, identities, passkeys, people, sessions};

const CREATE: &str = "passkey.create";
const GET: &str = "passkey.get";
const NONE_HERE: &str = "browsers have passkeys for a name and https, or localhost, alone";
const UNFIT: &str = "the passkey is not what was asked for just now: begin again";
const UNKNOWN: &str = "the passkey is not known here, or was not asked for just now";

/// What the challenge for a new passkey holds: who asked, and by which password.
#[derive(Serialize, Deserialize)]
struct Asked {
    person: i64,
    proof: String,
}

/// The authenticators' name for a person: it says nothing of them, and is no other server's.
fn handle(person: &Person) -> String {
    let text = format!("log-center person {} {}", person.id, person.created_at);
    written(&sha256(text.as_bytes()))
}

fn site(app: &App, request: &Request) -> Result<Site, Error> {
    let site = Site::of(app, request).filter(Site::has_passkeys);
    site.ok_or_else(|| Error::Conflict { message: NONE_HERE.into(), info: json!({}) })
}

/// `GET /api/v1/session/passkeys`.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let id = own(&request)?.0.id;
    let items = app.read_events(move |db| passkeys::list(db, id)).await?;
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": null })))
}

/// `POST /api/v1/session/passkeys/options`: what the browser is asked to make.
pub(crate) async fn options(app: &App, mut request: Request) -> Result<Response, Error> {
    let password = read::proof(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (person, _) = own(&request)?;
    let site = site(app, &request)?;
    let proof = session::prove(app, &request, password).await?;
    let id = person.id;
    let present = app.read_events(move |db| passkeys::credentials(db, id)).await?;
    if present.len() >= PASSKEYS_MAX {
        return Err(too_many());
    }
    let asked = Asked { person: id, proof: hex(&sha256(proof.as_bytes())) };
    let challenge = app.trust.tickets.issue(CREATE, &asked, app.now()).map_err(Error::Internal)?;
    let kinds = PublicKey::ALGORITHMS.map(|alg| json!({ "type": "public-key", "alg": alg }));
    let present: Vec<Value> = present.iter().map(|id| described(id)).collect();
    Ok(exchange::json_ok(&json!({ "public_key": {
        "rp": { "id": site.host, "name": "Log Center" },
        "user": { "id": handle(&person), "name": person.name, "displayName": person.name },
        "challenge": challenge,
        "pubKeyCredParams": kinds,
        "timeout": TICKET_MS,
        "excludeCredentials": present,
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
        "attestation": "none",
    }})))
}

fn described(credential: &[u8]) -> Value {
    json!({ "type": "public-key", "id": written(credential) })
}

fn too_many() -> Error {
    let message = format!("there are {PASSKEYS_MAX} passkeys already: remove one first");
    Error::Conflict { message, info: json!({}) }
}

/// `POST /api/v1/session/passkeys`: keeps what the browser made.
pub(crate) async fn add(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(CHANGE_BYTES_MAX).await?;
    let (person, _) = own(&request)?;
    let site = site(app, &request)?;
    let mut fields = Fields::parse(&body)?;
    let name = read_name(&mut fields);
    let credential = read_credential(&mut fields);
    fields.finish()?;
    let unfit = || Error::from(Fault::new("credential", UNFIT));
    let made = Made::read(&credential, &site).ok_or_else(unfit)?;
    let now = app.now();
    let asked: Asked = app.trust.tickets.read(CREATE, &made.challenge, now).ok_or_else(unfit)?;
    if asked.person != person.id || !app.trust.tickets.use_up(&made.challenge, now) {
        return Err(unfit());
    }
    let (id, whose) = (person.id, person.name.clone());
    let added = note(&request, "passkey.add", format!("person {whose}"), json!({ "name": name }))?;
    let passkey = app
        .write_trust(move |Writer { db, .. }| {
            let secret = people::secret(db, &whose)?.filter(|secret| !secret.is_disabled);
            let hash = secret.and_then(|secret| secret.hash);
            if hash.is_none_or(|hash| hex(&sha256(hash.as_bytes())) != asked.proof) {
                return Ok(Err(session::not_present()));
            }
            if passkeys::list(db, id)?.len() >= PASSKEYS_MAX {
                return Ok(Err(too_many()));
            }
            let new = NewPasskey {
                person: id,
                credential: &made.id,
                public_key: &made.public_key,
                sign_count: made.sign_count,
                name: &name,
                is_synced: made.is_synced,
            };
            if passkeys::add(db, &new, now)?.is_none() {
                let message = "this passkey is known already".to_owned();
                return Ok(Err(Error::Conflict { message, info: json!({}) }));
            }
            audit::add(db, &added, now)?;
            Ok(Ok(passkeys::list(db, id)?.into_iter().next()))
        })
        .await??;
    Ok(exchange::json_created(&passkey))
}

/// A passkey as the browser tells of a new one.
struct Made {
    challenge: String,
    id: Vec<u8>,
    public_key: Vec<u8>,
    sign_count: i64,
    is_synced: bool,
}

impl Made {
    fn read(credential: &Value, site: &Site) -> Option<Self> {
        let part = |name: &str| passkey::bytes(credential["response"][name].as_str()?);
        let client = ClientData::read(&part("clientDataJSON")?, Use::Create, &site.origin)?;
        let data = AuthenticatorData::of_attestation(&part("attestationObject")?)?;
        let made = data.credential.filter(|_| data.rp_hash == sha256(site.host.as_bytes()))?;
        Some(Self {
            challenge: client.challenge,
            id: made.id,
            public_key: made.public_key,
            sign_count: data.sign_count.into(),
            is_synced: data.is_synced,
        })
    }
}

/// `PATCH /api/v1/session/passkeys/{passkey_id}`.
pub(crate) async fn rename(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(CHANGE_BYTES_MAX).await?;
    let (person, _) = own(&request)?;
    let mut fields = Fields::parse(&body)?;
    let name = read_name(&mut fields);
    fields.finish()?;
    let (whose, id, now) = (person.id, number(&request, "passkey")?, app.now());
    let renamed =
        note(&request, "passkey.rename", format!("passkey {id}"), json!({ "name": name }))?;
    let passkey = app
        .write(move |Writer { db, .. }| {
            if !passkeys::rename(db, whose, id, &name)? {
                return Ok(None);
            }
            audit::add(db, &renamed, now)?;
            Ok(passkeys::list(db, whose)?.into_iter().find(|one| one.id == id))
        })
        .await?;
    passkey.map(|passkey| exchange::json_ok(&passkey)).ok_or(Error::NotFound("passkey"))
}

/// `DELETE /api/v1/session/passkeys/{passkey_id}`.
pub(crate) async fn remove(app: &App, request: Request) -> Result<Response, Error> {
    let (person, _) = own(&request)?;
    let (whose, id, now) = (person.id, number(&request, "passkey")?, app.now());
    let removed = note(&request, "passkey.remove", format!("passkey {id}"), json!({}))?;
    let was = app
        .write_trust(move |Writer { db, .. }| {
            let was = passkeys::remove(db, whose, id)?;
            if was {
                audit::add(db, &removed, now)?;
            }
            Ok(was)
        })
        .await?;
    match was {
        true => Ok(exchange::json_ok(&json!({ "status": "ok" }))),
        false => Err(Error::NotFound("passkey")),
    }
}

/// `DELETE /api/v1/people/{person}/passkeys`: for somebody who lost them. Their tie to the provider
/// and their sessions end too.
pub(crate) async fn reset(app: &App, request: Request) -> Result<Response, Error> {
    let (name, now) = (request.param(0).to_owned(), app.now());
    let reset = note(&request, "passkey.reset", format!("person {name}"), json!({}))?;
    let removed = app
        .write_trust(move |Writer { db, .. }| {
            let Some(person) = people::find(db, &name)? else { return Ok(None) };
            let removed =
                passkeys::remove_all(db, person.id)? + identities::unlink_all(db, person.id)?;
            if removed > 0 {
                sessions::end_others(db, person.id, None)?;
                audit::add(db, &reset, now)?;
            }
            Ok(Some(removed))
        })
        .await?;
    app.live.rethink();
    match removed {
        Some(0) => Err(Error::NotFound("passkey")),
        Some(_) => Ok(exchange::json_ok(&json!({ "status": "ok" }))),
        None => Err(Error::NotFound("person")),
    }
}

/// `POST /api/v1/session/passkey/options`: what the browser is asked for at a login.
pub(crate) async fn ask(app: &App, mut request: Request) -> Result<Response, Error> {
    Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?.finish()?;
    let site = site(app, &request)?;
    let challenge = app.trust.tickets.issue(GET, &(), app.now()).map_err(Error::Internal)?;
    Ok(exchange::json_ok(&json!({ "public_key": {
        "challenge": challenge,
        "rpId": site.host,
        "timeout": TICKET_MS,
        "userVerification": "required",
        "allowCredentials": [],
    }})))
}

/// `POST /api/v1/session/passkey`: logs in. The authenticator saw to it who is there.
pub(crate) async fn log_in(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut fields = Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?;
    let credential = read_credential(&mut fields);
    fields.finish()?;
    session::count_try(app, &request)?;
    let site = site(app, &request)?;
    let Some(proved) = signed(app, &credential, &site).await? else {
        refuse(app, &request, "passkey.refused", "").await;
        return Err(Error::Auth(UNKNOWN.into()));
    };
    start(app, &request, proved, StatusCode::OK).await
}

/// Whose passkey signed a challenge that is out; `None` if none did.
async fn signed(app: &App, credential: &Value, site: &Site) -> Result<Option<Proved>, Error> {
    let part = |name: &str| passkey::bytes(credential["response"][name].as_str()?);
    let id = credential["rawId"].as_str().and_then(passkey::bytes);
    let parts = (id, part("clientDataJSON"), part("authenticatorData"), part("signature"));
    let (Some(id), Some(client), Some(data), Some(signature)) = parts else { return Ok(None) };
    if id.len() > CREDENTIAL_BYTES_MAX {
        return Ok(None);
    }
    let kept = app.read_events(move |db| passkeys::find(db, &id)).await?;
    let said = ClientData::read(&client, Use::Get, &site.origin);
    let (Some(kept), Some(said)) = (kept, said) else { return Ok(None) };
    let read = AuthenticatorData::read(&data).filter(|data| data.credential.is_none());
    let read = read.filter(|data| data.rp_hash == sha256(site.host.as_bytes()));
    let (Some(read), Some(key)) = (read, PublicKey::read(&kept.public_key)) else {
        return Ok(None);
    };
    let known = app.trust.known();
    let Some(person) = known.person(kept.person) else { return Ok(None) };
    let user = credential["response"]["userHandle"].as_str();
    let message = [&data[..], &sha256(&client)].concat();
    let now = app.now();
    let is_right = user.is_none_or(|user| user == handle(person))
        && is_signed(&key, &message, &signature)
        && app.trust.tickets.read::<()>(GET, &said.challenge, now).is_some()
        && app.trust.tickets.use_up(&said.challenge, now);
    let by = Proof::Passkey { id: kept.id, sign_count: read.sign_count.into() };
    Ok(is_right.then_some(Proved { person: kept.person, by }))
}

fn read_credential(fields: &mut Fields) -> Value {
    let credential = fields.take("credential").filter(Value::is_object);
    if credential.is_none() {
        fields.fault("credential", "expected what the browser made, as JSON");
    }
    credential.unwrap_or_default()
}

fn read_name(fields: &mut Fields) -> String {
    let name = fields.name("name", PASSKEY_NAME_CHARS_MAX);
    if name.is_none() {
        fields.missing("name");
    }
    name.unwrap_or_default()
}
