//! The history of issues: rows are only added, and leave only with their issue.

use super::engine::{Engine, Row, Value, all, first};
use super::error::Result;
use crate::domain::change::Who;
use crate::domain::issue::HistoryEntry;
use crate::domain::status::Status;

/// An entry to add.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// The issue's number.
    pub issue: i64,
    /// When.
    pub at: i64,
    /// `move`, `comment`, `assign`, `mute`, `deploy` or `regression`.
    pub kind: &'a str,
    /// The status before.
    pub from: Option<Status>,
    /// The status after.
    pub to: Option<Status>,
    /// Whose doing.
    pub who: &'a Who,
    /// Why.
    pub note: Option<&'a str>,
    /// The version it was about.
    pub version: Option<&'a str>,
    /// The commit it was about.
    pub commit_hash: Option<&'a str>,
    /// A comment, an assignee, how long it is muted.
    pub text: Option<&'a str>,
    /// The newest event then; retention keeps it.
    pub event: Option<i64>,
}

static NOBODY: Who = Who { name: String::new(), verified: false };

impl Default for New<'_> {
    fn default() -> Self {
        Self {
            issue: 0,
            at: 0,
            kind: "",
            from: None,
            to: None,
            who: &NOBODY,
            note: None,
            version: None,
            commit_hash: None,
            text: None,
            event: None,
        }
    }
}

/// Adds an entry; its number.
pub fn add(db: &mut dyn Engine, entry: &New<'_>) -> Result<i64> {
    let values: [Value<'_>; 12] = [
        entry.issue.into(),
        entry.at.into(),
        entry.kind.into(),
        entry.from.map(Status::code).into(),
        entry.to.map(Status::code).into(),
        entry.who.name.as_str().into(),
        i64::from(entry.who.verified).into(),
        entry.note.into(),
        entry.version.into(),
        entry.commit_hash.into(),
        entry.text.into(),
        entry.event.into(),
    ];
    let id = first(
        db,
        "insert into history (issue, at, kind, from_status, to_status, who, verified, note, \
         version, commit_hash, text, event) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) returning id",
        &values,
        |row| row.int(0),
    )?;
    Ok(id.unwrap_or_default())
}

pub(super) const COLUMNS: &str =
    "id, at, kind, from_status, to_status, who, verified, note, version, commit_hash, text";

pub(super) fn entry(row: &dyn Row) -> HistoryEntry {
    HistoryEntry {
        id: row.int(0),
        at: row.int(1),
        kind: row.text(2).to_owned(),
        from: row.opt_int(3).map(Status::from_code),
        to: row.opt_int(4).map(Status::from_code),
        who: row.text(5).to_owned(),
        verified: row.int(6) != 0,
        note: row.opt_string(7),
        version: row.opt_string(8),
        commit_hash: row.opt_string(9),
        text: row.opt_string(10),
    }
}

/// One entry.
pub fn find(db: &mut dyn Engine, id: i64) -> Result<Option<HistoryEntry>> {
    first(db, &format!("select {COLUMNS} from history where id = ?1"), &[id.into()], entry)
}

/// An issue's entries below `before`, newest first, at most `limit`.
pub fn of_issue(
    db: &mut dyn Engine,
    issue: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<HistoryEntry>> {
    let sql = format!(
        "select {COLUMNS} from history where issue = ?1 and id < ?2 order by id desc limit ?3"
    );
    all(db, &sql, &[issue.into(), before.into(), (limit as i64).into()], entry)
}
