//! Pairs of key and value in free text: `password: x`, `'password': 'x'`, `a=1&token=x`,
//! `--password x`, `<password>x</password>`, `("Authorization", "x")`.
//!
//! A key is looked for only when a separator was met. What counts as its value is in [`values`];
//! prose that merely holds a colon must stay.

use std::borrow::Cow;

use super::keys::{self, Verdict};
use super::prose::Pass;
use super::shapes;
use super::values::{self, Separator};

/// Longest key that is looked at, in bytes; a longer one counts by its end.
const KEY_BYTES_MAX: usize = 64;

/// A key that stands before a separator.
pub(super) struct Key {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_quoted: bool,
}

/// `:` at `at`.
pub(super) fn colon(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    let bytes = pass.bytes;
    match bytes.get(at + 1) {
        // `Auth::Token` and `token := x`, which the `=` reads.
        Some(b':') => return at + 2,
        Some(b'=') | None => return at + 1,
        // `10:30` and `a.js:12:34`.
        Some(b'0'..=b'9') if at > 0 && bytes[at - 1].is_ascii_digit() => return at + 1,
        Some(_) => {}
    }
    let Some(key) = key_before(pass, at) else {
        return at + 1;
    };
    let is_spaced = matches!(bytes[at + 1], b' ' | b'\t' | b'"' | b'\'' | b'\\' | b'[' | b'{');
    let is_place = || {
        let is_path = key.start > 0 && matches!(bytes[key.start - 1], b'/' | b'\\' | b'@');
        is_path || bytes[key.start..key.end].contains(&b'.')
    };
    if !key.is_quoted && !is_spaced && is_place() {
        return at + 1;
    }
    pair(pass, &key, at + 1, Separator::Colon)
}

/// `：` at `at`.
pub(super) fn wide_colon(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    let mark = "：".as_bytes();
    match key_before(pass, at) {
        Some(key) if pass.bytes[at..].starts_with(mark) => {
            pair(pass, &key, at + mark.len(), Separator::Colon)
        }
        _ => at + 1,
    }
}

/// `=`, `==`, `=>` or `:=`, whose `=` is at `at`.
pub(super) fn equals(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    let bytes = pass.bytes;
    let run = bytes[at..].iter().take_while(|&&b| b == b'=').count();
    let mut after = at + run;
    let mut separator = if run > 1 { Separator::Compare } else { Separator::Equals };
    match bytes.get(after) {
        Some(b'>') => {
            separator = Separator::Arrow;
            after += 1;
        }
        None => return after,
        Some(_) => {}
    }
    let mut key_end = at;
    match at.checked_sub(1).map(|before| bytes[before]) {
        Some(b'!' | b'<' | b'>' | b'~') | None => return after,
        Some(b':') => key_end = at - 1,
        Some(_) => {}
    }
    match key_before(pass, key_end) {
        Some(key) => pair(pass, &key, after, separator),
        None => after,
    }
}

/// `%3D` at `at`: the `=` of a query string inside another one.
pub(super) fn percent(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    let bytes = pass.bytes;
    let is_equals = matches!(bytes.get(at..at + 3), Some(b"%3D" | b"%3d"));
    let key = if is_equals { key_before(pass, at) } else { None };
    key.map_or(at + 1, |key| pair(pass, &key, at + 3, Separator::Encoded))
}

/// `(` or `[` at `at`: a pair such as `('Authorization', 'x')`; in square brackets only inside
/// another list, since `["password", "email"]` merely names two fields.
pub(super) fn bracket(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    let bytes = pass.bytes;
    let quote = match bytes.get(at + 1) {
        Some(&quote @ (b'"' | b'\'')) => quote,
        _ => return at + 1,
    };
    let before = if at > 0 { bytes[..at].trim_ascii_end().last() } else { None };
    if bytes[at] == b'[' && !matches!(before, Some(b'[' | b',')) {
        return at + 1;
    }
    let start = at + 2;
    let window = &bytes[start..bytes.len().min(start + KEY_BYTES_MAX)];
    let length = window.iter().take_while(|&&b| is_key_byte(b) || b == b' ').count();
    let key = Key { start, end: start + length, is_quoted: true };
    if !bytes[key.end..].starts_with(&[quote, b',']) || !verdict_of(pass, &key).is_secret {
        return start;
    }
    match values::quoted(bytes, values::skip_blanks(bytes, key.end + 2)) {
        Some(value) if matches!(bytes.get(value.after), Some(b')' | b']')) => {
            pass.replace(value.start, value.end);
            value.after
        }
        _ => start,
    }
}

/// `--` at `at`: a command line's option and its value.
pub(super) fn option(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    let bytes = pass.bytes;
    let start = at + 2;
    let is_name = |b: &u8| shapes::is_base64url(*b);
    let length = bytes[start..].iter().take(KEY_BYTES_MAX).take_while(|b| is_name(b)).count();
    let end = start + length;
    let is_option = length > 1
        && bytes[start].is_ascii_alphabetic()
        && bytes.get(end) == Some(&b' ')
        && !(at > 0 && bytes[at - 1].is_ascii_alphanumeric());
    if !is_option {
        return start;
    }
    let key = Key { start, end, is_quoted: false };
    if !verdict_of(pass, &key).is_secret {
        return end;
    }
    values::replace_argument(pass, end + 1)
}

/// `<` at `at`: an element whose text is a secret.
pub(super) fn tag(pass: &mut Pass<'_, '_>, at: usize) -> usize {
    const ATTRIBUTES_BYTES_MAX: usize = 256;
    let bytes = pass.bytes;
    let start = at + 1;
    let is_name = |b: &u8| shapes::is_base64url(*b) || matches!(b, b':' | b'.');
    let length = bytes[start..].iter().take(KEY_BYTES_MAX).take_while(|b| is_name(b)).count();
    let key = Key { start, end: start + length, is_quoted: false };
    if length < 2 || !verdict_of(pass, &key).is_secret {
        return start;
    }
    let rest = &bytes[key.end..bytes.len().min(key.end + ATTRIBUTES_BYTES_MAX)];
    let Some(close) = rest.iter().position(|b| matches!(b, b'>' | b'<' | b'\n')) else {
        return key.end;
    };
    if rest[close] != b'>' || (close > 0 && rest[close - 1] == b'/') {
        return key.end;
    }
    let value = key.end + close + 1;
    let Some(end) = element_end(bytes, value) else {
        return value;
    };
    let closes = bytes[end..]
        .strip_prefix(b"</")
        .is_some_and(|name| name.starts_with(&bytes[key.start..key.end]));
    if closes { pass.replace(value, end) } else { value }
}

/// Where an element's text that starts at `start` ends: at the next `<`, or behind its CDATA.
fn element_end(bytes: &[u8], start: usize) -> Option<usize> {
    const MARKED_BYTES_MAX: usize = 512;
    if !bytes[start..].starts_with(b"<![CDATA[") {
        return Some(start + bytes[start..].iter().position(|&b| b == b'<')?);
    }
    let window = &bytes[start..bytes.len().min(start + MARKED_BYTES_MAX)];
    Some(start + shapes::find(window, b"]]>")? + 3)
}

/// A key and a separator were read; `after` is where the value may start.
fn pair(pass: &mut Pass<'_, '_>, key: &Key, after: usize, separator: Separator) -> usize {
    let name = &pass.bytes[key.start..key.end];
    let verdict = match second_word(pass.bytes, key) {
        Some(both) => verdict_of(pass, &both),
        None => verdict_of(pass, key),
    };
    if verdict.is_secret {
        return values::replace_value(pass, key, &verdict, after, separator);
    }
    let is_query = key.start > 0 && matches!(pass.bytes[key.start - 1], b'?' | b'&');
    if is_query && matches!(name, b"sig" | b"signature") {
        return values::replace_value(pass, key, &verdict, after, separator);
    }
    if name == b"name" && separator == Separator::Equals {
        return form_part(pass, after);
    }
    after
}

/// The key with the word before it, where it needs one: `API key: x`.
fn second_word(bytes: &[u8], key: &Key) -> Option<Key> {
    let name = &bytes[key.start..key.end];
    let is_second = ["key", "keys", "id", "code", "codes", "number", "phrase", "no", "card"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word.as_bytes()));
    let gap = key.start.checked_sub(1).filter(|&at| is_second && bytes[at] == b' ')?;
    let start = run_start(bytes, gap, |b| b.is_ascii_alphanumeric());
    (start < gap).then_some(Key { start, end: key.end, is_quoted: false })
}

/// `name="password"` in a multipart form: the value is what follows the empty line.
fn form_part(pass: &mut Pass<'_, '_>, after: usize) -> usize {
    let bytes = pass.bytes;
    let Some(name) = values::quoted(bytes, after) else {
        return after;
    };
    let rest = &bytes[name.after..];
    let blank = [&b"\r\n\r\n"[..], b"\n\n"].into_iter().find(|blank| rest.starts_with(blank));
    let key = Key { start: name.start, end: name.end, is_quoted: true };
    match blank {
        Some(blank) if is_plain_name(pass, &key) && verdict_of(pass, &key).is_secret => {
            let start = name.after + blank.len();
            let length = shapes::find(&bytes[start..], b"\n--").unwrap_or(bytes.len() - start);
            let end = start + bytes[start..start + length].trim_ascii_end().len();
            pass.replace(start, end)
        }
        _ => after,
    }
}

/// Whether a name may be passed over: it is no whole text, and holds no secret itself.
fn is_plain_name(pass: &Pass<'_, '_>, key: &Key) -> bool {
    let bytes = &pass.bytes[key.start..key.end];
    bytes.len() <= KEY_BYTES_MAX
        && bytes.iter().all(|&byte| is_key_byte(byte) || byte == b' ')
        && matches!(pass.scrubber.line(&pass.text[key.start..key.end]), Cow::Borrowed(_))
}

/// The key that ends before `end`, bare or in quotes; in an index as `params["password"]` too. What
/// was taken out is no key, and no part of one: a second reading would not see it.
fn key_before(pass: &Pass<'_, '_>, end: usize) -> Option<Key> {
    let key = written_before(pass.bytes, end)?;
    (key.end > pass.copied()).then(|| Key { start: key.start.max(pass.copied()), ..key })
}

fn written_before(bytes: &[u8], end: usize) -> Option<Key> {
    const BLANKS_MAX: usize = 2;
    let blanks = bytes[..end].iter().rev().take(BLANKS_MAX).take_while(|b| is_blank(b)).count();
    let mut end = end - blanks;
    if let [.., b'"' | b'\'', b']'] = bytes[..end] {
        end -= 1;
    }
    let quote = *bytes.get(end.checked_sub(1)?)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        let start = run_start(bytes, end, is_key_byte);
        return (start < end).then_some(Key { start, end, is_quoted: false });
    }
    end -= 1;
    end -= bytes[..end].iter().rev().take(KEY_BYTES_MAX).take_while(|&&b| b == b'\\').count();
    let start = run_start(bytes, end, |b| is_key_byte(b) || b == b' ');
    let is_opened = start > 0 && bytes[start - 1] == quote;
    (start < end && is_opened).then_some(Key { start, end, is_quoted: true })
}

/// Whether the value that starts here is of an id, a time, a version or a commit: `order_id=…`.
pub(super) fn is_identifier(pass: &Pass<'_, '_>, start: usize) -> bool {
    let opens = |byte: &u8| is_blank(byte) || matches!(byte, b'"' | b'\'' | b'\\');
    let before = &pass.bytes[..start];
    let end =
        start - before.iter().rev().take(KEY_BYTES_MAX).take_while(|byte| opens(byte)).count();
    if !matches!(before[..end].last(), Some(b'=' | b':')) {
        return false;
    }
    key_before(pass, end - 1).is_some_and(|key| verdict_of(pass, &key).is_identifier)
}

fn run_start(bytes: &[u8], end: usize, belongs: impl Fn(u8) -> bool) -> usize {
    end - bytes[..end].iter().rev().take(KEY_BYTES_MAX).take_while(|&&b| belongs(b)).count()
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$' | b'%' | b'+')
}

/// Judges a key, percent-decoded if it must be.
fn verdict_of(pass: &Pass<'_, '_>, key: &Key) -> Verdict {
    let name = &pass.bytes[key.start..key.end];
    if !name.contains(&b'%') {
        return pass.scrubber.verdict(name);
    }
    let mut decoded = [0; KEY_BYTES_MAX];
    let (mut length, mut at) = (0, 0);
    while at < name.len() && length < decoded.len() {
        let escape = name.get(at + 1..at + 3).filter(|_| name[at] == b'%');
        let byte =
            escape.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        decoded[length] = byte.unwrap_or(name[at]);
        at += if byte.is_some() { 3 } else { 1 };
        length += 1;
    }
    // Of a whole encoded address only what stands behind its last mark is the key.
    let decoded = &decoded[..length];
    let marks = |b: &u8| matches!(b, b'&' | b'?' | b'=' | b';' | b'/');
    let start = decoded.iter().rposition(marks).map_or(0, |mark| mark + 1);
    pass.scrubber.verdict(&decoded[start..])
}

/// Whether the word before a key says that a parser met the key as a word: `Unexpected token: x`.
pub(super) fn is_parsers(pass: &Pass<'_, '_>, key: &Key) -> bool {
    let bytes = pass.bytes;
    let before = bytes[pass.copied().min(key.start)..key.start].trim_ascii_end();
    let start = run_start(before, before.len(), |b| b.is_ascii_alphabetic());
    let word = &before[start..];
    ["unexpected", "illegal", "unrecognized", "expected", "missing", "required", "reserved"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
        || keys::names_fault(&bytes[key.start..key.end])
}
