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
    sweep: bool,
}

impl Default for Keys {
    fn default() -> Self {
        // What a killed program left half-written is swept at the start.
        Self { build: None, tail_next: None, memory_keys: Vec::new(), sweep: true }
    }
}

impl Keys {
    /// After a rollback: what was half-written is swept and begun anew.
    pub(super) fn begin_anew(&mut self) {
        *self = Self::default();
    }

    /// One step; `false` if there is nothing to do.
    pub(super) fn step(&mut self, writer: &mut Writer) -> store::Result<bool> {
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
        if next - runs::tail_start(&mut writer.db)? >= TAIL_EVENTS_MAX {
            self.begin_tail(writer, next)?;
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
    fn begin_tail(&mut self, writer: &mut Writer, next: i64) -> store::Result<()> {
        let (memory, newest_at) = writer.recorder.memory();
        self.memory_keys = memory.keys().copied().collect();
        let entries: Vec<Entry> = memory
            .iter()
            .map(|((hash, extra), issue)| Entry { hash: *hash, extra: *extra, value: *issue })
            .collect();
        if entries.is_empty() {
            self.build = Some(Build::of_tail(&mut writer.db, next)?);
        } else {
            self.tail_next = Some(next);
            self.build = Some(Build::of_memory(&mut writer.db, entries, newest_at)?);
        }
        Ok(())
    }
}
