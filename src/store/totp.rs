//! The second step of logins: an authenticator's secret, and codes to recover with. A code that was
//! used is gone in the transaction that lets in.

use super::engine::{Engine, first};
use super::error::Result;

/// An authenticator of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// What it shares with the server, sealed: codes are computed from it as it is.
    pub secret: Vec<u8>,
    /// Since when it is asked for; `None` until a first code shows that it works.
    pub enabled_at: Option<i64>,
    /// The step of the last code that was used.
    pub last_step: i64,
}

/// The authenticator of a person.
pub fn find(db: &mut dyn Engine, person: i64) -> Result<Option<Totp>> {
    let sql = "select secret, enabled_at, last_step from person_totp where person = ?1";
    first(db, sql, &[person.into()], |row| Totp {
        secret: row.blob(0).to_vec(),
        enabled_at: row.opt_int(1),
        last_step: row.int(2),
    })
}

/// Whether a person's login asks for a code.
pub fn is_enabled(db: &mut dyn Engine, person: i64) -> Result<bool> {
    Ok(find(db, person)?.is_some_and(|totp| totp.enabled_at.is_some()))
}

/// Begins to set one up, in the place of one that was only begun; `false` if there is one.
pub fn begin(db: &mut dyn Engine, person: i64, secret: &[u8], now: i64) -> Result<bool> {
    let sql = "insert into person_totp (person, secret, created_at, last_step) \
               values (?1, ?2, ?3, 0) on conflict (person) do update set secret = ?2, \
               created_at = ?3, last_step = 0 where enabled_at is null";
    Ok(db.run(sql, &[person.into(), secret.into(), now.into()])? > 0)
}

/// Asks for codes from now on, as the code of this step was shown; `false` if they are already, or
/// another secret was begun.
pub fn enable(
    db: &mut dyn Engine,
    person: i64,
    secret: &[u8],
    (step, now): (i64, i64),
) -> Result<bool> {
    let sql = "update person_totp set enabled_at = ?4, last_step = ?3 \
               where person = ?1 and secret = ?2 and enabled_at is null";
    Ok(db.run(sql, &[person.into(), secret.into(), step.into(), now.into()])? > 0)
}

/// Uses the code of a step up; `false` if it, or a later one, was used.
pub fn use_step(db: &mut dyn Engine, person: i64, secret: &[u8], step: i64) -> Result<bool> {
    let sql = "update person_totp set last_step = ?3 \
               where person = ?1 and secret = ?2 and enabled_at is not null and last_step < ?3";
    Ok(db.run(sql, &[person.into(), secret.into(), step.into()])? > 0)
}

/// Asks for codes no more; whether they were, or were to be.
pub fn remove(db: &mut dyn Engine, person: i64) -> Result<bool> {
    db.run("delete from recovery_code where person = ?1", &[person.into()])?;
    Ok(db.run("delete from person_totp where person = ?1", &[person.into()])? > 0)
}

/// Puts these codes to recover with, of which hashes are kept, in the place of those before.
pub fn set_codes(db: &mut dyn Engine, person: i64, hashes: &[[u8; 32]]) -> Result<()> {
    db.run("delete from recovery_code where person = ?1", &[person.into()])?;
    for hash in hashes {
        let sql = "insert into recovery_code (person, hash) values (?1, ?2)";
        db.run(sql, &[person.into(), hash.as_slice().into()])?;
    }
    Ok(())
}

/// Uses a code to recover with up; whether there was one.
pub fn use_code(db: &mut dyn Engine, person: i64, hash: &[u8]) -> Result<bool> {
    let sql = "delete from recovery_code where person = ?1 and hash = ?2";
    Ok(db.run(sql, &[person.into(), hash.into()])? > 0)
}

/// Ends everybody's codes to recover with.
pub fn end_codes(db: &mut dyn Engine) -> Result<usize> {
    db.run("delete from recovery_code", &[])
}

/// How many codes to recover with are left.
pub fn codes_left(db: &mut dyn Engine, person: i64) -> Result<i64> {
    let sql = "select count(*) from recovery_code where person = ?1";
    Ok(first(db, sql, &[person.into()], |row| row.int(0))?.unwrap_or(0))
}
