//! Keeps the disk from filling: events by number, by age and by the size of the file, daily counts,
//! stacks without events, issues that nobody touched, projects whose erasure was cut short.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Keep;
use crate::domain::query::daily_before;
use crate::ingest::Quiet;
use crate::metrics::Metrics;
use crate::store::engine::{Engine, all};
use crate::store::retention::Removed;
use crate::store::{self, Writer, counts, erase, retention, runs};

/// How often age and size are looked at.
const ROUND: Duration = Duration::from_secs(60);
/// How often the size is looked at while something is written.
const LOOK: Duration = Duration::from_millis(250);
/// How long after counts were gathered load counts as over.
const LOAD_ENDS: Duration = Duration::from_secs(3);
/// Free bytes inside the file above which they are given back.
const SPARE_BYTES_MAX: i64 = 8 * 1_024 * 1_024;
/// Pages that one step gives back.
const PAGES_A_STEP: i64 = 32;
const DAY_MS: i64 = 24 * 3_600_000;
/// No time of receipt is a reason to stay.
const NOTHING: RangeInclusive<i64> = i64::MAX..=i64::MAX;

/// Issues whose stacks are looked at before more events go.
const STACKS_A_STEP: usize = 16;
/// Kinds of steps that take turns.
const KINDS: usize = 4;

/// Where a round by the clock stands. Each part goes on until it says that nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    Age { after: i64 },
    Size { after: i64 },
    Days { after: i64 },
    Done,
}

/// What is to be removed, and how far that is.
#[derive(Debug)]
pub(super) struct Space {
    keep: Keep,
    metrics: Arc<Metrics>,
    /// The file is more than a tenth above its size.
    file_full: Arc<AtomicBool>,
    /// Whether what an earlier program left was looked for.
    begun: bool,
    /// Issues that keep a tenth more events than they may.
    crowded: BTreeSet<i64>,
    /// Issues that keep a few more.
    full: BTreeSet<i64>,
    /// Issues of which events went: their stacks are looked at.
    thinned: BTreeSet<i64>,
    /// Projects whose erasure was cut short.
    detached: Vec<i64>,
    turn: usize,
    round: Round,
    round_at: Option<Instant>,
    /// The data takes more than it may.
    over: bool,
    looked_at: Option<Instant>,
    /// When rows of issues last counted less than there was: so much arrives.
    loaded_at: Option<Instant>,
    shrink: bool,
}

impl Space {
    pub(super) fn new(keep: Keep, metrics: Arc<Metrics>, file_full: Arc<AtomicBool>) -> Self {
        Self {
            keep,
            metrics,
            file_full,
            begun: false,
            crowded: BTreeSet::new(),
            full: BTreeSet::new(),
            thinned: BTreeSet::new(),
            detached: Vec::new(),
            turn: 0,
            round: Round::Done,
            round_at: None,
            over: false,
            looked_at: None,
            loaded_at: None,
            shrink: false,
        }
    }

    /// How long nothing is to do by the clock.
    pub(super) fn rest(&self) -> Duration {
        if !self.full.is_empty() {
            return super::QUIET_AFTER;
        }
        self.round_at.map_or(Duration::ZERO, |at| ROUND.saturating_sub(at.elapsed()))
    }

    /// Whether the data takes more than it may.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// One step at a time in milliseconds since 1970; `false` if there is nothing to do. The kinds
    /// take turns, so that none waits for ever for another.
    pub(super) fn step(
        &mut self,
        writer: &mut Writer,
        quiet: Quiet,
        now: i64,
    ) -> store::Result<bool> {
        if writer.recorder.is_owing() {
            self.loaded_at = Some(Instant::now());
        }
        if !self.begun {
            self.begin(writer)?;
        }
        self.look(writer)?;
        for _ in 0..KINDS {
            self.turn = (self.turn + 1) % KINDS;
            let busy = match self.turn {
                0 => self.stacks(writer)?,
                1 => self.crowded(writer, quiet)?,
                2 => self.detached(writer)?,
                _ => self.by_the_clock(writer, now)?,
            };
            if busy {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn by_the_clock(&mut self, writer: &mut Writer, now: i64) -> store::Result<bool> {
        if self.round_at.is_none_or(|at| at.elapsed() >= ROUND) {
            self.round_at = Some(Instant::now());
            self.round = Round::Age { after: 0 };
        } else if self.round == Round::Done && self.over {
            self.round = Round::Size { after: 0 };
        }
        if self.round != Round::Done {
            writer.recorder.settle(&mut writer.db)?;
            self.round = self.round(writer, now)?;
            writer.recorder.forget_counts();
            return Ok(true);
        }
        if self.shrink {
            self.shrink = writer.db.shrink(PAGES_A_STEP)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Finds what an earlier program left: issues above a limit that was lowered since, projects
    /// whose erasure was cut short.
    fn begin(&mut self, writer: &mut Writer) -> store::Result<()> {
        self.begun = true;
        let most = self.keep.events_per_issue.into();
        let sql = "select id from issue where kept > ?1";
        self.crowded.extend(all(&mut writer.db, sql, &[most], |row| row.int(0))?);
        self.detached = erase::detached_projects(&mut writer.db)?;
        Ok(())
    }

    /// Looks at the size of the file now and then.
    fn look(&mut self, writer: &mut Writer) -> store::Result<()> {
        if self.looked_at.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(());
        }
        self.looked_at = Some(Instant::now());
        self.used(writer)?;
        Ok(())
    }

    /// Bytes that the data takes; what is free inside the file is given back when it is much.
    fn used(&mut self, writer: &mut Writer) -> store::Result<i64> {
        let (used, free) = writer.db.size()?;
        self.metrics.file_bytes.set((used + free).cast_unsigned());
        self.shrink |= free > SPARE_BYTES_MAX || (free > 0 && used + free > self.keep.bytes);
        self.over = used > self.keep.bytes;
        self.file_full.store(used > self.keep.bytes / 10 * 11, Ordering::Relaxed);
        Ok(used)
    }

    /// Brings one issue down to the number of events that it may keep. While reports arrive, only
    /// one that is a tenth above it: a few events cost as much to find as a hundred. While so many
    /// arrive that counts were gathered a moment ago, one that keeps twice as many: of an issue's
    /// oldest events each lies in a page of its own, and to write those takes longer than reports.
    fn crowded(&mut self, writer: &mut Writer, quiet: Quiet) -> store::Result<bool> {
        let most = self.keep.events_per_issue;
        let is_loaded = self.loaded_at.is_some_and(|at| at.elapsed() < LOAD_ENDS);
        let spare = if is_loaded { most } else { most / 10 };
        for (issue, kept) in writer.recorder.take_crowded() {
            let crowded = kept > most + spare;
            if crowded { &mut self.crowded } else { &mut self.full }.insert(issue);
        }
        let next = self.crowded.pop_first();
        let next = next.or_else(|| (quiet == Quiet::Yes).then(|| self.full.pop_first()).flatten());
        let Some(issue) = next else { return Ok(false) };
        let mut removed = Removed::default();
        writer.recorder.settle_issue(&mut writer.db, issue)?;
        if retention::trim_issue(&mut writer.db, issue, most, &mut removed)? {
            // What is to go may stand in a tail that is too long to be looked through.
            let found_some = removed.events > 0;
            if found_some { &mut self.crowded } else { &mut self.full }.insert(issue);
        }
        writer.recorder.forget_count(&mut writer.db, issue)?;
        self.metrics.events_removed_by_number.add(removed.events.cast_unsigned());
        self.thinned.extend(removed.issues);
        Ok(true)
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

    /// Goes on with the erasure of a project that a stop cut short.
    fn detached(&mut self, writer: &mut Writer) -> store::Result<bool> {
        let Some(project) = self.detached.last() else { return Ok(false) };
        // What is erased is overwritten, also when it takes two starts.
        writer.recorder.settle(&mut writer.db)?;
        writer.db.overwrite_deleted(true)?;
        let step = erase::project_step(&mut writer.db, *project);
        writer.db.overwrite_deleted(false)?;
        writer.recorder.forget_issues();
        if step?.done {
            self.detached.pop();
        }
        Ok(true)
    }

    fn round(&mut self, writer: &mut Writer, now: i64) -> store::Result<Round> {
        Ok(match self.round {
            Round::Age { after } => {
                let kept = now - self.keep.days * DAY_MS..=now;
                let mut removed = Removed::default();
                let next = retention::remove_oldest(&mut writer.db, after, kept, &mut removed)?;
                self.metrics.events_removed_by_age.add(removed.events.cast_unsigned());
                self.thinned.extend(removed.issues);
                match next {
                    Some(after) => Round::Age { after },
                    None => {
                        if runs::drop_old_memory(&mut writer.db, now)? {
                            writer.recorder.memory_runs_changed(&mut writer.db, &[])?;
                        }
                        Round::Size { after: 0 }
                    }
                }
            }
            Round::Size { after } => self.size(writer, after)?,
            Round::Days { after } => {
                let before = daily_before(now).div_euclid(counts::HOUR_MS);
                match counts::fold_days(&mut writer.db, before, after)? {
                    Some(after) => Round::Days { after },
                    None => {
                        counts::fold_project_days(&mut writer.db, before)?;
                        Round::Done
                    }
                }
            }
            Round::Done => Round::Done,
        })
    }

    /// Removes the oldest events while the file holds too much, and at last whole issues.
    fn size(&mut self, writer: &mut Writer, after: i64) -> store::Result<Round> {
        for _ in 0..STACKS_A_STEP {
            self.stacks(writer)?;
        }
        if !self.thinned.is_empty() {
            return Ok(Round::Size { after });
        }
        if self.used(writer)? <= self.keep.bytes {
            return Ok(Round::Days { after: 0 });
        }
        let mut removed = Removed::default();
        let next = retention::remove_oldest(&mut writer.db, after, NOTHING, &mut removed)?;
        self.metrics.events_removed_by_size.add(removed.events.cast_unsigned());
        self.thinned.extend(removed.issues);
        if let Some(after) = next {
            return Ok(Round::Size { after });
        }
        let mut gone = 0;
        let more = retention::remove_untouched_issue(&mut writer.db, &mut gone)?;
        self.metrics.issues_removed_by_size.add(gone.cast_unsigned());
        if gone > 0 {
            writer.recorder.forget_issues();
        }
        Ok(if more { Round::Size { after: i64::MAX } } else { Round::Days { after: 0 } })
    }
}
