//! Durable single reports beside a bare hyper server, in one run: so the machine's mood cancels
//! out: `make bench`. Every answer is checked, and in the end the server's count has to be the
//! number of answers. `LOG_CENTER_BENCH_ROUNDS` and `LOG_CENTER_BENCH_SECONDS` change its length.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its results are for a terminal")]

mod backup;
mod body;
mod load;
mod server;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use body::Pattern;
use load::{Measured, Plan};
use server::Server;

/// Connections that are kept alive.
const CONNECTIONS: [usize; 2] = [64, 256];
/// What a cell of the table is measured with.
type Cell = (&'static str, Option<Pattern>, usize);

fn main() {
    if std::env::args().nth(1).as_deref() == Some(server::BARE) {
        server::serve_bare();
        return;
    }
    let rounds = from_environment("LOG_CENTER_BENCH_ROUNDS", 3);
    let seconds = from_environment("LOG_CENTER_BENCH_SECONDS", 3);
    let binary = std::env::var("LOG_CENTER_BIN")
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_log-center").to_owned());
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the target folder can be written");

    println!("1 KB reports over connections that are kept alive, one answer after each commit.");
    println!("{rounds} interleaved rounds of {seconds} s; medians. Program: {binary}");
    let sync = sync_micros(&folder);
    println!("This disk confirms a write of 4 KiB in {sync} µs (median).\n");

    if std::env::args().any(|word| word == "backup") {
        backup::compare(&binary, &folder, rounds, seconds);
        fs::remove_dir_all(&folder).expect("it was made here");
        return;
    }
    let mut bench = Bench { binary, folder, seconds, cells: BTreeMap::new(), programs: Vec::new() };
    for round in 1..=rounds {
        eprint!("round {round} of {rounds}");
        bench.round();
        eprintln!();
    }
    table::print(&bench.cells, &bench.programs);
    fs::remove_dir_all(&bench.folder).expect("it was made here");
}

/// What one start of the program showed.
struct Program {
    start: Duration,
    idle_kib: u64,
    load_kib: u64,
    cell: Cell,
    bytes: u64,
}

struct Bench {
    binary: String,
    folder: std::path::PathBuf,
    seconds: u64,
    cells: BTreeMap<Cell, Vec<Measured>>,
    programs: Vec<Program>,
}

impl Bench {
    /// Every cell once, the bare server next to each of the program's.
    fn round(&mut self) {
        for connections in CONNECTIONS {
            for pattern in Pattern::ALL {
                self.bare(connections);
                self.program(pattern, connections);
                eprint!(".");
            }
        }
    }

    fn bare(&mut self, connections: usize) {
        let server = Server::bare();
        let plan = self.plan(&server, Pattern::Same, connections);
        let measured = load::run(plan);
        self.cells.entry(("bare hyper", None, connections)).or_default().push(measured);
    }

    fn program(&mut self, pattern: Pattern, connections: usize) {
        let data = self.folder.join("data");
        let _ignored = fs::remove_dir_all(&data);
        let server = Server::program(&self.binary, &data);
        std::thread::sleep(Duration::from_millis(200));
        let idle_kib = server.memory_kib("VmRSS");
        let measured = load::run(self.plan(&server, pattern, connections));
        let counted = server.counted();
        assert_eq!(counted, measured.answered, "every answer is one report, and none is two");
        let cell = ("log-center", Some(pattern), connections);
        self.programs.push(Program {
            start: server.start,
            idle_kib,
            load_kib: server.memory_kib("VmHWM"),
            cell,
            bytes: fs::metadata(&self.binary).map_or(0, |file| file.len()),
        });
        self.cells.entry(cell).or_default().push(measured);
    }

    fn plan(&self, server: &Server, pattern: Pattern, connections: usize) -> Plan {
        Plan { port: server.port, pattern, connections, time: Duration::from_secs(self.seconds) }
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// The median time of an append that the disk confirms: it bounds what one connection can do.
fn sync_micros(folder: &Path) -> u128 {
    let mut file = fs::File::create(folder.join("sync")).expect("the folder can be written");
    let mut times: Vec<u128> = (0..200)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[7; 4_096]).expect("room on the disk");
            file.sync_data().expect("a disk that syncs");
            began.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
