//! Reads events: one by its id, those of an issue, and lists over all projects, newest first.

mod candidates;

use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

use candidates::Source;

use super::cursor;
use super::encode::{Body, Place, unpack};
use super::engine::{Engine, Row, all, first, list};
use super::error::{Error, Result};
use super::filter::{Asker, Filter};
use super::runs::{self, KeyKind};
use super::{erase, narrow};
use crate::domain::context;
use crate::domain::fingerprint::hex;
use crate::domain::issue::{Event, EventError};
use crate::domain::level::Level;
use crate::domain::query::{EventKey, EventQuery, Span};
use crate::domain::search::{Key, Pattern, Query, Term, Test};
use crate::domain::{server_id, uuid};

/// Candidates that a search reads at most for one page.
const CANDIDATES_MAX: usize = 10_000;
/// How long it reads at most.
const SEARCH_TIME_MAX: Duration = Duration::from_millis(900);
/// Issues that a search of events looks for at most. In tests fewer, so that they meet both ways.
const ISSUES_MAX: usize = if cfg!(test) { 20 } else { 10_000 };
/// How long it looks for them at most.
const ISSUES_TIME_MAX: Duration = Duration::from_millis(300);

const ISSUES: &str = "select i.id from issue i join issue_text x on x.issue = i.id";

/// One page of events.
#[derive(Debug)]
pub struct EventPage {
    /// The events, without stack and context.
    pub items: Vec<Event>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// Set when the search ended before all was read: when the last event that was read came.
    pub searched_to: Option<i64>,
}

pub(super) const COLUMNS: &str = "e.id, e.issue, p.name, i.fingerprint, e.timestamp, \
     e.received_at, n.name, v.name, e.level, e.event_id, e.body, k.body, e.project \
     from event e join issue i on i.id = e.issue join project p on p.id = e.project \
     left join environment n on n.id = e.environment left join version v on v.id = e.version \
     left join stack k on k.id = e.stack";

/// What a list leaves out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Item,
}

pub(super) fn event(row: &dyn Row, part: Part) -> Event {
    let body = unpack(row.blob(10)).unwrap_or_default();
    let body: Body<'_> = serde_json::from_slice(&body).unwrap_or_default();
    let place = unpack(row.blob(11)).unwrap_or_default();
    let place: Option<Place<'_>> = serde_json::from_slice(&place).ok();
    let known = body.context.map(|context| context::known(context.get())).unwrap_or_default();
    let (id, received_at) = (row.int(0), row.int(5));
    let event_id =
        <[u8; 16]>::try_from(row.blob(9)).unwrap_or_else(|_| server_id::of(id, received_at));
    let stack_trace = match part {
        Part::Item => None,
        Part::Whole => place.as_ref().and_then(|place| place.stack_trace(&body.message)),
    };
    let context = (part == Part::Whole).then(|| body.context.map(ToOwned::to_owned));
    let text = |text: Option<std::borrow::Cow<'_, str>>| text.map(std::borrow::Cow::into_owned);
    Event {
        id,
        event_id: uuid::format(&event_id),
        issue_id: row.int(1),
        project_id: row.text(2).to_owned(),
        fingerprint: hex(row.blob(3)),
        timestamp: row.int(4),
        received_at,
        environment: row.text(6).to_owned(),
        level: Level::from_code(row.int(8)),
        version: row.opt_string(7),
        commit_hash: text(body.commit_hash),
        error: EventError {
            kind: place.as_ref().map(|place| place.kind.to_string()).unwrap_or_default(),
            message: body.message.into_owned(),
            file_path: place.as_ref().map(|place| place.file_path.to_string()).unwrap_or_default(),
            line_number: place.as_ref().map_or(0, |place| place.line_number),
            stack_trace,
            code: text(body.code),
        },
        culprit: text(body.culprit),
        request_id: known.request_id,
        user_id: known.user_id,
        trace_id: known.trace_id,
        context,
        trimmed: body.trimmed,
        adjusted: body.adjusted,
    }
}

/// One event by its number, whole.
pub fn find_by_number(db: &mut dyn Engine, id: i64) -> Result<Option<Event>> {
    Ok(by_numbers(db, &[id], Part::Whole)?.pop())
}

fn by_numbers(db: &mut dyn Engine, ids: &[i64], part: Part) -> Result<Vec<Event>> {
    let sql = format!("select {COLUMNS} where e.id in ({}) order by e.id desc", list(ids));
    all(db, &sql, &[], |row| event(row, part))
}

/// Events with this id, whole: several when several projects have one.
pub fn find(db: &mut dyn Engine, key: &EventKey) -> Result<Vec<Event>> {
    let hash = runs::key_hash(KeyKind::EventId, &key.event_id);
    let mut numbers = runs::events_by_key(db, hash, i64::MAX, CANDIDATES_MAX)?;
    numbers.extend(server_id::number(&key.event_id));
    let wanted = uuid::format(&key.event_id);
    let mut found = by_numbers(db, &numbers, Part::Whole)?;
    found.retain(|event| {
        event.event_id == wanted
            && key.project_id.as_ref().is_none_or(|project| *project == event.project_id)
    });
    // A client may have sent an id that the server made: the newest of a project is meant.
    let mut projects = HashSet::new();
    found.retain(|event| projects.insert(event.project_id.clone()));
    Ok(found)
}

/// One page of an issue's events; `None` when the cursor is none of this list.
pub fn of_issue(
    db: &mut dyn Engine,
    issue: i64,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Option<EventPage>> {
    let Some(before) = before(cursor) else { return Ok(None) };
    // A run may still name events that retention has removed: then more are asked for.
    let (mut items, mut below) = (Vec::new(), before);
    loop {
        let numbers = runs::events_of_issue(db, issue, below, limit + 1)?;
        let Some(last) = numbers.last() else { break };
        below = *last;
        items.extend(by_numbers(db, &numbers, Part::Item)?);
        items.retain(|event: &Event| event.issue_id == issue);
        if items.len() > limit || numbers.len() <= limit {
            break;
        }
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write('e', &[last.id]));
    Ok(Some(EventPage { items, next_cursor, searched_to: None }))
}

fn before(cursor: Option<&str>) -> Option<i64> {
    match cursor {
        None => Some(i64::MAX),
        Some(text) => cursor::read::<1>('e', text).map(|[before]| before),
    }
}

/// The issues that have an event of a time whose request, user or trace matches, and whether all
/// events were looked through: wild patterns are compared with the newest ones only.
pub fn issues_by_key(
    db: &mut dyn Engine,
    kind: KeyKind,
    patterns: &[Pattern],
    span: Span,
) -> Result<(Vec<i64>, bool)> {
    let (since, last) = (span.since.unwrap_or(i64::MIN), span.until.map_or(i64::MAX, |at| at - 1));
    let (started, mut issues, mut complete) = (Instant::now(), HashSet::new(), true);
    let (exact, wild): (Vec<&Pattern>, Vec<&Pattern>) =
        patterns.iter().partition(|pattern| pattern.exact().is_some());
    for text in exact.iter().filter_map(|pattern| pattern.exact()) {
        let (hash, mut below) = (runs::key_hash(kind, text.as_bytes()), i64::MAX);
        loop {
            let numbers = runs::events_by_key(db, hash, below, CANDIDATES_MAX)?;
            let Some(lowest) = numbers.last() else { break };
            if started.elapsed() > SEARCH_TIME_MAX {
                complete = false;
                break;
            }
            below = *lowest;
            let sql = "select issue from event where timestamp between ?1 and ?2 and id in";
            let sql = format!("{sql} ({})", list(&numbers));
            issues.extend(all(db, &sql, &[since.into(), last.into()], |row| row.int(0))?);
        }
    }
    let everything = Source::Walk("1 = 1".to_owned());
    let (mut read, mut below) = (0, if wild.is_empty() { 0 } else { i64::MAX });
    while below > 0 {
        if read >= CANDIDATES_MAX || started.elapsed() > SEARCH_TIME_MAX {
            complete = false;
            break;
        }
        let step = everything.step(db, below)?;
        (below, read) = (step.below, read + step.numbers.len());
        for event in &by_numbers(db, &step.numbers, Part::Item)? {
            let value = key_of(event, kind).filter(|_| (since..=last).contains(&event.timestamp));
            if value.is_some_and(|text| wild.iter().any(|pattern| pattern.matches(text))) {
                issues.insert(event.issue_id);
            }
        }
    }
    Ok((issues.into_iter().collect(), complete))
}

fn key_of(event: &Event, kind: KeyKind) -> Option<&str> {
    match kind {
        KeyKind::Request => event.request_id.as_deref(),
        KeyKind::User => event.user_id.as_deref(),
        KeyKind::Trace => event.trace_id.as_deref(),
        KeyKind::EventId => Some(&event.event_id),
    }
}

/// One page of the events of all projects; `None` when the cursor is none of this list.
pub fn page(
    db: &mut dyn Engine,
    query: &EventQuery,
    search: &Query,
    asker: Asker<'_>,
) -> Result<Option<EventPage>> {
    let Some(mut below) = before(query.page.cursor.as_deref()) else { return Ok(None) };
    let started = Instant::now();
    let (of_event, of_issue): (Vec<Term>, Vec<Term>) =
        search.terms.iter().cloned().partition(is_of_event);
    let mut of_issue = match of_issue.is_empty() {
        true => None,
        false => Some(Filter::of_terms(db, &of_issue, asker)?),
    };
    let source = match candidates::key_asked_for(query, &of_event) {
        Some(hash) => Source::Key(hash),
        None => {
            let issues = of_issue.as_ref().map(|filter| issues_of(db, filter)).transpose()?;
            let issues = issues.flatten();
            if issues.is_some() {
                // Every candidate is of an issue that meets them.
                of_issue = None;
            }
            Source::of(db, query, issues)?
        }
    };
    let (top, mut read, mut items, mut end) = (below, 0, Vec::new(), None);
    while items.len() <= query.page.limit && below > 0 {
        let met = source.step(db, below).and_then(|step| {
            // Whole: a search may look into the context.
            let mut events = by_numbers(db, &step.numbers, Part::Whole)?;
            events.retain(|event| matches(event, query, &of_event));
            keep_of_issues(db, &mut events, of_issue.as_ref())?;
            Ok((step, events))
        });
        match met {
            Ok((step, events)) => {
                (below, read) = (step.below, read + step.numbers.len());
                items.extend(events);
            }
            // The read has taken its second: what it found is a page.
            Err(Error::Interrupted) if below < top => end = Some(below),
            Err(error) => return Err(error),
        }
        // Only now: every page gets on.
        if below > 0 && (read >= CANDIDATES_MAX || started.elapsed() > SEARCH_TIME_MAX) {
            end = Some(below);
        }
        if end.is_some() {
            break;
        }
    }
    let more = items.len() > query.page.limit;
    let searched_to = match end.filter(|_| !more) {
        Some(below) => received_before(db, below)?,
        None => None,
    };
    items.truncate(query.page.limit);
    for event in &mut items {
        event.error.stack_trace = None;
        event.context = None;
    }
    let last = items.last().filter(|_| more).map(|event| event.id).or(end);
    let next_cursor = last.map(|last| cursor::write('e', &[last]));
    Ok(Some(EventPage { items, next_cursor, searched_to }))
}

/// When the oldest event that was searched came: the one from `below` on.
fn received_before(db: &mut dyn Engine, below: i64) -> Result<Option<i64>> {
    first(
        db,
        "select received_at from event where id >= ?1 order by id limit 1",
        &[below.into()],
        |row| row.int(0),
    )
}

/// The issues that meet a filter; `None` when they are so many, or take so long to find, that their
/// events are rather met by walking.
fn issues_of(db: &mut dyn Engine, filter: &Filter) -> Result<Option<Vec<i64>>> {
    db.hurry(Some(ISSUES_TIME_MAX));
    let found = look_for_issues(db, filter);
    db.hurry(None);
    match found {
        Err(Error::Interrupted) => Ok(None),
        found => Ok(Some(found?).filter(|found| found.len() <= ISSUES_MAX)),
    }
}

fn look_for_issues(db: &mut dyn Engine, filter: &Filter) -> Result<Vec<i64>> {
    let few = narrow::few(db, &filter.wanted)?;
    let few = few.map_or_else(|| "1 = 1".to_owned(), |few| format!("i.id in ({})", list(&few)));
    let sql =
        format!("{ISSUES} where {few} and {} limit {}", filter.conditions.sql(), ISSUES_MAX + 1);
    all(db, &sql, &filter.conditions.values(), |row| row.int(0))
}

/// Whether a term is told by the event alone; the others are of its issue.
fn is_of_event(term: &Term) -> bool {
    match &term.test {
        Test::Context { .. } => true,
        Test::Key { key, .. } => !matches!(
            key,
            Key::Status | Key::Assignee | Key::Fingerprint | Key::Type | Key::File | Key::Project
        ),
        _ => false,
    }
}

fn matches(event: &Event, query: &EventQuery, terms: &[Term]) -> bool {
    let is = |wanted: &Option<String>, value: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| value.as_ref() == Some(wanted))
    };
    let any = |wanted: &[String], value: &String| wanted.is_empty() || wanted.contains(value);
    !erase::is_detached(&event.project_id)
        && is(&query.request_id, &event.request_id)
        && is(&query.user_id, &event.user_id)
        && is(&query.trace_id, &event.trace_id)
        && any(&query.project_ids, &event.project_id)
        && any(&query.environments, &event.environment)
        && query.span.since.is_none_or(|since| event.timestamp >= since)
        && query.span.until.is_none_or(|until| event.timestamp < until)
        && terms.iter().all(|term| term_holds(event, term) != term.negated)
}

fn term_holds(event: &Event, term: &Term) -> bool {
    match &term.test {
        Test::Key { key, patterns } => {
            let value = match key {
                Key::Level => Some(event.level.name()),
                Key::Env => Some(event.environment.as_str()),
                Key::Code => event.error.code.as_deref(),
                Key::Version => event.version.as_deref(),
                Key::User => event.user_id.as_deref(),
                Key::Request => event.request_id.as_deref(),
                Key::Trace => event.trace_id.as_deref(),
                _ => None,
            };
            value.is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value)))
        }
        Test::Context { path, patterns } => {
            let Some(Some(context)) = &event.context else { return false };
            let value: serde_json::Value =
                serde_json::from_str(context.get()).unwrap_or(serde_json::Value::Null);
            in_context(&value, path, patterns)
        }
        _ => false,
    }
}

/// Follows a path of member names; arrays on the way are looked into, each element or by number.
fn in_context(value: &serde_json::Value, path: &[String], patterns: &[Pattern]) -> bool {
    use serde_json::Value;
    if let Value::Array(items) = value {
        let by_number = path
            .split_first()
            .and_then(|(name, rest)| Some((items.get(name.parse::<usize>().ok()?)?, rest)));
        return by_number.is_some_and(|(item, rest)| in_context(item, rest, patterns))
            || items.iter().any(|item| in_context(item, path, patterns));
    }
    if let Some((name, rest)) = path.split_first() {
        return value.get(name).is_some_and(|inner| in_context(inner, rest, patterns));
    }
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    patterns.iter().any(|pattern| pattern.matches(&text))
}

/// Leaves only events whose issue meets the filter.
fn keep_of_issues(
    db: &mut dyn Engine,
    events: &mut Vec<Event>,
    filter: Option<&Filter>,
) -> Result<()> {
    let Some(filter) = filter.filter(|_| !events.is_empty()) else { return Ok(()) };
    let issues: BTreeSet<i64> = events.iter().map(|event| event.issue_id).collect();
    let issues: Vec<i64> = issues.into_iter().collect();
    let beside = filter.conditions.sql_beside();
    let sql = format!("{ISSUES} where i.id in ({}) and {beside}", list(&issues));
    let kept: HashSet<i64> =
        all(db, &sql, &filter.conditions.values(), |row| row.int(0))?.into_iter().collect();
    events.retain(|event| kept.contains(&event.issue_id));
    Ok(())
}
