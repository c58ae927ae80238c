//! A small store, and a plain reading of queries over what was put into it.

use std::collections::{BTreeMap, BTreeSet};

use log_center::domain::change::{Change, Mute, Who};
use log_center::domain::fingerprint::Fingerprint;
use log_center::domain::level::Level;
use log_center::domain::query::{EventQuery, IssueQuery};
use log_center::domain::report::{ErrorInfo, Known, Report, Stack};
use log_center::domain::search::{Flag, Key, Pattern, Query, Test, contains_folded, fold};
use log_center::domain::status::Status;
use log_center::store::encode::{Prepared, RecentStacks};
use log_center::store::engine::Engine;
use log_center::store::filter::Asker;
use log_center::store::record::Recorded;
use log_center::store::{self, Writer, events, listing, moves, words};

/// 2026-01-30T10:30:00Z.
const NOW: i64 = 1_769_769_000_000;
const HOUR_MS: i64 = 3_600_000;
/// Who asks.
const ANN: &str = "ann";

/// Type, message, file, code, and the reports' level, environment, version, user and age in hours.
type Row = ([&'static str; 4], &'static [(Level, &'static str, &'static str, &'static str, i64)]);

/// Few issues that differ in everything that can be asked for.
const ROWS: [Row; 8] = [
    (
        ["ValueError", "invalid literal for int(): 'abc'", "apps/users/views.py", "BadInput"],
        &[
            (Level::Error, "production", "1.2.0", "u_1", 1),
            (Level::Warning, "staging", "1.3.0", "u_2", 50),
        ],
    ),
    (
        ["TypeError", "x is undefined", "https://a.example/app.js", ""],
        &[(Level::Error, "production", "1.2.0", "u_1", 3)],
    ),
    (
        ["数据库错误", "连接失败：timeout*", "服务/数据库.go", "DB,Error"],
        &[(Level::Critical, "production", "", "用户", 100); 3],
    ),
    (
        ["Ошибка", "Нет подключения \"к базе\"", "C:\\app\\main.cs", "a\\b"],
        &[(Level::Error, "development", "v2", "", 400), (Level::Error, "staging", "v2", "", 2)],
    ),
    (
        ["İstanbul", "STRASSE straße ﬁ \u{212a}", "a/b/a/b", "%_"],
        &[(Level::Info, "qa", "2026.1", "Ä", 30)],
    ),
    (["panic", "", "unknown", ""], &[(Level::Debug, "production", "1.2.0", "u_3", 9)]),
    (
        ["E", "a 'quoted' -- /* \u{7f} 😀 end", "x", "*"],
        &[(Level::Warning, "prod\u{1f}x", "1,2", "u*", 700)],
    ),
    (
        ["ValueError", "another\nline", "users/views.py", "BadInput"],
        &[
            (Level::Error, "production", "1.4.0-rc.1", "u_1", 0),
            (Level::Error, "production", "1.2.0", "u_4", 0),
        ],
    ),
];

struct Issue {
    id: i64,
    status: Status,
    assignee: Option<&'static str>,
    is_muted: bool,
    reports: Vec<(i64, Report)>,
}

/// The store and what is in it.
pub struct Store {
    writer: Writer,
    issues: Vec<Issue>,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// Fills a store; its file is gone as soon as it is open.
    pub fn new() -> Self {
        let name = format!("log-center-fuzz-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let mut writer = store::open(&folder, 1_000).expect("a fresh folder");
        let mut issues = Vec::new();
        for (at, (text, reports)) in ROWS.into_iter().enumerate() {
            let each =
                reports.iter().enumerate().map(|(number, one)| report(at, number, text, *one));
            issues.push(record(&mut writer, each.collect()));
        }
        words::index_waiting(&mut writer.db, 6).expect("words");
        let mut all = Self { writer, issues };
        all.change();
        std::fs::remove_dir_all(&folder).expect("our own folder");
        all
    }

    /// Moves, assigns and mutes some.
    fn change(&mut self) {
        let wanted = [
            (Status::New, Some(ANN), None),
            (Status::Verifying, Some("bob"), Some(Mute::ForEver)),
            (Status::CannotReproduce, None, Some(Mute::Reports(5))),
            (Status::Deployed, Some("Ann*"), Some(Mute::At(NOW + 1))),
            (Status::Fixing, Some("李"), Some(Mute::At(NOW - 1))),
        ];
        let who = Who { name: ANN.into(), verified: false };
        for (issue, (status, assignee, mute)) in self.issues.iter_mut().zip(wanted) {
            let change = Change {
                status: (status != Status::New).then_some(status),
                path: true,
                assignee: assignee.map(|name| Some(name.to_owned())),
                muted_until: mute.map(Some),
                note: Some("x".into()),
                version: Some("1.2.0".into()),
                ..Change::default()
            };
            let done = moves::apply(&mut self.writer, issue.id, &change, &who, NOW);
            assert_eq!(done.expect("a change"), moves::Applied::Done);
            (issue.status, issue.assignee) = (status, assignee);
            issue.is_muted = mute.is_some_and(|mute| mute != Mute::At(NOW - 1));
        }
    }

    /// The store lists the issues that the terms pick.
    pub fn check_issues(&mut self, query: &Query) {
        let asker = Asker { who: ANN, now: NOW };
        let page = listing::page(&mut self.writer.db, &IssueQuery::default(), query, asker);
        let page = page.expect("the store answers").expect("without a cursor");
        let found: BTreeSet<i64> = page.items.iter().map(|issue| issue.id).collect();
        let expected: BTreeSet<i64> =
            self.issues.iter().filter(|issue| picks(issue, query)).map(|issue| issue.id).collect();
        assert_eq!(found, expected, "other issues for {query:?}");
        assert_eq!(page.total, i64::try_from(expected.len()).expect("few"), "another total");
    }

    /// The store lists the events that the terms pick.
    pub fn check_events(&mut self, query: &Query) {
        let asker = Asker { who: ANN, now: NOW };
        let page = events::page(&mut self.writer.db, &EventQuery::default(), query, asker);
        let page = page.expect("the store answers").expect("without a cursor");
        assert_eq!(page.searched_to, None, "so few are searched whole");
        let found: BTreeSet<String> = page.items.into_iter().map(|one| one.event_id).collect();
        let mut expected = BTreeSet::new();
        for issue in &self.issues {
            for (_, report) in &issue.reports {
                if event_picks(issue, report, query) {
                    let id = report.event_id.expect("every report has one");
                    expected.insert(log_center::domain::uuid::format(&id));
                }
            }
        }
        assert_eq!(found, expected, "other events for {query:?}");
    }
}

fn report(
    at: usize,
    number: usize,
    text: [&str; 4],
    one: (Level, &str, &str, &str, i64),
) -> Report {
    let [kind, message, file, code] = text;
    let (level, environment, version, user, age_hours) = one;
    let timestamp = NOW - age_hours * HOUR_MS - 1;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let request = format!("req-{at}-{number}");
    let context = serde_json::json!({
        "user_id": user, "request_id": request, "trace_id": "0af7651916cd43dd",
        "request": { "ip": "10.0.0.1", "list": [{ "a": 1 }, { "a": null }, true] },
    });
    Report {
        project_id: if at < 4 { "shop".into() } else { "магазин".into() },
        environment: environment.into(),
        level,
        timestamp,
        received_at: NOW,
        version: some(version),
        commit_hash: None,
        error: ErrorInfo {
            kind: kind.into(),
            message: message.into(),
            file_path: file.into(),
            line_number: 1,
            stack: Stack::Lines(Vec::new()),
            code: some(code),
        }
        .into(),
        context: Some(context.to_string()),
        event_id: Some([at as u8, number as u8, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
        fingerprint: Fingerprint::of(if at < 4 { "shop" } else { "магазин" }, kind, file, 1),
        culprit: None,
        known: Known {
            request_id: Some(request),
            user_id: some(user),
            trace_id: Some("0af7651916cd43dd".into()),
        },
        trimmed: Vec::new(),
        adjusted: Vec::new(),
    }
}

fn record(writer: &mut Writer, reports: Vec<Report>) -> Issue {
    let stacks = RecentStacks::default();
    let prepared: Vec<Prepared> =
        reports.iter().map(|one| Prepared::new(one.clone(), &stacks)).collect();
    let all: Vec<&Prepared> = prepared.iter().collect();
    writer.db.begin().expect("a transaction");
    let Writer { db, recorder, happened, .. } = writer;
    let answers = recorder.record(db, &all, happened).expect("recorded");
    happened.clear();
    writer.db.commit().expect("committed");
    let Recorded::Issue { id, .. } = answers[0] else { panic!("few projects") };
    Issue {
        id,
        status: Status::New,
        assignee: None,
        is_muted: false,
        reports: reports.into_iter().map(|one| (one.timestamp, one)).collect(),
    }
}

fn any(patterns: &[Pattern], text: Option<&str>) -> bool {
    text.is_some_and(|text| patterns.iter().any(|pattern| pattern.matches(text)))
}

/// The value of a report that a key asks for.
fn value_of(report: &Report, key: Key) -> Option<&str> {
    match key {
        Key::Level => Some(report.level.name()),
        Key::Env => Some(&report.environment),
        Key::Version => report.version.as_deref(),
        Key::Code => report.error.code.as_deref(),
        Key::User => report.known.user_id.as_deref(),
        Key::Request => report.known.request_id.as_deref(),
        Key::Trace => report.known.trace_id.as_deref(),
        Key::Project => Some(&report.project_id),
        Key::Type => Some(&report.error.kind),
        _ => None,
    }
}

/// Whether an issue meets a query; counts and times are of the slice that the query asks for.
fn picks(issue: &Issue, query: &Query) -> bool {
    let in_slice = |report: &Report| {
        query.terms.iter().filter(|term| !term.negated).all(|term| match &term.test {
            Test::Key { key: key @ (Key::Level | Key::Env | Key::Version), patterns } => {
                any(patterns, value_of(report, *key))
            }
            _ => true,
        })
    };
    let slice: Vec<&Report> =
        issue.reports.iter().map(|(_, report)| report).filter(|one| in_slice(one)).collect();
    !slice.is_empty()
        && query.terms.iter().all(|term| issue_holds(issue, &slice, &term.test) != term.negated)
}

fn issue_holds(issue: &Issue, slice: &[&Report], test: &Test) -> bool {
    let number = |count: usize| i64::try_from(count).expect("few");
    let newest = &issue.reports.last().expect("at least one").1;
    match test {
        Test::Word(word) => {
            let word = fold(word);
            let headline = format!("{}: {}", newest.error.kind, newest.error.message);
            let code = newest.error.code.as_deref();
            [Some(headline.as_str()), Some(&newest.error.file_path), code]
                .into_iter()
                .flatten()
                .any(|text| contains_folded(text, &word))
        }
        Test::Key { key: Key::Status, patterns } => any(patterns, Some(issue.status.name())),
        Test::Key { key: Key::Assignee, patterns } => any(patterns, issue.assignee),
        Test::Key { key: Key::File, patterns } => {
            patterns.iter().any(|pattern| pattern.matches_path(&newest.error.file_path))
        }
        Test::Key { key: Key::Fingerprint, patterns } => {
            let hex = newest.fingerprint.hex();
            patterns.iter().any(|pattern| match pattern.exact() {
                Some(prefix) => hex.starts_with(prefix),
                None => pattern.matches(&hex),
            })
        }
        Test::Key { key, patterns } => {
            issue.reports.iter().any(|(_, report)| any(patterns, value_of(report, *key)))
        }
        Test::Count(comparison, given) => comparison.holds(number(slice.len()), *given),
        Test::Users(comparison, given) => {
            let users: BTreeMap<&str, ()> = issue
                .reports
                .iter()
                .filter_map(|(_, report)| Some((report.known.user_id.as_deref()?, ())))
                .collect();
            comparison.holds(number(users.len()), *given)
        }
        Test::Seen(comparison, when) => {
            let (comparison, at) = when.bound(*comparison, NOW);
            let last = slice.iter().map(|report| report.timestamp).max();
            last.is_some_and(|last| comparison.holds(last, at))
        }
        Test::First(comparison, when) => {
            let (comparison, at) = when.bound(*comparison, NOW);
            let first = slice.iter().map(|report| report.timestamp).min();
            first.is_some_and(|first| comparison.holds(first, at))
        }
        Test::Is(flag) => match flag {
            Flag::Regressed | Flag::Rising => false,
            Flag::Muted => issue.is_muted,
            Flag::Mine => issue.assignee == Some(ANN),
        },
        Test::Context { .. } => false,
    }
}

/// Whether an event meets a query: by itself where it can tell, else by its issue.
fn event_picks(issue: &Issue, report: &Report, query: &Query) -> bool {
    let whole: Vec<&Report> = issue.reports.iter().map(|(_, report)| report).collect();
    query.terms.iter().all(|term| {
        let holds = match &term.test {
            Test::Key {
                key:
                    key @ (Key::Level
                    | Key::Env
                    | Key::Version
                    | Key::Code
                    | Key::User
                    | Key::Request
                    | Key::Trace),
                patterns,
            } => any(patterns, value_of(report, *key)),
            Test::Context { path, patterns } => {
                let context = report.context.as_deref().expect("every report has one");
                let value: serde_json::Value = serde_json::from_str(context).expect("JSON");
                in_context(&value, path, patterns)
            }
            other => issue_holds(issue, &whole, other),
        };
        holds != term.negated
    })
}

/// A member at the end of a path; arrays are looked into, each element or by number.
fn in_context(value: &serde_json::Value, path: &[String], patterns: &[Pattern]) -> bool {
    use serde_json::Value;
    match (value, path) {
        (Value::Array(items), [name, rest @ ..])
            if name
                .parse()
                .ok()
                .and_then(|at: usize| items.get(at))
                .is_some_and(|item| in_context(item, rest, patterns)) =>
        {
            true
        }
        (Value::Array(items), _) => items.iter().any(|item| in_context(item, path, patterns)),
        (Value::Object(members), [name, rest @ ..]) => {
            members.get(name).is_some_and(|inner| in_context(inner, rest, patterns))
        }
        (_, [_, ..]) => false,
        (Value::String(text), []) => any(patterns, Some(text)),
        (other, []) => any(patterns, Some(&other.to_string())),
    }
}
