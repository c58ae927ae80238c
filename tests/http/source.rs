//! Lines of source around a frame: read out of the folder that the operator named, and no other.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::client::Running;
use super::closed::Closed;

const LINES: &str = "/api/v1/projects/shop/source";

/// A folder with some source; gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("log-center-http-source-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("app")).expect("a folder");
        let text = "import pay\n\ndef order():\n    pay.now()\n";
        std::fs::write(folder.join("app/views.py"), text).expect("a file");
        Self(folder)
    }

    fn flag(&self) -> String {
        format!("shop={}", self.0.display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_lines_around_a_frame_are_told() {
    let folder = Folder::new("told");
    let server = Running::start(&["--source-root", &folder.flag()]);
    let expected = json!({
        "file": "app/views.py", "line": 4, "first_line": 1,
        "lines": ["import pay", "", "def order():", "    pay.now()"]
    });
    let absolute = folder.0.join("app/views.py").display().to_string().replace('/', "%2F");
    for file in ["app/views.py", &absolute] {
        assert_eq!(server.read(&format!("{LINES}?file={file}&line=4")), expected);
    }
    assert_eq!(server.read("/api/v1/session")["source_projects"], json!(["shop"]));
}

#[test]
fn a_forged_file_path_reads_nothing_else() {
    let folder = Folder::new("forged");
    let server = Running::start(&["--source-root", &folder.flag()]);
    for file in
        ["..%2Fx", "%2Fetc%2Fpasswd", "%2Fproc%2Fself%2Fenviron", "%2Fdev%2Fzero", "app", "none.py"]
    {
        let answer = server.ask(&format!("{LINES}?file={file}&line=1"));
        assert_eq!(answer.status, 404, "{file}");
        assert_eq!(answer.json()["message"], "there is no such source");
    }
    let other = server.ask("/api/v1/projects/other/source?file=app%2Fviews.py&line=1");
    assert_eq!(other.status, 404, "another project's");
    assert_eq!(server.ask(&format!("{LINES}?file=app%2Fviews.py&line=0")).status, 400);
}

#[test]
fn no_strangers_page_and_no_proxy_reads_source() {
    let folder = Folder::new("stranger");
    let server = Running::start(&["--source-root", &folder.flag()]);
    let path = format!("{LINES}?file=app%2Fviews.py&line=1");
    for header in ["Host: evil.example", "X-Forwarded-For: 1.2.3.4"] {
        assert_eq!(server.send("GET", &path, &[header], b"").status, 403, "{header}");
    }
    let foreign = server.send("GET", &path, &["Origin: http://evil.example"], b"");
    assert_eq!(foreign.header("access-control-allow-origin"), None);
}

#[test]
fn where_others_can_ask_it_does_not_start() {
    let folder = Folder::new("open");
    let data = folder.0.join("data");
    let start = |flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_log-center"));
        let command = command.args(["--source-root", &folder.flag()]).args(flags);
        command.arg("--data").arg(&data).output().expect("it ends")
    };
    for flags in [
        &["--listen", "0.0.0.0:0", "--insecure-open"][..],
        &["--listen", "127.0.0.1:0", "--public-url", "https://errors.example.org"],
    ] {
        let ended = start(flags);
        assert!(!ended.status.success());
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.contains("--source-root shows the source"), "{said}");
    }
    assert!(!data.exists(), "refused before anything is touched");
}

#[test]
fn behind_a_login_source_is_for_those_who_see_the_project() {
    let folder = Folder::new("login");
    let closed = Closed::start_with(&["--source-root", &folder.flag()]);
    for project in ["shop", "other"] {
        closed.ok("POST", "/api/v1/projects", &json!({ "project_id": project }));
    }
    let path = format!("{LINES}?file=app%2Fviews.py&line=1");
    let vera = closed.person("vera", "viewer", json!(["shop"]));
    let otto = closed.person("otto", "member", json!(["other"]));
    let table = [("", 401, json!([])), (&vera, 200, json!(["shop"])), (&otto, 404, json!([]))];
    for (header, status, sees) in table {
        let headers: Vec<&str> = Some(header).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(closed.server.send("GET", &path, &headers, b"").status, status);
        let session = closed.server.send("GET", "/api/v1/session", &headers, b"");
        assert_eq!(session.json()["source_projects"], sees);
    }
}
