//! The two servers, each a process of its own: the program, and hyper alone, which reads the same
//! body and answers the same bytes, always.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// The argument with which this file runs itself as the bare server.
pub(crate) const BARE: &str = "bare";
/// As many threads as the program has for HTTP.
const THREADS: usize = 2;
const ANSWER: &[u8] =
    b"{\"status\":\"duplicate\",\"id\":1,\"fingerprint\":\"c28b25b7d52420836670e6e071f446f4\",\
    \"is_new\":false}";

/// A running server; killed when it goes.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    /// From the start of the process to the first answer of 200.
    pub(crate) start: Duration,
}

impl Server {
    pub(crate) fn bare() -> Self {
        let own = std::env::current_exe().expect("a running program has a file");
        Self::spawn(Command::new(own).arg(BARE))
    }

    pub(crate) fn program(binary: &str, data: &Path) -> Self {
        let listen = ["--listen", "127.0.0.1:0"];
        Self::spawn(Command::new(binary).arg("serve").arg("--data").arg(data).args(listen))
    }

    fn spawn(command: &mut Command) -> Self {
        let began = Instant::now();
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program can be run");
        let said = BufReader::new(process.stdout.take().expect("it is piped"));
        let port = said.lines().find_map(|line| {
            let line = line.expect("text");
            let (_, port) = line.split_once("127.0.0.1:")?;
            port.trim().parse().ok()
        });
        let port = port.expect("it says where it listens");
        let mut server = Self { process, port, start: Duration::ZERO };
        while !server.ask("/healthz").starts_with("HTTP/1.1 200") {
            std::thread::sleep(Duration::from_millis(1));
        }
        server.start = began.elapsed();
        server
    }

    /// Answer to one `GET`, head and body.
    fn ask(&self, path: &str) -> String {
        let mut text = String::new();
        let asked = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut stream| {
            write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            stream.read_to_string(&mut text)
        });
        asked.map_or_else(|_| String::new(), |_| text)
    }

    /// Reports in the program's own statistics.
    pub(crate) fn counted(&self) -> u64 {
        let answer = self.ask("/api/v1/stats?by=project&interval=day");
        let body = answer.split_once("\r\n\r\n").expect("a whole answer").1;
        let stats: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let series = stats["series"].as_array().expect("a list").iter();
        let counts = series.flat_map(|one| one["counts"].as_array().expect("a list"));
        counts.map(|count| count.as_u64().expect("a count")).sum()
    }

    /// A line of `/proc/…/status`.
    pub(crate) fn memory_kib(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let text = std::fs::read_to_string(path).expect("Linux");
        let line = text.lines().find(|line| line.starts_with(name)).expect("a known name");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// Runs the bare server until the process is killed.
pub(crate) fn serve_bare() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .expect("the system gives threads");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("it is bound"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let _ignored = stream.set_nodelay(true);
            let io = TokioIo::new(stream);
            let connection = http1::Builder::new().serve_connection(io, service_fn(answer));
            tokio::spawn(connection);
        }
    });
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await;
    let length = body.map_or(0, |body| body.to_bytes().len());
    assert!(length < 64 * 1_024, "the same body as the program's");
    let answer = Response::builder()
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from_static(ANSWER)));
    Ok(answer.expect("a valid header"))
}
