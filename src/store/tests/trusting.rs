//! People, sessions, keys, invitations and the record of what was done.

use serde_json::json;

use super::*;
use crate::domain::trust::audit::{AuditQuery, Note};
use crate::domain::trust::key::{NewKey, Scope, Scopes};
use crate::domain::trust::person::{SESSION_IDLE_MS, SESSIONS_MAX};
use crate::domain::trust::reach::Reach;
use crate::domain::trust::role::Role;
use crate::store::invitations::{GoodFor, NewInvitation};
use crate::store::keys::Kept;
use crate::store::people::{Added, NewPerson};
use crate::store::sessions::NewSession;
use crate::store::sqlite::Sqlite;
use crate::store::{audit, erase, invitations, keys, people, projects, sessions};

fn ann() -> NewPerson<'static> {
    NewPerson { name: "Ann", role: Role::Administrator, projects: None, secret: Some("hash") }
}

#[test]
fn a_name_belongs_to_one_person_in_any_case() {
    let mut store = store();
    let db = &mut store.writer.db;
    assert_eq!(people::administrators(db), Ok(0));
    let Added::As(id) = people::add(db, &ann(), NOW).unwrap() else { panic!("added") };
    assert_eq!(people::add(db, &NewPerson { name: "aNN", ..ann() }, NOW), Ok(Added::NameTaken));
    let other =
        NewPerson { name: "Мария", role: Role::Viewer, projects: Some(&[]), secret: None };
    assert!(matches!(people::add(db, &other, NOW), Ok(Added::As(_))));
    assert_eq!(people::administrators(db), Ok(1));
    let secret = people::secret(db, "ANN").unwrap().unwrap();
    assert_eq!(
        (secret.person, secret.hash.as_deref(), secret.is_disabled),
        (id, Some("hash"), false)
    );
    assert_eq!(people::still_has_secret(db, id, "hash"), Ok(true));
    assert_eq!(people::still_has_secret(db, id, "other"), Ok(false));
    people::set_disabled(db, id, Some(NOW)).unwrap();
    assert_eq!(people::still_has_secret(db, id, "hash"), Ok(false), "shut out");
    people::set_disabled(db, id, None).unwrap();
    assert_eq!(people::secret(db, "МАРИЯ").unwrap().unwrap().hash, None);
    assert_eq!(people::secret(db, "bob"), Ok(None));
    assert_eq!(people::find(db, "ann").unwrap().unwrap().name, "Ann");
    people::set_secret(db, id, "other").unwrap();
    people::set_role(db, id, Role::Member).unwrap();
    people::set_disabled(db, id, Some(NOW)).unwrap();
    let secret = people::secret(db, "ann").unwrap().unwrap();
    assert_eq!((secret.hash.as_deref(), secret.is_disabled), (Some("other"), true));
    assert_eq!(people::administrators(db), Ok(0));
    let names: Vec<_> = people::list(db).unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Ann", "Мария"]);
}

#[test]
fn what_was_given_for_a_project_goes_with_it() {
    let mut store = store();
    store.record_one(report(1));
    let db = &mut store.writer.db;
    let shop = projects::number(db, "shop").unwrap().unwrap();
    assert_eq!(projects::names(db), Ok(vec!["shop".to_owned()]));
    assert_eq!(issues::project(db, 1), Ok(Some("shop".to_owned())));
    assert_eq!(issues::project(db, 99), Ok(None));
    let numbers = people::project_numbers(db, &["shop".into()]).unwrap();
    assert_eq!(numbers, Ok(vec![shop]));
    let missing = people::project_numbers(db, &["shop".into(), "none".into()]).unwrap();
    assert_eq!(missing, Err("none".to_owned()));
    let bob = NewPerson { name: "bob", role: Role::Member, projects: Some(&[shop]), secret: None };
    let Added::As(id) = people::add(db, &bob, NOW).unwrap() else { panic!("added") };
    let key = keys::add(db, &new_key(Some("shop")), &kept(b"1"), Some(shop), ("Ann", NOW)).unwrap();
    assert!(people::find(db, "bob").unwrap().unwrap().projects.has("shop"));
    assert_eq!(keys::usable(db, NOW).unwrap().len(), 1);
    erase::detach_project(db, "shop").unwrap();
    let reach = people::find(db, "bob").unwrap().unwrap().projects;
    assert_eq!(reach, Reach::Of([].into()));
    assert!(keys::find(db, key.unwrap()).unwrap().is_none());
    store.record_one(report(2));
    let db = &mut store.writer.db;
    assert_eq!(people::find(db, "bob").unwrap().unwrap().projects, Reach::Of([].into()));
    people::set_projects(db, id, None).unwrap();
    assert_eq!(people::find(db, "bob").unwrap().unwrap().projects, Reach::Every);
    people::set_projects(db, id, Some(&[])).unwrap();
    assert_eq!(people::find(db, "bob").unwrap().unwrap().projects, Reach::Of([].into()));
}

#[test]
fn sessions_end_alone_together_and_by_themselves() {
    let mut store = store();
    let db = &mut store.writer.db;
    let begin = |db: &mut Sqlite, hash: &[u8], person, at| {
        let new = NewSession { hash, person, agent: "Firefox", address: "192.0.2.1" };
        sessions::begin(db, &new, at).unwrap()
    };
    let first = begin(db, b"1", 1, NOW);
    let second = begin(db, b"2", 1, NOW);
    let other = begin(db, b"3", 2, NOW);
    sessions::touch(db, &[(first, NOW + 5), (second, NOW - 5)]).unwrap();
    let seen: Vec<_> =
        sessions::list(db).unwrap().into_iter().map(|(hash, one)| (hash, one.seen_at)).collect();
    assert_eq!(seen, [(b"1".to_vec(), NOW + 5), (b"3".to_vec(), NOW), (b"2".to_vec(), NOW)]);
    assert_eq!(sessions::end(db, 2, first), Ok(false), "another's");
    assert_eq!(sessions::end(db, 1, first), Ok(true));
    begin(db, b"4", 1, NOW);
    assert_eq!(sessions::end_others(db, 1, Some(second)), Ok(1));
    assert_eq!(sessions::list(db).unwrap().len(), 2);
    let later = NOW + SESSION_IDLE_MS + 1;
    for number in 0..SESSIONS_MAX + 3 {
        begin(db, &number.to_le_bytes(), 1, later + number);
    }
    let left = sessions::list(db).unwrap();
    assert_eq!(left.len() as i64, SESSIONS_MAX, "the newest");
    assert!(left.iter().all(|(_, one)| one.id != other && one.id != second));
}

fn new_key(project: Option<&str>) -> NewKey {
    NewKey {
        name: "web".into(),
        project: project.map(Into::into),
        scopes: Scopes::of(&[Scope::Report]),
        origins: vec!["https://shop.example".into()],
        expires_at: None,
    }
}

fn kept(hash: &[u8]) -> Kept<'_> {
    Kept { hash, shown: "lcr_1a2b" }
}

#[test]
fn a_key_is_found_by_its_newest_hash_until_it_ends() {
    let mut store = store();
    let db = &mut store.writer.db;
    let id = keys::add(db, &new_key(None), &kept(b"1"), None, ("Ann", NOW)).unwrap().unwrap();
    let ends = NewKey { expires_at: Some(NOW + 10), ..new_key(None) };
    let short = keys::add(db, &ends, &kept(b"2"), None, ("Ann", NOW)).unwrap().unwrap();
    let hashes = |db: &mut Sqlite, now| -> Vec<Vec<u8>> {
        keys::usable(db, now).unwrap().into_iter().map(|(hash, _)| hash).collect()
    };
    assert_eq!(hashes(db, NOW), [b"1", b"2"]);
    assert_eq!(hashes(db, NOW + 10), [b"1"]);
    assert_eq!(keys::rotate(db, id, &kept(b"3"), NOW), Ok(true));
    assert_eq!(keys::rotate(db, short, &kept(b"4"), NOW + 10), Ok(false), "it has ended");
    assert_eq!(hashes(db, NOW + 10), [b"3"]);
    keys::touch(db, &[(id, NOW + 7), (id, NOW + 6)]).unwrap();
    let key = keys::find(db, id).unwrap().unwrap();
    assert_eq!((key.last_used_at, key.origins.len(), key.project), (Some(NOW + 7), 1, None));
    assert_eq!(keys::revoke(db, id, NOW), Ok(true));
    assert_eq!(keys::revoke(db, id, NOW), Ok(false));
    assert_eq!(keys::rotate(db, id, &kept(b"5"), NOW), Ok(false));
    assert_eq!(hashes(db, NOW + 10), [[0; 0]; 0]);
    let all: Vec<_> =
        keys::list(db, i64::MAX, 9).unwrap().into_iter().map(|(_, one)| one.id).collect();
    assert_eq!(all, [short, id], "newest first, those that ended too");
    assert_eq!(keys::list(db, short, 9).unwrap().len(), 1);
}

#[test]
fn an_invitation_works_once_and_for_a_while() {
    let mut store = store();
    store.record_one(report(1));
    let db = &mut store.writer.db;
    let new = |hash, expires_at| NewInvitation {
        hash,
        role: Role::Viewer,
        projects: Some(&[1]),
        by: "Ann",
        expires_at,
    };
    let id = invitations::add(db, &new(b"1", NOW + 10), NOW).unwrap().unwrap();
    let other = invitations::add(db, &new(b"2", NOW + 10), NOW).unwrap().unwrap();
    let list = invitations::list(db, NOW).unwrap();
    assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [other, id]);
    assert!(list[0].projects.has("shop"));
    assert_eq!(invitations::find(db, b"1", NOW + 10), Ok(None), "too late");
    let good = GoodFor { id, role: Role::Viewer, projects: Some(vec![1]) };
    assert_eq!(invitations::find(db, b"1", NOW + 9), Ok(Some(good)));
    assert_eq!(invitations::remove(db, id), Ok(true));
    assert_eq!(invitations::find(db, b"1", NOW + 9), Ok(None), "once");
    assert_eq!(invitations::remove(db, other), Ok(true));
    assert_eq!(invitations::remove(db, other), Ok(false));
}

#[test]
fn what_an_administrator_gave_ends_with_their_rights() {
    let mut store = store();
    let db = &mut store.writer.db;
    let invite = |db: &mut Sqlite, hash: &[u8], by: &str| {
        let (role, projects, expires_at) = (Role::Administrator, None, NOW + 10);
        let new = NewInvitation { hash, role, projects, by, expires_at };
        invitations::add(db, &new, NOW).unwrap().unwrap()
    };
    let key = |db: &mut Sqlite, name: &str, scope, by: &str| {
        let scopes = Scopes::of(&[scope]);
        let new = NewKey { name: name.into(), scopes, ..new_key(None) };
        keys::add(db, &new, &kept(name.as_bytes()), None, (by, NOW)).unwrap().unwrap()
    };
    let manages = key(db, "manages", Scope::Manage, "Ann");
    let further = key(db, "further", Scope::Manage, "key:manages");
    let reports = key(db, "reports", Scope::Report, "Ann");
    let others = key(db, "others", Scope::Manage, "Ben");
    for (hash, by) in [(b"1", "Ann"), (b"2", "key:further")] {
        invite(db, hash, by);
    }
    let stays = invite(db, b"3", "Ben");
    let ended = keys::end_given(db, "Ann", NOW).unwrap();
    assert_eq!(ended, keys::Ended { invitations: 2, keys: vec![manages, further] });
    let usable = keys::usable(db, NOW).unwrap();
    assert_eq!(usable.iter().map(|(_, one)| one.id).collect::<Vec<_>>(), [reports, others]);
    let left = invitations::list(db, NOW).unwrap();
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [stays]);
    assert_eq!(keys::end_given(db, "Ann", NOW), Ok(keys::Ended::default()));
}

#[test]
fn the_record_is_read_by_who_what_and_when() {
    let mut store = store();
    let db = &mut store.writer.db;
    for (at, name, action) in
        [(1, "ann", "key.create"), (2, "bob", "session.begin"), (3, "ann", "keys")]
    {
        let note = Note {
            who: Who { name: name.into(), verified: true },
            address: "192.0.2.1".into(),
            action,
            object: "key 1".into(),
            detail: json!({"name": "web"}),
        };
        audit::add(db, &note, NOW + at).unwrap();
    }
    let ids = |db: &mut Sqlite, query: AuditQuery, below, limit| -> Vec<i64> {
        audit::page(db, &query, below, limit).unwrap().into_iter().map(|one| one.id).collect()
    };
    let all = AuditQuery::default();
    assert_eq!(ids(db, all.clone(), i64::MAX, 2), [3, 2]);
    assert_eq!(ids(db, all.clone(), 2, 2), [1]);
    assert_eq!(ids(db, AuditQuery { who: Some("ann".into()), ..all.clone() }, 9, 9), [3, 1]);
    assert_eq!(ids(db, AuditQuery { action: Some("key".into()), ..all.clone() }, 9, 9), [1]);
    let span = AuditQuery { since: Some(NOW + 2), until: Some(NOW + 3), ..all.clone() };
    assert_eq!(ids(db, span, 9, 9), [2]);
    let entry = &audit::page(db, &all, 2, 1).unwrap()[0];
    assert_eq!(entry.detail, json!({"name": "web"}));
}
