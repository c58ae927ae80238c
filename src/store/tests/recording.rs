//! Reports in: dedup, folding, `event_id`, users, versions, limits.

use super::*;
use crate::domain::uuid;
use crate::store::engine::first;
use crate::store::names::{ENVIRONMENTS_MAX, OTHER, PROJECTS_MAX};
use crate::store::{erase, events, names};

#[test]
fn the_first_report_is_new_and_every_later_one_is_not() {
    let mut store = store();
    let answers = store.record(vec![report(1), report(1), report(2)]);
    let new: Vec<bool> = answers
        .iter()
        .map(|answer| matches!(answer, Recorded::Issue { is_new: true, .. }))
        .collect();
    assert_eq!(new, [true, false, true], "in one group");
    let (id, is_new) = store.record_one(report(1));
    assert!(!is_new, "in a later one");
    assert_eq!(store.issue(id).count, 3);
}

#[test]
fn a_repeated_event_id_counts_nothing_and_answers_with_the_first_ones_issue() {
    let mut store = store();
    let with_id = |line| Report { event_id: uuid::parse(&"ab".repeat(16)), ..report(line) };
    let answers = store.record(vec![with_id(1), with_id(2)]);
    let Recorded::Issue { id, fingerprint, .. } = answers[0] else { panic!("an issue") };
    let repeated = Recorded::Issue { id, fingerprint, is_new: false };
    assert_eq!(answers[1], repeated, "in one group");
    assert_eq!(store.record(vec![with_id(3)])[0], repeated, "in a later one");
    store.merge_keys();
    assert_eq!(store.record(vec![with_id(4)])[0], repeated, "out of a merged run");
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    assert_eq!(store.record(vec![with_id(5)])[0], repeated, "after a restart");
    assert_eq!(store.issue(id).count, 1);
    let other = Report { project_id: "other".into(), ..with_id(6) };
    assert_ne!(store.record(vec![other])[0], repeated, "another project has its own ids");
}

#[test]
fn an_event_id_is_remembered_when_its_event_is_gone() {
    let mut store = store();
    let with_id = || Report { event_id: uuid::parse(&"ef".repeat(16)), ..report(1) };
    let (id, _) = store.record_one(with_id());
    erase::remove_events(&mut store.writer.db, id, &[1]).unwrap();
    for merged in [false, true] {
        store.writer.recorder.forget(&mut store.writer.db).unwrap();
        assert_eq!(store.record_one(with_id()), (id, false));
        assert_eq!(store.issue(id).count, 1, "merged: {merged}");
        store.merge_keys();
    }
}

#[test]
fn the_issue_shows_the_newest_text_and_the_highest_level() {
    let mut store = store();
    let (id, _) = store.record_one(Report { level: Level::Critical, ..report(1) });
    let mut second = report(1);
    Arc::make_mut(&mut second.error).message = "changed".into();
    Arc::make_mut(&mut second.error).code = Some("DatabaseConnectionError".into());
    second.version = Some("1.3.0".into());
    store.record_one(second);
    let issue = store.issue(id);
    assert_eq!((issue.message.as_str(), issue.level), ("changed", Level::Critical));
    assert_eq!(issue.code.as_deref(), Some("DatabaseConnectionError"));
    assert_eq!(issue.first_version.as_deref(), Some("1.2.0"));
    assert_eq!(issue.last_version.as_deref(), Some("1.3.0"));
}

#[test]
fn times_go_by_when_it_happened() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    store.record_one(Report { timestamp: NOW - 5 * HOUR, ..report(1) });
    let issue = store.issue(id);
    assert_eq!((issue.first_seen, issue.last_seen), (NOW - 5 * HOUR, NOW));
    assert_eq!(issue.trend[23], 1);
    assert_eq!(issue.trend[18], 1);
}

#[test]
fn users_are_counted_once_each() {
    let mut store = store();
    let (id, _) = store.record_one(report_of(1, "u1", "r1"));
    for user in 0..100 {
        store.record(vec![report_of(1, &format!("u{user}"), "r")]);
        store.record(vec![report_of(1, &format!("u{user}"), "r")]);
    }
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    store.record_one(report_of(1, "u7", "r"));
    assert_eq!(store.issue(id).users, 100);
}

#[test]
fn names_past_their_limit_are_counted_as_other() {
    let mut store = store();
    let reports = (0..ENVIRONMENTS_MAX + 3)
        .map(|n| Report { environment: format!("env-{n}"), ..report(1) })
        .collect();
    store.record(reports);
    let environments = store.issue(1).environments;
    assert_eq!(environments.len() as i64, ENVIRONMENTS_MAX + 1);
    assert!(environments.contains(&OTHER.to_owned()));
}

#[test]
fn too_many_projects_are_refused_and_known_ones_go_on() {
    let mut store = store();
    let of = |n: usize| Report { project_id: format!("p{n}"), ..report(1) };
    store.record((0..PROJECTS_MAX).map(of).collect());
    let answers = store.record(vec![of(PROJECTS_MAX), of(3)]);
    assert_eq!(answers[0], Recorded::TooManyProjects);
    assert!(matches!(answers[1], Recorded::Issue { .. }));
}

#[test]
fn a_rolled_back_group_leaves_nothing() {
    let mut store = store();
    let prepared = Prepared::new(report(1), &store.recent);
    store.writer.db.begin().unwrap();
    let Writer { db, recorder, happened, .. } = &mut store.writer;
    recorder.record(db, &[&prepared], happened).unwrap();
    store.writer.db.rollback();
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    let (id, is_new) = store.record_one(report(1));
    assert!(is_new);
    assert_eq!(store.issue(id).environments, ["production"]);
}

#[test]
fn an_event_comes_back_as_it_was_sent() {
    let mut store = store();
    let sent = Report {
        commit_hash: Some("abc1234".into()),
        trimmed: vec!["error.message".into()],
        culprit: Some("f (a.js:1:2)".into()),
        ..report_of(1, "u1", "r1")
    };
    let (id, _) = store.record_one(sent.clone());
    let event = issues::detail(&mut store.writer.db, id, NOW).unwrap().unwrap();
    let event = event.latest_event.expect("an event");
    assert_eq!(event.error.message, sent.error.message);
    assert_eq!(
        event.error.stack_trace.unwrap().get(),
        r#"["Traceback","ValueError: invalid literal"]"#
    );
    assert_eq!(event.context.unwrap().unwrap().get(), sent.context.unwrap());
    assert_eq!(event.commit_hash, sent.commit_hash);
    assert_eq!(event.culprit, sent.culprit);
    assert_eq!(event.trimmed, sent.trimmed);
    assert_eq!(event.user_id.as_deref(), Some("u1"));
    let key = crate::domain::query::EventKey {
        event_id: uuid::parse(&event.event_id).unwrap(),
        project_id: None,
    };
    let found = events::find(&mut store.writer.db, &key).unwrap();
    assert_eq!(found.len(), 1, "by the id that the server made");
    assert_eq!(found[0].error.line_number, 1);
}

#[test]
fn the_same_stack_is_stored_once() {
    let mut store = store();
    store.record((0..20).map(|_| report(1)).collect());
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    store.record_one(report(1));
    let stacks = first(&mut store.writer.db, "select count(*) from stack", &[], |row| row.int(0));
    assert_eq!(stacks, Ok(Some(1)));
}

#[test]
fn a_damaged_setting_reads_as_the_default() {
    assert_eq!(names::live_list("oops"), ["production"]);
}
