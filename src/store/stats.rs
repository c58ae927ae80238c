//! Statistics: reports over time, split by one thing. Read from the hourly counts, never from
//! events.

use std::collections::HashMap;

use super::counts::HOUR_MS;
use super::engine::{Engine, list};
use super::error::Result;
use super::filter::numbers;
use crate::domain::issue::{Series, Stats};
use crate::domain::level::Level;
use crate::domain::query::{StatsBy, StatsQuery};
use crate::domain::search::Pattern;
use crate::domain::status::Status;

/// Series of one answer; the others are summed into [`REST`].
const SERIES_MAX: usize = 50;
/// The key of everything that has no series of its own.
const REST: &str = "(rest)";

/// The series of a query whose bounds are `since` and `until` (milliseconds, whole steps).
pub fn read(db: &mut dyn Engine, query: &StatsQuery, since: i64, until: i64) -> Result<Stats> {
    let step = query.interval.ms();
    let points = ((until - since) / step) as usize;
    let mut sums: HashMap<String, Vec<i64>> = HashMap::new();
    let sql = statement(db, query)?;
    // An hour belongs to the day in which it begins, also where days begin at half past.
    let begins = |at: i64| (at + HOUR_MS - 1).div_euclid(HOUR_MS);
    let hours = [begins(since).into(), (begins(until) - 1).into()];
    db.each(&sql, &hours, &mut |row| {
        let at = (row.int(0) * HOUR_MS - since) / step;
        let key = match query.by {
            None => "total".to_owned(),
            Some(StatsBy::Status) => Status::from_code(row.int(2)).name().to_owned(),
            Some(StatsBy::Level) => Level::from_code(row.int(2)).name().to_owned(),
            Some(_) => row.text(2).to_owned(),
        };
        let counts = sums.entry(key).or_insert_with(|| vec![0; points]);
        if let Some(count) = counts.get_mut(at as usize) {
            *count += row.int(1);
        }
        true
    })?;
    if query.by == Some(StatsBy::Status) {
        leave_new_ones(&mut sums);
    }
    if query.by.is_none() && sums.is_empty() {
        sums.insert("total".to_owned(), vec![0; points]);
    }
    let times = (0..points as i64).map(|nth| since + nth * step).collect();
    Ok(Stats { interval: query.interval.name(), times, series: series(sums) })
}

/// Of all reports, which stand under NEW, takes those away that stand under another status.
fn leave_new_ones(sums: &mut HashMap<String, Vec<i64>>) {
    let Some(mut new) = sums.remove(Status::New.name()) else { return };
    for counts in sums.values() {
        for (left, count) in new.iter_mut().zip(counts) {
            *left -= count;
        }
    }
    if new.iter().any(|count| *count != 0) {
        sums.insert(Status::New.name().to_owned(), new);
    }
}

fn statement(db: &mut dyn Engine, query: &StatsQuery) -> Result<String> {
    let (key, join) = match query.by {
        None => ("''", ""),
        Some(StatsBy::Status) => ("0", ""),
        Some(StatsBy::Level) => ("h.level", ""),
        Some(StatsBy::Project) => ("p.name", "join project p on p.id = h.project"),
        Some(StatsBy::Environment) => ("n.name", "left join environment n on n.id = h.environment"),
        Some(StatsBy::Version) => ("v.name", "left join version v on v.id = h.version"),
    };
    // Naming every project lets the key (project, hour, …) be used.
    let wanted = match wanted(db, query, "h.project")? {
        all if query.project_ids.is_empty() => all + " and h.project in (select id from project)",
        some => some,
    };
    let of_projects = format!(
        "select h.hour, sum(h.count), {key} from project_hour h {join} \
         where h.hour >= ?1 and h.hour <= ?2 {wanted} group by 1, 3"
    );
    if query.by != Some(StatsBy::Status) {
        return Ok(of_projects);
    }
    // Most issues are NEW, and nothing else is summed by their hours: see `leave_new_ones`.
    let wanted = self::wanted(db, query, "i.project")?;
    Ok(format!(
        "{of_projects} union all select h.hour, sum(h.count), i.status \
         from issue i join hour_count h on h.issue = i.id \
         where i.status <> 0 and h.hour >= ?1 and h.hour <= ?2 {wanted} group by 1, 3"
    ))
}

/// The conditions of a query; `project` is the column that holds its number.
fn wanted(db: &mut dyn Engine, query: &StatsQuery, project: &str) -> Result<String> {
    let mut wanted = String::new();
    for (column, source, names) in [
        (project, "project", &query.project_ids),
        ("h.environment", "environment", &query.environments),
    ] {
        if !names.is_empty() {
            let patterns: Vec<_> = names.iter().cloned().map(Pattern::Exact).collect();
            wanted += &format!(" and {column} in ({})", list(&numbers(db, source, &patterns)?));
        }
    }
    Ok(wanted)
}

/// Most reports first; what is past the limit is one last series.
fn series(sums: HashMap<String, Vec<i64>>) -> Vec<Series> {
    let mut series: Vec<Series> =
        sums.into_iter().map(|(key, counts)| Series { key, counts }).collect();
    series.sort_by_cached_key(|one| (-one.counts.iter().sum::<i64>(), one.key.clone()));
    if series.len() > SERIES_MAX {
        let rest = series.split_off(SERIES_MAX - 1);
        let mut counts = vec![0; rest[0].counts.len()];
        for one in &rest {
            for (sum, count) in counts.iter_mut().zip(&one.counts) {
                *sum += count;
            }
        }
        series.push(Series { key: REST.to_owned(), counts });
    }
    series
}
