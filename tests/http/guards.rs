//! Who may come in, and from where.

use super::client::Running;

const REPORT: &str = "/api/v1/logs/report";

#[test]
fn a_foreign_host_or_a_proxy_is_refused_everywhere_but_at_healthz() {
    let server = Running::start(&[]);
    for path in ["/", "/api/v1/issues", "/metrics", "/openapi.json", "/api/nothing"] {
        for header in ["Host: evil.example", "X-Forwarded-For: 1.2.3.4", "Via: 1.1 proxy"] {
            let answer = server.send("GET", path, &[header], b"");
            assert_eq!((answer.status, answer.code().as_str()), (403, "ForbiddenError"), "{path}");
            let healthy = server.send("GET", "/healthz", &[header], b"");
            assert_eq!(healthy.status, 200, "{header}");
        }
    }
}

#[test]
fn an_operator_can_allow_a_host_and_a_proxy() {
    let server = Running::start(&["--allow-host", "logs.lan", "--insecure-open"]);
    let answer =
        server.send("GET", "/openapi.json", &["Host: logs.lan:8002", "Forwarded: for=1"], b"");
    assert_eq!(answer.status, 200);
}

#[test]
fn a_report_may_come_from_any_page() {
    let server = Running::start(&[]);
    let asked = [
        "Origin: https://shop.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type",
        "Access-Control-Request-Private-Network: true",
    ];
    for path in [REPORT, "/api/v1/logs/report/batch"] {
        let answer = server.send("OPTIONS", path, &asked, b"");
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
        assert_eq!(answer.header("access-control-max-age"), Some("86400"));
        assert_eq!(answer.header("access-control-allow-private-network"), Some("true"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let allowed = answer.header("access-control-allow-headers").expect("told");
        assert!(allowed.contains("content-encoding") && allowed.contains("x-log-center-key"));
    }
}

#[test]
fn a_page_can_read_why_its_report_was_refused() {
    let server = Running::start(&[]);
    let origin = "Origin: https://shop.example";
    let table: [(&str, &[&str], &[u8]); 4] = [
        ("POST", &[origin, "Content-Encoding: lzma"], b"{}"),
        ("POST", &[origin, "Content-Encoding: gzip"], b"{}"),
        ("POST", &[origin, "Host: evil.example"], b"{}"),
        ("PUT", &[origin], b"{}"),
    ];
    for (method, headers, body) in table {
        let answer = server.send(method, REPORT, headers, body);
        assert!((400..500).contains(&answer.status), "{headers:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{headers:?}");
        let exposed = answer.header("access-control-expose-headers");
        assert_eq!(exposed, Some("Retry-After, X-Request-Id"));
        answer.code();
    }
}

#[test]
fn a_change_comes_from_here_and_is_json() {
    let server = Running::start(&[]);
    let json = "Content-Type: application/json";
    let table: [(&[&str], u16); 5] = [
        (&["Content-Type: text/plain"], 415),
        (&[], 415),
        (&[json, "Origin: https://evil.example"], 403),
        (&[json, "Sec-Fetch-Site: cross-site"], 403),
        (&[json, "Origin: http://localhost"], 400),
    ];
    for (headers, expected) in table {
        let answer = server.send("PATCH", "/api/v1/issues/1", headers, b"{}");
        assert_eq!(answer.status, expected, "{headers:?}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        answer.code();
    }
}
