//! The reports of a filled database, in the order of their time: every event of its own `event_id`
//! and `request_id`, a new issue every tenth report, the rest on issues that are there already.
//! What the n-th report says depends on n alone, so that two fillings are the same.

use std::io::Write;
use std::ops::Range;

use crate::load::Source;
use crate::wire;

/// Raised whenever the reports change: folders of another version are filled anew.
pub(crate) const VERSION: u64 = 1;
/// Events for each issue.
pub(crate) const EVENTS_AN_ISSUE: u64 = 10;
/// Of one request.
const BATCH: u64 = 500;
/// Days that the reports are spread over.
pub(crate) const DAYS: u64 = 31;
const DAY_MS: u64 = 86_400_000;
/// Issues that still get reports often: the newest.
const RECENT: u64 = 20_000;

/// Names of projects.
pub(crate) const PROJECTS: [&str; 8] =
    ["shop", "payments", "search", "gateway", "mobile", "reports", "stock", "support"];
/// Classes of errors.
pub(crate) const TYPES: [&str; 8] = [
    "ValueError",
    "TypeError",
    "TimeoutError",
    "IntegrityError",
    "KeyError",
    "PermissionError",
    "NetworkError",
    "RangeError",
];
/// Of messages; each issue has three, so that one word is in the texts of every eleventh issue.
pub(crate) const WORDS: [&str; 32] = [
    "invoice",
    "customer",
    "warehouse",
    "delivery",
    "payment",
    "session",
    "address",
    "currency",
    "discount",
    "quantity",
    "category",
    "supplier",
    "document",
    "template",
    "calendar",
    "position",
    "receipt",
    "language",
    "campaign",
    "passport",
    "shipment",
    "contract",
    "voucher",
    "database",
    "username",
    "location",
    "priority",
    "schedule",
    "refund",
    "account",
    "product",
    "basket",
];

/// Reports from one to the last, in batches.
#[derive(Debug)]
pub(crate) struct Filling {
    next: u64,
    end: u64,
    /// Reports in the whole database.
    events: u64,
    /// When the last one happened, in milliseconds since 1970.
    until_ms: u64,
    body: Vec<u8>,
}

impl Filling {
    /// Some of the reports of a database with so many; those past its end happen at its last
    /// moment.
    pub(crate) fn new(some: Range<u64>, events: u64, until_ms: u64) -> Self {
        Self { next: some.start, end: some.end, events, until_ms, body: Vec::new() }
    }

    fn report(&mut self, number: u64) {
        let chance = mix(number);
        let issue = issue_of(number);
        let traits = mix(issue ^ 0x5eed);
        let pick = |shift: u32| (traits >> shift) as usize;
        let (kind, words) = (TYPES[pick(0) % 8], [pick(8), pick(16), pick(24)].map(word));
        let time = self.until_ms - DAYS * DAY_MS
            + (DAYS * DAY_MS).min(number.saturating_mul(DAYS * DAY_MS / self.events));
        let day = number.min(self.events - 1) * DAYS / self.events;
        let minor = if chance.is_multiple_of(10) { day.saturating_sub(1) } else { day };
        let environment = match chance % 100 {
            0..70 => "production",
            70..90 => "staging",
            _ => "development",
        };
        let level = match traits % 20 {
            0..16 => "ERROR",
            16..19 => "WARNING",
            _ => "CRITICAL",
        };
        let (file, line) = (format!("apps/{}/views_{issue:07}.py", words[0]), 10 + traits % 500);
        let number_word = issue_word(issue);
        let message = format!("{} {} not valid: {} {number_word}", words[0], words[1], words[2]);
        let frame = |line: u64, name: &str| {
            format!("\"  File \\\"/srv/app/{name}\\\", line {line}, in dispatch\",")
        };
        let body = &mut self.body;
        write!(
            body,
            "{{\"project_id\":\"{project}\",\"environment\":\"{environment}\",\
             \"level\":\"{level}\",\"version\":\"2.{minor}.0\",\"commit_hash\":\"{commit:07x}\",\
             \"timestamp\":\"{time}\",\"event_id\":\"{id}\",\"error\":{{\
             \"type\":\"{kind}\",\"message\":\"{message}\",\
             \"file_path\":\"{file}\",\"line_number\":{line},\"code\":\"{kind}{code}\",\
             \"stack_trace\":[\"Traceback (most recent call last):\",{f1}{f2}{f3}{f4}\
             \"    number = int(text)\",\"{kind}: {message}\"]}},\"context\":{{\
             \"url\":\"/api/orders/{order}/items?page=2\",\"method\":\"POST\",\
             \"user_id\":\"u_{user}\",\"request_id\":\"{request}\",\"server_name\":\"web-{host}\",\
             \"tags\":{{\"region\":\"eu-1\"}}}}}}",
            project = PROJECTS[pick(32) % 8],
            commit = minor * 7_919,
            time = rfc3339(time),
            id = event_id(number),
            code = traits % 20,
            f1 = frame(197, "site-packages/django/core/handlers/base.py"),
            f2 = frame(104, "site-packages/django/views/generic/base.py"),
            f3 = frame(518, "site-packages/rest_framework/views.py"),
            f4 = frame(line, &file),
            order = chance % 100_000,
            user = (chance >> 20) % 100_000,
            request = request_id(number),
            host = chance % 7,
        )
        .expect("memory takes it");
    }
}

impl Source for Filling {
    fn next(&mut self, bytes: &mut Vec<u8>) -> u64 {
        let count = BATCH.min(self.end - self.next);
        self.body.clear();
        for at in 0..count {
            self.body.push(if at == 0 { b'[' } else { b',' });
            self.report(self.next + at);
        }
        self.body.push(b']');
        self.next += count;
        bytes.clear();
        let head = wire::head("/api/v1/logs/report/batch", self.body.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&self.body);
        count
    }
}

/// The issue of a report: every tenth opens one; of the rest half go to the newest issues, and half
/// to all that are there, the older the more.
fn issue_of(number: u64) -> u64 {
    let born = number / EVENTS_AN_ISSUE + 1;
    if number.is_multiple_of(EVENTS_AN_ISSUE) {
        return born - 1;
    }
    let chance = mix(number ^ 0xcafe);
    let unit = (chance >> 12) as f64 / (1_u64 << 52) as f64;
    if chance & 1 == 0 {
        born - 1 - (unit * born.min(RECENT) as f64) as u64
    } else {
        ((born as f64).powf(unit) as u64).min(born) - 1
    }
}

fn word(at: usize) -> &'static str {
    WORDS[at % WORDS.len()]
}

/// A word of the message of one issue alone.
pub(crate) fn issue_word(issue: u64) -> String {
    format!("{issue:07}")
}

/// The `request_id` of a report.
pub(crate) fn request_id(number: u64) -> String {
    format!("{:016x}", mix(number ^ 0x7e57))
}

fn event_id(number: u64) -> String {
    format!("{:016x}{:016x}", mix(number), mix(!number))
}

/// A bijection: numbers without order, each only once.
fn mix(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A time as reports write it.
pub(crate) fn rfc3339(ms: u64) -> String {
    log_center::domain::timestamp::format(ms as i64)
}
