//! Whether text is JSON (RFC 8259), in one pass over it and without a stack that grows.
//!
//! It says yes to nothing that `serde_json` refuses; who wants to know why it says no asks that.

use std::borrow::Cow;

use super::{skip_space, unescape};

/// Objects and arrays inside one another that are followed.
pub const DEPTH_MAX: usize = 127;

/// Whether a text is one valid value with at most `depth_max` objects and arrays inside one another
/// (never more than [`DEPTH_MAX`]), and nothing but blanks around it.
pub fn is_valid(text: &str, depth_max: usize) -> bool {
    let bytes = text.as_bytes();
    let end = checked_end(bytes, skip_space(bytes, 0), depth_max);
    end.is_some_and(|end| skip_space(bytes, end) == bytes.len())
}

/// What the members of an object are put into, one after the other.
pub trait Members<'a>: Default {
    /// Takes the next one: its key unescaped, its value as it stands.
    fn take(&mut self, name: Cow<'a, str>, raw: &'a str);
}

/// The members of a text that is one valid object and at most so deep, as [`is_valid`] says.
pub fn valid_object<'a, M: Members<'a>>(text: &'a str, depth_max: usize) -> Option<M> {
    let bytes = text.as_bytes();
    let open = skip_space(bytes, 0);
    if bytes.get(open) != Some(&b'{') {
        return None;
    }
    let (members, end) = object(text, open, depth_max.min(DEPTH_MAX))?;
    (skip_space(bytes, end) == bytes.len()).then_some(members)
}

/// The first `most` elements of a text that is one valid array and at most so deep: each as it
/// stands, and its members if it is an object.
pub fn valid_objects<'a, M: Members<'a>>(
    text: &'a str,
    depth_max: usize,
    most: usize,
) -> Option<Vec<(Option<M>, &'a str)>> {
    let bytes = text.as_bytes();
    let mut elements = Vec::new();
    let depth_max = depth_max.min(DEPTH_MAX).checked_sub(1)?;
    let open = skip_space(bytes, 0);
    let mut at = skip_space(bytes, open + 1);
    if bytes.get(open) != Some(&b'[') {
        return None;
    }
    if bytes.get(at) != Some(&b']') {
        loop {
            let (members, end) = if bytes.get(at) == Some(&b'{') {
                object(text, at, depth_max).map(|(members, end)| (Some(members), end))?
            } else {
                (None, checked_end(bytes, at, depth_max)?)
            };
            if elements.len() < most {
                elements.push((members, text.get(at..end)?));
            }
            at = skip_space(bytes, end);
            match bytes.get(at) {
                Some(b',') => at = skip_space(bytes, at + 1),
                Some(b']') => break,
                _ => return None,
            }
        }
    }
    (skip_space(bytes, at + 1) == bytes.len()).then_some(elements)
}

/// The members of the object that opens at `at`, and where it ends.
fn object<'a, M: Members<'a>>(text: &'a str, at: usize, depth_max: usize) -> Option<(M, usize)> {
    let bytes = text.as_bytes();
    let (mut members, depth_max) = (M::default(), depth_max.checked_sub(1)?);
    let mut at = skip_space(bytes, at + 1);
    if bytes.get(at) == Some(&b'}') {
        return Some((members, at + 1));
    }
    loop {
        let start = key_end(bytes, at)?;
        let end = checked_end(bytes, start, depth_max)?;
        // The key ends with the last quote before the colon.
        let key = text.get(at + 1..start)?.trim_ascii_end().strip_suffix(':')?.trim_ascii_end();
        members.take(unescape(key.strip_suffix('"')?), text.get(start..end)?);
        at = skip_space(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b'}') => return Some((members, at + 1)),
            _ => return None,
        }
    }
}

/// Where the value that begins at `at` ends; `None` if it is not valid, or too deep.
fn checked_end(bytes: &[u8], mut at: usize, depth_max: usize) -> Option<usize> {
    // What is open, the innermost in the lowest bit: 1 for an object, 0 for an array.
    let (mut open, mut depth) = (0_u128, 0);
    let depth_max = depth_max.min(DEPTH_MAX);
    loop {
        match *bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            byte @ (b'{' | b'[') => {
                let is_object = byte == b'{';
                depth += 1;
                if depth > depth_max {
                    return None;
                }
                open = open << 1 | u128::from(is_object);
                at = skip_space(bytes, at + 1);
                let is_empty = *bytes.get(at)? == if is_object { b'}' } else { b']' };
                if !is_empty {
                    at = if is_object { key_end(bytes, at)? } else { at };
                    continue;
                }
            }
            b't' => at = word_end(bytes, at, b"true")?,
            b'f' => at = word_end(bytes, at, b"false")?,
            b'n' => at = word_end(bytes, at, b"null")?,
            _ => at = number_end(bytes, at)?,
        }
        loop {
            if depth == 0 {
                return Some(at);
            }
            at = skip_space(bytes, at);
            let is_object = open & 1 == 1;
            match *bytes.get(at)? {
                b',' => {
                    at = skip_space(bytes, at + 1);
                    at = if is_object { key_end(bytes, at)? } else { at };
                    break;
                }
                b'}' if is_object => {}
                b']' if !is_object => {}
                _ => return None,
            }
            (open, depth, at) = (open >> 1, depth - 1, at + 1);
        }
    }
}

/// Where the value behind a key and its colon begins.
fn key_end(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let colon = skip_space(bytes, string_end(bytes, at)?);
    (bytes.get(colon) == Some(&b':')).then(|| skip_space(bytes, colon + 1))
}

/// Past the closing quote of a string without control characters and with escapes that are known.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at = special(bytes, at);
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match *bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// The next quote, backslash or control character, eight bytes a step.
fn special(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    // The lowest byte that is found is one; bytes above it may be found by mistake.
    let below = |word: u64, byte: u8| word.wrapping_sub(ONES * u64::from(byte)) & !word & HIGHS;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let slashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quotes | slashes | below(word, b' ');
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    at + rest.iter().position(is_special).unwrap_or(rest.len())
}

fn word_end(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes[at..].starts_with(word).then_some(at + word.len())
}

fn number_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    at += usize::from(bytes.get(at) == Some(&b'-'));
    at = if bytes.get(at) == Some(&b'0') { at + 1 } else { digits_end(bytes, at)? };
    if bytes.get(at) == Some(&b'.') {
        at = digits_end(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let has_sign = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        at = digits_end(bytes, at + 1 + usize::from(has_sign))?;
    }
    Some(at)
}

/// Past one digit or more.
fn digits_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    (length > 0).then_some(at + length)
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;
    use serde_json::value::RawValue;

    use super::*;
    use crate::domain::json::members;

    #[derive(Default, Debug, PartialEq)]
    struct All(Vec<(String, String)>);

    impl<'a> Members<'a> for All {
        fn take(&mut self, name: Cow<'a, str>, raw: &'a str) {
            self.0.push((name.into_owned(), raw.to_owned()));
        }
    }

    fn all(raw: &str) -> Option<All> {
        let owned = |(name, raw): (Cow<'_, str>, &str)| (name.into_owned(), raw.to_owned());
        raw.trim_ascii().starts_with('{').then(|| All(members(raw).map(owned).collect()))
    }

    fn same_as_serde(text: &str) {
        let by_serde = serde_json::from_str::<IgnoredAny>(text).is_ok();
        assert_eq!(is_valid(text, DEPTH_MAX), by_serde, "{text:?}");
        let expected = by_serde.then(|| all(text)).flatten();
        assert_eq!(valid_object::<All>(text, DEPTH_MAX), expected, "{text:?}");
        let elements = valid_objects::<All>(text, DEPTH_MAX, usize::MAX);
        let expected: Option<Vec<Box<RawValue>>> = serde_json::from_str(text).ok();
        let expected: Option<Vec<_>> = expected
            .as_ref()
            .map(|raws| raws.iter().map(|raw| (all(raw.get()), raw.get())).collect());
        assert_eq!(elements, expected, "{text:?}");
    }

    #[test]
    fn it_says_what_serde_json_says() {
        let lines = r#"
            {}|{ }|[]|[ ]|null|nul|nulll|true|tru|false|0|-0|-|01|1.|.1|1.5|1e|1e5|1E+5|1e-|-1.5e-3
            +1|1 2|"|"a"|"a" b|"\n"|"\x"|"\u12"|"\u12g4"|"\u00e9"|"\ud83d"|"é😀"|"\|"\"|"a|a"
            {"a":1}|{"a" : 1 , "b" : [ 1 , 2 ] }|{"a":1,}|{,}|{"a"}|{"a":}|{"a" 1}|{a:1}|{1:1}
            {"a":1 "b":2}|[1,]|[,1]|[1 2]|[1,2|[1,2}|{"a":1]|]|}|[[],[[]],{}]|[{"a":[{}]}]|[1]]|{}}
            {"a":NaN}|[Infinity]|{"a":1,"a":2}|{"a\"b":1}|{"a:":"}"}|{"\u0061":1}|{"a":1}x|,1|:"#;
        lines.split(['\n', '|']).for_each(same_as_serde);
        lines.split(['\n', '|']).for_each(|text| same_as_serde(text.trim()));
        let others = ["\"a\u{1}\"", "\"a\nb\"", "\"\u{7f}\"", "\u{feff}{}", "[1,\u{a0}2]"];
        others.into_iter().for_each(same_as_serde);
    }

    #[test]
    fn what_is_changed_by_a_byte_is_judged_as_serde_json_does() {
        let seed = r#"{"level":"ERROR","error":{"type":"E\u00e9","line_number":-12.5e+3,
            "stack_trace":["at f (a.ts:1:2)","\"quoted\" \\ and é","",{"a":[],"b":{}}]},
            "context":{"a":true,"b":[null,false,0,{"c":"0123456789abcdef\n"}]}}"#;
        let with = b"\"\\{}[],: \n0e-.\x01tnx\x7f";
        for at in 0..seed.len() {
            for byte in with {
                let mut bytes = seed.as_bytes().to_vec();
                bytes[at] = *byte;
                String::from_utf8(bytes).into_iter().for_each(|text| same_as_serde(&text));
            }
            let mut bytes = seed.as_bytes().to_vec();
            bytes.remove(at);
            String::from_utf8(bytes).into_iter().for_each(|text| same_as_serde(&text));
            seed.get(..at).into_iter().for_each(same_as_serde);
        }
    }

    #[test]
    fn a_quote_and_a_control_character_are_found_wherever_they_stand() {
        for length in 0..40 {
            for at in 0..=length {
                for found in ["\"", "\\n", "\u{1f}", "\u{0}", "é", " ", "~"] {
                    let (before, behind) = ("a".repeat(at), "b".repeat(length - at));
                    same_as_serde(&format!("[\"{before}{found}{behind}\"]"));
                }
            }
        }
    }

    #[test]
    fn depth_is_counted() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        for depth in [1, 2, 64, 65, 126, 127] {
            assert!(is_valid(&nested(depth), depth), "{depth}");
            assert!(!is_valid(&nested(depth + 1), depth), "{depth}");
            let elements = |text: &str| valid_objects::<All>(text, depth, 9).map(|all| all.len());
            assert!(elements(&nested(depth)).is_some(), "{depth}");
            assert!(elements(&nested(depth + 1)).is_none(), "{depth}");
            let member = |depth: usize| {
                format!("{{\"a\":{}}}", if depth == 0 { "1".into() } else { nested(depth) })
            };
            assert!(valid_object::<All>(&member(depth - 1), depth).is_some(), "{depth}");
            assert!(valid_object::<All>(&member(depth), depth).is_none(), "{depth}");
        }
        assert!(is_valid("1", 0) && !is_valid("[]", 0));
        assert!(!is_valid(&nested(128), 500));
        let first = |text| valid_objects::<All>(text, 2, 2).map(|all| all.len());
        assert_eq!(first("[1,[2],3]"), Some(2));
        assert_eq!(first("[1,[2],3"), None, "what is not given is looked at too");
    }
}
