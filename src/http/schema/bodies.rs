//! The shapes of bodies that are taken. Those of changes take nothing that is not named here.

use serde_json::{Value, json};

use super::{closed, described, name, nullable, object, reference, stack, status, text, time_in};
use crate::domain::change::{
    BULK_MAX, LIVE_ENVIRONMENTS_MAX, MUTE_REPORTS_MAX, NOTE_CHARS_MAX, PERSON_CHARS_MAX,
};
use crate::domain::level::Level;
use crate::domain::report::{
    FILE_PATH_CHARS_MAX, MESSAGE_CHARS_MAX, NAME_CHARS_MAX, WORD_CHARS_MAX,
};

/// What a project may be called; the words that are addresses elsewhere come on top.
const PROJECT_PATTERN: &str = r"^[^\x00-\x1f\x7f-\x9f/\\?#%]+$";
const PLAIN_PATTERN: &str = r"^[^\x00-\x1f\x7f-\x9f]+$";
const RESERVED_PROJECTS: [&str; 8] = [".", "..", "0", "v1", "embed", "store", "canonical", "relay"];
/// Whole numbers that every JSON reader keeps exactly.
const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// One report, as programs send it.
pub(super) fn report() -> Value {
    let levels: Vec<_> = Level::ALL.iter().map(|level| level.name()).collect();
    let lower = levels.iter().map(|level| level.to_lowercase());
    let aliases = ["warn", "fatal", "WARN", "FATAL"].map(str::to_owned);
    let words: Vec<_> =
        levels.iter().map(|level| (*level).to_owned()).chain(lower).chain(aliases).collect();
    let mut schema = object(
        &["project_id", "environment", "level", "error"],
        json!({
            "project_id": {
                "type": "string", "minLength": 1, "maxLength": NAME_CHARS_MAX,
                "pattern": PROJECT_PATTERN, "not": {"enum": RESERVED_PROJECTS},
                "description": "Created at its first report.",
            },
            "environment": {
                "type": "string", "minLength": 1, "maxLength": NAME_CHARS_MAX,
                "pattern": PLAIN_PATTERN,
            },
            "level": {"type": "string", "enum": words, "description": "In any case."},
            "timestamp": described(nullable(time_in()), "When it happened: ISO 8601, without an \
                offset UTC. Absent: now. Later than in 5 minutes: set to now, see `adjusted`."),
            "version": described(nullable(text()), "The application's version."),
            "commit_hash": described(nullable(text()), "Its Git commit."),
            "error": report_error(),
            "context": described(nullable(json!({"type": "object"})), "Anything; nested 64 deep \
                at most. `request_id`, `user_id` and `trace_id` are found by. Secrets are \
                replaced before anything is stored."),
            "event_id": described(
                nullable(json!({"type": "string", "pattern":
                    "^([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"})),
                "A UUID that makes a retry safe: the same one counts once in 7 days.",
            ),
        }),
    );
    schema["description"] = json!(format!(
        "At most 1 MiB. Longer values are trimmed and named in the event's `trimmed`: type, code, \
         version, commit {WORD_CHARS_MAX} characters, file_path {FILE_PATH_CHARS_MAX}, message \
         {MESSAGE_CHARS_MAX}, stack and context 256 KiB. Other members are kept in the context \
         under `extra`."
    ));
    schema["examples"] = json!([report_example()]);
    schema
}

fn report_error() -> Value {
    object(
        &["type", "message", "file_path", "line_number", "stack_trace"],
        json!({
            "type": {"type": "string", "minLength": 1, "description": "The exception's class."},
            "message": described(text(), "May be empty."),
            "file_path": {"type": "string", "description": "Where it was raised."},
            "line_number": {"anyOf": [
                {"type": "integer", "minimum": 0, "maximum": INTEGER_MAX},
                {"type": "string", "pattern": "^[0-9]{1,15}$"},
            ]},
            "stack_trace": stack(),
            "code": described(nullable(text()), "The error's class in the application's terms."),
        }),
    )
}

fn report_example() -> Value {
    json!({
        "project_id": "rtc_backend",
        "environment": "production",
        "level": "ERROR",
        "timestamp": "2026-01-30T10:30:00Z",
        "version": "1.2.3",
        "commit_hash": "abc1234",
        "error": {
            "type": "ValueError",
            "message": "invalid literal for int() with base 10: 'abc'",
            "file_path": "apps/users/views.py",
            "line_number": 42,
            "stack_trace": [
                "Traceback (most recent call last):",
                "  File \"apps/users/views.py\", line 42, in get_user",
                "    user_id = int(request.GET['id'])",
                "ValueError: invalid literal for int() with base 10: 'abc'"
            ]
        },
        "context": {
            "url": "/api/users/123",
            "method": "GET",
            "user_id": "u_12345",
            "request_id": "req_abc123"
        }
    })
}

/// A change of settings.
pub(super) fn project_change() -> Value {
    let environments = json!({
        "type": ["array", "null"],
        "items": name(NAME_CHARS_MAX),
        "uniqueItems": true,
        "maxItems": LIVE_ENVIRONMENTS_MAX,
        "description": "Environments in which a report reopens a deployed issue.",
    });
    closed(
        &["settings"],
        json!({
            "settings": closed(&[], json!({"live_environments": environments})),
        }),
    )
}

/// A deploy.
pub(super) fn deploy_request() -> Value {
    closed(
        &["version"],
        json!({
            "version": name(WORD_CHARS_MAX),
            "environment": nullable(name(NAME_CHARS_MAX)),
            "commit_hash": nullable(name(WORD_CHARS_MAX)),
        }),
    )
}

/// How long an issue stays quiet.
pub(super) fn mute() -> Value {
    let reports = json!({"type": "integer", "minimum": 1, "maximum": MUTE_REPORTS_MAX});
    json!({
        "description": "Until a time, for so many further reports, or for ever.",
        "oneOf": [
            closed(&["at"], json!({"at": time_in()})),
            closed(&["reports"], json!({"reports": reports})),
            closed(&["for_ever"], json!({"for_ever": {"const": true}})),
        ],
    })
}

fn change_members() -> Value {
    let note = json!({"type": "string", "minLength": 1, "maxLength": NOTE_CHARS_MAX});
    json!({
        "status": described(status(), "The wanted status."),
        "from": described(status(), "The status that you saw; any other present one is 409."),
        "path": described(
            json!({"type": ["boolean", "null"]}),
            "Walk the shortest allowed path instead of one step.",
        ),
        "assignee": nullable(name(PERSON_CHARS_MAX)),
        "muted_until": nullable(reference("Mute")),
        "note": described(nullable(note), "Why; recorded with the move."),
        "version": nullable(name(WORD_CHARS_MAX)),
        "commit_hash": nullable(name(WORD_CHARS_MAX)),
    })
}

/// A change must ask for something. Said in words: pages that show a schema leave out members that
/// stand beside `anyOf`.
fn asking(mut schema: Value) -> Value {
    schema["description"] = json!("One of `status`, `assignee` and `muted_until` is needed.");
    schema
}

/// A change of one issue.
pub(super) fn change() -> Value {
    let mut schema = asking(closed(&[], change_members()));
    schema["examples"] = json!([{"status": "FIXED", "from": "FIXING", "version": "1.2.4"}]);
    schema
}

/// A change of several issues.
pub(super) fn bulk_change() -> Value {
    let mut members = change_members();
    members["ids"] = json!({
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": INTEGER_MAX},
        "uniqueItems": true,
        "minItems": 1,
        "maxItems": BULK_MAX,
    });
    let mut schema = asking(closed(&["ids"], members));
    schema["examples"] = json!([{"ids": [1, 2], "status": "VERIFYING", "from": "NEW"}]);
    schema
}

/// A comment.
pub(super) fn comment() -> Value {
    closed(
        &["text"],
        json!({
            "text": {
                "type": "string", "minLength": 1, "maxLength": NOTE_CHARS_MAX, "pattern": r"\S",
            },
        }),
    )
}
