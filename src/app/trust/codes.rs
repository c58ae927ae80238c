//! The second step of a login: codes of an authenticator (RFC 6238) and codes to recover with.
//! Each counts once; who sees that it does is the database.

use ring::hmac;

use super::secret::{self, Hash};

/// Bytes of an authenticator's secret: as many as the hash has.
const SECRET_BYTES: usize = 20;
/// How long a code is shown.
pub const STEP_MS: i64 = 30_000;
/// Clocks may differ by so many steps.
const DRIFT_STEPS: i64 = 1;
/// Digits of a code: what every authenticator shows.
pub const DIGITS: usize = 6;
/// Codes to recover with that are made at once.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one: nobody guesses 80 bits, so a plain hash of it is enough.
const RECOVERY_BYTES: usize = 10;
/// Characters of a group of one, as it is shown.
const GROUP_CHARS: usize = 4;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret for an authenticator.
pub fn fresh_secret() -> Result<Vec<u8>, String> {
    random(SECRET_BYTES)
}

/// As people and authenticators write it.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    text
}

/// The code of a step.
fn code(secret: &[u8], step: i64) -> u32 {
    // SHA-1 is what authenticators agree on; as an HMAC it is sound.
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let digest = tag.as_ref();
    let at = usize::from(digest[digest.len() - 1] & 15);
    let part = [digest[at] & 127, digest[at + 1], digest[at + 2], digest[at + 3]];
    u32::from_be_bytes(part) % 10_u32.pow(DIGITS as u32)
}

/// The code that an authenticator shows at a moment; for tests and those who try it.
pub fn shown(secret: &[u8], now: i64) -> String {
    format!("{:0DIGITS$}", code(secret, now.div_euclid(STEP_MS)))
}

/// Of which step after `last` a code is, if it is one at this moment.
pub fn step_of(secret: &[u8], text: &str, last: i64, now: i64) -> Option<i64> {
    let text = plain(text);
    if !is_code(&text) {
        return None;
    }
    let typed: u32 = text.parse().ok()?;
    let present = now.div_euclid(STEP_MS);
    let mut steps = present - DRIFT_STEPS..=present + DRIFT_STEPS;
    steps.find(|step| *step > last && code(secret, *step) == typed)
}

/// Whether a text is a code of an authenticator, rather than one to recover with.
pub fn is_code(text: &str) -> bool {
    let text = plain(text);
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Codes to recover with, as they are shown once.
pub fn fresh_recovery() -> Result<Vec<String>, String> {
    let grouped = |bytes: Vec<u8>| {
        let text = base32(&bytes).to_lowercase();
        let groups: Vec<&str> =
            (0..text.len()).step_by(GROUP_CHARS).map(|at| &text[at..at + GROUP_CHARS]).collect();
        groups.join("-")
    };
    (0..RECOVERY_CODES).map(|_| random(RECOVERY_BYTES).map(grouped)).collect()
}

/// What is kept of a code to recover with, however it is typed.
pub fn recovery_hash(text: &str) -> Hash {
    secret::hash(&plain(text))
}

fn plain(text: &str) -> String {
    let kept = text.chars().filter(|one| !one.is_whitespace() && *one != '-');
    kept.flat_map(char::to_lowercase).collect()
}

fn random(bytes: usize) -> Result<Vec<u8>, String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)
        .map_err(|error| format!("the system has no randomness: {error}"))?;
    Ok(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000_i64, "353130"),
        ] {
            assert_eq!(shown(SECRET, seconds * 1_000), expected);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (bytes, expected) in [("f", "MY"), ("fo", "MZXQ"), ("foob", "MZXW6YQ")] {
            assert_eq!(base32(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn a_code_counts_a_step_early_or_late_and_once() {
        let now = 1_111_111_109_000;
        let step = now / STEP_MS;
        let of = |at: i64| shown(SECRET, at);
        for (at, expected) in [
            (now, Some(step)),
            (now - STEP_MS, Some(step - 1)),
            (now + STEP_MS, Some(step + 1)),
            (now - 2 * STEP_MS, None),
            (now + 2 * STEP_MS, None),
        ] {
            assert_eq!(step_of(SECRET, &of(at), 0, now), expected, "{}", at - now);
        }
        assert_eq!(step_of(SECRET, &of(now), step, now), None, "it was used");
        assert_eq!(step_of(SECRET, "081 804", 0, now), Some(step), "as it is shown");
        for text in ["", "81804", "0818044", "08180x", "+81804", "٠٨١٨٠٤"] {
            assert_eq!(step_of(SECRET, text, 0, now), None, "{text}");
        }
    }

    #[test]
    fn a_code_to_recover_with_is_read_however_it_is_typed() {
        let codes = fresh_recovery().expect("random");
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert!(codes.iter().all(|code| code.len() == 19 && !is_code(code)), "{codes:?}");
        assert_ne!(codes[0], codes[1]);
        let typed = format!(" {} ", codes[0].to_uppercase().replace('-', " "));
        assert_eq!(recovery_hash(&typed), recovery_hash(&codes[0]));
        assert_eq!(fresh_secret().expect("random").len(), SECRET_BYTES);
    }
}
