//! The real program on a free port, and a client that sends exactly the bytes it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

/// A running program with a data folder of its own; it and the folder go at the end.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    child: Child,
    folder: PathBuf,
    /// What else it said at its start.
    output: std::sync::Mutex<std::io::Lines<BufReader<std::process::ChildStdout>>>,
}

impl Running {
    /// Starts with these flags beside a free port.
    pub(crate) fn start(flags: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "log-center-http-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        Self::start_in(folder, flags)
    }

    /// Starts with this data folder.
    pub(crate) fn start_in(folder: PathBuf, flags: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_log-center"))
            .arg("--data")
            .arg(&folder)
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped")).lines();
        let listening = output
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.trim().strip_prefix("Listening")?.trim().to_owned()));
        let address = listening.expect("it says where").parse().expect("one address");
        Self { address, child, folder, output: output.into() }
    }

    /// The secret of the link for the first administrator.
    pub(crate) fn first_link(&self) -> String {
        let mut output = self.output.lock().expect("one reader");
        let mut lines = output.by_ref().map_while(Result::ok);
        let found = lines.find_map(|line| Some(line.split_once("/join#")?.1.to_owned()));
        found.expect("a link")
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as an operator does.
    pub(crate) fn ask_to_stop(&mut self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.expect("kill is there").success());
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Waits until it has stopped; whether it ended well.
    pub(crate) fn stopped(mut self) -> bool {
        self.child.wait().expect("it ends").success()
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

    /// Sends a JSON body; the answer must have this status.
    pub(crate) fn json(&self, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let headers = ["Content-Type: application/json", "X-Log-Center-User: ann"];
        let answer = self.send(method, path, &headers, body.to_string().as_bytes());
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.json());
        answer.json()
    }

    /// `GET` of a JSON answer.
    pub(crate) fn read(&self, path: &str) -> Value {
        let answer = self.ask(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
        answer.json()
    }

    /// `GET` without further headers.
    pub(crate) fn ask(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, and the folder may be another run's by now.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        let _gone = std::fs::remove_dir_all(&self.folder);
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

    /// Every header of a name.
    pub(crate) fn headers_of(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        pairs
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
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
