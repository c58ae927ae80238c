//! Moments as people name them on a command line: `2h` ago, a date, or a time of RFC 3339.

use std::fmt;

use super::period::period;
use crate::app;
use crate::domain::timestamp;

/// A moment, in milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) i64);

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&timestamp::format(self.0))
    }
}

/// Reads a moment; a duration is counted back from now.
pub(super) fn read(text: &str) -> Result<Moment, String> {
    read_at(text, app::now())
}

fn read_at(text: &str, now: i64) -> Result<Moment, String> {
    // A bare number is a date without hyphens.
    let has_unit = text.trim_end().ends_with(|last: char| last.is_ascii_alphabetic());
    let back = period(&text.to_ascii_lowercase()).ok().filter(|_| has_unit);
    let back = back.and_then(|back| i64::try_from(back.as_millis()).ok());
    let moment = back.map(|back| now - back).or_else(|| timestamp::parse(text));
    moment.filter(|at| *at >= 0).map(Moment).ok_or_else(|| {
        "expected how long ago, e.g. 30m, 2h or 3d, or a time, e.g. 2026-01-30 or \
         2026-01-30T10:30:00Z"
            .into()
    })
}

/// `2026-01-30 10:30:00Z`, as tables and pages show a time of the API; other text stays.
pub(super) fn shown(text: &str) -> String {
    match timestamp::parse(text) {
        Some(at) => {
            let text = timestamp::format(at);
            format!("{} {}Z", &text[..10], &text[11..19])
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_times_are_read() {
        let now = 1_769_774_400_000;
        let table = [
            ("90s", Some(now - 90_000)),
            ("2h", Some(now - 7_200_000)),
            ("3D", Some(now - 259_200_000)),
            ("1w", Some(now - 604_800_000)),
            ("2026-01-30", Some(1_769_731_200_000)),
            ("2026-01-30T12:00:00+01:00", Some(now - 3_600_000)),
            ("h", None),
            ("-2h", None),
            ("2 h", None),
            ("2y", None),
            ("99999d", None),
            ("99999999999999999999d", None),
            ("", None),
            ("早", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_at(text, now).ok().map(|moment| moment.0), expected, "{text}");
        }
    }

    #[test]
    fn a_time_is_shown_to_the_second() {
        assert_eq!(shown("2026-01-30T10:30:00.123Z"), "2026-01-30 10:30:00Z");
        assert_eq!(shown("soon"), "soon");
    }
}
