//! The shape of what the program says about itself.

use serde_json::{Value, json};

use super::{count, described, nullable, text, time, whole};
use crate::metrics::Reason;

/// The whole document.
pub(super) fn system() -> Value {
    whole(json!({
        "version": text(),
        "started_at": time(),
        "at": described(time(), "When this was told, by the server's clock."),
        "storing": storing(),
        "last_error": last_error(),
        "queue": whole(json!({
            "reports": count(), "reports_max": count(), "bytes": count(), "bytes_max": count(),
        })),
        "connections": whole(json!({
            "open": count(),
            "open_max": count(),
            "listeners": described(count(), "Of the live stream."),
        })),
        "file": whole(json!({
            "bytes": count(),
            "bytes_max": count(),
            "wal_bytes": described(count(), "What waits in the log of writes."),
        })),
        "disk": whole(json!({
            "free_bytes": count(),
            "floor_bytes": described(count(), "Below it nothing is accepted."),
        })),
        "reports": reports(),
        "slow_reads": slow_reads(),
        "refused": refused(),
        "removed": whole(json!({
            "since_start": removed(),
            "ever": described(nullable(removed()), "`null` when the database cannot be read."),
            "for_size_at": described(
                nullable(time()),
                "When something last went because the file held too much.",
            ),
        })),
        "keep": whole(json!({"retention_days": count(), "events_per_issue": count()})),
        "limits": limits(),
        "certificate": described(
            nullable(whole(json!({
                "expires_at": described(nullable(time()), "`null` before there is one."),
                "renews_at": described(
                    nullable(time()),
                    "When the program asks for the next one; `null` where another program does.",
                ),
                "trouble": described(nullable(text()), "Why the last try to get one failed."),
            }))),
            "The server's own; `null` where it speaks http.",
        ),
    }))
}

fn storing() -> Value {
    whole(json!({
        "ok": {"type": "boolean"},
        "reason": described(nullable(reason()), "Why not, for programs."),
        "message": described(nullable(text()), "Why not, as `/readyz` says it."),
    }))
}

fn last_error() -> Value {
    let error = whole(json!({
        "at": time(),
        "kind": {"type": "string", "enum": ["request", "write", "upkeep"]},
        "request_id": nullable(text()),
    }));
    described(nullable(error), "The newest of what went wrong inside; the log says what it was.")
}

fn reports() -> Value {
    let all = whole(json!({
        "stored": count(),
        "duplicate": described(count(), "Stored ones of a known issue."),
        "trimmed": described(count(), "Stored ones of which a value was cut to its limit."),
        "adjusted": described(count(), "Stored ones of which a value was corrected."),
    }));
    described(all, "Since the start.")
}

fn slow_reads() -> Value {
    let read = whole(json!({
        "path": described(text(), "The template of its address."),
        "asked": described(text(), "Its parameters; what somebody typed is `…`."),
        "at": time(),
        "took_ms": described(count(), "Until its answer, waiting for its turn included."),
        "status": count(),
        "bytes": described(count(), "Of its answer, before any compression."),
    }));
    whole(json!({
        "from_ms": described(count(), "A read that takes so long is slow."),
        "items": described(
            json!({"type": "array", "items": read}),
            "The slowest of each kind in the last 24 hours, slowest first; 20 at most.",
        ),
    }))
}

fn refused() -> Value {
    let by_code = whole(json!({"code": text(), "count": count()}));
    let by_reason = whole(json!({"reason": reason(), "count": count(), "last_at": time()}));
    let by_project = whole(json!({"project_id": text(), "count": count()}));
    let list = |item: Value, about: &str| described(json!({"type": "array", "items": item}), about);
    let all = whole(json!({
        "by_code": list(by_code, "Reports, by the code of their refusal."),
        "by_reason": list(by_reason, "What the server turned away by its limits, by reason."),
        "by_project": list(by_project, "Reports that came to a project too often."),
    }));
    described(all, "Since the start; what is 0 is left out.")
}

fn removed() -> Value {
    whole(json!({
        "events_by_age": count(),
        "events_by_number": described(count(), "Of issues that kept too many."),
        "events_by_size": described(count(), "Because the file held too much."),
        "issues_by_size": described(count(), "Untouched ones, because the file held too much."),
    }))
}

fn limits() -> Value {
    let all = whole(json!({
        "rate_per_address": described(nullable(count()), "Reports a minute."),
        "rate_per_project": described(nullable(count()), "Reports a minute."),
        "rate_per_key": described(nullable(count()), "Requests a minute."),
        "connections_per_address": nullable(count()),
        "header_timeout_s": count(),
        "body_timeout_s": described(count(), "And a second more for each 64 KiB that came."),
        "report_bytes_max": count(),
        "batch_bytes_max": count(),
        "batch_reports_max": count(),
    }));
    described(all, "What is `null` is off.")
}

fn reason() -> Value {
    json!({"type": "string", "enum": Reason::ALL.map(Reason::name)})
}
