//! What the database as a whole is: whether it holds anything, and named numbers of where it came
//! from.

use super::engine::{Engine, first};
use super::error::Result;

/// Whether nothing was ever reported into it, or all of it was erased.
pub fn is_empty(db: &mut dyn Engine) -> Result<bool> {
    Ok(first(db, "select 1 from project limit 1", &[], |_| ())?.is_none())
}

/// A named number.
pub fn find(db: &mut dyn Engine, name: &str) -> Result<Option<i64>> {
    first(db, "select value from meta where key = ?1", &[name.into()], |row| row.int(0))
}

/// Sets a named number.
pub fn set(db: &mut dyn Engine, name: &str, value: i64) -> Result<()> {
    db.run(
        "insert into meta (key, value) values (?1, ?2) \
         on conflict (key) do update set value = excluded.value",
        &[name.into(), value.into()],
    )?;
    Ok(())
}

/// Writes something that nobody reads: whether the database takes a write.
pub fn touch(db: &mut dyn Engine) -> Result<()> {
    set(db, "touched", 0)
}

#[cfg(test)]
mod tests {
    use crate::store::marks;
    use crate::store::tests::{report, store};

    #[test]
    fn a_database_is_empty_until_its_first_report() {
        let mut store = store();
        assert!(marks::is_empty(&mut store.writer.db).unwrap());
        store.record_one(report(1));
        assert!(!marks::is_empty(&mut store.writer.db).unwrap());
    }

    #[test]
    fn a_touch_changes_nothing_that_is_read() {
        let mut store = store();
        marks::touch(&mut store.writer.db).unwrap();
        marks::touch(&mut store.writer.db).unwrap();
        assert!(marks::is_empty(&mut store.writer.db).unwrap());
    }

    #[test]
    fn a_mark_is_found_as_it_was_set_last() {
        let mut store = store();
        let db = &mut store.writer.db;
        assert_eq!(marks::find(db, "seed").unwrap(), None);
        for value in [1, -7] {
            marks::set(db, "seed", value).unwrap();
            assert_eq!(marks::find(db, "seed").unwrap(), Some(value));
        }
    }
}
