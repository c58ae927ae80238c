//! Backups over HTTP: begun, looked at, listed.

use serde_json::{Value, json};

use super::client::Running;
use super::samples::with;

/// Asks until a backup is whole or failed.
fn ended(server: &Running, name: &str) -> Value {
    loop {
        let item = server.read(&format!("/api/v1/backups/{name}"));
        let state = item["state"].as_str().expect("a state");
        if state == "done" || state == "failed" {
            return item;
        }
        assert!(["copying", "checking"].contains(&state), "{item}");
        assert_eq!((&item["finished_at"], &item["sha256"]), (&Value::Null, &Value::Null));
        std::thread::yield_now();
    }
}

fn begin(server: &Running) -> Value {
    let answer = server.send("POST", "/api/v1/backups", &[], b"");
    assert_eq!(answer.status, 202, "{}", answer.json());
    answer.json()
}

#[test]
fn a_backup_is_begun_and_becomes_whole() {
    let server = Running::start(&[]);
    server.record(&with(&[]));
    let none = json!({"items": [], "next_cursor": null, "schedule": null});
    assert_eq!(server.read("/api/v1/backups"), none);
    let begun = begin(&server);
    let name = begun["name"].as_str().expect("a name").to_owned();
    let at = begun["created_at"].as_str().expect("a time");
    let stamp: String = at[..19].chars().filter(|one| !"-:".contains(*one)).collect();
    assert_eq!(name, format!("log-center-{stamp}Z-requested.db"));
    assert_eq!(begun["state"], "copying");
    let item = ended(&server, &name);
    let file = server.folder().join("backups").join(&name);
    let bytes = std::fs::metadata(&file).expect("it is there").len();
    let sum = std::fs::read_to_string(format!("{}.sha256", file.display())).expect("it too");
    let expected = json!({
        "name": name,
        "kind": "requested",
        "state": "done",
        "created_at": at,
        "finished_at": item["finished_at"],
        "bytes": bytes,
        "progress": 1.0,
        "sha256": &sum[..64],
        "failure": null,
    });
    assert_eq!(item, expected);
    assert!(item["finished_at"].as_str() >= Some(at), "{item}");
    assert_eq!(server.read("/api/v1/backups")["items"], json!([expected]));
    let metrics = String::from_utf8(server.ask("/metrics").body).expect("text");
    for line in [
        "log_center_backups_total{result=\"made\"} 1".to_owned(),
        format!("log_center_backup_last_bytes {bytes}"),
    ] {
        assert!(metrics.lines().any(|got| got == line), "{line}");
    }
}

#[test]
fn backups_are_listed_page_after_page() {
    let server = Running::start(&[]);
    let mut names: Vec<Value> = Vec::new();
    for _ in 0..3 {
        let begun = begin(&server);
        ended(&server, begun["name"].as_str().expect("a name"));
        names.insert(0, begun["name"].clone());
    }
    let (mut found, mut path) = (Vec::new(), "/api/v1/backups?limit=2".to_owned());
    loop {
        let page = server.read(&path);
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 2);
        found.extend(items.iter().map(|item| item["name"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/backups?limit=2&cursor={next}");
    }
    assert_eq!(found, names, "the newest first");
}

#[test]
fn what_is_no_backup_is_not_found() {
    let server = Running::start(&[]);
    for name in ["log-center-20261129T033000Z-requested.db", "log-center.db", "..%2flog-center.db"]
    {
        let answer = server.ask(&format!("/api/v1/backups/{name}"));
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFoundError"), "{name}");
    }
    for query in ["limit=0", "cursor=b00", "cursor=p", "kind=requested"] {
        let answer = server.ask(&format!("/api/v1/backups?{query}"));
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{query}");
    }
}

#[test]
fn a_backup_that_failed_is_told_until_one_succeeds() {
    let server = Running::start(&[]);
    std::fs::write(server.folder().join("backups"), "in the way").expect("written");
    let begun = begin(&server);
    let name = begun["name"].as_str().expect("a name");
    let item = ended(&server, name);
    assert_eq!((&item["state"], &item["bytes"]), (&json!("failed"), &json!(0)));
    let why = "its folder cannot be read or written; the log says why";
    assert_eq!(item["failure"], why);
    server.record(&with(&[]));
    std::fs::remove_file(server.folder().join("backups")).expect("it was there");
    let next = begin(&server);
    ended(&server, next["name"].as_str().expect("a name"));
    let items = server.read("/api/v1/backups")["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "{items}");
    assert_eq!(items[0]["state"], "done");
}

#[test]
fn the_schedule_begins_with_a_first_one() {
    let server = Running::start(&["--backup-every", "2d", "--backup-keep", "3"]);
    let page = loop {
        let page = server.read("/api/v1/backups");
        if page["items"][0]["state"] == "done" {
            break page;
        }
        std::thread::yield_now();
    };
    assert_eq!(page["items"][0]["kind"], "scheduled");
    let schedule = &page["schedule"];
    assert_eq!((&schedule["every_hours"], &schedule["keep"]), (&json!(48), &json!(3)));
    assert!(schedule["next_at"].as_str() > page["items"][0]["created_at"].as_str(), "{page}");
}
