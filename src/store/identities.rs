//! Whom an OpenID Connect provider means: its number for somebody, and the person here. A name may
//! be given to somebody else there; its number never is.

use super::engine::{Engine, first};
use super::error::Result;

/// The person who is somebody of a provider.
pub fn find(db: &mut dyn Engine, issuer: &str, subject: &str) -> Result<Option<i64>> {
    let sql = "select person from person_identity where issuer = ?1 and subject = ?2";
    first(db, sql, &[issuer.into(), subject.into()], |row| row.int(0))
}

/// Says who somebody of a provider is here; `false` if the person is somebody else there.
pub fn link(
    db: &mut dyn Engine,
    (issuer, subject): (&str, &str),
    person: i64,
    now: i64,
) -> Result<bool> {
    let sql = "insert into person_identity (issuer, subject, person, created_at) \
               select ?1, ?2, ?3, ?4 where not exists \
               (select 1 from person_identity where issuer = ?1 and person = ?3)";
    let values = [issuer.into(), subject.into(), person.into(), now.into()];
    Ok(db.run(sql, &values)? > 0)
}

/// Forgets who a person is elsewhere; how many there were.
pub fn unlink_all(db: &mut dyn Engine, person: i64) -> Result<usize> {
    db.run("delete from person_identity where person = ?1", &[person.into()])
}
