//! Bytes that a report takes on disk, when all that follows the answers is done.

use std::fs;
use std::time::Duration;

use crate::load::{self, Plan, Source};
use crate::reports::{Pattern, Reports};
use crate::server::{KEEP_ALL, Server};
use crate::settings::Settings;
use crate::table::{Goal, Table};

const BATCH: usize = 100;
const CONNECTIONS: usize = 4;
const TIME_MAX: Duration = Duration::from_secs(3_600);

/// Reports until there were so many.
struct Some {
    reports: Reports,
    left: u64,
}

impl Source for Some {
    fn next(&mut self, bytes: &mut Vec<u8>) -> u64 {
        if self.left == 0 {
            return 0;
        }
        let sent = self.reports.next(bytes);
        self.left = self.left.saturating_sub(sent);
        sent
    }
}

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    for (pattern, goal) in [
        (Pattern::Same, Goal::AtMost(300.0, 150.0)),
        (Pattern::Different, Goal::AtMost(1_000.0, 600.0)),
    ] {
        eprintln!("bytes on disk, {}", pattern.name());
        let measure = format!("on disk for a report of 1 KB, {}", pattern.name());
        table.value(measure, bytes(settings, pattern), "B", Some(goal));
    }
}

fn bytes(settings: &Settings, pattern: Pattern) -> f64 {
    let data = settings.scratch.join("size");
    let _none = fs::remove_dir_all(&data);
    let server = Server::program(&settings.binary, &data, &KEEP_ALL);
    let reports = Reports::batches(pattern, BATCH);
    let measured = load::run(Plan {
        port: server.port,
        source: Box::new(Some { reports, left: settings.size_reports }),
        connections: CONNECTIONS,
        time: TIME_MAX,
    });
    server.wait_until_still();
    // Its end moves the log of writes into the file.
    server.stop();
    let file = fs::metadata(data.join("log-center.db")).expect("the database").len();
    file as f64 / measured.answered as f64
}
