//! The search language, and events of every project.

use serde_json::{Value, json};

use super::client::Running;
use super::samples::{HOUR, ISSUES, ago, encoded, fields, ms, on_line, until, with, without};

const EVENTS: &str = "/api/v1/events";
const ID: &str = "0192f0c1-6e0a-7cc3-98c4-dc0c0c07398f";

fn issue(kind: &str, message: &str, file: &str, more: &[(&'static str, Value)]) -> Value {
    let mut changes = vec![
        ("error.type", json!(kind)),
        ("error.message", json!(message)),
        ("error.file_path", json!(file)),
        ("context", Value::Null),
    ];
    changes.extend_from_slice(more);
    with(&changes)
}

/// A server with four issues, and their numbers.
fn shop() -> (Running, [i64; 4]) {
    let server = Running::start(&[]);
    let context = json!({"user_id": "u1", "request_id": "req-1", "trace_id": "tr-1"});
    let ids = server.record_all(&[
        issue(
            "TypeError",
            "x is undefined",
            "src/app/user.js",
            &[("error.code", json!("E_USER")), ("context", context)],
        ),
        issue(
            "Ошибка",
            "数据库连接超时 Не Найдено",
            "apps/pay/views.py",
            &[
                ("environment", json!("staging")),
                ("level", json!("WARNING")),
                ("version", json!("2.0")),
            ],
        ),
        issue(
            "TypeError",
            "100% \"broken\"",
            "user.js",
            &[("project_id", json!("web")), ("timestamp", json!(ago(240 * HOUR)))],
        ),
        issue("KeyError", "'user,id'", "C:\\app\\x.cs", &[("version", json!("1.3"))]),
    ]);
    let ids = <[i64; 4]>::try_from(ids).expect("four");
    server.record_all(&vec![issue("KeyError", "'user,id'", "C:\\app\\x.cs", &[]); 9]);
    server.walk(ids[1], "VERIFYING");
    server.change(ids[2], &json!({"assignee": "ann"}), 200);
    server.change(ids[0], &json!({"muted_until": {"for_ever": true}}), 200);
    (server, ids)
}

#[test]
fn the_language_finds_what_it_says() {
    let (server, [a, b, c, d]) = shop();
    let hex = server.issue(a)["fingerprint"].as_str().expect("hex")[..12].to_uppercase();
    let fingerprint = format!("fingerprint:{hex}");
    let table: [(&str, &[i64]); 47] = [
        ("undefined", &[a]),
        ("UNDEF", &[a]),
        ("typeerror", &[a, c]),
        ("超时", &[b]),
        ("连接", &[b]),
        ("数据库连接超时", &[b]),
        ("据库 超时", &[b]),
        ("超时了", &[]),
        ("не найдено", &[b]),
        ("ошиб", &[b]),
        ("\"x is undef\"", &[a]),
        ("\"undefined x\"", &[]),
        ("100%", &[c]),
        ("\\\"broken\\\"", &[c]),
        ("e_user", &[a]),
        ("views.py", &[b]),
        ("C:\\app", &[d]),
        ("'user,id'", &[d]),
        ("http://nowhere", &[]),
        ("foo:bar", &[]),
        ("type:TypeError", &[a, c]),
        ("type:typeerror", &[]),
        ("type:*Error", &[a, c, d]),
        ("type:TypeError,KeyError", &[a, c, d]),
        ("!type:TypeError", &[b, d]),
        ("-type:TypeError", &[b, d]),
        ("!\"undefined\" type:TypeError", &[c]),
        ("file:user.js", &[a, c]),
        ("file:app/user.js", &[a]),
        ("file:ser.js", &[]),
        ("status:verifying", &[b]),
        ("level:warn", &[b]),
        ("project:web", &[c]),
        ("env:staging", &[b]),
        ("env:nowhere", &[]),
        ("!env:staging", &[a, c, d]),
        ("code:E_USER", &[a]),
        ("version:1.*", &[a, c, d]),
        ("user:u1 request:req-1 trace:tr-1", &[a]),
        ("user:u2", &[]),
        ("assignee:ann", &[c]),
        ("is:mine", &[c]),
        ("is:muted", &[a]),
        ("count:>5", &[d]),
        ("users:>=1", &[a]),
        ("seen:>2d", &[c]),
        ("first:>2020-01-01 !is:muted seen:<1h", &[b, d]),
    ];
    for (q, expected) in table.into_iter().chain([(fingerprint.as_str(), &[a][..])]) {
        let path = format!("{ISSUES}?q={}", encoded(q));
        let answer = server.send("GET", &path, &["X-Log-Center-User: ann"], b"").json();
        let items = answer["items"].as_array().unwrap_or_else(|| panic!("{q}: {answer}"));
        let mut found: Vec<_> = items.iter().filter_map(|item| item["id"].as_i64()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{q}");
    }
    assert_eq!(server.ids("q=is%3Amine"), [] as [i64; 0], "nobody's");
    assert_eq!(server.ids("q=x+is+undefined"), [a], "a form's blanks");
}

#[test]
fn a_pasted_headline_finds_its_issue() {
    let (server, [a, ..]) = shop();
    assert_eq!(server.ids(&format!("q={}", encoded("TypeError: x is undefined"))), [a]);
}

#[test]
fn a_new_word_is_found_within_a_second_of_its_report() {
    let server = Running::start(&[]);
    for word in ["kaleidoscope", "断路器", "Щелкунчик"] {
        let id = server.record(&issue("E", word, "f", &[]));
        let begin = std::time::Instant::now();
        until(|| server.ids(&format!("q={}", encoded(word))) == [id]);
        assert!(begin.elapsed().as_millis() < 1_500, "{word}");
    }
    assert_eq!(server.ids("q=kaleidoscope"), [] as [i64; 0], "the newest message is the issue's");
}

#[test]
fn a_query_that_cannot_be_read_says_where() {
    let server = Running::start(&[]);
    let table = [
        ("\"open", 0),
        ("ok \"open", 3),
        ("超时 \"open", 3),
        ("level:loud", 6),
        ("status:NEW,DONE", 11),
        ("is:green", 3),
        ("count:>many", 7),
        ("seen:<soon", 6),
        ("fingerprint:12", 12),
        ("type:x context.a:b", 7),
    ];
    for (q, position) in table {
        let answer = server.ask(&format!("{ISSUES}?q={}", encoded(q)));
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{q}");
        let told = answer.json();
        assert_eq!(told["info"]["position"], position, "{q}: {told}");
        assert_eq!(fields(&told), ["q"]);
    }
    let long = encoded(&"x".repeat(1_001));
    assert_eq!(server.ask(&format!("{ISSUES}?q={long}")).status, 400);
    assert_eq!(server.ask(&format!("{EVENTS}?q=level:loud")).json()["info"]["position"], 6);
}

/// The projects and messages of a list of events, in its order.
fn events(server: &Running, query: &str) -> Vec<String> {
    let items = server.items(&format!("{EVENTS}?{query}"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let one = |event: &Value| {
        format!("{} {}", text(&event["project_id"]), text(&event["error"]["message"]))
    };
    items.iter().map(one).collect()
}

fn journey() -> Running {
    let server = Running::start(&[]);
    let step = |project: &str, nth: i64, context: Value, environment: &str, hours: i64| {
        with(&[
            ("project_id", json!(project)),
            ("error.message", json!(format!("{nth}th"))),
            ("context", context),
            ("environment", json!(environment)),
            ("timestamp", json!(ago(hours * HOUR))),
        ])
    };
    server.record_all(&[
        step("web", 1, json!({"requestId": "r1", "currentUser": {"id": 7}}), "production", 5),
        step("api", 2, json!({"headers": {"X-Request-ID": "r1"}, "user_id": 7}), "production", 4),
        step("api", 3, json!({"request_id": "r2", "user": {"id": "7"}}), "staging", 3),
        step("api", 4, json!({"request": {"headers": [["x-request-id", "r1"]]}}), "staging", 2),
        step("web", 5, json!({"trace_id": "t1", "tags": {"tier": ["gold", 1]}}), "production", 1),
    ]);
    server
}

#[test]
fn one_request_is_followed_through_every_project() {
    let server = journey();
    let table: [(String, &[&str]); 16] = [
        ("request_id=r1".into(), &["api 4th", "api 2th", "web 1th"]),
        ("request_id=r1&project_id=api".into(), &["api 4th", "api 2th"]),
        ("request_id=r1&environment=production".into(), &["api 2th", "web 1th"]),
        ("user_id=7".into(), &["api 3th", "api 2th", "web 1th"]),
        ("user_id=7&request_id=r2".into(), &["api 3th"]),
        ("trace_id=t1".into(), &["web 5th"]),
        ("request_id=r3".into(), &[]),
        ("project_id=web".into(), &["web 5th", "web 1th"]),
        ("project_id=web,api&limit=1".into(), &["web 5th"]),
        (format!("since={}", ago(3 * HOUR + 60_000)), &["web 5th", "api 4th", "api 3th"]),
        (format!("until={}", ago(4 * HOUR - 60_000)), &["api 2th", "web 1th"]),
        ("q=request%3Ar1+env%3Astaging".into(), &["api 4th"]),
        ("q=ValueError+project%3Aweb".into(), &["web 5th", "web 1th"]),
        ("q=nothing".into(), &[]),
        ("q=context.tags.tier%3Agold".into(), &["web 5th"]),
        ("q=context.request.headers%3A*+!user%3A7".into(), &["api 4th"]),
    ];
    for (query, expected) in table {
        assert_eq!(events(&server, &query), expected, "{query}");
    }
    let whole = server.read(&format!("{EVENTS}?trace_id=t1"));
    assert_eq!(without(&whole, &["items"]), json!({"next_cursor": null}));
    let listed = &whole["items"][0];
    let id = listed["event_id"].as_str().expect("a server's own");
    let mut event = without(&server.read(&format!("{EVENTS}/{id}")), &["context"]);
    event["error"] = without(&event["error"], &["stack_trace"]);
    assert_eq!(*listed, event, "a list leaves out stack and context");
}

#[test]
fn pages_of_events_follow_each_other_while_more_come() {
    let server = Running::start(&[]);
    let of = |nth: i64| on_line(nth % 3, &[("context", json!({"user_id": "u", "nth": nth}))]);
    let ids = server.record_all(&(0..45).map(of).collect::<Vec<_>>());
    let mine = format!("{ISSUES}/{}/events?", ids[0]);
    for (list, count) in
        [(format!("{EVENTS}?user_id=u&"), 45), (mine, 15), (format!("{EVENTS}?"), 45)]
    {
        let (mut met, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = server.read(&format!("{list}limit=7{cursor}"));
            met.extend(page["items"].as_array().expect("a list").clone());
            server.record(&on_line(0, &[("context", json!({"user_id": "v"}))]));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        met.retain(|event| event["user_id"] == "u");
        let mut ids: Vec<_> = met.iter().map(|event| event["event_id"].as_str()).collect();
        assert_eq!(ids.len(), count, "{list}");
        assert!(met.is_sorted_by_key(|event| -ms(&event["received_at"])), "newest first");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
    assert_eq!(server.ask("/api/v1/issues/999/events").status, 404);
}

#[test]
fn an_event_of_several_projects_is_asked_for_by_project() {
    let server = Running::start(&[]);
    for project in ["web", "api"] {
        server.record(&with(&[("project_id", json!(project)), ("event_id", json!(ID))]));
    }
    let answer = server.ask(&format!("{EVENTS}/{ID}"));
    assert_eq!((answer.status, answer.code().as_str()), (409, "ConflictError"));
    let told = answer.json().to_string();
    assert!(told.contains("\"web\"") && told.contains("\"api\""), "{told}");
    for project in ["web", "api"] {
        for id in [ID.to_owned(), ID.replace('-', ""), ID.to_uppercase()] {
            let event = server.read(&format!("{EVENTS}/{id}?project_id={project}"));
            assert_eq!((&event["project_id"], &event["event_id"]), (&json!(project), &json!(ID)));
        }
    }
    for path in [format!("{ID}?project_id=x"), "ab".repeat(16), "x".into(), "7".into()] {
        let answer = server.ask(&format!("{EVENTS}/{path}"));
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFoundError"), "{path}");
    }
}

#[test]
fn a_search_of_contexts_that_ends_early_says_so_and_can_go_on() {
    let server = Running::start(&[]);
    // An issue keeps a thousand events.
    let of = |nth: i64| on_line(nth / 500, &[("context", json!({"deep": {"nth": nth}}))]);
    server.record(&of(-1));
    for thousand in 0..11 {
        let all = thousand * 1_000..(thousand + 1) * 1_000;
        server.record_all(&all.map(of).collect::<Vec<_>>());
    }
    let near = server.read(&format!("{EVENTS}?q=context.deep.nth%3A10999&limit=1"));
    assert_eq!(near["items"].as_array().map(Vec::len), Some(1));
    let mut page = server.read(&format!("{EVENTS}?q=context.deep.nth%3A%22-1%22"));
    assert_eq!((&page["items"], &page["complete"]), (&json!([]), &json!(false)));
    assert!(page["searched_to"].is_string(), "{page}");
    let mut pages = 1;
    while let Some(cursor) = page["next_cursor"].as_str() {
        assert!(pages < 100, "it goes on for ever");
        page = server.read(&format!("{EVENTS}?q=context.deep.nth%3A%22-1%22&cursor={cursor}"));
        pages += 1;
        if page["items"] != json!([]) {
            break;
        }
    }
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "after {pages} pages");
}
