//! What can go wrong below: a few kinds that callers treat differently.

/// A failure of the engine. Absence and lost races are values, never errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Another writer was in the way; the same call may work later.
    Busy,
    /// No room on the disk.
    Full,
    /// The disk takes no writes: it failed, is read-only, or a quota is used up.
    Unwritable(String),
    /// What was read is no sound database: pages are damaged, or their disk went away.
    Damaged(String),
    /// The disk did not confirm a write: nothing after it can be trusted, the program must end.
    Sync(String),
    /// A reading query took longer than its limit and was stopped.
    Interrupted,
    /// Anything else; the text is for the log only.
    Engine(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => out.write_str("the database is busy"),
            Self::Full => out.write_str("the disk is full"),
            Self::Unwritable(text) => write!(out, "the disk takes no writes: {text}"),
            Self::Sync(text) => write!(out, "the disk did not confirm a write: {text}"),
            Self::Interrupted => out.write_str("the query took too long"),
            Self::Damaged(text) | Self::Engine(text) => out.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::Full,
            _ => Self::Unwritable(error.to_string()),
        }
    }
}

/// The result of a store verb.
pub type Result<T> = std::result::Result<T, Error>;
