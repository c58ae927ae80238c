//! Secrets that are known by their own shape, wherever they stand: tokens, private keys,
//! credentials in addresses, payment cards.
//!
//! Each function looks at one place of a text and reads no further than it must, so that a scan
//! stays linear. Those that may read far return what spares the scan from reading it again.

use std::ops::Range;

/// Letters, digits, `-` and `_`.
pub(super) fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn run(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or(&[]);
    from + rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len())
}

fn is_inside_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

/// A JSON Web Token that starts at `start`: three or five parts of base64url. `Err` with the end of
/// the first part: no token starts before it either.
pub(super) fn jwt_end(bytes: &[u8], start: usize) -> Result<usize, usize> {
    const HEADER_BYTES_MIN: usize = 8;
    const PAYLOAD_BYTES_MIN: usize = 4;
    let header_end = run(bytes, start, is_base64url);
    if header_end - start < HEADER_BYTES_MIN || bytes.get(header_end) != Some(&b'.') {
        return Err(header_end);
    }
    let payload_end = run(bytes, header_end + 1, is_base64url);
    let is_long = payload_end - header_end > PAYLOAD_BYTES_MIN;
    if !is_long || bytes.get(payload_end) != Some(&b'.') {
        return Err(header_end);
    }
    Ok(run(bytes, payload_end + 1, |b| is_base64url(b) || b == b'.'))
}

/// The token behind the word `Bearer` or `Basic` that starts at `start`.
pub(super) fn after_scheme(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let word = bytes.get(start..start + 5)?;
    if is_inside_word(bytes, start) {
        return None;
    }
    let is_basic = word.eq_ignore_ascii_case(b"basic");
    let is_bearer = word.eq_ignore_ascii_case(b"beare")
        && bytes.get(start + 5).is_some_and(|b| b.eq_ignore_ascii_case(&b'r'));
    if !is_basic && !is_bearer {
        return None;
    }
    let word_end = start + if is_basic { 5 } else { 6 };
    let token_start = match bytes.get(word_end)? {
        b'%' if bytes[word_end..].starts_with(b"%20") => word_end + 3,
        b' ' => run(bytes, word_end, |b| b == b' '),
        _ => return None,
    };
    let is_token = |b: u8| is_base64url(b) || matches!(b, b'.' | b'~' | b'+' | b'/' | b'=');
    let token_end = run(bytes, token_start, is_token);
    let token = &bytes[token_start..token_end];
    let looks_secret = if is_basic { is_basic_credentials(token) } else { is_no_word(token) };
    looks_secret.then_some(token_start..token_end)
}

/// A token rather than a word of prose behind `Bearer`.
fn is_no_word(token: &[u8]) -> bool {
    const WORD_BYTES_MAX: usize = 19;
    let has = |test: fn(&u8) -> bool| token.iter().any(test);
    let dots = token.windows(3).filter(|w| w[1] == b'.' && w[2].is_ascii_alphanumeric()).count();
    let has_late_capital = token.iter().skip(1).any(u8::is_ascii_uppercase);
    token.len() > WORD_BYTES_MAX
        || (token.len() >= 4
            && (has(u8::is_ascii_digit)
                || dots >= 2
                || (has_late_capital && has(u8::is_ascii_lowercase))))
}

/// Base64 of `user:password`.
fn is_basic_credentials(token: &[u8]) -> bool {
    let (mut word, mut bits, mut has_colon) = (0_u32, 0, false);
    for &byte in token.iter().take_while(|&&b| b != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        word = (word << 6 | u32::from(six)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            let decoded = (word >> bits) as u8;
            if decoded < 0x20 {
                return false;
            }
            has_colon |= decoded == b':';
        }
    }
    has_colon
}

/// A token of a well-known issuer whose prefix ends with the `_` or `-` at `at`.
pub(super) fn issued_token(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const BODY_BYTES_MIN: usize = 16;
    const WORD_BYTES_MAX: usize = 29;
    let prefix_length = match &bytes[..=at] {
        [.., b'g', b'h', b'p' | b'o' | b'u' | b's' | b'r', b'_'] => 4,
        [.., b's' | b'r', b'k', b'_', b'l', b'i', b'v', b'e', b'_'] => 8,
        [.., b's' | b'r', b'k', b'_', b't', b'e', b's', b't', b'_'] => 8,
        [.., b'w', b'h', b's', b'e', b'c', b'_'] => 6,
        [.., b's', b'h', b'p', b'a', b't', b'_'] | [.., b's', b'h', b'p', b's', b's', b'_'] => 6,
        [.., b'n', b'p', b'm', b'_'] => 4,
        [.., b'h', b'f', b'_'] => 3,
        [.., b'l', b'c', b'r' | b'a', b'_'] => 4,
        [.., b'x', b'o', b'x', b'b' | b'a' | b'p' | b'r' | b's' | b'e', b'-'] => 5,
        [.., b'g', b'l', b'p', b'a', b't', b'-'] => 6,
        [.., b'p', b'y', b'p', b'i', b'-'] => 5,
        [.., b's', b'k', b'-'] => 3,
        other if other.ends_with(b"github_pat_") => 11,
        other if other.ends_with(b"dop_v1_") => 7,
        _ => return None,
    };
    let start = at + 1 - prefix_length;
    if is_inside_word(bytes, start) {
        return None;
    }
    let end = run(bytes, at + 1, is_base64url);
    let body = &bytes[at + 1..end];
    let body_min = if prefix_length == 8 || prefix_length == 5 { 10 } else { BODY_BYTES_MIN };
    let is_random = body.iter().any(u8::is_ascii_digit)
        || body.iter().any(u8::is_ascii_uppercase)
        || body.len() > WORD_BYTES_MAX;
    (body.len() >= body_min && is_random).then_some(start..end)
}

/// Digits of Log Center's own secrets.
const OWN_DIGITS: usize = 48;

/// Log Center's own session behind the name of its cookie, whose `-` is at `at`.
pub(super) fn own_session(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const NAME_END: &[u8] = b"-center=";
    if !bytes[..at].ends_with(b"log") || !bytes[at..].starts_with(NAME_END) {
        return None;
    }
    let start = at + NAME_END.len();
    let end = run(bytes, start, |b| b.is_ascii_hexdigit());
    (end - start >= OWN_DIGITS).then_some(start..end)
}

/// What a link of Log Center's says behind the `#` at `at`: who has it may come, or move an issue.
pub(super) fn own_link(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !bytes[..at].ends_with(b"/join") && !bytes[..at].ends_with(b"/act") {
        return None;
    }
    let end = run(bytes, at + 1, |b| is_base64url(b) || b == b'.');
    (end - at > OWN_DIGITS).then_some(at + 1..end)
}

/// An access key of AWS or an API key of Google that starts at `start`.
pub(super) fn cloud_key_end(bytes: &[u8], start: usize) -> Option<usize> {
    if is_inside_word(bytes, start) {
        return None;
    }
    match bytes.get(start..start + 4)? {
        b"AKIA" | b"ASIA" => {
            let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            let end = run(bytes, start, is_part);
            let is_whole = !bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric());
            (end - start == 20 && is_whole).then_some(end)
        }
        b"AIza" => {
            let end = run(bytes, start, is_base64url);
            (end - start >= 30).then_some(end)
        }
        _ => None,
    }
}

/// What the `-----` at `start` opens: a private key up to its end or to the end of the text, or, if
/// only its end is here, all of the key before it, down to `from`.
pub(super) fn private_key(bytes: &[u8], start: usize, from: usize) -> Option<Range<usize>> {
    const LABEL_BYTES_MAX: usize = 64;
    let rest = bytes[start..].strip_prefix(b"-----")?;
    let label_start = start + 5;
    let window = &rest[..rest.len().min(LABEL_BYTES_MAX)];
    let label_end = label_start + find(window, b"-----")?;
    let label = &bytes[label_start..label_end];
    find(label, b"PRIVATE KEY")?;
    if label.starts_with(b"BEGIN ") {
        let body = label_end + 5;
        let Some(at) = find(&bytes[body..], b"-----END ") else {
            return Some(start..bytes.len());
        };
        let end_label = body + at + 9;
        let window = &bytes[end_label..bytes.len().min(end_label + LABEL_BYTES_MAX)];
        return Some(start..find(window, b"-----").map_or(end_label, |at| end_label + at + 5));
    }
    if !label.starts_with(b"END ") {
        return None;
    }
    let is_body = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'+' | b'/' | b'=' | b'\\')
            || b.is_ascii_whitespace()
    };
    let before = bytes[from..start].iter().rev().take_while(|b| is_body(b)).count();
    Some(start - before..label_end + 5)
}

pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The credentials between `://`, whose colon is at `colon`, and the host's `@`.
pub(super) fn credentials(bytes: &[u8], colon: usize) -> Option<Range<usize>> {
    const TOKEN_BYTES_MIN: usize = 16;
    if colon == 0 || !bytes[colon - 1].is_ascii_alphanumeric() {
        return None;
    }
    let start = colon + 3;
    let ends = |b: u8| matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\');
    let end = run(bytes, start, |b| !ends(b) && b > b' ');
    let at = start + bytes[start..end].iter().rposition(|&b| b == b'@')?;
    let user = &bytes[start..at];
    // A user without a password is none of our business, except where it is a token.
    let is_token = user.len() >= TOKEN_BYTES_MIN && user.iter().any(u8::is_ascii_digit);
    let is_web = bytes[..colon].ends_with(b"http") || bytes[..colon].ends_with(b"https");
    (user.contains(&b':') || (is_token && is_web)).then_some(start..at)
}

/// Digits that start at `start`, where no digit stands before.
pub(super) struct Digits {
    /// The end of the payment card's number that starts here, if one does.
    pub(super) card_end: Option<usize>,
    /// Where the run of digits ends.
    pub(super) run_end: usize,
}

/// Looks for a payment card: 13 to 19 digits, plain or in groups, that fit its brand.
pub(super) fn card(bytes: &[u8], start: usize) -> Digits {
    const PLAIN: std::ops::RangeInclusive<usize> = 13..=19;
    const GROUP: std::ops::RangeInclusive<usize> = 4..=6;
    let run_end = run(bytes, start, |b| b.is_ascii_digit());
    let length = run_end - start;
    let mut card_end = None;
    let can_start = GROUP.contains(&length) || PLAIN.contains(&length);
    if can_start && matches!(bytes[start], b'2'..=b'6') && !continues_before(bytes, start) {
        card_end = if PLAIN.contains(&length) {
            let is_card = is_card(&bytes[start..run_end]) && !continues_after(bytes, run_end);
            is_card.then_some(run_end)
        } else {
            grouped_card_end(bytes, start, run_end)
        };
    }
    Digits { card_end, run_end }
}

/// Groups of up to 7 digits behind a first one, all with the same blank or hyphen between. The
/// longest fitting number wins: an expiry date may follow.
fn grouped_card_end(bytes: &[u8], start: usize, first_end: usize) -> Option<usize> {
    let separator = *bytes.get(first_end).filter(|b| matches!(b, b' ' | b'-'))?;
    let mut digits = [0; 19];
    let mut count = first_end - start;
    digits[..count].copy_from_slice(&bytes[start..first_end]);
    let mut end = first_end;
    let mut best = None;
    while bytes.get(end) == Some(&separator) {
        let group_end = run(bytes, end + 1, |b| b.is_ascii_digit());
        let group = &bytes[end + 1..group_end];
        if !(1..=7).contains(&group.len()) || count + group.len() > digits.len() {
            break;
        }
        digits[count..count + group.len()].copy_from_slice(group);
        count += group.len();
        end = group_end;
        let goes_on = separator == b'-' && continues_after(bytes, end);
        if is_card(&digits[..count]) && !goes_on && !is_word_byte_at(bytes, end) {
            best = Some(end);
        }
    }
    best
}

fn is_word_byte_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether the digits from `start` on go on something: a word, a fraction, a UUID.
fn continues_before(bytes: &[u8], start: usize) -> bool {
    let Some(&before) = start.checked_sub(1).and_then(|at| bytes.get(at)) else {
        return false;
    };
    match before {
        b'.' => start >= 2 && bytes[start - 2].is_ascii_digit(),
        b'-' => is_hex_word(bytes[..start - 1].iter().rev()),
        _ => before.is_ascii_alphanumeric() || before == b'_',
    }
}

fn continues_after(bytes: &[u8], end: usize) -> bool {
    match bytes.get(end) {
        Some(b'.') => bytes.get(end + 1).is_some_and(u8::is_ascii_digit),
        Some(b'-') => is_hex_word(bytes[end + 1..].iter()),
        _ => is_word_byte_at(bytes, end),
    }
}

/// A neighbouring part of a UUID or trace id: hex digits, at least one of them decimal.
fn is_hex_word<'a>(bytes: impl Iterator<Item = &'a u8>) -> bool {
    const PART_BYTES_MAX: usize = 40;
    let mut has_digit = false;
    for byte in bytes.take(PART_BYTES_MAX).take_while(|b| b.is_ascii_alphanumeric()) {
        if !byte.is_ascii_hexdigit() {
            return false;
        }
        has_digit |= byte.is_ascii_digit();
    }
    has_digit
}

/// Whether a bare number of JSON is a card's.
pub(super) fn is_card_number(number: &str) -> bool {
    number.len() >= 13 && number.bytes().all(|b| b.is_ascii_digit()) && is_card(number.as_bytes())
}

/// Whether digits are a card's number: a brand's prefix, its length, and the Luhn check digit.
fn is_card(digits: &[u8]) -> bool {
    let prefix = |length: usize| {
        digits.iter().take(length).fold(0_u32, |number, d| number * 10 + u32::from(d - b'0'))
    };
    let length = digits.len();
    if !(13..=19).contains(&length) {
        return false;
    }
    let fits_brand = match prefix(4) {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        6011 | 6440..=6599 => (16..=19).contains(&length),
        3600..=3699 | 3800..=3899 | 3000..=3059 => (14..=19).contains(&length),
        3528..=3589 | 6200..=6299 => (16..=19).contains(&length),
        _ => false,
    };
    fits_brand && has_check_digit(digits)
}

fn has_check_digit(digits: &[u8]) -> bool {
    let weigh = |(at, digit): (usize, &u8)| match (at % 2, u32::from(digit - b'0')) {
        (0, value) => value,
        (_, value) => value * 2 / 10 + value * 2 % 10,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>() % 10 == 0
}
