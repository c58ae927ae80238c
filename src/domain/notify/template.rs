//! The body of a webhook as its owner wants it: JSON in whose strings `{{name}}` stands for a part
//! of the message. What is put in is a value, so it can end no string and begin no other member.

use serde_json::{Map, Value, json};

use super::message::Message;
use super::plain;
use super::webhook;

/// Bytes of a template at most, as JSON.
pub const TEMPLATE_BYTES_MAX: usize = 8_000;
/// Places in a template that stand for a part.
const PLACES_MAX: usize = 32;
/// Characters of a part at most, but for `data`.
const PART_CHARS_MAX: usize = 500;
/// The shortest form of a message.
const SHORTEST: usize = 6;

/// What a template may name.
pub const NAMES: [&str; 28] = [
    "id",
    "type",
    "trigger",
    "timestamp",
    "level",
    "title",
    "text",
    "place",
    "body",
    "frames",
    "url",
    "actions",
    "rule",
    "project",
    "environment",
    "issue",
    "status",
    "error_type",
    "error",
    "code",
    "count",
    "users",
    "first_seen",
    "assignee",
    "version",
    "request_id",
    "user",
    "data",
];

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Why a template cannot be used, in a clause.
pub fn check(template: &Value) -> Result<(), String> {
    if !template.is_object() && !template.is_array() {
        return Err("expected an object or an array".to_owned());
    }
    let bytes = template.to_string().len();
    if bytes > TEMPLATE_BYTES_MAX {
        return Err(format!("expected at most {TEMPLATE_BYTES_MAX} bytes, got {bytes}"));
    }
    let mut places = 0;
    check_within(template, &mut places)?;
    match places > PLACES_MAX {
        true => Err(format!("expected at most {PLACES_MAX} places, got {places}")),
        false => Ok(()),
    }
}

fn check_within(template: &Value, places: &mut usize) -> Result<(), String> {
    match template {
        Value::String(text) => {
            for piece in pieces(text)? {
                let Piece::Name(name) = piece else { continue };
                if !NAMES.contains(&name) {
                    let name: String = name.chars().take(64).collect();
                    return Err(format!("{{{{{name}}}}} is none of {}", NAMES.join(", ")));
                }
                *places += 1;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| check_within(item, places)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            if name.contains("{{") {
                return Err(format!("{name:?}: a member's name stands for itself"));
            }
            check_within(value, places)
        }),
        _ => Ok(()),
    }
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) =
            behind.split_once("}}").ok_or_else(|| "a {{ has no }} behind it".to_owned())?;
        pieces.extend((!before.is_empty()).then_some(Piece::Text(before)));
        pieces.push(Piece::Name(name.trim()));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    Ok(pieces)
}

/// The body of a message, in its longest form that fits. `is_plain`: a short one.
pub(super) fn render(template: &Value, message: &Message, is_plain: bool) -> Value {
    let mut body = Value::Null;
    for step in if is_plain { SHORTEST } else { 0 }..=SHORTEST {
        body = filled(template, &parts(message, step));
        if body.to_string().len() <= webhook::BODY_BYTES_MAX {
            break;
        }
    }
    body
}

fn filled(template: &Value, parts: &Map<String, Value>) -> Value {
    match template {
        Value::String(text) => string(text, parts),
        Value::Array(items) => items.iter().map(|item| filled(item, parts)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(name, value)| (name.clone(), filled(value, parts)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

/// A string that is one name alone becomes what it stands for, of whatever type.
fn string(text: &str, parts: &Map<String, Value>) -> Value {
    let pieces = pieces(text).unwrap_or_default();
    if let [Piece::Name(name)] = pieces.as_slice() {
        return parts.get(*name).cloned().unwrap_or_default();
    }
    let all = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Name(name) => parts.get(*name).map_or_else(String::new, in_text),
    });
    Value::String(all.collect())
}

/// A part within a text: a list has its lines, and nothing is nothing.
fn in_text(part: &Value) -> String {
    match part {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_text).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

/// Each part by its name.
fn parts(message: &Message, step: usize) -> Map<String, Value> {
    let short = message.shorter(step);
    let data = &message.data["data"];
    let event = &data["event"];
    let chars_max = if step < SHORTEST { PART_CHARS_MAX } else { 100 };
    let cut = |value: &Value| match value {
        Value::String(text) => json!(plain::line(text, chars_max)),
        other => other.clone(),
    };
    let environment = [&event["environment"], &data["facts"]["environment"]];
    let environment = environment.into_iter().find(|one| one.is_string());
    let actions = if step < SHORTEST { data.get("actions") } else { None };
    let all = [
        json!(message.id),
        message.data["type"].clone(),
        json!(message.trigger.name()),
        message.data["timestamp"].clone(),
        json!(message.level.name()),
        json!(short.title),
        json!(short.text),
        json!(short.place),
        json!(short.lines()),
        json!(short.frames),
        data["url"].clone(),
        actions.cloned().unwrap_or_else(|| json!({})),
        cut(&data["rule"]),
        cut(&data["project_id"]),
        environment.map(cut).unwrap_or_default(),
        json!(data["id"].as_i64().filter(|id| *id > 0)),
        data["status"].clone(),
        cut(&data["type"]),
        cut(&data["message"]),
        cut(&data["code"]),
        data["count"].clone(),
        data["users"].clone(),
        data["first_seen"].clone(),
        cut(&data["assignee"]),
        cut(&event["version"]),
        cut(&event["request_id"]),
        cut(&event["user_id"]),
        told(message, step),
    ];
    NAMES.iter().map(|name| (*name).to_owned()).zip(all).collect()
}

/// What a webhook without a template gets as `data`; of a message that is too long, nothing.
fn told(message: &Message, step: usize) -> Value {
    if step > 3 {
        return Value::Null;
    }
    let body = webhook::shortened(message, step > 0);
    body.get("data").cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::message::Wish;
    use super::super::{Facts, Language, Trigger, sample};
    use super::*;

    fn message() -> Message {
        let mut subject = sample::subject(0);
        let issue = subject.issue.as_mut().expect("an issue");
        issue.message = "a \"quoted\" {{title}}\u{202e}\nend".into();
        let wish = Wish { language: Language::En, public_url: None, rule: Some("prod") };
        Message::new("msg_1".into(), Trigger::Created, &Facts::default(), &subject, &wish)
    }

    fn fault(template: Value) -> String {
        check(&template).expect_err("a fault")
    }

    #[test]
    fn a_name_alone_takes_the_type_and_within_a_text_it_is_text() {
        let template = json!({
            "text": "{{level}} in {{ project }}: {{error}}", "count": "{{count}}",
            "n": "{{count}} times", "frames": "{{frames}}", "none": "{{url}}", "no": "[{{url}}]",
            "fixed": [1, true, null], "braces": "}} {",
        });
        assert_eq!(check(&template), Ok(()));
        let body = render(&template, &message(), false);
        let expected = json!({
            "text": "ERROR in log-center: a \"quoted\" {{title}} end", "count": 1,
            "n": "1 times", "frames": ["get_user (apps/users/views.py:42)"], "none": null,
            "no": "[]", "fixed": [1, true, null], "braces": "}} {",
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn every_name_stands_for_something() {
        let all: Map<String, Value> = NAMES
            .iter()
            .map(|name| ((*name).to_owned(), json!(format!("{{{{{name}}}}}"))))
            .collect();
        assert_eq!(check(&Value::Object(all.clone())), Ok(()));
        let body = render(&Value::Object(all), &message(), false);
        let empty = ["url", "issue", "code", "assignee"];
        for name in NAMES {
            assert_eq!(body[name].is_null(), empty.contains(&name), "{name}: {}", body[name]);
        }
        assert_eq!(body["data"]["event"]["request_id"], "req_abc123");
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        assert!(fault(json!({"a": ["{{wat}}"]})).starts_with("{{wat}} is none of id, type"));
        assert_eq!(fault(json!({"a": "{{title"})), "a {{ has no }} behind it");
        assert!(fault(json!({"{{title}}": 1})).contains("stands for itself"));
        assert_eq!(fault(json!("{{title}}")), "expected an object or an array");
        assert!(fault(json!(vec!["{{id}}"; 33])).contains("at most 32 places"));
        assert!(fault(json!({"a": "x".repeat(TEMPLATE_BYTES_MAX)})).contains("8000 bytes"));
    }

    #[test]
    fn what_is_too_long_is_cut_as_other_messages_are() {
        let template = json!(vec!["{{data}}"; 16]);
        let long = render(&template, &message(), false);
        assert!(long.to_string().len() <= webhook::BODY_BYTES_MAX);
        assert_eq!(long[0]["event"], Value::Null, "what is long goes first");
        let short = render(&json!({"body": "{{body}}", "id": "{{id}}"}), &message(), true);
        assert_eq!(short["id"], "msg_1");
        assert!(short["body"].as_str().expect("a text").len() < 300);
    }
}
