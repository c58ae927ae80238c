//! Links in messages, from the message to the act.

use serde_json::{Value, json};

use super::client::Running;
use super::closed::{Closed, JSON, ORIGIN};
use super::samples::{REPORT, on_line, with};
use super::vendor::Vendor;

const FLAGS: [&str; 4] = ["--notify-allow", "127.0.0.1", "--public-url", "http://localhost:8002"];
const USE: &str = "/api/v1/acts";
const LOOK: &str = "/api/v1/acts/look";

fn channel(vendor: &Vendor) -> Value {
    json!({"name": "team", "kind": "webhook", "url": vendor.url("/hook")})
}

/// The links of the next message, by what they do.
fn links(vendor: &Vendor) -> Value {
    vendor.next().json()["data"]["actions"].clone()
}

/// What the page sends.
fn link(links: &Value, act: &str) -> String {
    let url = links[act].as_str().expect(act);
    let (page, link) = url.split_once('#').expect("a link behind #");
    assert_eq!(page, "http://localhost:8002/act");
    link.to_owned()
}

/// A server whose channel got a message; its links.
fn told() -> (Running, Vendor, Value) {
    let vendor = Vendor::always((200, "", ""));
    let server = Running::start(&FLAGS);
    server.json("POST", "/api/v1/channels", &channel(&vendor), 201);
    server.record(&with(&[]));
    let links = links(&vendor);
    (server, vendor, links)
}

#[test]
fn a_link_in_a_message_does_its_act_once() {
    let (server, _vendor, links) = told();
    // Whatever fetches the address before a person does gets a page, and does nothing.
    let page = server.ask("/act");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").expect("a policy").contains("'none'"));
    let mute = json!({ "link": link(&links, "mute") });
    let look = server.json("POST", LOOK, &mute, 200);
    assert_eq!((&look["act"], &look["is_open"]), (&json!("mute"), &json!(true)), "{look}");
    assert_eq!(server.read("/api/v1/issues/1")["muted_until"], Value::Null, "only looked at");
    assert_eq!(server.json("POST", USE, &mute, 200)["is_muted"], true);
    assert!(server.read("/api/v1/issues/1")["muted_until"]["at"].is_string());
    let unmuted = json!({"muted_until": null});
    server.json("PATCH", "/api/v1/issues/1", &unmuted, 200);
    assert!(
        server.json("POST", USE, &mute, 409)["message"].as_str().expect("text").contains("used")
    );
    assert_eq!(server.json("POST", LOOK, &mute, 200)["is_used"], true);
    let verify = json!({ "link": link(&links, "verify") });
    server.json("PATCH", "/api/v1/issues/1", &json!({"status": "VERIFYING"}), 200);
    let settled = server.json("POST", USE, &verify, 409);
    assert_eq!(settled["info"]["status"], "VERIFYING", "somebody was first: {settled}");
    let claim = link(&links, "claim");
    let nameless = server.json("POST", USE, &json!({ "link": claim }), 400);
    assert_eq!(nameless["info"]["errors"][0]["field"], "name");
    server.json("POST", USE, &json!({ "link": claim, "name": "anonymous" }), 400);
    let claimed = server.json("POST", USE, &json!({ "link": claim, "name": "vera" }), 200);
    assert_eq!(claimed["assignee"], "vera");
    let history = server.read("/api/v1/issues/1/history");
    let newest = &history["items"][0];
    assert_eq!((&newest["kind"], &newest["who"]), (&json!("assign"), &json!("vera")), "{newest}");
    assert_eq!(newest["note"], "by a link in a message");
}

#[test]
fn a_link_that_was_changed_or_lost_its_key_does_nothing() {
    let (server, _vendor, links) = told();
    let mute = link(&links, "mute");
    let changed = [mute.replacen("mute", "verify", 1), format!("{mute}A"), "x".into()];
    for wrong in changed {
        for path in [LOOK, USE] {
            let refused = server.json("POST", path, &json!({ "link": wrong }), 401);
            assert_eq!(refused["message"], "the link is not valid", "{wrong}");
        }
    }
    server.json("POST", USE, &json!({}), 400);
    // As in a copy that was put back: the key is not in it.
    std::fs::remove_file(server.folder().join("log-center.key")).expect("the key");
    server.json("POST", USE, &json!({ "link": mute }), 401);
    assert_eq!(server.read("/api/v1/issues/1")["muted_until"], Value::Null);
}

#[test]
fn without_a_public_address_a_message_offers_nothing() {
    let vendor = Vendor::always((200, "", ""));
    let server = Running::start(&FLAGS[..2]);
    server.json("POST", "/api/v1/channels", &channel(&vendor), 201);
    server.record(&with(&[]));
    assert_eq!(links(&vendor), Value::Null);
}

#[test]
fn behind_a_closed_door_the_link_is_the_permission_and_the_record_says_so() {
    let vendor = Vendor::always((200, "", ""));
    let closed = Closed::start_with(&FLAGS);
    closed.ok("POST", "/api/v1/channels", &channel(&vendor));
    closed.ok("POST", "/api/v1/projects", &json!({ "project_id": "shop" }));
    let key = format!("X-Log-Center-Key: {}", closed.key(json!({ "name": "all" })));
    let report = on_line(1, &[("project_id", json!("shop"))]).to_string();
    assert_eq!(closed.server.send("POST", REPORT, &[&key], report.as_bytes()).status, 200);
    let links = links(&vendor);
    let body = |act: &str| json!({ "link": link(&links, act), "name": "ann" });
    let send = |headers: &[&str], body: &Value| {
        closed.server.send("POST", USE, headers, body.to_string().as_bytes())
    };
    let foreign = [JSON, "Origin: http://evil.example"];
    assert_eq!(send(&foreign, &body("mute")).status, 403, "another site's page");
    assert_eq!(send(&[ORIGIN], &body("mute")).status, 415, "a form");
    assert_eq!(closed.server.ask("/act").status, 200, "not the login");
    assert_eq!(send(&[JSON, ORIGIN], &body("mute")).status, 200);
    // Nobody passes for somebody else: a name that was typed says whom it goes to, not who did it.
    assert_eq!(send(&[JSON, ORIGIN], &body("claim")).json()["assignee"], "ann");
    let history = closed.read("/api/v1/issues/1/history");
    let who: Vec<&Value> = [0, 1].map(|at| &history["items"][at]["who"]).to_vec();
    assert_eq!(who, [&json!("(link)"); 2], "{history}");
    let vera = closed.person("vera", "viewer", json!(["shop"]));
    assert_eq!(send(&[JSON, ORIGIN, &vera], &body("verify")).status, 200, "the link is enough");
    let record = closed.read("/api/v1/audit?action=link.use");
    let items = record["items"].as_array().expect("items");
    let told: Vec<String> = items
        .iter()
        .map(|one| format!("{} {} {}", one["who"], one["detail"]["act"], one["verified"]))
        .collect();
    let link = |act: &str| format!("\"(link)\" \"{act}\" false");
    assert_eq!(told, ["\"vera\" \"verify\" true".into(), link("claim"), link("mute")]);
    assert!(!record.to_string().contains(self::link(&links, "mute").as_str()));
}
