//! What a person, or a key, may do at most. Each role may all that the one before it may.

use serde::{Serialize, Serializer};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Look.
    Viewer,
    /// And change issues and projects.
    Member,
    /// And say who may do what.
    Administrator,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Member, Self::Administrator];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Administrator => "administrator",
        }
    }

    /// Reads a name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == word)
    }

    /// The number in the database.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// The role of a number; one that nobody wrote may the least.
    pub fn from_code(code: i64) -> Self {
        Self::ALL.into_iter().find(|role| role.code() == code).unwrap_or(Self::Viewer)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_goes_there_and_back_and_an_unknown_one_may_the_least() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            assert_eq!(Role::from_code(role.code()), role);
        }
        assert_eq!(Role::from_code(9), Role::Viewer);
        assert!(Role::Viewer < Role::Member && Role::Member < Role::Administrator);
        assert_eq!(Role::parse("Administrator"), None, "one spelling");
    }
}
