//! The row of an event, as the recorder and an import write it.

use super::encode::Prepared;
use super::engine::{Engine, Value};
use super::error::Result;

/// An event that is not in the database yet, with the numbers of its names.
pub(super) struct NewEvent<'a> {
    /// Its own number.
    pub(super) number: i64,
    /// Its project.
    pub(super) project: i64,
    /// Its issue.
    pub(super) issue: i64,
    /// Its environment.
    pub(super) environment: i64,
    /// Its version, if it has one.
    pub(super) version: Option<i64>,
    /// Its stack.
    pub(super) stack: i64,
    /// All else.
    pub(super) prepared: &'a Prepared,
}

/// Writes an event.
pub(super) fn insert(db: &mut dyn Engine, event: &NewEvent<'_>) -> Result<()> {
    let (prepared, report) = (event.prepared, &event.prepared.report);
    let values: [Value<'_>; 12] = [
        event.number.into(),
        event.project.into(),
        event.issue.into(),
        report.timestamp.into(),
        report.received_at.into(),
        event.environment.into(),
        event.version.into(),
        report.level.code().into(),
        event.stack.into(),
        report.event_id.as_ref().map_or(Value::Null, |id| Value::Blob(id)),
        prepared.keys.as_slice().into(),
        prepared.body.as_slice().into(),
    ];
    db.run(
        "insert into event (id, project, issue, timestamp, received_at, environment, version, \
         level, stack, event_id, keys, body) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &values,
    )?;
    Ok(())
}
