//! What one store exports another one imports.

use super::*;
use crate::domain::transfer::{
    Count, End, Header, Issue as Exported, Project, Record, export_id, export_number,
};
use crate::store::import::{Applied, Item, Page, Progress, State};
use crate::store::{export, import};

fn wanted(cursor: Option<String>, records_max: i64) -> export::Wanted {
    export::Wanted { cursor, records_max, export_id: export_id(7), now: NOW }
}

/// All lines of an export in pages of so many records.
fn exported(store: &mut Fixture, records_max: i64) -> Vec<serde_json::Value> {
    let (mut lines, mut cursor) = (Vec::new(), None);
    loop {
        let page = export::page(&mut store.writer.db, &wanted(cursor, records_max)).unwrap();
        let page = String::from_utf8(page.expect("a known cursor")).unwrap();
        lines.extend(page.lines().map(|line| serde_json::from_str(line).unwrap()));
        let last: &serde_json::Value = lines.last().expect("a line");
        match last["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return lines,
        }
    }
}

#[test]
fn pages_of_any_size_say_the_same() {
    let mut store = store();
    let id = |nth: u128| Some((nth << 64 | 5).to_be_bytes());
    for line in 1..=3 {
        let one = Report { event_id: id(line as u128), ..report_of(line, "ann", "r1") };
        store.record(vec![one, report(line)]);
    }
    store.walk_to(2, Status::Fixed, Some("2.0"));
    let kinds = |lines: &[serde_json::Value]| {
        let without = |kind: &&str| *kind != "page";
        let all: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
        all.into_iter().filter(without).map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = exported(&mut store, 1_000);
    assert_eq!(whole.last().unwrap()["records"], whole.len() as i64 - 1);
    for records_max in [1, 2, 5] {
        let paged = exported(&mut store, records_max);
        assert_eq!(kinds(&paged), kinds(&whole), "{records_max} a page");
        assert_eq!(paged.last(), whole.last());
    }
    store.merge_keys();
    let merged = exported(&mut store, 3);
    let memory = |lines: &[serde_json::Value]| {
        let mut all: Vec<String> = Vec::new();
        for line in lines.iter().filter(|line| line["kind"] == "memory") {
            all.extend(line["ids"].as_array().unwrap().iter().map(ToString::to_string));
        }
        all.sort();
        all
    };
    assert_eq!((memory(&whole).len(), memory(&merged)), (3, memory(&whole)));
    for cursor in ["", "x1", "x0-0-0-0-0-0-0", "x9-0-0-0-0-0-0-0", "e1"] {
        let page = export::page(&mut store.writer.db, &wanted(Some(cursor.into()), 1)).unwrap();
        assert_eq!(page, None, "{cursor}");
    }
}

fn header() -> Item {
    Item::Record(Record::Header(Header {
        format: 1,
        export_id: export_id(7),
        version: "0.1.0".into(),
        exported_at: NOW,
    }))
}

fn project() -> Item {
    Item::Record(Record::Project(Project {
        number: 5,
        project_id: "shop".into(),
        created_at: NOW,
        last_report_at: None,
        settings: crate::domain::issue::Settings { live_environments: Vec::new() },
    }))
}

fn issue() -> Item {
    Item::Record(Record::Issue(Box::new(Exported {
        id: 40,
        project_id: "shop".into(),
        fingerprint: "00ff".repeat(8),
        status: Status::New,
        level: Level::Error,
        kind: "E".into(),
        code: None,
        codes: vec!["a".into()],
        message: "m".into(),
        file_path: "f".into(),
        line_number: 1,
        culprit: None,
        count: 2,
        users: 0,
        users_sketch: String::new(),
        first_seen: NOW,
        last_seen: NOW,
        first_version: None,
        last_version: None,
        deployed_version: None,
        regressed: false,
        touched: false,
        assignee: None,
        muted_until: None,
        first_event_number: 1,
        latest_event_number: 2,
    })))
}

fn count(issue_id: i64) -> Item {
    Item::Record(Record::Count(Count {
        issue_id,
        hour: NOW / HOUR * HOUR,
        environment: "production".into(),
        version: None,
        level: Level::Error,
        count: 2,
        first_seen: NOW,
        last_seen: NOW,
    }))
}

fn end(records: i64) -> Item {
    Item::Record(Record::End(End {
        records,
        next_event_number: 9,
        next_issue_id: 77,
        next_history_id: 1,
        next_deploy_id: 1,
    }))
}

fn event(number: i64, issue: i64) -> Item {
    let prepared = Prepared::new(report(1), &RecentStacks::default());
    Item::Event(Box::new(import::StoredEvent { number, issue, prepared }))
}

fn apply(store: &mut Fixture, from_line: i64, items: Vec<Item>) -> Applied {
    let lines = items.len() as i64;
    let items = (from_line..).zip(items).collect();
    let page = Page { export: export_number(&export_id(7)).unwrap(), from_line, lines, items };
    store.writer.db.begin().unwrap();
    let applied = import::apply(&mut store.writer, page, NOW).unwrap();
    store.writer.db.commit().unwrap();
    applied
}

fn progress(applied: Applied) -> Progress {
    match applied {
        Applied::Done(progress) => progress,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_page_is_taken_once() {
    let mut store = store();
    let begun = progress(apply(&mut store, 1, vec![header(), project(), issue(), count(40)]));
    assert_eq!((begun.state, begun.lines, begun.issues), (State::UnderWay, 4, 1));
    let again = progress(apply(&mut store, 1, vec![header(), project(), issue(), count(40)]));
    assert_eq!(again, begun);
    assert_eq!(apply(&mut store, 6, vec![count(40)]), Applied::NotNext(begun));
    let events = vec![event(1, 40), event(2, 40), event(3, 40), event(4, 41), count(41)];
    let more = progress(apply(&mut store, 5, events));
    assert_eq!((more.events, more.left_out), (2, 3), "of later times and of no issue");
    let wrong = apply(&mut store, 10, vec![end(3)]);
    assert!(matches!(wrong, Applied::Misplaced(10, "records", _)), "{wrong:?}");
    let whole = progress(apply(&mut store, 10, vec![end(9)]));
    assert_eq!(whole.state, State::Finished);
    assert_eq!(import::progress(&mut store.writer.db).unwrap(), whole);
    let shown = store.issue(40);
    assert_eq!((shown.count, shown.environments), (2, vec!["production".to_owned()]));
    assert_eq!(store.record_one(report(1)), (77, true), "numbers go on above the old ones");
    assert_eq!(store.writer.recorder.next_event(), 10);
}

#[test]
fn an_import_that_is_given_up_leaves_nothing() {
    let mut store = store();
    assert_eq!(import::give_up(&mut store.writer.db).unwrap(), None);
    apply(&mut store, 1, vec![header(), project(), issue(), count(40)]);
    let projects = import::give_up(&mut store.writer.db).unwrap().expect("one is under way");
    assert_eq!(projects, [5]);
    assert!(matches!(apply(&mut store, 5, vec![count(40)]), Applied::Another(_)));
    while !crate::store::erase::project_step(&mut store.writer.db, 5).unwrap().done {}
    import::forget(&mut store.writer).unwrap();
    assert_eq!(import::progress(&mut store.writer.db).unwrap(), Progress::default());
    let begun = progress(apply(&mut store, 1, vec![header(), project()]));
    assert_eq!(begun.state, State::UnderWay);
}

#[test]
fn a_store_with_something_in_it_takes_no_import() {
    let mut store = store();
    store.record(vec![report(1)]);
    assert_eq!(apply(&mut store, 1, vec![header(), project()]), Applied::NotEmpty);
    assert_eq!(import::progress(&mut store.writer.db).unwrap().state, State::None);
}
