//! Microsoft Teams by a hook of Workflows: an Adaptive Card. What strangers wrote stands in runs of
//! rich text, which parse no Markdown.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::mention;
use super::message::Message;
use crate::domain::level::Level;

/// Bytes of a body at most; Teams takes about 28 KB.
pub(super) const BODY_BYTES_MAX: usize = 26_000;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    let message = if attempt.is_plain { &message.shorter(5) } else { message };
    let body = message.fitting(
        |message| {
            let kind = "application/vnd.microsoft.card.adaptive";
            let card = json!({
                "contentType": kind, "contentUrl": null, "content": card(message, keyword),
            });
            json!({"type": "message", "attachments": [card]}).to_string()
        },
        |body| body.len() <= BODY_BYTES_MAX,
    );
    Draft::new(&target.url, body)
}

fn card(message: &Message, keyword: &str) -> Value {
    let rich = |runs: Vec<Value>| json!({"type": "RichTextBlock", "inlines": runs});
    let run = |text: &str| json!({"type": "TextRun", "text": text});
    let colour = match message.level {
        Level::Critical | Level::Error => "attention",
        Level::Warning => "warning",
        Level::Info | Level::Debug => "accent",
    };
    let mut title = run(&message.title);
    title["weight"] = json!("bolder");
    title["size"] = json!("medium");
    title["color"] = json!(colour);
    let mut body = vec![rich(vec![title])];
    let (said, entities) = mention::teams(&message.mentions);
    let mut more = json!({"width": "full"});
    if !said.is_empty() {
        body.push(json!({"type": "TextBlock", "text": said, "wrap": true}));
        more["entities"] = entities;
    }
    for text in [&message.text, &message.place] {
        if !text.is_empty() {
            body.push(rich(vec![run(text)]));
        }
    }
    for (name, value) in &message.rows {
        let mut name = run(&format!("{name}{}", message.colon));
        name["weight"] = json!("bolder");
        body.push(rich(vec![name, run(value)]));
    }
    for frame in &message.frames {
        let mut frame = run(frame);
        frame["fontType"] = json!("monospace");
        body.push(rich(vec![frame]));
    }
    let mut foot = run(keyword);
    foot["isSubtle"] = json!(true);
    body.push(rich(vec![foot]));
    let actions: Vec<Value> = message
        .link
        .iter()
        .chain(&message.acts)
        .map(|(word, url)| json!({"type": "Action.OpenUrl", "title": word, "url": url}))
        .collect();
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "msteams": more,
        "body": body,
        "actions": actions,
    })
}
