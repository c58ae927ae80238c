//! What is decided by the clock: silence, spikes, and trouble of Log Center's own.

use std::collections::HashSet;

use super::super::counts::HOUR_MS;
use super::super::engine::{Engine, all, first};
use super::super::error::Result;
use super::super::names;
use super::super::rising::{self, WEEK_HOURS};
use super::scope::{Place, about, standing};
use super::{Held, Hit, Outbox, is_muted};
use crate::domain::level::Level;
use crate::domain::notify::rule::{OLD_MS, SPIKE_MIN, is_spike};
use crate::domain::notify::schedule::KEPT_MS;
use crate::domain::notify::{Facts, Trigger};

/// How long a spike of an issue, or a trouble, is not told again.
const TOLD_AGAIN_MS: i64 = 6 * HOUR_MS;

/// What was told already.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Issues that spike.
    spiking: HashSet<i64>,
    /// Digests by rule, and verdicts by rule and deploy, that were looked at.
    pub(super) summed: HashSet<(i64, i64)>,
    /// Troubles that go on.
    troubles: HashSet<(String, Option<i64>)>,
}

/// Something that is the matter with Log Center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// `disk_low`, or why reports are refused.
    pub code: &'static str,
    /// How many were refused.
    pub refused: i64,
}

impl Outbox {
    /// Decides on projects that have fallen silent; by the clock.
    pub fn decide_silence(&mut self, db: &mut dyn Engine, now: i64) -> Result<()> {
        if self.is_idle() || !self.wants(Trigger::Silent) {
            return Ok(());
        }
        let sql = "select id, name, last_report_at from project \
                   where last_report_at is not null and name >= ' '";
        let projects = all(db, sql, &[], |row| (row.int(0), row.text(1).to_owned(), row.int(2)))?;
        for at in 0..self.rules.len() {
            for (project, name, last) in &projects {
                let Held { id, rule, .. } = &self.rules[at];
                let Some(id) = id.filter(|_| rule.wants(Trigger::Silent)) else { continue };
                let is_silent = rule.is_about(name) && now - last >= rule.minutes * 60_000;
                if !is_silent {
                    self.silent.remove(&(id, *project));
                    continue;
                }
                let (project, minutes) = (*project, (now - last) / 60_000);
                // What was told longer ago is forgotten: a start does not tell it again.
                let is_known = now - last > rule.minutes * 60_000 + KEPT_MS;
                let is_fresh = self.silent.insert((id, project)) && !is_known;
                if is_fresh && !was_told(db, id, project, *last)? {
                    let facts = Facts {
                        at: now,
                        project: Some(project),
                        minutes: Some(minutes),
                        ..Facts::default()
                    };
                    let (trigger, level) = (Trigger::Silent, facts.own_level());
                    let hit = Hit { trigger, rule: at, event: None, level, facts };
                    self.send(db, &[hit], None, now)?;
                }
            }
        }
        self.flush(db, now)
    }

    /// Decides on issues that have many more reports than usual.
    pub fn decide_spikes(&mut self, db: &mut dyn Engine, now: i64) -> Result<()> {
        if self.is_idle() || !self.wants(Trigger::Spike) {
            return Ok(());
        }
        let mut spiking = HashSet::new();
        for (issue, recent, week) in rising::at_least(db, SPIKE_MIN, now)? {
            let may_spike = is_spike(recent, week, WEEK_HOURS * HOUR_MS);
            if may_spike
                && (self.clock.spiking.contains(&issue)
                    || self.decide_spike(db, issue, (recent, week), now)?)
            {
                spiking.insert(issue);
            }
        }
        self.clock.spiking = spiking;
        self.flush(db, now)
    }

    /// Tells a spike to whom it concerns; `false` if it is none for an issue of this age.
    fn decide_spike(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        (recent, week): (i64, i64),
        now: i64,
    ) -> Result<bool> {
        let (Some(about), Some(standing)) = (about(db, issue)?, standing(db, issue, now)?) else {
            return Ok(true);
        };
        if !is_spike(recent, week, now - standing.first_seen) {
            return Ok(false);
        }
        let is_old = now - standing.first_seen >= OLD_MS;
        let sql = "select id from notice where issue = ?1 and cause = ?2 and created_at > ?3";
        let values = [issue.into(), Trigger::Spike.name().into(), (now - TOLD_AGAIN_MS).into()];
        let was_told = first(db, sql, &values, |row| row.int(0))?.is_some();
        if !is_old || was_told || is_muted(db, issue, standing.count, now)? {
            return Ok(true);
        }
        let places = recent_places(db, issue, now)?;
        let mut hits = Vec::new();
        for (at, held) in self.rules.iter().enumerate() {
            if !held.rule.wants(Trigger::Spike) || !about.is_covered(held) {
                continue;
            }
            let covered: Vec<&(Place, i64)> = places
                .iter()
                .filter(|(place, _)| place.is_covered(held, about.sight(), &standing))
                .collect();
            let Some((place, _)) = covered.first() else { continue };
            let facts = Facts {
                at: now,
                environment: Some(place.environment.clone()),
                reports: Some(covered.iter().map(|(_, count)| count).sum()),
                ..Facts::default()
            };
            let (trigger, level) = (Trigger::Spike, about.level);
            hits.push(Hit { trigger, rule: at, event: None, level, facts });
        }
        self.send(db, &hits, Some(issue), now)?;
        Ok(true)
    }

    /// Decides on what is the matter with Log Center, and with its channels. A failing channel is
    /// told to the others.
    pub fn decide_trouble(
        &mut self,
        db: &mut dyn Engine,
        troubles: &[Trouble],
        now: i64,
    ) -> Result<()> {
        if self.is_idle() || !self.wants(Trigger::Trouble) {
            return Ok(());
        }
        let sql = "select id from channel where enabled = 1 and trouble is not null";
        let failing = all(db, sql, &[], |row| row.int(0))?;
        let mut present: Vec<(&str, Option<i64>, i64)> =
            troubles.iter().map(|one| (one.code, None, one.refused)).collect();
        present.extend(failing.into_iter().map(|channel| ("channel", Some(channel), 0)));
        let now_on: HashSet<(String, Option<i64>)> =
            present.iter().map(|(code, channel, _)| ((*code).to_owned(), *channel)).collect();
        for (code, channel, refused) in present {
            if self.clock.troubles.contains(&(code.to_owned(), channel))
                || was_told_of(db, code, channel, now)?
            {
                continue;
            }
            let facts = Facts {
                at: now,
                trouble: Some(code.to_owned()),
                channel,
                reports: (refused > 0).then_some(refused),
                ..Facts::default()
            };
            let is_wanted = |held: &Held| held.rule.enabled && held.rule.wants(Trigger::Trouble);
            let hits: Vec<Hit> = (0..self.rules.len())
                .filter(|at| is_wanted(&self.rules[*at]))
                .map(|rule| {
                    let (trigger, level) = (Trigger::Trouble, facts.own_level());
                    Hit { trigger, rule, event: None, level, facts: facts.clone() }
                })
                .collect();
            self.send(db, &hits, None, now)?;
        }
        self.clock.troubles = now_on;
        self.flush(db, now)
    }
}

/// Where an issue was seen in the last hours, and how often.
fn recent_places(db: &mut dyn Engine, issue: i64, now: i64) -> Result<Vec<(Place, i64)>> {
    let sql = "select e.name, v.name, h.level, p.live_environments, h.count from hour_count h \
               join environment e on e.id = h.environment join project p on p.id = e.project \
               left join version v on v.id = h.version where h.issue = ?1 and h.hour >= ?2";
    let values = [issue.into(), (now.div_euclid(HOUR_MS) - 1).into()];
    all(db, sql, &values, |row| {
        let environment = row.text(0).to_owned();
        let is_live = names::live_list(row.text(3)).contains(&environment);
        let (version, level) = (row.opt_string(1), Level::from_code(row.int(2)));
        (Place { environment, is_live, version, level }, row.int(4))
    })
}

/// Whether a trouble was told lately: a start forgets what it remembered.
fn was_told_of(db: &mut dyn Engine, code: &str, channel: Option<i64>, now: i64) -> Result<bool> {
    let sql = "select facts from notice where cause = ?1 and created_at > ?2 and id > ?3";
    let newest = db.last_number("notice")?;
    // The newest alone are looked at: there is no index for this.
    let values =
        [Trigger::Trouble.name().into(), (now - TOLD_AGAIN_MS).into(), (newest - 5_000).into()];
    let told = all(db, sql, &values, |row| serde_json::from_str::<Facts>(row.text(0)).ok())?;
    let is_it = |facts: Facts| facts.trouble.as_deref() == Some(code) && facts.channel == channel;
    Ok(told.into_iter().flatten().any(is_it))
}

/// Whether a project's silence was told since its last report.
fn was_told(db: &mut dyn Engine, rule: i64, project: i64, since: i64) -> Result<bool> {
    let sql = "select facts from notice where rule = ?1 and cause = ?2 and created_at >= ?3";
    let values = [rule.into(), Trigger::Silent.name().into(), since.into()];
    let told = all(db, sql, &values, |row| serde_json::from_str::<Facts>(row.text(0)).ok())?;
    Ok(told.into_iter().flatten().any(|facts| facts.project == Some(project)))
}
