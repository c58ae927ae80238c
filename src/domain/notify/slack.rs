//! Slack's incoming webhooks. What strangers wrote stands in blocks of plain text, which parse
//! nothing; frames stand in a code block, with Slack's three characters escaped.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::plain::above;
use super::{mention, plain};
use crate::domain::level::Level;

/// Characters of a whole message, below the about 13,200 at which Slack refuses it.
pub(super) const CHARS_MAX: usize = 12_000;
const HEADER_CHARS_MAX: usize = 150;
const FIELDS_MAX: usize = 10;
const ROWS_MAX: usize = 14;
/// What half of the width takes without much wrapping.
const SHORT_CHARS_MAX: usize = 48;
const VALUE_CHARS_MAX: usize = 1_900;
/// Of the 3,000 that a section takes, some are for its fence.
const SECTION_CHARS_MAX: usize = 2_900;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    if attempt.is_plain {
        let text = message.bare(&plain::escaped(keyword), plain::escaped);
        let text = above(&mention::slack(&message.mentions), text);
        return Draft::new(&target.url, json!({ "text": text, "unfurl_links": false }));
    }
    let body = message.fitting(
        |message| rendered(message, keyword).to_string(),
        |body| body.chars().count() <= CHARS_MAX,
    );
    Draft::new(&target.url, body)
}

fn rendered(message: &Message, keyword: &str) -> Value {
    let plain_text = |text: &str, chars: usize| {
        let text = plain::cut(text, chars);
        json!({"type": "plain_text", "text": text, "emoji": false})
    };
    let title = format!("{} {}", mark(message.level), message.title);
    let mut blocks = vec![json!({"type": "header", "text": plain_text(&title, HEADER_CHARS_MAX)})];
    if !message.mentions.is_empty() {
        let text = json!({"type": "mrkdwn", "text": mention::slack(&message.mentions)});
        blocks.push(json!({"type": "section", "text": text}));
    }
    let text = format!("{}\n{}", message.text, message.place);
    if !text.trim().is_empty() {
        blocks.push(json!({"type": "section", "text": plain_text(text.trim(), SECTION_CHARS_MAX)}));
    }
    for rows in lines(message) {
        let fields: Vec<Value> = rows.iter().map(|row| plain_text(row, VALUE_CHARS_MAX)).collect();
        blocks.push(match fields.as_slice() {
            [one] => json!({"type": "section", "text": one}),
            _ => json!({"type": "section", "fields": fields}),
        });
    }
    let code = code(&message.frames);
    if !code.is_empty() {
        let text = json!({"type": "mrkdwn", "text": format!("```{code}```"), "verbatim": true});
        blocks.push(json!({"type": "section", "text": text}));
    }
    let links = message.link.iter().chain(&message.acts);
    let buttons: Vec<Value> = links
        .map(|(word, url)| json!({"type": "button", "text": plain_text(word, 75), "url": url}))
        .collect();
    if !buttons.is_empty() {
        blocks.push(json!({"type": "actions", "elements": buttons}));
    }
    blocks.push(json!({"type": "context", "elements": [plain_text(keyword, 200)]}));
    json!({
        "text": plain::escaped(&format!("{} — {}", message.title, message.text)),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Names with their values, those that stand side by side together: fields have half of the width,
/// so what is long has a line of its own.
fn lines(message: &Message) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut is_open = false;
    for (name, value) in message.rows.iter().take(ROWS_MAX) {
        let row = format!("{name}{}{value}", message.colon);
        let is_short = row.chars().count() <= SHORT_CHARS_MAX;
        match lines.last_mut().filter(|line| is_open && is_short && line.len() < FIELDS_MAX) {
            Some(line) => line.push(row),
            None => lines.push(vec![row]),
        }
        is_open = is_short;
    }
    lines
}

/// The innermost frames that a section takes once they are escaped.
fn code(frames: &[String]) -> String {
    let escaped = |kept: usize| plain::escaped(&plain::unfenced(&frames[..kept].join("\n")));
    let all = (0..=frames.len()).rev().map(escaped);
    all.into_iter().find(|code| code.chars().count() <= SECTION_CHARS_MAX).unwrap_or_default()
}

const fn mark(level: Level) -> &'static str {
    match level {
        Level::Critical => "🔴",
        Level::Error => "🟠",
        Level::Warning => "🟡",
        Level::Info | Level::Debug => "🔵",
    }
}
