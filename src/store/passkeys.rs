//! Passkeys: public keys by which people log in without a password. What a login by one counts is
//! seen in the transaction that lets in.

use super::engine::{Engine, Row, all, first};
use super::error::Result;
use crate::domain::trust::passkey::Passkey;

/// A passkey to add.
#[derive(Clone, Debug)]
pub struct NewPasskey<'a> {
    /// Whose.
    pub person: i64,
    /// The authenticator's name for it.
    pub credential: &'a [u8],
    /// As the authenticator wrote it.
    pub public_key: &'a [u8],
    /// How often it has signed.
    pub sign_count: i64,
    /// What its owner calls it.
    pub name: &'a str,
    /// Whether its owner has it on several devices.
    pub is_synced: bool,
}

/// What a login by a passkey is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub person: i64,
    /// As the authenticator wrote it.
    pub public_key: Vec<u8>,
}

const COLUMNS: &str = "id, name, is_synced, created_at, used_at";

fn passkey(row: &dyn Row) -> Passkey {
    Passkey {
        id: row.int(0),
        name: row.text(1).to_owned(),
        is_synced: row.int(2) != 0,
        created_at: row.int(3),
        last_used_at: row.opt_int(4),
    }
}

/// Adds a passkey; its number, or `None` if it is somebody's already.
pub fn add(db: &mut dyn Engine, new: &NewPasskey<'_>, now: i64) -> Result<Option<i64>> {
    if find(db, new.credential)?.is_some() {
        return Ok(None);
    }
    let id = db.insert(
        "insert into passkey (person, credential, public_key, sign_count, name, is_synced, \
         created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            new.person.into(),
            new.credential.into(),
            new.public_key.into(),
            new.sign_count.into(),
            new.name.into(),
            i64::from(new.is_synced).into(),
            now.into(),
        ],
    )?;
    Ok(Some(id))
}

/// A person's passkeys, the newest first.
pub fn list(db: &mut dyn Engine, person: i64) -> Result<Vec<Passkey>> {
    let sql = format!("select {COLUMNS} from passkey where person = ?1 order by id desc");
    all(db, &sql, &[person.into()], passkey)
}

/// The authenticators' names for a person's passkeys.
pub fn credentials(db: &mut dyn Engine, person: i64) -> Result<Vec<Vec<u8>>> {
    let sql = "select credential from passkey where person = ?1";
    all(db, sql, &[person.into()], |row| row.blob(0).to_vec())
}

/// The passkey that an authenticator calls so.
pub fn find(db: &mut dyn Engine, credential: &[u8]) -> Result<Option<Kept>> {
    let sql = "select id, person, public_key from passkey where credential = ?1";
    first(db, sql, &[credential.into()], |row| Kept {
        id: row.int(0),
        person: row.int(1),
        public_key: row.blob(2).to_vec(),
    })
}

/// Counts a signature; `false` if the count went back, as that of a copy does, or it is gone.
/// Authenticators that do not count say 0 each time.
pub fn count_up(db: &mut dyn Engine, id: i64, sign_count: i64, now: i64) -> Result<bool> {
    let sql = "update passkey set sign_count = ?2, used_at = ?3 \
               where id = ?1 and (sign_count < ?2 or (sign_count = 0 and ?2 = 0))";
    Ok(db.run(sql, &[id.into(), sign_count.into(), now.into()])? > 0)
}

/// Calls a person's passkey something else; whether there was one.
pub fn rename(db: &mut dyn Engine, person: i64, id: i64, name: &str) -> Result<bool> {
    let sql = "update passkey set name = ?3 where id = ?2 and person = ?1";
    Ok(db.run(sql, &[person.into(), id.into(), name.into()])? > 0)
}

/// Removes a person's passkey; whether there was one.
pub fn remove(db: &mut dyn Engine, person: i64, id: i64) -> Result<bool> {
    let sql = "delete from passkey where id = ?2 and person = ?1";
    Ok(db.run(sql, &[person.into(), id.into()])? > 0)
}

/// Removes all passkeys of a person; how many.
pub fn remove_all(db: &mut dyn Engine, person: i64) -> Result<usize> {
    db.run("delete from passkey where person = ?1", &[person.into()])
}
