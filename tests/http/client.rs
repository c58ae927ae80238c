//! The real program on a free port, and a client that sends exactly the bytes it is given.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::Parser;
use log_center::app::App;
use log_center::config::Config;
use log_center::http::{listen, server::Server};
use log_center::metrics::Metrics;
use serde_json::Value;
use tokio::sync::oneshot;

/// A running server; stops when it goes.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<usize>>,
}

impl Running {
    /// Starts with these flags beside a free port.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let words = [&["serve", "--listen", "127.0.0.1:0"], flags].concat();
        let config = Config::try_parse_from(words).expect("valid flags");
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let listeners = listen::bind(&config).await.expect("a free port");
                tell.send(listeners[0].local_addr().expect("bound")).expect("the test waits");
                let app = Arc::new(App { config, metrics: Arc::new(Metrics::default()) });
                let stop = async { stopped.await.unwrap_or_default() };
                listen::serve(listeners, Server::new(app), stop).await
            })
        });
        let address = told.recv().expect("it starts");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Asks it to stop, as SIGTERM does.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take();
    }

    /// Waits until it has stopped; how many connections did not finish.
    pub(crate) fn stopped(mut self) -> usize {
        self.stop.take();
        self.thread.take().expect("once").join().expect("it does not panic")
    }

    /// An open connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
        stream
    }

    /// Sends one request and reads its answer.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        // The server may answer and close while a large body is still on its way.
        let _ = stream.write_all(&request(method, path, headers, body));
        Answer::read(&mut stream)
    }

    /// `GET` without further headers.
    pub(crate) fn ask(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A request's bytes. `Host` and the length are added unless `headers` hold their own.
pub(crate) fn request(method: &str, path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    let has = |name: &str| headers.iter().any(|line| line.to_lowercase().starts_with(name));
    if !has("host:") {
        text += "Host: localhost\r\n";
    }
    if !has("transfer-encoding:") && !body.is_empty() {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    if !has("connection:") {
        text += "Connection: close\r\n";
    }
    for line in headers {
        text += &format!("{line}\r\n");
    }
    [(text + "\r\n").as_bytes(), body].concat()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads one answer; the connection may stay open behind it.
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            let mut chunk = [0; 4_096];
            let count = stream.read(&mut chunk).expect("an answer");
            assert!(count > 0, "closed before the answer: {}", String::from_utf8_lossy(&bytes));
            bytes.extend_from_slice(&chunk[..count]);
        };
        let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let mut answer = Self { status, head, body: bytes.split_off(end + 4) };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        if let Some(length) = length.filter(|_| status != 304) {
            let mut rest = vec![0_u8; length];
            let have = answer.body.len().min(length);
            rest[..have].copy_from_slice(&answer.body[..have]);
            // After HEAD nothing follows the length.
            let whole = stream.read_exact(&mut rest[have..]).is_ok();
            answer.body = if whole { rest } else { Vec::new() };
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The envelope's code; fails unless it is a whole envelope.
    pub(crate) fn code(&self) -> String {
        let envelope = self.json();
        assert_eq!(envelope["request_id"], self.header("x-request-id").expect("always"));
        assert!(envelope["info"].is_object() && envelope["data"].is_null(), "{envelope}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        envelope["code"].as_str().expect("a code").to_owned()
    }
}
