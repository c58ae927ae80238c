//! People, their sessions and the invitations by which they come.

use serde::Serialize;

use super::look::{is_invisible, mixes_alphabets};
use super::reach::Reach;
use super::role::Role;
use crate::domain::change::PERSON_CHARS_MAX;
use crate::domain::issue::{opt_time, time};

/// People at most.
pub const PEOPLE_MAX: usize = 1_000;
/// Invitations that wait at most.
pub const INVITATIONS_MAX: i64 = 1_000;
/// Sessions of a person at most; the one that was idle longest goes.
pub const SESSIONS_MAX: i64 = 50;
/// A session that nobody used for so long has ended.
pub const SESSION_IDLE_MS: i64 = 30 * DAY_MS;
/// A session ends at the latest after so long.
pub const SESSION_AGE_MS: i64 = 90 * DAY_MS;
/// An invitation lasts so long unless it says otherwise, and at most.
pub const INVITATION_HOURS: i64 = 7 * 24;
/// See [`INVITATION_HOURS`].
pub const INVITATION_HOURS_MAX: i64 = 90 * 24;
const DAY_MS: i64 = 24 * 3_600_000;

/// What stands before the name of a key in `who`: no person's name has it.
pub const KEY_MARK: &str = "key:";

/// Somebody who may log in.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// Its number.
    #[serde(skip)]
    pub id: i64,
    /// The name in every history.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they see.
    pub projects: Reach,
    /// Whether they can log in by a password.
    pub has_password: bool,
    /// Whether their login asks for a code too.
    pub has_totp: bool,
    /// How many passkeys they have.
    pub passkeys: i64,
    /// When they were added.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// Since when they are shut out.
    #[serde(serialize_with = "opt_time")]
    pub disabled_at: Option<i64>,
}

/// A change of a person. An absent member leaves what is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// The wanted role.
    pub role: Option<Role>,
    /// Names of projects; `Some(None)` is all.
    pub projects: Option<Option<Vec<String>>>,
    /// Whether they are shut out.
    pub disabled: Option<bool>,
}

/// A login that lasts.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// Whose.
    #[serde(skip)]
    pub person: i64,
    /// When it began.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// When it was used last, within a minute or two.
    #[serde(serialize_with = "time")]
    pub seen_at: i64,
    /// The browser, as it calls itself.
    pub agent: String,
    /// Where it began.
    pub address: String,
}

impl Session {
    /// Whether it has ended by itself.
    pub const fn is_over(&self, now: i64) -> bool {
        now - self.seen_at > SESSION_IDLE_MS || now - self.created_at > SESSION_AGE_MS
    }
}

/// A link by which one person may come.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    /// Its number.
    pub id: i64,
    /// What the person may do.
    pub role: Role,
    /// What they will see.
    pub projects: Reach,
    /// When it was made.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// By whom.
    pub created_by: String,
    /// Until when it can be used.
    #[serde(serialize_with = "time")]
    pub expires_at: i64,
}

/// Why a name cannot be a person's; `None` if it can.
pub fn name_fault(name: &str) -> Option<&'static str> {
    let odd = |one: char| one.is_control() || is_invisible(one) || "/\\?#%:\"<>".contains(one);
    if !(1..=PERSON_CHARS_MAX).contains(&name.chars().count()) || name.trim() != name {
        return Some("expected a name of 1 to 64 characters, without blanks around it");
    }
    if name.contains(odd) {
        return Some("expected a name without any of / \\ ? # % : \" < >");
    }
    if name.contains("  ") || mixes_alphabets(name) {
        return Some("expected each word in letters of one alphabet, and single blanks");
    }
    // The record names these where nobody is known.
    matches!(name.to_lowercase().as_str(), "anonymous" | "command line" | "(link)" | "." | "..")
        .then_some("expected another name: this one means nobody")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pass_for_a_key_or_for_nobody() {
        for name in ["ann", "Ann Lee", "Мария", "王芳", "ann@example.org", "d'Arc"] {
            assert_eq!(name_fault(name), None, "{name}");
        }
        let long = "x".repeat(65);
        for name in [
            "",
            " ann",
            "ann ",
            "key:ci",
            "a/b",
            "a\nb",
            "Anonymous",
            "Command line",
            "(link)",
            "..",
            "a\u{200b}n",
            "a\u{fe00}nn",
            "a\u{a0}n",
            "a  n",
            "аnn",
            "<b>",
            &long,
        ] {
            assert!(name_fault(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn a_session_ends_by_idleness_and_by_age() {
        let session = |created_at, seen_at| Session {
            id: 1,
            person: 1,
            created_at,
            seen_at,
            agent: String::new(),
            address: String::new(),
        };
        assert!(!session(0, 0).is_over(SESSION_IDLE_MS));
        assert!(session(0, 0).is_over(SESSION_IDLE_MS + 1));
        assert!(!session(0, SESSION_AGE_MS).is_over(SESSION_AGE_MS));
        assert!(session(0, SESSION_AGE_MS).is_over(SESSION_AGE_MS + 1));
    }
}
