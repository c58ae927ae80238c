//! How bad an error is. Ordered: a higher level compares greater.

/// The severity of a report. `DEBUG < INFO < WARNING < ERROR < CRITICAL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Detail for developers.
    Debug = 0,
    /// Worth knowing, no fault.
    Info = 1,
    /// Something is off, the program went on.
    Warning = 2,
    /// An operation failed.
    Error = 3,
    /// The program or a vital part of it is down.
    Critical = 4,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 5] =
        [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// Reads a level in any case; `warn` and `fatal` are aliases. `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        let known = [
            ("ERROR", Self::Error),
            ("WARNING", Self::Warning),
            ("CRITICAL", Self::Critical),
            ("INFO", Self::Info),
            ("DEBUG", Self::Debug),
            ("WARN", Self::Warning),
            ("FATAL", Self::Critical),
        ];
        known.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| *level)
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }

    /// The number in the database, 0 to 4.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// The set of levels that has but the number `code`; sets are joined by `|`.
    pub const fn set_of(code: i64) -> i64 {
        1 << (code & 63)
    }

    /// Every set of levels that has one of some numbers.
    pub fn sets_with_any(codes: &[i64]) -> Vec<i64> {
        let any = codes.iter().fold(0, |set, code| set | Self::set_of(*code));
        (1..1 << Self::ALL.len()).filter(|set| set & any != 0).collect()
    }

    /// The level of a database number; an unknown one reads as `ERROR`.
    pub fn from_code(code: i64) -> Self {
        Self::ALL.into_iter().find(|level| level.code() == code).unwrap_or(Self::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_case_and_the_aliases_are_read() {
        let table = [
            ("error", Some(Level::Error)),
            ("Warn", Some(Level::Warning)),
            ("FATAL", Some(Level::Critical)),
            ("info", Some(Level::Info)),
            ("debug", Some(Level::Debug)),
            ("notice", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(Level::parse(word), expected, "{word}");
        }
    }

    #[test]
    fn half_of_all_sets_have_a_level() {
        for level in Level::ALL {
            let sets = Level::sets_with_any(&[level.code()]);
            assert_eq!(sets.len(), 16);
            assert!(sets.iter().all(|set| set & Level::set_of(level.code()) != 0));
        }
        assert_eq!(Level::sets_with_any(&[0, 1, 2, 3, 4]), (1..32).collect::<Vec<_>>());
        assert_eq!(Level::sets_with_any(&[]), [0; 0]);
    }

    #[test]
    fn codes_go_there_and_back() {
        for level in Level::ALL {
            assert_eq!(Level::from_code(level.code()), level);
        }
    }
}
