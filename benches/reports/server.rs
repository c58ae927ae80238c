//! The two servers, each a process of its own: the program, and hyper alone.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bare_http;
use crate::wire::Asking;

/// Flags with which nothing is ever removed.
pub(crate) const KEEP_ALL: [&str; 6] =
    ["--events-per-issue", "1000000", "--max-file-size", "1TiB", "--retention-days", "36500"];
/// What `/proc` counts processor time in: the kernel's fixed rate for programs.
const TICKS_A_SECOND: f64 = 100.0;
/// How long a program must be still until its chores count as done.
const STILL: Duration = Duration::from_secs(2);
/// The share of a processor that it may take in that time.
const STILL_SHARE: f64 = 0.02;

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
        Self::spawn(Command::new(own).arg(bare_http::ARGUMENT))
    }

    pub(crate) fn program(binary: &str, data: &Path, flags: &[&str]) -> Self {
        let listen = ["--listen", "127.0.0.1:0"];
        let mut command = Command::new(binary);
        Self::spawn(command.arg("serve").arg("--data").arg(data).args(listen).args(flags))
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
        while !server.is_alive() {
            std::thread::sleep(Duration::from_millis(1));
        }
        server.start = began.elapsed();
        server
    }

    fn is_alive(&self) -> bool {
        let asked = Asking::new(self.port);
        asked.and_then(|mut asking| Ok(asking.get("/healthz")?.0 == 200)).unwrap_or(false)
    }

    /// Reports in the program's own statistics.
    pub(crate) fn counted(&self) -> u64 {
        let mut asking = Asking::new(self.port).expect("it listens");
        let asked = asking.get("/api/v1/stats?by=project&interval=day").expect("an answer");
        let stats: serde_json::Value = serde_json::from_slice(asked.1).expect("JSON");
        let series = stats["series"].as_array().expect("a list").iter();
        let counts = series.flat_map(|one| one["counts"].as_array().expect("a list"));
        counts.map(|count| count.as_u64().expect("a count")).sum()
    }

    /// A line of `/proc/…/status` that counts KiB, in MB.
    pub(crate) fn memory_mb(&self, name: &str) -> f64 {
        let text = self.proc("status");
        let line = text.lines().find(|line| line.starts_with(name)).expect("a known name");
        let kib: u64 = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
        kib as f64 * 1_024.0 / 1e6
    }

    /// Processor time so far, its own and the kernel's for it.
    pub(crate) fn processor_seconds(&self) -> f64 {
        let text = self.proc("stat");
        let (_, rest) = text.rsplit_once(')').expect("a name in brackets");
        let field = |at: usize| rest.split_whitespace().nth(at).and_then(|text| text.parse().ok());
        // The 14th and 15th of all fields; two stand before the bracket closes.
        let ticks: (f64, f64) = (field(11).expect("utime"), field(12).expect("stime"));
        (ticks.0 + ticks.1) / TICKS_A_SECOND
    }

    fn proc(&self, name: &str) -> String {
        let path = format!("/proc/{}/{name}", self.process.id());
        std::fs::read_to_string(path).expect("Linux")
    }

    /// Waits until it has nothing to do: then all that follows the answers is done.
    pub(crate) fn wait_until_still(&self) {
        let mut before = self.processor_seconds();
        loop {
            std::thread::sleep(STILL);
            let now = self.processor_seconds();
            if now - before < STILL.as_secs_f64() * STILL_SHARE {
                return;
            }
            before = now;
        }
    }

    /// Ends it as a service manager does.
    pub(crate) fn stop(mut self) {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("a usual system");
        assert!(asked.success(), "it runs");
        assert!(self.process.wait().expect("its end").success(), "it ends in peace");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}
