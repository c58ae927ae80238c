//! The client for pages that have no bundler, out of the program itself, so that a page needs no
//! registry and no other host. Any page may load it: it is the same for all and holds nothing.

use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderName, HeaderValue};

use super::error::Error;
use super::exchange::{Request, Response};
use super::pages;
use crate::app::App;

/// Where `build.rs` puts it.
const FILE: &str = "client/log-center.js";
/// Its address has no hash, so an update reaches pages within an hour. For a day after that a page
/// goes on with what it has while it asks, so that it does not wait for a Log Center that is slow.
const LASTING: HeaderValue =
    HeaderValue::from_static("public, max-age=3600, stale-while-revalidate=86400");
/// For pages that isolate themselves (`Cross-Origin-Embedder-Policy`).
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// `GET /client/log-center.js`.
pub(super) async fn client(_app: &App, request: Request) -> Result<Response, Error> {
    let mut response = pages::file(FILE, &request.headers).ok_or(Error::NotFound("file"))?;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, LASTING);
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
