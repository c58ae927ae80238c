//! A change as a whole or not at all, and what its caller is told if not.

use super::job::Refused;
use crate::store::engine::Engine;
use crate::store::{self, Writer};

/// Runs a change in a transaction. After an error nothing of it is there.
pub(super) fn run<T>(
    writer: &mut Writer,
    change: impl FnOnce(&mut Writer) -> store::Result<T>,
) -> store::Result<T> {
    catch_up(writer)?;
    let committed = writer
        .db
        .begin()
        .and_then(|()| change(writer))
        .and_then(|value| writer.db.commit().map(|()| value))
        .map_err(|error| undo(writer, error));
    writer.recorder.outbox.ring();
    committed
}

/// Makes a change in rows that count everything, also what the change itself reports. How issues
/// stood before is forgotten.
pub(super) fn settled<T>(
    writer: &mut Writer,
    change: impl FnOnce(&mut Writer) -> store::Result<T>,
) -> store::Result<T> {
    writer.recorder.settle(&mut writer.db)?;
    let changed = change(writer)?;
    writer.recorder.settle(&mut writer.db)?;
    writer.recorder.forget_counts();
    Ok(changed)
}

/// Takes back what was begun; the error that tells most.
pub(super) fn undo(writer: &mut Writer, error: store::Error) -> store::Error {
    writer.db.rollback();
    writer.happened.clear();
    writer.is_behind = true;
    match (catch_up(writer), &error) {
        (Ok(()), _) | (_, store::Error::Sync(_)) => error,
        (Err(unreadable), _) => unreadable,
    }
}

/// Reads again what the writer remembers, after something was undone. While that fails nothing is
/// written: it may remember what is not there. A database that was sound and cannot be read has
/// lost its disk, whatever SQLite calls it.
pub(super) fn catch_up(writer: &mut Writer) -> store::Result<()> {
    if writer.is_behind {
        writer.recorder.forget(&mut writer.db).map_err(|error| {
            tracing::error!(%error, "the writer could not read the database again");
            match error {
                store::Error::Engine(text) | store::Error::Damaged(text) => {
                    store::Error::Unwritable(text)
                }
                other => other,
            }
        })?;
        writer.is_behind = false;
    }
    Ok(())
}

/// What a caller is told about an error, which is logged.
pub(super) fn refused(error: &store::Error) -> Refused {
    tracing::error!(%error, "a transaction was undone");
    match error {
        store::Error::Full => Refused::DiskFull,
        store::Error::Sync(_) => Refused::Stopping,
        _ => lasting(error).unwrap_or(Refused::Failed),
    }
}

/// Why the next write will fail too, as far as an error tells.
pub(super) const fn lasting(error: &store::Error) -> Option<Refused> {
    match error {
        store::Error::Unwritable(_) | store::Error::Damaged(_) => Some(Refused::Unwritable),
        store::Error::Busy => Some(Refused::Locked),
        _ => None,
    }
}
