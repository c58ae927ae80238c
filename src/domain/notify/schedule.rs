//! When a message that was not taken is tried again, and when it is given up.

use super::channel::Kind;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// How long a message is tried at all.
pub const GIVE_UP_AFTER_MS: i64 = 24 * HOUR;
/// How long a channel that is set up wrongly rests until it is tried again.
pub const PROBE_EVERY_MS: i64 = HOUR;
/// Messages of a channel a minute; further ones of that minute are folded into one.
pub const BURST_MAX: i64 = 10;
/// Messages that wait in a channel; further ones are folded into one.
pub const WAITING_MAX: i64 = 100;
/// How long notifications are gathered for the first summary.
pub const FOLD_MS: i64 = MINUTE;
/// How long they are gathered for the next ones, while it goes on.
pub const FOLD_AGAIN_MS: i64 = 10 * MINUTE;
/// How long the log of deliveries and what became of messages are kept.
pub const KEPT_MS: i64 = 30 * 24 * HOUR;

/// The longest that a vendor may make a channel wait.
const RETRY_AFTER_MAX_MS: i64 = 6 * HOUR;

/// How long to wait after so many failed attempts: 5 s, 30 s, 2 min, 10 min, 1 h, then 6 h; a
/// fifth more or less, so that many that failed together do not come back together. `chance` is
/// any number.
pub fn retry_ms(attempts: i64, chance: u64) -> i64 {
    let base = match attempts {
        ..=1 => 5 * SECOND,
        2 => 30 * SECOND,
        3 => 2 * MINUTE,
        4 => 10 * MINUTE,
        5 => HOUR,
        _ => 6 * HOUR,
    };
    let thousandths = 800 + i64::try_from(chance % 401).unwrap_or(0);
    base * thousandths / 1_000
}

/// The least pause before the next attempt, once a vendor answered: mail servers that put strangers
/// off take nothing sooner.
pub const fn patience_ms(kind: Kind) -> i64 {
    match kind {
        Kind::Email => 5 * MINUTE,
        _ => 0,
    }
}

/// What a vendor says in seconds, perhaps with a fraction; within limits.
pub fn vendor_ms(seconds: f64) -> Option<i64> {
    (seconds.is_finite() && seconds >= 0.0)
        .then(|| ((seconds * 1_000.0) as i64).clamp(SECOND, RETRY_AFTER_MAX_MS))
}

/// The least time between two messages of a channel, under each vendor's limit.
pub const fn pace_ms(kind: Kind) -> i64 {
    match kind {
        Kind::Webhook | Kind::Elasticsearch => 50,
        Kind::Slack | Kind::Telegram => 1_100,
        Kind::Feishu => 700,
        // Providers let a sender have some hundreds an hour.
        Kind::Email => 5_000,
        // 20 a minute; past it DingTalk takes nothing for ten minutes.
        Kind::DingTalk | Kind::WeCom => 3_400,
        Kind::Discord => 2_400,
        Kind::Teams | Kind::PagerDuty => 550,
    }
}

/// Messages of a channel an hour, and how many wait there, where that is limited beside the pace:
/// of the 60 that a mailbox takes without calling it spam, summaries of storms are six.
pub const fn hourly_max(kind: Kind) -> Option<i64> {
    match kind {
        Kind::Email => Some(54),
        _ => None,
    }
}

/// How many messages a channel would get of what was decided at these times, in order: of more
/// than [`BURST_MAX`] a minute, and `hourly` an hour, the rest is summed up.
pub fn messages(times: &[i64], hourly: Option<i64>) -> i64 {
    let (mut minute, mut in_minute, mut messages) = (i64::MIN, 0, 0);
    let (mut hour, mut in_hour) = (i64::MIN, 0);
    // Until when the open summary gathers.
    let mut gathers_until = i64::MIN;
    for at in times {
        if at.div_euclid(MINUTE) != minute {
            (minute, in_minute) = (at.div_euclid(MINUTE), 0);
        }
        if at.div_euclid(HOUR) != hour {
            (hour, in_hour) = (at.div_euclid(HOUR), 0);
        }
        if in_minute < BURST_MAX && hourly.is_none_or(|hourly| in_hour < hourly) {
            (in_minute, in_hour, messages) = (in_minute + 1, in_hour + 1, messages + 1);
        } else if *at >= gathers_until {
            let goes_on = at.saturating_sub(gathers_until) < FOLD_AGAIN_MS;
            gathers_until = at + if goes_on { FOLD_AGAIN_MS } else { FOLD_MS };
            messages += 1;
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_vary_by_a_fifth() {
        let table = [(0, 5), (1, 5), (2, 30), (3, 120), (4, 600), (5, 3_600), (9, 21_600)];
        for (attempts, seconds) in table {
            for chance in 0..1_000 {
                let pause = retry_ms(attempts, chance * 7_919);
                let base = seconds * SECOND;
                assert!((base * 8 / 10..=base * 12 / 10).contains(&pause), "{attempts} {pause}");
            }
        }
        assert_ne!(retry_ms(1, 0), retry_ms(1, 400));
    }

    #[test]
    fn of_many_at_once_the_rest_is_one_message() {
        let at = |minute: i64, number: usize| vec![minute * MINUTE; number];
        let table = [
            (vec![], 0),
            (at(5, 10), 10),
            (at(5, 1_000), 11),
            ([at(5, 10), at(6, 10)].concat(), 20),
            // A summary of the first minute, then one of ten minutes.
            ([at(5, 20), at(6, 20), at(7, 20), at(8, 20)].concat(), 42),
        ];
        for (times, expected) in table {
            assert_eq!(messages(&times, None), expected, "{}", times.len());
        }
        // Nine minutes of ten: a mailbox has 54 of them and two summaries that began in time.
        let times: Vec<i64> = (0..9).flat_map(|minute| at(minute, 10)).collect();
        assert_eq!(messages(&times, None), 90);
        assert_eq!(messages(&times, Some(54)), 56);
    }

    #[test]
    fn a_vendor_may_not_make_it_wait_for_ever() {
        let table = [(0.2, Some(1_000)), (1.5, Some(1_500)), (1e12, Some(6 * HOUR)), (-1.0, None)];
        for (seconds, expected) in table {
            assert_eq!(vendor_ms(seconds), expected);
        }
        assert_eq!(vendor_ms(f64::NAN), None);
    }
}
