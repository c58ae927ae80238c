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
    let mut all: Vec<Filled> =
        settings.sizes.iter().filter_map(|events| fill::ensure(settings, *events)).collect();
    let took = ask(settings, &all);
    for (at, filled) in all.iter().enumerate() {
        let size = short(filled.events);
        for (query, took) in QUERIES.iter().zip(&took) {
            tell(table, &format!("{}, {size} events", query.name), &took[at], query.goal);
        }
        let Some(smaller) = at.checked_sub(1) else { continue };
        for (query, took) in QUERIES.iter().zip(&took) {
            let before = short(all[smaller].events);
            let measure = format!("{}: {size} events ÷ {before}, p99", query.name);
            let both = (took[at].p99_ms, took[smaller].p99_ms);
            table.ratio(measure, both, ("ms", "ms"), query.growth);
        }
    }
    for filled in &mut all {
        let (took, rate) = ingest::statistics_under_load(settings, filled);
        let size = short(filled.events);
        let measure = format!("{}, {size} events, beside {rate:.0} reports/s", STATISTICS.name);
        tell(table, &measure, &took, STATISTICS.goal);
        rates(settings, table, filled);
    }
}

/// Asks each question of all in turns, so that the machine's mood cancels out. The files are read
/// once before, as far as memory goes: the answers are to be compared, not how cold files are.
fn ask(settings: &Settings, all: &[Filled]) -> Vec<Vec<Took>> {
    for filled in all {
        let _read = std::fs::File::open(filled.folder.join(FILE_NAME))
            .and_then(|mut file| std::io::copy(&mut file, &mut std::io::sink()));
    }
    let program = |filled: &Filled| Server::program(&settings.binary, &filled.folder, &KEEP_ALL);
    let servers: Vec<(Server, &Filled)> = all.iter().map(|one| (program(one), one)).collect();
    let took = QUERIES.iter().map(|query| {
        let took = query.ask_in_turns(&servers, settings.asks);
        for (took, filled) in took.iter().zip(all) {
            let (p50, p99, path) = (took.p50_ms, took.p99_ms, query.example(filled));
            let (size, refused) = (short(filled.events), took.refused);
            eprintln!("  {size} p50 {p50:8.2} ms, p99 {p99:8.2} ms, refused {refused}: {path}");
        }
        took
    });
    let took = took.collect();
    servers.into_iter().for_each(|(server, _)| server.stop());
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
