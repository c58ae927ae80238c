//! A connection and the statements that it keeps prepared. They are found by a hash of their text:
//! a report runs six of them, and to find one must cost less than to run it.
//!
//! Invariant: a statement is dropped before its connection.

use std::ptr::NonNull;

use rusqlite::{Connection, Result, Statement};

use crate::store::quick::{Quick, QuickMap, QuickSet};

/// Statements kept at most; all are forgotten when one more comes.
const KEPT_MAX: usize = 128;
/// Bytes of a statement that is kept: one with a long list of numbers would hardly be met again,
/// and takes a hundred times its length.
const TEXT_BYTES_MAX: usize = 2_048;
/// Hashes of texts that came once; all are forgotten when one more comes.
const MET_MAX: usize = 1_024;

struct Kept {
    text: Box<str>,
    statement: Statement<'static>,
}

/// A connection of one's own.
pub(super) struct Statements {
    kept: QuickMap<u64, Kept>,
    /// A text is kept when it comes again: one with numbers in it may not.
    met: QuickSet<u64>,
    quick: Quick,
    connection: NonNull<Connection>,
}

#[allow(unsafe_code, reason = "the pointers are SQLite's, which one thread at a time uses")]
// SAFETY: a connection may go to another thread, and takes all that points to it along.
unsafe impl Send for Statements {}

impl Statements {
    pub(super) fn of(connection: Connection) -> Self {
        Self {
            kept: QuickMap::default(),
            met: QuickSet::default(),
            quick: Quick::default(),
            connection: NonNull::from(Box::leak(Box::new(connection))),
        }
    }

    #[allow(unsafe_code, reason = "reads what `of` leaked")]
    pub(super) fn connection(&self) -> &Connection {
        // SAFETY: it lives until this value is dropped, and nothing takes it exclusively before.
        unsafe { self.connection.as_ref() }
    }

    /// Runs a statement; one that came before is prepared already.
    pub(super) fn with<T>(
        &mut self,
        text: &str,
        run: impl FnOnce(&mut Statement<'_>) -> Result<T>,
    ) -> Result<T> {
        if text.len() > TEXT_BYTES_MAX {
            return run(&mut self.connection().prepare(text)?);
        }
        let hash = self.quick.of(text.as_bytes());
        if let Some(kept) = self.kept.get_mut(&hash)
            && *kept.text == *text
        {
            let outcome = run(&mut kept.statement);
            // What was bound may be a megabyte.
            kept.statement.clear_bindings();
            return outcome;
        }
        if self.met.len() >= MET_MAX {
            self.met.clear();
        }
        if self.met.insert(hash) {
            return run(&mut self.connection().prepare(text)?);
        }
        if self.kept.len() >= KEPT_MAX {
            self.kept.clear();
        }
        let mut statement = self.lasting(text)?;
        let outcome = run(&mut statement);
        statement.clear_bindings();
        self.kept.insert(hash, Kept { text: text.into(), statement });
        outcome
    }

    #[allow(unsafe_code, reason = "a statement lives as long as its connection, by `drop`")]
    fn lasting(&self, text: &str) -> Result<Statement<'static>> {
        // SAFETY: as in `connection`; what is kept is dropped before it.
        let connection: &'static Connection = unsafe { self.connection.as_ref() };
        connection.prepare(text)
    }
}

impl Drop for Statements {
    #[allow(unsafe_code, reason = "gives back what `of` leaked")]
    fn drop(&mut self) {
        self.kept.clear();
        // SAFETY: it came out of a `Box`, and nothing points to it any more.
        drop(unsafe { Box::from_raw(self.connection.as_ptr()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(statements: &mut Statements, text: &str) -> i64 {
        statements.with(text, |one| one.query_row([], |row| row.get(0))).unwrap()
    }

    #[test]
    fn a_text_that_comes_again_is_kept_and_many_are_forgotten() {
        let mut statements = Statements::of(Connection::open_in_memory().unwrap());
        for _ in 0..3 {
            assert_eq!(number(&mut statements, "select 7"), 7);
        }
        assert_eq!(statements.kept.len(), 1);
        for round in 0..3 {
            for one in 0..KEPT_MAX as i64 * 2 {
                assert_eq!(number(&mut statements, &format!("select {one} -- {round}")), one);
            }
        }
        assert_eq!(statements.kept.len(), 1, "what came once is not kept");
        for one in 0..KEPT_MAX as i64 * 2 {
            for _ in 0..2 {
                assert_eq!(number(&mut statements, &format!("select {one}")), one);
            }
        }
        assert!(statements.kept.len() <= KEPT_MAX);
        let long = format!("select 8 -- {}", "x".repeat(TEXT_BYTES_MAX));
        let kept = statements.kept.len();
        for _ in 0..3 {
            assert_eq!(number(&mut statements, &long), 8);
        }
        assert_eq!(statements.kept.len(), kept);
    }

    #[test]
    fn a_kept_statement_follows_a_change_of_its_table() {
        let mut statements = Statements::of(Connection::open_in_memory().unwrap());
        statements.connection().execute_batch("create table t (a)").unwrap();
        let count = "select count(*) from t";
        for _ in 0..2 {
            assert_eq!(number(&mut statements, count), 0);
        }
        let change = "drop table t; create table t (b, a); insert into t values (1, 2)";
        statements.connection().execute_batch(change).unwrap();
        assert_eq!(number(&mut statements, count), 1);
    }

    #[test]
    fn a_statement_that_failed_runs_again() {
        let mut statements = Statements::of(Connection::open_in_memory().unwrap());
        statements.connection().execute_batch("create table t (a unique)").unwrap();
        let insert = "insert into t values (?1)";
        for (value, fails) in [(1, false), (2, false), (2, true), (3, false), (3, true)] {
            let outcome = statements.with(insert, |one| one.execute([value]));
            assert_eq!(outcome.is_err(), fails, "{value}");
        }
        assert_eq!(number(&mut statements, "select count(*) from t"), 3);
    }
}
