//! Durable single reports beside a bare hyper server that reads the same body, in turns, so that
//! the machine's mood cancels out. Every answer is checked, and in the end the server's count has
//! to be the number of answers.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::load::{self, Measured, Plan};
use crate::median::median;
use crate::reports::{Pattern, Reports, SMALL};
use crate::server::Server;
use crate::settings::Settings;
use crate::table::{Goal, Table};

/// Connections that are kept alive.
const CONNECTIONS: [usize; 3] = [16, 64, 256];
/// Connections for longer bodies.
const LONG_CONNECTIONS: usize = 64;
const LONG_BYTES: [usize; 2] = [10_240, 51_200];
/// How long an idle program waits before its memory is read.
const IDLE: Duration = Duration::from_millis(200);

/// One run of one server.
struct Run {
    measured: Measured,
    /// Processor time of the server for 10,000 reports.
    processor_s: f64,
    idle_mb: f64,
    peak_mb: f64,
    start_ms: f64,
}

/// Pattern (the bare server's is `None`), connections, bytes of a body.
type Cell = (Option<Pattern>, usize, usize);

/// All runs, by what they measured.
struct Runs<'a> {
    settings: &'a Settings,
    runs: BTreeMap<Cell, Vec<Run>>,
}

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let mut runs = Runs { settings, runs: BTreeMap::new() };
    for round in 1..=settings.rounds {
        eprint!("single reports, round {round} of {} ", settings.rounds);
        for connections in CONNECTIONS {
            runs.once((None, connections, SMALL));
            for pattern in Pattern::ALL {
                runs.once((Some(pattern), connections, SMALL));
            }
        }
        for bytes in LONG_BYTES {
            runs.once((None, LONG_CONNECTIONS, bytes));
            runs.once((Some(Pattern::Zipf), LONG_CONNECTIONS, bytes));
        }
        eprintln!();
    }
    runs.rates(table);
    runs.tails(table);
    runs.costs(table);
}

impl Runs<'_> {
    fn once(&mut self, cell: Cell) {
        let (pattern, connections, bytes) = cell;
        let data = self.settings.scratch.join("single");
        let _none = fs::remove_dir_all(&data);
        let server = match pattern {
            None => Server::bare(),
            Some(_) => Server::program(&self.settings.binary, &data, &[]),
        };
        std::thread::sleep(IDLE);
        let (idle_mb, before) = (server.memory_mb("VmRSS"), server.processor_seconds());
        let source = Reports::single(pattern.unwrap_or(Pattern::Same), bytes);
        let measured = load::run(Plan {
            port: server.port,
            source: Box::new(source),
            connections,
            time: Duration::from_secs(self.settings.seconds),
        });
        let spent = server.processor_seconds() - before;
        if pattern.is_some() {
            assert_eq!(server.counted(), measured.answered, "each answer is one report");
        }
        let run = Run {
            processor_s: spent * 10_000.0 / measured.answered as f64,
            idle_mb,
            peak_mb: server.memory_mb("VmHWM"),
            start_ms: server.start.as_secs_f64() * 1e3,
            measured,
        };
        self.runs.entry(cell).or_default().push(run);
        eprint!(".");
    }

    /// The median of a figure over the runs of a cell.
    fn median(&self, cell: Cell, figure: impl Fn(&Run) -> f64) -> f64 {
        median(self.runs[&cell].iter().map(figure))
    }

    /// Figures of all runs of the program with the usual body.
    fn program(&self, figure: impl Fn(&Run) -> f64) -> impl Iterator<Item = f64> {
        self.runs
            .iter()
            .filter(|((pattern, _, bytes), _)| pattern.is_some() && *bytes == SMALL)
            .flat_map(|(_, runs)| runs)
            .map(figure)
    }

    fn rates(&self, table: &mut Table) {
        let rate = |cell| self.median(cell, |run| run.measured.per_second);
        for connections in CONNECTIONS {
            let bare = rate((None, connections, SMALL));
            for pattern in Pattern::ALL {
                let goal = (connections == 256 && pattern == Pattern::Zipf)
                    .then_some(Goal::AtLeast(0.25, 0.4));
                let ours = rate((Some(pattern), connections, SMALL));
                let measure =
                    format!("single reports, {connections} connections, {}", pattern.name());
                table.ratio(measure, (ours, bare), ("/s", "/s bare hyper"), goal);
            }
        }
        for bytes in LONG_BYTES {
            let ours = rate((Some(Pattern::Zipf), LONG_CONNECTIONS, bytes));
            let bare = rate((None, LONG_CONNECTIONS, bytes));
            let measure = format!(
                "bodies of {} KB, {LONG_CONNECTIONS} connections, {}",
                bytes / 1_024,
                Pattern::Zipf.name()
            );
            table.ratio(measure, (ours, bare), ("/s", "/s bare hyper"), None);
        }
        let same = rate((Some(Pattern::Same), 256, SMALL));
        let different = rate((Some(Pattern::Different), 256, SMALL));
        let measure = "one issue in a storm ÷ all different, 256 connections";
        let goal = Some(Goal::AtLeast(1.5, 2.5));
        table.ratio(measure, (same, different), ("/s", "/s all different"), goal);
    }

    fn tails(&self, table: &mut Table) {
        for pattern in Pattern::ALL {
            let p99 = self.median((Some(pattern), 64, SMALL), |run| run.measured.p99_ms);
            let measure = format!("p99 of a single report, 64 connections, {}", pattern.name());
            table.value(measure, p99, "ms", Some(Goal::AtMost(30.0, 10.0)));
        }
    }

    fn costs(&self, table: &mut Table) {
        let processor = |cell| self.median(cell, |run| run.processor_s);
        let bare = processor((None, 256, SMALL));
        for pattern in Pattern::ALL {
            let ours = processor((Some(pattern), 256, SMALL));
            let measure =
                format!("processor time of 10,000 reports, 256 connections, {}", pattern.name());
            table.ratio(measure, (ours, bare), ("s", "s bare hyper"), None);
        }
        let idle = median(self.program(|run| run.idle_mb));
        table.value("memory, idle", idle, "MB", Some(Goal::AtMost(12.0, 8.0)));
        let peak = self.program(|run| run.peak_mb).fold(0.0, f64::max);
        table.value("memory, most under these loads", peak, "MB", Some(Goal::AtMost(40.0, 28.0)));
        let start = median(self.program(|run| run.start_ms));
        table.value("start to the first answer, a new database", start, "ms", None);
        let file = fs::metadata(&self.settings.binary).map_or(0, |file| file.len());
        table.value("the program's file", file as f64 / 1e6, "MB", None);
    }
}
