//! What a person or a program wants to change. One that exists is within limits; whether it is
//! allowed now depends on what the store holds.

use super::status::Status;

/// Characters of a person's name at most.
pub const PERSON_CHARS_MAX: usize = 64;
/// Characters of a note or a comment at most.
pub const NOTE_CHARS_MAX: usize = 8_192;
/// Issues of one bulk change at most.
pub const BULK_MAX: usize = 500;
/// Environments of a project that count as live at most.
pub const LIVE_ENVIRONMENTS_MAX: usize = 64;
/// Reports that a mute may wait for at most.
pub const MUTE_REPORTS_MAX: i64 = 1_000_000_000;

/// How long an issue stays quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mute {
    /// Until this time, in milliseconds since 1970, UTC.
    At(i64),
    /// Until so many further reports came.
    Reports(i64),
    /// Until somebody unmutes it.
    ForEver,
}

/// A change of one issue. An absent member leaves what is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The wanted status.
    pub status: Option<Status>,
    /// The status that the caller saw; any other present one is a conflict.
    pub from: Option<Status>,
    /// Whether to walk the shortest allowed path instead of one step.
    pub path: bool,
    /// `Some(None)` takes the assignee away.
    pub assignee: Option<Option<String>>,
    /// `Some(None)` unmutes.
    pub muted_until: Option<Option<Mute>>,
    /// Why; recorded with the move.
    pub note: Option<String>,
    /// The version that holds the fix.
    pub version: Option<String>,
    /// The commit that holds the fix.
    pub commit_hash: Option<String>,
}

impl Change {
    /// Whether it asks for nothing.
    pub const fn is_empty(&self) -> bool {
        self.status.is_none() && self.assignee.is_none() && self.muted_until.is_none()
    }
}

/// One change of several issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkChange {
    /// 1 to [`BULK_MAX`], each once, in the caller's order.
    pub ids: Vec<i64>,
    /// The same for each.
    pub change: Change,
}

/// A comment on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// 1 to [`NOTE_CHARS_MAX`] characters, not blank.
    pub text: String,
}

/// A version that went live somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// 1 to 256 characters.
    pub version: String,
    /// Absent: everywhere that is live.
    pub environment: Option<String>,
    /// The deployed commit.
    pub commit_hash: Option<String>,
}

/// A change of a project's settings. An absent member leaves what is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Environments in which a report reopens a deployed issue; each once.
    pub live_environments: Option<Vec<String>>,
}

/// Who makes a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// A name of 1 to [`PERSON_CHARS_MAX`] characters.
    pub name: String,
    /// Whether the server knows it, rather than believes a header.
    pub verified: bool,
}

impl Who {
    /// Somebody who did not say a name.
    pub fn anonymous() -> Self {
        Self { name: "anonymous".to_owned(), verified: false }
    }

    /// The name by which their own issues are found; somebody without a name has none.
    pub fn asking(&self) -> &str {
        if *self == Self::anonymous() { "" } else { &self.name }
    }
}
