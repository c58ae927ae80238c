//! The search language `q`: what a person types above a list, as a list of tests that all hold.
//!
//! | written | test |
//! | --- | --- |
//! | `timeout`, `"a phrase"` | a word: stands inside type, message, file or code, in any case |
//! | `type:ValueError`, `type:"Value Error"` | the value is this one, or one of a list `a,b` |
//! | `type:*Error`, `code:a\*b` | `*` is wild; `\` before `* , " \` makes the character literal |
//! | `count:>100`, `users:10` | `<`, `<=`, `=` (also left out), `>=`, `>` |
//! | `seen:<1h` | last seen less than an hour ago (`s m h d w`); `>2d`: longer ago than two days |
//! | `first:>2026-01-01` | first seen after that instant (midnight UTC); `<`: before it |
//! | `is:muted` | the issue is `regressed`, `muted`, `mine` or `rising` |
//! | `context.request.ip:10.*` | a member of an event's context; of events only |
//! | `!key:value`, `-key:value`, `!"a phrase"` | the opposite |
//!
//! A key is a known name in lower case with a colon and no blank behind it. All else is words, to
//! the letter: `TypeError: x`, `http://x`, `foo:bar`, `-5` and `!x` (to exclude a word, quote it).

mod compare;
mod pattern;
mod reader;
mod shape;
mod sight;
#[cfg(test)]
mod tests;

pub use compare::{Comparison, When};
pub use pattern::{Pattern, contains_folded, fold};
pub use reader::parse;
pub use sight::{Asked, Sight, Standing};

/// Characters of a query at most.
pub const QUERY_CHARS_MAX: usize = 1_000;
/// Terms of a query at most: each is one condition of an SQL statement.
pub const QUERY_TERMS_MAX: usize = 50;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A list of issues: the context is not looked into.
    Issues,
    /// A list of events: tests of an issue are of the event's issue.
    Events,
}

/// A query that was read. No terms: everything matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All must hold.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether the test must fail.
    pub negated: bool,
    /// What is tested.
    pub test: Test,
}

/// What a term tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// A word or a phrase as typed, never empty; [`contains_folded`] says what matches.
    Word(String),
    /// The key's value matches one of the patterns, of which there is at least one.
    Key {
        /// Whose value.
        key: Key,
        /// For `status` and `level`: exact names as on the wire. For `fingerprint`: lower-case hex,
        /// an exact one a prefix of 12 to 32 digits. For `file`: [`Pattern::matches_path`].
        patterns: Vec<Pattern>,
    },
    /// How often the issue was seen.
    Count(Comparison, i64),
    /// How many users saw it.
    Users(Comparison, i64),
    /// When it was last seen; never [`Comparison::Equal`]. See [`When::bound`].
    Seen(Comparison, When),
    /// When it was first seen; never [`Comparison::Equal`]. See [`When::bound`].
    First(Comparison, When),
    /// A mark of the issue.
    Is(Flag),
    /// A member somewhere in an event's context; in [`Scope::Events`] only.
    Context {
        /// The names of the members on the way, at least one.
        path: Vec<String>,
        /// The value, as text, matches one of them.
        patterns: Vec<Pattern>,
    },
}

/// A field with exact values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Where the issue stands.
    Status,
    /// How bad.
    Level,
    /// The project's id.
    Project,
    /// The environment's name.
    Env,
    /// The exception's class.
    Type,
    /// The file's path, or its end after a `/`.
    File,
    /// The error's class in the application's own terms.
    Code,
    /// The application's version.
    Version,
    /// The `user_id` of a report.
    User,
    /// The `request_id` of a report.
    Request,
    /// Whoever works on it.
    Assignee,
    /// The `trace_id` of a report.
    Trace,
    /// The issue's identity.
    Fingerprint,
}

impl Key {
    /// Reads a key's name; the names that these fields have in the API are aliases.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "status" => Self::Status,
            "level" => Self::Level,
            "project" | "project_id" => Self::Project,
            "env" | "environment" => Self::Env,
            "type" => Self::Type,
            "file" | "file_path" => Self::File,
            "code" => Self::Code,
            "version" | "release" => Self::Version,
            "user" | "user_id" => Self::User,
            "request" | "request_id" => Self::Request,
            "assignee" => Self::Assignee,
            "trace" | "trace_id" => Self::Trace,
            "fingerprint" => Self::Fingerprint,
            _ => return None,
        })
    }
}

/// A mark that an issue has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// It came back after it was deployed.
    Regressed,
    /// It does not notify now.
    Muted,
    /// Whoever asks is its assignee.
    Mine,
    /// Its last hour stands out against its own week.
    Rising,
}

impl Flag {
    /// Every flag with its name.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Regressed, "regressed"),
        (Self::Muted, "muted"),
        (Self::Mine, "mine"),
        (Self::Rising, "rising"),
    ];

    /// Reads a name in any case.
    pub fn parse(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(word));
        found.map(|(flag, _)| *flag)
    }
}

/// Why and where a query cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchFault {
    /// Characters before the fault.
    pub position: usize,
    /// What was expected and what came, in plain words.
    pub message: String,
}
