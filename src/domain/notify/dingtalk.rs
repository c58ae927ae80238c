//! DingTalk's robots. Their Markdown knows no escape and no code block: markup in what strangers
//! wrote becomes its full-width likeness.

use serde_json::json;

use super::channel::{Attempt, Draft, Target};
use super::message::Message;
use super::plain::above;
use super::{mention, plain, sign};

/// Bytes of a body at most.
pub(super) const BODY_BYTES_MAX: usize = 20_000;
/// A line's end in DingTalk's Markdown.
const END: &str = "  \n  ";

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    let (said, at) = mention::dingtalk(&message.mentions);
    let body = if attempt.is_plain {
        let text = above(&said, message.bare(keyword, plain::full_width));
        json!({"msgtype": "text", "text": {"content": text}, "at": at}).to_string()
    } else {
        message.fitting(
            |message| {
                let title = plain::full_width(&format!("{} — {keyword}", message.title));
                let markdown = json!({"title": title, "text": markdown(message, keyword, &said)});
                json!({"msgtype": "markdown", "markdown": markdown, "at": at}).to_string()
            },
            |body| body.len() <= BODY_BYTES_MAX,
        )
    };
    Draft::new(signed(target, attempt.at), body)
}

fn signed(target: &Target, at: i64) -> String {
    let Some(secret) = &target.secret else { return target.url.clone() };
    let sign = percent(&sign::dingtalk(secret, at));
    let joint = if target.url.contains('?') { '&' } else { '?' };
    format!("{}{joint}timestamp={at}&sign={sign}", target.url)
}

/// Base64 in a query.
fn percent(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

fn markdown(message: &Message, keyword: &str, said: &str) -> String {
    let colon = message.colon;
    let safe = plain::full_width;
    let mut lines = vec![format!("#### {}", safe(&message.title))];
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
    lines.push(keyword.to_owned());
    lines.join(END)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_percent_encoded() {
        let sign = percent("O/Dxk+W6uCrkxq7mUGZ07y1ieeBTkSH+Xzgk9sbgFSI=");
        assert_eq!(sign, "O%2FDxk%2BW6uCrkxq7mUGZ07y1ieeBTkSH%2BXzgk9sbgFSI%3D");
    }
}
