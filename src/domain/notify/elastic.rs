//! Elasticsearch and OpenSearch by `_bulk`: one document a notification, with the names of the
//! Elastic Common Schema. What a report's context holds stays out: each new name in it would become
//! a field of the index.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::plain;
use crate::domain::base64;

/// The index, or data stream, when the channel names no other.
pub const INDEX: &str = "log-center";
/// Characters of an index's name at most.
pub const INDEX_CHARS_MAX: usize = 128;
/// Characters of a stack at most; what is cut stays in Log Center.
const STACK_CHARS_MAX: usize = 20_000;

/// Whether it can be an index: lower case, and none of the signs that the servers refuse.
pub fn is_index(text: &str) -> bool {
    let is_sign = |one: u8| b"-_.".contains(&one);
    text.len() <= INDEX_CHARS_MAX
        && text.bytes().next().is_some_and(|one| one.is_ascii_lowercase() || one.is_ascii_digit())
        && text.bytes().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || is_sign(one))
}

/// The request for a message. `create` with an id of its own: a repetition is refused as known, and
/// data streams take nothing else.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let index = target.index.as_deref().unwrap_or(INDEX);
    let action = json!({"create": {"_index": index, "_id": message.id}});
    let document = document(message, attempt.is_plain);
    let base = target.url.trim_end_matches('/');
    let mut draft = Draft::new(format!("{base}/_bulk"), format!("{action}\n{document}\n"));
    draft.headers.push(("content-type", "application/x-ndjson".to_owned()));
    draft.headers.extend(authorization(target).map(|value| ("authorization", value)));
    draft
}

/// A name and a password, or a key alone.
fn authorization(target: &Target) -> Option<String> {
    let token = target.token.as_deref()?;
    Some(match target.user.as_deref() {
        Some(user) => format!("Basic {}", base64::encode(format!("{user}:{token}").as_bytes())),
        None => format!("ApiKey {token}"),
    })
}

fn document(message: &Message, is_plain: bool) -> Value {
    let data = &message.data["data"];
    let event = &data["event"];
    let error = &event["error"];
    let stack = error["stack_trace"].as_array().map(|lines| {
        let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
        plain::lines(&lines.join("\n"), STACK_CHARS_MAX)
    });
    let stack = stack
        .or_else(|| error["stack_trace"].as_str().map(|text| plain::lines(text, STACK_CHARS_MAX)));
    let mut document = json!({
        "@timestamp": message.data["timestamp"],
        "message": format!("{} · {}", message.title, message.text),
        "event": {"kind": "alert", "module": "log_center", "action": message.data["type"]},
        "log": {"level": message.level.name()},
        "log_center": {
            "id": message.id,
            "issue_id": data["id"],
            "status": data["status"],
            "reports": data["count"],
            "users": data["users"],
            "fingerprint": data["fingerprint"],
            "first_seen": data["first_seen"],
            "assignee": data["assignee"],
            "rule": data["rule"],
            "url": data["url"],
        },
        "service": {
            "name": data["project_id"],
            "environment": event["environment"],
            "version": event["version"],
        },
        "http": {"request": {"id": event["request_id"]}},
    });
    if !is_plain {
        document["error"] = json!({
            "type": data["type"],
            "message": error["message"].as_str().or(data["message"].as_str()),
            "code": data["code"].as_str(),
            "stack_trace": stack,
        });
        document["trace"] = json!({"id": event["trace_id"]});
        document["user"] = json!({"id": event["user_id"]});
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_what_the_servers_take() {
        for good in ["log-center", "logs-errors.v1", "2026"] {
            assert!(is_index(good), "{good}");
        }
        for bad in ["", "Log", "_all", "-a", "a,b", "a*", "a/b", "a b", "..", &"a".repeat(129)] {
            assert!(!is_index(bad), "{bad}");
        }
    }
}
