//! What backups cost those who report: the same load with backups made one after the other all the
//! time, and without, in turns: `cargo bench --bench reports -- backup`.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::body::Pattern;
use crate::load::{self, Measured, Plan};
use crate::server::Server;

/// Connections that are kept alive.
const CONNECTIONS: usize = 64;
/// Between two tries to begin one.
const PAUSE: Duration = Duration::from_millis(20);

/// Measures, and prints a line for each pattern.
pub(crate) fn compare(binary: &str, folder: &Path, rounds: u64, seconds: u64) {
    println!("| issues | req/s without | with backups | ratio | p99 ms | with | made | MB each |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for pattern in [Pattern::Zipf, Pattern::Different] {
        let time = Duration::from_secs(seconds);
        let plan =
            |server: &Server| Plan { port: server.port, pattern, connections: CONNECTIONS, time };
        let (mut without, mut with, mut made, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
        for _ in 0..rounds {
            for has_backups in [false, true] {
                let data = folder.join("data");
                let _none = fs::remove_dir_all(&data);
                let server = Server::program(binary, &data);
                // Something to copy.
                load::run(plan(&server));
                if !has_backups {
                    without.push(load::run(plan(&server)));
                    continue;
                }
                let stop = AtomicBool::new(false);
                let measured = std::thread::scope(|scope| {
                    let backups = scope.spawn(|| back_up(server.port, &stop));
                    let measured = load::run(plan(&server));
                    stop.store(true, Ordering::Relaxed);
                    made += backups.join().expect("it asks only");
                    measured
                });
                with.push(measured);
                bytes = bytes.max(fs::metadata(data.join("log-center.db")).map_or(0, |f| f.len()));
            }
        }
        let (one, other) = (median(&mut without), median(&mut with));
        println!(
            "| {} | {:.0} | {:.0} | {:.2} | {:.1} | {:.1} | {made} | {} |",
            pattern.name(),
            one.0,
            other.0,
            other.0 / one.0,
            one.1,
            other.1,
            bytes / 1_000_000
        );
    }
}

/// Begins a backup whenever none is under way; how many.
fn back_up(port: u16, stop: &AtomicBool) -> u64 {
    let mut made = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut answer = String::new();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        let head = "POST /api/v1/backups HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("it reads");
        stream.read_to_string(&mut answer).expect("it answers");
        made += u64::from(answer.starts_with("HTTP/1.1 202"));
        std::thread::sleep(PAUSE);
    }
    made
}

/// The medians of the rate, and of the 99th percentile in milliseconds.
fn median(all: &mut [Measured]) -> (f64, f64) {
    all.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    let rate = all[all.len() / 2].per_second;
    all.sort_by_key(|one| one.p99_us);
    (rate, f64::from(all[all.len() / 2].p99_us) / 1_000.0)
}
