//! The batch route beside SQLite alone, in turns.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::bare_sqlite;
use crate::load::{self, Plan};
use crate::median::median;
use crate::reports::{Pattern, Reports};
use crate::server::Server;
use crate::settings::Settings;
use crate::table::{Goal, Table};

/// Reports of a request, and connections that send such.
const BATCHES: [(usize, usize); 2] = [(100, 16), (512, 8)];

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let mut rates: BTreeMap<(Pattern, usize), Vec<f64>> = BTreeMap::new();
    let time = Duration::from_secs(settings.seconds);
    for round in 1..=settings.rounds {
        eprint!("batches, round {round} of {} ", settings.rounds);
        for pattern in Pattern::ALL {
            let bare = bare_sqlite::run(&settings.scratch.join("bare"), pattern, time);
            rates.entry((pattern, 0)).or_default().push(bare);
            for (reports, connections) in BATCHES {
                let rate = batches(settings, pattern, reports, connections);
                rates.entry((pattern, reports)).or_default().push(rate);
                eprint!(".");
            }
        }
        eprintln!();
    }
    let rate = |cell| median(rates[&cell].iter().copied());
    for (reports, connections) in BATCHES {
        for pattern in Pattern::ALL {
            let measure =
                format!("batches of {reports}, {connections} connections, {}", pattern.name());
            let both = (rate((pattern, reports)), rate((pattern, 0)));
            let units = ("reports/s", "rows/s bare SQLite, 512 a commit");
            table.ratio(measure, both, units, Some(Goal::AtLeast(1.2, 1.8)));
        }
    }
}

/// Reports a second.
fn batches(settings: &Settings, pattern: Pattern, reports: usize, connections: usize) -> f64 {
    let data = settings.scratch.join("batch");
    let _none = fs::remove_dir_all(&data);
    let server = Server::program(&settings.binary, &data, &[]);
    let measured = load::run(Plan {
        port: server.port,
        source: Box::new(Reports::batches(pattern, reports)),
        connections,
        time: Duration::from_secs(settings.seconds),
    });
    assert_eq!(server.counted(), measured.answered, "each answer is one report");
    measured.per_second
}
