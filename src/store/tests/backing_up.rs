//! Copies of a database that is written to, what is found wrong in one, and databases of earlier
//! schemas.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::domain::backup::{Kind, Name};
use crate::store::backup::{self, Unsealed};
use crate::store::engine::{all, first};
use crate::store::migrate::SCHEMA_VERSION;
use crate::store::sqlite::Sqlite;
use crate::store::verify::{self, Depth, Verdict};
use crate::store::{FILE_NAME, Place, events};

/// What an earlier version left, oldest first.
const SCHEMAS: [&str; 6] = [
    include_str!("schema-1.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
];

/// Something of everything; 120 reports of 8 issues.
pub(super) fn filled() -> Fixture {
    let mut store = store();
    for round in 0..3 {
        store.record((0..40).map(|n| report_of(n % 8, &format!("u{n}"), "r")).collect());
        if round == 1 {
            store.merge_keys();
        }
    }
    store.walk_to(1, Status::Verified, None);
    store
}

pub(super) fn name() -> Name {
    Name::new(NOW, Kind::Requested)
}

/// A folder beside the data, made for this store's backups.
pub(super) fn folder(store: &Fixture) -> PathBuf {
    let folder = store.folder.join("backups");
    backup::create_folder(&folder).unwrap();
    folder
}

pub(super) fn begin(store: &mut Fixture) -> PathBuf {
    let folder = folder(store);
    let part = backup::part(&folder, name());
    backup::create_file(&part).unwrap();
    store.writer.db.begin_copy(&part).unwrap();
    folder
}

/// A whole backup of a store; its path.
pub(super) fn backed_up(store: &mut Fixture) -> PathBuf {
    let folder = begin(store);
    while !store.writer.db.copy_step(8).unwrap().is_whole {}
    backup::seal(&folder, name()).unwrap();
    folder.join(name().to_string())
}

pub(super) fn verdict(path: &Path) -> Verdict {
    verify::verify(&mut Sqlite::open_to_verify(path).unwrap(), Depth::Full).unwrap()
}

/// Every row of every table but those of the index of words, as text.
pub(super) fn rows(path: &Path) -> Vec<String> {
    let db = &mut Sqlite::open_to_verify(path).unwrap();
    let sql =
        "select name from sqlite_schema where type = 'table' and name not like 'issue_words%'";
    let mut found = Vec::new();
    for table in all(db, sql, &[], |row| row.text(0).to_owned()).unwrap() {
        let columns = format!(
            "select group_concat('quote(' || name || ')', ' || '','' || ') \
             from pragma_table_info('{table}')"
        );
        let columns = first(db, &columns, &[], |row| row.text(0).to_owned()).unwrap().unwrap();
        let sql = format!("select {columns} from {table} order by 1");
        found.extend(all(db, &sql, &[], |row| format!("{table}: {}", row.text(0))).unwrap());
    }
    found
}

#[test]
fn a_copy_holds_what_is_written_while_it_is_made() {
    let mut store = filled();
    let folder = begin(&mut store);
    let (mut steps, mut whole) = (0, false);
    while !whole {
        // One page at a time, and a report between each two.
        whole = store.writer.db.copy_step(1).unwrap().is_whole;
        steps += 1;
        if !whole {
            store.record(vec![report(steps % 11)]);
        }
    }
    assert!(steps > 20, "{steps}");
    let stored = backup::seal(&folder, name()).unwrap();
    let path = folder.join(name().to_string());
    assert_eq!(stored.bytes, fs::metadata(&path).unwrap().len());
    assert_eq!(stored.sha256.as_deref(), Some(backup::sum(&path).unwrap().as_str()));
    let verdict = verdict(&path);
    assert_eq!(verdict.faults, [""; 0]);
    assert_eq!(verdict.held.reports, 120 + steps - 1);
    assert_eq!(verdict.held.newest_at, Some(NOW));
    assert_eq!(rows(&path), rows(Place::of(&store.folder).path()));
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let known = [name().to_string(), format!("{}.sha256", name())];
        assert!(known.contains(&entry.file_name().into_string().unwrap()), "{entry:?}");
    }
}

#[test]
fn an_undone_transaction_makes_a_copy_begin_anew() {
    let mut store = filled();
    let folder = begin(&mut store);
    let before = store.writer.db.copy_step(20).unwrap();
    assert_eq!(before.pages, 20);
    store.writer.db.begin().unwrap();
    store.writer.db.run("update issue set count = 7", &[]).unwrap();
    store.writer.db.rollback();
    assert_eq!(store.writer.db.copy_step(1).unwrap().pages, 1);
    while !store.writer.db.copy_step(8).unwrap().is_whole {}
    backup::seal(&folder, name()).unwrap();
    let path = folder.join(name().to_string());
    assert_eq!(rows(&path), rows(Place::of(&store.folder).path()));
}

#[test]
fn a_look_that_finds_nothing_to_write_lets_a_copy_go_on() {
    let mut store = filled();
    begin(&mut store);
    store.writer.db.copy_step(20).unwrap();
    store.writer.db.begin().unwrap();
    first(&mut store.writer.db, "select count(*) from event", &[], |row| row.int(0)).unwrap();
    store.writer.db.rollback();
    assert_eq!(store.writer.db.copy_step(1).unwrap().pages, 21);
    store.writer.db.end_copy();
    assert!(store.writer.db.copy_step(1).is_err(), "there is none");
    store.record_one(report(1));
}

#[test]
fn a_copy_that_is_not_sound_gets_no_name() {
    let mut store = filled();
    store.writer.db.run("update issue set count = count + 1 where id = 1", &[]).unwrap();
    let folder = begin(&mut store);
    store.writer.db.copy_step(u32::MAX).unwrap();
    let Err(Unsealed::Unsound(why)) = backup::seal(&folder, name()) else { panic!("sealed") };
    let told = "121 reports are counted by issues, 120 by hours; 1 issues differ";
    assert_eq!(why, told);
    assert_eq!(backup::list(&folder), Ok(vec![]));
    backup::sweep(&folder).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn every_kind_of_fault_is_found() {
    let table = [
        ("update hour_count set count = count + 1 where issue = 3", "issues differ"),
        ("delete from hour_count where issue = 3", "issues differ"),
        ("update project_hour set count = count - 1", "counts of projects"),
        ("update project_hour set level = 1", "counts of projects"),
        ("delete from event where id = 7", "119 events are stored, 120"),
        ("update event set issue = 2 where id = 1", "know of other events"),
        ("update issue set levels = 31 where id = 1", "other levels than their reports"),
        ("delete from issue_text where issue = 5", "without their text"),
        ("pragma user_version = 0", "no database of Log Center"),
        ("pragma user_version = -5", "no database of Log Center"),
        ("drop index issue_seen", "its index issue_seen is missing"),
        (
            "create trigger gone after insert on event begin delete from issue; end",
            "its trigger gone is another program's",
        ),
        ("pragma user_version = 9", "newer Log Center"),
        (
            "pragma writable_schema = on; delete from sqlite_schema where name = 'issue_seen'",
            "it is damaged",
        ),
    ];
    for (sql, expected) in table {
        let mut store = filled();
        let path = backed_up(&mut store);
        assert_eq!(verdict(&path).faults, [""; 0]);
        Sqlite::open_writer(&path).unwrap().script(sql).unwrap();
        let faults = verdict(&path).faults;
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{sql}: {faults:?}");
    }
}

#[test]
fn a_page_that_was_overwritten_is_found() {
    let mut store = filled();
    let path = backed_up(&mut store);
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 8_192;
    let mut found = 0;
    for page in 0..pages {
        let mut bytes = whole.clone();
        bytes[page * 8_192..(page + 1) * 8_192].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        assert_ne!(backup::expected_sum(&path), backup::sum(&path).ok(), "page {page}");
        let verdict =
            Sqlite::open_to_verify(&path).and_then(|mut db| verify::verify(&mut db, Depth::Full));
        found += usize::from(verdict.is_err() || verdict.is_ok_and(|it| !it.faults.is_empty()));
    }
    // What is free holds nothing; that is for the checksum to tell.
    assert!(found * 10 > pages * 7, "{found} of {pages}");
}

#[test]
fn backups_are_listed_newest_first_and_half_made_ones_are_swept() {
    let mut store = filled();
    let path = backed_up(&mut store);
    let folder = path.parent().unwrap();
    let newer = Name::new(NOW + HOUR, Kind::Scheduled);
    let later = Name::new(NOW + 2 * HOUR, Kind::Scheduled);
    fs::copy(&path, folder.join(newer.to_string())).unwrap();
    backup::create_file(&backup::part(folder, later)).unwrap();
    fs::write(folder.join(format!("{later}.sha256")), "of nothing").unwrap();
    fs::write(folder.join("notes.txt"), "somebody's").unwrap();
    backup::sweep(folder).unwrap();
    assert!(!backup::part(folder, later).exists());
    assert!(!folder.join(format!("{later}.sha256")).exists());
    assert!(folder.join("notes.txt").exists());
    let listed = backup::list(folder).unwrap();
    assert_eq!(listed.iter().map(|one| one.name).collect::<Vec<_>>(), [newer, name()]);
    assert_eq!((&listed[0].sha256, listed[1].sha256.is_some()), (&None, true));
    assert_eq!(backup::find(folder, later), None);
    backup::remove(folder, name()).unwrap();
    assert_eq!(backup::list(folder).unwrap().len(), 1);
    assert!(!folder.join(format!("{}.sha256", name())).exists());
    assert_eq!(backup::list(&folder.join("none")), Ok(vec![]));
}

#[test]
fn a_backup_moves_with_its_checksum() {
    let mut store = filled();
    let from = backed_up(&mut store);
    let (to, sum) = (store.folder.join("moved.db"), backup::sum(&from).unwrap());
    backup::move_to(&from, &to, &sum).unwrap();
    assert!(!from.exists());
    assert_eq!(backup::expected_sum(&to), Some(sum));
    let text = fs::read_to_string(store.folder.join("moved.db.sha256")).unwrap();
    assert!(text.ends_with("  moved.db\n"), "as sha256sum reads it: {text}");
    assert_eq!(backup::list(from.parent().unwrap()), Ok(vec![]));
}

#[test]
fn a_folder_at_rest_is_copied_with_its_log() {
    let store = filled();
    let (data, expected) = (store.folder.clone(), rows(Place::of(&store.folder).path()));
    // As a killed program leaves it: everything is in the log of writes.
    store.writer.db.merge_log_at_end(false).unwrap();
    assert!(fs::metadata(data.join(format!("{FILE_NAME}-wal"))).unwrap().len() > 0);
    let folder = folder(&store);
    backup::make(&data, &folder, name()).unwrap();
    assert_eq!(rows(&folder.join(name().to_string())), expected);
}

#[test]
fn every_earlier_schema_opens_and_goes_on() {
    assert_eq!(SCHEMAS.len() as i64, SCHEMA_VERSION, "each schema leaves a file of its own");
    for (at, sql) in SCHEMAS.iter().enumerate() {
        let mut fresh = store();
        let old = fresh.folder.join("old");
        backup::create_folder(&old).unwrap();
        let mut db = Sqlite::open_writer(Place::of(&old).path()).unwrap();
        db.script(sql).unwrap();
        assert_eq!(crate::store::migrate::version(&mut db), Ok(at as i64 + 1));
        drop(db);
        assert_eq!(verdict(Place::of(&old).path()).faults, [""; 0], "as it was left");
        fresh.writer = crate::store::open(&old, 1_000).unwrap();
        assert_eq!(crate::store::migrate::version(&mut fresh.writer.db), Ok(SCHEMA_VERSION));
        assert_eq!(fresh.found("literal"), [1, 2]);
        let issue = fresh.issue(1);
        assert_eq!((issue.count, issue.status), (2, Status::Fixed));
        let page = events::of_issue(&mut fresh.writer.db, 2, 50, None).unwrap().unwrap();
        assert_eq!(page.items.len(), 2);
        let again = crate::domain::uuid::parse("0192f0c1-6e0a-7cc3-98c4-dc0c0c073981");
        assert_eq!(fresh.record_one(Report { event_id: again, ..report(9) }), (1, false));
        assert_eq!(fresh.record_one(report(9)), (3, true));
        drop(std::mem::replace(&mut fresh.writer, crate::store::open(&old.join("x"), 1).unwrap()));
        assert_eq!(verdict(Place::of(&old).path()).faults, [""; 0]);
    }
}

#[test]
fn a_newer_schema_is_refused_in_one_sentence() {
    let mut newer = store();
    let folder = newer.folder.join("newer");
    let mut writer = crate::store::open(&folder, 1_000).unwrap();
    let next = SCHEMA_VERSION + 1;
    writer.db.script(&format!("pragma user_version = {next}")).unwrap();
    drop(writer);
    let before = rows(Place::of(&folder).path());
    let said = crate::store::open(&folder, 1_000).map(|_| ()).unwrap_err();
    let about = format!("(its schema is {next}, this program knows {SCHEMA_VERSION})");
    assert!(said.contains(&about) && said.matches(". ").count() == 0, "{said}");
    assert_eq!(rows(Place::of(&folder).path()), before);
    newer.record_one(report(1));
}

#[test]
fn a_damaged_file_keeps_its_log() {
    let store = filled();
    store.writer.db.merge_log_at_end(false).unwrap();
    let path = store.folder.join("copy");
    backup::create_folder(&path).unwrap();
    for file in [FILE_NAME.to_owned(), format!("{FILE_NAME}-wal")] {
        fs::copy(store.folder.join(&file), path.join(&file)).unwrap();
    }
    let log = path.join(format!("{FILE_NAME}-wal"));
    let before = fs::read(&log).unwrap();
    // A program's version that nobody knows stands for any fault that is met while opening.
    let mut db = Sqlite::open_writer(Place::of(&path).path()).unwrap();
    db.script("pragma wal_autocheckpoint = 0; drop table meta").unwrap();
    drop(db);
    let damaged = fs::read(&log).unwrap();
    assert!(damaged.len() > before.len());
    assert!(crate::store::open(&path, 1_000).is_err());
    let after = fs::read(&log).unwrap();
    assert!(after.starts_with(&damaged), "every byte may matter");
}

#[test]
fn a_file_takes_the_place_of_another_whole_and_for_its_owner_alone() {
    let store = store();
    let folder = folder(&store);
    let path = folder.join("answer");
    // What a program left that was killed while it wrote.
    fs::write(folder.join("answer.part"), "half").unwrap();
    for text in ["first", "second one"] {
        backup::put_file(&folder, "answer", text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!folder.join("answer.part").exists());
    assert!(backup::put_file(&folder.join("none"), "answer", b"x").is_err());
}
