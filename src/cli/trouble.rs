//! Why a command did not do what it was asked, and the exit code that says so to programs.

use std::fmt;
use std::process::ExitCode;

use crate::fetch::Failure;

/// A command that ended early.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Asked for something that cannot be: exit code 2.
    Usage(String),
    /// The server could not be asked: exit code 3.
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What happened.
        failure: Failure,
    },
    /// The server said no: exit code 1.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The code of its envelope; empty when what answered is no Log Center.
        code: String,
        /// Its sentence.
        message: String,
        /// Seconds to wait before the next try, if it said so.
        retry_after: Option<u64>,
    },
    /// Something on this machine: exit code 1.
    Failed(String),
    /// Nobody reads the output any more, as behind `| head`: exit code 0.
    OutputClosed,
}

impl Trouble {
    /// What the process ends with.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::OutputClosed => 0,
            Self::Failed(_) | Self::Refused { .. } => 1,
            Self::Usage(_) => 2,
            Self::Unreachable { .. } => 3,
        })
    }

    /// Whether the same may work a little later.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Refused { status: 429 | 502 | 503 | 504, .. }
        )
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) | Self::Failed(sentence) => out.write_str(sentence),
            Self::Unreachable { address, failure } => write!(
                out,
                "No answer from {address}: {failure}. Is Log Center running there? \
                 --url or LOG_CENTER_URL says where it is."
            ),
            Self::Refused { message, .. } => out.write_str(message),
            Self::OutputClosed => Ok(()),
        }
    }
}
