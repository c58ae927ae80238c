//! How the candidates of a list of events are found, some a step.

use super::super::engine::{Engine, all, first, list};
use super::super::error::Result;
use super::super::runs::{self, KeyKind};
use super::super::{erase, filter};
use crate::domain::query::EventQuery;
use crate::domain::search::{Key, Pattern, Term, Test};

/// Candidates of one step.
const STEP: usize = 250;
/// Numbers that one step of a walk looks through: about 20 ms.
const WINDOW: i64 = 20_000;
/// Issues whose events are looked up one by one.
const FEW_ISSUES: usize = 16;
/// The oldest number and the newest. In one `select` they would be looked for through all rows.
const ENDS: &str = "select (select min(id) from event), (select max(id) from event)";

/// How the candidates of a list are found.
pub(super) enum Source {
    /// By one key.
    Key(i64),
    /// Those of a few issues.
    Issues(Vec<i64>),
    /// All, newest first, that meet a condition on the row.
    Walk(String),
}

/// Candidates of one step, newest first, and the number below which the next step goes on; 0 when
/// there is nothing below.
pub(super) struct Step {
    pub(super) numbers: Vec<i64>,
    pub(super) below: i64,
}

impl Source {
    /// Of what is asked for and the issues that a search leaves.
    pub(super) fn of(
        db: &mut dyn Engine,
        query: &EventQuery,
        issues: Option<Vec<i64>>,
    ) -> Result<Self> {
        let mut condition = match issues {
            None => "1 = 1".to_owned(),
            Some(few) if few.len() <= FEW_ISSUES => return Ok(Self::Issues(few)),
            Some(issues) => format!("e.issue in ({})", list(&issues)),
        };
        // Those of a project that is being erased are left out of every page; here they are not
        // even walked through, or a large one would make empty pages.
        let detached = erase::detached_projects(db)?;
        if !detached.is_empty() {
            condition += &format!(" and e.project not in ({})", list(&detached));
        }
        for (column, table, names) in [
            ("project", "project", &query.project_ids),
            ("environment", "environment", &query.environments),
        ] {
            if !names.is_empty() {
                let patterns: Vec<_> = names.iter().cloned().map(Pattern::Exact).collect();
                let numbers = filter::numbers(db, table, &patterns)?;
                condition += &format!(" and e.{column} in ({})", list(&numbers));
            }
        }
        if let Some(since) = query.span.since {
            condition += &format!(" and e.timestamp >= {since}");
        }
        if let Some(until) = query.span.until {
            condition += &format!(" and e.timestamp < {until}");
        }
        Ok(Self::Walk(condition))
    }

    /// The next candidates below a number.
    pub(super) fn step(&self, db: &mut dyn Engine, below: i64) -> Result<Step> {
        let numbers = match self {
            Self::Walk(condition) => return walk(db, condition, below),
            Self::Key(hash) => runs::events_by_key(db, *hash, below, STEP)?,
            Self::Issues(issues) => {
                let mut numbers = Vec::new();
                for issue in issues {
                    numbers.extend(runs::events_of_issue(db, *issue, below, STEP)?);
                }
                numbers.sort_unstable_by(|a, b| b.cmp(a));
                numbers.truncate(STEP);
                numbers
            }
        };
        let below = if numbers.len() < STEP { 0 } else { numbers[STEP - 1] };
        Ok(Step { numbers, below })
    }
}

/// Looks through one window of numbers, so that no step takes long, however few match.
fn walk(db: &mut dyn Engine, condition: &str, below: i64) -> Result<Step> {
    let ends = first(db, ENDS, &[], |row| (row.int(0), row.int(1)));
    let (oldest, newest) = ends?.unwrap_or_default();
    let below = below.min(newest + 1);
    let floor = below - WINDOW;
    let sql = format!(
        "select e.id from event e where e.id < {below} and e.id >= {floor} and {condition} \
         order by e.id desc limit {STEP}"
    );
    let numbers = all(db, &sql, &[], |row| row.int(0))?;
    let below = if numbers.len() < STEP { floor } else { numbers[STEP - 1] };
    Ok(Step { numbers, below: if below <= oldest { 0 } else { below } })
}

/// The key that narrows most, of the query's own members and of the search.
pub(super) fn key_asked_for(query: &EventQuery, terms: &[Term]) -> Option<i64> {
    let own = [
        (KeyKind::Request, &query.request_id),
        (KeyKind::Trace, &query.trace_id),
        (KeyKind::User, &query.user_id),
    ];
    let own = own.into_iter().find_map(|(kind, value)| Some((kind, value.as_deref()?)));
    let searched = terms.iter().filter(|term| !term.negated).find_map(|term| {
        let Test::Key { key, patterns } = &term.test else { return None };
        let kind = match key {
            Key::Request => KeyKind::Request,
            Key::Trace => KeyKind::Trace,
            Key::User => KeyKind::User,
            _ => return None,
        };
        let [Pattern::Exact(exact)] = patterns.as_slice() else { return None };
        Some((kind, exact.as_str()))
    });
    own.or(searched).map(|(kind, value)| runs::key_hash(kind, value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    #[test]
    fn where_events_begin_and_end_is_looked_up() {
        let mut store = store();
        let sql = format!("explain query plan {ENDS}");
        let plan = all(&mut store.writer.db, &sql, &[], |row| row.text(3).to_owned()).unwrap();
        assert_eq!(plan.iter().filter(|step| *step == "SEARCH event").count(), 2, "{plan:?}");
        assert!(plan.iter().all(|step| !step.starts_with("SCAN event")), "{plan:?}");
    }
}
