//! Tests of the store's verbs, on a file in a temporary folder. One file a subject below.

mod backing_up;
mod erasing;
mod gathering;
mod keeping;
mod notifying;
mod reading;
mod recording;
mod restoring;
mod second_step;
mod transferring;
mod trusting;
mod working;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::encode::{Prepared, RecentStacks};
use super::engine::Engine;
use super::filter::Asker;
use super::listing::IssuePage;
use super::record::Recorded;
use super::{Writer, issues, listing};
use crate::domain::change::{Change, Who};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::issue::Issue;
use crate::domain::level::Level;
use crate::domain::query::{IssueFilter, IssueQuery};
use crate::domain::report::{ErrorInfo, Known, Report, Stack};
use crate::domain::search;
use crate::domain::status::Status;

/// 2026-01-30T10:30:00Z.
pub(crate) const NOW: i64 = 1_769_769_000_000;
pub(crate) const HOUR: i64 = 3_600_000;

/// A store in a folder of its own, removed at the end.
pub(crate) struct Fixture {
    pub(crate) writer: Writer,
    pub(crate) folder: PathBuf,
    pub(crate) recent: RecentStacks,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn store() -> Fixture {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name =
        format!("log-center-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    let writer = super::open(&folder, 1_000).expect("a fresh folder");
    Fixture { writer, folder, recent: RecentStacks::default() }
}

pub(crate) fn report(line: i64) -> Report {
    let error = ErrorInfo {
        kind: "ValueError".into(),
        message: "invalid literal".into(),
        file_path: "apps/users/views.py".into(),
        line_number: line,
        stack: Stack::Lines(vec!["Traceback".into(), "ValueError: invalid literal".into()]),
        code: None,
    };
    Report {
        project_id: "shop".into(),
        environment: "production".into(),
        level: Level::Error,
        timestamp: NOW,
        received_at: NOW,
        version: Some("1.2.0".into()),
        commit_hash: None,
        fingerprint: Fingerprint::of("shop", &error.kind, &error.file_path, line),
        error: error.into(),
        context: None,
        event_id: None,
        culprit: None,
        known: Known::default(),
        trimmed: Vec::new(),
        adjusted: Vec::new(),
    }
}

/// A report whose context names a user and a request, as intake would have read it.
pub(crate) fn report_of(line: i64, user: &str, request: &str) -> Report {
    Report {
        context: Some(format!(r#"{{"user_id":"{user}","request_id":"{request}"}}"#)),
        known: Known {
            user_id: Some(user.into()),
            request_id: Some(request.into()),
            trace_id: None,
        },
        ..report(line)
    }
}

impl Fixture {
    pub(crate) fn record(&mut self, reports: Vec<Report>) -> Vec<Recorded> {
        let prepared: Vec<Prepared> =
            reports.into_iter().map(|report| Prepared::new(report, &self.recent)).collect();
        let all: Vec<&Prepared> = prepared.iter().collect();
        self.writer.db.begin().unwrap();
        let Writer { db, recorder, happened, .. } = &mut self.writer;
        let answers = recorder.record(db, &all, happened).unwrap();
        self.writer.db.commit().unwrap();
        answers
    }

    /// Records one report; its issue's number and whether it was new.
    pub(crate) fn record_one(&mut self, report: Report) -> (i64, bool) {
        match self.record(vec![report])[0] {
            Recorded::Issue { id, is_new, .. } => (id, is_new),
            Recorded::TooManyProjects => panic!("too many projects"),
        }
    }

    /// What happened since this was last asked: `kind status count`.
    pub(crate) fn happened(&mut self) -> Vec<String> {
        let all = self.writer.happened.drain(..);
        all.map(|one| format!("{} {} {}", one.what.name(), one.status.name(), one.count)).collect()
    }

    pub(crate) fn issue(&mut self, id: i64) -> Issue {
        issues::find(&mut self.writer.db, id, NOW).unwrap().expect("the issue")
    }

    pub(crate) fn apply(&mut self, id: i64, change: &Change) -> super::moves::Applied {
        let who = Who { name: "ann".into(), verified: false };
        super::moves::apply(&mut self.writer, id, change, &who, NOW).unwrap()
    }

    pub(crate) fn walk_to(&mut self, id: i64, to: Status, version: Option<&str>) {
        let change = Change {
            status: Some(to),
            path: true,
            version: version.map(Into::into),
            note: Some("walked".into()),
            ..Change::default()
        };
        assert_eq!(self.apply(id, &change), super::moves::Applied::Done);
    }

    pub(crate) fn page(&mut self, q: &str, filter: IssueFilter) -> IssuePage {
        let search = search::parse(q, search::Scope::Issues).expect("a readable query");
        let query = IssueQuery { filter, ..IssueQuery::default() };
        let asker = Asker { who: "ann", now: NOW };
        listing::page(&mut self.writer.db, &query, &search, asker).unwrap().expect("no cursor")
    }

    /// The numbers of the issues that a search finds, ascending.
    pub(crate) fn found(&mut self, q: &str) -> Vec<i64> {
        let mut ids: Vec<i64> =
            self.page(q, IssueFilter::default()).items.iter().map(|issue| issue.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Runs every chore that merges keys, at once.
    pub(crate) fn merge_keys(&mut self) {
        use super::runs::{Build, Entry, sweep};
        let Writer { db, recorder, .. } = &mut self.writer;
        let memory = recorder.memory();
        let keys: Vec<(i64, i64)> = memory.keys().copied().collect();
        let entries = memory
            .iter()
            .map(|(key, issue)| Entry { hash: key.0, extra: key.1, value: *issue })
            .collect();
        let mut build = Build::of_memory(db, entries, NOW).unwrap();
        while !build.step(db).unwrap() {}
        recorder.memory_runs_changed(db, &keys).unwrap();
        let next = recorder.next_event();
        let mut build = Build::of_tail(db, next).unwrap();
        while !build.step(db).unwrap() {}
        while let Some(mut build) = Build::due(db, i64::MAX).unwrap() {
            while !build.step(db).unwrap() {}
            recorder.memory_runs_changed(db, &[]).unwrap();
        }
        while !sweep(db, &[]).unwrap() {}
    }
}

/// A small generator, so that random tests repeat (Knuth's MMIX constants).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % end
    }
}
