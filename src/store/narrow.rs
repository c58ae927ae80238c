//! Whether a list can only be of a few issues, and which: those are rather read than walked to.

use super::conditions::Owned;
use super::engine::{Engine, Value, all, first, list};
use super::error::Result;
use super::filter::Wanted;

/// Issues that are few. In tests fewer, so that they meet both ways.
const FEW_MAX: usize = if cfg!(test) { 3 } else { 5_000 };

/// One issue in so many is rare.
const RARE_SHARE: i64 = if cfg!(test) { 4 } else { 256 };

/// The issues that something wanted narrows the list to, if that is few.
pub(super) fn few(db: &mut dyn Engine, wanted: &Wanted) -> Result<Option<Vec<i64>>> {
    let mut statements: Vec<(String, Vec<Owned>)> = Vec::new();
    if let Some(versions) = &wanted.versions {
        let versions = list(versions);
        let sql = format!(
            "select distinct issue from issue_slice where version <> 0 and version in ({versions})"
        );
        statements.push((sql, vec![]));
    }
    if let Some(environments) = &wanted.environments {
        let sql = format!(
            "select distinct issue from issue_environment where environment in ({})",
            list(environments)
        );
        statements.push((sql, vec![]));
    }
    if let Some(projects) = &wanted.projects {
        let sql = format!("select id from issue where project in ({})", list(projects));
        statements.push((sql, vec![]));
    }
    // The index knows no NEW ones: they are never few.
    if let Some(statuses) = wanted.statuses.as_ref().filter(|statuses| !statuses.contains(&0)) {
        let statuses = list(statuses);
        let sql = format!("select id from issue where status <> 0 and status in ({statuses})");
        statements.push((sql, vec![]));
    }
    for (wanted, column) in
        [(&wanted.codes, "issue_code where code"), (&wanted.types, "issue_text where type")]
    {
        if let Some(texts) = wanted {
            let places: Vec<String> = (1..=texts.len()).map(|at| format!("?{at}")).collect();
            let sql = format!("select distinct issue from {column} in ({})", places.join(", "));
            statements.push((sql, texts.iter().cloned().map(Owned::Text).collect()));
        }
    }
    for (sql, values) in statements {
        if let Some(few) = up_to_few(db, &sql, &values)? {
            return Ok(Some(few));
        }
    }
    let of_words = wanted.words.as_ref().map(|query| of_words(db, query)).transpose()?;
    match (of_words.flatten(), &wanted.levels) {
        (Some(few), _) => Ok(Some(few)),
        (None, Some(sets)) => of_levels(db, sets),
        (None, None) => Ok(None),
    }
}

/// Those that have had a level, if they are so rare that a walk would hardly meet one.
fn of_levels(db: &mut dyn Engine, sets: &[i64]) -> Result<Option<Vec<i64>>> {
    let (all, sets) = ("(select id from project)", list(sets));
    let sql = format!("select id from issue where project in {all} and levels in ({sets})");
    let few = up_to_few(db, &sql, &[])?;
    let last = first(db, "select max(id) from issue", &[], |row| row.int(0))?.unwrap_or(0);
    Ok(few.filter(|few| few.len() as i64 * RARE_SHARE <= last))
}

/// Those whose text may have the words: as the index says, and those that it does not know yet.
fn of_words(db: &mut dyn Engine, query: &str) -> Result<Option<Vec<i64>>> {
    let waiting = "select issue from issue_text where indexed = 0";
    let Some(mut few) = up_to_few(db, waiting, &[])? else { return Ok(None) };
    let sql = db.words_source("?1");
    let Some(indexed) = up_to_few(db, &sql, &[Owned::Text(query.to_owned())])? else {
        return Ok(None);
    };
    few.extend(indexed);
    few.sort_unstable();
    few.dedup();
    Ok(Some(few))
}

fn up_to_few(db: &mut dyn Engine, sql: &str, values: &[Owned]) -> Result<Option<Vec<i64>>> {
    let values: Vec<Value<'_>> = values.iter().map(Owned::value).collect();
    let sql = format!("{sql} limit {}", FEW_MAX + 1);
    let found = all(db, &sql, &values, |row| row.int(0))?;
    Ok((found.len() <= FEW_MAX).then_some(found))
}
