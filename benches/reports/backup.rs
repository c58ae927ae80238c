//! What backups cost those who report: the same load with backups made one after the other all the
//! time, and without, in turns.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::load::{self, Measured, Plan};
use crate::median::median;
use crate::reports::{Pattern, Reports, SMALL};
use crate::server::Server;
use crate::settings::Settings;
use crate::table::Table;
use crate::wire::Asking;

/// Connections that are kept alive.
const CONNECTIONS: usize = 64;
/// Between two tries to begin one.
const PAUSE: Duration = Duration::from_millis(20);

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    for pattern in [Pattern::Zipf, Pattern::Different] {
        eprintln!("backups, {}", pattern.name());
        let (mut without, mut with, mut made) = (Vec::new(), Vec::new(), 0);
        for _ in 0..settings.rounds {
            without.push(once(settings, pattern, |_, _| 0).0);
            let (measured, backups) = once(settings, pattern, back_up);
            with.push(measured);
            made += backups;
        }
        let rates = |all: &[Measured]| median(all.iter().map(|one| one.per_second));
        let tails = |all: &[Measured]| median(all.iter().map(|one| one.p99_ms));
        let name = pattern.name();
        let measure = format!("reports beside {made} backups, {CONNECTIONS} connections, {name}");
        table.ratio(measure, (rates(&with), rates(&without)), ("/s", "/s without"), None);
        let measure = format!("their p99, {name}");
        table.ratio(measure, (tails(&with), tails(&without)), ("ms", "ms without"), None);
    }
}

/// One run with something beside it, in a database that holds something to copy.
fn once(
    settings: &Settings,
    pattern: Pattern,
    beside: fn(u16, &AtomicBool) -> u64,
) -> (Measured, u64) {
    let data = settings.scratch.join("backup");
    let _none = fs::remove_dir_all(&data);
    let server = Server::program(&settings.binary, &data, &[]);
    let plan = || Plan {
        port: server.port,
        source: Box::new(Reports::single(pattern, SMALL)),
        connections: CONNECTIONS,
        time: Duration::from_secs(settings.seconds),
    };
    load::run(plan());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| beside(server.port, &is_over));
        let measured = load::run(plan());
        is_over.store(true, Ordering::Relaxed);
        (measured, beside.join().expect("it asks only"))
    })
}

/// Begins a backup whenever none is under way; how many.
fn back_up(port: u16, is_over: &AtomicBool) -> u64 {
    let mut asking = Asking::new(port).expect("it listens");
    let mut made = 0;
    while !is_over.load(Ordering::Relaxed) {
        let (status, _) = asking.post("/api/v1/backups").expect("an answer");
        made += u64::from(status == 202);
        std::thread::sleep(PAUSE);
    }
    made
}
