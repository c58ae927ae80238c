//! Why a command did not do what it was asked, and the exit code that says so to programs.

use std::fmt;
use std::process::ExitCode;

use serde_json::Value;

use super::terminal;
use crate::fetch::Failure;

/// Columns of a query that are shown around its fault.
const QUERY_COLUMNS: usize = 70;

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
    /// The server said no: exit code 2 if it could not make sense of what was asked, else 1.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The code of its envelope; empty when what answered is no Log Center.
        code: String,
        /// Its sentence.
        message: String,
        /// What its envelope says besides.
        info: Value,
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
            Self::Usage(_) | Self::Refused { status: 400, .. } => 2,
            Self::Failed(_) | Self::Refused { .. } => 1,
            Self::Unreachable { .. } => 3,
        })
    }

    /// Shows where a search text cannot be read, if that is why the server refused.
    pub(super) fn in_query(self, query: &str) -> Self {
        let Self::Refused { message, info, .. } = &self else { return self };
        let Some(position) = info["position"].as_u64() else { return self };
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        let sentence = message.split(" (at ").next().unwrap_or(message).trim_start_matches("q: ");
        let sentence = sentence.trim_end_matches('.');
        Self::Usage(format!("The query cannot be read: {sentence}.\n{}", marked(query, position)))
    }

    /// Whether the same may work a little later.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Refused { status: 429 | 502 | 503 | 504, .. }
        )
    }
}

/// The query, and below it a caret under the character at `position`.
fn marked(query: &str, position: usize) -> String {
    let text = terminal::line(query);
    let at = text.char_indices().nth(position).map_or(text.len(), |(at, _)| at);
    let before = terminal::cut_front(&text[..at], QUERY_COLUMNS / 2);
    let after = terminal::cut(&text[at..], QUERY_COLUMNS / 2);
    format!("  {before}{after}\n  {}^", " ".repeat(terminal::columns_of(&before)))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_caret_stands_under_the_fault() {
        let refused = Trouble::Refused {
            status: 400,
            code: "ValidationError".into(),
            message: "q: expected a status (at 5).".into(),
            info: json!({"position": 5}),
            retry_after: None,
        };
        let Trouble::Usage(sentence) = refused.in_query("错误 is:x") else { panic!("usage") };
        let expected = "The query cannot be read: expected a status.\n  错误 is:x\n         ^";
        assert_eq!(sentence, expected);
    }

    #[test]
    fn of_a_long_query_the_part_around_the_fault_is_shown() {
        let query = format!("{}\"{}", "a".repeat(500), "b".repeat(500));
        let shown = marked(&query, 500);
        assert!(shown.lines().all(|line| terminal::columns_of(line) <= 80), "{shown}");
        let [line, caret] = shown.lines().collect::<Vec<_>>()[..] else { panic!("two lines") };
        let at = caret.chars().position(|one| one == '^').expect("a caret");
        assert_eq!(line.chars().nth(at), Some('"'));
    }
}
