//! Keeps channels below their rate: what is too much becomes one summary, which counts it.

use std::collections::HashMap;

use super::super::engine::{Engine, Value, all, first};
use super::super::error::Result;
use crate::domain::notify::schedule::{
    BURST_MAX, FOLD_AGAIN_MS, FOLD_MS, GIVE_UP_AFTER_MS, WAITING_MAX,
};
use crate::domain::notify::{Facts, Folded, Trigger};

const MINUTE_MS: i64 = 60_000;

/// How each channel stands.
#[derive(Debug, Default)]
pub(super) struct Rates(HashMap<i64, Rate>);

#[derive(Debug, Default)]
struct Rate {
    minute: i64,
    in_minute: i64,
    waiting: i64,
    summary: Option<Summary>,
    /// When the last summary was closed.
    closed_at: i64,
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
            let before = self.0.remove(channel).unwrap_or_default();
            let waiting = first(
                db,
                "select count(*) from notice where channel = ?1 and state = 0",
                &[(*channel).into()],
                |row| row.int(0),
            )?;
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
            let (waiting, summary) = (waiting.unwrap_or(0), open.into_iter().next());
            rates.insert(*channel, Rate { waiting, summary, ..before });
        }
        self.0 = rates;
        Ok(())
    }

    /// Whether one more message of its own is within the rate; counts it.
    pub(super) fn admit(&mut self, channel: i64, now: i64) -> bool {
        let rate = self.0.entry(channel).or_default();
        let minute = now.div_euclid(MINUTE_MS);
        // Reports of one batch may stand on both sides of it; a clock that was set back is later.
        if minute > rate.minute || minute < rate.minute - 5 {
            (rate.minute, rate.in_minute) = (minute, 0);
        }
        let fits = rate.in_minute < BURST_MAX && rate.waiting < WAITING_MAX;
        if fits {
            rate.in_minute += 1;
            rate.waiting += 1;
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
                rate.waiting += 1;
                is_new = true;
            }
            summary.is_changed = false;
        }
        Ok(is_new)
    }

    /// A waiting notice ended.
    pub(super) fn ended(&mut self, channel: i64) {
        if let Some(rate) = self.0.get_mut(&channel) {
            rate.waiting = (rate.waiting - 1).max(0);
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
