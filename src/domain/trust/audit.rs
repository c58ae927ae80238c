//! What is recorded of every change and login. An entry never holds a secret, and is one line.

use serde::Serialize;
use serde_json::Value;

use crate::domain::change::Who;
use crate::domain::issue::time;

/// An entry to add.
#[derive(Clone, Debug)]
pub struct Note {
    /// Who did it, or tried to.
    pub who: Who,
    /// From where.
    pub address: String,
    /// What, e.g. `key.create`.
    pub action: &'static str,
    /// What it was done to, e.g. `key 7` or `person ann`.
    pub object: String,
    /// More about it; an object.
    pub detail: Value,
}

/// An entry.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    #[serde(serialize_with = "time")]
    pub at: i64,
    /// Who did it, or tried to.
    pub who: String,
    /// Whether the server knew them, rather than believed a header.
    pub verified: bool,
    /// From where.
    pub address: String,
    /// What.
    pub action: String,
    /// What it was done to.
    pub object: String,
    /// More about it.
    pub detail: Value,
}

/// Which entries are wanted. An absent member allows any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Whose doing.
    pub who: Option<String>,
    /// What was done; `key` means every action that begins with `key.`.
    pub action: Option<String>,
    /// From this time on, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before this time.
    pub until: Option<i64>,
}
