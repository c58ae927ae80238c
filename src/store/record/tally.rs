//! What is counted of issues but does not stand in their rows yet.
//!
//! A report of a known issue changes two rows that lie anywhere in the file: the issue's and its
//! hour's. Under load the same issues come again and again, so their changes are gathered here and
//! written together by [`Tally::settle`]. The events themselves are written at once, so nothing is
//! lost with the memory: [`Tally::recount`] reads them again.
//!
//! Invariants: an issue's rows count exactly its events up to its `latest_event`, and all events up
//! to the mark [`COUNTED`] are counted; what is owed stands behind both. Whatever else changes
//! issues or removes events settles first, and calls [`Tally::forget`] afterwards.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use super::counted::{self, Counted, Facts};
use super::{Incoming, Key, count_of};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::status::Status;
use crate::store::counts::{self, IssueHours};
use crate::store::engine::Engine;
use crate::store::error::Result;
use crate::store::marks;
use crate::store::quick::QuickMap;

/// The mark up to which all events are counted in their issues' rows.
pub(in crate::store) const COUNTED: &str = "counted";
/// Events that are in no row of an issue: one that was made behind the mark has its first ones.
const UNCOUNTED: &str = "from event e join issue i on i.id = e.issue \
    where e.id > ?1 and e.id > i.latest_event order by e.id";
/// Issues whose state is remembered, with which a table of 16,384 places is full: 100 bytes each.
const KNOWN_MAX: usize = 14_336;
/// Issues that may be owed something: settling them takes the writer about 15 ms.
const OWED_ISSUES_MAX: usize = 2_048;
/// Events that may be owed: after a crash they are read again, in a tenth of a second.
const OWED_EVENTS_MAX: usize = 16_384;

/// An issue as it stands, with what its row is owed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Its number.
    pub(super) id: i64,
    /// Its reports.
    pub(super) count: i64,
    /// Events of it that are stored.
    pub(super) kept: i64,
    /// Its status.
    pub(super) status: Status,
    /// The version that was deployed, while it is DEPLOYED.
    pub(super) deployed_version: Option<i64>,
    /// The levels that it has had, as [`Facts::levels`].
    pub(super) levels: i64,
    /// When its first report happened.
    pub(super) first_seen: i64,
}

/// What the rows of one issue are owed.
#[derive(Debug)]
struct Owed {
    facts: Facts,
    hours: IssueHours,
    /// As its row says.
    before: Known,
}

impl Owed {
    fn write(&self, db: &mut dyn Engine) -> Result<()> {
        counted::add(db, &self.before, &self.facts)?;
        self.hours.write(db, self.before.id)
    }
}

type AllOwed = BTreeMap<i64, Owed>;

fn owe(all: &mut AllOwed, known: &mut Known, facts: &Facts, hours: &IssueHours) {
    let owed = all.entry(known.id).or_insert_with(|| Owed {
        facts: Facts::default(),
        hours: IssueHours::default(),
        before: *known,
    });
    owed.facts.join(facts);
    owed.hours.join(hours);
    known.count += facts.number;
    known.kept += facts.number;
    known.levels |= facts.levels();
    known.first_seen = known.first_seen.min(facts.first_seen());
}

/// What is remembered, and what is owed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    known: QuickMap<Key, Known>,
    /// By issue, in the order of their rows.
    owed: AllOwed,
    /// How many events that are.
    events: usize,
}

impl Tally {
    /// Counts a fold. A new issue is written at once, a known one is owed it.
    pub(super) fn count(
        &mut self,
        db: &mut dyn Engine,
        key: Key,
        fold: &[Incoming<'_>],
    ) -> Result<Counted> {
        let mut facts = Facts::default();
        let mut hours = IssueHours::default();
        for incoming in fold {
            let counted = count_of(incoming);
            facts.add(&counted, incoming.event);
            hours.add(&counted);
        }
        if !self.known.contains_key(&key) {
            self.make_room();
        }
        let known = match self.known.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => match counted::find(db, key)? {
                Some(known) => place.insert(known),
                None => {
                    let known = counted::insert(db, key, fold[0].event, &facts)?;
                    hours.write(db, known.id)?;
                    place.insert(known);
                    return Ok(Counted { known, is_new: true });
                }
            },
        };
        owe(&mut self.owed, known, &facts, &hours);
        self.events += fold.len();
        Ok(Counted { known: *known, is_new: false })
    }

    /// Forgets issues when there are too many, but for those whose rows say less.
    fn make_room(&mut self) {
        if self.known.len() >= KNOWN_MAX {
            let is_owed = |(_, known): &(&Key, &Known)| self.owed.contains_key(&known.id);
            let owed: Vec<(Key, Known)> =
                self.known.iter().filter(is_owed).map(|(key, known)| (*key, *known)).collect();
            // Entries that are removed one by one keep their places, and the table would grow.
            self.known.clear();
            self.known.extend(owed);
        }
    }

    /// Whether any row is owed anything.
    pub(super) fn is_owing(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Whether it is time to settle.
    pub(super) fn is_full(&self) -> bool {
        self.owed.len() >= OWED_ISSUES_MAX || self.events >= OWED_EVENTS_MAX
    }

    /// Writes what is owed; afterwards all events up to `last` are counted. Call [`Self::recount`]
    /// when the transaction is undone.
    pub(super) fn settle(&mut self, db: &mut dyn Engine, last: i64) -> Result<()> {
        for owed in std::mem::take(&mut self.owed).into_values() {
            owed.write(db)?;
        }
        self.events = 0;
        marks::set(db, COUNTED, last)
    }

    /// Writes what one issue is owed, in the midst of a group.
    pub(super) fn settle_issue(&mut self, db: &mut dyn Engine, issue: i64) -> Result<()> {
        let Some(owed) = self.owed.remove(&issue) else { return Ok(()) };
        self.events -= owed.facts.number as usize;
        owed.write(db)
    }

    /// Forgets how issues stand. Nothing is owed then.
    pub(super) fn forget(&mut self) {
        debug_assert!(!self.is_owing(), "what is owed is settled before");
        self.known.clear();
    }

    /// Forgets how one issue stands.
    pub(super) fn forget_issue(&mut self, key: Key) {
        self.known.remove(&key);
    }

    /// Reads from the database what is owed: after a start, or when a transaction was undone.
    pub(super) fn recount(db: &mut dyn Engine) -> Result<Self> {
        let mut tally = Self::default();
        let counted = marks::find(db, COUNTED)?.unwrap_or(0);
        let sql = format!(
            "select e.id, e.project, e.timestamp, e.received_at, e.environment, e.version, \
             e.level, i.fingerprint, i.id, i.count, i.kept, i.status, i.deployed_version, \
             i.levels, i.first_seen {UNCOUNTED}"
        );
        db.each(&sql, &[counted.into()], &mut |row| {
            let event = counts::Counted {
                project: row.int(1),
                timestamp: row.int(2),
                received_at: row.int(3),
                environment: row.int(4),
                version: row.int(5),
                level: row.int(6),
            };
            let Some(fingerprint) = Fingerprint::from_bytes(row.blob(7)) else { return true };
            let known = tally.known.entry((event.project, fingerprint)).or_insert_with(|| Known {
                id: row.int(8),
                count: row.int(9),
                kept: row.int(10),
                status: Status::from_code(row.int(11)),
                deployed_version: row.opt_int(12),
                levels: row.int(13),
                first_seen: row.int(14),
            });
            let (mut facts, mut hours) = (Facts::default(), IssueHours::default());
            facts.add(&event, row.int(0));
            hours.add(&event);
            owe(&mut tally.owed, known, &facts, &hours);
            tally.events += 1;
            true
        })?;
        Ok(tally)
    }
}

/// Reports by project, environment, version and level.
pub(in crate::store) type Slices = BTreeMap<[i64; 4], i64>;

/// How many events rows of issues are still owed, as in the file of a server that was killed; adds
/// them to `slices`. Reads files of every schema.
pub(in crate::store) fn uncounted(db: &mut dyn Engine, slices: &mut Slices) -> Result<i64> {
    let counted = marks::find(db, COUNTED)?.unwrap_or(0);
    let mut number = 0;
    let sql = format!("select e.project, e.environment, e.version, e.level {UNCOUNTED}");
    db.each(&sql, &[counted.into()], &mut |row| {
        *slices.entry([row.int(0), row.int(1), row.int(2), row.int(3)]).or_default() += 1;
        number += 1;
        true
    })?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_issues_those_stay_whose_rows_say_less() {
        let mut tally = Tally::default();
        for id in 0..KNOWN_MAX as i64 {
            tally.make_room();
            let (status, deployed_version) = (Status::New, None);
            let (levels, first_seen) = (0, 0);
            let mut known =
                Known { id, count: 1, kept: 1, status, deployed_version, levels, first_seen };
            if id % 100 == 7 {
                owe(&mut tally.owed, &mut known, &Facts::default(), &IssueHours::default());
            }
            let fingerprint = Fingerprint::of("shop", "Error", "a.py", id);
            tally.known.insert((1, fingerprint), known);
        }
        assert_eq!(tally.known.len(), KNOWN_MAX);
        tally.make_room();
        assert_eq!(tally.known.len(), KNOWN_MAX.div_ceil(100));
        assert!(tally.known.values().all(|known| tally.owed.contains_key(&known.id)));
    }
}
