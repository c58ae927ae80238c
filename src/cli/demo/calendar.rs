//! When things happen: people work by day and on weekdays, machines at night.

use super::chance::Chance;
use super::data::Kind;

/// Milliseconds of a minute, an hour and a day.
pub(super) const MINUTE: i64 = 60_000;
/// An hour.
pub(super) const HOUR: i64 = 60 * MINUTE;
/// A day.
pub(super) const DAY: i64 = 24 * HOUR;

/// How busy each hour of a day is, UTC: customers have their evening, too.
const CUSTOMERS: [f64; 24] = [
    0.22, 0.15, 0.11, 0.10, 0.12, 0.20, 0.35, 0.52, 0.66, 0.78, 0.84, 0.88, 0.90, 0.85, 0.82, 0.84,
    0.88, 0.93, 1.00, 0.98, 0.90, 0.72, 0.50, 0.34,
];
/// Of machines that follow machines.
const MACHINES: [f64; 24] = [
    0.85, 0.95, 1.00, 0.90, 0.75, 0.60, 0.60, 0.65, 0.70, 0.75, 0.75, 0.80, 0.80, 0.75, 0.75, 0.75,
    0.70, 0.70, 0.70, 0.65, 0.65, 0.65, 0.70, 0.80,
];

/// The weekday of a time, Monday is 0.
const fn weekday(at: i64) -> i64 {
    // 1 January 1970 was a Thursday.
    (at.div_euclid(DAY) + 3).rem_euclid(7)
}

fn of_hours(hours: &[f64; 24], at: i64) -> f64 {
    let minute = at.rem_euclid(DAY) / MINUTE;
    let (hour, part) = ((minute / 60) as usize, (minute % 60) as f64 / 60.0);
    hours[hour] * (1.0 - part) + hours[(hour + 1) % 24] * part
}

/// How busy a kind of program is at a time, from 0 to 1.
pub(super) fn rhythm(kind: Kind, at: i64) -> f64 {
    let is_weekend = weekday(at) >= 5;
    match kind {
        Kind::Celery | Kind::Shell => of_hours(&MACHINES, at),
        Kind::Browser | Kind::Django | Kind::Nest => {
            of_hours(&CUSTOMERS, at) * if is_weekend { 0.72 } else { 1.0 }
        }
        Kind::Spring | Kind::Go => of_hours(&CUSTOMERS, at) * if is_weekend { 0.6 } else { 1.0 },
    }
}

/// How likely somebody of the team does something at a time.
fn office(at: i64) -> f64 {
    let hour = at.rem_euclid(DAY) / HOUR;
    match (weekday(at), hour) {
        (0..=4, 7..=10 | 12..=15) => 1.0,
        (0..=4, 11 | 16..=17) => 0.5,
        (0..=4, 18..=21) => 0.05,
        (5..=6, 9..=19) => 0.02,
        _ => 0.004,
    }
}

/// A time of the span at which people work, if it has one.
pub(super) fn working(chance: &mut Chance, start: i64, end: i64) -> i64 {
    for _ in 0..200 {
        let at = chance.between(start, end);
        if chance.is(office(at)) {
            return at;
        }
    }
    chance.between(start, end)
}

/// The last 14:20 of a weekday at or before a time: the hour of the outage.
pub(super) fn afternoon(before: i64) -> i64 {
    let mut at = before.div_euclid(DAY) * DAY + 14 * HOUR + 20 * MINUTE;
    while at > before || weekday(at) >= 5 {
        at -= DAY;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 26 January 2026, midnight.
    const MONDAY: i64 = 1_769_385_600_000;

    #[test]
    fn people_work_on_weekdays() {
        assert_eq!((weekday(MONDAY), weekday(MONDAY - 1)), (0, 6));
        let mut chance = Chance::of(&[1]);
        let at_work = (0..300)
            .map(|_| working(&mut chance, MONDAY, MONDAY + 7 * DAY))
            .filter(|at| weekday(*at) < 5 && (7..18).contains(&(at.rem_euclid(DAY) / HOUR)))
            .count();
        assert!(at_work > 270, "{at_work} of 300");
    }

    #[test]
    fn the_outage_is_on_a_weekday_afternoon() {
        for day in 0..14 {
            let at = afternoon(MONDAY + day * DAY);
            assert!(weekday(at) < 5 && at <= MONDAY + day * DAY, "{day}");
            assert_eq!(at.rem_euclid(DAY), 14 * HOUR + 20 * MINUTE);
        }
    }
}
