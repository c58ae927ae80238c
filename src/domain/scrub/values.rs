//! How far the value behind a secret key reaches, and what is no value at all: prose, source code,
//! placeholders.

use super::REPLACEMENT;
use super::keys::Verdict;
use super::pairs::{self, Key};
use super::prose::Pass;

/// What stood between key and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Colon,
    Equals,
    /// `==`: only a literal is a value.
    Compare,
    /// `=>`: only a literal or a quoted key's value is one; else it is a function.
    Arrow,
    /// `%3D`
    Encoded,
}

/// A value in quotes: what is inside, and where the text goes on.
pub(super) struct Quoted {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) after: usize,
}

/// Words that follow a key and a colon, or an option's name, without being a value.
const PROSE: [&str; 96] = [
    "a",
    "access",
    "an",
    "and",
    "any",
    "are",
    "argument",
    "array",
    "at",
    "authentication",
    "bool",
    "boolean",
    "but",
    "can",
    "cannot",
    "closed",
    "contains",
    "could",
    "decode",
    "denied",
    "did",
    "disabled",
    "does",
    "enabled",
    "error",
    "exceeded",
    "expected",
    "expired",
    "failed",
    "field",
    "flag",
    "for",
    "forbidden",
    "format",
    "found",
    "from",
    "got",
    "has",
    "have",
    "header",
    "if",
    "in",
    "incorrect",
    "int",
    "integer",
    "invalid",
    "is",
    "jwt",
    "key",
    "length",
    "malformed",
    "may",
    "mismatch",
    "missing",
    "must",
    "no",
    "not",
    "number",
    "object",
    "of",
    "ok",
    "on",
    "only",
    "option",
    "or",
    "parse",
    "password",
    "please",
    "provide",
    "provided",
    "received",
    "rejected",
    "required",
    "revoked",
    "should",
    "signature",
    "str",
    "string",
    "the",
    "this",
    "timed",
    "timeout",
    "to",
    "token",
    "too",
    "try",
    "type",
    "unable",
    "unauthorized",
    "unavailable",
    "use",
    "user",
    "value",
    "was",
    "were",
    "when",
];

/// Words that say there is no value.
const NOTHING: [&str; 7] = ["null", "none", "nil", "undefined", "true", "false", "nan"];

/// Schemes that stand before the secret part of a header.
const SCHEMES: [&str; 12] = [
    "aws4-hmac-sha256",
    "basic",
    "bearer",
    "bot",
    "digest",
    "jwt",
    "key",
    "negotiate",
    "ntlm",
    "oauth",
    "token",
    "apikey",
];

/// Replaces the value that starts at or behind `after`, if there is one, and returns where the scan
/// goes on.
pub(super) fn replace_value(
    pass: &mut Pass<'_, '_>,
    key: &Key,
    verdict: &Verdict,
    after: usize,
    separator: Separator,
) -> usize {
    let bytes = pass.bytes;
    let mut start = skip_blanks(bytes, after);
    // Rust's debug output of an optional string.
    if bytes[start..].starts_with(b"Some(\"") {
        start += b"Some(".len();
    }
    let is_prose = separator == Separator::Colon && !key.is_quoted;
    let Some(&first) = bytes.get(start) else {
        return after;
    };
    if bytes[start..].starts_with(REPLACEMENT.as_bytes()) {
        return start + REPLACEMENT.len();
    }
    if is_prose && pairs::is_parsers(pass, key) {
        return after;
    }
    if let Some(value) = quoted(bytes, start) {
        let says_something = bytes[value.start..value.end].iter().any(|&b| is_wordy(b));
        if says_something || !is_prose {
            pass.replace(value.start, value.end);
            return value.after;
        }
        return after;
    }
    match separator {
        Separator::Compare => return after,
        Separator::Arrow if !key.is_quoted => return after,
        Separator::Encoded => {
            let end = encoded_end(bytes, start);
            return pass.replace(start, end).max(after);
        }
        _ => {}
    }
    if matches!(first, b'{' | b'[' | b'(') {
        return match (bracket_end(pass, start), is_prose) {
            (Some(end), _) if !bytes[start..end].iter().any(|&b| is_wordy(b)) => end,
            (Some(end), _) => pass.replace(start, end),
            (None, true) => after,
            (None, false) => pass.replace(start, bytes.len()),
        };
    }
    let end = bare_end(bytes, start, key.is_quoted);
    let is_scheme = verdict.is_header && is_among(&bytes[start..end], &SCHEMES);
    if !is_scheme && is_no_value(pass, verdict, start..end, is_prose) {
        return after;
    }
    let end = further_words(bytes, key, verdict, start, end);
    let end = further_groups(bytes, start, end);
    pass.replace(start, end).max(after)
}

/// Replaces the word or quoted text that an option takes.
pub(super) fn replace_argument(pass: &mut Pass<'_, '_>, start: usize) -> usize {
    let bytes = pass.bytes;
    if let Some(value) = quoted(bytes, start) {
        pass.replace(value.start, value.end);
        return value.after;
    }
    let end = bare_end(bytes, start, false);
    if bytes[start..].starts_with(REPLACEMENT.as_bytes()) {
        return start + REPLACEMENT.len();
    }
    let word = &bytes[start..end];
    let is_value = word.iter().any(|&b| is_wordy(b)) && word[0] != b'-';
    if is_value && !is_among(word, &PROSE) && !is_placeholder(pass, word) {
        return pass.replace(start, end);
    }
    start
}

pub(super) fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or(&[]);
    from + rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// The quoted text that starts at `start`, perhaps with Python's prefix (`b'x'`) or with quotes
/// that were escaped themselves (`\"x\"`). Without an end it takes the rest.
pub(super) fn quoted(bytes: &[u8], start: usize) -> Option<Quoted> {
    let rest = bytes.get(start..)?;
    let prefix = match rest {
        [b'b' | b'u' | b'r' | b'f' | b'B' | b'U', b'"' | b'\'', ..] => 1,
        _ => 0,
    };
    let slashes = rest[prefix..].iter().take_while(|&&b| b == b'\\').count();
    let quote = *rest.get(prefix + slashes).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let inner = start + prefix + slashes + 1;
    let mut run = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(inner) {
        let closes = if slashes == 0 { run % 2 == 0 } else { run <= slashes };
        if byte == quote && closes {
            return Some(Quoted { start: inner, end: at - run.min(slashes), after: at + 1 });
        }
        run = if byte == b'\\' { run + 1 } else { 0 };
    }
    Some(Quoted { start: inner, end: bytes.len(), after: bytes.len() })
}

/// The end of the bracket that opens at `start`. Reading in vain is bounded for the whole text;
/// when the allowance is spent, the rest of the text counts as inside.
fn bracket_end(pass: &mut Pass<'_, '_>, start: usize) -> Option<usize> {
    let bytes = pass.bytes;
    if pass.bracket_bytes == 0 {
        return Some(bytes.len());
    }
    let mut depth = 0_usize;
    let mut open_quote = None;
    let mut is_escaped = false;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match (open_quote, byte) {
            (_, b'\\') => {
                is_escaped = !is_escaped;
                continue;
            }
            (Some(quote), _) if byte == quote && !is_escaped => open_quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if !is_escaped => open_quote = Some(byte),
            (None, b'{' | b'[' | b'(') => depth += 1,
            (None, b'}' | b']' | b')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        is_escaped = false;
        if depth == 0 {
            return Some(at + 1);
        }
    }
    pass.bracket_bytes = pass.bracket_bytes.saturating_sub(bytes.len() - start);
    None
}

/// Where a value without quotes ends; marks that belong to the sentence are left out.
fn bare_end(bytes: &[u8], start: usize, is_listed: bool) -> usize {
    let ends = |b: u8| match b {
        b'"' | b'\'' | b'`' | b'<' | b'>' | b'&' | b';' | b'|' | b' ' | b'\t'..=b'\r' => true,
        b',' | b'}' | b']' | b')' => is_listed,
        _ => false,
    };
    let rest = &bytes[start..];
    let end = start + rest.iter().position(|&b| ends(b)).unwrap_or(rest.len());
    let belongs = |b: &u8| !matches!(b, b',' | b'}' | b']' | b')');
    let kept = bytes[start..end].iter().rposition(belongs).map_or(0, |last| last + 1);
    let end = start + kept;
    // What was taken out before belongs to the value whole.
    let is_in_replacement =
        bytes[start..end].ends_with(b"[scrubbed") && bytes.get(end) == Some(&b']');
    if is_in_replacement { end + 1 } else { end }
}

/// Where a value inside an encoded query string ends.
fn encoded_end(bytes: &[u8], start: usize) -> usize {
    let ends = |at: &usize| match bytes[*at] {
        b'%' => {
            let escape = bytes.get(at + 1..at + 3);
            matches!(escape, Some(b"26" | b"20" | b"22" | b"23" | b"3B" | b"3b"))
        }
        byte => !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\'' | b'&' | b'<' | b'>'),
    };
    (start..bytes.len()).find(ends).unwrap_or(bytes.len())
}

/// A header's value may be several words: a scheme and its token, or a list.
fn further_words(
    bytes: &[u8],
    key: &Key,
    verdict: &Verdict,
    start: usize,
    mut end: usize,
) -> usize {
    let quote = key.start.checked_sub(1).map(|at| bytes[at]).filter(|b| matches!(b, b'"' | b'\''));
    let is_end = |b: u8| matches!(b, b'\n' | b'\r') || Some(b) == quote;
    let mut is_scheme = is_among(&bytes[start..end], &SCHEMES);
    let mut word_start = start;
    loop {
        let is_listed = verdict.is_header
            && match bytes.get(end) {
                Some(b';') => true,
                Some(b',') => bytes[word_start..end].contains(&b'='),
                _ => false,
            };
        let gap = skip_blanks(bytes, end + usize::from(is_listed));
        let goes_on = is_scheme || is_listed;
        if !goes_on || bytes.get(gap).is_none_or(|&b| is_end(b)) {
            return end;
        }
        let rest = &bytes[gap..];
        let ends = |b: u8| matches!(b, b' ' | b'\t' | b';' | b',' | b'&') || is_end(b);
        let word_end = gap + rest.iter().position(|&b| ends(b)).unwrap_or(rest.len());
        if word_end <= end {
            return end;
        }
        (word_start, end) = (gap, word_end);
        is_scheme = false;
    }
}

/// An account number (IBAN, ISO 13616) as people write it: its country and check digits, then
/// groups of four, of which the last may be shorter.
fn further_groups(bytes: &[u8], start: usize, mut end: usize) -> usize {
    const GROUPS_MAX: usize = 8;
    let [a, b, c, d] = &bytes[start..end] else { return end };
    if ![a, b].iter().all(|b| b.is_ascii_uppercase()) || ![c, d].iter().all(|b| b.is_ascii_digit())
    {
        return end;
    }
    let is_of_group = |b: &&u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    for _ in 0..GROUPS_MAX {
        let rest = bytes[end..].strip_prefix(b" ").unwrap_or_default();
        let length = rest.iter().take_while(is_of_group).count();
        if !(1..=4).contains(&length) || rest.get(length).is_some_and(|b| is_wordy(*b)) {
            break;
        }
        end += 1 + length;
        if length < 4 {
            break;
        }
    }
    end
}

fn is_no_value(
    pass: &Pass<'_, '_>,
    verdict: &Verdict,
    range: std::ops::Range<usize>,
    is_prose: bool,
) -> bool {
    // Nothing that is no value is longer; without a bound it would be read again and again.
    const WORD_BYTES_MAX: usize = 128;
    let word = &pass.bytes[range.clone()];
    if word.len() > WORD_BYTES_MAX {
        return !word.iter().any(|&b| is_wordy(b));
    }
    if !word.iter().any(|&b| is_wordy(b)) || is_among(word, &NOTHING) {
        return true;
    }
    if is_placeholder(pass, word) || is_code(pass.bytes, range) {
        return true;
    }
    let letters = word.iter().rposition(|&b| is_wordy(b)).map_or(0, |last| last + 1);
    let plain = &word[..letters];
    is_prose
        && (is_among(plain, &PROSE)
            || matches!(word[0], b'}' | b']' | b')')
            || (verdict.is_prosaic && !is_telling(word)))
}

/// Enough of a word to be a secret where prose is as likely.
fn is_telling(word: &[u8]) -> bool {
    const WORD_BYTES_MAX: usize = 19;
    word.len() > WORD_BYTES_MAX
        || word.contains(&b'=')
        || (word.len() >= 4 && word.iter().any(u8::is_ascii_digit))
}

/// `$1`, `${TOKEN}`, `$password`, `%s`, `%(password)s`, `#{token}`.
fn is_placeholder(pass: &Pass<'_, '_>, word: &[u8]) -> bool {
    match word {
        [b'$', b'{', .., b'}' | b'a'..=b'z' | b'A'..=b'Z' | b'_'] | [b'#', b'{', ..] => true,
        [b'$', name @ ..] => {
            name.iter().all(u8::is_ascii_digit) || pass.scrubber.verdict(name).is_secret
        }
        [b'%', b's' | b'r' | b'd' | b'v'] | [b'%', b'(', ..] => true,
        _ => false,
    }
}

/// A line of source code: `getpass()`, `request.POST[`, `self.password`.
fn is_code(bytes: &[u8], range: std::ops::Range<usize>) -> bool {
    const OWNERS: [&[u8]; 10] = [
        b"self.",
        b"this.",
        b"request.",
        b"req.",
        b"process.env",
        b"os.environ",
        b"settings.",
        b"config.",
        b"props.",
        b"ctx.",
    ];
    const KEYWORDS: [&str; 6] = ["async", "await", "function", "lambda", "new", "yield"];
    let word = &bytes[range.clone()];
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$' | b'?');
    let name_length = word.iter().take_while(|b| is_name(b)).count();
    let is_chain = name_length == word.len();
    if is_chain && OWNERS.iter().any(|owner| word.starts_with(owner)) {
        return !word.iter().any(u8::is_ascii_digit);
    }
    if is_among(&word[..name_length], &KEYWORDS) {
        return true;
    }
    let starts_name = word.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    if !starts_name {
        return false;
    }
    // The closing bracket may have been left to the sentence.
    let rest = bytes[range.start + name_length..].first_chunk::<2>();
    match rest {
        Some([b'(', b')']) => true,
        Some([b'(' | b'[', b'"' | b'\'']) => true,
        Some([b'(', _]) => matches!(bytes.get(range.end), Some(b')' | b',')),
        _ => false,
    }
}

fn is_among(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Part of a word in any script.
fn is_wordy(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}
