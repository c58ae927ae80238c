//! Decides on notifications, in the transaction of what caused them.
//!
//! Invariants: without a channel nothing is read or written here; what is remembered is what the
//! database holds, so a rollback calls [`Outbox::reload`]. Nothing is dropped: past the rate of a
//! channel notices are folded into one that counts them.

mod clock;
mod digest;
mod folding;
mod frequent;
pub(super) mod scope;

use std::collections::HashSet;
use std::sync::Arc;

use super::engine::{Engine, Value, all, first};
use super::error::Result;
use super::notices::Notice;
use super::{moves, rules};
use crate::domain::happening::Happening;
use crate::domain::level::Level;
use crate::domain::notify::rule::{Rule, Slice, milestone, spread};
use crate::domain::notify::schedule::GIVE_UP_AFTER_MS;
use crate::domain::notify::{Facts, Trigger};
use crate::domain::report::Report;
use crate::domain::search::Asked;
pub use clock::Trouble;
use folding::Rates;
use frequent::Windows;

/// Told after a commit that something waits to be sent.
pub type Bell = Arc<dyn Fn() + Send + Sync>;

/// What the writer remembers of channels and rules.
#[derive(Default)]
pub struct Outbox {
    channels: Vec<i64>,
    rules: Vec<Held>,
    rates: Rates,
    windows: Windows,
    silent: HashSet<(i64, i64)>,
    clock: clock::Remembered,
    bell: Option<Bell>,
    has_written: bool,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Outbox").field("channels", &self.channels).finish_non_exhaustive()
    }
}

/// A rule that decides, and its query as it was read once. The default one has no number.
pub(super) struct Held {
    pub(super) id: Option<i64>,
    pub(super) rule: Rule,
    pub(super) asked: Asked,
}

impl Held {
    pub(super) fn new(id: Option<i64>, rule: Rule) -> Self {
        Self { id, asked: rule.asked(), rule }
    }
}

/// One report of a fold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// The report.
    pub(super) report: &'a Report,
    /// Whether its environment is a live one.
    pub(super) is_live: bool,
    /// Its event.
    pub(super) event: i64,
    /// Whether its issue had no report of this environment, version and level before.
    pub(super) is_fresh: bool,
}

impl Part<'_> {
    fn slice(&self) -> Slice<'_> {
        let Report { environment, version, level, .. } = self.report;
        let (is_live, version) = (self.is_live, version.as_deref());
        Slice { environment, is_live, version, level: *level }
    }
}

/// Reports of one issue that came together.
#[derive(Debug)]
pub(super) struct Fold<'a> {
    /// The issue.
    pub(super) issue: i64,
    /// Whether they made it.
    pub(super) is_new: bool,
    /// Whether they reopened it.
    pub(super) is_regressed: bool,
    /// Its reports with them.
    pub(super) count: i64,
    /// Its users without and with them.
    pub(super) users: (i64, i64),
    /// The reports.
    pub(super) parts: Vec<Part<'a>>,
}

/// A decision, before it is known which channels it reaches.
struct Hit {
    trigger: Trigger,
    rule: usize,
    event: Option<i64>,
    level: Level,
    facts: Facts,
}

/// A decision, as one channel is told.
struct Told<'a> {
    hit: &'a Hit,
    /// When it may go out.
    due: i64,
    /// Further rules that decided the same, with people to mention.
    also: Vec<i64>,
}

impl Outbox {
    /// Reads channels and rules, and what waits.
    pub fn reload(&mut self, db: &mut dyn Engine) -> Result<()> {
        let sql = "select id from channel where enabled = 1 order by id";
        self.channels = all(db, sql, &[], |row| row.int(0))?;
        let named = rules::list(db)?;
        self.rules = named.into_iter().map(|one| Held::new(Some(one.id), one.rule)).collect();
        if self.rules.is_empty() {
            self.rules.push(Held::new(None, Rule::default()));
        }
        self.rates.reload(db, &self.channels)
    }

    /// Forgets what is remembered beside the file: after a rollback it may never have been told.
    pub fn forget(&mut self) {
        self.clock = clock::Remembered::default();
        self.windows = Windows::default();
        self.silent.clear();
    }

    /// Sets who is told.
    pub fn set_bell(&mut self, bell: Bell) {
        self.bell = Some(bell);
    }

    /// Tells, after a commit, if there is something to tell.
    pub fn ring(&mut self) {
        if std::mem::take(&mut self.has_written)
            && let Some(bell) = &self.bell
        {
            bell();
        }
    }

    /// Whether anything is to be decided at all.
    pub const fn is_idle(&self) -> bool {
        self.channels.is_empty()
    }

    /// Whether a rule asks for such a happening.
    pub(super) fn wants(&self, trigger: Trigger) -> bool {
        self.rules.iter().any(|held| held.rule.enabled && held.rule.wants(trigger))
    }

    /// Whether these reports can be worth anything: most are not, and that is found out here.
    pub(super) fn may_care(
        &self,
        is_told: bool,
        users: (i64, i64),
        count: i64,
        reports: i64,
    ) -> bool {
        !self.is_idle()
            && (is_told
                || milestone(count - reports, count).is_some()
                || spread(users.0, users.1).is_some()
                || self.wants(Trigger::Frequent))
    }

    /// Decides on the reports of an issue.
    pub(super) fn decide(&mut self, db: &mut dyn Engine, fold: &Fold<'_>) -> Result<()> {
        let Some(newest) = fold.parts.last() else { return Ok(()) };
        let now = newest.report.received_at;
        let mut hits = Vec::new();
        let mut known = scope::Known::default();
        for at in 0..self.rules.len() {
            let held = &self.rules[at];
            let (rule, error) = (&held.rule, &newest.report.error);
            if !rule.covers_issue(&newest.report.project_id, &error.kind, &error.file_path) {
                continue;
            }
            let covered = known.covered(db, held, fold)?;
            // Of several the most severe is told: it may be what wakes somebody.
            let severe = covered.iter().copied().rev().max_by_key(|part| part.report.level);
            let (Some(first), Some(part)) = (covered.first(), severe) else { continue };
            let is_first = rule.wants(Trigger::Created)
                && covered.iter().any(|part| part.is_fresh)
                && (fold.is_new || !known.had_before(db, held, fold, first)?);
            if is_first {
                hits.push(hit(Trigger::Created, at, part, now));
            } else if rule.wants(Trigger::Spread)
                && let Some(facts) = known.spread(db, held, fold, &covered)?
            {
                hits.push(Hit { facts, ..hit(Trigger::Spread, at, part, now) });
            }
            if fold.is_regressed && rule.wants(Trigger::Regressed) {
                hits.push(hit(Trigger::Regressed, at, part, now));
            }
            let passed = milestone(fold.count - fold.parts.len() as i64, fold.count);
            if let Some(reports) = passed.filter(|_| rule.wants(Trigger::Milestone)) {
                let mut hit = hit(Trigger::Milestone, at, part, now);
                hit.facts.reports = Some(reports);
                hits.push(hit);
            }
            if rule.wants(Trigger::Frequent) {
                let key = (held.id.unwrap_or(0), fold.issue);
                if self.windows.passes(key, covered.len() as i64, rule, now) {
                    let mut hit = hit(Trigger::Frequent, at, part, now);
                    hit.facts.reports = Some(rule.reports);
                    hit.facts.minutes = Some(rule.minutes);
                    hits.push(hit);
                }
            }
        }
        // Nobody can have muted what is new: a storm of new ones asks nothing.
        if hits.is_empty() || !fold.is_new && is_muted(db, fold.issue, fold.count, now)? {
            return Ok(());
        }
        self.send(db, &hits, Some(fold.issue), now)
    }

    /// Decides on a move of an issue that somebody made.
    pub(super) fn decide_move(&mut self, db: &mut dyn Engine, moved: &Happening) -> Result<()> {
        let Some(step) = moved.step.as_ref().filter(|_| !self.is_idle()) else { return Ok(()) };
        let (to, now) = (step.to.name(), moved.at);
        let mut hits = Vec::new();
        for (at, held) in self.rules.iter().enumerate() {
            let is_wanted = held.rule.wants_move(to)
                && held.rule.is_about(&moved.project_id)
                && moved.level >= held.rule.level;
            if is_wanted && scope::covers_moved(db, held, moved)? {
                let facts = Facts {
                    at: now,
                    from: Some(step.from.name().to_owned()),
                    to: Some(to.to_owned()),
                    who: Some(step.who.clone()),
                    note: step.note.clone(),
                    ..Facts::default()
                };
                let (trigger, level) = (Trigger::Moved, moved.level);
                hits.push(Hit { trigger, rule: at, event: None, level, facts });
            }
        }
        if hits.is_empty() || is_muted(db, moved.issue_id, moved.count, now)? {
            return Ok(());
        }
        self.send(db, &hits, Some(moved.issue_id), now)?;
        self.flush(db, now)
    }

    /// What a channel is told: each trigger once, whichever rules decide on it. It goes out as soon
    /// as one of them lets it, and mentions whom each of them does.
    fn told<'a>(&self, channel: i64, hits: &'a [Hit], now: i64) -> Vec<Told<'a>> {
        let mut all: Vec<Told<'a>> = Vec::new();
        for hit in hits {
            let Held { id, rule, .. } = &self.rules[hit.rule];
            if hit.facts.channel == Some(channel) || !rule.reaches(channel) {
                continue;
            }
            let due = rule.due(hit.level, now);
            match all.iter_mut().find(|one| one.hit.trigger == hit.trigger) {
                None => all.push(Told { hit, due, also: Vec::new() }),
                Some(told) => {
                    told.due = told.due.min(due);
                    told.also.extend(id.filter(|_| !rule.mentions.is_empty()));
                }
            }
        }
        all
    }

    /// Writes one notice for each channel and trigger, or folds it.
    fn send(
        &mut self,
        db: &mut dyn Engine,
        hits: &[Hit],
        issue: Option<i64>,
        now: i64,
    ) -> Result<()> {
        for at in 0..self.channels.len() {
            let channel = self.channels[at];
            for Told { hit, due, also } in self.told(channel, hits, now) {
                if !self.rates.admit(channel, (now, due)) {
                    self.rates.fold(channel, hit.trigger, issue, (now, due));
                    continue;
                }
                let facts = Facts { also, ..hit.facts.clone() };
                let facts = serde_json::to_string(&facts).expect("facts always serialize");
                let values: [Value<'_>; 9] = [
                    channel.into(),
                    self.rules[hit.rule].id.into(),
                    hit.trigger.name().into(),
                    issue.into(),
                    hit.event.into(),
                    facts.as_str().into(),
                    now.into(),
                    due.into(),
                    (due + GIVE_UP_AFTER_MS).into(),
                ];
                db.run(INSERT, &values)?;
                self.has_written = true;
            }
        }
        Ok(())
    }

    /// Writes what was folded. At the end of each transaction that decided anything.
    pub(super) fn flush(&mut self, db: &mut dyn Engine, now: i64) -> Result<()> {
        self.has_written |= self.rates.flush(db, now)?;
        Ok(())
    }

    /// Notes that a waiting notice ended.
    pub(super) fn ended(&mut self, notice: &Notice) {
        self.rates.ended(notice.channel, notice.was_held());
    }

    /// Closes a summary: what comes now goes into the next one.
    pub(super) fn close(&mut self, channel: i64, now: i64) {
        self.rates.close(channel, now);
    }
}

const INSERT: &str = "insert into notice \
    (channel, rule, cause, issue, event, facts, created_at, next_at, until_at) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

fn hit(trigger: Trigger, rule: usize, part: &Part<'_>, now: i64) -> Hit {
    let environment = Some(part.report.environment.clone());
    let facts = Facts { at: now, environment, ..Facts::default() };
    Hit { trigger, rule, event: Some(part.event), level: part.report.level, facts }
}

fn is_muted(db: &mut dyn Engine, issue: i64, count: i64, now: i64) -> Result<bool> {
    let sql = "select mute_kind, mute_value from issue where id = ?1";
    let mute = first(db, sql, &[issue.into()], |row| (row.int(0), row.int(1)))?;
    Ok(mute.is_some_and(|(kind, value)| moves::mute_of(kind, value, count, now).is_some()))
}
