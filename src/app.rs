//! What a running program is made of, for those who answer requests: reads beside the writer,
//! changes through it.

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use crate::config::Config;
use crate::domain::scrub::Scrubber;
use crate::ingest::{Ingest, Refused};
use crate::metrics::Metrics;
use crate::store::engine::Engine;
use crate::store::sqlite::Sqlite;
use crate::store::{self, Place, Writer};

/// Reads that run at once; each has a connection of about 2 MiB.
const READERS_MAX: usize = 4;

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
    readers: Arc<Readers>,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        metrics: Arc<Metrics>,
        scrubber: Scrubber,
        ingest: Ingest,
        place: Place,
    ) -> Self {
        let readers = Readers {
            place,
            permits: Arc::new(Semaphore::new(READERS_MAX)),
            idle: Mutex::new(Vec::new()),
        };
        Self { config, metrics, scrubber, ingest, readers: Arc::new(readers) }
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
        let readers = Arc::clone(&self.readers);
        let permit = Arc::clone(&readers.permits).acquire_owned().await;
        let task = tokio::task::spawn_blocking(move || {
            let result = readers.run(read);
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

/// Milliseconds since 1970 by the system's clock.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

struct Readers {
    place: Place,
    permits: Arc<Semaphore>,
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
