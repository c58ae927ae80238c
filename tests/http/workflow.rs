//! The status of an issue: moves, races, deploys, regressions, mutes, comments.

use std::sync::Barrier;

use serde_json::{Value, json};

use super::client::Running;
use super::samples::{HOUR, ISSUES, ago, fields, line, now, on_line, with, without};

/// The contract's table.
const TABLE: [(&str, &[&str]); 9] = [
    ("NEW", &["VERIFYING"]),
    ("VERIFYING", &["PENDING_FIX", "CANNOT_REPRODUCE"]),
    ("CANNOT_REPRODUCE", &["VERIFYING"]),
    ("PENDING_FIX", &["FIXING"]),
    ("FIXING", &["FIXED", "FIX_FAILED"]),
    ("FIX_FAILED", &["PENDING_FIX", "FIXING"]),
    ("FIXED", &["VERIFIED", "FIX_FAILED"]),
    ("VERIFIED", &["DEPLOYED", "FIX_FAILED"]),
    ("DEPLOYED", &["VERIFYING"]),
];

/// `kind from>to` of each entry, oldest first.
fn moves(server: &Running, id: i64) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let all = server.history(id);
    let shown = all
        .iter()
        .map(|one| format!("{} {}>{}", text(&one["kind"]), text(&one["from"]), text(&one["to"])));
    shown.collect()
}

fn deploy(server: &Running, body: &Value, status: u16) -> Value {
    server.json("POST", "/api/v1/projects/rtc_backend/deploys", body, status)
}

#[test]
fn exactly_the_tables_moves_are_allowed() {
    let server = Running::start(&[]);
    for (from, allowed) in TABLE {
        let reports: Vec<_> = TABLE.iter().map(|_| on_line(line(), &[])).collect();
        let ids = server.record_all(&reports);
        if from != "NEW" {
            let walk = json!({"ids": ids, "status": from, "path": true, "note": "walked"});
            server.json("POST", "/api/v1/issues/bulk", &walk, 200);
        }
        assert_eq!(server.issue(ids[0])["allowed_moves"], json!(allowed), "{from}");
        for (id, (to, _)) in ids.into_iter().zip(TABLE) {
            let change = json!({"status": to, "from": from, "note": "because"});
            if allowed.contains(&to) {
                assert_eq!(server.change(id, &change, 200)["status"], to);
                continue;
            }
            let refused = server.change(id, &change, 409);
            assert_eq!(refused["code"], "ConflictError");
            assert_eq!(refused["info"], json!({"from": from, "to": to, "allowed": allowed}));
            assert_eq!(server.issue(id)["status"], from, "a refused move changes nothing");
        }
    }
}

#[test]
fn a_move_is_recorded_with_who_note_version_and_commit() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let change = json!({"status": "VERIFYING", "note": "looks real", "version": "1.2.4",
        "commit_hash": "c0ffee"});
    let issue = server.change(id, &change, 200);
    let whole = server.issue(id);
    let own =
        ["latest_event", "history", "allowed_moves", "by_environment", "by_version", "hourly"];
    assert_eq!(issue, without(&whole, &own), "the answer is the issue after the change");
    let entry = &server.history(id)[0];
    let expected = json!({"kind": "move", "from": "NEW", "to": "VERIFYING", "who": "ann",
        "verified": false, "note": "looks real", "version": "1.2.4", "commit_hash": "c0ffee",
        "text": null});
    assert_eq!(without(entry, &["id", "at"]), expected);
    assert_eq!(whole["history"], json!([entry]));
    assert_eq!(whole["allowed_moves"], json!(["PENDING_FIX", "CANNOT_REPRODUCE"]));
}

#[test]
fn taking_back_a_deployed_fix_needs_a_note() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    server.walk(id, "DEPLOYED");
    for note in [Value::Null, json!(" \n")] {
        let refused = server.change(id, &json!({"status": "VERIFYING", "note": note}), 400);
        assert_eq!(fields(&refused), ["note"]);
        let walk = json!({"status": "FIXING", "path": true, "note": note});
        assert_eq!(fields(&server.change(id, &walk, 400)), ["note"], "nor does a path");
    }
    assert_eq!(server.issue(id)["status"], "DEPLOYED");
    server.change(id, &json!({"status": "VERIFYING", "note": "seen again"}), 200);
}

#[test]
fn a_path_is_the_shortest_and_each_step_is_recorded() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let issue = server.change(id, &json!({"status": "deployed", "path": true, "note": "old"}), 200);
    assert_eq!(issue["status"], "DEPLOYED");
    let steps = [
        "move NEW>VERIFYING",
        "move VERIFYING>PENDING_FIX",
        "move PENDING_FIX>FIXING",
        "move FIXING>FIXED",
        "move FIXED>VERIFIED",
        "move VERIFIED>DEPLOYED",
    ];
    assert_eq!(moves(&server, id), steps);
    assert!(server.history(id).iter().all(|one| one["note"] == "old" && one["who"] == "ann"));
    for to in ["DEPLOYED", "NEW"] {
        let walk = json!({"status": to, "path": true, "note": "x"});
        let refused = server.change(id, &walk, 409);
        assert_eq!(refused["info"]["allowed"], json!(["VERIFYING"]), "{to}");
    }
    assert_eq!(moves(&server, id).len(), steps.len());
}

#[test]
fn a_status_that_is_no_longer_so_is_a_conflict() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    server.walk(id, "FIXING");
    for change in [
        json!({"status": "FIXED", "from": "PENDING_FIX"}),
        json!({"status": "DEPLOYED", "from": "NEW", "path": true}),
        json!({"assignee": "bob", "from": "NEW"}),
        json!({"status": "FIXED", "from": "VERIFYING", "assignee": "bob"}),
    ] {
        let refused = server.change(id, &change, 409);
        assert_eq!(refused["info"]["from"], "FIXING", "{change}");
        assert_eq!(refused["info"]["allowed"], json!(["FIXED", "FIX_FAILED"]), "{change}");
    }
    let issue = server.issue(id);
    assert_eq!((&issue["status"], &issue["assignee"]), (&json!("FIXING"), &Value::Null));
    server.change(id, &json!({"status": "FIXED", "from": "FIXING"}), 200);
    server.change(9_999, &json!({"status": "FIXED"}), 404);
}

#[test]
fn of_many_who_move_at_once_one_wins() {
    const THREADS: usize = 8;
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let path = format!("{ISSUES}/{id}");
    for (step, (from, to)) in
        [("NEW", "VERIFYING"), ("VERIFYING", "PENDING_FIX")].iter().enumerate()
    {
        let start = Barrier::new(THREADS);
        let body = json!({"status": to, "from": from}).to_string();
        let one = || {
            start.wait();
            let headers = ["Content-Type: application/json"];
            server.send("PATCH", &path, &headers, body.as_bytes()).status
        };
        let mut all: Vec<u16> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
            all.into_iter().map(|thread| thread.join().expect("answered")).collect()
        });
        all.sort_unstable();
        assert_eq!((all[0], &all[1..]), (200, &[409; THREADS - 1][..]));
        assert_eq!(moves(&server, id).len(), step + 1);
    }
}

#[test]
fn a_report_reopens_a_deployed_issue_as_the_contract_says() {
    let server = Running::start(&[]);
    let (live, test) = ("production", "staging");
    // Deployed as, the report's version and environment, whether it reopens.
    let table = [
        ("1.3.0", json!("1.2.9"), live, false),
        ("1.3.0", json!("1.3.0-rc.1"), live, false),
        ("1.3.0", json!("1.3.0"), live, true),
        ("1.3.0", json!("1.10.0"), live, true),
        ("v1.3.0", json!("1.2.0"), live, false),
        ("1.3.0", Value::Null, live, true),
        ("1.3.0", json!("9.9.9"), test, false),
        ("build-b", json!("build-a"), live, false),
        ("build-b", json!("build-b"), live, true),
        ("build-b", json!("build-c"), live, true),
        ("build-b", json!("never-seen"), live, true),
        ("", json!("0.0.1"), live, true),
    ];
    for version in ["build-a", "build-b", "build-c"] {
        server.record(&with(&[("version", json!(version))]));
    }
    for (deployed, version, environment, reopens) in table {
        let line = line();
        let id = server.record(&on_line(line, &[("version", json!("build-b"))]));
        let mut walk = json!({"status": "DEPLOYED", "path": true});
        if !deployed.is_empty() {
            walk["version"] = json!(deployed);
        }
        server.change(id, &walk, 200);
        let later = [("version", version.clone()), ("environment", json!(environment))];
        let answer = server.report(&on_line(line, &later));
        assert_eq!(answer["is_new"], false, "it is the same issue");
        let issue = server.issue(id);
        let shown = format!("{deployed} {version} {environment}");
        assert_eq!(issue["status"] == "NEW", reopens, "{shown}");
        assert_eq!((&issue["regressed"], &issue["count"]), (&json!(reopens), &json!(2)), "{shown}");
        let last = server.history(id).pop().expect("moves");
        assert_eq!(last["kind"] == "regression", reopens, "{shown}");
        if reopens {
            assert_eq!((&last["from"], &last["to"]), (&json!("DEPLOYED"), &json!("NEW")));
            assert_eq!((&last["version"], &last["commit_hash"]), (&version, &json!("abc1234")));
        }
        assert_eq!(server.ids("q=is%3Aregressed").contains(&id), reopens, "{shown}");
    }
}

#[test]
fn a_report_on_any_other_status_only_counts() {
    let server = Running::start(&[]);
    for (status, _) in TABLE.iter().filter(|(status, _)| *status != "DEPLOYED") {
        let line = line();
        let id = server.record(&on_line(line, &[]));
        if *status != "NEW" {
            server.walk(id, status);
        }
        let before = moves(&server, id);
        server.report(&on_line(line, &[]));
        let issue = server.issue(id);
        assert_eq!((&issue["status"], &issue["count"]), (&json!(status), &json!(2)));
        assert_eq!((moves(&server, id), &issue["regressed"]), (before, &json!(false)));
    }
}

#[test]
fn a_regression_is_over_when_it_is_deployed_again_and_takes_its_own_level() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[("level", json!("CRITICAL"))]));
    server.record(&with(&[("level", json!("WARNING"))]));
    assert_eq!(server.issue(id)["level"], "CRITICAL", "the highest");
    server.walk(id, "DEPLOYED");
    server.record(&with(&[("level", json!("WARNING"))]));
    let issue = server.issue(id);
    assert_eq!((&issue["level"], &issue["regressed"]), (&json!("WARNING"), &json!(true)));
    server.walk(id, "VERIFYING");
    assert_eq!(server.issue(id)["regressed"], true, "until it is deployed");
    server.walk(id, "DEPLOYED");
    assert_eq!(server.issue(id)["regressed"], false);
}

#[test]
fn a_deploy_moves_what_is_verified() {
    let server = Running::start(&[]);
    let ids = server.record_all(&(1..=3).map(|line| on_line(line, &[])).collect::<Vec<_>>());
    let other = server.record(&with(&[("project_id", json!("web"))]));
    for (id, status) in [(ids[0], "VERIFIED"), (ids[1], "FIXED"), (other, "VERIFIED")] {
        server.walk(id, status);
    }
    let aside = deploy(&server, &json!({"version": "2.0.0", "environment": "staging"}), 201);
    assert_eq!((&aside["moved"], &aside["environment"]), (&json!(0), &json!("staging")));
    let body = json!({"version": "2.0.0", "commit_hash": "c0ffee"});
    let recorded = deploy(&server, &body, 201);
    let expected = json!({"project_id": "rtc_backend", "version": "2.0.0", "environment": null,
        "commit_hash": "c0ffee", "who": "ann", "moved": 1});
    assert_eq!(without(&recorded, &["id", "at"]), expected);
    let states = [ids[0], ids[1], ids[2], other].map(|id| server.issue(id)["status"].clone());
    assert_eq!(json!(states), json!(["DEPLOYED", "FIXED", "NEW", "VERIFIED"]));
    let entry = server.history(ids[0]).pop().expect("moves");
    let expected = json!({"kind": "deploy", "from": "VERIFIED", "to": "DEPLOYED", "who": "ann",
        "verified": false, "note": null, "version": "2.0.0", "commit_hash": "c0ffee",
        "text": null});
    assert_eq!(without(&entry, &["id", "at"]), expected);
    server.record(&on_line(1, &[("version", json!("1.9.9"))]));
    assert_eq!(server.issue(ids[0])["status"], "DEPLOYED", "an old client");
    server.record(&on_line(1, &[("version", json!("2.0.0"))]));
    assert_eq!(server.issue(ids[0])["status"], "NEW");
    assert_eq!(fields(&deploy(&server, &json!({"environment": "production"}), 400)), ["version"]);
    assert_eq!(fields(&deploy(&server, &json!({"version": 2, "x": 1}), 400)), ["version", "x"]);
    server.json("POST", "/api/v1/projects/nobody/deploys", &body, 404);
}

#[test]
fn deploys_are_listed_page_by_page() {
    let server = Running::start(&[]);
    server.record(&on_line(1, &[]));
    let told: Vec<_> = ["1", "2", "3"]
        .map(|version| deploy(&server, &json!({"version": version, "environment": "eu"}), 201))
        .into_iter()
        .rev()
        .collect();
    let whole = server.read("/api/v1/deploys");
    assert_eq!(whole, json!({"items": told, "next_cursor": null}));
    let first = server.read("/api/v1/deploys?limit=2&environment=eu&project_id=rtc_backend");
    assert_eq!(first["items"], json!(told[..2]));
    let cursor = first["next_cursor"].as_str().expect("one more");
    let second = server.read(&format!("/api/v1/deploys?limit=2&cursor={cursor}"));
    assert_eq!(second, json!({"items": told[2..], "next_cursor": null}));
    for (query, field) in [("cursor=x", "cursor"), ("version=1", "version"), ("limit=0", "limit")] {
        let refused = server.json("GET", &format!("/api/v1/deploys?{query}"), &Value::Null, 400);
        assert_eq!(fields(&refused), [field], "{query}");
    }
}

#[test]
fn a_deploy_in_a_live_environment_moves_and_which_are_live_is_a_setting() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[("environment", json!("eu"))]));
    let project = "/api/v1/projects/rtc_backend";
    let live = json!({"settings": {"live_environments": ["eu", "us"]}});
    let changed = server.json("PATCH", project, &live, 200);
    assert_eq!(changed["settings"], live["settings"]);
    assert_eq!(server.read(project), changed);
    server.walk(id, "VERIFIED");
    let moved = |environment: &str| {
        let body = json!({"version": "2.0.0", "environment": environment});
        deploy(&server, &body, 201)["moved"].clone()
    };
    assert_eq!((moved("production"), moved("us")), (json!(0), json!(1)));
    server.record(&with(&[("version", json!("2.0.1"))]));
    assert_eq!(server.issue(id)["status"], "DEPLOYED", "production is not live here");
    server.record(&with(&[("version", json!("2.0.1")), ("environment", json!("eu"))]));
    assert_eq!(server.issue(id)["status"], "NEW");
}

#[test]
fn a_mute_is_read_as_it_was_written() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let muted = |mute: &Value| server.change(id, &json!({"muted_until": mute}), 200);
    assert_eq!(server.issue(id)["muted_until"], Value::Null);
    for mute in
        [json!({"at": ago(-HOUR)}), json!({"reports": 3}), json!({"for_ever": true}), Value::Null]
    {
        assert_eq!(muted(&mute)["muted_until"], mute);
        assert_eq!(server.items(ISSUES)[0]["muted_until"], mute);
        let found = server.ids("q=is%3Amuted").len();
        assert_eq!(found, usize::from(!mute.is_null()), "{mute}");
    }
    muted(&json!({"reports": 2}));
    let left: Vec<_> = (0..2)
        .map(|_| {
            server.record(&with(&[]));
            server.issue(id)["muted_until"].clone()
        })
        .collect();
    assert_eq!(left, [json!({"reports": 1}), Value::Null], "further ones");
    let local = json!({"at": "2099-01-01T08:00:00+08:00"});
    assert_eq!(muted(&local)["muted_until"], json!({"at": "2099-01-01T00:00:00.000Z"}));
    let kinds: Vec<_> = server.history(id).iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, vec![json!("mute"); 6]);
    for mute in [
        json!(true),
        json!("2099-01-01T00:00:00Z"),
        json!({}),
        json!({"at": "soon"}),
        json!({"reports": 0}),
        json!({"reports": "3"}),
        json!({"for_ever": false}),
        json!({"reports": 1, "for_ever": true}),
    ] {
        let refused = server.change(id, &json!({"muted_until": mute}), 400);
        assert_eq!(fields(&refused), ["muted_until"], "{mute}");
    }
}

#[test]
fn a_comment_stands_in_the_history() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let path = format!("{ISSUES}/{id}/comments");
    let text = "look here:\n<b>张</b>";
    let comment = server.json("POST", &path, &json!({"text": text}), 201);
    let expected = json!({"kind": "comment", "from": null, "to": null, "who": "ann",
        "verified": false, "note": null, "version": null, "commit_hash": null, "text": text});
    assert_eq!(without(&comment, &["id", "at"]), expected);
    assert_eq!(server.history(id), [comment]);
    for wrong in [json!({}), json!({"text": " "}), json!({"text": 1}), json!({"text": null})] {
        assert_eq!(fields(&server.json("POST", &path, &wrong, 400)), ["text"], "{wrong}");
    }
    server.json("POST", "/api/v1/issues/999/comments", &json!({"text": "x"}), 404);
}

#[test]
fn an_assignee_is_set_left_and_cleared() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    assert_eq!(server.change(id, &json!({"assignee": "张伟"}), 200)["assignee"], "张伟");
    assert_eq!(server.change(id, &json!({"status": "VERIFYING"}), 200)["assignee"], "张伟");
    assert_eq!(server.ids(&format!("assignee={}", super::samples::encoded("张伟"))), [id]);
    assert_eq!(server.change(id, &json!({"assignee": null}), 200)["assignee"], Value::Null);
    for name in [json!(""), json!("x".repeat(65)), json!(7), json!(["a"])] {
        assert_eq!(fields(&server.change(id, &json!({"assignee": name}), 400)), ["assignee"]);
    }
    server.change(id, &json!({"assignee": "é".repeat(64)}), 200);
    let kinds: Vec<_> = server.history(id).iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(json!(kinds), json!(["assign", "move", "assign", "assign"]));
}

#[test]
fn a_bulk_change_answers_for_each_issue() {
    let server = Running::start(&[]);
    let ids = server.record_all(&(1..=3).map(|line| on_line(line, &[])).collect::<Vec<_>>());
    server.walk(ids[1], "FIXING");
    let body = json!({"ids": [ids[2], 999, ids[1], ids[0]], "status": "VERIFYING",
        "from": "NEW", "assignee": "bob"});
    let answer = server.json("POST", "/api/v1/issues/bulk", &body, 200);
    let results = answer["results"].as_array().expect("one each");
    let order: Vec<_> = results.iter().map(|one| one["id"].clone()).collect();
    assert_eq!(json!(order), body["ids"]);
    assert_eq!(
        results[1],
        json!({"id": 999, "code": "NotFoundError", "info": {},
        "message": "there is no such issue"})
    );
    assert_eq!(results[2]["code"], "ConflictError");
    assert_eq!(results[2]["info"]["from"], "FIXING");
    for result in [&results[0], &results[3]] {
        let issue = &result["issue"];
        assert_eq!((&issue["status"], &issue["assignee"]), (&json!("VERIFYING"), &json!("bob")));
    }
    assert_eq!(server.issue(ids[1])["assignee"], Value::Null, "a refused one is left");
    for (wrong, field) in [
        (json!({"ids": [], "status": "FIXED"}), "ids"),
        (json!({"status": "FIXED"}), "ids"),
        (json!({"ids": ["1"], "status": "FIXED"}), "ids"),
        (json!({"ids": [1], "status": "DONE"}), "status"),
        (json!({"ids": [1]}), ""),
    ] {
        let refused = server.json("POST", "/api/v1/issues/bulk", &wrong, 400);
        assert_eq!(fields(&refused), [field], "{wrong}");
    }
}

#[test]
fn who_says_so_is_believed_and_recorded_as_unverified() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let path = format!("{ISSUES}/{id}/comments");
    let send = |headers: &[&str]| {
        let all = [&["Content-Type: application/json"], headers].concat();
        server.send("POST", &path, &all, br#"{"text":"x"}"#)
    };
    let table: [(&[&str], &str); 4] = [
        (&["X-Log-Center-User: Zoë 张伟"], "Zoë 张伟"),
        (&["x-log-center-user:  ann  "], "ann"),
        (&["X-Log-Center-User: "], "anonymous"),
        (&[], "anonymous"),
    ];
    for (headers, expected) in table {
        let entry = send(headers).json();
        assert_eq!((&entry["who"], &entry["verified"]), (&json!(expected), &json!(false)));
    }
    let long = format!("X-Log-Center-User: {}", "é".repeat(65));
    let answer = send(&[&long]);
    assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"));
    assert_eq!(server.history(id).len(), 4);
}

#[test]
fn the_history_is_newest_first_and_has_pages() {
    let server = Running::start(&[]);
    let id = server.record(&with(&[]));
    let begin = now();
    for nth in 0..7 {
        let path = format!("{ISSUES}/{id}/comments");
        server.json("POST", &path, &json!({"text": format!("{nth}")}), 201);
    }
    let (mut met, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.read(&format!("{ISSUES}/{id}/history?limit=3{cursor}"));
        met.extend(page["items"].as_array().expect("a list").clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let texts: Vec<_> = met.iter().map(|one| one["text"].as_str().expect("a text")).collect();
    assert_eq!(texts, ["6", "5", "4", "3", "2", "1", "0"]);
    assert!(met.iter().all(|one| super::samples::ms(&one["at"]) >= begin));
    assert_eq!(server.ask(&format!("{ISSUES}/999/history")).status, 404);
}
