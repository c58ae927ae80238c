//! Lookup keys without a random insert.
//!
//! An event is found by its issue, its request, its user, its trace and the client's `event_id`.
//! As plain indexes these keys are random inserts, which make a big file slow. Here the newest
//! events (the *tail*) are looked through one by one; from time to time their keys are written as
//! one sorted *run*, and runs of one level are merged into one of the next. A reader looks into the
//! few runs and the tail. The memory of `event_id`s is kept in runs of its own, which are dropped
//! when they are older than a week, whatever happens to the events.
//!
//! Invariant: a run is listed in `key_run` only when it is whole, in the transaction that moves the
//! tail's beginning or drops the runs that it replaces.

mod build;
mod forget;
mod imported;
mod memory;

use super::engine::{Engine, all};
use super::error::Result;
use super::marks;
use crate::domain::report::Report;
use crate::domain::sketch::hash64;
pub use build::{Build, sweep};
pub use forget::{forget, forget_of_issue};
pub use imported::{next_event, raise_events, write_events, write_memory};
pub use memory::{
    MEMORY_MS, MemoryRuns, drop_old_memory, forget_loose, keep_memory, memory_key, memory_of_tail,
};

/// Events of the tail at which it becomes a run. A reader looks through more only
/// while keys are behind.
pub const TAIL_EVENTS_MAX: i64 = 4_096;

/// Runs from keys to events.
const EVENTS: i64 = 0;
/// Runs from `event_id`s to issues.
const MEMORY: i64 = 1;

/// What a key stands for.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum KeyKind {
    /// `request_id`.
    Request = 1,
    /// `user_id`.
    User = 2,
    /// `trace_id`.
    Trace = 3,
    /// The client's `event_id`.
    EventId = 4,
}

/// The key of a value: one 64-bit number. Readers compare the value itself afterwards.
pub fn key_hash(kind: KeyKind, value: &[u8]) -> i64 {
    let mut bytes = Vec::with_capacity(value.len() + 1);
    bytes.push(kind as u8);
    bytes.extend_from_slice(value);
    hash64(&bytes).cast_signed()
}

/// The key of an issue: its own number, below zero, where a hash hardly ever falls on it.
pub const fn issue_key(issue: i64) -> i64 {
    -issue
}

/// The 8-byte keys of a report, one after the other.
pub fn event_keys(report: &Report) -> Vec<u8> {
    let known = &report.known;
    let mut keys = Vec::with_capacity(32);
    let texts = [
        (KeyKind::Request, known.request_id.as_deref()),
        (KeyKind::User, known.user_id.as_deref()),
        (KeyKind::Trace, known.trace_id.as_deref()),
    ];
    for (kind, text) in texts {
        if let Some(text) = text {
            keys.extend(key_hash(kind, text.as_bytes()).to_le_bytes());
        }
    }
    if let Some(id) = &report.event_id {
        keys.extend(key_hash(KeyKind::EventId, id).to_le_bytes());
    }
    keys
}

/// The keys in the form of [`event_keys`].
pub fn keys_of(bytes: &[u8]) -> impl Iterator<Item = i64> + '_ {
    bytes.as_chunks().0.iter().map(|eight| i64::from_le_bytes(*eight))
}

/// One entry of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The key.
    pub hash: i64,
    /// The rest of an `event_id`; 0 in runs of events.
    pub extra: i64,
    /// The event, or the issue in memory runs.
    pub value: i64,
}

/// The first event that is not in a run yet.
pub fn tail_start(db: &mut dyn Engine) -> Result<i64> {
    Ok(marks::find(db, "tail_start")?.unwrap_or(0))
}

fn runs(db: &mut dyn Engine, kind: i64) -> Result<Vec<i64>> {
    all(db, "select run from key_run where kind = ?1 order by run desc", &[kind.into()], |row| {
        row.int(0)
    })
}

/// Events with a key, newest first, below `before`, at most `limit`. `tail` says how the key is
/// found in a row of the tail.
pub fn events(
    db: &mut dyn Engine,
    hash: i64,
    before: i64,
    limit: usize,
    in_tail: impl Fn(i64, &[u8]) -> bool,
) -> Result<Vec<i64>> {
    let start = tail_start(db)?;
    let mut found = Vec::new();
    db.each(
        "select id, issue, keys from event where id >= ?1 and id < ?2 order by id desc",
        &[start.into(), before.into()],
        &mut |row| {
            if in_tail(row.int(1), row.blob(2)) {
                found.push(row.int(0));
            }
            found.len() < limit
        },
    )?;
    for run in runs(db, EVENTS)? {
        db.each(
            "select value from run_key where run = ?1 and hash = ?2 and extra = 0 and value < ?3 \
             order by value desc limit ?4",
            &[run.into(), hash.into(), before.into(), (limit as i64).into()],
            &mut |row| {
                found.push(row.int(0));
                true
            },
        )?;
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(limit);
    Ok(found)
}

/// Events with any key of that hash: see [`events`].
pub fn events_by_key(
    db: &mut dyn Engine,
    hash: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<i64>> {
    events(db, hash, before, limit, |_, keys| keys_of(keys).any(|key| key == hash))
}

/// Events of an issue: see [`events`].
pub fn events_of_issue(
    db: &mut dyn Engine,
    issue: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<i64>> {
    events(db, issue_key(issue), before, limit, |of, _| of == issue)
}

/// The oldest events of an issue, at most `limit`, oldest first. The tail is looked through only
/// when the runs hold fewer than `enough`, and of one that has grown long only its beginning: else
/// looking for what is to go would keep runs from being made.
pub fn oldest_of_issue(
    db: &mut dyn Engine,
    issue: i64,
    limit: usize,
    enough: usize,
) -> Result<Vec<i64>> {
    let of_run = |db: &mut dyn Engine, run: i64, limit: usize| {
        let sql = "select value from run_key where run = ?1 and hash = ?2 and extra = 0 \
                   order by value limit ?3";
        let values = [run.into(), issue_key(issue).into(), (limit as i64).into()];
        all(db, sql, &values, |row| row.int(0))
    };
    let mut sources = Vec::new();
    for run in runs(db, EVENTS)? {
        sources.extend(of_run(db, run, 1)?.first().map(|oldest| (*oldest, run)));
    }
    // Nearly always, the run that begins first has enough, and the others need not be read.
    sources.sort_unstable();
    let mut found: Vec<i64> = Vec::new();
    for (oldest, run) in sources {
        if found.len() >= limit && found.last().is_some_and(|last| oldest > *last) {
            break;
        }
        found.extend(of_run(db, run, limit)?);
        found.sort_unstable();
        found.truncate(limit);
    }
    if found.len() < enough {
        let start = tail_start(db)?;
        let end = start + 2 * TAIL_EVENTS_MAX;
        let rest = (limit - found.len()) as i64;
        found.extend(all(
            db,
            "select id from event where id >= ?1 and id < ?2 and issue = ?3 order by id limit ?4",
            &[start.into(), end.into(), issue.into(), rest.into()],
            |row| row.int(0),
        )?);
    }
    Ok(found)
}

/// Whether the tail is longer than [`oldest_of_issue`] looks.
pub fn is_tail_long(db: &mut dyn Engine) -> Result<bool> {
    Ok(next_event(db)? - tail_start(db)? > 2 * TAIL_EVENTS_MAX)
}
