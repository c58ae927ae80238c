//! The load: connections that are kept alive on one thread, each sending its next report when the
//! last one is answered. It speaks HTTP itself, to take little of the processors that it shares.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::body::{Pattern, Request, Source};

/// What comes first is not measured: connections open, and caches fill.
const WARM_UP: Duration = Duration::from_millis(300);

/// One run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) port: u16,
    pub(crate) pattern: Pattern,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// What a run showed.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Answers of 200, those of the warm-up too.
    pub(crate) answered: u64,
    /// Other answers.
    pub(crate) refused: u64,
    pub(crate) per_second: f64,
    pub(crate) p50_us: u32,
    pub(crate) p99_us: u32,
}

/// Runs a plan on this thread.
pub(crate) fn run(plan: Plan) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let local = LocalSet::new();
    runtime.expect("the system gives a runtime").block_on(local.run_until(drive(plan)))
}

async fn drive(plan: Plan) -> Measured {
    let source = Source::new(plan.pattern);
    let refused = Rc::new(Cell::new(0));
    let begin = Instant::now() + WARM_UP;
    let end = begin + plan.time;
    let senders: Vec<_> = (0..plan.connections)
        .map(|_| {
            let sender = Sender {
                source: Rc::clone(&source),
                refused: Rc::clone(&refused),
                begin,
                end,
                port: plan.port,
            };
            tokio::task::spawn_local(sender.send())
        })
        .collect();
    let (mut answered, mut times) = (0, Vec::new());
    for sender in senders {
        let (of_one, times_of_one) = sender.await.expect("a sender does not panic");
        answered += of_one;
        times.extend(times_of_one);
    }
    // Requests that were under way at the end are answered after it.
    let seconds = begin.elapsed().as_secs_f64();
    times.sort_unstable();
    assert!(!times.is_empty(), "nothing was answered");
    Measured {
        answered,
        refused: refused.get(),
        per_second: times.len() as f64 / seconds,
        p50_us: times[times.len() / 2],
        p99_us: times[times.len() * 99 / 100],
    }
}

struct Sender {
    source: Rc<Source>,
    refused: Rc<Cell<u64>>,
    begin: Instant,
    end: Instant,
    port: u16,
}

impl Sender {
    /// Sends until the end; how many were answered, and how long those after the warm-up took.
    async fn send(self) -> (u64, Vec<u32>) {
        let address = ("127.0.0.1", self.port);
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let (mut request, mut buffer) = (Request::new(), vec![0; 8_192]);
        let (mut answered, mut times) = (0, Vec::new());
        loop {
            let sent = Instant::now();
            if sent >= self.end {
                return (answered, times);
            }
            write(&stream, request.next(&self.source)).await.expect("an open connection");
            let status = read(&stream, &mut buffer).await.expect("a whole answer");
            if status != 200 {
                self.refused.set(self.refused.get() + 1);
                continue;
            }
            answered += 1;
            if sent >= self.begin {
                times.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one answer; its status.
async fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<u16> {
    let mut filled = 0;
    loop {
        stream.readable().await?;
        match stream.try_read(&mut buffer[filled..]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        if let Some((status, length)) = whole(&buffer[..filled]) {
            assert!(filled <= length, "an answer to nothing");
            if filled == length {
                return Ok(status);
            }
        }
    }
}

/// Status and length of an answer whose head is complete.
fn whole(bytes: &[u8]) -> Option<(u16, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let body = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some((status, head + 4 + body.unwrap_or(0)))
}
