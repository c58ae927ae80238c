//! Lists of issues, one issue, projects and statistics.

use serde_json::{Value, json};

use super::client::Running;
use super::samples::{HOUR, ISSUES, ago, encoded, fields, ms, now, on_line, with, without};

/// Three issues whose reports are known, and the beginning of the hour to which they are relative.
struct Shop {
    server: Running,
    base: i64,
    user: i64,
    pay: i64,
    old: i64,
}

fn time(ms: i64) -> String {
    log_center::domain::timestamp::format(ms)
}

/// One report of a table's row: its issue's own members come first.
fn row(own: &[(&'static str, Value)], at: i64, of: [&str; 4]) -> Value {
    let [environment, level, version, user] = of;
    let mut changes = own.to_vec();
    let version = if version.is_empty() { Value::Null } else { json!(version) };
    changes.extend([
        ("timestamp", json!(time(at))),
        ("environment", json!(environment)),
        ("level", json!(level)),
        ("version", version),
        ("context", json!({"user_id": user})),
    ]);
    with(&changes)
}

fn issue(project: &str, kind: &str, message: &str, file: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("project_id", json!(project)),
        ("error.type", json!(kind)),
        ("error.message", json!(message)),
        ("error.file_path", json!(file)),
        ("error.stack_trace", json!([])),
    ]
}

fn shop() -> Shop {
    let server = Running::start(&[]);
    let base = now() / HOUR * HOUR;
    let mut user = issue("shop", "TypeError", "x is undefined", "src/app/user.js");
    user.push(("error.code", json!("E_USER")));
    let pay = issue("shop", "ValueError", "数据库连接超时", "apps/pay/views.py");
    let old = issue("web", "TypeError", "100% \"broken\"", "user.js");
    let minute = 60_000;
    let ids = server.record_all(&[
        row(&user, base - 5 * HOUR + 10 * minute, ["production", "ERROR", "1.0", "u1"]),
        row(&user, base - HOUR + 30 * minute, ["production", "ERROR", "1.0", "u1"]),
        row(&user, base - 2 * HOUR + 20 * minute, ["staging", "WARNING", "2.0", "u2"]),
        row(&pay, base - 3 * HOUR, ["staging", "CRITICAL", "2.0", "u1"]),
        row(&old, base - 720 * HOUR, ["dev", "INFO", "", ""]),
    ]);
    let (user, pay, old) = (ids[0], ids[3], ids[4]);
    server.walk(pay, "VERIFYING");
    server.change(old, &json!({"assignee": "ann"}), 200);
    server.change(user, &json!({"muted_until": {"for_ever": true}}), 200);
    Shop { server, base, user, pay, old }
}

#[test]
fn an_item_is_the_contracts_issue() {
    let Shop { server, base, user, .. } = shop();
    let page = server.read(&format!("{ISSUES}?limit=1"));
    let minute = 60_000;
    let expected = json!({
        "id": user, "project_id": "shop", "status": "NEW", "level": "ERROR", "type": "TypeError",
        "code": "E_USER", "message": "x is undefined", "file_path": "src/app/user.js",
        "line_number": 42, "culprit": null, "count": 3, "users": 2,
        "first_seen": time(base - 5 * HOUR + 10 * minute),
        "last_seen": time(base - HOUR + 30 * minute),
        "first_version": "1.0", "last_version": "2.0",
        "environments": ["production", "staging"], "regressed": false, "rising": false,
        "assignee": null, "muted_until": {"for_ever": true}
    });
    let item = &page["items"][0];
    assert_eq!(without(item, &["fingerprint", "trend"]), expected);
    assert_eq!(item["trend"].as_array().expect("hours").len(), 24);
    let rest = json!({"total": 3, "total_is_exact": true});
    assert_eq!(without(&page, &["items", "next_cursor"]), rest);
    assert_eq!(seen_hours(item), [1, 1, 1]);
}

/// The counts of the hours in which there were any, oldest first.
fn seen_hours(issue: &Value) -> Vec<i64> {
    let counts = issue["trend"].as_array().expect("hours").iter().filter_map(Value::as_i64);
    counts.filter(|count| *count > 0).collect()
}

#[test]
fn each_parameter_selects_alone_and_together() {
    let Shop { server, user, pay, old, .. } = shop();
    let md5 = |id| server.issue(id)["fingerprint"].as_str().expect("hex").to_owned();
    let two_prefixes = format!("fingerprint={},{}", &md5(user)[..12], md5(old).to_uppercase());
    let day_ago = ago(24 * HOUR);
    let table: Vec<(String, Vec<i64>)> = vec![
        (String::new(), vec![user, pay, old]),
        ("project_id=shop".into(), vec![user, pay]),
        ("project_id=shop,web".into(), vec![user, pay, old]),
        ("project_id=nobody".into(), vec![]),
        ("environment=staging".into(), vec![user, pay]),
        ("environment=dev,production".into(), vec![user, old]),
        ("status=NEW".into(), vec![user, old]),
        ("status=verifying,FIXED".into(), vec![pay]),
        ("level=WARNING".into(), vec![user]),
        ("level=fatal,info".into(), vec![pay, old]),
        ("type=TypeError".into(), vec![user, old]),
        ("type=Type*".into(), vec![]),
        ("code=E_USER".into(), vec![user]),
        ("version=2.0".into(), vec![user, pay]),
        ("assignee=ann".into(), vec![old]),
        (format!("fingerprint={}", md5(pay)), vec![pay]),
        (two_prefixes, vec![user, old]),
        (format!("since={day_ago}"), vec![user, pay]),
        (format!("until={day_ago}"), vec![old]),
        ("sort=first_seen".into(), vec![pay, user, old]),
        ("sort=count".into(), vec![user, old, pay]),
        ("sort=users".into(), vec![user, pay, old]),
        ("sort=last_seen&limit=2".into(), vec![user, pay]),
        ("environment=staging&level=ERROR".into(), vec![]),
        ("environment=staging&version=2.0&level=WARNING".into(), vec![user]),
        ("project_id=shop&status=NEW&type=TypeError&code=E_USER".into(), vec![user]),
        (format!("assignee=ann&since={day_ago}"), vec![]),
        ("project_id=shop&q=undefined".into(), vec![user]),
        ("environment=production&q=project%3Aweb".into(), vec![]),
        ("q=&project_id=&status=&level=".into(), vec![user, pay, old]),
    ];
    for (query, expected) in table {
        assert_eq!(server.ids(&query), expected, "{query}");
        if !query.contains("limit") {
            let page = server.read(&format!("{ISSUES}?{query}"));
            assert_eq!(page["total"], expected.len(), "{query}");
        }
    }
}

#[test]
fn counts_obey_the_filter() {
    let Shop { server, base, user, .. } = shop();
    let at = |hours: i64, minutes: i64| base - hours * HOUR + minutes * 60_000;
    let (early, late, aside) = (at(5, 10), at(1, 30), at(2, 20));
    let table = [
        ("environment=production".to_owned(), 2, early, late),
        ("environment=staging".to_owned(), 1, aside, aside),
        ("version=2.0".to_owned(), 1, aside, aside),
        ("version=1.0,2.0".to_owned(), 3, early, late),
        ("level=WARNING".to_owned(), 1, aside, aside),
        (format!("since={}", time(at(2, 45))), 2, aside, late),
        (format!("until={}", time(at(2, 45))), 2, early, aside),
        (format!("since={}&until={}", time(at(3, 0)), time(at(1, 0))), 1, aside, aside),
        (format!("since={}&environment=production", time(at(3, 0))), 1, late, late),
        ("q=env%3Astaging".to_owned(), 1, aside, aside),
    ];
    for (query, count, first, last) in table {
        let items = server.items(&format!("{ISSUES}?{query}"));
        let item = items.iter().find(|one| one["id"] == user).expect(&query);
        assert_eq!(item["count"], count, "{query}");
        assert_eq!(item["first_seen"], time(first), "{query}");
        assert_eq!(item["last_seen"], time(last), "{query}");
        assert_eq!(seen_hours(item).iter().sum::<i64>(), count, "{query}");
        assert_eq!(item["users"], 2, "users are the whole issue's");
    }
    let range = |query: String| server.read(&format!("{ISSUES}?{query}"))["range"].clone();
    let widened = json!({"since": time(at(2, 0)), "until": time(at(1, 0))});
    assert_eq!(range(format!("since={}&until={}", time(at(2, 45)), time(at(2, 50)))), widened);
    let open = json!({"since": time(at(2, 0)), "until": null});
    assert_eq!(range(format!("since={}", time(at(2, 0)))), open);
    assert_eq!(server.ids("environment=production&q=count%3A2"), [user], "a slice's count");
}

#[test]
fn a_walk_meets_every_untouched_issue_once_while_others_are_reported() {
    let server = Running::start(&[]);
    let still = |nth: i64| on_line(nth, &[("timestamp", json!(ago(HOUR + nth % 5)))]);
    let mut wanted = server.record_all(&(1..=90).map(still).collect::<Vec<_>>());
    let busy: Vec<_> = (101..=130).map(|line| on_line(line, &[])).collect();
    server.record_all(&busy);
    wanted.sort_unstable();
    for sort in ["last_seen", "first_seen", "count", "users"] {
        let mut met = Vec::new();
        let mut cursor = String::new();
        std::thread::scope(|scope| {
            let reporting = scope.spawn(|| {
                for nth in 0..30 {
                    server.record(&busy[nth % busy.len()]);
                    server.record(&on_line(super::samples::line(), &[]));
                }
            });
            loop {
                let page = server.read(&format!("{ISSUES}?sort={sort}&limit=9{cursor}"));
                let items = page["items"].as_array().expect("a list");
                met.extend(items.iter().filter_map(|item| item["id"].as_i64()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                assert_eq!(items.len(), 9, "a page is full while more follow");
                cursor = format!("&cursor={next}");
            }
            reporting.join().expect("reported");
        });
        met.retain(|id| wanted.contains(id));
        met.sort_unstable();
        assert_eq!(met, wanted, "{sort}");
    }
}

#[test]
fn a_wrong_parameter_is_refused_and_named() {
    let server = Running::start(&[]);
    let table = [
        ("issues?limit=0", "limit"),
        ("issues?limit=201", "limit"),
        ("issues?limit=ten", "limit"),
        ("issues?limit=", "limit"),
        ("issues?cursor=zzz", "cursor"),
        ("issues?sort=age", "sort"),
        ("issues?status=DONE", "status"),
        ("issues?level=ERROR,LOUD", "level"),
        ("issues?fingerprint=0123456789", "fingerprint"),
        ("issues?since=yesterday", "since"),
        ("issues?since=2026-01-02&until=2026-01-01", "since"),
        ("issues?projectid=a", "projectid"),
        ("issues?project_id=a&project_id=b", "project_id"),
        ("issues?q=%ff", "q"),
        ("events?limit=1000", "limit"),
        ("events?status=NEW", "status"),
        ("events?request_id=", "request_id"),
        ("projects?limit=-1", "limit"),
        ("projects/shop?x=1", "x"),
        ("issues/1/events?cursor=!", "cursor"),
        ("issues/1/history?before=1", "before"),
        ("stats?by=user", "by"),
        ("stats?interval=week", "interval"),
        ("stats?tz_offset_minutes=900", "tz_offset_minutes"),
        ("stats?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
    ];
    server.record(&with(&[("project_id", json!("shop"))]));
    for (query, field) in table {
        let answer = server.ask(&format!("/api/v1/{query}"));
        assert_eq!((answer.status, answer.code().as_str()), (400, "ValidationError"), "{query}");
        assert_eq!(fields(&answer.json()), [field], "{query}");
    }
    for limit in [1, 200] {
        assert_eq!(server.ids(&format!("limit={limit}")).len(), 1);
    }
    let both = server.ask("/api/v1/issues?limit=0&sort=age&x=1").json();
    let mut named = fields(&both);
    named.sort_unstable();
    assert_eq!(named, ["limit", "sort", "x"], "all faults in one answer");
}

#[test]
fn one_issue_has_all_that_its_page_shows() {
    let Shop { server, base, user, .. } = shop();
    let listed = server.items(&format!("{ISSUES}?code=E_USER"))[0].clone();
    let whole = server.issue(user);
    let own =
        ["latest_event", "history", "allowed_moves", "by_environment", "by_version", "hourly"];
    assert_eq!(without(&whole, &own), listed);
    let at = |hours: i64, minutes: i64| time(base - hours * HOUR + minutes * 60_000);
    let environments = json!([
        {"key": "production", "count": 2, "last_seen": at(1, 30)},
        {"key": "staging", "count": 1, "last_seen": at(2, 20)},
    ]);
    let versions = json!([
        {"key": "1.0", "count": 2, "last_seen": at(1, 30)},
        {"key": "2.0", "count": 1, "last_seen": at(2, 20)},
    ]);
    assert_eq!((&whole["by_environment"], &whole["by_version"]), (&environments, &versions));
    assert_eq!(whole["history"][0]["kind"], "mute");
    let latest = &whole["latest_event"];
    assert_eq!((&latest["environment"], &latest["user_id"]), (&json!("staging"), &json!("u2")));
    assert!(latest["error"]["stack_trace"].is_array() && latest["context"].is_object());
    let (times, counts) = (&whole["hourly"]["times"], &whole["hourly"]["counts"]);
    let hours: Vec<_> = times.as_array().expect("times").iter().map(ms).collect();
    assert_eq!(hours.len(), 14 * 24);
    assert!(hours.windows(2).all(|two| two[1] - two[0] == HOUR) && hours[0] % HOUR == 0);
    let seen: Vec<_> = (0..hours.len()).filter(|nth| counts[*nth] != 0).map(|n| hours[n]).collect();
    assert_eq!(seen, [base - 5 * HOUR, base - 2 * HOUR, base - HOUR]);
    for path in ["issues/999", "issues/0", "issues/x", "issues/1e3", "issues/-1"] {
        assert_eq!(server.ask(&format!("/api/v1/{path}")).status, 404, "{path}");
    }
}

#[test]
fn users_are_counted_once_each() {
    let server = Running::start(&[]);
    let of = |user: i64| on_line(1, &[("context", json!({"user": {"id": user}}))]);
    server.record_all(&(0..200).map(|nth| of(nth % 100)).collect::<Vec<_>>());
    assert_eq!(server.items(ISSUES)[0]["users"], 100, "exact");
    server.record_all(&(0..1_000).map(of).collect::<Vec<_>>());
    let users = server.items(ISSUES)[0]["users"].as_i64().expect("a number");
    assert!((980..=1_020).contains(&users), "{users}");
}

#[test]
fn an_issue_that_stands_out_is_rising() {
    let server = Running::start(&[]);
    let id = server.record_all(&vec![on_line(1, &[]); 40])[0];
    server.record(&on_line(2, &[]));
    assert_eq!(server.issue(id)["rising"], true);
    assert_eq!(server.ids("q=is%3Arising"), [id]);
}

#[test]
fn a_project_tells_its_counts_and_settings() {
    let Shop { server, .. } = shop();
    let projects = server.read("/api/v1/projects");
    assert_eq!(projects["next_cursor"], Value::Null);
    let shop = &projects["items"][0];
    let expected = json!({
        "project_id": "shop", "issues": 2,
        "counts": {"NEW": 1, "VERIFYING": 1, "PENDING_FIX": 0, "FIXING": 0, "FIXED": 0,
            "VERIFIED": 0, "DEPLOYED": 0, "CANNOT_REPRODUCE": 0, "FIX_FAILED": 0},
        "settings": {"live_environments": ["production"]}
    });
    assert_eq!(without(shop, &["created_at", "last_report_at"]), expected);
    assert!(now() - ms(&shop["last_report_at"]) < 60_000);
    assert_eq!(server.read("/api/v1/projects/shop"), *shop);
    assert_eq!(server.ask("/api/v1/projects/nobody").status, 404);
    let first = server.read("/api/v1/projects?limit=1");
    let cursor = encoded(first["next_cursor"].as_str().expect("one more"));
    let second = server.read(&format!("/api/v1/projects?limit=1&cursor={cursor}"));
    assert_eq!(
        (&second["items"], &second["next_cursor"]),
        (&json!([projects["items"][1]]), &Value::Null)
    );
    for wrong in [json!({}), json!({"settings": {"live": []}}), json!({"name": "x"})] {
        server.json("PATCH", "/api/v1/projects/shop", &wrong, 400);
    }
    server.json("PATCH", "/api/v1/projects/nobody", &json!({"settings": {}}), 404);
}

/// Each series' key and its reports.
fn sums(stats: &Value) -> Vec<(String, i64)> {
    let series = stats["series"].as_array().expect("series");
    let sum = |one: &Value| -> i64 {
        one["counts"].as_array().expect("counts").iter().filter_map(Value::as_i64).sum()
    };
    let mut sums: Vec<_> = series
        .iter()
        .map(|one| (one["key"].as_str().expect("a key").to_owned(), sum(one)))
        .collect();
    sums.sort();
    sums
}

#[test]
fn statistics_are_split_by_each_kind() {
    let Shop { server, base, .. } = shop();
    let since = format!("since={}", time(base - 6 * HOUR));
    let table: [(&str, &[(&str, i64)]); 9] = [
        ("", &[("total", 4)]),
        ("&by=status", &[("NEW", 3), ("VERIFYING", 1)]),
        ("&by=level", &[("CRITICAL", 1), ("ERROR", 2), ("WARNING", 1)]),
        ("&by=project", &[("shop", 4)]),
        ("&by=environment", &[("production", 2), ("staging", 2)]),
        ("&by=version", &[("1.0", 2), ("2.0", 2)]),
        ("&by=version&environment=staging", &[("2.0", 2)]),
        ("&by=status&environment=staging&project_id=shop", &[("NEW", 1), ("VERIFYING", 1)]),
        ("&by=level&project_id=web", &[]),
    ];
    for (query, expected) in table {
        let stats = server.read(&format!("/api/v1/stats?{since}{query}"));
        let expected: Vec<_> =
            expected.iter().map(|(key, sum)| ((*key).to_owned(), *sum)).collect();
        assert_eq!(sums(&stats), expected, "{query}");
        assert_eq!(stats["interval"], "hour");
    }
    let until = time(base - HOUR);
    let stats = server.read(&format!("/api/v1/stats?{since}&until={until}&by=level"));
    let times: Vec<_> = (2..=6).rev().map(|hours| time(base - hours * HOUR)).collect();
    let expected = json!({"interval": "hour", "times": times, "series": [
        {"key": "CRITICAL", "counts": [0, 0, 0, 1, 0]},
        {"key": "ERROR", "counts": [0, 1, 0, 0, 0]},
        {"key": "WARNING", "counts": [0, 0, 0, 0, 1]},
    ]});
    assert_eq!(stats, expected);
}

#[test]
fn a_day_begins_where_the_reader_lives() {
    let server = Running::start(&[]);
    let at = |text: &str| on_line(1, &[("timestamp", json!(text))]);
    server.record_all(&[at("2026-03-01T15:59:00Z"), at("2026-03-01T16:00:00Z")]);
    let days = |offset: i64| {
        let path = format!(
            "/api/v1/stats?interval=day&since=2026-03-01T12:00:00Z&until=2026-03-01T17:00:00Z\
             &tz_offset_minutes={offset}"
        );
        let stats = server.read(&path);
        (stats["times"].clone(), stats["series"][0]["counts"].clone())
    };
    assert_eq!(days(0), (json!(["2026-03-01T00:00:00.000Z"]), json!([2])));
    let beijing = json!(["2026-02-28T16:00:00.000Z", "2026-03-01T16:00:00.000Z"]);
    assert_eq!(days(480), (beijing, json!([1, 1])));
    assert_eq!(days(-480), (json!(["2026-03-01T08:00:00.000Z"]), json!([2])));
}

#[test]
fn a_total_is_counted_to_ten_thousand() {
    let server = Running::start(&[]);
    for thousand in 0..11 {
        let lines = thousand * 1_000..(thousand + 1) * 1_000;
        let small = |line: i64| {
            on_line(line, &[("error.stack_trace", json!([])), ("context", Value::Null)])
        };
        server.record_all(&lines.map(small).collect::<Vec<_>>());
    }
    let page = server.read(&format!("{ISSUES}?limit=1"));
    assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(10_000), &json!(false)));
}
