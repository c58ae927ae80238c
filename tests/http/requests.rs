//! Bodies, encodings, limits and request ids.

use std::io::Write;

use super::client::{Answer, Running, request};

const REPORT: &str = "/api/v1/logs/report";
const MIB: usize = 1_024 * 1_024;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    writer.write_all(plain).expect("memory");
    writer.finish().expect("memory")
}

/// A report of exactly this many bytes.
fn report(bytes: usize) -> Vec<u8> {
    let head = r#"{"project_id":"shop","environment":"test","level":"ERROR","error":{"type":"E",
        "message":"","file_path":"a.py","line_number":1,"stack_trace":[]}"#;
    [head, " ".repeat(bytes - head.len() - 1).as_str(), "}"].concat().into_bytes()
}

#[test]
fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let server = Running::start(&[]);
    let (fits, too_large) = (report(MIB), report(MIB + 1));
    let packed = ["Content-Encoding: gzip"];
    let chunked = ["Transfer-Encoding: chunked"];
    let in_chunks =
        |body: &[u8]| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    let table: [(&[&str], Vec<u8>, Vec<u8>); 3] = [
        (&[], fits.clone(), too_large.clone()),
        (&packed, gzip(&fits), gzip(&too_large)),
        (&chunked, in_chunks(&fits), in_chunks(&too_large)),
    ];
    for (headers, fits, too_large) in table {
        let taken = server.send("POST", REPORT, headers, &fits);
        assert_ne!(taken.status, 413, "{headers:?}");
        assert_ne!(taken.status, 400, "{headers:?}");
        let refused = server.send("POST", REPORT, headers, &too_large);
        assert_eq!(refused.status, 413, "{headers:?}");
        assert_eq!(refused.code(), "TooLargeError");
        assert_eq!(refused.json()["info"]["limit_bytes"], MIB);
    }
}

#[test]
fn a_client_that_is_still_writing_sees_the_answer() {
    let server = Running::start(&[]);
    let answer = server.send("POST", REPORT, &["Connection: keep-alive"], &vec![b' '; 8 * MIB]);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn a_client_that_asks_first_is_refused_at_once() {
    let server = Running::start(&[]);
    let mut stream = server.connect();
    let headers = ["Content-Length: 9000000", "Expect: 100-continue"];
    stream.write_all(&request("POST", REPORT, &headers, b"")).expect("sent");
    assert_eq!(Answer::read(&mut stream).status, 413);
}

#[test]
fn a_small_bomb_is_refused() {
    let server = Running::start(&[]);
    let bomb = gzip(&vec![b' '; 200 * MIB]);
    assert!(bomb.len() < MIB);
    let answer = server.send("POST", REPORT, &["Content-Encoding: gzip"], &bomb);
    assert_eq!(answer.status, 413);
}

#[test]
fn a_body_that_cannot_be_unpacked_is_refused() {
    let server = Running::start(&[]);
    for (encoding, status) in [("gzip", 400), ("br", 400), ("zstd", 400), ("gzip, br", 415)] {
        let header = format!("Content-Encoding: {encoding}");
        let answer = server.send("POST", REPORT, &[&header], b"{\"not\":\"packed\"}");
        assert_eq!(answer.status, status, "{encoding}");
    }
}

#[test]
fn a_request_id_is_kept_or_made() {
    let server = Running::start(&[]);
    let own = server.send("GET", "/api/v1/nothing", &["X-Request-Id: req_abc:1"], b"");
    assert_eq!(own.header("x-request-id"), Some("req_abc:1"));
    assert_eq!(own.code(), "NotFoundError");
    let other = server.send("GET", "/healthz", &["X-Request-Id: <script>"], b"");
    let made = other.header("x-request-id").expect("always");
    assert!(made.len() > 16 && !made.contains('<'), "{made}");
}

#[test]
fn what_a_change_cannot_hold_is_told_whole() {
    let server = Running::start(&[]);
    let json = ["Content-Type: application/json"];
    let body = br#"{"status":"DONE","path":"yes","owner":"ann"}"#;
    let answer = server.send("PATCH", "/api/v1/issues/1", &json, body);
    assert_eq!(answer.code(), "ValidationError");
    let errors = answer.json()["info"]["errors"].clone();
    let fields: Vec<_> = errors.as_array().expect("all").iter().map(|one| &one["field"]).collect();
    assert_eq!(fields, ["status", "path", "owner"]);
    let large = format!("{{\"note\":\"{}\"}}", "x".repeat(256 * 1_024));
    let answer = server.send("PATCH", "/api/v1/issues/1", &json, large.as_bytes());
    assert_eq!(answer.status, 413);
}
