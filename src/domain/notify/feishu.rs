//! Feishu's and Lark's robots: a card of version 1.0. What strangers wrote stands in plain text,
//! which parses nothing.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::plain::above;
use super::{mention, plain, sign};
use crate::domain::level::Level;

/// Bytes of a body at most; Feishu takes 20 KB.
pub(super) const BODY_BYTES_MAX: usize = 19_000;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    let signed = |mut body: Value| {
        if let Some(secret) = &target.secret {
            let at_s = attempt.at.div_euclid(1_000);
            body["timestamp"] = json!(at_s.to_string());
            body["sign"] = json!(sign::feishu(secret, at_s));
        }
        body.to_string()
    };
    if attempt.is_plain {
        let text = mention::feishu_text(&message.mentions);
        let text = above(&text, message.bare(keyword, plain::full_width));
        let body = json!({"msg_type": "text", "content": {"text": text}});
        return Draft::new(&target.url, signed(body));
    }
    let body = message.fitting(
        |message| signed(json!({"msg_type": "interactive", "card": card(message, keyword)})),
        |body| body.len() <= BODY_BYTES_MAX,
    );
    Draft::new(&target.url, body)
}

fn card(message: &Message, keyword: &str) -> Value {
    let colon = message.colon;
    let text = |text: String| json!({"tag": "plain_text", "content": text});
    let div = |content: String| json!({"tag": "div", "text": text(content)});
    let said = [&message.text, &message.place];
    let said: Vec<&str> = said.into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    let mut elements = Vec::new();
    if !said.is_empty() {
        elements.push(div(said.join("\n")));
    }
    if !message.mentions.is_empty() {
        let content = mention::feishu(&message.mentions);
        elements.push(json!({"tag": "div", "text": {"tag": "lark_md", "content": content}}));
    }
    if !message.rows.is_empty() {
        let fields: Vec<Value> = message
            .rows
            .iter()
            .map(|(name, value)| {
                let is_short = value.chars().count() <= 24;
                json!({"is_short": is_short, "text": text(format!("{name}{colon}{value}"))})
            })
            .collect();
        elements.push(json!({"tag": "div", "fields": fields}));
    }
    if !message.frames.is_empty() {
        elements.push(json!({"tag": "hr"}));
        elements.push(div(message.frames.join("\n")));
    }
    let button = |kind: &str, (word, url): &(&'static str, String)| {
        let word = text((*word).to_owned());
        json!({"tag": "button", "type": kind, "text": word, "url": url})
    };
    let mut buttons: Vec<Value> = message.link.iter().map(|one| button("primary", one)).collect();
    buttons.extend(message.acts.iter().map(|one| button("default", one)));
    if !buttons.is_empty() {
        elements.push(json!({"tag": "action", "actions": buttons}));
    }
    elements.push(json!({"tag": "note", "elements": [text(keyword.to_owned())]}));
    json!({
        "header": {"template": colour(message.level), "title": text(message.title.clone())},
        "elements": elements,
    })
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::Critical => "carmine",
        Level::Error => "red",
        Level::Warning => "orange",
        Level::Info | Level::Debug => "blue",
    }
}
