//! Lists: the search language, slices against brute force, cursors, events, statistics.

use std::time::Duration;

use super::*;
use crate::domain::change::Mute;
use crate::domain::query::{EventQuery, Interval, IssueSort, Page, Span, StatsBy, StatsQuery};
use crate::store::engine::first;
use crate::store::{Error, events, stats, words};

fn events_page(store: &mut Fixture, q: &str, query: EventQuery) -> events::EventPage {
    let search = search::parse(q, search::Scope::Events).expect("a readable query");
    let asker = Asker { who: "ann", now: NOW };
    events::page(&mut store.writer.db, &query, &search, asker).unwrap().expect("no cursor")
}

fn different(line: i64, kind: &str, message: &str, file: &str) -> Report {
    let mut report = report(line);
    Arc::make_mut(&mut report.error).kind = kind.into();
    Arc::make_mut(&mut report.error).message = message.into();
    Arc::make_mut(&mut report.error).file_path = file.into();
    report.fingerprint = Fingerprint::of(&report.project_id, kind, file, line);
    report
}

/// Each operator, and the issues that it finds in [`searched`].
const OPERATORS: &[(&str, &[i64])] = &[
    ("", &[1, 2, 3, 4]),
    ("undefined", &[1]),
    ("TYPEERROR", &[1, 3]),
    ("peErr", &[1, 3]),
    ("TypeError: x is", &[1]),
    ("\"x is undef\"", &[1]),
    ("超时", &[2]),
    ("连接超", &[2]),
    ("не найдено", &[2]),
    ("\"100% \\\"broken\"", &[3]),
    ("it's", &[3]),
    ("!\"undefined\" type:TypeError", &[3]),
    ("type:TypeError", &[1, 3]),
    ("type:Type*", &[1, 3]),
    ("type:TypeError,x", &[1, 3, 4]),
    ("!type:TypeError", &[2, 4]),
    ("-type:TypeError", &[2, 4]),
    ("status:VERIFYING", &[2]),
    ("status:new,verifying", &[1, 2, 3, 4]),
    ("level:warning", &[2]),
    ("!level:warning", &[1, 3, 4]),
    ("project:other", &[3]),
    ("env:staging", &[2]),
    ("env:stag*", &[2]),
    ("!env:staging", &[1, 3, 4]),
    ("env:nowhere", &[]),
    ("file:user.js", &[1, 3]),
    ("file:app/user.js", &[1]),
    ("file:ser.js", &[]),
    ("file:src/*", &[1]),
    ("code:E_USER", &[1]),
    ("!code:E_USER", &[2, 3, 4]),
    ("version:2.0", &[2]),
    ("version:1.*", &[1, 4]),
    ("user:u1", &[1]),
    ("user:u*", &[1]),
    ("request:req-1", &[1]),
    ("trace:tr-1", &[1]),
    ("!user:u1", &[2, 3, 4]),
    ("assignee:ann", &[3]),
    ("!assignee:ann", &[1, 2, 4]),
    ("is:mine", &[3]),
    ("is:muted", &[1]),
    ("is:regressed", &[]),
    ("is:rising", &[4]),
    ("count:>5", &[4]),
    ("count:1", &[1, 2, 3]),
    ("users:>=1", &[1]),
    ("seen:<1h", &[1, 2, 4]),
    ("seen:>2d", &[3]),
    ("first:>2026-01-25", &[1, 2, 4]),
    ("undefined env:production count:1", &[1]),
];

/// Four issues that differ in everything that can be searched.
fn searched() -> Fixture {
    let mut store = store();
    let mut first = different(1, "TypeError", "x is undefined", "src/app/user.js");
    Arc::make_mut(&mut first.error).code = Some("E_USER".into());
    first.known.user_id = Some("u1".into());
    first.known.request_id = Some("req-1".into());
    first.known.trace_id = Some("tr-1".into());
    first.context = Some(
        r#"{"user_id":"u1","request_id":"req-1","trace_id":"tr-1","tags":{"tier":"gold"}}"#.into(),
    );
    let mut second = different(2, "Ошибка", "数据库连接超时 Не Найдено", "apps/pay/views.py");
    second.environment = "staging".into();
    second.level = Level::Warning;
    second.version = Some("2.0".into());
    let mut third = different(3, "TypeError", "it's 100% \"broken\"", "user.js");
    third.project_id = "other".into();
    third.timestamp = NOW - 10 * 24 * HOUR;
    third.version = None;
    for report in [first, second, third] {
        store.record_one(report);
    }
    store.record((0..9).map(|_| different(3, "x", "y", "z")).collect());
    store.walk_to(2, Status::Verifying, None);
    store.apply(3, &Change { assignee: Some(Some("ann".into())), ..Change::default() });
    store.apply(1, &Change { muted_until: Some(Some(Mute::ForEver)), ..Change::default() });
    store
}

#[test]
fn a_user_within_a_time_was_met_in_that_time() {
    let mut store = store();
    let at = |line, user: &str, timestamp| Report { timestamp, ..report_of(line, user, "r") };
    store.record(vec![
        at(1, "u1", NOW - 50 * HOUR),
        at(1, "u2", NOW),
        at(2, "u1", NOW - HOUR),
        at(3, "u2", NOW - HOUR),
    ]);
    let day = Span { since: Some(NOW - 24 * HOUR), until: Some(NOW + HOUR) };
    for (q, span, expected) in [
        ("user:u1", Span::default(), vec![1, 2]),
        ("user:u1", day, vec![2]),
        ("user:u1*", day, vec![2]),
        ("!user:u1", day, vec![1, 3]),
        ("user:u1", Span { until: None, ..day }, vec![2]),
        ("user:u1", Span { since: None, until: day.since }, vec![1]),
    ] {
        let page = store.page(q, IssueFilter { span, ..IssueFilter::default() });
        let mut found: Vec<i64> = page.items.iter().map(|issue| issue.id).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{q} {span:?}");
    }
}

#[test]
fn each_operator_of_the_search_finds_what_it_says() {
    let mut store = searched();
    let fingerprint = store.issue(1).fingerprint;
    let (begin, end) = (&fingerprint[..12], &fingerprint[20..]);
    let of_one = [
        begin.to_owned(),
        format!("{begin}*"),
        format!("*{end}"),
        format!("{}*{end}", &begin[..5]),
    ];
    let all = store.found("");
    for indexed in [false, true] {
        for (q, expected) in OPERATORS {
            assert_eq!(store.found(q), *expected, "{q} (indexed: {indexed})");
        }
        for pattern in &of_one {
            assert_eq!(store.found(&format!("fingerprint:{pattern}")), [1], "{pattern}");
        }
        assert_eq!(store.found("fingerprint:*"), all);
        assert_eq!(store.found("!fingerprint:*"), [] as [i64; 0]);
        while words::index_waiting(&mut store.writer.db, 100).unwrap() > 0 {}
        store.merge_keys();
    }
}

#[test]
fn any_character_may_stand_beside_a_star() {
    let mut store = store();
    let (id, _) = store.record_one(different(1, "a\u{1f}b\u{1e}0", "x", "y"));
    for q in ["type:*\u{1f}*", "type:a\u{1f}*", "type:*b\u{1e}0", "type:a\u{1f}*\u{1e}*"] {
        assert_eq!(store.found(q), [id], "{q:?}");
    }
    for q in ["type:*\u{1f}", "type:*a\u{1f}", "type:*\u{1e}1*"] {
        assert!(store.found(q).is_empty(), "{q:?}");
    }
}

#[test]
fn letters_that_grow_in_lower_case_are_found_in_the_index_too() {
    let mut store = store();
    let mut turkish = report(1);
    Arc::make_mut(&mut turkish.error).message = "İstanbul: bağlantı yok".into();
    let (id, _) = store.record_one(turkish);
    for indexed in [false, true] {
        assert_eq!(store.found("İSTANBUL"), [id], "indexed: {indexed}");
        while words::index_waiting(&mut store.writer.db, 100).unwrap() > 0 {}
    }
}

#[test]
fn sliced_counts_are_those_of_a_brute_force_count() {
    let mut store = store();
    let mut random = Random(7);
    let mut all = Vec::new();
    for _ in 0..600 {
        let mut one = report(random.below(12));
        one.environment = ["production", "staging", "dev"][random.below(3) as usize].into();
        one.version = [None, Some("1"), Some("2")][random.below(3) as usize].map(Into::into);
        one.level = Level::ALL[random.below(5) as usize];
        one.timestamp = NOW - random.below(72 * HOUR);
        all.push(one);
    }
    for some in all.chunks(37) {
        store.record(some.to_vec());
    }
    for _ in 0..200 {
        let mut pick = |names: &[&str]| -> Vec<String> {
            names.iter().filter(|_| random.below(2) == 0).map(|&name| name.into()).collect()
        };
        let environments = pick(&["production", "staging"]);
        let versions = pick(&["1", "2"]);
        let levels: Vec<Level> = Level::ALL.into_iter().filter(|_| random.below(3) == 0).collect();
        let since = (random.below(2) == 0).then(|| NOW - random.below(72 * HOUR));
        let until = (random.below(2) == 0).then(|| NOW - random.below(24 * HOUR));
        let filter = IssueFilter {
            environments: environments.clone(),
            versions: versions.clone(),
            levels: levels.clone(),
            span: Span { since, until },
            ..IssueFilter::default()
        };
        let floor = |at: i64| at.div_euclid(HOUR) * HOUR;
        let kept: Vec<&Report> = all
            .iter()
            .filter(|one| environments.is_empty() || environments.contains(&one.environment))
            .filter(|one| {
                versions.is_empty() || one.version.as_ref().is_some_and(|v| versions.contains(v))
            })
            .filter(|one| levels.is_empty() || levels.contains(&one.level))
            .filter(|one| since.is_none_or(|at| one.timestamp >= floor(at)))
            .filter(|one| until.is_none_or(|at| one.timestamp < floor(at + HOUR - 1)))
            .collect();
        let page = store.page("", filter);
        assert!(page.total_is_exact);
        assert_eq!(page.total, page.items.len() as i64);
        let mut seen = 0;
        for issue in &page.items {
            let mine: Vec<&&Report> =
                kept.iter().filter(|one| one.error.line_number == issue.line_number).collect();
            let times = || mine.iter().map(|one| one.timestamp);
            let hours = |one: &i64| NOW.div_euclid(HOUR) - one.div_euclid(HOUR);
            let recent = times().filter(|at| hours(at) < 24).count() as i64;
            assert_eq!(issue.count, mine.len() as i64);
            assert_eq!(Some(issue.first_seen), times().min());
            assert_eq!(Some(issue.last_seen), times().max());
            assert_eq!(issue.trend.iter().sum::<i64>(), recent);
            seen += mine.len();
        }
        assert_eq!(seen, kept.len(), "every report is of a listed issue");
    }
}

/// All numbers of a list with what they are sorted by, page by page.
fn walked(store: &mut Fixture, filter: &IssueFilter, q: &str, sort: IssueSort) -> Vec<(i64, i64)> {
    let search = search::parse(q, search::Scope::Issues).expect("a readable query");
    let (mut cursor, mut met) = (None, Vec::new());
    loop {
        let page = Page { limit: 3, cursor };
        let query = IssueQuery { filter: filter.clone(), sort, page };
        let asker = Asker { who: "", now: NOW };
        let page = listing::page(&mut store.writer.db, &query, &search, asker).unwrap().unwrap();
        met.extend(page.items.iter().map(|issue| {
            let by = match sort {
                IssueSort::LastSeen => issue.last_seen,
                IssueSort::FirstSeen => issue.first_seen,
                IssueSort::Count => issue.count,
                IssueSort::Users => issue.users,
            };
            (by, issue.id)
        }));
        cursor = page.next_cursor;
        if cursor.is_none() {
            assert_eq!(page.total, met.len() as i64, "{filter:?} {q} {sort:?}");
            return met;
        }
    }
}

#[test]
fn a_slice_is_sorted_by_its_own_counts_page_by_page() {
    let mut store = store();
    let mut random = Random(11);
    let mut all = Vec::new();
    for _ in 0..700 {
        // Some issues have many reports and some have few, and not in the order of their numbers.
        let (most, longest) = (1 + random.below(40), 1 + random.below(400 * HOUR));
        let mut one = report(random.below(most));
        one.environment = ["production", "staging"][random.below(2) as usize].into();
        one.version = [None, Some("1")][random.below(2) as usize].map(Into::into);
        // Half of them at the same moments as others.
        let grain = [1, HOUR][random.below(2) as usize];
        one.timestamp = NOW - random.below(longest) / grain * grain;
        all.push(one);
    }
    store.record(all.clone());
    let ids: std::collections::HashMap<i64, i64> = {
        let filter = IssueFilter::default();
        let page = store.page("", filter);
        page.items.iter().map(|issue| (issue.line_number, issue.id)).collect()
    };
    for round in 0..40 {
        let environments: Vec<String> =
            ["production", "staging"].iter().take(round % 3).map(|&name| name.into()).collect();
        let versions: Vec<String> = if round % 5 == 4 { vec!["1".into()] } else { vec![] };
        let since = (round % 2 == 0).then(|| (NOW - random.below(400 * HOUR)) / HOUR * HOUR);
        let until = (round % 7 == 6).then(|| (NOW - random.below(100 * HOUR)) / HOUR * HOUR);
        let least = if round % 4 == 3 { random.below(4) } else { 0 };
        let filter = IssueFilter {
            environments: environments.clone(),
            versions: versions.clone(),
            span: Span { since, until },
            ..IssueFilter::default()
        };
        let is_kept = |one: &&Report| {
            (environments.is_empty() || environments.contains(&one.environment))
                && (versions.is_empty() || one.version.is_some())
                && since.is_none_or(|at| one.timestamp >= at)
                && until.is_none_or(|at| one.timestamp < at)
        };
        for sort in IssueSort::ALL {
            let mut expected = Vec::new();
            for (line, id) in &ids {
                let mine = || all.iter().filter(|one| one.error.line_number == *line);
                let times = || mine().filter(is_kept).map(|one| one.timestamp);
                if (times().count() as i64) < least.max(1) {
                    continue;
                }
                let by = match sort {
                    IssueSort::LastSeen => times().max().unwrap(),
                    IssueSort::FirstSeen => times().min().unwrap(),
                    IssueSort::Count => times().count() as i64,
                    IssueSort::Users => 0,
                };
                expected.push((by, *id));
            }
            expected.sort_unstable();
            expected.reverse();
            let q = if least > 0 { format!("count:>={least}") } else { String::new() };
            assert_eq!(walked(&mut store, &filter, &q, sort), expected, "{filter:?} {q} {sort:?}");
        }
    }
}

#[test]
fn a_walk_meets_every_untouched_item_once_in_every_order() {
    for sort in IssueSort::ALL {
        let mut store = store();
        let lines: Vec<Report> =
            (0..57).map(|line| Report { timestamp: NOW - line % 7, ..report(line) }).collect();
        store.record(lines);
        let (mut cursor, mut met) = (None, Vec::new());
        loop {
            let query = IssueQuery {
                filter: IssueFilter::default(),
                sort,
                page: Page { limit: 10, cursor },
            };
            let asker = Asker { who: "", now: NOW };
            let page = listing::page(&mut store.writer.db, &query, &Default::default(), asker);
            let page = page.unwrap().unwrap();
            met.extend(page.items.iter().map(|issue| issue.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
            store.record_one(report(100 + met.len() as i64));
        }
        met.sort_unstable();
        met.dedup();
        assert!((1..=57).all(|id| met.contains(&id)), "{sort:?}");
    }
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let mut store = store();
    let page = Page { limit: 1, cursor: Some("zz".into()) };
    let query = IssueQuery { page, ..IssueQuery::default() };
    let asker = Asker { who: "", now: NOW };
    let got = listing::page(&mut store.writer.db, &query, &Default::default(), asker).unwrap();
    assert!(got.is_none());
}

#[test]
fn events_are_found_by_request_user_trace_and_context() {
    let mut store = store();
    for nth in 0..30 {
        let mut one = report_of(nth % 3, &format!("u{}", nth % 5), &format!("r{}", nth / 2));
        one.project_id = ["web", "api"][(nth % 2) as usize].into();
        store.record_one(one);
    }
    for merged in [false, true] {
        if merged {
            store.merge_keys();
        }
        let of = |request: &str| EventQuery {
            request_id: Some(request.into()),
            ..EventQuery::default()
        };
        let page = events_page(&mut store, "", of("r3"));
        let projects: Vec<_> = page.items.iter().map(|event| event.project_id.as_str()).collect();
        assert_eq!(projects, ["api", "web"], "one request in two projects, newest first");
        assert!(page.items.iter().all(|event| event.context.is_none()));
        let user = EventQuery { user_id: Some("u2".into()), ..EventQuery::default() };
        assert_eq!(events_page(&mut store, "", user.clone()).items.len(), 6);
        let in_web = EventQuery { project_ids: vec!["web".into()], ..user };
        assert_eq!(events_page(&mut store, "", in_web).items.len(), 3);
        let all = EventQuery::default;
        assert_eq!(events_page(&mut store, "context.user_id:u2", all()).items.len(), 6);
        assert_eq!(events_page(&mut store, "user:u2 project:web", all()).items.len(), 3);
        assert_eq!(events_page(&mut store, "invalid !user:u2", all()).items.len(), 24);
        assert_eq!(events_page(&mut store, "nothing", all()).items.len(), 0);
    }
}

#[test]
fn events_are_found_by_what_many_issues_are() {
    let mut store = store();
    let file = |nth: i64| format!("/srv/{}/{nth}.py", ["even", "odd"][(nth % 2) as usize]);
    store.record((1..=61).map(|nth| different(nth, "E", "m", &file(nth))).collect());
    let mut met = |q: &str| -> Vec<i64> {
        let (mut cursor, mut met) = (None, Vec::new());
        loop {
            let page = Page { limit: 7, cursor: cursor.take() };
            let page = events_page(&mut store, q, EventQuery { page, ..EventQuery::default() });
            met.extend(page.items.iter().map(|event| event.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return met;
            }
        }
    };
    let odd: Vec<i64> = (1..=61).rev().filter(|nth| nth % 2 == 1).collect();
    assert_eq!(met("!file:*even*"), odd, "of more issues than are looked for");
    assert_eq!(met("!file:*even* file:*1.py"), [61, 51, 41, 31, 21, 11, 1], "of few");
    let some: Vec<i64> = odd.iter().copied().filter(|nth| ![1, 3].contains(&(nth % 10))).collect();
    assert_eq!(met("!file:*even* !file:*1.py !file:*3.py"), some, "of more than a few");
    assert_eq!(met("is:muted"), [0; 0]);
}

#[test]
fn a_part_of_a_read_is_hurried() {
    let mut store = store();
    store.record((0..50).map(report).collect());
    let mut db = store.writer.place.reader().unwrap();
    let sql = "select count(*) from event a, event b, event c";
    let mut count = |time: Option<Duration>| {
        db.hurry(time);
        first(&mut db, sql, &[], |row| row.int(0))
    };
    assert_eq!(count(Some(Duration::ZERO)), Err(Error::Interrupted));
    assert_eq!(count(None), Ok(Some(125_000)));
    db.start_reading();
    assert_eq!(first(&mut db, sql, &[], |row| row.int(0)), Ok(Some(125_000)));
}

#[test]
fn pages_of_events_follow_each_other() {
    let mut store = store();
    store.record((0..45).map(|_| report(1)).collect());
    store.merge_keys();
    store.record((0..5).map(|_| report(1)).collect());
    let (mut cursor, mut met) = (None, Vec::new());
    loop {
        let page =
            events::of_issue(&mut store.writer.db, 1, 20, cursor.as_deref()).unwrap().unwrap();
        met.extend(page.items.iter().map(|event| event.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(met, (1..=50).rev().collect::<Vec<i64>>());
}

#[test]
fn statistics_sum_up_to_all_reports() {
    let mut store = store();
    let mut random = Random(3);
    let all: Vec<Report> = (0..300)
        .map(|_| Report { timestamp: NOW - random.below(48 * HOUR), ..report(random.below(9)) })
        .collect();
    store.record(all.clone());
    store.walk_to(1, Status::Verifying, None);
    for by in StatsBy::ALL.into_iter().map(Some).chain([None]) {
        for (interval, tz_offset_minutes) in [(Interval::Hour, 0), (Interval::Day, 180)] {
            let span = Span { since: Some(NOW - 50 * HOUR), until: Some(NOW + HOUR) };
            let query =
                StatsQuery { by, interval, tz_offset_minutes, span, ..StatsQuery::default() };
            let (since, until) = query.bounds(NOW).unwrap();
            let got = stats::read(&mut store.writer.db, &query, since, until).unwrap();
            let sum: i64 = got.series.iter().flat_map(|one| &one.counts).sum();
            assert_eq!(sum, 300, "{by:?} {interval:?}");
            for (nth, at) in got.times.iter().enumerate() {
                let count: i64 = got.series.iter().map(|one| one.counts[nth]).sum();
                let expected =
                    all.iter().filter(|one| (*at..at + interval.ms()).contains(&one.timestamp));
                assert_eq!(count, expected.count() as i64, "{by:?} {interval:?} {nth}");
            }
        }
    }
}
