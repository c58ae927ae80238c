//! Passkeys: made, used to log in, renamed, removed; with an authenticator of the test's own.

use log_center::domain::trust::passkey::{bytes, written};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::client::Answer;
use super::closed::{Closed, PASSWORD, cookie_of};

const NOTHING: Value = Value::Null;
const OWN: &str = "/api/v1/session/passkeys";
const OPTIONS: &str = "/api/v1/session/passkeys/options";
const LOGIN: &str = "/api/v1/session/passkey";
const LOGIN_OPTIONS: &str = "/api/v1/session/passkey/options";
const HERE: &str = "http://localhost";
/// Present, verified.
const FLAGS: u8 = 0x05;

/// A device that holds one passkey.
struct Device {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    user: String,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn client_data(kind: &str, options: &Value, origin: &str) -> Vec<u8> {
    let challenge = &options["challenge"];
    json!({"type": kind, "challenge": challenge, "origin": origin}).to_string().into_bytes()
}

fn authenticator_data(flags: u8, count: u32) -> Vec<u8> {
    [&sha256(b"localhost")[..], &[flags], &count.to_be_bytes()].concat()
}

impl Device {
    /// Makes a passkey as the options say; the device and what the browser sends.
    fn make(options: &Value, name: u8) -> (Self, Value) {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("random");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("a key");
        let point = pair.public_key().as_ref();
        let head = [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
        let cose = [&head[..], &point[1..33], &[0x22, 0x58, 32], &point[33..]].concat();
        let id = vec![name; 16];
        let data = authenticator_data(FLAGS | 0x40, 0);
        let data = [&data[..], &[0; 16], &[0, 16], &id, &cose].concat();
        let attested =
            [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58", &[data.len() as u8][..]];
        let attested = [attested.concat(), data].concat();
        let credential = json!({
            "id": written(&id), "rawId": written(&id), "type": "public-key",
            "response": {
                "clientDataJSON": written(&client_data("webauthn.create", options, HERE)),
                "attestationObject": written(&attested),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        });
        let user = options["user"]["id"].as_str().expect("a name").to_owned();
        (Self { pair, id, user }, credential)
    }

    /// Signs what a login asks for.
    fn sign(&self, options: &Value, (origin, flags, count): (&str, u8, u32)) -> Value {
        let client = client_data("webauthn.get", options, origin);
        let data = authenticator_data(flags, count);
        let message = [&data[..], &sha256(&client)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &message).expect("signed");
        json!({
            "id": written(&self.id), "rawId": written(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": written(&client),
                "authenticatorData": written(&data),
                "signature": written(signature.as_ref()),
                "userHandle": self.user,
            },
        })
    }
}

fn begun(closed: &Closed, who: &str) -> Value {
    let answer = closed.ask(who, "POST", OPTIONS, &json!({"password": PASSWORD}));
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["public_key"].clone()
}

fn add(closed: &Closed, who: &str, credential: &Value) -> Answer {
    closed.ask(who, "POST", OWN, &json!({"name": "Phone", "credential": credential}))
}

fn asked(closed: &Closed) -> Value {
    let answer = closed.ask("", "POST", LOGIN_OPTIONS, &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["public_key"].clone()
}

fn log_in(closed: &Closed, credential: &Value) -> Answer {
    closed.ask("", "POST", LOGIN, &json!({ "credential": credential }))
}

fn with_passkey(closed: &Closed, who: &str, name: u8) -> Device {
    let (device, credential) = Device::make(&begun(closed, who), name);
    let answer = add(closed, who, &credential);
    assert_eq!(answer.status, 201, "{}", answer.json());
    device
}

#[test]
fn a_passkey_logs_in_without_a_password_and_a_challenge_counts_once() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let options = begun(&closed, &vera);
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let (device, made) = Device::make(&options, 7);
    let answer = add(&closed, &vera, &made);
    assert_eq!(answer.status, 201, "{}", answer.json());
    let told = answer.json();
    assert_eq!((&told["name"], &told["last_used_at"]), (&json!("Phone"), &NOTHING));
    assert_eq!(add(&closed, &vera, &made).status, 400, "the challenge was used");
    assert_eq!(closed.read("/api/v1/people/vera")["passkeys"], 1);
    let next = begun(&closed, &vera);
    assert_eq!(next["excludeCredentials"][0]["id"], written(&device.id));

    let signed = device.sign(&asked(&closed), (HERE, FLAGS, 1));
    let answer = log_in(&closed, &signed);
    assert_eq!((answer.status, &answer.json()["person"]["name"]), (200, &json!("vera")));
    let cookie = cookie_of(&answer);
    assert_eq!(closed.ask(&cookie, "GET", "/api/v1/issues", &NOTHING).status, 200);
    assert_eq!(log_in(&closed, &signed).status, 401, "once");
    let own = closed.ask(&cookie, "GET", OWN, &NOTHING).json();
    assert!(own["items"][0]["last_used_at"].is_string());
    let begun = closed.read("/api/v1/audit?action=session.begin")["items"][0].clone();
    assert_eq!((&begun["who"], &begun["detail"]["passkey"]), (&json!("vera"), &told["id"]));
    let ways = closed.read("/api/v1/session")["login"].clone();
    assert_eq!(ways, json!({"passkeys": true, "oidc": null}));
}

#[test]
fn what_was_not_asked_for_or_not_seen_logs_nobody_in() {
    let closed = Closed::start();
    let device = with_passkey(&closed, &closed.ann, 1);
    let good = || device.sign(&asked(&closed), (HERE, FLAGS, 5));
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut signed = good();
        change(&mut signed);
        signed
    };
    let table = [
        ("another site", device.sign(&asked(&closed), ("https://evil.example", FLAGS, 5))),
        ("nobody was seen", device.sign(&asked(&closed), (HERE, 0x04, 5))),
        ("nobody was checked", device.sign(&asked(&closed), (HERE, 0x01, 5))),
        ("no challenge of ours", device.sign(&json!({"challenge": "AAAA"}), (HERE, FLAGS, 5))),
        (
            "a challenge for something else",
            device.sign(&begun(&closed, &closed.ann), (HERE, FLAGS, 5)),
        ),
        ("another passkey", changed(&|one| one["rawId"] = json!(written(&[9; 16])))),
        ("another person", changed(&|one| one["response"]["userHandle"] = json!("AAAA"))),
        ("no signature", changed(&|one| one["response"]["signature"] = json!(""))),
        (
            "another signature",
            changed(&|one| {
                let signature = one["response"]["signature"].as_str().expect("text");
                let mut changed = bytes(signature).expect("base64url");
                *changed.last_mut().expect("long") ^= 1;
                one["response"]["signature"] = json!(written(&changed));
            }),
        ),
    ];
    for (why, credential) in table {
        let answer = log_in(&closed, &credential);
        assert_eq!((answer.status, answer.code().as_str()), (401, "AuthError"), "{why}");
    }
    assert_eq!(log_in(&closed, &good()).status, 200);
    assert_eq!(log_in(&closed, &json!("x")).status, 400);
    let refused = closed.read("/api/v1/audit?action=passkey.refused");
    assert_eq!(refused["items"].as_array().map(Vec::len), Some(9));
}

#[test]
fn a_count_that_goes_back_is_refused_and_recorded() {
    let closed = Closed::start();
    let device = with_passkey(&closed, &closed.ann, 1);
    let try_with = |count| log_in(&closed, &device.sign(&asked(&closed), (HERE, FLAGS, count)));
    assert_eq!(try_with(5).status, 200);
    for count in [5, 4, 0] {
        let answer = try_with(count);
        assert_eq!(answer.status, 401);
        assert!(answer.json()["message"].as_str().expect("text").contains("a copy"));
    }
    assert_eq!(try_with(6).status, 200);
    let copied = closed.read("/api/v1/audit?action=passkey.copied")["items"].clone();
    assert_eq!(copied[0]["detail"]["name"], "ann");
}

#[test]
fn making_one_needs_the_password_and_the_same_person() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let wrong = closed.ask(&vera, "POST", OPTIONS, &json!({"password": "wrong"}));
    assert_eq!(wrong.status, 401);
    let (_, made) = Device::make(&begun(&closed, &vera), 1);
    assert_eq!(add(&closed, &closed.ann, &made).status, 400, "somebody else's");
    let mut elsewhere = made.clone();
    let data = client_data("webauthn.create", &begun(&closed, &vera), "https://evil.example");
    elsewhere["response"]["clientDataJSON"] = json!(written(&data));
    assert_eq!(add(&closed, &vera, &elsewhere).status, 400);
    assert_eq!(add(&closed, &vera, &made).status, 201);
    let (_, twice) = Device::make(&begun(&closed, &closed.ann), 1);
    assert_eq!(add(&closed, &closed.ann, &twice).status, 409, "one of that name is known");
    let (_, late) = Device::make(&begun(&closed, &vera), 2);
    closed.ok("PATCH", "/api/v1/people/vera", &json!({"password": "another long password"}));
    let vera = super::closed::try_to_log_in(&closed.server, "vera", "another long password", &[]);
    assert_eq!(add(&closed, &cookie_of(&vera), &late).status, 401, "the password is another one");
}

#[test]
fn passkeys_are_renamed_and_removed_by_their_owner_and_reset_by_an_administrator() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let device = with_passkey(&closed, &vera, 1);
    let id = closed.ask(&vera, "GET", OWN, &NOTHING).json()["items"][0]["id"].clone();
    let path = format!("/api/v1/session/passkeys/{id}");
    assert_eq!(closed.ask(&closed.ann, "PATCH", &path, &json!({"name": "x"})).status, 404);
    assert_eq!(closed.ask(&closed.ann, "DELETE", &path, &NOTHING).status, 404);
    let renamed = closed.ask(&vera, "PATCH", &path, &json!({"name": "Key ring"})).json();
    assert_eq!(renamed["name"], "Key ring");
    assert_eq!(closed.ask(&vera, "DELETE", &path, &NOTHING).status, 200);
    assert_eq!(closed.ask(&vera, "DELETE", &path, &NOTHING).status, 404);
    let signed = device.sign(&asked(&closed), (HERE, FLAGS, 9));
    assert_eq!(log_in(&closed, &signed).status, 401, "it is gone");

    let device = with_passkey(&closed, &vera, 2);
    closed.ok("PATCH", "/api/v1/people/vera", &json!({"disabled": true}));
    let signed = device.sign(&asked(&closed), (HERE, FLAGS, 9));
    assert_eq!(log_in(&closed, &signed).status, 401, "shut out");
    closed.ok("PATCH", "/api/v1/people/vera", &json!({"disabled": false}));
    let path = "/api/v1/people/vera/passkeys";
    closed.ok("DELETE", path, &NOTHING);
    assert_eq!(closed.ask(&closed.ann, "DELETE", path, &NOTHING).status, 404, "none is left");
    for action in ["passkey.add", "passkey.rename", "passkey.remove", "passkey.reset"] {
        let found = closed.read(&format!("/api/v1/audit?action={action}"));
        assert!(!found["items"].as_array().expect("a list").is_empty(), "{action}");
    }
}

#[test]
fn browsers_have_passkeys_for_names_alone() {
    let closed = Closed::start();
    let headers = ["Host: 127.0.0.1", "Content-Type: application/json"];
    let answer = closed.server.send("POST", LOGIN_OPTIONS, &headers, b"{}");
    assert_eq!(answer.status, 409);
    let shown = closed.server.send("GET", "/api/v1/session", &["Host: 127.0.0.1"], b"").json();
    assert_eq!(shown["login"]["passkeys"], false);
}
