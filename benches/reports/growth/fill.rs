//! Databases of a million events and more, kept between runs: filled by the batch route, as users
//! would, and used again as long as the schema and the reports are the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::reports::{self, Filling};
use crate::load::{self, Measured, Plan};
use crate::server::{KEEP_ALL, Server};
use crate::settings::Settings;

/// Beside the database: what it holds.
const NOTE: &str = "bench.json";
const CONNECTIONS: usize = 4;
/// No filling takes as long.
const TIME_MAX: Duration = Duration::from_secs(24 * 3_600);
/// What measurements may add to it until it is filled anew: one in so many.
const ADDED_SHARE: u64 = 5;

/// A database that is filled, or on its way.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    pub(crate) folder: PathBuf,
    /// What it is to hold.
    pub(crate) events: u64,
    /// Those of its own reports that it holds.
    pub(crate) stored: u64,
    /// Others that measurements put in.
    others: u64,
    /// When the last of `events` happened, in milliseconds since 1970.
    pub(crate) until_ms: u64,
    /// How long it took to fill it.
    seconds: f64,
}

/// The database with so many events, filled now unless it is there; `None` if this run may not add
/// as many.
pub(crate) fn ensure(settings: &Settings, events: u64) -> Option<Filled> {
    let folder = settings.filled(events);
    let mut filled = match present(&folder, events) {
        Some(filled) => filled,
        None => empty(folder, events),
    };
    if filled.stored < events {
        let more = settings.fill_events.min(events - filled.stored);
        let server = Server::program(&settings.binary, &filled.folder, &KEEP_ALL);
        eprintln!("filling {} from {} by {more}", filled.folder.display(), filled.stored);
        let began = Instant::now();
        let measured = filled.add(&server, more, CONNECTIONS, TIME_MAX);
        assert_eq!((measured.answered, measured.refused), (more, 0), "all are taken");
        filled.seconds += began.elapsed().as_secs_f64();
        eprintln!("{:.0} events/s; waiting for what follows the answers", measured.per_second);
        server.wait_until_still();
        server.stop();
        filled.note();
    }
    (filled.stored >= events).then_some(filled)
}

fn empty(folder: PathBuf, events: u64) -> Filled {
    let _none = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for data");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    Filled { folder, events, stored: 0, others: 0, until_ms: now.as_millis() as u64, seconds: 0.0 }
}

fn present(folder: &Path, events: u64) -> Option<Filled> {
    let note: Value = serde_json::from_slice(&fs::read(folder.join(NOTE)).ok()?).ok()?;
    let (stored, others) = (note["stored"].as_u64()?, note["others"].as_u64().unwrap_or(0));
    let is_same = note["reports"] == reports::VERSION
        && note["schema"] == schema()
        && note["events"] == events
        && stored + others <= events + events / ADDED_SHARE;
    is_same.then(|| Filled {
        folder: folder.to_owned(),
        events,
        stored,
        others,
        until_ms: note["until_ms"].as_u64().expect("a time"),
        seconds: note["seconds"].as_f64().expect("seconds"),
    })
}

impl Filled {
    /// Sends the next reports, so many at most and no longer than a time.
    pub(crate) fn add(
        &mut self,
        server: &Server,
        reports: u64,
        connections: usize,
        time: Duration,
    ) -> Measured {
        self.forget();
        let some = self.stored..self.stored.saturating_add(reports);
        let source = Box::new(Filling::new(some, self.events, self.until_ms));
        let measured = load::run(Plan { port: server.port, source, connections, time });
        self.stored += measured.answered + measured.refused;
        measured
    }

    /// Other reports that went in.
    pub(crate) fn added(&mut self, reports: u64) {
        self.others += reports;
    }

    /// Until the next note nobody knows what is in the database: a run that is cut short leaves
    /// none, and the next one fills it anew.
    pub(crate) fn forget(&self) {
        let _none = fs::remove_file(self.folder.join(NOTE));
    }

    /// Writes down what it holds, once the program that held it has ended.
    pub(crate) fn note(&self) {
        let note = json!({
            "reports": reports::VERSION, "schema": schema(), "events": self.events,
            "stored": self.stored, "others": self.others, "until_ms": self.until_ms,
            "seconds": self.seconds,
        });
        fs::write(self.folder.join(NOTE), note.to_string()).expect("a folder for data");
    }

    /// How fast it was filled.
    pub(crate) fn per_second(&self) -> f64 {
        self.events as f64 / self.seconds
    }
}

/// Tells one schema from another, also while its number stays the same.
fn schema() -> u64 {
    let bytes = include_str!("../../../schema.sql").bytes();
    // FNV-1a, cut to what JSON numbers hold everywhere.
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) >> 12
}
