//! UUIDs as 16 bytes: read in any usual spelling, shown in one.

use super::fingerprint::hex;

/// The 16 bytes of 32 hex digits in any case, with hyphens in their four places or with none.
pub fn parse(text: &str) -> Option<[u8; 16]> {
    let digits = match text.len() {
        32 => text.to_owned(),
        36 => {
            let hyphens = text.bytes().enumerate().filter(|(_, byte)| *byte == b'-');
            if !hyphens.map(|(at, _)| at).eq([8, 13, 18, 23]) {
                return None;
            }
            text.replace('-', "")
        }
        _ => return None,
    };
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// 32 lower-case hex digits with hyphens, e.g. `0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f`.
pub fn format(bytes: &[u8; 16]) -> String {
    let digits = hex(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_the_same_id() {
        let expected = "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f";
        for text in [
            expected,
            "0192F0C1-6E0A-7CC3-98C4-DC0C0C07398F",
            "0192f0c16e0a7cc398c4dc0c0c07398f",
            "0192F0C16E0A7CC398C4DC0C0C07398F",
        ] {
            assert_eq!(parse(text).map(|bytes| format(&bytes)).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "42",
            "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398",
            "0192f0c16e0a-7cc3-98c4-dc0c-0c07398f",
            "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398g",
            "--------------------------------",
            "{0192f0c1-6e0a-7cc3-98c4-dc0c0c073}",
            "éééééééééééééééé",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
