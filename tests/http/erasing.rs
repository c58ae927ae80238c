//! What is erased is gone: for every reader, and from the bytes of the data folder.

use serde_json::{Value, json};

use super::client::Running;
use super::samples::{ISSUES, on_line, until, with, without};

const EVENTS: &str = "/api/v1/events";
const ID: &str = "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f";
/// Each stands in another place of the report below. No other data is like them.
const MARKS: [&str; 8] =
    ["Zqtype", "zqmessage", "zq/file.py", "ZQ_CODE", "zqstack", "zquser", "zqrequest", "zqtrace"];

/// A report with all marks; it is short, so that nothing of it is stored compressed.
fn marked(project: &str) -> Value {
    json!({
        "project_id": project, "environment": "production", "level": "ERROR", "event_id": ID,
        "error": {"type": "Zqtype", "message": "zqmessage", "file_path": "zq/file.py",
            "line_number": 1, "stack_trace": ["zqstack"], "code": "ZQ_CODE"},
        "context": {"user_id": "zquser", "request_id": "zqrequest", "trace_id": "zqtrace"},
    })
}

/// Which of these stand in any file of the data folder.
fn in_files<'a>(server: &Running, marks: &[&'a str]) -> Vec<&'a str> {
    let files = server.files();
    let mut found: Vec<_> = marks.iter().copied().filter(|mark| files.contains(mark)).collect();
    found.sort_unstable();
    found
}

fn all(marks: &[&'static str]) -> Vec<&'static str> {
    let mut all = marks.to_vec();
    all.sort_unstable();
    all
}

fn delete(server: &Running, path: &str) -> Value {
    let answer = server.send("DELETE", path, &[], b"");
    assert_eq!(answer.status, 200, "{path}: {}", answer.json());
    answer.json()
}

fn erased(issues: i64, events: i64) -> Value {
    json!({"deleted": {"issues": issues, "events": events}})
}

/// Every read of an issue, its events and its words finds nothing.
fn is_gone(server: &Running, id: i64) {
    let json = ["Content-Type: application/json"];
    let table = [
        ("GET", format!("{ISSUES}/{id}"), "{}"),
        ("GET", format!("{ISSUES}/{id}/events"), ""),
        ("GET", format!("{ISSUES}/{id}/history"), ""),
        ("GET", format!("{EVENTS}/{ID}"), ""),
        ("PATCH", format!("{ISSUES}/{id}"), "{\"status\":\"VERIFYING\"}"),
        ("POST", format!("{ISSUES}/{id}/comments"), "{\"text\":\"x\"}"),
        ("DELETE", format!("{ISSUES}/{id}"), ""),
    ];
    for (method, path, body) in table {
        let answer = server.send(method, &path, &json, body.as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFoundError"), "{path}");
    }
    for list in [
        "issues?type=Zqtype",
        "issues?code=ZQ_CODE",
        "issues?q=zqmessage",
        "issues?q=user%3Azquser",
        "issues?q=request%3Azqrequest",
        "events?user_id=zquser",
        "events?request_id=zqrequest",
        "events?trace_id=zqtrace",
        "events?q=zqmessage",
    ] {
        assert_eq!(server.items(&format!("/api/v1/{list}")), [] as [Value; 0], "{list}");
    }
    let change = json!({"ids": [id], "assignee": "ann"});
    let answer = server.json("POST", "/api/v1/issues/bulk", &change, 200);
    assert_eq!(answer["results"][0]["code"], "NotFoundError");
}

#[test]
fn an_erased_issue_leaves_nothing_behind() {
    let mut server = Running::start(&[]);
    let id = server.record(&marked("shop"));
    let other = server.record(&with(&[("project_id", json!("shop"))]));
    server.change(id, &json!({"status": "VERIFYING", "note": "zqnote"}), 200);
    server.json("POST", &format!("{ISSUES}/{id}/comments"), &json!({"text": "zqcomment"}), 201);
    until(|| server.ids("q=zqmessage") == [id]);
    let marks = [&MARKS[..], &["zqnote", "zqcomment"]].concat();
    assert_eq!(in_files(&server, &marks), all(&marks), "they stood there");
    assert_eq!(delete(&server, &format!("{ISSUES}/{id}")), erased(1, 1));
    assert_eq!(in_files(&server, &marks), [""; 0]);
    is_gone(&server, id);
    assert_eq!(server.issue(other)["count"], 1);
    let shop = server.read("/api/v1/projects/shop");
    assert_eq!((&shop["issues"], &shop["counts"]["VERIFYING"]), (&json!(1), &json!(0)));
    let stats = server.read("/api/v1/stats?by=project");
    let counts = stats["series"][0]["counts"].as_array().expect("counts");
    assert_eq!(counts.iter().filter_map(Value::as_i64).sum::<i64>(), 1, "it does not count");
    server.kill();
    let again = Running::start_in(server.folder().to_owned(), &[]);
    assert_eq!(in_files(&again, &marks), [""; 0]);
    is_gone(&again, id);
}

#[test]
fn an_erased_project_leaves_not_even_its_name() {
    let server = Running::start(&[]);
    let mut report = marked("zqproject");
    report["environment"] = json!("zqenvironment");
    report["version"] = json!("zqversion");
    let id = server.record(&report);
    server.record(&on_line(7, &[("project_id", json!("zqproject"))]));
    let kept = server.record(&marked("web"));
    delete(&server, &format!("{ISSUES}/{kept}"));
    let kept = server.record(&with(&[("project_id", json!("web"))]));
    let project = "/api/v1/projects/zqproject";
    let deploy = json!({"version": "zqdeploy", "commit_hash": "zqcommit"});
    server.json("POST", &format!("{project}/deploys"), &deploy, 201);
    let own = ["zqproject", "zqenvironment", "zqversion", "zqdeploy", "zqcommit"];
    let marks = [&MARKS[..], &own].concat();
    assert_eq!(in_files(&server, &marks), all(&marks), "they stood there");
    for query in ["", "?confirm=", "?confirm=web", "?confirm=zqproject&x=1"] {
        let answer = server.send("DELETE", &format!("{project}{query}"), &[], b"");
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{query}");
    }
    assert_eq!(server.ids("").len(), 3, "nothing went unconfirmed");
    let path = format!("{project}?confirm=zqproject");
    assert_eq!(delete(&server, &path), erased(2, 2));
    assert_eq!(in_files(&server, &marks), [""; 0]);
    is_gone(&server, id);
    for (method, path) in [("GET", project), ("DELETE", &path)] {
        assert_eq!(server.send(method, path, &[], b"").status, 404, "{path}");
    }
    assert_eq!(server.items("/api/v1/projects").len(), 1);
    assert_eq!(server.ids(""), [kept]);
    let stats = server.read("/api/v1/stats?by=project");
    assert_eq!(stats["series"].as_array().map(Vec::len), Some(1), "{stats}");
    assert_eq!(server.report(&marked("zqproject"))["is_new"], true, "it may begin anew");
}

#[test]
fn an_erased_user_stays_counted_and_is_nowhere_else() {
    let server = Running::start(&[]);
    let of = |user: &str, message: &str, project: &str| {
        with(&[
            ("project_id", json!(project)),
            ("error.message", json!(message)),
            ("error.stack_trace", json!([format!("stack of {message}")])),
            ("context", json!({"user_id": user, "request_id": format!("req-{user}")})),
        ])
    };
    let id = server.record(&of("bob", "bobs text", "shop"));
    server.record(&of("zquser", "zqfirst", "shop"));
    server.record(&of("zquser", "zqsecond", "shop"));
    let elsewhere = server.record(&of("zquser", "other", "web"));
    until(|| server.ids("q=zqsecond") == [id]);
    let marks = ["zqfirst", "zqsecond"];
    assert_eq!(in_files(&server, &marks), marks);
    for query in ["", "?project_id=shop", "?user_id=zquser", "?project_id=shop&user_id="] {
        let answer = server.send("DELETE", &format!("{EVENTS}{query}"), &[], b"");
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{query}");
    }
    let path = format!("{EVENTS}?project_id=shop&user_id=zquser");
    assert_eq!(delete(&server, &path), erased(0, 2));
    assert_eq!(in_files(&server, &marks), [""; 0]);
    let issue = server.issue(id);
    assert_eq!((&issue["count"], &issue["message"]), (&json!(3), &json!("bobs text")));
    assert_eq!(issue["latest_event"]["user_id"], "bob");
    assert_eq!(server.items(&format!("{EVENTS}?request_id=req-zquser")).len(), 1, "of web");
    assert_eq!(server.issue(elsewhere)["latest_event"]["user_id"], "zquser", "of web");
    until(|| server.ids("q=zqsecond").is_empty());
    assert_eq!(delete(&server, &path), erased(0, 0), "once more is no fault");
    let nobody = format!("{EVENTS}?project_id=nobody&user_id=x");
    assert_eq!(server.send("DELETE", &nobody, &[], b"").status, 404);
    delete(&server, &format!("{EVENTS}?project_id=web&user_id=zquser"));
    assert_eq!(in_files(&server, &["zquser"]), [""; 0]);
    let left = server.issue(elsewhere);
    assert_eq!((&left["count"], &left["latest_event"]), (&json!(1), &Value::Null));
    assert!(!left.to_string().contains("other"), "{left}");
}

#[test]
fn an_erasure_under_load_loses_nothing_else() {
    let server = Running::start(&[]);
    let big =
        |nth: i64| on_line(nth % 5, &[("project_id", json!("big")), ("context.nth", json!(nth))]);
    server.record_all(&(0..1_000).map(big).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        let reporting = scope.spawn(|| {
            for nth in 0..40 {
                server.record(&on_line(nth % 4, &[]));
            }
        });
        let gone = delete(&server, "/api/v1/projects/big?confirm=big");
        assert_eq!(gone, erased(5, 1_000));
        reporting.join().expect("reported");
    });
    let counts: i64 = server.items(ISSUES).iter().filter_map(|issue| issue["count"].as_i64()).sum();
    assert_eq!((server.ids("").len(), counts), (4, 40));
    assert_eq!(server.read("/api/v1/projects")["items"].as_array().map(Vec::len), Some(1));
    let listed = server.read(&format!("{ISSUES}?project_id=big"));
    assert_eq!(
        without(&listed, &["next_cursor", "total_is_exact"]),
        json!({"items": [], "total": 0})
    );
}
