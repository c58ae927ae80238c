//! The record of changes: each line says on what the change was made.

use serde_json::{Value, json};

use super::closed::{Closed, try_to_log_in};

const NOTHING: Value = Value::Null;

/// What the newest line with this action is about.
fn newest(closed: &Closed, action: &str) -> (String, Value) {
    let line = closed.read(&format!("/api/v1/audit?action={action}&limit=1"))["items"][0].clone();
    (line["object"].as_str().unwrap_or("no line").to_owned(), line["detail"].clone())
}

/// A change, and what its line is about: action, method, path, body, object, detail.
type Recorded = (&'static str, &'static str, &'static str, Value, &'static str, Value);

fn check(closed: &Closed, table: &[Recorded]) {
    for (action, method, path, body, object, detail) in table {
        closed.ok(method, path, body);
        let expected = ((*object).to_owned(), detail.clone());
        assert_eq!(newest(closed, action), expected, "{method} {path}");
    }
}

#[test]
fn a_line_says_which_issue_or_project_it_is_about() {
    let (closed, nothing) = (Closed::filled(), json!({}));
    let (one, new) = ("/api/v1/issues/1", "/api/v1/projects/new");
    let live = json!({"live_environments": ["eu"]});
    let deploy = json!({"version": "1.2", "environment": "eu"});
    let claimed = json!({"assignee": "ann"});
    let several = json!({"ids": [1, 99], "assignee": "ann"});
    let text = json!({"text": "x"});
    let shop = json!({"project_id": "shop"});
    let made = json!({"project_id": "new"});
    let set_up = json!({ "settings": live });
    let erased = "/api/v1/projects/new?confirm=new";
    let confirmed = json!({"query": "confirm=new"});
    check(
        &closed,
        &[
            ("change_issue", "PATCH", one, claimed, "issue 1", shop.clone()),
            (
                "change_issues",
                "POST",
                "/api/v1/issues/bulk",
                several,
                "issues",
                json!({"ids": [1]}),
            ),
            (
                "comment_issue",
                "POST",
                "/api/v1/issues/1/comments",
                text,
                "issue 1",
                nothing.clone(),
            ),
            ("erase_issue", "DELETE", one, NOTHING, "issue 1", shop),
            ("create_project", "POST", "/api/v1/projects", made, "project new", nothing),
            ("change_project", "PATCH", new, set_up, "project new", live),
            (
                "record_deploy",
                "POST",
                "/api/v1/projects/new/deploys",
                deploy.clone(),
                "project new",
                deploy,
            ),
            ("erase_project", "DELETE", erased, NOTHING, "project new", confirmed),
        ],
    );
}

#[test]
fn a_line_says_which_channel_rule_or_backup_it_is_about() {
    let (closed, nothing) = (Closed::filled(), json!({}));
    let (one, first) = ("/api/v1/channels/1", "/api/v1/rules/1");
    let (channels, rules) = ("/api/v1/channels", "/api/v1/rules");
    let channel = json!({"kind": "webhook", "name": "ops", "url": "https://example.org/secret"});
    let told = |name: &str| json!({"name": name, "kind": "webhook"});
    let named = |name: &str| json!({ "name": name });
    let again = "/api/v1/notices/replay";
    check(
        &closed,
        &[
            ("create_channel", "POST", channels, channel, "channel 1", told("ops")),
            ("change_channel", "PATCH", one, named("call"), "channel 1", told("call")),
            ("create_rule", "POST", rules, named("calm"), "rule 1", named("calm")),
            ("change_rule", "PATCH", first, named("loud"), "rule 1", named("loud")),
            ("remove_rule", "DELETE", first, NOTHING, "rule 1", nothing.clone()),
            ("remove_channel", "DELETE", one, NOTHING, "channel 1", nothing.clone()),
            ("replay_notices", "POST", again, NOTHING, "notices", nothing),
        ],
    );
    let begun = closed.ok("POST", "/api/v1/backups", &NOTHING);
    let name = begun["name"].as_str().expect("a name");
    assert_eq!(newest(&closed, "begin_backup").0, format!("backup {name}"));
    assert!(!closed.read("/api/v1/audit?limit=200").to_string().contains("example.org/secret"));
    let shown = json!({"template": {}});
    closed.ok("POST", "/api/v1/channels/preview", &shown);
    assert_eq!(newest(&closed, "preview_channel").0, "no line", "nothing was changed");
}

#[test]
fn people_keys_and_sessions_are_named_in_their_lines() {
    let closed = Closed::filled();
    closed.person("vera", "viewer", NOTHING);
    assert_eq!(newest(&closed, "person.add").0, "person vera");
    let session = newest(&closed, "session.begin").0;
    closed.ok("PATCH", "/api/v1/people/vera", &json!({"role": "member"}));
    assert_eq!(newest(&closed, "person.change").0, "person vera");
    try_to_log_in(&closed.server, "vera", super::closed::PASSWORD, &[]);
    assert!(session.starts_with("session ") && newest(&closed, "session.begin").0 != session);
    let made = closed.ok("POST", "/api/v1/keys", &json!({"name": "ci"}));
    assert_eq!(newest(&closed, "key.create").0, format!("key {}", made["key"]["id"]));
}

#[test]
fn who_takes_everything_along_is_recorded_once() {
    let closed = Closed::filled();
    let manages = closed.key(json!({"name": "ops", "kind": "api", "scopes": ["manage"]}));
    let key = format!("X-Log-Center-Key: {manages}");
    let lines = |action: &str| {
        let found = closed.read(&format!("/api/v1/audit?action={action}"));
        found["items"].as_array().expect("items").clone()
    };
    let first = closed.ask(&key, "GET", "/api/v1/export?limit=1", &NOTHING);
    let text = String::from_utf8(first.body).expect("text");
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    let next = last["next_cursor"].as_str().expect("there is more");
    let answer = closed.ask(&key, "GET", &format!("/api/v1/export?cursor={next}"), &NOTHING);
    assert_eq!(answer.status, 200);
    assert_eq!(lines("export").len(), 1, "the pages are one export");
    assert_eq!(
        (&lines("export")[0]["who"], &lines("export")[0]["object"]),
        (&json!("key:ops"), &json!("export"))
    );
    assert_eq!(closed.ask(&closed.ann, "GET", "/api/v1/audit/export", &NOTHING).status, 200);
    assert_eq!(
        (&lines("export_audit")[0]["who"], &lines("export_audit")[0]["object"]),
        (&json!("ann"), &json!("audit"))
    );
    let other = closed.key(json!({"name": "sly", "kind": "api", "scopes": ["manage"]}));
    let other = format!("X-Log-Center-Key: {other}");
    for (cursor, status) in [("none", 400), (next, 200), (next, 200)] {
        let path = format!("/api/v1/export?cursor={cursor}");
        assert_eq!(closed.ask(&other, "GET", &path, &NOTHING).status, status);
    }
    assert_eq!(lines("export").len(), 2, "who begins in the midst is recorded, once");
    assert_eq!(lines("export")[0]["who"], json!("key:sly"));
    let vera = closed.person("vera", "viewer", NOTHING);
    assert_eq!(closed.ask(&vera, "GET", "/api/v1/export", &NOTHING).status, 403);
    assert_eq!(lines("export").len(), 2, "what was refused took nothing along");
}

#[test]
fn an_import_is_recorded_once() {
    let from = Closed::filled();
    let exported = from.ask(&from.ann, "GET", "/api/v1/export", &NOTHING);
    let text = String::from_utf8(exported.body).expect("text");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let id = lines[0]["export_id"].as_str().expect("its id").to_owned();
    let closed = Closed::start();
    for (nth, line) in lines.iter().enumerate() {
        let path = format!("/api/v1/import?export_id={id}&from_line={}", nth + 1);
        let kind = "Content-Type: application/x-ndjson";
        let answer = closed.ask_with(kind, &closed.ann, "POST", &path, line);
        assert_eq!(answer.status, 200, "{line}");
    }
    let found = closed.read("/api/v1/audit?action=import");
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let query = format!("export_id={id}&from_line=1");
    assert_eq!(newest(&closed, "import"), ("import".to_owned(), json!({ "query": query })));
}
