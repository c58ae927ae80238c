//! The dashboard, the guide and the API page, out of the program itself. Names with a hash in them
//! never change and may be kept for ever; the pages that name them are asked for every time.

use std::borrow::Cow;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY,
};
use rust_embed::{Embed, EmbeddedFile};

use super::encoding::Encoding;
use super::error::Error;
use super::exchange::{self, Response};
use crate::domain::fingerprint::hex;

/// `web/dist` and the client for pages; of what is text, only what `build.rs` compressed.
#[derive(Embed)]
#[folder = "$OUT_DIR/dist"]
struct Files;

/// Where the bundler puts what has a hash in its name.
const HASHED: &str = "assets/";
/// No embedded file is larger.
const BYTES_MAX: usize = 8 << 20;
const INDEX: &str = "index.html";
const DOCS: &str = "docs.html";
const GUIDE: &str = "guide.html";

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
     frame-ancestors 'none'; form-action 'self'",
);
/// The API page is a ready-made component that writes its styles into the page.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
     object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
);
const CROSS_ORIGIN_OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// How a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Brotli,
    Gzip,
    Plain,
    /// The gzipped copy, undone for who takes no packing.
    Unpacked,
}

impl Packing {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip | Self::Unpacked => ".gz",
            Self::Plain => "",
        }
    }

    const fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Plain | Self::Unpacked => None,
        }
    }
}

/// Answers with a file, or with the dashboard for every other address of a page.
pub(super) fn answer(path: &str, headers: &HeaderMap) -> Result<Response, Error> {
    let name = file_name(path).ok_or(Error::NotFound("page"))?;
    let mut response = file(name, headers).ok_or(Error::NotFound("page"))?;
    let headers = response.headers_mut();
    let lasting =
        if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(lasting));
    headers.insert(CONTENT_SECURITY_POLICY, if name == DOCS { DOCS_POLICY } else { POLICY });
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CROSS_ORIGIN_OPENER, HeaderValue::from_static("same-origin"));
    Ok(response)
}

/// An embedded file, packed as the request takes it; without its bytes if they are known already.
pub(super) fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let (packing, file) = find(name, accepted.unwrap_or(""))?;
    // Two packings can come of one file.
    let mark = if packing == Packing::Unpacked { "-plain" } else { "" };
    let etag = format!("\"{}{mark}\"", hex(&file.metadata.sha256_hash()[..16]));
    let mut response = if is_known(headers, &etag) {
        exchange::empty(StatusCode::NOT_MODIFIED)
    } else {
        let kind = HeaderValue::from_static(content_type(name));
        let mut response = exchange::content(StatusCode::OK, kind, bytes(packing, file.data)?);
        if let Some(encoding) = packing.header() {
            response.headers_mut().insert(CONTENT_ENCODING, encoding);
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, HeaderValue::from_str(&etag).expect("hex digits are ASCII"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    Some(response)
}

/// The file for a page's address; `None` where nothing can be.
fn file_name(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/')?;
    let last = path.rsplit('/').next().unwrap_or("");
    match path {
        "docs" | "docs/" => Some(DOCS),
        "docs/guide" | "docs/guide/" => Some(GUIDE),
        _ if last.ends_with(".br") || last.ends_with(".gz") => None,
        // A missing file must not become a page: the browser would run HTML as a script.
        _ if last.contains('.') || path.starts_with(HASHED) => Some(path),
        // `/docs/guide/django` opens the guide at that section.
        _ if path.starts_with("docs/guide/") => Some(GUIDE),
        _ => Some(INDEX),
    }
}

fn find(name: &str, accepted: &str) -> Option<(Packing, EmbeddedFile)> {
    let packings = [Packing::Brotli, Packing::Gzip, Packing::Plain, Packing::Unpacked];
    packings
        .into_iter()
        .filter(|packing| accepts(accepted, *packing))
        .find_map(|packing| Some((packing, Files::get(&format!("{name}{}", packing.suffix()))?)))
}

/// Whether `Accept-Encoding` allows it. No packing is always possible.
fn accepts(header: &str, packing: Packing) -> bool {
    let wanted = match packing {
        Packing::Brotli => "br",
        Packing::Gzip => "gzip",
        Packing::Plain | Packing::Unpacked => return true,
    };
    header.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let refused = parts.any(|part| {
            part.strip_prefix("q=").and_then(|q| q.trim().parse().ok()) == Some(0.0_f32)
        });
        named && !refused
    })
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    known
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn bytes(packing: Packing, data: Cow<'static, [u8]>) -> Option<Bytes> {
    if packing == Packing::Unpacked {
        return Encoding::Gzip.decode(&data, BYTES_MAX).ok().map(Bytes::from);
    }
    Some(match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_the_dashboard() {
        let table = [
            ("/", Some(INDEX)),
            ("/issues/7", Some(INDEX)),
            ("/docs", Some(DOCS)),
            ("/docs/guide", Some(GUIDE)),
            ("/docs/guide/django", Some(GUIDE)),
            ("/docs/guide.md", Some("docs/guide.md")),
            ("/docs/guided", Some(INDEX)),
            ("/llms.txt", Some("llms.txt")),
            ("/assets/index-1a2b.js", Some("assets/index-1a2b.js")),
            ("/assets/index-1a2b.js.br", None),
            ("/favicon.ico", Some("favicon.ico")),
            ("/assets/missing", Some("assets/missing")),
        ];
        for (path, expected) in table {
            assert_eq!(file_name(path), expected, "{path}");
        }
        assert!(find("../Cargo.toml", "").is_none());
    }

    #[test]
    fn the_best_accepted_packing_is_sent() {
        let table = [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip", false, true),
            ("br;q=0, gzip;q=0.5", false, true),
            ("identity", false, false),
            ("", false, false),
        ];
        for (header, brotli, gzip) in table {
            let got = (accepts(header, Packing::Brotli), accepts(header, Packing::Gzip));
            assert_eq!(got, (brotli, gzip), "{header}");
        }
    }
}
