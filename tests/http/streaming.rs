//! The live stream: what is told, in which order, to how many, and until when.

use std::io::Write;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use super::client::{Answer, Running, request};
use super::listening::{Listening, STREAM};
use super::samples::{line, on_line, until, with};

/// Reports into a project of its own: everything told before it stands before its message.
fn mark(server: &Running, name: &str) -> i64 {
    server.record(&on_line(line(), &[("project_id", json!(name))]))
}

fn metric(server: &Running, name: &str) -> u64 {
    let text = String::from_utf8(server.ask("/metrics").body).expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("log_center_{name} ")));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}: {text}"))
}

#[test]
fn what_happens_is_told_in_its_order() {
    let server = Running::start(&[]);
    let mut stream = server.listen();
    let first = server.report(&with(&[("error.message", json!("a\nb"))]));
    let id = first["id"].as_i64().expect("a number");
    server.record(&with(&[]));
    let (new, seen) = (stream.next(), stream.next());
    assert_eq!((new.event.as_str(), seen.event.as_str()), ("issue.new", "issue.seen"));
    let whole = server.issue(id);
    let expected = json!({"issue_id": id, "project_id": "rtc_backend",
        "fingerprint": first["fingerprint"], "status": "NEW", "level": whole["level"],
        "type": whole["type"], "message": "a b", "environment": "production",
        "version": whole["last_version"], "count": 1, "at": new.data["at"]});
    assert_eq!(new.data, expected);
    assert_eq!((&seen.data["count"], seen.data.get("from")), (&json!(2), None));

    let walk = json!({"status": "VERIFIED", "path": true, "note": "known", "version": "9.8"});
    server.change(id, &walk, 200);
    let steps: Vec<_> = (0..5).map(|_| stream.next()).collect();
    let ways: Vec<_> =
        steps.iter().map(|step| step.data["to"].as_str().expect("a status")).collect();
    assert_eq!(ways, ["VERIFYING", "PENDING_FIX", "FIXING", "FIXED", "VERIFIED"]);
    let members = ["from", "status", "who", "note", "version", "environment"];
    let step: Vec<_> = members.iter().map(|name| steps[0].data[*name].clone()).collect();
    let told = json!(["NEW", "VERIFYING", "ann", "known", "9.8", null]);
    assert_eq!(json!(step), told);

    let deploy = json!({"version": "10.0.0", "environment": "production"});
    server.json("POST", "/api/v1/projects/rtc_backend/deploys", &deploy, 201);
    let moved = stream.next();
    assert_eq!(moved.shown(), "issue.moved 2 DEPLOYED");
    assert_eq!(
        (&moved.data["from"], &moved.data["version"]),
        (&json!("VERIFIED"), &json!("10.0.0"))
    );
    server.record(&with(&[("version", json!("10.0.0"))]));
    let back = stream.next();
    assert_eq!(back.shown(), "issue.regressed 3 NEW");
    assert_eq!((&back.data["from"], &back.data["who"]), (&json!("DEPLOYED"), &json!("Log Center")));
    assert_eq!(metric(&server, "stream_listeners"), 1);
    assert_eq!(metric(&server, "stream_messages_total"), 9);
}

#[test]
fn a_bulk_change_is_told_for_each_issue() {
    let server = Running::start(&[]);
    let ids = server.record_all(&[on_line(line(), &[]), on_line(line(), &[])]);
    let mut stream = server.listen();
    mark(&server, "begin");
    stream.until("begin");
    let change = json!({"ids": [ids[0], 999, ids[1]], "status": "VERIFYING"});
    server.json("POST", "/api/v1/issues/bulk", &change, 200);
    let told = [stream.next(), stream.next()];
    assert_eq!(json!(told.map(|one| one.data["issue_id"].clone())), json!(ids));
}

#[test]
fn what_did_not_happen_is_not_told() {
    let server = Running::start(&[]);
    let once = with(&[("event_id", json!("0b1d2a60-6f6f-4d3e-9d3c-0123456789ab"))]);
    let id = server.record(&once);
    let mut stream = server.listen();
    mark(&server, "begin");
    stream.until("begin");
    server.record(&once);
    server.change(id, &json!({"status": "FIXED"}), 409);
    server.change(id, &json!({"status": "VERIFYING", "from": "FIXED"}), 409);
    server.change(id, &json!({"assignee": "bob"}), 200);
    server.json("POST", "/api/v1/logs/report", &json!({"project_id": "x"}), 400);
    mark(&server, "end");
    assert_eq!(stream.until("end"), [""; 0]);
}

#[test]
fn a_storm_is_one_message_a_second_with_the_right_count() {
    let server = Running::start(&[]);
    let mut stream = server.listen();
    let begin = Instant::now();
    let storm: Vec<Value> = (0..500).map(|_| with(&[])).collect();
    for _ in 0..6 {
        server.record_all(&storm);
        server.record(&with(&[]));
    }
    let mut counts = Vec::new();
    while counts.last() != Some(&3_006) {
        counts.push(stream.next().data["count"].as_i64().expect("a number"));
    }
    let most = begin.elapsed().as_secs() + 3;
    assert!(counts.len() as u64 <= most, "{counts:?} in {:?}", begin.elapsed());
    assert!(counts.is_sorted(), "{counts:?}");
}

#[test]
fn a_listener_resumes_where_he_was() {
    let server = Running::start(&[]);
    let mut stream = server.listen();
    let ids: Vec<i64> = (0..4).map(|_| server.record(&on_line(line(), &[]))).collect();
    let told: Vec<_> = (0..4).map(|_| stream.next()).collect();
    drop(stream);
    let header = format!("Last-Event-ID: {}", told[1].id);
    let rest = |mut stream: Listening| {
        json!([stream.next(), stream.next()].map(|one| one.data["issue_id"].clone()))
    };
    assert_eq!(rest(server.listen_as("", &[&header])), json!(ids[2..]));
    let query = format!("?last_event_id={}", told[1].id);
    assert_eq!(rest(server.listen_as(&query, &[])), json!(ids[2..]));
    let older = format!("?last_event_id={}", told[0].id);
    assert_eq!(rest(server.listen_as(&older, &[&header])), json!(ids[2..]), "the header wins");
    // An id that was told before any message counts too: nothing between is lost.
    let fresh = server.listen();
    let header = format!("Last-Event-ID: {}", fresh.last_id);
    drop(fresh);
    let id = server.record(&on_line(line(), &[]));
    assert_eq!(server.listen_as("", &[&header]).next().data["issue_id"], id);
}

#[test]
fn an_unknown_id_is_a_reset_and_then_it_is_live() {
    let server = Running::start(&[]);
    server.record(&with(&[]));
    let latin = String::from_utf8_lossy(b"Last-Event-ID: \xe9").into_owned();
    let headers = ["Last-Event-ID: 1-1", "Last-Event-ID: nonsense", latin.as_str()];
    for (at, header) in headers.into_iter().enumerate() {
        let mut stream = server.listen_as("", &[header]);
        let reset = stream.next();
        assert_eq!(
            (reset.event.as_str(), &reset.data),
            ("reset", &json!({"reason": "unknown_id"}))
        );
        mark(&server, &format!("after-{at}"));
        assert_eq!(stream.next().event, "issue.new");
        // Behind the reset one can resume as behind any message.
        let mut again = server.listen_as(&format!("?last_event_id={}", reset.id), &[]);
        assert_eq!(again.next().event, "issue.new");
    }
    assert_eq!(metric(&server, "stream_resets_total"), 3);
}

#[test]
fn after_a_restart_old_ids_are_a_reset() {
    let mut server = Running::start(&[]);
    let mut stream = server.listen();
    server.record(&with(&[]));
    let id = stream.next().id;
    server.ask_to_stop();
    stream.ended();
    let copy = server.folder().with_extension("again");
    until(|| !server.folder().join("log-center.db-wal").exists());
    std::fs::rename(server.folder(), &copy).expect("it has stopped");
    let server = Running::start_in(copy, &[]);
    for n in 0..3 {
        mark(&server, &format!("later-{n}"));
    }
    let mut stream = server.listen_as("", &[&format!("Last-Event-ID: {id}")]);
    assert_eq!(stream.next().event, "reset");
}

#[test]
fn an_erasure_tells_everybody_to_read_again() {
    let server = Running::start(&[]);
    let mut stream = server.listen();
    let id = server.record(&with(&[("error.message", json!("to be erased"))]));
    let told = stream.next().id;
    server.json("DELETE", &format!("/api/v1/issues/{id}"), &json!({}), 200);
    assert_eq!(stream.next().event, "reset");
    let before = told.replace("-1", "-0");
    assert_eq!(server.listen_as(&format!("?last_event_id={before}"), &[]).next().event, "reset");
}

#[test]
fn the_head_says_that_it_is_a_stream() {
    let server = Running::start(&[]);
    let stream = server.listen_as("", &["Accept-Encoding: gzip, br"]);
    let head = stream.head.to_lowercase();
    for line in
        ["content-type: text/event-stream", "cache-control: no-cache", "x-accel-buffering: no"]
    {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
    }
    assert!(!head.contains("content-encoding"), "{head}");
    let answer = server.send("HEAD", STREAM, &[], b"");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let refused = [
        ("GET", "?project_id=a", "Host: localhost", 400),
        ("GET", "?last_event_id=", "Host: localhost", 400),
        ("HEAD", "?x=1", "Host: localhost", 400),
        ("GET", "", "Host: evil.example", 403),
        ("GET", "", "X-Forwarded-For: 1.2.3.4", 403),
        ("POST", "", "Host: localhost", 405),
    ];
    for (method, query, header, status) in refused {
        let answer = server.send(method, &format!("{STREAM}{query}"), &[header], b"");
        assert_eq!(answer.status, status, "{method} {query} {header}");
    }
}

#[test]
fn the_program_stops_at_once_with_listeners() {
    let mut server = Running::start(&[]);
    let streams: Vec<_> = (0..20).map(|_| server.listen()).collect();
    let begin = Instant::now();
    server.ask_to_stop();
    streams.into_iter().for_each(Listening::ended);
    assert!(server.stopped(), "in order");
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[test]
fn a_listener_who_leaves_is_forgotten() {
    let server = Running::start(&[]);
    let streams: Vec<_> = (0..3).map(|_| server.listen()).collect();
    assert_eq!(metric(&server, "stream_listeners"), 3);
    drop(streams);
    until(|| metric(&server, "stream_listeners") == 0);
}

/// Half of a test's open files are usually fewer than this needs.
pub(crate) fn raise_open_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("up to the limit");
}

#[test]
fn a_thousand_hear_one_message() {
    raise_open_files();
    let server = Running::start(&[]);
    let mut streams: Vec<_> = (0..1_000).map(|_| server.listen()).collect();
    let begin = Instant::now();
    let id = server.record(&with(&[]));
    for stream in &mut streams {
        assert_eq!(stream.next().data["issue_id"], id);
    }
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(metric(&server, "stream_listeners"), 1_000);
}

#[test]
fn a_thousand_who_do_not_read_hold_nobody_up() {
    raise_open_files();
    let mut server = Running::start(&[]);
    let deaf: Vec<_> = (0..1_000)
        .map(|_| {
            let mut socket = server.connect();
            let bytes = request("GET", STREAM, &["Connection: keep-alive"], b"");
            socket.write_all(&bytes).expect("open");
            socket
        })
        .collect();
    until(|| metric(&server, "stream_listeners") == 1_000);
    let mut reporter = server.connect();
    let mut slowest = Duration::ZERO;
    for _ in 0..200 {
        let begin = Instant::now();
        let body = on_line(line(), &[("error.message", json!("m".repeat(300)))]).to_string();
        let headers = ["Connection: keep-alive"];
        let bytes = request("POST", "/api/v1/logs/report", &headers, body.as_bytes());
        reporter.write_all(&bytes).expect("open");
        assert_eq!(Answer::read(&mut reporter).status, 200);
        slowest = slowest.max(begin.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let begin = Instant::now();
    server.ask_to_stop();
    assert!(server.stopped(), "in order");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    drop(deaf);
}
