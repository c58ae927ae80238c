//! Percent-encoding of RFC 3986.

use std::fmt::Write;

/// Escapes text for one part of a path or one value of a query: all but the unreserved characters.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a String takes everything");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_query_understands() {
        assert_eq!(escape("a b&c=d/é#+"), "a%20b%26c%3Dd%2F%C3%A9%23%2B");
    }
}
