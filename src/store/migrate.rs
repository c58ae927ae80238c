//! Brings a database to the present schema: `schema.sql` for an empty one, numbered steps after it.
//! Each step is one transaction, so a crash leaves the version before or after it.

use super::engine::first;
use super::error::{Error, Result};
use super::sqlite::Sqlite;

/// The schema that this program writes.
pub const SCHEMA_VERSION: i64 = 1;

/// What SQLite alone has beside `schema.sql`: the index of words. Trigrams find pieces of words in
/// every alphabet; no positions and no copy of the text are kept, since the text is checked anyway.
const SQLITE_WORDS: &str = "create virtual table issue_words using fts5(
  text, tokenize = 'trigram', content = '', contentless_delete = 1, detail = none)";

/// Refuses a database of a newer version, before anything is written to it.
pub fn check(db: &mut Sqlite) -> Result<()> {
    let version = version(db)?;
    if version <= SCHEMA_VERSION {
        return Ok(());
    }
    Err(Error::Engine(format!(
        "the database was written by a newer Log Center (its schema is {version}, this program \
         knows {SCHEMA_VERSION}): start that one"
    )))
}

/// The schema that a database has; 0 if it is empty or another program's.
pub fn version(db: &mut Sqlite) -> Result<i64> {
    Ok(first(db, "pragma user_version", &[], |row| row.int(0))?.unwrap_or(0))
}

/// Creates or migrates the database.
pub fn migrate(db: &mut Sqlite) -> Result<()> {
    if version(db)? == 0 {
        let tables = first(db, "select count(*) from sqlite_master", &[], |row| row.int(0))?;
        if tables != Some(0) {
            return Err(Error::Engine("the file is a database of another program".into()));
        }
        db.script(&format!(
            "begin; {}; {SQLITE_WORDS}; pragma user_version = {SCHEMA_VERSION}; commit;",
            include_str!("../../schema.sql").trim_end().trim_end_matches(';')
        ))?;
    }
    Ok(())
}
