//! Percent-decoding of paths and queries. What does not decode to UTF-8 is refused, not repaired.

/// Decodes a part of a path; `None` for a broken escape or bytes that are not UTF-8.
pub(super) fn path(text: &str) -> Option<String> {
    decode(text, b'%')
}

/// Decodes a name or value of a query, where `+` is a blank.
pub(super) fn query(text: &str) -> Option<String> {
    decode(text, b'+')
}

/// `blank` is the byte that stands for a blank; `%` can be none, since it begins an escape.
fn decode(text: &str, blank: u8) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            _ if byte == blank => b' ',
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_is_refused() {
        let table = [
            ("a%20b", Some("a b")),
            ("a+b", Some("a b")),
            ("%e4%BD%a0", Some("你")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%+1", None),
            ("%ff", None),
        ];
        for (text, expected) in table {
            assert_eq!(query(text).as_deref(), expected, "{text}");
        }
        assert_eq!(path("a+b").as_deref(), Some("a+b"));
    }
}
