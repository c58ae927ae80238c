//! Addresses, methods, and the document that tells of them.

use serde_json::Value;

use super::client::Running;

#[test]
fn an_unknown_endpoint_is_json_and_never_a_page() {
    let server = Running::start(&[]);
    for path in ["/api", "/api/", "/api/v1/issue", "/api/v2/issues", "/api/v1/projects/%ff"] {
        let answer = server.ask(path);
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFoundError"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let server = Running::start(&[]);
    let answer = server.send("PUT", "/api/v1/issues/1", &[], b"{}");
    assert_eq!((answer.status, answer.code().as_str()), (405, "MethodError"));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, PATCH, DELETE, OPTIONS"));
    assert_eq!(server.send("POST", "/", &[], b"").header("allow"), Some("GET, HEAD"));
    let options = server.send("OPTIONS", "/api/v1/projects", &[], b"");
    assert_eq!((options.status, options.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    assert_eq!(options.header("access-control-allow-origin"), None);
}

#[test]
fn head_is_get_without_its_body() {
    let server = Running::start(&[]);
    let head = server.send("HEAD", "/openapi.json", &[], b"");
    let get = server.ask("/openapi.json");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), get.header("content-length"));
}

#[test]
fn an_unknown_parameter_is_refused() {
    let server = Running::start(&[]);
    for path in [
        "/api/v1/issues?projekt=a",
        "/api/v1/issues/1?x=1",
        "/api/v1/events?limit=0",
        "/api/v1/projects?cursor=a&cursor=b",
        "/api/v1/stats?interval=week",
    ] {
        let answer = server.ask(path);
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{path}");
    }
}

/// A value that a documented parameter must take.
fn sample(schema: &Value) -> String {
    let schema = if schema["type"] == "array" { &schema["items"] } else { schema };
    match (&schema["enum"][0], schema["format"].as_str(), schema["pattern"].as_str()) {
        (Value::String(first), _, _) => first.clone(),
        (_, Some("date-time"), _) => "2026-01-30T10:30:00Z".to_owned(),
        (_, _, Some(_)) => "0123456789abcdef".to_owned(),
        _ if schema["type"] == "integer" => "7".to_owned(),
        _ => "x".to_owned(),
    }
}

#[test]
fn every_documented_parameter_is_taken() {
    let server = Running::start(&[]);
    let document = server.ask("/openapi.json").json();
    let mut taken = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let empty = Vec::new();
        let parameters = operations["get"]["parameters"].as_array().unwrap_or(&empty);
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().expect("a name");
            let address = format!("{path}?{name}={}", sample(&parameter["schema"]));
            let answer = server.ask(&address.replace("{id}", "7"));
            let refused = answer.status == 400
                && answer.json()["message"].as_str().is_some_and(|text| text.starts_with(name));
            assert!(!refused || name == "cursor", "{address}: {:?}", answer.json());
            taken += 1;
        }
    }
    assert!(taken > 30, "{taken}");
}

#[test]
fn the_counters_are_told() {
    let server = Running::start(&[]);
    server.send("POST", "/api/v1/logs/report", &["Content-Encoding: lzma"], b"{}");
    let text = String::from_utf8(server.ask("/metrics").body).expect("text");
    let expected = "log_center_reports_refused_total{code=\"EncodingError\"} 1";
    assert!(text.lines().any(|line| line == expected), "{text}");
}
