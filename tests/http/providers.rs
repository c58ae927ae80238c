//! Logins by an OpenID Connect provider, against a small one of the test's own that can lie.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use log_center::domain::trust::passkey::written;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::client::Answer;
use super::closed::{Closed, cookie_of};
use super::samples::now;

const NOTHING: Value = Value::Null;
const BEGIN: &str = "/api/v1/session/oidc";
const BACK: &str = "/login/oidc";

/// What the provider does next.
struct Mind {
    /// Of the next token.
    claims: Value,
    /// What it says beside the token.
    userinfo: Value,
    /// The form that came last.
    form: String,
    signs_with_another: bool,
}

/// A provider on a free port, until the test ends.
struct Provider {
    issuer: String,
    mind: Arc<Mutex<Mind>>,
}

fn pair() -> EcdsaKeyPair {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("random");
    EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("a key")
}

fn token(pair: &EcdsaKeyPair, claims: &Value) -> String {
    let part = |value: &Value| written(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&json!({"alg": "ES256", "kid": "k"})), part(claims));
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
    format!("{signed}.{}", written(signature.as_ref()))
}

impl Provider {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("bound"));
        let mind = Mind {
            claims: NOTHING,
            userinfo: NOTHING,
            form: String::new(),
            signs_with_another: false,
        };
        let mind = Arc::new(Mutex::new(mind));
        let (own, told) = (issuer.clone(), Arc::clone(&mind));
        std::thread::spawn(move || {
            let (key, other) = (pair(), pair());
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let (path, body) = read(&mut stream);
                let mut mind = told.lock().expect("whole");
                let signing = if mind.signs_with_another { &other } else { &key };
                let answer = match path.as_str() {
                    "/.well-known/openid-configuration" => json!({
                        "issuer": own, "authorization_endpoint": format!("{own}/auth"),
                        "token_endpoint": format!("{own}/token"),
                        "jwks_uri": format!("{own}/keys"),
                        "userinfo_endpoint": format!("{own}/me"),
                    }),
                    "/keys" => json!({"keys": [{"kty": "oct", "k": "x"}, {
                        "kty": "EC", "crv": "P-256", "kid": "k", "use": "sig",
                        "x": written(&key.public_key().as_ref()[1..33]),
                        "y": written(&key.public_key().as_ref()[33..]),
                    }]}),
                    "/token" => {
                        mind.form = body;
                        json!({"id_token": token(signing, &mind.claims), "access_token": "a"})
                    }
                    _ => mind.userinfo.clone(),
                };
                let body = answer.to_string();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
                let length = body.len();
                let whole = format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}");
                let _gone = stream.write_all(whole.as_bytes());
            }
        });
        Self { issuer, mind }
    }

    fn closed(&self, flags: &[&str]) -> Closed {
        let own = ["--oidc-issuer", &self.issuer, "--oidc-client-id", "lc"];
        Closed::start_with(&[&own[..], flags].concat())
    }
}

/// The path of a request, and its body.
fn read(stream: &mut std::net::TcpStream) -> (String, String) {
    let mut text = String::new();
    let mut chunk = [0; 4_096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                let path = head.split(' ').nth(1).unwrap_or_default();
                return (path.to_owned(), format!("{lower}\n\n{body}"));
            }
        }
        let count = stream.read(&mut chunk).expect("a request");
        if count == 0 {
            return (String::new(), String::new());
        }
        text += std::str::from_utf8(&chunk[..count]).expect("text");
    }
}

/// A login that was begun: what the provider was told, and the cookie.
struct Begun {
    state: String,
    nonce: String,
    cookie: String,
}

fn begin(closed: &Closed, body: &Value) -> Begun {
    let answer = closed.ask("", "POST", BEGIN, body);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let url = answer.json()["url"].as_str().expect("an address").to_owned();
    let part = |name: &str| {
        let found = url.split(['?', '&']).find_map(|pair| pair.strip_prefix(name));
        found.expect(name).to_owned()
    };
    assert_eq!(part("redirect_uri="), "http%3A%2F%2Flocalhost%2Flogin%2Foidc");
    assert_eq!((part("code_challenge_method="), part("client_id=")), ("S256".into(), "lc".into()));
    let cookie = cookie_of(&answer);
    Begun { state: part("state="), nonce: part("nonce="), cookie }
}

fn come_back(closed: &Closed, begun: &Begun, state: &str) -> Answer {
    let path = format!("{BACK}?code=c&state={state}&iss=x");
    closed.server.send("GET", &path, &[&begun.cookie], b"")
}

/// A whole login of somebody whom the provider describes so; where it led to.
fn log_in(provider: &Provider, closed: &Closed, told: Value, body: &Value) -> Answer {
    let begun = begin(closed, body);
    let mut claims = json!({
        "iss": provider.issuer, "aud": "lc", "nonce": begun.nonce, "exp": now() / 1_000 + 60,
    });
    for (name, value) in told.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    provider.mind.lock().expect("whole").claims = claims;
    come_back(closed, &begun, &begun.state)
}

fn led_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303);
    answer.header("location").expect("a page").to_owned()
}

#[test]
fn the_provider_lets_in_who_is_known_by_name_and_then_by_its_number() {
    let provider = Provider::start();
    let closed = provider.closed(&["--oidc-match", "any"]);
    assert_eq!(closed.read("/api/v1/session")["login"]["oidc"]["name"], provider.issuer[7..]);
    closed.ok("POST", "/api/v1/people", &json!({"name": "vera", "role": "viewer"}));
    let told = json!({"sub": "1", "preferred_username": "Vera"});
    let answer = log_in(&provider, &closed, told, &json!({"next": "/issues?q=a"}));
    assert_eq!(led_to(&answer), "/issues?q=a");
    let cookies = answer.headers_of("set-cookie");
    let own = cookies.iter().find(|one| one.starts_with("log-center=")).expect("a session");
    let cookie = format!("Cookie: {}", own.split(';').next().expect("a pair"));
    let shown = closed.ask(&cookie, "GET", "/api/v1/session", &NOTHING).json();
    assert_eq!(shown["person"]["name"], "vera");
    assert!(cookies.iter().any(|one| one.starts_with("log-center-oidc=; ")), "it is used up");
    // Her name there may go to somebody else; she goes on as herself.
    let renamed = json!({"sub": "1", "preferred_username": "other"});
    assert_eq!(led_to(&log_in(&provider, &closed, renamed, &json!({}))), "/");
    let another = json!({"sub": "2", "preferred_username": "vera"});
    let answer = log_in(&provider, &closed, another, &json!({}));
    assert_eq!(led_to(&answer), "/login?fault=oidc_taken");
    let form = provider.mind.lock().expect("whole").form.clone();
    assert!(form.contains("code_verifier=") && form.contains("grant_type=authorization_code"));
    for (action, count) in [("oidc.link", 1), ("oidc.refused", 1)] {
        let found = closed.read(&format!("/api/v1/audit?action={action}"));
        assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{action}");
    }
}

#[test]
fn what_the_provider_did_not_say_of_this_login_lets_nobody_in() {
    let provider = Provider::start();
    let closed = provider.closed(&["--oidc-create", "viewer"]);
    let failed = "/login?fault=oidc_failed";
    let vera = || json!({"sub": "1", "preferred_username": "vera"});
    for (name, value) in [
        ("nonce", json!("another")),
        ("aud", json!("another")),
        ("iss", json!("http://another")),
        ("exp", json!(now() / 1_000 - 120)),
        ("sub", json!("")),
    ] {
        let mut told = vera();
        told[name] = value;
        let answer = log_in(&provider, &closed, told, &json!({}));
        assert_eq!(led_to(&answer), failed, "{name}");
    }
    provider.mind.lock().expect("whole").signs_with_another = true;
    assert_eq!(led_to(&log_in(&provider, &closed, vera(), &json!({}))), failed);
    provider.mind.lock().expect("whole").signs_with_another = false;

    let begun = begin(&closed, &json!({}));
    assert_eq!(led_to(&come_back(&closed, &begun, "another")), failed, "planted");
    let planted =
        Begun { cookie: "Cookie: log-center-oidc=x".into(), ..begin(&closed, &json!({})) };
    assert_eq!(led_to(&come_back(&closed, &planted, &planted.state)), failed);
    let path = format!("{BACK}?error=access_denied&state={}", begun.state);
    let denied = closed.server.send("GET", &path, &[&begun.cookie], b"");
    assert_eq!(led_to(&denied), "/login?fault=oidc_denied");
    assert_eq!(led_to(&come_back(&closed, &begun, &begun.state)), failed, "once");
    assert_eq!(closed.read("/api/v1/people")["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn who_is_not_known_is_made_or_refused_and_an_invitation_brings_its_person() {
    let provider = Provider::start();
    let closed = provider.closed(&[]);
    closed.ok("POST", "/api/v1/people", &json!({"name": "vera", "role": "viewer"}));
    let told = json!({"sub": "1", "preferred_username": "vera"});
    let unknown = log_in(&provider, &closed, told.clone(), &json!({}));
    assert_eq!(led_to(&unknown), "/login?fault=oidc_unknown", "names are not looked at");
    let invited = closed.ok("POST", "/api/v1/invitations", &json!({"role": "member"}));
    let body = json!({ "secret": invited["secret"] });
    let taken = log_in(&provider, &closed, told, &body);
    assert_eq!(led_to(&taken), "/login?fault=oidc_taken");
    provider.mind.lock().expect("whole").userinfo =
        json!({"sub": "2", "email": "otto@a.example", "email_verified": true});
    assert_eq!(led_to(&log_in(&provider, &closed, json!({"sub": "2"}), &body)), "/");
    assert_eq!(closed.read("/api/v1/people/otto%40a.example")["role"], "member");
    assert_eq!(closed.ask("", "POST", BEGIN, &body).status, 401, "the link was used");
    assert_eq!(led_to(&log_in(&provider, &closed, json!({"sub": "2"}), &json!({}))), "/");
}

#[test]
fn nobody_becomes_another_by_a_name_that_was_not_checked() {
    let provider = Provider::start();
    let closed = provider.closed(&["--oidc-match", "any", "--oidc-create", "viewer"]);
    for name in ["boss@corp.example", "kevin", "gone", "kate@corp.example"] {
        closed.ok("POST", "/api/v1/people", &json!({"name": name, "role": "member"}));
    }
    closed.ok("PATCH", "/api/v1/people/gone", &json!({"disabled": true}));
    for (number, name) in ["boss@corp.example", "\u{212a}evin", "gone"].iter().enumerate() {
        let told = json!({"sub": number.to_string(), "preferred_username": name,
            "email": "boss@corp.example", "email_verified": false});
        let answer = log_in(&provider, &closed, told, &json!({}));
        assert!(led_to(&answer).starts_with("/login?fault=oidc_"), "{name}");
    }
    let told = json!({"sub": "8", "email": "\u{212a}ate@corp.example", "email_verified": true});
    let answer = log_in(&provider, &closed, told, &json!({}));
    assert!(led_to(&answer).starts_with("/login?fault=oidc_"), "another mailbox");
    assert!(closed.read("/api/v1/audit?action=oidc.link")["items"] == json!([]));
    let told = json!({"sub": "9", "preferred_username": "other", "email": "boss@corp.example",
        "email_verified": true});
    assert_eq!(led_to(&log_in(&provider, &closed, told, &json!({}))), "/");
    closed.ok("DELETE", "/api/v1/people/boss%40corp.example/passkeys", &NOTHING);
    let unknown = json!({"sub": "9", "preferred_username": "boss@corp.example"});
    let answer = log_in(&provider, &closed, unknown, &json!({}));
    assert_eq!(led_to(&answer), "/login?fault=oidc_unknown", "the tie is gone");
}

#[test]
fn a_first_login_makes_a_person_of_the_role_that_was_chosen() {
    let provider = Provider::start();
    let closed = provider.closed(&["--oidc-create", "viewer"]);
    let told = json!({"sub": "1", "preferred_username": "vera"});
    assert_eq!(led_to(&log_in(&provider, &closed, told.clone(), &json!({}))), "/");
    assert_eq!(closed.read("/api/v1/people/vera")["role"], "viewer");
    closed.ok("PATCH", "/api/v1/people/vera", &json!({"disabled": true}));
    let shut_out = log_in(&provider, &closed, told, &json!({}));
    assert_eq!(led_to(&shut_out), "/login?fault=oidc_unknown", "shut out");
    let looks = json!({"sub": "2", "preferred_username": "аnn"});
    let looks = log_in(&provider, &closed, looks, &json!({}));
    assert_eq!(led_to(&looks), "/login?fault=oidc_unknown", "a name of two alphabets");
    assert_eq!(closed.read("/api/v1/audit?action=oidc.create")["items"][0]["who"], "vera");
}

#[test]
fn without_a_provider_nobody_is_sent_anywhere() {
    let closed = Closed::start();
    assert_eq!(closed.ask("", "POST", BEGIN, &json!({})).status, 409);
    let answer = closed.server.ask("/login/oidc?code=c&state=s");
    assert_eq!(led_to(&answer), "/login?fault=oidc_failed");
    let closed =
        Closed::start_with(&["--oidc-issuer", "http://127.0.0.1:1", "--oidc-client-id", "lc"]);
    assert_eq!(closed.ask("", "POST", BEGIN, &json!({})).status, 503, "nothing listens there");
}
