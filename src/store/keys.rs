//! Keys of programs. Only their hashes are kept; a key that ended stays as a row.

use super::engine::{Engine, Row, Value, all, first};
use super::error::Result;
use crate::domain::trust::key::{KEYS_MAX, Key, NewKey, Scope, Scopes};
use crate::domain::trust::person::KEY_MARK;
use crate::domain::trust::reach::Place;

const COLUMNS: &str = "k.hash, k.id, k.name, k.shown, k.scopes, k.project, p.name, k.origins, \
    k.created_at, k.created_by, k.expires_at, k.used_at, k.revoked_at \
    from access_key k left join project p on p.id = k.project";

fn key(row: &dyn Row) -> (Vec<u8>, Key) {
    let place =
        row.opt_int(5).map(|number| Place { number, name: row.opt_string(6).unwrap_or_default() });
    let made = (row.int(1), row.text(2).to_owned(), row.text(3).to_owned());
    let key = Key {
        origins: serde_json::from_str(row.text(7)).unwrap_or_default(),
        created_at: row.int(8),
        created_by: row.text(9).to_owned(),
        expires_at: row.opt_int(10),
        last_used_at: row.opt_int(11),
        revoked_at: row.opt_int(12),
        ..Key::new(made, Scopes::from_code(row.int(4)), place)
    };
    (row.blob(0).to_vec(), key)
}

/// What is kept of the key itself.
#[derive(Clone, Debug)]
pub struct Kept<'a> {
    /// SHA-256 of it.
    pub hash: &'a [u8],
    /// Its first characters.
    pub shown: &'a str,
}

/// Adds a key for a project of this number, or for the whole server; its number, or `None` when
/// there are too many.
pub fn add(
    db: &mut dyn Engine,
    new: &NewKey,
    kept: &Kept<'_>,
    project: Option<i64>,
    (by, now): (&str, i64),
) -> Result<Option<i64>> {
    let sql = "select count(*) from access_key where revoked_at is null";
    if first(db, sql, &[], |row| row.int(0))? >= Some(KEYS_MAX) {
        return Ok(None);
    }
    let origins = serde_json::to_string(&new.origins).expect("strings always serialize");
    let values: [Value<'_>; 9] = [
        kept.hash.into(),
        kept.shown.into(),
        new.name.as_str().into(),
        project.into(),
        new.scopes.code().into(),
        origins.as_str().into(),
        now.into(),
        by.into(),
        new.expires_at.into(),
    ];
    let id = db.insert(
        "insert into access_key (hash, shown, name, project, scopes, origins, created_at, \
         created_by, expires_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &values,
    )?;
    Ok(Some(id))
}

/// Keys with their hashes, newest first: those below a number, `limit` at most.
pub fn list(db: &mut dyn Engine, below: i64, limit: usize) -> Result<Vec<(Vec<u8>, Key)>> {
    let sql = format!("select {COLUMNS} where k.id < ?1 order by k.id desc limit ?2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    all(db, &sql, &[below.into(), limit.into()], key)
}

/// Every key that may still be used, with its hash.
pub fn usable(db: &mut dyn Engine, now: i64) -> Result<Vec<(Vec<u8>, Key)>> {
    let sql = format!(
        "select {COLUMNS} where k.revoked_at is null and (k.expires_at is null or \
         k.expires_at > ?1) and (k.project is null or p.name >= ' ')"
    );
    all(db, &sql, &[now.into()], key)
}

/// One key.
pub fn find(db: &mut dyn Engine, id: i64) -> Result<Option<Key>> {
    let sql = format!("select {COLUMNS} where k.id = ?1");
    Ok(first(db, &sql, &[id.into()], key)?.map(|(_, key)| key))
}

/// Puts another secret in a key's place; whether it is a key that may still be used.
pub fn rotate(db: &mut dyn Engine, id: i64, kept: &Kept<'_>, now: i64) -> Result<bool> {
    let sql = "update access_key set hash = ?2, shown = ?3, used_at = null where id = ?1 \
               and revoked_at is null and (expires_at is null or expires_at > ?4)";
    Ok(db.run(sql, &[id.into(), kept.hash.into(), kept.shown.into(), now.into()])? > 0)
}

/// Ends a key; whether it was not ended before.
pub fn revoke(db: &mut dyn Engine, id: i64, now: i64) -> Result<bool> {
    let sql = "update access_key set revoked_at = ?2 where id = ?1 and revoked_at is null";
    Ok(db.run(sql, &[id.into(), now.into()])? > 0)
}

/// What somebody gave while they managed the server, and what ended with that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Invitations.
    pub invitations: usize,
    /// Numbers of keys with which one manages.
    pub keys: Vec<i64>,
}

/// Ends what would let somebody, who does not manage the server any more, come back: invitations
/// that they made and keys with which one manages, and what was made with those.
pub fn end_given(db: &mut dyn Engine, by: &str, now: i64) -> Result<Ended> {
    let mut ended = Ended::default();
    let mut givers = vec![by.to_owned()];
    while let Some(giver) = givers.pop() {
        ended.invitations +=
            db.run("delete from invitation where created_by = ?1", &[giver.as_str().into()])?;
        let sql = "select id, name from access_key where created_by = ?1 \
                   and scopes & ?2 <> 0 and revoked_at is null order by id";
        let manages = Scopes::of(&[Scope::Manage]).code();
        let keys = all(db, sql, &[giver.as_str().into(), manages.into()], |row| {
            (row.int(0), row.text(1).to_owned())
        })?;
        for (id, name) in keys {
            revoke(db, id, now)?;
            ended.keys.push(id);
            givers.push([KEY_MARK, &name].concat());
        }
    }
    Ok(ended)
}

/// Notes when keys were used last.
pub fn touch(db: &mut dyn Engine, used: &[(i64, i64)]) -> Result<()> {
    for (id, at) in used {
        let sql = "update access_key set used_at = ?2 where id = ?1 \
                   and (used_at is null or used_at < ?2)";
        db.run(sql, &[(*id).into(), (*at).into()])?;
    }
    Ok(())
}
