//! Writes JSON where what is written is known to be right: nothing is read again.

use std::borrow::Cow;

/// Appends `text` as the inside of a JSON string, just as `serde_json` does.
pub fn escape_into(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    loop {
        let at = copied + plain_length(&bytes[copied..]);
        out.push_str(&text[copied..at]);
        let Some(&byte) = bytes.get(at) else { return };
        copied = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(control >> 4)]));
                out.push(char::from(HEX[usize::from(control & 15)]));
            }
        }
    }
}

/// How many bytes stand before the first that must be escaped; eight bytes a step.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let marks = special_marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return at * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
    bytes.len() - rest.len() + rest.iter().take_while(is_plain).count()
}

/// The high bit of each byte that must be escaped: right up to the first such byte, behind which
/// others may be marked too.
const fn special_marks(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let quotes = word ^ u64::from_ne_bytes([b'"'; 8]);
    let slashes = word ^ u64::from_ne_bytes([b'\\'; 8]);
    let is_quote = quotes.wrapping_sub(ONES) & !quotes;
    let is_slash = slashes.wrapping_sub(ONES) & !slashes;
    let is_control = word.wrapping_sub(u64::from_ne_bytes([0x20; 8])) & !word;
    (is_quote | is_slash | is_control) & HIGHS
}

/// Writes an object's text member by member.
#[derive(Debug, Default)]
pub struct Object(String);

impl Object {
    /// One that has room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Adds a member whose value is JSON already.
    pub fn put(&mut self, name: &str, raw: &str) {
        self.name(name);
        self.0.push_str(raw);
    }

    /// Adds a member whose value is this text.
    pub fn put_text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text);
    }

    /// Adds a member whose value is an array of these texts.
    pub fn put_texts<'a>(&mut self, name: &str, texts: impl Iterator<Item = Cow<'a, str>>) {
        self.name(name);
        self.0.push('[');
        for (at, text) in texts.enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.text(&text);
        }
        self.0.push(']');
    }

    fn name(&mut self, name: &str) {
        self.0.push_str(if self.0.is_empty() { "{\"" } else { ",\"" });
        escape_into(&mut self.0, name);
        self.0.push_str("\":");
    }

    fn text(&mut self, text: &str) {
        self.0.push('"');
        escape_into(&mut self.0, text);
        self.0.push('"');
    }

    /// The whole object.
    pub fn close(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_is_what_a_parser_reads_back() {
        let every_control: String = (0_u8..0x20).map(char::from).collect();
        let long = "é plain text that is longer than any chunk, \"quoted\" in its second half";
        for text in ["", "plain", "\"q\" \\ / é😀", long, every_control.as_str()] {
            let mut out = String::from("\"");
            escape_into(&mut out, text);
            out.push('"');
            assert_eq!(out, serde_json::to_string(text).unwrap());
            if !text.contains('\0') {
                assert_eq!(crate::domain::json::string(&out).unwrap(), text);
            }
        }
    }

    #[test]
    fn an_object_is_what_a_parser_reads_back() {
        let mut object = Object::with_capacity(64);
        object.put("a\"", "[1]");
        object.put_text("b", "\n");
        object.put_texts("c", ["x".into(), "\\".into()].into_iter());
        object.put_texts("d", std::iter::empty());
        assert_eq!(object.close(), r#"{"a\"":[1],"b":"\n","c":["x","\\"],"d":[]}"#);
        assert_eq!(Object::default().close(), "{}");
    }
}
