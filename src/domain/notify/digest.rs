//! When a digest is due, and of which time it tells.

use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 1_440;
/// How long after its time a digest is still sent, when nobody could before.
const LATE_MS: i64 = 12 * 60 * MINUTE_MS;

/// How often a digest comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// At each full hour.
    Hour,
    /// Each day.
    #[default]
    Day,
    /// Each Monday.
    Week,
}

impl Every {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    const fn minutes(self) -> i64 {
        match self {
            Self::Hour => 60,
            Self::Day => DAY_MINUTES,
            Self::Week => 7 * DAY_MINUTES,
        }
    }
}

/// How often a digest comes, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Digest {
    /// How often.
    pub every: Every,
    /// At which minute of a local day; of an hourly one it says nothing.
    pub at_minute: i64,
    /// Minutes east of UTC.
    pub tz_offset_minutes: i64,
}

impl Default for Digest {
    fn default() -> Self {
        Self { every: Every::Day, at_minute: 9 * 60, tz_offset_minutes: 0 }
    }
}

impl Digest {
    /// The last time at which it was due, and from when on it tells; `None` if that is too long
    /// ago.
    pub fn due(&self, now: i64) -> Option<(i64, i64)> {
        let length = self.every.minutes();
        // 1970 began on a Thursday: the first Monday was four days later.
        let first = match self.every {
            Every::Hour => -self.tz_offset_minutes,
            Every::Day => self.at_minute - self.tz_offset_minutes,
            Every::Week => 4 * DAY_MINUTES + self.at_minute - self.tz_offset_minutes,
        };
        let minute = now.div_euclid(MINUTE_MS);
        let due = first + (minute - first).div_euclid(length) * length;
        let (due, length) = (due * MINUTE_MS, length * MINUTE_MS);
        (now - due < LATE_MS.min(length)).then_some((due, due - length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp;

    #[test]
    fn a_digest_is_due_at_its_local_time() {
        let at = |text: &str| timestamp::parse(text).expect("a time");
        // 2026-02-02 is a Monday.
        let table = [
            (Every::Hour, "2026-02-03T10:20:00Z", Some("2026-02-03T10:00:00Z")),
            (Every::Day, "2026-02-03T01:00:00Z", Some("2026-02-03T01:00:00Z")),
            (Every::Day, "2026-02-03T00:59:00Z", None),
            (Every::Day, "2026-02-03T13:00:00Z", None),
            (Every::Week, "2026-02-02T02:00:00Z", Some("2026-02-02T01:00:00Z")),
            (Every::Week, "2026-02-03T02:00:00Z", None),
        ];
        for (every, now, expected) in table {
            let digest = Digest { every, at_minute: 9 * 60, tz_offset_minutes: 480 };
            let due = digest.due(at(now));
            assert_eq!(due.map(|(due, _)| due), expected.map(at), "{every:?} {now}");
            let lengths = due.map(|(due, since)| (due - since) / MINUTE_MS);
            assert_eq!(lengths, expected.map(|_| every.minutes()));
        }
    }
}
