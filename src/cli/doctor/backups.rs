//! Whether there is a backup, and whether it is young enough.

use serde_json::Value;

use super::finding::Finding;
use super::server::failed;
use crate::app;
use crate::cli::remote::Remote;
use crate::cli::terminal::ago;
use crate::cli::trouble::Trouble;
use crate::domain::timestamp;

const CHECK: &str = "backups";
const HOUR_MS: i64 = 3_600_000;

/// Reads the newest backups.
pub(super) async fn backups(remote: &mut Remote) -> Finding {
    match remote.read("/api/v1/backups?limit=2").await {
        Ok(page) => judged(&page, app::now()),
        Err(Trouble::Refused { status: 401 | 403, message, .. }) => Finding::unchecked(
            CHECK,
            format!("they were not looked at: {}", message.trim_end_matches('.')),
            "Give a key with the scope manage.",
        ),
        Err(trouble) => failed(CHECK, &trouble),
    }
}

fn judged(page: &Value, now: i64) -> Finding {
    let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(last) = items.iter().find(|one| one["state"] == "failed") {
        let why = last["failure"].as_str().unwrap_or_default();
        let text = format!("the last backup failed: {why}");
        return Finding::wrong(CHECK, text, "Remove the cause, then run log-center backup.");
    }
    let done = items.iter().find(|one| one["state"] == "done");
    let newest = done.and_then(|one| timestamp::parse(one["created_at"].as_str()?));
    let every_hours = page["schedule"]["every_hours"].as_i64();
    let text = match (newest, every_hours) {
        (None, None) => return Finding::ok(CHECK, "none was made here, and none is scheduled"),
        (None, Some(_)) => "none was made yet".to_owned(),
        (Some(at), _) => match ago(at, now).as_str() {
            "now" => "the newest was made just now".to_owned(),
            ago => format!("the newest is {ago} old"),
        },
    };
    // One that is being made is no reason to worry.
    let busy = items.iter().any(|one| one["state"] == "copying" || one["state"] == "checking");
    match (newest, every_hours) {
        (at, Some(hours)) if !busy && at.is_none_or(|at| now - at > (hours + 2) * HOUR_MS) => {
            let text = format!("{text}, and one is due every {hours} h");
            let advice = "The server's log says why; run log-center backup.";
            Finding::wrong(CHECK, text, advice)
        }
        _ => Finding::ok(CHECK, text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::finding::State;
    use super::*;

    #[test]
    fn an_old_or_failed_backup_is_wrong() {
        let now = timestamp::parse("2026-11-29T12:00:00Z").expect("valid");
        let item = |state: &str, at: &str| json!({"state": state, "created_at": at});
        let page = |items: &[Value], hours: Option<i64>| {
            let schedule = hours.map(|hours| json!({"every_hours": hours}));
            json!({"items": items, "schedule": schedule})
        };
        let young = item("done", "2026-11-28T11:00:00.000Z");
        let old = item("done", "2026-11-28T09:00:00.000Z");
        let table = [
            (page(&[], None), State::Ok),
            (page(&[], Some(24)), State::Wrong),
            (page(std::slice::from_ref(&old), None), State::Ok),
            (page(&[young], Some(24)), State::Ok),
            (page(std::slice::from_ref(&old), Some(24)), State::Wrong),
            (page(&[item("copying", "2026-11-29T12:00:00Z"), old.clone()], Some(24)), State::Ok),
            (page(&[item("failed", "2026-11-29T12:00:00Z"), old], None), State::Wrong),
        ];
        for (page, expected) in table {
            assert_eq!(judged(&page, now).state, expected, "{page}");
        }
    }
}
