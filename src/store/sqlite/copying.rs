//! A copy that the writing connection makes of its database while it works, by SQLite's backup API.
//! What it commits meanwhile reaches the pages that are copied already.
//!
//! Invariant: the copy ends before either of its connections is closed.

use std::path::Path;
use std::ptr::NonNull;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{Sqlite, fault};
use crate::store::error::{Error, Result};

/// How far a copy is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Pages that stand in the copy. Fewer than before: it began anew.
    pub pages: u64,
    /// Pages that it will have, as far as is known.
    pub pages_total: u64,
    /// Whether it is whole.
    pub is_whole: bool,
}

/// A copy under way.
pub(super) struct Copying {
    /// Always there until it is dropped.
    backup: Option<Backup<'static, 'static>>,
    target: NonNull<Connection>,
}

#[allow(unsafe_code, reason = "the pointers are SQLite's, which one thread at a time uses")]
// SAFETY: it holds SQLite's handles, and a `Sqlite`, which owns it, serves one thread at a time.
unsafe impl Send for Copying {}

impl Copying {
    #[allow(unsafe_code, reason = "a copy lives as long as its connections, by the order of drops")]
    fn begin(from: &Connection, target: Connection) -> Result<Self> {
        let target = NonNull::from(Box::leak(Box::new(target)));
        // SAFETY: of `from` only SQLite's handle is kept, which does not move, and `Sqlite` drops
        // this before it. `target` is this value's own, freed behind the backup.
        let backup = unsafe {
            let from: &'static Connection = NonNull::from(from).as_ref();
            Backup::new(from, &mut *target.as_ptr())
        };
        let mut copying = Self { backup: None, target };
        copying.backup = Some(backup.map_err(|error| fault(&error))?);
        Ok(copying)
    }
}

impl Drop for Copying {
    #[allow(unsafe_code, reason = "gives back what `begin` leaked")]
    fn drop(&mut self) {
        self.backup = None;
        // SAFETY: it came out of a `Box`, and nothing else has it any more.
        drop(unsafe { Box::from_raw(self.target.as_ptr()) });
    }
}

impl Sqlite {
    /// Begins to copy the database into an empty file. A copy that is under way ends.
    pub fn begin_copy(&mut self, to: &Path) -> Result<()> {
        self.end_copy();
        let target = Connection::open(to).map_err(|error| fault(&error))?;
        // Half a copy is worth nothing, so nothing protects it: whoever began it syncs the whole.
        target
            .execute_batch(
                "pragma journal_mode = off; pragma synchronous = off; \
                 pragma locking_mode = exclusive;",
            )
            .map_err(|error| fault(&error))?;
        self.copying = Some(Copying::begin(self.connection(), target)?);
        Ok(())
    }

    /// Copies so many more pages; the copy ends when it is whole.
    pub fn copy_step(&mut self, pages: u32) -> Result<Copied> {
        let backup = self.copying.as_ref().and_then(|copying| copying.backup.as_ref());
        let Some(backup) = backup else {
            return Err(Error::Engine("no copy is under way".into()));
        };
        let step = backup.step(i32::try_from(pages).unwrap_or(i32::MAX));
        let step = step.map_err(|error| fault(&error))?;
        let progress = backup.progress();
        let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
        let pages_total = count(progress.pagecount);
        let is_whole = step == StepResult::Done;
        if is_whole {
            self.end_copy();
        }
        let left = count(progress.remaining);
        Ok(Copied { pages: pages_total.saturating_sub(left), pages_total, is_whole })
    }

    /// Ends a copy, whole or not.
    pub fn end_copy(&mut self) {
        self.copying = None;
    }

    /// Makes of a finished copy one file that stands by itself: a reader of it needs no log.
    pub fn settle_copy(path: &Path) -> Result<()> {
        let connection = Connection::open(path).map_err(|error| fault(&error))?;
        connection
            .execute_batch("pragma locking_mode = exclusive; pragma journal_mode = delete;")
            .map_err(|error| fault(&error))
    }
}
