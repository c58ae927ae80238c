//! What a running program is made of, for those who answer requests: reads beside the writer,
//! changes through it.

pub mod acme;
pub mod panics;
pub mod rates;
pub mod source;
pub mod trust;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rates::Rates;
use tokio::sync::Semaphore;
use trust::Trust;

use crate::config::Config;
use crate::domain::report::Report;
use crate::domain::scrub::Scrubber;
use crate::ingest::{Ingest, Refused};
use crate::intake::{Intake, RecentErrors};
use crate::jobs::backup::Backups;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::store::encode::{Prepared, RecentStacks};
use crate::store::engine::{Checkpoint, Engine};
use crate::store::erase::{Erased, Step};
use crate::store::seal::Keyring;
use crate::store::sqlite::Sqlite;
use crate::store::{self, Place, Writer};

/// Reads that run at once; each has a connection of about 2 MiB.
const READERS_MAX: usize = 4;

/// Pages given back in one transaction after an erasure: 2 MiB.
const SHRINK_PAGES: i64 = 256;

/// How long it is tried to empty the log of writes after an erasure, and the pause between tries.
const LOG_TIME_MAX: Duration = Duration::from_secs(5);
const LOG_PAUSE: Duration = Duration::from_millis(50);

/// Why a read or a change did not happen.
#[derive(Debug)]
pub enum Failure {
    /// The writer took nothing.
    Refused(Refused),
    /// The database failed.
    Store(store::Error),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Everything that a handler may use.
#[derive(Debug)]
pub struct App {
    /// What the operator chose.
    pub config: Config,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is secret.
    pub scrubber: Scrubber,
    /// The way in.
    pub ingest: Ingest,
    /// What listeners are told.
    pub live: Arc<Live>,
    /// How often reports may come.
    pub rates: Rates,
    /// When it started, in milliseconds since 1970.
    pub started_at: i64,
    /// Backups that are made, and that are there.
    pub backups: Arc<Backups>,
    /// Who is let in.
    pub trust: Trust,
    /// Notifications' way out.
    pub notifier: Arc<Notifier>,
    shown: Mutex<Option<acme::Shown>>,
    recent_errors: RecentErrors,
    keyring: Keyring,
    stacks: RecentStacks,
    readers: Arc<Readers>,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        metrics: Arc<Metrics>,
        ingest: Ingest,
        live: Arc<Live>,
        backups: Arc<Backups>,
        place: Place,
    ) -> Self {
        let notifier = Notifier::new(&config, &place, ingest.clone(), Arc::clone(&metrics));
        let keyring = Keyring::of(place.path().parent().unwrap_or(place.path()));
        let readers = Readers {
            place,
            permits: Arc::new(Semaphore::new(READERS_MAX)),
            searches: Semaphore::new(READERS_MAX / 2),
            idle: Mutex::new(Vec::new()),
        };
        Self {
            rates: Rates::new(&config),
            started_at: now(),
            scrubber: Scrubber::new(&config.scrub_key, &config.keep_key),
            config,
            metrics,
            recent_errors: RecentErrors::default(),
            stacks: RecentStacks::default(),
            ingest,
            live,
            backups,
            trust: Trust::default(),
            shown: Mutex::default(),
            notifier,
            keyring,
            readers: Arc::new(readers),
        }
    }

    /// What reads reports that came just now.
    pub fn intake(&self) -> Intake<'_> {
        Intake { scrubber: &self.scrubber, recent: &self.recent_errors, now: self.now() }
    }

    /// Packs a report for the queue.
    pub fn prepare(&self, report: Report) -> Prepared {
        let prepared = Prepared::new(report, &self.stacks);
        let cache = &self.metrics.stack_cache;
        if prepared.stack.was_known() { &cache.hits } else { &cache.misses }.add(1);
        prepared
    }

    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        now()
    }

    /// Reads in one snapshot that holds everything answered before. A read that takes longer than
    /// a second is ended.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Engine) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.ingest.settle().await;
        self.read_events(read).await
    }

    /// As [`Self::read`]. A search may take its whole second: half of the readers do no such thing,
    /// so that others do not wait for it.
    pub async fn read_list<T: Send + 'static>(
        &self,
        is_search: bool,
        read: impl FnOnce(&mut dyn Engine) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        // A semaphore that nobody closes gives every permit at last.
        let _turn = if is_search { self.readers.searches.acquire().await.ok() } else { None };
        self.read(read).await
    }

    /// As [`Self::read`], but of issues it may count less: for what needs events and the hours of
    /// projects alone, and does not wait for the writer.
    pub async fn read_events<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Engine) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let readers = Arc::clone(&self.readers);
        let permit = Arc::clone(&readers.permits).acquire_owned().await;
        let metrics = Arc::clone(&self.metrics);
        let task = tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let result = readers.run(read);
            metrics.reads.add(began.elapsed());
            metrics.reads_ended.add(u64::from(matches!(result, Err(store::Error::Interrupted))));
            drop(permit);
            result
        });
        match task.await {
            Ok(result) => result.map_err(Failure::Store),
            Err(error) => Err(Failure::Store(store::Error::Engine(error.to_string()))),
        }
    }

    /// Changes in a transaction of the writer; answers after the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.ingest.write(change).await.map_err(Failure::Refused)
    }
}

impl App {
    /// Erases step by step until done, overwrites what was there and gives the space back; how much
    /// was erased, or `None` if there is no such thing. Goes on when its caller is gone.
    pub async fn erase(
        &self,
        step: impl Fn(&mut Writer) -> store::Result<Option<Step>> + Clone + Send + Sync + 'static,
    ) -> Result<Option<Erased>, Failure> {
        let (ingest, live) = (self.ingest.clone(), Arc::clone(&self.live));
        let task = tokio::spawn(erase_all(ingest, live, step));
        task.await.unwrap_or(Err(Failure::Refused(Refused::Failed)))
    }
}

async fn erase_all(
    ingest: Ingest,
    live: Arc<Live>,
    step: impl Fn(&mut Writer) -> store::Result<Option<Step>> + Clone + Send + Sync + 'static,
) -> Result<Option<Erased>, Failure> {
    let mut sum: Option<Erased> = None;
    loop {
        let step = step.clone();
        let one = ingest.erase(move |writer| erase_step(writer, &step)).await?;
        let Some(one) = one else { break };
        let before = sum.unwrap_or_default();
        sum = Some(Erased {
            issues: before.issues + one.erased.issues,
            events: before.events + one.erased.events,
        });
        if one.done {
            break;
        }
    }
    if sum.is_some() {
        live.forget();
        while ingest.erase(|writer| writer.db.shrink(SHRINK_PAGES)).await? {}
        empty_log(&ingest).await?;
    }
    Ok(sum)
}

/// Empties the log of writes, in which what was erased still stands. A reader may be in the way for
/// a second.
async fn empty_log(ingest: &Ingest) -> Result<(), Failure> {
    let until = Instant::now() + LOG_TIME_MAX;
    while Instant::now() < until {
        let empty = ingest.maintain(|writer| match writer.db.checkpoint(Checkpoint::Whole) {
            Ok(_) => Ok(true),
            Err(store::Error::Busy) => Ok(false),
            Err(error) => Err(error),
        });
        if empty.await? {
            return Ok(());
        }
        tokio::time::sleep(LOG_PAUSE).await;
    }
    tracing::warn!("erased text may stand in the log of writes until it is written anew");
    Ok(())
}

fn erase_step(
    writer: &mut Writer,
    step: &impl Fn(&mut Writer) -> store::Result<Option<Step>>,
) -> store::Result<Option<Step>> {
    writer.db.overwrite_deleted(true)?;
    let done = step(writer);
    writer.db.overwrite_deleted(false)?;
    let done = done?;
    // In the same transaction: a report behind this step must not lean on what is gone.
    writer.recorder.forget_issues();
    if done.is_none_or(|step| step.done) {
        writer.recorder.forget(&mut writer.db)?;
    }
    Ok(done)
}

/// Milliseconds since 1970 by the system's clock.
pub fn now() -> i64 {
    crate::metrics::now()
}

struct Readers {
    place: Place,
    permits: Arc<Semaphore>,
    searches: Semaphore,
    idle: Mutex<Vec<Sqlite>>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Readers").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Readers {
    fn run<T>(&self, read: impl FnOnce(&mut dyn Engine) -> store::Result<T>) -> store::Result<T> {
        let idle = self.idle.lock().map(|mut idle| idle.pop()).unwrap_or_default();
        let mut db = match idle {
            Some(db) => db,
            None => self.place.reader()?,
        };
        db.start_reading();
        db.begin()?;
        let result = read(&mut db);
        db.rollback();
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(db);
        }
        result
    }
}
