//! What several resources share: how lists and erasures go out, and how searches come in.

use serde::Serialize;
use serde_json::{Value, json};

use super::error::Error;
use crate::app::Failure;
use crate::domain::issue::{Event, Issue};
use crate::domain::query::Span;
use crate::domain::report::Fault;
use crate::domain::search::{self, Query, Scope};
use crate::domain::timestamp;
use crate::domain::workflow::Refusal;
use crate::ingest::Refused;
use crate::metrics::Reason;
use crate::store;
use crate::store::erase::Erased;
use crate::store::events::EventPage;
use crate::store::listing::IssuePage;

/// Seconds after which a full queue is worth another try: it empties many times in one.
const QUEUE_RETRY_S: u32 = 1;
/// Seconds after which a full disk is: somebody has to make room.
const DISK_RETRY_S: u32 = 30;
/// Seconds after which a file above its limit is: older events go by themselves.
const FILE_RETRY_S: u32 = 5;
/// Seconds after which an import may have ended.
const IMPORT_RETRY_S: u32 = 10;
/// Seconds after which a stopping program may be back.
const STOP_RETRY_S: u32 = 5;

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let overload = |reason, message: &str, retry_after_s| Self::Overload {
            reason,
            message: message.to_owned(),
            retry_after_s,
        };
        match failure {
            Failure::Refused(Refused::QueueFull) => {
                overload(Reason::QueueFull, "too many reports wait already", QUEUE_RETRY_S)
            }
            Failure::Refused(Refused::DiskFull) | Failure::Store(store::Error::Full) => {
                overload(Reason::DiskFull, "the disk is full, or nearly", DISK_RETRY_S)
            }
            Failure::Refused(Refused::Unwritable) | Failure::Store(store::Error::Unwritable(_)) => {
                overload(Reason::DiskUnwritable, "the disk takes no writes", DISK_RETRY_S)
            }
            Failure::Refused(Refused::FileFull) => overload(
                Reason::FileFull,
                "the database is above its size limit: older events go first",
                FILE_RETRY_S,
            ),
            Failure::Refused(Refused::Importing) => overload(
                Reason::Importing,
                "an import is under way: try again when it has ended",
                IMPORT_RETRY_S,
            ),
            Failure::Refused(Refused::Stopping) => {
                overload(Reason::Stopping, "the program is shutting down", STOP_RETRY_S)
            }
            Failure::Refused(Refused::Locked) | Failure::Store(store::Error::Busy) => {
                overload(Reason::Busy, "another program has the database locked", QUEUE_RETRY_S)
            }
            Failure::Store(store::Error::Interrupted) => overload(
                Reason::LongRead,
                "this takes longer than a second: ask for less",
                QUEUE_RETRY_S,
            ),
            Failure::Refused(Refused::Failed) => {
                Self::Database("the writer undid the transaction".to_owned())
            }
            Failure::Store(error) => Self::Database(error.to_string()),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (present, to, message) = match refusal {
            Refusal::NoteRequired { .. } => {
                return Fault::new("note", "taking back a deployed fix needs a note").into();
            }
            Refusal::Stale { seen, present } => {
                let message = format!("the issue is {} now, not {}", present.name(), seen.name());
                (present, None, message)
            }
            Refusal::NotAllowed { present, to } => {
                let message = format!("{} may not become {}", present.name(), to.name());
                (present, Some(to.name()), message)
            }
        };
        let allowed: Vec<_> = present.allowed_moves().iter().map(|to| to.name()).collect();
        let info = json!({ "from": present.name(), "to": to, "allowed": allowed });
        Self::Conflict { message, info }
    }
}

/// Reads a search text; none is everything.
pub(super) fn read_search(text: Option<&str>, scope: Scope) -> Result<Query, Error> {
    search::parse(text.unwrap_or_default(), scope)
        .map_err(|fault| Error::Search { message: fault.message, position: fault.position })
}

/// The refusal of a cursor that no answer of this list gave.
pub(super) fn unknown_cursor() -> Error {
    Fault::new("cursor", "expected the next_cursor of an answer to the same list").into()
}

/// A page of issues on the wire.
#[derive(Serialize)]
pub(super) struct IssueList {
    items: Vec<Issue>,
    next_cursor: Option<String>,
    total: i64,
    total_is_exact: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Value>,
}

impl From<IssuePage> for IssueList {
    fn from(page: IssuePage) -> Self {
        let range = page.range.map(|Span { since, until }| {
            let shown = |at: Option<i64>| at.map(timestamp::format);
            json!({ "since": shown(since), "until": shown(until) })
        });
        Self {
            items: page.items,
            next_cursor: page.next_cursor,
            total: page.total,
            total_is_exact: page.total_is_exact,
            range,
        }
    }
}

/// A page of events on the wire.
#[derive(Serialize)]
pub(super) struct EventList {
    items: Vec<Event>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    searched_to: Option<String>,
}

impl From<EventPage> for EventList {
    fn from(page: EventPage) -> Self {
        Self {
            items: page.items,
            next_cursor: page.next_cursor,
            complete: page.searched_to.map(|_| false),
            searched_to: page.searched_to.map(timestamp::format),
        }
    }
}

/// What was erased, on the wire.
pub(super) fn deleted(erased: Erased) -> Value {
    json!({ "deleted": { "issues": erased.issues, "events": erased.events } })
}
