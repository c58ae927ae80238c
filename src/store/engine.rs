//! The least that a SQL engine must do: run a statement with values, and give its rows.
//! Statements stand in the store's other files, once, in a subset that every engine takes.

use std::time::Duration;

use super::error::Result;

/// A value bound to `?1`, `?2`, ….
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// SQL's null.
    Null,
    /// A 64-bit integer.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null, Self::Int)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

/// How the log of writes is moved into the database file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    /// As far as it goes beside readers and the writer.
    Beside,
    /// All of it, so that the log is written from its start again.
    Restart,
    /// All of it, and the log becomes empty; [`super::Error::Busy`] when somebody was in the way.
    Whole,
}

/// One row of an answer; columns are counted from 0. A null reads as 0, "" or no bytes.
pub trait Row {
    /// An integer.
    fn int(&self, at: usize) -> i64;
    /// An integer or null.
    fn opt_int(&self, at: usize) -> Option<i64>;
    /// Text.
    fn text(&self, at: usize) -> &str;
    /// Text or null.
    fn opt_text(&self, at: usize) -> Option<&str>;
    /// Bytes.
    fn blob(&self, at: usize) -> &[u8];
    /// Text or null, owned.
    fn opt_string(&self, at: usize) -> Option<String> {
        self.opt_text(at).map(str::to_owned)
    }
}

/// Confirms commits, beside the connection that makes them.
pub trait Confirm: Send {
    /// Waits until the disk has all that was committed before; [`super::Error::Sync`] if it does
    /// not confirm it, and then nothing may be written any more.
    fn confirm(&mut self) -> Result<()>;
}

/// A connection. The methods after `commit` are those whose statements must differ by engine.
pub trait Engine {
    /// Runs a statement that gives no rows; answers how many rows it changed.
    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<usize>;
    /// Runs a statement and hands over each row; `false` from `row` ends the reading.
    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> bool,
    ) -> Result<()>;
    /// Lets what is read from here on take so long at most, all together, before it is
    /// [`super::Error::Interrupted`]; with `None` as long as the whole read may again. A connection
    /// that may read as long as it likes is never hurried.
    fn hurry(&mut self, time: Option<Duration>);
    /// Opens a transaction.
    fn begin(&mut self) -> Result<()>;
    /// Commits it: after this the changes survive a power cut, unless a [`Confirm`] is to say so.
    fn commit(&mut self) -> Result<()>;
    /// Undoes it.
    fn rollback(&mut self);
    /// Runs one insert into a table that numbers its rows; the new row's number. Cheaper than an
    /// insert that returns columns, for which SQLite fills a table in memory.
    fn insert(&mut self, sql: &str, values: &[Value<'_>]) -> Result<i64>;
    /// Full text: replaces the words of one issue (every engine indexes text in its own way).
    fn index_words(&mut self, issue: i64, text: &str) -> Result<()>;
    /// Full text: forgets the words of one issue.
    fn forget_words(&mut self, issue: i64) -> Result<()>;
    /// Full text: the query for issues that hold all these folded words; `None` if the index cannot
    /// narrow them (words of one or two letters).
    fn words_query(&self, words: &[&str]) -> Option<String>;
    /// Full text: a statement for the `issue` numbers that meet the query bound at `query`. It may
    /// let others pass: the caller checks the text.
    fn words_source(&self, query: &str) -> String;
    /// The highest number that a table has ever given.
    fn last_number(&mut self, table: &str) -> Result<i64>;
    /// Lets a table give only numbers above `last` from now on.
    fn raise_number(&mut self, table: &str, last: i64) -> Result<()>;
    /// Bytes that the data takes and bytes that are free inside the file.
    fn size(&mut self) -> Result<(i64, i64)>;
    /// Turns on or off that what is deleted is overwritten.
    fn overwrite_deleted(&mut self, on: bool) -> Result<()>;
    /// Gives up to `pages` free pages back to the file system; whether more are left.
    fn shrink(&mut self, pages: i64) -> Result<bool>;
    /// Moves the log of writes into the database file; bytes that stand in the log.
    fn checkpoint(&mut self, how: Checkpoint) -> Result<i64>;
}

/// The first row of an answer, read by `read`; `None` if there is none.
pub fn first<T>(
    db: &mut dyn Engine,
    sql: &str,
    values: &[Value<'_>],
    read: impl Fn(&dyn Row) -> T,
) -> Result<Option<T>> {
    let mut found = None;
    db.each(sql, values, &mut |row| {
        found = Some(read(row));
        false
    })?;
    Ok(found)
}

/// All rows of an answer, read by `read`.
pub fn all<T>(
    db: &mut dyn Engine,
    sql: &str,
    values: &[Value<'_>],
    mut read: impl FnMut(&dyn Row) -> T,
) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    db.each(sql, values, &mut |row| {
        rows.push(read(row));
        true
    })?;
    Ok(rows)
}

/// Numbers as a list for `in (…)`; they are no text of anybody's, so they may stand in a statement.
pub fn list(numbers: &[i64]) -> String {
    let words: Vec<String> = numbers.iter().map(i64::to_string).collect();
    words.join(",")
}
