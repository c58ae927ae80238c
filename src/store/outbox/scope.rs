//! What a rule covers: which reports of a fold, and where its issue was seen before.

use super::super::engine::{Engine, Row, all, first};
use super::super::error::Result;
use super::super::{moves, names};
use super::{Fold, Held, Part};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::happening::Happening;
use crate::domain::level::Level;
use crate::domain::notify::rule::{self, OLD_MS, Slice};
use crate::domain::notify::{Facts, Trigger};
use crate::domain::report::Report;
use crate::domain::search::{Sight, Standing};
use crate::domain::status::Status;

/// What was read of a fold's issue: once for all rules, and only when one asks.
#[derive(Default)]
pub(super) struct Known {
    earlier: Option<Vec<Place>>,
    standing: Option<Standing>,
}

/// Where, and how bad, an issue was seen.
#[derive(Clone, Debug)]
pub(in crate::store) struct Place {
    pub(in crate::store) environment: String,
    pub(in crate::store) is_live: bool,
    pub(in crate::store) version: Option<String>,
    pub(in crate::store) level: Level,
}

impl Known {
    /// The reports that a rule covers.
    pub(super) fn covered<'f, 'r>(
        &mut self,
        db: &mut dyn Engine,
        held: &Held,
        fold: &'f Fold<'r>,
    ) -> Result<Vec<&'f Part<'r>>> {
        let of_rule = |part: &&Part<'_>| {
            let code = part.report.error.code.as_deref();
            held.rule.covers(&part.slice()) && held.rule.covers_code(code)
        };
        let mut covered: Vec<&Part<'_>> = fold.parts.iter().filter(of_rule).collect();
        if !covered.is_empty() && !held.asked.is_empty() {
            let standing = self.standing(db, held, fold)?;
            covered.retain(|part| held.asked.holds(&Sight::of(part.report), &standing));
        }
        Ok(covered)
    }

    /// Whether the issue had reports within the rule's scope before these. What only reports tell,
    /// they are taken to have told as `part` does.
    pub(super) fn had_before(
        &mut self,
        db: &mut dyn Engine,
        held: &Held,
        fold: &Fold<'_>,
        part: &Part<'_>,
    ) -> Result<bool> {
        let standing = self.standing(db, held, fold)?;
        if self.earlier.is_none() {
            self.earlier = Some(places_before(db, fold)?);
        }
        let sight = Sight::of(part.report);
        Ok(self.earlier.iter().flatten().any(|place| place.is_covered(held, sight, &standing)))
    }

    /// Where an old issue has spread to with these reports.
    pub(super) fn spread(
        &mut self,
        db: &mut dyn Engine,
        held: &Held,
        fold: &Fold<'_>,
        covered: &[&Part<'_>],
    ) -> Result<Option<Facts>> {
        let users = rule::spread(fold.users.0, fold.users.1);
        let mut fresh = covered.iter().filter(|part| part.is_fresh).peekable();
        let has_news = users.is_some() || fresh.peek().is_some();
        let Some(newest) = covered.last().filter(|_| has_news && !fold.is_new) else {
            return Ok(None);
        };
        let now = newest.report.received_at;
        let Some(standing) = standing(db, fold.issue, now)? else { return Ok(None) };
        if now - standing.first_seen < OLD_MS {
            return Ok(None);
        }
        let environment = Some(newest.report.environment.clone());
        let facts = Facts { at: now, environment, ..Facts::default() };
        if users.is_some() {
            return Ok(Some(Facts { users, ..facts }));
        }
        if was_spread(db, held, fold, now)? {
            return Ok(None);
        }
        if self.earlier.is_none() {
            self.earlier = Some(places_before(db, fold)?);
        }
        let earlier = self.earlier.as_deref().unwrap_or_default();
        for part in fresh {
            let Report { environment, version, .. } = part.report;
            if earlier.iter().all(|place| place.environment != *environment) {
                return Ok(Some(Facts { environment: Some(environment.clone()), ..facts }));
            }
            if version.is_some() && earlier.iter().all(|place| place.version != *version) {
                return Ok(Some(Facts { version: version.clone(), ..facts }));
            }
        }
        Ok(None)
    }

    fn standing(&mut self, db: &mut dyn Engine, held: &Held, fold: &Fold<'_>) -> Result<Standing> {
        let now = fold.parts.last().map_or(0, |part| part.report.received_at);
        if !held.asked.needs_standing() {
            return Ok(Standing { now, ..Standing::default() });
        }
        if self.standing.is_none() {
            let read = standing(db, fold.issue, now)?.unwrap_or_default();
            // Its row may be owed some.
            self.standing = Some(Standing { count: fold.count, ..read });
        }
        Ok(self.standing.clone().unwrap_or_default())
    }
}

impl Place {
    /// Whether a report like `sight`, but here, would be covered.
    pub(in crate::store) fn is_covered(
        &self,
        held: &Held,
        sight: Sight<'_>,
        standing: &Standing,
    ) -> bool {
        let Self { environment, is_live, version, level } = self;
        let (is_live, level, version) = (*is_live, *level, version.as_deref());
        let here = Sight { environment, version, level, ..sight };
        held.rule.covers(&Slice { environment, is_live, version, level })
            && held.asked.holds(&here, standing)
    }
}

/// What stands of an issue, whatever its reports are.
pub(in crate::store) struct About {
    pub(in crate::store) id: i64,
    pub(in crate::store) project: i64,
    pub(in crate::store) project_id: String,
    pub(in crate::store) fingerprint: Fingerprint,
    pub(in crate::store) kind: String,
    pub(in crate::store) message: String,
    pub(in crate::store) file_path: String,
    pub(in crate::store) code: Option<String>,
    pub(in crate::store) level: Level,
}

impl About {
    /// As a query sees it; where it was seen is filled in.
    pub(in crate::store) fn sight(&self) -> Sight<'_> {
        Sight {
            project_id: &self.project_id,
            fingerprint: self.fingerprint,
            kind: &self.kind,
            message: &self.message,
            file_path: &self.file_path,
            code: self.code.as_deref(),
            environment: "",
            version: None,
            level: self.level,
            user_id: None,
            request_id: None,
            trace_id: None,
        }
    }

    /// Whether a rule is about it, as far as that is the same wherever it is seen.
    pub(in crate::store) fn is_covered(&self, held: &Held) -> bool {
        let rule = &held.rule;
        rule.covers_issue(&self.project_id, &self.kind, &self.file_path)
            && rule.covers_code(self.code.as_deref())
    }

    /// Whether a rule is about a move of it: that has to be so for one of the places where it was
    /// seen, in whatever environment. Who and which request it was, is nobody's here.
    pub(in crate::store) fn is_covered_moved<'a>(
        &self,
        held: &Held,
        standing: &Standing,
        places: impl IntoIterator<Item = &'a Place>,
    ) -> bool {
        let is_meant = |place: &Place| {
            let here = Sight {
                environment: &place.environment,
                version: place.version.as_deref(),
                level: place.level,
                ..self.sight()
            };
            held.rule.covers_version(here.version) && held.asked.holds(&here, standing)
        };
        let is_any = held.rule.versions.is_empty() && held.asked.is_empty();
        is_any || places.into_iter().any(is_meant)
    }
}

/// What stands of an issue.
pub(in crate::store) fn about(db: &mut dyn Engine, issue: i64) -> Result<Option<About>> {
    let sql = "select i.project, p.name, i.fingerprint, t.type, t.message, t.file_path, t.code, \
               i.level from issue i join project p on p.id = i.project \
               join issue_text t on t.issue = i.id where i.id = ?1";
    let found = first(db, sql, &[issue.into()], |row| {
        Some(About {
            id: issue,
            project: row.int(0),
            project_id: row.text(1).to_owned(),
            fingerprint: Fingerprint::from_bytes(row.blob(2))?,
            kind: row.text(3).to_owned(),
            message: row.text(4).to_owned(),
            file_path: row.text(5).to_owned(),
            code: row.opt_string(6),
            level: Level::from_code(row.int(7)),
        })
    })?;
    Ok(found.flatten())
}

/// Whether a rule is about an issue that somebody moved.
pub(super) fn covers_moved(db: &mut dyn Engine, held: &Held, moved: &Happening) -> Result<bool> {
    let Some(about) = about(db, moved.issue_id)?.filter(|about| about.is_covered(held)) else {
        return Ok(false);
    };
    let standing = standing(db, moved.issue_id, moved.at)?.unwrap_or_default();
    let places = places(db, moved.issue_id)?;
    Ok(about.is_covered_moved(held, &standing, &places))
}

/// Whether that an issue spread was told within a day: each new version has many old issues.
fn was_spread(db: &mut dyn Engine, held: &Held, fold: &Fold<'_>, now: i64) -> Result<bool> {
    let sql = "select id from notice where issue = ?1 and cause = ?2 and created_at > ?3 \
               and rule is not distinct from ?4 limit 1";
    let values =
        [fold.issue.into(), Trigger::Spread.name().into(), (now - OLD_MS).into(), held.id.into()];
    Ok(first(db, sql, &values, |row| row.int(0))?.is_some())
}

/// How an issue stands.
pub(in crate::store) fn standing(
    db: &mut dyn Engine,
    issue: i64,
    now: i64,
) -> Result<Option<Standing>> {
    let sql = "select status, count, users, first_seen, regressed, mute_kind, mute_value, assignee \
               from issue where id = ?1";
    first(db, sql, &[issue.into()], |row| Standing {
        status: Status::from_code(row.int(0)),
        count: row.int(1),
        users: row.int(2),
        first_seen: row.int(3),
        is_regressed: row.int(4) == 1,
        is_muted: moves::mute_of(row.int(5), row.int(6), row.int(1), now).is_some(),
        assignee: row.opt_string(7),
        now,
    })
}

/// Where an issue was seen.
pub(in crate::store) fn places(db: &mut dyn Engine, issue: i64) -> Result<Vec<Place>> {
    let sql = "select e.name, v.name, s.level, p.live_environments \
               from issue_slice s join environment e on e.id = s.environment \
               join project p on p.id = e.project \
               left join version v on v.id = s.version where s.issue = ?1";
    all(db, sql, &[issue.into()], place)
}

fn place(row: &dyn Row) -> Place {
    let environment = row.text(0).to_owned();
    let is_live = names::live_list(row.text(3)).contains(&environment);
    let (version, level) = (row.opt_string(1), Level::from_code(row.int(2)));
    Place { environment, is_live, version, level }
}

/// Where an issue was seen, but for what is new with a fold.
fn places_before(db: &mut dyn Engine, fold: &Fold<'_>) -> Result<Vec<Place>> {
    let mut places = places(db, fold.issue)?;
    places.retain(|place| {
        !fold.parts.iter().filter(|part| part.is_fresh).any(|part| {
            part.report.environment == place.environment
                && part.report.version == place.version
                && part.report.level == place.level
        })
    });
    Ok(places)
}
