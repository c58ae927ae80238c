//! SQLite alone: the same reports as rows, each an insert and an upsert, in durable transactions
//! (WAL, `synchronous=FULL`). It shows what plain storing of every report costs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use log_center::store::engine::Engine;
use log_center::store::sqlite::Sqlite;

use crate::reports::{Issues, Pattern, SMALL};

/// Rows of one transaction.
pub(crate) const BATCH: u64 = 512;
const SETTINGS: [&str; 4] = [
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    // Less often than SQLite would by itself, which would halve the rate.
    "pragma wal_autocheckpoint = 4000",
    "pragma cache_size = -16384",
];
const TABLES: [&str; 4] = [
    "create table issue (id integer primary key, project integer not null,
     fingerprint blob not null unique, status integer not null, count integer not null,
     first_seen integer not null, last_seen integer not null)",
    "create index issue_seen on issue (project, status, last_seen)",
    "create table event (id integer primary key, issue integer not null,
     received_at integer not null, payload blob not null)",
    "create index event_issue on event (issue, id)",
];
const UPSERT: &str = "insert into issue
    (project, fingerprint, status, count, first_seen, last_seen) values (1, ?1, 0, 1, ?2, ?2)
    on conflict (fingerprint) do update set count = count + 1, last_seen = excluded.last_seen
    returning id";
const INSERT: &str = "insert into event (issue, received_at, payload) values (?1, ?2, ?3)";

/// Stores reports for a time: how many a second.
pub(crate) fn run(folder: &Path, pattern: Pattern, time: Duration) -> f64 {
    let _none = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder for data");
    let mut db = Sqlite::open_writer(&folder.join("bare.db")).expect("a new database");
    for statement in SETTINGS.into_iter().chain(TABLES) {
        db.each(statement, &[], &mut |_| true).expect("a valid statement");
    }
    let (issues, payload) = (Issues::new(pattern), vec![b'x'; SMALL]);
    let (mut count, began) = (0, Instant::now());
    while began.elapsed() < time {
        db.begin().expect("nobody else writes");
        for _ in 0..BATCH {
            store(&mut db, issues.of(count), count as i64, &payload);
            count += 1;
        }
        db.commit().expect("room on the disk");
    }
    count as f64 / began.elapsed().as_secs_f64()
}

fn store(db: &mut Sqlite, issue: u64, now: i64, payload: &[u8]) {
    // As long and as much without order as a fingerprint.
    let mixed = (u128::from(issue) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let fingerprint = (mixed ^ (mixed >> 61)).to_le_bytes();
    let mut id = 0;
    db.each(UPSERT, &[fingerprint[..].into(), now.into()], &mut |row| {
        id = row.int(0);
        true
    })
    .expect("a valid statement");
    db.run(INSERT, &[id.into(), now.into(), payload.into()]).expect("a valid statement");
}
