//! The time by which things are removed for good. A clock that leaps ahead, as one without a
//! battery or with a mistyped year does, must not make everything look old.

use std::time::{Duration, Instant};

use crate::store::engine::Engine;
use crate::store::{self, marks};

/// A clock this far ahead of what passed since the last look, or since the program ran last, is
/// doubted. A laptop that slept over a weekend is not.
const LEAP_MS: i64 = 7 * 24 * 3_600_000;
/// A clock that stayed where it leapt to for this long is believed.
const DOUBT_TIME: Duration = Duration::from_secs(3_600);
/// How often the time is kept for the next start.
const KEEP_EVERY_MS: i64 = 3_600_000;
/// The name of the kept time.
const MARK: &str = "trusted_time";

/// The system's clock, as far as it is believed.
#[derive(Debug)]
pub(super) struct Clock {
    read: fn() -> i64,
    /// The time that the next start will find; `None` if that is not known.
    kept_ms: Option<i64>,
    believed: Option<Believed>,
    looked: Instant,
}

/// The time that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Believed {
    /// In milliseconds since 1970.
    time_ms: i64,
    /// How long the clock has been too far ahead.
    doubted: Option<Duration>,
}

impl Believed {
    /// The time when the clock says `clock_ms` and so long has passed since the last look.
    fn after(self, passed: Duration, clock_ms: i64) -> Self {
        let passed_ms = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
        let due_ms = self.time_ms.saturating_add(passed_ms);
        let doubted = self.doubted.map_or(Duration::ZERO, |doubted| doubted + passed);
        if clock_ms <= due_ms.saturating_add(LEAP_MS) || doubted >= DOUBT_TIME {
            return Self { time_ms: clock_ms, doubted: None };
        }
        Self { time_ms: due_ms, doubted: Some(doubted) }
    }
}

impl Clock {
    /// Nothing is looked at yet. `read` gives the system's time in milliseconds since 1970.
    pub(super) fn new(read: fn() -> i64) -> Self {
        Self { read, kept_ms: None, believed: None, looked: Instant::now() }
    }

    /// The time now, in milliseconds since 1970.
    pub(super) fn now(&mut self, db: &mut dyn Engine) -> store::Result<i64> {
        let clock_ms = (self.read)();
        let before = match self.believed {
            Some(believed) => believed,
            None => {
                self.kept_ms = marks::find(db, MARK)?;
                Believed { time_ms: self.kept_ms.unwrap_or(clock_ms), doubted: None }
            }
        };
        let now = before.after(self.looked.elapsed(), clock_ms);
        self.looked = Instant::now();
        self.believed = Some(now);
        if now.doubted.is_some() && before.doubted.is_none() {
            let days = (clock_ms - now.time_ms) / (24 * 3_600_000);
            tracing::warn!(days, "the clock leapt ahead: for an hour nothing goes for its age");
        }
        Ok(now.time_ms)
    }

    /// Keeps the time for the next start, now and then; whether it did.
    pub(super) fn keep(&mut self, db: &mut dyn Engine, now_ms: i64) -> store::Result<bool> {
        if self.kept_ms.is_some_and(|kept_ms| (now_ms - kept_ms).abs() < KEEP_EVERY_MS) {
            return Ok(false);
        }
        marks::set(db, MARK, now_ms)?;
        self.kept_ms = Some(now_ms);
        Ok(true)
    }

    /// After a rollback: what was kept may not be.
    pub(super) const fn begin_anew(&mut self) {
        self.kept_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{HOUR, NOW, store};

    const MINUTE: Duration = Duration::from_secs(60);
    const YEAR_MS: i64 = 365 * 24 * HOUR;

    fn believed(time_ms: i64) -> Believed {
        Believed { time_ms, doubted: None }
    }

    #[test]
    fn a_clock_that_goes_on_or_back_is_believed() {
        for clock_ms in [NOW + 60_000, NOW, NOW - YEAR_MS, NOW + LEAP_MS] {
            assert_eq!(believed(NOW).after(MINUTE, clock_ms), believed(clock_ms));
        }
    }

    #[test]
    fn a_clock_that_leapt_is_believed_after_an_hour() {
        let mut now = believed(NOW);
        for minute in 1..=60 {
            now = now.after(MINUTE, NOW + YEAR_MS);
            assert_eq!(now.time_ms, NOW + minute * 60_000, "time goes on as it passes");
        }
        assert_eq!(now.after(MINUTE, NOW + YEAR_MS), believed(NOW + YEAR_MS));
    }

    #[test]
    fn a_clock_that_leapt_and_came_back_is_believed_at_once() {
        let doubted = believed(NOW).after(MINUTE, NOW + YEAR_MS);
        assert!(doubted.doubted.is_some());
        assert_eq!(doubted.after(MINUTE, NOW + 120_000), believed(NOW + 120_000));
    }

    #[test]
    fn a_leap_between_two_runs_is_doubted_too() {
        let mut store = store();
        let db = &mut store.writer.db;
        let mut clock = Clock::new(|| NOW);
        assert_eq!(clock.now(db), Ok(NOW), "the first clock has nothing to doubt it");
        assert_eq!(clock.keep(db, NOW), Ok(true));
        assert_eq!(clock.keep(db, NOW + 1), Ok(false), "once an hour");
        let mut next = Clock::new(|| NOW + YEAR_MS);
        assert!((NOW..NOW + HOUR).contains(&next.now(db).unwrap()));
        assert_eq!(Clock::new(|| NOW + HOUR).now(db), Ok(NOW + HOUR));
    }
}
