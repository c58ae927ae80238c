//! A change as a whole or not at all, and what its caller is told if not.

use super::job::Refused;
use crate::store::engine::Engine;
use crate::store::{self, Writer};

/// Runs a change in a transaction; the second is whether the disk failed to confirm it.
pub(super) fn transaction<T>(
    writer: &mut Writer,
    change: impl FnOnce(&mut Writer) -> store::Result<T>,
) -> (Result<T, Refused>, bool) {
    let result = writer
        .db
        .begin()
        .and_then(|()| change(writer))
        .and_then(|value| writer.db.commit().map(|()| value));
    match result {
        Ok(value) => (Ok(value), false),
        Err(error) => {
            undo(writer);
            (Err(refused(&error)), matches!(error, store::Error::Sync(_)))
        }
    }
}

/// Takes back what was begun.
pub(super) fn undo(writer: &mut Writer) {
    writer.db.rollback();
    writer.happened.clear();
    if let Err(error) = writer.recorder.forget(&mut writer.db) {
        tracing::error!(%error, "the writer could not read the database again");
    }
}

/// What a caller is told about an error, which is logged.
pub(super) fn refused(error: &store::Error) -> Refused {
    tracing::error!(%error, "a transaction was undone");
    match error {
        store::Error::Full => Refused::DiskFull,
        store::Error::Unwritable(_) => Refused::Unwritable,
        store::Error::Sync(_) => Refused::Stopping,
        _ => Refused::Failed,
    }
}
