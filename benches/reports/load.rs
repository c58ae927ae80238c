//! The load: connections that are kept alive on one thread, each sending its next request when the
//! last one is answered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::wire;

/// What comes first is not measured: connections open, and caches fill.
pub(crate) const WARM_UP: Duration = Duration::from_millis(300);

/// Where requests come from.
pub(crate) trait Source {
    /// Writes the next request, head and body, in place of `bytes`; how many reports it holds, 0
    /// when there are no more.
    fn next(&mut self, bytes: &mut Vec<u8>) -> u64;
}

/// One run: until the time is over or the source has no more.
pub(crate) struct Plan {
    pub(crate) port: u16,
    pub(crate) source: Box<dyn Source>,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// What a run showed.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Reports in answers of 200, those of the warm-up too.
    pub(crate) answered: u64,
    /// Reports in other answers.
    pub(crate) refused: u64,
    /// Reports answered with 200 after the warm-up.
    pub(crate) per_second: f64,
    /// Of requests; 0 when all of them were in the warm-up.
    pub(crate) p99_ms: f64,
}

/// Runs a plan on this thread.
pub(crate) fn run(plan: Plan) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let local = LocalSet::new();
    runtime.expect("the system gives a runtime").block_on(local.run_until(drive(plan)))
}

/// What all connections of one run share.
struct Shared {
    source: RefCell<Box<dyn Source>>,
    refused: Cell<u64>,
    begin: Instant,
    end: Instant,
    port: u16,
}

/// What one connection did.
#[derive(Default)]
struct Sent {
    answered: u64,
    measured: u64,
    times_us: Vec<u32>,
}

async fn drive(plan: Plan) -> Measured {
    let begin = Instant::now() + WARM_UP;
    let shared = Rc::new(Shared {
        source: RefCell::new(plan.source),
        refused: Cell::new(0),
        begin,
        end: begin + plan.time,
        port: plan.port,
    });
    let senders: Vec<_> = (0..plan.connections)
        .map(|_| tokio::task::spawn_local(Rc::clone(&shared).send()))
        .collect();
    let (mut answered, mut measured, mut times) = (0, 0, Vec::new());
    for sender in senders {
        let sent = sender.await.expect("a sender does not panic");
        answered += sent.answered;
        measured += sent.measured;
        times.extend(sent.times_us);
    }
    // Requests that were under way at the end are answered after it.
    let seconds = begin.elapsed().as_secs_f64();
    times.sort_unstable();
    assert!(answered > 0, "nothing was answered");
    Measured {
        answered,
        refused: shared.refused.get(),
        per_second: measured as f64 / seconds,
        p99_ms: f64::from(times.get(times.len() * 99 / 100).copied().unwrap_or(0)) / 1e3,
    }
}

impl Shared {
    /// Sends until the end.
    async fn send(self: Rc<Self>) -> Sent {
        let address = ("127.0.0.1", self.port);
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let (mut request, mut answer) = (Vec::new(), Vec::new());
        let mut sent = Sent::default();
        loop {
            let at = Instant::now();
            if at >= self.end {
                return sent;
            }
            let reports = self.source.borrow_mut().next(&mut request);
            if reports == 0 {
                return sent;
            }
            let at = Instant::now();
            wire::write(&stream, &request).await.expect("an open connection");
            let got = wire::read(&stream, &mut answer).await.expect("a whole answer");
            if got.status != 200 || has_error(got.body(&answer), reports) {
                if self.refused.get() == 0 {
                    eprintln!("{}", String::from_utf8_lossy(got.body(&answer)));
                }
                self.refused.set(self.refused.get() + reports);
                continue;
            }
            sent.answered += reports;
            if at >= self.begin {
                sent.measured += reports;
                let us = u32::try_from(at.elapsed().as_micros()).unwrap_or(u32::MAX);
                sent.times_us.push(us);
            }
        }
    }
}

/// Whether a batch's answer refuses one of its reports.
fn has_error(body: &[u8], reports: u64) -> bool {
    let mark = b"\"status\":\"error\"";
    reports > 1 && body.windows(mark.len()).any(|part| part == mark)
}
