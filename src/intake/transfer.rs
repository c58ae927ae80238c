//! Reads the lines of an export. What comes out is well-formed; what is not comes out as faults
//! with their lines. The text is taken as it stands: it was scrubbed and trimmed when it was
//! reported, and must stay the same.

mod event;
mod members;

use super::field::Fields;
use super::{Intake, body};
use crate::domain::change::{LIVE_ENVIRONMENTS_MAX, PERSON_CHARS_MAX};
use crate::domain::issue::{Deploy, HistoryEntry, Settings};
use crate::domain::report::{Fault, NAME_CHARS_MAX};
use crate::domain::sketch::Sketch;
use crate::domain::transfer::{
    self, Count, End, Environment, FORMAT, Header, History, Issue, Line, Memory, NUMBER_MAX, Page,
    Project, ProjectCount, Record, Version,
};
use members::Members;

/// Faults after which the other lines are not read.
const FAULTS_MAX: usize = 20;
/// A context may be nested as deep as a report, below what the reader put it into.
const DEPTH_MAX: usize = body::DEPTH_MAX + 8;
/// Characters of a version, a type or another word at most: those of a report, and some.
const WORD_CHARS_MAX: usize = 512;
/// Characters of a message or a note at most: those of a report, and what scrubbing may add.
const TEXT_CHARS_MAX: usize = 65_536;
/// Digits of a remembered `event_id`.
const MEMORY_DIGITS: usize = 32;

/// A line and its number in the file.
#[derive(Debug)]
pub struct ReadLine {
    /// Counted from 1.
    pub number: i64,
    /// What stands there.
    pub line: Line,
}

impl Intake<'_> {
    /// Reads lines of an export, of which the first has this number in the file. Every line counts,
    /// also an empty one, which says nothing.
    ///
    /// # Errors
    /// The first faults, each with its line and its member.
    pub fn transfer(&self, body: &[u8], from_line: i64) -> Result<Vec<ReadLine>, Vec<Fault>> {
        let mut read = Vec::new();
        let mut faults: Vec<Fault> = Vec::new();
        for (number, line) in (from_line..).zip(lines(body)) {
            let text = body::text(line);
            if text.is_empty() {
                continue;
            }
            match self.line(&text) {
                Ok(line) => read.push(ReadLine { number, line }),
                Err(found) => faults.extend(found.into_iter().map(|fault| at_line(number, fault))),
            }
            if faults.len() >= FAULTS_MAX {
                break;
            }
        }
        faults.truncate(FAULTS_MAX);
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    fn line(&self, text: &str) -> Result<Line, Vec<Fault>> {
        let json = body::value(text, DEPTH_MAX).map_err(|fault| vec![fault])?;
        let mut fields = Fields::new(self);
        let line = read(&mut fields, &json);
        let faults = fields.into_faults();
        match line {
            Some(line) if faults.is_empty() => Ok(line),
            _ => Err(faults),
        }
    }
}

/// The lines of a body; what follows the last line feed is one more, unless it is nothing.
pub fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = body.strip_suffix(b"\n").unwrap_or(body);
    let some = if body.is_empty() { None } else { Some(whole.split(|byte| *byte == b'\n')) };
    some.into_iter().flatten()
}

/// Says in which line a fault is.
fn at_line(number: i64, fault: Fault) -> Fault {
    let field = match fault.field.as_str() {
        "" => format!("line {number}"),
        field => format!("line {number}, {field}"),
    };
    Fault { field, ..fault }
}

/// `None` only beside a fault.
fn read(fields: &mut Fields<'_>, json: &str) -> Option<Line> {
    if !json.starts_with('{') {
        fields.expected("", "a JSON object", json);
        return None;
    }
    let mut of = Members::of(fields, "", json);
    let kind = of.text("kind", WORD_CHARS_MAX)?;
    let record = match kind.as_str() {
        "header" => header(&mut of)?,
        "project" => project(&mut of)?,
        "environment" => Record::Environment(Environment {
            project_id: of.project_id()?,
            environment: of.name("environment", NAME_CHARS_MAX)?,
        }),
        "version" => Record::Version(Version {
            project_id: of.project_id()?,
            version: of.text("version", WORD_CHARS_MAX)?,
        }),
        "deploy" => deploy(&mut of)?,
        "project_count" => project_count(&mut of)?,
        "issue" => issue(&mut of)?,
        "count" => count(&mut of)?,
        "history" => history(&mut of)?,
        "event" => return event::read(&mut of).map(|event| Line::Event(Box::new(event))),
        "memory" => memory(&mut of)?,
        "page" => Record::Page(Page { next_cursor: of.text("next_cursor", TEXT_CHARS_MAX)? }),
        "end" => end(&mut of)?,
        other => {
            of.refuse("kind", &format!("expected a kind of record, got {other:?}"));
            return None;
        }
    };
    of.finish();
    Some(Line::Record(record))
}

fn header(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    let format = of.number("format", 1, NUMBER_MAX)?;
    if format > FORMAT {
        of.leave();
        of.refuse(
            "format",
            &format!(
                "the file has format {format} and this Log Center reads formats up to {FORMAT}: \
                 install a newer one"
            ),
        );
        return None;
    }
    let export_id = of.text("export_id", WORD_CHARS_MAX)?;
    if transfer::export_number(&export_id).is_none() {
        of.refuse("export_id", "expected 16 hex digits");
    }
    Some(Record::Header(Header {
        format,
        export_id,
        version: of.text("version", WORD_CHARS_MAX)?,
        exported_at: of.time("exported_at")?,
    }))
}

fn project(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    let number = of.number("number", 1, NUMBER_MAX)?;
    let project_id = of.project_id()?;
    let created_at = of.time("created_at")?;
    let last_report_at = of.opt_time("last_report_at");
    let mut settings = of.object("settings")?;
    let live_environments =
        settings.names("live_environments", NAME_CHARS_MAX, LIVE_ENVIRONMENTS_MAX)?;
    settings.finish();
    let settings = Settings { live_environments };
    Some(Record::Project(Project { number, project_id, created_at, last_report_at, settings }))
}

fn deploy(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    Some(Record::Deploy(Deploy {
        id: of.number("id", 1, NUMBER_MAX)?,
        project_id: of.project_id()?,
        version: of.text("version", WORD_CHARS_MAX)?,
        environment: of.opt_name("environment", NAME_CHARS_MAX),
        commit_hash: of.opt_text("commit_hash", WORD_CHARS_MAX),
        at: of.time("at")?,
        who: of.name("who", PERSON_CHARS_MAX)?,
        moved: of.number("moved", 0, NUMBER_MAX)?,
    }))
}

fn project_count(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    Some(Record::ProjectCount(ProjectCount {
        project_id: of.project_id()?,
        hour: of.hour("hour")?,
        environment: of.name("environment", NAME_CHARS_MAX)?,
        version: of.opt_text("version", WORD_CHARS_MAX),
        level: of.level()?,
        count: of.number("count", 1, NUMBER_MAX)?,
    }))
}

fn issue(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    let sketch = of.hex("users_sketch")?;
    if Sketch::from_bytes(&sketch).is_none() {
        of.refuse("users_sketch", "expected the hex digits that an export wrote");
    }
    Some(Record::Issue(Box::new(Issue {
        id: of.number("id", 1, NUMBER_MAX)?,
        project_id: of.project_id()?,
        fingerprint: of.fingerprint()?,
        status: of.status("status")?,
        level: of.level()?,
        kind: of.any_text("type", WORD_CHARS_MAX)?,
        code: of.opt_text("code", WORD_CHARS_MAX),
        codes: of.texts("codes", WORD_CHARS_MAX)?,
        message: of.any_text("message", TEXT_CHARS_MAX)?,
        file_path: of.any_text("file_path", TEXT_CHARS_MAX)?,
        line_number: of.number("line_number", 0, i64::MAX)?,
        culprit: of.opt_text("culprit", TEXT_CHARS_MAX),
        count: of.number("count", 1, NUMBER_MAX)?,
        users: of.number("users", 0, NUMBER_MAX)?,
        users_sketch: crate::domain::fingerprint::hex(&sketch),
        first_seen: of.time("first_seen")?,
        last_seen: of.time("last_seen")?,
        first_version: of.opt_text("first_version", WORD_CHARS_MAX),
        last_version: of.opt_text("last_version", WORD_CHARS_MAX),
        deployed_version: of.opt_text("deployed_version", WORD_CHARS_MAX),
        regressed: of.flag("regressed")?,
        touched: of.flag("touched")?,
        assignee: of.opt_name("assignee", PERSON_CHARS_MAX),
        muted_until: of.mute("muted_until"),
        first_event_number: of.number("first_event_number", 0, NUMBER_MAX)?,
        latest_event_number: of.number("latest_event_number", 0, NUMBER_MAX)?,
    })))
}

fn count(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    Some(Record::Count(Count {
        issue_id: of.number("issue_id", 1, NUMBER_MAX)?,
        hour: of.hour("hour")?,
        environment: of.name("environment", NAME_CHARS_MAX)?,
        version: of.opt_text("version", WORD_CHARS_MAX),
        level: of.level()?,
        count: of.number("count", 1, NUMBER_MAX)?,
        first_seen: of.time("first_seen")?,
        last_seen: of.time("last_seen")?,
    }))
}

const HISTORY_KINDS: [&str; 6] = ["move", "comment", "assign", "mute", "deploy", "regression"];

fn history(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    let issue_id = of.number("issue_id", 1, NUMBER_MAX)?;
    let event_number = of.opt_number("event_number", NUMBER_MAX);
    let mut entry = of.object("entry")?;
    let kind = entry.text("kind", WORD_CHARS_MAX)?;
    if !HISTORY_KINDS.contains(&kind.as_str()) {
        entry.refuse("kind", "expected move, comment, assign, mute, deploy or regression");
    }
    let read = HistoryEntry {
        id: entry.number("id", 1, NUMBER_MAX)?,
        at: entry.time("at")?,
        kind,
        from: entry.opt_status("from"),
        to: entry.opt_status("to"),
        who: entry.name("who", PERSON_CHARS_MAX)?,
        verified: entry.flag("verified")?,
        note: entry.opt_text("note", TEXT_CHARS_MAX),
        version: entry.opt_text("version", WORD_CHARS_MAX),
        commit_hash: entry.opt_text("commit_hash", WORD_CHARS_MAX),
        text: entry.opt_text("text", TEXT_CHARS_MAX),
    };
    entry.finish();
    Some(Record::History(Box::new(History { issue_id, event_number, entry: read })))
}

fn memory(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    let at = of.time("at")?;
    let ids = of.pairs("ids", |key, issue| {
        let is_key = key.len() == MEMORY_DIGITS && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_key && (1..NUMBER_MAX).contains(&issue)
    })?;
    Some(Record::Memory(Memory { at, ids }))
}

fn end(of: &mut Members<'_, '_, '_>) -> Option<Record> {
    Some(Record::End(End {
        records: of.number("records", 0, NUMBER_MAX)?,
        next_event_number: of.number("next_event_number", 1, NUMBER_MAX)?,
        next_issue_id: of.number("next_issue_id", 1, NUMBER_MAX)?,
        next_history_id: of.number("next_history_id", 1, NUMBER_MAX)?,
        next_deploy_id: of.number("next_deploy_id", 1, NUMBER_MAX)?,
    }))
}

#[cfg(test)]
mod tests;
