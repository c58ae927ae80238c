//! What runs between groups and by the clock: indexing words, merging keys, retention, giving space
//! back, moving the WAL. Each step is one short transaction of the writer.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::ingest::{Ingest, Quiet};
use crate::metrics::Metrics;
use crate::store::engine::{Checkpoint, Engine, all};
use crate::store::retention::Removed;
use crate::store::runs::{self, Build, Entry, TAIL_EVENTS_MAX};
use crate::store::{self, Place, Writer, counts, erase, retention, words};

/// Issues that one step indexes: about 2 ms.
const WORDS_A_STEP: i64 = 16;
/// How often age and size are looked at.
const ROUND: Duration = Duration::from_secs(60);
/// The log of writes above which the writer stops for a moment to start it anew.
const WAL_BYTES_MAX: i64 = 64 * 1_024 * 1_024;
/// The log of writes that may stay when nothing is written.
const WAL_BYTES_QUIET: i64 = 4 * 1_024 * 1_024;
/// How long nothing was written when it is quiet.
const QUIET_AFTER: Duration = Duration::from_secs(1);
/// How often the WAL is moved into the file.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(200);
/// Free bytes inside the file above which they are given back.
const SPARE_BYTES_MAX: i64 = 8 * 1_024 * 1_024;
/// Pages that one step gives back.
const PAGES_A_STEP: i64 = 32;
/// Hourly counts become daily after this many hours: 90 days.
const HOURLY_HOURS: i64 = 90 * 24;
const DAY_MS: i64 = 24 * 3_600_000;

/// What the operator allows to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// Events, in days.
    pub days: i64,
    /// Events an issue.
    pub events_per_issue: i64,
    /// Bytes of the file.
    pub bytes: i64,
}

/// Where a round by the clock stands. Each part goes on until it says that nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    Age { after: i64 },
    Size { after: i64 },
    Days { after: i64 },
    Done,
}

/// The state of all chores.
pub struct Chores {
    keep: Keep,
    now: fn() -> i64,
    metrics: Arc<Metrics>,
    wal_bytes: Arc<AtomicI64>,
    build: Option<Build>,
    /// The tail's end that waits for the run of its `event_id`s to be written first.
    tail_next: Option<i64>,
    memory_keys: Vec<(i64, i64)>,
    sweep: bool,
    crowded: BTreeSet<i64>,
    found_crowded: bool,
    /// Issues of which events went: their stacks are looked at.
    thinned: BTreeSet<i64>,
    round: Round,
    round_at: Option<Instant>,
    shrink: bool,
}

impl Chores {
    /// Nothing begun yet. `wal_bytes` is what [`checkpoints`] measures.
    pub fn new(
        keep: Keep,
        now: fn() -> i64,
        metrics: Arc<Metrics>,
        wal_bytes: Arc<AtomicI64>,
    ) -> Self {
        Self {
            keep,
            now,
            metrics,
            wal_bytes,
            build: None,
            tail_next: None,
            memory_keys: Vec::new(),
            sweep: true,
            crowded: BTreeSet::new(),
            found_crowded: false,
            thinned: BTreeSet::new(),
            round: Round::Done,
            round_at: None,
            shrink: false,
        }
    }

    /// One step; how long nothing is to do then.
    pub fn step(&mut self, writer: &mut Writer, quiet: Quiet) -> store::Result<Duration> {
        if self.wal_bytes.load(Ordering::Relaxed) > WAL_BYTES_MAX {
            writer.db.checkpoint(Checkpoint::Restart)?;
            self.wal_bytes.store(0, Ordering::Relaxed);
        }
        writer.db.begin()?;
        let busy = match self.one(writer) {
            Ok(busy) => busy,
            Err(error) => {
                // A run half-written is swept and begun anew.
                (self.build, self.tail_next, self.sweep) = (None, None, true);
                return Err(error);
            }
        };
        if busy {
            writer.db.commit()?;
            return Ok(Duration::ZERO);
        }
        writer.db.rollback();
        let rest = self.round_at.map_or(Duration::ZERO, |at| ROUND.saturating_sub(at.elapsed()));
        if self.wal_bytes.load(Ordering::Relaxed) <= WAL_BYTES_QUIET {
            return Ok(rest);
        }
        if quiet == Quiet::Yes {
            match writer.db.checkpoint(Checkpoint::Whole) {
                Ok(_) => self.wal_bytes.store(0, Ordering::Relaxed),
                Err(store::Error::Busy) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rest.min(QUIET_AFTER))
    }

    /// The most urgent step; `false` if there is none.
    fn one(&mut self, writer: &mut Writer) -> store::Result<bool> {
        if words::index_waiting(&mut writer.db, WORDS_A_STEP)? > 0 {
            return Ok(true);
        }
        if self.keys(writer)? || self.crowded(writer)? || self.stacks(writer)? {
            return Ok(true);
        }
        if self.round_at.is_none_or(|at| at.elapsed() >= ROUND) {
            self.round_at = Some(Instant::now());
            self.round = Round::Age { after: 0 };
        }
        if self.round != Round::Done {
            self.round = self.round(writer)?;
            return Ok(true);
        }
        if self.shrink {
            self.shrink = writer.db.shrink(PAGES_A_STEP)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Writes and merges runs of keys.
    fn keys(&mut self, writer: &mut Writer) -> store::Result<bool> {
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

    /// Brings issues down to the number of events that they may keep.
    fn crowded(&mut self, writer: &mut Writer) -> store::Result<bool> {
        if !self.found_crowded {
            // Those of the time before the start, or before the limit was lowered.
            self.found_crowded = true;
            self.crowded.extend(crowded_issues(writer, self.keep.events_per_issue)?);
        }
        self.crowded.extend(writer.recorder.take_crowded());
        let Some(issue) = self.crowded.pop_first() else { return Ok(false) };
        let mut removed = Removed::default();
        let most = self.keep.events_per_issue;
        if retention::trim_issue(&mut writer.db, issue, most, &mut removed)? {
            self.crowded.insert(issue);
        }
        self.metrics.events_removed_by_number.add(removed.events.cast_unsigned());
        self.thinned.extend(removed.issues);
        Ok(true)
    }

    fn round(&mut self, writer: &mut Writer) -> store::Result<Round> {
        let (db, now) = (&mut writer.db, (self.now)());
        Ok(match self.round {
            Round::Age { after } => {
                let before = now - self.keep.days * DAY_MS;
                let mut removed = Removed::default();
                let next = retention::remove_oldest(db, after, before, &mut removed)?;
                self.metrics.events_removed_by_age.add(removed.events.cast_unsigned());
                self.thinned.extend(removed.issues);
                match next {
                    Some(after) => Round::Age { after },
                    None => {
                        self.sweep |= runs::drop_old_memory(db, now)?;
                        Round::Size { after: 0 }
                    }
                }
            }
            Round::Size { after } => self.size(writer, after)?,
            Round::Days { after } => {
                let before = (now.div_euclid(counts::HOUR_MS) - HOURLY_HOURS) / 24 * 24;
                match counts::fold_days(db, before, after)? {
                    Some(after) => Round::Days { after },
                    None => {
                        counts::fold_project_days(db, before)?;
                        Round::Done
                    }
                }
            }
            Round::Done => Round::Done,
        })
    }

    /// Removes the oldest events while the file holds too much, and at last whole issues.
    fn size(&mut self, writer: &mut Writer, after: i64) -> store::Result<Round> {
        let db = &mut writer.db;
        let (used, free) = db.size()?;
        self.metrics.file_bytes.set((used + free).cast_unsigned());
        self.shrink = free > SPARE_BYTES_MAX || (free > 0 && used + free > self.keep.bytes);
        if used <= self.keep.bytes {
            return Ok(Round::Days { after: 0 });
        }
        let mut removed = Removed::default();
        let next = retention::remove_oldest(db, after, i64::MAX, &mut removed)?;
        self.metrics.events_removed_by_size.add(removed.events.cast_unsigned());
        self.thinned.extend(removed.issues);
        if let Some(after) = next {
            return Ok(Round::Size { after });
        }
        let mut gone = 0;
        let more = retention::remove_untouched_issue(db, &mut gone)?;
        self.metrics.issues_removed_by_size.add(gone.cast_unsigned());
        if gone > 0 {
            writer.recorder.forget(&mut writer.db)?;
        }
        Ok(if more { Round::Size { after: i64::MAX } } else { Round::Days { after: 0 } })
    }

    /// Removes the stacks that went with the events of one issue. Before anything else goes for its
    /// size: a stack may take more than all its events.
    fn stacks(&mut self, writer: &mut Writer) -> store::Result<bool> {
        let Some(issue) = self.thinned.pop_first() else { return Ok(false) };
        if erase::remove_unused_stacks(&mut writer.db, issue)? {
            writer.recorder.forget_stacks();
        }
        Ok(true)
    }
}

/// Issues that keep more events than they may.
fn crowded_issues(writer: &mut Writer, most: i64) -> store::Result<Vec<i64>> {
    all(&mut writer.db, "select id from issue where kept > ?1", &[most.into()], |row| row.int(0))
}

/// Moves the WAL into the file beside the writer, until `stop`. `wal_bytes` is what stands in it. A
/// write that the disk does not confirm ends it and the whole program: it is never tried again.
pub fn checkpoints(place: Place, wal_bytes: Arc<AtomicI64>, stop: Arc<AtomicBool>, ingest: Ingest) {
    let mut log = place.path().as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    let mut seen = None;
    let Ok(mut db) = place.checkpointer() else { return };
    while !stop.load(Ordering::Relaxed) {
        std::thread::park_timeout(CHECKPOINT_EVERY);
        let changed = std::fs::metadata(&log).and_then(|file| file.modified()).ok();
        if changed == seen {
            continue;
        }
        match db.checkpoint(Checkpoint::Beside) {
            Ok(bytes) => {
                wal_bytes.store(bytes, Ordering::Relaxed);
                seen = changed;
            }
            Err(store::Error::Busy) => {}
            Err(store::Error::Sync(_)) => return ingest.end_unconfirmed(),
            Err(error) => tracing::warn!(%error, "the log of writes could not be moved"),
        }
    }
}
