//! The last lines that a program wrote, both streams in the order in which they came.

use std::collections::VecDeque;

use crate::cli::plain;

/// Bytes of one line that are kept: its end.
const LINE_BYTES: usize = 4 * 1_024;
/// Bytes of all lines together that are reported; the server keeps as much of a stack.
const ALL_BYTES: usize = 192 * 1_024;

/// Which of its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out = 0,
    Err = 1,
}

/// Keeps the last lines and forgets the others.
#[derive(Debug)]
pub(super) struct Tail {
    max: usize,
    lines: VecDeque<(Stream, Vec<u8>)>,
    /// What came behind the last line feed of each stream.
    open: [Vec<u8>; 2],
}

impl Tail {
    pub(super) fn new(max: usize) -> Self {
        Self { max, lines: VecDeque::new(), open: [Vec::new(), Vec::new()] }
    }

    pub(super) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let mut pieces = bytes.split(|byte| *byte == b'\n');
        let last = pieces.next_back().unwrap_or_default();
        for piece in pieces {
            self.extend(stream, piece);
            let line = std::mem::take(&mut self.open[stream as usize]);
            self.push(stream, line);
        }
        self.extend(stream, last);
    }

    fn extend(&mut self, stream: Stream, piece: &[u8]) {
        let open = &mut self.open[stream as usize];
        open.extend_from_slice(&piece[piece.len().saturating_sub(LINE_BYTES)..]);
        if open.len() > LINE_BYTES {
            open.drain(..open.len() - LINE_BYTES);
        }
    }

    fn push(&mut self, stream: Stream, line: Vec<u8>) {
        self.lines.push_back((stream, line));
        if self.lines.len() > self.max {
            self.lines.pop_front();
        }
    }

    /// The lines as text, and the one that most likely says what went wrong.
    pub(super) fn finish(mut self) -> (Vec<String>, Option<String>) {
        for stream in [Stream::Out, Stream::Err] {
            let rest = std::mem::take(&mut self.open[stream as usize]);
            if !rest.is_empty() {
                self.push(stream, rest);
            }
        }
        let lines = self.lines.iter().map(|(stream, line)| (*stream, plain::text(line)));
        let lines: Vec<(Stream, String)> = lines.collect();
        let says = |(_, line): &&(Stream, String)| !line.trim().is_empty();
        let of_errors = lines.iter().filter(|(stream, _)| *stream == Stream::Err).rfind(says);
        let telling = of_errors.or_else(|| lines.iter().rfind(says));
        let telling = telling.map(|(_, line)| line.trim().to_owned());
        let mut bytes = 0;
        let fits = |line: &&(Stream, String)| {
            bytes += line.1.len() + 1;
            bytes <= ALL_BYTES
        };
        let mut kept: Vec<String> =
            lines.iter().rev().take_while(fits).map(|(_, line)| line.clone()).collect();
        kept.reverse();
        (kept, telling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_stay_in_their_order() {
        let mut tail = Tail::new(3);
        tail.add(Stream::Out, b"one\ntwo\nth");
        tail.add(Stream::Err, b"bad\n");
        tail.add(Stream::Out, b"ree\nfour");
        let (lines, telling) = tail.finish();
        assert_eq!(lines, ["bad", "three", "four"]);
        assert_eq!(telling.as_deref(), Some("bad"), "errors say more than other output");
    }

    #[test]
    fn long_lines_and_no_lines_are_bounded() {
        let mut tail = Tail::new(2);
        for _ in 0..100 {
            tail.add(Stream::Out, &[b'x'; 10_000]);
        }
        tail.add(Stream::Out, b"end\n\n");
        let (lines, telling) = tail.finish();
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [LINE_BYTES, 0]);
        assert!(telling.is_some_and(|line| line.ends_with("end")));
        assert_eq!(Tail::new(0).finish(), (Vec::new(), None));
    }
}
