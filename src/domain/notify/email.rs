//! E-mail: one message with a text and an HTML part. What strangers wrote stands in a header only
//! within an encoded word, and in HTML only escaped, so it can begin neither a header nor a tag.

use serde_json::Value;

use super::channel::{Attempt, Draft, KEYWORD, Target};
use super::message::Message;
use super::plain;
use crate::domain::level::Level;
use crate::domain::{base64, timestamp};

/// Addressees of a channel at most.
pub const RECIPIENTS_MAX: usize = 20;
/// Characters of an address at most.
pub const ADDRESS_CHARS_MAX: usize = 254;

/// Characters of the error's text in a subject, behind the title.
const SUBJECT_TEXT_CHARS: usize = 80;
/// Bytes of text in one encoded word: 42 become 56 characters and 12 more, so that a line has 78
/// at most with the header's name before it.
const WORD_BYTES_MAX: usize = 42;
/// Characters of a line of base64.
const BODY_LINE_CHARS: usize = 76;
/// Between the parts. Base64 has no `=` but at its end, so this stands in no part.
const BOUNDARY: &str = "=_log-center_=";

/// Whether it is an address that can stand in a header and in a command as it is.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |one: u8| one.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&one);
    let is_host = |one: u8| one.is_ascii_alphanumeric() || b".-".contains(&one);
    text.len() <= ADDRESS_CHARS_MAX
        && (1..=64).contains(&local.len())
        && local.bytes().all(is_atom)
        && !domain.is_empty()
        && domain.bytes().all(is_host)
        && !domain.starts_with(['.', '-'])
        && !domain.ends_with(['.', '-'])
        && !domain.contains("..")
}

/// The mail for a message. Its address is the server's, its body the whole mail.
pub(super) fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    let keyword = target.keyword();
    let mut mail = head(target, message, attempt.at);
    let text = part("text/plain", &text(message, keyword));
    if attempt.is_plain {
        mail.push_str(&text);
    } else {
        let html = part("text/html", &html(message, keyword, target.language.name()));
        let begin = format!("--{BOUNDARY}\r\n");
        mail.push_str(&format!(
            "Content-Type: multipart/alternative; boundary=\"{BOUNDARY}\"\r\n\r\n\
             {begin}{text}{begin}{html}--{BOUNDARY}--\r\n"
        ));
    }
    Draft::new(&target.url, mail)
}

fn head(target: &Target, message: &Message, at: i64) -> String {
    let from = target.from.as_deref().unwrap_or_default();
    let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let mut lines = vec![
        format!("Date: {}", timestamp::mail(at)),
        format!("From: {KEYWORD} <{from}>"),
        format!("To: {}", target.to.join(",\r\n ")),
        format!("Subject: {}", encoded(&subject(message))),
        format!("Message-ID: <{}@{domain}>", message.id),
    ];
    if let Some(thread) = thread(message, domain) {
        lines.push(format!("In-Reply-To: {thread}"));
        lines.push(format!("References: {thread}"));
    }
    lines.push(format!("List-Id: {KEYWORD} <log-center.{domain}>"));
    // So that nobody's absence is announced to Log Center.
    lines.push("Auto-Submitted: auto-generated".to_owned());
    lines.push("X-Auto-Response-Suppress: All".to_owned());
    lines.push("MIME-Version: 1.0\r\n".to_owned());
    lines.join("\r\n")
}

fn subject(message: &Message) -> String {
    let text = plain::line(&message.text, SUBJECT_TEXT_CHARS);
    let title = plain::line(&message.title, SUBJECT_TEXT_CHARS * 3);
    if text.is_empty() { title } else { format!("{title} · {text}") }
}

/// What all mails about one issue refer to, by which mail programs put them together.
fn thread(message: &Message, domain: &str) -> Option<String> {
    let data: &Value = &message.data["data"];
    let issue = data["id"].as_i64().filter(|id| *id > 0)?;
    // Two servers that write from one domain have issues of the same numbers.
    let host = message.link.as_ref().and_then(|(_, url)| url.split('/').nth(2));
    let host = host.unwrap_or(domain).replace([':', '[', ']'], "-");
    Some(format!("<issue-{issue}@{host}>"))
}

/// A header's text as RFC 2047's words, cut between characters.
fn encoded(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for one in text.chars() {
        if word.len() + one.len_utf8() > WORD_BYTES_MAX {
            words.push(std::mem::take(&mut word));
        }
        word.push(one);
    }
    words.push(word);
    let words = words.iter().map(|word| format!("=?UTF-8?B?{}?=", base64::encode(word.as_bytes())));
    words.collect::<Vec<_>>().join("\r\n ")
}

/// A part with its headers. Base64 keeps every line short, and no line begins with a dot.
fn part(kind: &str, text: &str) -> String {
    let body = base64::encode(text.as_bytes());
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(BODY_LINE_CHARS)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!(
        "Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    )
}

fn text(message: &Message, keyword: &str) -> String {
    let colon = message.colon;
    let mut lines = vec![message.title.clone(), message.text.clone(), message.place.clone()];
    lines.retain(|line| !line.is_empty());
    lines.push(String::new());
    let links = message.link.iter().chain(&message.acts);
    lines.extend(links.map(|(word, url)| format!("{word}{colon}{url}")));
    lines.push(String::new());
    lines.extend(message.rows.iter().map(|(name, value)| format!("{name}{colon}{value}")));
    if !message.frames.is_empty() {
        lines.push(String::new());
        lines.extend(message.frames.iter().map(|frame| format!("    {frame}")));
    }
    lines.extend(["-- ".to_owned(), keyword.to_owned()]);
    lines.join("\r\n")
}

/// Colours of the bar and the button: each with white text on it has a contrast above 4.5.
const fn colour(level: Level) -> &'static str {
    match level {
        Level::Critical => "#9f1239",
        Level::Error => "#c81e1e",
        Level::Warning => "#a14b05",
        Level::Info | Level::Debug => "#1d4ed8",
    }
}

/// The same for text on a dark ground, with a contrast above 4.5 there.
const fn colour_dark(level: Level) -> &'static str {
    match level {
        Level::Critical => "#ff8fa3",
        Level::Error => "#ff9b85",
        Level::Warning => "#f2b46d",
        Level::Info | Level::Debug => "#93b4ff",
    }
}

/// For programs that show mails dark and read this; the others see the light colours of elements.
fn dark(level: Level) -> String {
    let accent = colour_dark(level);
    format!(
        "<style>@media (prefers-color-scheme: dark) {{\
         .ground {{ background: #14171a !important }}\
         .card {{ background: #1a1e22 !important; color: #e6e9eb !important; \
         border-right-color: #2a3036 !important; border-bottom-color: #2a3036 !important; \
         border-left-color: #2a3036 !important }}\
         .soft {{ color: #adb5bc !important }}\
         .accent {{ color: {accent} !important }}\
         .code {{ background: #24292f !important }}}}</style>"
    )
}

/// Characters of a text that is set large.
const HEADLINE_CHARS_MAX: usize = 160;
const SANS: &str = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,\
    'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif";
const MONO: &str = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace";

/// Mail programs keep styles of elements, and hardly any others.
fn html(message: &Message, keyword: &str, language: &str) -> String {
    let colour = colour(message.level);
    let mut inner = format!(
        "<p class=\"accent\" style=\"margin:0 0 8px;font-size:14px;font-weight:600;\
         color:{colour}\">{}</p>\n",
        escaped(&message.title)
    );
    // A long text all in bold hides the rest below the screen.
    let weight = match message.text.chars().count() {
        0..=HEADLINE_CHARS_MAX => "font-size:17px;line-height:1.35;font-weight:600",
        _ => "font-size:15px;line-height:1.45",
    };
    let below = if message.place.is_empty() { 16 } else { 4 };
    let paragraphs = [
        ("", &message.text, &*format!("margin:0 0 {below}px;{weight}")),
        ("soft", &message.place, "margin:0 0 16px;font-size:13px;color:#57606a"),
    ];
    for (class, text, style) in paragraphs {
        if !text.is_empty() {
            let text = escaped(text);
            let style = format!("{style};overflow-wrap:anywhere");
            inner.push_str(&format!("<p class=\"{class}\" style=\"{style}\">{text}</p>\n"));
        }
    }
    if let Some((word, url)) = &message.link {
        let style = format!(
            "display:inline-block;padding:9px 18px;border-radius:6px;background:{colour};\
             color:#ffffff;font-size:14px;font-weight:600;text-decoration:none"
        );
        let (url, word) = (escaped(url), escaped(word));
        inner.push_str(&format!(
            "<p style=\"margin:0 0 16px\"><a href=\"{url}\" style=\"{style}\">{word}</a></p>\n"
        ));
    }
    if !message.acts.is_empty() {
        let links = message.acts.iter().map(|(word, url)| link(word, url, colour));
        let links = links.collect::<Vec<_>>().join(" · ");
        inner.push_str(&format!("<p style=\"margin:0 0 16px;font-size:14px\">{links}</p>\n"));
    }
    inner.push_str(&rows(message));
    if !message.frames.is_empty() {
        let frames = escaped(&message.frames.join("\n"));
        let style = format!(
            "margin:16px 0 0;padding:12px;border-radius:6px;background:#f4f5f7;{MONO};\
             font-size:12px;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere"
        );
        inner.push_str(&format!("<pre class=\"code\" style=\"{style}\">{frames}</pre>\n"));
    }
    let card = format!(
        "max-width:640px;margin:0 auto;padding:20px;background:#ffffff;color:#1f2328;\
         border:1px solid #d8dee4;border-top:4px solid {colour};border-radius:6px"
    );
    let (keyword, dark) = (escaped(keyword), dark(message.level));
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"supported-color-schemes\" content=\"light dark\">{dark}</head>\n\
         <body class=\"ground\" style=\"margin:0;padding:16px;background:#f4f5f7;{SANS}\">\n\
         <div class=\"card\" style=\"{card}\">\n{inner}</div>\n\
         <p class=\"soft\" style=\"max-width:640px;margin:12px auto 0;font-size:12px;\
         color:#57606a\">\
         {keyword}</p>\n\
         </body></html>\n"
    )
}

fn link(word: &str, url: &str, colour: &str) -> String {
    format!(
        "<a class=\"accent\" href=\"{}\" style=\"color:{colour}\">{}</a>",
        escaped(url),
        escaped(word)
    )
}

fn rows(message: &Message) -> String {
    if message.rows.is_empty() {
        return String::new();
    }
    let cell = "padding:4px 0;vertical-align:top";
    let rows = message.rows.iter().map(|(name, value)| {
        format!(
            "<tr><td class=\"soft\" style=\"{cell};padding-right:16px;color:#57606a;\
             white-space:nowrap\">{}</td>\
             <td style=\"{cell};overflow-wrap:anywhere\">{}</td></tr>\n",
            escaped(name),
            escaped(value)
        )
    });
    let style = "border-collapse:collapse;font-size:14px;line-height:1.4";
    format!("<table style=\"{style}\">\n{}</table>\n", rows.collect::<String>())
}

/// For text and for the value of an attribute.
fn escaped(text: &str) -> String {
    plain::escaped(text).replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_nothing_that_ends_a_command_or_a_header() {
        for good in ["dev@example.org", "a.b+c@mail.example.org", "root@localhost"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c",
            "a@b c",
            "a@b\r\nBcc: x@y",
            "a\n@b",
            "<a@b>",
            "a@b>",
            "a,b@c",
            "\"a\"@b",
            "a@[1.2.3.4]",
            "a@.b",
            "a@b..c",
            "数@b",
        ] {
            assert!(!is_address(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_subject_of_any_text_is_encoded_words_of_75_characters() {
        for text in ["", "short", &"数".repeat(300), &"😀x".repeat(100), "a\r\nBcc: x@y", "=?x?="]
        {
            let header = encoded(text);
            let words: Vec<&str> = header.split("\r\n ").collect();
            let mut read = String::new();
            for word in words {
                assert!(word.len() <= 75, "{word}");
                let inner =
                    word.strip_prefix("=?UTF-8?B?").and_then(|word| word.strip_suffix("?="));
                let bytes = base64::decode(inner.expect("a word")).expect("base64");
                read.push_str(std::str::from_utf8(&bytes).expect("cut between characters"));
            }
            assert_eq!(read, text);
        }
    }
}
