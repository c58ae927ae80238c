//! WeCom's group hooks: a small Markdown without escapes, 4,096 bytes at most.

use serde_json::json;

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::{mention, plain};
use crate::domain::level::Level;

/// Bytes of the content at most.
pub(super) const CONTENT_BYTES_MAX: usize = 4_096;
/// Bytes of the content without markup at most.
pub(super) const TEXT_BYTES_MAX: usize = 2_048;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    let mentions = &message.mentions;
    let said = mention::wecom(mentions).filter(|_| !attempt.is_plain);
    // A phone's number and everybody can be mentioned in a text alone.
    let Some(said) = said else {
        let text = message.fitting(
            |message| message.bare(keyword, plain::full_width),
            |text| text.len() <= TEXT_BYTES_MAX,
        );
        let text = mention::wecom_text(&text, mentions);
        return Draft::new(&target.url, json!({"msgtype": "text", "text": text}));
    };
    let content = message.fitting(
        |message| markdown(message, keyword, &said),
        |content| content.len() <= CONTENT_BYTES_MAX,
    );
    Draft::new(&target.url, json!({"msgtype": "markdown", "markdown": {"content": content}}))
}

fn markdown(message: &Message, keyword: &str, said: &str) -> String {
    let colon = message.colon;
    let safe = plain::full_width;
    let colour = match message.level {
        Level::Critical | Level::Error | Level::Warning => "warning",
        Level::Info | Level::Debug => "info",
    };
    let mut lines = vec![format!("<font color=\"{colour}\">{}</font>", safe(&message.title))];
    if !said.is_empty() {
        lines.push(said.to_owned());
    }
    if !message.text.is_empty() {
        lines.push(format!("**{}**", safe(&message.text)));
    }
    if !message.place.is_empty() {
        lines.push(safe(&message.place));
    }
    lines.extend(message.rows.iter().map(|(name, value)| format!("{name}{colon}{}", safe(value))));
    lines.extend(message.frames.iter().map(|frame| format!("> {}", safe(frame))));
    if let Some((word, url)) = &message.link {
        lines.push(format!("[{word}]({url})"));
    }
    lines.extend(message.bracketed_acts());
    lines.push(format!("<font color=\"comment\">{}</font>", safe(keyword)));
    lines.join("\n")
}
