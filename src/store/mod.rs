//! Storage: one SQLite file, one writing connection, readers of their own. Synchronous.
//!
//! Verbs are functions over [`engine::Engine`]; their statements stand in one file a subject and
//! are written once for every engine.

pub mod audit;
pub mod backup;
pub mod cache;
pub mod channels;
pub mod conditions;
pub mod counts;
pub mod cursor;
pub mod deploys;
pub mod encode;
pub mod engine;
pub mod erase;
pub mod error;
mod event_row;
pub mod events;
pub mod export;
pub mod filter;
pub mod history;
pub mod identities;
pub mod import;
pub mod invitations;
pub mod issues;
pub mod keys;
pub mod links;
pub mod listing;
pub mod marks;
pub mod migrate;
pub mod moves;
pub mod names;
mod narrow;
pub mod notices;
pub mod outbox;
pub mod passkeys;
pub mod people;
pub mod preview;
pub mod projects;
pub mod quick;
pub mod record;
pub mod removed;
pub mod restore;
pub mod retention;
pub mod rising;
pub mod rules;
pub mod runs;
pub mod seal;
pub mod sessions;
pub mod sqlite;
pub mod stats;
pub mod totp;
pub mod verify;
pub mod words;

#[cfg(test)]
pub(crate) mod tests;

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use engine::{Confirm, Engine};
pub use error::{Error, Result};
use record::Recorder;
use sqlite::Sqlite;

use crate::domain::happening::Happening;

/// The database's file name inside the data folder.
pub const FILE_NAME: &str = "log-center.db";
/// The file whose lock says that a program uses the folder.
pub const LOCK_NAME: &str = "log-center.lock";

/// The writing side: the one connection that changes anything, and what it remembers.
pub struct Writer {
    /// The connection.
    pub db: Sqlite,
    /// What it remembers of the database.
    pub recorder: Recorder,
    /// What the open transaction did that others want to know, in its order. Whoever commits takes
    /// it, whoever rolls back clears it.
    pub happened: Vec<Happening>,
    /// Whether something was undone since the recorder last read the database.
    pub is_behind: bool,
    place: Place,
    _lock: File,
}

impl Writer {
    /// From here on its commits do not wait for the disk; what confirms them.
    pub fn confirm_apart(&mut self) -> Result<Box<dyn Confirm>> {
        self.db.confirm_apart(self.place.path())
    }
}

/// Where the database is: what readers are opened with.
#[derive(Clone, Debug)]
pub struct Place(PathBuf);

impl Place {
    /// The database in a data folder.
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE_NAME))
    }

    /// Opens one more reading connection.
    pub fn reader(&self) -> Result<Sqlite> {
        Sqlite::open_reader(&self.0)
    }

    /// Opens the connection that moves the WAL beside the writer.
    pub fn checkpointer(&self) -> Result<Sqlite> {
        Sqlite::open_checkpointer(&self.0)
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Opens the folder for writing, creates what is missing and brings the schema up to date. The
/// error is one sentence for a person. `kept_max`: events that an issue keeps.
pub fn open(folder: &Path, kept_max: i64) -> std::result::Result<Writer, String> {
    open_locked(folder, lock(folder)?, kept_max)
}

/// As [`open`], a folder whose lock is held already.
pub fn open_locked(
    folder: &Path,
    lock: File,
    kept_max: i64,
) -> std::result::Result<Writer, String> {
    let shown = folder.display();
    let failed = |error: Error| match error {
        Error::Busy => format!(
            "The database in {shown} is locked by another program. End that one, or wait for it."
        ),
        error => format!("The database in {shown} cannot be opened: {error}."),
    };
    restore::settle(folder).map_err(failed)?;
    let place = Place::of(folder);
    if !place.path().exists() {
        // SQLite gives its other files the rights of this one.
        backup::create_file(place.path()).map_err(failed)?;
    }
    let mut db = Sqlite::open_writer(place.path()).map_err(failed)?;
    migrate::check(&mut db).map_err(failed)?;
    db.prepare_to_write().map_err(failed)?;
    migrate::migrate(&mut db).map_err(failed)?;
    let recorder = Recorder::open(&mut db, kept_max).map_err(failed)?;
    db.merge_log_at_end(true).map_err(failed)?;
    let (happened, is_behind) = (Vec::new(), false);
    let mut writer = Writer { db, recorder, happened, is_behind, place, _lock: lock };
    if settle(&mut writer).is_err() {
        // As on a full disk: it is counted when there is room; whoever writes says why not.
        writer.recorder.forget(&mut writer.db).map_err(failed)?;
    }
    Ok(writer)
}

/// Counts what a killed program left uncounted.
fn settle(writer: &mut Writer) -> Result<()> {
    if !writer.recorder.is_owing() {
        return Ok(());
    }
    writer.db.begin()?;
    let settled = writer.recorder.settle(&mut writer.db).and_then(|_| writer.db.commit());
    if settled.is_err() {
        writer.db.rollback();
    }
    settled
}

/// Takes a folder for this program alone, and creates it if it is missing. The error is one
/// sentence for a person.
pub fn lock(folder: &Path) -> std::result::Result<File, String> {
    let shown = folder.display();
    backup::create_folder(folder).map_err(|error| {
        format!("The data folder {shown} cannot be created: {error}. Choose another with --data.")
    })?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(LOCK_NAME))
        .map_err(|error| {
            format!(
                "The data folder {shown} cannot be written: {error}. Choose another with --data."
            )
        })?;
    lock.try_lock().map_err(|_| {
        format!("The data folder {shown} is in use by another Log Center. Stop it, or use --data.")
    })?;
    Ok(lock)
}
