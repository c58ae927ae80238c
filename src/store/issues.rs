//! Reads issues: lists by keyset, and one with all that its page shows.

use super::counts::HOUR_MS;
use super::engine::{Engine, Row, all, first, list};
use super::error::Result;
use super::filter::{Asker, Filter, Slice};
use super::rising::WEEK_HOURS;
use super::{cursor, events, history, moves, runs};
use crate::domain::fingerprint::hex;
use crate::domain::issue::{Hours, Issue, IssueDetail, KeyCount, is_rising};
use crate::domain::level::Level;
use crate::domain::query::{IssueQuery, IssueSort, Span};
use crate::domain::search::Query;
use crate::domain::status::Status;

/// Milliseconds of the minutes in which issues are indexed by when they were last seen.
const MINUTE_MS: i64 = 60_000;
/// How far a total counts.
pub const TOTAL_MAX: i64 = 10_000;
/// Hours of an issue's chart: 14 days.
const CHART_HOURS: i64 = 336;
/// Hours of a row's trend.
const TREND_HOURS: i64 = 24;
/// Entries of history that the issue's page shows at once.
const HISTORY_SHOWN: usize = 200;

/// One page of issues.
#[derive(Debug)]
pub struct IssuePage {
    /// The issues.
    pub items: Vec<Issue>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// All that match, counted up to [`TOTAL_MAX`].
    pub total: i64,
    /// Whether that is all of them: not when there are more, nor when a search for users, requests
    /// or traces could not look through all events.
    pub total_is_exact: bool,
    /// The span of the counts, when one was asked for.
    pub range: Option<Span>,
}

/// A row of the first step: which issue, and its counts in the slice.
#[derive(Clone, Copy)]
struct Found {
    id: i64,
    sorted_by: i64,
    slice: Option<(i64, i64, i64)>,
}

const fn cursor_kind(sort: IssueSort) -> char {
    match sort {
        IssueSort::LastSeen => 'l',
        IssueSort::FirstSeen => 'f',
        IssueSort::Count => 'n',
        IssueSort::Users => 'u',
    }
}

/// One page of a list; `None` when the cursor is none of this list.
pub fn page(
    db: &mut dyn Engine,
    query: &IssueQuery,
    search: &Query,
    asker: Asker<'_>,
) -> Result<Option<IssuePage>> {
    let kind = cursor_kind(query.sort);
    let after = match &query.page.cursor {
        None => None,
        Some(text) => match cursor::read::<2>(kind, text) {
            None => return Ok(None),
            found => found,
        },
    };
    let mut filter = Filter::of_issues(db, &query.filter, search, asker)?;
    let from = from(&filter);
    let total = first(
        db,
        &format!(
            "select count(*) from (select 1 {from} where {} limit {})",
            filter.conditions.sql(),
            TOTAL_MAX + 1
        ),
        &filter.conditions.values(),
        |row| row.int(0),
    )?
    .unwrap_or(0);
    let table = if filter.slice.is_whole() || query.sort == IssueSort::Users { "i" } else { "s" };
    let column = format!("{table}.{}", query.sort.name());
    // The index knows the minute; within one, the rows are sorted.
    let by_minute = filter.slice.is_whole() && query.sort == IssueSort::LastSeen;
    let minute = if by_minute { "i.seen_minute desc, " } else { "" };
    if let Some([value, id]) = after {
        filter.conditions.parts.push(format!("({column}, i.id) < ({value}, {id})"));
        if by_minute {
            filter.conditions.parts.push(format!("i.seen_minute <= {}", value / MINUTE_MS));
        }
    }
    let slice =
        if filter.slice.is_whole() { "0, 0, 0" } else { "s.count, s.first_seen, s.last_seen" };
    let sql = format!(
        "select i.id, {column}, {slice} {from} where {} \
         order by {minute}{column} desc, i.id desc limit {}",
        filter.conditions.sql(),
        query.page.limit + 1
    );
    let whole = filter.slice.is_whole();
    let mut found = all(db, &sql, &filter.conditions.values(), |row| Found {
        id: row.int(0),
        sorted_by: row.int(1),
        slice: (!whole).then(|| (row.int(2), row.int(3), row.int(4))),
    })?;
    let more = found.len() > query.page.limit;
    found.truncate(query.page.limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(kind, &[last.sorted_by, last.id]));
    Ok(Some(IssuePage {
        items: load(db, &found, &filter.slice, asker.now)?,
        next_cursor,
        total: total.min(TOTAL_MAX),
        total_is_exact: total <= TOTAL_MAX && !filter.is_partial,
        range: (!filter.slice.span.is_open()).then_some(filter.slice.span),
    }))
}

fn from(filter: &Filter) -> String {
    let text = "join issue_text x on x.issue = i.id";
    if filter.slice.is_whole() {
        return format!("from issue i {text}");
    }
    format!(
        "from (select h.issue, sum(h.count) as count, min(h.first_seen) as first_seen, \
         max(h.last_seen) as last_seen from hour_count h where {} group by h.issue) s \
         join issue i on i.id = s.issue {text}",
        filter.slice.sql()
    )
}

/// One issue as lists show it.
pub fn find(db: &mut dyn Engine, id: i64, now: i64) -> Result<Option<Issue>> {
    let found = Found { id, sorted_by: 0, slice: None };
    Ok(load(db, &[found], &Slice::default(), now)?.pop())
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

fn load(db: &mut dyn Engine, found: &[Found], slice: &Slice, now: i64) -> Result<Vec<Issue>> {
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
    let hour = now.div_euclid(HOUR_MS);
    let sql = format!(
        "select h.issue, h.hour, sum(h.count), sum(case when {} then h.count else 0 end) \
         from hour_count h where h.issue in ({}) and h.hour > ?1 and h.hour <= ?2 \
         group by h.issue, h.hour",
        slice.sql(),
        list(ids)
    );
    let mut sums: std::collections::HashMap<i64, (i64, i64)> = Default::default();
    db.each(&sql, &[(hour - WEEK_HOURS).into(), hour.into()], &mut |row| {
        let Some(issue) = issues.get_mut(&row.int(0)) else { return true };
        let (age, count) = (hour - row.int(1), row.int(2));
        if age < TREND_HOURS {
            issue.trend[(TREND_HOURS - 1 - age) as usize] = row.int(3);
        }
        let sum = sums.entry(issue.id).or_default();
        *(if age < 2 { &mut sum.0 } else { &mut sum.1 }) += count;
        true
    })?;
    for (id, (recent, week)) in sums {
        if let Some(issue) = issues.get_mut(&id) {
            issue.rising = is_rising(recent, week);
        }
    }
    Ok(())
}
