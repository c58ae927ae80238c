//! Discord's webhooks: an embed, 6,000 characters at most. Whatever it says, only those are
//! mentioned whom a rule names.

use serde_json::{Value, json};

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::plain::above;
use super::{mention, plain};
use crate::domain::level::Level;

/// Characters of everything that is shown, below Discord's 6,000.
pub(super) const CHARS_MAX: usize = 5_500;
const TITLE_CHARS_MAX: usize = 256;
const DESCRIPTION_CHARS_MAX: usize = 4_096;
const CONTENT_CHARS_MAX: usize = 2_000;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let (said, allowed) = mention::discord(&message.mentions);
    let keyword = target.keyword();
    if attempt.is_plain {
        // A backslash does not keep `@here` from mentioning, where a rule mentions everyone.
        let text = message.fitting(
            |message| above(&said, message.bare(keyword, escaped).replace('@', "@\u{200b}")),
            |text| text.chars().count() <= CONTENT_CHARS_MAX,
        );
        let body = json!({"content": text, "allowed_mentions": allowed});
        return Draft::new(&target.url, body);
    }
    let body = message.fitting(
        |message| {
            let embed = embed(message, keyword);
            let mut body = json!({"embeds": [embed], "allowed_mentions": allowed});
            if !said.is_empty() {
                body["content"] = json!(said);
            }
            body.to_string()
        },
        |body| body.chars().count() <= CHARS_MAX,
    );
    Draft::new(&target.url, body)
}

fn embed(message: &Message, keyword: &str) -> Value {
    let colon = message.colon;
    let mut lines = vec![format!("**{}**", escaped(&message.text)), escaped(&message.place)];
    lines.extend(
        message.rows.iter().map(|(name, value)| format!("{name}{colon}{}", escaped(value))),
    );
    if !message.frames.is_empty() {
        lines.push(format!("```\n{}\n```", plain::unfenced(&message.frames.join("\n"))));
    }
    lines.retain(|line| !line.is_empty() && line != "****");
    let description = lines.join("\n");
    let mut embed = json!({
        "title": plain::cut(&escaped(&message.title), TITLE_CHARS_MAX),
        "color": colour(message.level),
        "footer": {"text": keyword},
        "description": plain::cut(&description, DESCRIPTION_CHARS_MAX),
    });
    if let Some((_, url)) = &message.link {
        embed["url"] = json!(url);
    }
    if let Some(links) = message.bracketed_acts() {
        // A field of its own: the description may be cut.
        embed["fields"] = json!([{"name": "\u{200b}", "value": links}]);
    }
    embed
}

/// Markdown as text. An underscore within a word marks nothing up, and stays.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut is_in_word = false;
    while let Some(one) = rest.next() {
        let goes_on = rest.peek().is_some_and(|next| next.is_alphanumeric());
        if r"\`*~|>[]<@#:".contains(one) || one == '_' && !(is_in_word && goes_on) {
            out.push('\\');
        }
        out.push(one);
        is_in_word = one.is_alphanumeric();
    }
    out
}

const fn colour(level: Level) -> u32 {
    match level {
        Level::Critical => 0x00b0_0020,
        Level::Error => 0x00e0_4f39,
        Level::Warning => 0x00e0_a030,
        Level::Info | Level::Debug => 0x0030_70c0,
    }
}
