//! Secrets never reach an answer or the data folder, wherever they stood; what only looks like one
//! stays as it came.

use serde_json::{Value, json};

use super::client::Running;
use super::samples::{ISSUES, fields, line, on_line, with};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.\
                   dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const KEY_LINE: &str = "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfnHygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB";

/// Records each report, and looks for the secrets in every answer and every file.
fn nothing_is_kept(server: &Running, reports: &[(Value, &str)]) {
    for (report, secret) in reports {
        let id = server.record(report);
        let event = server.issue(id)["latest_event"].clone();
        let shown = event.to_string();
        assert!(!shown.contains(secret), "{secret} of {report}\nin {shown}");
        assert!(shown.contains("[scrubbed]"), "{report}\nbecame {shown}");
    }
    for list in ["issues?limit=200", "events?limit=200", "projects"] {
        let answer = server.read(&format!("/api/v1/{list}")).to_string();
        for (report, secret) in reports {
            assert!(!answer.contains(secret), "{secret} of {report} in {list}");
        }
    }
    let files = server.files();
    for (report, secret) in reports {
        assert!(!files.contains(secret), "{secret} of {report} in a file");
    }
}

/// A small report, stored uncompressed, with this context.
fn in_context(context: Value) -> Value {
    on_line(line(), &[("context", context), ("error.stack_trace", json!([]))])
}

fn in_field(field: &'static str, value: Value) -> Value {
    let changes = [("context", Value::Null), ("error.stack_trace", json!([])), (field, value)];
    on_line(line(), &changes)
}

#[test]
fn a_secret_under_a_secret_key_is_gone_at_any_depth() {
    let server = Running::start(&[]);
    let keys = [
        "password",
        "Passwd",
        "pwd",
        "token",
        "access_token",
        "refreshToken",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "secret",
        "clientSecret",
        "api_key",
        "apiKey",
        "X-Api-Key",
        "private_key",
        "session_id",
        "sessionid",
        "csrftoken",
        "credentials",
        "passphrase",
        "card_number",
        "cvv",
        "otp",
        "密码",
        "пароль",
        "DB_PASSWORD",
        "AWS_SECRET_ACCESS_KEY",
    ];
    let secret = "Zx9hunter2";
    let mut reports: Vec<_> =
        keys.iter().map(|key| (in_context(json!({*key: secret})), secret)).collect();
    let deep = [
        json!({"headers": {"Authorization": "Basic Zx9hunter2", "Accept": "*/*"}}),
        json!({"headers": [["Cookie", "sid=Zx9hunter2; a=b"], ["Accept", "*/*"]]}),
        json!({"headers": [{"name": "X-Api-Key", "value": "Zx9hunter2"}]}),
        json!({"headers": ["authorization", "Bearer Zx9hunter2", "accept", "*/*"]}),
        json!({"headers": {"set-cookie": ["a=Zx9hunter2", "b=Zx9hunter2"]}}),
        json!({"request": {"headers": {"HTTP_COOKIE": "sid=Zx9hunter2"}}}),
        json!({"credentials": {"user": "bob", "is": ["Zx9hunter2"]}}),
        json!({"graphql": {"variables": {"input": [{"newPassword": "Zx9hunter2"}]}}}),
        json!({"breadcrumbs": [{"data": {"tags": {"auth_token": "Zx9hunter2"}}}]}),
        json!({"body": "{\"user\":\"bob\",\"password\":\"Zx9hunter2\"}"}),
        json!({"body": "{\"inner\":\"{\\\"password\\\":\\\"Zx9hunter2\\\"}\"}"}),
        json!({"body": "user=bob&password=Zx9hunter2&x=1"}),
        json!({"body": "user%5Bpassword%5D=Zx9hunter2"}),
        json!({"query": "a=1&access_token=Zx9hunter2#x"}),
        json!({"url": "https://a.example/x?token=Zx9hunter2&page=2"}),
        json!({"url": "/x?page=2&api_key=Zx9hunter2"}),
        json!({"url": "https://bob:Zx9hunter2@a.example/x"}),
        json!({"originalError": {"config": {"auth": {"username": "b", "password": "Zx9hunter2"}}}}),
        json!({"password=Zx9hunter2": 1}),
    ];
    reports.extend(deep.into_iter().map(|context| (in_context(context), secret)));
    let pin = in_context(json!({"pin": 73_519_264, "password": 73_519_264}));
    reports.push((pin, "73519264"));
    let unknown = in_field("session", json!({"token": secret}));
    let in_error = in_field("error.details", json!({"password": secret}));
    reports.extend([(unknown, secret), (in_error, secret)]);
    nothing_is_kept(&server, &reports);
}

#[test]
fn a_secret_in_any_text_is_gone() {
    let server = Running::start(&[]);
    let secret = "Zx9hunter2";
    let texts = [
        "login with password=Zx9hunter2 failed",
        "login failed: {'user': 'bob', 'password': 'Zx9hunter2'}",
        "request had Authorization: Bearer Zx9hunter2abcdefgh12345678",
        "cannot connect to postgres://app:Zx9hunter2@db:5432/shop",
        "GET https://a.example/x?token=Zx9hunter2&page=2 gave 500",
        "{\"error\":\"x\",\"client_secret\":\"Zx9hunter2\"}",
        "redis://:Zx9hunter2@cache:6379/0 refused",
    ];
    let mut reports = Vec::new();
    for text in texts {
        reports.push((in_field("error.message", json!(text)), secret));
        reports.push((in_field("error.stack_trace", json!(["Error", text])), secret));
        reports.push((in_field("error.stack_trace", json!(format!("Error\n  {text}"))), secret));
        reports.push((in_context(json!({"note": text})), secret));
        reports.push((in_context(json!({"tags": [[text]]})), secret));
    }
    let url = json!("https://bob:Zx9hunter2@a.example/x.js");
    for field in ["error.type", "error.file_path", "error.code"] {
        reports.push((in_field(field, url.clone()), secret));
    }
    nothing_is_kept(&server, &reports);
    let table = [
        ("GET /x?token=abc&page=2 failed", "GET /x?token=[scrubbed]&page=2 failed"),
        ("postgres://app:abc@db:5432/shop", "postgres://[scrubbed]@db:5432/shop"),
    ];
    for (message, expected) in table {
        let event = server.event_of(&in_field("error.message", json!(message)));
        assert_eq!(event["error"]["message"], expected, "the rest stays");
    }
}

#[test]
fn a_secret_known_by_its_shape_is_gone_under_any_key() {
    let server = Running::start(&[]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{KEY_LINE}\nq83=\n-----END PRIVATE KEY-----");
    let long = "Zx9hunter2abcdefgh12345678";
    let shapes = [
        (JWT.to_owned(), JWT),
        (format!("Bearer {long}"), long),
        (pem, KEY_LINE),
        ("amqp://bob:Zx9hunter2@h".to_owned(), "Zx9hunter2"),
        ("4111111111111111".to_owned(), "4111111111111111"),
        ("4111 1111 1111 1111".to_owned(), "1111 1111"),
        ("4111-1111-1111-1111".to_owned(), "1111-1111"),
        ("5555555555554444".to_owned(), "5555555555554444"),
        ("2223003122003222".to_owned(), "2223003122003222"),
        ("378282246310005".to_owned(), "378282246310005"),
        ("3782 822463 10005".to_owned(), "822463"),
        ("6011111111111117".to_owned(), "6011111111111117"),
        ("30569309025904".to_owned(), "30569309025904"),
        ("3530111333300000".to_owned(), "3530111333300000"),
        ("4222222222222".to_owned(), "4222222222222"),
        ("6205500000000000004".to_owned(), "6205500000000000004"),
    ];
    let mut reports = Vec::new();
    for (text, secret) in &shapes {
        let around = format!("paid with {text} today");
        reports.push((in_field("error.message", json!(around)), *secret));
        reports.push((in_field("error.stack_trace", json!([around])), *secret));
        reports.push((in_context(json!({"note": text})), *secret));
        reports.push((in_context(json!({"params": {"q": [around]}})), *secret));
        reports.push((
            in_context(json!({"body": format!("{{\"n\":\"{}\"}}", &text.replace('\n', "\\n"))})),
            *secret,
        ));
    }
    reports.push((in_context(json!({"amount": 4_111_111_111_111_111_i64})), "4111111111111111"));
    nothing_is_kept(&server, &reports);
    let stack = json!([
        "Error",
        "-----BEGIN RSA PRIVATE KEY-----",
        KEY_LINE,
        "aFDrBz9vFqU4yT",
        "-----END RSA PRIVATE KEY-----",
        "    at load (main.js:1:2)"
    ]);
    let event = server.event_of(&in_field("error.stack_trace", stack));
    let lines = event["error"]["stack_trace"].as_array().expect("lines").clone();
    assert!(!json!(lines).to_string().contains("aFDrBz9vFqU4yT"), "{lines:?}");
    assert_eq!((&lines[0], &lines[5]), (&json!("Error"), &json!("    at load (main.js:1:2)")));
}

#[test]
fn what_is_no_secret_stays_as_it_came() {
    let server = Running::start(&[]);
    let context = json!({
        "max_tokens": 4096, "prompt_tokens": 12, "token_count": 3, "next_page_token_type": "x",
        "author": "ann", "authenticated": true, "primary_key": "id", "cache_key": "a:b",
        "password_length": 9, "has_password": true, "password": null, "token": false,
        "status_code": 401, "session_count": 2, "tokenizer": "cl100k", "secretary": "bob",
        "user_id": "4111111111111111", "request_id": "5555555555554444",
        "trace_id": "4111111111111111", "order_id": "378282246310005",
        "created_at": "4222222222222", "sent": {"timestamp": 1_769_769_000_000_i64},
        "commit": "4111111111111111", "sha": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d",
        "phone": "+1 202 555 0143", "serial": "4111111111111112", "number": "1234567890123456",
        "url": "https://a.example:8080/users/7?page=2&q=token", "float": 1.50,
        "big": 12345678901234567890_u64,
        "uuid": "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f", "mail": "mailto:bob@example.com",
        "body": "{\"max_tokens\": 5, \"a\" : [1]}", "method": "POST"
    });
    let stack = json!([
        "    at loadToken (src/auth/token.js:12:34)",
        "  File \"/app/auth/tokens.py\", line 42, in refresh_token",
        "KeyError: 'password'",
        "SyntaxError: Unexpected token } in JSON at position 12",
    ]);
    let changes = [
        ("version", json!("4111111111111111")),
        ("commit_hash", json!("5555555555554444")),
        ("project_id", json!("378282246310005")),
        ("error.type", json!("InvalidToken")),
        ("error.message", json!("token expired, max_tokens=4096, 1769769000000")),
        ("error.file_path", json!("src/auth/password.py")),
        ("error.code", json!("TokenExpired")),
        ("error.stack_trace", stack),
        ("context", context),
    ];
    let report = with(&changes);
    let event = server.event_of(&report);
    for field in ["version", "commit_hash", "project_id", "context"] {
        assert_eq!(event[field], report[field], "{field}");
    }
    let mut error = event["error"].clone();
    error["line_number"] = report["error"]["line_number"].clone();
    assert_eq!(error, report["error"]);
    let ids = ["user_id", "request_id", "trace_id"];
    assert!(ids.iter().all(|id| event[*id] == report["context"][*id]), "{event}");
    assert_eq!(server.items("/api/v1/events?user_id=4111111111111111").len(), 1);
}

#[test]
fn the_operator_adds_and_excepts_keys() {
    let flags = ["--scrub-key", "internal_code,E-Mail", "--keep-key", "session"];
    let server = Running::start(&flags);
    let context = json!({
        "internal_code": "Zx9a", "customerInternalCode": "Zx9b", "e_mail": "Zx9c",
        "session": "open", "session_id": "Zx9d", "internal": "kept", "mail": "kept",
        "url": "/x?internal-code=Zx9e&session=7",
    });
    let event = server.event_of(&in_context(context));
    let expected = json!({
        "internal_code": "[scrubbed]", "customerInternalCode": "[scrubbed]",
        "e_mail": "[scrubbed]", "session": "open", "session_id": "[scrubbed]",
        "internal": "kept", "mail": "kept", "url": "/x?internal-code=[scrubbed]&session=7",
    });
    assert_eq!(event["context"], expected);
    let plain = Running::start(&[]);
    let event = plain.event_of(&in_context(json!({"internal_code": "a", "session": "b"})));
    assert_eq!(event["context"], json!({"internal_code": "a", "session": "[scrubbed]"}));
}

#[test]
fn a_secret_is_not_repeated_by_a_refusal() {
    let server = Running::start(&[]);
    let texts =
        ["password=Zx9hunter2", "https://bob:Zx9hunter2@h/", "Bearer Zx9hunter2abcdefgh1234"];
    for text in texts {
        for field in ["level", "timestamp", "event_id", "error.line_number", "context"] {
            let answer = server.post(with(&[(field, json!(text))]).to_string().as_bytes());
            assert_eq!((answer.status, fields(&answer.json())), (400, vec![field]));
            assert!(!answer.json().to_string().contains("Zx9hunter2"), "{}", answer.json());
        }
    }
    let list = server.items(ISSUES);
    assert_eq!(list, [] as [Value; 0]);
}

#[test]
fn a_scrubbed_report_is_still_found_and_deduplicated() {
    let server = Running::start(&[]);
    let of = |token: &str| {
        let message = format!("call with token={token} failed");
        on_line(1, &[("error.message", json!(message)), ("context", json!({"token": token}))])
    };
    let first = server.report(&of("Zx9a"));
    let second = server.report(&of("Zx9b"));
    assert_eq!((&second["id"], &second["is_new"]), (&first["id"], &json!(false)));
    let issue = &server.items(ISSUES)[0];
    assert_eq!(issue["message"], "call with token=[scrubbed] failed");
    assert_eq!(server.ids("q=scrubbed").len(), 1);
}
