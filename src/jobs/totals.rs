//! Adds what each turn removed to the sums in the database, in the turn's own transaction.

use std::sync::Arc;

use crate::metrics::Metrics;
use crate::store;
use crate::store::engine::Engine;
use crate::store::removed::{self, Removed};

/// How far the sums have followed the counters.
#[derive(Debug)]
pub(super) struct Totals {
    metrics: Arc<Metrics>,
    now: fn() -> i64,
    added: Removed,
}

impl Totals {
    /// Nothing counted yet.
    pub(super) fn new(metrics: Arc<Metrics>, now: fn() -> i64) -> Self {
        Self { metrics, now, added: Removed::default() }
    }

    /// Adds what was counted since the last time.
    pub(super) fn add(&mut self, db: &mut dyn Engine) -> store::Result<()> {
        let (now, then) = (self.counted(), self.added);
        if now == then {
            return Ok(());
        }
        let more = Removed {
            events_by_age: now.events_by_age - then.events_by_age,
            events_by_number: now.events_by_number - then.events_by_number,
            events_by_size: now.events_by_size - then.events_by_size,
            issues_by_size: now.issues_by_size - then.issues_by_size,
        };
        removed::add(db, more, (self.now)())?;
        self.added = now;
        Ok(())
    }

    /// After a rollback: what was counted meanwhile is there again.
    pub(super) fn skip(&mut self) {
        self.added = self.counted();
    }

    fn counted(&self) -> Removed {
        let metrics = &self.metrics;
        Removed {
            events_by_age: metrics.events_removed_by_age.value(),
            events_by_number: metrics.events_removed_by_number.value(),
            events_by_size: metrics.events_removed_by_size.value(),
            issues_by_size: metrics.issues_removed_by_size.value(),
        }
    }
}
