//! Events as they arrive, without loss and nothing twice, out of lists that are newest first.
//!
//! Invariant: what [`Follower::next`] gives was never given before, and its state changes only when
//! a whole look succeeded: after a failure the next look finds all that came meanwhile.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::filters::Query;
use super::moment::Moment;
use super::remote::Remote;
use super::trouble::Trouble;
use crate::app;
use crate::domain::timestamp;

/// The most events of one look; beyond, people cannot read along and only their number tells.
pub(super) const CATCH_UP_MAX: usize = 5_000;
/// The most that one answer holds, by the contract.
const PAGE_MAX: usize = 200;
/// Reports that wait for their commit, and the index of words, may be late by as much.
const LATE_MS: i64 = 5_000;
/// How long after an arrival the index of words is given time.
const SETTLE: Duration = Duration::from_secs(3);
/// Events that are remembered as given: all of [`LATE_MS`] in a storm of 4,000 a second.
const KNOWN_MAX: usize = 20_000;
/// Looks that the beginning makes at most for a quiet moment.
const TRIES: u32 = 3;
const DAY_MS: i64 = 86_400_000;

/// What a look found.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// New ones, oldest first.
    pub(super) events: Vec<Value>,
    /// Reports before them that were counted and cannot be read, or are too many.
    pub(super) missed: Missed,
}

/// Reports that were not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Missed {
    /// None.
    #[default]
    None,
    /// So many.
    Count(i64),
    /// Some; nobody counts those that pass this filter.
    Some,
}

/// Which events are followed.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The parameters of `GET /api/v1/events`.
    pub(super) filter: Query,
    /// The same, when they name no more than projects and environments: these are counted.
    pub(super) counted: Option<Query>,
    /// Whether the filter has a search text, whose index may be late.
    pub(super) is_searching: bool,
}

/// The newest event of all, whatever is followed: while it stays, nothing has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Newest {
    key: String,
    received_at: i64,
}

/// Follows events.
pub(super) struct Follower {
    remote: Remote,
    wanted: Wanted,
    newest: Newest,
    /// What was received before is not asked for any more.
    floor: i64,
    known: Known,
    settles_at: Option<Instant>,
    tally: Option<Tally>,
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
enum Until {
    /// Until there are so many.
    Count(usize),
    /// Until all are read that were received since, or that came since the last look.
    Floor(i64),
}

/// One walk from the newest event backwards.
#[derive(Debug, Default)]
struct Walk {
    /// Newest first; none is known.
    fresh: Vec<Value>,
    /// How many of them stand before the first one that is known, if one was met.
    before_known: Option<usize>,
    is_cut: bool,
}

impl Follower {
    /// A follower that has not looked yet.
    pub(super) fn new(remote: Remote, wanted: Wanted) -> Self {
        let (newest, known) = (Newest::default(), Known::default());
        Self { remote, wanted, newest, floor: 0, known, settles_at: None, tally: None }
    }

    /// The last `count` events, or those since a moment; everything older counts as given.
    pub(super) async fn begin(
        &mut self,
        count: usize,
        since: Option<Moment>,
    ) -> Result<Batch, Trouble> {
        let mut query = self.wanted.filter.clone();
        query.add("since", since);
        let mut tries = 0;
        loop {
            tries += 1;
            let newest = self.read_newest().await?;
            let late = newest.received_at - LATE_MS;
            let first = match count {
                0 => Walk::default(),
                _ => self.walk(&query, Until::Count(count.min(CATCH_UP_MAX))).await?,
            };
            // Those of the last seconds are known, also those older than what is asked for.
            let lately = self.walk(&self.wanted.filter.clone(), Until::Floor(late)).await?;
            let tally = Tally::begin(&mut self.remote, &self.wanted, &newest).await?;
            // The count is of the same moment as the walk, or nearly so where it is never quiet.
            if tally.is_some() && tries < TRIES && self.read_newest().await? != newest {
                continue;
            }
            (self.newest, self.tally) = (newest, tally);
            self.floor = if lately.is_cut { oldest(&lately.fresh) + 1 } else { 0 };
            self.known.add(first.fresh.iter().chain(&lately.fresh));
            let is_cut = since.is_some() && first.is_cut && count >= CATCH_UP_MAX;
            let missed = if is_cut { Missed::Some } else { Missed::None };
            let mut events = first.fresh;
            events.truncate(count);
            events.reverse();
            return Ok(Batch { events, missed });
        }
    }

    /// Events that came since the last look.
    pub(super) async fn next(&mut self) -> Result<Batch, Trouble> {
        let newest = self.read_newest().await?;
        let has_come = newest != self.newest;
        if !has_come && !self.is_settling() {
            return Ok(Batch::default());
        }
        // Before the walk: what is counted here can be read there, or is gone.
        let total = match &self.tally {
            Some(tally) => Some(tally.total(&mut self.remote, &newest).await?),
            None => None,
        };
        let late = self.newest.received_at.min(newest.received_at) - LATE_MS;
        let was_set_back = newest.received_at < self.newest.received_at;
        let floor = if was_set_back { late } else { self.floor.max(late) };
        let walk = self.walk(&self.wanted.filter.clone(), Until::Floor(floor)).await?;
        self.floor = if walk.is_cut { oldest(&walk.fresh) + 1 } else { self.floor.min(floor) };
        self.newest = newest;
        if has_come && self.wanted.is_searching {
            self.settles_at = Some(Instant::now() + SETTLE);
        }
        let sure = walk.before_known.unwrap_or(0);
        let fresh = walk.fresh.into_iter().enumerate();
        let is_new = |(at, event): &(usize, Value)| *at < sure || received_at(event) >= floor;
        let mut events: Vec<Value> = fresh.filter(is_new).map(|(_, event)| event).collect();
        events.reverse();
        self.known.add(events.iter().rev());
        let gap = match (&mut self.tally, total) {
            (Some(tally), Some(total)) => tally.gap(&events, total),
            _ => 0,
        };
        let missed = match (gap, walk.is_cut) {
            (1.., _) => Missed::Count(gap),
            (_, true) => Missed::Some,
            _ => Missed::None,
        };
        Ok(Batch { events, missed })
    }

    /// Whether another look is due soon although nothing comes.
    pub(super) fn is_settling(&self) -> bool {
        self.settles_at.is_some_and(|at| at > Instant::now())
    }

    /// Reads backwards from the newest event.
    async fn walk(&mut self, query: &Query, until: Until) -> Result<Walk, Trouble> {
        let mut walk = Walk::default();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = query.clone();
            query.add("limit", Some(PAGE_MAX));
            query.add("cursor", cursor.take());
            let page = self.remote.read(&query.after("/api/v1/events")).await?;
            let (mut is_below, mut is_over) = (false, false);
            for event in page["items"].as_array().into_iter().flatten() {
                if matches!(until, Until::Floor(_)) && self.known.has(event) {
                    walk.before_known.get_or_insert(walk.fresh.len());
                    // Without a search text nothing comes late: all behind it was there before.
                    is_over |= !self.wanted.is_searching;
                } else if !is_over {
                    walk.fresh.push(event.clone());
                }
                is_below |= matches!(until, Until::Floor(floor) if received_at(event) < floor);
            }
            // While known ones are not met, the server's clock may have been set back.
            is_over |= is_below && (walk.before_known.is_some() || self.known.is_empty());
            let searched_to = page["searched_to"].as_str().and_then(timestamp::parse);
            is_over |= match until {
                Until::Floor(floor) => searched_to.is_some_and(|at| at < floor),
                Until::Count(_) => searched_to.is_some(),
            };
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if is_over || cursor.is_none() {
                return Ok(walk);
            }
            let enough = if let Until::Count(count) = until { count } else { CATCH_UP_MAX };
            if walk.fresh.len() >= enough {
                walk.is_cut = true;
                return Ok(walk);
            }
        }
    }

    async fn read_newest(&mut self) -> Result<Newest, Trouble> {
        let page = self.remote.read("/api/v1/events?limit=1").await?;
        Ok(page["items"].get(0).map_or_else(Newest::default, |event| Newest {
            key: key(event),
            received_at: received_at(event),
        }))
    }
}

/// Which events were given, newest last.
#[derive(Debug, Default)]
struct Known {
    keys: HashSet<String>,
    order: VecDeque<String>,
}

impl Known {
    fn has(&self, event: &Value) -> bool {
        self.keys.contains(&key(event))
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds events that are newest first, and forgets the oldest ones.
    fn add<'a>(&mut self, events: impl DoubleEndedIterator<Item = &'a Value>) {
        for event in events.rev() {
            let key = key(event);
            if self.keys.insert(key.clone()) {
                self.order.push_back(key);
            }
        }
        while self.order.len() > KNOWN_MAX {
            if let Some(key) = self.order.pop_front() {
                self.keys.remove(&key);
            }
        }
    }
}

/// Compares what was given with what the server counts. Counts are kept when events are not.
#[derive(Debug)]
struct Tally {
    query: Query,
    since: i64,
    total: i64,
    /// Of the total: what was there before, was given, or was told as missing.
    accounted: i64,
}

impl Tally {
    async fn begin(
        remote: &mut Remote,
        wanted: &Wanted,
        newest: &Newest,
    ) -> Result<Option<Self>, Trouble> {
        let Some(counted) = &wanted.counted else { return Ok(None) };
        let now = if newest.received_at > 0 { newest.received_at } else { app::now() };
        let since = now.div_euclid(DAY_MS) * DAY_MS;
        let mut query = counted.clone();
        query.add("interval", Some("day"));
        query.add("since", Some(Moment(since)));
        let mut tally = Self { query, since, total: 0, accounted: 0 };
        let total = tally.total(remote, newest).await?;
        (tally.total, tally.accounted) = (total, total);
        Ok(Some(tally))
    }

    /// Reports that happened since it began.
    async fn total(&self, remote: &mut Remote, newest: &Newest) -> Result<i64, Trouble> {
        let mut query = self.query.clone();
        query.add("until", Some(Moment(newest.received_at.max(self.since) + 2 * DAY_MS)));
        let stats = remote.read(&query.after("/api/v1/stats")).await?;
        let series = stats["series"].as_array().into_iter().flatten();
        let counts = series.filter_map(|one| one["counts"].as_array()).flatten();
        Ok(counts.filter_map(Value::as_i64).sum())
    }

    /// How many were counted and are not among the events that were ever given.
    fn gap(&mut self, events: &[Value], total: i64) -> i64 {
        let happened = |event: &&Value| {
            let at = event["timestamp"].as_str().and_then(timestamp::parse);
            at.is_some_and(|at| at >= self.since)
        };
        let given = events.iter().filter(happened).count();
        self.accounted += i64::try_from(given).unwrap_or(0);
        // Erased issues and projects are not counted any more.
        self.accounted -= (self.total - total).max(0);
        self.total = total;
        let gap = (total - self.accounted).max(0);
        self.accounted += gap;
        gap
    }
}

/// What tells events apart: an id may be in several projects.
fn key(event: &Value) -> String {
    let part = |name: &str| event[name].as_str().unwrap_or_default();
    format!("{}\n{}", part("event_id"), part("project_id"))
}

fn received_at(event: &Value) -> i64 {
    event["received_at"].as_str().and_then(timestamp::parse).unwrap_or(0)
}

fn oldest(events: &[Value]) -> i64 {
    events.last().map_or(0, received_at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: usize) -> Value {
        json!({"event_id": id.to_string(), "project_id": "p", "timestamp": "2026-01-30T10:30:00Z"})
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut known = Known::default();
        known.add([event(1), event(0)].iter());
        let later: Vec<_> = (2..KNOWN_MAX + 1).rev().map(event).collect();
        known.add(later.iter());
        assert!(!known.has(&event(0)) && known.has(&event(1)) && known.has(&event(KNOWN_MAX)));
    }

    #[test]
    fn reports_that_were_counted_and_not_given_are_told_once() {
        let since = timestamp::parse("2026-01-30").expect("a day");
        let mut tally = Tally { query: Query::default(), since, total: 10, accounted: 10 };
        assert_eq!(tally.gap(&[event(1), event(2)], 12), 0);
        assert_eq!(tally.gap(&[event(3)], 112), 99);
        assert_eq!(tally.gap(&[], 112), 0);
        assert_eq!(tally.gap(&[event(4)], 112), 0, "given before it was counted");
        assert_eq!(tally.gap(&[], 113), 0);
        assert_eq!(tally.gap(&[], 63), 0, "an issue was erased");
        assert_eq!(tally.gap(&[event(5)], 65), 1);
    }
}
