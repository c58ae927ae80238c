//! The SQLite engine: only it and the file below it know rusqlite.
//!
//! Invariant: the writing connection commits with `synchronous=FULL`, so a commit that returned is
//! on disk, unless [`Sqlite::confirm_apart`] has split the two; readers are separate, read-only
//! connections that never block it.

mod copying;
mod log;
mod statements;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};

pub use copying::Copied;
use copying::Copying;
use log::Log;
use statements::Statements;

use super::engine::{Checkpoint, Confirm, Engine, Row, Value, first};
use super::error::{Error, Result};
use super::filter;
use crate::domain::search;

/// Rows of 300 bytes waste a tenth of 8 KiB pages and a third of 4 KiB ones.
const PAGE_BYTES: i64 = 8_192;
/// How long the writer waits for another program's lock, and for readers before it starts the log
/// of writes anew. Whoever reports waits for three seconds, and may wait behind two others.
const WRITER_WAIT_MAX: Duration = Duration::from_millis(800);
/// Page cache of the writer, in KiB. Twice as much made nothing faster: what was written flows
/// through it, and what is read again is in the system's cache.
const WRITER_CACHE_KIB: i64 = 6_144;
/// Page cache of each reader, in KiB.
const READER_CACHE_KIB: i64 = 2_048;
/// A reading query may take this long; a longer one would hold a snapshot and grow the WAL.
const READ_TIME_MAX: Duration = Duration::from_secs(1);

/// A connection to the database file.
pub struct Sqlite {
    /// Before the connection that it copies, so that it is dropped first.
    copying: Option<Copying>,
    statements: Statements,
    deadline: Option<Arc<Mutex<Deadline>>>,
}

/// When a running read must end; checked by SQLite every few thousand steps.
#[derive(Clone, Copy)]
struct Deadline {
    read: Instant,
    /// Of a part of it.
    part: Option<Instant>,
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl Row for SqliteRow<'_> {
    fn int(&self, at: usize) -> i64 {
        self.opt_int(at).unwrap_or(0)
    }

    fn opt_int(&self, at: usize) -> Option<i64> {
        match self.0.get_ref(at) {
            Ok(ValueRef::Integer(value)) => Some(value),
            Ok(ValueRef::Real(value)) => Some(value as i64),
            _ => None,
        }
    }

    fn text(&self, at: usize) -> &str {
        self.opt_text(at).unwrap_or("")
    }

    fn opt_text(&self, at: usize) -> Option<&str> {
        match self.0.get_ref(at) {
            Ok(ValueRef::Text(bytes)) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    fn blob(&self, at: usize) -> &[u8] {
        match self.0.get_ref(at) {
            Ok(ValueRef::Blob(bytes)) => bytes,
            _ => &[],
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn fault(error: &rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(code, _) = error else {
        return Error::Engine(error.to_string());
    };
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy,
        ErrorCode::DiskFull => Error::Full,
        ErrorCode::OperationInterrupted => Error::Interrupted,
        ErrorCode::SystemIoFailure if is_sync(code.extended_code) => Error::Sync(error.to_string()),
        ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen => {
            Error::Unwritable(error.to_string())
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::Damaged(error.to_string()),
        _ => Error::Engine(error.to_string()),
    }
}

/// SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC (<https://sqlite.org/rescode.html>).
const fn is_sync(extended: i32) -> bool {
    extended == (10 | (4 << 8)) || extended == (10 | (5 << 8))
}

impl Sqlite {
    /// Opens the one writing connection; creates the file when it is missing. Nothing is written
    /// before [`Self::prepare_to_write`].
    pub fn open_writer(path: &Path) -> Result<Self> {
        let connection = Connection::open(path).map_err(|error| fault(&error))?;
        set_up(&connection)?;
        let writer = Self { copying: None, statements: Statements::of(connection), deadline: None };
        writer.merge_log_at_end(false)?;
        Ok(writer)
    }

    /// Whether closing moves the log of writes into the file. Not before the database has shown
    /// itself sound: of a damaged one every byte may matter.
    pub fn merge_log_at_end(&self, on: bool) -> Result<()> {
        self.connection()
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !on)
            .map(|_| ())
            .map_err(|error| fault(&error))
    }

    /// Opens a database that nobody is to change, for a look that takes as long as it takes.
    pub fn open_to_verify(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        // A log has to be read; without one no file needs to be made beside this one.
        let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
        let address = uri(path, if has_log { "" } else { "?immutable=1" });
        let connection =
            Connection::open_with_flags(address, flags).map_err(|error| fault(&error))?;
        let settings = format!("pragma cache_size = -{READER_CACHE_KIB};");
        connection.execute_batch(&settings).map_err(|error| fault(&error))?;
        Ok(Self { copying: None, statements: Statements::of(connection), deadline: None })
    }

    /// Sets how the writing connection writes.
    pub fn prepare_to_write(&mut self) -> Result<()> {
        let settings = format!(
            "pragma page_size = {PAGE_BYTES};
             pragma auto_vacuum = incremental;
             pragma journal_mode = wal;
             pragma synchronous = full;
             pragma wal_autocheckpoint = 0;
             pragma secure_delete = fast;
             pragma foreign_keys = off;
             pragma temp_store = memory;
             pragma cache_size = -{WRITER_CACHE_KIB};
             pragma journal_size_limit = 67108864;"
        );
        self.script(&settings)?;
        self.connection().busy_timeout(WRITER_WAIT_MAX).map_err(|error| fault(&error))
    }

    /// From here on a commit of this writer does not wait for the disk: a power cut may undo it,
    /// whole and in order, until [`Confirm::confirm`] has begun after it and gone well. `path`: the
    /// database's file.
    pub fn confirm_apart(&mut self, path: &Path) -> Result<Box<dyn Confirm>> {
        let log = Log::of(path)?;
        // With a WAL, NORMAL leaves out just the sync of a commit.
        self.script("pragma synchronous = normal")?;
        Ok(Box::new(log))
    }

    /// Opens one more connection that only reads.
    pub fn open_reader(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(path, flags).map_err(|error| fault(&error))?;
        let settings =
            format!("pragma temp_store = memory; pragma cache_size = -{READER_CACHE_KIB};");
        connection.execute_batch(&settings).map_err(|error| fault(&error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| fault(&error))?;
        set_up(&connection)?;
        let read = Instant::now() + READ_TIME_MAX;
        let deadline = Arc::new(Mutex::new(Deadline { read, part: None }));
        let seen = Arc::clone(&deadline);
        connection
            .progress_handler(
                4_000,
                Some(move || {
                    let ends = seen.lock().map(|at| at.part.map_or(at.read, |it| it.min(at.read)));
                    ends.is_ok_and(|at| Instant::now() > at)
                }),
            )
            .map_err(|error| fault(&error))?;
        Ok(Self { copying: None, statements: Statements::of(connection), deadline: Some(deadline) })
    }

    /// Opens a connection that only moves the WAL into the file, beside the writer.
    pub fn open_checkpointer(path: &Path) -> Result<Self> {
        let connection = Connection::open(path).map_err(|error| fault(&error))?;
        connection
            .execute_batch("pragma wal_autocheckpoint = 0; pragma synchronous = full;")
            .map_err(|error| fault(&error))?;
        Ok(Self { copying: None, statements: Statements::of(connection), deadline: None })
    }

    fn connection(&self) -> &Connection {
        self.statements.connection()
    }

    /// Runs several statements that take no values.
    pub(super) fn script(&mut self, sql: &str) -> Result<()> {
        self.connection().execute_batch(sql).map_err(|error| fault(&error))
    }

    /// Starts the clock of a read.
    pub fn start_reading(&self) {
        self.set_deadline(|deadline| {
            *deadline = Deadline { read: Instant::now() + READ_TIME_MAX, part: None };
        });
    }

    fn set_deadline(&self, set: impl FnOnce(&mut Deadline)) {
        if let Some(deadline) = &self.deadline
            && let Ok(mut deadline) = deadline.lock()
        {
            set(&mut deadline);
        }
    }
}

/// A path as SQLite takes it with parameters behind it.
fn uri(path: &Path, parameters: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'_' | b'-' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri + parameters
}

/// Registers functions that SQL lacks (matching that knows every alphabet, and wild cards), and has
/// every statement planned once: else SQLite plans one with `limit ?` anew at each run, which takes
/// longer than most of them.
fn set_up(connection: &Connection) -> Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| fault(&error))?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("contains_folded", 2, flags, |context| {
            let text = context.get_raw(0).as_str_or_null()?.unwrap_or("");
            let needle = context.get_raw(1).as_str_or_null()?.unwrap_or("");
            Ok(search::contains_folded(text, needle))
        })
        .map_err(|error| fault(&error))?;
    for (name, path) in [("matches_pattern", false), ("matches_path", true)] {
        connection
            .create_scalar_function(name, 2, flags, move |context| {
                let Some(text) = context.get_raw(0).as_str_or_null()? else { return Ok(false) };
                let pattern = filter::decoded(context.get_raw(1).as_str_or_null()?.unwrap_or(""));
                Ok(if path { pattern.matches_path(text) } else { pattern.matches(text) })
            })
            .map_err(|error| fault(&error))?;
    }
    Ok(())
}

fn hand_over(
    statement: &mut Statement<'_>,
    values: &[Value<'_>],
    row: &mut dyn FnMut(&dyn Row) -> bool,
) -> rusqlite::Result<()> {
    let mut rows = statement.query(rusqlite::params_from_iter(values.iter()))?;
    while let Some(found) = rows.next()? {
        if !row(&SqliteRow(found)) {
            break;
        }
    }
    Ok(())
}

impl Engine for Sqlite {
    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        let values = rusqlite::params_from_iter(values.iter());
        let done = self.statements.with(sql, |statement| statement.execute(values));
        done.map_err(|error| fault(&error))
    }

    fn insert(&mut self, sql: &str, values: &[Value<'_>]) -> Result<i64> {
        self.run(sql, values)?;
        Ok(self.connection().last_insert_rowid())
    }

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> bool,
    ) -> Result<()> {
        let done = self.statements.with(sql, |statement| hand_over(statement, values, row));
        done.map_err(|error| fault(&error))
    }

    fn hurry(&mut self, time: Option<Duration>) {
        self.set_deadline(|deadline| deadline.part = time.map(|time| Instant::now() + time));
    }

    fn begin(&mut self) -> Result<()> {
        // A reader only wants one snapshot for several statements.
        let sql = if self.deadline.is_some() { "begin" } else { "begin immediate" };
        self.run(sql, &[]).map(|_| ())
    }

    fn commit(&mut self) -> Result<()> {
        self.run("commit", &[]).map(|_| ())
    }

    fn rollback(&mut self) {
        if !self.connection().is_autocommit() {
            // A failure here means that SQLite has undone it already.
            let _undone = self.run("rollback", &[]);
        }
    }

    fn index_words(&mut self, issue: i64, text: &str) -> Result<()> {
        self.run("delete from issue_words where rowid = ?1", &[issue.into()])?;
        let values = [issue.into(), text.into()];
        self.run("insert into issue_words (rowid, text) values (?1, ?2)", &values)?;
        Ok(())
    }

    fn forget_words(&mut self, issue: i64) -> Result<()> {
        self.run("delete from issue_words where rowid = ?1", &[issue.into()])?;
        Ok(())
    }

    fn words_query(&self, words: &[&str]) -> Option<String> {
        // Each trigram is a term of its own: the index keeps no positions, the caller checks the
        // text itself.
        let mut terms = Vec::new();
        for word in words {
            let letters: Vec<char> = word.chars().collect();
            for three in letters.windows(3).filter(|three| !three.contains(&'\0')) {
                let term: String = three.iter().collect();
                terms.push(format!("\"{}\"", term.replace('"', "\"\"")));
            }
        }
        terms.sort_unstable();
        terms.dedup();
        (!terms.is_empty()).then(|| terms.join(" AND "))
    }

    fn words_source(&self, query: &str) -> String {
        format!("select rowid as issue from issue_words where issue_words match {query}")
    }

    fn last_number(&mut self, table: &str) -> Result<i64> {
        let sql = "select seq from sqlite_sequence where name = ?1";
        Ok(first(self, sql, &[table.into()], |row| row.int(0))?.unwrap_or(0))
    }

    fn raise_number(&mut self, table: &str, last: i64) -> Result<()> {
        let values = [table.into(), last.into()];
        self.run("update sqlite_sequence set seq = ?2 where name = ?1 and seq < ?2", &values)?;
        self.run(
            "insert into sqlite_sequence (name, seq) select ?1, ?2 \
             where not exists (select 1 from sqlite_sequence where name = ?1)",
            &values,
        )?;
        Ok(())
    }

    fn size(&mut self) -> Result<(i64, i64)> {
        let number = |connection: &Connection, name: &str| {
            connection
                .query_row(&format!("pragma {name}"), [], |row| row.get::<_, i64>(0))
                .map_err(|error| fault(&error))
        };
        let (pages, free) = (
            number(self.connection(), "page_count")?,
            number(self.connection(), "freelist_count")?,
        );
        Ok(((pages - free) * PAGE_BYTES, free * PAGE_BYTES))
    }

    fn overwrite_deleted(&mut self, on: bool) -> Result<()> {
        let setting = if on { "on" } else { "fast" };
        self.script(&format!("pragma secure_delete = {setting}"))
    }

    fn shrink(&mut self, pages: i64) -> Result<bool> {
        self.script(&format!("pragma incremental_vacuum({pages})"))?;
        Ok(self.size()?.1 > 0)
    }

    fn checkpoint(&mut self, how: Checkpoint) -> Result<i64> {
        let mode = match how {
            Checkpoint::Beside => "passive",
            Checkpoint::Restart => "restart",
            Checkpoint::Whole => "truncate",
        };
        self.connection()
            .query_row(&format!("pragma wal_checkpoint({mode})"), [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })
            .map_err(|error| fault(&error))
            .and_then(|(busy, pages)| match how {
                Checkpoint::Restart | Checkpoint::Whole if busy != 0 => Err(Error::Busy),
                _ => Ok(pages.max(0) * PAGE_BYTES),
            })
    }
}
