//! The record of changes and logins: rows are only ever added.

use super::conditions::{Conditions, Owned};
use super::engine::{Engine, all};
use super::error::Result;
use crate::domain::trust::audit::{AuditQuery, Entry, Note};

/// Adds an entry.
pub fn add(db: &mut dyn Engine, note: &Note, now: i64) -> Result<()> {
    let detail = note.detail.to_string();
    db.insert(
        "insert into audit (at, who, verified, address, action, object, detail) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            now.into(),
            note.who.name.as_str().into(),
            i64::from(note.who.verified).into(),
            note.address.as_str().into(),
            note.action.into(),
            note.object.as_str().into(),
            detail.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Entries below a number, newest first.
pub fn page(
    db: &mut dyn Engine,
    query: &AuditQuery,
    below: i64,
    limit: usize,
) -> Result<Vec<Entry>> {
    let mut conditions = Conditions::default();
    conditions.parts.push(format!("id < {below}"));
    if let Some(who) = &query.who {
        let at = conditions.bind(Owned::Text(who.clone()));
        conditions.parts.push(format!("who = {at}"));
    }
    if let Some(action) = &query.action {
        let (exact, group) = (action.clone(), format!("{action}."));
        let (at, from) = (conditions.bind(Owned::Text(exact)), conditions.bind(Owned::Text(group)));
        conditions
            .parts
            .push(format!("(action = {at} or substr(action, 1, length({from})) = {from})"));
    }
    for (bound, sign) in [(query.since, ">="), (query.until, "<")] {
        conditions.parts.extend(bound.map(|bound| format!("at {sign} {bound}")));
    }
    let sql = format!(
        "select id, at, who, verified, address, action, object, detail from audit where {} \
         order by id desc limit {limit}",
        conditions.sql()
    );
    all(db, &sql, &conditions.values(), |row| Entry {
        id: row.int(0),
        at: row.int(1),
        who: row.text(2).to_owned(),
        verified: row.int(3) != 0,
        address: row.text(4).to_owned(),
        action: row.text(5).to_owned(),
        object: row.text(6).to_owned(),
        detail: serde_json::from_str(row.text(7)).unwrap_or_default(),
    })
}
