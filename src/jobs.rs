//! What runs between groups and by the clock: indexing words, merging keys, retention, giving space
//! back, copying for a backup, moving the WAL. Each turn is one short transaction of the writer.

pub mod backup;
mod clock;
mod keys;
mod space;
mod totals;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::ingest::{Ingest, Quiet};
use crate::metrics::Metrics;
use crate::store::engine::{Checkpoint, Engine};
use crate::store::{self, Place, Writer, words};
use backup::{Backups, Copier};
use clock::Clock;
use keys::Keys;
use space::Space;
use totals::Totals;

/// Issues that one turn indexes: about 2 ms.
const WORDS_A_TURN: i64 = 16;
/// Steps that a turn adds at most while keys are behind: 2 ms each.
const KEYS_STEPS_MORE: usize = 15;
/// How long a turn goes on making space: as long as a small group takes.
const SPACE_TIME: Duration = Duration::from_millis(5);
/// The same while the file is above its size: then removing must outrun what arrives.
const SPACE_TIME_OVER: Duration = Duration::from_millis(25);
/// After a turn reports have the writer for this many times as long as it took.
const LOAD_PAUSE: u32 = 4;
/// How long a turn goes on copying for a backup while nothing can be written.
const COPY_TIME_FAILING: Duration = Duration::from_millis(500);
/// The log of writes above which the writer stops for a moment to start it anew.
const WAL_BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// How long the log of writes grows on after a reader that is not ours kept it from starting anew.
const RESTART_PAUSE: Duration = Duration::from_secs(30);
/// The log of writes that may stay when nothing is written.
const WAL_BYTES_QUIET: u64 = 4 * 1_024 * 1_024;
/// How long nothing was written when it is quiet.
const QUIET_AFTER: Duration = Duration::from_secs(1);
/// How long the rows of issues may count less than there is while nobody reads them.
const SETTLE_EVERY: Duration = Duration::from_secs(1);
/// How often the WAL is moved into the file.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(200);

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

/// Held while the log of writes is moved beside the writer, who would have to wait for it.
pub type Moving = Arc<Mutex<()>>;

/// The state of all chores.
pub struct Chores {
    moving: Moving,
    metrics: Arc<Metrics>,
    clock: Clock,
    keys: Keys,
    space: Space,
    totals: Totals,
    copier: Option<Copier>,
    /// When the next turn is due while reports arrive.
    next: Instant,
    /// When the log of writes may be started anew.
    restart: Instant,
    /// When the rows of issues are to count everything at the latest.
    settle: Instant,
}

impl Chores {
    /// Nothing begun yet. `file_full` is told whether the file is so far above its size that
    /// nothing more is accepted.
    pub fn new(
        keep: Keep,
        now: fn() -> i64,
        metrics: Arc<Metrics>,
        file_full: Arc<AtomicBool>,
    ) -> Self {
        let space = Space::new(keep, Arc::clone(&metrics), file_full);
        let (clock, totals) = (Clock::new(now), Totals::new(Arc::clone(&metrics), now));
        Self {
            moving: Moving::default(),
            metrics,
            clock,
            keys: Keys::new(),
            space,
            totals,
            copier: None,
            next: Instant::now(),
            restart: Instant::now(),
            settle: Instant::now(),
        }
    }

    /// What [`checkpoints`] holds.
    pub fn moving(&self) -> Moving {
        Arc::clone(&self.moving)
    }

    /// Makes backups too.
    pub fn with_backups(self, backups: Arc<Backups>) -> Self {
        Self { copier: Some(Copier::new(backups)), ..self }
    }

    /// One turn of every kind of chore; how long nothing is to do then. Each kind has its turn, so
    /// that constant load keeps none of them from going on. While reports arrive, chores take a
    /// fifth of the writer's time, unless they fall behind.
    pub fn step(&mut self, writer: &mut Writer, quiet: Quiet) -> store::Result<Duration> {
        self.start_log_anew(writer)?;
        let began = Instant::now();
        let pause = self.next.saturating_duration_since(began);
        let behind = self.space.is_over() || self.keys.behind(writer) > 0;
        if quiet == Quiet::No && !behind && !pause.is_zero() {
            return Ok(pause);
        }
        // Nobody waits until the disk has confirmed it, and what a power cut undoes is done again.
        let busy = self.transaction(writer, quiet);
        // Behind the transaction: what is undone would make the copy begin anew. And also when it
        // failed: of a disk that takes no writes a backup is wanted most.
        let until = Instant::now() + if busy.is_err() { COPY_TIME_FAILING } else { Duration::ZERO };
        let mut copy = || self.copier.as_mut().is_some_and(|copier| copier.step(&mut writer.db));
        let mut copied = copy();
        while copied && Instant::now() < until {
            copied = copy();
        }
        let busy = busy? | copied;
        self.next = Instant::now() + began.elapsed() * LOAD_PAUSE;
        if busy {
            return Ok(Duration::ZERO);
        }
        let rest = self.space.rest();
        if self.metrics.wal_bytes.value() <= WAL_BYTES_QUIET {
            return Ok(rest);
        }
        if quiet == Quiet::Yes {
            match writer.db.checkpoint(Checkpoint::Whole) {
                Ok(_) => self.metrics.wal_bytes.set(0),
                Err(store::Error::Busy) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rest.min(QUIET_AFTER))
    }

    /// Starts the log of writes anew when it is long. Readers of this program end within a second;
    /// another's may take longer, and the writer must not wait for it each time.
    fn start_log_anew(&mut self, writer: &mut Writer) -> store::Result<()> {
        let wal_bytes = &self.metrics.wal_bytes;
        if wal_bytes.value() <= WAL_BYTES_MAX || Instant::now() < self.restart {
            return Ok(());
        }
        // It is moved just now, and the next turn comes soon.
        let Ok(_held) = self.moving.try_lock() else { return Ok(()) };
        match writer.db.checkpoint(Checkpoint::Restart) {
            Ok(_) => wal_bytes.set(0),
            Err(store::Error::Busy) => {
                tracing::warn!("another program reads the database: its log of writes grows");
                self.restart = Instant::now() + RESTART_PAUSE;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn transaction(&mut self, writer: &mut Writer, quiet: Quiet) -> store::Result<bool> {
        writer.db.begin()?;
        let turned = match self.turn(writer, quiet) {
            Ok(true) => writer.db.commit().map(|()| true),
            other => {
                writer.db.rollback();
                other
            }
        };
        if turned.is_err() {
            self.totals.skip();
            self.clock.begin_anew();
        }
        turned
    }

    fn turn(&mut self, writer: &mut Writer, quiet: Quiet) -> store::Result<bool> {
        let now = self.clock.now(&mut writer.db)?;
        let mut busy = self.clock.keep(&mut writer.db, now)?;
        if quiet == Quiet::Yes || Instant::now() >= self.settle {
            busy |= writer.recorder.settle(&mut writer.db)?;
            self.settle = Instant::now() + SETTLE_EVERY;
        }
        busy |= words::index_waiting(&mut writer.db, WORDS_A_TURN)? > 0;
        // The further behind, the more at once: under whatever load the tail ends somewhere.
        for _ in 0..=self.keys.behind(writer).min(KEYS_STEPS_MORE) {
            let more = self.keys.step(writer, now)?;
            busy |= more;
            if !more {
                break;
            }
        }
        let time = if self.space.is_over() { SPACE_TIME_OVER } else { SPACE_TIME };
        let until = Instant::now() + time;
        while self.space.step(writer, quiet, now)? {
            busy = true;
            if Instant::now() >= until {
                break;
            }
        }
        self.totals.add(&mut writer.db)?;
        Ok(busy)
    }
}

/// Moves the WAL into the file beside the writer, until `stop`. A write that the disk does not
/// confirm ends it and the whole program: it is never tried again.
pub fn checkpoints(
    place: &Place,
    metrics: &Metrics,
    stop: &AtomicBool,
    ingest: &Ingest,
    moving: &Moving,
) {
    let mut log = place.path().as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    let (mut seen, mut failing) = (None, false);
    let Ok(mut db) = place.checkpointer() else { return };
    while !stop.load(Ordering::Relaxed) {
        std::thread::park_timeout(CHECKPOINT_EVERY);
        let changed = std::fs::metadata(&log).and_then(|file| file.modified()).ok();
        if changed == seen {
            continue;
        }
        let moved = {
            let _held = moving.lock();
            db.checkpoint(Checkpoint::Beside)
        };
        match moved {
            Ok(bytes) => {
                metrics.wal_bytes.set(bytes.cast_unsigned());
                (seen, failing) = (changed, false);
            }
            Err(store::Error::Busy) => {}
            Err(store::Error::Sync(_)) => return ingest.end_unconfirmed(),
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "the log of writes cannot be moved");
                }
                failing = true;
            }
        }
    }
}
