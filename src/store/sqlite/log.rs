//! Confirms commits of the writer that did not wait for the disk, beside it.
//!
//! SQLite's commit with `synchronous=NORMAL` writes its frames to the log and leaves out the sync
//! that FULL makes behind them (<https://sqlite.org/pragma.html#pragma_synchronous>): here it is
//! made by another thread. Before a log is written anew, the checkpoint has synced all of it.

use std::fs::File;
use std::path::Path;

use crate::store::engine::Confirm;
use crate::store::error::{Error, Result};

/// The log of writes of an open database. SQLite holds no lock on this file that closing it here
/// could take away.
pub(super) struct Log(File);

impl Log {
    /// Opens the log of a database that is open, and makes sure of its name, which SQLite does at
    /// its first sync.
    pub(super) fn of(database: &Path) -> Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let log = File::options().read(true).write(true).open(path)?;
        if let Some(folder) = database.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self(log))
    }
}

impl Confirm for Log {
    fn confirm(&mut self) -> Result<()> {
        self.0.sync_data().map_err(|error| Error::Sync(error.to_string()))
    }
}
