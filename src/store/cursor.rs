//! Where a page ended, as text that callers hand back. Opaque to them; checked when it comes back.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_there_and_back() {
        let cursor = write('c', &[-5, 1_769_769_000_000]);
        assert_eq!(read('c', &cursor), Some([-5, 1_769_769_000_000]));
        for wrong in ["", "c", "d5-6", "c5", "c5-6-7", "c5-g", "c5-+6"] {
            assert_eq!(read::<2>('c', wrong), None, "{wrong}");
        }
    }
}
