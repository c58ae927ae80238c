//! Changes of issues: moves, assigning, muting, comments, deploys, regressions. Each is recorded in
//! the history, which is only ever added to.

use super::engine::{Engine, Row, Value, all, first};
use super::error::Result;
use super::{Writer, history, projects};
use crate::domain::change::{Change, Deploy, Mute, Who};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::happening::{Happening, What, shortened};
use crate::domain::issue;
use crate::domain::level::Level;
use crate::domain::status::Status;
use crate::domain::timestamp;
use crate::domain::version;
use crate::domain::workflow::{self, Refusal};

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was made.
    Done,
    /// There is no such issue.
    NotFound,
    /// The workflow does not allow it now; nothing was changed.
    Refused(Refusal),
}

/// A report that says that a deployed fix does not hold.
#[derive(Debug)]
pub struct Regression<'a> {
    /// The issue's number.
    pub issue: i64,
    /// The event that says so.
    pub event: i64,
    /// When it came.
    pub at: i64,
    /// The highest level from it on.
    pub level: Level,
    /// Its version.
    pub version: Option<&'a str>,
    /// Its commit.
    pub commit_hash: Option<&'a str>,
}

/// The columns that [`told`] reads.
const TOLD: &str = "i.id, p.name, i.fingerprint, i.status, i.level, i.count, t.type, t.message, \
    i.latest_event from issue i join project p on p.id = i.project \
    join issue_text t on t.issue = i.id";

/// An issue as listeners are told of it, and its newest event.
fn told(row: &dyn Row, at: i64) -> (Happening, i64) {
    let told = Happening {
        what: What::Moved,
        issue_id: row.int(0),
        project_id: row.text(1).to_owned(),
        fingerprint: Fingerprint::from_bytes(row.blob(2)).unwrap_or(Fingerprint([0; 16])),
        status: Status::from_code(row.int(3)),
        level: Level::from_code(row.int(4)),
        kind: shortened(row.text(6)),
        message: shortened(row.text(7)),
        environment: None,
        version: None,
        count: row.int(5),
        at,
        step: None,
    };
    (told, row.int(8))
}

/// Makes a change, or none of it. Each step of it is added to what happened.
pub fn apply(
    writer: &mut Writer,
    id: i64,
    change: &Change,
    who: &Who,
    now: i64,
) -> Result<Applied> {
    let Writer { db, recorder, happened, .. } = writer;
    let sql = format!("select {TOLD} where i.id = ?1");
    let present = first(db, &sql, &[id.into()], |row| told(row, now))?;
    let Some((present, latest_event)) = present else { return Ok(Applied::NotFound) };
    let steps = match workflow::steps(present.status, change) {
        Ok(steps) => steps,
        Err(refusal) => return Ok(Applied::Refused(refusal)),
    };
    let (note, version) = (change.note.as_deref(), change.version.as_deref());
    let entry = history::New {
        issue: id,
        at: now,
        kind: "move",
        who,
        note,
        version,
        commit_hash: change.commit_hash.as_deref(),
        event: Some(latest_event),
        ..history::New::default()
    };
    let present = Happening { version: version.map(shortened), ..present };
    let mut from = present.status;
    for to in steps {
        history::add(db, &history::New { from: Some(from), to: Some(to), ..entry })?;
        let stepped = present.stepped(from, to, who, note);
        recorder.outbox.decide_move(db, &stepped)?;
        happened.push(stepped);
        from = to;
    }
    if from != present.status {
        let deployed = match version.filter(|_| from == Status::Deployed) {
            None => None,
            Some(name) => {
                let project = recorder.names.project(db, &present.project_id, now)?;
                project.map(|project| project.version(db, Some(name))).transpose()?
            }
        };
        set_status(db, id, from, deployed)?;
        recorder.forget_counts();
    }
    if let Some(assignee) = &change.assignee {
        assign(db, id, assignee.as_deref(), &entry)?;
    }
    if let Some(mute) = &change.muted_until {
        set_mute(db, id, *mute, present.count, &entry)?;
    }
    Ok(Applied::Done)
}

/// An issue that reaches DEPLOYED is no regression any more; one that leaves it has no version.
fn set_status(db: &mut dyn Engine, id: i64, to: Status, deployed: Option<i64>) -> Result<()> {
    db.run(
        "update issue set status = ?2, deployed_version = ?3, touched = 1, \
         regressed = case when ?2 = ?4 then 0 else regressed end where id = ?1",
        &[id.into(), to.code().into(), deployed.into(), Status::Deployed.code().into()],
    )?;
    Ok(())
}

fn assign(
    db: &mut dyn Engine,
    id: i64,
    assignee: Option<&str>,
    entry: &history::New<'_>,
) -> Result<()> {
    db.run(
        "update issue set assignee = ?2, touched = 1 where id = ?1",
        &[id.into(), assignee.into()],
    )?;
    history::add(db, &history::New { kind: "assign", text: assignee, event: None, ..*entry })?;
    Ok(())
}

fn set_mute(
    db: &mut dyn Engine,
    id: i64,
    mute: Option<Mute>,
    count: i64,
    entry: &history::New<'_>,
) -> Result<()> {
    let (kind, value, text) = match mute {
        None => (0, 0, "unmuted".to_owned()),
        Some(Mute::At(at)) => (1, at, format!("until {}", timestamp::format(at))),
        Some(Mute::Reports(n)) => (2, count.saturating_add(n), format!("for {n} reports")),
        Some(Mute::ForEver) => (3, 0, "for ever".to_owned()),
    };
    let values = [id.into(), Value::Int(kind), value.into()];
    db.run("update issue set mute_kind = ?2, mute_value = ?3, touched = 1 where id = ?1", &values)?;
    history::add(db, &history::New { kind: "mute", text: Some(&text), event: None, ..*entry })?;
    Ok(())
}

/// What a mute still is at `now`, when the issue has `count` reports; `None` when it has ended.
pub fn mute_of(kind: i64, value: i64, count: i64, now: i64) -> Option<Mute> {
    match kind {
        1 if value > now => Some(Mute::At(value)),
        2 if value > count => Some(Mute::Reports(value - count)),
        3 => Some(Mute::ForEver),
        _ => None,
    }
}

/// Adds a comment; `None` if there is no such issue.
pub fn comment(
    db: &mut dyn Engine,
    id: i64,
    text: &str,
    who: &Who,
    now: i64,
) -> Result<Option<issue::HistoryEntry>> {
    if db.run("update issue set touched = 1 where id = ?1", &[id.into()])? == 0 {
        return Ok(None);
    }
    let entry = history::New {
        issue: id,
        at: now,
        kind: "comment",
        who,
        text: Some(text),
        ..history::New::default()
    };
    let added = history::add(db, &entry)?;
    history::find(db, added)
}

/// Who makes a move that no person made.
pub fn system() -> Who {
    Who { name: "Log Center".into(), verified: true }
}

/// Reopens an issue whose deployed fix does not hold.
pub fn record_regression(db: &mut dyn Engine, regression: &Regression<'_>) -> Result<()> {
    let system = system();
    db.run(
        "update issue set status = ?2, regressed = 1, level = ?3, deployed_version = null \
         where id = ?1",
        &[regression.issue.into(), Status::New.code().into(), regression.level.code().into()],
    )?;
    let entry = history::New {
        issue: regression.issue,
        at: regression.at,
        kind: "regression",
        from: Some(Status::Deployed),
        to: Some(Status::New),
        who: &system,
        version: regression.version,
        commit_hash: regression.commit_hash,
        event: Some(regression.event),
        ..history::New::default()
    };
    history::add(db, &entry)?;
    Ok(())
}

/// Whether a report comes from a client older than the deployed version: by semantic version where
/// both are one, else by the order in which the project saw them. Unknown or absent: not older.
pub fn is_older(
    db: &mut dyn Engine,
    reported: i64,
    name: Option<&str>,
    deployed: Option<i64>,
) -> Result<bool> {
    let (Some(name), Some(deployed)) = (name, deployed) else { return Ok(false) };
    let deployed_name =
        first(db, "select name from version where id = ?1", &[deployed.into()], |row| {
            row.text(0).to_owned()
        })?;
    let Some(deployed_name) = deployed_name else { return Ok(false) };
    if let Some(order) = version::compare(name, &deployed_name) {
        return Ok(order.is_lt());
    }
    let is_other = first(
        db,
        "select 1 from version where id = ?1 and name = ?2",
        &[reported.into(), name.into()],
        |_| (),
    )?
    .is_none();
    Ok(!is_other && reported < deployed)
}

/// Records a deploy of a project; everywhere, or in a live environment, it moves the project's
/// VERIFIED issues to DEPLOYED. `None` if there is no such project.
pub fn deploy(
    writer: &mut Writer,
    project_id: &str,
    deploy: &Deploy,
    who: &Who,
    now: i64,
) -> Result<Option<issue::Deploy>> {
    let Writer { db, recorder, .. } = &mut *writer;
    if projects::number(db, project_id)?.is_none() {
        return Ok(None);
    }
    let Some(project) = recorder.names.project(db, project_id, now)? else { return Ok(None) };
    let version = project.version(db, Some(&deploy.version))?;
    let is_live = deploy.environment.as_ref().is_none_or(|name| project.live.contains(name));
    if let Some(name) = &deploy.environment {
        project.environment(db, name)?;
    }
    let project = project.id;
    let moved =
        if is_live { deploy_verified(writer, project, (version, deploy), who, now)? } else { 0 };
    writer.recorder.forget_counts();
    let values: [Value<'_>; 7] = [
        project.into(),
        now.into(),
        version.into(),
        deploy.environment.as_deref().into(),
        deploy.commit_hash.as_deref().into(),
        who.name.as_str().into(),
        moved.into(),
    ];
    let id = first(
        &mut writer.db,
        "insert into deploy (project, at, version, environment, commit_hash, who, moved) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7) returning id",
        &values,
        |row| row.int(0),
    )?;
    Ok(Some(issue::Deploy {
        id: id.unwrap_or_default(),
        project_id: project_id.to_owned(),
        version: deploy.version.clone(),
        environment: deploy.environment.clone(),
        commit_hash: deploy.commit_hash.clone(),
        at: now,
        who: who.name.clone(),
        moved,
    }))
}

/// Moves a project's VERIFIED issues to DEPLOYED, as the version of this number; how many.
fn deploy_verified(
    writer: &mut Writer,
    project: i64,
    (version, deploy): (i64, &Deploy),
    who: &Who,
    now: i64,
) -> Result<i64> {
    let Writer { db, recorder, happened, .. } = writer;
    let verified = all(
        db,
        &format!("select {TOLD} where i.project = ?1 and i.status = ?2 order by i.id"),
        &[project.into(), Status::Verified.code().into()],
        |row| told(row, now),
    )?;
    let (from, to) = (Status::Verified, Status::Deployed);
    let entry = history::New {
        at: now,
        kind: "deploy",
        from: Some(from),
        to: Some(to),
        who,
        version: Some(&deploy.version),
        commit_hash: deploy.commit_hash.as_deref(),
        ..history::New::default()
    };
    let moved = verified.len() as i64;
    for (issue, event) in verified {
        let number = issue.issue_id;
        history::add(db, &history::New { issue: number, event: Some(event), ..entry })?;
        set_status(db, number, to, Some(version))?;
        let stepped = Happening {
            environment: deploy.environment.clone(),
            version: Some(shortened(&deploy.version)),
            ..issue.stepped(from, to, who, None)
        };
        recorder.outbox.decide_move(db, &stepped)?;
        happened.push(stepped);
    }
    Ok(moved)
}
