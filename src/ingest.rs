//! The queue and the one thread that writes: it takes what waits, records it in one transaction,
//! commits, and hands it to the thread that answers once the disk has it.
//!
//! Invariants: an answer follows the commit and the disk's confirmation; the queue is bounded in
//! reports and in bytes; after a write that the disk did not confirm nothing is written any more.

mod changing;
mod confirming;
mod disk;
mod ending;
mod job;
mod transaction;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use confirming::Confirming;
pub use disk::free_bytes;
use disk::{Disk, Room};
use job::{Job, answer, prepared, refuse, since};
pub use job::{Limits, Refused};
use transaction::{catch_up, refused, undo};

use crate::live::Live;
use crate::metrics::Metrics;
use crate::store::encode::Prepared;
use crate::store::engine::{Checkpoint, Confirm, Engine};
use crate::store::record::Recorded;
use crate::store::{self, Writer, import, marks};

/// Reports of one transaction at most: from 512 on, `synchronous=FULL` costs as much as NORMAL.
const GROUP_MAX: usize = 1_024;
/// Reports of a group from which on the counts of known issues are gathered over several groups,
/// small ones among them too: what is owed is written when nothing comes or somebody reads.
const GATHER_FROM: usize = 16;

#[derive(Debug)]
struct Shared {
    reports: AtomicUsize,
    bytes: AtomicUsize,
    stopping: AtomicBool,
    /// Nothing can be trusted any more: the program must end.
    broken: Arc<AtomicBool>,
    disk_low: AtomicBool,
    /// Why the last write failed; the next one is tried all the same.
    failing: Mutex<Option<Refused>>,
    file_full: Arc<AtomicBool>,
    /// Whether rows of issues count less than was answered.
    owing: AtomicBool,
    /// Whether an import is under way, to which all numbers belong.
    importing: AtomicBool,
    limits: Limits,
    metrics: Arc<Metrics>,
    live: Arc<Live>,
}

/// The way in: cheap to clone.
#[derive(Clone, Debug)]
pub struct Ingest {
    sender: Sender<Job>,
    shared: Arc<Shared>,
}

/// Work between groups, in small steps. It is told whether nothing was written since the last one,
/// and says how long it wants to wait, unless something is written.
pub type Chore = Box<dyn FnMut(&mut Writer, Quiet) -> store::Result<Duration> + Send>;

/// Whether a chore has time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing was written since the last step.
    Yes,
    /// Somebody may be waiting for the writer.
    No,
}

/// What the thread needs to start.
pub struct Start {
    /// The writing side of the store, whose commits do not wait for the disk.
    pub writer: Writer,
    /// What confirms them: [`Writer::confirm_apart`].
    pub confirm: Box<dyn Confirm>,
    /// The folder whose disk is watched.
    pub folder: PathBuf,
    /// Bounds of the queue.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who is told what was committed.
    pub live: Arc<Live>,
    /// Whether the file is so far above its size that nothing more is accepted; the chores tell.
    pub file_full: Arc<AtomicBool>,
    /// What runs between groups.
    pub chore: Chore,
    /// Called once, with a sentence, when nothing can be trusted any more: the program must end.
    pub on_broken: OnBroken,
}

/// Told why nothing can be trusted any more.
pub type OnBroken = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Starts the writing thread.
pub fn start(mut start: Start) -> (Ingest, std::thread::JoinHandle<()>) {
    let (sender, receiver) = channel();
    // A database that cannot even be read says so at the first write.
    let import = import::progress(&mut start.writer.db).unwrap_or_default();
    let shared = Arc::new(Shared {
        reports: AtomicUsize::new(0),
        bytes: AtomicUsize::new(0),
        stopping: AtomicBool::new(false),
        broken: Arc::default(),
        disk_low: AtomicBool::new(false),
        failing: Mutex::new(None),
        file_full: start.file_full,
        owing: AtomicBool::new(start.writer.recorder.is_owing()),
        importing: AtomicBool::new(import.state.is_open()),
        limits: start.limits,
        metrics: Arc::clone(&start.metrics),
        live: start.live,
    });
    start.metrics.queue_reports_max.set(start.limits.reports as u64);
    start.metrics.queue_bytes_max.set(start.limits.bytes as u64);
    let ingest = Ingest { sender, shared: Arc::clone(&shared) };
    let ended = Arc::clone(&shared);
    let told = Arc::clone(&start.on_broken);
    let on_panic = move || told(ending::PANICKED);
    let confirming = Confirming::start(start.confirm, Arc::clone(&shared.broken), on_panic);
    let mut thread = Thread {
        receiver,
        shared,
        confirming,
        writer: start.writer,
        disk: Disk::new(start.folder),
        chore: start.chore,
        on_broken: Arc::clone(&start.on_broken),
        why_broken: ending::UNCONFIRMED,
    };
    thread.watch_disk();
    let handle = std::thread::Builder::new()
        .name("writer".into())
        .spawn(move || {
            // What it left half done is rolled back by the database; the process must not go on.
            if catch_unwind(AssertUnwindSafe(|| thread.run())).is_err() {
                ended.broken.store(true, Ordering::Relaxed);
                (start.on_broken)(ending::PANICKED);
            }
        })
        .expect("the system can start one more thread");
    (ingest, handle)
}

impl Ingest {
    /// Records one report; answers after the commit.
    pub async fn report(&self, report: Prepared) -> Result<Recorded, Refused> {
        self.enter(1, report.bytes())?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::One(Box::new(report), Instant::now(), reply))?;
        answer.await.unwrap_or(Err(Refused::Stopping))
    }

    /// Records several reports in one transaction; one answer each, in order.
    pub async fn batch(&self, reports: Vec<Prepared>) -> Result<Vec<Recorded>, Refused> {
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        self.enter(reports.len(), reports.iter().map(Prepared::bytes).sum())?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Many(reports, Instant::now(), reply))?;
        answer.await.unwrap_or(Err(Refused::Stopping))
    }

    /// Why nothing can be stored now; `None` when it can.
    pub fn refusal(&self) -> Option<Refused> {
        let shared = &self.shared;
        if shared.stopping.load(Ordering::Relaxed) || shared.broken.load(Ordering::Relaxed) {
            return Some(Refused::Stopping);
        }
        if shared.disk_low.load(Ordering::Relaxed) {
            return Some(Refused::DiskFull);
        }
        shared.file_full.load(Ordering::Relaxed).then_some(Refused::FileFull)
    }

    /// Why reports are not stored, as far as is known: what stops them, or a last one that failed.
    pub fn trouble(&self) -> Option<Refused> {
        let importing = self.is_importing().then_some(Refused::Importing);
        self.refusal().or(importing).or(*self.shared.failing())
    }

    /// Whether reports and changes wait for the end of an import.
    pub fn is_importing(&self) -> bool {
        self.shared.importing.load(Ordering::Relaxed)
    }

    /// Lets them wait, or no more. To be told by the writer, in the order of its changes.
    pub fn set_importing(&self, importing: bool) {
        self.shared.importing.store(importing, Ordering::Relaxed);
    }

    /// Takes no more, and ends the thread when all that waits is written.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        // Without a receiver the thread has ended already.
        let _ended = self.sender.send(Job::Stop);
    }

    /// Ends the program as after an unconfirmed write: another connection has met one.
    pub fn end_unconfirmed(&self) {
        self.shared.broken.store(true, Ordering::Relaxed);
        // Wakes the thread; without a receiver it has ended already.
        let _ended = self.sender.send(Job::Stop);
    }

    fn enter(&self, reports: usize, bytes: usize) -> Result<(), Refused> {
        if let Some(refused) = self.refusal() {
            return Err(refused);
        }
        let shared = &self.shared;
        let waiting = shared.reports.fetch_add(reports, Ordering::Relaxed) + reports;
        let held = shared.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if waiting > shared.limits.reports || held > shared.limits.bytes {
            shared.leave(reports, bytes);
            return Err(Refused::QueueFull);
        }
        Ok(())
    }

    fn send(&self, job: Job) -> Result<(), Refused> {
        self.sender.send(job).map_err(|_| Refused::Stopping)
    }
}

impl Shared {
    fn failing(&self) -> MutexGuard<'_, Option<Refused>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, reports: usize, bytes: usize) {
        let waiting = self.reports.fetch_sub(reports, Ordering::Relaxed) - reports;
        let held = self.bytes.fetch_sub(bytes, Ordering::Relaxed) - bytes;
        self.metrics.queue_reports.set(waiting as u64);
        self.metrics.queue_bytes.set(held as u64);
    }
}

/// What a group holds of the queue, and since when it is written.
#[derive(Clone, Copy)]
struct Held {
    reports: usize,
    bytes: usize,
    since: Instant,
}

struct Thread {
    receiver: Receiver<Job>,
    shared: Arc<Shared>,
    confirming: Confirming,
    writer: Writer,
    chore: Chore,
    on_broken: OnBroken,
    why_broken: &'static str,
    disk: Disk,
}

impl Thread {
    fn run(mut self) {
        let mut chore_at = Instant::now();
        loop {
            let wait = chore_at.saturating_duration_since(Instant::now()).min(disk::LOOK_EVERY);
            let (more, quiet) = match self.receiver.recv_timeout(wait) {
                Ok(job) => (self.take(job), Quiet::No),
                Err(RecvTimeoutError::Timeout) => {
                    self.try_again();
                    (true, Quiet::Yes)
                }
                Err(RecvTimeoutError::Disconnected) => (false, Quiet::No),
            };
            self.watch_disk();
            if self.is_broken() {
                return self.end_broken();
            }
            if !more {
                break;
            }
            if quiet == Quiet::No || Instant::now() >= chore_at {
                chore_at = Instant::now() + self.chore(quiet);
            }
        }
        self.confirming.end();
        if self.is_broken() {
            return self.end_broken();
        }
        let settled =
            transaction::run(&mut self.writer, |Writer { db, recorder, .. }| recorder.settle(db));
        match settled.and_then(|_| self.writer.db.checkpoint(Checkpoint::Whole)) {
            Ok(_) => {}
            Err(store::Error::Sync(_)) => self.end_broken(),
            Err(error) => tracing::warn!(%error, "the log of writes could not be moved"),
        }
    }

    /// Whether nothing may be written any more.
    fn is_broken(&self) -> bool {
        self.shared.broken.load(Ordering::Relaxed)
    }

    /// Writes a job and all that waits behind it; `false` after the last.
    fn take(&mut self, first: Job) -> bool {
        let (mut group, mut size, mut next) = (Vec::new(), 0, Some(first));
        let mut more = true;
        while let Some(job) = next {
            size += job.reports();
            match job {
                Job::Stop => {
                    // What entered before it is in front of it, or is refused by its sender.
                    more = false;
                }
                Job::Change(change) => {
                    self.record(std::mem::take(&mut group));
                    size = 0;
                    if self.is_broken() {
                        // Who waits for it is told so by its end.
                        break;
                    }
                    let made = change(&mut self.writer);
                    if made.is_broken {
                        self.shared.broken.store(true, Ordering::Relaxed);
                    }
                    if let Some(done) = made.done {
                        self.confirming.hand(done);
                    }
                    let owing = self.writer.recorder.is_owing();
                    self.shared.owing.store(owing, Ordering::Relaxed);
                }
                reports => group.push(reports),
            }
            next = if size < GROUP_MAX { self.receiver.try_recv().ok() } else { None };
        }
        self.record(group);
        more
    }

    fn record(&mut self, group: Vec<Job>) {
        if group.is_empty() {
            return;
        }
        self.watch_disk();
        for since in group.iter().filter_map(since) {
            self.shared.metrics.stages.wait.add(since.elapsed());
        }
        let reports: Vec<&Prepared> = group.iter().flat_map(prepared).collect();
        let held = Held {
            reports: reports.len(),
            bytes: reports.iter().map(|one| one.bytes()).sum(),
            since: Instant::now(),
        };
        if self.is_broken() {
            drop(reports);
            return self.refuse(group, held, Refused::Stopping);
        }
        let importing = self.shared.importing.load(Ordering::Relaxed);
        let outcome = match self.shared.disk_low.load(Ordering::Relaxed) {
            _ if importing => Ok(Vec::new()),
            true => Err(store::Error::Full),
            false => self.write(&reports),
        };
        drop(reports);
        let error = match outcome {
            Ok(_) if importing => return self.refuse(group, held, Refused::Importing),
            Ok(recorded) => return self.answer(group, recorded, held),
            Err(error) => error,
        };
        // One report that the database refuses must not spoil its neighbours.
        if matches!(error, store::Error::Engine(_) | store::Error::Damaged(_)) && group.len() > 1 {
            return group.into_iter().for_each(|job| self.record(vec![job]));
        }
        if matches!(error, store::Error::Sync(_)) {
            self.shared.broken.store(true, Ordering::Relaxed);
        }
        *self.shared.failing() = transaction::lasting(&error);
        // A full disk is no fault inside: it is told by its own name.
        if error != store::Error::Full {
            self.shared.metrics.mishaps.add("write", None);
        }
        self.refuse(group, held, refused(&error));
    }

    /// Refuses a group that is not written.
    fn refuse(&self, group: Vec<Job>, held: Held, why: Refused) {
        self.shared.leave(held.reports, held.bytes);
        refuse(group, why);
    }

    fn write(&mut self, reports: &[&Prepared]) -> store::Result<Vec<Recorded>> {
        let recorded = transaction::run(&mut self.writer, |writer| {
            let Writer { db, recorder, happened, .. } = writer;
            let gathers = reports.len() >= GATHER_FROM || recorder.is_owing();
            if !gathers || recorder.is_full() {
                return recorder.record(db, reports, happened);
            }
            recorder.gather(db, reports, happened)
        })?;
        self.shared.owing.store(self.writer.recorder.is_owing(), Ordering::Relaxed);
        *self.shared.failing() = None;
        Ok(recorded)
    }

    /// Has a group answered that was committed.
    fn answer(&mut self, group: Vec<Job>, recorded: Vec<Recorded>, held: Held) {
        let mut happened = std::mem::take(&mut self.writer.happened);
        let shared = Arc::clone(&self.shared);
        self.confirming.hand(Box::new(move |is_confirmed| {
            shared.leave(held.reports, held.bytes);
            if !is_confirmed {
                return refuse(group, Refused::Stopping);
            }
            shared.metrics.commit(held.reports as u64, held.since.elapsed());
            shared.live.tell(&mut happened);
            answer(group, recorded);
        }));
    }

    /// After a write failed: whether the next one would, so that who sends nothing to a server that
    /// cannot store comes back.
    fn try_again(&mut self) {
        if self.shared.failing().is_none() {
            return;
        }
        let tried = transaction::run(&mut self.writer, |writer| marks::touch(&mut writer.db));
        *self.shared.failing() = tried.as_ref().err().and_then(transaction::lasting);
        if matches!(tried, Err(store::Error::Sync(_))) {
            self.shared.broken.store(true, Ordering::Relaxed);
        }
    }

    fn watch_disk(&mut self) {
        let Some(room) = self.disk.look() else { return };
        self.shared.metrics.disk_free_bytes.set(self.disk.free_bytes());
        self.shared.metrics.disk_floor_bytes.set(disk::FLOOR_BYTES);
        self.shared.disk_low.store(room == Room::Low, Ordering::Relaxed);
        if room == Room::Gone {
            self.why_broken = ending::GONE;
            self.shared.broken.store(true, Ordering::Relaxed);
        }
    }

    /// One step of the chores; how long nothing is to do then.
    fn chore(&mut self, quiet: Quiet) -> Duration {
        let began = Instant::now();
        let outcome =
            catch_up(&mut self.writer).and_then(|()| (self.chore)(&mut self.writer, quiet));
        self.shared.owing.store(self.writer.recorder.is_owing(), Ordering::Relaxed);
        self.shared.metrics.chores.add(began.elapsed());
        match outcome {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(%error, "a chore was undone");
                if error != store::Error::Full {
                    self.shared.metrics.mishaps.add("upkeep", None);
                }
                if matches!(undo(&mut self.writer, error), store::Error::Sync(_)) {
                    self.shared.broken.store(true, Ordering::Relaxed);
                    return Duration::ZERO;
                }
                Duration::from_secs(1)
            }
        }
    }

    /// Answers all that waits and lets the program end: a later write could seem to succeed where
    /// this one did not.
    fn end_broken(mut self) {
        self.confirming.end();
        tracing::error!("{}", self.why_broken);
        while let Ok(job) = self.receiver.try_recv() {
            refuse(vec![job], Refused::Stopping);
        }
        (self.on_broken)(self.why_broken);
    }
}

#[cfg(test)]
mod tests;
