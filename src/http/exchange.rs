//! One request and its answer: the body within its limit, the answers' common shapes.
//! A body comes in time, and within the budget that all requests share.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::beside::{LARGE_PACKED_BYTES, beside};
use super::body::AnswerBody;
use super::budget::{BODY_BYTES_FREE, Budget, Share};
use super::encoding::Encoding;
use super::error::Error;
use super::guard::Door;
use super::who::Caller;
use crate::app::App;
use crate::domain::change::{PERSON_CHARS_MAX, Who};
use crate::domain::fingerprint::hex;
use crate::domain::report::Fault;

/// A report's body at most, after decoding.
pub const REPORT_BYTES_MAX: usize = 1_024 * 1_024;
/// A batch's body at most, after decoding.
pub const BATCH_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// Every other body at most: the longest note in a bulk change of many issues fits.
pub const CHANGE_BYTES_MAX: usize = 256 * 1_024;
/// How much of a refused body is read and thrown away, so that its sender gets to the answer.
const DISCARD_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// For how long.
const DISCARD_TIME: Duration = Duration::from_secs(2);
/// Bytes of a body that are worth one more second: half a megabit a second.
const BYTES_A_SECOND: usize = 64 * 1_024;

/// Who says it, e.g. in the dashboard while there is no login.
pub const USER_HEADER: &str = "x-log-center-user";
/// Names a request in answers and logs.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// An answer.
pub type Response = hyper::Response<AnswerBody>;

/// The name of one request in its answer and in the log.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own if it is `[A-Za-z0-9_.:-]{1,128}`, else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let legible = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte);
        match headers.get(REQUEST_ID_HEADER) {
            Some(own) if (1..=128).contains(&own.len()) && own.as_bytes().iter().all(legible) => {
                Self(own.clone())
            }
            _ => Self::new(),
        }
    }

    /// A number that no other request of this or another run has.
    pub(super) fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        static RUN: OnceLock<String> = OnceLock::new();
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let run = RUN.get_or_init(|| format!("{:016x}-", RandomState::new().hash_one(0)));
        let number = hex(&NUMBER.fetch_add(1, Relaxed).to_be_bytes());
        let text = [run.as_str(), number.trim_start_matches('0')].concat();
        Self(HeaderValue::try_from(text).expect("hex digits are legible"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As a header's value.
    pub fn value(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// A request that found its route. `B` is the body's source; tests use their own.
#[derive(Debug)]
pub struct Request<B: Body = Incoming> {
    /// The method.
    pub method: Method,
    /// All headers.
    pub headers: HeaderMap,
    /// Where the connection comes from.
    pub peer: IpAddr,
    /// Its name in the answer and the log.
    pub id: RequestId,
    caller: Caller,
    /// What knows whether the caller may go on, once the body is read.
    app: Option<Arc<App>>,
    query: Option<String>,
    params: Vec<String>,
    body: B,
    /// Whether a part of the body was left unread, for who ends the connection.
    left: Arc<AtomicBool>,
    /// When the body must be whole, unless more of it comes.
    deadline: Instant,
    share: Share,
}

impl<B: Body<Data = Bytes> + Unpin> Request<B> {
    /// A request with its body unread. Of a large body `body_time` is only the beginning.
    pub fn new(
        request: hyper::Request<B>,
        peer: IpAddr,
        id: RequestId,
        (budget, body_time): (&Arc<Budget>, Duration),
        left: &Arc<AtomicBool>,
    ) -> Self {
        let (head, body) = request.into_parts();
        Self {
            query: head.uri.query().map(str::to_owned),
            method: head.method,
            headers: head.headers,
            peer,
            id,
            caller: Caller::unknown(Door::Closed, peer),
            app: None,
            params: Vec::new(),
            body,
            left: Arc::clone(left),
            deadline: Instant::now() + body_time,
            share: Share::of(budget),
        }
    }

    /// The same request with the decoded values of its path's `{…}`.
    pub fn with_params(mut self, params: Vec<String>) -> Self {
        self.params = params;
        self
    }

    /// The same request, of somebody who is known.
    pub(super) fn of_caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    /// The same request, whose caller is asked for again when its body is read.
    pub(super) fn asking_again(mut self, app: &Arc<App>) -> Self {
        self.app = Some(Arc::clone(app));
        self
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The value of the path's `{…}` number `at`; empty if the route has none such.
    pub fn param(&self, at: usize) -> &str {
        self.params.get(at).map_or("", String::as_str)
    }

    /// What stands behind `?`, as it came.
    pub fn query(&self) -> &str {
        self.query.as_deref().unwrap_or("")
    }

    /// A header as text; `None` if it is absent or no visible ASCII.
    pub fn header(&self, name: impl hyper::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Who makes this request: somebody who is known, or, where the door is open, whoever says so.
    /// Refused: a name that is too long or unreadable.
    pub fn who(&self) -> Result<Who, Error> {
        if let Some(who) = self.caller.who() {
            return Ok(who);
        }
        if !self.caller.is_open() {
            return Ok(Who::anonymous());
        }
        let Some(header) = self.headers.get(USER_HEADER) else {
            return Ok(Who::anonymous());
        };
        let name = std::str::from_utf8(header.as_bytes()).map(str::trim).unwrap_or("\0");
        match name.chars().count() {
            0 => Ok(Who::anonymous()),
            1..=PERSON_CHARS_MAX if !name.contains(char::is_control) => {
                Ok(Who { name: name.to_owned(), verified: false })
            }
            _ => Err(Fault::new(
                "X-Log-Center-User",
                format!("expected a name of 1 to {PERSON_CHARS_MAX} characters in UTF-8"),
            )
            .into()),
        }
    }

    /// The whole body, decoded. Refused: more than `bytes_max` bytes (counted after decoding), an
    /// encoding that is not understood, damaged data, a sender who is too slow, and anything while
    /// the budget of all bodies is spent.
    pub async fn body(&mut self, bytes_max: usize) -> Result<Bytes, Error> {
        let read = self.read(bytes_max).await;
        if let (Ok(_), Some(app)) = (&read, &self.app) {
            self.caller.still(app).await?;
        }
        match read {
            Err(error) if !matches!(error, Error::Validation(_) | Error::Slow) => {
                self.discard().await;
                Err(error)
            }
            other => other,
        }
    }

    async fn read(&mut self, bytes_max: usize) -> Result<Bytes, Error> {
        let encoding = match self.headers.get(CONTENT_ENCODING) {
            Some(value) => Encoding::parse(value.to_str().unwrap_or("?"))?,
            None => Encoding::Identity,
        };
        let packed = self.collect(bytes_max).await?;
        if encoding == Encoding::Identity {
            return Ok(packed);
        }
        let unpack = || encoding.decode(&packed, bytes_max);
        let plain = beside(packed.len(), LARGE_PACKED_BYTES, unpack).await?;
        self.share.grow_to(packed.len() + plain.len())?;
        Ok(plain.into())
    }

    /// The body as it came. What fits one read is not copied.
    async fn collect(&mut self, bytes_max: usize) -> Result<Bytes, Error> {
        let declared = self.body.size_hint().lower();
        if declared > u64::try_from(bytes_max).unwrap_or(u64::MAX) {
            return Err(Error::TooLarge(bytes_max));
        }
        let declared = usize::try_from(declared).unwrap_or(0);
        let Some(first) = self.chunk().await? else {
            return Ok(Bytes::new());
        };
        // What came counts, not what its sender says will come.
        self.share.grow_to(first.len())?;
        // Of a body of unknown length nothing is declared, and its first chunk may be empty.
        if first.len() == declared && declared > 0 {
            return Ok(first);
        }
        let mut all = Vec::with_capacity(first.len().max(declared.min(BODY_BYTES_FREE)));
        let mut next = Some(first);
        while let Some(chunk) = next {
            if all.len() + chunk.len() > bytes_max {
                return Err(Error::TooLarge(bytes_max));
            }
            all.extend_from_slice(&chunk);
            self.share.grow_to(all.len())?;
            next = self.chunk().await?;
        }
        Ok(all.into())
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match timeout_at(self.deadline, self.body.frame()).await {
                Err(_) => return Err(Error::Slow),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(Error::unreadable("the body broke off")),
                // Trailers say nothing here.
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        self.deadline += time_for(data.len());
                        return Ok(Some(data));
                    }
                    Err(_) => continue,
                },
            }
        }
    }

    /// Reads on without keeping anything, within its limits: a sender that is still writing would
    /// otherwise see a broken connection instead of the answer. One that waits for a
    /// `100 Continue` needs none.
    pub async fn discard(&mut self) {
        if self.headers.contains_key(EXPECT) || self.body.is_end_stream() {
            return;
        }
        let rest = async {
            let mut bytes = 0;
            while let Ok(Some(chunk)) = self.chunk().await {
                bytes += chunk.len();
                if bytes > DISCARD_BYTES_MAX {
                    break;
                }
            }
        };
        // Past the time the answer goes out all the same.
        let _ = tokio::time::timeout(DISCARD_TIME, rest).await;
    }
}

impl<B: Body> Drop for Request<B> {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            self.left.store(true, Relaxed);
        }
    }
}

/// What a sender gains by so many bytes: who sends [`BYTES_A_SECOND`] is never too slow.
fn time_for(bytes: usize) -> Duration {
    Duration::from_secs(bytes as u64) / BYTES_A_SECOND as u32
}

/// An answer with JSON.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("answers have string keys and no failing part");
    content(status, HeaderValue::from_static("application/json"), body.into())
}

/// 200 with JSON that is written already.
pub fn json_text(json: String) -> Response {
    content(StatusCode::OK, HeaderValue::from_static("application/json"), json.into())
}

/// 200 with JSON.
pub fn json_ok(value: &impl Serialize) -> Response {
    json(StatusCode::OK, value)
}

/// 201 with JSON.
pub fn json_created(value: &impl Serialize) -> Response {
    json(StatusCode::CREATED, value)
}

/// Any content.
pub fn content(status: StatusCode, kind: HeaderValue, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// No content: 204, or 304.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http_body_util::Full;
    use hyper::body::Frame;

    use super::*;

    const BODY_TIME: Duration = Duration::from_secs(30);

    fn request(body: &'static [u8], headers: &[(&'static str, &str)]) -> Request<Full<Bytes>> {
        let mut request = hyper::Request::new(Full::new(Bytes::from_static(body)));
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("legible"));
        }
        let id = RequestId::of(request.headers());
        let limits = (&Budget::new(), BODY_TIME);
        Request::new(request, Ipv4Addr::LOCALHOST.into(), id, limits, &Arc::default())
    }

    async fn code(mut request: Request<Full<Bytes>>, bytes_max: usize) -> &'static str {
        request.body(bytes_max).await.map_or_else(|error| error.code(), |_| "ok")
    }

    #[tokio::test]
    async fn the_limit_is_exact() {
        assert_eq!(code(request(b"12345", &[]), 5).await, "ok");
        assert_eq!(code(request(b"12345", &[]), 4).await, "TooLargeError");
        let lzma = request(b"12345", &[("content-encoding", "lzma")]);
        assert_eq!(code(lzma, 5).await, "EncodingError");
        let gzip = request(b"12345", &[("content-encoding", "gzip")]);
        assert_eq!(code(gzip, 5).await, "ValidationError");
    }

    /// A body of which a chunk comes every second.
    struct Trickle {
        chunk: &'static [u8],
        left: usize,
        next: Pin<Box<tokio::time::Sleep>>,
    }

    impl Trickle {
        fn request(chunk: &'static [u8], chunks: usize) -> Request<Self> {
            let next = Box::pin(tokio::time::sleep(Duration::from_secs(1)));
            let request = hyper::Request::new(Self { chunk, left: chunks, next });
            let id = RequestId::new();
            let limits = (&Budget::new(), BODY_TIME);
            Request::new(request, Ipv4Addr::LOCALHOST.into(), id, limits, &Arc::default())
        }
    }

    impl Body for Trickle {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            std::task::ready!(self.next.as_mut().poll(context));
            self.left -= 1;
            self.next = Box::pin(tokio::time::sleep(Duration::from_secs(1)));
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(self.chunk)))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up_and_a_slow_line_is_not() {
        static FAST: [u8; BYTES_A_SECOND] = [b' '; BYTES_A_SECOND];
        let table: [(&'static [u8], usize, &str, u64); 4] = [
            (b" ", 20, "ok", 20),
            (b" ", usize::MAX, "TimeoutError", 30),
            (b"", usize::MAX, "TimeoutError", 30),
            (&FAST, 100, "ok", 100),
        ];
        for (chunk, chunks, expected, seconds) in table {
            let began = Instant::now();
            let mut request = Trickle::request(chunk, chunks);
            let outcome = request.body(BATCH_BYTES_MAX).await;
            assert_eq!(outcome.map_or_else(|error| error.code(), |_| "ok"), expected);
            assert_eq!(began.elapsed().as_secs(), seconds);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_to_an_end_holds_nothing() {
        static LARGE: [u8; 20_000] = [b' '; 20_000];
        let mut request = Trickle::request(&LARGE, usize::MAX);
        let budget = Arc::clone(request.share.budget());
        assert_eq!(request.body(BATCH_BYTES_MAX).await.expect_err("slow").status(), 408);
        assert!(budget.used() > 0);
        drop(request);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_legible_request_id_is_kept() {
        let id = |value| request(b"", &[(REQUEST_ID_HEADER, value)]).id.as_str().to_owned();
        assert_eq!(id("req_abc:1.2-3"), "req_abc:1.2-3");
        let long = "x".repeat(129);
        for other in ["", "a b", "a/b", &long] {
            assert_ne!(id(other), other);
        }
        assert_ne!(id(""), id(""), "each its own");
    }

    #[test]
    fn who_is_believed_within_limits() {
        let local = Ipv4Addr::LOCALHOST.into();
        let who = |value: &str| {
            let request = request(b"", &[(USER_HEADER, value)]);
            request.of_caller(Caller::unknown(Door::Open, local)).who()
        };
        assert_eq!(who("ann").expect("a name").name, "ann");
        assert_eq!(request(b"", &[]).who().expect("nobody"), Who::anonymous());
        assert_eq!(who(&"x".repeat(65)).expect_err("too long").status(), 400);
        let closed = request(b"", &[(USER_HEADER, "ann")]);
        assert_eq!(closed.who().expect("nobody"), Who::anonymous(), "behind a closed door");
    }
}
