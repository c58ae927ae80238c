//! A vendor of channels: an HTTP server that keeps what it gets and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long a message may be on its way before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A status, further headers, and a body; a status of 0 never answers.
pub(crate) type Reply = (u16, &'static str, &'static str);

/// The server. It lives as long as the test.
pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    received: Receiver<Got>,
}

impl Vendor {
    /// Answers the n-th request, from 0.
    pub(crate) fn start(answer: impl Fn(usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (sender, received) = channel();
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for (nth, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let Some(got) = read(&stream) else { continue };
                let (status, headers, body) = answer(nth);
                if status == 0 {
                    silent.push(stream);
                } else {
                    let length = body.len();
                    let text = format!(
                        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\
                         Connection: close\r\n\r\n{body}"
                    );
                    let _gone = (&stream).write_all(text.as_bytes());
                }
                if sender.send(got).is_err() {
                    break;
                }
            }
        });
        Self { address, received }
    }

    /// Answers all alike.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::start(move |_| reply)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next request.
    pub(crate) fn next(&self) -> Got {
        self.received.recv_timeout(PATIENCE).expect("a message comes")
    }

    /// Whether nothing more has come so far.
    pub(crate) fn is_quiet(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

fn read(stream: &TcpStream) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length?.1.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Got { path, headers, body: String::from_utf8(body).ok()? })
}
