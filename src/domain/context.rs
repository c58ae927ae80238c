//! What a report's context says about who and which request it was: the parts that are indexed.
//!
//! Reads raw JSON text and copies only what it keeps. A name nearer the top wins over the same one
//! inside `request`, a member of its own over a header; of two equal ones the last, as in JSON.

use super::json;

/// Longest value that is kept, in characters.
const CHARACTERS_MAX: usize = 256;
/// How much further off everything inside `request` is.
const NESTED: u8 = 10;

/// The identifiers that were found. Each is 1 to 256 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// `request_id`, `requestId` or the header `x-request-id`.
    pub request_id: Option<String>,
    /// `user_id`, `userId`, `user.id` or `currentUser.id`.
    pub user_id: Option<String>,
    /// `trace_id`, `traceId` or the trace id of the header `traceparent`.
    pub trace_id: Option<String>,
}

/// A value and how far off the best place it stood; a nearer one replaces it.
#[derive(Default)]
struct Candidate(Option<(u8, String)>);

impl Candidate {
    fn offer(&mut self, rank: u8, value: Option<String>) {
        if let Some(value) = value
            && self.0.as_ref().is_none_or(|(found, _)| rank <= *found)
        {
            self.0 = Some((rank, value));
        }
    }

    fn into_value(self) -> Option<String> {
        self.0.map(|(_, value)| value)
    }
}

#[derive(Default)]
struct Search {
    request_id: Candidate,
    user_id: Candidate,
    trace_id: Candidate,
}

/// Finds the identifiers in the raw text of a context. Numbers count as their text; anything but an
/// object has none.
pub fn known(raw_context: &str) -> Known {
    let mut search = Search::default();
    search.object(raw_context, 0);
    Known {
        request_id: search.request_id.into_value(),
        user_id: search.user_id.into_value(),
        trace_id: search.trace_id.into_value(),
    }
}

impl Search {
    fn object(&mut self, raw: &str, rank: u8) {
        for (key, value) in json::members(raw) {
            match &*key {
                "user_id" => self.user_id.offer(rank, identifier(value)),
                "userId" => self.user_id.offer(rank + 1, identifier(value)),
                "user" => self.user_id.offer(rank + 2, member_id(value)),
                "currentUser" => self.user_id.offer(rank + 3, member_id(value)),
                "request_id" => self.request_id.offer(rank, identifier(value)),
                "requestId" => self.request_id.offer(rank + 1, identifier(value)),
                "trace_id" => self.trace_id.offer(rank, identifier(value)),
                "traceId" => self.trace_id.offer(rank + 1, identifier(value)),
                "headers" => self.headers(value, rank + 2),
                "request" if rank == 0 => self.object(value, NESTED),
                _ => {}
            }
        }
    }

    /// Headers as an object, as a list of pairs or of `{name, value}`, or as a flat list of names
    /// and values in turn.
    fn headers(&mut self, raw: &str, rank: u8) {
        for (name, value) in json::members(raw) {
            self.header(&name, value, rank);
        }
        let mut elements = json::elements(raw);
        while let Some(element) = elements.next() {
            if let Some(text) = json::string(element) {
                if is_wanted(&text)
                    && let Some(value) = elements.next()
                {
                    self.header(&text, value, rank);
                }
                continue;
            }
            let mut pair = json::elements(element);
            if let (Some(name), Some(value)) = (pair.next().and_then(json::string), pair.next()) {
                self.header(&name, value, rank);
            }
            self.named_header(element, rank);
        }
    }

    fn named_header(&mut self, raw: &str, rank: u8) {
        let (mut name, mut value) = (None, None);
        for (key, member) in json::members(raw) {
            match &*key {
                "name" | "key" => name = json::string(member),
                "value" => value = Some(member),
                _ => {}
            }
        }
        if let (Some(name), Some(value)) = (name, value) {
            self.header(&name, value, rank);
        }
    }

    fn header(&mut self, name: &str, value: &str, rank: u8) {
        // A header that came more than once is a list in Node.js and Go.
        let value = json::elements(value).next().unwrap_or(value);
        if is_header(name, "x-request-id") {
            self.request_id.offer(rank, identifier(value));
        } else if is_header(name, "traceparent") {
            self.trace_id.offer(rank, json::string(value).and_then(|text| trace_id_of(&text)));
        }
    }
}

fn is_wanted(name: &str) -> bool {
    is_header(name, "x-request-id") || is_header(name, "traceparent")
}

/// Any case, and also as CGI and Django name it: `HTTP_X_REQUEST_ID`.
fn is_header(name: &str, wanted: &str) -> bool {
    let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b) || (a == b'_' && b == b'-');
    let bytes = name.as_bytes();
    let bytes = bytes.strip_prefix(b"HTTP_").unwrap_or(bytes);
    bytes.len() == wanted.len() && bytes.iter().zip(wanted.bytes()).all(|(&a, b)| same(a, b))
}

fn member_id(raw: &str) -> Option<String> {
    json::members(raw)
        .filter(|(key, _)| key == "id")
        .last()
        .and_then(|(_, value)| identifier(value))
}

/// A string or a number as text, without blanks around it; `None` if nothing is left.
fn identifier(raw: &str) -> Option<String> {
    let text = match raw.as_bytes().first()? {
        b'"' => json::string(raw)?,
        b'-' | b'0'..=b'9' => raw.into(),
        _ => return None,
    };
    let text = text.trim();
    if text.len() <= CHARACTERS_MAX {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let end = text.char_indices().nth(CHARACTERS_MAX).map_or(text.len(), |(at, _)| at);
    Some(text[..end].to_owned())
}

/// The trace id of a W3C `traceparent`: `version-trace-parent-flags`, all in hex.
fn trace_id_of(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.trim().split('-');
    let (version, trace_id) = (parts.next()?, parts.next()?);
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_sound = is_hex(version, 2)
        && is_hex(trace_id, 32)
        && trace_id.bytes().any(|b| b != b'0')
        && parts.next().is_some_and(|parent| is_hex(parent, 16));
    is_sound.then(|| trace_id.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn check(raw: &str, request: Option<&str>, user: Option<&str>, trace: Option<&str>) {
        let expected = Known {
            request_id: request.map(str::to_owned),
            user_id: user.map(str::to_owned),
            trace_id: trace.map(str::to_owned),
        };
        assert_eq!(known(raw), expected, "{raw}");
    }

    #[test]
    fn members_are_read_by_every_name_they_have() {
        check(
            r#"{"user_id":"u","request_id":"r","trace_id":"t"}"#,
            Some("r"),
            Some("u"),
            Some("t"),
        );
        check(r#"{"requestId":"r","traceId":"t"}"#, Some("r"), None, Some("t"));
        check(r#"{"user":{"name":"x","id":"u"}}"#, None, Some("u"), None);
        check(r#"{"currentUser":{"id":7}}"#, None, Some("7"), None);
        check(r#"{"user_id":-42,"request_id":1.5}"#, Some("1.5"), Some("-42"), None);
        check(r#"{"user_id":"\u0041\n"}"#, None, Some("A"), None);
    }

    #[test]
    fn headers_are_read_in_every_shape() {
        check(r#"{"headers":{"X-Request-ID":"r"}}"#, Some("r"), None, None);
        check(r#"{"headers":{"x-request-id":["r","s"]}}"#, Some("r"), None, None);
        check(r#"{"headers":[["Host","h"],["X-Request-Id","r"]]}"#, Some("r"), None, None);
        check(r#"{"headers":[{"name":"x-request-id","value":"r"}]}"#, Some("r"), None, None);
        check(r#"{"headers":[{"value":"r","key":"X-REQUEST-ID"}]}"#, Some("r"), None, None);
        check(r#"{"headers":["Host","h","X-Request-Id","r"]}"#, Some("r"), None, None);
        check(r#"{"headers":{"HTTP_X_REQUEST_ID":"r"}}"#, Some("r"), None, None);
        check(
            &format!(r#"{{"headers":{{"Traceparent":"{TRACEPARENT}"}}}}"#),
            None,
            None,
            Some(TRACE),
        );
        let zeros = TRACEPARENT.replace(TRACE, &"0".repeat(32));
        check(&format!(r#"{{"headers":{{"traceparent":"{zeros}"}}}}"#), None, None, None);
        check(r#"{"headers":{"traceparent":"no"}}"#, None, None, None);
        check(r#"{"headers":"x-request-id"}"#, None, None, None);
    }

    #[test]
    fn the_same_is_read_inside_request() {
        let raw =
            r#"{"request":{"request_id":"r","user":{"id":"u"},"headers":{"traceparent":"T"}}}"#;
        check(&raw.replace('T', TRACEPARENT), Some("r"), Some("u"), Some(TRACE));
        check(r#"{"request":{"request":{"request_id":"r"}}}"#, None, None, None);
    }

    #[test]
    fn the_nearest_wins_in_any_order_and_of_equals_the_last() {
        check(r#"{"request":{"user_id":"far"},"user":{"id":"near"}}"#, None, Some("near"), None);
        check(
            r#"{"user":{"id":"b"},"user_id":"a","currentUser":{"id":"c"}}"#,
            None,
            Some("a"),
            None,
        );
        check(
            r#"{"requestId":"b","headers":{"x-request-id":"c"},"request_id":"a"}"#,
            Some("a"),
            None,
            None,
        );
        check(r#"{"user_id":"first","user_id":"last"}"#, None, Some("last"), None);
        check(r#"{"user_id":null,"user":{"id":"u"}}"#, None, Some("u"), None);
        check(r#"{"user_id":"  ","user":{"id":"u"}}"#, None, Some("u"), None);
    }

    #[test]
    fn long_values_are_trimmed_and_others_ignored() {
        let long = "é".repeat(300);
        check(&format!(r#"{{"user_id":"{long}"}}"#), None, Some(&long[..512]), None);
        for raw in [
            "{}",
            "[]",
            "null",
            "",
            r#"{"user_id":true,"request_id":{},"trace_id":[]}"#,
            r#"{"user":"x"}"#,
        ] {
            check(raw, None, None, None);
        }
    }
}
