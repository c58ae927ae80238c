//! What the data folder's owner asks for while the server runs, and a folder without its key.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::client::Running;
use super::closed::{Closed, JSON, ORIGIN, PASSWORD, fresh_folder, log_in, try_to_log_in};
use super::second_step::{log_in_with, set_up};

const OTHER: &str = "seven tired otters";

/// `log-center admin`, with a password on its standard input.
fn admin(act: &str, name: &str, folder: &Path, password: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_log-center"))
        .args(["admin", act, name, "--data"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("piped");
    writeln!(input, "{password}").expect("it reads");
    drop(input);
    child.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_administrator_is_made_and_let_in_again_while_the_server_runs() {
    let closed = Closed::start();
    let folder = closed.server.folder();
    let made = admin("create", "bea", folder, OTHER);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(said(&made), "bea is an administrator, and can log in.");
    assert_eq!(try_to_log_in(&closed.server, "bea", OTHER, &[]).status, 200);
    let again = admin("create", "BEA", folder, OTHER);
    assert!(!again.status.success() && said(&again).contains("somebody called BEA already"));
    let nobody = admin("reset", "carl", folder, OTHER);
    assert!(!nobody.status.success() && said(&nobody).contains("There is nobody called carl."));
    let reset = admin("reset", "ann", folder, OTHER);
    assert!(reset.status.success(), "{}", said(&reset));
    assert_eq!(closed.ask(&closed.ann, "GET", "/api/v1/issues", &Value::Null).status, 401);
    assert_eq!(try_to_log_in(&closed.server, "ann", PASSWORD, &[]).status, 401);
    assert_eq!(try_to_log_in(&closed.server, "ann", OTHER, &[]).status, 200);
    let left: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|file| file.expect("a file").file_name())
        .filter(|name| name.to_string_lossy().starts_with("admin."))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let bea = super::closed::cookie_of(&try_to_log_in(&closed.server, "bea", OTHER, &[]));
    let record = closed.ask(&bea, "GET", "/api/v1/audit?action=person.reset", &Value::Null).json();
    assert_eq!(record["items"][0]["object"], "person ann");
    assert_eq!(record["items"][0]["who"], "command line");
}

#[test]
fn the_first_administrator_is_made_while_the_server_waits_for_one() {
    let server = Running::start_in(fresh_folder(), &["--require-login", "--setup-link"]);
    let secret = server.first_link();
    let made = admin("create", "ann", server.folder(), PASSWORD);
    assert!(made.status.success(), "{}", said(&made));
    log_in(&server, "ann");
    let body = json!({"secret": secret, "name": "eve", "password": PASSWORD}).to_string();
    let path = "/api/v1/invitations/accept";
    assert_eq!(server.send("POST", path, &[JSON, ORIGIN], body.as_bytes()).status, 401);
}

#[test]
fn a_wish_that_others_can_write_changes_nothing() {
    let closed = Closed::start();
    let path = closed.server.folder().join("admin.wish");
    let wish = json!({"id": "1", "act": "create", "name": "eve", "hash": "x"}).to_string();
    let part = path.with_extension("part");
    std::fs::write(&part, wish).expect("written");
    std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o666)).expect("opened");
    std::fs::rename(&part, &path).expect("put there");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while path.exists() {
        assert!(std::time::Instant::now() < until, "it is taken away");
        std::thread::yield_now();
    }
    // What follows it is done after it.
    assert!(admin("create", "bea", closed.server.folder(), OTHER).status.success());
    let people = closed.read("/api/v1/people").to_string();
    assert!(people.contains("bea") && !people.contains("eve"), "{people}");
}

#[test]
fn without_the_key_a_code_is_refused_with_what_to_do_and_a_recovery_code_counts() {
    let closed = Closed::start();
    let vera = closed.person("vera", "viewer", json!(null));
    let (_, recovery, _) = set_up(&closed, &vera);
    std::fs::remove_file(closed.server.folder().join("log-center.key")).expect("the key");
    let answer = log_in_with(&closed.server, "vera", "123456");
    assert_eq!((answer.status, answer.code().as_str()), (409, "ConflictError"));
    assert_eq!(answer.json()["info"]["needs"], "reset");
    let message = answer.json()["message"].to_string();
    assert!(message.contains("log-center.key") && message.contains("admin reset"), "{message}");
    assert_eq!(log_in_with(&closed.server, "vera", &recovery[0]).status, 200);
    closed.ok("DELETE", "/api/v1/people/vera/totp", &Value::Null);
    assert_eq!(try_to_log_in(&closed.server, "vera", PASSWORD, &[]).status, 200);
}
