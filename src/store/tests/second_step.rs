//! The second step of logins, and whom a database that comes back lets in.

use super::*;
use crate::domain::change::Who;
use crate::domain::trust::audit::{AuditQuery, Note};
use crate::domain::trust::role::Role;
use crate::store::invitations::NewInvitation;
use crate::store::passkeys::{self, NewPasskey};
use crate::store::people::{Added, NewPerson};
use crate::store::restore::{self, Logins, Unread, Waiting};
use crate::store::seal::{KEY_NAME, Keyring};
use crate::store::sessions::NewSession;
use crate::store::{Place, audit, identities, invitations, notices, people, sessions, totp};

fn ann(store: &mut Fixture) -> i64 {
    let new = NewPerson { name: "Ann", role: Role::Administrator, projects: None, secret: None };
    let Added::As(id) = people::add(&mut store.writer.db, &new, NOW).unwrap() else {
        panic!("added")
    };
    id
}

#[test]
fn a_code_counts_once_and_only_of_what_was_confirmed() {
    let mut store = store();
    let ann = ann(&mut store);
    let db = &mut store.writer.db;
    assert_eq!(totp::find(db, ann), Ok(None));
    assert_eq!(totp::begin(db, ann, b"one", NOW), Ok(true));
    assert_eq!(totp::begin(db, ann, b"two", NOW), Ok(true), "begun anew");
    assert_eq!(totp::use_step(db, ann, b"two", 5), Ok(false), "not asked for yet");
    assert_eq!(totp::enable(db, ann, b"one", (5, NOW)), Ok(false), "another secret");
    assert_eq!(totp::is_enabled(db, ann), Ok(false));
    assert_eq!(totp::enable(db, ann, b"two", (5, NOW)), Ok(true));
    assert_eq!(totp::enable(db, ann, b"two", (5, NOW)), Ok(false), "once");
    assert_eq!(totp::begin(db, ann, b"three", NOW), Ok(false));
    assert_eq!(totp::is_enabled(db, ann), Ok(true));
    assert!(people::find(db, "ann").unwrap().unwrap().has_totp);
    let found = totp::find(db, ann).unwrap().unwrap();
    assert_eq!((found.enabled_at, found.last_step), (Some(NOW), 5));
    assert_eq!(totp::use_step(db, ann, b"two", 5), Ok(false));
    assert_eq!(totp::use_step(db, ann, b"two", 6), Ok(true));
    assert_eq!(totp::use_step(db, ann, b"two", 6), Ok(false));
    totp::set_codes(db, ann, &[[1; 32], [2; 32]]).unwrap();
    assert_eq!(totp::codes_left(db, ann), Ok(2));
    assert_eq!(totp::use_code(db, ann + 1, &[1; 32]), Ok(false), "another's");
    assert_eq!(totp::use_code(db, ann, &[1; 32]), Ok(true));
    assert_eq!(totp::use_code(db, ann, &[1; 32]), Ok(false));
    assert_eq!((totp::remove(db, ann), totp::remove(db, ann)), (Ok(true), Ok(false)));
    assert_eq!(totp::codes_left(db, ann), Ok(0));
}

#[test]
fn a_passkey_is_one_persons_and_its_count_goes_up() {
    let mut store = store();
    let ann = ann(&mut store);
    let db = &mut store.writer.db;
    let new = NewPasskey {
        person: ann,
        credential: b"one",
        public_key: b"key",
        sign_count: 0,
        name: "Phone",
        is_synced: false,
    };
    let id = passkeys::add(db, &new, NOW).unwrap().expect("added");
    assert_eq!(passkeys::add(db, &new, NOW), Ok(None), "it is known");
    let kept = passkeys::find(db, b"one").unwrap().expect("there");
    assert_eq!((kept.id, kept.person, &kept.public_key[..]), (id, ann, &b"key"[..]));
    assert_eq!(passkeys::find(db, b"two"), Ok(None));
    assert_eq!(passkeys::credentials(db, ann), Ok(vec![b"one".to_vec()]));
    for (count, expected) in [(0, true), (0, true), (2, true), (2, false), (1, false), (0, false)] {
        assert_eq!(passkeys::count_up(db, id, count, NOW + 1), Ok(expected), "{count}");
    }
    assert_eq!(passkeys::rename(db, ann, id, "Key"), Ok(true));
    assert_eq!(passkeys::rename(db, ann + 1, id, "x"), Ok(false));
    let told = passkeys::list(db, ann).unwrap().remove(0);
    assert_eq!((told.name.as_str(), told.last_used_at), ("Key", Some(NOW + 1)));
    assert_eq!(people::find(db, "ann").unwrap().unwrap().passkeys, 1);
    assert_eq!(passkeys::remove(db, ann + 1, id), Ok(false));
    assert_eq!(passkeys::remove(db, ann, id), Ok(true));
    passkeys::add(db, &new, NOW).unwrap();
    assert_eq!(passkeys::remove_all(db, ann), Ok(1));
}

#[test]
fn a_person_is_one_of_a_provider_and_it_is_one_person() {
    let mut store = store();
    let ann = ann(&mut store);
    let db = &mut store.writer.db;
    assert_eq!(identities::find(db, "https://id", "7"), Ok(None));
    assert_eq!(identities::link(db, ("https://id", "7"), ann, NOW), Ok(true));
    assert_eq!(identities::link(db, ("https://id", "8"), ann, NOW), Ok(false), "she is another");
    assert_eq!(identities::link(db, ("https://other", "8"), ann, NOW), Ok(true));
    assert_eq!(identities::find(db, "https://id", "7"), Ok(Some(ann)));
    assert_eq!(identities::unlink_all(db, ann), Ok(2));
    assert_eq!(people::is_disabled(db, ann), Ok(false));
    people::set_disabled(db, ann, Some(NOW)).unwrap();
    assert_eq!(people::is_disabled(db, ann), Ok(true));
    assert_eq!(people::is_disabled(db, ann + 1), Ok(true), "nobody");
}

#[test]
fn a_database_that_comes_back_lets_nobody_in_who_does_not_log_in_again() {
    let mut store = store();
    let ann = ann(&mut store);
    let db = &mut store.writer.db;
    let new = NewSession { hash: b"1", person: ann, agent: "Firefox", address: "192.0.2.1" };
    sessions::begin(db, &new, NOW).unwrap();
    let hash = [7; 32];
    totp::set_codes(db, ann, &[hash]).unwrap();
    let new = NewInvitation {
        hash: &hash,
        role: Role::Viewer,
        projects: None,
        by: "Ann",
        expires_at: NOW + 1,
    };
    invitations::add(db, &new, NOW).unwrap();
    let note = Note {
        who: Who { name: "command line".into(), verified: false },
        address: "local".into(),
        action: "data.restore",
        object: "data".into(),
        detail: serde_json::json!({}),
    };
    let kept =
        restore::let_in(&mut store.writer, (Logins::Keep, Waiting::Keep), &note, NOW).unwrap();
    assert_eq!((kept.people.len(), kept.keys.len(), kept.ended), (1, 0, 0));
    let ended =
        restore::let_in(&mut store.writer, (Logins::End, Waiting::GiveUp), &note, NOW).unwrap();
    assert_eq!((ended.people[0].name.as_str(), ended.ended), ("Ann", 2));
    let db = &mut store.writer.db;
    assert_eq!(sessions::list(db).unwrap().len(), 0);
    assert_eq!(invitations::list(db, NOW).unwrap().len(), 0);
    assert_eq!((totp::codes_left(db, ann), totp::end_codes(db)), (Ok(0), Ok(0)));
    assert_eq!(notices::end_links(db), Ok(0));
    let entries = audit::page(db, &AuditQuery::default(), i64::MAX, 9).unwrap();
    assert_eq!(entries.len(), 2, "it is recorded");
    assert_eq!((sessions::end_all(db), invitations::remove_all(db)), (Ok(0), Ok(0)));
    let before = NewSession { hash: b"2", person: ann, agent: "", address: "" };
    sessions::begin(db, &before, NOW).unwrap();
    drop(std::mem::replace(
        &mut store.writer,
        crate::store::open(&store.folder.join("x"), 1).unwrap(),
    ));
    let (data, from) = (store.folder.join("data"), Place::of(&store.folder).path().to_owned());
    crate::store::backup::create_folder(&data).unwrap();
    restore::bring(&data, &from).unwrap();
    let brought =
        restore::let_in_brought(&data, (Logins::End, Waiting::GiveUp), &note, NOW).unwrap();
    assert_eq!(brought.ended, 1);
    restore::place(&data).unwrap();
    let mut writer = crate::store::open(&data, 1).unwrap();
    assert_eq!(sessions::list(&mut writer.db).unwrap().len(), 0);
}

#[test]
fn what_was_sealed_with_another_key_is_named() {
    let mut store = store();
    let ann = ann(&mut store);
    let keyring = Keyring::of(&store.folder);
    let sealed = keyring.seal(b"secret").unwrap();
    let db = &mut store.writer.db;
    assert_eq!(totp::begin(db, ann, &sealed, NOW), Ok(true));
    std::fs::rename(store.folder.join(KEY_NAME), store.folder.join("away")).unwrap();
    assert_eq!(restore::unread(db, &keyring), Ok(Unread::default()), "no code is asked for yet");
    assert_eq!(totp::enable(db, ann, &sealed, (1, NOW)), Ok(true));
    assert_eq!(restore::unread(db, &keyring).unwrap().people, ["Ann"]);
    keyring.seal(b"x").unwrap();
    assert_eq!(restore::unread(db, &keyring).unwrap().people, ["Ann"], "another key");
    std::fs::rename(store.folder.join("away"), store.folder.join(KEY_NAME)).unwrap();
    assert_eq!(restore::unread(db, &keyring), Ok(Unread::default()));
}
