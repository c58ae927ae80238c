//! The shapes of the live stream's messages.

use serde_json::{Value, json};

use super::{count, described, fingerprint, level, nullable, reference, status, text, time};
use crate::domain::happening::{TEXT_CHARS_MAX, What};

/// The stream as a whole: text, with the shape of what is in it.
pub(super) fn stream() -> Value {
    let reset = json!({
        "type": "object",
        "required": ["reason"],
        "properties": {"reason": {"enum": ["unknown_id", "too_old"]}},
    });
    let names: Vec<_> = What::ALL.iter().map(|what| what.name()).chain(["reset"]).collect();
    let line = format!("one of {}", names.join(", "));
    json!({
        "type": "string",
        "description": "A first piece with `retry:`; then messages with `id:`, `event:` and \
            `data:`, and a comment line after 15 s of silence. `data` is one line of JSON.",
        "contentMediaType": "text/event-stream",
        "contentSchema": {
            "type": "object",
            "properties": {
                "id": text(),
                "event": described(json!({"type": "string", "enum": names}), &line),
                "data": {"anyOf": [reference("Happening"), reset]},
            },
        },
        "examples": ["retry: 2000\nid: 19bf0e7a1c0-0\n\n\
            id: 19bf0e7a1c0-1\nevent: issue.new\ndata: {\"issue_id\":7, …}\n\n"],
    })
}

/// What a message says of an issue.
pub(super) fn happening() -> Value {
    let short = |about: &str| {
        let text = json!({"type": "string", "maxLength": TEXT_CHARS_MAX});
        described(text, &format!("{about} One line; a longer one ends with `…`."))
    };
    json!({
        "type": "object",
        "required": [
            "issue_id", "project_id", "fingerprint", "status", "level", "type", "message",
            "environment", "version", "count", "at",
        ],
        "properties": {
            "issue_id": {"type": "integer"},
            "project_id": text(),
            "fingerprint": fingerprint(),
            "status": described(status(), "After it."),
            "level": described(level(), "The highest of its reports; of a move, the issue's."),
            "type": short("The exception's class."),
            "message": short("The newest report's."),
            "environment": described(
                nullable(text()),
                "The newest report's; of a deploy, where it went; of another move, `null`.",
            ),
            "version": nullable(short("The newest report's, or the one that the move names.")),
            "count": described(count(), "All reports of the issue so far."),
            "at": time(),
            "from": described(status(), "With `issue.moved` and `issue.regressed` only."),
            "to": described(status(), "With `issue.moved` and `issue.regressed` only."),
            "who": described(text(), "With `issue.moved` and `issue.regressed` only."),
            "note": nullable(short("With `issue.moved` and `issue.regressed` only.")),
        },
    })
}
