//! Retention: what goes, and what stays.

use super::*;
use crate::store::engine::{all, first};
use crate::store::retention::Removed;
use crate::store::runs::{Build, Entry, MemoryRuns};
use crate::store::sqlite::Sqlite;
use crate::store::{counts, erase, events, retention, runs};

/// What the ninety days before now hold.
const KEPT: std::ops::RangeInclusive<i64> = NOW - 90 * 24 * HOUR..=NOW;

fn stored(store: &mut Fixture) -> Vec<i64> {
    all(&mut store.writer.db, "select id from event order by id", &[], |row| row.int(0)).unwrap()
}

#[test]
fn an_issue_keeps_its_first_its_newest_and_those_at_a_move() {
    let mut store = store();
    store.record((0..50).map(|_| report(1)).collect());
    store.walk_to(1, Status::Verifying, None);
    store.record((0..50).map(|_| report(1)).collect());
    store.merge_keys();
    let mut removed = Removed::default();
    while retention::trim_issue(&mut store.writer.db, 1, 10, &mut removed).unwrap() {}
    let left = stored(&mut store);
    assert_eq!(left.len(), 10);
    assert_eq!(removed.events, 90);
    assert!([1, 50, 100].iter().all(|kept| left.contains(kept)), "{left:?}");
    assert_eq!(store.issue(1).count, 100, "a removed event stays counted");
    let page = events::of_issue(&mut store.writer.db, 1, 50, None).unwrap().unwrap();
    assert_eq!(page.items.len(), 10);
}

#[test]
fn events_that_went_while_their_keys_were_written_are_not_taken_for_others() {
    let mut store = store();
    store.record((0..5_000).map(|_| report(1)).collect());
    let next = store.writer.recorder.next_event();
    let mut build = Build::of_tail(&mut store.writer.db, next).unwrap();
    let mut removed = Removed::default();
    assert!(!build.step(&mut store.writer.db).unwrap(), "it takes several steps");
    while retention::trim_issue(&mut store.writer.db, 1, 10, &mut removed).unwrap() {}
    assert_eq!(removed.events, 4_990);
    while !build.step(&mut store.writer.db).unwrap() {}
    store.record((0..5).map(|_| report(1)).collect());
    while retention::trim_issue(&mut store.writer.db, 1, 10, &mut removed).unwrap() {}
    assert_eq!((removed.events, stored(&mut store).len()), (4_995, 10));
}

#[test]
fn events_go_by_their_age_of_receipt() {
    let mut store = store();
    let at = |received_at, line| Report { received_at, ..report(line) };
    store.record((0..300).map(|_| at(NOW - 91 * 24 * HOUR, 1)).collect());
    store.record((0..20).map(|_| at(NOW, 1)).collect());
    let (mut after, mut removed) = (0, Removed::default());
    let db = &mut store.writer.db;
    while let Some(next) = retention::remove_oldest(db, after, KEPT, &mut removed).unwrap() {
        after = next;
    }
    assert_eq!(removed.events, 299);
    assert_eq!(stored(&mut store).len(), 21, "the first stays");
}

#[test]
fn events_of_a_clock_that_was_ahead_hold_no_others_back() {
    let mut store = store();
    let at = |received_at| Report { received_at, ..report(1) };
    let (old, ahead) = (NOW - 91 * 24 * HOUR, NOW + 365 * 24 * HOUR);
    store.record((0..250).map(|_| at(ahead)).collect());
    store.record((0..50).map(|_| at(old)).collect());
    store.record((0..5).map(|_| at(ahead)).collect());
    store.record((0..5).map(|_| at(NOW)).collect());
    let (mut after, mut removed) = (0, Removed::default());
    let db = &mut store.writer.db;
    while let Some(next) = retention::remove_oldest(db, after, KEPT, &mut removed).unwrap() {
        after = next;
    }
    assert_eq!(removed.events, 100, "the fifty and what a wrong clock wrote just before them");
    let left = stored(&mut store);
    assert!((301..=310).all(|newer| left.contains(&newer)), "{left:?}");
}

#[test]
fn a_removed_number_is_not_used_again() {
    let mut store = store();
    store.record((0..5).map(|_| report(1)).collect());
    store.record_one(report(2));
    let next = store.writer.recorder.next_event();
    erase::remove_events(&mut store.writer.db, 2, &[6]).unwrap();
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    assert_eq!(store.writer.recorder.next_event(), next);
}

#[test]
fn untouched_new_issues_go_whole_and_others_stay() {
    let mut store = store();
    for line in 1..=4 {
        store.record_one(Report { timestamp: NOW - line * HOUR, ..report(line) });
    }
    store.walk_to(4, Status::Verifying, None);
    let mut gone = 0;
    while gone < 2 {
        assert!(retention::remove_untouched_issue(&mut store.writer.db, &mut gone).unwrap());
    }
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    assert_eq!(store.found(""), [1, 4], "longest unseen first, the touched one stays");
}

#[test]
fn hours_become_days_and_keep_their_sums() {
    let mut store = store();
    let mut random = Random(11);
    let reports = (0..200)
        .map(|_| Report { timestamp: NOW - random.below(96 * HOUR), ..report(random.below(3)) })
        .collect();
    store.record(reports);
    let before = (NOW - 24 * HOUR).div_euclid(HOUR) / 24 * 24;
    let mut after = 0;
    while let Some(next) = counts::fold_days(&mut store.writer.db, before, after).unwrap() {
        after = next;
    }
    counts::fold_project_days(&mut store.writer.db, before).unwrap();
    for table in ["hour_count", "project_hour"] {
        let sql = format!(
            "select sum(count), count(*) filter (where hour < {before} and hour % 24 <> 0) \
             from {table}"
        );
        let sums = first(&mut store.writer.db, &sql, &[], |row| (row.int(0), row.int(1)));
        assert_eq!(sums, Ok(Some((200, 0))), "{table}");
    }
}

#[test]
fn runs_are_merged_and_find_what_the_tail_found() {
    let mut store = store();
    let mut expected = 0;
    for group in 0..160 {
        store.record((0..30).map(|n| report_of(n % 4, &format!("u{}", n % 7), "r")).collect());
        expected += 30_i64.div_euclid(7) + i64::from(30 % 7 > 3);
        if group % 2 == 0 {
            store.merge_keys();
        }
    }
    let hash = runs::key_hash(runs::KeyKind::User, b"u3");
    let found = runs::events_by_key(&mut store.writer.db, hash, i64::MAX, 10_000).unwrap();
    assert_eq!(found.len() as i64, expected);
    assert!(found.is_sorted_by(|a, b| a > b), "newest first");
    let runs = first(&mut store.writer.db, "select count(*) from key_run", &[], |row| row.int(0));
    assert!(runs.unwrap().unwrap() < 40, "of 160, 32 become one");
    let listed = "select count(*) from run_key where run not in (select run from key_run)";
    assert_eq!(first(&mut store.writer.db, listed, &[], |row| row.int(0)), Ok(Some(0)), "swept");
}

#[test]
fn the_memory_of_event_ids_ends_after_a_week() {
    let mut store = store();
    let id = crate::domain::uuid::parse(&"cd".repeat(16));
    store.record_one(Report { event_id: id, ..report(1) });
    store.merge_keys();
    assert!(!runs::drop_old_memory(&mut store.writer.db, NOW + runs::MEMORY_MS).unwrap());
    assert!(runs::drop_old_memory(&mut store.writer.db, NOW + runs::MEMORY_MS + 1).unwrap());
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    store.record_one(Report { event_id: id, ..report(1) });
    assert_eq!(store.issue(1).count, 2);
}

#[test]
fn memory_runs_are_followed_as_they_come_and_go() {
    let mut store = store();
    let db = &mut store.writer.db;
    let remember = |db: &mut Sqlite, id: i64, at: i64| {
        let entry = Entry { hash: id, extra: 0, value: id };
        let mut build = Build::of_memory(db, vec![entry], at).unwrap();
        while !build.step(db).unwrap() {}
        first(db, "select max(run) from key_run", &[], |row| row.int(0)).unwrap()
    };
    let mut memory = MemoryRuns::default();
    let run = remember(db, 7, NOW).unwrap();
    memory.follow(db).unwrap();
    assert_eq!(memory.issue(db, (7, 0)), Ok(Some(7)));
    db.run("update key_run set filter = zeroblob(8)", &[]).unwrap();
    memory.follow(db).unwrap();
    assert_eq!(memory.issue(db, (7, 0)), Ok(Some(7)), "a filter is not read again");

    let later = NOW + runs::MEMORY_MS + 1;
    assert!(runs::drop_old_memory(db, later).unwrap());
    while !runs::sweep(db, &[]).unwrap() {}
    assert_eq!(remember(db, 8, later), Some(run + 1), "no number is given again");
    memory.follow(db).unwrap();
    assert_eq!(memory.issue(db, (7, 0)), Ok(None));
    assert_eq!(memory.issue(db, (8, 0)), Ok(Some(8)));
}

#[test]
fn the_oldest_events_of_an_issue_are_found_in_every_run_and_in_the_tail() {
    let mut store = store();
    for round in 1..6 {
        store.record((0..round * 3).map(|nth| report(1 + nth % 2)).collect());
        if round < 5 {
            store.merge_keys();
        }
    }
    let sql = "select id from event where issue = 1 order by id limit ?1";
    for limit in 1..30 {
        let expected = all(&mut store.writer.db, sql, &[limit.into()], |row| row.int(0)).unwrap();
        let most = limit as usize;
        let found = runs::oldest_of_issue(&mut store.writer.db, 1, most, most).unwrap();
        assert_eq!(found, expected, "of {limit}");
    }
    let sql = "select count(distinct run) from run_key";
    let several = first(&mut store.writer.db, sql, &[], |row| row.int(0)).unwrap();
    assert!(several > Some(2), "{several:?} runs");
}

#[test]
fn what_stands_deep_in_a_long_tail_is_trimmed_once_it_is_a_run() {
    let mut store = store();
    let long = 2 * runs::TAIL_EVENTS_MAX as usize;
    store.record((0..long).map(|_| report(1)).chain((0..50).map(|_| report(2))).collect());
    let trim = |store: &mut Fixture, removed: &mut Removed| {
        retention::trim_issue(&mut store.writer.db, 2, 10, removed).unwrap()
    };
    let mut removed = Removed::default();
    assert!(trim(&mut store, &mut removed), "there is more to do");
    assert_eq!(removed.events, 0);
    store.merge_keys();
    while trim(&mut store, &mut removed) {}
    assert_eq!(removed.events, 40);
}

#[test]
fn a_stack_goes_with_its_last_event() {
    let mut store = store();
    let old = |text: &str| {
        let mut one = Report { received_at: NOW - 91 * 24 * HOUR, ..report(1) };
        Arc::make_mut(&mut one.error).stack = Stack::Text(text.into());
        one
    };
    store.record(vec![old("kept, as the first"), old("goes"), old("kept, as the newest")]);
    store.merge_keys();
    let mut removed = Removed::default();
    retention::remove_oldest(&mut store.writer.db, 0, KEPT, &mut removed).unwrap();
    let stacks = |store: &mut Fixture| {
        first(&mut store.writer.db, "select count(*) from stack", &[], |row| row.int(0)).unwrap()
    };
    assert_eq!((removed.events, stacks(&mut store)), (1, Some(3)));
    assert_eq!(removed.issues.into_iter().collect::<Vec<_>>(), [1]);
    assert_eq!(erase::remove_unused_stacks(&mut store.writer.db, 1), Ok(true));
    assert_eq!(erase::remove_unused_stacks(&mut store.writer.db, 1), Ok(false));
    assert_eq!(stacks(&mut store), Some(2));
}

#[test]
fn the_tail_begins_behind_what_was_merged() {
    let mut store = store();
    store.record((0..7).map(|_| report(1)).collect());
    assert_eq!(runs::tail_start(&mut store.writer.db), Ok(0));
    store.merge_keys();
    assert_eq!(runs::tail_start(&mut store.writer.db), Ok(8));
    assert_eq!(runs::sweep(&mut store.writer.db, &[]), Ok(true), "nothing is left to sweep");
}
