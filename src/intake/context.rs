//! The context of a report: one JSON object's text. It takes in the members that nobody knows, and
//! is shortened when it is too large: what people look for first stays, whole or in part.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::draft::Unknown;
use crate::domain::json::{self, Object};
use crate::domain::report::CONTEXT_BYTES_MAX;

/// Where unknown members go.
const EXTRA: &str = "extra";
/// What CONTRACT 4 understands.
const KNOWN_NAMES: [&str; 26] = [
    "request",
    "url",
    "method",
    "status",
    "params",
    "query",
    "body",
    "headers",
    "user_id",
    "userId",
    "user",
    "currentUser",
    "request_id",
    "requestId",
    "trace_id",
    "traceId",
    "server_name",
    "view",
    "request_path",
    "component",
    "graphql",
    "rpc",
    "tags",
    "breadcrumbs",
    "originalError",
    "userAgent",
];
/// A part smaller than this says nothing.
const PART_BYTES_MIN: usize = 64;
/// A member above this share of an object is shortened after all smaller ones found their place.
const LARGE_SHARE: usize = 8;

/// The context with the unknown members of the report, and of its `error`, under `extra`.
/// `None` if there is neither.
pub(super) fn whole<'a>(
    context: Option<&'a str>,
    unknown: Unknown<'_>,
    error_unknown: Unknown<'_>,
) -> Option<Cow<'a, str>> {
    if unknown.is_empty() && error_unknown.is_empty() {
        return context.map(Cow::Borrowed);
    }
    let context = context.unwrap_or("{}");
    let mut out = Object::with_capacity(context.len() + 256);
    let mut present = None;
    for (name, raw) in json::members(context) {
        if name == EXTRA {
            present = Some(raw);
        } else {
            out.put(&name, raw);
        }
    }
    out.put(EXTRA, &extra(present, &unknown, &error_unknown));
    Some(Cow::Owned(out.close()))
}

fn extra(present: Option<&str>, unknown: &Unknown<'_>, error_unknown: &Unknown<'_>) -> String {
    const ERROR: &str = "error";
    let mut out = Object::default();
    let mut error = Object::default();
    for (name, raw) in own_members(EXTRA, present) {
        if name == ERROR && !error_unknown.is_empty() {
            put_all(&mut error, &own_members(ERROR, Some(raw)));
        } else {
            out.put(&name, raw);
        }
    }
    put_all(&mut out, unknown);
    if !error_unknown.is_empty() {
        put_all(&mut error, error_unknown);
        out.put(ERROR, &error.close());
    }
    out.close()
}

/// The members of an object that has to take in more; what is no object becomes its own member.
fn own_members<'a>(name: &'a str, present: Option<&'a str>) -> Unknown<'a> {
    match present {
        None | Some("null") => Vec::new(),
        Some(raw) if raw.starts_with('{') => json::members(raw).collect(),
        Some(raw) => vec![(Cow::Borrowed(name), raw)],
    }
}

/// The context cut to its limit; `None` if it is within. Still valid JSON: whole members go, or
/// texts lose their end, which is marked with `…`.
pub(super) fn shortened(raw: &str) -> Option<String> {
    (raw.len() > CONTEXT_BYTES_MAX).then(|| object(raw, CONTEXT_BYTES_MAX))
}

/// A member and the bytes that its name, colon and comma take.
struct Member<'a> {
    name: Cow<'a, str>,
    raw: &'a str,
    frame_bytes: usize,
    kept: Option<Cow<'a, str>>,
}

/// Small members first, known ones before others, so that one huge value costs only itself.
fn object(raw: &str, bytes_max: usize) -> String {
    let mut members: Vec<Member<'_>> = json::members(raw).map(member).collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&at| {
        let member = &members[at];
        let bytes = member.frame_bytes + member.raw.len();
        (bytes > bytes_max / LARGE_SHARE, Reverse(is_known(&member.name)), bytes)
    });
    let mut room = bytes_max.saturating_sub("{}".len());
    for at in order {
        let member = &mut members[at];
        let Some(value_max) = room.checked_sub(member.frame_bytes) else { continue };
        let newest_last = member.name == "breadcrumbs";
        member.kept = part(member.raw, value_max, newest_last);
        let kept_bytes = member.kept.as_ref().map(|value| value.len() + member.frame_bytes);
        room -= kept_bytes.unwrap_or(0);
    }
    let mut out = Object::default();
    for member in &members {
        if let Some(value) = &member.kept {
            out.put(&member.name, value);
        }
    }
    out.close()
}

fn member<'a>((name, raw): (Cow<'a, str>, &'a str)) -> Member<'a> {
    let frame_bytes = name.chars().map(escaped_bytes).sum::<usize>() + "\"\":,".len();
    Member { name, raw, frame_bytes, kept: None }
}

fn is_known(name: &str) -> bool {
    KNOWN_NAMES.contains(&name)
}

/// The value if it fits, else what is left of it; `None` if that would be nothing.
fn part(raw: &str, bytes_max: usize, newest_last: bool) -> Option<Cow<'_, str>> {
    if raw.len() <= bytes_max {
        return Some(Cow::Borrowed(raw));
    }
    if bytes_max < PART_BYTES_MIN {
        return None;
    }
    match raw.bytes().next() {
        Some(b'{') => Some(object(raw, bytes_max).into()),
        Some(b'[') => Some(array(raw, bytes_max, newest_last).into()),
        Some(b'"') => Some(string(raw, bytes_max).into()),
        _ => None,
    }
}

/// The first elements, or the last where the newest are there.
fn array(raw: &str, bytes_max: usize, newest_last: bool) -> String {
    let mut elements: Vec<&str> = json::elements(raw).collect();
    if newest_last {
        elements.reverse();
    }
    let mut room = bytes_max.saturating_sub("[]".len());
    let mut kept = Vec::new();
    for element in elements {
        let value = part(element, room.saturating_sub(",".len()), false);
        let is_whole = value.as_ref().is_some_and(|value| value.len() == element.len());
        if let Some(value) = value {
            room -= value.len() + ",".len();
            kept.push(value);
        }
        if !is_whole {
            break;
        }
    }
    if newest_last {
        kept.reverse();
    }
    format!("[{}]", kept.join(","))
}

fn string(raw: &str, bytes_max: usize) -> String {
    const MARK: &str = "…\"";
    let text = json::string(raw).unwrap_or_default();
    let mut room = bytes_max.saturating_sub("\"".len() + MARK.len());
    let fits = |character: char| {
        let left = room.checked_sub(escaped_bytes(character));
        room = left.unwrap_or(room);
        left.is_some()
    };
    let end = length_while(&text, fits);
    let mut out = String::with_capacity(bytes_max);
    out.push('"');
    json::escape_into(&mut out, &text[..end]);
    out.push_str(MARK);
    out
}

fn length_while(text: &str, mut keep: impl FnMut(char) -> bool) -> usize {
    let first_refused = text.char_indices().find(|(_, character)| !keep(*character));
    first_refused.map_or(text.len(), |(at, _)| at)
}

/// Bytes of a character inside a JSON string, as [`json::escape_into`] writes it.
fn escaped_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

fn put_all(object: &mut Object, members: &Unknown<'_>) {
    for (name, raw) in members {
        object.put(name, raw);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn unknown(members: &[(&'static str, &'static str)]) -> Unknown<'static> {
        members.iter().map(|(name, raw)| (Cow::Borrowed(*name), *raw)).collect()
    }

    #[test]
    fn unknown_members_go_under_extra() {
        let table = [
            (None, r#"{"extra":{"a":1,"error":{"b":2}}}"#),
            (Some("{}"), r#"{"extra":{"a":1,"error":{"b":2}}}"#),
            (Some(r#"{"x":[1]}"#), r#"{"x":[1],"extra":{"a":1,"error":{"b":2}}}"#),
            (Some(r#"{"extra":{"y":0}}"#), r#"{"extra":{"y":0,"a":1,"error":{"b":2}}}"#),
            (Some(r#"{"extra":null}"#), r#"{"extra":{"a":1,"error":{"b":2}}}"#),
            (Some(r#"{"extra":"y"}"#), r#"{"extra":{"extra":"y","a":1,"error":{"b":2}}}"#),
            (Some(r#"{"extra":{"error":{"c":3}}}"#), {
                r#"{"extra":{"a":1,"error":{"c":3,"b":2}}}"#
            }),
            (Some(r#"{"extra":{"error":"c"}}"#), {
                r#"{"extra":{"a":1,"error":{"error":"c","b":2}}}"#
            }),
        ];
        for (context, expected) in table {
            let got = whole(context, unknown(&[("a", "1")]), unknown(&[("b", "2")]));
            assert_eq!(got.as_deref(), Some(expected), "{context:?}");
        }
        let quoted = whole(None, unknown(&[("a\"b\n", "1")]), Vec::new());
        assert_eq!(quoted.as_deref(), Some(r#"{"extra":{"a\"b\n":1}}"#));
    }

    #[test]
    fn a_context_without_unknown_members_is_not_copied() {
        assert!(matches!(whole(Some("{}"), Vec::new(), Vec::new()), Some(Cow::Borrowed("{}"))));
        assert_eq!(whole(None, Vec::new(), Vec::new()), None);
    }

    fn short(context: &Value) -> Value {
        let raw = context.to_string();
        let short = shortened(&raw).expect("too large");
        assert!(short.len() <= CONTEXT_BYTES_MAX, "{}", short.len());
        serde_json::from_str(&short).expect("still JSON")
    }

    #[test]
    fn a_huge_value_costs_only_itself() {
        let context = json!({
            "noise": "n".repeat(300_000),
            "url": "/a",
            "body": {"text": "数\"\n\u{1}".repeat(100_000), "small": 1},
            "mine": {"k": "v"},
            "request": {"headers": {"x-request-id": "r"}},
        });
        let short = short(&context);
        for name in ["url", "mine", "request"] {
            assert_eq!(short[name], context[name], "{name}");
        }
        assert_eq!(short["body"]["small"], 1);
        let text = short["body"]["text"].as_str().expect("a part");
        assert!(text.starts_with("数\"\n\u{1}数") && text.ends_with('…'));
        assert!(short.to_string().len() > CONTEXT_BYTES_MAX - 256, "nearly all room is used");
    }

    #[test]
    fn of_many_small_members_the_known_ones_stay() {
        let mut context: serde_json::Map<String, Value> =
            (0..20_000).map(|at| (format!("member{at}"), json!("x".repeat(20)))).collect();
        context.insert("user_id".to_owned(), json!("u_1"));
        context.insert("tags".to_owned(), json!({"a": "t".repeat(1_000)}));
        let short = short(&context.into());
        assert_eq!(short["user_id"], "u_1");
        assert_eq!(short["tags"]["a"], "t".repeat(1_000));
        assert!(short.as_object().expect("an object").len() > 5_000);
    }

    #[test]
    fn of_breadcrumbs_the_newest_stay_and_of_other_lists_the_first() {
        let list: Vec<_> = (0..10_000).map(|at| json!({"at": at, "m": "x".repeat(30)})).collect();
        let both = short(&json!({"breadcrumbs": list, "list": list}));
        let newest = both["breadcrumbs"].as_array().and_then(|list| list.last());
        assert_eq!(newest, list.last());
        let one = short(&json!({"list": list}));
        assert_eq!(one["list"][0], list[0]);
        assert!(one["list"].as_array().expect("a list").len() > 4_000);
    }

    #[test]
    fn a_deep_one_is_shortened_in_its_depth() {
        let mut context = json!({"leaf": "x".repeat(400_000), "id": 7});
        for _ in 0..60 {
            context = json!({"in": context, "id": 7});
        }
        let mut short = short(&context);
        for _ in 0..60 {
            assert_eq!(short["id"], 7);
            short = short["in"].take();
        }
        assert!(short["leaf"].as_str().expect("a part").len() > 200_000);
    }
}
