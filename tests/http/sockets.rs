//! Connections: kept, limited, and finished before the end.

use std::io::{Read, Write};

use super::client::{Answer, Running, request};

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
