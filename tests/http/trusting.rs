//! Logins, people, invitations and keys, as a browser and programs use them.

use std::io::Write;

use serde_json::{Value, json};

use super::client::{Answer, Running, request};
use super::closed::{
    Closed, JSON, ORIGIN, PASSWORD, cookie_of, fresh_folder, log_in, make_administrator,
    try_to_log_in,
};
use super::samples::{BATCH, GUIDE, REPORT, on_line, with};

const NOTHING: Value = Value::Null;

#[test]
fn a_wrong_name_and_a_wrong_password_are_told_alike() {
    let closed = Closed::start();
    let nobody = closed.ok("POST", "/api/v1/people", &json!({"name": "bob", "role": "viewer"}));
    assert_eq!(nobody["has_password"], false);
    closed.person("vera", "viewer", json!(null));
    closed.ok("PATCH", "/api/v1/people/vera", &json!({"disabled": true}));
    let mut told = Vec::new();
    for (name, password) in [
        ("ann", "wrong horse staple battery"),
        ("eve", PASSWORD),
        ("bob", PASSWORD),
        ("bob", ""),
        ("vera", PASSWORD),
        ("ann' or '1'='1", PASSWORD),
    ] {
        let answer = try_to_log_in(
            &closed.server,
            name,
            if password.is_empty() { "x" } else { password },
            &[],
        );
        assert_eq!((answer.status, answer.code()), (401, "AuthError".into()), "{name}");
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"Log Center\""));
        told.push(answer.json()["message"].clone());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    let refused = closed.read("/api/v1/audit?action=session.refused");
    assert_eq!(refused["items"].as_array().map(Vec::len), Some(6));
    assert!(!refused.to_string().contains("horse"), "no password is recorded");
}

#[test]
fn a_session_is_a_cookie_that_no_script_reads_and_that_ends() {
    let closed = Closed::start();
    let answer = try_to_log_in(&closed.server, "Ann", PASSWORD, &[]);
    let set = answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Lax") && set.contains("Path=/"));
    assert!(!set.contains("Secure") && set.starts_with("log-center="), "plain http: {set}");
    assert_eq!(answer.json()["person"]["name"], "ann");
    let cookie = cookie_of(&answer);
    let mine = closed.ask(&cookie, "GET", "/api/v1/sessions", &NOTHING).json();
    let items = mine["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    let other = items.iter().find(|one| one["is_current"] == false).expect("the first login");
    let path = format!("/api/v1/sessions/{}", other["id"]);
    closed.ok("DELETE", &path, &NOTHING);
    assert_eq!(closed.ask(&closed.ann, "GET", "/api/v1/issues", &NOTHING).status, 401);
    assert_eq!(closed.ask(&cookie, "DELETE", &path, &NOTHING).status, 404, "once");
    let out = closed.ask(&cookie, "DELETE", "/api/v1/session", &NOTHING);
    assert!(out.header("set-cookie").expect("taken away").contains("Max-Age=0"));
    assert_eq!(closed.ask(&cookie, "GET", "/api/v1/issues", &NOTHING).status, 401);
    let planted = format!("Cookie: log-center={}", "a".repeat(48));
    assert_eq!(closed.ask(&planted, "GET", "/api/v1/issues", &NOTHING).status, 401);
}

#[test]
fn an_administrator_is_told_when_somebody_was_there_last() {
    let closed = Closed::start();
    closed.ok("POST", "/api/v1/people", &json!({"name": "bob", "role": "viewer"}));
    let all = closed.ok("GET", "/api/v1/people", &NOTHING);
    assert!(all["items"][0]["seen_at"].is_string(), "{all}");
    assert_eq!((&all["items"][1]["name"], &all["items"][1]["seen_at"]), (&json!("bob"), &NOTHING));
}

#[test]
fn a_login_never_takes_on_an_id_that_was_there_before() {
    let closed = Closed::start();
    let planted = format!("Cookie: log-center={}", "b".repeat(48));
    let answer = try_to_log_in(&closed.server, "ann", PASSWORD, &[&planted]);
    let fresh = cookie_of(&answer);
    assert_ne!(fresh, planted);
    let again = try_to_log_in(&closed.server, "ann", PASSWORD, &[&fresh]);
    assert_ne!(cookie_of(&again), fresh);
    assert_eq!(closed.ask(&fresh, "GET", "/api/v1/issues", &NOTHING).status, 401, "it ended");
    assert_eq!(closed.ask(&planted, "GET", "/api/v1/issues", &NOTHING).status, 401);
}

#[test]
fn another_sites_page_changes_nothing_with_a_cookie() {
    let closed = Closed::filled();
    let body = br#"{"assignee":"ann"}"#;
    let foreign: [&[&str]; 5] = [
        &[],
        &["Origin: https://evil.example"],
        &["Origin: null"],
        &["Sec-Fetch-Site: cross-site"],
        &["Sec-Fetch-Site: same-site"],
    ];
    for headers in foreign {
        let headers = [&[JSON, closed.ann.as_str()], headers].concat();
        let answer = closed.server.send("PATCH", "/api/v1/issues/1", &headers, body);
        assert_eq!((answer.status, answer.code()), (403, "ForbiddenError".into()), "{headers:?}");
        let answer = closed.server.send("POST", "/api/v1/session", &headers[..], b"{}");
        assert_ne!(answer.status, 200);
    }
    assert_eq!(closed.read("/api/v1/issues/1")["assignee"], NOTHING);
    let own = [JSON, ORIGIN, &closed.ann];
    assert_eq!(closed.server.send("PATCH", "/api/v1/issues/1", &own, body).status, 200);
}

#[test]
fn tries_of_an_address_are_limited_and_nobody_is_locked_out() {
    let closed = Closed::start();
    let limited = (0..40).find_map(|_| {
        let answer = try_to_log_in(&closed.server, "bob", "not the password", &[]);
        (answer.status == 429).then_some(answer)
    });
    let limited = limited.expect("limited after a while");
    assert_eq!(limited.code(), "RateLimitError");
    assert!(limited.header("retry-after").is_some());
    let answer = closed.ask(&closed.ann, "GET", "/api/v1/session", &NOTHING);
    assert_eq!(answer.json()["person"]["name"], "ann", "whoever is in stays in");
}

#[test]
fn a_password_is_changed_by_who_knows_it_and_ends_the_other_sessions() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let second = log_in(&closed.server, "vera");
    let change = |old: &str, new: &str| {
        let body = json!({"password": old, "new_password": new});
        closed.ask(&vera, "POST", "/api/v1/session/password", &body)
    };
    assert_eq!(change("wrong horse battery", "a new long sentence").status, 401);
    for weak in ["short", "password123", "vera vera", "1234567890"] {
        assert_eq!(change(PASSWORD, weak).status, 400, "{weak}");
    }
    let answer = change(PASSWORD, "a new long sentence");
    assert_eq!((answer.status, &answer.json()["ended_sessions"]), (200, &json!(1)));
    assert_eq!(closed.ask(&second, "GET", "/api/v1/issues", &NOTHING).status, 401);
    assert_eq!(closed.ask(&vera, "GET", "/api/v1/issues", &NOTHING).status, 200);
    assert_eq!(try_to_log_in(&closed.server, "vera", PASSWORD, &[]).status, 401);
    assert_eq!(try_to_log_in(&closed.server, "vera", "a new long sentence", &[]).status, 200);
}

#[test]
fn what_a_person_may_changes_at_once_and_the_last_administrator_stays() {
    let closed = Closed::filled();
    let mona = closed.person("mona", "member", json!(null));
    let path = "/api/v1/people/mona";
    let assign =
        || closed.ask(&mona, "PATCH", "/api/v1/issues/2", &json!({"assignee": null})).status;
    assert_eq!(assign(), 200);
    closed.ok("PATCH", path, &json!({"projects": ["shop"]}));
    assert_eq!(assign(), 404);
    closed.ok("PATCH", path, &json!({"role": "viewer", "projects": null}));
    assert_eq!(assign(), 403);
    closed.ok("PATCH", path, &json!({"disabled": true}));
    assert_eq!(assign(), 401);
    closed.ok("PATCH", path, &json!({"disabled": false}));
    assert_eq!(assign(), 401, "the session ended with the person");
    for last in [json!({"role": "member"}), json!({"disabled": true})] {
        let answer = closed.ask(&closed.ann, "PATCH", "/api/v1/people/ann", &last);
        assert_eq!((answer.status, answer.code()), (409, "ConflictError".into()), "{last}");
    }
    let twice = json!({"name": "MONA", "role": "viewer"});
    assert_eq!(closed.ask(&closed.ann, "POST", "/api/v1/people", &twice).status, 409);
    let unknown = json!({"name": "zoe", "role": "viewer", "projects": ["none"]});
    assert_eq!(closed.ask(&closed.ann, "POST", "/api/v1/people", &unknown).status, 400);
    assert_eq!(closed.ask(&closed.ann, "GET", "/api/v1/people/zoe", &NOTHING).status, 404);
    assert_eq!(closed.read("/api/v1/people/Mona")["name"], "mona");
    closed.ok("PATCH", path, &json!({"password": "another long sentence"}));
    assert_eq!(try_to_log_in(&closed.server, "mona", "another long sentence", &[]).status, 200);
}

#[test]
fn who_is_no_administrator_any_more_does_not_come_back_by_what_they_made() {
    let closed = Closed::filled();
    let cleo = closed.person("cleo", "administrator", json!(null));
    let made = |path: &str, body: Value| {
        let answer = closed.ask(&cleo, "POST", path, &body);
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    };
    let invitation = made("/api/v1/invitations", json!({"role": "administrator"}));
    let key = json!({"name": "own", "kind": "api", "scopes": ["manage"]});
    let key = made("/api/v1/keys", key)["secret"].as_str().expect("told once").to_owned();
    let header = format!("X-Log-Center-Key: {key}");
    let people = || closed.server.send("GET", "/api/v1/people", &[&header], b"").status;
    assert_eq!(people(), 200);
    closed.ok("PATCH", "/api/v1/people/cleo", &json!({"role": "viewer"}));
    assert_eq!(people(), 401);
    let body = json!({"secret": invitation["secret"], "name": "again", "password": PASSWORD});
    assert_eq!(closed.ask("", "POST", "/api/v1/invitations/accept", &body).status, 401);
    let line = closed.read("/api/v1/audit?action=person.change")["items"][0].clone();
    assert_eq!(line["detail"]["ended"]["invitations"], 1, "{line}");
    assert_eq!(line["detail"]["ended"]["keys"].as_array().map(Vec::len), Some(1), "{line}");
}

#[test]
fn an_invitation_brings_one_person() {
    let closed = Closed::filled();
    let asked = json!({"role": "member", "projects": ["shop"]});
    let made = closed.ok("POST", "/api/v1/invitations", &asked);
    let secret = made["secret"].as_str().expect("told once");
    assert_eq!(made["url"], format!("/join#{secret}"));
    let list = closed.read("/api/v1/invitations");
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    assert!(!list.to_string().contains(secret));
    let come = |secret: &str, name: &str, password: &str| {
        let body = json!({"secret": secret, "name": name, "password": password});
        closed.ask("", "POST", "/api/v1/invitations/accept", &body)
    };
    assert_eq!(come("nonsense", "bob", PASSWORD).status, 401);
    assert_eq!(come(secret, "bob", "password123").status, 400);
    assert_eq!(come(secret, "Ann", PASSWORD).status, 409, "the link stays good");
    let answer = come(secret, "bob", PASSWORD);
    assert_eq!(answer.status, 201, "{}", answer.json());
    let bob = cookie_of(&answer);
    assert_eq!(closed.ask(&bob, "GET", "/api/v1/issues/1", &NOTHING).status, 200);
    assert_eq!(closed.ask(&bob, "GET", "/api/v1/issues/2", &NOTHING).status, 404);
    assert_eq!(come(secret, "rob", PASSWORD).status, 401, "once");
    let other = closed.ok("POST", "/api/v1/invitations", &json!({"role": "viewer"}));
    let path = format!("/api/v1/invitations/{}", other["invitation"]["id"]);
    closed.ok("DELETE", &path, &NOTHING);
    assert_eq!(closed.ask(&closed.ann, "DELETE", &path, &NOTHING).status, 404);
    assert_eq!(come(other["secret"].as_str().expect("text"), "rob", PASSWORD).status, 401);
    let record = closed.read("/api/v1/audit").to_string();
    assert!(!record.contains(secret) && record.contains("invitation.accept"));
}

#[test]
fn a_report_needs_a_key_of_its_project_and_makes_no_project() {
    let closed = Closed::filled();
    let send = |headers: &[&str], path: &str, project: &str| {
        let report = on_line(7, &[("project_id", json!(project))]);
        closed.server.send("POST", path, headers, report.to_string().as_bytes())
    };
    let key = closed.key(json!({"name": "shop", "project_id": "shop"}));
    let as_header = format!("X-Log-Center-Key: {key}");
    let as_bearer = format!("Authorization: Bearer {key}");
    let in_address = format!("{REPORT}?key={key}");
    assert_eq!(send(&[], REPORT, "shop").status, 401);
    assert_eq!(send(&[&closed.ann], REPORT, "shop").status, 401, "no cookie is read");
    for (headers, path) in [
        (&[as_header.as_str()][..], REPORT),
        (&[as_bearer.as_str()][..], REPORT),
        (&[][..], in_address.as_str()),
    ] {
        assert_eq!(send(headers, path, "shop").status, 200, "{headers:?} {path}");
        let other = send(headers, path, "other");
        assert_eq!((other.status, other.code()), (403, "ForbiddenError".into()));
    }
    let wrong = format!("X-Log-Center-Key: {}", key.replace(&key[4..6], "zz"));
    let answer = send(&[&wrong, "Origin: https://shop.example"], REPORT, "shop");
    assert_eq!((answer.status, answer.code()), (401, "AuthError".into()));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "a page can read why");
    let whole = closed.key(json!({"name": "whole"}));
    let whole = format!("X-Log-Center-Key: {whole}");
    assert_eq!(send(&[&whole], REPORT, "other").status, 200);
    let unknown = send(&[&whole], REPORT, "unheard_of");
    assert_eq!((unknown.status, unknown.code()), (403, "ForbiddenError".into()));
    assert_eq!(closed.read("/api/v1/projects")["items"].as_array().map(Vec::len), Some(2));
    let batch = json!([
        with(&[("project_id", json!("shop"))]),
        with(&[("project_id", json!("other"))]),
        with(&[("project_id", json!("unheard_of"))]),
    ]);
    let answer = closed.server.send("POST", BATCH, &[&as_header], batch.to_string().as_bytes());
    let results = answer.json()["results"].clone();
    let codes: Vec<_> = (0..3).map(|at| results[at]["code"].as_str().unwrap_or("ok")).collect();
    assert_eq!(codes, ["ok", "ForbiddenError", "ForbiddenError"]);
    closed.ok("DELETE", "/api/v1/projects/shop?confirm=shop", &NOTHING);
    assert_eq!(send(&[&as_header], REPORT, "shop").status, 401, "the key went with its project");
}

#[test]
fn a_key_is_told_once_and_refused_once_it_ended() {
    let closed = Closed::filled();
    let made = closed.ok("POST", "/api/v1/keys", &json!({"name": "web", "expires_in_days": 1}));
    let (secret, id) = (made["secret"].as_str().expect("text").to_owned(), &made["key"]["id"]);
    let list = closed.read("/api/v1/keys");
    assert!(!list.to_string().contains(&secret));
    assert_eq!(list["items"][0]["shown"], secret[..8]);
    let send = |secret: &str| {
        let header = format!("X-Log-Center-Key: {secret}");
        let report = with(&[("project_id", json!("shop"))]).to_string();
        closed.server.send("POST", REPORT, &[&header], report.as_bytes()).status
    };
    assert_eq!(send(&secret), 200);
    let rotated = closed.ok("POST", &format!("/api/v1/keys/{id}/rotate"), &json!({}));
    let fresh = rotated["secret"].as_str().expect("text").to_owned();
    assert_eq!((send(&secret), send(&fresh)), (401, 200));
    closed.ok("DELETE", &format!("/api/v1/keys/{id}"), &NOTHING);
    assert_eq!(send(&fresh), 401);
    let again = closed.ask(&closed.ann, "POST", &format!("/api/v1/keys/{id}/rotate"), &json!({}));
    assert_eq!(again.status, 409);
    let record = closed.read("/api/v1/audit").to_string();
    assert!(!record.contains(&secret[4..]) && !record.contains(&fresh[4..]));
    for one in ["key.create", "key.rotate", "key.revoke"] {
        assert!(record.contains(one), "{one}");
    }
}

#[test]
fn a_key_for_pages_is_for_them_alone_and_reads_nothing() {
    let closed = Closed::filled();
    let key = closed.key(json!({
        "name": "web", "project_id": "shop", "origins": ["https://shop.example"],
    }));
    let path = format!("{REPORT}?key={key}");
    let report = with(&[("project_id", json!("shop"))]).to_string();
    let send = |headers: &[&str]| closed.server.send("POST", &path, headers, report.as_bytes());
    assert_eq!(send(&["Origin: https://shop.example", "Content-Type: text/plain"]).status, 200);
    for headers in [&[][..], &["Origin: https://evil.example"], &["Origin: null"]] {
        assert_eq!(send(headers).status, 403, "{headers:?}");
    }
    let plain = closed.key(json!({"name": "plain"}));
    for address in ["/api/v1/issues", "/api/v1/system", "/metrics", "/openapi.json"] {
        let header = format!("X-Log-Center-Key: {plain}");
        assert_eq!(closed.server.send("GET", address, &[&header], b"").status, 403, "{address}");
        let in_address = format!("{address}?key={plain}");
        let answer = closed.server.send("GET", &in_address, &[], b"");
        assert_eq!(answer.status, 401, "an address is no place for a key that reads");
    }
}

#[test]
fn what_a_proxy_adds_to_its_own_login_does_not_stand_in_the_way() {
    let closed = Closed::filled();
    for other in ["Authorization: Basic YW5uOng=", "Authorization: Bearer eyJhbGciOi.x.y"] {
        let headers = [closed.ann.as_str(), other];
        assert_eq!(closed.server.send("GET", "/api/v1/issues", &headers, b"").status, 200);
    }
    let wrong = [closed.ann.as_str(), "X-Log-Center-Key: nonsense"];
    assert_eq!(closed.server.send("GET", "/api/v1/issues", &wrong, b"").status, 401);
}

#[test]
fn the_first_administrator_comes_by_the_link_that_the_start_prints() {
    let folder = fresh_folder();
    let server = Running::start_in(folder, &["--require-login", "--setup-link"]);
    let link = server.first_link();
    assert_eq!(server.ask("/api/v1/issues").status, 401, "nobody else is let in");
    let come = |secret: &str, name: &str| {
        let body = json!({"secret": secret, "name": name, "password": PASSWORD}).to_string();
        let path = "/api/v1/invitations/accept";
        server.send("POST", path, &[JSON, ORIGIN], body.as_bytes())
    };
    assert_eq!(come(&"0".repeat(48), "eve").status, 401);
    let answer = come(&link, "ann");
    assert_eq!(answer.status, 201, "{}", answer.json());
    assert_eq!(answer.json()["person"]["role"], "administrator");
    assert_eq!(come(&link, "eve").status, 401, "once");
    let ann = cookie_of(&answer);
    assert_eq!(server.send("GET", "/api/v1/people", &[&ann], b"").status, 200);
}

#[test]
fn a_proxy_in_front_of_an_open_laptop_needs_a_login_once_there_is_an_administrator() {
    let folder = fresh_folder();
    make_administrator(&folder, "ann");
    let server = Running::start_in(folder, &[]);
    assert_eq!(server.ask("/api/v1/issues").status, 200, "open as before");
    let through = "X-Forwarded-For: 192.0.2.7";
    let answer = server.send("GET", "/api/v1/issues", &[through], b"");
    assert_eq!((answer.status, answer.code()), (401, "AuthError".into()));
    let answer = server.send("POST", REPORT, &[through], GUIDE.as_bytes());
    assert_eq!(answer.status, 401);
    let ann = log_in(&server, "ann");
    assert_eq!(server.send("GET", "/api/v1/issues", &[through, &ann], b"").status, 200);
    let named = server.send("GET", "/api/v1/session", &[&ann], b"").json();
    assert_eq!((&named["mode"], &named["person"]["name"]), (&json!("open"), &json!("ann")));
}

#[test]
fn only_a_trusted_proxy_says_who_asks_and_from_where() {
    let flags = ["--trusted-proxy", "127.0.0.1", "--proxy-user-header", "Remote-User"];
    let closed = Closed::start_with(&flags);
    let read = |headers: &[&str]| closed.server.send("GET", "/api/v1/session", headers, b"");
    assert_eq!(read(&["Remote-User: Ann"]).json()["person"]["name"], "ann");
    closed.ok("POST", "/api/v1/people", &json!({"name": "kate", "role": "administrator"}));
    assert_eq!(read(&["Remote-User: KATE"]).json()["person"]["name"], "kate");
    assert_eq!(read(&["Remote-User: \u{212a}ate"]).status, 403, "it only folds to the same");
    let stranger = read(&["Remote-User: eve"]);
    assert_eq!((stranger.status, stranger.code()), (403, "ForbiddenError".into()));
    closed.ok("POST", "/api/v1/people", &json!({"name": "kevin", "role": "member"}));
    assert_eq!(read(&["Remote-User: Kevin"]).json()["person"]["name"], "kevin");
    assert_eq!(read(&["Remote-User: \u{212a}evin"]).status, 403, "another letter than K");
    let https = ["X-Forwarded-For: 6.6.6.6, 192.0.2.7", "X-Forwarded-Proto: https"];
    let answer = try_to_log_in(&closed.server, "ann", PASSWORD, &https);
    let set = answer.header("set-cookie").expect("a cookie");
    assert!(set.starts_with("__Host-log-center=") && set.ends_with("; Secure"), "{set}");
    let begun = closed.read("/api/v1/audit?action=session.begin")["items"][0].clone();
    assert_eq!(begun["address"], "192.0.2.7", "what stands before it anybody may write");
    let distrusting =
        Closed::start_with(&["--trusted-proxy", "192.0.2.1", "--proxy-user-header", "Remote-User"]);
    let headers = ["Remote-User: ann", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https"];
    let answer = distrusting.server.send("GET", "/api/v1/issues", &headers, b"");
    assert_eq!(answer.status, 401);
    let answer = try_to_log_in(&distrusting.server, "ann", PASSWORD, &headers[1..]);
    assert!(answer.header("set-cookie").expect("a cookie").starts_with("log-center="));
    let begun = distrusting.read("/api/v1/audit?action=session.begin")["items"][0].clone();
    assert_eq!(begun["address"], "127.0.0.1");
}

#[test]
fn the_record_is_read_by_page_and_as_lines() {
    let closed = Closed::filled();
    let all = closed.read("/api/v1/audit?limit=200")["items"].as_array().expect("items").clone();
    let (mut walked, mut next) = (Vec::new(), String::new());
    loop {
        let page = closed.read(&format!("/api/v1/audit?limit=2{next}"));
        walked.extend(page["items"].as_array().expect("items").clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(walked, all);
    let answer = closed.ask(&closed.ann, "GET", "/api/v1/audit/export", &NOTHING);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let text = String::from_utf8(answer.body).expect("text");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[..lines.len() - 1], all[..]);
    assert_eq!(lines.last(), Some(&json!({"next_cursor": null})));
    for wrong in ["?limit=0", "?since=never", "?cursor=k1", "?colour=red"] {
        let path = format!("/api/v1/audit{wrong}");
        assert_eq!(closed.ask(&closed.ann, "GET", &path, &NOTHING).status, 400, "{wrong}");
    }
}

#[test]
fn an_administrators_files_are_his_alone() {
    use std::os::unix::fs::PermissionsExt;
    let closed = Closed::start();
    let folder = closed.server.folder();
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    };
    assert_eq!(mode(folder), 0o700);
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), wanted, "{}", path.display());
    }
    let database = std::fs::read(folder.join("log-center.db")).expect("readable");
    let log = std::fs::read(folder.join("log-center.db-wal")).expect("readable");
    let secret = closed.ann.split('=').nth(1).expect("a value");
    for bytes in [database, log] {
        let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!holds(secret) && !holds(PASSWORD), "a stolen copy lets nobody in");
    }
}

#[test]
fn a_page_leads_to_the_login_and_the_login_to_the_page() {
    let closed = Closed::start();
    let page = |path: &str, headers: &[&str]| closed.server.send("GET", path, headers, b"");
    let led = page("/issues/7?q=x", &[]);
    assert_eq!((led.status, led.header("location")), (303, Some("/login?next=/issues/7%3Fq%3Dx")));
    for path in ["/login", "/join", "/login.js", "/login.css", "/login.svg"] {
        let answer = page(path, &[]);
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    assert_eq!(page("/", &[&closed.ann]).status, 200);
    assert_eq!(page("/docs", &[]).status, 200, "it tells how to report");
    let open = Running::start(&[]);
    assert_eq!(open.ask("/").status, 200);
    assert_eq!(open.ask("/issues/7").status, 200);
}

#[test]
fn a_body_that_is_no_login_is_refused_without_showing_it() {
    let closed = Closed::start();
    let mut stream = closed.server.connect();
    let body = br#"{"name":"ann","password":{"x":"hunter2hunter2"}}"#;
    let request = request("POST", "/api/v1/session", &[JSON, ORIGIN], body);
    stream.write_all(&request).expect("sent");
    let answer = Answer::read(&mut stream);
    assert_eq!(answer.status, 400);
    assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
}

/// Sends a change whose body waits, does something meanwhile, and sends the body.
fn changed_meanwhile(
    closed: &Closed,
    header: &str,
    (method, path, body): (&str, &str, Value),
    meanwhile: impl FnOnce(),
) -> Answer {
    let body = body.to_string().into_bytes();
    let headers = [JSON, ORIGIN, header, "Expect: 100-continue"];
    let whole = request(method, path, &headers, &body);
    let (head, body) = whole.split_at(whole.len() - body.len());
    let mut stream = closed.server.connect();
    stream.write_all(head).expect("sent");
    // By now it was decided that they may.
    assert_eq!(Answer::read(&mut stream).status, 100);
    meanwhile();
    stream.write_all(body).expect("sent");
    Answer::read(&mut stream)
}

#[test]
fn what_was_taken_away_while_a_body_came_is_not_used() {
    let closed = Closed::filled();
    let member = closed.person("mem", "member", json!(["shop"]));
    let other = closed.person("adm", "administrator", json!(null));
    let key = format!("X-Log-Center-Key: {}", closed.key(json!({"name": "k"})));
    let number = |name: &str| {
        let all = closed.read("/api/v1/keys");
        let all = all["items"].as_array().expect("items").clone();
        all.iter().find(|one| one["name"] == name).expect("there")["id"].clone()
    };
    let comment = || ("POST", "/api/v1/issues/1/comments", json!({"text": "late"}));
    let answer = changed_meanwhile(&closed, &member, comment(), || {
        closed.ok("PATCH", "/api/v1/people/mem", &json!({"role": "viewer"}));
    });
    assert_eq!(answer.status, 401, "made a viewer");
    let person = json!({"name": "evil", "role": "administrator", "password": PASSWORD});
    let answer = changed_meanwhile(&closed, &other, ("POST", "/api/v1/people", person), || {
        closed.ok("PATCH", "/api/v1/people/adm", &json!({"disabled": true}));
    });
    assert_eq!(answer.status, 401, "shut out");
    let report = on_line(9, &[("project_id", json!("shop"))]);
    let turned = format!("X-Log-Center-Key: {}", closed.key(json!({"name": "turned"})));
    let path = format!("/api/v1/keys/{}/rotate", number("turned"));
    let answer = changed_meanwhile(&closed, &turned, ("POST", REPORT, report.clone()), || {
        closed.ok("POST", &path, &NOTHING);
    });
    assert_eq!(answer.status, 401, "rotated");
    let path = format!("/api/v1/keys/{}", number("k"));
    let answer = changed_meanwhile(&closed, &key, ("POST", REPORT, report), || {
        closed.ok("DELETE", &path, &NOTHING);
    });
    assert_eq!(answer.status, 401, "revoked");
    let ann = closed.ann.clone();
    let answer = changed_meanwhile(&closed, &ann, comment(), || {
        closed.ok("PATCH", "/api/v1/people/mem", &json!({"role": "member"}));
    });
    assert_eq!(answer.status, 201, "others' rights are no matter");
}
