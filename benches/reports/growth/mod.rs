//! What more data costs: the same questions to a million events in 100,000 issues and to ten times
//! as many, and how fast more events go in.

mod fill;
mod ingest;
mod queries;
mod reports;

use crate::server::{KEEP_ALL, Server};
use crate::settings::{Settings, short};
use crate::table::{Goal, Table};
use fill::Filled;
use log_center::store::FILE_NAME;
use queries::{QUERIES, STATISTICS, Took};

/// Fills the databases.
pub(crate) fn fill(settings: &Settings) {
    for events in &settings.sizes {
        match fill::ensure(settings, *events) {
            None => eprintln!("{} is not full yet", short(*events)),
            Some(filled) => {
                let (folder, rate) = (filled.folder.display(), filled.per_second());
                eprintln!("{folder}: {} events, filled at {rate:.0}/s", filled.stored);
            }
        }
    }
}

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let mut before: Option<(u64, Vec<Took>)> = None;
    for events in &settings.sizes {
        let Some(mut filled) = fill::ensure(settings, *events) else { continue };
        let took = ask(settings, &filled);
        let size = short(*events);
        for (query, took) in QUERIES.iter().zip(&took) {
            tell(table, &format!("{}, {size} events", query.name), took, query.goal);
        }
        if let Some((smaller, before)) = &before {
            for ((query, took), before) in QUERIES.iter().zip(&took).zip(before) {
                let measure = format!("{}: {size} events ÷ {}, p99", query.name, short(*smaller));
                table.ratio(measure, (took.p99_ms, before.p99_ms), ("ms", "ms"), query.growth);
            }
        }
        before = Some((*events, took));
        let (took, rate) = ingest::statistics_under_load(settings, &mut filled);
        let measure = format!("{}, {size} events, beside {rate:.0} reports/s", STATISTICS.name);
        tell(table, &measure, &took, STATISTICS.goal);
        rates(settings, table, &mut filled);
    }
}

/// Asks all, and shows one form of each. The file is read once before, as far as memory goes: the
/// answers are to be compared, not how cold two files are.
fn ask(settings: &Settings, filled: &Filled) -> Vec<Took> {
    let _read = std::fs::File::open(filled.folder.join(FILE_NAME))
        .and_then(|mut file| std::io::copy(&mut file, &mut std::io::sink()));
    let server = Server::program(&settings.binary, &filled.folder, &KEEP_ALL);
    eprintln!("questions to {}", filled.folder.display());
    let took = QUERIES.iter().map(|query| {
        let took = query.ask_often(&server, filled, settings.asks);
        let (p50, p99, path) = (took.p50_ms, took.p99_ms, query.example(filled));
        eprintln!("  p50 {p50:8.2} ms, p99 {p99:8.2} ms, refused {}: {path}", took.refused);
        took
    });
    let took = took.collect();
    server.stop();
    took
}

fn tell(table: &mut Table, measure: &str, took: &Took, goal: Option<Goal>) {
    let refused = match took.refused {
        0 => String::new(),
        count => format!(", {count} ended after a second"),
    };
    let measure = format!("{measure}, p99 (p50 {:.2} ms{refused})", took.p50_ms);
    table.value(measure, took.p99_ms, "ms", goal);
}

fn rates(settings: &Settings, table: &mut Table, filled: &mut Filled) {
    eprint!("ingest into {} ", filled.folder.display());
    let rates = ingest::compare(settings, filled);
    eprintln!();
    let (size, units) = (short(filled.events), ("/s", "/s into an empty one"));
    let goal = Some(Goal::AtLeast(0.6, 0.9));
    table.ratio(
        format!("ingest into {size} events, 10,000 issues by Zipf"),
        rates.same,
        units,
        goal,
    );
    table.ratio(format!("ingest into {size} events, the next of its own"), rates.own, units, goal);
}
