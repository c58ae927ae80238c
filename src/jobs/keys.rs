//! Writes the tail's lookup keys as a run, merges runs, and sweeps what merges left.

use crate::store::runs::{self, Build, Entry, TAIL_EVENTS_MAX};
use crate::store::{self, Writer};

/// Where the work on runs stands. Lost with the program, it begins anew: only whole runs count.
#[derive(Debug)]
pub(super) struct Keys {
    /// What is being written, the highest level first. A merge of millions takes minutes: what is
    /// due below its level does not wait for it.
    begun: Vec<Begun>,
    /// The tail's end that waits for the run of its `event_id`s to be written first.
    tail_next: Option<i64>,
    /// As it was when it was last looked up.
    tail_start: i64,
    /// Whether a merge may be due.
    look: bool,
    sweep: bool,
    /// Counts the steps.
    turn: usize,
    /// As it was when this began: see [`crate::store::record::Recorder::forgotten`].
    forgotten: u64,
}

#[derive(Debug)]
struct Begun {
    build: Build,
    /// What the recorder need not remember by itself once the run is whole.
    remembers: Vec<(i64, i64)>,
}

/// Tails that may wait: with as many, the keys come before the reports.
const BEHIND_TAILS: i64 = 4;

impl Keys {
    /// Nothing begun; what a killed program left half-written is swept first.
    pub(super) const fn new() -> Self {
        Self {
            begun: Vec::new(),
            tail_next: None,
            tail_start: i64::MAX,
            look: true,
            sweep: true,
            turn: 0,
            forgotten: 0,
        }
    }

    /// How many times as many events wait in the tail as may: readers look through all of it.
    pub(super) fn behind(&self, writer: &Writer) -> usize {
        let waiting = writer.recorder.next_event() - self.tail_start;
        usize::try_from(waiting / (BEHIND_TAILS * TAIL_EVENTS_MAX)).unwrap_or(0)
    }

    /// One step at a time in milliseconds since 1970; `false` if there is nothing to do.
    pub(super) fn step(&mut self, writer: &mut Writer, now: i64) -> store::Result<bool> {
        let forgotten = writer.recorder.forgotten();
        if self.forgotten != forgotten {
            // Something was undone, perhaps of this, or all keys were dropped: what is half-written
            // is swept and begun anew.
            *self = Self { forgotten, ..Self::new() };
        }
        if self.begin(writer, now)? {
            return Ok(true);
        }
        // Every level writes each entry once, and sweeps what it read: turn by turn, so that none
        // falls far behind another.
        let ways = self.begun.len() + usize::from(self.sweep);
        if ways == 0 {
            return Ok(false);
        }
        self.turn = self.turn.wrapping_add(1);
        let at = self.turn % ways;
        if at < self.begun.len() {
            self.write(writer, at)?;
        } else {
            let keep: Vec<i64> = self.begun.iter().map(|one| one.build.run()).collect();
            self.sweep = !runs::sweep(&mut writer.db, &keep)?;
        }
        Ok(true)
    }

    /// Begins what is due and lower than all that is being written.
    fn begin(&mut self, writer: &mut Writer, now: i64) -> store::Result<bool> {
        let level = self.begun.last().map_or(i64::MAX, |lowest| lowest.build.level());
        if level == 0 {
            return Ok(false);
        }
        if let Some(next) = self.tail_next.take() {
            self.push(Build::of_tail(&mut writer.db, next)?, Vec::new());
            return Ok(true);
        }
        // A merge writes one level above what it reads: two at once never read the same runs.
        if self.look || self.begun.is_empty() {
            if let Some(build) = Build::due(&mut writer.db, level.saturating_sub(1))? {
                self.push(build, Vec::new());
                return Ok(true);
            }
            self.look = false;
        }
        let next = writer.recorder.next_event();
        self.tail_start = runs::tail_start(&mut writer.db)?;
        if next - self.tail_start < TAIL_EVENTS_MAX {
            return Ok(false);
        }
        // No more at once, however far behind: its keys are sorted in memory.
        let next = next.min(self.tail_start + BEHIND_TAILS * TAIL_EVENTS_MAX);
        self.begin_tail(writer, next, now)?;
        Ok(true)
    }

    fn push(&mut self, build: Build, remembers: Vec<(i64, i64)>) {
        self.begun.push(Begun { build, remembers });
    }

    /// The next entries of one run.
    fn write(&mut self, writer: &mut Writer, at: usize) -> store::Result<()> {
        if self.begun[at].build.step(&mut writer.db)? {
            let Begun { remembers, .. } = self.begun.remove(at);
            writer.recorder.memory_runs_changed(&mut writer.db, &remembers)?;
            (self.look, self.sweep) = (true, true);
        }
        Ok(())
    }

    /// The tail's `event_id`s become a run before its events leave the tail: a crash in between
    /// finds them in the tail again.
    fn begin_tail(&mut self, writer: &mut Writer, next: i64, now: i64) -> store::Result<()> {
        let memory = writer.recorder.memory();
        let remembers: Vec<(i64, i64)> = memory.keys().copied().collect();
        let entries: Vec<Entry> = memory
            .iter()
            .map(|((hash, extra), issue)| Entry { hash: *hash, extra: *extra, value: *issue })
            .collect();
        if entries.is_empty() {
            self.push(Build::of_tail(&mut writer.db, next)?, remembers);
        } else {
            self.tail_next = Some(next);
            self.push(Build::of_memory(&mut writer.db, entries, now)?, remembers);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::Report;
    use crate::store::engine::{Engine, first};
    use crate::store::import;
    use crate::store::tests::{Fixture, NOW, report, store};

    fn step(keys: &mut Keys, store: &mut Fixture) -> bool {
        store.writer.db.begin().unwrap();
        let busy = keys.step(&mut store.writer, NOW).unwrap();
        store.writer.db.commit().unwrap();
        busy
    }

    fn with_id(nth: u128) -> Report {
        Report { event_id: Some(nth.to_be_bytes()), ..report(1) }
    }

    fn number(store: &mut Fixture, sql: &str) -> i64 {
        first(&mut store.writer.db, sql, &[], |row| row.int(0)).unwrap().unwrap()
    }

    /// Enough runs of so many `event_id`s each that a merge of them is due.
    fn make_merge_due(store: &mut Fixture, entries: i64) {
        for run in 0..32 {
            let entry = |nth: i64| Entry { hash: nth * 32 + run, extra: 0, value: 1 };
            let entries = (0..entries).map(entry).collect();
            let mut build = Build::of_memory(&mut store.writer.db, entries, NOW).unwrap();
            while !build.step(&mut store.writer.db).unwrap() {}
        }
    }

    const MERGED: &str = "select count(*) from run_key join key_run using (run) where level = 1";
    const LOOSE: &str = "select count(*) from run_key where run not in (select run from key_run)";

    #[test]
    fn a_step_that_is_undone_loses_nothing() {
        let many = TAIL_EVENTS_MAX as u128;
        let mut steps = 1;
        let mut undone = 0;
        while undone < steps {
            let (mut store, mut keys) = (store(), Keys::new());
            make_merge_due(&mut store, 200);
            store.record((1..=many).map(with_id).collect());
            let mut busy = true;
            steps = 0;
            while busy {
                if steps == undone {
                    store.writer.db.begin().unwrap();
                    keys.step(&mut store.writer, NOW).unwrap();
                    store.writer.db.rollback();
                    store.writer.recorder.forget(&mut store.writer.db).unwrap();
                } else {
                    busy = step(&mut keys, &mut store);
                }
                steps += 1;
            }
            assert_eq!(number(&mut store, MERGED), 6_400, "step {undone}");
            assert_eq!(number(&mut store, LOOSE), 0, "step {undone}");
            let db = &mut store.writer.db;
            let found = runs::events_of_issue(db, 1, i64::MAX, 10_000).unwrap().len() as i64;
            assert_eq!(number(&mut store, "select count(*) from event"), found, "step {undone}");
            store.writer.recorder.forget(&mut store.writer.db).unwrap();
            store.record((1..=many).map(with_id).collect());
            assert_eq!(store.issue(1).count, many as i64, "step {undone}: every one is a repeat");
            undone += 1;
        }
        assert!(undone > 20, "there was much to undo");
    }

    #[test]
    fn no_merge_brings_back_what_an_import_dropped() {
        let (mut store, mut keys) = (store(), Keys::new());
        make_merge_due(&mut store, 2_000);
        for _ in 0..5 {
            assert!(step(&mut keys, &mut store));
        }
        assert!(!keys.begun.is_empty(), "the merge goes on");
        import::forget(&mut store.writer).unwrap();
        while step(&mut keys, &mut store) {}
        assert_eq!(number(&mut store, "select count(*) from key_run"), 0);
        assert_eq!(number(&mut store, LOOSE), 0, "swept");
    }

    #[test]
    fn a_tail_does_not_wait_for_a_long_merge() {
        let (mut store, mut keys) = (store(), Keys::new());
        make_merge_due(&mut store, 2_000);
        while !keys.begun.iter().any(|one| one.build.level() == 1) {
            assert!(step(&mut keys, &mut store), "a merge is due");
        }
        let many = TAIL_EVENTS_MAX as u128;
        store.record((1..=many).map(with_id).collect());
        while runs::tail_start(&mut store.writer.db).unwrap() <= TAIL_EVENTS_MAX {
            assert!(step(&mut keys, &mut store), "a tail is due");
        }
        assert_eq!(number(&mut store, MERGED), 0, "the merge goes on");
        assert!(store.writer.recorder.memory().is_empty(), "all of them are in a run");

        while step(&mut keys, &mut store) {}
        assert_eq!(number(&mut store, MERGED), 64_000);
        assert_eq!(number(&mut store, LOOSE), 0, "swept");
        store.record((1..=many).map(with_id).collect());
        assert_eq!(store.issue(1).count, many as i64, "every one is a repeat");
    }

    #[test]
    fn what_waits_is_counted_until_it_is_in_runs() {
        let (mut store, mut keys) = (store(), Keys::new());
        assert_eq!(keys.behind(&store.writer), 0, "nothing is known yet");
        let waits = BEHIND_TAILS * TAIL_EVENTS_MAX;
        store.record((0..2 * waits).map(|_| report(1)).collect());
        assert!(step(&mut keys, &mut store));
        assert_eq!(keys.behind(&store.writer), 2);
        while step(&mut keys, &mut store) {}
        assert_eq!(keys.behind(&store.writer), 0);
        assert_eq!(runs::tail_start(&mut store.writer.db).unwrap(), 2 * waits);
    }

    #[test]
    fn event_ids_outlive_a_restart_with_a_full_tail() {
        let mut store = store();
        let many = TAIL_EVENTS_MAX as u128 + 50;
        store.record((1..=many).map(with_id).collect());
        store.writer.recorder.forget(&mut store.writer.db).unwrap();
        let mut keys = Keys::new();
        while step(&mut keys, &mut store) {}
        assert!(store.writer.recorder.memory().is_empty(), "all of them are in a run");
        runs::drop_old_memory(&mut store.writer.db, NOW).unwrap();
        store.writer.recorder.forget(&mut store.writer.db).unwrap();
        store.record((1..=many).map(with_id).collect());
        assert_eq!(store.issue(1).count, many as i64, "every one is a repeat");
    }
}
