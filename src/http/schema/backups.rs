//! The shapes of backups.

use serde_json::{Value, json};

use super::{count, described, nullable, page, text, time, whole};
use crate::domain::backup::Kind;

/// One backup.
pub(super) fn backup() -> Value {
    let sha256 = json!({"type": "string", "pattern": "^[0-9a-f]{64}$"});
    whole(json!({
        "name": described(text(), "Its file, on the server's machine."),
        "kind": {"type": "string", "enum": Kind::ALL.map(Kind::name)},
        "state": {"type": "string", "enum": ["copying", "checking", "done", "failed"]},
        "created_at": described(time(), "When it was begun."),
        "finished_at": described(
            nullable(time()),
            "When it was `done` or `failed`. It holds all that was answered shortly before.",
        ),
        "bytes": described(count(), "Of its file; until it is whole, about what it will have."),
        "progress": described(
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            "How much of the copy is there.",
        ),
        "sha256": described(nullable(sha256), "Of the file, once it is `done`."),
        "failure": described(nullable(text()), "Why it `failed`, for a person."),
    }))
}

/// A page of backups, with the schedule.
pub(super) fn backup_page() -> Value {
    let schedule = whole(json!({
        "every_hours": count(),
        "keep": described(count(), "How many of each kind stay."),
        "next_at": time(),
    }));
    let mut schema = page("Backup");
    schema["properties"]["schedule"] = described(nullable(schedule), "`null`: there is none.");
    schema["required"] = json!(["items", "next_cursor", "schedule"]);
    schema
}
