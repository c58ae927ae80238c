//! What a run is told: what to measure by words, with what by variables.

use std::env;
use std::path::PathBuf;

use crate::PARTS;

/// Words that are no part.
const OTHERS: [&str; 4] = ["fill", "--quick", "--long", "--write"];

/// How long and with what is measured.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The program that is measured: `LOG_CENTER_BIN`.
    pub(crate) binary: String,
    /// Filled databases, kept between runs: `LOG_CENTER_BENCH_DATA`.
    pub(crate) data: PathBuf,
    /// For one run; it is removed.
    pub(crate) scratch: PathBuf,
    /// Interleaved rounds: `LOG_CENTER_BENCH_ROUNDS`.
    pub(crate) rounds: u64,
    /// Seconds of each measurement: `LOG_CENTER_BENCH_SECONDS`.
    pub(crate) seconds: u64,
    /// Seconds of the constant load under which the log of writes is watched.
    pub(crate) log_seconds: u64,
    /// Reports of a file whose size is measured.
    pub(crate) size_reports: u64,
    /// Times that each query is asked.
    pub(crate) asks: u64,
    /// Events of each database that is read, ten an issue: `LOG_CENTER_BENCH_EVENTS`, with commas.
    pub(crate) sizes: Vec<u64>,
    /// Only fill the databases.
    pub(crate) fills_only: bool,
    /// Events that this run adds to a database at most: `LOG_CENTER_BENCH_FILL_EVENTS`. The next
    /// run goes on.
    pub(crate) fill_events: u64,
    /// The marks in docs/performance.md between which the table is written; only a run that leaves
    /// nothing out writes.
    pub(crate) document: Option<&'static str>,
    is_long: bool,
    parts: Vec<String>,
}

impl Settings {
    /// From the words behind `cargo bench --bench reports --`: parts, `fill`, `--quick`, `--long`,
    /// `--write`.
    pub(crate) fn read() -> Self {
        let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
        let has = |name: &str| words.iter().any(|word| word == name);
        let is_part = |word: &&String| PARTS.iter().any(|(part, _)| part == word);
        for word in words.iter().filter(|word| !is_part(word)) {
            assert!(OTHERS.contains(&word.as_str()), "{word}: no part, and no option");
        }
        let parts: Vec<String> = words.iter().filter(is_part).cloned().collect();
        let document = if has("--long") { "make bench-all" } else { "make bench" };
        let writes = has("--write") && parts.is_empty() && !has("--quick");
        // Short enough to see that all of it works; usual; with what takes hours.
        let [rounds, seconds, log_seconds, size_reports] = match () {
            () if has("--quick") => [1, 1, 3, 5_000],
            () if has("--long") => [5, 3, 600, 200_000],
            () => [3, 2, 20, 100_000],
        };
        let sizes = match () {
            () if has("--quick") => "20000,50000",
            () if has("--long") => "1000000,10000000",
            () => "1000000",
        };
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let target = target.parent().unwrap_or(&target);
        let data =
            text("LOG_CENTER_BENCH_DATA").map_or_else(|| target.join("bench-data"), From::from);
        let sizes = text("LOG_CENTER_BENCH_EVENTS").unwrap_or_else(|| sizes.to_owned());
        Self {
            binary: text("LOG_CENTER_BIN")
                .unwrap_or_else(|| env!("CARGO_BIN_EXE_log-center").to_owned()),
            scratch: target.join("tmp").join(format!("bench-{}", std::process::id())),
            data,
            rounds: number("LOG_CENTER_BENCH_ROUNDS", rounds),
            seconds: number("LOG_CENTER_BENCH_SECONDS", seconds),
            log_seconds,
            size_reports,
            asks: if has("--quick") { 50 } else { 300 },
            sizes: sizes.split(',').map(|size| size.trim().parse().expect("a number")).collect(),
            fills_only: has("fill"),
            fill_events: number("LOG_CENTER_BENCH_FILL_EVENTS", u64::MAX),
            document: writes.then_some(document),
            is_long: has("--long"),
            parts,
        }
    }

    /// Whether a part is measured: when none is named all, but backups only in the long form.
    pub(crate) fn measures(&self, part: &str) -> bool {
        match self.parts.as_slice() {
            [] => part != "backup" || self.is_long,
            parts => parts.iter().any(|one| one == part),
        }
    }

    /// The folder of the database with so many events.
    pub(crate) fn filled(&self, events: u64) -> PathBuf {
        self.data.join(short(events))
    }
}

/// `1m` for a million, `30k` for thirty thousand.
pub(crate) fn short(number: u64) -> String {
    match number {
        _ if number.is_multiple_of(1_000_000) => format!("{}m", number / 1_000_000),
        _ if number.is_multiple_of(1_000) => format!("{}k", number / 1_000),
        _ => number.to_string(),
    }
}

fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

fn number(name: &str, default: u64) -> u64 {
    text(name).map_or(default, |text| text.parse().expect("a number"))
}
