//! What a rule would have told of one issue.

use super::{Foreseen, Looking, Step};
use crate::domain::level::Level;
use crate::domain::notify::Trigger;
use crate::domain::notify::rule::milestone;
use crate::domain::search::Standing;
use crate::store::engine::first;
use crate::store::error::Result;
use crate::store::outbox::scope::{About, Place, about, standing};

/// An issue with its text, as it stands now.
struct Looked {
    about: About,
    standing: Standing,
}

/// Reports of one hour, place and level.
#[derive(Clone, Copy)]
struct Hour {
    hour: i64,
    environment: i64,
    version: i64,
    level: Level,
    count: i64,
    first_seen: i64,
    last_seen: i64,
    is_covered: bool,
}

impl Looking<'_> {
    /// Looks at one issue.
    pub(super) fn look_at(&mut self, issue: i64) -> Result<()> {
        let Some(looked) = self.find(issue)? else { return Ok(()) };
        if !looked.about.is_covered(&self.held) || looked.standing.is_muted {
            return Ok(());
        }
        if self.hours_left == 0 {
            self.is_complete = false;
            return Ok(());
        }
        let hours = self.hours(&looked)?;
        if self.wants(Trigger::Created) {
            self.created(&looked, &hours);
        }
        if self.wants(Trigger::Milestone) {
            self.milestones(&looked, &hours);
        }
        if self.wants(Trigger::Frequent) {
            self.frequent(&looked, &hours);
        }
        for step in self.steps.remove(&issue).unwrap_or_default() {
            self.step(&looked, &hours, &step)?;
        }
        Ok(())
    }

    fn find(&mut self, issue: i64) -> Result<Option<Looked>> {
        let found = about(self.db, issue)?.filter(|one| self.projects.contains_key(&one.project));
        let Some(about) = found else { return Ok(None) };
        let standing = standing(self.db, issue, self.now)?.unwrap_or_default();
        Ok(Some(Looked { about, standing }))
    }

    /// The issue's hours, in order, each with whether the rule covers it.
    fn hours(&mut self, looked: &Looked) -> Result<Vec<Hour>> {
        let sql = "select hour, environment, version, level, count, first_seen, last_seen \
                   from hour_count where issue = ?1 order by hour limit ?2";
        let mut hours = Vec::new();
        let values = [looked.about.id.into(), (self.hours_left as i64).into()];
        self.db.each(sql, &values, &mut |row| {
            hours.push(Hour {
                hour: row.int(0),
                environment: row.int(1),
                version: row.int(2),
                level: Level::from_code(row.int(3)),
                count: row.int(4),
                first_seen: row.int(5),
                last_seen: row.int(6),
                is_covered: false,
            });
            true
        })?;
        self.is_complete &= hours.len() < self.hours_left;
        self.hours_left -= hours.len();
        let mut total = 0;
        for hour in &mut hours {
            total += hour.count;
            let place =
                self.place(looked.about.project, hour.environment, hour.version, hour.level)?;
            // As the issue stood then, as far as that is known.
            let standing =
                Standing { count: total, now: hour.last_seen, ..looked.standing.clone() };
            hour.is_covered = place.is_covered(&self.held, looked.about.sight(), &standing);
        }
        Ok(hours)
    }

    fn place(
        &mut self,
        project: i64,
        environment: i64,
        version: i64,
        level: Level,
    ) -> Result<Place> {
        if !self.environments.contains_key(&environment) {
            let sql = "select name from environment where id = ?1";
            let name = first(self.db, sql, &[environment.into()], |row| row.text(0).to_owned())?;
            self.environments.insert(environment, name.unwrap_or_default());
        }
        if version != 0 && !self.versions.contains_key(&version) {
            let sql = "select name from version where id = ?1";
            let name = first(self.db, sql, &[version.into()], |row| row.text(0).to_owned())?;
            self.versions.insert(version, name.unwrap_or_default());
        }
        let environment = self.environments[&environment].clone();
        let live = self.projects.get(&project).map(|project| project.live.as_slice());
        let is_live = live.is_some_and(|live| live.contains(&environment));
        Ok(Place { environment, is_live, version: self.versions.get(&version).cloned(), level })
    }

    fn tell(&mut self, looked: &Looked, trigger: Trigger, at: i64) {
        if (self.since..self.until).contains(&at) {
            self.found.push(Foreseen {
                trigger,
                issue: Some(looked.about.id),
                project_id: looked.about.project_id.clone(),
                kind: looked.about.kind.clone(),
                at,
            });
        }
    }

    fn created(&mut self, looked: &Looked, hours: &[Hour]) {
        let covered = hours.iter().filter(|hour| hour.is_covered);
        if let Some(at) = covered.map(|hour| hour.first_seen).min() {
            self.tell(looked, Trigger::Created, at);
        }
    }

    fn milestones(&mut self, looked: &Looked, hours: &[Hour]) {
        let mut total = 0;
        for of_hour in hours.chunk_by(|one, other| one.hour == other.hour) {
            let before = total;
            total += of_hour.iter().map(|hour| hour.count).sum::<i64>();
            let covered = of_hour.iter().filter(|hour| hour.is_covered);
            let at = covered.map(|hour| hour.last_seen).max();
            if let (Some(at), Some(_)) = (at, milestone(before, total)) {
                self.tell(looked, Trigger::Milestone, at);
            }
        }
    }

    /// Where the hours prove that so many came within the minutes: of reports within a span one of
    /// the windows that cover it has as many as all on average.
    fn frequent(&mut self, looked: &Looked, hours: &[Hour]) {
        let (reports, minutes) = (self.held.rule.reports, self.held.rule.minutes);
        let covered: Vec<Hour> = hours.iter().copied().filter(|hour| hour.is_covered).collect();
        let mut was_above = false;
        let mut groups: Vec<(i64, i64, i64)> = Vec::new();
        for of_hour in covered.chunk_by(|one, other| one.hour == other.hour) {
            let count = of_hour.iter().map(|hour| hour.count).sum();
            let from = of_hour.iter().map(|hour| hour.first_seen).min().unwrap_or(0);
            let to = of_hour.iter().map(|hour| hour.last_seen).max().unwrap_or(0);
            groups.push((count, from, to));
        }
        for at in 0..groups.len() {
            let to = groups[at].2;
            // This hour, and as many before as lie within the window as a whole.
            let within = |group: &&(i64, i64, i64)| to - group.1 <= minutes * 60_000;
            let in_window: i64 =
                groups[..=at].iter().rev().take_while(within).map(|group| group.0).sum();
            let (count, from, to) = groups[at];
            let windows = (to - from) / (minutes * 60_000) + 1;
            let is_above = in_window >= reports || count / windows >= reports;
            if is_above && !was_above {
                self.tell(looked, Trigger::Frequent, to);
            }
            was_above = is_above;
        }
    }

    fn step(&mut self, looked: &Looked, hours: &[Hour], step: &Step) -> Result<()> {
        let rule = &self.held.rule;
        if !step.is_regression {
            let is_wanted = step.to.is_some_and(|to| rule.wants_move(to.name()))
                && looked.about.level >= rule.level
                && self.is_about_a_place(looked, hours)?;
            if is_wanted {
                self.tell(looked, Trigger::Moved, step.at);
            }
            return Ok(());
        }
        if !rule.wants(Trigger::Regressed) {
            return Ok(());
        }
        let sql = "select environment, coalesce(version, 0), level from event where id = ?1";
        let event = match step.event {
            Some(event) => first(self.db, sql, &[event.into()], |row| {
                (row.int(0), row.int(1), Level::from_code(row.int(2)))
            })?,
            None => None,
        };
        let is_covered = match event {
            Some((environment, version, level)) => {
                let place = self.place(looked.about.project, environment, version, level)?;
                let standing = Standing { is_regressed: true, ..looked.standing.clone() };
                place.is_covered(&self.held, looked.about.sight(), &standing)
            }
            None => hours.iter().any(|hour| hour.is_covered),
        };
        if is_covered {
            self.tell(looked, Trigger::Regressed, step.at);
        }
        Ok(())
    }

    /// As of moves when they are made.
    fn is_about_a_place(&mut self, looked: &Looked, hours: &[Hour]) -> Result<bool> {
        let mut places = Vec::new();
        for hour in hours {
            let Hour { environment, version, level, .. } = *hour;
            places.push(self.place(looked.about.project, environment, version, level)?);
        }
        Ok(looked.about.is_covered_moved(&self.held, &looked.standing, &places))
    }
}
