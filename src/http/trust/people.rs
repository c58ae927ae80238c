//! People: listed, added, changed. The last administrator stays one.

use serde_json::{Value, json};

use super::super::error::Error;
use super::super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::super::fields::Fields;
use super::super::lists::unknown_cursor;
use super::super::query::Query;
use super::{note, read};
use crate::app::App;
use crate::domain::report::Fault;
use crate::domain::timestamp;
use crate::domain::trust::person::{PEOPLE_MAX, Person, PersonChange};
use crate::domain::trust::role::Role;
use crate::store::keys::{self, Ended};
use crate::store::people::{self, Added, NewPerson};
use crate::store::{self, Writer, audit, cursor, sessions};

/// `GET /api/v1/people`: administrators see all of everybody, others the names of those who share
/// a project with them.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let page = query.page();
    query.finish()?;
    let after = match page.cursor.as_deref() {
        None => String::new(),
        Some(text) => cursor::read_text('w', text).ok_or_else(unknown_cursor)?,
    };
    let mut people = app.read_events(|db| people::list(db)).await?;
    let caller = request.caller();
    let is_administrator = caller.role() == Some(Role::Administrator);
    let reach = caller.reach();
    people.retain(|person| {
        let is_met = person.disabled_at.is_none() && reach.meets(&person.projects);
        (is_administrator || is_met) && person.name.to_lowercase() > after
    });
    people.sort_by_key(|person| person.name.to_lowercase());
    let more = people.len() > page.limit;
    people.truncate(page.limit);
    let next = people.last().filter(|_| more);
    let next = next.map(|last| cursor::write_text('w', &last.name.to_lowercase()));
    let (known, now) = (app.trust.known(), app.now());
    let told = |person: Person| {
        if !is_administrator {
            return json!({ "name": person.name });
        }
        let last = known.sessions_of(person.id, now).first().map(|session| session.seen_at);
        let mut item = json!(person);
        item["seen_at"] = json!(last.map(timestamp::format));
        item
    };
    let items: Vec<Value> = people.into_iter().map(told).collect();
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `GET /api/v1/people/{person}`.
pub(crate) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    let name = request.param(0).to_owned();
    let found = app.read_events(move |db| people::find(db, &name)).await?;
    Ok(exchange::json_ok(&found.ok_or(Error::NotFound("person"))?))
}

/// Somebody to add.
struct Wanted {
    name: String,
    role: Role,
    projects: Option<Vec<String>>,
    password: Option<String>,
}

/// `POST /api/v1/people`.
pub(crate) async fn add(app: &App, mut request: Request) -> Result<Response, Error> {
    let wanted = read_person(&request.body(CHANGE_BYTES_MAX).await?)?;
    let Wanted { name, role, projects, password } = wanted;
    let hash = match password {
        Some(password) => Some(app.trust.passwords.hash(password).await?),
        None => None,
    };
    let detail = json!({ "role": role, "projects": projects });
    let (added, now) = (note(&request, "person.add", format!("person {name}"), detail)?, app.now());
    let found = app
        .write_trust(move |Writer { db, .. }| {
            let numbers = match numbers(db, projects.as_deref())? {
                Ok(numbers) => numbers,
                Err(unknown) => return Ok(Err(unknown)),
            };
            let secret = hash.as_deref();
            let new = NewPerson { name: &name, role, projects: numbers.as_deref(), secret };
            if let Err(refused) = settled(people::add(db, &new, now)?) {
                return Ok(Err(refused));
            }
            audit::add(db, &added, now)?;
            people::find(db, &name).map(Ok)
        })
        .await??;
    Ok(exchange::json_created(&found))
}

/// What an addition that did not happen is answered with.
pub(super) fn settled(added: Added) -> Result<(), Error> {
    match added {
        Added::As(_) => Ok(()),
        Added::NameTaken => Err(Error::Conflict {
            message: "somebody has this name already, or one that looks like it".into(),
            info: json!({}),
        }),
        Added::TooMany => Err(Error::Forbidden(format!("there are {PEOPLE_MAX} people already"))),
    }
}

/// The numbers of projects; `None` is all.
pub(super) fn numbers(
    db: &mut dyn store::engine::Engine,
    names: Option<&[String]>,
) -> store::Result<Result<Option<Vec<i64>>, Error>> {
    let Some(names) = names else { return Ok(Ok(None)) };
    Ok(people::project_numbers(db, names)?.map(Some).map_err(|unknown| {
        Fault::new("projects", format!("there is no project {unknown:?}")).into()
    }))
}

/// `PATCH /api/v1/people/{person}`.
pub(crate) async fn change(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(CHANGE_BYTES_MAX).await?;
    let name = request.param(0).to_owned();
    let (change, password) = read_change(&body, &name)?;
    let hash = match password {
        Some(password) => Some(app.trust.passwords.hash(password).await?),
        None => None,
    };
    let detail = json!({
        "role": change.role,
        "projects": change.projects,
        "disabled": change.disabled,
        "password": hash.is_some().then_some("changed"),
    });
    let (mut changed, now) =
        (note(&request, "person.change", format!("person {name}"), detail)?, app.now());
    let found = app
        .write_trust(move |Writer { db, .. }| {
            let Some(person) = people::find(db, &name)? else {
                return Ok(Err(Error::NotFound("person")));
            };
            match applied(db, &person, &change, now)? {
                Ok(ended) => changed.detail["ended"] = shown(&ended),
                Err(refused) => return Ok(Err(refused)),
            }
            if let Some(hash) = hash {
                people::set_secret(db, person.id, &hash)?;
                sessions::end_others(db, person.id, None)?;
            }
            audit::add(db, &changed, now)?;
            people::find(db, &name).map(Ok)
        })
        .await??;
    app.live.rethink();
    Ok(exchange::json_ok(&found))
}

/// What ended with somebody's rights, for the record; `null` is nothing.
pub(super) fn shown(ended: &Ended) -> Value {
    match ended {
        Ended { invitations: 0, keys } if keys.is_empty() => Value::Null,
        Ended { invitations, keys } => json!({ "invitations": invitations, "keys": keys }),
    }
}

/// Makes a change, or none of it.
fn applied(
    db: &mut dyn store::engine::Engine,
    person: &Person,
    change: &PersonChange,
    now: i64,
) -> store::Result<Result<Ended, Error>> {
    let role = change.role.unwrap_or(person.role);
    let disabled = change.disabled.unwrap_or(person.disabled_at.is_some());
    let was_one = person.role == Role::Administrator && person.disabled_at.is_none();
    let stays_one = role == Role::Administrator && !disabled;
    if was_one && !stays_one && people::administrators(db)? <= 1 {
        let message = "this is the last administrator: make another one first".into();
        return Ok(Err(Error::Conflict { message, info: json!({}) }));
    }
    // What an administrator sees is everything; what they saw before waits for when they are none
    // any more.
    let wanted = change.projects.clone();
    if let Some(projects) = wanted.filter(|_| role != Role::Administrator) {
        match numbers(db, projects.as_deref())? {
            Ok(numbers) => people::set_projects(db, person.id, numbers.as_deref())?,
            Err(unknown) => return Ok(Err(unknown)),
        }
    }
    people::set_role(db, person.id, role)?;
    if change.disabled.is_some() {
        people::set_disabled(db, person.id, disabled.then_some(now))?;
        if disabled {
            sessions::end_others(db, person.id, None)?;
        }
    }
    let ended = if was_one && !stays_one {
        keys::end_given(db, &person.name, now)?
    } else {
        Ended::default()
    };
    Ok(Ok(ended))
}

fn read_person(body: &[u8]) -> Result<Wanted, Error> {
    let mut fields = Fields::parse(body)?;
    let name = read::new_name(&mut fields);
    let role = read::role(&mut fields);
    let projects = read::projects(&mut fields).unwrap_or(None);
    if role.is_none() {
        fields.missing("role");
    }
    let role = role.unwrap_or(Role::Viewer);
    read::only_all(&mut fields, role, &projects);
    let password = read::new_password(&mut fields, "password", &name);
    fields.finish()?;
    Ok(Wanted { name, role, projects, password })
}

fn read_change(body: &[u8], name: &str) -> Result<(PersonChange, Option<String>), Error> {
    let mut fields = Fields::parse(body)?;
    let change = PersonChange {
        role: read::role(&mut fields),
        projects: read::projects(&mut fields),
        disabled: read::choice_of_two(&mut fields, "disabled"),
    };
    if let (Some(role), Some(projects)) = (change.role, &change.projects) {
        read::only_all(&mut fields, role, projects);
    }
    let password = read::new_password(&mut fields, "password", name);
    if change == PersonChange::default() && password.is_none() && fields.fault_count() == 0 {
        fields.fault("", "expected one of role, projects, disabled and password");
    }
    fields.finish()?;
    Ok((change, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_read_whole() {
        let body = br#"{"name":"bob","role":"member","projects":["shop"]}"#;
        let Ok(wanted) = read_person(body) else { panic!("valid") };
        assert_eq!((wanted.name.as_str(), wanted.role), ("bob", Role::Member));
        assert_eq!(wanted.projects, Some(vec!["shop".into()]));
        for wrong in [
            r#"{"role":"member"}"#,
            r#"{"name":"bob"}"#,
            r#"{"name":"key:x","role":"member"}"#,
            r#"{"name":"bob","role":"root"}"#,
            r#"{"name":"bob","role":"administrator","projects":["shop"]}"#,
            r#"{"name":"bob","role":"member","password":"short"}"#,
            r#"{"name":"bob","role":"member","secret":"x"}"#,
        ] {
            assert!(read_person(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_change_asks_for_something() {
        assert!(read_change(b"{}", "bob").is_err());
        let (change, _) = read_change(br#"{"projects":null}"#, "bob").expect("valid");
        assert_eq!(change.projects, Some(None));
        let (change, _) = read_change(br#"{"disabled":true}"#, "bob").expect("valid");
        assert_eq!((change.disabled, change.projects), (Some(true), None));
    }
}
