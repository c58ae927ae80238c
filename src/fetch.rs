//! One conversation with another HTTP server, over TCP or TLS, with a limit on every wait.
//!
//! Invariant: a request is sent twice only if the first connection closed before anything of it
//! was sent.

pub mod smtp;
mod tls;
mod url;

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
pub use url::split;

/// How long a connection may take to be made, TLS included.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// A server's address: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    is_tls: bool,
    /// Without brackets.
    host: String,
    /// The scheme's own if none was named.
    pub port: u16,
    /// As `Host` names it: without the scheme's own port.
    authority: String,
}

impl FromStr for Address {
    type Err = String;

    /// Reads `http://host:port` or `https://host`; a path may be the root only.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected http:// or https://, a host and perhaps a port, e.g. \
                        http://localhost:8002";
        let uri: Uri = text.trim().parse().map_err(|_| expected)?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(expected.into()),
        };
        if uri.path() != "/" || uri.query().is_some() {
            return Err("expected the server's address alone, without a path".into());
        }
        let authority = uri.authority().ok_or(expected)?;
        if authority.as_str().contains('@') {
            return Err("a name and a password cannot stand in the address".into());
        }
        let own_port = if is_tls { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(own_port);
        let named = authority.host();
        let host = named.trim_start_matches('[').trim_end_matches(']').to_owned();
        let authority = if port == own_port { named.to_owned() } else { format!("{named}:{port}") };
        Ok(Self { is_tls, host, port, authority })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "http{}://{}", if self.is_tls { "s" } else { "" }, self.authority)
    }
}

impl Address {
    /// The host's name or number, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is spoken to over TLS.
    pub const fn is_tls(&self) -> bool {
        self.is_tls
    }
}

/// Why there was no answer. `Display` is a clause without a full stop.
#[derive(Debug)]
pub enum Failure {
    /// No connection could be made.
    Unreachable(String),
    /// The server did not answer in time.
    TimedOut,
    /// The connection ended in the middle, or what came is not HTTP.
    Broken(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => out.write_str(why),
            Self::TimedOut => out.write_str("it did not answer in time"),
            Self::Broken(why) => write!(out, "the conversation broke off: {why}"),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The method.
    pub method: Method,
    /// Path and query, escaped.
    pub path: String,
    /// Headers beside `Host` and `User-Agent`, or in their place.
    pub headers: HeaderMap,
    /// The body; may be empty.
    pub body: Bytes,
}

impl Ask {
    /// A request without a body.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// A request with a body of a kind.
    pub fn with(
        method: Method,
        path: impl Into<String>,
        kind: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(hyper::header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Self { method, path: path.into(), headers, body: body.into() }
    }

    /// Adds a header; one whose value cannot be sent is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// How many times as long as one piece a whole body may take.
const WHOLE_FACTOR: u32 = 10;

/// The head of an answer, with its body still on the way.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Every header.
    pub headers: HeaderMap,
    body: Incoming,
    limit: Duration,
}

impl Answer {
    /// A header's value, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The next piece of the body within `wait`; `None` at its end.
    pub async fn piece(&mut self, wait: Duration) -> Result<Option<Bytes>, Failure> {
        loop {
            let frame = timeout(wait, self.body.frame()).await.map_err(|_| Failure::TimedOut)?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(broken(&error)),
                // Trailers are passed over.
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }

    /// The whole body; an error above `max` bytes, or when it takes [`WHOLE_FACTOR`] times the
    /// limit of a piece.
    pub async fn bytes(mut self, max: usize) -> Result<Vec<u8>, Failure> {
        let mut all = Vec::new();
        let end = Instant::now() + self.limit * WHOLE_FACTOR;
        let left = || end.saturating_duration_since(Instant::now());
        while let Some(piece) = self.piece(self.limit.min(left())).await? {
            if all.len() + piece.len() > max {
                return Err(Failure::Broken(format!("the answer has more than {max} bytes")));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

/// A client of one server. Keeps one connection open between requests.
pub struct Client {
    address: Address,
    tls: Option<TlsConnector>,
    limit: Duration,
    /// Where it connects, if its host's name is not looked up any more.
    places: Option<Vec<SocketAddr>>,
    idle: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// A client that has not connected yet. `limit` is how long a head, or a piece of a body, may
    /// take. `authorities` is a PEM file of further certificate authorities. The error is one
    /// sentence.
    pub fn new(
        address: Address,
        limit: Duration,
        authorities: Option<&Path>,
    ) -> Result<Self, String> {
        let tls = if address.is_tls { Some(tls::connector(authorities)?) } else { None };
        Ok(Self { address, tls, limit, places: None, idle: None })
    }

    /// Connects to these addresses alone, whatever the host's name means by then.
    #[must_use]
    pub fn pinned(self, places: Vec<SocketAddr>) -> Self {
        Self { places: Some(places), ..self }
    }

    /// Where it goes.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Sends a request and reads the answer's head.
    pub async fn send(&mut self, ask: &Ask) -> Result<Answer, Failure> {
        if let Some(mut idle) = self.idle.take()
            && idle.ready().await.is_ok()
        {
            match self.speak(&mut idle, ask).await {
                // It closed meanwhile, and took nothing of the request.
                Err(error) if error.is_canceled() => {}
                Err(error) if error.is_timeout() => return Err(Failure::TimedOut),
                Err(error) => return Err(broken(&error)),
                Ok(answer) => return self.keep(idle, answer),
            }
        }
        let mut fresh = timeout(CONNECT_TIME, self.connect())
            .await
            .map_err(|_| Failure::Unreachable("it does not answer".into()))??;
        let answer = self.speak(&mut fresh, ask).await.map_err(|error| broken(&error))?;
        self.keep(fresh, answer)
    }

    fn keep(
        &mut self,
        connection: SendRequest<Full<Bytes>>,
        answer: Option<hyper::Response<Incoming>>,
    ) -> Result<Answer, Failure> {
        let (head, body) = answer.ok_or(Failure::TimedOut)?.into_parts();
        self.idle = Some(connection);
        let status = head.status.as_u16();
        Ok(Answer { status, headers: head.headers, body, limit: self.limit })
    }

    /// The answer's head; `None` if it did not come in time.
    async fn speak(
        &self,
        connection: &mut SendRequest<Full<Bytes>>,
        ask: &Ask,
    ) -> Result<Option<hyper::Response<Incoming>>, hyper::Error> {
        let mut request = Request::new(Full::new(ask.body.clone()));
        *request.method_mut() = ask.method.clone();
        *request.uri_mut() = ask.path.parse().unwrap_or_default();
        *request.headers_mut() = ask.headers.clone();
        let headers = request.headers_mut();
        if let Ok(host) = HeaderValue::from_str(&self.address.authority) {
            headers.entry(HOST).or_insert(host);
        }
        let agent = concat!("log-center/", env!("CARGO_PKG_VERSION"));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(agent));
        match timeout(self.limit, connection.send_request(request)).await {
            Ok(answer) => answer.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let host = &self.address.host;
        let places = match &self.places {
            Some(places) => places.clone(),
            None => look_up(&self.address).await?,
        };
        let socket = TcpStream::connect(places.as_slice())
            .await
            .map_err(|error| Failure::Unreachable(reason(&error)))?;
        // Without it a small body waits for the acknowledgement of its head.
        let _slower = socket.set_nodelay(true);
        let Some(tls) = &self.tls else { return begin(socket).await };
        let name = ServerName::try_from(host.clone())
            .map_err(|_| Failure::Unreachable(format!("{host} is no name of a server")))?;
        let stream = tls
            .connect(name, socket)
            .await
            .map_err(|error| Failure::Unreachable(tls::untrusted(&error.to_string())))?;
        begin(stream).await
    }
}

/// What a server's name means at the moment: one address or more.
pub async fn look_up(address: &Address) -> Result<Vec<SocketAddr>, Failure> {
    let Address { host, port, .. } = address;
    let found = lookup_host((host.as_str(), *port)).await;
    let places: Vec<SocketAddr> = found.map_or_else(|_| Vec::new(), Iterator::collect);
    if places.is_empty() {
        return Err(Failure::Unreachable(format!("the name {host} is not known")));
    }
    Ok(places)
}

async fn begin(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let (sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    tokio::spawn(async move {
        // What breaks it is told to the request that is on it.
        let _told = connection.await;
    });
    Ok(sender)
}

fn reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => "nothing listens there".into(),
        ErrorKind::TimedOut => "it does not answer".into(),
        _ => error.to_string(),
    }
}

fn broken(error: &hyper::Error) -> Failure {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    Failure::Broken(text)
}

/// Has names of hosts looked up by the program itself: a static file must not load the modules that
/// the machine's `nsswitch.conf` names, which belong to another C library. Call it first.
#[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
pub fn look_up_names_alone() {
    #[allow(unsafe_code, reason = "declared as in glibc's nss.h; both texts live for ever")]
    unsafe {
        unsafe extern "C" {
            fn __nss_configure_lookup(
                database: *const std::ffi::c_char,
                services: *const std::ffi::c_char,
            ) -> std::ffi::c_int;
        }
        __nss_configure_lookup(c"hosts".as_ptr(), c"files dns".as_ptr());
    }
}

/// Nothing: this file is not static, so the machine's own C library looks names up.
#[cfg(not(all(target_env = "gnu", target_feature = "crt-static")))]
pub const fn look_up_names_alone() {}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(300);

    #[test]
    fn addresses_are_read() {
        let table = [
            ("http://localhost:8002", Some("http://localhost:8002")),
            ("http://localhost:8002/", Some("http://localhost:8002")),
            ("https://errors.example.org:443", Some("https://errors.example.org")),
            ("http://[::1]:8002", Some("http://[::1]:8002")),
            ("localhost:8002", None),
            ("ftp://localhost", None),
            ("http://a:b@localhost", None),
            ("http://localhost/logs", None),
            ("", None),
        ];
        for (text, expected) in table {
            let read = text.parse::<Address>().ok().map(|address| address.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
        assert_eq!("http://[::1]:1".parse::<Address>().expect("valid").host(), "::1");
    }

    /// A server that answers each connection's requests with the texts given for it, then closes.
    async fn server(connections: Vec<Vec<&'static str>>) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            for answers in connections {
                let (mut socket, _) = listener.accept().await.expect("it came");
                for answer in answers {
                    let mut head = [0; 4_096];
                    let _size = socket.read(&mut head).await.expect("it is read");
                    socket.write_all(answer.as_bytes()).await.expect("it is written");
                }
            }
            std::future::pending::<()>().await;
        });
        let address = format!("http://{address}").parse().expect("valid");
        Client::new(address, LIMIT, None).expect("no TLS")
    }

    #[tokio::test]
    async fn a_connection_that_closed_meanwhile_is_made_anew() {
        let one = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none";
        let two = "HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\ntwo";
        let mut client = server(vec![vec![one, one], vec![two]]).await;
        for (status, body) in [(200, "one"), (200, "one"), (404, "two")] {
            let answer = client.send(&Ask::get("/x")).await.expect("answered");
            assert_eq!(answer.status, status);
            assert_eq!(answer.bytes(100).await.expect("whole"), body.as_bytes());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn silence_and_broken_answers_are_told_apart() {
        let mut client = server(vec![vec![""], vec!["nonsense\r\n\r\n"]]).await;
        assert!(matches!(client.send(&Ask::get("/")).await, Err(Failure::Broken(_))));
        assert!(matches!(client.send(&Ask::get("/")).await, Err(Failure::Broken(_))));
        assert!(matches!(client.send(&Ask::get("/")).await, Err(Failure::TimedOut)));
        let nobody = "http://127.0.0.1:1".parse().expect("valid");
        let mut client = Client::new(nobody, LIMIT, None).expect("no TLS");
        let failure = client.send(&Ask::get("/")).await.expect_err("nobody is there");
        assert_eq!(failure.to_string(), "nothing listens there");
    }

    #[tokio::test]
    async fn an_answer_above_the_limit_is_an_error() {
        let long = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345";
        let mut client = server(vec![vec![long]]).await;
        let answer = client.send(&Ask::get("/")).await.expect("answered");
        assert!(answer.bytes(4).await.is_err());
    }
}
