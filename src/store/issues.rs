//! Reads issues: those that a list found, and one with all that its page shows.

use super::counts::HOUR_MS;
use super::engine::{Engine, Row, all, first, list};
use super::error::Result;
use super::filter::Slice;
use super::rising::WEEK_HOURS;
use super::{events, history, moves, runs};
use crate::domain::fingerprint::hex;
use crate::domain::issue::{Hours, Issue, IssueDetail, KeyCount, is_rising};
use crate::domain::level::Level;
use crate::domain::status::Status;

/// Hours of an issue's chart: 14 days.
const CHART_HOURS: i64 = 336;
/// Hours of a row's trend.
const TREND_HOURS: i64 = 24;
/// Entries of history that the issue's page shows at once.
const HISTORY_SHOWN: usize = 200;

/// An issue that a list found, and its counts in the slice: reports, first and last seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Its number.
    pub(super) id: i64,
    /// What the list is sorted by.
    pub(super) sorted_by: i64,
    /// The counts, when the list is of a slice.
    pub(super) slice: Option<(i64, i64, i64)>,
}

/// One issue as lists show it.
pub fn find(db: &mut dyn Engine, id: i64, now: i64) -> Result<Option<Issue>> {
    let found = Found { id, sorted_by: 0, slice: None };
    Ok(load(db, &[found], &Slice::default(), now)?.pop())
}

/// The name of an issue's project.
pub fn project(db: &mut dyn Engine, id: i64) -> Result<Option<String>> {
    let sql = "select p.name from issue i join project p on p.id = i.project where i.id = ?1";
    first(db, sql, &[id.into()], |row| row.text(0).to_owned())
}

/// One issue with everything on its page.
pub fn detail(db: &mut dyn Engine, id: i64, now: i64) -> Result<Option<IssueDetail>> {
    let Some(issue) = find(db, id, now)? else { return Ok(None) };
    let newest = runs::events_of_issue(db, id, i64::MAX, 1)?;
    let latest_event = match newest.first() {
        Some(event) => events::find_by_number(db, *event)?,
        None => None,
    };
    let hour = now.div_euclid(HOUR_MS);
    let start = hour - CHART_HOURS + 1;
    let mut counts = vec![0; CHART_HOURS as usize];
    db.each(
        "select hour, sum(count) from hour_count where issue = ?1 and hour >= ?2 and hour <= ?3 \
         group by hour",
        &[id.into(), start.into(), hour.into()],
        &mut |row| {
            counts[(row.int(0) - start) as usize] = row.int(1);
            true
        },
    )?;
    Ok(Some(IssueDetail {
        latest_event,
        history: history::of_issue(db, id, i64::MAX, HISTORY_SHOWN)?,
        allowed_moves: issue.status.allowed_moves().iter().map(|to| to.name()).collect(),
        by_environment: by_name(db, id, "environment", "count")?,
        by_version: by_name(db, id, "version", "last_seen")?,
        hourly: Hours { times: (start..=hour).map(|hour| hour * HOUR_MS).collect(), counts },
        issue,
    }))
}

fn by_name(db: &mut dyn Engine, id: i64, table: &str, order: &str) -> Result<Vec<KeyCount>> {
    let sql = format!(
        "select coalesce(n.name, ''), h.count, h.last_seen from \
         (select {table}, sum(count) as count, max(last_seen) as last_seen from hour_count \
          where issue = ?1 group by {table}) h \
         left join {table} n on n.id = h.{table} order by h.{order} desc, 1 limit 100"
    );
    all(db, &sql, &[id.into()], |row| KeyCount {
        key: row.text(0).to_owned(),
        count: row.int(1),
        last_seen: row.int(2),
    })
}

/// The issues that a list found, in its order.
pub(super) fn load(
    db: &mut dyn Engine,
    found: &[Found],
    slice: &Slice,
    now: i64,
) -> Result<Vec<Issue>> {
    let ids: Vec<i64> = found.iter().map(|found| found.id).collect();
    let sql = format!(
        "select i.id, p.name, i.fingerprint, i.status, i.level, x.type, x.code, x.message, \
         x.file_path, x.line_number, x.culprit, i.count, i.users, i.first_seen, i.last_seen, \
         v.name, w.name, i.regressed, i.assignee, i.mute_kind, i.mute_value \
         from issue i join issue_text x on x.issue = i.id join project p on p.id = i.project \
         left join version v on v.id = i.first_version \
         left join version w on w.id = i.last_version where i.id in ({})",
        list(&ids)
    );
    let mut rows: std::collections::HashMap<i64, Issue> =
        all(db, &sql, &[], |row| (row.int(0), issue(row, now)))?.into_iter().collect();
    environments(db, &ids, &mut rows)?;
    trends(db, &ids, slice, now, &mut rows)?;
    let mut issues = Vec::with_capacity(found.len());
    for found in found {
        let Some(mut issue) = rows.remove(&found.id) else { continue };
        if let Some((count, first_seen, last_seen)) = found.slice {
            issue = Issue { count, first_seen, last_seen, ..issue };
        }
        issues.push(issue);
    }
    Ok(issues)
}

fn issue(row: &dyn Row, now: i64) -> Issue {
    Issue {
        id: row.int(0),
        project_id: row.text(1).to_owned(),
        fingerprint: hex(row.blob(2)),
        status: Status::from_code(row.int(3)),
        level: Level::from_code(row.int(4)),
        kind: row.text(5).to_owned(),
        code: row.opt_string(6),
        message: row.text(7).to_owned(),
        file_path: row.text(8).to_owned(),
        line_number: row.int(9),
        culprit: row.opt_string(10),
        count: row.int(11),
        users: row.int(12),
        first_seen: row.int(13),
        last_seen: row.int(14),
        first_version: row.opt_string(15),
        last_version: row.opt_string(16),
        environments: Vec::new(),
        regressed: row.int(17) != 0,
        rising: false,
        trend: vec![0; TREND_HOURS as usize],
        assignee: row.opt_string(18),
        muted_until: moves::mute_of(row.int(19), row.int(20), row.int(11), now),
    }
}

type Issues = std::collections::HashMap<i64, Issue>;

fn environments(db: &mut dyn Engine, ids: &[i64], issues: &mut Issues) -> Result<()> {
    let sql = format!(
        "select distinct l.issue, e.name from issue_slice l \
         join environment e on e.id = l.environment where l.issue in ({}) order by 1, 2",
        list(ids)
    );
    db.each(&sql, &[], &mut |row| {
        if let Some(issue) = issues.get_mut(&row.int(0)) {
            issue.environments.push(row.text(1).to_owned());
        }
        true
    })
}

/// The trend is the slice's; whether an issue rises is told by all its reports.
fn trends(
    db: &mut dyn Engine,
    ids: &[i64],
    slice: &Slice,
    now: i64,
    issues: &mut Issues,
) -> Result<()> {
    let (hour, ids) = (now.div_euclid(HOUR_MS), list(ids));
    let of_hours = format!(
        "select h.issue, h.hour, sum(h.count) from hour_count h \
         where h.issue in ({ids}) and h.hour > ?1 and h.hour <= ?2 and {} \
         group by h.issue, h.hour",
        slice.sql(),
    );
    db.each(&of_hours, &[(hour - TREND_HOURS).into(), hour.into()], &mut |row| {
        if let Some(issue) = issues.get_mut(&row.int(0)) {
            issue.trend[(TREND_HOURS - 1 - (hour - row.int(1))) as usize] = row.int(2);
        }
        true
    })?;
    let of_week = format!(
        "select h.issue, sum(case when h.hour > ?2 - 2 then h.count else 0 end), sum(h.count) \
         from hour_count h where h.issue in ({ids}) and h.hour > ?1 and h.hour <= ?2 \
         group by h.issue"
    );
    db.each(&of_week, &[(hour - WEEK_HOURS).into(), hour.into()], &mut |row| {
        if let Some(issue) = issues.get_mut(&row.int(0)) {
            issue.rising = is_rising(row.int(1), row.int(2) - row.int(1));
        }
        true
    })
}
