//! Everything that is measured, each beside what bounds it in the same run, in one table: `make
//! bench`, and `make bench-all` with what takes longer. `cargo bench --bench reports -- PART…`
//! measures parts: `settings.rs` has the words and variables. No figure decides a test.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its results are for a terminal")]

mod backup;
mod bare_http;
mod bare_sqlite;
mod batch;
mod document;
mod growth;
mod idle;
mod load;
mod median;
mod reports;
mod server;
mod settings;
mod single;
mod size;
mod table;
mod wire;
mod write_log;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use median::median;
use settings::Settings;
use table::Table;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(bare_http::ARGUMENT) {
        bare_http::serve();
        return;
    }
    let settings = Settings::read();
    if settings.fills_only {
        growth::fill(&settings);
        return;
    }
    fs::create_dir_all(&settings.scratch).expect("the target folder can be written");
    let (began, mut table) = (Instant::now(), Table::default());
    let sync = sync_ms(&settings.scratch);
    table.value("this disk confirms 4 KiB, median", sync, "ms", None);
    for (part, measure) in PARTS {
        if settings.measures(part) {
            measure(&settings, &mut table);
        }
    }
    fs::remove_dir_all(&settings.scratch).expect("it was made here");
    eprintln!("{} s", began.elapsed().as_secs());
    if let Some(name) = settings.document {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
        document::write(&path, name, &table.markdown());
    }
}

/// What measures one part.
type Measure = fn(&Settings, &mut Table);

/// In the order in which they are measured.
const PARTS: [(&str, Measure); 7] = [
    ("single", single::measure),
    ("batch", batch::measure),
    ("size", size::measure),
    ("log", write_log::measure),
    ("idle", idle::measure),
    ("growth", growth::measure),
    ("backup", backup::measure),
];

/// The median time of an append that the disk confirms: it bounds what one connection can do.
fn sync_ms(folder: &Path) -> f64 {
    let mut file = fs::File::create(folder.join("sync")).expect("the folder can be written");
    median((0..200).map(|_| {
        let began = Instant::now();
        file.write_all(&[7; 4_096]).expect("room on the disk");
        file.sync_data().expect("a disk that syncs");
        began.elapsed().as_secs_f64() * 1e3
    }))
}
