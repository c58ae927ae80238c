//! Somebody who listens to the live stream, as a browser does.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::client::{Running, request};

pub(crate) const STREAM: &str = "/api/v1/stream";

/// A message of the stream.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Message {
    /// `event count status`, the short form that tests compare.
    pub(crate) fn shown(&self) -> String {
        let status = self.data["status"].as_str().unwrap_or("");
        format!("{} {} {status}", self.event, self.data["count"])
    }
}

/// An open stream.
pub(crate) struct Listening {
    pub(crate) head: String,
    source: BufReader<TcpStream>,
    text: String,
    messages: VecDeque<Message>,
    /// The newest id, sent or told.
    pub(crate) last_id: String,
}

impl Running {
    /// Listens from now on.
    pub(crate) fn listen(&self) -> Listening {
        self.listen_as("", &[])
    }

    /// Listens with this query and these headers.
    pub(crate) fn listen_as(&self, query: &str, headers: &[&str]) -> Listening {
        let mut socket = self.connect();
        let headers = [&["Connection: keep-alive"], headers].concat();
        let bytes = request("GET", &format!("{STREAM}{query}"), &headers, b"");
        socket.write_all(&bytes).expect("open");
        let mut source = BufReader::new(socket);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(source.read_line(&mut head).expect("a head") > 0, "closed: {head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let mut listening = Listening {
            head,
            source,
            text: String::new(),
            messages: VecDeque::new(),
            last_id: String::new(),
        };
        // Who has the first piece has its place.
        while listening.text.is_empty() {
            assert!(listening.read(), "closed at once");
        }
        assert!(listening.text.starts_with("retry: "), "{}", listening.text);
        listening.split();
        listening
    }
}

impl Listening {
    /// Reads one chunk; `false` at the end.
    fn read(&mut self) -> bool {
        let mut size = String::new();
        self.source.read_line(&mut size).expect("a chunk in time");
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk's size");
        let mut chunk = vec![0; size + 2];
        self.source.read_exact(&mut chunk).expect("a whole chunk");
        self.text += std::str::from_utf8(&chunk[..size]).expect("UTF-8");
        size > 0
    }

    /// Takes the whole messages out of what was read.
    fn split(&mut self) {
        while let Some(end) = self.text.find("\n\n") {
            let piece = self.text[..end].to_owned();
            self.text.drain(..end + 2);
            let line = |name: &str| piece.lines().find_map(|line| line.strip_prefix(name));
            if let Some(id) = line("id: ") {
                self.last_id = id.to_owned();
            }
            let Some(event) = line("event: ") else { continue };
            let data = line("data: ").expect("on one line");
            self.messages.push_back(Message {
                id: self.last_id.clone(),
                event: event.to_owned(),
                data: serde_json::from_str(data).expect("JSON"),
            });
        }
    }

    /// The next message, waited for.
    pub(crate) fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return message;
            }
            assert!(self.read(), "the stream ended");
            self.split();
        }
    }

    /// Messages up to the first of an issue of this project, in their short form, without it.
    pub(crate) fn until(&mut self, project: &str) -> Vec<String> {
        let mut shown = Vec::new();
        loop {
            let message = self.next();
            if message.data["project_id"] == project {
                return shown;
            }
            shown.push(message.shown());
        }
    }

    /// Reads to the end, which must come in order and soon.
    pub(crate) fn ended(mut self) {
        let soon = Some(Duration::from_secs(2));
        self.source.get_ref().set_read_timeout(soon).expect("a time-out");
        while self.read() {}
        assert_eq!(self.source.read(&mut [0; 8]).expect("closed in order"), 0);
    }
}
