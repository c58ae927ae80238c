//! One report: what is asked of it, what is answered, and what is kept of it.

use std::io::Write;

use serde_json::{Value, json};

use super::client::{Answer, Running};
use super::samples::{
    GUIDE, HOUR, ISSUES, REPORT, ago, fields, fingerprint, line, ms, now, on_line, with, without,
};

/// Of `rtc_backendValueErrorapps/users/views.py42`, by another program.
const MD5_OF_GUIDE: &str = "c28b25b7d52420836670e6e071f446f4";
const NOBODY_SAID: [&str; 8] = [
    "project_id",
    "environment",
    "level",
    "error.type",
    "error.message",
    "error.file_path",
    "error.line_number",
    "error.stack_trace",
];

#[test]
fn the_guides_report_gets_the_guides_answer() {
    let server = Running::start(&[]);
    let md5 = MD5_OF_GUIDE;
    let first = json!({"status": "ok", "id": 1, "fingerprint": md5, "is_new": true});
    let later = json!({"status": "duplicate", "id": 1, "fingerprint": md5, "is_new": false});
    // Python's requests, navigator.sendBeacon, fetch, a form, and nothing at all.
    let kinds: [&[&str]; 5] = [
        &["Content-Type: application/json", "User-Agent: python-requests/2.32"],
        &["Content-Type: text/plain;charset=UTF-8", "Origin: https://shop.example"],
        &["Content-Type: application/json", "Origin: null", "Sec-Fetch-Site: cross-site"],
        &["Content-Type: application/x-www-form-urlencoded"],
        &[],
    ];
    for (nth, headers) in kinds.into_iter().enumerate() {
        let answer = server.send("POST", REPORT, headers, GUIDE.as_bytes());
        assert_eq!(answer.status, 200, "{headers:?}");
        assert_eq!(answer.json(), if nth == 0 { first.clone() } else { later.clone() });
    }
    assert_eq!(server.issue(1)["count"], 5);
}

#[test]
fn an_event_keeps_all_that_was_reported() {
    let server = Running::start(&[]);
    let at = ago(HOUR);
    let report = with(&[
        ("timestamp", json!(at)),
        ("error.code", json!("BadId")),
        ("event_id", json!("0192F0C16E0A7CC398C4DC0C0C07398F")),
        ("context.trace_id", json!("4bf92f35")),
        ("context.items", json!([1, 2.50, null, {"ю": "Ж"}])),
    ]);
    let id = server.record(&report);
    let event = server.read("/api/v1/events/0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f");
    let expected = json!({
        "event_id": "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f", "issue_id": id,
        "project_id": "rtc_backend", "fingerprint": MD5_OF_GUIDE, "timestamp": at,
        "environment": "production", "level": "ERROR", "version": "1.2.3",
        "commit_hash": "abc1234", "error": report["error"], "culprit": null,
        "request_id": "req_abc123", "user_id": "u_12345", "trace_id": "4bf92f35",
        "context": report["context"], "trimmed": [], "adjusted": []
    });
    assert_eq!(without(&event, &["received_at"]), expected);
    let delay = now() - ms(&event["received_at"]);
    assert!((0..60_000).contains(&delay), "{event}");
    assert_eq!(server.issue(id)["latest_event"], event);
}

#[test]
fn each_wrong_field_is_named() {
    let server = Running::start(&[]);
    let (long, tab) = ("x".repeat(65), "a\tb");
    let mut table: Vec<(&str, Value)> = Vec::new();
    for name in ["", tab, "a/b", "a\\b", "a?b", "a#b", "a%b", &long] {
        table.push(("project_id", json!(name)));
    }
    for name in [".", "..", "0", "v1", "embed", "store", "canonical", "relay"] {
        table.push(("project_id", json!(name)));
    }
    for name in ["", tab, &long] {
        table.push(("environment", json!(name)));
    }
    table.extend([("level", json!("LOUD")), ("level", json!(3)), ("level", json!(""))]);
    for time in [json!("yesterday"), json!("2026-13-01T00:00:00Z"), json!(1), json!("")] {
        table.push(("timestamp", time));
    }
    table.extend([("error", json!([])), ("error", json!("x")), ("context", json!([1]))]);
    table.extend([("version", json!(1.2)), ("commit_hash", json!({})), ("event_id", json!("x"))]);
    table.extend([("error.type", json!("")), ("error.code", json!(7)), ("event_id", json!(1))]);
    for number in [json!(-1), json!(1.5), json!("abc"), json!(""), json!(true), json!([])] {
        table.push(("error.line_number", number));
    }
    table.extend([("error.stack_trace", json!(1)), ("error.stack_trace", json!({}))]);
    for name in NOBODY_SAID {
        table.push((name, Value::Null));
        let is_text = !matches!(name, "error.line_number" | "error.stack_trace");
        table.extend(is_text.then(|| (name, json!({"a": 1}))));
    }
    for (field, value) in table {
        let answer = server.post(with(&[(field, value.clone())]).to_string().as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{value}");
        let told = answer.json();
        assert!(fields(&told).iter().all(|one| *one == field), "{field} {value}: {told}");
        assert!(told["message"].as_str().expect("text").starts_with(field), "{told}");
    }
    let nothing = json!({"items": [], "next_cursor": null});
    assert_eq!(server.read("/api/v1/projects"), nothing, "a refused report changes nothing");
}

#[test]
fn all_faults_are_told_in_one_answer() {
    let server = Running::start(&[]);
    assert_eq!(fields(&server.post(b"{}").json()), NOBODY_SAID);
    let wrong = with(&[
        ("level", json!("LOUD")),
        ("timestamp", json!("soon")),
        ("error.line_number", json!("abc")),
        ("error.stack_trace", json!(["a", 1, null])),
        ("context", json!("x")),
        ("event_id", json!("y")),
    ]);
    let answer = server.post(wrong.to_string().as_bytes()).json();
    let expected = [
        "level",
        "timestamp",
        "error.line_number",
        "error.stack_trace[1]",
        "error.stack_trace[2]",
        "context",
        "event_id",
    ];
    assert_eq!(fields(&answer), expected);
    assert_eq!(
        answer["info"]["errors"][2],
        json!({"field": "error.line_number",
            "message": "expected an integer of 0 or more, got \"abc\""})
    );
}

#[test]
fn null_is_absent_where_a_field_is_optional() {
    let server = Running::start(&[]);
    let names = ["timestamp", "version", "commit_hash", "error.code", "context", "event_id"];
    let nulls: Vec<_> = names.iter().map(|name| (*name, Value::Null)).collect();
    let event = server.event_of(&with(&nulls));
    for name in ["version", "commit_hash", "request_id", "user_id"] {
        assert_eq!(event[name], Value::Null, "{name}");
    }
    assert_eq!(event["error"]["code"], Value::Null);
    assert!(event["context"].is_null(), "{event}");
    assert!(now() - ms(&event["timestamp"]) < 60_000);
}

#[test]
fn a_level_is_taken_in_any_case_and_by_its_alias() {
    let server = Running::start(&[]);
    let table = [
        ("ERROR", "ERROR"),
        ("error", "ERROR"),
        ("Warning", "WARNING"),
        ("warn", "WARNING"),
        ("fatal", "CRITICAL"),
        ("Critical", "CRITICAL"),
        ("INFO", "INFO"),
        ("debug", "DEBUG"),
    ];
    for (given, expected) in table {
        let event = server.event_of(&on_line(line(), &[("level", json!(given))]));
        assert_eq!(event["level"], expected, "{given}");
    }
}

#[test]
fn a_timestamp_is_read_as_programs_write_it() {
    let server = Running::start(&[]);
    let table = [
        ("2026-01-30T10:30:00Z", "2026-01-30T10:30:00.000Z"),
        ("2026-01-30T10:30:00", "2026-01-30T10:30:00.000Z"),
        ("2026-01-30 10:30:00", "2026-01-30T10:30:00.000Z"),
        ("2026-01-30T10:30:00.123456", "2026-01-30T10:30:00.123Z"),
        ("2026-01-30T10:30:00.123456789Z", "2026-01-30T10:30:00.123Z"),
        ("2026-01-30T10:30:00.5+00:00", "2026-01-30T10:30:00.500Z"),
        ("2026-01-30T18:30:00+08:00", "2026-01-30T10:30:00.000Z"),
        ("2026-01-30T05:00:00-0530", "2026-01-30T10:30:00.000Z"),
        ("2026-01-30T10:30Z", "2026-01-30T10:30:00.000Z"),
        ("2024-02-29T23:59:59.999-01:00", "2024-03-01T00:59:59.999Z"),
    ];
    for (given, expected) in table {
        let event = server.event_of(&on_line(line(), &[("timestamp", json!(given))]));
        assert_eq!((&event["timestamp"], &event["adjusted"]), (&json!(expected), &json!([])));
    }
}

#[test]
fn a_time_in_the_future_becomes_the_servers() {
    let server = Running::start(&[]);
    let event = server.event_of(&on_line(line(), &[("timestamp", json!(ago(-HOUR)))]));
    assert_eq!(event["timestamp"], event["received_at"]);
    assert_eq!(event["adjusted"], json!(["timestamp"]));
    let soon = ago(-240_000);
    let event = server.event_of(&on_line(line(), &[("timestamp", json!(soon))]));
    assert_eq!((&event["timestamp"], &event["adjusted"]), (&json!(soon), &json!([])));
}

#[test]
fn what_is_too_long_is_trimmed_and_named() {
    let server = Running::start(&[]);
    let long = |chars: usize| json!("é".repeat(chars));
    let report = with(&[
        ("version", long(257)),
        ("commit_hash", long(300)),
        ("error.type", long(1_000)),
        ("error.code", long(257)),
        ("error.file_path", long(1_025)),
        ("error.message", long(8_193)),
        ("error.stack_trace", json!(["first", "x".repeat(300_000), "last"])),
        ("context", json!({"noise": "n".repeat(300_000), "user_id": "u1"})),
    ]);
    let event = server.event_of(&report);
    let mut named: Vec<_> =
        event["trimmed"].as_array().expect("names").iter().map(Value::to_string).collect();
    named.sort();
    let expected = [
        "\"commit_hash\"",
        "\"context\"",
        "\"error.code\"",
        "\"error.file_path\"",
        "\"error.message\"",
        "\"error.stack_trace\"",
        "\"error.type\"",
        "\"version\"",
    ];
    assert_eq!(named, expected);
    let chars = |value: &Value| value.as_str().expect("text").chars().count();
    let error = &event["error"];
    let counts = [&event["version"], &event["commit_hash"], &error["type"], &error["code"]];
    assert!(counts.iter().all(|value| chars(value) == 256), "{counts:?}");
    assert_eq!((chars(&error["file_path"]), chars(&error["message"])), (1_024, 8_192));
    let stack = error["stack_trace"].as_array().expect("lines");
    assert!(error["stack_trace"].to_string().len() < 270_000);
    assert_eq!((&stack[0], stack.last()), (&json!("first"), Some(&json!("last"))));
    assert!(event["context"].to_string().len() <= 262_144);
    assert_eq!((&event["user_id"], &event["context"]["user_id"]), (&json!("u1"), &json!("u1")));
    let name = "é".repeat(256);
    let expected = fingerprint("rtc_backend", &"é".repeat(1_000), &"é".repeat(1_025), "42");
    assert_eq!(event["fingerprint"], expected, "of what was received");
    assert_eq!(server.issue(1)["type"], name);
}

#[test]
fn unknown_fields_stand_in_the_context_under_extra() {
    let server = Running::start(&[]);
    let event = server.event_of(&with(&[
        ("host", json!({"name": "web-1"})),
        ("error.severity", json!([3])),
        ("context", json!({"url": "/a", "extra": {"own": true}})),
    ]));
    let expected = json!({"url": "/a",
        "extra": {"own": true, "host": {"name": "web-1"}, "error": {"severity": [3]}}});
    assert_eq!(event["context"], expected);
    assert_eq!(event["trimmed"], json!([]));
}

#[test]
fn the_fingerprint_is_the_formulas_over_odd_values() {
    let server = Running::start(&[]);
    let nul_and_half = "a\u{fffd}b\u{fffd}";
    // Raw JSON of project, type, file and line; then the four texts of the formula.
    let table = [
        (["\"p\"", "\"E\"", "\"f\"", "42"], ["p", "E", "f", "42"]),
        (["\"p\"", "\"E\"", "\"f\"", "\"42\""], ["p", "E", "f", "42"]),
        (["\"p\"", "\"E\"", "\"f\"", "42.0"], ["p", "E", "f", "42"]),
        (["\"p\"", "\"E\"", "\"f\"", "\"042\""], ["p", "E", "f", "42"]),
        (["\"p\"", "\"E\"", "\"f\"", "0"], ["p", "E", "f", "0"]),
        (["\"p\"", "\"E\"", "\"\"", "7"], ["p", "E", "", "7"]),
        (["\"项目\"", "\"Ошибка\"", "\"a b\\tc\"", "1"], ["项目", "Ошибка", "a b\tc", "1"]),
        (["\"p\"", "\"\\u4e2d😀\"", "\"\\ud83d\\ude00\"", "1"], ["p", "中😀", "😀", "1"]),
        (["\"p\"", "\"a\\u0000b\\ud83d\"", "\"f\"", "1"], ["p", nul_and_half, "f", "1"]),
        (["\"p\"", "\"E\"", "\"a\\u0000b\\udead\"", "1"], ["p", "E", nul_and_half, "1"]),
        (["\" p \"", "\" E \"", "\" f \"", "1"], [" p ", " E ", " f ", "1"]),
        (["\"p\"", "\"E\"", "\"http://u:pw1@h/f\"", "1"], ["p", "E", "http://u:pw1@h/f", "1"]),
        (["\"p\"", "\"E\"", "\"f\"", "9007199254740993"], ["p", "E", "f", "9007199254740993"]),
    ];
    for ([project, kind, file, number], texts) in table {
        let body = format!(
            "{{\"project_id\":{project},\"environment\":\"e\",\"level\":\"ERROR\",\"error\":{{\
             \"type\":{kind},\"message\":\"\",\"file_path\":{file},\"line_number\":{number},\
             \"stack_trace\":[]}}}}"
        );
        let answer = server.post(body.as_bytes()).json();
        let expected = fingerprint(texts[0], texts[1], texts[2], texts[3]);
        assert_eq!(answer["fingerprint"], expected, "{body}");
    }
}

#[test]
fn a_body_is_read_though_it_is_not_quite_json() {
    let server = Running::start(&[]);
    let plain = on_line(1, &[]).to_string();
    let marked = ["\u{feff}".as_bytes(), plain.as_bytes()].concat();
    assert_eq!(server.post(&marked).json()["is_new"], true, "a byte-order mark");
    let nan = plain.replacen("\"method\":\"GET\"", "\"load\":NaN,\"most\":-Infinity", 1);
    assert_eq!(server.post(nan.as_bytes()).json()["status"], "duplicate");
    let context = server.issue(1)["latest_event"]["context"].clone();
    assert_eq!((&context["load"], &context["most"]), (&Value::Null, &Value::Null), "Python's NaN");
    let twice = plain.replacen('{', "{\"level\":\"x\",\"version\":1,\"project_id\":\"other\",", 1);
    let answer = server.post(twice.as_bytes());
    assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(1)), "the last of equal names");
    for body in ["", "{", "null", "[]", "\"x\"", "{\"a\":1}}", "<xml/>"] {
        let answer = server.post(body.as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{body}");
    }
    let deep = |levels: usize| {
        let value: Value = serde_json::from_str(&["[".repeat(levels), "]".repeat(levels)].concat())
            .expect("nested");
        server.post(on_line(1, &[("context.deep", value)]).to_string().as_bytes()).status
    };
    assert_eq!((deep(62), deep(63)), (200, 400), "64 levels");
}

#[test]
fn a_body_may_be_packed_in_every_usual_way() {
    let server = Running::start(&[]);
    let plain = on_line(1, &[]).to_string();
    let level = flate2::Compression::fast();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), level);
    for writer in [&mut gzip as &mut dyn Write, &mut zlib, &mut raw] {
        writer.write_all(plain.as_bytes()).expect("memory");
    }
    // {"project_id":"shop","environment":"test","level":"ERROR","error":{"type":"E",…}}
    let brotli = b"\x1b\x8f\x00\x00\x9c\x05\xee\xde\x3d\x62\x89\x70\xa7\x9b\xd3\x5d\x44\xd0\xce\
        \x69\xbf\x59\xca\x36\x4b\x9f\xd8\x48\xca\x28\xd3\xe8\xf2\x8a\x45\x27\xfa\x74\x72\xa2\x81\
        \x61\x7d\x51\xda\xa2\x96\x04\x56\x46\x19\x07\x75\xb2\xca\xa6\xb2\xf7\x2e\x44\xf1\x89\xaf\
        \x30\x75\xd0\xc5\x94\x34\x40\x2f\x21\x90\x7a\x2c\xae\xb3\xa0\xfd\xe8\x21\x0b\xda\x4b\x12\
        \x26\x16\xc6\xa7\x7a\xbe\x17\x6d\x47\x7d\xbc\x16\x5e\x7d\xac\x88\x0e\x47\xd7\x06";
    let table = [
        ("identity", plain.clone().into_bytes()),
        ("gzip", gzip.finish().expect("memory")),
        ("deflate", zlib.finish().expect("memory")),
        ("deflate", raw.finish().expect("memory")),
        ("zstd", zstd::encode_all(plain.as_bytes(), 1).expect("memory")),
        ("br", brotli.to_vec()),
    ];
    for (encoding, body) in table {
        let header = format!("Content-Encoding: {encoding}");
        let answer = server.send("POST", REPORT, &[&header], &body);
        assert_eq!(answer.status, 200, "{encoding}: {:?}", answer.json());
    }
    assert_eq!(server.ids("project_id=rtc_backend&q=count%3A5").len(), 1);
    assert_eq!(server.ids("project_id=shop&q=count%3A1").len(), 1, "brotli");
}

#[test]
fn a_report_without_a_place_shows_its_first_usable_frame() {
    let server = Running::start(&[]);
    let table = [
        ("Chrome", "TypeError: x\n    at load (https://a.example/m.js:10:5)", "load (https://a"),
        ("Firefox", "load@https://a.example/m.js:10:5\n@https://a.example/m.js:1:1", "load (http"),
        ("Safari", "map@[native code]\nload@https://a.example/m.js:10:5", "load (https://a.exam"),
        ("Java", "java.lang.X: y\n\tat com.acme.Shop.pay(Shop.java:12)", "com.acme.Shop.pay"),
    ];
    for (kind, stack, expected) in table {
        let report = with(&[
            ("error.type", json!(kind)),
            ("error.file_path", json!("unknown")),
            ("error.line_number", json!(0)),
            ("error.stack_trace", json!(stack)),
        ]);
        let answer = server.report(&report);
        assert_eq!(answer["fingerprint"], fingerprint("rtc_backend", kind, "unknown", "0"));
        let issue = server.issue(answer["id"].as_i64().expect("a number"));
        let culprit = issue["culprit"].as_str().unwrap_or_else(|| panic!("{kind}"));
        assert!(culprit.starts_with(expected), "{kind}: {culprit}");
        assert_eq!(issue["latest_event"]["culprit"], culprit);
        assert_eq!((&issue["file_path"], &issue["line_number"]), (&json!("unknown"), &json!(0)));
        assert_eq!(issue["latest_event"]["error"]["stack_trace"], stack, "one string stays one");
    }
}

#[test]
fn an_answered_report_is_seen_by_every_read_that_follows() {
    let server = Running::start(&[]);
    for nth in 1..=20_i64 {
        let event_id = format!("{nth:032x}");
        let request = format!("req-{nth}");
        let report = with(&[
            ("event_id", json!(event_id)),
            ("context.request_id", json!(request)),
            ("error.message", json!(format!("the {nth}th"))),
        ]);
        let id = server.record(&report);
        let listed = &server.items(ISSUES)[0];
        assert_eq!(
            (&listed["count"], &listed["message"]),
            (&json!(nth), &report["error"]["message"])
        );
        assert_eq!(server.issue(id)["latest_event"]["request_id"], request);
        assert_eq!(server.read(&format!("/api/v1/events/{event_id}"))["issue_id"], id);
        assert_eq!(server.items(&format!("/api/v1/events?request_id={request}")).len(), 1);
        let stats = server.read("/api/v1/stats?by=level");
        let counts = stats["series"][0]["counts"].as_array().expect("counts");
        assert_eq!(counts.iter().filter_map(Value::as_i64).sum::<i64>(), nth);
        assert_eq!(server.read("/api/v1/projects")["items"][0]["issues"], 1);
    }
}

#[test]
fn an_answered_report_survives_a_power_cut() {
    let mut first = Running::start(&[]);
    let id = first.record(&with(&[("event_id", json!("ab".repeat(16)))]));
    first.kill();
    let second = Running::start_in(first.folder().to_owned(), &[]);
    assert_eq!(second.issue(id)["count"], 1);
    let retry = second.report(&with(&[("event_id", json!("ab".repeat(16)))]));
    assert_eq!((&retry["status"], &retry["id"]), (&json!("duplicate"), &json!(id)));
    assert_eq!(second.issue(id)["count"], 1);
    assert!(second.record(&on_line(line(), &[])) > id);
}

#[test]
fn an_answer_may_be_read_by_any_page() {
    let server = Running::start(&[]);
    let answer: Answer = server.send("POST", REPORT, &["Origin: https://a.example"], b"{}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("set-cookie"), None);
    let taken = server.send("POST", REPORT, &["Origin: null"], GUIDE.as_bytes());
    assert_eq!(taken.header("access-control-allow-origin"), Some("*"));
    assert_eq!(taken.header("cache-control"), Some("no-store"));
}
