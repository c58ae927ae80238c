//! Spans of raw JSON text, found in one pass and without a tree.
//!
//! The text must be one valid JSON value: the parser has checked that before, and its depth too. On
//! anything else the answers mean nothing, but nothing here panics or loops. No function recurses,
//! so depth costs no stack.

mod check;
mod write;

use std::borrow::Cow;

pub use check::{DEPTH_MAX, Members, is_valid, valid_object, valid_objects};
pub use write::{Object, escape_into};

/// What stands in for characters that cannot be stored: NUL and halves of surrogate pairs.
const REPLACEMENT: char = '\u{fffd}';

/// One step of a [`Walker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// `{`
    OpenObject,
    /// `}`
    CloseObject,
    /// `[`
    OpenArray,
    /// `]`
    CloseArray,
    /// An object's key, escaped, without its quotes.
    Key(&'a str),
    /// A string value, escaped, without its quotes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Plain(&'a str),
}

/// Reads a value token by token; each comes with the place it has in the text, quotes included.
#[derive(Debug, Clone)]
pub struct Walker<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walker<'a> {
    /// Starts before the first token.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token starts, and its first byte.
    pub fn upcoming(&self) -> Option<(usize, u8)> {
        let bytes = self.text.as_bytes();
        let start = skip_filler(bytes, self.at);
        bytes.get(start).map(|&byte| (start, byte))
    }

    /// Where the last token ended.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Steps over the whole value that comes next and returns where it starts and ends.
    pub fn skip_value(&mut self) -> (usize, usize) {
        let start = skip_filler(self.text.as_bytes(), self.at);
        self.at = value_end(self.text, start);
        (start, self.at)
    }
}

impl<'a> Iterator for Walker<'a> {
    type Item = (Token<'a>, usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let start = skip_filler(bytes, self.at);
        let token = match *bytes.get(start)? {
            b'{' => Token::OpenObject,
            b'}' => Token::CloseObject,
            b'[' => Token::OpenArray,
            b']' => Token::CloseArray,
            b'"' => {
                self.at = string_end(bytes, start);
                let inner = inner(self.text, start, self.at);
                let next = skip_space(bytes, self.at);
                let is_key = bytes.get(next) == Some(&b':');
                let token = if is_key { Token::Key(inner) } else { Token::Text(inner) };
                return Some((token, start, self.at));
            }
            _ => {
                self.at = plain_end(bytes, start);
                let token = Token::Plain(self.text.get(start..self.at).unwrap_or(""));
                return Some((token, start, self.at));
            }
        };
        self.at = start + 1;
        Some((token, start, self.at))
    }
}

/// The members of an object's raw text, put into what takes them. Anything but an object has none.
pub fn known_members<'a, M: Members<'a>>(raw_object: &'a str) -> M {
    members(raw_object).fold(M::default(), |mut known, (name, raw)| {
        known.take(name, raw);
        known
    })
}

/// The members of an object's raw text: each key unescaped, each value as it stands, in order and
/// with repetitions. Anything but an object has none.
pub fn members(raw_object: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let bytes = raw_object.as_bytes();
    let open = skip_space(bytes, 0);
    let mut at = if bytes.get(open) == Some(&b'{') { open + 1 } else { bytes.len() };
    std::iter::from_fn(move || {
        let key_start = skip_filler(bytes, at);
        if bytes.get(key_start) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, key_start);
        let start = skip_filler(bytes, key_end);
        at = value_end(raw_object, start);
        Some((unescape(inner(raw_object, key_start, key_end)), raw_object.get(start..at)?))
    })
}

/// The elements of an array's raw text. Anything but an array has none.
pub fn elements(raw_array: &str) -> impl Iterator<Item = &str> {
    let bytes = raw_array.as_bytes();
    let open = skip_space(bytes, 0);
    let mut at = if bytes.get(open) == Some(&b'[') { open + 1 } else { bytes.len() };
    std::iter::from_fn(move || {
        let start = skip_filler(bytes, at);
        if matches!(bytes.get(start), None | Some(b']')) {
            return None;
        }
        at = value_end(raw_array, start);
        raw_array.get(start..at)
    })
}

/// What a raw string value says, `None` if the raw value is no string.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.trim_ascii().strip_prefix('"')?.strip_suffix('"')?;
    Some(unescape(inner))
}

/// Resolves the escapes of a string's inner text. NUL and lone surrogates, which no store takes,
/// become U+FFFD. Text without a backslash is borrowed.
pub fn unescape(raw_inner: &str) -> Cow<'_, str> {
    if !raw_inner.as_bytes().contains(&b'\\') {
        return Cow::Borrowed(raw_inner);
    }
    let mut out = String::with_capacity(raw_inner.len());
    unescape_into(&mut out, raw_inner);
    Cow::Owned(out)
}

/// Appends what [`unescape`] gives. True if a character had to be replaced.
pub fn unescape_into(out: &mut String, raw_inner: &str) -> bool {
    let mut replaced = false;
    let mut rest = raw_inner;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        let escape = &rest[slash..];
        let (character, length) = escaped_character(escape.as_bytes());
        replaced |= character == REPLACEMENT && !is_escaped_replacement(escape.as_bytes());
        out.push(character);
        rest = escape.get(length..).unwrap_or("");
    }
    out.push_str(rest);
    replaced
}

/// The character that an escape stands for, and how many bytes it takes.
fn escaped_character(escape: &[u8]) -> (char, usize) {
    let simple = match escape.get(1) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return escaped_unit(escape),
        Some(&other) if other.is_ascii() => char::from(other),
        _ => return (REPLACEMENT, 1),
    };
    (simple, 2)
}

fn escaped_unit(escape: &[u8]) -> (char, usize) {
    let Some(first) = hex_unit(escape, 2) else {
        return (REPLACEMENT, 2);
    };
    if (0xd800..0xdc00).contains(&first)
        && escape.get(6..8) == Some(b"\\u")
        && let Some(second) = hex_unit(escape, 8)
        && (0xdc00..0xe000).contains(&second)
    {
        let point = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(point).unwrap_or(REPLACEMENT), 12);
    }
    let character = char::from_u32(first).filter(|&c| c != '\0');
    (character.unwrap_or(REPLACEMENT), 6)
}

/// An escape that asks for U+FFFD itself: nothing is lost.
fn is_escaped_replacement(escape: &[u8]) -> bool {
    hex_unit(escape, 2) == Some(0xfffd)
}

fn hex_unit(escape: &[u8], at: usize) -> Option<u32> {
    let mut unit = 0;
    for &digit in escape.get(at..at + 4)? {
        unit = unit << 4 | char::from(digit).to_digit(16)?;
    }
    Some(unit)
}

/// Where the value that starts at `start` ends.
fn value_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(start) {
        None => bytes.len(),
        Some(b'"') => string_end(bytes, start),
        Some(b'{' | b'[') => nested_end(bytes, start),
        Some(_) => plain_end(bytes, start),
    }
}

fn nested_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where the string whose opening quote is at `start` ends, past its closing quote.
pub(crate) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at = quote_or_slash(bytes, at);
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => return at + 1,
            Some(_) => at += 2,
        }
    }
}

/// The next `"` or `\` from `at` on, eight bytes a step: strings are most of a report's bytes.
fn quote_or_slash(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quotes = has_zero(word ^ u64::from_ne_bytes([b'"'; 8]));
        let slashes = has_zero(word ^ u64::from_ne_bytes([b'\\'; 8]));
        if quotes | slashes != 0 {
            return at + (quotes | slashes).trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\\' {
        at += 1;
    }
    at
}

fn plain_end(bytes: &[u8], start: usize) -> usize {
    let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b':' | b' ' | b'\n' | b'\r' | b'\t');
    let length = bytes[start..].iter().position(ends).unwrap_or(bytes.len() - start);
    // At least one byte, so that a walk over broken text still ends.
    start + length.max(1)
}

fn inner(text: &str, start: usize, end: usize) -> &str {
    text.get(start + 1..end.saturating_sub(1)).unwrap_or("")
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Blanks and the commas and colons between tokens.
fn skip_filler(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t' | b',' | b':') = bytes.get(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_in_order_with_raw_values() {
        let raw = r#" { "a" : 1 , "b\n":[1,{"x":"]}"}], "c":"q\"}", "d":{}, "a":null } "#;
        let found: Vec<_> = members(raw).map(|(k, v)| (k.into_owned(), v)).collect();
        let expected = [
            ("a", "1"),
            ("b\n", r#"[1,{"x":"]}"}]"#),
            ("c", r#""q\"}""#),
            ("d", "{}"),
            ("a", "null"),
        ];
        assert_eq!(found, expected.map(|(k, v)| (k.to_owned(), v)));
        for none in ["[1]", "1", "", "{}", "\"{\""] {
            assert_eq!(members(none).count(), 0, "{none}");
        }
    }

    #[test]
    fn elements_come_in_order() {
        let found: Vec<_> = elements(r#"[ "a,]" ,[1, 2],{"k":[]}, -1.5e3,true]"#).collect();
        assert_eq!(found, [r#""a,]""#, "[1, 2]", r#"{"k":[]}"#, "-1.5e3", "true"]);
        assert_eq!(elements("[ ]").count(), 0);
        assert_eq!(elements("{}").count(), 0);
    }

    #[test]
    fn a_walk_names_every_token_and_its_place() {
        let raw = r#"{"k": ["v", 12 ], "o":{"n":null}}"#;
        let tokens: Vec<_> = Walker::new(raw).map(|(token, _, _)| token).collect();
        use Token::*;
        let expected = [
            OpenObject,
            Key("k"),
            OpenArray,
            Text("v"),
            Plain("12"),
            CloseArray,
            Key("o"),
            OpenObject,
            Key("n"),
            Plain("null"),
            CloseObject,
            CloseObject,
        ];
        assert_eq!(tokens, expected);
        for (token, start, end) in Walker::new(raw) {
            if let Key(inner) | Text(inner) = token {
                assert_eq!(raw[start..end], format!("\"{inner}\""));
            }
        }
        let mut walker = Walker::new(raw);
        walker.nth(1);
        assert_eq!(walker.upcoming(), Some((6, b'[')));
        assert_eq!(walker.skip_value(), (6, 16));
        assert_eq!(walker.position(), 16);
        assert_eq!(walker.next().map(|(token, _, _)| token), Some(Key("o")));
    }

    #[test]
    fn escapes_are_resolved_and_what_cannot_be_stored_is_replaced() {
        let check = |raw: &str, expected: &str, expected_replaced: bool| {
            assert_eq!(unescape(raw), expected, "{raw}");
            let mut out = String::new();
            assert_eq!(unescape_into(&mut out, raw), expected_replaced, "{raw}");
        };
        check("plain é", "plain é", false);
        check(r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t", false);
        check(r"\u0041\u00e9\u4e2d", "Aé中", false);
        check(r"\ud83d\ude00!", "😀!", false);
        check(r"a\ud83db", "a\u{fffd}b", true);
        check(r"\ude00", "\u{fffd}", true);
        check(r"\ud83d\ud83d\ude00", "\u{fffd}😀", true);
        check(r"\ud83d\u0041", "\u{fffd}A", true);
        check(r"x\u0000y", "x\u{fffd}y", true);
        check(r"\ufffd", "\u{fffd}", false);
        check(r"\u12", "\u{fffd}12", true);
        check("\\", "\u{fffd}", true);
        assert!(matches!(unescape("borrowed"), Cow::Borrowed(_)));
    }

    #[test]
    fn broken_text_neither_panics_nor_loops() {
        for text in
            ["{", "{\"", "{\"a", "{\"a\":", "[", "[\"\\", "}", "]", ":", "é", "{\"a\":é", ","]
        {
            assert!(Walker::new(text).count() <= text.len());
            assert!(members(text).count() <= text.len());
            assert!(elements(text).count() <= text.len());
        }
        let mut closes_first = Walker::new("]]");
        closes_first.skip_value();
    }
}
