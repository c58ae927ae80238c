//! Links by which people come. Each works once.

use super::engine::{Engine, Row, all, first};
use super::error::Result;
use crate::domain::trust::person::{INVITATIONS_MAX, Invitation};
use crate::domain::trust::reach::{Place, Reach};
use crate::domain::trust::role::Role;

/// An invitation to add.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    /// SHA-256 of the link's secret.
    pub hash: &'a [u8],
    /// What the person may do.
    pub role: Role,
    /// Numbers of the projects that they will see; `None` is all.
    pub projects: Option<&'a [i64]>,
    /// By whom.
    pub by: &'a str,
    /// Until when it can be used.
    pub expires_at: i64,
}

/// What the person who comes may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodFor {
    /// The invitation's number.
    pub id: i64,
    /// What they may do.
    pub role: Role,
    /// Numbers of the projects that they see; `None` is all.
    pub projects: Option<Vec<i64>>,
}

const COLUMNS: &str = "id, role, every_project, projects, created_at, created_by, expires_at";

fn numbers(row: &dyn Row) -> Option<Vec<i64>> {
    (row.int(2) == 0).then(|| serde_json::from_str(row.text(3)).unwrap_or_default())
}

/// Adds an invitation; its number, or `None` when too many wait. Those that have ended go.
pub fn add(db: &mut dyn Engine, new: &NewInvitation<'_>, now: i64) -> Result<Option<i64>> {
    db.run("delete from invitation where expires_at <= ?1", &[now.into()])?;
    let sql = "select count(*) from invitation";
    if first(db, sql, &[], |row| row.int(0))? >= Some(INVITATIONS_MAX) {
        return Ok(None);
    }
    let projects = serde_json::to_string(new.projects.unwrap_or_default());
    let projects = projects.expect("numbers always serialize");
    let id = db.insert(
        "insert into invitation (hash, role, every_project, projects, created_at, created_by, \
         expires_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            new.hash.into(),
            new.role.code().into(),
            i64::from(new.projects.is_none()).into(),
            projects.as_str().into(),
            now.into(),
            new.by.into(),
            new.expires_at.into(),
        ],
    )?;
    Ok(Some(id))
}

/// Invitations that can still be used, newest first.
pub fn list(db: &mut dyn Engine, now: i64) -> Result<Vec<Invitation>> {
    let names = all(db, "select id, name from project where name >= ' '", &[], |row| Place {
        number: row.int(0),
        name: row.text(1).to_owned(),
    })?;
    let sql = format!("select {COLUMNS} from invitation where expires_at > ?1 order by id desc");
    all(db, &sql, &[now.into()], |row| Invitation {
        id: row.int(0),
        role: Role::from_code(row.int(1)),
        projects: match numbers(row) {
            None => Reach::Every,
            Some(numbers) => Reach::Of(
                names.iter().filter(|place| numbers.contains(&place.number)).cloned().collect(),
            ),
        },
        created_at: row.int(4),
        created_by: row.text(5).to_owned(),
        expires_at: row.int(6),
    })
}

/// What the link of this hash is good for.
pub fn find(db: &mut dyn Engine, hash: &[u8], now: i64) -> Result<Option<GoodFor>> {
    let sql = format!("select {COLUMNS} from invitation where hash = ?1 and expires_at > ?2");
    first(db, &sql, &[hash.into(), now.into()], |row| GoodFor {
        id: row.int(0),
        role: Role::from_code(row.int(1)),
        projects: numbers(row),
    })
}

/// Takes every invitation back; how many.
pub fn remove_all(db: &mut dyn Engine) -> Result<usize> {
    db.run("delete from invitation", &[])
}

/// Takes an invitation away, as it was used or taken back; whether there was one.
pub fn remove(db: &mut dyn Engine, id: i64) -> Result<bool> {
    Ok(db.run("delete from invitation where id = ?1", &[id.into()])? > 0)
}
