//! Any address that takes JSON, by Standard Webhooks: <https://www.standardwebhooks.com>.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::{plain, sign, template};

/// Bytes of a body at most.
pub(super) const BODY_BYTES_MAX: usize = 20_000;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let body = match &target.template {
        None => shortened(message, attempt.is_plain),
        Some(wanted) => template::render(wanted, message, attempt.is_plain),
    };
    let body = body.to_string();
    let at_s = attempt.at.div_euclid(1_000);
    let mut draft = Draft::new(&target.url, &body);
    draft.headers.push(("webhook-id", message.id.clone()));
    draft.headers.push(("webhook-timestamp", at_s.to_string()));
    let secret = target.secret.as_deref();
    let signature = secret.and_then(|secret| sign::webhook(secret, &message.id, at_s, &body));
    draft.headers.extend(signature.map(|signature| ("webhook-signature", signature)));
    draft
}

/// The usual body, as far as it fits.
pub(super) fn shortened(message: &Message, is_plain: bool) -> Value {
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
        let bytes = data.to_string().len();
        if bytes <= BODY_BYTES_MAX && !(is_plain && at < 3) {
            return data;
        }
        // A member that is not there stays out.
        let inner = &mut data["data"];
        if at < 3 && inner["event"].is_null() || at == 3 && inner.get("issues").is_none() {
            continue;
        }
        step(inner);
    }
    data
}
