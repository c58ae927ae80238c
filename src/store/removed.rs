//! What retention removed since the file was made: sums that outlive every start.

use super::engine::Engine;
use super::error::Result;
use super::marks;

const BY_AGE: &str = "removed_events_by_age";
const BY_NUMBER: &str = "removed_events_by_number";
const BY_SIZE: &str = "removed_events_by_size";
const ISSUES_BY_SIZE: &str = "removed_issues_by_size";
const FOR_SIZE_AT: &str = "removed_for_size_at";

/// How much was removed, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Events that were too old.
    pub events_by_age: u64,
    /// Events of issues that kept too many.
    pub events_by_number: u64,
    /// Events that went because the file held too much.
    pub events_by_size: u64,
    /// Untouched issues that went whole because the file held too much.
    pub issues_by_size: u64,
}

/// The sums, and when something last went for the size of the file.
pub fn find(db: &mut dyn Engine) -> Result<(Removed, Option<i64>)> {
    let mut sum = |name| marks::find(db, name).map(|sum| sum.unwrap_or(0).cast_unsigned());
    let removed = Removed {
        events_by_age: sum(BY_AGE)?,
        events_by_number: sum(BY_NUMBER)?,
        events_by_size: sum(BY_SIZE)?,
        issues_by_size: sum(ISSUES_BY_SIZE)?,
    };
    Ok((removed, marks::find(db, FOR_SIZE_AT)?))
}

/// Adds what was removed; in the transaction that removed it.
pub fn add(db: &mut dyn Engine, more: Removed, now: i64) -> Result<()> {
    let sums = [
        (BY_AGE, more.events_by_age),
        (BY_NUMBER, more.events_by_number),
        (BY_SIZE, more.events_by_size),
        (ISSUES_BY_SIZE, more.issues_by_size),
    ];
    for (name, more) in sums.into_iter().filter(|(_, more)| *more > 0) {
        let sum = marks::find(db, name)?.unwrap_or(0);
        marks::set(db, name, sum + more.cast_signed())?;
    }
    if more.events_by_size + more.issues_by_size > 0 {
        marks::set(db, FOR_SIZE_AT, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::store::removed::{self, Removed};
    use crate::store::tests::store;

    #[test]
    fn sums_grow_and_know_when_something_went_for_size() {
        let mut store = store();
        let db = &mut store.writer.db;
        assert_eq!(removed::find(db).unwrap(), (Removed::default(), None));
        let old = Removed { events_by_age: 5, events_by_number: 2, ..Removed::default() };
        removed::add(db, old, 1_000).unwrap();
        assert_eq!(removed::find(db).unwrap(), (old, None));
        let large = Removed { events_by_age: 1, issues_by_size: 1, ..Removed::default() };
        removed::add(db, large, 2_000).unwrap();
        let sum = Removed { events_by_age: 6, events_by_number: 2, events_by_size: 0, ..large };
        assert_eq!(removed::find(db).unwrap(), (sum, Some(2_000)));
    }
}
