//! People: added, changed, never removed, since histories name them.

use super::engine::{Engine, Row, Value, all, first};
use super::error::Result;
use super::projects;
use crate::domain::search::fold;
use crate::domain::trust::look::is_alike;
use crate::domain::trust::person::{PEOPLE_MAX, Person};
use crate::domain::trust::reach::{Place, Reach};
use crate::domain::trust::role::Role;

/// A person to add.
#[derive(Clone, Debug)]
pub struct NewPerson<'a> {
    /// The name in every history.
    pub name: &'a str,
    /// What they may do.
    pub role: Role,
    /// Numbers of the projects that they see; `None` is all.
    pub projects: Option<&'a [i64]>,
    /// The password's hash.
    pub secret: Option<&'a str>,
}

/// What became of an addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The person has this number.
    As(i64),
    /// Somebody has this name, or one that looks like it.
    NameTaken,
    /// There are [`PEOPLE_MAX`].
    TooMany,
}

/// What is needed to check a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The person's number.
    pub person: i64,
    /// The password's hash, if there is a password.
    pub hash: Option<String>,
    /// Whether they are shut out.
    pub is_disabled: bool,
}

/// Administrators who can log in.
pub fn administrators(db: &mut dyn Engine) -> Result<i64> {
    let sql = "select count(*) from person where role = ?1 and disabled_at is null";
    Ok(first(db, sql, &[Role::Administrator.code().into()], |row| row.int(0))?.unwrap_or(0))
}

/// Adds a person.
pub fn add(db: &mut dyn Engine, new: &NewPerson<'_>, now: i64) -> Result<Added> {
    let folded = fold(new.name);
    let names = all(db, "select name from person", &[], |row| row.text(0).to_owned())?;
    if names.iter().any(|name| is_alike(name, new.name)) {
        return Ok(Added::NameTaken);
    }
    if names.len() >= PEOPLE_MAX {
        return Ok(Added::TooMany);
    }
    let values: [Value<'_>; 6] = [
        new.name.into(),
        folded.as_str().into(),
        new.role.code().into(),
        i64::from(new.projects.is_none()).into(),
        new.secret.into(),
        now.into(),
    ];
    let id = db.insert(
        "insert into person (name, folded, role, every_project, secret, created_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6)",
        &values,
    )?;
    let_see(db, id, new.projects.unwrap_or_default())?;
    Ok(Added::As(id))
}

fn let_see(db: &mut dyn Engine, person: i64, projects: &[i64]) -> Result<()> {
    for project in projects {
        db.run(
            "insert into person_project (person, project) values (?1, ?2) \
             on conflict (person, project) do nothing",
            &[person.into(), (*project).into()],
        )?;
    }
    Ok(())
}

fn person(row: &dyn Row) -> (Person, bool) {
    let person = Person {
        id: row.int(0),
        name: row.text(1).to_owned(),
        role: Role::from_code(row.int(2)),
        projects: Reach::Of([].into()),
        has_password: row.int(4) != 0,
        created_at: row.int(5),
        disabled_at: row.opt_int(6),
        has_totp: row.int(7) != 0,
        passkeys: row.int(8),
    };
    (person, row.int(3) != 0)
}

/// Everybody, by name.
pub fn list(db: &mut dyn Engine) -> Result<Vec<Person>> {
    let sql = "select id, name, role, every_project, secret is not null, created_at, disabled_at, \
               exists (select 1 from person_totp t where t.person = person.id \
               and t.enabled_at is not null), \
               (select count(*) from passkey k where k.person = person.id) \
               from person order by folded";
    let mut people = all(db, sql, &[], person)?;
    let sql = "select r.person, p.id, p.name from person_project r \
               join project p on p.id = r.project where p.name >= ' ' order by p.name";
    let seen = all(db, sql, &[], |row| {
        (row.int(0), Place { number: row.int(1), name: row.text(2).to_owned() })
    })?;
    for (person, sees_every) in &mut people {
        let own = seen.iter().filter(|(whose, _)| *whose == person.id);
        // Whoever says who may what could see all anyway.
        person.projects = match *sees_every || person.role == Role::Administrator {
            true => Reach::Every,
            false => Reach::Of(own.map(|(_, place)| place.clone()).collect()),
        };
    }
    Ok(people.into_iter().map(|(person, _)| person).collect())
}

/// One person, in any case of the name.
pub fn find(db: &mut dyn Engine, name: &str) -> Result<Option<Person>> {
    let folded = fold(name);
    Ok(list(db)?.into_iter().find(|person| fold(&person.name) == folded))
}

/// What is needed to check a password of this name, in any case.
pub fn secret(db: &mut dyn Engine, name: &str) -> Result<Option<Secret>> {
    let sql = "select id, secret, disabled_at from person where folded = ?1";
    first(db, sql, &[fold(name).as_str().into()], |row| Secret {
        person: row.int(0),
        hash: row.opt_string(1),
        is_disabled: row.opt_int(2).is_some(),
    })
}

/// Whether this is still somebody's hash, and they are not shut out: asked in the transaction that
/// a password which was checked before it lets do something.
pub fn still_has_secret(db: &mut dyn Engine, person: i64, hash: &str) -> Result<bool> {
    let sql = "select 1 from person where id = ?1 and secret = ?2 and disabled_at is null";
    Ok(first(db, sql, &[person.into(), hash.into()], |row| row.int(0))?.is_some())
}

/// Whether a person is shut out, or nobody.
pub fn is_disabled(db: &mut dyn Engine, person: i64) -> Result<bool> {
    let sql = "select 1 from person where id = ?1 and disabled_at is null";
    Ok(first(db, sql, &[person.into()], |row| row.int(0))?.is_none())
}

/// Sets a password's hash.
pub fn set_secret(db: &mut dyn Engine, person: i64, hash: &str) -> Result<()> {
    db.run("update person set secret = ?2 where id = ?1", &[person.into(), hash.into()])?;
    Ok(())
}

/// Sets what a person may do.
pub fn set_role(db: &mut dyn Engine, person: i64, role: Role) -> Result<()> {
    db.run("update person set role = ?2 where id = ?1", &[person.into(), role.code().into()])?;
    Ok(())
}

/// Sets which projects a person sees; `None` is all.
pub fn set_projects(db: &mut dyn Engine, person: i64, projects: Option<&[i64]>) -> Result<()> {
    db.run(
        "update person set every_project = ?2 where id = ?1",
        &[person.into(), i64::from(projects.is_none()).into()],
    )?;
    db.run("delete from person_project where person = ?1", &[person.into()])?;
    let_see(db, person, projects.unwrap_or_default())
}

/// Shuts a person out, or lets them in again.
pub fn set_disabled(db: &mut dyn Engine, person: i64, at: Option<i64>) -> Result<()> {
    db.run("update person set disabled_at = ?2 where id = ?1", &[person.into(), at.into()])?;
    Ok(())
}

/// Numbers of projects, or the first name that is none.
pub fn project_numbers(
    db: &mut dyn Engine,
    names: &[String],
) -> Result<std::result::Result<Vec<i64>, String>> {
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        match projects::number(db, name)? {
            Some(number) => numbers.push(number),
            None => return Ok(Err(name.clone())),
        }
    }
    Ok(Ok(numbers))
}
