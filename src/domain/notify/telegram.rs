//! Telegram's bots, in HTML. `@name` in a text mentions even there, so what strangers wrote stands
//! in `code` and `pre`.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::plain::above;
use super::{mention, plain};

/// UTF-16 units of a message at most, counted with the markup that Telegram does not count.
pub(super) const UNITS_MAX: usize = 4_096;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    let units = |text: &str| text.encode_utf16().count() <= UNITS_MAX;
    let mut body = json!({
        "chat_id": target.chat_id,
        "link_preview_options": {"is_disabled": true},
    });
    let said = mention::telegram(&message.mentions, attempt.is_plain);
    if attempt.is_plain {
        let bare = |message: &Message| above(&said, message.bare(keyword, plain::full_width));
        let text = message.fitting(bare, units);
        body["text"] = json!(text);
    } else {
        body["text"] =
            json!(message.fitting(|message| above(&said, html(message, keyword)), units));
        body["parse_mode"] = json!("HTML");
        if let Some((word, url)) = message.link.as_ref().filter(|(_, url)| is_public(url)) {
            let button: Value = json!({"text": word, "url": url});
            let acts: Vec<Value> =
                message.acts.iter().map(|(word, url)| json!({"text": word, "url": url})).collect();
            let mut rows = vec![vec![button]];
            rows.extend((!acts.is_empty()).then_some(acts));
            body["reply_markup"] = json!({"inline_keyboard": rows});
        }
    }
    let token = target.token.as_deref().unwrap_or_default();
    let base = target.url.trim_end_matches('/');
    Draft::new(format!("{base}/bot{token}/sendMessage"), body)
}

/// Telegram refuses a button that leads to a machine of one name, as `localhost`.
fn is_public(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    host.split(['/', ':']).next().is_some_and(|host| host.contains('.'))
}

fn html(message: &Message, keyword: &str) -> String {
    let colon = message.colon;
    let title = plain::escaped(&plain::full_width(&message.title));
    let mut lines = vec![format!("<b>{title}</b>")];
    for text in [&message.text, &message.place] {
        if !text.is_empty() {
            lines.push(format!("<code>{}</code>", plain::escaped(text)));
        }
    }
    let rows = message.rows.iter();
    lines.extend(
        rows.map(|(name, value)| format!("{name}{colon}<code>{}</code>", plain::escaped(value))),
    );
    if !message.frames.is_empty() {
        lines.push(format!("<pre>{}</pre>", plain::escaped(&message.frames.join("\n"))));
    }
    if let Some((word, url)) = &message.link {
        let address = plain::escaped(url).replace('"', "&quot;");
        lines.push(format!("<a href=\"{address}\">{word}</a>"));
    }
    lines.push(plain::escaped(keyword));
    lines.join("\n")
}
