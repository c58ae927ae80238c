//! A program that asks everybody who they are, with an administrator, two projects and people who
//! see one of them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::client::{Answer, Running};
use super::samples::{REPORT, on_line};

pub(crate) const PASSWORD: &str = "correct horse staple battery";
pub(crate) const ORIGIN: &str = "Origin: http://localhost";
pub(crate) const JSON: &str = "Content-Type: application/json";

/// Makes the first administrator, as an operator does.
pub(crate) fn make_administrator(folder: &Path, name: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_log-center"))
        .args(["admin", "create", name, "--data"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("piped");
    writeln!(input, "{PASSWORD}").expect("it reads");
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

/// A fresh folder's name.
pub(crate) fn fresh_folder() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("log-center-closed-{}-{number}", std::process::id()))
}

/// The program, and what `ann`, its administrator, is let in by.
pub(crate) struct Closed {
    pub(crate) server: Running,
    /// Ann's cookie, as a header.
    pub(crate) ann: String,
}

impl Closed {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts with these flags beside `--require-login`.
    pub(crate) fn start_with(flags: &[&str]) -> Self {
        let folder = fresh_folder();
        make_administrator(&folder, "ann");
        let server = Running::start_in(folder, &[&["--require-login"], flags].concat());
        let ann = log_in(&server, "ann");
        Self { server, ann }
    }

    /// With the projects `shop` and `other`, an issue in each: 1 and 2.
    pub(crate) fn filled() -> Self {
        let closed = Self::start();
        let key = closed.key(json!({ "name": "all" }));
        for (line, project) in [(1, "shop"), (2, "other")] {
            closed.ok("POST", "/api/v1/projects", &json!({ "project_id": project }));
            let report = on_line(line, &[("project_id", json!(project))]);
            let header = format!("X-Log-Center-Key: {key}");
            let answer =
                closed.server.send("POST", REPORT, &[&header], report.to_string().as_bytes());
            assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(line)));
        }
        closed
    }

    /// Asks as somebody, with a header of theirs; a change comes from an own page.
    pub(crate) fn ask(&self, who: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.ask_with(JSON, who, method, path, body)
    }

    /// As [`Self::ask`], with a body of another type.
    pub(crate) fn ask_with(
        &self,
        kind: &str,
        who: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut headers = vec![kind, ORIGIN];
        if !who.is_empty() {
            headers.push(who);
        }
        self.server.send(method, path, &headers, body.as_bytes())
    }

    /// Asks as the administrator; it must succeed.
    pub(crate) fn ok(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.ask(&self.ann, method, path, body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.json());
        answer.json()
    }

    /// Reads as the administrator.
    pub(crate) fn read(&self, path: &str) -> Value {
        self.ok("GET", path, &Value::Null)
    }

    /// Adds a person and logs them in; their cookie, as a header.
    pub(crate) fn person(&self, name: &str, role: &str, projects: Value) -> String {
        let body = json!({"name": name, "role": role, "projects": projects, "password": PASSWORD});
        self.ok("POST", "/api/v1/people", &body);
        log_in(&self.server, name)
    }

    /// Makes a key.
    pub(crate) fn key(&self, body: Value) -> String {
        let made = self.ok("POST", "/api/v1/keys", &body);
        made["secret"].as_str().expect("told once").to_owned()
    }
}

/// Logs in; the cookie, as a header.
pub(crate) fn log_in(server: &Running, name: &str) -> String {
    let answer = try_to_log_in(server, name, PASSWORD, &[]);
    assert_eq!(answer.status, 200, "{}", answer.json());
    cookie_of(&answer)
}

pub(crate) fn try_to_log_in(
    server: &Running,
    name: &str,
    password: &str,
    headers: &[&str],
) -> Answer {
    let body = json!({ "name": name, "password": password }).to_string();
    server.send("POST", "/api/v1/session", &[&[JSON, ORIGIN], headers].concat(), body.as_bytes())
}

/// The cookie that an answer sets, as a request's header.
pub(crate) fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    format!("Cookie: {}", set.split(';').next().expect("a pair"))
}
