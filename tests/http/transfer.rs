//! Everything that a server knows goes to another one, which then gives the same answers.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::client::{Answer, Running};
use super::samples::{
    HOUR, ISSUES, REPORT, ago, encoded, line, now, on_line, until, with, without,
};

const IMPORT: &str = "/api/v1/import";
const EXPORT: &str = "/api/v1/export";
/// An issue keeps few events, so that some go.
const FLAGS: [&str; 2] = ["--events-per-issue", "40"];
const BULK: usize = 4_300;

/// The command line, told which server is meant.
fn command(server: &Running, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_log-center"));
    command.args(words).env("LOG_CENTER_URL", format!("http://{}", server.address));
    command.env_remove("LOG_CENTER_KEY").stdin(Stdio::null());
    command
}

fn done(server: &Running, words: &[&str]) -> Output {
    let output = command(server, words).output().expect("it runs");
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn export(server: &Running) -> Vec<u8> {
    done(server, &["export"]).stdout
}

/// A file that goes with the test.
struct Kept(PathBuf);

impl Kept {
    fn new(server: &Running, bytes: &[u8]) -> Self {
        let path = server.folder().with_extension("ndjson");
        std::fs::write(&path, bytes).expect("a temporary file");
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

fn event_id(nth: usize) -> String {
    format!("00000000-0000-4000-8000-{nth:012x}")
}

fn deploy(server: &Running, project: &str, version: &str) {
    let body = json!({"version": version, "commit_hash": "c0ffee"});
    server.json("POST", &format!("/api/v1/projects/{project}/deploys"), &body, 201);
}

/// Something of everything; the numbers of the shop's issues by status.
fn fill(server: &Running) -> BTreeMap<&'static str, i64> {
    let by_status = statuses(server);
    peculiar(server);
    bulk(server);
    erased(server);
    by_status
}

fn statuses(server: &Running) -> BTreeMap<&'static str, i64> {
    let mut by_status = BTreeMap::new();
    let names = [
        "NEW",
        "VERIFYING",
        "PENDING_FIX",
        "FIXING",
        "FIXED",
        "VERIFIED",
        "DEPLOYED",
        "CANNOT_REPRODUCE",
        "FIX_FAILED",
    ];
    for (version, environment) in [("blue", "production"), ("green", "staging")] {
        let changes = [("version", json!(version)), ("environment", json!(environment))];
        server.record(&on_line(1, &changes));
    }
    for name in names {
        let version = [("version", json!("blue")), ("project_id", json!("shop"))];
        let id = server.record(&on_line(line(), &version));
        if name == "DEPLOYED" {
            server.walk(id, "VERIFIED");
            deploy(server, "shop", "green");
        } else if name != "NEW" {
            server.walk(id, name);
        }
        by_status.insert(name, id);
    }
    let regressed = server.record(&on_line(line(), &[("project_id", json!("shop"))]));
    let change = json!({"status": "DEPLOYED", "path": true, "version": "1.2.0", "note": "n"});
    server.change(regressed, &change, 200);
    let again = server.issue(regressed)["line_number"].as_i64().expect("a number");
    let changes = [("version", json!("1.3.0")), ("project_id", json!("shop"))];
    server.record(&on_line(again, &changes));
    assert_eq!(server.issue(regressed)["regressed"], true);
    let mutes =
        [json!({"at": ago(-HOUR)}), json!({"reports": 5}), json!({"for_ever": true}), json!(null)];
    for (mute, id) in mutes.iter().zip(by_status.values()) {
        server.change(*id, &json!({"muted_until": mute, "assignee": "ann"}), 200);
        let comment = json!({"text": "Привет, 世界 \u{1f600}"});
        server.json("POST", &format!("{ISSUES}/{id}/comments"), &comment, 201);
    }
    by_status
}

/// What reports may hold beside the usual.
fn peculiar(server: &Running) {
    let long = "é".repeat(9_000);
    let secret = json!({"password": "hunter2", "user_id": "u1", "request_id": "r1",
        "trace_id": "t1", "b": {"z": 1.50, "a": [1e300, null]}, "n\\u0000": "x"});
    for changes in [
        vec![("error.message", json!(format!("token=abcdef123456 {long}")))],
        vec![("error.stack_trace", json!("Error: x\n    at f (a.js:1:2)\n".repeat(20_000)))],
        vec![("timestamp", json!(ago(-2 * HOUR)))],
        vec![("timestamp", json!(ago(120 * 24 * HOUR))), ("level", json!("DEBUG"))],
        vec![("context", secret), ("commit_hash", json!("abc")), ("error.code", json!("E1"))],
        vec![("error.code", json!("E2")), ("version", json!("(other)"))],
        vec![
            ("error.file_path", json!("unknown")),
            ("error.line_number", json!(0)),
            ("error.stack_trace", json!("Error: x\n    at g (b.js:7:2)")),
        ],
        vec![("error.stack_trace", json!([])), ("error.message", json!(""))],
        vec![("event_id", json!(event_id(1))), ("environment", json!("eu west"))],
        vec![("error.line_number", json!(i64::MAX)), ("odd", json!("kept under extra"))],
    ] {
        let mut report = with(&[("project_id", json!("api 世"))]);
        report["error"]["line_number"] = json!(7);
        for (path, value) in changes {
            let pointer = format!("/{}", path.replace('.', "/"));
            let (parent, name) = pointer.rsplit_once('/').expect("a slash");
            report.pointer_mut(parent).expect("an object")[name] = value;
        }
        server.record(&report);
    }
    let live = json!({"settings": {"live_environments": ["eu west", "production"]}});
    let path = format!("/api/v1/projects/{}", encoded("api 世"));
    server.json("PATCH", &path, &live, 200);
    let many: Vec<Value> = (0..70)
        .map(|nth| {
            let name = json!(format!("env{nth}"));
            on_line(3, &[("environment", name), ("project_id", json!("wide"))])
        })
        .collect();
    server.record_all(&many);
}

/// Enough for lookup keys in runs, events that go, and a sketch of many users.
fn bulk(server: &Running) {
    for from in (0..BULK).step_by(1_000) {
        let reports: Vec<Value> = (from..(from + 1_000).min(BULK))
            .map(|nth| {
                let of = if nth % 3 == 0 { 500 } else { 501 + (nth % 60) as i64 };
                let context =
                    json!({"user_id": format!("user{nth}"), "request_id": format!("r{nth}")});
                let mut changes = vec![("project_id", json!("bulk")), ("context", context)];
                if nth % 2 == 0 {
                    changes.push(("event_id", json!(event_id(1_000 + nth))));
                }
                changes.push(("timestamp", json!(ago(nth as i64 * 60_000))));
                on_line(of, &changes)
            })
            .collect();
        server.record_all(&reports);
    }
    // None keeps more than it may: nothing goes by itself any more.
    let kept = |id: &i64| server.items(&format!("{ISSUES}/{id}/events?limit=200")).len();
    until(|| server.ids("limit=200").iter().all(|id| kept(id) <= 40));
}

fn erased(server: &Running) {
    let gone = server.record(&on_line(line(), &[("project_id", json!("bulk"))]));
    server.record(&on_line(line(), &[("project_id", json!("gone"))]));
    for path in [
        format!("{ISSUES}/{gone}"),
        "/api/v1/projects/gone?confirm=gone".to_owned(),
        "/api/v1/events?project_id=bulk&user_id=user4250".to_owned(),
    ] {
        assert_eq!(server.send("DELETE", &path, &[], b"").status, 200, "{path}");
    }
}

/// Every read that there is, by its address.
fn answers(server: &Running) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let mut lists: Vec<String> = vec!["/api/v1/projects?limit=2".into()];
    for sort in ["last_seen", "first_seen", "count", "users"] {
        lists.push(format!("{ISSUES}?limit=20&sort={sort}"));
    }
    let since = encoded(&ago(now() % HOUR + 48 * HOUR));
    for filter in [
        "status=NEW,FIXED",
        "level=DEBUG",
        "environment=staging",
        "version=blue",
        "code=E1",
        "assignee=ann",
        "type=ValueError",
        "q=is:regressed",
        "q=is:muted",
        "q=is:rising",
        "q=%E4%B8%96",
        "q=token",
        "q=user:user7",
        "q=count:%3E30",
        "q=file:views.py",
        "project_id=wide&environment=(other)",
        "q=version:1.*",
    ] {
        lists.push(format!("{ISSUES}?limit=50&{filter}"));
    }
    lists.push(format!("{ISSUES}?since={since}&sort=count"));
    for filter in [
        "",
        "&request_id=r7",
        "&user_id=user9",
        "&trace_id=t1",
        "&project_id=bulk",
        "&q=token",
        "&environment=staging",
        "&q=context.user_id:user12",
    ] {
        lists.push(format!("/api/v1/events?limit=150{filter}"));
    }
    for list in lists {
        walk(server, &list, &mut all);
    }
    for id in server.ids("limit=200") {
        all.insert(format!("issue {id}"), server.issue(id));
        walk(server, &format!("{ISSUES}/{id}/history?limit=3"), &mut all);
        for event in walk(server, &format!("{ISSUES}/{id}/events?limit=30"), &mut all) {
            let id = event["event_id"].as_str().expect("an id");
            let project = encoded(event["project_id"].as_str().expect("a name"));
            let path = format!("/api/v1/events/{id}?project_id={project}");
            all.insert(path.clone(), server.read(&path));
        }
    }
    let span = format!("since={}&until={}", encoded(&ago(130 * 24 * HOUR)), encoded(&ago(-HOUR)));
    for by in ["", "&by=status", "&by=level", "&by=project", "&by=environment", "&by=version"] {
        let path = format!("/api/v1/stats?interval=day&{span}{by}");
        // The span moves with the clock.
        all.insert(format!("stats {by}"), server.read(&path)["series"].clone());
        all.insert(
            format!("hours {by}"),
            server.read(
                &format!("/api/v1/stats?x{by}").replace("x&", "").replace("?x", "?interval=hour"),
            ),
        );
    }
    all
}

/// Every page of a list; its items.
fn walk(server: &Running, list: &str, all: &mut BTreeMap<String, Value>) -> Vec<Value> {
    let (mut items, mut path) = (Vec::new(), list.to_owned());
    loop {
        let page = server.read(&path);
        items.extend(page["items"].as_array().expect("a list").clone());
        let next = page["next_cursor"].as_str().map(|cursor| format!("{list}&cursor={cursor}"));
        all.insert(path, page);
        match next {
            Some(next) => path = next,
            None => return items,
        }
    }
}

/// Both servers say the same, whatever they are asked.
fn assert_same(one: &Running, other: &Running) {
    loop {
        let begun = now() / HOUR;
        let (left, right) = (answers(one), answers(other));
        if now() / HOUR != begun {
            continue;
        }
        assert!(left.len() > 300, "{} answers", left.len());
        let lacking = |all: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| {
            all.keys().filter(|path| !other.contains_key(*path)).take(3).cloned().collect()
        };
        let lacks: (Vec<_>, Vec<_>) = (lacking(&left, &right), lacking(&right, &left));
        assert_eq!(lacks, (vec![], vec![]), "of {} and {}", left.len(), right.len());
        for (path, value) in left {
            assert_eq!(value, right[&path], "{path}");
        }
        return;
    }
}

fn post(server: &Running, id: &str, from_line: usize, lines: &[u8]) -> Answer {
    let path = format!("{IMPORT}?export_id={id}&from_line={from_line}");
    server.send("POST", &path, &["Content-Type: application/x-ndjson"], lines)
}

fn id_of(file: &[u8]) -> String {
    let header: Value = serde_json::from_slice(file.split(|b| *b == b'\n').next().expect("one"))
        .expect("the header");
    header["export_id"].as_str().expect("its id").to_owned()
}

/// The first lines of a file.
fn head(file: &[u8], lines: usize) -> Vec<u8> {
    file.split_inclusive(|byte| *byte == b'\n').take(lines).flatten().copied().collect()
}

#[test]
fn another_server_gives_the_same_answers() {
    let from = Running::start(&FLAGS);
    let by_status = fill(&from);
    let to = Running::start(&FLAGS);
    let file = Kept::new(&to, b"");
    done(&from, &["export", "--force", file.name()]);
    let mode = std::fs::metadata(file.name()).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it is its owner's alone");
    let output = done(&to, &["import", file.name()]);
    assert!(said(&output).starts_with("Imported "), "{}", said(&output));
    assert!(!said(&output).contains("left out"), "{}", said(&output));
    assert_same(&from, &to);
    let text = std::fs::read_to_string(&file.0).expect("text");
    assert!(!text.contains("hunter2") && !text.contains("abcdef123456"));

    // Small pages say the same.
    let (mut whole, mut path) = (String::new(), format!("{EXPORT}?limit=700"));
    loop {
        let answer = from.ask(&path);
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
        let page = String::from_utf8(answer.body).expect("text");
        let last: Value = serde_json::from_str(page.lines().last().expect("one")).expect("JSON");
        whole += &page;
        match last["next_cursor"].as_str() {
            Some(cursor) => path = format!("{EXPORT}?limit=700&cursor={cursor}"),
            None => break,
        }
    }
    let other = Running::start(&[]);
    other.record(&on_line(1, &[]));
    let refused = other.ask(&path);
    assert_eq!((refused.status, refused.code().as_str()), (400, "ValidationError"), "{path}");
    let records = |text: &str| {
        let record = |line: &&str| !line.contains(r#""kind":"page""#);
        text.lines().skip(1).filter(record).map(str::to_owned).collect::<Vec<_>>()
    };
    let memory = |line: &String| !line.starts_with(r#"{"kind":"memory""#);
    let (one, other): (Vec<_>, Vec<_>) = (records(&text), records(&whole));
    assert_eq!(one.len(), other.len());
    assert!(one.iter().filter(|l| memory(l)).eq(other.iter().filter(|l| memory(l))));

    same_future(&from, &to, &by_status);
}

/// What comes later happens alike.
fn same_future(from: &Running, to: &Running, by_status: &BTreeMap<&'static str, i64>) {
    let removed = [("project_id", json!("bulk")), ("event_id", json!(event_id(1_000)))];
    let kept = [("project_id", json!("bulk")), ("event_id", json!(event_id(1_000 + 4_298)))];
    let deployed = from.issue(by_status["DEPLOYED"]);
    let again = |version: &str| {
        let mut report = on_line(0, &[("version", json!(version)), ("project_id", json!("shop"))]);
        report["error"]["line_number"] = deployed["line_number"].clone();
        report
    };
    let reports = [
        on_line(500, &removed),
        on_line(900, &kept),
        again("blue"),
        again("newer"),
        on_line(77_777, &[("project_id", json!("fresh"))]),
    ];
    for report in reports {
        let (one, other) = (from.report(&report), to.report(&report));
        assert_eq!(one, other, "{report}");
    }
    let id = deployed["id"].as_i64().expect("a number");
    let (one, other) = (from.issue(id), to.issue(id));
    assert_eq!((&one["status"], &one["regressed"]), (&json!("NEW"), &json!(true)));
    let moves = |issue: &Value| {
        let entries = issue["history"].as_array().expect("a list").clone();
        entries.iter().map(|entry| without(entry, &["at"])).collect::<Vec<_>>()
    };
    assert_eq!(moves(&one), moves(&other));
    let comment = json!({"text": "x"});
    let path = format!("{ISSUES}/{id}/comments");
    let new = |server: &Running| server.json("POST", &path, &comment, 201)["id"].clone();
    assert_eq!(new(from), new(to), "numbers of histories go on");
}

#[test]
fn an_import_survives_kills_and_repeats() {
    let from = Running::start(&FLAGS);
    fill(&from);
    let bytes = export(&from);
    let mut to = Running::start(&FLAGS);
    let file = Kept::new(&to, &bytes);

    // The importer is killed after its first request.
    let mut importer: Child = command(&to, &["import"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut input = importer.stdin.take().expect("piped");
    let lines = |server: &Running| server.read(IMPORT)["lines"].as_u64().expect("a number");
    input.write_all(&bytes[..bytes.len() - 9]).expect("it reads");
    until(|| lines(&to) > 0);
    importer.kill().expect("it runs");
    importer.wait().expect("it ends");
    drop(input);

    // Reports and changes wait, also after a kill of the server.
    let folder = to.folder().to_owned();
    let copy = folder.with_extension("copy");
    to.kill();
    std::fs::rename(&folder, &copy).expect("the same disk");
    drop(to);
    let to = Running::start_in(copy, &FLAGS);
    let refused = to.post(on_line(1, &[]).to_string().as_bytes());
    assert_eq!((refused.status, refused.code().as_str()), (503, "OverloadError"));
    assert!(refused.header("retry-after").is_some());
    let ready = to.ask("/readyz");
    assert_eq!(ready.status, 503);
    let storing = to.read("/api/v1/system")["storing"].clone();
    let words = ready.json()["message"].clone();
    assert_eq!(storing, json!({"ok": false, "reason": "importing", "message": words}));
    let mute = json!({"muted_until": null}).to_string();
    let json = ["Content-Type: application/json"];
    assert_eq!(to.send("PATCH", &format!("{ISSUES}/1"), &json, mute.as_bytes()).status, 503);

    // What was sent is not taken twice, and nothing may be left out.
    let before = lines(&to);
    let id = id_of(&bytes);
    let same = post(&to, &id, 1, &head(&bytes, 3));
    assert_eq!((same.status, lines(&to)), (200, before));
    let gap = post(&to, &id, before as usize + 2, &head(&bytes, 1));
    assert_eq!((gap.status, gap.code().as_str()), (409, "ConflictError"));
    assert_eq!(post(&to, "00000000000000ff", 1, &head(&bytes, 1)).status, 409);

    let output = done(&to, &["import", file.name()]);
    assert!(said(&output).starts_with("Going on after line "), "{}", said(&output));
    assert_same(&from, &to);
    assert_eq!(to.post(on_line(1, &[]).to_string().as_bytes()).status, 200);
    let again = done(&to, &["import", file.name()]);
    assert_eq!(said(&again), "This export was imported already.\n");
}

#[test]
fn only_an_empty_server_takes_an_import() {
    let from = Running::start(&[]);
    from.record(&on_line(1, &[]));
    let bytes = export(&from);
    let to = Running::start(&[]);
    to.record(&on_line(2, &[]));
    let refused = post(&to, &id_of(&bytes), 1, &bytes);
    assert_eq!((refused.status, refused.code().as_str()), (409, "ConflictError"));
    assert_eq!(to.report(&on_line(3, &[]))["is_new"], true, "nothing waits");
    assert_eq!(to.read(IMPORT)["state"], "none");
    assert_eq!(to.send("DELETE", IMPORT, &[], b"").status, 404);
    let file = Kept::new(&to, &bytes);
    let output = command(&to, &["import", file.name()]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("import into an empty one"), "{}", said(&output));
}

#[test]
fn a_cut_off_file_is_recognised_and_an_import_can_be_given_up() {
    let from = Running::start(&[]);
    let ids = from.record_all(&[on_line(1, &[]), on_line(2, &[]), on_line(2, &[])]);
    let bytes = export(&from);
    let to = Running::start(&[]);
    for cut in [bytes.len() - 1 - bytes.len() / 5, bytes.len() - 7] {
        let file = Kept::new(&to, &bytes[..cut]);
        let output = command(&to, &["import", file.name()]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("The file is cut off"), "{}", said(&output));
    }
    // Another file has to wait, or the unfinished one goes.
    let other = Kept::new(&from, &export(&from));
    let output = command(&to, &["import", other.name()]).output().expect("it runs");
    assert!(said(&output).contains("unfinished"), "{}", said(&output));
    let output = done(&to, &["import", "--give-up"]);
    assert!(said(&output).contains("given up; 2 issues"), "{}", said(&output));
    assert_eq!(to.read(IMPORT)["state"], "none");
    assert!(to.items("/api/v1/projects").is_empty());
    done(&to, &["import", other.name()]);
    assert_eq!(to.issue(ids[1]), from.issue(ids[1]));
}

#[test]
fn an_interrupted_export_goes_on() {
    let from = Running::start(&[]);
    from.record_all(&[on_line(1, &[]), on_line(2, &[]), on_line(2, &[])]);
    let file = Kept::new(&from, b"");
    let part = PathBuf::from(format!("{}.part", file.name()));
    let page = from.ask(&format!("{EXPORT}?limit=5")).body;
    std::fs::write(&part, [&page[..], b"{\"kind\":\"iss"].concat()).expect("a file");
    let output = command(&from, &["export", file.name()]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "it exists: {}", said(&output));
    let output = done(&from, &["export", "--force", file.name()]);
    assert!(said(&output).starts_with("Going on where "), "{}", said(&output));
    assert!(!part.exists());
    let to = Running::start(&[]);
    let output = done(&to, &["import", file.name()]);
    assert!(said(&output).contains("Imported 2 issues and 3 events."), "{}", said(&output));
    // What is new since then would be missing.
    std::fs::write(&part, &page).expect("a file");
    let yesterday = SystemTime::now() - Duration::from_secs(25 * 3_600);
    let old = std::fs::File::options().write(true).open(&part).expect("it is there");
    old.set_modified(yesterday).expect("a time");
    let output = done(&from, &["export", "--force", file.name()]);
    assert!(
        said(&output).starts_with("Exported 13 records (2 issues, 3 events)"),
        "{}",
        said(&output)
    );
    let nobody = command(&from, &["export", "--url", "http://127.0.0.1:1"]).output();
    assert_eq!(nobody.expect("it runs").status.code(), Some(3));
}

#[test]
fn hostile_lines_change_nothing() {
    let from = Running::start(&[]);
    from.record(&on_line(1, &[]));
    let bytes = export(&from);
    let id = id_of(&bytes);
    let text = String::from_utf8(bytes.clone()).expect("text");
    let to = Running::start(&[]);
    let lines: Vec<&str> = text.lines().collect();
    let at = |kind: &str| {
        lines.iter().position(|line| line.contains(&format!(r#""kind":"{kind}""#))).expect("one")
    };
    let with_line = |number: usize, line: &str| {
        let mut all = lines.clone();
        all[number] = line;
        all.join("\n") + "\n"
    };
    let (project, issue) = (at("project"), at("issue"));
    let bad = |line: &str, from: &str, to: &str| line.replace(from, to);
    let table = [
        (with_line(0, "{}"), "line 1, kind: is missing".to_owned()),
        (with_line(0, &bad(lines[0], r#""format":1"#, r#""format":2"#)), "format 2".into()),
        (with_line(project, lines[1 + project]), "line 2, project_id: no project".into()),
        (
            with_line(issue, &bad(lines[issue], r#""status":"NEW""#, r#""status":"OPEN""#)),
            format!("line {}, status: expected a status, got \"OPEN\"", issue + 1),
        ),
        (with_line(lines.len() - 1, lines[0]), "the header is the first line".into()),
        (with_line(at("count"), ""), "the file is not whole".into()),
        (text.clone() + lines[1], "nothing may follow the end".into()),
        (text[..text.len() - 9].to_owned(), format!("line {}: unreadable JSON", lines.len())),
    ];
    for (body, expected) in table {
        let refused = post(&to, &id, 1, body.as_bytes());
        assert_eq!((refused.status, refused.code().as_str()), (400, "ValidationError"));
        let message = refused.json()["message"].as_str().expect("a text").to_owned();
        assert!(message.contains(&expected), "{message} is not {expected}");
        assert_eq!(to.read(IMPORT)["state"], "none");
    }
    assert_eq!(post(&to, &id, 1, b"").status, 400);
    assert_eq!(post(&to, "0000000000000001", 1, &bytes).status, 400, "of another export");
    let plain = ["Content-Type: text/plain"];
    let path = format!("{IMPORT}?export_id={id}&from_line=1");
    assert_eq!(to.send("POST", &path, &plain, &bytes).status, 415);
    let foreign = ["Content-Type: application/x-ndjson", "Origin: http://evil.example"];
    assert_eq!(to.send("POST", &path, &foreign, &bytes).status, 403);
    assert_eq!(to.ask(&format!("{EXPORT}?cursor=e5")).status, 400);
    assert_eq!(to.ask(&format!("{EXPORT}?limit=0")).status, 400);
    assert_eq!(post(&to, &id, 1, &bytes).status, 200);
    assert_eq!(to.ask(REPORT).status, 405);
    assert_eq!(to.ids(""), from.ids(""));
}

#[test]
fn an_export_beside_busy_writers_is_consistent() {
    let from = Running::start(&[]);
    from.record(&on_line(1, &[]));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for nth in 0..150 {
                from.record_all(&(0..10).map(|of| on_line(of, &[])).collect::<Vec<_>>());
                from.record(&on_line(1_000 + nth, &[]));
            }
        });
        let mut tries = 0;
        while !writer.is_finished() || tries == 0 {
            tries += 1;
            let bytes = export(&from);
            let to = Running::start(&[]);
            let file = Kept::new(&to, &bytes);
            done(&to, &["import", "--quiet", file.name()]);
            for id in to.ids("limit=200") {
                let issue = to.issue(id);
                let counts = issue["by_environment"].as_array().expect("a list");
                let sum: i64 = counts.iter().filter_map(|one| one["count"].as_i64()).sum();
                assert_eq!(issue["count"].as_i64(), Some(sum), "issue {id}");
                let mut seen = BTreeMap::new();
                let events = walk(&to, &format!("{ISSUES}/{id}/events?limit=200"), &mut seen);
                assert_eq!(events.len() as i64, sum, "events of issue {id}");
            }
        }
    });
}
