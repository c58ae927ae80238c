//! The memory of `event_id`s: runs with a filter each, so that a new id costs no look-up.

use super::{MEMORY, hash64, tail_start};
use crate::store::engine::{Engine, all, first, list};
use crate::store::error::Result;
use crate::store::quick::QuickMap;

/// Hash functions that suit ten bits.
const FILTER_PROBES: u64 = 7;
/// Bits a Bloom filter spends on an entry: 1 % of the look-ups are in vain.
const FILTER_BITS: usize = 10;
/// How long an `event_id` is remembered, in milliseconds.
pub const MEMORY_MS: i64 = 7 * 24 * 3_600_000;
/// An `event_id` of a project as two numbers.
pub fn memory_key(project: i64, event_id: &[u8; 16]) -> (i64, i64) {
    let (high, low) = event_id.split_at(8);
    let number = |half: &[u8]| half.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mixed = hash64(&[high, low, &project.to_le_bytes()].concat());
    (mixed.cast_signed(), number(low).cast_signed())
}

/// A Bloom filter: "surely not there", or "perhaps".
#[derive(Debug, Default)]
pub(super) struct Filter(pub(super) Vec<u8>);

impl Filter {
    pub(super) fn of(entries: usize) -> Self {
        Self(vec![0; (entries * FILTER_BITS).div_ceil(8).max(8)])
    }

    fn bits(&self, hash: i64) -> impl Iterator<Item = u64> + use<> {
        // Two hashes make all: Kirsch and Mitzenmacher, "Less hashing, same performance", 2006.
        let size = self.0.len() as u64 * 8;
        let (one, two) = (hash.cast_unsigned(), hash.cast_unsigned().rotate_left(32) | 1);
        (0..FILTER_PROBES).map(move |probe| one.wrapping_add(two.wrapping_mul(probe)) % size)
    }

    pub(super) fn insert(&mut self, hash: i64) {
        for bit in self.bits(hash) {
            self.0[(bit / 8) as usize] |= 1 << (bit % 8);
        }
    }

    fn has(&self, bit: u64) -> bool {
        self.0[(bit / 8) as usize] & (1 << (bit % 8)) != 0
    }

    /// As [`Self::may_hold`], but too often: half of the filter's bits are set, so that two of
    /// them rule out three of four. Neither waits for the other, nor for another filter's.
    fn may_hold_by_two_bits(&self, hash: i64) -> bool {
        !self.0.is_empty() && self.bits(hash).take(2).fold(true, |all, bit| all & self.has(bit))
    }

    fn may_hold(&self, hash: i64) -> bool {
        !self.0.is_empty() && self.bits(hash).all(|bit| self.has(bit))
    }
}

/// The memory runs with their filters, as the writer keeps them, the newest first.
#[derive(Debug, Default)]
pub struct MemoryRuns(Vec<(i64, Filter)>);

impl MemoryRuns {
    /// Follows what is listed now. Only filters of runs that are new are read: all of them are
    /// megabytes, and a run is made every few thousand events.
    pub fn follow(&mut self, db: &mut dyn Engine) -> Result<()> {
        let sql = "select run from key_run where kind = ?1 order by run desc";
        let mut known = std::mem::take(&mut self.0);
        for run in all(db, sql, &[MEMORY.into()], |row| row.int(0))? {
            let filter = match known.iter().position(|(known, _)| *known == run) {
                Some(place) => known.swap_remove(place).1,
                None => read_filter(db, run)?,
            };
            self.0.push((run, filter));
        }
        Ok(())
    }

    /// The issue of an `event_id` that a run remembers.
    pub fn issue(&self, db: &mut dyn Engine, key: (i64, i64)) -> Result<Option<i64>> {
        for runs in self.0.chunks(64) {
            // First a glance at all of them, whose reads of memory then overlap.
            let glance = runs.iter().enumerate().fold(0_u64, |left, (at, one)| {
                left | u64::from(one.1.may_hold_by_two_bits(key.0)) << at
            });
            let left = runs.iter().enumerate().filter(|(at, _)| glance >> at & 1 == 1);
            for (_, (run, filter)) in left {
                if !filter.may_hold(key.0) {
                    continue;
                }
                let found = first(
                    db,
                    "select value from run_key where run = ?1 and hash = ?2 and extra = ?3",
                    &[(*run).into(), key.0.into(), key.1.into()],
                    |row| row.int(0),
                )?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }
}

fn read_filter(db: &mut dyn Engine, run: i64) -> Result<Filter> {
    let sql = "select filter from key_run where run = ?1";
    let filter = first(db, sql, &[run.into()], |row| Filter(row.blob(0).to_vec()))?;
    Ok(filter.unwrap_or_default())
}

/// Drops the memory that is older than a week; whether there was any.
pub fn drop_old_memory(db: &mut dyn Engine, now: i64) -> Result<bool> {
    let dropped = db.run(
        "delete from key_run where kind = ?1 and newest_at < ?2",
        &[MEMORY.into(), (now - MEMORY_MS).into()],
    )?;
    Ok(dropped > 0)
}

/// The `event_id`s that are in no run yet: those of the tail's events, and those whose events are
/// gone.
pub fn memory_of_tail(db: &mut dyn Engine) -> Result<QuickMap<(i64, i64), i64>> {
    let start = tail_start(db)?;
    let mut memory = QuickMap::default();
    db.each(
        "select project, event_id, issue from event where id >= ?1 and event_id is not null",
        &[start.into()],
        &mut |row| {
            if let Ok(id) = <[u8; 16]>::try_from(row.blob(1)) {
                memory.insert(memory_key(row.int(0), &id), row.int(2));
            }
            true
        },
    )?;
    db.each("select hash, extra, issue from loose_memory", &[], &mut |row| {
        memory.insert((row.int(0), row.int(1)), row.int(2));
        true
    })?;
    Ok(memory)
}

/// Keeps the memory of events that are about to be removed and whose `event_id`s are in no run.
pub fn keep_memory(db: &mut dyn Engine, events: &[i64]) -> Result<()> {
    let start = tail_start(db)?;
    if events.iter().all(|event| *event < start) {
        return Ok(());
    }
    let rows = all(
        db,
        &format!(
            "select project, event_id, issue from event \
             where id in ({}) and id >= ?1 and event_id is not null",
            list(events)
        ),
        &[start.into()],
        |row| (row.int(0), row.blob(1).to_vec(), row.int(2)),
    )?;
    for (project, id, issue) in rows {
        let Ok(id) = <[u8; 16]>::try_from(id) else { continue };
        let (hash, extra) = memory_key(project, &id);
        db.run(
            "insert into loose_memory (hash, extra, issue) values (?1, ?2, ?3) \
             on conflict do nothing",
            &[hash.into(), extra.into(), issue.into()],
        )?;
    }
    Ok(())
}

/// Forgets what a run remembers now.
pub fn forget_loose(db: &mut dyn Engine, keys: &[(i64, i64)]) -> Result<()> {
    for (hash, extra) in keys {
        db.run(
            "delete from loose_memory where hash = ?1 and extra = ?2",
            &[(*hash).into(), (*extra).into()],
        )?;
    }
    Ok(())
}
