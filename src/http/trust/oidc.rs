//! Logins by an OpenID Connect provider: the browser is sent there, and comes back with a code.
//! What belongs to one login goes along in a sealed cookie: nothing is kept of who never returns.

use hyper::StatusCode;
use hyper::header::{HeaderValue, LOCATION, SET_COOKIE};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::cookies;
use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::super::percent;
use super::invitations::{NOT_VALID, good_for};
use super::login::Site;
use super::start::{Proof, Proved, start};
use super::{fresh, session};
use crate::app::App;
use crate::app::trust::provider::{Provider, Shown, Somebody, Trouble};
use crate::app::trust::secret;
use crate::config::OidcMatch;
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::domain::trust::key::SECRET_DIGITS;
use crate::domain::trust::person::name_fault;
use crate::domain::trust::role::Role;
use crate::metrics::Reason;
use crate::store::engine::Engine;
use crate::store::people::{Added, NewPerson};
use crate::store::{self, Writer, audit, identities, invitations, people};

/// Where the provider sends browsers.
const BACK: &str = "/login/oidc";
/// Characters of the page to go on with: the cookie has to hold it.
pub(in crate::http) const NEXT_CHARS_MAX: usize = 1_024;
const PURPOSE: &str = "oidc";
const RETRY_AFTER_S: u32 = 10;

/// One login, from the question to the answer.
#[derive(Serialize, Deserialize)]
struct Journey {
    state: String,
    nonce: String,
    verifier: String,
    redirect: String,
    next: String,
    /// Of an invitation.
    secret: Option<String>,
}

/// `POST /api/v1/session/oidc`: where the browser has to go.
pub(crate) async fn begin(app: &App, mut request: Request) -> Result<Response, Error> {
    let (next, secret) = read_begin(&request.body(CHANGE_BYTES_MAX).await?)?;
    let provider = app.trust.provider().ok_or_else(|| Error::Conflict {
        message: "no provider is set up: --oidc-issuer names one".into(),
        info: json!({}),
    })?;
    session::count_try(app, &request)?;
    if let Some(secret) = &secret {
        let (hash, now) = (secret::hash(secret), app.now());
        let is_first = app.trust.is_first(secret);
        let found = app.read_events(move |db| good_for(db, is_first, &hash, now)).await?;
        if found.is_none() {
            return Err(Error::Auth(NOT_VALID.into()));
        }
    }
    let site = Site::of(app, &request).ok_or_else(|| Error::Forbidden("which host?".into()))?;
    let redirect = format!("{}{BACK}", site.origin);
    let (state, nonce, verifier) = (fresh()?, fresh()?, fresh()?);
    let address = provider.address(&redirect, (&state, &nonce, &verifier)).await;
    let address = address.map_err(away)?;
    let journey = Journey { state, nonce, verifier, redirect, next, secret };
    let ticket = app.trust.tickets.issue(PURPOSE, &journey, app.now()).map_err(Error::Internal)?;
    let mut response = exchange::json_ok(&json!({ "url": address }));
    let cookie = cookies::begin_journey(&ticket, request.caller().is_https);
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

fn away(trouble: Trouble) -> Error {
    tracing::warn!(?trouble, "the provider of logins");
    Error::Overload {
        reason: Reason::Logins,
        message: "the provider does not answer as it should: the log says more".into(),
        retry_after_s: RETRY_AFTER_S,
    }
}

/// Why nobody is let in; the page of the login has words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The provider said no, or the person did.
    Denied,
    /// Nobody here is that.
    Unknown,
    /// The name of who came is somebody else's.
    Taken,
    /// No login of this browser is under way.
    Planted,
    /// Anything else; the log says more.
    Failed,
}

impl Fault {
    const fn word(self) -> &'static str {
        match self {
            Self::Denied => "oidc_denied",
            Self::Unknown => "oidc_unknown",
            Self::Taken => "oidc_taken",
            Self::Planted | Self::Failed => "oidc_failed",
        }
    }
}

/// `GET /login/oidc`: the browser comes back.
pub(crate) async fn back(app: &App, request: Request) -> Result<Response, Error> {
    let is_https = request.caller().is_https;
    let (target, session) = match come(app, &request).await? {
        Ok((next, session)) => (next, Some(session)),
        Err(fault) => {
            if fault != Fault::Planted {
                session::refuse(app, &request, "oidc.refused", fault.word()).await;
            }
            (format!("/login?fault={}", fault.word()), None)
        }
    };
    let mut response = exchange::empty(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    headers
        .insert(LOCATION, HeaderValue::try_from(target).unwrap_or(HeaderValue::from_static("/")));
    headers.append(SET_COOKIE, cookies::end_journey(is_https));
    if let Some(session) = session {
        headers.append(SET_COOKIE, session);
    }
    Ok(response)
}

type Come = Result<(String, HeaderValue), Fault>;

async fn come(app: &App, request: &Request) -> Result<Come, Error> {
    let Some(provider) = app.trust.provider() else { return Ok(Err(Fault::Failed)) };
    let now = app.now();
    let ticket = cookies::journey(&request.headers, request.caller().is_https).unwrap_or("");
    let journey: Option<Journey> = app.trust.tickets.read(PURPOSE, ticket, now);
    let told = |name: &str| parameter(request.query(), name);
    let state = told("state").unwrap_or_default();
    let journey = journey.filter(|own| secret::hash(&own.state) == secret::hash(&state));
    // Whoever planted an answer of another login gets no further. Nor does it count as a try, or
    // stand in the record: any page could have its visitors' browsers come here.
    let Some(journey) = journey.filter(|_| app.trust.tickets.use_up(ticket, now)) else {
        return Ok(Err(Fault::Planted));
    };
    session::count_try(app, request)?;
    let Some(code) = told("code").filter(|_| told("error").is_none()) else {
        return Ok(Err(Fault::Denied));
    };
    let Journey { verifier, redirect, nonce, next, secret, .. } = journey;
    let shown = Shown { code: &code, verifier: &verifier, redirect: &redirect, nonce: &nonce };
    let somebody = match provider.somebody(shown, now.div_euclid(1_000)).await {
        Ok(somebody) => somebody,
        Err(trouble) => {
            tracing::warn!(?trouble, "the provider of logins");
            return Ok(Err(Fault::Failed));
        }
    };
    let person = match known_as(app, request, (provider, &somebody), secret).await? {
        Ok(person) => person,
        Err(fault) => return Ok(Err(fault)),
    };
    let Somebody { issuer, subject, .. } = somebody;
    let proved = Proved { person, by: Proof::Provider { issuer, subject } };
    match start(app, request, proved, StatusCode::OK).await {
        Ok(begun) => {
            let cookie = begun.headers().get(SET_COOKIE).cloned();
            Ok(cookie.map(|cookie| (next, cookie)).ok_or(Fault::Failed))
        }
        Err(Error::Auth(_)) => Ok(Err(Fault::Unknown)),
        Err(error) => Err(error),
    }
}

/// Who somebody of the provider is here: found, or made.
async fn known_as(
    app: &App,
    request: &Request,
    (provider, somebody): (&Provider, &Somebody),
    secret: Option<String>,
) -> Result<Result<i64, Fault>, Error> {
    let now = app.now();
    let invited = secret.map(|text| (app.trust.is_first(&text), secret::hash(&text)));
    let is_first = invited.is_some_and(|(is_first, _)| is_first);
    let coming = Coming {
        somebody: somebody.clone(),
        matching: provider.matching,
        create: provider.create,
        address: request.caller().address.to_canonical().to_string(),
        now,
    };
    let person = app
        .write_trust(move |Writer { db, .. }| match invited {
            Some((is_first, hash)) => coming.by_invitation(db, is_first, &hash),
            None => coming.as_known(db),
        })
        .await?;
    if is_first && person.is_ok() {
        app.trust.came();
    }
    Ok(person)
}

/// Somebody who comes from the provider.
struct Coming {
    somebody: Somebody,
    matching: OidcMatch,
    create: Option<Role>,
    address: String,
    now: i64,
}

impl Coming {
    fn as_known(&self, db: &mut dyn Engine) -> store::Result<Result<i64, Fault>> {
        let Somebody { issuer, subject, email, username } = &self.somebody;
        if let Some(person) = identities::find(db, issuer, subject)? {
            return Ok(Ok(person));
        }
        let email = email.as_deref().filter(|email| self.may_mail(email));
        let username = username.as_deref().filter(|name| self.may_name(name));
        for name in [email, username].into_iter().flatten() {
            let Some(found) = people::secret(db, name)? else { continue };
            if found.is_disabled {
                return Ok(Err(Fault::Unknown));
            }
            if !self.link(db, found.person, name)? {
                // This person is somebody else there: the name went to another one.
                return Ok(Err(Fault::Taken));
            }
            return Ok(Ok(found.person));
        }
        match self.create {
            Some(role) => self.make(db, role, None, "oidc.create"),
            None => Ok(Err(Fault::Unknown)),
        }
    }

    fn by_invitation(
        &self,
        db: &mut dyn Engine,
        is_first: bool,
        hash: &[u8],
    ) -> store::Result<Result<i64, Fault>> {
        let Some(good) = good_for(db, is_first, hash, self.now)? else {
            return Ok(Err(Fault::Unknown));
        };
        let made = self.make(db, good.role, good.projects.as_deref(), "invitation.accept")?;
        if made.is_ok() {
            invitations::remove(db, good.id)?;
        }
        Ok(made)
    }

    fn matches(&self, wanted: OidcMatch) -> bool {
        self.matching == wanted || self.matching == OidcMatch::Any
    }

    /// Whether a user's name may say who somebody is here. One that looks like an address was not
    /// checked as one, and letters of other alphabets may look like, or fold to, those of a name.
    fn may_name(&self, name: &str) -> bool {
        let may = match self.matching {
            OidcMatch::Username => true,
            OidcMatch::Any => !name.contains('@'),
            OidcMatch::Email | OidcMatch::None => false,
        };
        may && name.is_ascii()
    }

    /// Whether an address may say who somebody is here. Letters of other alphabets fold to those
    /// of another mailbox.
    fn may_mail(&self, email: &str) -> bool {
        self.matches(OidcMatch::Email) && email.is_ascii()
    }

    fn make(
        &self,
        db: &mut dyn Engine,
        role: Role,
        projects: Option<&[i64]>,
        action: &'static str,
    ) -> store::Result<Result<i64, Fault>> {
        let Somebody { issuer, subject, email, username } = &self.somebody;
        if identities::find(db, issuer, subject)?.is_some() {
            return Ok(Err(Fault::Taken));
        }
        // An address as a user's name was not checked: it may be somebody else's.
        let username = username.as_ref().filter(|name| !name.contains('@'));
        let mut names = [username, email.as_ref()].into_iter().flatten();
        let Some(name) = names.find(|name| name_fault(name).is_none()) else {
            return Ok(Err(Fault::Unknown));
        };
        let new = NewPerson { name, role, projects, secret: None };
        let Added::As(person) = people::add(db, &new, self.now)? else {
            return Ok(Err(Fault::Taken));
        };
        self.record(db, action, name)?;
        self.link(db, person, name)?;
        Ok(Ok(person))
    }

    fn link(&self, db: &mut dyn Engine, person: i64, name: &str) -> store::Result<bool> {
        let Somebody { issuer, subject, .. } = &self.somebody;
        let is_new = identities::link(db, (issuer, subject), person, self.now)?;
        if is_new {
            self.record(db, "oidc.link", name)?;
        }
        Ok(is_new)
    }

    fn record(&self, db: &mut dyn Engine, action: &'static str, name: &str) -> store::Result<()> {
        let Somebody { issuer, subject, .. } = &self.somebody;
        let note = Note {
            who: Who { name: name.to_owned(), verified: true },
            address: self.address.clone(),
            action,
            object: format!("person {name}"),
            detail: json!({ "provider": issuer, "subject": subject }),
        };
        audit::add(db, &note, self.now)
    }
}

/// A parameter of the provider's answer; it may send others too.
fn parameter(query: &str, wanted: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
    percent::query(value)
}

fn read_begin(body: &[u8]) -> Result<(String, Option<String>), Error> {
    let mut fields = Fields::parse(body)?;
    let next = fields.text("next", NEXT_CHARS_MAX).unwrap_or_else(|| "/".to_owned());
    // A page of this server: `//host` and `/\host` are others.
    let is_own = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if !is_own || next.contains(|one: char| one.is_control() || !one.is_ascii()) {
        fields.fault("next", "expected the path of a page, escaped, e.g. /issues?q=a%20b");
    }
    let secret = fields.text("secret", 2 * SECRET_DIGITS);
    fields.finish()?;
    Ok((next, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_with_a_page_of_this_server() {
        let next = |text: &str| read_begin(json!({ "next": text }).to_string().as_bytes());
        assert_eq!(next("/issues?q=a%20b#x").expect("own").0, "/issues?q=a%20b#x");
        assert_eq!(read_begin(b"{}").expect("nothing").0, "/");
        for wrong in ["//evil.example", "/\\evil.example", "https://evil.example", "x", "/a\r\nb"] {
            assert!(next(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_providers_answer_is_read() {
        let query = "session_state=1&code=a%2Fb+c&state=s";
        assert_eq!(parameter(query, "code").as_deref(), Some("a/b c"));
        assert_eq!(parameter(query, "error"), None);
    }
}
