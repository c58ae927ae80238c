//! Keeps channels below their rate: what is too much becomes one summary, which counts it.

use std::collections::HashMap;

use super::super::engine::{Engine, Value, all, first};
use super::super::error::Result;
use crate::domain::notify::channel::Kind;
use crate::domain::notify::schedule::{
    BURST_MAX, FOLD_AGAIN_MS, FOLD_MS, GIVE_UP_AFTER_MS, WAITING_MAX, hourly_max,
};
use crate::domain::notify::{Facts, Folded, Trigger};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Notices that are looked at to find how many a channel had in this hour.
const LOOKED_BACK: i64 = 5_000;

/// How each channel stands.
#[derive(Debug, Default)]
pub(super) struct Rates(HashMap<i64, Rate>);

#[derive(Debug, Default)]
struct Rate {
    /// What may go out at once.
    now: Lane,
    /// What quiet hours hold back, and summaries: it must not take the place of what is due.
    later: Lane,
    /// How many messages an hour, where that is limited too.
    hourly: Option<i64>,
    hour: i64,
    in_hour: i64,
    summary: Option<Summary>,
    /// When the last summary was closed.
    closed_at: i64,
}

#[derive(Debug, Default)]
struct Lane {
    minute: i64,
    in_minute: i64,
    waiting: i64,
}

impl Lane {
    /// Reports of one batch may stand on both sides of a minute; a clock that was set back is
    /// later.
    const fn begin(&mut self, minute: i64) {
        if minute > self.minute || minute < self.minute - 5 {
            (self.minute, self.in_minute) = (minute, 0);
        }
    }
}

impl Rate {
    const fn lane(&mut self, is_held: bool) -> &mut Lane {
        if is_held { &mut self.later } else { &mut self.now }
    }

    /// Whether this minute and this hour take one more.
    fn has_room(&mut self, is_held: bool, now: i64) -> bool {
        let hour = now.div_euclid(HOUR_MS);
        if hour != self.hour {
            (self.hour, self.in_hour) = (hour, 0);
        }
        let of_hour = self.hourly.is_none_or(|hourly| self.in_hour < hourly);
        let lane = self.lane(is_held);
        lane.begin(now.div_euclid(MINUTE_MS));
        of_hour && lane.in_minute < BURST_MAX
    }
}

/// A summary into which more may come.
#[derive(Debug)]
struct Summary {
    id: Option<i64>,
    facts: Facts,
    next_at: i64,
    is_changed: bool,
    /// Whether it goes out earlier than its channel was told.
    is_sooner: bool,
}

impl Rates {
    /// Reads what waits in each channel.
    pub(super) fn reload(&mut self, db: &mut dyn Engine, channels: &[i64]) -> Result<()> {
        let mut rates = HashMap::new();
        for channel in channels {
            let mut rate = self.0.remove(channel).unwrap_or_default();
            let waiting = first(
                db,
                "select sum(until_at - ?2 <= created_at), sum(until_at - ?2 > created_at) \
                 from notice where channel = ?1 and state = 0",
                &[(*channel).into(), GIVE_UP_AFTER_MS.into()],
                |row| (row.opt_int(0).unwrap_or(0), row.opt_int(1).unwrap_or(0)),
            )?;
            (rate.now.waiting, rate.later.waiting) = waiting.unwrap_or_default();
            let kind = "select kind from channel where id = ?1";
            let kind = first(db, kind, &[(*channel).into()], |row| Kind::parse(row.text(0)))?;
            rate.hourly = kind.flatten().and_then(hourly_max);
            if rate.hourly.is_some() && rate.hour == 0 {
                (rate.hour, rate.in_hour) = newest_hour(db, *channel)?;
            }
            let open = all(
                db,
                "select id, facts, next_at from notice where channel = ?1 and state = 0 \
                 and cause = ?2 and closed = 0",
                &[(*channel).into(), Trigger::Storm.name().into()],
                |row| Summary {
                    id: Some(row.int(0)),
                    facts: serde_json::from_str(row.text(1)).unwrap_or_default(),
                    next_at: row.int(2),
                    is_changed: false,
                    is_sooner: false,
                },
            )?;
            rate.summary = open.into_iter().next();
            if rate.closed_at == 0 {
                rate.closed_at = last_closed(db, *channel)?;
            }
            rates.insert(*channel, rate);
        }
        self.0 = rates;
        Ok(())
    }

    /// Whether a channel could take a message of its own now, unless too many wait there.
    pub(super) fn has_room(&mut self, channel: i64, now: i64) -> bool {
        self.0.entry(channel).or_default().has_room(false, now)
    }

    /// Whether one more message of its own is within the rate; counts it. `due`: when it may go
    /// out.
    pub(super) fn admit(&mut self, channel: i64, (now, due): (i64, i64)) -> bool {
        let rate = self.0.entry(channel).or_default();
        let is_held = due > now;
        let waiting_max = rate.hourly.map_or(WAITING_MAX, |hourly| hourly.min(WAITING_MAX));
        let fits = rate.has_room(is_held, now) && rate.lane(is_held).waiting < waiting_max;
        if fits {
            rate.in_hour += 1;
            let lane = rate.lane(is_held);
            lane.in_minute += 1;
            lane.waiting += 1;
        }
        fits
    }

    /// Adds a notice to the summary. `due`: when it might have gone out.
    pub(super) fn fold(
        &mut self,
        channel: i64,
        trigger: Trigger,
        issue: Option<i64>,
        (now, due): (i64, i64),
    ) {
        let rate = self.0.entry(channel).or_default();
        let goes_on = now - rate.closed_at < FOLD_AGAIN_MS;
        let at = due.max(now + if goes_on { FOLD_AGAIN_MS } else { FOLD_MS });
        let summary = rate.summary.get_or_insert_with(|| Summary {
            id: None,
            facts: Facts { at: now, ..Facts::default() },
            next_at: at,
            is_changed: true,
            is_sooner: false,
        });
        // What may not wait for quiet hours takes the others with it.
        summary.is_sooner |= at < summary.next_at;
        summary.next_at = summary.next_at.min(at);
        summary.is_changed = true;
        summary.facts.folded.get_or_insert_with(Folded::default).add(trigger, issue, now);
    }

    /// Writes changed summaries; whether there is a new one, or one that goes out earlier.
    pub(super) fn flush(&mut self, db: &mut dyn Engine, now: i64) -> Result<bool> {
        let mut is_new = false;
        for (channel, rate) in &mut self.0 {
            let Some(summary) = rate.summary.as_mut().filter(|one| one.is_changed) else {
                continue;
            };
            let facts = serde_json::to_string(&summary.facts).expect("facts always serialize");
            if let Some(id) = summary.id {
                let until = summary.next_at + GIVE_UP_AFTER_MS;
                let values =
                    [id.into(), facts.as_str().into(), summary.next_at.into(), until.into()];
                let sql = "update notice set facts = ?2, next_at = ?3, until_at = ?4 where id = ?1";
                db.run(sql, &values)?;
                is_new |= std::mem::take(&mut summary.is_sooner);
            } else {
                let values: [Value<'_>; 6] = [
                    (*channel).into(),
                    Trigger::Storm.name().into(),
                    facts.as_str().into(),
                    now.into(),
                    summary.next_at.into(),
                    (summary.next_at + GIVE_UP_AFTER_MS).into(),
                ];
                let sql = "insert into notice \
                    (channel, cause, facts, created_at, next_at, until_at) \
                    values (?1, ?2, ?3, ?4, ?5, ?6)";
                summary.id = Some(db.insert(sql, &values)?);
                rate.later.waiting += 1;
                is_new = true;
            }
            summary.is_changed = false;
        }
        Ok(is_new)
    }

    /// A waiting notice ended; whether it had been held back.
    pub(super) fn ended(&mut self, channel: i64, is_held: bool) {
        if let Some(rate) = self.0.get_mut(&channel) {
            let lane = rate.lane(is_held);
            lane.waiting = (lane.waiting - 1).max(0);
        }
    }

    /// Nothing more comes into the open summary.
    pub(super) fn close(&mut self, channel: i64, now: i64) {
        if let Some(rate) = self.0.get_mut(&channel) {
            rate.summary = None;
            rate.closed_at = now;
        }
    }
}

/// When a channel's last summary was closed: about when it was due. A start forgets it.
fn last_closed(db: &mut dyn Engine, channel: i64) -> Result<i64> {
    let newest = db.last_number("notice")?;
    let sql = "select max(next_at) from notice \
               where channel = ?1 and id > ?2 and cause = ?3 and closed = 1";
    let values = [channel.into(), (newest - LOOKED_BACK).into(), Trigger::Storm.name().into()];
    Ok(first(db, sql, &values, |row| row.opt_int(0))?.flatten().unwrap_or(0))
}

/// The hour of a channel's newest notice, and how many it had in that hour: a start forgets it.
fn newest_hour(db: &mut dyn Engine, channel: i64) -> Result<(i64, i64)> {
    let newest = db.last_number("notice")?;
    let sql = "select created_at from notice where channel = ?1 and id > ?2 and cause <> ?3";
    let values = [channel.into(), (newest - LOOKED_BACK).into(), Trigger::Storm.name().into()];
    let hours = all(db, sql, &values, |row| row.int(0).div_euclid(HOUR_MS))?;
    let hour = hours.iter().copied().max().unwrap_or(0);
    Ok((hour, hours.into_iter().filter(|one| *one == hour).count() as i64))
}
