//! One test for each rule of the native report.

use crate::domain::fingerprint::Fingerprint;
use crate::domain::level::Level;
use crate::domain::report::{ErrorInfo, Known, Report, Stack};
use crate::domain::timestamp;
use crate::intake::sample::{GUIDE, NOW, guide_with, report};

/// The guide's report with these changes, which must be accepted.
fn taken(changes: &[(&str, &str)]) -> Report {
    let body = guide_with(changes);
    report(body.as_bytes()).unwrap_or_else(|faults| panic!("{body}: {faults:?}"))
}

/// The faults of the guide's report with these changes, as `field: message`.
fn refused(changes: &[(&str, &str)]) -> Vec<String> {
    faults_of(guide_with(changes).as_bytes())
}

fn faults_of(body: &[u8]) -> Vec<String> {
    let faults = report(body).expect_err("refused");
    faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect()
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is JSON")
}

#[test]
fn the_guides_body_is_read_whole() {
    let got = report(GUIDE.as_bytes()).expect("the guide's");
    let text = |text: &str| Some(text.to_owned());
    let context = got.context.as_deref().map(serde_json::from_str::<serde_json::Value>);
    let expected_context = serde_json::json!({
        "url": "/api/users/123", "method": "GET", "user_id": "u_12345", "request_id": "req_abc123"
    });
    assert_eq!(context.expect("a context").expect("JSON"), expected_context);
    let stack = [
        "Traceback (most recent call last):",
        " File \"apps/users/views.py\", line 42, in get_user",
        " user_id = int(request.GET['id'])",
        "ValueError: invalid literal for int() with base 10: 'abc'",
    ];
    let expected = Report {
        project_id: "rtc_backend".to_owned(),
        environment: "production".to_owned(),
        level: Level::Error,
        timestamp: 1_769_769_000_000,
        received_at: NOW,
        version: text("1.2.3"),
        commit_hash: text("abc1234"),
        error: ErrorInfo {
            kind: "ValueError".to_owned(),
            message: "invalid literal for int() with base 10: 'abc'".to_owned(),
            file_path: "apps/users/views.py".to_owned(),
            line_number: 42,
            stack: Stack::Lines(stack.map(str::to_owned).to_vec()),
            code: None,
        }
        .into(),
        context: got.context.clone(),
        event_id: None,
        fingerprint: Fingerprint::of("rtc_backend", "ValueError", "apps/users/views.py", 42),
        culprit: None,
        known: Known { request_id: text("req_abc123"), user_id: text("u_12345"), trace_id: None },
        trimmed: Vec::new(),
        adjusted: Vec::new(),
    };
    assert_eq!(got, expected);
}

#[test]
fn every_missing_field_is_named_at_once() {
    let names = [
        "project_id",
        "environment",
        "level",
        "error.type",
        "error.message",
        "error.file_path",
        "error.line_number",
        "error.stack_trace",
    ];
    let expected = names.map(|name| format!("{name}: required, but missing"));
    assert_eq!(faults_of(b"{}"), expected);
    assert_eq!(faults_of(br#"{"error":null}"#), expected);
    assert_eq!(faults_of(br#"{"error":{}}"#), expected);
    for name in names {
        assert_eq!(refused(&[(name, "null")]), [format!("{name}: required, but missing")]);
    }
}

#[test]
fn null_is_absent_where_nothing_is_required() {
    let names = ["timestamp", "version", "commit_hash", "error.code", "context", "event_id"];
    let nulls = taken(&names.map(|name| (name, "null")));
    assert_eq!(nulls, taken(&names.map(|name| (name, ""))));
    assert_eq!(nulls.timestamp, NOW);
    assert_eq!((nulls.version, nulls.context, nulls.event_id), (None, None, None));
    let empty = taken(&[("version", "\"\""), ("commit_hash", "\"\""), ("error.code", "\"\"")]);
    assert_eq!((empty.version, empty.commit_hash, &empty.error.code), (None, None, &None));
}

#[test]
fn every_wrong_type_is_named_at_once() {
    let changes = [
        ("project_id", "42"),
        ("environment", "[]"),
        ("level", "{}"),
        ("timestamp", "1769769000"),
        ("version", "1.2"),
        ("commit_hash", "true"),
        ("error.type", "1"),
        ("error.message", "{\"a\":1}"),
        ("error.file_path", "false"),
        ("error.line_number", "\"abc\""),
        ("error.stack_trace", "7"),
        ("error.code", "500"),
        ("context", "\"text\""),
        ("event_id", "12"),
    ];
    let expected = [
        "project_id: expected a string, got 42",
        "environment: expected a string, got an array",
        "level: expected one of ERROR, WARNING, CRITICAL, INFO, DEBUG, got an object",
        "timestamp: expected an ISO 8601 time of the years 1970 to 9999, such as \
         2026-01-30T10:30:00Z, got 1769769000",
        "version: expected a string, got 1.2",
        "commit_hash: expected a string, got true",
        "error.type: expected a string, got 1",
        "error.message: expected a string, got an object",
        "error.file_path: expected a string, got false",
        "error.line_number: expected an integer of 0 or more, got \"abc\"",
        "error.stack_trace: expected an array of strings or a string, got 7",
        "error.code: expected a string, got 500",
        "context: expected an object, got \"text\"",
        "event_id: expected a UUID, got 12",
    ];
    assert_eq!(refused(&changes), expected);
    assert_eq!(refused(&[("error", "\"x\"")]), ["error: expected an object, got \"x\""]);
}

#[test]
fn a_project_id_fits_into_an_address() {
    let most = "é".repeat(64);
    for name in ["a", "0a", "my project", "项目", "a.b", "...", "V1", " a ", most.as_str()] {
        assert_eq!(taken(&[("project_id", &quoted(name))]).project_id, name);
    }
    let too_long = "é".repeat(65);
    let table = [
        ("", "expected 1 to 64 characters, got \"\""),
        (too_long.as_str(), "expected 1 to 64 characters, got \"éééé"),
        ("a\u{7}", "expected a name without control characters"),
        ("a\u{85}", "expected a name without control characters"),
        ("a/b", "expected a name without / \\ ? # %, got \"a/b\""),
        ("a\\b", "expected a name without / \\ ? # %, got \"a\\b\""),
        ("a?b", "expected a name without"),
        ("a#b", "expected a name without"),
        ("a%b", "expected a name without"),
    ];
    for (name, message) in table {
        let [fault] =
            <[String; 1]>::try_from(refused(&[("project_id", &quoted(name))])).expect(name);
        assert!(fault.starts_with(&format!("project_id: {message}")), "{fault}");
    }
    for name in [".", "..", "0", "v1", "embed", "store", "canonical", "relay"] {
        let expected = format!("project_id: \"{name}\" is reserved: choose another name");
        assert_eq!(refused(&[("project_id", &quoted(name))]), [expected]);
    }
}

#[test]
fn an_environment_is_any_short_name() {
    for name in ["production", "qa/2", &"x".repeat(64)] {
        assert_eq!(taken(&[("environment", &quoted(name))]).environment, name);
    }
    for name in ["", "a\nb", &"x".repeat(65)] {
        assert_eq!(refused(&[("environment", &quoted(name))]).len(), 1, "{name:?}");
    }
}

#[test]
fn a_level_is_read_in_any_case() {
    let table = [
        ("error", Level::Error),
        ("Warning", Level::Warning),
        ("warn", Level::Warning),
        ("FATAL", Level::Critical),
        ("CRITICAL", Level::Critical),
        ("info", Level::Info),
        ("debug", Level::Debug),
    ];
    for (word, expected) in table {
        assert_eq!(taken(&[("level", &quoted(word))]).level, expected);
    }
    let expected = "level: expected one of ERROR, WARNING, CRITICAL, INFO, DEBUG, got \"loud\"";
    assert_eq!(refused(&[("level", "\"loud\"")]), [expected]);
}

#[test]
fn a_timestamp_far_in_the_future_becomes_now() {
    let at = |ms: i64| taken(&[("timestamp", &quoted(&timestamp::format(ms)))]);
    let soon = at(NOW + 300_000);
    assert_eq!((soon.timestamp, soon.adjusted.len()), (NOW + 300_000, 0));
    let late = at(NOW + 300_001);
    assert_eq!((late.timestamp, late.adjusted.as_slice()), (NOW, &["timestamp".to_owned()][..]));
    let absent = taken(&[("timestamp", "")]);
    assert_eq!((absent.timestamp, absent.adjusted.len()), (NOW, 0));
    let long_ago = at(0);
    assert_eq!((long_ago.timestamp, long_ago.received_at), (0, NOW));
    for text in ["yesterday", "", "1969-12-31T23:59:59Z", "1769769000"] {
        assert_eq!(refused(&[("timestamp", &quoted(text))]).len(), 1, "{text}");
    }
}

#[test]
fn a_line_number_may_be_written_in_several_ways() {
    for raw in ["42", "\"42\"", "\" 42 \"", "42.0", "4.2e1", "\"42.0\""] {
        let got = taken(&[("error.line_number", raw)]);
        assert_eq!(got.error.line_number, 42, "{raw}");
        assert_eq!(got.fingerprint, taken(&[]).fingerprint, "{raw}");
    }
    let largest = taken(&[("error.line_number", "9223372036854775807")]);
    assert_eq!(largest.error.line_number, i64::MAX);
    let table = [
        ("-1", "-1"),
        ("42.5", "42.5"),
        ("\"\"", "\"\""),
        ("true", "true"),
        ("9223372036854775808", "9223372036854775808"),
    ];
    for (raw, shown) in table {
        let expected = format!("error.line_number: expected an integer of 0 or more, got {shown}");
        assert_eq!(refused(&[("error.line_number", raw)]), [expected]);
    }
}

#[test]
fn a_stack_keeps_the_form_in_which_it_came() {
    let stack = |raw: &str| taken(&[("error.stack_trace", raw)]).error.stack.clone();
    assert_eq!(stack("\"a\\nb\""), Stack::Text("a\nb".to_owned()));
    assert_eq!(stack("\"\""), Stack::Text(String::new()));
    assert_eq!(stack("[]"), Stack::Lines(Vec::new()));
    let lines = vec!["a".to_owned(), "b\nc".to_owned(), String::new()];
    assert_eq!(stack("[ \"a\", \"b\\nc\", \"\"]"), Stack::Lines(lines));
    let expected = [
        "error.stack_trace[1]: expected a string, got null",
        "error.stack_trace[3]: expected a string, got an object",
    ];
    assert_eq!(refused(&[("error.stack_trace", "[\"a\",null,\"b\",{}]")]), expected);
}

#[test]
fn the_faults_of_a_stack_are_not_endless() {
    let raw = format!("[{}1]", "1,".repeat(99_999));
    let faults = refused(&[("error.stack_trace", &raw)]);
    assert_eq!(faults.len(), 11);
    assert_eq!(faults[10], "error.stack_trace: 99990 more elements are no strings");
}

#[test]
fn an_event_id_is_a_uuid() {
    let id = |text: &str| taken(&[("event_id", &quoted(text))]).event_id;
    let expected = Some(*b"\x01\x92\xf0\xc1\x6e\x0a\x7c\xc3\x98\xc4\xdc\x0c\x0c\x07\x39\x8f");
    assert_eq!(id("0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f"), expected);
    assert_eq!(id("0192F0C16E0A7CC398C4DC0C0C07398F"), expected);
    assert_eq!(refused(&[("event_id", "\"x\"")]), ["event_id: expected a UUID, got \"x\""]);
}

#[test]
fn only_the_message_and_the_path_may_be_empty() {
    let empty = taken(&[("error.message", "\"\""), ("error.file_path", "\"\"")]);
    assert_eq!((empty.error.message.as_str(), empty.error.file_path.as_str()), ("", ""));
    let expected = "error.type: expected 1 character or more, got \"\"";
    assert_eq!(refused(&[("error.type", "\"\"")]), [expected]);
}

#[test]
fn the_fingerprint_is_of_what_was_received() {
    let long = "x".repeat(2_000);
    let secret = format!("https://u:hunter2@host/{long}");
    let got = taken(&[("error.type", &quoted(&long)), ("error.file_path", &quoted(&secret))]);
    assert_eq!(got.fingerprint, Fingerprint::of("rtc_backend", &long, &secret, 42));
    assert!(!got.error.file_path.contains("hunter2"), "{}", got.error.file_path);
    let replaced = taken(&[("error.type", "\"a\\u0000b\\ud83d\"")]);
    let kind = "a\u{fffd}b\u{fffd}";
    assert_eq!(replaced.error.kind, kind);
    let expected = Fingerprint::of("rtc_backend", kind, "apps/users/views.py", 42);
    assert_eq!(replaced.fingerprint, expected);
}

#[test]
fn long_values_are_trimmed_and_named() {
    let long = |chars: usize| quoted(&"é".repeat(chars));
    let (word, path, message) = (long(257), long(1_025), long(8_193));
    let stack = quoted(&"line\n".repeat(60_000));
    let context = format!("{{\"url\":\"/a\",\"noise\":{}}}", long(200_000));
    let got = taken(&[
        ("error.type", &word),
        ("error.message", &message),
        ("error.file_path", &path),
        ("error.stack_trace", &stack),
        ("error.code", &word),
        ("version", &word),
        ("commit_hash", &word),
        ("context", &context),
    ]);
    let names = [
        "error.type",
        "error.message",
        "error.file_path",
        "error.stack_trace",
        "error.code",
        "version",
        "commit_hash",
        "context",
    ];
    assert_eq!(got.trimmed, names);
    let count = |text: &str| text.chars().count();
    assert_eq!(count(&got.error.kind), 256);
    assert_eq!(count(&got.error.message), 8_192);
    assert_eq!(count(&got.error.file_path), 1_024);
    assert_eq!(got.error.code.as_deref().map(count), Some(256));
    assert_eq!(got.version.as_deref().map(count), Some(256));
    assert_eq!(got.commit_hash.as_deref().map(count), Some(256));
    assert!(got.error.stack.parts()[0].contains("were removed here"));
    let context = got.context.expect("a context");
    assert!(context.len() <= 262_144 && context.starts_with("{\"url\":\"/a\","));
}

#[test]
fn values_of_the_limit_are_not_trimmed() {
    let got = taken(&[
        ("error.type", &quoted(&"é".repeat(256))),
        ("error.message", &quoted(&"é".repeat(8_192))),
        ("error.file_path", &quoted(&"é".repeat(1_024))),
        ("error.stack_trace", &quoted(&"line\n".repeat(52_428))),
    ]);
    assert_eq!(got.trimmed, [""; 0]);
}

#[test]
fn unknown_fields_are_kept_in_the_context() {
    let got = taken(&[
        ("server", "{\"name\":\"web-1\"}"),
        ("tags", "null"),
        ("error.severity", "3"),
        ("context", "{\"url\":\"/a\",\"extra\":{\"own\":true}}"),
    ]);
    let expected = "{\"url\":\"/a\",\"extra\":{\"own\":true,\"server\":{\"name\":\"web-1\"},\
                    \"tags\":null,\"error\":{\"severity\":3}}}";
    assert_eq!(got.context.as_deref(), Some(expected));
    let alone = taken(&[("context", "null"), ("a", "1")]);
    assert_eq!(alone.context.as_deref(), Some("{\"extra\":{\"a\":1}}"));
}

#[test]
fn secrets_are_gone_wherever_they_stood() {
    let url = quoted("see https://u:hunter2@host/a");
    let object = format!("{{\"url\":{url},\"password\":\"hunter2\"}}");
    let got = taken(&[
        ("error.type", &url),
        ("error.message", &url),
        ("error.file_path", &url),
        ("error.stack_trace", &format!("[\"a\",{url}]")),
        ("error.code", &url),
        ("context", &object),
        ("unknown", &object),
        ("error.unknown", &object),
    ]);
    let shown = format!("{got:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(shown.matches("[scrubbed]").count(), 11, "{shown}");
    let text = taken(&[("error.stack_trace", &url)]);
    assert!(!format!("{text:?}").contains("hunter2"));
}

#[test]
fn a_private_key_is_gone_from_all_lines_of_a_stack() {
    let stack = [
        "Error: cannot read key",
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB",
        "aFDrBz9vFqU4yT",
        "-----END RSA PRIVATE KEY-----",
        "    at load (main.js:1:2)",
    ];
    let raw = serde_json::to_string(&stack).expect("strings");
    let Stack::Lines(lines) = &taken(&[("error.stack_trace", &raw)]).error.stack else {
        panic!("an array stays one");
    };
    assert_eq!((lines.len(), lines[0].as_str(), lines[5].as_str()), (6, stack[0], stack[5]));
    assert!(lines[1..5].iter().all(|line| line == "[scrubbed]"), "{lines:?}");
}

#[test]
fn value_rules_never_touch_ids_times_versions_and_commits() {
    let card = "4111111111111111";
    let got = taken(&[
        ("project_id", &quoted(card)),
        ("version", &quoted(card)),
        ("commit_hash", &quoted(card)),
        ("context", &format!("{{\"user_id\":\"{card}\"}}")),
    ]);
    assert_eq!(got.project_id, card);
    assert_eq!((got.version.as_deref(), got.commit_hash.as_deref()), (Some(card), Some(card)));
    assert_eq!(got.known.user_id.as_deref(), Some(card));
}

#[test]
fn a_report_without_a_place_gets_a_culprit() {
    let stack = "\"TypeError: x\\n    at load (https://app.example/main.js:10:5)\"";
    for path in ["\"unknown\"", "\"\""] {
        let change =
            [("error.file_path", path), ("error.line_number", "0"), ("error.stack_trace", stack)];
        let got = taken(&change);
        assert_eq!(got.culprit.as_deref(), Some("load (https://app.example/main.js:10:5)"));
        assert_eq!(got.error.line_number, 0, "the place stays what came");
    }
    let placed = taken(&[("error.file_path", "\"unknown\""), ("error.stack_trace", stack)]);
    assert_eq!(placed.culprit, None, "line 42 of it is a place");
}

#[test]
fn of_equal_names_the_last_counts() {
    let body = guide_with(&[("version", "\"2.0\"")]);
    let doubled = format!("{{\"version\":7,\"project_id\":null,{}", &body[1..]);
    let got = report(doubled.as_bytes()).expect("the last is right");
    assert_eq!((got.version.as_deref(), got.project_id.as_str()), (Some("2.0"), "rtc_backend"));
    let undone = format!("{},\"version\":null}}", &body[..body.len() - 1]);
    assert_eq!(report(undone.as_bytes()).expect("null is absent").version, None);
}

#[test]
fn what_cannot_be_stored_is_replaced() {
    let got = taken(&[
        ("error.message", "\"a\\u0000b\\ud83d\\ud83d\\ude00\""),
        ("context", "{\"k\\u0000\":\"v\\udead\"}"),
    ]);
    assert_eq!(got.error.message, "a\u{fffd}b\u{fffd}😀");
    let context: serde_json::Value =
        serde_json::from_str(got.context.as_deref().expect("a context")).expect("JSON");
    assert_eq!(context, serde_json::json!({"k\u{fffd}": "v\u{fffd}"}));
}

#[test]
fn nearly_json_is_read() {
    let body = guide_with(&[("context", "{\"load\":NaN,\"text\":\"NaN\"}")]);
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend_from_slice(body.as_bytes());
    let got = report(&bytes).expect("a mark and NaN");
    assert_eq!(got.context.as_deref(), Some("{\"load\":null,\"text\":\"NaN\"}"));
    let mut bytes = guide_with(&[("error.message", "\"caf@\"")]).into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'@').expect("the mark");
    bytes[at] = 0xe9;
    assert_eq!(report(&bytes).expect("Latin-1").error.message, "caf\u{fffd}");
}

#[test]
fn what_is_no_object_is_refused() {
    let table = [
        ("", ": expected JSON, got an empty body"),
        ("42", ": expected a JSON object, got 42"),
        ("null", ": expected a JSON object, got null"),
        ("\"text\"", ": expected a JSON object, got \"text\""),
        ("[{}]", ": expected a JSON object, got an array"),
        ("{} {}", ": unreadable JSON: trailing characters at line 1 column 4"),
    ];
    for (body, expected) in table {
        assert_eq!(faults_of(body.as_bytes()), [expected], "{body}");
    }
}

#[test]
fn a_report_has_64_levels_at_most() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(report(guide_with(&[("context", &nested(62))]).as_bytes()).is_ok());
    assert_eq!(refused(&[("context", &nested(63))]), [": nested deeper than 64 levels"]);
}

#[test]
fn a_fault_shows_little_and_no_secret() {
    let long = refused(&[("event_id", &quoted(&"é".repeat(5_000)))]);
    assert_eq!(long, [format!("event_id: expected a UUID, got \"{}…\"", "é".repeat(40))]);
    let secret = refused(&[("level", &quoted("https://u:hunter2@host/"))]);
    assert!(!secret[0].contains("hunter2"), "{}", secret[0]);
}
