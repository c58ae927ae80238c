//! Whom the program trusts, and how it says no: origins, hosts, proxies, the envelope, the start.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::client::{Answer, Running};
use super::samples::{BATCH, GUIDE, ISSUES, REPORT, with};

const JSON: &str = "Content-Type: application/json";
const ID: &str = "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f";

/// Every change, with a body that would be taken.
const CHANGES: [(&str, &str, &str); 9] = [
    ("PATCH", "/api/v1/issues/1", r#"{"assignee":"eve"}"#),
    ("POST", "/api/v1/issues/bulk", r#"{"ids":[1],"assignee":"eve"}"#),
    ("POST", "/api/v1/issues/1/comments", r#"{"text":"eve"}"#),
    ("PATCH", "/api/v1/projects/rtc_backend", r#"{"settings":{"live_environments":["eve"]}}"#),
    ("POST", "/api/v1/projects/rtc_backend/deploys", r#"{"version":"eve"}"#),
    ("POST", "/api/v1/backups", ""),
    ("DELETE", "/api/v1/issues/1", ""),
    ("DELETE", "/api/v1/projects/rtc_backend?confirm=rtc_backend", ""),
    ("DELETE", "/api/v1/events?project_id=rtc_backend&user_id=u_12345", ""),
];

/// Everything that a reader sees of the one issue.
fn state(server: &Running) -> Value {
    let all = ["issues/1", "issues/1/events", "projects"]
        .map(|path| server.read(&format!("/api/v1/{path}")));
    json!(all)
}

#[test]
fn no_change_is_taken_from_another_origin() {
    let server = Running::start(&[]);
    server.record(&with(&[]));
    let before = state(&server);
    let foreign: [&[&str]; 8] = [
        &["Origin: https://evil.example"],
        &["Origin: null"],
        &["Origin: http://localhost:3000"],
        &["Origin: http://localhost.evil.example"],
        &["Origin: file://"],
        &["Sec-Fetch-Site: cross-site"],
        &["Sec-Fetch-Site: same-site"],
        &["Origin: http://localhost", "Sec-Fetch-Site: cross-site"],
    ];
    for (method, path, body) in CHANGES {
        for headers in foreign {
            let answer = server.send(method, path, &[&[JSON], headers].concat(), body.as_bytes());
            let got = (answer.status, answer.code());
            assert_eq!(got, (403, "ForbiddenError".into()), "{method} {path} {headers:?}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        let headers = ["Origin: https://evil.example", "Access-Control-Request-Method: POST"];
        let preflight =
            server.send("OPTIONS", path.split('?').next().expect("a path"), &headers, b"");
        assert_eq!(preflight.header("access-control-allow-origin"), None, "{path}");
    }
    assert_eq!(state(&server), before);
    let own = format!("Origin: http://{}", server.address);
    let host = format!("Host: {}", server.address);
    let headers = [JSON, &own, &host, "Sec-Fetch-Site: same-origin"];
    for (method, path, body) in CHANGES {
        let answer = server.send(method, path, &headers, body.as_bytes());
        assert!([200, 201, 202, 404].contains(&answer.status), "{path}: {}", answer.json());
    }
}

#[test]
fn no_change_is_taken_as_a_form_can_send_it() {
    let server = Running::start(&[]);
    server.record(&with(&[]));
    let before = state(&server);
    let kinds: [&[&str]; 5] = [
        &["Content-Type: text/plain"],
        &["Content-Type: application/x-www-form-urlencoded"],
        &["Content-Type: multipart/form-data; boundary=x"],
        &["Content-Type: application/jsonx"],
        &[],
    ];
    for (method, path, body) in CHANGES.iter().filter(|change| !change.2.is_empty()) {
        for headers in kinds {
            let answer = server.send(method, path, headers, body.as_bytes());
            let got = (answer.status, answer.code());
            assert_eq!(got, (415, "EncodingError".into()), "{method} {path} {headers:?}");
        }
    }
    assert_eq!(state(&server), before);
    let headers = ["Content-Type: Application/JSON; charset=UTF-8"];
    let answer = server.send("PATCH", "/api/v1/issues/1", &headers, br#"{"assignee":"ann"}"#);
    assert_eq!(answer.status, 200);
}

#[test]
fn reads_do_not_invite_other_origins() {
    let server = Running::start(&[]);
    server.record(&with(&[]));
    for path in ["/api/v1/issues", "/api/v1/issues/1", "/api/v1/stats", "/openapi.json", "/metrics"]
    {
        let answer = server.send("GET", path, &["Origin: https://evil.example"], b"");
        for header in ["access-control-allow-origin", "access-control-allow-credentials"] {
            assert_eq!(answer.header(header), None, "{path}");
        }
    }
}

#[test]
fn reports_are_taken_from_everywhere_and_read_no_cookies() {
    let server = Running::start(&[]);
    let headers = ["Origin: https://shop.example", "Sec-Fetch-Site: cross-site", "Cookie: a=b"];
    for (path, body) in [(REPORT, GUIDE.to_owned()), (BATCH, format!("[{GUIDE}]"))] {
        let answer = server.send("POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let exposed = answer.header("access-control-expose-headers").expect("told");
        assert!(exposed.contains("Retry-After") && exposed.contains("X-Request-Id"));
    }
    let asked = ["Origin: null", "Access-Control-Request-Method: POST"];
    let allowed = server.send("OPTIONS", REPORT, &asked, b"");
    let allowed = allowed.header("access-control-allow-headers").expect("told").to_lowercase();
    for header in
        ["content-type", "content-encoding", "authorization", "x-log-center-key", "x-request-id"]
    {
        assert!(allowed.contains(header), "{header}");
    }
}

#[test]
fn only_names_that_no_stranger_can_point_here_are_answered() {
    let flags = ["--allow-host", "logs.lan", "--public-url", "http://errors.localhost:9000"];
    let server = Running::start(&flags);
    let table = [
        ("localhost", 200),
        ("LOCALHOST:8002", 200),
        ("127.0.0.1:8002", 200),
        ("[::1]:8003", 200),
        ("192.168.1.7", 200),
        ("logs.lan:8002", 200),
        ("Logs.LAN", 200),
        ("errors.localhost:9000", 200),
        ("evil.example", 403),
        ("logs.lan.evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("evil.example@localhost", 403),
        ("", 403),
    ];
    for (host, status) in table {
        let header = format!("Host: {host}");
        let answer = server.send("GET", "/api/v1/issues", &[&header], b"");
        assert_eq!(answer.status, status, "{host}");
        let answer = server.send("POST", REPORT, &[&header], GUIDE.as_bytes());
        assert_eq!(answer.status, status, "{host}");
    }
    let raw = |text: &str| {
        let mut stream = server.connect();
        stream.write_all(text.as_bytes()).expect("open");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).chars().skip(9).take(3).collect::<String>()
    };
    let end = "Connection: close\r\n\r\n";
    let twice =
        format!("GET /api/v1/issues HTTP/1.1\r\nHost: localhost\r\nHost: a.example\r\n{end}");
    assert_eq!(raw(&twice), "403", "two names");
    assert_eq!(raw(&format!("GET /api/v1/issues HTTP/1.1\r\n{end}")), "403", "no name");
    let absolute =
        format!("GET http://a.example/api/v1/issues HTTP/1.1\r\nHost: localhost\r\n{end}");
    assert_eq!(raw(&absolute), "403", "another name in the target");
}

#[test]
fn behind_a_proxy_an_open_server_says_what_to_do() {
    let server = Running::start(&[]);
    let headers = [
        "Forwarded: for=192.0.2.60",
        "X-Forwarded-For: 192.0.2.60",
        "X-Forwarded-Proto: https",
        "x-forwarded-host: errors.example",
        "X-Real-IP: 192.0.2.60",
        "Via: 1.1 proxy",
        "X-Forwarded-For:",
    ];
    for header in headers {
        for (method, path, body) in [("GET", ISSUES, ""), ("POST", REPORT, GUIDE), ("GET", "/", "")]
        {
            let answer = server.send(method, path, &[header], body.as_bytes());
            let got = (answer.status, answer.code());
            assert_eq!(got, (403, "ForbiddenError".into()), "{path} {header}");
            let message = answer.json()["message"].as_str().expect("text").to_owned();
            assert!(message.contains("--insecure-open"), "{message}");
        }
    }
    assert_eq!(server.ids("").len(), 0, "nothing was taken");
}

#[test]
fn each_refusal_has_its_code_its_status_and_the_one_envelope() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[("event_id", json!(ID))]));
    let issue = format!("{ISSUES}/{id}");
    let conflict = r#"{"status":"FIXED"}"#;
    let large = "x".repeat(2 * 1_024 * 1_024);
    type Row<'a> = (&'a str, &'a str, &'a [&'a str], &'a str, u16, &'a str);
    let table: [Row<'_>; 10] = [
        ("POST", REPORT, &[], "{", 400, "ValidationError"),
        ("GET", "/api/v1/issues?x=1", &[], "", 400, "ValidationError"),
        ("GET", "/api/v1/issues?q=%22", &[], "", 400, "ValidationError"),
        ("GET", ISSUES, &["Host: evil.example"], "", 403, "ForbiddenError"),
        ("GET", "/api/v1/issues/999", &[], "", 404, "NotFoundError"),
        ("GET", "/api/v1/none", &[], "", 404, "NotFoundError"),
        ("PUT", &issue, &[JSON], "{}", 405, "MethodError"),
        ("PATCH", &issue, &[JSON], conflict, 409, "ConflictError"),
        ("POST", REPORT, &[], &large, 413, "TooLargeError"),
        ("PATCH", &issue, &[], conflict, 415, "EncodingError"),
    ];
    for (method, path, headers, body, status, code) in table {
        let headers = [headers, &["X-Request-Id: mine"]].concat();
        let answer = server.send(method, path, &headers, body.as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path}");
        let envelope = answer.json();
        let keys: Vec<_> = envelope.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["code", "data", "info", "message", "request_id"]);
        assert_eq!(envelope["request_id"], "mine");
        assert!(envelope["message"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let is_validation = code == "ValidationError";
        assert_eq!(envelope["info"]["errors"].is_array(), is_validation, "{envelope}");
    }
    let message = "error.line_number: expected an integer of 0 or more, got \"abc\"";
    let body = with(&[("error.line_number", json!("abc"))]).to_string();
    let answer = server.send("POST", REPORT, &["X-Request-Id: r:1"], body.as_bytes()).json();
    let expected = json!({"code": "ValidationError", "message": message, "data": null,
        "request_id": "r:1", "info": {"errors": [{"field": "error.line_number",
            "message": "expected an integer of 0 or more, got \"abc\""}]}});
    assert_eq!(answer, expected);
}

#[test]
fn every_answer_names_its_request() {
    let server = Running::start(&[]);
    let longest = "a".repeat(128);
    for path in ["/", "/healthz", "/metrics", "/openapi.json", ISSUES, "/api/none", "/x.png"] {
        for own in ["req_abc.1:2-3", &longest] {
            let answer = server.send("GET", path, &[&format!("X-Request-Id: {own}")], b"");
            assert_eq!(answer.header("x-request-id"), Some(own), "{path}");
        }
        let mut made = Vec::new();
        for other in ["", "a b", "a/b", "é", "<b>", &"a".repeat(129)] {
            let answer = server.send("GET", path, &[&format!("X-Request-Id: {other}")], b"");
            made.push(answer.header("x-request-id").expect("always").to_owned());
        }
        let all = made.len();
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), all, "each its own: {made:?}");
        let legible =
            |id: &String| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b));
        assert!(made.iter().all(legible), "{made:?}");
    }
    let answer = server.send("POST", REPORT, &["X-Request-Id: mine"], GUIDE.as_bytes());
    assert_eq!(answer.header("x-request-id"), Some("mine"));
}

#[test]
fn each_address_tells_exactly_its_methods() {
    let server = Running::start(&[]);
    let document = server.read("/openapi.json");
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let known: Vec<String> = operations
            .as_object()
            .expect("methods")
            .keys()
            .map(|name| name.to_uppercase())
            .collect();
        let address =
            path.replace("{id}", "1").replace("{project_id}", "p").replace("{event_id}", ID);
        for method in ["PUT", "TRACE", "POST", "PATCH", "DELETE"] {
            if known.iter().any(|one| one == method) || !address.starts_with("/api") {
                continue;
            }
            let answer = server.send(method, &address, &[JSON], b"{}");
            assert_eq!((answer.status, answer.code().as_str()), (405, "MethodError"), "{address}");
            let allow = answer.header("allow").expect("told");
            let told: Vec<_> =
                allow.split(", ").filter(|one| !["HEAD", "OPTIONS"].contains(one)).collect();
            assert!(known.iter().all(|one| told.contains(&one.as_str())), "{address}: {allow}");
            assert_eq!(told.len(), known.len(), "{address}: {allow}");
        }
    }
}

/// An answer that is no fault of the server and shows nothing of its inside.
fn is_sober(server: &Running, answer: &Answer, asked: &str) {
    assert!(answer.status < 500, "{asked}: {}", answer.status);
    let text = String::from_utf8_lossy(&answer.body).to_lowercase();
    let folder = server.folder().display().to_string().to_lowercase();
    for inside in ["sqlite", "select ", "insert ", "panicked", ".rs:", "/src/", &folder] {
        assert!(!text.contains(inside), "{inside:?} in the answer to {asked}: {text:.300}");
    }
}

/// Values that no parameter expects, with blanks between.
const ODD: &str = "' %27%3B+drop+table+issue%3B-- %00 %F0%9F%92%A9 9223372036854775808 -1 1e400 \
    ../../etc/passwd %2e%2e%2f [] {} %22 %5C null 0x10 * %25 a,b,,c , %E2%80%AE \
    2026-01-30T10:30:00Z 9999-12-31T23:59:59Z 0001-01-01T00:00:00Z Infinity";
/// The parameters of all lists, with blanks between.
const NAMES: &str = "q project_id environment status level type code version assignee fingerprint \
    since until sort limit cursor request_id user_id by interval tz_offset_minutes confirm";

#[test]
fn odd_requests_are_answered_soberly() {
    let server = Running::start(&[]);
    server.record(&with(&[]));
    let lists = ["issues", "events", "stats", "projects", "issues/1/events", "issues/1/history"];
    for value in ODD.split_whitespace() {
        for (list, name) in lists.iter().flat_map(|list| NAMES.split(' ').map(move |n| (list, n))) {
            let path = format!("/api/v1/{list}?{name}={value}");
            is_sober(&server, &server.ask(&path), &path);
        }
        for place in ["issues", "events", "projects"] {
            let path = format!("/api/v1/{place}/{value}");
            is_sober(&server, &server.ask(&path), &path);
        }
    }
    let long = "count:>99999999999999999999";
    for q in ["type:*", long, "seen:<99999999w", "first:>9999-12-31", "\u{0}", "\\", "!!", "is:"] {
        let path = format!("/api/v1/issues?q={}", super::samples::encoded(q));
        is_sober(&server, &server.ask(&path), &path);
    }
    assert_eq!(server.ids("").len(), 1);
}

#[test]
fn damaged_reports_are_refused_or_taken_but_never_break_anything() {
    let server = Running::start(&[]);
    let plain = GUIDE.as_bytes();
    let mut seed = 7_u64;
    let mut below = |end: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % end
    };
    let pieces: [&[u8]; 12] = [
        b"\"", b"\\", b"{", b"}", b"[", b",", b"\\u0000", b"\\ud800", b"\xff", b"\x00", b"1e999",
        b"null",
    ];
    for _ in 0..400 {
        let mut body = plain.to_vec();
        for _ in 0..=below(3) {
            let at = below(body.len());
            match below(3) {
                0 => body.truncate(at.max(1)),
                1 => drop(body.remove(at)),
                _ => drop(body.splice(at..at, pieces[below(pieces.len())].iter().copied())),
            }
        }
        let shown = String::from_utf8_lossy(&body).into_owned();
        for path in [REPORT, BATCH] {
            let answer = server.send("POST", path, &[], &body);
            assert!([200, 400].contains(&answer.status), "{shown}");
            is_sober(&server, &answer, &shown);
        }
    }
    for issue in server.items(&format!("{ISSUES}?limit=200")) {
        server.issue(issue["id"].as_i64().expect("a number"));
    }
}

/// Runs the program until it ends by itself.
fn start(flags: &[&str], data: &std::path::Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_log-center"));
    command.arg("--data").arg(data).args(flags).stdout(Stdio::null()).stderr(Stdio::piped());
    command.output().expect("the program starts")
}

#[test]
fn what_cannot_be_served_ends_with_one_clear_sentence() {
    let running = Running::start(&[]);
    let folder = running.folder().to_owned();
    let fresh = folder.join("fresh");
    let file = folder.join("file");
    std::fs::write(&file, "x").expect("a file");
    let here = running.address.to_string();
    let local = ["--listen", "127.0.0.1:0"];
    let table: [(&[&str], &std::path::Path, &str); 6] = [
        (&["--listen", "0.0.0.0:0"], &fresh, "--insecure-open"),
        (&["--listen", "[::]:0"], &fresh, "--insecure-open"),
        (
            &["--listen", "127.0.0.1:0", "--public-url", "https://e.example"],
            &fresh,
            "--insecure-open",
        ),
        (&["--listen", &here], &fresh, "is in use"),
        (&local, &folder, "use"),
        (&local, &file, "file"),
    ];
    for (flags, data, expected) in table {
        let output = start(flags, data);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{flags:?}: {told}");
        assert!(told.contains(expected), "{flags:?}: {told}");
        assert!(told.trim().lines().count() <= 3 && !told.contains("panicked"), "{told}");
    }
    assert_eq!(running.ask("/healthz").status, 200, "the one that runs is none the worse");
}
