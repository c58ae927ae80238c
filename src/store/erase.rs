//! Erases: events, issues, projects. What is erased is overwritten in the file, in every table that
//! holds a piece of it. Big things go in steps, each a transaction of its own.

use super::engine::{Engine, all, first, list};
use super::error::Result;
use super::{counts, projects, runs};
use crate::domain::issue;

/// Events of one step.
const STEP: usize = 200;

/// How much was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Issues.
    pub issues: i64,
    /// Stored events.
    pub events: i64,
}

/// One step of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What this step erased.
    pub erased: Erased,
    /// Whether nothing is left to do.
    pub done: bool,
}

/// Removes events of one issue with their keys. The issue's count stays; what it keeps is less.
pub fn remove_events(db: &mut dyn Engine, issue: i64, events: &[i64]) -> Result<()> {
    let rows = all(
        db,
        &format!("select id, keys from event where id in ({}) and issue = ?1", list(events)),
        &[issue.into()],
        |row| (row.int(0), row.blob(1).to_vec()),
    )?;
    for (event, keys) in &rows {
        runs::forget(db, *event, issue, keys)?;
    }
    runs::keep_memory(db, events)?;
    keep_next_number(db)?;
    db.run(
        &format!("delete from event where id in ({}) and issue = ?1", list(events)),
        &[issue.into()],
    )?;
    db.run(
        "update issue set kept = kept - ?2 where id = ?1",
        &[issue.into(), (rows.len() as i64).into()],
    )?;
    Ok(())
}

/// Notes the next event's number, so that a removed newest event's number is not used again.
pub fn keep_next_number(db: &mut dyn Engine) -> Result<()> {
    db.run(
        "insert into meta (key, value) select 'next_event', coalesce(max(id), 0) + 1 from event \
         where 1 = 1 on conflict (key) do update set value = \
         case when excluded.value > meta.value then excluded.value else meta.value end",
        &[],
    )?;
    Ok(())
}

/// Removes stacks of an issue that no event has any more; whether there were any. The writer's
/// memory of stacks must be forgotten then.
pub fn remove_unused_stacks(db: &mut dyn Engine, issue: i64) -> Result<bool> {
    let stacks =
        all(db, "select id from stack where issue = ?1", &[issue.into()], |row| row.int(0))?;
    let kept =
        first(db, "select kept from issue where id = ?1", &[issue.into()], |row| row.int(0))?;
    if stacks.len() <= 1 && kept != Some(0) {
        return Ok(false);
    }
    let mut used = std::collections::HashSet::new();
    let mut below = i64::MAX;
    loop {
        let events = runs::events_of_issue(db, issue, below, STEP)?;
        let Some(last) = events.last() else { break };
        below = *last;
        let sql = format!("select distinct stack from event where id in ({})", list(&events));
        used.extend(all(db, &sql, &[], |row| row.int(0))?);
    }
    let unused: Vec<i64> = stacks.into_iter().filter(|stack| !used.contains(stack)).collect();
    if !unused.is_empty() {
        db.run(&format!("delete from stack where id in ({})", list(&unused)), &[])?;
    }
    Ok(!unused.is_empty())
}

/// Erases an issue, a step at a time: its events first, then everything else of it.
pub fn issue_step(db: &mut dyn Engine, issue: i64) -> Result<Option<Step>> {
    let project =
        first(db, "select project from issue where id = ?1", &[issue.into()], |row| row.int(0))?;
    let Some(project) = project else { return Ok(None) };
    let events = runs::events_of_issue(db, issue, i64::MAX, STEP)?;
    let stored = first(
        db,
        &format!("select count(*) from event where id in ({})", list(&events)),
        &[],
        |row| row.int(0),
    )?
    .unwrap_or(0);
    if !events.is_empty() {
        remove_events(db, issue, &events)?;
        // Keys of events that retention took away already.
        runs::forget_of_issue(db, issue, &events, &[])?;
        let erased = Erased { issues: 0, events: stored };
        return Ok(Some(Step { erased, done: false }));
    }
    counts::forget_issue(db, project, issue)?;
    db.forget_words(issue)?;
    db.run(
        "delete from issue_environment where issue = ?1 \
         and environment in (select id from environment where project = ?2)",
        &[issue.into(), project.into()],
    )?;
    let of_text = ["issue_text", "issue_slice", "issue_code", "user_sketch", "stack", "history"];
    for table in of_text.into_iter().chain(["notice", "delivery"]) {
        db.run(&format!("delete from {table} where issue = ?1"), &[issue.into()])?;
    }
    db.run("delete from issue where id = ?1", &[issue.into()])?;
    Ok(Some(Step { erased: Erased { issues: 1, events: 0 }, done: true }))
}

/// What the name of a project begins with while it is erased: no report can have it.
const DETACHED: char = '\u{1}';

/// Takes a project's name away, so that reports that arrive from now on begin a new one; its number
/// for [`project_step`], or `None` if there is no such project.
pub fn detach_project(db: &mut dyn Engine, name: &str) -> Result<Option<i64>> {
    let Some(project) = projects::number(db, name)? else { return Ok(None) };
    let hidden = format!("{DETACHED}{project}");
    db.run(
        "update project set name = ?2 where id = ?1",
        &[project.into(), hidden.as_str().into()],
    )?;
    // What was given for this project is not given for a later one of its name.
    db.run("delete from person_project where project = ?1", &[project.into()])?;
    db.run("delete from access_key where project = ?1", &[project.into()])?;
    Ok(Some(project))
}

/// Projects that are being erased. Readers leave them out.
pub fn detached_projects(db: &mut dyn Engine) -> Result<Vec<i64>> {
    // A range, so that the index on names is used.
    all(
        db,
        "select id from project where name >= ?1 and name < ?2",
        &["\u{1}".into(), "\u{2}".into()],
        |row| row.int(0),
    )
}

/// Whether a project of this name is being erased.
pub fn is_detached(name: &str) -> bool {
    name.starts_with('\u{1}')
}

/// Erases a detached project, a step at a time.
pub fn project_step(db: &mut dyn Engine, project: i64) -> Result<Step> {
    let issue =
        first(db, "select id from issue where project = ?1 limit 1", &[project.into()], |row| {
            row.int(0)
        })?;
    if let Some(issue) = issue {
        let step = issue_step(db, issue)?;
        let erased = step.map(|step| step.erased).unwrap_or_default();
        return Ok(Step { erased, done: false });
    }
    for table in ["environment", "version", "project_hour", "deploy"] {
        db.run(&format!("delete from {table} where project = ?1"), &[project.into()])?;
    }
    db.run("delete from project where id = ?1", &[project.into()])?;
    Ok(Step { erased: Erased::default(), done: true })
}

/// Erases the events of one user in one project, a step at a time. They stay counted. Where the
/// issue's shown text came from one of them, the newest event that is left gives it anew.
/// `below`: the number below which the next step goes on; `i64::MAX` at first.
pub fn user_step(
    db: &mut dyn Engine,
    project: &str,
    user: &str,
    below: &mut i64,
) -> Result<Option<Step>> {
    let Some(project) = projects::number(db, project)? else { return Ok(None) };
    let hash = runs::key_hash(runs::KeyKind::User, user.as_bytes());
    let numbers = runs::events_by_key(db, hash, *below, STEP)?;
    let Some(last) = numbers.last() else {
        return Ok(Some(Step { erased: Erased::default(), done: true }));
    };
    *below = *last;
    let sql = format!("select id from event where project = ?1 and id in ({})", list(&numbers));
    let of_project = all(db, &sql, &[project.into()], |row| row.int(0))?;
    let mut by_issue: std::collections::BTreeMap<i64, Vec<i64>> = Default::default();
    for number in of_project {
        // Two values may have one hash: the event itself says whose it is.
        if let Some(event) = super::events::find_by_number(db, number)?
            && event.user_id.as_deref() == Some(user)
        {
            by_issue.entry(event.issue_id).or_default().push(number);
        }
    }
    let mut erased = Erased::default();
    for (issue, events) in by_issue {
        remove_events(db, issue, &events)?;
        remove_unused_stacks(db, issue)?;
        show_newest_left(db, issue)?;
        erased.events += events.len() as i64;
    }
    Ok(Some(Step { erased, done: false }))
}

fn show_newest_left(db: &mut dyn Engine, issue: i64) -> Result<()> {
    let newest = runs::events_of_issue(db, issue, i64::MAX, 1)?;
    let event: Option<issue::Event> = match newest.first() {
        Some(number) => super::events::find_by_number(db, *number)?,
        None => None,
    };
    let (message, code, culprit) = match &event {
        Some(event) => {
            (event.error.message.as_str(), event.error.code.as_deref(), event.culprit.as_deref())
        }
        None => ("[erased]", None, None),
    };
    db.run(
        "update issue_text set message = ?2, code = ?3, culprit = ?4, indexed = 0 \
         where issue = ?1",
        &[issue.into(), message.into(), code.into(), culprit.into()],
    )?;
    db.forget_words(issue)
}
