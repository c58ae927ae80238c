//! Any address that takes JSON, by Standard Webhooks: <https://www.standardwebhooks.com>.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::{plain, sign};

/// Bytes of a body at most.
pub(super) const BODY_BYTES_MAX: usize = 20_000;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let body = body(message, attempt.is_plain);
    let at_s = attempt.at.div_euclid(1_000);
    let mut draft = Draft::new(&target.url, &body);
    draft.headers.push(("webhook-id", message.id.clone()));
    draft.headers.push(("webhook-timestamp", at_s.to_string()));
    let secret = target.secret.as_deref();
    let signature = secret.and_then(|secret| sign::webhook(secret, &message.id, at_s, &body));
    draft.headers.extend(signature.map(|signature| ("webhook-signature", signature)));
    draft
}

fn body(message: &Message, is_plain: bool) -> String {
    let mut data = message.data.clone();
    let steps: [fn(&mut Value); 5] = [
        |data| data["event"]["context"] = Value::Null,
        |data| data["event"]["error"]["stack_trace"] = Value::Null,
        |data| data["event"] = Value::Null,
        |data| data["issues"] = Value::Null,
        |data| {
            for name in ["message", "type", "file_path", "culprit", "code", "assignee"] {
                data[name] = json!(data[name].as_str().map(|text| plain::cut(text, 200)));
            }
            data["environments"] = Value::Null;
            let note = data["facts"]["note"].as_str().map(|text| plain::cut(text, 200));
            data["facts"]["note"] = json!(note);
        },
    ];
    for (at, step) in steps.iter().enumerate() {
        let text = data.to_string();
        if text.len() <= BODY_BYTES_MAX && !(is_plain && at < 3) {
            return text;
        }
        // A member that is not there stays out.
        let inner = &mut data["data"];
        if at < 3 && inner["event"].is_null() || at == 3 && inner.get("issues").is_none() {
            continue;
        }
        step(inner);
    }
    data.to_string()
}
