//! Reports that come again, many at once, or too many: retries, batches, races, limits.

use std::sync::Barrier;

use serde_json::{Value, json};

use super::client::Running;
use super::samples::{BATCH, ISSUES, REPORT, fields, on_line, until, with};

const ID: &str = "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f";

/// A report on this line with this `event_id`.
fn marked(line: i64, id: &str) -> Value {
    on_line(line, &[("event_id", json!(id))])
}

fn results(server: &Running, body: &str) -> Vec<Value> {
    let answer = server.send("POST", BATCH, &[], body.as_bytes());
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    answer.json()["results"].as_array().expect("one each").clone()
}

#[test]
fn a_retry_counts_nothing_and_names_the_first_ones_issue() {
    let server = Running::start(&[]);
    let first = server.report(&marked(1, ID));
    let other = server.record(&on_line(2, &[]));
    let bare = ID.replace('-', "");
    // The same, in every spelling; on another line, which is another issue's; of another level.
    for (line, id) in [(1, ID), (1, &*bare), (1, &ID.to_uppercase()), (2, ID), (3, &*bare)] {
        let answer = server.report(&marked(line, id));
        let expected = json!({"status": "duplicate", "id": first["id"],
            "fingerprint": first["fingerprint"], "is_new": false});
        assert_eq!(answer, expected, "{line} {id}");
    }
    let id = first["id"].as_i64().expect("a number");
    assert_eq!((&server.issue(id)["count"], &server.issue(other)["count"]), (&json!(1), &json!(1)));
    assert_eq!(server.ids("").len(), 2, "nothing was made of line 3");
    let elsewhere = with(&[("project_id", json!("web")), ("event_id", json!(ID))]);
    assert_eq!(server.report(&elsewhere)["is_new"], true, "another project's is another");
}

#[test]
fn a_retry_is_known_when_its_event_is_no_longer_kept() {
    let server = Running::start(&[]);
    let id = server.record(&marked(1, ID));
    let path = "/api/v1/events?project_id=rtc_backend&user_id=u_12345";
    let erased = server.json("DELETE", path, &json!({}), 200);
    assert_eq!(erased["deleted"]["events"], 1);
    let answer = server.report(&marked(1, ID));
    assert_eq!((&answer["status"], &answer["id"]), (&json!("duplicate"), &json!(id)));
    assert_eq!(server.issue(id)["count"], 1);
    assert_eq!(server.items(&format!("{ISSUES}/{id}/events")), [] as [Value; 0]);
}

#[test]
fn a_retry_is_known_after_a_restart_when_its_event_was_one_too_many() {
    let flags = ["--events-per-issue", "20"];
    let mut first = Running::start(&flags);
    let of = |nth: i64| marked(1, &format!("{nth:032x}"));
    for begin in [0, 1_000, 2_000, 3_000, 4_000] {
        first.record_all(&(begin..begin + 1_000).map(of).collect::<Vec<_>>());
    }
    let id = first.record(&of(5_000));
    let event = format!("/api/v1/events/{:032x}", 2_000);
    until(|| {
        first.record(&of(0));
        first.record(&on_line(1, &[]));
        first.ask(&event).status == 404
    });
    first.kill();
    let second = Running::start_in(first.folder().to_owned(), &flags);
    let count = second.issue(id)["count"].clone();
    for nth in [1, 2_000, 3_000, 4_500, 5_000] {
        assert_eq!(second.report(&of(nth))["id"], id);
    }
    assert_eq!(second.issue(id)["count"], count);
}

#[test]
fn a_retry_after_its_issue_was_erased_is_a_first_report() {
    let server = Running::start(&[]);
    let id = server.record(&marked(1, ID));
    server.json("DELETE", &format!("{ISSUES}/{id}"), &json!({}), 200);
    let again = server.report(&marked(1, ID));
    assert_eq!(again["is_new"], true, "{again}");
    assert_ne!(again["id"], id, "a number is never used again");
    let retry = server.report(&marked(2, ID));
    assert_eq!((&retry["status"], &retry["id"]), (&json!("duplicate"), &again["id"]));
    assert_eq!(server.items("/api/v1/projects")[0]["issues"], 1);
}

#[test]
fn of_many_first_reports_at_once_one_is_new() {
    const THREADS: usize = 16;
    let server = Running::start(&[]);
    for round in 0..5 {
        let line = on_line(100 + round, &[]);
        let start = Barrier::new(THREADS);
        let one = || {
            start.wait();
            server.report(&line)
        };
        let answers: Vec<Value> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
            all.into_iter().map(|thread| thread.join().expect("answered")).collect()
        });
        let new = answers.iter().filter(|answer| answer["is_new"] == true).count();
        let ok = answers.iter().filter(|answer| answer["status"] == "ok").count();
        assert_eq!((new, ok), (1, 1), "{answers:?}");
        assert!(answers.iter().all(|answer| answer["id"] == answers[0]["id"]));
        let id = answers[0]["id"].as_i64().expect("a number");
        assert_eq!(server.issue(id)["count"], THREADS);
    }
}

#[test]
fn of_many_retries_at_once_one_counts() {
    let server = Running::start(&[]);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let send = |line| {
            scope.spawn({
                let server = &server;
                move || server.report(&marked(line, ID))
            })
        };
        let all: Vec<_> = (0..16).map(send).collect();
        all.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    let new = answers.iter().filter(|answer| answer["is_new"] == true).count();
    assert_eq!((new, server.ids("").len()), (1, 1), "{answers:?}");
    assert!(answers.iter().all(|answer| answer["id"] == answers[0]["id"]), "{answers:?}");
}

#[test]
fn a_batch_is_answered_one_by_one_in_order() {
    let server = Running::start(&[]);
    let (a, b) = (on_line(1, &[]), on_line(2, &[]));
    let wrong = with(&[("level", json!("LOUD")), ("error.type", json!(1))]);
    let secret = with(&[("level", json!("https://u:hunter2@h/"))]);
    let all = json!([a, wrong, b, 42, a, null, secret, {}, []]);
    let results = results(&server, &all.to_string());
    let told: Vec<_> = results.iter().map(|one| one["status"].as_str().expect("each")).collect();
    let (ok, again, error) = ("ok", "duplicate", "error");
    assert_eq!(told, [ok, error, ok, error, again, error, error, error, error]);
    let expected = json!({
        "status": "error",
        "code": "ValidationError",
        "message": "level: expected one of ERROR, WARNING, CRITICAL, INFO, DEBUG, got \"LOUD\"",
        "info": {"errors": [
            {"field": "level",
                "message": "expected one of ERROR, WARNING, CRITICAL, INFO, DEBUG, got \"LOUD\""},
            {"field": "error.type", "message": "expected a string, got 1"},
        ]},
    });
    assert_eq!(results[1], expected);
    assert_eq!(
        results[0],
        json!({"status": "ok", "id": results[4]["id"], "is_new": true,
        "fingerprint": results[4]["fingerprint"]})
    );
    assert_eq!(fields(&results[7]).len(), 8, "{}", results[7]);
    assert!(!json!(results).to_string().contains("hunter2"));
    let counts = ["count:2", "count:1"].map(|q| server.ids(&format!("q={q}")).len());
    assert_eq!(counts, [1, 1]);
}

#[test]
fn a_batch_may_be_lines() {
    let server = Running::start(&[]);
    let (a, b) = (on_line(1, &[]), on_line(2, &[]));
    let lines = format!("\u{feff}{a}\r\n\n{{broken\n{b}\n  {a}  \nnull\n");
    let results = results(&server, &lines);
    let told: Vec<_> = results.iter().map(|one| one["status"].as_str().expect("each")).collect();
    assert_eq!(told, ["ok", "error", "ok", "duplicate", "error"]);
    let alone = self::results(&server, &on_line(3, &[]).to_string());
    assert_eq!((alone.len(), &alone[0]["status"]), (1, &json!("ok")), "one report is one line");
}

#[test]
fn a_batch_has_a_thousand_reports_at_most() {
    let server = Running::start(&[]);
    let small = json!({"project_id": "p", "environment": "e", "level": "ERROR", "error": {
        "type": "E", "message": "", "file_path": "f", "line_number": 1, "stack_trace": []}});
    let full = vec![small.clone(); 1_000];
    let too_many = vec![small.clone(); 1_001];
    let refused = |body: &str| {
        let answer = server.send("POST", BATCH, &[], body.as_bytes());
        (answer.status, answer.code(), answer.json()["info"]["limit_reports"].as_i64())
    };
    let lines: String = too_many.iter().map(|one| format!("{one}\n")).collect();
    for body in [json!(too_many).to_string(), lines] {
        assert_eq!(refused(&body), (413, "TooLargeError".into(), Some(1_000)));
    }
    for body in ["", "[]", " \n\n ", "not json", "[1,2", "42"] {
        assert_eq!(refused(body), (400, "ValidationError".into(), None), "{body:.80}");
    }
    assert_eq!(server.items("/api/v1/projects"), [] as [Value; 0], "nothing was taken");
    let results = results(&server, &json!(full).to_string());
    let new: Vec<_> = results.iter().filter(|one| one["is_new"] == true).collect();
    assert_eq!((results.len(), new.len(), &results[0]["is_new"]), (1_000, 1, &json!(true)));
    assert_eq!(server.items(ISSUES)[0]["count"], 1_000);
}

#[test]
fn a_batch_of_eight_mebibytes_fits() {
    let server = Running::start(&[]);
    let report = |bytes: usize| {
        let head = on_line(1, &[]).to_string();
        let blanks = " ".repeat(bytes - head.len() - 3);
        format!("[{head}{blanks}]")
    };
    let send = |bytes: usize| server.send("POST", BATCH, &[], report(bytes).as_bytes());
    assert_eq!(send(8 * 1_024 * 1_024).status, 200);
    let answer = send(8 * 1_024 * 1_024 + 2);
    assert_eq!((answer.status, answer.code().as_str()), (413, "TooLargeError"));
}

#[test]
fn retries_within_a_batch_count_once() {
    let server = Running::start(&[]);
    let all = json!([marked(1, ID), marked(1, ID), marked(2, ID), on_line(1, &[])]);
    let results = results(&server, &all.to_string());
    assert!(results.iter().all(|one| one["id"] == results[0]["id"]), "{results:?}");
    let new: Vec<_> = results.iter().map(|one| one["is_new"] == true).collect();
    assert_eq!(new, [true, false, false, false]);
    assert_eq!(server.items(ISSUES)[0]["count"], 2);
}

#[test]
fn reports_create_a_thousand_projects_at_most() {
    let server = Running::start(&[]);
    let in_project = |nth: i64| with(&[("project_id", json!(format!("p{nth}")))]);
    server.record_all(&(0..1_000).map(in_project).collect::<Vec<_>>());
    let answer = server.post(in_project(1_000).to_string().as_bytes());
    assert_eq!((answer.status, answer.code().as_str()), (403, "ForbiddenError"));
    let results = results(&server, &json!([in_project(1), in_project(1_001)]).to_string());
    assert_eq!(results[0]["status"], "duplicate", "the old ones go on");
    assert_eq!(results[1]["code"], "ForbiddenError");
    let mut met = 0;
    let mut path = "/api/v1/projects?limit=200".to_owned();
    loop {
        let page = server.read(&path);
        met += page["items"].as_array().expect("a list").len();
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/projects?limit=200&cursor={cursor}");
    }
    assert_eq!(met, 1_000);
}

#[test]
fn environments_and_versions_past_the_limit_are_the_others() {
    let server = Running::start(&[]);
    let of = |environment: i64, version: i64| {
        with(&[
            ("environment", json!(format!("env{environment:02}"))),
            ("version", json!(format!("1.{version}"))),
        ])
    };
    let id = server.record_all(&(0..66).map(|nth| of(nth, 0)).collect::<Vec<_>>())[0];
    for from in 0..11 {
        let versions = (from * 1_000..(from + 1) * 1_000).map(|nth| of(0, nth));
        server.record_all(&versions.take(1_000).collect::<Vec<_>>());
    }
    let issue = server.issue(id);
    let environments = issue["environments"].as_array().expect("names");
    assert_eq!((environments.len(), &environments[0]), (65, &json!("(other)")));
    let other = server.items(&format!("{ISSUES}?environment=(other)"));
    assert_eq!(other[0]["count"], 2);
    let other = server.items(&format!("{ISSUES}?version=(other)"));
    assert_eq!(other[0]["count"], 1_000);
    let taken = server.send("POST", REPORT, &[], of(99, 99_999).to_string().as_bytes());
    assert_eq!(taken.status, 200);
}
