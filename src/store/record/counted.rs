//! The row of an issue: counts the reports of one fold in it, makes it when it is the first, and
//! reopens it when its fix does not hold.

use super::tally::Known;
use super::{Incoming, Key};
use crate::domain::happening::{Happening, What};
use crate::domain::level::Level;
use crate::domain::status::Status;
use crate::store::counts;
use crate::store::engine::{Engine, first};
use crate::store::error::Result;
use crate::store::moves;

/// An issue after its reports were counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// How it stands.
    pub(super) known: Known,
    /// Whether these reports made it.
    pub(super) is_new: bool,
}

/// What the row of an issue holds of some of its reports.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// How many they are.
    pub(super) number: i64,
    /// The highest.
    level: i64,
    /// The set of them.
    levels: i64,
    first_seen: i64,
    last_seen: i64,
    first_version: Option<i64>,
    last_version: Option<i64>,
    latest_event: i64,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            number: 0,
            level: 0,
            levels: 0,
            first_seen: i64::MAX,
            last_seen: i64::MIN,
            first_version: None,
            last_version: None,
            latest_event: 0,
        }
    }
}

impl Facts {
    /// Adds one report, whose event is `event`.
    pub(super) fn add(&mut self, report: &counts::Counted, event: i64) {
        let version = Some(report.version).filter(|version| *version != 0);
        self.join(&Self {
            number: 1,
            level: report.level,
            levels: Level::set_of(report.level),
            first_seen: report.timestamp,
            last_seen: report.timestamp,
            first_version: version,
            last_version: version,
            latest_event: event,
        });
    }

    /// When the first of them happened.
    pub(super) const fn first_seen(&self) -> i64 {
        self.first_seen
    }

    /// The levels that they have.
    pub(super) const fn levels(&self) -> i64 {
        self.levels
    }

    /// Adds reports that came later.
    pub(super) fn join(&mut self, later: &Self) {
        *self = Self {
            number: self.number + later.number,
            level: self.level.max(later.level),
            levels: self.levels | later.levels,
            first_seen: self.first_seen.min(later.first_seen),
            last_seen: self.last_seen.max(later.last_seen),
            first_version: self.first_version.or(later.first_version),
            last_version: later.last_version.or(self.last_version),
            latest_event: later.latest_event,
        };
    }
}

const FIND: &str = "select id, count, kept, status, deployed_version, levels, first_seen \
    from issue where project = ?1 and fingerprint = ?2";
const UPDATE: &str = "update issue set \
    level = case when ?2 > level then ?2 else level end, \
    count = count + ?3, kept = kept + ?3, \
    last_seen = case when ?4 > last_seen then ?4 else last_seen end, \
    first_version = coalesce(first_version, ?5), last_version = coalesce(?6, last_version), \
    latest_event = ?7 where id = ?1";
const INSERT: &str = "insert into issue (project, fingerprint, level, count, kept, first_seen, \
    last_seen, first_version, last_version, latest_event, first_event, levels) \
    values (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// How an issue stands. Finding goes first: most issues are known, and an insert that meets the
/// unique index would use up a number all the same.
pub(super) fn find(db: &mut dyn Engine, key: Key) -> Result<Option<Known>> {
    first(db, FIND, &[key.0.into(), key.1.0.as_slice().into()], |row| Known {
        id: row.int(0),
        count: row.int(1),
        kept: row.int(2),
        status: Status::from_code(row.int(3)),
        deployed_version: row.opt_int(4),
        levels: row.int(5),
        first_seen: row.int(6),
    })
}

/// Makes the row of a new issue.
pub(super) fn insert(
    db: &mut dyn Engine,
    key: Key,
    first_event: i64,
    facts: &Facts,
) -> Result<Known> {
    let values = [
        key.0.into(),
        key.1.0.as_slice().into(),
        facts.level.into(),
        facts.number.into(),
        facts.first_seen.into(),
        facts.last_seen.into(),
        facts.first_version.into(),
        facts.last_version.into(),
        facts.latest_event.into(),
        first_event.into(),
        facts.levels.into(),
    ];
    Ok(Known {
        id: db.insert(INSERT, &values)?,
        count: facts.number,
        kept: facts.number,
        status: Status::New,
        deployed_version: None,
        levels: facts.levels,
        first_seen: facts.first_seen,
    })
}

/// Counts reports in the row of an issue, which stands at `before`.
pub(super) fn add(db: &mut dyn Engine, before: &Known, facts: &Facts) -> Result<()> {
    let id = before.id.into();
    let values = [
        id,
        facts.level.into(),
        facts.number.into(),
        facts.last_seen.into(),
        facts.first_version.into(),
        facts.last_version.into(),
        facts.latest_event.into(),
    ];
    db.run(UPDATE, &values)?;
    // Apart from the update, which so does not touch their indexes: most reports are not the first
    // and have a level that is known.
    if facts.first_seen < before.first_seen {
        db.run("update issue set first_seen = ?2 where id = ?1", &[id, facts.first_seen.into()])?;
    }
    let levels = before.levels | facts.levels;
    if levels != before.levels {
        db.run("update issue set levels = ?2 where id = ?1", &[id, levels.into()])?;
    }
    Ok(())
}

/// What listeners are told of an issue's reports of one group.
pub(super) fn told(what: What, issue: &Counted, fold: &[Incoming<'_>]) -> Happening {
    let reports = fold.iter().map(|incoming| &incoming.prepared.report);
    let told = Happening::of_reports(what, issue.known.id, issue.known.count, reports);
    match what {
        What::Regressed => told.stepped(Status::Deployed, Status::New, &moves::system(), None),
        _ => Happening { status: issue.known.status, ..told },
    }
}

/// Reopens a deployed issue at the first report that says the fix does not hold; whether one does.
pub(super) fn reopen(db: &mut dyn Engine, issue: &Known, fold: &[Incoming<'_>]) -> Result<bool> {
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
