//! Lists of issues: filtered, sorted and paged by keyset.
//!
//! A list of all reports is read along an index of its order. What is counted in a *slice* (an
//! environment, a version, a level, a time) is a sum of hours, by which nothing is sorted: there
//! the issues come in the order of what bounds the sum (no slice has more reports than its issue,
//! or a later one), their slices are summed, and the walk ends where no later issue can reach the
//! page.

use std::collections::BTreeMap;

use super::conditions::Conditions;
use super::counts::DAY_MS;
use super::cursor;
use super::engine::{Engine, Value, all, first, list};
use super::error::Result;
use super::filter::{Asker, Filter, Slice};
use super::issues::{Found, load};
use super::narrow;
use crate::domain::issue::Issue;
use crate::domain::query::{IssueQuery, IssueSort, Span};
use crate::domain::search::Query;

/// How far a total counts.
pub const TOTAL_MAX: i64 = 10_000;
/// Issues whose slices are summed at once: at first, and at most.
const STEP: usize = if cfg!(test) { 4 } else { 64 };
const STEP_MAX: usize = 1_024;

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
            Some([value, id]) => Some((value, id)),
        },
    };
    let filter = Filter::of_issues(db, &query.filter, search, asker)?;
    let few = narrow::few(db, &filter.wanted)?;
    let total = total(db, &filter, few.as_deref(), asker.now)?;
    let list = List { filter, sort: query.sort, limit: query.page.limit + 1 };
    let mut found = match few {
        Some(few) => list.select(db, &few, after)?,
        None => list.walk(db, after)?,
    };
    let more = found.len() > query.page.limit;
    found.truncate(query.page.limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(kind, &[last.sorted_by, last.id]));
    let slice = &list.filter.slice;
    Ok(Some(IssuePage {
        items: load(db, &found, slice, asker.now)?,
        next_cursor,
        total: total.min(TOTAL_MAX),
        total_is_exact: total <= TOTAL_MAX && !list.filter.is_partial,
        range: (!slice.span.is_open()).then_some(slice.span),
    }))
}

/// How many issues match, counted a little beyond [`TOTAL_MAX`].
fn total(db: &mut dyn Engine, filter: &Filter, few: Option<&[i64]>, now: i64) -> Result<i64> {
    let slice = &filter.slice;
    let (from, conditions) = (from(&filter.conditions), filter.conditions.sql());
    let is_told_by_rows = slice.is_whole() || (slice.only_levels && slice.of_sums.is_empty());
    let found = if is_told_by_rows {
        match (few, &filter.wanted.words) {
            (None, Some(query)) => return total_of_words(db, filter, query),
            (None, None) => format!("{from} where {}", filter.conditions.sql_along_levels()),
            (Some(few), _) => format!("{from} where i.id in ({}) and {conditions}", list(few)),
        }
    } else if few.is_some() || !slice.of_sums.is_empty() {
        let from = summed(filter, few.map(list).as_deref());
        format!("{from} where {conditions} and {}", slice.sql_of_sums())
    } else if let Some(environments) = slice.only_environments.as_ref()
        && !slice.span.is_open()
    {
        return total_of_days(db, filter, environments, now);
    } else if slice.span.is_open() {
        // What an issue was ever seen in is known without its hours.
        let (from, id) = of_text_alone(&filter.conditions).unwrap_or((&from, "i.id"));
        format!("{from} where {conditions} and {}", ever_seen(slice, id))
    } else {
        // Where few were seen since, all of them are looked at.
        let since = since(slice.span);
        let seen = format!("select 1 from issue i where true {since}");
        let conditions = match count_up_to_max(db, &seen, &[])? {
            ..=TOTAL_MAX => filter.conditions.sql_beside(),
            _ => conditions,
        };
        format!(
            "{from} where {conditions} {since}and exists \
             (select 1 from hour_count h where h.issue = i.id and {})",
            slice.sql()
        )
    };
    count_up_to_max(db, &format!("select 1 {found}"), &filter.conditions.values())
}

/// The condition that an issue was ever seen in a slice. One has few slices: reading them costs
/// less than looking for each of several environments.
fn ever_seen(slice: &Slice, id: &str) -> String {
    let mut conditions = slice.sql();
    if slice.only_environments.as_ref().is_some_and(|all| all.len() > 2) {
        conditions = conditions.replace("h.environment in", "+h.environment in");
    }
    format!("exists (select 1 from issue_slice h where h.issue = {id} and {conditions})")
}

/// Where conditions are about the text alone, what to read, and its issue.
fn of_text_alone(conditions: &Conditions) -> Option<(&'static str, &'static str)> {
    let is_alone = !conditions.parts.is_empty()
        && conditions.parts.iter().all(|one| one.contains("x.") && !one.contains("i."));
    is_alone.then_some(("from issue_text x", "x.issue"))
}

/// How many issues were seen in some environments in a span. Only what was last seen on its first
/// day, or not before its last when that is over, needs a closer look.
fn total_of_days(
    db: &mut dyn Engine,
    filter: &Filter,
    environments: &[i64],
    now: i64,
) -> Result<i64> {
    let slice = &filter.slice;
    let mut environments = environments.to_vec();
    if let Some(projects) = &filter.wanted.projects {
        let (all_of, projects) = (list(&environments), list(projects));
        let sql = format!(
            "select id from environment where id in ({all_of}) and project in ({projects})"
        );
        environments = all(db, &sql, &[], |row| row.int(0))?;
    }
    let first = slice.span.since.unwrap_or(0).div_euclid(DAY_MS);
    let until = slice.span.until.filter(|until| *until <= now);
    let last = until.map_or(i64::MAX, |until| until.div_euclid(DAY_MS));
    let from = if filter.conditions.parts.is_empty() {
        String::new()
    } else {
        from(&filter.conditions).replace("from issue i", "join issue i on i.id = l.issue")
    };
    let sql = format!(
        "select distinct l.issue from issue_environment l {from} where l.environment in ({}) \
         and l.last_day >= {first} and {} and ((l.last_day > {first} and l.last_day < {last}) \
         or exists (select 1 from hour_count h where h.issue = l.issue and {}))",
        list(&environments),
        filter.conditions.sql(),
        slice.sql()
    );
    count_up_to_max(db, &sql, &filter.conditions.values())
}

/// How many issues match words of which there are many: along the index of words, and those that it
/// does not know yet.
fn total_of_words(db: &mut dyn Engine, filter: &Filter, query: &str) -> Result<i64> {
    let mut values = filter.conditions.values();
    let conditions = filter.conditions.sql();
    let from = "join issue i on i.id = w.issue join issue_text x on x.issue = i.id";
    let waiting = format!(
        "select 1 from (select issue from issue_text where indexed = 0) w {from} \
         where {conditions}"
    );
    let waiting = count_up_to_max(db, &waiting, &values)?;
    values.push(Value::Text(query));
    let words = db.words_source(&format!("?{}", values.len()));
    let sql = format!("select 1 from ({words}) w {from} where x.indexed = 1 and {conditions}");
    Ok(waiting + count_up_to_max(db, &sql, &values)?)
}

fn count_up_to_max(db: &mut dyn Engine, rows: &str, values: &[Value<'_>]) -> Result<i64> {
    let sql = format!("select count(*) from ({rows} limit {})", TOTAL_MAX + 1);
    Ok(first(db, &sql, values, |row| row.int(0))?.unwrap_or(0))
}

/// The condition that an issue was seen after the beginning of a span.
fn since(span: Span) -> String {
    span.since.map_or_else(String::new, |since| format!("and i.last_seen >= {since} "))
}

/// Issues with their text where a condition is about it.
fn from(conditions: &Conditions) -> String {
    let is_of_text = conditions.parts.iter().any(|one| one.contains("x."));
    let text = if is_of_text { " join issue_text x on x.issue = i.id" } else { "" };
    format!("from issue i{text}")
}

/// Issues with the sums of their slices.
fn summed(filter: &Filter, few: Option<&str>) -> String {
    let few = few.map(|few| format!(" and h.issue in ({few})")).unwrap_or_default();
    format!(
        "from (select h.issue, sum(h.count) as count, min(h.first_seen) as first_seen, \
         max(h.last_seen) as last_seen from hour_count h where {}{few} group by h.issue) s \
         join issue i on i.id = s.issue join issue_text x on x.issue = i.id",
        filter.slice.sql()
    )
}

/// What a page is of.
struct List {
    filter: Filter,
    sort: IssueSort,
    /// Issues that are wanted: one more than the page has.
    limit: usize,
}

/// A place in the order: what is sorted by, and the issue.
type Place = (i64, i64);

impl List {
    /// Sorts a few issues.
    fn select(&self, db: &mut dyn Engine, few: &[i64], after: Option<Place>) -> Result<Vec<Found>> {
        let slice = &self.filter.slice;
        let is_whole = slice.is_whole();
        let table = if is_whole || self.sort == IssueSort::Users { "i" } else { "s" };
        let column = format!("{table}.{}", self.sort.name());
        let few = list(few);
        let mut conditions = vec![self.filter.conditions.sql(), slice.sql_of_sums()];
        if let Some((value, id)) = after {
            conditions.push(format!("({column}, i.id) < ({value}, {id})"));
        }
        let (sums, from) = if is_whole {
            conditions.push(format!("i.id in ({few})"));
            ("0, 0, 0", from(&self.filter.conditions))
        } else {
            ("s.count, s.first_seen, s.last_seen", summed(&self.filter, Some(&few)))
        };
        let sql = format!(
            "select i.id, {column}, {sums} {from} where {} \
             order by {column} desc, i.id desc limit {}",
            conditions.join(" and "),
            self.limit
        );
        all(db, &sql, &self.filter.conditions.values(), |row| Found {
            id: row.int(0),
            sorted_by: row.int(1),
            slice: (!is_whole).then(|| (row.int(2), row.int(3), row.int(4))),
        })
    }

    fn walk(&self, db: &mut dyn Engine, after: Option<Place>) -> Result<Vec<Found>> {
        let mut best: BTreeMap<Place, Found> = BTreeMap::new();
        // A slice is walked from the top, since its sum says little of the issue's own.
        let mut from = after.filter(|_| self.filter.slice.is_whole());
        let mut step = STEP;
        loop {
            let candidates = self.candidates(db, from, step)?;
            let Some(last) = candidates.last().copied() else { break };
            for found in self.counted(db, &candidates)? {
                let place = (found.sorted_by, found.id);
                if after.is_none_or(|after| place < after) {
                    best.insert(place, found);
                }
                if best.len() > self.limit {
                    best.pop_first();
                }
            }
            let worst = best.first_key_value().map(|(worst, _)| *worst);
            let is_beyond = best.len() == self.limit && worst >= Some(last);
            if is_beyond || candidates.len() < step {
                break;
            }
            (from, step) = (Some(last), (step * 2).min(STEP_MAX));
        }
        Ok(best.into_values().rev().collect())
    }

    /// What the issues are walked along: they are sorted by no more than it.
    const fn bound(&self) -> &'static str {
        match self.sort {
            IssueSort::FirstSeen if !self.filter.slice.is_whole() => "last_seen",
            _ => self.sort.name(),
        }
    }

    /// The next issues that may be on the page, each at the highest place that it may have: no
    /// slice of it has more reports, or a later one.
    fn candidates(
        &self,
        db: &mut dyn Engine,
        below: Option<Place>,
        number: usize,
    ) -> Result<Vec<Place>> {
        // Those at the same value apart: along an index their numbers can be begun in the midst.
        let bound = self.bound();
        let below = match below {
            None => vec![String::new()],
            Some((value, id)) => vec![
                format!("and i.{bound} = {value} and i.id < {id} "),
                format!("and i.{bound} < {value} "),
            ],
        };
        let values = self.filter.conditions.values();
        let mut found = Vec::new();
        for below in below {
            let sql = self.sql_of_candidates(&below, number - found.len());
            found.extend(all(db, &sql, &values, |row| (row.int(0), row.int(1)))?);
        }
        Ok(found)
    }

    fn sql_of_candidates(&self, below: &str, number: usize) -> String {
        let bound = self.bound();
        let mut since = since(self.filter.slice.span);
        if bound != "last_seen" {
            since = since.replace("i.last_seen", "+i.last_seen");
        }
        // What is asked of the bound itself begins and ends the walk.
        let (beside, led) = (format!("(+i.{bound} "), format!("(i.{bound} "));
        format!(
            "select i.{bound}, i.id {} where {} {below}{since}\
             order by i.{bound} desc, i.id desc limit {number}",
            from(&self.filter.conditions),
            self.filter.conditions.sql_beside().replace(&beside, &led),
        )
    }

    /// Those that have reports in the slice, with what they are sorted by.
    fn counted(&self, db: &mut dyn Engine, candidates: &[Place]) -> Result<Vec<Found>> {
        let slice = &self.filter.slice;
        if slice.is_whole() {
            let found = |&(sorted_by, id): &Place| Found { id, sorted_by, slice: None };
            return Ok(candidates.iter().map(found).collect());
        }
        let ids: Vec<i64> = candidates.iter().map(|place| place.1).collect();
        let by = match self.sort {
            IssueSort::Users => "(select i.users from issue i where i.id = s.issue)".to_owned(),
            _ => format!("s.{}", self.sort.name()),
        };
        let sql = format!(
            "select s.issue, {by}, s.count, s.first_seen, s.last_seen from \
             (select h.issue, sum(h.count) as count, min(h.first_seen) as first_seen, \
             max(h.last_seen) as last_seen from hour_count h \
             where h.issue in ({}) and {} group by h.issue) s where {}",
            list(&ids),
            slice.sql(),
            slice.sql_of_sums()
        );
        all(db, &sql, &[], |row| Found {
            id: row.int(0),
            sorted_by: row.int(1),
            slice: Some((row.int(2), row.int(3), row.int(4))),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::query::IssueFilter;
    use crate::domain::search;
    use crate::store::migrate;
    use crate::store::sqlite::Sqlite;

    fn list(db: &mut Sqlite, q: &str, sort: IssueSort) -> List {
        let search = search::parse(q, search::Scope::Issues).unwrap();
        let asker = Asker { who: "", now: 1_760_000_000_000 };
        let filter = Filter::of_issues(db, &IssueFilter::default(), &search, asker).unwrap();
        List { filter, sort, limit: 51 }
    }

    #[test]
    fn walks_go_along_the_index_of_their_order_whatever_is_asked() {
        let mut db = Sqlite::open_writer(Path::new(":memory:")).unwrap();
        migrate::migrate(&mut db).unwrap();
        let asked = ["", "project:a", "status:NEW type:b level:ERROR", "count:1", "users:0"];
        let times = ["seen:>1d seen:<10d", "first:>1d first:<10d count:>=2", "env:c users:1"];
        for (q, sort) in asked.iter().chain(&times).flat_map(|q| IssueSort::ALL.map(|one| (q, one)))
        {
            let list = list(&mut db, q, sort);
            let bound = list.bound();
            for below in ["".into(), format!("and i.{bound} = 9 and i.id < 5 ")] {
                let sql = format!("explain query plan {}", list.sql_of_candidates(&below, 64));
                let values = list.filter.conditions.values();
                let plan = all(&mut db, &sql, &values, |row| row.text(3).to_owned()).unwrap();
                let index = match bound {
                    "last_seen" => "INDEX issue_seen".to_owned(),
                    _ => format!("INDEX issue_{bound}"),
                };
                assert!(plan[0].contains(&index), "{q} {sort:?} {below}: {plan:?}");
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{q}: {plan:?}");
            }
        }
        for sort in IssueSort::ALL {
            let list = list(&mut db, "fingerprint:0a1b*", sort);
            let sql = format!("explain query plan {}", list.sql_of_candidates("", 64));
            let values = list.filter.conditions.values();
            let plan = all(&mut db, &sql, &values, |row| row.text(3).to_owned()).unwrap();
            assert!(plan[0].contains("(project=? AND fingerprint>? AND"), "{sort:?}: {plan:?}");
        }
    }
}
