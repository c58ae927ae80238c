//! A session begun, by whatever somebody proved who they are. What proves it is looked at again,
//! and used up, in the transaction that lets in.

use hyper::StatusCode;
use hyper::header::{SET_COOKIE, USER_AGENT};
use serde_json::{Value, json};

use super::super::cookies;
use super::super::error::Error;
use super::super::exchange::{self, Request, Response};
use super::fresh;
use super::session::{CODE_REFUSED, WRONG, refuse};
use crate::app::App;
use crate::app::trust::secret::{self, Hash};
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::store::engine::Engine;
use crate::store::{self, audit, identities, passkeys, people, sessions, totp};

/// Characters of what a browser calls itself that are kept.
const AGENT_CHARS_MAX: usize = 200;

/// Who a session is for, and what proves it.
pub(super) struct Proved {
    pub(super) person: i64,
    pub(super) by: Proof,
}

/// What proves who somebody is.
pub(super) enum Proof {
    /// A password of this hash, and the second step; `None` is nobody's. A password may be changed
    /// while it is checked.
    Password(Option<String>, Second),
    /// A passkey, which has signed so often.
    Passkey {
        /// Its number.
        id: i64,
        /// How often it has signed.
        sign_count: i64,
    },
    /// A provider's word, who this is there.
    Provider {
        /// Which provider.
        issuer: String,
        /// Its number for them.
        subject: String,
    },
}

/// By what the second step of a login is proved.
pub(super) enum Second {
    /// It is not asked for.
    NotAsked,
    /// By the code of a step of the authenticator whose secret stands so in the database.
    Step(Vec<u8>, i64),
    /// By a code to recover with.
    Recovery(Hash),
}

impl Second {
    /// Uses it up; `false` if it was used, or more is asked for by now.
    fn use_up(&self, db: &mut dyn Engine, person: i64) -> store::Result<bool> {
        match self {
            Self::NotAsked => Ok(!totp::is_enabled(db, person)?),
            Self::Step(secret, step) => totp::use_step(db, person, secret, *step),
            Self::Recovery(hash) => totp::use_code(db, person, hash),
        }
    }

    const fn name(&self) -> Option<&'static str> {
        match self {
            Self::NotAsked => None,
            Self::Step(..) => Some("code"),
            Self::Recovery(_) => Some("recovery code"),
        }
    }
}

/// What became of a login.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Yes,
    NotProved,
    WrongCode,
    CountWentBack,
}

impl Proof {
    fn holds(&self, db: &mut dyn Engine, person: i64, now: i64) -> store::Result<Begun> {
        let ok = |is_so, otherwise| if is_so { Begun::Yes } else { otherwise };
        match self {
            Self::Password(hash, second) => {
                if !people::still_has_secret(db, person, hash.as_deref().unwrap_or_default())? {
                    return Ok(Begun::NotProved);
                }
                Ok(ok(second.use_up(db, person)?, Begun::WrongCode))
            }
            Self::Passkey { id, sign_count } => {
                Ok(ok(passkeys::count_up(db, *id, *sign_count, now)?, Begun::CountWentBack))
            }
            Self::Provider { issuer, subject } => {
                let found = identities::find(db, issuer, subject)?;
                Ok(ok(found == Some(person), Begun::NotProved))
            }
        }
    }

    fn detail(&self, agent: &str) -> Value {
        match self {
            Self::Password(_, second) => json!({ "agent": agent, "second_step": second.name() }),
            Self::Passkey { id, .. } => json!({ "agent": agent, "passkey": id }),
            Self::Provider { issuer, .. } => json!({ "agent": agent, "provider": issuer }),
        }
    }
}

/// Begins a session and gives it to the browser. One that it had before ends: an id that somebody
/// planted is never taken on.
pub(super) async fn start(
    app: &App,
    request: &Request,
    proved: Proved,
    status: StatusCode,
) -> Result<Response, Error> {
    let Proved { person, by } = proved;
    // Who is shut out is not among them.
    let known = app.trust.known().person(person).cloned();
    let known = known.ok_or_else(|| Error::Auth(WRONG.into()))?;
    let (secret, now) = (fresh()?, app.now());
    let hash = secret::hash(&secret);
    let address = request.caller().address.to_canonical().to_string();
    let agent: String =
        request.header(USER_AGENT).unwrap_or("").chars().take(AGENT_CHARS_MAX).collect();
    let before = request.caller().person().and_then(|(whose, session)| Some((whose.id, session?)));
    let begun = Note {
        who: Who { name: known.name.clone(), verified: true },
        address: address.clone(),
        action: "session.begin",
        object: "session".into(),
        detail: by.detail(&agent),
    };
    let has_ended = before.is_some();
    let outcome = app
        .write_trust(move |writer| {
            let db = &mut writer.db;
            let is_shut_out = people::is_disabled(db, person)?;
            let held = by.holds(db, person, now)?;
            if is_shut_out || held != Begun::Yes {
                return Ok(if is_shut_out { Begun::NotProved } else { held });
            }
            if let Some((whose, session)) = before {
                sessions::end(db, whose, session)?;
            }
            let new =
                sessions::NewSession { hash: &hash, person, agent: &agent, address: &address };
            let session = sessions::begin(db, &new, now)?;
            let begun = Note { object: format!("session {session}"), ..begun };
            audit::add(db, &begun, now)?;
            Ok(Begun::Yes)
        })
        .await?;
    match outcome {
        Begun::Yes => {}
        Begun::NotProved => return Err(Error::Auth(WRONG.into())),
        Begun::WrongCode => {
            refuse(app, request, CODE_REFUSED, &known.name).await;
            return Err(Error::SecondStep { is_wrong: true });
        }
        Begun::CountWentBack => {
            refuse(app, request, "passkey.copied", &known.name).await;
            return Err(Error::Auth(
                "this passkey signed more often before: there may be a copy of it".into(),
            ));
        }
    }
    if has_ended {
        app.live.rethink();
    }
    let mut response = exchange::json(status, &json!({ "person": known.as_ref() }));
    let cookie = cookies::begin(&secret, request.caller().is_https);
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
