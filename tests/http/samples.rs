//! Reports to send, and the short ways to send and look at them. Times are relative to now, so that
//! no test depends on the day on which it runs.

use std::fs::DirEntry;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use log_center::domain::timestamp;
use serde_json::{Value, json};

use super::client::{Answer, Running};

pub(crate) const REPORT: &str = "/api/v1/logs/report";
pub(crate) const BATCH: &str = "/api/v1/logs/report/batch";
pub(crate) const ISSUES: &str = "/api/v1/issues";
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const GUIDE: &str = include_str!("../fixtures/guide/report.json");

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("before the year 292 million")
}

/// A moment on the wire, so many milliseconds ago.
pub(crate) fn ago(ms: i64) -> String {
    timestamp::format(now() - ms)
}

/// The milliseconds of a moment on the wire.
pub(crate) fn ms(time: &Value) -> i64 {
    timestamp::parse(time.as_str().expect("a time")).expect("a time")
}

/// A fresh line number: each is an issue of its own.
pub(crate) fn line() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The guide's report without its time, with these members set: `project_id`, `error.type`,
/// `context.url` …
pub(crate) fn with(changes: &[(&str, Value)]) -> Value {
    let mut report: Value = serde_json::from_str(GUIDE).expect("the guide's own");
    report.as_object_mut().expect("an object").remove("timestamp");
    for (path, value) in changes {
        let pointer = format!("/{}", path.replace('.', "/"));
        let (parent, name) = pointer.rsplit_once('/').expect("a slash");
        report.pointer_mut(parent).expect("an object")[name] = value.clone();
    }
    report
}

/// The same on a line of its own.
pub(crate) fn on_line(line: i64, changes: &[(&str, Value)]) -> Value {
    let mut report = with(changes);
    report["error"]["line_number"] = json!(line);
    report
}

/// MD5 over the plain concatenation, as the contract says.
pub(crate) fn fingerprint(project: &str, kind: &str, file: &str, line: &str) -> String {
    format!("{:x}", md5::compute(format!("{project}{kind}{file}{line}")))
}

/// The members of an object without these.
pub(crate) fn without(value: &Value, names: &[&str]) -> Value {
    let mut rest = value.clone();
    for name in names {
        rest.as_object_mut().expect("an object").remove(*name).expect(name);
    }
    rest
}

/// The fields that an answer of 400 names, in order.
pub(crate) fn fields(answer: &Value) -> Vec<&str> {
    let errors = answer["info"]["errors"].as_array().expect("all faults");
    errors.iter().map(|one| one["field"].as_str().expect("a field")).collect()
}

/// A value for a query string.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let one = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// Waits for what the server does by itself, up to 10 s.
pub(crate) fn until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(10), "it did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Running {
    /// Sends bytes as a report.
    pub(crate) fn post(&self, body: &[u8]) -> Answer {
        self.send("POST", REPORT, &[], body)
    }

    /// Reports; it must be taken.
    pub(crate) fn report(&self, report: &Value) -> Value {
        self.json("POST", REPORT, report, 200)
    }

    /// Reports; the number of the issue.
    pub(crate) fn record(&self, report: &Value) -> i64 {
        self.report(report)["id"].as_i64().expect("a number")
    }

    /// Reports a batch; all must be taken. The numbers of the issues.
    pub(crate) fn record_all(&self, reports: &[Value]) -> Vec<i64> {
        let answer = self.json("POST", BATCH, &json!(reports), 200);
        let results = answer["results"].as_array().expect("one each");
        results.iter().map(|one| one["id"].as_i64().unwrap_or_else(|| panic!("{one}"))).collect()
    }

    /// Reports; the stored event, whole.
    pub(crate) fn event_of(&self, report: &Value) -> Value {
        let id = self.record(report);
        self.issue(id)["latest_event"].clone()
    }

    /// An issue, whole.
    pub(crate) fn issue(&self, id: i64) -> Value {
        self.read(&format!("{ISSUES}/{id}"))
    }

    /// Changes an issue; the answer must have this status.
    pub(crate) fn change(&self, id: i64, change: &Value, status: u16) -> Value {
        self.json("PATCH", &format!("{ISSUES}/{id}"), change, status)
    }

    /// Walks an issue to a status.
    pub(crate) fn walk(&self, id: i64, to: &str) {
        self.change(id, &json!({"status": to, "path": true, "note": "walked"}), 200);
    }

    /// The items of a list.
    pub(crate) fn items(&self, path: &str) -> Vec<Value> {
        self.read(path)["items"].as_array().expect("a list").clone()
    }

    /// The numbers of the issues that a list holds, in its order.
    pub(crate) fn ids(&self, query: &str) -> Vec<i64> {
        let items = self.items(&format!("{ISSUES}?{query}"));
        items.iter().map(|issue| issue["id"].as_i64().expect("a number")).collect()
    }

    /// Every byte of the data folder's files. What is no UTF-8 becomes U+FFFD.
    pub(crate) fn files(&self) -> String {
        let entries = std::fs::read_dir(self.folder()).expect("a folder");
        let bytes = |entry: DirEntry| std::fs::read(entry.path()).unwrap_or_default();
        entries
            .map(|entry| String::from_utf8_lossy(&bytes(entry.expect("a file"))).into_owned())
            .collect()
    }

    /// An issue's history, oldest first.
    pub(crate) fn history(&self, id: i64) -> Vec<Value> {
        let mut items = self.items(&format!("{ISSUES}/{id}/history"));
        items.reverse();
        items
    }
}
