//! Lengths of time as people write them: `90s`, `10m`, `1h30m`, `2d`.

use std::time::Duration;

/// Reads a length above 0; a bare number is seconds.
pub(super) fn period(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected a length of time such as 90s, 10m or 2h, got {text:?}");
    let mut rest = text.trim();
    let mut seconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| expected())?;
        rest = &rest[digits..];
        let unit = rest.chars().next();
        let of_unit = match unit {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            Some('w') => 7 * 86_400,
            Some(_) => return Err(expected()),
        };
        rest = &rest[unit.map_or(0, char::len_utf8)..];
        let more = number.checked_mul(of_unit).and_then(|more| seconds.checked_add(more));
        seconds = more.filter(|all| *all < 100 * 366 * 86_400).ok_or_else(expected)?;
    }
    if seconds == 0 { Err(expected()) } else { Ok(Duration::from_secs(seconds)) }
}

/// A length in words that are short: `12.4 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn in_words(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", length.as_secs_f64()),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        let table = [
            ("90", Some(90)),
            ("90s", Some(90)),
            ("10m", Some(600)),
            ("1h30m", Some(5_400)),
            ("2d", Some(172_800)),
            ("1w", Some(604_800)),
            ("0", None),
            ("", None),
            ("h", None),
            ("-5", None),
            ("1.5h", None),
            ("5 apples", None),
            ("99999999999999999999", None),
            ("9999999999w", None),
        ];
        for (text, expected) in table {
            let read = period(text).ok().map(|length| length.as_secs());
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn lengths_are_told_briefly() {
        assert_eq!(in_words(Duration::from_millis(12_440)), "12.4 s");
        assert_eq!(in_words(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(in_words(Duration::from_secs(7_500)), "2 h 5 min");
    }
}
