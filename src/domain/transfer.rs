//! The records of an export: what a server knows, one JSON object a line, so that another server
//! gives the same answers. Members are named as in the API; times are RFC 3339.
//!
//! A reader that knows [`FORMAT`] must read every file of that number: members and kinds are only
//! added or changed together with it.

use serde::Serialize;

use super::change::Mute;
use super::issue::{self, HistoryEntry, Settings, level_name, opt_time, status_name, time};
use super::level::Level;
use super::report::Report;
use super::status::Status;

/// The number of the format that this program writes, and the newest that it reads.
pub const FORMAT: i64 = 1;

/// Numbers of issues, events and so on at most: every JSON reader keeps them exactly.
pub const NUMBER_MAX: i64 = (1 << 53) - 1;

/// One line of an export.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// The first line.
    Header(Header),
    /// A project; it stands before everything of it.
    Project(Project),
    /// An environment of a project, in the order in which they were first met.
    Environment(Environment),
    /// A version of a project, in the order in which they were first seen or deployed.
    Version(Version),
    /// A deploy.
    Deploy(issue::Deploy),
    /// Reports of a project in an hour.
    ProjectCount(ProjectCount),
    /// An issue; its counts and its history follow it.
    Issue(Box<Issue>),
    /// Reports of an issue in an hour, or in a day when they are old.
    Count(Count),
    /// An entry of an issue's history.
    History(Box<History>),
    /// A stored event, whole.
    Event(Box<Event>),
    /// `event_id`s that are remembered.
    Memory(Memory),
    /// The last line of a page that is not the last one.
    Page(Page),
    /// The last line of all.
    End(End),
}

/// What the file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The format's number.
    pub format: i64,
    /// Which export: 16 hex digits.
    pub export_id: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// When it was begun.
    #[serde(serialize_with = "time")]
    pub exported_at: i64,
}

/// A project without its counts.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// Its number, of which the memory of `event_id`s is made.
    pub number: i64,
    /// Its name.
    pub project_id: String,
    /// Its first report.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// Its newest report.
    #[serde(serialize_with = "opt_time")]
    pub last_report_at: Option<i64>,
    /// What an operator set.
    pub settings: Settings,
}

/// An environment's name.
#[derive(Clone, Debug, Serialize)]
pub struct Environment {
    /// The project's name.
    pub project_id: String,
    /// Its own.
    pub environment: String,
}

/// A version's name.
#[derive(Clone, Debug, Serialize)]
pub struct Version {
    /// The project's name.
    pub project_id: String,
    /// Its own.
    pub version: String,
}

/// Reports of a project in an hour.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectCount {
    /// The project's name.
    pub project_id: String,
    /// When the hour begins.
    #[serde(serialize_with = "time")]
    pub hour: i64,
    /// Where.
    pub environment: String,
    /// Of which version.
    pub version: Option<String>,
    /// How bad.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// How many.
    pub count: i64,
}

/// An issue with the state that the API's answers leave out.
#[derive(Clone, Debug, Serialize)]
pub struct Issue {
    /// Its number.
    pub id: i64,
    /// The project's name.
    pub project_id: String,
    /// 32 hex digits.
    pub fingerprint: String,
    /// Where it stands in the workflow.
    #[serde(serialize_with = "status_name")]
    pub status: Status,
    /// The highest since it was last NEW.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The exception's class.
    #[serde(rename = "type")]
    pub kind: String,
    /// The newest report's.
    pub code: Option<String>,
    /// Every code that it has had.
    pub codes: Vec<String>,
    /// The newest report's.
    pub message: String,
    /// Where it is raised.
    pub file_path: String,
    /// The line there.
    pub line_number: i64,
    /// The place read out of the stack.
    pub culprit: Option<String>,
    /// Reports.
    pub count: i64,
    /// Different users.
    pub users: i64,
    /// The set of users' hashes behind that number, in hex; see [`super::sketch`].
    pub users_sketch: String,
    /// The earliest report.
    #[serde(serialize_with = "time")]
    pub first_seen: i64,
    /// The latest report.
    #[serde(serialize_with = "time")]
    pub last_seen: i64,
    /// The version of the first report that had one.
    pub first_version: Option<String>,
    /// The version of the newest report that had one.
    pub last_version: Option<String>,
    /// The version as which its fix was deployed.
    pub deployed_version: Option<String>,
    /// It came back after its fix was deployed.
    pub regressed: bool,
    /// Somebody moved, muted, assigned or commented it: it never goes to make room.
    pub touched: bool,
    /// Who takes care of it.
    pub assignee: Option<String>,
    /// What its mute still is.
    pub muted_until: Option<Mute>,
    /// Its first event, which retention keeps.
    pub first_event_number: i64,
    /// Its newest event when this line was written. Later ones are no part of the export.
    pub latest_event_number: i64,
}

/// Reports of an issue in an hour.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    /// The issue's number.
    pub issue_id: i64,
    /// When the hour begins.
    #[serde(serialize_with = "time")]
    pub hour: i64,
    /// Where.
    pub environment: String,
    /// Of which version.
    pub version: Option<String>,
    /// How bad.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// How many.
    pub count: i64,
    /// The earliest of them.
    #[serde(serialize_with = "time")]
    pub first_seen: i64,
    /// The latest of them.
    #[serde(serialize_with = "time")]
    pub last_seen: i64,
}

/// An entry of an issue's history.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    /// The issue's number.
    pub issue_id: i64,
    /// The newest event then, which retention keeps.
    pub event_number: Option<i64>,
    /// The entry as the API shows it.
    pub entry: HistoryEntry,
}

/// A stored event.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Its number in the order of receipt.
    pub number: i64,
    /// The event as the API shows it.
    #[serde(flatten)]
    pub event: issue::Event,
}

/// Remembered `event_id`s, each as a hash, with its issue's number.
#[derive(Clone, Debug, Serialize)]
pub struct Memory {
    /// They are remembered for seven days from here.
    #[serde(serialize_with = "time")]
    pub at: i64,
    /// 32 hex digits, made of the project's number and the `event_id`, and the issue's number.
    pub ids: Vec<(String, i64)>,
}

/// Where the next page begins.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    /// The `cursor` of the next request.
    pub next_cursor: String,
}

/// What proves that nothing is missing.
#[derive(Clone, Debug, Serialize)]
pub struct End {
    /// Lines before it, without those of pages.
    pub records: i64,
    /// The number of the next event.
    pub next_event_number: i64,
    /// The number of the next issue.
    pub next_issue_id: i64,
    /// The number of the next entry of a history.
    pub next_history_id: i64,
    /// The number of the next deploy.
    pub next_deploy_id: i64,
}

/// A line that was read.
#[derive(Debug)]
pub enum Line {
    /// Everything but events.
    Record(Record),
    /// An event, as the report that it was.
    Event(Box<ReadEvent>),
}

/// An event that was read.
#[derive(Debug)]
pub struct ReadEvent {
    /// Its number in the order of receipt.
    pub number: i64,
    /// Its issue's number.
    pub issue_id: i64,
    /// What was reported.
    pub report: Report,
}

/// The bytes of hex digits; `None` for anything else.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| u8::try_from(char::from(*byte).to_digit(16)?).ok();
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

/// The number behind an `export_id`; `None` when it is none.
pub fn export_number(text: &str) -> Option<i64> {
    let is_one = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|_| is_one).map(u64::cast_signed)
}

/// How the number of an export is written.
pub fn export_id(number: i64) -> String {
    format!("{:016x}", number.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_there_and_back() {
        assert_eq!(from_hex("00fF").as_deref(), Some(&[0, 255][..]));
        assert_eq!(from_hex("").as_deref(), Some(&[][..]));
        for wrong in ["0", "0g", "é", "+1"] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_export_has_sixteen_digits() {
        for number in [1, -5, i64::MAX] {
            assert_eq!(export_number(&export_id(number)), Some(number));
        }
        assert_eq!(export_number("12"), None);
        assert_eq!(export_number("+00000000000000f"), None);
    }
}
