//! Whether a database is sound: its pages, and its counts against each other. It reads only, and
//! takes as long as it takes, so it is for a file that nobody writes to.

use std::collections::BTreeSet;
use std::path::Path;

use super::engine::{Engine, all, first};
use super::error::{Error, Result};
use super::import;
use super::migrate;
use super::record::{self, Slices};
use super::sqlite::Sqlite;

/// Faults of the pages that are told at most: the first ones say what matters.
const FAULTS_MAX: i64 = 5;

/// How thoroughly to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every page and every count, in little memory; an index is not compared with its table.
    Quick,
    /// Everything.
    Full,
}

/// What a database holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The version of its schema.
    pub schema: i64,
    /// Projects.
    pub projects: i64,
    /// Issues.
    pub issues: i64,
    /// Stored events.
    pub events: i64,
    /// Counted reports.
    pub reports: i64,
    /// When the newest event came, in milliseconds since 1970.
    pub newest_at: Option<i64>,
}

/// What a look found. Without a fault it is sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is in it; all 0 when it could not be counted.
    pub held: Held,
    /// One sentence each, without a stop.
    pub faults: Vec<String>,
}

/// Looks at everything. A file that cannot be read as a database is a fault too.
pub fn verify(db: &mut Sqlite, depth: Depth) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    match examine(db, depth, &mut verdict) {
        // SQLite's word for what it stumbled over.
        Err(Error::Engine(why) | Error::Damaged(why)) => {
            verdict.faults.push(format!("it is damaged: {why}"))
        }
        other => other?,
    }
    Ok(verdict)
}

fn examine(db: &mut Sqlite, depth: Depth, verdict: &mut Verdict) -> Result<()> {
    let schema = migrate::version(db)?;
    verdict.held.schema = schema;
    if let Err(Error::Engine(why)) = migrate::check(db) {
        verdict.faults.push(why);
        return Ok(());
    }
    if schema <= 0 {
        verdict.faults.push("it is no database of Log Center".into());
        return Ok(());
    }
    verdict.faults.extend(changed_schema(db, schema)?);
    let check = if depth == Depth::Full { "integrity_check" } else { "quick_check" };
    let sql = format!("pragma {check}({FAULTS_MAX})");
    let said = all(db, &sql, &[], |row| row.text(0).to_owned())?;
    let broken = said.into_iter().filter(|one| one != "ok");
    verdict.faults.extend(broken.map(|one| format!("it is damaged: {}", one.replace('\n', " "))));
    if verdict.faults.is_empty() {
        count(db, depth, verdict)?;
    }
    Ok(())
}

/// What another program made or removed beside the rows: a lost index makes reads slow, a trigger
/// can remove what is stored. Of an older schema nothing is known.
fn changed_schema(db: &mut Sqlite, schema: i64) -> Result<Vec<String>> {
    if schema != migrate::SCHEMA_VERSION {
        return Ok(Vec::new());
    }
    let mut fresh = Sqlite::open_writer(Path::new(":memory:"))?;
    migrate::migrate(&mut fresh)?;
    let names = |db: &mut Sqlite| {
        // SQLite's own statistics do no harm.
        let sql =
            "select type || ' ' || name from sqlite_master where name not like 'sqlite_stat%'";
        Ok::<BTreeSet<String>, Error>(
            all(db, sql, &[], |row| row.text(0).to_owned())?.into_iter().collect(),
        )
    };
    let (expected, found) = (names(&mut fresh)?, names(db)?);
    let missing = expected.difference(&found).map(|name| format!("its {name} is missing"));
    let foreign =
        found.difference(&expected).map(|name| format!("its {name} is another program's"));
    Ok(missing.chain(foreign).collect())
}

fn count(db: &mut Sqlite, depth: Depth, verdict: &mut Verdict) -> Result<()> {
    let Verdict { held, faults } = verdict;
    let mut number =
        |sql: &str| Ok::<i64, Error>(first(db, sql, &[], |row| row.int(0))?.unwrap_or(0));
    held.projects = number("select count(*) from project where name >= ' '")?;
    held.issues = number("select count(*) from issue")?;
    held.events = number("select count(*) from event")?;
    let counted = number("select sum(count) from issue")?;
    held.reports = counted;
    let in_hours = number("select sum(count) from hour_count")?;
    let kept = number("select sum(kept) from issue")?;
    let untold =
        number("select count(*) from issue where id not in (select issue from issue_text)")?;
    let newest = "select received_at from event order by id desc limit 1";
    held.newest_at = first(db, newest, &[], |row| row.int(0))?;
    let import = import::progress(db)?.state;
    if import.is_open() {
        // Its counts come before its issues.
        return Ok(());
    }
    let mut issues = count_hours(db)?;
    if issues.uneven > 0 || in_hours != counted {
        faults.push(format!(
            "{counted} reports are counted by issues, {in_hours} by hours; {} issues differ",
            issues.uneven
        ));
    }
    let owed = record::uncounted(db, &mut issues.slices)?;
    held.reports += owed;
    // An export tells projects and issues of a running server at different moments.
    if import == import::State::None && issues.slices != project_slices(db)? {
        faults.push("the counts of projects are not those of their issues".into());
    }
    if kept + owed != held.events {
        let known = kept + owed;
        faults.push(format!("{} events are stored, {known} are known to issues", held.events));
    } else if depth == Depth::Full && owed == 0 {
        let strays = first(db, STRAYS, &[], |row| row.int(0))?.unwrap_or(0);
        if strays > 0 {
            faults.push(format!("{strays} issues know of other events than are stored"));
        }
        let unlike = match held.schema {
            ..5 => 0,
            _ => first(db, UNLIKE, &[], |row| row.int(0))?.unwrap_or(0),
        };
        if unlike > 0 {
            faults.push(format!("{unlike} issues know of other levels than their reports have"));
        }
    }
    if untold > 0 {
        faults.push(format!("{untold} issues are without their text"));
    }
    Ok(())
}

/// Issues that know of more or fewer events than are stored of them.
const STRAYS: &str = "select count(*) from \
    (select issue, count(*) as stored from event group by issue) \
    full join issue on issue.id = issue where coalesce(stored, 0) <> coalesce(kept, 0)";

/// Issues that know of more or fewer levels than their reports have had; before schema 5 they knew
/// none.
const UNLIKE: &str = "select count(*) from issue left join \
    (select issue, sum(distinct 1 << level) as levels from issue_slice group by issue) s \
    on s.issue = issue.id where issue.levels <> coalesce(s.levels, 0)";

#[derive(Default)]
struct Hours {
    slices: Slices,
    /// Issues whose count is not the sum of their hours.
    uneven: i64,
}

/// Sums the hours of every issue, in the order of the table, so that little is held at once.
fn count_hours(db: &mut Sqlite) -> Result<Hours> {
    let mut hours = Hours::default();
    // The issue that is summed: its number, its count, its sum so far.
    let mut open = (0, 0, 0);
    db.each(
        "select issue.id, project, issue.count, environment, version, hour_count.level, \
         hour_count.count from issue left join hour_count on hour_count.issue = issue.id \
         order by issue.id",
        &[],
        &mut |row| {
            if row.int(0) != open.0 {
                hours.uneven += i64::from(open.1 != open.2);
                open = (row.int(0), row.int(2), 0);
            }
            open.2 += row.int(6);
            if row.int(6) != 0 {
                let slice = [row.int(1), row.int(3), row.int(4), row.int(5)];
                *hours.slices.entry(slice).or_default() += row.int(6);
            }
            true
        },
    )?;
    hours.uneven += i64::from(open.1 != open.2);
    Ok(hours)
}

fn project_slices(db: &mut Sqlite) -> Result<Slices> {
    let mut slices = Slices::new();
    let sql = "select project, environment, version, level, count from project_hour";
    db.each(sql, &[], &mut |row| {
        let slice = [row.int(0), row.int(1), row.int(2), row.int(3)];
        *slices.entry(slice).or_default() += row.int(4);
        true
    })?;
    slices.retain(|_, count| *count != 0);
    Ok(slices)
}
