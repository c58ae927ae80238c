//! Which issues stand out against their own week.

use super::counts::HOUR_MS;
use super::engine::{Engine, all};
use super::error::Result;
use crate::domain::issue::is_rising;

/// Hours of the week that is looked back on, the present one and the one before included.
pub const WEEK_HOURS: i64 = 168;
/// More than these are not one team's rising issues, but a storm of everything.
const RISING_MAX: i64 = 10_000;
/// With fewer reports than these in two hours no issue is rising, whatever its week was.
const RISING_MIN: i64 = 6;

/// The numbers of all rising issues.
pub fn issues(db: &mut dyn Engine, now: i64) -> Result<Vec<i64>> {
    let mut all = at_least(db, RISING_MIN, now)?;
    all.retain(|(_, recent, week)| is_rising(*recent, *week));
    Ok(all.into_iter().map(|(issue, ..)| issue).collect())
}

/// Issues that had so many reports in this hour and the one before: those, and the reports of the
/// week before. What is read grows with these issues alone.
pub fn at_least(db: &mut dyn Engine, reports: i64, now: i64) -> Result<Vec<(i64, i64, i64)>> {
    let hour = now.div_euclid(HOUR_MS);
    all(
        db,
        "select r.issue, r.count, coalesce((select sum(h.count) from hour_count h \
         where h.issue = r.issue and h.hour > ?3 and h.hour < ?1), 0) \
         from (select h.issue, sum(h.count) as count from issue i \
         cross join hour_count h where h.issue = i.id and i.last_seen >= ?2 and h.hour >= ?1 \
         group by h.issue having sum(h.count) >= ?5 limit ?4) r",
        &[
            (hour - 1).into(),
            ((hour - 1) * HOUR_MS).into(),
            (hour - WEEK_HOURS).into(),
            RISING_MAX.into(),
            reports.into(),
        ],
        |row| (row.int(0), row.int(1), row.int(2)),
    )
}
