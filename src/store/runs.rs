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

mod forget;
mod imported;
mod memory;

use std::sync::OnceLock;

use super::engine::{Engine, Value, all, first};
use super::error::Result;
use super::marks;
use crate::domain::report::Report;
use crate::domain::sketch::hash64;
pub use forget::{forget, forget_of_issue};
pub use imported::{next_event, raise_events, write_events, write_memory};
use memory::Filter;
pub use memory::{
    MEMORY_MS, MemoryRuns, drop_old_memory, forget_loose, keep_memory, memory_key, memory_of_tail,
};

/// Events of the tail at which it becomes a run. A reader looks through at most twice as many.
pub const TAIL_EVENTS_MAX: i64 = 4_096;
/// Runs of one level that are merged into one of the next. More runs mean less merging and more
/// look-ups: of ten million events there are at most a hundred runs, looked into in 0.3 ms.
const FAN: usize = 32;
/// Entries of one step: about 2 ms of the writer.
const STEP_ENTRIES: usize = 2_000;

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

/// A run that is being written, some entries a step.
#[derive(Debug)]
pub struct Build {
    run: i64,
    kind: i64,
    level: i64,
    newest_at: i64,
    sources: Vec<Source>,
    replaces: Vec<i64>,
    tail_start: Option<i64>,
    /// Entries of events before this one are left out: the events are gone by age.
    oldest: i64,
    filter: Filter,
    entries: i64,
    last: Option<Entry>,
}

/// Entries of one statement.
const ROWS: usize = 32;

/// The statement that writes so many entries.
fn insert_of(rows: usize) -> String {
    let row = |nth: usize| {
        let first = nth * 4 + 1;
        format!("(?{first}, ?{}, ?{}, ?{})", first + 1, first + 2, first + 3)
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("insert into run_key (run, hash, extra, value) values {}", rows.join(", "))
}

/// Where a merge takes its entries from: one run, read piece by piece, or the tail's own.
#[derive(Debug)]
struct Source {
    run: Option<i64>,
    waiting: std::collections::VecDeque<Entry>,
    last: Option<Entry>,
}

impl Source {
    fn fill(&mut self, db: &mut dyn Engine) -> Result<()> {
        let (Some(run), true) = (self.run, self.waiting.is_empty()) else { return Ok(()) };
        let after = self.last.unwrap_or(Entry { hash: i64::MIN, extra: i64::MIN, value: i64::MIN });
        let values: [Value<'_>; 5] = [
            run.into(),
            after.hash.into(),
            after.extra.into(),
            after.value.into(),
            ((STEP_ENTRIES / FAN) as i64).into(),
        ];
        let waiting = &mut self.waiting;
        db.each(
            "select hash, extra, value from run_key where run = ?1 \
             and (hash, extra, value) > (?2, ?3, ?4) order by hash, extra, value limit ?5",
            &values,
            &mut |row| {
                waiting.push_back(Entry { hash: row.int(0), extra: row.int(1), value: row.int(2) });
                true
            },
        )?;
        self.last = self.waiting.back().copied().or(self.last);
        if self.waiting.is_empty() {
            self.run = None;
        }
        Ok(())
    }
}

impl Build {
    fn new(db: &mut dyn Engine, kind: i64, level: i64, sources: Vec<Source>) -> Result<Self> {
        // A number above every listed and every half-written run: numbers are never shared.
        let run = first(
            db,
            "select (select coalesce(max(run), 0) from key_run), \
                    (select coalesce(max(run), 0) from run_key)",
            &[],
            |row| row.int(0).max(row.int(1)) + 1,
        )?;
        Ok(Self {
            run: run.unwrap_or(1),
            kind,
            level,
            newest_at: 0,
            sources,
            replaces: Vec::new(),
            tail_start: None,
            oldest: 0,
            filter: Filter::default(),
            entries: 0,
            last: None,
        })
    }

    /// A run of the tail's events: those from the tail's start up to `next`.
    pub fn of_tail(db: &mut dyn Engine, next: i64) -> Result<Self> {
        let start = tail_start(db)?;
        let mut entries = Vec::new();
        db.each(
            "select id, issue, keys from event where id >= ?1 and id < ?2",
            &[start.into(), next.into()],
            &mut |row| {
                let value = row.int(0);
                let hashes = keys_of(row.blob(2)).chain([issue_key(row.int(1))]);
                entries.extend(hashes.map(|hash| Entry { hash, extra: 0, value }));
                true
            },
        )?;
        entries.sort_unstable();
        let source = Source { run: None, waiting: entries.into(), last: None };
        Ok(Self { tail_start: Some(next), ..Self::new(db, EVENTS, 0, vec![source])? })
    }

    /// A run of `event_id`s received up to `newest_at`: now, so that none is dropped too early.
    pub fn of_memory(db: &mut dyn Engine, mut entries: Vec<Entry>, newest_at: i64) -> Result<Self> {
        entries.sort_unstable();
        let filter = Filter::of(entries.len());
        let source = Source { run: None, waiting: entries.into(), last: None };
        Ok(Self { newest_at, filter, ..Self::new(db, MEMORY, 0, vec![source])? })
    }

    /// The merge that is due, if one is: of the lowest level that has enough runs. Memory runs
    /// are merged only with those of the same day, so that a day can be dropped as a whole.
    pub fn due(db: &mut dyn Engine) -> Result<Option<Self>> {
        let groups = all(
            db,
            "select kind, level, case when kind = 1 then newest_at / 86400000 else 0 end, \
             count(*), sum(entries), max(newest_at) from key_run \
             group by 1, 2, 3 having count(*) >= ?1 order by 2 limit 1",
            &[(FAN as i64).into()],
            |row| (row.int(0), row.int(1), row.int(2), row.int(4), row.int(5)),
        )?;
        let Some(&(kind, level, day, entries, newest_at)) = groups.first() else {
            return Ok(None);
        };
        let replaces = all(
            db,
            "select run from key_run where kind = ?1 and level = ?2 \
             and (kind = 0 or newest_at / 86400000 = ?3) order by run limit ?4",
            &[kind.into(), level.into(), day.into(), (FAN as i64).into()],
            |row| row.int(0),
        )?;
        let sources = replaces
            .iter()
            .map(|run| Source { run: Some(*run), waiting: Default::default(), last: None })
            .collect();
        let oldest = first(db, "select min(id) from event", &[], |row| row.int(0))?.unwrap_or(0);
        let filter = if kind == MEMORY { Filter::of(entries as usize) } else { Filter::default() };
        let build = Self::new(db, kind, level + 1, sources)?;
        Ok(Some(Self { newest_at, replaces, oldest, filter, ..build }))
    }

    /// Writes the next entries; `true` when the run is whole and listed.
    pub fn step(&mut self, db: &mut dyn Engine) -> Result<bool> {
        let mut entries: Vec<Entry> = Vec::with_capacity(STEP_ENTRIES);
        let mut more = true;
        while more && entries.len() < STEP_ENTRIES {
            match self.next(db)? {
                None => more = false,
                // The events are gone by age.
                Some(entry) if self.kind == EVENTS && entry.value < self.oldest => {}
                // After a crash two runs may hold the same.
                Some(entry) if self.last == Some(entry) => {}
                Some(entry) => {
                    self.last = Some(entry);
                    entries.push(entry);
                }
            }
        }
        if self.kind == MEMORY {
            entries.iter().for_each(|entry| self.filter.insert(entry.hash));
        }
        self.write(db, &entries)?;
        if !more {
            self.finish(db)?;
        }
        Ok(!more)
    }

    /// Writes many entries a statement: a third of the cost of one by one.
    fn write(&mut self, db: &mut dyn Engine, entries: &[Entry]) -> Result<()> {
        static MANY: OnceLock<String> = OnceLock::new();
        static ONE: OnceLock<String> = OnceLock::new();
        let (many, rest) = entries.as_chunks::<ROWS>();
        let groups = many.iter().map(|all| all.as_slice()).chain(rest.chunks(1));
        for group in groups {
            let sql = if group.len() == 1 { &ONE } else { &MANY };
            let sql = sql.get_or_init(|| insert_of(group.len()));
            let values: Vec<Value<'_>> = group
                .iter()
                .flat_map(|entry| [self.run, entry.hash, entry.extra, entry.value])
                .map(Value::Int)
                .collect();
            db.run(sql, &values)?;
        }
        self.entries += entries.len() as i64;
        Ok(())
    }

    fn next(&mut self, db: &mut dyn Engine) -> Result<Option<Entry>> {
        for source in &mut self.sources {
            source.fill(db)?;
        }
        let least = self
            .sources
            .iter_mut()
            .filter(|source| !source.waiting.is_empty())
            .min_by_key(|source| source.waiting.front().copied());
        Ok(least.and_then(|source| source.waiting.pop_front()))
    }

    fn finish(&mut self, db: &mut dyn Engine) -> Result<()> {
        for run in &self.replaces {
            db.run("delete from key_run where run = ?1", &[(*run).into()])?;
        }
        if let Some(start) = self.tail_start {
            marks::set(db, "tail_start", start)?;
        }
        db.run(
            "insert into key_run (run, kind, level, entries, newest_at, filter) \
             values (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                self.run.into(),
                self.kind.into(),
                self.level.into(),
                self.entries.into(),
                self.newest_at.into(),
                self.filter.0.as_slice().into(),
            ],
        )?;
        Ok(())
    }
}

/// Removes some entries of runs that are listed no more (and of none being written, `keep`);
/// `true` when nothing is left to remove.
pub fn sweep(db: &mut dyn Engine, keep: Option<&Build>) -> Result<bool> {
    let keep = keep.map_or(-1, |build| build.run);
    // Jumps from run to run: the table itself is never scanned.
    let mut run = first(db, "select min(run) from run_key", &[], |row| row.opt_int(0))?.flatten();
    while let Some(at) = run {
        let listed = first(db, "select 1 from key_run where run = ?1", &[at.into()], |_| ())?;
        if listed.is_none() && at != keep {
            let last = first(
                db,
                "select hash from run_key where run = ?1 order by hash limit 1 offset ?2",
                &[at.into(), (STEP_ENTRIES as i64).into()],
                |row| row.int(0),
            )?;
            db.run(
                "delete from run_key where run = ?1 and hash <= ?2",
                &[at.into(), last.unwrap_or(i64::MAX).into()],
            )?;
            return Ok(false);
        }
        run = first(db, "select min(run) from run_key where run > ?1", &[at.into()], |row| {
            row.opt_int(0)
        })?
        .flatten();
    }
    Ok(true)
}
