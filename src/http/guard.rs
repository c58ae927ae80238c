//! Who may come in at all: the rules of CONTRACT 5 and 8 that hold before any route is run.

use std::net::IpAddr;

use hyper::Version;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, ORIGIN};

use super::error::Error;
use crate::config::{Config, host_of, is_loopback_host};

const SEC_FETCH_SITE: &str = "sec-fetch-site";
/// Headers that only a proxy writes.
const PROXY_HEADERS: [&str; 3] = ["forwarded", "x-real-ip", "via"];
const PROXY_PREFIX: &str = "x-forwarded-";

/// The rules of one running program.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    names: Vec<String>,
    public_origin: Option<String>,
    is_open: bool,
    insecure_open: bool,
}

/// Whether a request has to say who it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// It may do everything.
    Open,
    /// It needs a key or a login.
    Closed,
}

impl Guard {
    /// What the operator's choices amount to.
    pub(super) fn new(config: &Config) -> Self {
        let public = config.public_url.as_ref();
        let allowed = config.allow_host.iter().map(|host| host.0.clone());
        Self {
            names: allowed.chain(public.map(|url| url.host.clone())).collect(),
            public_origin: public.map(|url| url.origin.clone()),
            is_open: config.is_open(),
            insecure_open: config.insecure_open,
        }
    }

    /// The name by which the request calls this server must be one that no stranger can point
    /// here, or one that the operator allowed (DNS rebinding).
    pub(super) fn host(
        &self,
        headers: &HeaderMap,
        target: Option<&str>,
        version: Version,
    ) -> Result<(), Error> {
        let mut named = headers.get_all(HOST).iter();
        let (first, second) = (named.next(), named.next());
        let host = match (first, second) {
            (None, _) if version < Version::HTTP_11 => None,
            (Some(host), None) => Some(host.to_str().unwrap_or("?")),
            _ => return Err(Error::Forbidden("the request must have one Host header".into())),
        };
        for authority in host.into_iter().chain(target) {
            if !self.is_known(authority) {
                let shown: String = authority.chars().take(100).collect();
                return Err(Error::Forbidden(format!(
                    "this server does not go by the name {shown:?}: if it should, start it with \
                     --allow-host or --public-url"
                )));
            }
        }
        Ok(())
    }

    fn is_known(&self, authority: &str) -> bool {
        let Some(host) = host_of(authority) else {
            return false;
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        host.parse::<IpAddr>().is_ok()
            || is_loopback_host(host)
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Whether a request has to say who it is from. Where nobody has to, one that came through a
    /// proxy has: the proxy may listen to the whole world. It is refused while nobody can log in.
    /// `--insecure-open` says that everybody is meant.
    pub(super) fn door(&self, headers: &HeaderMap, has_administrator: bool) -> Result<Door, Error> {
        if self.insecure_open {
            return Ok(Door::Open);
        }
        if !self.is_open {
            return Ok(Door::Closed);
        }
        let by_proxy = |name: &str| PROXY_HEADERS.contains(&name) || name.starts_with(PROXY_PREFIX);
        match headers.keys().find(|name| by_proxy(name.as_str())) {
            None => Ok(Door::Open),
            Some(_) if has_administrator => Ok(Door::Closed),
            Some(name) => Err(Error::Forbidden(format!(
                "the request came through a proxy (it has the header {name}), and this server asks \
                 nobody for a login: reach it directly, or start it with --insecure-open to let in \
                 everybody whom the proxy lets through, or make an administrator with log-center \
                 admin create, and people log in"
            ))),
        }
    }

    /// A change of somebody whom the browser names by itself, by a cookie or through a proxy, has
    /// to show that it comes from an own page: every browser says where a change comes from.
    pub(super) fn shows_its_page(&self, headers: &HeaderMap) -> Result<(), Error> {
        if headers.contains_key(ORIGIN) || headers.contains_key(SEC_FETCH_SITE) {
            return self.same_origin(headers);
        }
        Err(Error::Forbidden(
            "a change with a cookie must say from which page it comes: send Origin, or use a key"
                .into(),
        ))
    }

    /// A change must not come from another site's page. Programs send neither header.
    pub(super) fn same_origin(&self, headers: &HeaderMap) -> Result<(), Error> {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let site = text(SEC_FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
        let origin = text(ORIGIN.as_str())
            .is_none_or(|origin| self.is_own(origin, text(HOST.as_str()).unwrap_or_default()));
        if site && origin {
            return Ok(());
        }
        Err(Error::Forbidden("changes are taken from this server's own pages only".into()))
    }

    fn is_own(&self, origin: &str, host: &str) -> bool {
        // Behind a proxy the scheme that the browser saw is unknown here, so it does not count.
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
            || self.public_origin.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(origin))
    }
}

/// A change's body must be named what it is: a form of another site cannot do that unasked.
pub(super) fn body_type(headers: &HeaderMap, expected: &str) -> Result<(), Error> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::Encoding(format!("the body must have Content-Type: {expected}")))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn guard(words: &[&str]) -> Guard {
        Guard::new(&Config::try_parse_from([&["serve"], words].concat()).expect("valid"))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_names_that_no_stranger_can_point_here_are_known() {
        let guard = guard(&["--allow-host", "logs.lan", "--public-url", "https://e.example:8443"]);
        let table = [
            ("127.0.0.1:8002", true),
            ("192.168.1.5", true),
            ("[::1]:8003", true),
            ("[fe80::1]", true),
            ("localhost:8002", true),
            ("LOCALHOST.", true),
            ("app.localhost:8002", true),
            ("logs.lan:1234", true),
            ("E.example", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost:8002@evil.example", false),
            ("evil.example:localhost", false),
            ("[::1]evil", false),
            ("", false),
        ];
        for (host, expected) in table {
            let got = guard.host(&headers(&[("host", host)]), None, Version::HTTP_11);
            assert_eq!(got.is_ok(), expected, "{host}");
        }
    }

    #[test]
    fn one_host_is_needed_and_the_target_counts_too() {
        let guard = guard(&[]);
        let two = headers(&[("host", "localhost"), ("host", "evil.example")]);
        assert!(guard.host(&two, None, Version::HTTP_11).is_err());
        assert!(guard.host(&headers(&[]), None, Version::HTTP_11).is_err());
        assert!(guard.host(&headers(&[]), None, Version::HTTP_10).is_ok(), "an old health check");
        let one = headers(&[("host", "localhost")]);
        assert!(guard.host(&one, Some("evil.example"), Version::HTTP_11).is_err());
    }

    #[test]
    fn a_proxy_needs_the_operators_word_or_a_login() {
        let through = |name| headers(&[(name, "1.2.3.4")]);
        for name in ["forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-proto"] {
            let asked = through(name);
            assert_eq!(guard(&[]).door(&asked, false).expect_err(name).status(), 403);
            assert_eq!(guard(&[]).door(&asked, true).expect(name), Door::Closed);
            let open = guard(&["--insecure-open"]);
            assert_eq!(open.door(&asked, false).expect(name), Door::Open);
        }
        let plain = headers(&[("user-agent", "x")]);
        let table: [(&[&str], Door); 5] = [
            (&[], Door::Open),
            (&["--require-login"], Door::Closed),
            (&["--listen", "0.0.0.0:1"], Door::Closed),
            (&["--public-url", "https://e.example"], Door::Closed),
            (&["--listen", "0.0.0.0:1", "--insecure-open"], Door::Open),
        ];
        for (words, expected) in table {
            for has_administrator in [false, true] {
                let door = guard(words).door(&plain, has_administrator);
                assert_eq!(door.expect("let in"), expected, "{words:?}");
            }
        }
    }

    #[test]
    fn a_change_with_a_cookie_shows_its_page() {
        let guard = guard(&[]);
        let table: [(&[(&'static str, &'static str)], bool); 4] = [
            (&[], false),
            (&[("origin", "http://localhost:8002")], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("origin", "http://evil.example")], false),
        ];
        for (pairs, expected) in table {
            let mut asked = headers(pairs);
            asked.insert(HOST, HeaderValue::from_static("localhost:8002"));
            assert_eq!(guard.shows_its_page(&asked).is_ok(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_change_from_another_site_is_refused() {
        let guard = guard(&["--public-url", "https://e.example"]);
        let table: [(&[(&str, &str)], bool); 11] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "http://localhost:8003")], true),
            (&[("origin", "https://e.example")], true),
            (&[("origin", "http://localhost:3000")], false),
            (&[("origin", "null")], false),
            (&[("origin", "http://localhost:8003"), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")], false),
        ];
        for (pairs, expected) in table {
            let mut asked = HeaderMap::new();
            asked.insert(HOST, HeaderValue::from_static("localhost:8003"));
            for (name, value) in pairs {
                asked.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(guard.same_origin(&asked).is_ok(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_changes_body_is_named_json() {
        let table = [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
            ("", false),
        ];
        for (kind, expected) in table {
            assert_eq!(
                body_type(&headers(&[("content-type", kind)]), "application/json").is_ok(),
                expected,
                "{kind}"
            );
        }
    }
}
