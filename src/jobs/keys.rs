//! Writes the tail's lookup keys as a run, merges runs, and sweeps what merges left.

use crate::store::runs::{self, Build, Entry, TAIL_EVENTS_MAX};
use crate::store::{self, Writer};

/// Where the work on runs stands. Lost with the program, it begins anew: only whole runs count.
#[derive(Debug)]
pub(super) struct Keys {
    build: Option<Build>,
    /// The tail's end that waits for the run of its `event_id`s to be written first.
    tail_next: Option<i64>,
    memory_keys: Vec<(i64, i64)>,
    /// As it was when it was last looked up.
    tail_start: i64,
    sweep: bool,
}

/// Tails that may wait: with more, the keys come before the reports.
const BEHIND_TAILS: i64 = 4;

impl Keys {
    /// Nothing begun; what a killed program left half-written is swept first.
    pub(super) const fn new() -> Self {
        Self {
            build: None,
            tail_next: None,
            memory_keys: Vec::new(),
            tail_start: i64::MAX,
            sweep: true,
        }
    }

    /// After a rollback: what was half-written is swept and begun anew.
    pub(super) fn begin_anew(&mut self) {
        *self = Self::new();
    }

    /// Whether readers would look through a tail of many times its size.
    pub(super) fn is_behind(&self, writer: &Writer) -> bool {
        writer.recorder.next_event() - self.tail_start > BEHIND_TAILS * TAIL_EVENTS_MAX
    }

    /// One step at a time in milliseconds since 1970; `false` if there is nothing to do.
    pub(super) fn step(&mut self, writer: &mut Writer, now: i64) -> store::Result<bool> {
        if let Some(build) = &mut self.build {
            if build.step(&mut writer.db)? {
                self.build = None;
                self.sweep = true;
                let keys = std::mem::take(&mut self.memory_keys);
                writer.recorder.memory_was_merged(&mut writer.db, &keys)?;
            }
            return Ok(true);
        }
        if let Some(next) = self.tail_next.take() {
            self.build = Some(Build::of_tail(&mut writer.db, next)?);
            return Ok(true);
        }
        let next = writer.recorder.next_event();
        self.tail_start = runs::tail_start(&mut writer.db)?;
        if next - self.tail_start >= TAIL_EVENTS_MAX {
            // No more at once, however far behind: its keys are sorted in memory.
            let next = next.min(self.tail_start + BEHIND_TAILS * TAIL_EVENTS_MAX);
            self.begin_tail(writer, next, now)?;
            return Ok(true);
        }
        if let Some(build) = Build::due(&mut writer.db)? {
            self.build = Some(build);
            return Ok(true);
        }
        if self.sweep {
            self.sweep = !runs::sweep(&mut writer.db, None)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The tail's `event_id`s become a run before its events leave the tail: a crash in between
    /// finds them in the tail again.
    fn begin_tail(&mut self, writer: &mut Writer, next: i64, now: i64) -> store::Result<()> {
        let memory = writer.recorder.memory();
        self.memory_keys = memory.keys().copied().collect();
        let entries: Vec<Entry> = memory
            .iter()
            .map(|((hash, extra), issue)| Entry { hash: *hash, extra: *extra, value: *issue })
            .collect();
        if entries.is_empty() {
            self.build = Some(Build::of_tail(&mut writer.db, next)?);
        } else {
            self.tail_next = Some(next);
            self.build = Some(Build::of_memory(&mut writer.db, entries, now)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::Report;
    use crate::store::engine::Engine;
    use crate::store::tests::{NOW, report, store};

    #[test]
    fn event_ids_outlive_a_restart_with_a_full_tail() {
        let mut store = store();
        let with_id = |nth: u128| Report { event_id: Some(nth.to_be_bytes()), ..report(1) };
        let many = TAIL_EVENTS_MAX as u128 + 50;
        store.record((1..=many).map(with_id).collect());
        store.writer.recorder.forget(&mut store.writer.db).unwrap();
        let mut keys = Keys::new();
        loop {
            store.writer.db.begin().unwrap();
            let busy = keys.step(&mut store.writer, NOW).unwrap();
            store.writer.db.commit().unwrap();
            if !busy {
                break;
            }
        }
        assert!(store.writer.recorder.memory().is_empty(), "all of them are in a run");
        runs::drop_old_memory(&mut store.writer.db, NOW).unwrap();
        store.writer.recorder.forget(&mut store.writer.db).unwrap();
        store.record((1..=many).map(with_id).collect());
        assert_eq!(store.issue(1).count, many as i64, "every one is a repeat");
    }
}
