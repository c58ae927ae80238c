//! The second step of logins: an authenticator set up, asked for, lost.

use log_center::app::trust::codes;
use serde_json::{Value, json};

use super::client::{Answer, Running};
use super::closed::{Closed, JSON, ORIGIN, PASSWORD, cookie_of, try_to_log_in};
use super::samples::now;

const NOTHING: Value = Value::Null;
const TOTP: &str = "/api/v1/session/totp";

/// What an authenticator makes of the text that it is given.
fn read_base32(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for one in text.chars() {
        held = held << 5 | alphabet.find(one).expect("base32") as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

pub(super) fn log_in_with(server: &Running, name: &str, code: &str) -> Answer {
    let body = json!({"name": name, "password": PASSWORD, "code": code}).to_string();
    server.send("POST", "/api/v1/session", &[JSON, ORIGIN], body.as_bytes())
}

fn needs_code(answer: &Answer) -> bool {
    answer.status == 401 && answer.code() == "AuthError" && answer.json()["info"]["needs"] == "code"
}

/// Sets an authenticator up for somebody; its secret, the codes to recover with, and the moment of
/// the code that was shown.
pub(super) fn set_up(closed: &Closed, who: &str) -> (Vec<u8>, Vec<String>, i64) {
    let begun = closed.ask(who, "POST", TOTP, &json!({"password": PASSWORD})).json();
    let text = begun["secret"].as_str().expect("told once");
    let uri = begun["uri"].as_str().expect("told once");
    assert!(uri.starts_with("otpauth://totp/Log%20Center:") && uri.contains(text), "{uri}");
    let (secret, at) = (read_base32(text), now());
    let confirm = |code: &str| {
        closed.ask(who, "POST", "/api/v1/session/totp/confirm", &json!({ "code": code }))
    };
    assert!(needs_code(&confirm("000 00x")), "no code");
    let answer = confirm(&codes::shown(&secret, at));
    assert_eq!(answer.status, 200, "{}", answer.json());
    let shown = answer.json()["recovery_codes"].clone();
    let shown = shown.as_array().expect("codes").iter();
    (secret, shown.map(|code| code.as_str().expect("text").to_owned()).collect(), at)
}

#[test]
fn a_login_asks_for_a_code_that_counts_once() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let before = closed.ask(&vera, "GET", TOTP, &NOTHING).json();
    assert_eq!(before, json!({"enabled_at": null, "recovery_codes_left": 0}));
    let wrong = closed.ask(&vera, "POST", TOTP, &json!({"password": "wrong horse battery"}));
    assert_eq!(wrong.status, 401, "a session that was left open is not enough");
    let (secret, recovery, at) = set_up(&closed, &vera);
    assert_eq!(closed.read("/api/v1/people/vera")["has_totp"], true);
    let again = closed.ask(&vera, "POST", TOTP, &json!({"password": PASSWORD}));
    assert_eq!((again.status, again.code()), (409, "ConflictError".into()));

    assert!(needs_code(&try_to_log_in(&closed.server, "vera", PASSWORD, &[])));
    let wrong = try_to_log_in(&closed.server, "vera", "wrong horse battery", &[]);
    assert_eq!(wrong.json()["info"], json!({}), "who has no password learns nothing");
    let shown = codes::shown(&secret, at);
    assert!(needs_code(&log_in_with(&closed.server, "vera", &shown)), "it was used");
    let next = codes::shown(&secret, at + codes::STEP_MS);
    let answer = log_in_with(&closed.server, "vera", &next);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(needs_code(&log_in_with(&closed.server, "vera", &next)), "once");

    let told = closed.ask(&cookie_of(&answer), "GET", TOTP, &NOTHING).json();
    assert_eq!(told["recovery_codes_left"], 10);
    let limited = (0..10).map(|_| log_in_with(&closed.server, "vera", "000000"));
    let limited = limited.into_iter().find(|answer| answer.status == 429).expect("a few tries");
    assert!(limited.header("retry-after").is_some());

    let record = closed.read("/api/v1/audit?limit=200").to_string();
    for action in ["totp.begin", "totp.enable", "session.code_refused"] {
        assert!(record.contains(action), "{action}");
    }
    assert!(!record.contains(&shown) && !record.contains(&recovery[0]), "no code is recorded");
}

#[test]
fn who_lost_the_authenticator_comes_by_a_recovery_code_and_each_counts_once() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let (_, recovery, _) = set_up(&closed, &vera);
    let typed = recovery[3].to_uppercase().replace('-', " ");
    let answer = log_in_with(&closed.server, "vera", &typed);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(needs_code(&log_in_with(&closed.server, "vera", &typed)), "once");
    let vera = cookie_of(&answer);
    assert_eq!(closed.ask(&vera, "GET", TOTP, &NOTHING).json()["recovery_codes_left"], 9);
    let path = "/api/v1/session/totp/codes";
    let renewed = closed.ask(&vera, "POST", path, &json!({"password": PASSWORD})).json();
    assert_eq!(renewed["recovery_codes"].as_array().map(Vec::len), Some(10));
    assert!(needs_code(&log_in_with(&closed.server, "vera", &recovery[4])), "others are there");
    let path = "/api/v1/session/totp/remove";
    let wrong = closed.ask(&vera, "POST", path, &json!({"password": "wrong horse battery"}));
    assert_eq!(wrong.status, 401);
    assert_eq!(closed.ask(&vera, "POST", path, &json!({"password": PASSWORD})).status, 200);
    assert_eq!(try_to_log_in(&closed.server, "vera", PASSWORD, &[]).status, 200);
}

#[test]
fn an_administrator_takes_the_second_step_away_from_who_lost_everything() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    set_up(&closed, &vera);
    let path = "/api/v1/people/vera/totp";
    assert_eq!(closed.ask(&vera, "DELETE", path, &NOTHING).status, 403, "not oneself");
    closed.ok("DELETE", path, &NOTHING);
    assert_eq!(closed.ask(&vera, "GET", "/api/v1/issues", &NOTHING).status, 401, "logged out");
    assert_eq!(try_to_log_in(&closed.server, "vera", PASSWORD, &[]).status, 200);
    assert_eq!(closed.ask(&closed.ann, "DELETE", path, &NOTHING).status, 404, "once");
    let reset = closed.read("/api/v1/audit?action=totp.reset")["items"].clone();
    assert_eq!((&reset[0]["who"], &reset[0]["object"]), (&json!("ann"), &json!("person vera")));
}
