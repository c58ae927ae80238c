//! Connections: kept, limited, and finished before the end.

use std::io::{Read, Write};

use super::client::{Answer, Running, request};
use super::samples::{until, with};
use super::streaming::raise_open_files;

#[test]
fn a_connection_takes_one_request_after_another() {
    let server = Running::start(&[]);
    let mut stream = server.connect();
    for _ in 0..3 {
        let bytes = request("GET", "/healthz", &["Connection: keep-alive"], b"");
        stream.write_all(&bytes).expect("open");
        assert_eq!(Answer::read(&mut stream).status, 200);
    }
}

/// Among many, a connection that waits gives its buffers back after each answer: nothing that was
/// read too early may be lost by that.
#[test]
fn one_of_many_connections_takes_requests_however_they_are_cut() {
    raise_open_files();
    let server = Running::start(&[]);
    let crowd: Vec<_> = (0..600).map(|_| server.connect()).collect();
    until(|| server.read("/api/v1/system")["connections"]["open"].as_u64() > Some(600));
    let mut stream = server.connect();
    let headers = ["Connection: keep-alive"];
    let get = request("GET", "/healthz", &headers, b"");
    let post = request("POST", "/api/v1/logs/report", &headers, with(&[]).to_string().as_bytes());
    let requests = [&get, &post, &get, &post, &get, &get];
    let all = requests.map(Vec::as_slice).concat();
    let (mut sent, mut answers) = (0, String::new());
    // The first three and a half at once, then pieces that end anywhere.
    for piece in [get.len() * 2 + post.len() + post.len() / 2, 7, 300, 1, all.len()] {
        let end = all.len().min(sent + piece);
        stream.write_all(&all[sent..end]).expect("open");
        sent = end;
        let ends = requests.iter().scan(0, |at, one| {
            *at += one.len();
            Some(*at)
        });
        let due = ends.filter(|at| *at <= sent).count();
        while answers.matches("HTTP/1.1 200").count() < due {
            let mut bytes = [0; 4_096];
            let count = stream.read(&mut bytes).expect("an answer");
            assert!(count > 0, "closed: {answers}");
            answers.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 6, "{answers}");
    assert_eq!(answers.matches("fingerprint").count(), 2);
    drop(crowd);
}

#[test]
fn a_connection_over_the_limit_is_told() {
    let server = Running::start(&["--max-connections", "1"]);
    let mut first = server.connect();
    first.write_all(&request("GET", "/healthz", &["Connection: keep-alive"], b"")).expect("open");
    Answer::read(&mut first);
    let answer = Answer::read(&mut server.connect());
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.code(), "OverloadError");
    first.write_all(&request("GET", "/metrics", &[], b"")).expect("still open");
    let text = String::from_utf8(Answer::read(&mut first).body).expect("text");
    assert!(text.contains("log_center_connections_refused_total 1"), "{text}");
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let mut server = Running::start(&[]);
    let headers = ["Content-Type: application/json", "Expect: 100-continue"];
    let whole = request("PATCH", "/api/v1/issues/1", &headers, b"{}");
    let (begin, end) = whole.split_at(whole.len() - 1);
    let mut stream = server.connect();
    stream.write_all(begin).expect("open");
    // It says so when it begins to read the body: from then on the request is under way.
    let mut going_on = [0; 25];
    stream.read_exact(&mut going_on).expect("an interim answer");
    assert_eq!(&going_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let mut idle = server.connect();
    idle.write_all(&request("GET", "/healthz", &["Connection: keep-alive"], b"")).expect("open");
    Answer::read(&mut idle);
    server.ask_to_stop();
    assert_eq!(idle.read(&mut [0; 8]).expect("closed in order"), 0, "an idle one ends at once");
    stream.write_all(end).expect("still open");
    assert_eq!(Answer::read(&mut stream).status, 400);
    assert!(server.stopped());
}
