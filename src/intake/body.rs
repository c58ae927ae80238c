//! From a body's bytes to JSON text that is known to be valid, so that everything behind may read
//! spans of it without checking again.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::domain::json::{is_valid, string_end};
use crate::domain::report::Fault;

/// Objects and arrays inside one another at most. Deeper ones are no report but an attack on
/// whatever reads them next.
pub(super) const DEPTH_MAX: usize = 64;

/// What Python and others write though JSON has no such words; the longest match first.
const NUMBERS_UNKNOWN_TO_JSON: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// The body as text: bytes that are not UTF-8 become U+FFFD; see [`bare`].
pub(super) fn text(body: &[u8]) -> Cow<'_, str> {
    // Nearly every body is text, and asking only whether it is goes three times as fast.
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(bare(text)),
        Err(_) => Cow::Owned(bare(&String::from_utf8_lossy(body)).to_owned()),
    }
}

/// Without the blanks around and a byte-order mark. Files that were joined have one in the middle.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim_ascii();
    text.strip_prefix('\u{feff}').map_or(text, str::trim_ascii)
}

/// The text, if it is one JSON value and no deeper than that; `NaN` and infinities become `null`.
pub(super) fn value(text: &str, depth_max: usize) -> Result<Cow<'_, str>, Fault> {
    if is_valid(text, depth_max) {
        return Ok(Cow::Borrowed(text));
    }
    if text.is_empty() {
        return Err(Fault::new("", "expected JSON, got an empty body"));
    }
    if is_deeper(text.as_bytes(), depth_max) {
        let message = format!("nested deeper than {depth_max} levels");
        return Err(Fault::new("", message));
    }
    // Only now, since hardly any body needs it.
    let repaired = without_unknown_numbers(text);
    if is_valid(&repaired, depth_max) {
        return Ok(Cow::Owned(repaired));
    }
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else {
        return Ok(Cow::Borrowed(text));
    };
    Err(Fault::new("", format!("unreadable JSON: {error}")))
}

fn is_deeper(bytes: &[u8], depth_max: usize) -> bool {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_max {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    false
}

/// The text with `null` for what is no JSON number; strings stay as they are.
fn without_unknown_numbers(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string_end(bytes, at),
            b'-' | b'I' | b'N' => {
                let rest = &bytes[at..];
                let mut words = NUMBERS_UNKNOWN_TO_JSON.iter();
                match words.find(|word| rest.starts_with(word.as_bytes())) {
                    Some(word) => {
                        out.push_str(&text[copied..at]);
                        out.push_str("null");
                        at += word.len();
                        copied = at;
                    }
                    None => at += 1,
                }
            }
            _ => at += 1,
        }
    }
    out.push_str(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<String, String> {
        let text = text(body.as_bytes()).into_owned();
        value(&text, DEPTH_MAX).map(Cow::into_owned).map_err(|fault| fault.message)
    }

    #[test]
    fn what_other_programs_call_json_is_read() {
        let table = [
            ("{}", "{}"),
            ("\u{feff} {\"a\":1}\r\n", "{\"a\":1}"),
            ("{\"a\":NaN}", "{\"a\":null}"),
            ("[Infinity,-Infinity, NaN]", "[null,null, null]"),
            ("{\"NaN\":\"NaN \\\" -Infinity\",\"b\":-1,\"c\":NaN}", {
                "{\"NaN\":\"NaN \\\" -Infinity\",\"b\":-1,\"c\":null}"
            }),
            ("{\"a\":\"\\ud83d\"}", "{\"a\":\"\\ud83d\"}"),
        ];
        for (body, expected) in table {
            assert_eq!(read(body).as_deref(), Ok(expected), "{body}");
        }
        assert_eq!(text(b"\"a\xffb\""), "\"a\u{fffd}b\"");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let table = [
            ("", "expected JSON, got an empty body"),
            ("\u{feff} \n", "expected JSON, got an empty body"),
            ("{", "unreadable JSON: "),
            ("{}{}", "trailing characters"),
            ("{} x", "trailing characters"),
            ("{'a':1}", "unreadable JSON: "),
            ("{\"a\":1,}", "unreadable JSON: "),
            ("{\"a\":xNaN}", "unreadable JSON: "),
            ("{\"a\":\"\\u12\"}", "unreadable JSON: "),
            ("{\"a\":\"line\nfeed\"}", "unreadable JSON: "),
            ("\"open", "unreadable JSON: "),
            ("\"open\\", "unreadable JSON: "),
            ("a=1&b=2", "unreadable JSON: "),
        ];
        for (body, part) in table {
            let message = read(body).expect_err(body);
            assert!(message.contains(part), "{body}: {message}");
        }
    }

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(64)).is_ok());
        assert_eq!(read(&nested(65)), Err("nested deeper than 64 levels".to_owned()));
        assert!(read(&format!("[\"{}\\\"{{\"]", "[{".repeat(100))).is_ok());
        assert!(read(&format!("[{}[]]", "[],".repeat(100))).is_ok(), "width is no depth");
        assert!(read(&"[{\"a\":".repeat(100_000)).is_err(), "and a deep one costs no stack");
    }
}
