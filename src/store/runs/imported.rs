//! Runs that an import writes: whole, in the transaction that stores what they lead to.

use super::{Build, EVENTS, Entry, MEMORY};
use crate::store::engine::{Engine, first};
use crate::store::error::Result;

/// Writes the keys of imported events as one run.
pub fn write_events(db: &mut dyn Engine, entries: Vec<Entry>) -> Result<()> {
    write(db, EVENTS, entries, 0)
}

/// Writes imported `event_id`s as one run; they are remembered for a week from `newest_at`.
pub fn write_memory(db: &mut dyn Engine, entries: Vec<Entry>, newest_at: i64) -> Result<()> {
    write(db, MEMORY, entries, newest_at)
}

/// The number of the next event.
pub fn next_event(db: &mut dyn Engine) -> Result<i64> {
    let newest = first(
        db,
        "select (select max(id) from event), (select value from meta where key = 'next_event')",
        &[],
        |row| (row.int(0) + 1).max(row.int(1)),
    )?;
    Ok(newest.unwrap_or(1).max(1))
}

/// Notes that every event below `next` is in a run, and that no new one gets such a number.
pub fn raise_events(db: &mut dyn Engine, next: i64) -> Result<()> {
    for key in ["tail_start", "next_event"] {
        db.run(
            "insert into meta (key, value) values (?1, ?2) on conflict (key) do update set \
             value = case when excluded.value > meta.value then excluded.value \
             else meta.value end",
            &[key.into(), next.into()],
        )?;
    }
    Ok(())
}

fn write(db: &mut dyn Engine, kind: i64, entries: Vec<Entry>, newest_at: i64) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut build = Build::of_entries(db, kind, entries, newest_at)?;
    while !build.step(db)? {}
    Ok(())
}
