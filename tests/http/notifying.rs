//! Notifications, from a report to each vendor's door.

use serde_json::{Value, json};

use log_center::domain::notify::sign;

use super::client::Running;
use super::samples::with;
use super::vendor::{Reply, Vendor};

const FLAGS: [&str; 4] = ["--notify-allow", "127.0.0.1", "--public-url", "http://localhost:8002"];
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ROBOT_SECRET: &str = "SEC0123456789abcdef";
const KINDS: [&str; 10] = [
    "webhook",
    "slack",
    "feishu",
    "dingtalk",
    "wecom",
    "discord",
    "telegram",
    "teams",
    "pagerduty",
    "elasticsearch",
];

/// What a vendor says to what it takes.
fn success(kind: &str) -> Reply {
    match kind {
        "slack" => (200, "", "ok"),
        "feishu" => (200, "", r#"{"code":0,"msg":"success"}"#),
        "dingtalk" | "wecom" => (200, "", r#"{"errcode":0,"errmsg":"ok"}"#),
        "discord" => (204, "", ""),
        "telegram" => (200, "", r#"{"ok":true,"result":{}}"#),
        "teams" => (202, "", ""),
        "pagerduty" => (202, "", r#"{"status":"success"}"#),
        "elasticsearch" => (200, "", r#"{"errors":false,"items":[{"create":{"status":201}}]}"#),
        _ => (200, "", ""),
    }
}

/// The body that makes a channel of a kind.
fn channel(kind: &str, vendor: &Vendor) -> Value {
    let mut body = json!({"name": kind, "kind": kind, "url": vendor.url("/hook/sesame?k=1")});
    match kind {
        "webhook" => body["secret"] = json!(WEBHOOK_SECRET),
        "feishu" | "dingtalk" => body["secret"] = json!(ROBOT_SECRET),
        "telegram" => {
            body["url"] = json!(vendor.url(""));
            body["token"] = json!("123:sesame");
            body["chat_id"] = json!("-100");
        }
        "pagerduty" => body["token"] = json!("R0sesame"),
        "elasticsearch" => {
            body["url"] = json!(vendor.url(""));
            body["token"] = json!("sesame-key");
        }
        _ => {}
    }
    body
}

fn made(server: &Running, body: &Value) -> i64 {
    server.json("POST", "/api/v1/channels", body, 201)["id"].as_i64().expect("an id")
}

/// Waits until so many notifications stand in a state.
fn until(server: &Running, state: &str, number: usize) -> Vec<Value> {
    loop {
        let page = server.read(&format!("/api/v1/notices?state={state}&limit=200"));
        let items = page["items"].as_array().expect("items").clone();
        if items.len() >= number {
            return items;
        }
        std::thread::yield_now();
    }
}

fn is_signed(kind: &str, got: &super::vendor::Got) -> bool {
    match kind {
        "webhook" => {
            let at = got.header("webhook-timestamp").parse().expect("a number");
            let id = got.header("webhook-id");
            let expected = sign::webhook(WEBHOOK_SECRET, id, at, &got.body);
            expected.as_deref() == Some(got.header("webhook-signature"))
        }
        "feishu" => {
            let at = got.json()["timestamp"].as_str().expect("text").parse().expect("seconds");
            got.json()["sign"] == sign::feishu(ROBOT_SECRET, at)
        }
        "dingtalk" => {
            let part = |name: &str| {
                let at = got.path.find(name).expect(name) + name.len();
                got.path[at..].split('&').next().expect("a value").to_owned()
            };
            let sign = part("sign=").replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
            sign == sign::dingtalk(ROBOT_SECRET, part("timestamp=").parse().expect("ms"))
        }
        _ => true,
    }
}

#[test]
fn every_vendor_gets_a_new_error_once_and_signed() {
    let server = Running::start(&FLAGS);
    let vendors: Vec<(&str, Vendor)> =
        KINDS.iter().map(|kind| (*kind, Vendor::always(success(kind)))).collect();
    for (kind, vendor) in &vendors {
        made(&server, &channel(kind, vendor));
    }
    let hostile = "<!channel> @everyone <at id=all></at> [x](http://evil) ```";
    let report = with(&[("error.message", json!(hostile))]);
    let issue = server.record(&report);
    server.record(&report);
    for (kind, vendor) in &vendors {
        let got = vendor.next();
        assert!(is_signed(kind, &got), "{kind}: {got:?}");
        assert!(got.body.contains(&format!("http://localhost:8002/issues/{issue}")), "{kind}");
        let is_bulk = *kind == "elasticsearch";
        let expected = if is_bulk { "application/x-ndjson" } else { "application/json" };
        assert_eq!(got.header("content-type"), expected);
        assert!(got.header("user-agent").starts_with("log-center/"));
        if *kind == "telegram" {
            assert_eq!(got.path, "/bot123:sesame/sendMessage");
        }
        if is_bulk {
            let authorization = got.header("authorization");
            assert_eq!((got.path.as_str(), authorization), ("/_bulk", "ApiKey sesame-key"));
        }
    }
    let sent = until(&server, "sent", KINDS.len());
    assert_eq!(sent.len(), KINDS.len(), "the second report told nobody");
    assert!(sent.iter().all(|one| one["trigger"] == "created" && one["issue_id"] == issue));
    assert!(vendors.iter().all(|(_, vendor)| vendor.is_quiet()));
    let metrics = String::from_utf8(server.ask("/metrics").body).expect("text");
    let line =
        format!("log_center_notification_attempts_total{{outcome=\"sent\"}} {}", KINDS.len());
    assert!(metrics.lines().any(|got| got == line), "{line}");
}

#[test]
fn a_test_shows_what_the_vendor_said_and_what_it_means() {
    let server = Running::start(&FLAGS);
    let table: [(&str, Reply, &str, &str); 18] = [
        ("slack", (200, "", "ok"), "sent", "ok"),
        ("slack", (404, "", "no_service"), "misconfigured", "no_service"),
        ("slack", (400, "", "invalid_blocks"), "rejected", "invalid_blocks"),
        ("feishu", (200, "", r#"{"code":19001,"msg":"sesame"}"#), "misconfigured", "19001"),
        ("feishu", (200, "", r#"{"code":11232}"#), "retry", "11232"),
        ("dingtalk", (200, "", r#"{"errcode":310000,"errmsg":"sign"}"#), "misconfigured", "310000"),
        ("dingtalk", (200, "", "<html>sesame"), "retry", "HTTP 200"),
        ("wecom", (200, "", r#"{"errcode":45009}"#), "retry", "45009"),
        ("wecom", (200, "", r#"{"errcode":40058}"#), "rejected", "40058"),
        ("discord", (429, "", r#"{"retry_after":2.5}"#), "retry", "429"),
        ("telegram", (403, "", r#"{"ok":false,"error_code":403}"#), "misconfigured", "403"),
        ("teams", (202, "", ""), "sent", "HTTP 202"),
        ("webhook", (302, "Location: http://127.0.0.1/\r\n", ""), "misconfigured", "HTTP 302"),
        ("webhook", (410, "", ""), "misconfigured", "HTTP 410"),
        ("webhook", (503, "Retry-After: 7\r\n", "busy"), "retry", "HTTP 503"),
        ("webhook", (204, "", ""), "sent", "HTTP 204"),
        ("elasticsearch", (200, "", r#"{"items":[{"create":{"status":409}}]}"#), "sent", "409"),
        ("elasticsearch", (401, "", "sesame-key"), "misconfigured", "HTTP 401"),
    ];
    for (nth, (kind, reply, outcome, code)) in table.into_iter().enumerate() {
        let vendor = Vendor::always(reply);
        let mut body = channel(kind, &vendor);
        body["name"] = json!(format!("{kind} {nth}"));
        let id = made(&server, &body);
        let path = format!("/api/v1/channels/{id}/test");
        let said = server.json("POST", &path, &json!({}), 200);
        assert_eq!((&said["outcome"], &said["code"]), (&json!(outcome), &json!(code)), "{said}");
        assert_eq!(said["reason"] == "", outcome == "sent", "{said}");
        assert_eq!(said["caution"].is_string(), kind == "teams");
        assert!(!said.to_string().contains("sesame"), "{said}");
        assert!(vendor.next().body.contains("req_abc123"), "as long as a usual message");
        let found = server.read(&format!("/api/v1/channels/{id}"));
        assert_eq!(found["trouble"].is_string(), outcome == "misconfigured", "{found}");
    }
    let log = server.read("/api/v1/deliveries?limit=50");
    assert_eq!(log["items"].as_array().expect("items").len(), 18);
    assert!(!log.to_string().contains("sesame"));
}

#[test]
fn secrets_come_in_and_never_go_out() {
    let server = Running::start(&FLAGS);
    let vendor = Vendor::always(success("webhook"));
    let id = made(&server, &channel("webhook", &vendor));
    let path = format!("/api/v1/channels/{id}");
    let shown = server.read(&path);
    assert_eq!((&shown["host"], &shown["ends"]), (&json!("127.0.0.1"), &json!("?k=1")));
    assert_eq!(shown["is_signed"], true);
    for text in [shown.to_string(), server.read("/api/v1/channels").to_string()] {
        assert!(!text.contains("sesame") && !text.contains("whsec_"), "{text}");
    }
    for entry in std::fs::read_dir(server.folder()).expect("the folder") {
        let file = entry.expect("a file").path();
        let Ok(bytes) = std::fs::read(&file) else { continue };
        assert!(!bytes.windows(6).any(|piece| piece == b"sesame"), "{}", file.display());
    }
    // Without the key the channel says so, and a new address mends it.
    std::fs::remove_file(server.folder().join("log-center.key")).expect("the key");
    let shown = server.read(&path);
    assert!(shown["trouble"].as_str().expect("a reason").contains("enter the address"), "{shown}");
    let said = server.json("POST", &format!("{path}/test"), &json!({}), 200);
    assert_eq!(said["outcome"], "misconfigured");
    assert!(vendor.is_quiet());
    let body = json!({"url": vendor.url("/new"), "secret": null});
    assert_eq!(server.json("PATCH", &path, &body, 200)["trouble"], Value::Null);
    let said = server.json("POST", &format!("{path}/test"), &json!({}), 200);
    assert_eq!((&said["outcome"], vendor.next().path.as_str()), (&json!("sent"), "/new"));
    let gone = server.send("DELETE", &path, &[], b"");
    assert_eq!((gone.status, &gone.json()["deleted"]["id"]), (200, &json!(id)));
    assert_eq!(server.ask(&path).status, 404);
}

#[test]
fn nothing_goes_where_only_this_machine_reaches() {
    let vendor = Vendor::always(success("webhook"));
    let server = Running::start(&[]);
    let port = vendor.address.port();
    for host in ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"] {
        let body = json!({
            "name": host, "kind": "webhook", "url": format!("http://{host}:{port}/"),
        });
        let id = made(&server, &body);
        let said = server.json("POST", &format!("/api/v1/channels/{id}/test"), &json!({}), 200);
        assert_ne!(said["outcome"], "sent", "{host}: {said}");
    }
    assert!(vendor.is_quiet());
    let body = json!({"name": "x", "kind": "slack", "url": "http://a:b@hooks.slack.com/"});
    let refused = server.json("POST", "/api/v1/channels", &body, 400);
    assert_eq!(refused["info"]["errors"][0]["field"], "url");
}

#[test]
fn a_vendor_that_fails_gets_the_same_message_again() {
    let vendor = Vendor::start(|nth| match nth {
        0 => (429, "Retry-After: 1\r\n", ""),
        1 => (413, "", ""),
        _ => (200, "", ""),
    });
    let server = Running::start(&FLAGS);
    made(&server, &channel("webhook", &vendor));
    server.record(&with(&[]));
    let all = [vendor.next(), vendor.next(), vendor.next()];
    let ids: Vec<&str> = all.iter().map(|got| got.header("webhook-id")).collect();
    assert!(ids[0].starts_with("msg_") && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(all.iter().all(|got| is_signed("webhook", got)), "signed at each attempt");
    assert!(all[2].body.len() < all[0].body.len(), "shorter after a refusal");
    assert_eq!(until(&server, "sent", 1)[0]["attempts"], 3);
    let log = server.read("/api/v1/deliveries");
    let outcomes: Vec<&str> = log["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|one| one["outcome"].as_str().expect("a word"))
        .collect();
    assert_eq!(outcomes, ["sent", "rejected", "retry"]);
}

#[test]
fn what_is_refused_twice_is_given_up_and_can_be_tried_again() {
    let vendor = Vendor::start(|nth| if nth < 2 { (400, "", "no") } else { (200, "", "") });
    let server = Running::start(&FLAGS);
    let id = made(&server, &channel("webhook", &vendor));
    server.record(&with(&[]));
    let dead = until(&server, "dead", 1);
    assert_eq!(server.read(&format!("/api/v1/channels/{id}"))["dead"], 1);
    let path = format!("/api/v1/notices/{}/replay", dead[0]["id"]);
    assert_eq!(server.json("POST", &path, &json!({}), 200)["replayed"], 1);
    until(&server, "sent", 1);
    assert_eq!(server.json("POST", &path, &json!({}), 409)["info"]["state"], "sent");
    let all = format!("/api/v1/notices/replay?channel_id={id}");
    assert_eq!(server.json("POST", &all, &json!({}), 200)["replayed"], 0);
    assert_eq!(
        server.json("POST", "/api/v1/notices/999/replay", &json!({}), 404)["data"],
        Value::Null
    );
}

#[test]
fn a_kill_while_a_message_is_on_its_way_repeats_it_with_the_same_id() {
    let vendor = Vendor::start(|nth| if nth == 0 { (0, "", "") } else { (200, "", "") });
    let mut first = Running::start(&FLAGS);
    made(&first, &channel("webhook", &vendor));
    first.record(&with(&[]));
    let id = vendor.next().header("webhook-id").to_owned();
    first.kill();
    let second = Running::start_in(first.folder().to_owned(), &FLAGS);
    assert_eq!(vendor.next().header("webhook-id"), id);
    until(&second, "sent", 1);
    assert!(vendor.is_quiet());
}

#[test]
fn kills_under_load_lose_no_decision() {
    let vendor = Vendor::always((200, "", ""));
    let mut runs = vec![Running::start(&FLAGS)];
    made(&runs[0], &channel("webhook", &vendor));
    let mut answered = Vec::new();
    for round in 0..4 {
        let server = runs.last().expect("one runs");
        for line in 0..40 {
            let report = with(&[("error.line_number", json!(round * 100 + line + 1))]);
            answered.push(server.record(&report));
        }
        let folder = server.folder().to_owned();
        runs.last_mut().expect("one runs").kill();
        runs.push(Running::start_in(folder, &FLAGS));
    }
    let server = runs.last().expect("one runs");
    let page = server.read("/api/v1/notices?limit=200");
    let items = page["items"].as_array().expect("items");
    let told: i64 = items
        .iter()
        .map(|one| match &one["folded"] {
            Value::Null => 1,
            folded => folded["created"].as_i64().expect("a number"),
        })
        .sum();
    assert_eq!(told, answered.len() as i64, "every answered issue is told or counted");
    assert!(items.len() < 60, "and nobody is flooded: {}", items.len());
}

#[test]
fn rules_are_made_changed_and_removed() {
    let server = Running::start(&FLAGS);
    let vendor = Vendor::always(success("slack"));
    let none = server.read("/api/v1/rules");
    assert_eq!(none["default"]["triggers"], json!(["created", "regressed"]));
    let id = made(&server, &channel("slack", &vendor));
    let body = json!({
        "name": "staging", "environments": ["staging"], "level": "WARNING", "channels": [id],
        "quiet": {"from": "22:00", "to": "07:30"},
    });
    let rule = server.json("POST", "/api/v1/rules", &body, 201);
    assert_eq!((&rule["level"], &rule["quiet"]["below"]), (&json!("WARNING"), &json!("CRITICAL")));
    let path = format!("/api/v1/rules/{}", rule["id"]);
    let changed = server.json("PATCH", &path, &json!({"quiet": null}), 200);
    assert_eq!((&changed["quiet"], &changed["level"]), (&Value::Null, &json!("WARNING")));
    assert_eq!(server.read(&path), changed);
    assert_eq!(server.read("/api/v1/rules")["items"], json!([changed]));
    server.record(&with(&[]));
    server.record(&with(&[("environment", json!("staging"))]));
    assert!(vendor.next().body.contains("staging"));
    assert_eq!(until(&server, "sent", 1).len(), 1, "production is not in the rule");
    let unknown =
        server.json("POST", "/api/v1/rules", &json!({"name": "x", "channels": [99]}), 400);
    assert_eq!(unknown["info"]["errors"][0]["field"], "channels");
    assert_eq!(server.json("POST", "/api/v1/rules", &body, 409)["info"]["field"], "name");
    assert_eq!(server.send("DELETE", &path, &[], b"").status, 200);
    assert_eq!(server.send("DELETE", &path, &[], b"").status, 404);
}

#[test]
fn a_rule_is_asked_what_it_would_have_sent() {
    let server = Running::start(&[]);
    let issue = server.record(&with(&[("error.code", json!("DBTimeout"))]));
    server.record(&with(&[("error.line_number", json!(7)), ("environment", json!("staging"))]));
    let body = json!({"query": "code:DB*", "versions": [], "paths": ["*.py"], "level": "WARNING"});
    let seen = server.json("POST", "/api/v1/rules/preview", &body, 200);
    assert_eq!((&seen["messages"], &seen["complete"]), (&json!(1), &json!(true)), "{seen}");
    assert_eq!(seen["items"][0]["issue_id"], issue);
    assert_eq!(seen["items"][0]["trigger"], "created");
    let none = json!({"query": "code:other"});
    let seen = server.json("POST", "/api/v1/rules/preview", &none, 200);
    assert_eq!((&seen["messages"], &seen["items"]), (&json!(0), &json!([])));
    let wrong = json!({"query": "level:loud", "triggers": ["never"]});
    let refused = server.json("POST", "/api/v1/rules/preview", &wrong, 400);
    assert_eq!(refused["info"]["errors"].as_array().map(Vec::len), Some(2), "{refused}");
    assert_eq!(server.read("/api/v1/rules")["items"], json!([]), "nothing is kept");
}

#[test]
fn a_stored_token_goes_to_no_other_program() {
    let server = Running::start(&FLAGS);
    let with = |url: &str| json!({"name": "es", "kind": "elasticsearch", "url": url, "token": "t"});
    let path = format!("/api/v1/channels/{}", made(&server, &with("http://127.0.0.1:9200")));
    for url in ["http://127.0.0.1:9201", "https://127.0.0.1:9200", "http://127.0.0.2:9200"] {
        let refused = server.json("PATCH", &path, &json!({ "url": url }), 400);
        assert_eq!(refused["info"]["errors"][0]["field"], "token", "{url}");
        let body = json!({ "url": url, "token": "t" });
        server.json("PATCH", &path, &body, 200);
        let body = json!({"url": "http://127.0.0.1:9200", "token": "t"});
        server.json("PATCH", &path, &body, 200);
    }
    server.json("PATCH", &path, &json!({"url": "http://127.0.0.1:9200/below"}), 200);
}

#[test]
fn a_rule_says_whom_its_messages_mention() {
    let server = Running::start(&FLAGS);
    let vendor = Vendor::always(success("slack"));
    let id = made(&server, &channel("slack", &vendor));
    let body = json!({"name": "night", "mentions": ["slack:U1", "lark:all"]});
    let rule = server.json("POST", "/api/v1/rules", &body, 201);
    assert_eq!(rule["mentions"], json!(["slack:U1", "feishu:all"]));
    server.record(&with(&[("error.message", json!("<@U2> <!channel>"))]));
    let sent = vendor.next().json();
    let blocks = sent["blocks"].as_array().expect("blocks");
    let markup = blocks.iter().filter(|one| one["text"]["type"] == "mrkdwn");
    let markup: Vec<&Value> = markup.map(|one| &one["text"]["text"]).collect();
    assert_eq!(markup, ["<@U1>", "```get_user (apps/users/views.py:42)```"]);
    let test = format!("/api/v1/channels/{id}/test");
    server.json("POST", &test, &json!({}), 200);
    assert!(!vendor.next().body.contains("<@"), "a test mentions nobody");
    server.json("POST", &format!("{test}?rule_id={}", rule["id"]), &json!({}), 200);
    assert!(vendor.next().body.contains("<@U1>"), "unless it is one of a rule");
    server.json("POST", &(test + "?rule_id=99"), &json!({}), 404);
    let many: Vec<String> = (0..21).map(|n| format!("slack:U{n}")).collect();
    for wrong in [json!(["slack:ann"]), json!("slack:U1"), json!(many)] {
        let body = json!({"name": "x", "mentions": wrong});
        let refused = server.json("POST", "/api/v1/rules", &body, 400);
        assert_eq!(refused["info"]["errors"][0]["field"], "mentions");
    }
}

#[test]
fn a_webhook_gets_what_its_template_says() {
    let server = Running::start(&FLAGS);
    let vendor = Vendor::always((204, "", ""));
    let template = json!({
        "text": "{{level}} in {{project}} ({{environment}}): {{error}}", "issue": "{{issue}}",
        "frames": "{{frames}}", "more": {"of": ["{{rule}}", 1]},
    });
    let mut body = channel("webhook", &vendor);
    body["template"] = template.clone();
    let made = server.json("POST", "/api/v1/channels", &body, 201);
    assert_eq!(made["template"], template);
    let issue = server.record(&with(&[("error.message", json!("\"},{{title}}"))]));
    let got = vendor.next();
    assert!(is_signed("webhook", &got));
    let sent = got.json();
    assert_eq!((&sent["issue"], &sent["more"]), (&json!(issue), &json!({"of": [null, 1]})));
    let text = sent["text"].as_str().expect("a text");
    assert!(
        text.starts_with("ERROR in ") && text.ends_with("(production): \"},{{title}}"),
        "{text}"
    );
    let example =
        server.json("POST", "/api/v1/channels/preview", &json!({"template": template}), 200);
    assert_eq!(example["body"]["frames"], json!(["get_user (apps/users/views.py:42)"]));
    let usual = server.json("POST", "/api/v1/channels/preview", &json!({"language": "zh"}), 200);
    assert_eq!(usual["body"]["type"], "test");
    let wrong = json!({"template": {"text": "{{wat}}"}});
    let refused = server.json("POST", "/api/v1/channels/preview", &wrong, 400);
    let said = refused["info"]["errors"][0]["message"].as_str().expect("a sentence");
    assert!(said.starts_with("{{wat}} is none of id, type, "), "{said}");
    let path = format!("/api/v1/channels/{}", made["id"]);
    server.json("PATCH", &path, &wrong, 400);
    assert_eq!(
        server.json("PATCH", &path, &json!({"template": null}), 200)["template"],
        Value::Null
    );
    let mut slack = channel("slack", &vendor);
    slack["template"] = json!({"text": "x"});
    server.json("POST", "/api/v1/channels", &slack, 400);
}
