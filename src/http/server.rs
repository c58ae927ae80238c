//! From a request to its answer: the guards, the route, the headers that every answer has.
//! Whatever happens inside, somebody gets an answer: a panic is 500 and the program lives.

use std::any::Any;
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, StatusCode};

use super::budget::Budget;
use super::error::Error;
use super::exchange::{self, REQUEST_ID_HEADER, Request, RequestId, Response};
use super::guard::{self, Guard};
use super::query::Query;
use super::route::{Access, Answering, Route};
use super::router::{self, Found};
use super::{cors, pages};
use crate::app::{App, Failure};
use crate::ingest::Refused;

/// The one address that changes something during an import.
const IMPORT_PATH: &str = "/api/v1/import";

/// What all connections share.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    guard: Guard,
    bodies: Arc<Budget>,
    /// Apart from the requests' bodies: readers who do not read must not stop reports.
    answers: Arc<Budget>,
    body_time: Duration,
}

impl Server {
    /// Answers for this program.
    pub fn new(app: Arc<App>) -> Arc<Self> {
        let guard = Guard::new(&app.config);
        let body_time = Duration::from_secs(app.config.door.body_timeout.into());
        let (bodies, answers) = (Budget::new(), Budget::new());
        Arc::new(Self { app, guard, bodies, answers, body_time })
    }

    /// The program behind it.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Answers one request. Never fails: a refusal is an answer.
    pub async fn answer(&self, peer: IpAddr, request: hyper::Request<Incoming>) -> Response {
        let begin = Instant::now();
        let id = RequestId::of(request.headers());
        let found = router::find(request.method(), request.uri().path());
        let is_report = found.is_report();
        let is_page = matches!(found, Found::Page);
        let times = found.times(&self.app.metrics.answers);
        let line = tracing::enabled!(tracing::Level::DEBUG)
            .then(|| (request.method().clone(), request.uri().path().to_owned()));
        let outcome = self.outcome(found, request, peer, &id).await;
        let mut response = outcome.unwrap_or_else(|error| {
            error.log(&id);
            self.count(&error, is_report, &id);
            refusal(&error, &id)
        });
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), id.value());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !is_page {
            headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        if is_report {
            cors::open(headers);
        }
        let status = response.status().as_u16();
        self.app.metrics.answer(status);
        times.add(begin.elapsed());
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
        peer: IpAddr,
        id: &RequestId,
    ) -> Result<Response, Error> {
        let allowed = self.allowed(&found, &request, peer);
        let is_head = request.method() == Method::HEAD;
        let path = is_page(&found).then(|| request.uri().path().to_owned());
        let mut request = Request::new(request, peer, id.clone(), &self.bodies, self.body_time);
        let refused = match (allowed, found) {
            (Err(error), _) => error,
            (Ok(()), Found::Route(route, params)) => {
                return self.run(route, request.with_params(params)).await;
            }
            (Ok(()), Found::OtherMethod { allow, access }) if request.method == Method::OPTIONS => {
                return Ok(options(&request, &allow, access));
            }
            (Ok(()), Found::OtherMethod { allow, .. }) => Error::Method(allow),
            (Ok(()), Found::Nothing) => Error::NotFound("endpoint"),
            (Ok(()), Found::Page) if request.method == Method::GET || is_head => {
                return pages::answer(&path.unwrap_or_default(), &request.headers);
            }
            (Ok(()), Found::Page) => Error::Method("GET, HEAD".to_owned()),
        };
        request.discard().await;
        Err(refused)
    }

    fn allowed<B>(
        &self,
        found: &Found,
        request: &hyper::Request<B>,
        peer: IpAddr,
    ) -> Result<(), Error> {
        if found.is_public() {
            return Ok(());
        }
        let headers = request.headers();
        let target = request.uri().authority().map(|authority| authority.as_str());
        self.guard.host(headers, target, request.version())?;
        self.guard.direct(headers)?;
        match found {
            Found::Route(route, _) if route.access == Access::Change => {
                self.guard.same_origin(headers)?;
                route.body_type().map_or(Ok(()), |kind| guard::body_type(headers, kind))
            }
            // Before its body is read: refusing must cost less than taking.
            Found::Route(route, _) if route.access == Access::Report => {
                Ok(self.app.rates.address(peer)?)
            }
            _ => Ok(()),
        }
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
        {
            return Err(Failure::Refused(Refused::Importing).into());
        }
        match unwound((route.run)(&self.app, request)).await {
            Ok(outcome) => outcome.and_then(|answer| self.answers.hold(answer)),
            Err(panic) => Err(Error::Internal(format!("panic: {}", panic_text(&*panic)))),
        }
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
