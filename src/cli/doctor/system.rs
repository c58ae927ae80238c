//! What the server says about itself: what its limits turned away, its disk, its last fault.

use serde_json::Value;

use super::finding::Finding;
use super::numbers::size;
use super::server::{failed, page};
use crate::cli::remote::Remote;
use crate::fetch::Ask;

/// Free bytes, in floors, from which there is no need to look.
const FLOORS_ATTENTION: f64 = 4.0;

/// Reads `/api/v1/system`; an older server has none.
pub(super) async fn system(remote: &mut Remote) -> Vec<Finding> {
    match page(remote, Ask::get("/api/v1/system")).await {
        Ok(page) if page.status == 200 => {
            [Some(limits(&page.json)), room(&page.json), mishap(&page.json)]
                .into_iter()
                .flatten()
                .collect()
        }
        Ok(_) => Vec::new(),
        Err(trouble) => vec![failed("limits", &trouble)],
    }
}

fn limits(system: &Value) -> Finding {
    const CHECK: &str = "limits";
    let all = system["refused"]["by_reason"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(newest) = all.iter().max_by_key(|one| one["last_at"].as_str()) else {
        return Finding::ok(CHECK, "nothing was turned away since the start");
    };
    let told: Vec<String> = all
        .iter()
        .map(|one| format!("{} {}", one["count"], one["reason"].as_str().unwrap_or("?")))
        .collect();
    let last = newest["last_at"].as_str().unwrap_or("?");
    let text = format!("turned away since the start: {}; last at {last}", told.join(", "));
    Finding::attention(CHECK, text, advice(newest["reason"].as_str().unwrap_or("")))
}

/// What to do about a reason.
fn advice(reason: &str) -> &'static str {
    match reason {
        "queue_full" => {
            "More reports come than the disk takes: find who sends them (list --sort \
                         count), or raise --queue-reports and --queue-bytes for short peaks."
        }
        "disk_full" => "Free some space; then reports are taken again by themselves.",
        "disk_unwritable" => "The disk takes no writes: look at it, and into the server's log.",
        "file_full" => {
            "Raise --max-file-size, or keep less with --retention-days and \
                        --events-per-issue."
        }
        "address_rate" => {
            "One address reports very often. If it may, raise --rate-per-address; \
                           behind a proxy all callers have the proxy's address."
        }
        "project_rate" => {
            "One project is sent very many reports. If it may be, raise \
                           --rate-per-project."
        }
        "key_rate" => {
            "One key is used very often. If it may be, raise --rate-per-key, or give each program \
             a key of its own."
        }
        "connections" => "Raise --max-connections, or find who keeps so many open.",
        "address_connections" => {
            "One address keeps very many connections open. If it may, raise \
                                  --connections-per-address."
        }
        "slow_body" | "slow_head" => {
            "Some program sends very slowly, or stops half-way: its line \
                                      is bad, or it means harm."
        }
        "bad_head" => "Some program sends what is no HTTP, or too long an address.",
        "projects" => {
            "Some program makes up names of projects, or there are too many: delete some."
        }
        _ => "The program that asked got an answer that says why.",
    }
}

fn room(system: &Value) -> Option<Finding> {
    const CHECK: &str = "room";
    let free = system["disk"]["free_bytes"].as_f64()?;
    let floor = system["disk"]["floor_bytes"].as_f64().filter(|floor| *floor > 0.0)?;
    let text = format!("the server's disk has {} free", size(free));
    if free >= floor * FLOORS_ATTENTION {
        return Some(Finding::ok(CHECK, text));
    }
    let advice = format!("Free some space: below {} reports are refused.", size(floor));
    Some(if free < floor {
        Finding::wrong(CHECK, text, advice)
    } else {
        Finding::attention(CHECK, text, advice)
    })
}

fn mishap(system: &Value) -> Option<Finding> {
    let error = system["last_error"].as_object()?;
    let at = error["at"].as_str().unwrap_or("?");
    let of = match error["request_id"].as_str() {
        Some(id) => format!(", in request {id}"),
        None => String::new(),
    };
    let text = format!("something went wrong inside at {at}{of}");
    Some(Finding::attention("last error", text, "The server's log says what it was."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::finding::State;
    use super::*;

    #[test]
    fn the_newest_reason_has_the_advice() {
        let system = json!({"refused": {"by_reason": [
            {"reason": "queue_full", "count": 2, "last_at": "2026-01-01T00:00:00.000Z"},
            {"reason": "address_rate", "count": 7, "last_at": "2026-01-02T00:00:00.000Z"},
            {"reason": "bad_head", "count": 1, "last_at": "2026-01-01T12:00:00.000Z"},
        ]}});
        let shown = limits(&system).json().to_string();
        assert!(shown.contains("2 queue_full, 7 address_rate, 1 bad_head"), "{shown}");
        assert!(shown.contains("last at 2026-01-02T"), "{shown}");
        assert!(shown.contains("raise --rate-per-address"), "{shown}");
        assert_eq!(limits(&json!({})).state, State::Ok);
    }

    #[test]
    fn room_is_judged_by_the_floor() {
        let of = |free: u64| json!({"disk": {"free_bytes": free, "floor_bytes": 100}});
        let table = [(99, State::Wrong), (399, State::Attention), (400, State::Ok)];
        for (free, expected) in table {
            assert_eq!(room(&of(free)).expect("told").state, expected, "{free}");
        }
        assert!(room(&json!({})).is_none());
    }
}
