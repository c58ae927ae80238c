//! Comparisons of numbers and times. A time that is given as an age turns the comparison round:
//! `<1h` is a later instant than an hour ago.

use crate::domain::timestamp;

/// How a value relates to the one that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`, or no sign.
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Comparison {
    /// The sign as typed, the same in most languages.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }

    /// Whether `value` is to `given` as this says.
    pub const fn holds(self, value: i64, given: i64) -> bool {
        match self {
            Self::Less => value < given,
            Self::LessOrEqual => value <= given,
            Self::Equal => value == given,
            Self::GreaterOrEqual => value >= given,
            Self::Greater => value > given,
        }
    }

    /// The same with its sides exchanged: `<` for `>`.
    pub const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Equal => Self::Equal,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Greater => Self::Less,
        }
    }
}

/// A point in time as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// An age in milliseconds: `1h`, `2d`.
    Ago(i64),
    /// Milliseconds since 1970: `2026-01-01`, `2026-01-01T10:00:00+08:00`.
    At(i64),
}

impl When {
    /// Reads a whole number with one of `s m h d w`, or a date, or a date and a time.
    pub fn parse(text: &str) -> Option<Self> {
        let unit_ms: Option<i64> = match text.as_bytes().last()? {
            b's' => Some(1_000),
            b'm' => Some(60 * 1_000),
            b'h' => Some(60 * 60 * 1_000),
            b'd' => Some(24 * 60 * 60 * 1_000),
            b'w' => Some(7 * 24 * 60 * 60 * 1_000),
            _ => None,
        };
        match unit_ms {
            Some(unit_ms) => {
                let count = whole_number(&text[..text.len() - 1])?;
                count.checked_mul(unit_ms).map(Self::Ago)
            }
            None => timestamp::parse(text).map(Self::At),
        }
    }

    /// What a time must be to stand to this one as `comparison` says: the comparison to make and
    /// the instant to compare with. `<1h` gives "greater than an hour before `now`".
    pub const fn bound(self, comparison: Comparison, now: i64) -> (Comparison, i64) {
        match self {
            Self::Ago(age_ms) => (comparison.turned(), now.saturating_sub(age_ms)),
            Self::At(instant) => (comparison, instant),
        }
    }
}

/// A number of ASCII digits alone: no sign, no blank.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    digits_only.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_turns_the_comparison_and_an_instant_does_not() {
        let now = 10_000_000;
        let hour_ago = now - 3_600_000;
        let table = [
            ("1h", Comparison::Less, (Comparison::Greater, hour_ago)),
            ("1h", Comparison::GreaterOrEqual, (Comparison::LessOrEqual, hour_ago)),
            ("1970-01-02", Comparison::Greater, (Comparison::Greater, 86_400_000)),
        ];
        for (text, comparison, expected) in table {
            let when = When::parse(text).expect(text);
            assert_eq!(when.bound(comparison, now), expected, "{text}");
        }
        let (younger, since) = When::Ago(3_600_000).bound(Comparison::Less, now);
        assert!(younger.holds(hour_ago + 1, since), "59 minutes ago is younger than an hour");
        assert!(!younger.holds(hour_ago - 1, since), "61 minutes ago is not");
    }

    #[test]
    fn ages_have_five_units() {
        let table = [
            ("45s", Some(45_000)),
            ("30m", Some(1_800_000)),
            ("24h", Some(86_400_000)),
            ("2d", Some(172_800_000)),
            ("1w", Some(604_800_000)),
            ("0h", Some(0)),
            ("h", None),
            ("-1h", None),
            ("1.5h", None),
            ("1y", None),
            ("99999999999999999w", None),
            ("9223372036854775807s", None),
        ];
        for (text, expected) in table {
            assert_eq!(When::parse(text), expected.map(When::Ago), "{text}");
        }
    }

    #[test]
    fn signs_say_what_they_hold() {
        let table = [
            (Comparison::Less, "<", [true, false, false]),
            (Comparison::LessOrEqual, "<=", [true, true, false]),
            (Comparison::Equal, "=", [false, true, false]),
            (Comparison::GreaterOrEqual, ">=", [false, true, true]),
            (Comparison::Greater, ">", [false, false, true]),
        ];
        for (comparison, sign, expected) in table {
            assert_eq!(comparison.sign(), sign);
            assert_eq!([1, 2, 3].map(|value| comparison.holds(value, 2)), expected, "{sign}");
            assert_eq!(comparison.turned().turned(), comparison);
        }
    }
}
