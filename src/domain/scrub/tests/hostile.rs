//! Input made to break a scanner: it must neither panic, nor spoil the JSON, nor take long.

use std::time::{Duration, Instant};

use super::scrubber;

const PIECES: [&str; 59] = [
    "eyJ.eyJ.",
    "eyJaaaaaaaaaa-",
    "eyJaaaaaaaaaa.aaaaaaaa,",
    "Bearer Bearer ",
    "ghp_",
    "sk-",
    "AIza-",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY",
    "-----",
    "-----END PRIVATE KEY",
    "a://",
    "://a@",
    "token={",
    "token: {",
    "token:[",
    "'token':(",
    "token:${",
    "token:}",
    "token:",
    "token: ",
    "token=",
    "token='",
    "token:\"\\",
    "token=\\\"",
    "('token',\"",
    "('token',\\\"",
    "<token>",
    "<token><![CDATA[",
    "name=\"token\"\n\n",
    "name=\"",
    "%3D",
    "token%3D",
    "token%3Dx%26",
    "--token ",
    "4111 ",
    "4111-",
    "4111111111111111",
    "\\",
    "\"",
    "'",
    "{\"",
    "[",
    "{",
    "=",
    ":",
    "：",
    "密码：",
    "-",
    "_",
    "%",
    ",",
    "Cookie: a;",
    "Authorization: a=,",
    "password==",
    "token=>",
    "token: 'a",
    "key: ",
    "a ",
];

/// At this size even a debug build reads in a moment what it reads once; what it reads again and
/// again takes seconds.
const BYTES: usize = 128 * 1024;

#[test]
fn text_that_repeats_anything_takes_linear_time() {
    for piece in PIECES {
        for tail in ["", "}\"]]>"] {
            let text = piece.repeat(BYTES / piece.len()) + tail;
            let started = Instant::now();
            let scrubbed = scrubber().text(&text).into_owned();
            let took = started.elapsed();
            assert!(took < Duration::from_secs(1), "{piece}: {took:?}");
            assert!(scrubbed.len() <= text.len() * 12);
        }
    }
}

#[test]
fn nested_text_takes_linear_time() {
    let mut raw = r#"{"a":"b"}"#.to_owned();
    while raw.len() < BYTES {
        raw = serde_json::json!({ "a": raw, "value": 1 }).to_string();
    }
    let deep = "[".repeat(64) + &"]".repeat(64);
    let values = "{\"value\":".repeat(60) + "\"Bearer abc123\"" + &",\"name\":\"x\"}".repeat(60);
    let wide =
        format!("[{}1]", "[[\"Cookie\",1],{\"v\":4111111111111111,\"k\":\"pin\"}],".repeat(9_000));
    for text in [raw, deep, values, wide] {
        let started = Instant::now();
        let scrubbed = scrubber().json(&text).into_owned();
        let took = started.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert!(is_valid(&scrubbed));
    }
}

#[test]
fn values_deeper_than_the_parser_allows_do_not_end_the_stack() {
    let deep = "[".repeat(100_000) + "1" + &"]".repeat(100_000);
    let scrubbed = scrubber().json(&deep).into_owned();
    assert!(scrubbed.contains("[scrubbed]"));
}

#[test]
fn random_text_never_panics_and_settles() {
    let mut random = Random(7);
    let scrubber = scrubber();
    for _ in 0..20_000 {
        let text = random.text();
        let once = scrubber.text(&text).into_owned();
        let _ = scrubber.json(&text);
        if !once.contains("[scrubbed]") {
            assert_eq!(once, text);
        }
    }
}

#[test]
fn random_json_stays_valid_json() {
    let mut random = Random(11);
    let scrubber = scrubber();
    for _ in 0..10_000 {
        let mut raw = String::new();
        random.value(&mut raw, 0);
        assert!(is_valid(&raw), "{raw}");
        let scrubbed = scrubber.json(&raw);
        serde_json::from_str::<serde_json::Value>(&scrubbed).unwrap_or_else(|_| {
            panic!("{raw} became {scrubbed}");
        });
        if raw == scrubbed {
            continue;
        }
        assert!(scrubbed.contains("[scrubbed]") || scrubbed.contains('\u{fffd}'), "{raw}");
    }
}

fn is_valid(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Knuth's MMIX generator: the same texts in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn piece(&mut self) -> &'static str {
        const PIECES: [&str; 64] = [
            "password",
            "token",
            "Authorization",
            "api",
            "key",
            "session",
            "id",
            "a",
            "x1",
            "=",
            ":",
            ": ",
            "=>",
            "==",
            ":=",
            "\"",
            "'",
            "\\\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "<",
            ">",
            "</",
            "/",
            "&",
            "%3D",
            "%26",
            "%",
            "?",
            "--",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "-----END ",
            "Bearer ",
            "Basic ",
            "eyJhbGciOi",
            ".",
            "eyJzdWIi",
            "4111111111111111",
            "4111 1111 1111 1111",
            "://",
            "@",
            ",",
            ";",
            " ",
            "\n",
            "é",
            "密码",
            "：",
            "😀",
            "\u{ef}",
            "ghp_0123456789abcdef",
            "AKIAIOSFODNN7EXAMPLE",
            "Some(",
            "$",
            "[scrubbed]",
            "name",
            "value",
            "cookie",
        ];
        PIECES[self.below(PIECES.len())]
    }

    fn text(&mut self) -> String {
        (0..self.below(24)).map(|_| self.piece()).collect()
    }

    fn string(&mut self, out: &mut String) {
        let text = match self.below(8) {
            0 => {
                let mut inner = String::new();
                self.value(&mut inner, 3);
                inner
            }
            1 => self.piece().to_owned(),
            _ => self.text(),
        };
        let quoted = serde_json::Value::from(text).to_string();
        let body = quoted.strip_suffix('"').unwrap();
        out.push_str(body);
        out.push_str(["", "", "\\ud83d", "\\u0000", "\\ud83d\\ude00"][self.below(5)]);
        out.push('"');
    }

    fn value(&mut self, out: &mut String, depth: usize) {
        match self.below(if depth > 4 { 4 } else { 7 }) {
            0 => out.push_str(["null", "true", "1", "-1.5e3", "4111111111111111"][self.below(5)]),
            1..=3 => self.string(out),
            4 => {
                out.push('[');
                for at in 0..self.below(4) {
                    out.push_str(if at > 0 { " , " } else { "" });
                    self.value(out, depth + 1);
                }
                out.push(']');
            }
            _ => {
                out.push('{');
                for at in 0..self.below(4) {
                    out.push_str(if at > 0 { "," } else { " " });
                    self.string(out);
                    out.push_str(" : ");
                    self.value(out, depth + 1);
                }
                out.push('}');
            }
        }
    }
}
