//! Hourly counts: what makes statistics and slices cheap. Every count is a sum of these rows.

use std::collections::BTreeMap;

use super::engine::{Engine, Value};
use super::error::Result;

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// One report as the counts see it.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The project's number.
    pub project: i64,
    /// When it happened.
    pub timestamp: i64,
    /// When it came.
    pub received_at: i64,
    /// The environment's number.
    pub environment: i64,
    /// The version's number, 0 for none.
    pub version: i64,
    /// The level's number.
    pub level: i64,
}

impl Counted {
    const fn hour(&self) -> i64 {
        self.timestamp.div_euclid(HOUR_MS)
    }
}

/// Reports of one issue by hour, environment, version and level.
#[derive(Clone, Debug, Default)]
pub struct IssueHours(BTreeMap<[i64; 4], Hour>);

/// The reports of one such hour: their number, their first and their last moment.
#[derive(Clone, Copy, Debug)]
struct Hour {
    count: i64,
    first_seen: i64,
    last_seen: i64,
}

impl IssueHours {
    /// Adds one report.
    pub fn add(&mut self, report: &Counted) {
        let key = [report.hour(), report.environment, report.version, report.level];
        let at = report.timestamp;
        self.add_hour(key, Hour { count: 1, first_seen: at, last_seen: at });
    }

    /// Adds others.
    pub fn join(&mut self, others: &Self) {
        for (key, hour) in &others.0 {
            self.add_hour(*key, *hour);
        }
    }

    fn add_hour(&mut self, key: [i64; 4], more: Hour) {
        let hour = self.0.entry(key).or_insert(Hour { count: 0, ..more });
        *hour = Hour {
            count: hour.count + more.count,
            first_seen: hour.first_seen.min(more.first_seen),
            last_seen: hour.last_seen.max(more.last_seen),
        };
    }

    /// Adds them to the hours of an issue.
    pub fn write(&self, db: &mut dyn Engine, issue: i64) -> Result<()> {
        for ([hour, environment, version, level], counted) in &self.0 {
            let values: [Value<'_>; 8] = [
                issue.into(),
                (*hour).into(),
                (*environment).into(),
                (*version).into(),
                (*level).into(),
                counted.count.into(),
                counted.first_seen.into(),
                counted.last_seen.into(),
            ];
            db.run(ADD_HOUR, &values)?;
        }
        Ok(())
    }
}

const ADD_HOUR: &str = "insert into hour_count (issue, hour, environment, version, level, count, \
    first_seen, last_seen) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    on conflict (issue, hour, environment, version, level) do update set \
    count = hour_count.count + excluded.count, \
    first_seen = case when excluded.first_seen < hour_count.first_seen \
                 then excluded.first_seen else hour_count.first_seen end, \
    last_seen = case when excluded.last_seen > hour_count.last_seen \
                then excluded.last_seen else hour_count.last_seen end";

/// Adds reports of several projects to their hours, and notes when each was last heard of.
pub fn record_projects(db: &mut dyn Engine, reports: impl Iterator<Item = Counted>) -> Result<()> {
    let mut rows: BTreeMap<[i64; 5], i64> = BTreeMap::new();
    let mut heard: BTreeMap<i64, i64> = BTreeMap::new();
    for report in reports {
        let key = [report.project, report.hour(), report.environment, report.version, report.level];
        *rows.entry(key).or_default() += 1;
        let last = heard.entry(report.project).or_default();
        *last = report.received_at.max(*last);
    }
    for ([project, hour, environment, version, level], count) in rows {
        add_to_project(db, [project, hour, environment, version, level], count)?;
    }
    for (project, at) in heard {
        db.run(
            "update project set last_report_at = ?2 where id = ?1",
            &[project.into(), at.into()],
        )?;
    }
    Ok(())
}

fn add_to_project(db: &mut dyn Engine, key: [i64; 5], count: i64) -> Result<()> {
    let [project, hour, environment, version, level] = key.map(Value::Int);
    db.run(
        "insert into project_hour (project, hour, environment, version, level, count) \
         values (?1, ?2, ?3, ?4, ?5, ?6) \
         on conflict (project, hour, environment, version, level) do update set \
         count = project_hour.count + excluded.count",
        &[project, hour, environment, version, level, count.into()],
    )?;
    Ok(())
}

fn take_from_project(db: &mut dyn Engine, key: [i64; 5], count: i64) -> Result<()> {
    let [project, hour, environment, version, level] = key.map(Value::Int);
    let values = [project, hour, environment, version, level, count.into()];
    let taken = db.run(
        "update project_hour set count = count - ?6 where project = ?1 and hour = ?2 \
         and environment = ?3 and version = ?4 and level = ?5 and count >= ?6",
        &values,
    )?;
    if taken > 0 {
        return Ok(());
    }
    // The issue's hours are a day already, the project's not yet: its turn comes later.
    let day = &values[..5];
    let hours = "project = ?1 and hour > ?2 and hour < ?2 + 24 and environment = ?3 \
                 and version = ?4 and level = ?5";
    let sum = format!("select coalesce(sum(count), 0) from project_hour where {hours}");
    let sum = super::engine::first(db, &sum, day, |row| row.int(0))?.unwrap_or(0);
    db.run(&format!("delete from project_hour where {hours}"), day)?;
    add_to_project(db, key, sum - count)
}

/// Takes an issue's counts out of its project's, before the issue is erased.
pub fn forget_issue(db: &mut dyn Engine, project: i64, issue: i64) -> Result<()> {
    let rows = super::engine::all(
        db,
        "select hour, environment, version, level, count from hour_count where issue = ?1",
        &[issue.into()],
        |row| ([project, row.int(0), row.int(1), row.int(2), row.int(3)], row.int(4)),
    )?;
    for (key, count) in rows {
        take_from_project(db, key, count)?;
    }
    db.run("delete from hour_count where issue = ?1", &[issue.into()])?;
    db.run("delete from project_hour where project = ?1 and count <= 0", &[project.into()])?;
    Ok(())
}

/// Makes daily counts of hourly ones that are older than `before` (an hour), for some issues from
/// `after` on; the last issue done, or `None` when there are no more.
pub fn fold_days(db: &mut dyn Engine, before: i64, after: i64) -> Result<Option<i64>> {
    const ISSUES_A_STEP: i64 = 50;
    let issues = super::engine::all(
        db,
        "select id from issue where id > ?1 and first_seen < ?3 order by id limit ?2",
        &[after.into(), ISSUES_A_STEP.into(), (before * HOUR_MS).into()],
        |row| row.int(0),
    )?;
    for issue in &issues {
        let key = [(*issue).into(), before.into()];
        let moved = db.run(
            "insert into hour_count (issue, hour, environment, version, level, count, first_seen, \
             last_seen) select issue, hour - hour % 24, environment, version, level, sum(count), \
             min(first_seen), max(last_seen) from hour_count \
             where issue = ?1 and hour < ?2 and hour % 24 <> 0 group by 1, 2, 3, 4, 5 \
             on conflict (issue, hour, environment, version, level) do update set \
             count = hour_count.count + excluded.count, \
             first_seen = case when excluded.first_seen < hour_count.first_seen \
                          then excluded.first_seen else hour_count.first_seen end, \
             last_seen = case when excluded.last_seen > hour_count.last_seen \
                         then excluded.last_seen else hour_count.last_seen end",
            &key,
        )?;
        if moved > 0 {
            db.run(
                "delete from hour_count where issue = ?1 and hour < ?2 and hour % 24 <> 0",
                &key,
            )?;
        }
    }
    Ok(issues.last().copied())
}

/// Makes daily counts of a project's hourly ones that are older than `before` (an hour).
pub fn fold_project_days(db: &mut dyn Engine, before: i64) -> Result<()> {
    let moved = db.run(
        "insert into project_hour (project, hour, environment, version, level, count) \
         select project, hour - hour % 24, environment, version, level, sum(count) \
         from project_hour where hour < ?1 and hour % 24 <> 0 group by 1, 2, 3, 4, 5 \
         on conflict (project, hour, environment, version, level) do update set \
         count = project_hour.count + excluded.count",
        &[before.into()],
    )?;
    if moved > 0 {
        db.run("delete from project_hour where hour < ?1 and hour % 24 <> 0", &[before.into()])?;
    }
    Ok(())
}
