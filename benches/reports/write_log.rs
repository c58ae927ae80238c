//! How long the log of writes (the WAL) becomes under constant load, and the memory it takes.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::load::{self, Plan};
use crate::reports::{Pattern, Reports, SMALL};
use crate::server::Server;
use crate::settings::Settings;
use crate::table::{Goal, Table};

const CONNECTIONS: usize = 256;
/// How often its length is read.
const PAUSE: Duration = Duration::from_millis(50);

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let data = settings.scratch.join("log");
    let _none = fs::remove_dir_all(&data);
    let server = Server::program(&settings.binary, &data, &[]);
    eprintln!("the log of writes, {} s", settings.log_seconds);
    let is_over = AtomicBool::new(false);
    let (measured, most) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&data, &is_over));
        let measured = load::run(Plan {
            port: server.port,
            source: Box::new(Reports::single(Pattern::Zipf, SMALL)),
            connections: CONNECTIONS,
            time: Duration::from_secs(settings.log_seconds),
        });
        is_over.store(true, Ordering::Relaxed);
        (measured, watching.join().expect("it reads only"))
    });
    let (load, seconds) = (measured.per_second.round(), settings.log_seconds);
    let measure = format!("WAL, longest in {seconds} s of full load ({load} reports/s)");
    table.value(measure, most as f64 / 1e6, "MB", Some(Goal::AtMost(256.0, 64.0)));
    let peak = server.memory_mb("VmHWM");
    let measure = format!("memory, most in {seconds} s of full load");
    table.value(measure, peak, "MB", Some(Goal::AtMost(40.0, 28.0)));
}

/// The most bytes that it had.
fn watch(data: &Path, is_over: &AtomicBool) -> u64 {
    let mut most = 0;
    while !is_over.load(Ordering::Relaxed) {
        let log = fs::metadata(data.join("log-center.db-wal"));
        most = most.max(log.map_or(0, |file| file.len()));
        std::thread::sleep(PAUSE);
    }
    most
}
