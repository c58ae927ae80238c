//! The reports that are sent to an empty database: all of one length, each with a `request_id` of
//! its own.

use std::time::SystemTime;

use crate::load::Source;
use crate::wire;

/// Digits of the number that makes a fingerprint.
const ISSUE_DIGITS: usize = 8;
/// Digits of the number that no two reports share, not even those of two runs.
const ID_DIGITS: usize = 20;
/// Fingerprints of the pattern by Zipf.
const ZIPF: usize = 10_000;
const BATCH: &str = "/api/v1/logs/report/batch";
/// Bytes of the usual body.
pub(crate) const SMALL: usize = 1_075;

/// How the reports share fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pattern {
    /// All are of one issue.
    Same,
    /// 10,000 issues; the n-th is as frequent as 1/n.
    Zipf,
    /// Each is an issue of its own.
    Different,
}

impl Pattern {
    pub(crate) const ALL: [Self; 3] = [Self::Same, Self::Zipf, Self::Different];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Same => "one issue",
            Self::Zipf => "10,000 issues by Zipf",
            Self::Different => "all different",
        }
    }
}

/// Which issue each report is of.
#[derive(Debug)]
pub(crate) struct Issues {
    pattern: Pattern,
    /// Running sums of 1/n.
    sums: Vec<f64>,
}

impl Issues {
    pub(crate) fn new(pattern: Pattern) -> Self {
        let mut sum = 0.0;
        let sums = (1..=ZIPF).map(|n| {
            sum += 1.0 / n as f64;
            sum
        });
        Self { pattern, sums: sums.collect() }
    }

    pub(crate) fn of(&self, count: u64) -> u64 {
        match self.pattern {
            Pattern::Same => 0,
            Pattern::Different => count,
            Pattern::Zipf => {
                // A bijection of the count, so that a run can be repeated exactly.
                let mixed = (count + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let unit = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
                let wanted = unit * self.sums[ZIPF - 1];
                self.sums.partition_point(|sum| *sum < wanted) as u64
            }
        }
    }
}

/// Reports without end, one or several a request, whose few changing digits are written in place.
#[derive(Debug)]
pub(crate) struct Reports {
    issues: Issues,
    request: Vec<u8>,
    /// Where the digits of each report of a request stand.
    places: Vec<Places>,
    count: u64,
    /// What ids begin with: the time, since a database may see several runs.
    base: u64,
}

#[derive(Debug)]
struct Places {
    issue: Vec<usize>,
    ids: Vec<usize>,
}

impl Reports {
    /// One a request.
    pub(crate) fn single(pattern: Pattern, body_bytes: usize) -> Self {
        Self::new(pattern, "/api/v1/logs/report", vec![body(body_bytes, "")])
    }

    /// Several a request.
    pub(crate) fn batches(pattern: Pattern, reports: usize) -> Self {
        Self::new(pattern, BATCH, vec![body(SMALL, ""); reports])
    }

    /// Several a request, each with an `event_id` of its own.
    pub(crate) fn batches_with_event_ids(pattern: Pattern, reports: usize) -> Self {
        let event_id = format!("\"event_id\":\"aaaaaaaaaaaa{}\",", "R".repeat(ID_DIGITS));
        Self::new(pattern, BATCH, vec![body(SMALL, &event_id); reports])
    }

    fn new(pattern: Pattern, path: &str, reports: Vec<String>) -> Self {
        let count = reports.len();
        let all = reports.join(",");
        let body = if path == BATCH { format!("[{all}]") } else { all };
        let request = wire::head(path, body.len()) + &body;
        let find = |mark: String| -> Vec<usize> {
            request.match_indices(&mark).map(|(at, _)| at).collect()
        };
        let (issues, ids) = (find("I".repeat(ISSUE_DIGITS)), find("R".repeat(ID_DIGITS)));
        let places = (0..count).map(|at| Places {
            issue: share(&issues, count, at).to_vec(),
            ids: share(&ids, count, at).to_vec(),
        });
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        Self {
            issues: Issues::new(pattern),
            places: places.collect(),
            request: request.into_bytes(),
            count: 0,
            base: now.as_nanos() as u64,
        }
    }
}

/// What belongs to one report of several.
fn share(all: &[usize], reports: usize, at: usize) -> &[usize] {
    let each = all.len() / reports;
    &all[at * each..(at + 1) * each]
}

impl Source for Reports {
    fn next(&mut self, bytes: &mut Vec<u8>) -> u64 {
        for places in &self.places {
            for at in &places.issue {
                write(&mut self.request[*at..*at + ISSUE_DIGITS], self.issues.of(self.count));
            }
            for at in &places.ids {
                write(&mut self.request[*at..*at + ID_DIGITS], self.base + self.count);
            }
            self.count += 1;
        }
        bytes.clear();
        bytes.extend_from_slice(&self.request);
        self.places.len() as u64
    }
}

fn write(places: &mut [u8], mut number: u64) {
    for place in places.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// A report of so many bytes, or a little more: a longer one has more frames, and as many more
/// bytes of context. `member` is one more of its members, with a comma.
fn body(bytes: usize, member: &str) -> String {
    let (issue, id) = ("I".repeat(ISSUE_DIGITS), "R".repeat(ID_DIGITS));
    let file = format!("apps/orders/views_{issue}.py");
    let frame = |line: usize, name: &str| {
        format!("\"  File \\\"/srv/shop/{name}\\\", line {line}, in dispatch\",")
    };
    let (mut frames, mut crumbs) = (String::new(), String::new());
    while frames.len() + crumbs.len() + SMALL < bytes {
        let at = frames.len();
        frames += &frame(at, &format!("site-packages/orders/middleware/step_{at}.py"));
        crumbs += &format!("{{\"category\":\"query\",\"message\":\"select {at} from orders\"}},");
    }
    if !crumbs.is_empty() {
        crumbs = format!("\"breadcrumbs\":[{}],", crumbs.trim_end_matches(','));
    }
    format!(
        "{{\"project_id\":\"shop_backend\",\"environment\":\"production\",\"level\":\"ERROR\",\
         \"version\":\"2.14.0\",\"commit_hash\":\"9f8c1d2\",\
         {member}\"error\":{{\"type\":\"ValueError\",\
         \"message\":\"invalid literal for int() with base 10: 'abc'\",\
         \"file_path\":\"{file}\",\"line_number\":42,\"stack_trace\":[\
         \"Traceback (most recent call last):\",{frames}{}{}{}{}\"    number = int(text)\",\
         \"ValueError: invalid literal for int() with base 10: 'abc'\"]}},\"context\":{{\
         \"url\":\"/api/orders/123/items?page=2\",\"method\":\"POST\",\"user_id\":\"u_12345\",\
         \"request_id\":\"{id}\",\"server_name\":\"web-3\",\
         {crumbs}\"tags\":{{\"region\":\"eu-1\"}}}}}}",
        frame(197, "site-packages/django/core/handlers/base.py"),
        frame(104, "site-packages/django/views/generic/base.py"),
        frame(518, "site-packages/rest_framework/views.py"),
        frame(42, &file),
    )
}
