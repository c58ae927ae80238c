//! The records of one page into their tables. What is there already stays as it is.

use std::collections::{BTreeMap, HashMap};

use super::{Item, Progress, State, StoredEvent};
use crate::domain::change::Mute;
use crate::domain::issue::Deploy;
use crate::domain::level::Level;
use crate::domain::transfer::{
    Count, End, History, Issue, Memory, Project, ProjectCount, Record, from_hex,
};
use crate::store::cache::Seen;
use crate::store::counts::{DAY_MS, HOUR_MS};
use crate::store::engine::{Engine, Value, first};
use crate::store::error::Result;
use crate::store::event_row::{self, NewEvent};
use crate::store::marks;
use crate::store::record::{COUNTED, SEEN_ON};
use crate::store::runs::{self, Entry};

/// One page in the making.
pub(super) struct Writing {
    now: i64,
    progress: Progress,
    projects: HashMap<String, Option<i64>>,
    /// Numbers of environments and versions by table, project and name.
    names: HashMap<(&'static str, i64, String), i64>,
    /// Issues by number: the project, and the newest event that belongs to them.
    issues: HashMap<i64, Option<(i64, i64)>>,
    stacks: Seen,
    keys: Vec<Entry>,
    kept: BTreeMap<i64, i64>,
    event_end: i64,
    memory: BTreeMap<i64, Vec<Entry>>,
}

impl Writing {
    /// Nothing written yet; `progress` already has the page's lines.
    pub(super) fn new(now: i64, progress: Progress) -> Self {
        Self {
            now,
            progress,
            projects: HashMap::new(),
            names: HashMap::new(),
            issues: HashMap::new(),
            stacks: Seen::default(),
            keys: Vec::new(),
            kept: BTreeMap::new(),
            event_end: 0,
            memory: BTreeMap::new(),
        }
    }

    /// Writes one record.
    pub(super) fn write(&mut self, db: &mut dyn Engine, item: Item) -> Result<()> {
        self.progress.records += 1;
        let written = match item {
            Item::Event(event) => self.event(db, &event)?,
            Item::Record(record) => self.record(db, record)?,
        };
        self.progress.left_out += i64::from(!written);
        Ok(())
    }

    /// Whether it was new and belongs here.
    fn record(&mut self, db: &mut dyn Engine, record: Record) -> Result<bool> {
        match record {
            Record::Page(_) => {
                self.progress.records -= 1;
                Ok(true)
            }
            Record::Header(_) | Record::Event(_) => Ok(true),
            Record::Project(project) => write_project(db, &project),
            Record::Environment(one) => {
                let Some(project) = self.project(db, &one.project_id)? else { return Ok(false) };
                self.name(db, ("environment", project), &one.environment)?;
                Ok(true)
            }
            Record::Version(one) => {
                let Some(project) = self.project(db, &one.project_id)? else { return Ok(false) };
                self.name(db, ("version", project), &one.version)?;
                Ok(true)
            }
            Record::Deploy(deploy) => self.deploy(db, &deploy),
            Record::ProjectCount(count) => self.project_count(db, &count),
            Record::Issue(issue) => self.issue(db, &issue),
            Record::Count(count) => self.count(db, &count),
            Record::History(history) => self.history(db, &history),
            Record::Memory(memory) => {
                self.remember(&memory);
                Ok(true)
            }
            Record::End(end) => {
                raise_numbers(db, &end)?;
                self.progress.state = State::Finished;
                self.progress.records -= 1;
                Ok(true)
            }
        }
    }

    fn project(&mut self, db: &mut dyn Engine, name: &str) -> Result<Option<i64>> {
        if let Some(known) = self.projects.get(name) {
            return Ok(*known);
        }
        let found = crate::store::projects::number(db, name)?;
        self.projects.insert(name.to_owned(), found);
        Ok(found)
    }

    /// The number of a name in (table, project), given when it is new.
    fn name(
        &mut self,
        db: &mut dyn Engine,
        (table, project): (&'static str, i64),
        name: &str,
    ) -> Result<i64> {
        let key = (table, project, name.to_owned());
        if let Some(known) = self.names.get(&key) {
            return Ok(*known);
        }
        let sql = format!("select id from {table} where project = ?1 and name = ?2");
        let values = [project.into(), name.into()];
        let number = match first(db, &sql, &values, |row| row.int(0))? {
            Some(number) => Some(number),
            None => {
                let sql =
                    format!("insert into {table} (project, name) values (?1, ?2) returning id");
                first(db, &sql, &values, |row| row.int(0))?
            }
        };
        self.names.insert(key, number.unwrap_or_default());
        Ok(number.unwrap_or_default())
    }

    fn version(&mut self, db: &mut dyn Engine, project: i64, name: Option<&str>) -> Result<i64> {
        name.map_or(Ok(0), |name| self.name(db, ("version", project), name))
    }

    fn issue_known(&mut self, db: &mut dyn Engine, issue: i64) -> Result<Option<(i64, i64)>> {
        if let Some(known) = self.issues.get(&issue) {
            return Ok(*known);
        }
        let sql = "select project, latest_event from issue where id = ?1";
        let found = first(db, sql, &[issue.into()], |row| (row.int(0), row.int(1)))?;
        self.issues.insert(issue, found);
        Ok(found)
    }

    fn deploy(&mut self, db: &mut dyn Engine, deploy: &Deploy) -> Result<bool> {
        let Some(project) = self.project(db, &deploy.project_id)? else { return Ok(false) };
        let version = self.name(db, ("version", project), &deploy.version)?;
        let values: [Value<'_>; 8] = [
            deploy.id.into(),
            project.into(),
            deploy.at.into(),
            version.into(),
            deploy.environment.as_deref().into(),
            deploy.commit_hash.as_deref().into(),
            deploy.who.as_str().into(),
            deploy.moved.into(),
        ];
        let sql = "insert into deploy (id, project, at, version, environment, commit_hash, who, \
             moved) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing";
        Ok(db.run(sql, &values)? > 0)
    }

    fn project_count(&mut self, db: &mut dyn Engine, count: &ProjectCount) -> Result<bool> {
        let Some(project) = self.project(db, &count.project_id)? else { return Ok(false) };
        let environment = self.name(db, ("environment", project), &count.environment)?;
        let version = self.version(db, project, count.version.as_deref())?;
        let values: [Value<'_>; 6] = [
            project.into(),
            (count.hour / HOUR_MS).into(),
            environment.into(),
            version.into(),
            count.level.code().into(),
            count.count.into(),
        ];
        let sql = "insert into project_hour (project, hour, environment, version, level, count) \
             values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing";
        Ok(db.run(sql, &values)? > 0)
    }

    fn count(&mut self, db: &mut dyn Engine, count: &Count) -> Result<bool> {
        let Some((project, _)) = self.issue_known(db, count.issue_id)? else { return Ok(false) };
        let environment = self.name(db, ("environment", project), &count.environment)?;
        let version = self.version(db, project, count.version.as_deref())?;
        let values: [Value<'_>; 8] = [
            count.issue_id.into(),
            (count.hour / HOUR_MS).into(),
            environment.into(),
            version.into(),
            count.level.code().into(),
            count.count.into(),
            count.first_seen.into(),
            count.last_seen.into(),
        ];
        let written = db.run(
            "insert into hour_count (issue, hour, environment, version, level, count, \
             first_seen, last_seen) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
             on conflict do nothing",
            &values,
        )?;
        let is_fresh = db.run(
            "insert into issue_slice (issue, environment, version, level) \
             values (?1, ?2, ?3, ?4) on conflict do nothing",
            &[values[0], values[2], values[3], values[4]],
        )?;
        if is_fresh > 0 {
            db.run(
                "update issue set levels = levels | ?2 where id = ?1",
                &[values[0], Level::set_of(count.level.code()).into()],
            )?;
        }
        db.run(SEEN_ON, &[values[2], values[0], (count.hour / DAY_MS).into()])?;
        Ok(written > 0)
    }

    fn issue(&mut self, db: &mut dyn Engine, issue: &Issue) -> Result<bool> {
        let Some(project) = self.project(db, &issue.project_id)? else { return Ok(false) };
        let fingerprint = from_hex(&issue.fingerprint).unwrap_or_default();
        let mut version = |name: &Option<String>| -> Result<Option<i64>> {
            let name = name.as_deref();
            name.map(|name| self.name(db, ("version", project), name)).transpose()
        };
        let versions = [
            version(&issue.first_version)?,
            version(&issue.last_version)?,
            version(&issue.deployed_version)?,
        ];
        let (mute_kind, mute_value) = match issue.muted_until {
            None => (0, 0),
            Some(Mute::At(at)) => (1, at),
            Some(Mute::Reports(further)) => (2, issue.count.saturating_add(further)),
            Some(Mute::ForEver) => (3, 0),
        };
        let values: [Value<'_>; 19] = [
            issue.id.into(),
            project.into(),
            fingerprint.as_slice().into(),
            issue.status.code().into(),
            issue.level.code().into(),
            issue.count.into(),
            issue.users.into(),
            issue.first_seen.into(),
            issue.last_seen.into(),
            versions[0].into(),
            versions[1].into(),
            issue.first_event_number.into(),
            issue.latest_event_number.into(),
            i64::from(issue.regressed).into(),
            i64::from(issue.touched).into(),
            versions[2].into(),
            mute_kind.into(),
            mute_value.into(),
            issue.assignee.as_deref().into(),
        ];
        let written = db.run(
            "insert into issue (id, project, fingerprint, status, level, count, kept, users, \
             first_seen, last_seen, first_version, last_version, first_event, latest_event, \
             regressed, touched, deployed_version, mute_kind, mute_value, assignee, levels) \
             values (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             ?17, ?18, ?19, 0) on conflict do nothing",
            &values,
        )?;
        if written == 0 {
            return Ok(false);
        }
        self.issues.insert(issue.id, Some((project, issue.latest_event_number)));
        self.progress.issues += 1;
        write_issue_text(db, issue)?;
        Ok(true)
    }

    fn history(&mut self, db: &mut dyn Engine, history: &History) -> Result<bool> {
        if self.issue_known(db, history.issue_id)?.is_none() {
            return Ok(false);
        }
        let entry = &history.entry;
        let values: [Value<'_>; 13] = [
            entry.id.into(),
            history.issue_id.into(),
            entry.at.into(),
            entry.kind.as_str().into(),
            entry.from.map(|status| status.code()).into(),
            entry.to.map(|status| status.code()).into(),
            entry.who.as_str().into(),
            i64::from(entry.verified).into(),
            entry.note.as_deref().into(),
            entry.version.as_deref().into(),
            entry.commit_hash.as_deref().into(),
            entry.text.as_deref().into(),
            history.event_number.into(),
        ];
        let sql = "insert into history (id, issue, at, kind, from_status, to_status, who, \
             verified, note, version, commit_hash, text, event) values (?1, ?2, ?3, ?4, ?5, ?6, \
             ?7, ?8, ?9, ?10, ?11, ?12, ?13) on conflict do nothing";
        Ok(db.run(sql, &values)? > 0)
    }

    fn event(&mut self, db: &mut dyn Engine, event: &StoredEvent) -> Result<bool> {
        let (issue, prepared) = (event.issue, &event.prepared);
        let report = &prepared.report;
        let Some((project, latest)) = self.issue_known(db, issue)? else { return Ok(false) };
        if event.number > latest {
            // It came after its issue was written, which so does not count it.
            return Ok(false);
        }
        let sql = "select 1 from event where id = ?1";
        if first(db, sql, &[event.number.into()], |_| ())?.is_some() {
            return Ok(false);
        }
        let environment = self.name(db, ("environment", project), &report.environment)?;
        let version = match report.version.as_deref() {
            None => None,
            Some(name) => Some(self.name(db, ("version", project), name)?),
        };
        let stack = self.stacks.stack(db, issue, false, prepared)?;
        let number = event.number;
        event_row::insert(
            db,
            &NewEvent { number, project, issue, environment, version, stack, prepared },
        )?;
        let hashes = runs::keys_of(&prepared.keys).chain([runs::issue_key(issue)]);
        self.keys.extend(hashes.map(|hash| Entry { hash, extra: 0, value: event.number }));
        *self.kept.entry(issue).or_default() += 1;
        self.event_end = self.event_end.max(event.number + 1);
        self.progress.events += 1;
        Ok(true)
    }

    fn remember(&mut self, memory: &Memory) {
        if memory.at < self.now - runs::MEMORY_MS {
            return;
        }
        let entries = self.memory.entry(memory.at.min(self.now)).or_default();
        entries.extend(memory.ids.iter().filter_map(|(key, issue)| {
            let half = |digits: &str| u64::from_str_radix(digits, 16).ok().map(u64::cast_signed);
            let (hash, extra) = key.split_at_checked(16)?;
            Some(Entry { hash: half(hash)?, extra: half(extra)?, value: *issue })
        }));
    }

    /// Writes what is written once a page; how far the import is.
    pub(super) fn finish(self, db: &mut dyn Engine) -> Result<Progress> {
        for (issue, kept) in self.kept {
            db.run(
                "update issue set kept = kept + ?2 where id = ?1",
                &[issue.into(), kept.into()],
            )?;
        }
        runs::write_events(db, self.keys)?;
        if self.event_end > 0 {
            runs::raise_events(db, self.event_end)?;
        }
        // What is imported is counted by the records of issues.
        let last = runs::next_event(db)? - 1;
        marks::set(db, COUNTED, last)?;
        for (at, entries) in self.memory {
            runs::write_memory(db, entries, at)?;
        }
        Ok(self.progress)
    }
}

fn write_project(db: &mut dyn Engine, project: &Project) -> Result<bool> {
    let live = &project.settings.live_environments;
    let live = serde_json::to_string(live).expect("strings always serialize");
    let values: [Value<'_>; 5] = [
        project.number.into(),
        project.project_id.as_str().into(),
        project.created_at.into(),
        project.last_report_at.into(),
        live.as_str().into(),
    ];
    let sql = "insert into project (id, name, created_at, last_report_at, live_environments) \
         values (?1, ?2, ?3, ?4, ?5) on conflict do nothing";
    Ok(db.run(sql, &values)? > 0)
}

/// What stands beside an issue's own row.
fn write_issue_text(db: &mut dyn Engine, issue: &Issue) -> Result<()> {
    let id = Value::from(issue.id);
    db.run(
        "insert into issue_text (issue, type, message, file_path, line_number, code, culprit) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            id,
            issue.kind.as_str().into(),
            issue.message.as_str().into(),
            issue.file_path.as_str().into(),
            issue.line_number.into(),
            issue.code.as_deref().into(),
            issue.culprit.as_deref().into(),
        ],
    )?;
    for code in &issue.codes {
        let sql = "insert into issue_code (issue, code) values (?1, ?2) on conflict do nothing";
        db.run(sql, &[id, code.as_str().into()])?;
    }
    let sketch = from_hex(&issue.users_sketch).unwrap_or_default();
    if !sketch.is_empty() {
        let sql = "insert into user_sketch (issue, body) values (?1, ?2)";
        db.run(sql, &[id, sketch.as_slice().into()])?;
    }
    Ok(())
}

/// What comes later gets numbers above those that the other server has given.
fn raise_numbers(db: &mut dyn Engine, end: &End) -> Result<()> {
    runs::raise_events(db, end.next_event_number)?;
    db.raise_number("issue", end.next_issue_id - 1)?;
    db.raise_number("history", end.next_history_id - 1)?;
    db.raise_number("deploy", end.next_deploy_id - 1)
}
