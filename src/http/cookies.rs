//! The session's cookie: no script reads it, no other site's request for a change carries it, and
//! over https no other host of the domain can set it.

use hyper::header::{COOKIE, HeaderMap, HeaderValue};

use crate::app::trust::tickets::TICKET_MS;
use crate::domain::trust::key::SECRET_DIGITS;
use crate::domain::trust::person::SESSION_AGE_MS;

/// On plain http, as in a LAN.
const PLAIN: &str = "log-center";
/// Browsers take this name over https alone, for the whole host, and from nobody else.
const HOSTED: &str = "__Host-log-center";

/// What belongs to a login by a provider, until the browser is back.
const PLAIN_JOURNEY: &str = "log-center-oidc";
const HOSTED_JOURNEY: &str = "__Host-log-center-oidc";

const fn name(is_https: bool) -> &'static str {
    if is_https { HOSTED } else { PLAIN }
}

/// The session's secret that a request brings. Of several none counts: one was planted.
pub(super) fn session(headers: &HeaderMap, is_https: bool) -> Option<&str> {
    let secret = only(headers, name(is_https))?;
    let is_one =
        secret.len() == SECRET_DIGITS && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then_some(secret)
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut own = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value);
    let (Some(value), None) = (own.next(), own.next()) else { return None };
    Some(value.trim())
}

const fn journey_name(is_https: bool) -> &'static str {
    if is_https { HOSTED_JOURNEY } else { PLAIN_JOURNEY }
}

/// The ticket of a login by a provider.
pub(super) fn journey(headers: &HeaderMap, is_https: bool) -> Option<&str> {
    only(headers, journey_name(is_https))
}

/// Gives a browser such a ticket.
pub(super) fn begin_journey(ticket: &str, is_https: bool) -> HeaderValue {
    written(journey_name(is_https), ticket, TICKET_MS / 1_000, is_https)
}

/// Takes it away.
pub(super) fn end_journey(is_https: bool) -> HeaderValue {
    written(journey_name(is_https), "", 0, is_https)
}

/// Gives a browser its session.
pub(super) fn begin(secret: &str, is_https: bool) -> HeaderValue {
    written(name(is_https), secret, SESSION_AGE_MS / 1_000, is_https)
}

/// Takes it away.
pub(super) fn end(is_https: bool) -> HeaderValue {
    written(name(is_https), "", 0, is_https)
}

fn written(name: &str, value: &str, age_s: i64, is_https: bool) -> HeaderValue {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).expect("digits and constants are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], is_https: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_str(line).expect("legible"));
        }
        session(&headers, is_https).map(str::to_owned)
    }

    #[test]
    fn one_cookie_of_the_right_name_counts() {
        let one = "a".repeat(SECRET_DIGITS);
        let other = "b".repeat(SECRET_DIGITS);
        let plain = format!("theme=dark; log-center={one}");
        let hosted = format!("__Host-log-center={one}; log-center={other}");
        assert_eq!(read(&[&plain], false), Some(one.clone()));
        assert_eq!(read(&[&plain], true), None, "set over plain http");
        assert_eq!(read(&[&hosted], true), Some(one.clone()));
        assert_eq!(read(&[&hosted], false), Some(other.clone()));
        let two = format!("log-center={one}; log-center={other}");
        assert_eq!(read(&[&two], false), None);
        assert_eq!(read(&[&plain, &format!("log-center={other}")], false), None, "in two lines");
        for wrong in ["log-center=", "log-center", "log-center=x", "xlog-center=1", ""] {
            assert_eq!(read(&[wrong], false), None, "{wrong}");
        }
        assert_eq!(read(&[&format!("log-center={}", "é".repeat(24))], false), None);
    }

    #[test]
    fn a_cookie_is_as_narrow_as_its_connection_allows() {
        let text = |value: HeaderValue| value.to_str().expect("ASCII").to_owned();
        let rest = "Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax";
        assert_eq!(text(begin("ab", false)), format!("log-center=ab; {rest}"));
        assert_eq!(text(begin("ab", true)), format!("__Host-log-center=ab; {rest}; Secure"));
        assert!(text(end(true)).starts_with("__Host-log-center=; Path=/; Max-Age=0;"));
    }
}
