//! Digests, and how deploys went: summaries that come by the clock.

use super::super::counts::HOUR_MS;
use super::super::engine::{Engine, all};
use super::super::error::Result;
use super::super::preview;
use super::{Hit, Outbox};
use crate::domain::level::Level;
use crate::domain::notify::rule::{HOURS_MAX, Rule};
use crate::domain::notify::{Facts, Trigger};

/// How long after its time a verdict is still told.
const LATE_MS: i64 = 12 * HOUR_MS;
/// Summaries that are remembered; they are looked up in the file after that.
const SUMMED_MAX: usize = 10_000;

/// A deploy whose verdict is due.
struct Deployed {
    id: i64,
    at: i64,
    project: i64,
    project_id: String,
    version: String,
    environment: Option<String>,
}

impl Outbox {
    /// Decides on one summary that is due, a digest or how a deploy went; whether there was one to
    /// look at. Each is worth a transaction of its own, as it reads much. What finds its channels
    /// busy is left for a later tick: inside a summary of a storm it would say nothing.
    pub fn decide_summary(&mut self, db: &mut dyn Engine, now: i64) -> Result<bool> {
        if self.is_idle() || !(self.wants(Trigger::Digest) || self.wants(Trigger::Verdict)) {
            return Ok(false);
        }
        let deploys = if self.wants(Trigger::Verdict) { deploys(db, now)? } else { Vec::new() };
        for at in 0..self.rules.len() {
            let rule = self.rules[at].rule.clone();
            if !rule.enabled || !self.has_room(&rule, now) {
                continue;
            }
            let is_done = rule.wants(Trigger::Digest) && self.decide_digest(db, at, now)?
                || rule.wants(Trigger::Verdict) && self.decide_verdicts(db, at, &deploys, now)?;
            if is_done {
                self.flush(db, now)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_room(&mut self, rule: &Rule, now: i64) -> bool {
        let Self { channels, rates, .. } = self;
        channels.iter().filter(|one| rule.reaches(**one)).all(|one| rates.has_room(*one, now))
    }

    /// Decides on a rule's digest; `false` if none is due that was not looked at. One of a time in
    /// which nothing happened is left out.
    fn decide_digest(&mut self, db: &mut dyn Engine, at: usize, now: i64) -> Result<bool> {
        let (id, rule) = (self.rules[at].id.unwrap_or(0), self.rules[at].rule.clone());
        let Some((due, since)) = rule.digest.due(now) else { return Ok(false) };
        if !self.is_fresh((id, due)) {
            return Ok(false);
        }
        if was_summed(db, id, |facts| facts.at == due)? {
            return Ok(true);
        }
        let (folded, _) = preview::summed(db, &rule, (since, due), now)?;
        if folded.total() > 0 {
            let facts =
                Facts { at: due, since: Some(since), folded: Some(folded), ..Facts::default() };
            let (trigger, level) = (Trigger::Digest, Level::Error);
            self.send(db, &[Hit { trigger, rule: at, event: None, level, facts }], None, now)?;
        }
        Ok(true)
    }

    /// Decides on how one deploy went, the rule's hours after it; a quiet one is told too.
    fn decide_verdicts(
        &mut self,
        db: &mut dyn Engine,
        at: usize,
        deploys: &[Deployed],
        now: i64,
    ) -> Result<bool> {
        for deploy in deploys {
            let rule = &self.rules[at].rule;
            let ends_at = deploy.at + rule.hours * HOUR_MS;
            let is_due = ends_at <= now && now - ends_at < LATE_MS;
            let id = self.rules[at].id.unwrap_or(0);
            // Numbers of deploys and times of digests never meet: those are much larger.
            if is_due && rule.is_about(&deploy.project_id) && self.is_fresh((id, deploy.id)) {
                self.decide_verdict(db, at, deploy, now)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn decide_verdict(
        &mut self,
        db: &mut dyn Engine,
        at: usize,
        deploy: &Deployed,
        now: i64,
    ) -> Result<()> {
        let (id, rule) = (self.rules[at].id.unwrap_or(0), self.rules[at].rule.clone());
        if was_summed(db, id, |facts| facts.deploy == Some(deploy.id))? {
            return Ok(());
        }
        let until = deploy.at + rule.hours * HOUR_MS;
        let environments = deploy.environment.clone().map(|name| vec![name]);
        let of_deploy = Rule {
            projects: vec![deploy.project_id.clone()],
            environments: environments.or_else(|| rule.environments.clone()),
            ..rule
        };
        let (folded, is_complete) = preview::summed(db, &of_deploy, (deploy.at, until), now)?;
        if folded.total() == 0 && !is_complete {
            // That it is quiet is not known.
            return Ok(());
        }
        let facts = Facts {
            at: until,
            since: Some(deploy.at),
            project: Some(deploy.project),
            environment: deploy.environment.clone(),
            version: Some(deploy.version.clone()),
            deploy: Some(deploy.id),
            folded: Some(folded),
            ..Facts::default()
        };
        let (trigger, level) = (Trigger::Verdict, Level::Error);
        self.send(db, &[Hit { trigger, rule: at, event: None, level, facts }], None, now)
    }

    /// Whether a summary was not looked at before; remembers it.
    fn is_fresh(&mut self, summary: (i64, i64)) -> bool {
        if self.clock.summed.len() >= SUMMED_MAX {
            self.clock.summed.clear();
        }
        self.clock.summed.insert(summary)
    }
}

/// The deploys whose verdict may be due.
fn deploys(db: &mut dyn Engine, now: i64) -> Result<Vec<Deployed>> {
    let sql = "select d.id, d.at, d.project, p.name, v.name, d.environment from deploy d \
               join project p on p.id = d.project join version v on v.id = d.version \
               where d.at > ?1 and d.at <= ?2 order by d.id desc limit 1000";
    let values = [(now - HOURS_MAX * HOUR_MS - LATE_MS).into(), now.into()];
    all(db, sql, &values, |row| Deployed {
        id: row.int(0),
        at: row.int(1),
        project: row.int(2),
        project_id: row.text(3).to_owned(),
        version: row.text(4).to_owned(),
        environment: row.opt_string(5),
    })
}

/// Whether a summary of a rule is among the newest notices: a start forgets what was remembered.
fn was_summed(db: &mut dyn Engine, rule: i64, is_it: impl Fn(&Facts) -> bool) -> Result<bool> {
    let newest = db.last_number("notice")?;
    let sql = "select facts from notice where rule = ?1 and cause in (?2, ?3) and id > ?4";
    let values = [
        rule.into(),
        Trigger::Digest.name().into(),
        Trigger::Verdict.name().into(),
        (newest - 50_000).into(),
    ];
    let told = all(db, sql, &values, |row| serde_json::from_str::<Facts>(row.text(0)).ok())?;
    Ok(told.into_iter().flatten().any(|facts| is_it(&facts)))
}
