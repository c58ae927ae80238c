//! The live stream as server-sent events.

use std::time::Duration;

use hyper::Method;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};

use tokio::time::Instant;

use super::body::{AnswerBody, Pieces};
use super::error::Error;
use super::exchange::{Request, Response};
use super::query::Query;
use crate::app::App;
use crate::live::{Audience, Deaf};
use crate::metrics::Reason;

const LAST_EVENT_ID: &str = "last-event-id";
/// When to come back after too many listened, in seconds.
const RETRY_AFTER_S: u32 = 10;

/// `GET /api/v1/stream`.
pub(super) async fn listen(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let asked = query.text("last_event_id");
    query.finish()?;
    if request.method == Method::HEAD {
        return Ok(streaming(hyper::body::Bytes::new().into()));
    }
    let sent = request.headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty());
    // What is no text is an id that nobody gave: it is told so, as any other.
    let sent = sent.map(|id| id.to_str().unwrap_or("?").to_owned());
    let caller = request.caller();
    let left = caller.ends_at().map(|end| u64::try_from(end - app.now()).unwrap_or(0));
    let audience = Audience {
        reach: caller.reach(),
        is_somebody: !caller.is_nobody(),
        ends_at: left.and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms))),
    };
    let listener = app.live.listen_as(sent.or(asked).as_deref(), audience)?;
    Ok(streaming(AnswerBody::Live(Pieces::of(listener))))
}

/// Not stored, and not held back by a proxy that gathers answers.
fn streaming(body: AnswerBody) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    headers.insert(unbuffered, HeaderValue::from_static("no"));
    response
}

impl From<Deaf> for Error {
    fn from(deaf: Deaf) -> Self {
        let (reason, message) = match deaf {
            Deaf::TooMany => (Reason::Listeners, "too many listen already: try again later"),
            Deaf::Ending => (Reason::Stopping, "the program is ending: try again later"),
        };
        Self::Overload { reason, message: message.into(), retry_after_s: RETRY_AFTER_S }
    }
}
