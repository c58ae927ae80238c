//! What a rule would have sent in the last days, read out of what is stored.
//!
//! Invariant: the work is bounded, and the answer says when it looked at a part only. Nothing
//! stands in the file of each report for ever: what is kept by the hour is told as far as the hours
//! prove it.

mod issue;

use std::collections::{HashMap, HashSet};

use super::counts::HOUR_MS;
use super::engine::{Engine, all};
use super::error::Result;
use super::names::live_list;
use super::outbox::Held;
use crate::domain::notify::channel::Kind;
use crate::domain::notify::rule::Rule;
use crate::domain::notify::schedule;
use crate::domain::notify::{Folded, Trigger};
use crate::domain::status::Status;

/// How far it looks back.
pub const DAYS: i64 = 7;
/// Happenings that it names.
pub const SHOWN_MAX: usize = 20;
/// Issues that it looks at, the latest seen first.
const ISSUES_MAX: usize = 1_000;
/// Rows of hours that it reads: some 50 ms.
const HOURS_MAX: usize = 60_000;
/// Entries of histories that it reads, the newest first.
const HISTORY_MAX: usize = 4_000;

/// What a rule would have sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Messages that a channel would have got, the one that takes most; of many at once one is a
    /// summary.
    pub messages: i64,
    /// What it would have told.
    pub happenings: i64,
    /// The newest of them, newest first.
    pub shown: Vec<Foreseen>,
    /// Whether all of these days was looked at.
    pub is_complete: bool,
    /// Triggers of which only a part can be told afterwards.
    pub estimated: Vec<Trigger>,
}

/// One happening that it would have told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// Why.
    pub trigger: Trigger,
    /// The issue; none of a silent project.
    pub issue: Option<i64>,
    /// The project's name.
    pub project_id: String,
    /// The error's type; empty of a silent project.
    pub kind: String,
    /// When.
    pub at: i64,
}

/// A project that the rule is about.
struct Project {
    name: String,
    live: Vec<String>,
    last_report_at: Option<i64>,
}

/// A move or a regression of these days.
struct Step {
    at: i64,
    is_regression: bool,
    to: Option<Status>,
    event: Option<i64>,
}

/// What is read while looking.
struct Looking<'a> {
    db: &'a mut dyn Engine,
    held: Held,
    since: i64,
    until: i64,
    now: i64,
    projects: HashMap<i64, Project>,
    steps: HashMap<i64, Vec<Step>>,
    versions: HashMap<i64, String>,
    environments: HashMap<i64, String>,
    hours_left: usize,
    is_complete: bool,
    found: Vec<Foreseen>,
}

/// What a rule would have sent until now, whether or not it holds and wherever it sends.
pub fn foresee(db: &mut dyn Engine, rule: &Rule, now: i64) -> Result<Preview> {
    let since = now - DAYS * 24 * HOUR_MS;
    let hourly = hourly(db, rule)?;
    Ok(look(db, rule, (since, i64::MAX), now)?.finish(hourly))
}

/// How many messages an hour the channels of a rule take, when all of them are bounded.
fn hourly(db: &mut dyn Engine, rule: &Rule) -> Result<Option<i64>> {
    let sql = "select id, kind from channel where enabled = 1";
    let rows = all(db, sql, &[], |row| (row.int(0), Kind::parse(row.text(1))))?;
    let reached = rows.into_iter().filter(|(id, _)| rule.reaches(*id));
    let bounds: Option<Vec<i64>> =
        reached.map(|(_, kind)| kind.and_then(schedule::hourly_max)).collect();
    Ok(bounds.and_then(|bounds| bounds.into_iter().max()))
}

/// What was new and came back within some time, as a rule has it: its number and the first issues.
/// And whether all of it was looked at.
pub fn summed(
    db: &mut dyn Engine,
    rule: &Rule,
    within: (i64, i64),
    now: i64,
) -> Result<(Folded, bool)> {
    let triggers = vec![Trigger::Created, Trigger::Regressed];
    let mut looking = look(db, &Rule { triggers, ..rule.clone() }, within, now)?;
    looking.found.sort_by_key(|one| (one.at, one.issue));
    let mut folded = Folded::default();
    for one in &looking.found {
        folded.add(one.trigger, one.issue, one.at);
    }
    Ok((folded, looking.is_complete))
}

fn look<'a>(
    db: &'a mut dyn Engine,
    rule: &Rule,
    (since, until): (i64, i64),
    now: i64,
) -> Result<Looking<'a>> {
    let held = Held::new(None, Rule { enabled: true, ..rule.clone() });
    let mut looking = Looking {
        projects: projects(db, &held.rule)?,
        held,
        since,
        until,
        now,
        steps: HashMap::new(),
        versions: HashMap::new(),
        environments: HashMap::new(),
        hours_left: HOURS_MAX,
        is_complete: true,
        found: Vec::new(),
        db,
    };
    looking.read_steps()?;
    looking.look_at_issues()?;
    looking.look_at_silence()?;
    Ok(looking)
}

fn projects(db: &mut dyn Engine, rule: &Rule) -> Result<HashMap<i64, Project>> {
    // A detached project's name begins below a blank.
    let sql = "select id, name, live_environments, last_report_at from project where name >= ' '";
    let rows = all(db, sql, &[], |row| {
        let name = row.text(1).to_owned();
        let (live, last_report_at) = (live_list(row.text(2)), row.opt_int(3));
        (row.int(0), Project { name, live, last_report_at })
    })?;
    Ok(rows.into_iter().filter(|(_, project)| rule.is_about(&project.name)).collect())
}

impl Looking<'_> {
    fn wants(&self, trigger: Trigger) -> bool {
        self.held.rule.wants(trigger)
    }

    fn read_steps(&mut self) -> Result<()> {
        if !self.wants(Trigger::Moved) && !self.wants(Trigger::Regressed) {
            return Ok(());
        }
        let sql = "select issue, at, kind, to_status, event from history order by id desc limit ?1";
        let (since, mut read, mut is_old) = (self.since, 0, false);
        let steps = &mut self.steps;
        self.db.each(sql, &[(HISTORY_MAX as i64).into()], &mut |row| {
            read += 1;
            is_old = row.int(1) < since;
            let is_regression = row.text(2) == "regression";
            let is_step = is_regression || matches!(row.text(2), "move" | "deploy");
            if !is_old && is_step {
                steps.entry(row.int(0)).or_default().push(Step {
                    at: row.int(1),
                    is_regression,
                    to: row.opt_int(3).map(Status::from_code),
                    event: row.opt_int(4),
                });
            }
            true
        })?;
        self.is_complete &= read < HISTORY_MAX || is_old;
        Ok(())
    }

    /// Issues that were seen, and those that were moved, in these days.
    fn look_at_issues(&mut self) -> Result<()> {
        // New ones first: they are what is asked for most, and most is known of them.
        let sql = "select id from issue where last_seen >= ?1 \
                   order by first_seen >= ?1 desc, last_seen desc limit ?2";
        let values = [self.since.into(), (ISSUES_MAX as i64 + 1).into()];
        let mut issues = all(self.db, sql, &values, |row| row.int(0))?;
        self.is_complete &= issues.len() <= ISSUES_MAX;
        issues.truncate(ISSUES_MAX);
        let seen: HashSet<i64> = issues.iter().copied().collect();
        issues.extend(self.steps.keys().filter(|issue| !seen.contains(issue)));
        for issue in issues {
            self.look_at(issue)?;
        }
        Ok(())
    }

    /// Hours without a report of a project: those that are sure.
    fn look_at_silence(&mut self) -> Result<()> {
        if !self.wants(Trigger::Silent) {
            return Ok(());
        }
        let wait_ms = self.held.rule.minutes * 60_000;
        let sql = "select distinct hour from project_hour where project = ?1 and hour >= ?2 \
                   order by hour";
        for (id, project) in &self.projects {
            let values = [(*id).into(), self.since.div_euclid(HOUR_MS).into()];
            let mut hours = all(self.db, sql, &values, |row| row.int(0))?;
            hours.dedup();
            let mut ends: Vec<(i64, i64)> =
                hours.windows(2).map(|pair| ((pair[0] + 1) * HOUR_MS, pair[1] * HOUR_MS)).collect();
            let last = project.last_report_at;
            ends.extend(last.map(|last| (last.max(self.since - wait_ms), self.now)));
            for (from, _) in ends.into_iter().filter(|(from, to)| to - from >= wait_ms) {
                self.found.push(Foreseen {
                    trigger: Trigger::Silent,
                    issue: None,
                    project_id: project.name.clone(),
                    kind: String::new(),
                    at: from + wait_ms,
                });
            }
        }
        Ok(())
    }

    fn finish(mut self, hourly: Option<i64>) -> Preview {
        self.found.sort_by_key(|one| (one.at, one.issue));
        let times: Vec<i64> = self.found.iter().map(|one| one.at).collect();
        let by_hours = [
            Trigger::Frequent,
            Trigger::Silent,
            Trigger::Spike,
            Trigger::Spread,
            Trigger::Trouble,
            Trigger::Digest,
            Trigger::Verdict,
        ];
        let mut estimated: Vec<Trigger> =
            by_hours.into_iter().filter(|trigger| self.wants(*trigger)).collect();
        if self.held.asked.needs_event() {
            estimated = self.held.rule.triggers.clone();
        }
        Preview {
            messages: schedule::messages(&times, hourly),
            happenings: times.len() as i64,
            is_complete: self.is_complete,
            estimated,
            shown: self.found.into_iter().rev().take(SHOWN_MAX).collect(),
        }
    }
}
