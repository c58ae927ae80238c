//! Who asks: by a key, by a session's cookie, or by the word of a trusted proxy.
//!
//! Invariant: what was sent and is not valid is refused, never taken for less than was sent.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, ORIGIN};

use super::cookies;
use super::edge::Edge;
use super::error::Error;
use super::exchange::USER_HEADER;
use super::guard::Door;
use super::percent;
use super::route::Access;
use crate::app::App;
use crate::app::trust::known::{Known, KnownKey};
use crate::domain::change::Who;
use crate::domain::report::Fault;
use crate::domain::trust::key::{Scope, is_key};
use crate::domain::trust::person::{KEY_MARK, Person, SESSION_AGE_MS, Session};
use crate::domain::trust::reach::Reach;
use crate::domain::trust::role::Role;

const KEY_HEADER: HeaderName = HeaderName::from_static("x-log-center-key");
/// Headers that say who asks, or from where.
const ONE_OF_EACH: [HeaderName; 6] = [
    KEY_HEADER,
    HeaderName::from_static(USER_HEADER),
    AUTHORIZATION,
    ORIGIN,
    HeaderName::from_static("sec-fetch-site"),
    CONTENT_TYPE,
];
/// The parameter of reports' addresses that holds a key: a beacon can send no header.
const KEY_PARAMETER: &str = "key=";

/// By what somebody is known.
#[derive(Clone, Debug)]
enum By {
    /// By nothing.
    Not,
    /// By a key.
    Key(Arc<KnownKey>),
    /// By a login, which the browser brings by itself; the session's number if it is one.
    Person(Arc<Person>, Option<OwnSession>),
}

/// The session by which a person is known.
#[derive(Clone, Copy, Debug)]
struct OwnSession {
    id: i64,
    created_at: i64,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    is_open: bool,
    known: By,
    /// From where, as far as that is believed.
    pub address: IpAddr,
    /// Whether the browser speaks https.
    pub is_https: bool,
}

/// What a request shows of who sends it.
pub(super) struct Shown<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) query: &'a str,
    /// The other end of the connection.
    pub(super) sender: IpAddr,
    /// What it is for.
    pub(super) access: Access,
}

impl Caller {
    /// Nobody who is known; where the door is open they may do everything.
    pub(super) fn unknown(door: Door, address: IpAddr) -> Self {
        Self { is_open: door == Door::Open, known: By::Not, address, is_https: false }
    }

    /// Finds out who asks.
    pub(super) fn of(app: &App, edge: &Edge, door: Door, shown: &Shown<'_>) -> Result<Self, Error> {
        let (headers, sender) = (shown.headers, shown.sender);
        let mut caller = Self::unknown(door, edge.client(sender, headers));
        if caller.is_open && shown.access == Access::Report {
            // As open as ever: nothing is looked at, nothing is refused.
            return Ok(caller);
        }
        caller.is_https = edge.is_https(sender, headers);
        let known = app.trust.known();
        let now = app.now();
        if !caller.is_open
            && let Some(text) = key(shown)?
        {
            let key = by_key(&known, &text, headers, now)?;
            app.rates.key(key.key.id)?;
            key.used.note(now);
            caller.known = By::Key(key);
            return Ok(caller);
        }
        if shown.access == Access::Report {
            // Any page may report, so no cookie may say who does.
            return Ok(caller);
        }
        if let Some(name) = edge.user(sender, headers) {
            // Letters of other alphabets may fold to those of another name.
            let is_exact = |person: &&Arc<Person>| name.is_ascii() || person.name == name;
            let person = known.person_named(name).filter(is_exact).ok_or_else(|| {
                Error::Forbidden("the proxy let in somebody who is no person here".into())
            })?;
            caller.known = By::Person(Arc::clone(person), None);
        } else if let Some(secret) = cookies::session(headers, caller.is_https)
            && let Some((session, person)) = known.session(secret, now)
        {
            session.used.note(now);
            let Session { id, created_at, .. } = session.session;
            caller.known = By::Person(Arc::clone(person), Some(OwnSession { id, created_at }));
        }
        Ok(caller)
    }

    /// Refuses whoever may not do any more what they might when their request began: a body may
    /// take its time, and what was taken away meanwhile must not be used.
    pub(super) async fn still(&self, app: &App) -> Result<(), Error> {
        if self.is_open || self.is_nobody() {
            return Ok(());
        }
        app.read_trust().await?;
        let (known, now) = (app.trust.known(), app.now());
        let is_same = match &self.known {
            By::Not => true,
            By::Key(before) => known.still_has_key(before, now),
            By::Person(before, session) => {
                known.still_has_person(before, session.map(|own| own.id), now)
            }
        };
        if is_same {
            return Ok(());
        }
        Err(Error::Auth("what you may do was changed while this was sent: send it again".into()))
    }

    /// Whether everybody may do everything here.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether the browser says by itself who this is.
    pub fn is_ambient(&self) -> bool {
        matches!(self.known, By::Person(..))
    }

    /// Whether it is nobody who is known.
    pub fn is_nobody(&self) -> bool {
        matches!(self.known, By::Not)
    }

    /// The name under which it is recorded; `None` for nobody who is known.
    pub fn who(&self) -> Option<Who> {
        let name = match &self.known {
            By::Not => return None,
            By::Key(known) => [KEY_MARK, &known.key.name].concat(),
            By::Person(person, _) => person.name.clone(),
        };
        Some(Who { name, verified: true })
    }

    /// What they may do with the API; `None` if nothing.
    pub fn role(&self) -> Option<Role> {
        match &self.known {
            _ if self.is_open => Some(Role::Administrator),
            By::Not => None,
            By::Key(known) => known.key.scopes.role(),
            By::Person(person, _) => Some(person.role),
        }
    }

    /// The projects that they see.
    pub fn reach(&self) -> Reach {
        match &self.known {
            _ if self.is_open => Reach::Every,
            By::Not => Reach::Of([].into()),
            By::Key(known) => known.key.reach(),
            By::Person(person, _) => person.projects.clone(),
        }
    }

    /// The person who is logged in, and the session's number if it is one.
    pub fn person(&self) -> Option<(&Arc<Person>, Option<i64>)> {
        match &self.known {
            By::Person(person, session) => Some((person, session.map(|own| own.id))),
            _ => None,
        }
    }

    /// When that by which they are known ends by itself, in milliseconds since 1970.
    pub fn ends_at(&self) -> Option<i64> {
        match &self.known {
            By::Key(known) => known.key.expires_at,
            By::Person(_, session) => session.map(|own| own.created_at + SESSION_AGE_MS),
            By::Not => None,
        }
    }

    /// Whether they may report at all.
    pub fn may_report(&self) -> bool {
        self.is_open || self.report_key().is_some()
    }

    fn report_key(&self) -> Option<&KnownKey> {
        match &self.known {
            By::Key(known) if known.key.scopes.has(Scope::Report) => Some(known),
            _ => None,
        }
    }

    /// Whether they may report to a project, as far as their key says so.
    pub fn may_report_to(&self, project: &str) -> bool {
        let of_key =
            |known: &KnownKey| known.key.project.as_ref().is_none_or(|place| place.name == project);
        self.is_open || self.report_key().is_some_and(of_key)
    }
}

/// The key that a request brings; refused when it brings several, of which a proxy and this server
/// might each take another. A `Bearer` that is none is another program's, as of a proxy.
pub(super) fn key<'a>(shown: &Shown<'a>) -> Result<Option<Cow<'a, str>>, Error> {
    let header = shown.headers.get(KEY_HEADER);
    let header = header.map(|key| key.to_str().unwrap_or("?").trim());
    let bearer = shown.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|text| text.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let bearer = bearer.map(|(_, text)| text.trim()).filter(|text| is_key(text));
    let is_report = shown.access == Access::Report;
    let query = if is_report { shown.query } else { "" };
    let given = query.split('&').filter_map(|pair| pair.strip_prefix(KEY_PARAMETER));
    let given = given.map(|text| Cow::Owned(percent::query(text).unwrap_or_default()));
    let mut all = header.into_iter().chain(bearer).map(Cow::Borrowed).chain(given);
    let first = all.next();
    match all.next() {
        None => Ok(first),
        Some(_) => Err(Fault::new("key", "expected one key, in one place").into()),
    }
}

/// Of two such headers nobody knows which one counts elsewhere.
pub(super) fn one_of_each(headers: &HeaderMap) -> Result<(), Error> {
    if headers.keys_len() == headers.len() {
        // No header at all stands there twice.
        return Ok(());
    }
    let twice = ONE_OF_EACH.into_iter().find(|name| headers.get_all(name).iter().count() > 1);
    match twice {
        None => Ok(()),
        Some(name) => Err(Fault::new(name.as_str(), "expected this header once").into()),
    }
}

fn by_key(
    known: &Known,
    text: &str,
    headers: &HeaderMap,
    now: i64,
) -> Result<Arc<KnownKey>, Error> {
    let found = if is_key(text) { known.key(text, now) } else { None };
    let found = found.ok_or_else(|| {
        Error::Auth("the key is not valid: it was mistyped, has ended or was replaced".into())
    })?;
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("?"));
    if !found.key.is_for_origin(origin) {
        return Err(Error::Forbidden("the key is for other pages than this one".into()));
    }
    Ok(found)
}
