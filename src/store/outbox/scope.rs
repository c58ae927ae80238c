//! What a rule covers: which reports of a fold, and where its issue was seen before.

use super::super::engine::{Engine, Row, all, first};
use super::super::error::Result;
use super::super::{moves, names};
use super::{Fold, Held, Part};
use crate::domain::happening::Happening;
use crate::domain::level::Level;
use crate::domain::notify::rule::Slice;
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

/// Whether a rule is about an issue that somebody moved: that has to be so for one of the places
/// where it was seen. Who and which request it was, is nobody's here.
pub(super) fn covers_moved(db: &mut dyn Engine, held: &Held, moved: &Happening) -> Result<bool> {
    let sql = "select message, file_path, code, type from issue_text where issue = ?1";
    let text = first(db, sql, &[moved.issue_id.into()], |row| {
        (row.text(0).to_owned(), row.text(1).to_owned(), row.opt_string(2), row.text(3).to_owned())
    })?;
    let Some((message, file_path, code, kind)) = text else { return Ok(false) };
    let rule = &held.rule;
    let is_about = rule.covers_issue(&moved.project_id, &kind, &file_path);
    if !is_about || !rule.covers_code(code.as_deref()) {
        return Ok(false);
    }
    if rule.versions.is_empty() && held.asked.is_empty() {
        return Ok(true);
    }
    let standing = standing(db, moved.issue_id, moved.at)?.unwrap_or_default();
    let sight = Sight {
        project_id: &moved.project_id,
        fingerprint: moved.fingerprint,
        kind: &kind,
        message: &message,
        file_path: &file_path,
        code: code.as_deref(),
        environment: "",
        version: None,
        level: moved.level,
        user_id: None,
        request_id: None,
        trace_id: None,
    };
    let places = places(db, moved.issue_id)?;
    Ok(places.iter().any(|place| {
        let here = Sight {
            environment: &place.environment,
            version: place.version.as_deref(),
            level: place.level,
            ..sight
        };
        rule.covers_version(here.version) && held.asked.holds(&here, &standing)
    }))
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
