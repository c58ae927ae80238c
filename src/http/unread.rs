//! Answers to requests that nobody reads: of connections over a limit, and of heads that hyper
//! refuses by itself. They have the envelope of all refusals.

use std::io::Write;

use hyper::StatusCode;
use hyper::header::RETRY_AFTER;

use super::error::Error;
use super::exchange::{REQUEST_ID_HEADER, RequestId};

/// The longest head of hyper's own answers, with room to spare.
const HYPERS_BYTES_MAX: usize = 256;
/// What only hyper's own answers say: each of ours has a body.
const HYPERS_BODY: &[u8] = b"\r\ncontent-length: 0\r\n";

/// A whole answer, after which the connection ends. Any page may read it: nobody knows what was
/// asked, and a page that reports has to see when to come back.
pub(super) fn answer(error: &Error) -> Vec<u8> {
    let id = RequestId::new();
    let body = serde_json::to_vec(&error.envelope(&id)).expect("an envelope has string keys");
    let response = error.response(&id);
    let retry = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry = retry.map(|value| format!("retry-after: {value}\r\n")).unwrap_or_default();
    let mut all = Vec::with_capacity(512);
    write!(
        all,
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{REQUEST_ID_HEADER}: {id}\r\n{retry}\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\n\
         access-control-allow-origin: *\r\n\
         access-control-expose-headers: Retry-After, X-Request-Id\r\n\r\n",
        status = error.status(),
        length = body.len(),
        id = id.as_str(),
    )
    .expect("a Vec takes everything");
    all.extend_from_slice(&body);
    all
}

/// What hyper refuses by itself in these bytes that it writes; `None` when they are an answer of
/// ours.
pub(super) fn of_hyper(bytes: &[u8]) -> Option<Error> {
    let line = bytes.strip_prefix(b"HTTP/1.1 4").filter(|_| bytes.len() <= HYPERS_BYTES_MAX)?;
    if !bytes.windows(HYPERS_BODY.len()).any(|part| part == HYPERS_BODY) {
        return None;
    }
    match line.get(..2)? {
        b"00" => Some(Error::unreadable("the head of the request cannot be read")),
        b"14" => Some(Error::LongHead(StatusCode::URI_TOO_LONG)),
        b"31" => Some(Error::LongHead(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)),
        _ => None,
    }
}
