//! Backups by their names, which say when each was begun and why; which of them go, and when the
//! next one is due. A name that is read back is the same, letter for letter.

use std::fmt;

use super::timestamp;

const PREFIX: &str = "log-center-";
const ENDING: &str = ".db";
const SECOND_MS: i64 = 1_000;
const HOUR_MS: i64 = 3_600_000;
/// How long after a failure a scheduled backup is tried again.
const RETRY_MS: i64 = HOUR_MS;

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody asked for it.
    Requested,
    /// It was due.
    Scheduled,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Requested, Self::Scheduled];

    /// Its word in names and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Scheduled => "scheduled",
        }
    }
}

/// The name of a backup's file. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    begun_at: i64,
    kind: Kind,
}

impl Name {
    /// Of a backup that begins at this time; names tell whole seconds.
    pub const fn new(at: i64, kind: Kind) -> Self {
        Self { begun_at: at - at.rem_euclid(SECOND_MS), kind }
    }

    /// Reads a file's name; `None` if it is another's.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix(PREFIX)?.strip_suffix(ENDING)?;
        let (stamp, kind) = inner.split_once('-')?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
        let name = Self::new(timestamp::parse(stamp)?, kind);
        (name.to_string() == text).then_some(name)
    }

    /// When it was begun, in milliseconds since 1970.
    pub const fn begun_at(self) -> i64 {
        self.begun_at
    }

    /// Why it was made.
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// The name of one that begins a second later.
    pub const fn later(self) -> Self {
        Self { begun_at: self.begun_at + SECOND_MS, ..self }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = timestamp::format(self.begun_at);
        let seconds = time.split('.').next().unwrap_or_default();
        let stamp: String = seconds.chars().filter(|one| !matches!(one, '-' | ':')).collect();
        write!(out, "{PREFIX}{stamp}Z-{}{ENDING}", self.kind.name())
    }
}

/// Which backups go after `made` was made, so that of each kind the newest `keep` stay. `made`
/// stays whatever its name; one that was asked for takes no other's place, since it may be moved
/// away.
pub fn surplus(all: &[Name], made: Name, keep: usize) -> Vec<Name> {
    let of_kind = |kind| {
        let others = all.iter().copied().filter(|one| one.kind == kind && *one != made);
        let mut names: Vec<Name> = others.collect();
        names.sort_unstable_by(|one, other| other.cmp(one));
        let takes_place = kind == Kind::Scheduled && made.kind == kind;
        names.into_iter().skip(keep - usize::from(takes_place))
    };
    Kind::ALL.into_iter().flat_map(of_kind).collect()
}

/// When the next scheduled backup is due: `every_hours` after the newest one, at once if there is
/// none, an hour after a failure. A clock that was set back makes nobody wait for longer.
pub fn next_at(newest: Option<i64>, failed: Option<i64>, every_hours: i64, now: i64) -> i64 {
    let every_ms = every_hours * HOUR_MS;
    let due = newest.map_or(now, |at| at.min(now) + every_ms);
    let retry = failed.map_or(now, |at| at.min(now) + RETRY_MS.min(every_ms));
    due.max(retry).max(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-29T03:30:00Z.
    const AT: i64 = 1_795_923_000_000;

    #[test]
    fn a_name_says_when_and_why() {
        let name = Name::new(AT + 999, Kind::Requested);
        assert_eq!(name.to_string(), "log-center-20261129T033000Z-requested.db");
        assert_eq!(Name::parse(&name.to_string()), Some(name));
        assert_eq!((name.begun_at(), name.later().begun_at()), (AT, AT + 1_000));
        for other in [
            "",
            "log-center.db",
            "log-center-20261129T033000Z-requested.db.part",
            "log-center-20261129T033000Z-stolen.db",
            "log-center-2026-11-29T03:30:00Z-requested.db",
            "log-center-20261129T0330Z-requested.db",
            "../log-center-20261129T033000Z-requested.db",
        ] {
            assert_eq!(Name::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_of_each_kind_stay() {
        let name = |hours, kind| Name::new(AT + hours * HOUR_MS, kind);
        let all = [
            name(1, Kind::Scheduled),
            name(3, Kind::Scheduled),
            name(2, Kind::Scheduled),
            name(0, Kind::Requested),
        ];
        assert_eq!(surplus(&all, all[1], 2), [all[0]]);
        assert_eq!(surplus(&all, all[1], 1), [all[2], all[0]]);
        assert_eq!(surplus(&all, all[1], 3), []);
        assert_eq!(surplus(&all, all[0], 1), [all[1], all[2]], "the clock was ahead once");
        let asked = name(9, Kind::Requested);
        let all = [&all[..], &[asked]].concat();
        assert_eq!(surplus(&all, asked, 3), [], "and may be moved away");
        let later = name(10, Kind::Requested);
        assert_eq!(surplus(&all, later, 1), [all[3], all[2], all[0]]);
    }

    #[test]
    fn the_next_one_is_due_by_the_newest_and_the_last_failure() {
        let day = 24 * HOUR_MS;
        let table = [
            (None, None, AT),
            (Some(AT - HOUR_MS), None, AT + day - HOUR_MS),
            (Some(AT - 3 * day), None, AT),
            (Some(AT + 9 * day), None, AT + day),
            (None, Some(AT), AT + HOUR_MS),
            (Some(AT - 3 * day), Some(AT - HOUR_MS / 2), AT + HOUR_MS / 2),
            (Some(AT - 3 * day), Some(AT - 2 * HOUR_MS), AT),
        ];
        for (newest, failed, expected) in table {
            assert_eq!(next_at(newest, failed, 24, AT), expected, "{newest:?} {failed:?}");
        }
    }
}
