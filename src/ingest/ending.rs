//! The sentences with which the program ends itself.

/// A write failed after which nothing may be written.
pub(super) const UNCONFIRMED: &str = "The disk did not confirm a write, so nothing after it could \
     be trusted. Everything that was answered is safe. Check the disk and start again.";
/// The writing thread panicked.
pub(super) const PANICKED: &str = "The writing thread failed by a defect, which the log names. \
     Everything that was answered is safe. The project log-center has it after the next start.";
/// A file was removed or replaced.
pub(super) const GONE: &str = "The database file was removed or replaced while Log Center ran, so \
     nothing more could be kept. Put it back, or start with another data folder.";
