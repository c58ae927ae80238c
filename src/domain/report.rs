//! A report: one error that a program saw. One that exists is valid, scrubbed and within limits.

use std::sync::Arc;

pub use super::context::Known;
use super::fingerprint::Fingerprint;
use super::level::Level;

/// Characters of a `project_id` or an `environment` at most; longer ones are refused.
pub const NAME_CHARS_MAX: usize = 64;
/// Characters of type, code, version and commit at most; longer ones are trimmed.
pub const WORD_CHARS_MAX: usize = 256;
/// Characters of a file path at most; a longer one is trimmed.
pub const FILE_PATH_CHARS_MAX: usize = 1_024;
/// Characters of a message at most; a longer one is trimmed.
pub const MESSAGE_CHARS_MAX: usize = 8_192;
/// Bytes of a stack trace at most; the middle of a longer one goes.
pub const STACK_BYTES_MAX: usize = 256 * 1_024;
/// Bytes of a context's JSON at most; whole members of a larger one go.
pub const CONTEXT_BYTES_MAX: usize = 256 * 1_024;
/// How far in the future a `timestamp` may lie, in milliseconds.
pub const FUTURE_MS_MAX: i64 = 5 * 60 * 1_000;

/// A stack trace in the form in which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stack {
    /// An array of lines (an element may hold line feeds of its own).
    Lines(Vec<String>),
    /// One string.
    Text(String),
}

impl Stack {
    /// Its elements: the lines of an array, or the one string.
    pub fn parts(&self) -> &[String] {
        match self {
            Self::Lines(lines) => lines,
            Self::Text(text) => std::slice::from_ref(text),
        }
    }
}

/// The members of `error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInfo {
    /// `error.type`: the exception's class.
    pub kind: String,
    /// May be empty.
    pub message: String,
    /// Where it was raised.
    pub file_path: String,
    /// 0 or more.
    pub line_number: i64,
    /// As it came, but scrubbed.
    pub stack: Stack,
    /// The error's class in the application's own terms.
    pub code: Option<String>,
}

/// A valid report. All times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which program; 1 to 64 characters.
    pub project_id: String,
    /// `development`, `staging`, `production` or any other name; 1 to 64 characters.
    pub environment: String,
    /// How bad it is.
    pub level: Level,
    /// When it happened.
    pub timestamp: i64,
    /// When the server read it.
    pub received_at: i64,
    /// The application's version.
    pub version: Option<String>,
    /// Its Git commit.
    pub commit_hash: Option<String>,
    /// What went wrong, and where; reports that say the same may share it.
    pub error: Arc<ErrorInfo>,
    /// A JSON object's text, scrubbed.
    pub context: Option<String>,
    /// The client's own id of this report: a UUID's 16 bytes.
    pub event_id: Option<[u8; 16]>,
    /// The identity within the project.
    pub fingerprint: Fingerprint,
    /// The first usable frame of the stack, when the reported place is `unknown:0`.
    pub culprit: Option<String>,
    /// Ids read out of the context.
    pub known: Known,
    /// Fields that were cut to their limit, e.g. `error.message`.
    pub trimmed: Vec<String>,
    /// Fields that were corrected, e.g. `timestamp`.
    pub adjusted: Vec<String>,
}

/// A field of a report, or of any request, that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The member's path, e.g. `error.line_number`; empty for the whole body.
    pub field: String,
    /// What was expected and what came, in plain words.
    pub message: String,
}

impl Fault {
    /// A fault of one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}
