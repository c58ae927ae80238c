//! Rules: which happenings are worth a notification.

use super::Writer;
use super::channels::{Made, room};
use super::engine::{Engine, Row, all, first};
use super::error::Result;
use crate::domain::notify::rule::Rule;

/// Rules at most: each is looked at for each new issue.
pub const RULES_MAX: i64 = 100;

/// A rule with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The rule.
    pub rule: Rule,
}

fn named(row: &dyn Row) -> Named {
    let rule = serde_json::from_str(row.text(2)).unwrap_or_default();
    Named { id: row.int(0), name: row.text(1).to_owned(), rule }
}

/// Every rule by its number.
pub fn list(db: &mut dyn Engine) -> Result<Vec<Named>> {
    all(db, "select id, name, body from rule order by id", &[], named)
}

/// One rule.
pub fn find(db: &mut dyn Engine, id: i64) -> Result<Option<Named>> {
    first(db, "select id, name, body from rule where id = ?1", &[id.into()], named)
}

/// Adds a rule.
pub fn create(writer: &mut Writer, name: &str, rule: &Rule) -> Result<Made<Named>> {
    let db = &mut writer.db;
    if let Some(refused) = room(db, "rule", (0, name), RULES_MAX)? {
        return Ok(refused);
    }
    let body = written(rule);
    let sql = "insert into rule (name, body) values (?1, ?2)";
    let id = db.insert(sql, &[name.into(), body.as_str().into()])?;
    writer.recorder.outbox.reload(db)?;
    Ok(Made::Done(Named { id, name: name.to_owned(), rule: rule.clone() }))
}

/// Writes a rule anew; `None` if there is none of this number.
pub fn change(writer: &mut Writer, wanted: &Named) -> Result<Option<Made<Named>>> {
    let db = &mut writer.db;
    if let Some(refused) = room(db, "rule", (wanted.id, &wanted.name), RULES_MAX)? {
        return Ok(Some(refused));
    }
    let body = written(&wanted.rule);
    let values = [wanted.id.into(), wanted.name.as_str().into(), body.as_str().into()];
    if db.run("update rule set name = ?2, body = ?3 where id = ?1", &values)? == 0 {
        return Ok(None);
    }
    writer.recorder.outbox.reload(db)?;
    Ok(Some(Made::Done(wanted.clone())))
}

/// Removes a rule; whether there was one.
pub fn remove(writer: &mut Writer, id: i64) -> Result<bool> {
    let db = &mut writer.db;
    let removed = db.run("delete from rule where id = ?1", &[id.into()])? > 0;
    writer.recorder.outbox.reload(db)?;
    Ok(removed)
}

fn written(rule: &Rule) -> String {
    serde_json::to_string(rule).expect("a rule always serializes")
}
