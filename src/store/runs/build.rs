//! Writes runs: of the tail, of what is remembered, and merged of those of one level.

use std::sync::OnceLock;

use super::memory::Filter;
use super::{EVENTS, Entry, MEMORY, issue_key, keys_of, tail_start};
use crate::store::engine::{Engine, Value, all, first};
use crate::store::error::Result;
use crate::store::marks;

/// Runs of one level that are merged into one of the next. More runs mean less merging and more
/// look-ups: at rest there are about a hundred runs of ten million events, looked into in 0.3 ms.
const FAN: usize = 32;
/// Entries of one step: about 2 ms of the writer.
const STEP_ENTRIES: usize = 2_000;
/// The mark with the number of the newest run, listed, being written or gone.
const NEWEST: &str = "newest_run";

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

/// A number that no run ever had, so that none takes what another one left.
fn new_number(db: &mut dyn Engine) -> Result<i64> {
    let present = first(
        db,
        "select (select coalesce(max(run), 0) from key_run), \
                (select coalesce(max(run), 0) from run_key)",
        &[],
        |row| row.int(0).max(row.int(1)),
    )?;
    let newest = marks::find(db, NEWEST)?.unwrap_or(0).max(present.unwrap_or(0));
    marks::set(db, NEWEST, newest + 1)?;
    Ok(newest + 1)
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
        Ok(Self {
            run: new_number(db)?,
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

    /// Its number.
    pub const fn run(&self) -> i64 {
        self.run
    }

    /// How often its entries were merged.
    pub const fn level(&self) -> i64 {
        self.level
    }

    /// As a memory run of so many entries.
    fn remembering(self, entries: usize, newest_at: i64) -> Self {
        Self { newest_at, filter: Filter::of(entries), ..self }
    }

    /// A run of these entries, which hold for [`super::MEMORY_MS`] from `newest_at` if they are
    /// remembered `event_id`s.
    pub(super) fn of_entries(
        db: &mut dyn Engine,
        kind: i64,
        mut entries: Vec<Entry>,
        newest_at: i64,
    ) -> Result<Self> {
        entries.sort_unstable();
        let count = entries.len();
        let source = Source { run: None, waiting: entries.into(), last: None };
        let build = Self::new(db, kind, 0, vec![source])?;
        Ok(if kind == MEMORY { build.remembering(count, newest_at) } else { build })
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
        Ok(Self { tail_start: Some(next), ..Self::of_entries(db, EVENTS, entries, 0)? })
    }

    /// A run of `event_id`s received up to `newest_at`: now, so that none is dropped too early.
    pub fn of_memory(db: &mut dyn Engine, entries: Vec<Entry>, newest_at: i64) -> Result<Self> {
        Self::of_entries(db, MEMORY, entries, newest_at)
    }

    /// The merge that is due, if one is: of the highest level below `level` that has enough runs,
    /// since lower ones need not wait for it. Memory runs, which every report with an `event_id`
    /// asks, come first, and are merged only with those of the same day, so that a day can be
    /// dropped as a whole.
    pub fn due(db: &mut dyn Engine, level: i64) -> Result<Option<Self>> {
        let groups = all(
            db,
            "select kind, level, case when kind = 1 then newest_at / 86400000 else 0 end \
             from key_run where level < ?2 \
             group by 1, 2, 3 having count(*) >= ?1 order by 2 desc, 1 desc limit 1",
            &[(FAN as i64).into(), level.into()],
            |row| (row.int(0), row.int(1), row.int(2)),
        )?;
        let Some(&(kind, level, day)) = groups.first() else { return Ok(None) };
        let (mut entries, mut newest_at) = (0, 0);
        let replaces = all(
            db,
            "select run, entries, newest_at from key_run where kind = ?1 and level = ?2 \
             and (kind = 0 or newest_at / 86400000 = ?3) order by run limit ?4",
            &[kind.into(), level.into(), day.into(), (FAN as i64).into()],
            |row| {
                entries += row.int(1);
                newest_at = newest_at.max(row.int(2));
                row.int(0)
            },
        )?;
        let sources = replaces
            .iter()
            .map(|run| Source { run: Some(*run), waiting: Default::default(), last: None })
            .collect();
        let oldest = first(db, "select min(id) from event", &[], |row| row.int(0))?.unwrap_or(0);
        let build = Self::new(db, kind, level + 1, sources)?;
        let build = Self { replaces, oldest, ..build };
        let is_memory = kind == MEMORY;
        Ok(Some(if is_memory { build.remembering(entries as usize, newest_at) } else { build }))
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
pub fn sweep(db: &mut dyn Engine, keep: &[i64]) -> Result<bool> {
    // Jumps from run to run: the table itself is never scanned.
    let mut run = first(db, "select min(run) from run_key", &[], |row| row.opt_int(0))?.flatten();
    while let Some(at) = run {
        let listed = first(db, "select 1 from key_run where run = ?1", &[at.into()], |_| ())?;
        if listed.is_none() && !keep.contains(&at) {
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
