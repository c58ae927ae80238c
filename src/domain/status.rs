//! The fix workflow: which status may follow which. The table below is the only one.

use std::collections::VecDeque;

/// Where an issue stands between its first report and its deployed fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// Reported, nobody looked yet.
    New = 0,
    /// Somebody tries to reproduce it.
    Verifying = 1,
    /// Real; waits for somebody to fix it.
    PendingFix = 2,
    /// Somebody works on it.
    Fixing = 3,
    /// A fix exists and waits for its check.
    Fixed = 4,
    /// The fix was checked.
    Verified = 5,
    /// The fix is live.
    Deployed = 6,
    /// It could not be made to happen again.
    CannotReproduce = 7,
    /// The fix did not help.
    FixFailed = 8,
}

use Status::{
    CannotReproduce, Deployed, FixFailed, Fixed, Fixing, New, PendingFix, Verified, Verifying,
};

impl Status {
    /// Every status, in the order of the workflow, the two side states last.
    pub const ALL: [Self; 9] =
        [New, Verifying, PendingFix, Fixing, Fixed, Verified, Deployed, CannotReproduce, FixFailed];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            New => "NEW",
            Verifying => "VERIFYING",
            PendingFix => "PENDING_FIX",
            Fixing => "FIXING",
            Fixed => "FIXED",
            Verified => "VERIFIED",
            Deployed => "DEPLOYED",
            CannotReproduce => "CANNOT_REPRODUCE",
            FixFailed => "FIX_FAILED",
        }
    }

    /// Reads a name in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(word))
    }

    /// The number in the database, 0 to 8.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// The status of a database number; an unknown one reads as `NEW`.
    pub fn from_code(code: i64) -> Self {
        Self::ALL.into_iter().find(|status| status.code() == code).unwrap_or(New)
    }

    /// Where a person may move an issue from here. (DEPLOYED → NEW is a regression's alone.)
    pub const fn allowed_moves(self) -> &'static [Self] {
        match self {
            New | CannotReproduce | Deployed => &[Verifying],
            Verifying => &[PendingFix, CannotReproduce],
            PendingFix => &[Fixing],
            Fixing => &[Fixed, FixFailed],
            FixFailed => &[PendingFix, Fixing],
            Fixed => &[Verified, FixFailed],
            Verified => &[Deployed, FixFailed],
        }
    }

    /// Whether a move needs a note: only taking back a deployed fix does.
    pub const fn note_required(self, to: Self) -> bool {
        matches!((self, to), (Deployed, Verifying))
    }

    /// The shortest allowed way to `to`, without the start and with the end; `None` if there is
    /// none, and none to itself. Of two ways of equal length the one the table names first.
    pub fn path(self, to: Self) -> Option<Vec<Self>> {
        if self == to {
            return None;
        }
        let mut came_from = [None; Self::ALL.len()];
        let mut open = VecDeque::from([self]);
        while let Some(at) = open.pop_front() {
            for &next in at.allowed_moves() {
                if next != self && came_from[next as usize].is_none() {
                    came_from[next as usize] = Some(at);
                    open.push_back(next);
                }
            }
        }
        let mut way = vec![to];
        while let Some(before) = came_from[way[way.len() - 1] as usize] {
            if before == self {
                way.reverse();
                return Some(way);
            }
            way.push(before);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_contracts() {
        let table = [
            (New, "VERIFYING"),
            (Verifying, "PENDING_FIX CANNOT_REPRODUCE"),
            (CannotReproduce, "VERIFYING"),
            (PendingFix, "FIXING"),
            (Fixing, "FIXED FIX_FAILED"),
            (FixFailed, "PENDING_FIX FIXING"),
            (Fixed, "VERIFIED FIX_FAILED"),
            (Verified, "DEPLOYED FIX_FAILED"),
            (Deployed, "VERIFYING"),
        ];
        for (from, expected) in table {
            let names: Vec<_> = from.allowed_moves().iter().map(|to| to.name()).collect();
            assert_eq!(names.join(" "), expected, "{}", from.name());
        }
    }

    #[test]
    fn a_path_is_the_shortest() {
        let table = [
            (New, Deployed, "VERIFYING PENDING_FIX FIXING FIXED VERIFIED DEPLOYED"),
            (New, CannotReproduce, "VERIFYING CANNOT_REPRODUCE"),
            (Deployed, Fixing, "VERIFYING PENDING_FIX FIXING"),
            (FixFailed, Fixed, "FIXING FIXED"),
            (Verified, Fixing, "FIX_FAILED FIXING"),
        ];
        for (from, to, expected) in table {
            let way = from.path(to).expect("a way");
            let names: Vec<_> = way.iter().map(|status| status.name()).collect();
            assert_eq!(names.join(" "), expected);
        }
        assert_eq!(New.path(New), None);
        assert_eq!(Fixing.path(New), None, "only a regression leads to NEW");
    }

    #[test]
    fn names_and_codes_go_there_and_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(&status.name().to_lowercase()), Some(status));
            assert_eq!(Status::from_code(status.code()), status);
        }
    }
}
