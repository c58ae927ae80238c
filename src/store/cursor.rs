//! Where a page ended, as text that callers hand back. Opaque to them; checked when it comes back.

use crate::domain::fingerprint::hex;

/// Writes the numbers of a cursor: lower-case hex, so that it stands in a URL as it is.
pub fn write(kind: char, numbers: &[i64]) -> String {
    let words: Vec<String> =
        numbers.iter().map(|number| format!("{:x}", number.cast_unsigned())).collect();
    format!("{kind}{}", words.join("-"))
}

/// The numbers of a cursor of this kind; `None` when it is another's or was changed.
pub fn read<const N: usize>(kind: char, cursor: &str) -> Option<[i64; N]> {
    let numbers: Option<Vec<i64>> = cursor
        .strip_prefix(kind)?
        .split('-')
        .map(|word| {
            let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
            u64::from_str_radix(word, 16).ok().filter(|_| hex).map(u64::cast_signed)
        })
        .collect();
    numbers?.try_into().ok()
}

/// Writes the text of a cursor.
pub fn write_text(kind: char, text: &str) -> String {
    format!("{kind}{}", hex(text.as_bytes()))
}

/// The text of a cursor of this kind; `None` when it is another's or was changed.
pub fn read_text(kind: char, cursor: &str) -> Option<String> {
    let digits: Option<Vec<u8>> = cursor
        .strip_prefix(kind)?
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let (pairs, rest) = digits.as_ref()?.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    String::from_utf8(bytes).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_there_and_back() {
        assert_eq!(read_text('p', &write_text('p', "a 数")).as_deref(), Some("a 数"));
        for wrong in ["", "q61", "p6", "p6g", "pff"] {
            assert_eq!(read_text('p', wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_cursor_goes_there_and_back() {
        let cursor = write('c', &[-5, 1_769_769_000_000]);
        assert_eq!(read('c', &cursor), Some([-5, 1_769_769_000_000]));
        for wrong in ["", "c", "d5-6", "c5", "c5-6-7", "c5-g", "c5-+6"] {
            assert_eq!(read::<2>('c', wrong), None, "{wrong}");
        }
    }
}
