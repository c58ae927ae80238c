//! The reports that are sent: about 1 KB each, all of one length, each with a request id of its
//! own.

use std::cell::Cell;
use std::rc::Rc;

/// Digits of the number that makes a fingerprint.
const DIGITS: usize = 8;
/// Fingerprints of the pattern by Zipf.
const ZIPF: usize = 10_000;

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
            Self::Zipf => "10,000 by Zipf",
            Self::Different => "all different",
        }
    }
}

/// What all connections of one run share.
#[derive(Debug)]
pub(crate) struct Source {
    pattern: Pattern,
    next: Cell<u64>,
    /// Running sums of 1/n.
    sums: Vec<f64>,
}

impl Source {
    pub(crate) fn new(pattern: Pattern) -> Rc<Self> {
        let mut sum = 0.0;
        let sums = (1..=ZIPF).map(|n| {
            sum += 1.0 / n as f64;
            sum
        });
        Rc::new(Self { pattern, next: Cell::new(0), sums: sums.collect() })
    }

    fn issue(&self, count: u64) -> u64 {
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

/// A request, head and body, whose few changing digits are written in place.
#[derive(Debug)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    issue_at: Vec<usize>,
    id_at: usize,
}

impl Request {
    pub(crate) fn new() -> Self {
        let (issue, id) = ("I".repeat(DIGITS), "R".repeat(DIGITS * 2));
        let file = format!("apps/orders/views_{issue}.py");
        let frame = |line: u32, name: &str| {
            format!("\"  File \\\"/srv/shop/{name}\\\", line {line}, in dispatch\",")
        };
        let body = format!(
            "{{\"project_id\":\"shop_backend\",\"environment\":\"production\",\"level\":\"ERROR\",\
             \"version\":\"2.14.0\",\"commit_hash\":\"9f8c1d2\",\"error\":{{\
             \"type\":\"ValueError\",\
             \"message\":\"invalid literal for int() with base 10: 'abc'\",\
             \"file_path\":\"{file}\",\"line_number\":42,\"stack_trace\":[\
             \"Traceback (most recent call last):\",{}{}{}{}\"    number = int(text)\",\
             \"ValueError: invalid literal for int() with base 10: 'abc'\"]}},\"context\":{{\
             \"url\":\"/api/orders/123/items?page=2\",\"method\":\"POST\",\"user_id\":\"u_12345\",\
             \"request_id\":\"{id}\",\"server_name\":\"web-3\",\
             \"tags\":{{\"region\":\"eu-1\"}}}}}}",
            frame(197, "site-packages/django/core/handlers/base.py"),
            frame(104, "site-packages/django/views/generic/base.py"),
            frame(518, "site-packages/rest_framework/views.py"),
            frame(42, &file),
        );
        let bytes = format!(
            "POST /api/v1/logs/report HTTP/1.1\r\nHost: 127.0.0.1\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let places = |mark: &str| bytes.match_indices(mark).map(|(at, _)| at).collect::<Vec<_>>();
        let (issue_at, id_at) = (places(&issue), places(&id)[0]);
        Self { bytes: bytes.into_bytes(), issue_at, id_at }
    }

    /// The next report of a source.
    pub(crate) fn next(&mut self, source: &Source) -> &[u8] {
        let count = source.next.get();
        source.next.set(count + 1);
        for at in 0..self.issue_at.len() {
            self.write(self.issue_at[at], DIGITS, source.issue(count));
        }
        self.write(self.id_at, DIGITS * 2, count);
        &self.bytes
    }

    fn write(&mut self, at: usize, digits: usize, mut number: u64) {
        for place in self.bytes[at..at + digits].iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }
}
