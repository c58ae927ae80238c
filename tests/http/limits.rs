//! What one caller may ask for: how often, how many at once, how slowly; and that every refusal is
//! told and counted.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::client::{Answer, Running, request};
use super::samples::{BATCH, ISSUES, REPORT, on_line, until, with};

const SYSTEM: &str = "/api/v1/system";

impl Running {
    /// How often this reason held, by `/api/v1/system`.
    fn refused_for(&self, reason: &str) -> u64 {
        let all = self.read(SYSTEM)["refused"]["by_reason"].clone();
        let all = all.as_array().expect("a list");
        let found = all.iter().find(|one| one["reason"] == reason);
        found.map_or(0, |one| one["count"].as_u64().expect("a number"))
    }

    fn metrics(&self) -> String {
        String::from_utf8(self.ask("/metrics").body).expect("text")
    }
}

fn batch(reports: &[Value]) -> Vec<u8> {
    json!(reports).to_string().into_bytes()
}

/// The codes of a batch's results; `ok` for what was taken.
fn codes(answer: &Answer) -> Vec<String> {
    let answer = answer.json();
    let results = answer["results"].as_array().expect("results").iter();
    results.map(|one| one["code"].as_str().unwrap_or("ok").to_owned()).collect()
}

/// Sends until it is refused; how many were taken before.
fn until_refused(server: &Running, body: &Value) -> (usize, Answer) {
    for taken in 0..10_000 {
        let answer = server.post(body.to_string().as_bytes());
        if answer.status != 200 {
            return (taken, answer);
        }
    }
    panic!("it takes everything");
}

#[test]
fn an_address_that_reports_too_often_is_told_when_to_come_back() {
    let server = Running::start(&["--rate-per-address", "60"]);
    let (taken, refused) = until_refused(&server, &with(&[]));
    assert!(taken >= 60, "a minute's worth comes at once, not {taken}");
    assert_eq!((refused.status, refused.code().as_str()), (429, "RateLimitError"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"), "a page can read it");
    assert_eq!(refused.json()["info"], json!({"retry_after_s": 1}));
    assert_eq!(server.ask(ISSUES).status, 200, "reading goes on");
    until(|| server.post(with(&[]).to_string().as_bytes()).status == 200);
    let refusals = server.refused_for("address_rate");
    let line = format!("log_center_refusals_total{{reason=\"address_rate\"}} {refusals}");
    assert!(server.metrics().contains(&line), "{line}");
}

#[test]
fn an_address_is_refused_before_its_body_is_read() {
    let server = Running::start(&["--rate-per-address", "1"]);
    until_refused(&server, &with(&[]));
    for path in [REPORT, BATCH] {
        let mut stream = server.connect();
        let headers = ["Expect: 100-continue", "Content-Length: 1000000"];
        stream.write_all(&request("POST", path, &headers, b"")).expect("open");
        assert_eq!(Answer::read(&mut stream).status, 429, "{path}");
    }
    let preflight = server.send("OPTIONS", REPORT, &["Origin: https://shop.example"], b"");
    assert_eq!(preflight.status, 204, "a question is no report");
}

#[test]
fn a_batch_counts_its_reports() {
    let server = Running::start(&["--rate-per-address", "2"]);
    let reports: Vec<Value> = (1..=4).map(|line| on_line(line, &[])).collect();
    let some = server.send("POST", BATCH, &[], &batch(&reports));
    assert_eq!(some.status, 200);
    assert_eq!(codes(&some), ["ok", "ok", "RateLimitError", "RateLimitError"]);
    let seconds = some.json()["results"][2]["info"]["retry_after_s"].as_u64().expect("told");
    assert!((1..=30).contains(&seconds), "{seconds}");
    let none = server.send("POST", BATCH, &[], &batch(&reports));
    assert_eq!((none.status, none.code().as_str()), (429, "RateLimitError"));
    assert_eq!(server.read(ISSUES)["total"], 2);
    assert_eq!(server.refused_for("address_rate"), 3);
}

#[test]
fn what_cannot_be_read_costs_as_much_as_what_can() {
    let server = Running::start(&["--rate-per-address", "2"]);
    let wrong = batch(&vec![json!({"project_id": "shop"}); 4]);
    let some = server.send("POST", BATCH, &[], &wrong);
    let limit = "RateLimitError";
    assert_eq!(codes(&some), ["ValidationError", "ValidationError", limit, limit]);
}

#[test]
fn a_project_that_is_sent_too_much_does_not_stop_others() {
    let server = Running::start(&["--rate-per-project", "2"]);
    let of = |project: &str| with(&[("project_id", json!(project))]);
    let (taken, refused) = until_refused(&server, &of("loud \"one\""));
    assert!(taken >= 2);
    assert_eq!((refused.status, refused.code().as_str()), (429, "RateLimitError"));
    let message = refused.json()["message"].clone();
    assert!(message.as_str().expect("text").contains("to this project"), "{message}");
    let seconds: u32 = refused.header("retry-after").expect("told").parse().expect("a number");
    assert!((1..=30).contains(&seconds), "{seconds}");

    let reports = [of("loud \"one\""), of("quiet"), of("quiet")];
    let mixed = server.send("POST", BATCH, &[], &batch(&reports));
    assert_eq!(
        (mixed.status, codes(&mixed)),
        (200, vec!["RateLimitError".to_owned(), "ok".to_owned(), "ok".to_owned()])
    );
    let all = server.send("POST", BATCH, &[], &batch(&[of("quiet"), of("loud \"one\"")]));
    assert_eq!((all.status, all.code().as_str()), (429, "RateLimitError"));

    assert_eq!(server.refused_for("project_rate"), 4);
    let by_project = server.read(SYSTEM)["refused"]["by_project"].clone();
    let expected = json!([
        {"project_id": "loud \"one\"", "count": 3},
        {"project_id": "quiet", "count": 1},
    ]);
    assert_eq!(by_project, expected);
    let line = r#"log_center_project_rate_refusals_total{project="loud \"one\""} 3"#;
    assert!(server.metrics().contains(line), "{}", server.metrics());
    server.json("DELETE", "/api/v1/projects/quiet?confirm=quiet", &json!({}), 200);
    let by_project = server.read(SYSTEM)["refused"]["by_project"][0].clone();
    assert_eq!(by_project, json!({"project_id": "(other)", "count": 1}), "it is no project now");
}

#[test]
fn this_machine_is_not_limited_by_default() {
    let server = Running::start(&[]);
    let limits = server.read(SYSTEM)["limits"].clone();
    for limit in ["rate_per_address", "rate_per_project", "connections_per_address"] {
        assert_eq!(limits[limit], Value::Null, "{limit}");
    }
    let open = Running::start(&["--insecure-open", "--public-url", "http://errors.example"]);
    let limits = open.read(SYSTEM)["limits"].clone();
    assert_eq!(limits["rate_per_address"], 6_000);
    assert_eq!(limits["rate_per_project"], 30_000);
    assert_eq!(limits["connections_per_address"], 1_000);
}

#[test]
fn an_address_has_so_many_connections() {
    let server = Running::start(&["--connections-per-address", "2"]);
    let kept = || {
        let mut stream = server.connect();
        let bytes = request("GET", "/healthz", &["Connection: keep-alive"], b"");
        stream.write_all(&bytes).expect("open");
        (Answer::read(&mut stream).status, stream)
    };
    let (first, second) = (kept(), kept());
    assert_eq!((first.0, second.0), (200, 200));
    let refused = server.ask("/healthz");
    assert_eq!((refused.status, refused.code().as_str()), (429, "RateLimitError"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(first);
    until(|| server.ask("/healthz").status == 200);
    drop(second);
    // The connections of the questions before may still be open, and this one is refused too.
    let page = || String::from_utf8(server.ask("/metrics").body).expect("text");
    let counted = "log_center_refusals_total{reason=\"address_connections\"} ";
    until(|| page().lines().any(|one| one.strip_prefix(counted).is_some_and(|n| n != "0")));
}

#[test]
fn a_request_that_cannot_be_read_has_the_envelope_too() {
    let server = Running::start(&[]);
    let long = "a".repeat(70_000);
    let table = [
        ("GET /\u{1} HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 400, "ValidationError"),
        (format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414, "TooLargeError"),
        (format!("GET / HTTP/1.1\r\nX: {long}{long}{long}"), 431, "TooLargeError"),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(150)), 431, "TooLargeError"),
    ];
    for (bytes, status, code) in table {
        let mut stream = server.connect();
        let _closed_meanwhile = stream.write_all(bytes.as_bytes());
        let answer = Answer::read(&mut stream);
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "a page may see why");
        if status == 431 {
            assert_eq!(answer.json()["info"]["limit_headers"], 100);
        }
    }
    until(|| server.refused_for("bad_head") == 4);
}

/// What comes until the other side closes.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("closed in time");
    text
}

#[test]
fn who_is_too_slow_does_not_keep_a_connection() {
    let server = Running::start(&["--body-timeout", "1", "--header-timeout", "1"]);
    let mut body = server.connect();
    let headers = ["Connection: keep-alive", "Content-Length: 1000"];
    body.write_all(&request("POST", REPORT, &headers, b"")).expect("open");
    body.write_all(b"{").expect("open");
    let mut endless = server.connect();
    let headers = ["Connection: keep-alive", "Transfer-Encoding: chunked"];
    endless.write_all(&request("POST", BATCH, &headers, b"1\r\n[\r\n")).expect("open");
    let mut head = server.connect();
    head.write_all(b"GET / HTTP/1.1\r\nHost: loc").expect("open");
    let mut silent = server.connect();

    for stream in [&mut body, &mut endless] {
        let answer = Answer::read(stream);
        assert_eq!((answer.status, answer.code().as_str()), (408, "TimeoutError"));
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(rest(stream), "");
    }
    assert_eq!((rest(&mut head), rest(&mut silent)), (String::new(), String::new()));
    until(|| server.read(SYSTEM)["connections"]["open"] == 1);
    assert_eq!(server.refused_for("slow_body"), 2);
    assert_eq!(server.refused_for("slow_head"), 1, "a silent one asked for nothing");
}

#[test]
fn what_was_removed_is_summed_over_restarts() {
    let flags = ["--events-per-issue", "2"];
    let mut first = Running::start(&flags);
    for _ in 0..6 {
        assert_eq!(first.post(with(&[]).to_string().as_bytes()).status, 200);
    }
    let removed = |server: &Running| server.read(SYSTEM)["removed"].clone();
    until(|| removed(&first)["since_start"]["events_by_number"] == 4);
    assert_eq!(removed(&first)["ever"], removed(&first)["since_start"]);
    assert_eq!(removed(&first)["for_size_at"], Value::Null);
    first.kill();
    let second = Running::start_in(first.folder().to_owned(), &flags);
    assert_eq!(removed(&second)["since_start"]["events_by_number"], 0);
    assert_eq!(removed(&second)["ever"]["events_by_number"], 4);
}

#[test]
fn the_system_says_what_it_is_and_what_was_cut() {
    let server = Running::start(&["--retention-days", "7"]);
    let late = with(&[("timestamp", json!("2999-01-01T00:00:00Z"))]);
    let long = with(&[("error.message", json!("x".repeat(9_000)))]);
    for report in [late, long] {
        assert_eq!(server.post(report.to_string().as_bytes()).status, 200);
    }
    assert_eq!(server.post(b"{").status, 400);
    let system = server.read(SYSTEM);
    assert_eq!(system["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(system["storing"], json!({"ok": true, "reason": null, "message": null}));
    let reports = json!({"stored": 2, "duplicate": 1, "trimmed": 1, "adjusted": 1});
    assert_eq!(system["reports"], reports);
    let by_code = json!([{"code": "ValidationError", "count": 1}]);
    assert_eq!(system["refused"]["by_code"], by_code);
    assert_eq!(system["refused"]["by_reason"], json!([]), "its sender was wrong");
    assert_eq!(system["keep"], json!({"retention_days": 7, "events_per_issue": 1_000}));
    assert_eq!(system["last_error"], Value::Null);
    assert_eq!(system["queue"]["reports_max"], 8_192);
    // Those of before may still be closing.
    until(|| server.read(SYSTEM)["connections"]["open"] == 1);
    assert!(system["disk"]["floor_bytes"].as_u64() < system["disk"]["free_bytes"].as_u64());
    assert!(system["file"]["bytes_max"].as_u64() > Some(0));
}

#[test]
fn slow_reads_are_told_without_what_was_typed() {
    let server = Running::start(&[]);
    let of = |nth: i64| on_line(nth / 500, &[("context", json!({"deep": {"nth": nth}}))]);
    for thousand in 0..4 {
        server.record_all(&(thousand * 1_000..(thousand + 1) * 1_000).map(of).collect::<Vec<_>>());
    }
    let slow = || server.read(SYSTEM)["slow_reads"].clone();
    assert_eq!(slow(), json!({"from_ms": 200, "items": []}));
    // Two such searches run at once: of many each waits for those before it.
    let search = "/api/v1/events?q=context.deep.nth%3A%22secret%22&limit=7";
    until(|| {
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| server.read(search));
            }
        });
        slow()["items"] != json!([])
    });
    let items = slow()["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "one of each kind: {items}");
    let one = &items[0];
    assert_eq!(one["path"], "/api/v1/events");
    assert_eq!(one["asked"], "q=context.…:… & limit=7");
    assert_eq!(one["status"], 200);
    assert!(one["took_ms"].as_u64() >= Some(200), "{one}");
    assert!(one["bytes"].as_u64() > Some(0), "{one}");
}
