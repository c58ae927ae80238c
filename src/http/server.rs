//! From a request to its answer: the guards, the route, the headers that every answer has.
//! Whatever happens inside, somebody gets an answer: a panic is 500 and the program lives.

use std::any::Any;
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
    TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, StatusCode};

use super::budget::Budget;
use super::edge::Edge;
use super::error::Error;
use super::exchange::{self, REQUEST_ID_HEADER, Request, RequestId, Response};
use super::guard::{self, Door, Guard};
use super::permissions;
use super::query::Query;
use super::route::{Access, Answering, Route};
use super::router::{self, Found};
use super::slow::Asked;
use super::tls::Certificate;
use super::who::{self, Caller, Shown};
use super::{cors, login, pages, record};
use crate::app::{App, Failure};
use crate::ingest::Refused;

/// What goes during an import: the import itself, and to log in for it.
const IMPORT_PATH: &str = "/api/v1/import";
/// Other hosts of the domain are not this program's to say.
const YEAR_OF_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const LOGIN_PATH: &str = "/api/v1/session";

/// What all connections share.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    guard: Guard,
    edge: Edge,
    bodies: Arc<Budget>,
    /// Apart from the requests' bodies: readers who do not read must not stop reports.
    answers: Arc<Budget>,
    body_time: Duration,
    pages: record::Pages,
    certificate: Option<Arc<Certificate>>,
}

impl Server {
    /// Answers for this program, by https if it has a certificate.
    pub fn new(app: Arc<App>, certificate: Option<Arc<Certificate>>) -> Arc<Self> {
        let (guard, edge) = (Guard::new(&app.config), Edge::new(&app.config));
        let body_time = Duration::from_secs(app.config.door.body_timeout.into());
        let (bodies, answers) = (Budget::new(), Budget::new());
        let pages = record::Pages::default();
        Arc::new(Self { app, guard, edge, bodies, answers, body_time, pages, certificate })
    }

    /// The program behind it.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The certificate, where https is spoken.
    pub(super) fn certificate(&self) -> Option<&Arc<Certificate>> {
        self.certificate.as_ref()
    }

    /// Answers one request. Never fails: a refusal is an answer. `left` becomes true when a part of
    /// the request's body was not read: nothing that comes is the next request then.
    pub async fn answer(
        &self,
        peer: IpAddr,
        request: hyper::Request<Incoming>,
        left: &Arc<AtomicBool>,
    ) -> Response {
        let begin = Instant::now();
        let id = RequestId::of(request.headers());
        let found = router::find(request.method(), request.uri().path());
        let is_report = found.is_report();
        let is_page = matches!(found, Found::Page);
        let times = found.times(&self.app.metrics.answers);
        let asked = Asked::of(&found, request.uri());
        let line = tracing::enabled!(tracing::Level::DEBUG)
            .then(|| (request.method().clone(), request.uri().path().to_owned()));
        let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
        let is_secured = self.edge.is_public_https(peer, request.headers());
        let outcome = self.outcome(found, request, (peer, left), &id).await;
        let mut response = outcome.unwrap_or_else(|error| {
            error.log(&id);
            self.count(&error, is_report, &id);
            refusal(&error, &id)
        });
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), id.value());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if is_chunked || left.load(Relaxed) {
            // A proxy that went by another length takes what is behind it for the next request.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if is_secured {
            headers.insert(STRICT_TRANSPORT_SECURITY, YEAR_OF_HTTPS);
        }
        if !is_page {
            headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        if is_report {
            cors::open(headers);
        }
        let status = response.status().as_u16();
        self.app.metrics.answer(status);
        times.add(begin.elapsed());
        if let Some(asked) = asked {
            asked.answered(&self.app.metrics, &response, begin.elapsed());
        }
        if let Some((method, path)) = line {
            // The query stays out: it may hold a key.
            let took_us = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
            tracing::debug!(%method, path, status, took_us, request_id = id.as_str());
        }
        response
    }

    fn count(&self, error: &Error, is_report: bool, id: &RequestId) {
        let metrics = &self.app.metrics;
        if is_report {
            metrics.refuse(error.code());
        }
        if let Some(reason) = error.reason() {
            metrics.refusals.add(reason);
        }
        if matches!(error, Error::Database(_) | Error::Internal(_)) {
            metrics.mishaps.add("request", Some(id.as_str()));
        }
    }

    async fn outcome(
        &self,
        found: Found,
        request: hyper::Request<Incoming>,
        (peer, left): (IpAddr, &Arc<AtomicBool>),
        id: &RequestId,
    ) -> Result<Response, Error> {
        let allowed = self.admitted(&found, &request, peer).await;
        let is_head = request.method() == Method::HEAD;
        let path = is_page(&found).then(|| request.uri().path().to_owned());
        let client = allowed.as_ref().map_or(peer, |caller| caller.address);
        let mut request =
            Request::new(request, client, id.clone(), (&self.bodies, self.body_time), left);
        let refused = match (allowed, found) {
            (Err(error), _) => error,
            (Ok(caller), Found::Route(route, params)) => {
                request = request.with_params(params).of_caller(caller).asking_again(&self.app);
                match permissions::check(&self.app, route, &request).await {
                    Ok(()) => return self.run(route, request).await,
                    Err(error) => error,
                }
            }
            (Ok(_), Found::OtherMethod { allow, access }) if request.method == Method::OPTIONS => {
                return Ok(options(&request, &allow, access));
            }
            (Ok(_), Found::OtherMethod { allow, .. }) => Error::Method(allow),
            (Ok(_), Found::Nothing) => Error::NotFound("endpoint"),
            (Ok(caller), Found::Page) if request.method == Method::GET || is_head => {
                return page(&caller, &path.unwrap_or_default(), &request);
            }
            (Ok(_), Found::Page) => Error::Method("GET, HEAD".to_owned()),
        };
        Box::pin(request.discard()).await;
        Err(refused)
    }

    /// Lets a request in, and finds out who asks. Nothing of its body is read before.
    async fn admitted<B>(
        &self,
        found: &Found,
        request: &hyper::Request<B>,
        sender: IpAddr,
    ) -> Result<Caller, Error> {
        if found.is_public() {
            return Ok(Caller::unknown(Door::Closed, sender));
        }
        let headers = request.headers();
        let target = request.uri().authority().map(|authority| authority.as_str());
        self.guard.host(headers, target, request.version())?;
        self.app.read_trust().await?;
        let has_administrator = self.app.trust.known().has_administrator;
        let door = self.guard.door(headers, has_administrator)?;
        let query = request.uri().query().unwrap_or("");
        let Found::Route(route, _) = found else {
            let shown = Shown { headers, query, sender, access: Access::Read };
            return match found {
                Found::Page => Caller::of(&self.app, &self.edge, door, &shown),
                _ => Ok(Caller::unknown(door, sender)),
            };
        };
        if route.access != Access::Report || door == Door::Closed {
            who::one_of_each(headers)?;
        }
        match route.access {
            Access::Change => {
                self.guard.same_origin(headers)?;
                route.body_type().map_or(Ok(()), |kind| guard::body_type(headers, kind))?;
            }
            // Before its body is read: refusing must cost less than taking.
            Access::Report => self.app.rates.address(self.edge.client(sender, headers))?,
            Access::Read | Access::Public => {}
        }
        let shown = Shown { headers, query, sender, access: route.access };
        let caller = Caller::of(&self.app, &self.edge, door, &shown)?;
        if route.access == Access::Change && caller.is_ambient() {
            self.guard.shows_its_page(headers)?;
        }
        Ok(caller)
    }

    async fn run(&self, route: &Route, request: Request) -> Result<Response, Error> {
        let checked = matches!(route.access, Access::Read | Access::Change);
        if checked && route.query.is_empty() && route.path.starts_with("/api/") {
            // Routes with parameters refuse unknown ones themselves, with all their faults.
            Query::parse(request.query()).finish()?;
        }
        if route.access == Access::Change
            && self.app.ingest.is_importing()
            && route.path != IMPORT_PATH
            && !route.path.starts_with(LOGIN_PATH)
        {
            return Err(Failure::Refused(Refused::Importing).into());
        }
        let note = record::of(&self.pages, route, &request);
        let mut answer = match unwound((route.run)(&self.app, request)).await {
            Ok(outcome) => outcome.and_then(|answer| self.answers.hold(answer))?,
            Err(panic) => return Err(Error::Internal(format!("panic: {}", panic_text(&*panic)))),
        };
        if let Some(note) = note {
            let note = record::complete(&self.pages, note, &mut answer);
            Box::pin(record::write(&self.app, note)).await;
        }
        Ok(answer)
    }
}

/// A page, or the login for those who may see nothing yet.
fn page(caller: &Caller, path: &str, request: &Request) -> Result<Response, Error> {
    if let Some(answer) = login::answer(path) {
        return Ok(answer);
    }
    let is_let_in = caller.role().is_some();
    match login::instead_of(path, request.query()).filter(|_| !is_let_in) {
        Some(login) => Ok(login),
        None => pages::answer(path, &request.headers),
    }
}

fn is_page(found: &Found) -> bool {
    matches!(found, Found::Page)
}

fn refusal(error: &Error, id: &RequestId) -> Response {
    let mut response = error.response(id);
    if matches!(error, Error::TooLarge(_) | Error::Slow) {
        // Its sender may still be writing: nothing that comes is the next request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn options(request: &Request, allow: &str, access: Access) -> Response {
    let mut response = match access {
        Access::Report => cors::preflight(&request.headers),
        _ => exchange::empty(StatusCode::NO_CONTENT),
    };
    let allow = HeaderValue::from_str(allow).expect("method names are ASCII");
    response.headers_mut().insert(ALLOW, allow);
    response
}

/// Runs a handler; a panic becomes an error instead of a broken connection.
async fn unwound(
    mut answering: Answering<'_>,
) -> Result<Result<Response, Error>, Box<dyn Any + Send>> {
    poll_fn(|context| {
        // Whatever the panic left half done belongs to this request and goes with it.
        match catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("of unknown reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught() {
        let panicking: Answering<'_> = Box::pin(async { panic!("number {}", 7) });
        let panic = unwound(panicking).await.expect_err("it panics");
        assert_eq!(panic_text(&*panic), "number 7");
    }
}
