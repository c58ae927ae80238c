//! Erasure, down to the bytes of the file.

use super::*;
use crate::store::engine::{Checkpoint, first};
use crate::store::erase::{self, Step};
use crate::store::{counts, words};

const SECRET: &str = "hunter-of-bytes-4711";

fn with_secret(line: i64, user: &str) -> Report {
    let mut report = report_of(line, user, SECRET);
    Arc::make_mut(&mut report.error).message = format!("failed for {SECRET}");
    Arc::make_mut(&mut report.error).stack = Stack::Text(format!("at {SECRET} (a.js:1:1)"));
    Arc::make_mut(&mut report.error).code = Some(SECRET.into());
    report
}

fn run(store: &mut Fixture, mut step: impl FnMut(&mut Writer) -> Option<Step>) {
    store.writer.db.overwrite_deleted(true).unwrap();
    loop {
        store.writer.db.begin().unwrap();
        let done = step(&mut store.writer).is_none_or(|step| step.done);
        store.writer.db.commit().unwrap();
        if done {
            break;
        }
    }
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    while store.writer.db.shrink(100).unwrap() {}
    store.writer.db.checkpoint(Checkpoint::Whole).unwrap();
}

fn assert_gone(store: &Fixture) {
    for entry in std::fs::read_dir(&store.folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!found, "{} still holds it", path.display());
    }
}

fn filled() -> Fixture {
    let mut store = store();
    for _ in 0..3 {
        store.record((0..40).map(|n| with_secret(n % 5, "u1")).collect());
        store.merge_keys();
    }
    store.record((0..40).map(|n| report(n % 7 + 10)).collect());
    while words::index_waiting(&mut store.writer.db, 100).unwrap() > 0 {}
    store
}

#[test]
fn an_erased_project_leaves_no_byte() {
    let mut store = filled();
    let project =
        erase::detach_project(&mut store.writer.db, "shop").unwrap().expect("it is there");
    assert_eq!(erase::detached_projects(&mut store.writer.db), Ok(vec![project]));
    assert_eq!(store.found(""), [] as [i64; 0], "gone for readers at once");
    run(&mut store, |writer| Some(erase::project_step(&mut writer.db, project).unwrap()));
    assert_eq!(erase::detach_project(&mut store.writer.db, "shop"), Ok(None));
    assert_gone(&store);
    for table in [
        "project",
        "environment",
        "version",
        "issue",
        "issue_text",
        "issue_slice",
        "issue_code",
        "user_sketch",
        "stack",
        "event",
        "hour_count",
        "project_hour",
        "history",
        "run_key",
    ] {
        let sql = format!("select count(*) from {table} where 1 = 1");
        let rows = first(&mut store.writer.db, &sql, &[], |row| row.int(0)).unwrap().unwrap();
        let memory = if table == "run_key" { rows } else { 0 };
        assert_eq!(rows, memory, "{table}");
    }
    let (_, is_new) = store.record_one(report(1));
    assert!(is_new, "and it may begin again");
}

#[test]
fn an_erased_issue_is_counted_no_more() {
    let mut store = filled();
    for id in 1..=5 {
        run(&mut store, |writer| erase::issue_step(&mut writer.db, id).unwrap());
    }
    assert_gone(&store);
    let sum =
        first(&mut store.writer.db, "select sum(count) from project_hour", &[], |row| row.int(0));
    assert_eq!(sum, Ok(Some(40)));
    assert_eq!(store.found("hunter"), [] as [i64; 0]);
    assert!(erase::issue_step(&mut store.writer.db, 1).unwrap().is_none(), "gone already");
}

#[test]
fn an_issue_erased_while_days_fold_is_counted_no_more() {
    let mut store = store();
    let old = |line, hours| Report { timestamp: NOW - hours * HOUR, ..report(line) };
    // Two of them within one day of the first issue, so that folding makes one row of both.
    store.record(vec![old(1, 2_000), old(1, 2_001), old(2, 2_000)]);
    let before = NOW.div_euclid(HOUR) / 24 * 24;
    assert_eq!(counts::fold_days(&mut store.writer.db, before, 0), Ok(Some(2)));
    // The project's hours are not folded yet.
    for expected in [false, true] {
        let step = erase::issue_step(&mut store.writer.db, 1).unwrap().expect("it is there");
        assert_eq!(step.done, expected);
    }
    let mut sum = |table: &str| {
        let sql = format!("select sum(count) from {table}");
        first(&mut store.writer.db, &sql, &[], |row| row.int(0)).unwrap()
    };
    assert_eq!((sum("project_hour"), sum("hour_count")), (Some(1), Some(1)));
}

#[test]
fn erased_events_of_a_user_stay_counted() {
    let mut store = filled();
    store.record_one(report_of(1, "u2", "r"));
    let mut below = i64::MAX;
    run(&mut store, |writer| erase::user_step(&mut writer.db, "shop", "u1", &mut below).unwrap());
    assert_eq!(store.issue(2).count, 25);
    assert_eq!(store.issue(2).message, "invalid literal", "what is left is shown");
    assert_eq!(store.issue(1).message, "[erased]");
    let events =
        crate::store::events::of_issue(&mut store.writer.db, 2, 50, None).unwrap().unwrap();
    assert_eq!(events.items.len(), 1);
}
