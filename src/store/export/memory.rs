//! The memory of `event_id`s as records. It stands in three places, and moves only from the first
//! two to the third, which is therefore read last.

use super::Walk;
use crate::domain::transfer::{Memory, Record};
use crate::store::engine::{Engine, all, first};
use crate::store::error::Result;
use crate::store::runs;

/// `event_id`s of one record.
const IDS: i64 = 500;

/// How a key of the memory is written.
fn shown(hash: i64, extra: i64) -> String {
    format!("{:016x}{:016x}", hash.cast_unsigned(), extra.cast_unsigned())
}

impl Walk {
    /// Some of those whose events went before they were in a run.
    pub(super) fn loose_memory(&mut self, db: &mut dyn Engine) -> Result<()> {
        let [hash, extra, _] = self.place.after;
        let rows = all(
            db,
            "select hash, extra, issue from loose_memory where (hash, extra) > (?1, ?2) \
             order by hash, extra limit ?3",
            &[hash.into(), extra.into(), IDS.into()],
            |row| (row.int(0), row.int(1), row.int(2)),
        )?;
        let Some(last) = rows.last() else {
            self.place.advance();
            return Ok(());
        };
        self.place.after = [last.0, last.1, 0];
        self.remember(self.now, rows);
        Ok(())
    }

    /// Some of those of the newest events.
    pub(super) fn tail_memory(&mut self, db: &mut dyn Engine) -> Result<()> {
        let start = runs::tail_start(db)?;
        let rows = all(
            db,
            "select id, project, event_id, issue from event \
             where id > ?1 and id >= ?2 and id < ?3 and event_id is not null order by id limit ?4",
            &[self.place.after[0].into(), start.into(), self.place.event_end.into(), IDS.into()],
            |row| (row.int(0), row.int(1), <[u8; 16]>::try_from(row.blob(2)), row.int(3)),
        )?;
        let Some(last) = rows.last() else {
            self.place.advance();
            return Ok(());
        };
        self.place.after[0] = last.0;
        let keys = rows.into_iter().filter_map(|(_, project, id, issue)| {
            let (hash, extra) = runs::memory_key(project, &id.ok()?);
            Some((hash, extra, issue))
        });
        let keys = keys.collect();
        self.remember(self.now, keys);
        Ok(())
    }

    /// Some of one run.
    pub(super) fn memory_run(&mut self, db: &mut dyn Engine) -> Result<()> {
        let [run, hash, extra] = self.place.after;
        let found = first(
            db,
            "select run, newest_at from key_run where kind = 1 and run >= ?1 \
             and newest_at >= ?2 order by run limit 1",
            &[run.into(), (self.now - runs::MEMORY_MS).into()],
            |row| (row.int(0), row.int(1)),
        )?;
        let Some((found, newest_at)) = found else {
            self.place.advance();
            return Ok(());
        };
        let (hash, extra) = if found == run { (hash, extra) } else { (i64::MIN, i64::MIN) };
        let rows = all(
            db,
            "select hash, extra, value from run_key where run = ?1 \
             and (hash, extra) > (?2, ?3) order by hash, extra limit ?4",
            &[found.into(), hash.into(), extra.into(), IDS.into()],
            |row| (row.int(0), row.int(1), row.int(2)),
        )?;
        self.place.after = match rows.last() {
            Some(last) => [found, last.0, last.1],
            None => [found + 1, i64::MIN, i64::MIN],
        };
        self.remember(newest_at, rows);
        Ok(())
    }

    /// Writes those of issues that belong to the export.
    fn remember(&mut self, at: i64, rows: Vec<(i64, i64, i64)>) {
        let last = self.place.issue_last;
        let known = rows.into_iter().filter(|row| row.2 <= last);
        let ids: Vec<_> = known.map(|row| (shown(row.0, row.1), row.2)).collect();
        if !ids.is_empty() {
            self.write(&Record::Memory(Memory { at, ids }));
        }
    }
}
