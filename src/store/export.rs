//! Writes everything that the database knows as records of [`crate::domain::transfer`], page by
//! page. A page is one snapshot, of about 4 MiB and at most half a second; the cursor holds all
//! that the next one needs.
//!
//! Invariants: an issue, its counts and its history are of one snapshot. What came into being after
//! the first page (projects, issues) is left out, so that no number and no fingerprint comes twice.

mod issue;
mod memory;

use std::time::{Duration, Instant};

use super::cursor;
use super::engine::{Engine, Row, first};
use super::error::{Error, Result};
use super::events::{self, Part};
use super::names::live_list;
use super::{counts, runs};
use crate::domain::issue::{Deploy, Settings};
use crate::domain::level::Level;
use crate::domain::transfer::{
    End, Environment, Event, FORMAT, Header, Page, Project, ProjectCount, Record, Version,
};

/// Bytes of a page after which it ends.
const PAGE_BYTES: usize = 4 * 1_024 * 1_024;
/// How long a page goes on: an issue that begins then still has time.
const PAGE_TIME: Duration = Duration::from_millis(400);
/// Hours of a day.
const DAY_HOURS: i64 = 24;

/// What a page needs to know beside the database.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where it begins; absent: a new export.
    pub cursor: Option<String>,
    /// Records after which it ends.
    pub records_max: i64,
    /// The name of a new export: 16 hex digits.
    pub export_id: String,
    /// The time.
    pub now: i64,
}

/// What a walk reads one after the other; the numbers stand in cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Projects = 0,
    Deploys = 1,
    ProjectCounts = 2,
    Issues = 3,
    Events = 4,
    LooseMemory = 5,
    TailMemory = 6,
    MemoryRuns = 7,
    End = 8,
    Done = 9,
}

const PHASES: [Phase; 10] = [
    Phase::Projects,
    Phase::Deploys,
    Phase::ProjectCounts,
    Phase::Issues,
    Phase::Events,
    Phase::LooseMemory,
    Phase::TailMemory,
    Phase::MemoryRuns,
    Phase::End,
    Phase::Done,
];

/// Where a walk stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    phase: Phase,
    /// The last thing written in this phase; how many numbers count depends on it.
    after: [i64; 3],
    /// The last project and issue that belong to the export.
    project_last: i64,
    issue_last: i64,
    /// The first event that does not; known from the phase of events on.
    event_end: i64,
    /// Records so far.
    records: i64,
    /// Which database it is a place of.
    origin: i64,
}

/// The kind of this list's cursors.
const CURSOR: char = 'x';

impl Place {
    fn read(text: &str) -> Option<Self> {
        let [phase, a, b, c, project_last, issue_last, event_end, records, origin] =
            cursor::read(CURSOR, text)?;
        let phase = *PHASES.get(usize::try_from(phase).ok()?)?;
        let after = [a, b, c];
        Some(Self { phase, after, project_last, issue_last, event_end, records, origin })
    }

    fn text(&self) -> String {
        let [a, b, c] = self.after;
        let phase = self.phase as i64;
        let Self { project_last, issue_last, event_end, records, origin, .. } = *self;
        let places = [phase, a, b, c, project_last, issue_last, event_end, records, origin];
        cursor::write(CURSOR, &places)
    }

    /// Goes on to the next phase.
    fn advance(&mut self) {
        self.phase = PHASES[(self.phase as usize + 1).min(PHASES.len() - 1)];
        self.after = match self.phase {
            Phase::LooseMemory => [i64::MIN; 3],
            Phase::MemoryRuns => [0, i64::MIN, i64::MIN],
            _ => [0; 3],
        };
    }
}

/// One page in the making.
struct Walk {
    place: Place,
    now: i64,
    out: Vec<u8>,
    records_before: i64,
    records_max: i64,
    begun: Instant,
}

/// The lines of a page; `None` when the cursor is none of an export of this database.
pub fn page(db: &mut dyn Engine, wanted: &Wanted) -> Result<Option<Vec<u8>>> {
    let place = match &wanted.cursor {
        None => beginning(db)?,
        Some(text) => match Place::read(text) {
            Some(place) if place.phase != Phase::Done && place.origin == origin(db)? => place,
            _ => return Ok(None),
        },
    };
    let mut walk = Walk {
        place,
        now: wanted.now,
        out: Vec::new(),
        records_before: place.records,
        records_max: wanted.records_max,
        begun: Instant::now(),
    };
    if wanted.cursor.is_none() {
        walk.write(&Record::Header(Header {
            format: FORMAT,
            export_id: wanted.export_id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            exported_at: wanted.now,
        }));
    }
    while walk.place.phase != Phase::Done && !walk.is_full() {
        let (place, bytes) = (walk.place, walk.out.len());
        match walk.step(db) {
            Ok(()) => {}
            // Half of it would be a lie: the next page begins with it and has a second of its own.
            Err(Error::Interrupted) if bytes > 0 => {
                walk.place = place;
                walk.out.truncate(bytes);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if walk.place.phase != Phase::Done {
        let next_cursor = walk.place.text();
        line(&mut walk.out, &Record::Page(Page { next_cursor }));
    }
    Ok(Some(walk.out))
}

fn beginning(db: &mut dyn Engine) -> Result<Place> {
    let last = first(
        db,
        "select (select max(id) from project), (select max(id) from issue)",
        &[],
        |row| (row.int(0), row.int(1)),
    )?;
    let (project_last, issue_last) = last.unwrap_or_default();
    Ok(Place {
        phase: Phase::Projects,
        after: [0; 3],
        project_last,
        issue_last,
        event_end: 0,
        records: 0,
        origin: origin(db)?,
    })
}

/// Tells one database from another: when its first project came.
fn origin(db: &mut dyn Engine) -> Result<i64> {
    let sql = "select created_at from project order by id limit 1";
    Ok(first(db, sql, &[], |row| row.int(0))?.unwrap_or_default())
}

fn line(out: &mut Vec<u8>, record: &Record) {
    serde_json::to_writer(&mut *out, record).expect("records have string keys");
    out.push(b'\n');
}

/// Whether a project is being erased: then nothing of it is told.
fn is_hidden(name: &str) -> bool {
    name < " "
}

fn level(row: &dyn Row, at: usize) -> Level {
    Level::from_code(row.int(at))
}

impl Walk {
    fn write(&mut self, record: &Record) {
        line(&mut self.out, record);
        self.place.records += 1;
    }

    fn is_full(&self) -> bool {
        self.out.len() >= PAGE_BYTES
            || self.place.records - self.records_before >= self.records_max
            || self.begun.elapsed() >= PAGE_TIME
    }

    /// Writes what is next: as much as belongs together, or as fits.
    fn step(&mut self, db: &mut dyn Engine) -> Result<()> {
        match self.place.phase {
            Phase::Projects => self.project(db),
            Phase::Deploys => self.deploys(db),
            Phase::ProjectCounts => self.project_counts(db),
            Phase::Issues => self.issue(db),
            Phase::Events => self.events(db),
            Phase::LooseMemory => self.loose_memory(db),
            Phase::TailMemory => self.tail_memory(db),
            Phase::MemoryRuns => self.memory_run(db),
            Phase::End => self.end(db),
            Phase::Done => Ok(()),
        }
    }

    /// The next project with all its names.
    fn project(&mut self, db: &mut dyn Engine) -> Result<()> {
        let found = first(
            db,
            "select id, name, created_at, last_report_at, live_environments from project \
             where id > ?1 and id <= ?2 order by id limit 1",
            &[self.place.after[0].into(), self.place.project_last.into()],
            |row| Project {
                number: row.int(0),
                project_id: row.text(1).to_owned(),
                created_at: row.int(2),
                last_report_at: row.opt_int(3),
                settings: Settings { live_environments: live_list(row.text(4)) },
            },
        )?;
        let Some(project) = found else {
            self.place.advance();
            return Ok(());
        };
        let (number, project_id) = (project.number, project.project_id.clone());
        self.place.after[0] = number;
        if is_hidden(&project_id) {
            return Ok(());
        }
        self.write(&Record::Project(project));
        let sql = "select name from environment where project = ?1 order by id";
        db.each(sql, &[number.into()], &mut |row| {
            let environment = row.text(0).to_owned();
            let project_id = project_id.clone();
            self.write(&Record::Environment(Environment { project_id, environment }));
            true
        })?;
        let sql = "select name from version where project = ?1 order by id";
        db.each(sql, &[number.into()], &mut |row| {
            let (project_id, version) = (project_id.clone(), row.text(0).to_owned());
            self.write(&Record::Version(Version { project_id, version }));
            true
        })
    }

    fn deploys(&mut self, db: &mut dyn Engine) -> Result<()> {
        let mut stopped = false;
        db.each(
            "select d.id, p.name, v.name, d.environment, d.commit_hash, d.at, d.who, d.moved \
             from deploy d join project p on p.id = d.project \
             left join version v on v.id = d.version \
             where d.id > ?1 and d.project <= ?2 order by d.id",
            &[self.place.after[0].into(), self.place.project_last.into()],
            &mut |row| {
                stopped = self.is_full();
                if stopped {
                    return false;
                }
                self.place.after[0] = row.int(0);
                if !is_hidden(row.text(1)) {
                    self.write(&Record::Deploy(Deploy {
                        id: row.int(0),
                        project_id: row.text(1).to_owned(),
                        version: row.text(2).to_owned(),
                        environment: row.opt_string(3),
                        commit_hash: row.opt_string(4),
                        at: row.int(5),
                        who: row.text(6).to_owned(),
                        moved: row.int(7),
                    }));
                }
                true
            },
        )?;
        self.done_unless(stopped);
        Ok(())
    }

    /// Hours of projects. A page ends with a whole day, since old hours are summed into their day.
    fn project_counts(&mut self, db: &mut dyn Engine) -> Result<()> {
        let [project, hour, _] = self.place.after;
        let mut last = None;
        let mut stopped = false;
        db.each(
            "select h.project, h.hour, p.name, e.name, v.name, h.level, h.count \
             from project_hour h join project p on p.id = h.project \
             left join environment e on e.id = h.environment \
             left join version v on v.id = h.version \
             where (h.project, h.hour) > (?1, ?2) and h.project <= ?3 and h.count > 0 \
             order by h.project, h.hour, h.environment, h.version, h.level",
            &[project.into(), hour.into(), self.place.project_last.into()],
            &mut |row| {
                let day = (row.int(0), row.int(1).div_euclid(DAY_HOURS));
                stopped = last.is_some_and(|last| last != day) && self.is_full();
                if stopped {
                    return false;
                }
                last = Some(day);
                self.place.after = [row.int(0), row.int(1), 0];
                if !is_hidden(row.text(2)) {
                    self.write(&Record::ProjectCount(ProjectCount {
                        project_id: row.text(2).to_owned(),
                        hour: row.int(1) * counts::HOUR_MS,
                        environment: row.text(3).to_owned(),
                        version: row.opt_string(4),
                        level: level(row, 5),
                        count: row.int(6),
                    }));
                }
                true
            },
        )?;
        self.done_unless(stopped);
        Ok(())
    }

    fn events(&mut self, db: &mut dyn Engine) -> Result<()> {
        let sql = format!(
            "select {} where e.id > ?1 and e.id < ?2 and e.issue <= ?3 order by e.id",
            events::COLUMNS
        );
        let place = self.place;
        let values = [place.after[0].into(), place.event_end.into(), place.issue_last.into()];
        let mut stopped = false;
        db.each(&sql, &values, &mut |row| {
            stopped = self.is_full();
            if stopped {
                return false;
            }
            self.place.after[0] = row.int(0);
            if !is_hidden(row.text(2)) {
                let event = events::event(row, Part::Whole);
                self.write(&Record::Event(Box::new(Event { number: event.id, event })));
            }
            true
        })?;
        self.done_unless(stopped);
        Ok(())
    }

    fn end(&mut self, db: &mut dyn Engine) -> Result<()> {
        let end = End {
            records: self.place.records,
            next_event_number: runs::next_event(db)?,
            next_issue_id: db.last_number("issue")? + 1,
            next_history_id: db.last_number("history")? + 1,
            next_deploy_id: db.last_number("deploy")? + 1,
        };
        line(&mut self.out, &Record::End(end));
        self.place.advance();
        Ok(())
    }

    fn done_unless(&mut self, stopped: bool) {
        if !stopped {
            self.place.advance();
        }
    }
}
