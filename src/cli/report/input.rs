//! What comes through the pipe: reports as JSON, or any program's output.

use std::io::Read;

use serde_json::Value;

use crate::cli::plain;
use crate::cli::trouble::Trouble;

/// Bytes of a text's beginning and of its end that are kept; the server keeps as much of a stack.
const SIDE_BYTES: usize = 128 * 1_024;
/// Bytes of JSON at most.
const JSON_BYTES_MAX: usize = 64 * 1_024 * 1_024;
const PIECE_BYTES: usize = 64 * 1_024;

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Whatever it turns out to be.
    Any,
    /// Text, even if it looks like JSON.
    Text,
    /// Reports only.
    Reports,
}

/// What came.
#[derive(Debug, PartialEq)]
pub(super) enum Input {
    Text(String),
    /// One object.
    Report(Value),
    /// An array, or a line each.
    Reports(Vec<Value>),
}

/// Reads to the end, so that whoever writes is not cut off, and keeps what fits.
pub(super) fn read(mut from: impl Read, form: Form) -> Result<Input, Trouble> {
    let unreadable = |error| Trouble::Failed(format!("The input cannot be read: {error}."));
    let mut kept = Kept::default();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(size) => kept.add(&piece[..size], form),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    if form != Form::Text && kept.left_out == 0 {
        match reports(&kept.bytes, form == Form::Reports) {
            Ok(Some(input)) => return Ok(input),
            Err(why) if form == Form::Reports => return Err(Trouble::Failed(why)),
            _ => {}
        }
    }
    match form {
        Form::Reports if kept.left_out > 0 => {
            Err(Trouble::Failed("The input has more than 64 MiB of JSON: send it in parts.".into()))
        }
        Form::Reports => Err(Trouble::Failed("The input holds no report.".into())),
        _ => Ok(Input::Text(kept.text())),
    }
}

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    left_out: usize,
}

impl Kept {
    fn add(&mut self, piece: &[u8], form: Form) {
        self.bytes.extend_from_slice(piece);
        let first = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let may_be_json = form != Form::Text && matches!(first, Some(b'{' | b'['));
        let max = if may_be_json { JSON_BYTES_MAX } else { 4 * SIDE_BYTES };
        if self.bytes.len() > max {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.bytes.len() > 2 * SIDE_BYTES {
            let tail = self.bytes.len() - SIDE_BYTES;
            self.left_out += tail - SIDE_BYTES;
            self.bytes.drain(SIDE_BYTES..tail);
        }
    }

    fn text(mut self) -> String {
        self.cut();
        if self.left_out == 0 {
            return plain::text(&self.bytes);
        }
        let (head, tail) = self.bytes.split_at(SIDE_BYTES);
        let left_out = self.left_out;
        format!("{}\n[{left_out} bytes left out]\n{}", plain::text(head), plain::text(tail))
    }
}

/// `Ok(None)`: something else. With `any_object` an object need not look like a report.
fn reports(bytes: &[u8], any_object: bool) -> Result<Option<Input>, String> {
    let is_report = |value: &Value| value.is_object() && (any_object || value["error"].is_object());
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Array(items)) if !items.is_empty() && items.iter().all(is_report) => {
            return Ok(Some(Input::Reports(items)));
        }
        Ok(value) if is_report(&value) => return Ok(Some(Input::Report(value))),
        Ok(_) => return Ok(None),
        Err(_) => {}
    }
    let mut items = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let value: Value = serde_json::from_slice(line)
            .map_err(|error| format!("Line {} of the input is no JSON: {error}.", at + 1))?;
        if !is_report(&value) {
            return Err(format!("Line {} of the input is no report.", at + 1));
        }
        items.push(value);
    }
    Ok(Some(Input::Reports(items)).filter(|_| bytes.iter().any(|b| !b.is_ascii_whitespace())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(text: &str, form: Form) -> Option<Input> {
        read(text.as_bytes(), form).ok()
    }

    #[test]
    fn reports_are_told_from_text() {
        let one = json!({ "error": {} });
        let text = |text: &str| Some(Input::Text(text.to_owned()));
        let several = Some(Input::Reports(vec![one.clone(), one.clone()]));
        assert_eq!(read_all("{\"error\":{}}", Form::Any), Some(Input::Report(one.clone())));
        assert_eq!(read_all("{\"error\":{}}\n\n{\"error\":{}}\n", Form::Any), several);
        assert_eq!(read_all("[{\"error\":{}},{\"error\":{}}]", Form::Any), several);
        assert_eq!(read_all("{\"error\":{}}", Form::Text), text("{\"error\":{}}"));
        let log = "{\"level\":\"error\",\"msg\":\"no\"}";
        assert_eq!(read_all(log, Form::Any), text(log));
        assert!(matches!(read_all(log, Form::Reports), Some(Input::Report(_))));
        for other in ["", "[12:00] no", "{", "[]", "7"] {
            assert_eq!(read_all(other, Form::Any), text(other));
            assert_eq!(read_all(other, Form::Reports), None, "{other}");
        }
    }

    #[test]
    fn the_middle_of_a_long_text_goes() {
        let Some(Input::Text(text)) = read_all(&"line\n".repeat(300_000), Form::Any) else {
            panic!("no text");
        };
        let bytes = 5 * 300_000 - 2 * SIDE_BYTES;
        assert!(text.len() < 2 * SIDE_BYTES + 100);
        assert!(text.contains(&format!("[{bytes} bytes left out]")));
    }
}
