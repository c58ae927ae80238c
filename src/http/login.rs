//! The pages of those who are not logged in yet: the login, and what a link in a message does. They
//! stand apart from the dashboard, so that nothing of that runs before.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, LOCATION, REFERRER_POLICY,
};

use super::exchange::{self, Response};

const PAGE: &str = include_str!("login/login.html");
const STYLE: &str = include_str!("login/login.css");
const SCRIPT: &str = include_str!("login/login.js");
const ACT_PAGE: &str = include_str!("login/act.html");
const ACT_SCRIPT: &str = include_str!("login/act.js");
/// The dashboard's own has a name that changes with it.
const ICON: &str = include_str!("../../web/src/icon.svg");

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// A file of this page, by its address.
pub(super) fn answer(path: &str) -> Option<Response> {
    let (kind, text) = match path {
        "/login" | "/join" => ("text/html; charset=utf-8", PAGE),
        "/login.css" => ("text/css; charset=utf-8", STYLE),
        "/login.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "/act" => ("text/html; charset=utf-8", ACT_PAGE),
        "/act.js" => ("text/javascript; charset=utf-8", ACT_SCRIPT),
        "/login.svg" => ("image/svg+xml", ICON),
        _ => return None,
    };
    let kind = HeaderValue::from_static(kind);
    let mut response = exchange::content(StatusCode::OK, kind, Bytes::from_static(text.as_bytes()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}

/// Leads a page of the dashboard here, and says where to go on. Files are no pages: whoever asks
/// for one could do nothing with this one.
pub(super) fn instead_of(path: &str, query: &str) -> Option<Response> {
    let last = path.rsplit('/').next().unwrap_or("");
    if last.contains('.') || path.starts_with("/docs") || path.starts_with("/assets/") {
        return None;
    }
    let joint = if query.is_empty() { "" } else { "?" };
    let whole = format!("{path}{joint}{query}");
    let next: String = whole.bytes().map(escaped).collect();
    let target = if whole == "/" { "/login".to_owned() } else { format!("/login?next={next}") };
    let mut response = exchange::empty(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::try_from(target).ok()?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_dashboard_leads_to_the_login_and_back() {
        let target = |path: &str, query: &str| {
            let response = instead_of(path, query)?;
            Some(response.headers()[LOCATION].to_str().expect("ASCII").to_owned())
        };
        assert_eq!(target("/", "").as_deref(), Some("/login"));
        let expected = "/login?next=/issues/7%3Fq%3Da%26b%3D%23";
        assert_eq!(target("/issues/7", "q=a&b=#").as_deref(), Some(expected));
        assert_eq!(target("//evil.example", "").as_deref(), None, "a name with a dot is a file");
        for file in ["/assets/x", "/favicon.svg", "/docs", "/docs/guide"] {
            assert_eq!(target(file, ""), None, "{file}");
        }
    }

    #[test]
    fn no_text_of_the_page_is_a_script_or_a_style() {
        for page in [PAGE, ACT_PAGE] {
            let has_style = page.contains("<style") || page.contains("style=");
            assert!(!has_style && !page.contains("onclick"));
            assert_eq!(page.matches("<script").count(), 1);
        }
        for script in [SCRIPT, ACT_SCRIPT] {
            assert!(!script.contains("innerHTML") && !script.contains("eval("));
        }
        for path in ["/login", "/join", "/login.css", "/login.js", "/login.svg", "/act", "/act.js"]
        {
            assert!(answer(path).is_some(), "{path}");
        }
        assert!(answer("/").is_none());
    }
}
