//! Logins that last. Only the hash of what a browser holds is kept.

use super::engine::{Engine, Row, all};
use super::error::Result;
use crate::domain::trust::person::{SESSION_AGE_MS, SESSION_IDLE_MS, SESSIONS_MAX, Session};

/// A session to begin.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the cookie's value.
    pub hash: &'a [u8],
    /// Whose.
    pub person: i64,
    /// The browser, as it calls itself.
    pub agent: &'a str,
    /// From where.
    pub address: &'a str,
}

fn session(row: &dyn Row) -> (Vec<u8>, Session) {
    let session = Session {
        id: row.int(1),
        person: row.int(2),
        created_at: row.int(3),
        seen_at: row.int(4),
        agent: row.text(5).to_owned(),
        address: row.text(6).to_owned(),
    };
    (row.blob(0).to_vec(), session)
}

/// Begins a session; those of the same person that ended, or are too many, go.
pub fn begin(db: &mut dyn Engine, new: &NewSession<'_>, now: i64) -> Result<i64> {
    db.run(
        "delete from session where seen_at < ?1 or created_at < ?2",
        &[(now - SESSION_IDLE_MS).into(), (now - SESSION_AGE_MS).into()],
    )?;
    db.run(
        "delete from session where person = ?1 and id not in \
         (select id from session where person = ?1 order by seen_at desc, id desc limit ?2)",
        &[new.person.into(), (SESSIONS_MAX - 1).into()],
    )?;
    db.insert(
        "insert into session (hash, person, created_at, seen_at, agent, address) \
         values (?1, ?2, ?3, ?3, ?4, ?5)",
        &[new.hash.into(), new.person.into(), now.into(), new.agent.into(), new.address.into()],
    )
}

/// Every session with its hash, the one used last first.
pub fn list(db: &mut dyn Engine) -> Result<Vec<(Vec<u8>, Session)>> {
    let sql = "select hash, id, person, created_at, seen_at, agent, address from session \
               order by seen_at desc, id desc";
    all(db, sql, &[], session)
}

/// Ends one session of a person; whether there was one.
pub fn end(db: &mut dyn Engine, person: i64, id: i64) -> Result<bool> {
    let sql = "delete from session where id = ?1 and person = ?2";
    Ok(db.run(sql, &[id.into(), person.into()])? > 0)
}

/// Ends every session of a person but one; how many.
pub fn end_others(db: &mut dyn Engine, person: i64, but: Option<i64>) -> Result<usize> {
    let sql = "delete from session where person = ?1 and id <> ?2";
    db.run(sql, &[person.into(), but.unwrap_or(0).into()])
}

/// Ends every session of everybody; how many.
pub fn end_all(db: &mut dyn Engine) -> Result<usize> {
    db.run("delete from session", &[])
}

/// Notes when sessions were used last.
pub fn touch(db: &mut dyn Engine, used: &[(i64, i64)]) -> Result<()> {
    for (id, at) in used {
        let sql = "update session set seen_at = ?2 where id = ?1 and seen_at < ?2";
        db.run(sql, &[(*id).into(), (*at).into()])?;
    }
    Ok(())
}
