//! The table of who may what, walked: every route as everybody, against what the document says.

use serde_json::{Value, json};

use super::client::Running;
use super::closed::{Closed, JSON};
use super::samples::{GUIDE, now};

/// Somebody who asks.
struct Caller {
    name: &'static str,
    /// The header by which they are known.
    header: String,
    may_report: bool,
    /// 0 nothing, 1 look, 2 change, 3 everything.
    role: u8,
    is_person: bool,
    sees_shop: bool,
    sees_all: bool,
}

fn callers(closed: &Closed) -> Vec<Caller> {
    let key = |name, kind, scopes: &[&str], project: Option<&str>| {
        let body = json!({"name": name, "kind": kind, "scopes": scopes, "project_id": project});
        format!("X-Log-Center-Key: {}", closed.key(body))
    };
    let of = |name, header, role, is_person, sees_shop| Caller {
        name,
        header,
        may_report: false,
        role,
        is_person,
        sees_shop,
        sees_all: false,
    };
    let shop = || json!(["shop"]);
    let all = |caller| Caller { sees_all: true, ..caller };
    vec![
        of("nobody", String::new(), 0, false, false),
        Caller {
            may_report: true,
            ..of("report key", key("r", "report", &[], Some("shop")), 0, false, true)
        },
        of("viewer", closed.person("vera", "viewer", shop()), 1, true, true),
        of("reading key", key("v", "api", &["read"], Some("shop")), 1, false, true),
        of("member of another", closed.person("otto", "member", json!(["other"])), 2, true, false),
        of("changing key of another", key("o", "api", &["change"], Some("other")), 2, false, false),
        of("member of none", closed.person("nina", "member", json!([])), 2, true, false),
        of("member", closed.person("mona", "member", shop()), 2, true, true),
        of("changing key", key("m", "api", &["change"], Some("shop")), 2, false, true),
        all(of("member of all", closed.person("max", "member", json!(null)), 2, true, true)),
        all(of("managing key", key("a", "api", &["manage"], None), 3, false, true)),
        all(of("administrator", closed.ann.clone(), 3, true, true)),
    ]
}

/// What the table says: 0 when it is allowed.
fn expected(caller: &Caller, who_may: &str, concerns: &str) -> u16 {
    let is_nobody = caller.header.is_empty();
    let needed = match who_may {
        "nobody" => return 0,
        "report_key" if caller.may_report => return 0,
        // No report route reads a cookie: there a person is nobody.
        "report_key" if is_nobody || caller.is_person => return 401,
        "report_key" => return 403,
        "person" if is_nobody => return 401,
        "person" if caller.is_person => return 0,
        "person" => return 403,
        "viewer" => 1,
        "member" => 2,
        "administrator" => 3,
        other => panic!("{other}: not in the walk"),
    };
    if is_nobody {
        return 401;
    }
    if caller.role < needed {
        return 403;
    }
    match concerns {
        "nothing" | "listed" | "reported" => 0,
        "everything" if caller.sees_all => 0,
        "everything" => 403,
        "project" | "issue" if caller.sees_shop => 0,
        "project" | "issue" => 404,
        other => panic!("{other}: not in the walk"),
    }
}

/// The body's type: it is looked at before anything else.
fn kind(path: &str) -> &'static str {
    if path == "/api/v1/import" { "Content-Type: application/x-ndjson" } else { JSON }
}

fn concrete(path: &str) -> String {
    path.replace("{project_id}", "shop")
        .replace("{id}", "1")
        .replace("{event_id}", "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f")
        .replace("{person}", "vera")
        .replace("{name}", "log-center-20260101T000000Z-asked.db")
        .replace("{key_id}", "1")
        .replace("{session_id}", "999")
        .replace("{passkey_id}", "999")
        .replace("{invitation_id}", "999")
        .replace("{channel_id}", "999")
        .replace("{rule_id}", "999")
        .replace("{notice_id}", "999")
}

/// Method, path, who may, and what it is about: what erases last.
fn routes(document: &Value) -> Vec<(String, String, String, String)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let text = |name: &str| operation[name].as_str().expect(name).to_owned();
            let method = method.to_uppercase();
            all.push((method, path.clone(), text("x-who-may"), text("x-concerns")));
        }
    }
    all.sort_by_key(|(method, path, ..)| (method == "DELETE", path.clone()));
    all
}

#[test]
fn every_route_as_everybody_is_what_the_table_says() {
    let closed = Closed::filled();
    let callers = callers(&closed);
    let document = closed.read("/openapi.json");
    let routes = routes(&document);
    assert!(routes.len() > 45, "{}", routes.len());
    let mut breaches = Vec::new();
    for (method, path, who_may, concerns) in &routes {
        // It would end the walk of whoever is logged in.
        if (method.as_str(), path.as_str()) == ("DELETE", "/api/v1/session") {
            continue;
        }
        for caller in &callers {
            let wanted = expected(caller, who_may, concerns);
            let body = if method == "GET" || method == "DELETE" { Value::Null } else { json!({}) };
            let answer =
                closed.ask_with(kind(path), &caller.header, method, &concrete(path), &body);
            let got = answer.status;
            let is_own = matches!(concerns.as_str(), "project" | "issue");
            let fits = match wanted {
                0 if is_own => ![401, 403, 404].contains(&got) && got < 500,
                // A refusal of the handler's own, not of the table.
                0 => ![401, 403].contains(&got) && got < 500,
                wanted => got == wanted,
            };
            // No password was sent: what is refused is the body.
            if !fits {
                breaches.push(format!("{method} {path} as {}: {got}, not {wanted}", caller.name));
            }
        }
    }
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn where_the_door_is_open_everybody_may_everything() {
    let server = Running::start(&[]);
    let document = server.read("/openapi.json");
    for (method, path, ..) in routes(&document) {
        let body = if method == "GET" || method == "DELETE" { "" } else { "{}" };
        let headers = ["Content-Type: application/json", "X-Log-Center-Key: nonsense"];
        let answer = server.send(&method, &concrete(&path), &headers, body.as_bytes());
        let own = path.starts_with("/api/v1/session") && path != "/api/v1/session";
        let refused = [401, 403].contains(&answer.status);
        assert!(!refused || own, "{method} {path}: {}", answer.status);
    }
}

/// Numbers, names and texts of the other project in an answer.
fn leaks(answer: &Value) -> bool {
    let text = answer.to_string();
    text.contains("other") || text.contains("\"issue_id\":2") || text.contains("\"id\":2,")
}

#[test]
fn lists_searches_and_counts_keep_to_the_own_projects() {
    let closed = Closed::filled();
    let mona = closed.person("mona", "member", json!(["shop"]));
    for project in ["shop", "other"] {
        let path = format!("/api/v1/projects/{project}/deploys");
        closed.ok("POST", &path, &json!({"version": "1"}));
    }
    let read = |path: &str| {
        let answer = closed.ask(&mona, "GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
        answer.json()
    };
    for path in [
        "/api/v1/issues",
        "/api/v1/issues?q=project:other",
        "/api/v1/issues?q=project:*",
        "/api/v1/issues?q=!project:shop",
        "/api/v1/issues?project_id=other",
        "/api/v1/issues?project_id=other,shop",
        "/api/v1/events",
        "/api/v1/events?q=project:other",
        "/api/v1/events?project_id=other",
        "/api/v1/events?request_id=req_abc123",
        "/api/v1/events?user_id=u_12345",
        "/api/v1/projects",
        "/api/v1/deploys",
        "/api/v1/deploys?project_id=other",
        "/api/v1/stats?by=project",
        "/api/v1/stats?by=project&project_id=other",
        "/api/v1/system",
    ] {
        let answer = read(path);
        assert!(!leaks(&answer), "{path}: {answer}");
    }
    let deploys = read("/api/v1/deploys")["items"].clone();
    assert_eq!(deploys.as_array().map(Vec::len), Some(1));
    assert_eq!(read("/api/v1/issues")["total"], 1);
    assert_eq!(read("/api/v1/issues?project_id=other")["total"], 0);
    let sum = |path: &str| -> i64 {
        let series = read(path)["series"].clone();
        let counts = series.as_array().expect("series").iter().flat_map(|one| {
            one["counts"].as_array().expect("counts").iter().filter_map(Value::as_i64)
        });
        counts.sum()
    };
    assert_eq!(sum("/api/v1/stats"), 1, "of two");
    assert_eq!(sum("/api/v1/stats?by=status"), 1);
    assert_eq!(sum("/api/v1/stats?project_id=other"), 0);
    let nina = closed.person("nina", "viewer", json!([]));
    for path in ["issues", "events", "projects", "deploys"] {
        let answer = closed.ask(&nina, "GET", &format!("/api/v1/{path}"), &Value::Null).json();
        assert_eq!(answer["items"], json!([]), "{path}: who sees nothing sees nothing");
    }
}

#[test]
fn what_is_of_another_project_does_not_exist() {
    let closed = Closed::filled();
    let mona = closed.person("mona", "member", json!(["shop"]));
    let event = closed.read("/api/v1/issues/2/events")["items"][0]["event_id"].clone();
    let event = event.as_str().expect("an id").to_owned();
    let before = closed.read("/api/v1/issues/2");
    let table = [
        ("GET", "/api/v1/issues/2".to_owned(), Value::Null),
        ("PATCH", "/api/v1/issues/2".to_owned(), json!({"assignee": "mona"})),
        ("POST", "/api/v1/issues/2/comments".to_owned(), json!({"text": "hello"})),
        ("GET", "/api/v1/issues/02".to_owned(), Value::Null),
        ("GET", "/api/v1/issues/+2".to_owned(), Value::Null),
        ("GET", format!("/api/v1/events/{event}"), Value::Null),
        ("GET", format!("/api/v1/events/{event}?project_id=other"), Value::Null),
        ("GET", "/api/v1/projects/other".to_owned(), Value::Null),
        ("GET", "/api/v1/projects/%6fther".to_owned(), Value::Null),
        ("PATCH", "/api/v1/projects/other".to_owned(), json!({"settings": {}})),
        ("POST", "/api/v1/projects/other/deploys".to_owned(), json!({"version": "1"})),
        ("GET", "/api/v1/projects/never".to_owned(), Value::Null),
    ];
    for (method, path, body) in table {
        let answer = closed.ask(&mona, method, &path, &body);
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.json());
    }
    let same = closed.ask(&mona, "GET", "/api/v1/projects/other", &Value::Null).json();
    let never = closed.ask(&mona, "GET", "/api/v1/projects/never", &Value::Null).json();
    assert_eq!(same["message"], never["message"], "nothing tells that it is there");
    let bulk = json!({"ids": [1, 2, 99], "assignee": "mona"});
    let results = closed.ask(&mona, "POST", "/api/v1/issues/bulk", &bulk).json();
    assert_eq!(results["results"][0]["issue"]["assignee"], "mona");
    assert_eq!(results["results"][1]["code"], "NotFoundError");
    assert_eq!(results["results"][1]["message"], results["results"][2]["message"]);
    assert_eq!(closed.read("/api/v1/issues/2"), before);
}

#[test]
fn the_stream_tells_of_the_own_projects_and_ends_with_the_right_to_it() {
    use std::io::{BufRead, BufReader, Write};
    let closed = Closed::filled();
    let mona = closed.person("mona", "member", json!(["shop"]));
    let mut stream = closed.server.connect();
    let request = super::client::request("GET", "/api/v1/stream", &[&mona], b"");
    stream.write_all(&request).expect("sent");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("retry:")), "it has begun");
    for issue in [2, 1] {
        let path = format!("/api/v1/issues/{issue}");
        closed.ok("PATCH", &path, &json!({"status": "VERIFYING", "from": "NEW"}));
    }
    let told = lines.by_ref().find(|line| line.starts_with("data:")).expect("told");
    assert!(told.contains("\"project_id\":\"shop\""), "{told}");
    closed.ok("PATCH", "/api/v1/people/mona", &json!({"disabled": true}));
    assert!(lines.all(|line| !line.contains("other")), "and then it ends");
    let answer = closed.ask(&mona, "GET", "/api/v1/stream", &Value::Null);
    assert_eq!(answer.status, 401);
}

#[test]
fn a_change_is_made_by_the_person_and_not_by_whom_a_header_names() {
    let closed = Closed::filled();
    let key = closed.key(json!({"name": "ci", "kind": "api", "scopes": ["change"]}));
    for (who, name) in
        [(closed.ann.clone(), "ann"), (format!("Authorization: Bearer {key}"), "key:ci")]
    {
        let headers = [
            "Content-Type: application/json",
            super::closed::ORIGIN,
            &who,
            "X-Log-Center-User: eve",
        ];
        let body = json!({"text": format!("by {name} at {}", now())}).to_string();
        let path = "/api/v1/issues/1/comments";
        let answer = closed.server.send("POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.json());
        assert_eq!(answer.json()["who"], name);
    }
    closed.ok("PATCH", "/api/v1/issues/1", &json!({"assignee": "ANN"}));
    assert_eq!(closed.read("/api/v1/issues?q=is:mine")["total"], 1, "as they are called");
    let answer = closed.ask(&closed.ann, "PATCH", "/api/v1/issues/1", &json!({"assignee": "eve"}));
    assert_eq!((answer.status, answer.code()), (400, "ValidationError".into()), "nobody's name");
    closed.ok("PATCH", "/api/v1/issues/1", &json!({"assignee": null}));
    let changes = closed.read("/api/v1/audit?action=change_issue");
    assert_eq!(changes["items"].as_array().map(Vec::len), Some(2), "what was made");
    assert_eq!(changes["items"][0]["object"], "issue 1");
    assert!(!GUIDE.is_empty());
}
