//! What readers see: issues, events, history, projects, deploys and statistics, as they go out.
//! Times are milliseconds since 1970, UTC, and are written as RFC 3339.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::change::Mute;
use super::level::Level;
use super::status::Status;
use super::timestamp;

impl Serialize for Mute {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = out.serialize_map(Some(1))?;
        match self {
            Self::At(at) => map.serialize_entry("at", &timestamp::format(*at))?,
            Self::Reports(reports) => map.serialize_entry("reports", reports)?,
            Self::ForEver => map.serialize_entry("for_ever", &true)?,
        }
        map.end()
    }
}

pub(crate) fn time<S: Serializer>(at: &i64, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&timestamp::format(*at))
}

pub(crate) fn opt_time<S: Serializer>(at: &Option<i64>, out: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => time(at, out),
        None => out.serialize_none(),
    }
}

fn times<S: Serializer>(all: &[i64], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(all.iter().map(|at| timestamp::format(*at)))
}

pub(super) fn status_name<S: Serializer>(status: &Status, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(status.name())
}

fn opt_status_name<S: Serializer>(status: &Option<Status>, out: S) -> Result<S::Ok, S::Error> {
    match status {
        Some(status) => out.serialize_str(status.name()),
        None => out.serialize_none(),
    }
}

pub(super) fn level_name<S: Serializer>(level: &Level, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(level.name())
}

/// All events of one fingerprint in one project.
#[derive(Clone, Debug, Serialize)]
pub struct Issue {
    /// Its number, never used again.
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
    /// The newest report's.
    pub message: String,
    /// Where it is raised.
    pub file_path: String,
    /// The line there.
    pub line_number: i64,
    /// The place read out of the stack, when the client sent none.
    pub culprit: Option<String>,
    /// Reports, of the asked slice.
    pub count: i64,
    /// Different users, of all slices.
    pub users: i64,
    /// Of the asked slice.
    #[serde(serialize_with = "time")]
    pub first_seen: i64,
    /// Of the asked slice.
    #[serde(serialize_with = "time")]
    pub last_seen: i64,
    /// The version of the first report that had one.
    pub first_version: Option<String>,
    /// The version of the newest report that had one.
    pub last_version: Option<String>,
    /// Every environment that reported it, sorted.
    pub environments: Vec<String>,
    /// It came back after its fix was deployed.
    pub regressed: bool,
    /// The last hour stands out against its own week.
    pub rising: bool,
    /// The last 24 hourly counts, oldest first.
    pub trend: Vec<i64>,
    /// Who takes care of it.
    pub assignee: Option<String>,
    /// What its mute still is; `None` when it notifies.
    pub muted_until: Option<Mute>,
}

/// A count by the name of an environment or a version.
#[derive(Clone, Debug, Serialize)]
pub struct KeyCount {
    /// The name; empty when reports had none.
    pub key: String,
    /// Reports.
    pub count: i64,
    /// The newest of them.
    #[serde(serialize_with = "time")]
    pub last_seen: i64,
}

/// Counts by hour.
#[derive(Clone, Debug, Serialize)]
pub struct Hours {
    /// The beginning of each hour, oldest first.
    #[serde(serialize_with = "times")]
    pub times: Vec<i64>,
    /// Reports in it.
    pub counts: Vec<i64>,
}

/// One issue with all that its page shows.
#[derive(Clone, Debug, Serialize)]
pub struct IssueDetail {
    /// The issue.
    #[serde(flatten)]
    pub issue: Issue,
    /// The newest stored event, whole.
    pub latest_event: Option<Event>,
    /// Newest first, at most 200 entries.
    pub history: Vec<HistoryEntry>,
    /// Where it may move from here.
    pub allowed_moves: Vec<&'static str>,
    /// Most first.
    pub by_environment: Vec<KeyCount>,
    /// Newest first.
    pub by_version: Vec<KeyCount>,
    /// The last 14 days.
    pub hourly: Hours,
}

/// The members of an event's `error`.
#[derive(Clone, Debug, Serialize)]
pub struct EventError {
    /// The exception's class.
    #[serde(rename = "type")]
    pub kind: String,
    /// May be empty.
    pub message: String,
    /// Where it was raised.
    pub file_path: String,
    /// The line there.
    pub line_number: i64,
    /// As it came, but scrubbed; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Box<RawValue>>,
    /// The application's own class.
    pub code: Option<String>,
}

/// One stored report.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Its number in the order of receipt; the cursor of lists. Not sent.
    #[serde(skip)]
    pub id: i64,
    /// A UUID: the client's own, else the server's.
    pub event_id: String,
    /// Its issue's number.
    pub issue_id: i64,
    /// The project's name.
    pub project_id: String,
    /// Its issue's.
    pub fingerprint: String,
    /// When it happened.
    #[serde(serialize_with = "time")]
    pub timestamp: i64,
    /// When the server read it.
    #[serde(serialize_with = "time")]
    pub received_at: i64,
    /// Where it ran.
    pub environment: String,
    /// How bad it is.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The application's version.
    pub version: Option<String>,
    /// Its Git commit.
    pub commit_hash: Option<String>,
    /// What went wrong.
    pub error: EventError,
    /// The place read out of the stack.
    pub culprit: Option<String>,
    /// One request through several programs.
    pub request_id: Option<String>,
    /// The signed-in user.
    pub user_id: Option<String>,
    /// A distributed trace.
    pub trace_id: Option<String>,
    /// The context as it came, scrubbed, or null; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Option<Box<RawValue>>>,
    /// Fields that were cut to their limit.
    pub trimmed: Vec<String>,
    /// Fields that were corrected.
    pub adjusted: Vec<String>,
}

/// One change of an issue, kept for ever.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryEntry {
    /// Its number.
    pub id: i64,
    /// When.
    #[serde(serialize_with = "time")]
    pub at: i64,
    /// `move`, `comment`, `assign`, `mute`, `deploy` or `regression`.
    pub kind: String,
    /// The status before.
    #[serde(serialize_with = "opt_status_name")]
    pub from: Option<Status>,
    /// The status after.
    #[serde(serialize_with = "opt_status_name")]
    pub to: Option<Status>,
    /// Whose doing, as said by the caller.
    pub who: String,
    /// Whether the server knows that it was them.
    pub verified: bool,
    /// Why.
    pub note: Option<String>,
    /// The version it was about.
    pub version: Option<String>,
    /// The commit it was about.
    pub commit_hash: Option<String>,
    /// A comment's text, a new assignee, or how long it is muted.
    pub text: Option<String>,
}

/// A project with its counts.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// Its name.
    pub project_id: String,
    /// Its first report.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// Its newest report.
    #[serde(serialize_with = "opt_time")]
    pub last_report_at: Option<i64>,
    /// Issues by status; every status is there.
    pub counts: std::collections::BTreeMap<&'static str, i64>,
    /// All its issues.
    pub issues: i64,
    /// What can be changed.
    pub settings: Settings,
}

/// What an operator sets of a project.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// Environments whose reports reopen deployed issues.
    pub live_environments: Vec<String>,
}

/// A version that went live.
#[derive(Clone, Debug, Serialize)]
pub struct Deploy {
    /// Its number.
    pub id: i64,
    /// The project's name.
    pub project_id: String,
    /// What was deployed.
    pub version: String,
    /// Where; `None` is everywhere.
    pub environment: Option<String>,
    /// Its commit.
    pub commit_hash: Option<String>,
    /// When.
    #[serde(serialize_with = "time")]
    pub at: i64,
    /// By whom.
    pub who: String,
    /// VERIFIED issues that it moved to DEPLOYED.
    pub moved: i64,
}

/// One line of a statistic.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// What it counts, e.g. a status' name; `""` for reports without one.
    pub key: String,
    /// One count a time.
    pub counts: Vec<i64>,
}

/// Reports over time.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// `hour` or `day`.
    pub interval: &'static str,
    /// The beginning of each interval, oldest first.
    #[serde(serialize_with = "times")]
    pub times: Vec<i64>,
    /// Most reports first.
    pub series: Vec<Series>,
}

/// Whether the last hours stand out against an issue's own week.
/// `recent`: reports in this and the previous hour; `week`: in the 166 hours before.
/// A Poisson rule: more than the expected two hours' worth, by four standard deviations and five.
pub fn is_rising(recent: i64, week: i64) -> bool {
    let expected = week as f64 / 83.0;
    recent as f64 > expected + 4.0 * expected.sqrt() + 5.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rising_is_more_than_the_usual_two_hours() {
        for (recent, week, expected) in
            [(5, 0, false), (6, 0, true), (20, 830, false), (28, 830, true), (100, 8_300, false)]
        {
            assert_eq!(is_rising(recent, week), expected, "{recent} after {week}");
        }
    }
}
