//! Reads server-sent events, piece by piece as they come.
//!
//! By <https://html.spec.whatwg.org/multipage/server-sent-events.html>: lines end with LF, CR or
//! both; an empty line sends what was gathered; a line that begins with a colon is a comment.

/// Bytes of one message at most: what is longer is no message of ours, and is passed over.
const MESSAGE_BYTES_MAX: usize = 1_024 * 1_024;

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// Its kind; `message` when the server names none.
    pub(super) event: String,
    /// Its lines, joined by line feeds.
    pub(super) data: String,
    /// The id to go on from: the last one that was named.
    pub(super) id: String,
}

/// Gathers pieces into messages.
#[derive(Debug, Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    after_return: bool,
    has_begun: bool,
    event: String,
    data: Option<String>,
    id: String,
}

impl Reader {
    /// Takes a piece, and gives the messages that it completes.
    pub(super) fn read(&mut self, piece: &[u8]) -> Vec<Message> {
        let mut messages = Vec::new();
        for byte in piece {
            let ends_line = matches!(byte, b'\n' | b'\r');
            if ends_line && !(*byte == b'\n' && self.after_return) {
                let line = std::mem::take(&mut self.line);
                messages.extend(self.field(&String::from_utf8_lossy(&line)));
            } else if !ends_line && self.line.len() < MESSAGE_BYTES_MAX {
                self.line.push(*byte);
            }
            self.after_return = *byte == b'\r';
        }
        messages
    }

    /// Takes one line.
    fn field(&mut self, line: &str) -> Option<Message> {
        let line = if self.has_begun { line } else { line.trim_start_matches('\u{feff}') };
        self.has_begun = true;
        if line.is_empty() {
            return self.send();
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "data" => {
                let data = self.data.get_or_insert_default();
                if data.len() < MESSAGE_BYTES_MAX {
                    data.push_str(value);
                    data.push('\n');
                }
            }
            // A comment has an empty name; `retry` is not ours to follow.
            _ => {}
        }
        None
    }

    fn send(&mut self) -> Option<Message> {
        let event = std::mem::take(&mut self.event);
        let mut data = self.data.take()?;
        data.pop();
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(Message { event, data, id: self.id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, String)> {
        let mut reader = Reader::default();
        let messages = text.as_bytes().chunks(3).flat_map(|piece| reader.read(piece));
        messages.map(|one| (one.event, one.data, one.id)).collect::<Vec<_>>()
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let read = read(text);
        let read: Vec<_> =
            read.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        assert_eq!(read, expected, "{text:?}");
    }

    #[test]
    fn fields_are_gathered_until_an_empty_line() {
        let message = [("issue.new", "{\"id\":1}", "7")];
        check("id: 7\nevent: issue.new\ndata: {\"id\":1}\n\n", &message);
        check("id:7\r\nevent:issue.new\r\ndata:{\"id\":1}\r\n\r\n", &message);
        check("id: 7\revent: issue.new\rdata: {\"id\":1}\r\r", &message);
        check("id: 7\nevent: issue.new\ndata: {\"id\":1}\n", &[]);
    }

    #[test]
    fn comments_and_unknown_fields_are_passed_over() {
        check(": hello\n\nretry: 10\n\nnonsense\nevent: x\n\n", &[]);
        check("\u{feff}data: 数据\n\n", &[("message", "数据", "")]);
    }

    #[test]
    fn several_lines_of_data_are_one_message() {
        check("data: a\ndata\ndata:  b\n\n", &[("message", "a\n\n b", "")]);
        let two = [("message", "a", "1"), ("message", "b", "1")];
        check("id: 1\ndata: a\n\ndata: b\n\n", &two);
    }

    #[test]
    fn a_message_without_end_takes_bounded_memory() {
        let mut reader = Reader::default();
        for _ in 0..40 {
            assert!(reader.read(&[b'x'; 65_536]).is_empty());
        }
        assert_eq!(reader.line.len(), MESSAGE_BYTES_MAX);
        assert_eq!(reader.read(b"\ndata: on\n\n").len(), 1);
    }
}
