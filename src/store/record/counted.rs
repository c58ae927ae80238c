//! The row of an issue: counts the reports of one fold in it, makes it when it is the first, and
//! reopens it when its fix does not hold.

use super::{Incoming, Key};
use crate::domain::happening::{Happening, What};
use crate::domain::level::Level;
use crate::domain::status::Status;
use crate::store::engine::{Engine, first};
use crate::store::error::Result;
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
}

const FIND: &str = "select id, count, kept, status, deployed_version, last_seen, seen_minute \
    from issue where project = ?1 and fingerprint = ?2";
const UPDATE: &str = "update issue set \
    level = case when ?2 > level then ?2 else level end, \
    count = count + ?3, kept = kept + ?3, \
    first_seen = case when ?4 < first_seen then ?4 else first_seen end, \
    last_seen = case when ?5 > last_seen then ?5 else last_seen end, \
    first_version = coalesce(first_version, ?6), last_version = coalesce(?7, last_version), \
    latest_event = ?8 where id = ?1";
const INSERT: &str = "insert into issue (project, fingerprint, level, count, kept, first_seen, \
    last_seen, seen_minute, first_version, last_version, latest_event, first_event) \
    values (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const MINUTE_MS: i64 = 60_000;

/// Counts a fold. Finding goes first: most issues are known, and an insert that meets the unique
/// index would use up a number all the same.
pub(super) fn count(db: &mut dyn Engine, key: Key, fold: &[Incoming<'_>]) -> Result<Counted> {
    let issue_key = [key.0.into(), key.1.0.as_slice().into()];
    let found = first(db, FIND, &issue_key, |row| {
        (row.int(0), row.int(1), row.int(2), row.int(3), row.opt_int(4), row.int(5), row.int(6))
    })?;
    let number = fold.len() as i64;
    let times = fold.iter().map(|incoming| incoming.prepared.report.timestamp);
    let (from, to) = times.fold((i64::MAX, i64::MIN), |(from, to), at| (from.min(at), to.max(at)));
    let versions = || fold.iter().map(|incoming| incoming.version).filter(|id| *id != 0);
    let (first_version, last_version) = (versions().next().into(), versions().next_back().into());
    let level = fold.iter().map(|incoming| incoming.prepared.report.level).max();
    let level = level.unwrap_or(Level::Error).code().into();
    let (first_event, latest_event) = (fold[0].event, fold[fold.len() - 1].event);
    let Some((id, count, kept, status, deployed_version, last_seen, seen_minute)) = found else {
        let [project, fingerprint] = issue_key;
        let values = [
            project,
            fingerprint,
            level,
            number.into(),
            from.into(),
            to.into(),
            (to / MINUTE_MS).into(),
            first_version,
            last_version,
            latest_event.into(),
            first_event.into(),
        ];
        let id = db.insert(INSERT, &values)?;
        let status = Status::New;
        let (count, kept) = (number, number);
        return Ok(Counted { id, is_new: true, count, kept, status, deployed_version: None });
    };
    let values = [
        id.into(),
        level,
        number.into(),
        from.into(),
        to.into(),
        first_version,
        last_version,
        latest_event.into(),
    ];
    db.run(UPDATE, &values)?;
    // Apart from the update, which so touches no index: most reports come within the minute.
    let minute = last_seen.max(to) / MINUTE_MS;
    if minute != seen_minute {
        db.run("update issue set seen_minute = ?2 where id = ?1", &[id.into(), minute.into()])?;
    }
    Ok(Counted {
        id,
        is_new: false,
        count: count + number,
        kept: kept + number,
        status: Status::from_code(status),
        deployed_version,
    })
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
