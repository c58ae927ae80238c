//! What nobody read of a body: it is never the next request, and its sender sees the answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::client::{Answer, Running, request};
use super::closed::Closed;
use super::samples::{BATCH, GUIDE, REPORT, until, with};

/// Would erase a project, if it were taken for a request.
const HIDDEN: &str = "DELETE /api/v1/projects/rtc_backend?confirm=rtc_backend HTTP/1.1\r\n\
    Host: localhost\r\n\r\n";

/// A head that announces a body, and nothing of the body.
fn head(method: &str, path: &str, headers: &[&str]) -> Vec<u8> {
    let length = format!("Content-Length: {}", HIDDEN.len());
    let own = ["Connection: keep-alive", &length];
    let headers = [headers, &own].concat();
    request(method, path, &headers, b"")
}

/// Sends the head; after its answer the body, in which a request is hidden. The status.
fn answered_once(mut stream: TcpStream, sent: &str) -> u16 {
    let answer = Answer::read(&mut stream);
    assert_eq!(answer.header("connection"), Some("close"), "{sent}: {}", answer.status);
    // It may be closed by now.
    let _late = stream.write_all(HIDDEN.as_bytes());
    let mut rest = Vec::new();
    let _broken = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{sent}: {}", String::from_utf8_lossy(&rest));
    answer.status
}

#[test]
fn a_body_that_comes_after_the_answer_is_no_request() {
    let open = Running::start(&[]);
    open.send("POST", REPORT, &[], GUIDE.as_bytes());
    let closed = Closed::start();
    let busy = Running::start(&["--rate-per-address", "1"]);
    until(|| busy.post(with(&[]).to_string().as_bytes()).status == 429);
    let json = "Content-Type: application/json";
    let table: [(&Running, &str, &str, &str, u16); 13] = [
        (&closed.server, "POST", REPORT, json, 401),
        (&closed.server, "GET", "/api/v1/issues", json, 401),
        (&closed.server, "PATCH", "/api/v1/issues/1", json, 401),
        (&open, "POST", REPORT, "Host: evil.example", 403),
        (&open, "PATCH", "/api/v1/issues/1", "Origin: http://evil.example", 403),
        (&open, "POST", "/api/v1/nothing", json, 404),
        (&open, "PUT", REPORT, json, 405),
        (&open, "PATCH", "/api/v1/issues/1", "Content-Type: text/plain", 415),
        (&open, "POST", REPORT, "Content-Encoding: lzma", 415),
        (&busy, "POST", BATCH, json, 429),
        (&open, "OPTIONS", REPORT, "Origin: http://shop.example", 204),
        (&open, "GET", "/healthz", json, 200),
        (&open, "GET", "/", json, 200),
    ];
    for expect in [&[][..], &["Expect: 100-continue"]] {
        let begun = table.map(|(server, method, path, header, status)| {
            let mut stream = server.connect();
            let head = head(method, path, &[&[header], expect].concat());
            stream.write_all(&head).expect("open");
            (stream, format!("{method} {path} {header} {expect:?}"), status)
        });
        for (stream, sent, status) in begun {
            assert_eq!(answered_once(stream, &sent), status, "{sent}");
        }
    }
    assert_eq!(open.ids("").len(), 1, "nothing was erased");
}

#[test]
fn a_refused_body_that_came_whole_leaves_the_connection_open() {
    let server = Running::start(&[]);
    let mut stream = server.connect();
    for _ in 0..2 {
        let sent = [&head("POST", "/api/v1/nothing", &[])[..], HIDDEN.as_bytes()].concat();
        stream.write_all(&sent).expect("open");
        let answer = Answer::read(&mut stream);
        assert_eq!((answer.status, answer.header("connection")), (404, None));
    }
}

#[test]
fn who_goes_on_sending_after_the_answer_is_not_reset() {
    let closed = Closed::start();
    let expect = ["Connection: keep-alive", "Content-Length: 9000000", "Expect: 100-continue"];
    let heads = [
        request("POST", REPORT, &expect, b""),
        request("GET", "/healthz", &expect, b""),
        [b"GET / HTTP/1.1\r\nX: ", &[b'x'; 100_000][..]].concat(),
    ];
    for (head, status) in heads.into_iter().zip([401, 200, 431]) {
        let mut stream = closed.server.connect();
        stream.write_all(&head).expect("open");
        assert_eq!(Answer::read(&mut stream).status, status);
        for _ in 0..5 {
            stream.write_all(&[b' '; 10_000]).expect("it still reads");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(stream.read(&mut [0]).expect("closed in order"), 0, "{status}");
    }
}
