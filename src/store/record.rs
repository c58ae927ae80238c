//! Records a group of reports: folds those of one issue into one upsert, and writes events, counts
//! and everything that hangs on them. The caller opens and commits the transaction.
//!
//! Invariant: what is cached here is what the database holds; after a rollback call
//! [`Recorder::forget`].

mod counted;
mod tally;
mod users;

use super::cache::{Seen, Sketches};
use super::counts;
use super::encode::Prepared;
use super::engine::{Engine, all, first};
use super::error::Result;
use super::event_row::{self, NewEvent};
use super::names::Names;
use super::outbox::{Fold, Outbox, Part};
use super::quick::QuickMap;
use super::runs::{self, MemoryRuns};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::happening::{Happening, What};
use crate::domain::status::Status;
pub(super) use tally::{COUNTED, Slices, uncounted};
use tally::{Known, Tally};

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Stored or counted.
    Issue {
        /// The issue's number.
        id: i64,
        /// Its fingerprint (of the first report, when this one repeats an `event_id`).
        fingerprint: Fingerprint,
        /// Whether this report made the issue.
        is_new: bool,
    },
    /// It would create a project, and there are too many.
    TooManyProjects,
}

/// The state that the writer keeps between groups.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Names of projects, environments and versions.
    pub names: Names,
    /// What is worth a notification.
    pub outbox: Outbox,
    seen: Seen,
    sketches: Sketches,
    tally: Tally,
    memory_tail: QuickMap<(i64, i64), i64>,
    memory_runs: MemoryRuns,
    forgotten: u64,
    next_event: i64,
    crowded: QuickMap<i64, i64>,
    kept_max: i64,
}

/// One report on its way, with the numbers of its names.
struct Incoming<'a> {
    at: usize,
    prepared: &'a Prepared,
    project: i64,
    environment: i64,
    version: i64,
    live: bool,
    event: i64,
}

type Key = (i64, Fingerprint);

/// Notes that in an environment an issue was seen on a day.
pub(super) const SEEN_ON: &str = "insert into issue_environment (environment, issue, last_day) \
    values (?1, ?2, ?3) on conflict (environment, issue) do update set \
    last_day = excluded.last_day where excluded.last_day > issue_environment.last_day";

impl Recorder {
    /// Reads what the recorder needs to go on. `kept_max`: events an issue keeps.
    pub fn open(db: &mut dyn Engine, kept_max: i64) -> Result<Self> {
        let mut recorder = Self { kept_max, ..Self::default() };
        recorder.reload(db)?;
        Ok(recorder)
    }

    fn reload(&mut self, db: &mut dyn Engine) -> Result<()> {
        self.forgotten += 1;
        self.next_event = runs::next_event(db)?;
        self.memory_runs = MemoryRuns::default();
        self.memory_runs.follow(db)?;
        self.memory_tail = runs::memory_of_tail(db)?;
        self.tally = Tally::recount(db)?;
        self.outbox.forget();
        self.outbox.reload(db)
    }

    /// Forgets every cache, after a rollback or when something was erased.
    pub fn forget(&mut self, db: &mut dyn Engine) -> Result<()> {
        self.names.forget();
        self.seen = Seen::default();
        self.sketches = Sketches::default();
        self.reload(db)
    }

    /// Forgets which stacks are stored, after some were removed.
    pub fn forget_stacks(&mut self) {
        self.seen.forget_stacks();
    }

    /// Forgets what is stored of issues, after some of it was erased.
    pub fn forget_issues(&mut self) {
        self.seen = Seen::default();
        self.sketches = Sketches::default();
        self.tally.forget();
    }

    /// Forgets how issues stand, after something else changed them. Nothing may be owed to them:
    /// see [`Self::settle`].
    pub fn forget_counts(&mut self) {
        self.tally.forget();
    }

    /// How often everything was read anew, as after a rollback: whoever goes on with something
    /// half-written begins it anew when this has changed.
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The number that the next event will have.
    pub const fn next_event(&self) -> i64 {
        self.next_event
    }

    /// The `event_id`s that are in no run yet, each with its issue.
    pub const fn memory(&self) -> &QuickMap<(i64, i64), i64> {
        &self.memory_tail
    }

    /// After a run was made or dropped: forgets these of the tail, whose memory is in a run now.
    pub fn memory_runs_changed(&mut self, db: &mut dyn Engine, keys: &[(i64, i64)]) -> Result<()> {
        for key in keys {
            self.memory_tail.remove(key);
        }
        runs::forget_loose(db, keys)?;
        self.memory_runs.follow(db)
    }

    /// Issues that keep too many events, once, with how many.
    pub fn take_crowded(&mut self) -> QuickMap<i64, i64> {
        std::mem::take(&mut self.crowded)
    }

    /// Finds the issues that keep too many events, as after an import from one that keeps more.
    pub fn find_crowded(&mut self, db: &mut dyn Engine) -> Result<()> {
        let sql = "select id, kept from issue where kept > ?1";
        let crowded = all(db, sql, &[self.kept_max.into()], |row| (row.int(0), row.int(1)))?;
        self.crowded.extend(crowded);
        Ok(())
    }

    /// Records reports in one open transaction; one answer each, in order. Adds to `happened` what
    /// became of each issue.
    pub fn record(
        &mut self,
        db: &mut dyn Engine,
        reports: &[&Prepared],
        happened: &mut Vec<Happening>,
    ) -> Result<Vec<Recorded>> {
        let answers = self.gather(db, reports, happened)?;
        self.settle(db)?;
        Ok(answers)
    }

    /// As [`Self::record`], but what known issues are owed is written by [`Self::settle`], together
    /// with that of the reports behind them. Until then their rows count less than there is.
    pub fn gather(
        &mut self,
        db: &mut dyn Engine,
        reports: &[&Prepared],
        happened: &mut Vec<Happening>,
    ) -> Result<Vec<Recorded>> {
        let mut answers = vec![Recorded::TooManyProjects; reports.len()];
        let mut order: Vec<Key> = Vec::new();
        let mut folds: QuickMap<Key, Vec<Incoming<'_>>> = QuickMap::default();
        let mut repeats: QuickMap<(i64, i64), Key> = QuickMap::default();
        let mut late: Vec<(usize, Key)> = Vec::new();
        for (at, prepared) in reports.iter().enumerate() {
            let Some(incoming) = self.resolve(db, at, prepared)? else { continue };
            let key = (incoming.project, prepared.report.fingerprint);
            if let Some(id) = &prepared.report.event_id {
                let memory = runs::memory_key(incoming.project, id);
                if let Some(first) = repeats.get(&memory) {
                    late.push((at, *first));
                    continue;
                }
                if let Some(known) = self.remembered(db, memory)? {
                    answers[at] = known;
                    continue;
                }
                repeats.insert(memory, key);
            }
            let fold = folds.entry(key).or_default();
            if fold.is_empty() {
                order.push(key);
            }
            let event = self.next_event;
            self.next_event += 1;
            fold.push(Incoming { event, ..incoming });
        }
        counts::record_projects(db, folds.values().flatten().map(count_of))?;
        let mut ids: QuickMap<Key, i64> = QuickMap::default();
        let now = reports.last().map_or(0, |last| last.report.received_at);
        for key in order {
            let fold = &folds[&key];
            let (id, what) = self.record_fold(db, key, fold, happened)?;
            let is_new = what == What::New;
            ids.insert(key, id);
            for (nth, incoming) in fold.iter().enumerate() {
                let is_new = is_new && nth == 0;
                answers[incoming.at] = Recorded::Issue { id, fingerprint: key.1, is_new };
            }
        }
        self.outbox.flush(db, now)?;
        for (memory, key) in repeats {
            self.memory_tail.insert(memory, ids[&key]);
        }
        for (at, key) in late {
            answers[at] = Recorded::Issue { id: ids[&key], fingerprint: key.1, is_new: false };
        }
        Ok(answers)
    }

    /// Counts in the rows of issues what was gathered; whether that was anything.
    pub fn settle(&mut self, db: &mut dyn Engine) -> Result<bool> {
        let owing = self.tally.is_owing();
        if owing {
            self.tally.settle(db, self.next_event - 1)?;
        }
        Ok(owing)
    }

    /// As [`Self::settle`], for one issue.
    pub fn settle_issue(&mut self, db: &mut dyn Engine, issue: i64) -> Result<()> {
        self.tally.settle_issue(db, issue)
    }

    /// Forgets how one issue stands, after some of its events were removed. Nothing may be owed to
    /// it: see [`Self::settle_issue`].
    pub fn forget_count(&mut self, db: &mut dyn Engine, issue: i64) -> Result<()> {
        let sql = "select project, fingerprint from issue where id = ?1";
        let key = first(db, sql, &[issue.into()], |row| {
            Fingerprint::from_bytes(row.blob(1)).map(|fingerprint| (row.int(0), fingerprint))
        })?;
        if let Some(key) = key.flatten() {
            self.tally.forget_issue(key);
        }
        Ok(())
    }

    /// Whether rows of issues count less than there is.
    pub fn is_owing(&self) -> bool {
        self.tally.is_owing()
    }

    /// Whether so much is gathered that it is time to settle.
    pub fn is_full(&self) -> bool {
        self.tally.is_full()
    }

    fn resolve<'a>(
        &mut self,
        db: &mut dyn Engine,
        at: usize,
        prepared: &'a Prepared,
    ) -> Result<Option<Incoming<'a>>> {
        let report = &prepared.report;
        let Some(project) = self.names.project(db, &report.project_id, report.received_at)? else {
            return Ok(None);
        };
        let environment = project.environment(db, &report.environment)?;
        let version = project.version(db, report.version.as_deref())?;
        let live = project.live.contains(&report.environment);
        Ok(Some(Incoming {
            at,
            prepared,
            project: project.id,
            environment,
            version,
            live,
            event: 0,
        }))
    }

    /// The issue of an `event_id` that came before; nothing when that issue was erased.
    fn remembered(&self, db: &mut dyn Engine, memory: (i64, i64)) -> Result<Option<Recorded>> {
        let known = match self.memory_tail.get(&memory) {
            Some(id) => Some(*id),
            None => self.memory_runs.issue(db, memory)?,
        };
        let Some(id) = known else { return Ok(None) };
        let found =
            first(db, "select fingerprint from issue where id = ?1", &[id.into()], |row| {
                Fingerprint::from_bytes(row.blob(0))
            })?;
        Ok(found.flatten().map(|fingerprint| Recorded::Issue { id, fingerprint, is_new: false }))
    }

    fn record_fold(
        &mut self,
        db: &mut dyn Engine,
        key: Key,
        fold: &[Incoming<'_>],
        happened: &mut Vec<Happening>,
    ) -> Result<(i64, What)> {
        let issue = self.tally.count(db, key, fold)?;
        let (known, is_new) = (issue.known, issue.is_new);
        self.write_text(db, known.id, is_new, fold)?;
        // Stays without memory of its own for nearly every report.
        let mut fresh = Vec::new();
        for (nth, incoming) in fold.iter().enumerate() {
            self.write_event(db, known.id, is_new, incoming)?;
            if self.write_slice(db, known.id, incoming)? {
                fresh.push(nth);
            }
        }
        let users = self.count_users(db, known.id, is_new, fold)?;
        let reopened = known.status == Status::Deployed && self.reopen(db, key, &known, fold)?;
        if known.kept > self.kept_max {
            self.crowded.insert(known.id, known.kept);
        }
        let what = match (is_new, reopened) {
            (true, _) => What::New,
            (_, true) => What::Regressed,
            _ => What::Seen,
        };
        happened.push(counted::told(what, &issue, fold));
        let is_told = reopened || !fresh.is_empty();
        if self.outbox.may_care(is_told, users, known.count, fold.len() as i64) {
            let parts = fold.iter().enumerate().map(|(nth, incoming)| Part {
                report: &incoming.prepared.report,
                is_live: incoming.live,
                event: incoming.event,
                is_fresh: fresh.contains(&nth),
            });
            let (issue, count, parts) = (known.id, known.count, parts.collect());
            let fold = Fold { issue, is_new, is_regressed: reopened, count, users, parts };
            self.outbox.decide(db, &fold)?;
        }
        Ok((known.id, what))
    }

    /// Reopens a deployed issue if its fix does not hold; its row changes, so nothing may be owed.
    fn reopen(
        &mut self,
        db: &mut dyn Engine,
        key: Key,
        known: &Known,
        fold: &[Incoming<'_>],
    ) -> Result<bool> {
        self.tally.settle_issue(db, known.id)?;
        let reopened = counted::reopen(db, known, fold)?;
        if reopened {
            self.tally.forget_issue(key);
        }
        Ok(reopened)
    }

    fn write_text(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        is_new: bool,
        fold: &[Incoming<'_>],
    ) -> Result<()> {
        let newest = &fold[fold.len() - 1].prepared.report;
        let error = &newest.error;
        let text = [
            error.message.as_bytes(),
            error.code.as_deref().unwrap_or("\0").as_bytes(),
            newest.culprit.as_deref().unwrap_or("\0").as_bytes(),
        ];
        if !self.seen.text_changed(issue, &text) {
            return Ok(());
        }
        let changing = [
            issue.into(),
            error.message.as_str().into(),
            error.code.as_deref().into(),
            newest.culprit.as_deref().into(),
        ];
        if !is_new {
            db.run(
                "update issue_text set message = ?2, code = ?3, culprit = ?4, indexed = 0 \
                 where issue = ?1 and (message <> ?2 or code is distinct from ?3 \
                 or culprit is distinct from ?4)",
                &changing,
            )?;
            return Ok(());
        }
        let place = &fold[0].prepared.report.error;
        let values = [
            changing[0],
            changing[1],
            changing[2],
            changing[3],
            place.kind.as_str().into(),
            place.file_path.as_str().into(),
            place.line_number.into(),
        ];
        db.run(
            "insert into issue_text (issue, message, code, culprit, type, file_path, line_number) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &values,
        )?;
        Ok(())
    }

    fn write_event(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        is_new: bool,
        incoming: &Incoming<'_>,
    ) -> Result<()> {
        let stack = self.seen.stack(db, issue, is_new, incoming.prepared)?;
        event_row::insert(
            db,
            &NewEvent {
                number: incoming.event,
                project: incoming.project,
                issue,
                environment: incoming.environment,
                version: Some(incoming.version).filter(|version| *version != 0),
                stack,
                prepared: incoming.prepared,
            },
        )
    }

    /// Whether the issue had no report of this environment, version and level.
    fn write_slice(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        incoming: &Incoming<'_>,
    ) -> Result<bool> {
        let report = &incoming.prepared.report;
        let slice = (incoming.environment, incoming.version, report.level.code());
        let mut is_fresh = false;
        if self.seen.slice_is_new(issue, slice) {
            let added = db.run(
                "insert into issue_slice (issue, environment, version, level) \
                 values (?1, ?2, ?3, ?4) on conflict do nothing",
                &[issue.into(), slice.0.into(), slice.1.into(), slice.2.into()],
            )?;
            is_fresh = added > 0;
        }
        let (environment, day) =
            (incoming.environment, report.timestamp.div_euclid(counts::DAY_MS));
        if self.seen.day_is_new(issue, environment, day) {
            db.run(SEEN_ON, &[environment.into(), issue.into(), day.into()])?;
        }
        if let Some(code) = report.error.code.as_deref()
            && self.seen.code_is_new(issue, code)
        {
            db.run(
                "insert into issue_code (issue, code) values (?1, ?2) on conflict do nothing",
                &[issue.into(), code.into()],
            )?;
        }
        Ok(is_fresh)
    }
}

fn count_of(incoming: &Incoming<'_>) -> counts::Counted {
    let report = &incoming.prepared.report;
    counts::Counted {
        project: incoming.project,
        timestamp: report.timestamp,
        received_at: report.received_at,
        environment: incoming.environment,
        version: incoming.version,
        level: report.level.code(),
    }
}
