//! Takes an export in, page by page, into a server that holds nothing. A page is one transaction,
//! which also notes how far the import came: a page that comes again changes nothing, and a crash
//! leaves a page whole or not at all.
//!
//! Invariant: while an import is under way nothing else writes projects, issues or events, so the
//! numbers of the export are free.

mod write;

use std::collections::HashSet;

use super::engine::{Engine, all, first};
use super::error::Result;
use super::{Writer, erase, marks, projects};
use crate::domain::transfer::{Header, Record};
use write::Writing;

/// How far the last import came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether there is one.
    pub state: State,
    /// The number behind the `export_id`.
    pub export: i64,
    /// Lines of the file that are done.
    pub lines: i64,
    /// Records among them, as the end of the file counts them.
    pub records: i64,
    /// Issues that came.
    pub issues: i64,
    /// Events that came.
    pub events: i64,
    /// Records that were left out: their issue is none of the export's, or they were there already.
    pub left_out: i64,
}

/// What became of the last import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// There was none.
    #[default]
    None = 0,
    /// More is to come.
    UnderWay = 1,
    /// It is whole.
    Finished = 2,
    /// What came is being erased.
    GivenUp = 3,
}

impl State {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::UnderWay => "under_way",
            Self::Finished => "finished",
            Self::GivenUp => "given_up",
        }
    }

    /// Whether reports have to wait.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::UnderWay | Self::GivenUp)
    }
}

/// A line to store.
#[derive(Debug)]
pub enum Item {
    /// Everything but events.
    Record(Record),
    /// An event, packed.
    Event(Box<StoredEvent>),
}

/// An event on its way into the database.
#[derive(Debug)]
pub struct StoredEvent {
    /// Its number.
    pub number: i64,
    /// Its issue's number.
    pub issue: i64,
    /// The packed report.
    pub prepared: super::encode::Prepared,
}

/// Some lines of a file.
#[derive(Debug)]
pub struct Page {
    /// The number behind the `export_id`.
    pub export: i64,
    /// The number of the first line, from 1.
    pub from_line: i64,
    /// How many lines.
    pub lines: i64,
    /// What they say, each with its line.
    pub items: Vec<(i64, Item)>,
}

/// What became of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is stored, now or since an earlier time.
    Done(Progress),
    /// The server holds something.
    NotEmpty,
    /// Another export is under way.
    Another(Progress),
    /// These are not the next lines.
    NotNext(Progress),
    /// A line does not fit what came before: its number, its member, what was expected.
    Misplaced(i64, &'static str, String),
}

const KEYS: [&str; 7] = [
    "import_state",
    "import_export",
    "import_lines",
    "import_records",
    "import_issues",
    "import_events",
    "import_left_out",
];

/// How far the last import came; one of which everything was erased since is none.
pub fn progress(db: &mut dyn Engine) -> Result<Progress> {
    let progress = noted(db)?;
    if progress.state == State::Finished && is_empty(db)? {
        return Ok(Progress::default());
    }
    Ok(progress)
}

fn noted(db: &mut dyn Engine) -> Result<Progress> {
    let mut values = [0; KEYS.len()];
    let sql = "select key, value from meta where key like 'import_%'";
    db.each(sql, &[], &mut |row| {
        if let Some(at) = KEYS.iter().position(|key| *key == row.text(0)) {
            values[at] = row.int(1);
        }
        true
    })?;
    let [state, export, lines, records, issues, events, left_out] = values;
    let states = [State::None, State::UnderWay, State::Finished, State::GivenUp];
    let state = usize::try_from(state).ok().and_then(|at| states.get(at)).copied();
    let state = state.unwrap_or_default();
    Ok(Progress { state, export, lines, records, issues, events, left_out })
}

fn note(db: &mut dyn Engine, progress: &Progress) -> Result<()> {
    let values = [
        progress.state as i64,
        progress.export,
        progress.lines,
        progress.records,
        progress.issues,
        progress.events,
        progress.left_out,
    ];
    for (key, value) in KEYS.into_iter().zip(values) {
        marks::set(db, key, value)?;
    }
    Ok(())
}

/// Stores the next page in the caller's transaction, or nothing of it.
pub fn apply(writer: &mut Writer, page: Page, now: i64) -> Result<Applied> {
    let Writer { db, recorder, .. } = writer;
    let mut progress = progress(db)?;
    match progress.state {
        State::UnderWay | State::Finished if progress.export == page.export => {}
        State::None | State::Finished => {
            if !is_empty(db)? {
                return Ok(Applied::NotEmpty);
            }
            progress = Progress { export: page.export, ..Progress::default() };
        }
        State::UnderWay | State::GivenUp => return Ok(Applied::Another(progress)),
    }
    if page.from_line + page.lines - 1 <= progress.lines {
        return Ok(Applied::Done(progress));
    }
    if page.from_line != progress.lines + 1 || progress.state == State::Finished {
        return Ok(Applied::NotNext(progress));
    }
    if let Some(misplaced) = misplaced(db, &page, &progress)? {
        return Ok(misplaced);
    }
    if progress.state == State::None {
        forget_keys(db)?;
        recorder.forget(db)?;
        progress.state = State::UnderWay;
    }
    progress.lines += page.lines;
    let mut writing = Writing::new(now, progress);
    for (_, item) in page.items {
        writing.write(db, item)?;
    }
    let progress = writing.finish(db)?;
    note(db, &progress)?;
    if progress.state == State::Finished {
        recorder.forget(db)?;
        recorder.find_crowded(db)?;
    }
    Ok(Applied::Done(progress))
}

/// Whether there is no project and no issue, not even one that is being erased.
fn is_empty(db: &mut dyn Engine) -> Result<bool> {
    let sql = "select 1 from project union all select 1 from issue limit 1";
    Ok(first(db, sql, &[], |_| ())?.is_none())
}

/// Lookup keys of what was erased: the numbers they lead to are used again.
fn forget_keys(db: &mut dyn Engine) -> Result<()> {
    db.run("delete from key_run", &[])?;
    db.run("delete from loose_memory", &[])?;
    Ok(())
}

/// The first line that cannot stand where it does.
fn misplaced(db: &mut dyn Engine, page: &Page, progress: &Progress) -> Result<Option<Applied>> {
    let mut named: HashSet<&str> = HashSet::new();
    let mut records = progress.records;
    let mut ended = false;
    for (line, item) in &page.items {
        let wrong =
            |member, message: &str| Ok(Some(Applied::Misplaced(*line, member, message.to_owned())));
        if ended {
            return wrong("kind", "nothing may follow the end");
        }
        let is_header = matches!(item, Item::Record(Record::Header(_)));
        if is_header != (*line == 1) {
            return wrong("kind", "the header is the first line, and only there");
        }
        match item {
            Item::Record(Record::Page(_)) => continue,
            Item::Record(Record::Header(header)) if !is_of(header, page.export) => {
                return wrong("export_id", "the request names another export");
            }
            Item::Record(Record::End(end)) if end.records != records => {
                return wrong(
                    "records",
                    &format!("the file is not whole: {records} records came before this line"),
                );
            }
            Item::Record(Record::End(_)) => ended = true,
            Item::Record(Record::Project(project)) => {
                named.insert(&project.project_id);
            }
            Item::Record(record) => {
                if let Some(name) = project_of(record)
                    && !named.contains(name)
                {
                    if projects::number(db, name)?.is_none() {
                        return wrong("project_id", "no project of this name came before");
                    }
                    named.insert(name);
                }
            }
            Item::Event(_) => {}
        }
        records += 1;
    }
    Ok(None)
}

fn is_of(header: &Header, export: i64) -> bool {
    crate::domain::transfer::export_number(&header.export_id) == Some(export)
}

/// The project that a record names.
fn project_of(record: &Record) -> Option<&str> {
    match record {
        Record::Environment(one) => Some(&one.project_id),
        Record::Version(one) => Some(&one.project_id),
        Record::Deploy(one) => Some(&one.project_id),
        Record::ProjectCount(one) => Some(&one.project_id),
        Record::Issue(one) => Some(&one.project_id),
        _ => None,
    }
}

/// Gives an unfinished import up: the numbers of the projects that came, to be erased by
/// [`erase::project_step`]; `None` if none is unfinished. When they are gone: [`forget`].
pub fn give_up(db: &mut dyn Engine) -> Result<Option<Vec<i64>>> {
    let mut progress = progress(db)?;
    if !progress.state.is_open() {
        return Ok(None);
    }
    progress.state = State::GivenUp;
    note(db, &progress)?;
    let names =
        all(db, "select name from project where name >= ' '", &[], |row| row.text(0).to_owned())?;
    for name in names {
        erase::detach_project(db, &name)?;
    }
    erase::detached_projects(db).map(Some)
}

/// Forgets that there was an import.
pub fn forget(writer: &mut Writer) -> Result<()> {
    let Writer { db, recorder, .. } = writer;
    forget_keys(db)?;
    note(db, &Progress::default())?;
    recorder.forget(db)
}
