//! Ingest into a filled database and into an empty one, in turns.

use std::fs;
use std::time::Duration;

use super::fill::Filled;
use super::queries::{STATISTICS, Took};
use super::reports::Filling;
use crate::load::{self, Plan};
use crate::median::median;
use crate::reports::{Pattern, Reports};
use crate::server::{KEEP_ALL, Server};
use crate::settings::Settings;

/// Reports of a request, and connections that send such.
const BATCH: usize = 500;
const CONNECTIONS: usize = 4;
/// While statistics are asked.
const SINGLE_CONNECTIONS: usize = 64;

/// Reports a second: into the filled database, into the empty one.
pub(crate) struct Rates {
    /// The same reports into both: 10,000 issues by Zipf, which are there already.
    pub(crate) same: (f64, f64),
    /// Those with which the filled one would go on; in the empty one nearly every issue is new.
    pub(crate) own: (f64, f64),
}

/// Measures both; leaves the filled one a little fuller.
pub(crate) fn compare(settings: &Settings, filled: &mut Filled) -> Rates {
    filled.forget();
    let (mut full, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        full.push(into_filled(settings, filled));
        empty.push(into_empty(settings, filled));
        eprint!(".");
    }
    filled.note();
    let same = |all: &[(f64, f64)]| median(all.iter().map(|one| one.0));
    let own = |all: &[(f64, f64)]| median(all.iter().map(|one| one.1));
    Rates { same: (same(&full), same(&empty)), own: (own(&full), own(&empty)) }
}

/// The two rates of one round.
fn into_filled(settings: &Settings, filled: &mut Filled) -> (f64, f64) {
    let time = Duration::from_secs(settings.seconds);
    let server = Server::program(&settings.binary, &filled.folder, &KEEP_ALL);
    let (added, same) = zipf(server.port, time);
    filled.added(added);
    let own = filled.add(&server, u64::MAX, CONNECTIONS, time).per_second;
    server.wait_until_still();
    server.stop();
    (same, own)
}

/// The same reports into an empty one.
fn into_empty(settings: &Settings, filled: &Filled) -> (f64, f64) {
    let time = Duration::from_secs(settings.seconds);
    let folder = settings.scratch.join("empty");
    let _none = fs::remove_dir_all(&folder);
    let server = Server::program(&settings.binary, &folder, &KEEP_ALL);
    let (_, same) = zipf(server.port, time);
    let source = Filling::new(filled.stored..u64::MAX, filled.events, filled.until_ms);
    let source = Box::new(source);
    let measured = load::run(Plan { port: server.port, source, connections: CONNECTIONS, time });
    (same, measured.per_second)
}

/// How many were answered, and how many a second once the issues are there.
fn zipf(port: u16, time: Duration) -> (u64, f64) {
    let run = || {
        let source = Box::new(Reports::batches_with_event_ids(Pattern::Zipf, BATCH));
        load::run(Plan { port, source, connections: CONNECTIONS, time })
    };
    let (first, second) = (run(), run());
    (first.answered + second.answered, second.per_second)
}

/// What statistics take while as many reports come as go in; how many those were a second.
pub(crate) fn statistics_under_load(settings: &Settings, filled: &mut Filled) -> (Took, f64) {
    let server = Server::program(&settings.binary, &filled.folder, &KEEP_ALL);
    let time = Duration::from_secs(settings.seconds * 3);
    filled.forget();
    let (took, measured) = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            load::run(Plan {
                port: server.port,
                source: Box::new(Reports::single(Pattern::Zipf, crate::reports::SMALL)),
                connections: SINGLE_CONNECTIONS,
                time,
            })
        });
        std::thread::sleep(load::WARM_UP);
        let took = STATISTICS.ask(&server, filled, || !load.is_finished());
        (took, load.join().expect("a load that ends"))
    });
    filled.added(measured.answered);
    server.wait_until_still();
    server.stop();
    filled.note();
    (took, measured.per_second)
}
