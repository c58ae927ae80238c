//! The row of an issue: counts the reports of one fold in it, makes it when it is the first, and
//! reopens it when its fix does not hold.

use super::{Incoming, Key};
use crate::domain::happening::{Happening, What};
use crate::domain::level::Level;
use crate::domain::status::Status;
use crate::store::engine::{Engine, Row, Value, first};
use crate::store::error::{Error, Result};
use crate::store::moves;

/// An issue after its reports were counted.
pub(super) struct Counted {
    /// Its number.
    pub(super) id: i64,
    /// Whether these reports made it.
    pub(super) is_new: bool,
    /// Events of it that are stored, these included.
    pub(super) kept: i64,
    /// Its status.
    pub(super) status: Status,
    count: i64,
    deployed_version: Option<i64>,
    minute: i64,
    indexed_minute: i64,
}

const UPDATE: &str = "update issue set \
    level = case when ?3 > level then ?3 else level end, \
    count = count + ?4, kept = kept + ?4, \
    first_seen = case when ?5 < first_seen then ?5 else first_seen end, \
    last_seen = case when ?6 > last_seen then ?6 else last_seen end, \
    first_version = coalesce(first_version, ?7), last_version = coalesce(?8, last_version), \
    latest_event = ?9 where project = ?1 and fingerprint = ?2 \
    returning id, count, kept, status, deployed_version, last_seen / 60000, seen_minute";
const INSERT: &str = "insert into issue (project, fingerprint, level, count, kept, first_seen, \
    last_seen, seen_minute, first_version, last_version, latest_event, first_event) \
    values (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?6 / 60000, ?7, ?8, ?9, ?10) \
    returning id, count, kept, status, deployed_version, last_seen / 60000, seen_minute";

/// Counts a fold. Updating goes first: most issues are known, and an insert that meets the unique
/// index would use up a number all the same.
pub(super) fn count(db: &mut dyn Engine, key: Key, fold: &[Incoming<'_>]) -> Result<Counted> {
    let times = fold.iter().map(|incoming| incoming.prepared.report.timestamp);
    let versions = || fold.iter().map(|incoming| incoming.version).filter(|id| *id != 0);
    let level = fold.iter().map(|incoming| incoming.prepared.report.level).max();
    let values: [Value<'_>; 10] = [
        key.0.into(),
        key.1.0.as_slice().into(),
        level.unwrap_or(Level::Error).code().into(),
        (fold.len() as i64).into(),
        times.clone().min().into(),
        times.max().into(),
        versions().next().into(),
        versions().next_back().into(),
        fold[fold.len() - 1].event.into(),
        fold[0].event.into(),
    ];
    if let Some(issue) = first(db, UPDATE, &values[..9], |row| counted(row, false))? {
        // Apart from the update, which so touches no index: most reports come within the minute.
        if issue.minute != issue.indexed_minute {
            db.run(
                "update issue set seen_minute = ?2 where id = ?1",
                &[issue.id.into(), issue.minute.into()],
            )?;
        }
        return Ok(issue);
    }
    first(db, INSERT, &values, |row| counted(row, true))?
        .ok_or_else(|| Error::Engine("an insert gave no row".into()))
}

fn counted(row: &dyn Row, is_new: bool) -> Counted {
    Counted {
        id: row.int(0),
        is_new,
        count: row.int(1),
        kept: row.int(2),
        status: Status::from_code(row.int(3)),
        deployed_version: row.opt_int(4),
        minute: row.int(5),
        indexed_minute: row.int(6),
    }
}

/// What listeners are told of an issue's reports of one group.
pub(super) fn told(what: What, issue: &Counted, fold: &[Incoming<'_>]) -> Happening {
    let reports = fold.iter().map(|incoming| &incoming.prepared.report);
    let told = Happening::of_reports(what, issue.id, issue.count, reports);
    match what {
        What::Regressed => told.stepped(Status::Deployed, Status::New, &moves::system(), None),
        _ => Happening { status: issue.status, ..told },
    }
}

/// Reopens a deployed issue at the first report that says the fix does not hold; whether one does.
pub(super) fn reopen(db: &mut dyn Engine, issue: &Counted, fold: &[Incoming<'_>]) -> Result<bool> {
    for (nth, incoming) in fold.iter().enumerate() {
        let name = incoming.prepared.report.version.as_deref();
        if incoming.live && !moves::is_older(db, incoming.version, name, issue.deployed_version)? {
            let level = fold[nth..].iter().map(|later| later.prepared.report.level).max();
            moves::record_regression(
                db,
                &moves::Regression {
                    issue: issue.id,
                    event: incoming.event,
                    at: incoming.prepared.report.received_at,
                    level: level.unwrap_or(Level::Error),
                    version: name,
                    commit_hash: incoming.prepared.report.commit_hash.as_deref(),
                },
            )?;
            return Ok(true);
        }
    }
    Ok(false)
}
