//! Cross-origin rules of the report routes: any page may report, none may read anything else.
//! Never credentials: a report needs no cookie.

use hyper::StatusCode;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderName, HeaderValue,
};

use super::exchange::{self, Response};

const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-type, content-encoding, authorization, x-log-center-key, x-request-id",
);
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("Retry-After, X-Request-Id");
const METHODS: HeaderValue = HeaderValue::from_static("POST");
/// A day.
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("86400");

const NETWORK_ASKED: &str = "access-control-request-private-network";
const NETWORK_ALLOWED: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Lets any origin read this answer. Refusals need it too, or a page sees only a network error.
pub(super) fn open(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
}

/// The answer to a browser that asks whether it may report.
pub(super) fn preflight(asked: &HeaderMap) -> Response {
    let mut response = exchange::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_S);
    if asked.get(NETWORK_ASKED).is_some_and(|value| value == "true") {
        headers.insert(NETWORK_ALLOWED, HeaderValue::from_static("true"));
    }
    response
}
