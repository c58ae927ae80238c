//! What keeps a disk from filling: events by age, by number an issue and by the size of the file;
//! hours become days; at last whole issues that nobody touched. Each call is one small step.
//!
//! An issue's first event, its newest and those at a move of its status stay.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::engine::{Engine, all, first, list};
use super::error::Result;
use super::{erase, runs};
use crate::domain::status::Status;

/// Events of one step: about 3 ms of the writer.
const STEP: usize = 100;

/// What went: how many events, and of which issues (their stacks may be unused now).
#[derive(Debug, Default)]
pub struct Removed {
    /// Events.
    pub events: i64,
    /// Issues that had them.
    pub issues: BTreeSet<i64>,
}

/// Removes some events of an issue that keeps more than `most`; whether more are to go. Its row
/// must be owed nothing.
pub fn trim_issue(
    db: &mut dyn Engine,
    issue: i64,
    most: i64,
    removed: &mut Removed,
) -> Result<bool> {
    let kept =
        first(db, "select kept from issue where id = ?1", &[issue.into()], |row| row.int(0))?;
    let too_many = kept.unwrap_or(0) - most;
    if too_many <= 0 {
        return Ok(false);
    }
    let protected = protected(db, &[issue])?;
    let stay = protected.len();
    let mut gone = runs::oldest_of_issue(db, issue, STEP + stay, stay + 1)?;
    gone.retain(|id| !protected.contains(id));
    gone.truncate(STEP.min(too_many as usize));
    if gone.is_empty() {
        return runs::is_tail_long(db);
    }
    // A run that was being written while events went still names them: those are gone already.
    let went = remove(db, issue, &gone, &protected)?;
    removed.events += went;
    removed.issues.insert(issue);
    Ok(too_many > went)
}

/// Removes events of one issue by age or number: all from the first to the last of them, but for
/// those of `protected`. Their other keys lead to nothing now, and leave when their runs are
/// merged; the issue's own go at once, since the issue may live for ever. How many there were.
fn remove(
    db: &mut dyn Engine,
    issue: i64,
    events: &[i64],
    protected: &BTreeSet<i64>,
) -> Result<i64> {
    let kept: Vec<i64> = protected.iter().copied().collect();
    runs::forget_of_issue(db, issue, events, &kept)?;
    runs::keep_memory(db, events)?;
    erase::keep_next_number(db)?;
    let sql = format!("delete from event where id in ({}) and issue = ?1", list(events));
    let removed = db.run(&sql, &[issue.into()])? as i64;
    db.run("update issue set kept = kept - ?2 where id = ?1", &[issue.into(), removed.into()])?;
    Ok(removed)
}

/// Events of these issues that always stay.
fn protected(db: &mut dyn Engine, issues: &[i64]) -> Result<BTreeSet<i64>> {
    let issues = list(issues);
    let sql = format!(
        "select first_event from issue where id in ({issues}) \
         union select latest_event from issue where id in ({issues}) \
         union select event from history where issue in ({issues}) and event is not null"
    );
    Ok(all(db, &sql, &[], |row| row.int(0))?.into_iter().collect())
}

/// Removes some of the oldest events from number `after` on, up to the first that was received
/// within `kept`; the number to go on from, or `None` when there are no more. An event of a later
/// time goes with an older one behind it, since a wrong clock wrote it; else it waits.
pub fn remove_oldest(
    db: &mut dyn Engine,
    after: i64,
    kept: RangeInclusive<i64>,
    removed: &mut Removed,
) -> Result<Option<i64>> {
    let rows = all(
        db,
        "select id, issue, stack, received_at from event where id > ?1 order by id limit ?2",
        &[after.into(), (STEP as i64).into()],
        |row| (row.int(0), row.int(1), row.int(2), row.int(3)),
    )?;
    let passed = rows.iter().position(|row| kept.contains(&row.3)).unwrap_or(rows.len());
    let old = rows[..passed].iter().rposition(|row| row.3 < *kept.start());
    let old = &rows[..old.map_or(0, |last| last + 1)];
    let mut by_issue: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in old {
        by_issue.entry(row.1).or_default().push(row.0);
    }
    let issues: Vec<i64> = by_issue.keys().copied().collect();
    let protected = protected(db, &issues)?;
    for (issue, mut events) in by_issue {
        events.retain(|event| !protected.contains(event));
        if !events.is_empty() {
            removed.events += remove(db, issue, &events, &protected)?;
            removed.issues.insert(issue);
        }
    }
    Ok(rows[..passed].get(STEP - 1).map(|last| last.0))
}

/// Erases one step of the issue that is NEW, that nobody touched and that was longest not seen;
/// whether there was one. `gone` grows by 1 when an issue went whole.
pub fn remove_untouched_issue(db: &mut dyn Engine, gone: &mut i64) -> Result<bool> {
    let issue = first(
        db,
        "select id from issue where status = ?1 and touched = 0 and assignee is null \
         and regressed = 0 order by last_seen, id limit 1",
        &[Status::New.code().into()],
        |row| row.int(0),
    )?;
    let Some(issue) = issue else { return Ok(false) };
    let step = erase::issue_step(db, issue)?;
    *gone += step.map_or(0, |step| step.erased.issues);
    Ok(step.is_some())
}
