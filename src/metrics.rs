//! What the program counts about itself. Plain atomics: counting never waits.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Why reports are refused: the codes of the error envelope.
pub const REFUSALS: [&str; 11] = [
    "ValidationError",
    "AuthError",
    "ForbiddenError",
    "MethodError",
    "TooLargeError",
    "EncodingError",
    "RateLimitError",
    "OverloadError",
    "DatabaseError",
    "AppError",
    "NotFoundError",
];
/// Upper ends of the buckets of a group's size, in reports.
const GROUP_BUCKETS: [u64; 7] = [1, 4, 16, 64, 256, 1_024, 4_096];

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds any number.
    pub fn add(&self, by: u64) {
        self.0.fetch_add(by, Relaxed);
    }

    /// The number so far.
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A number that goes up and down, never below 0.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// Goes up.
    pub fn add(&self, by: u64) {
        self.0.fetch_add(by, Relaxed);
    }

    /// Goes down by something that was added before.
    pub fn subtract(&self, by: u64) {
        self.0.fetch_sub(by, Relaxed);
    }

    /// Becomes this.
    pub fn set(&self, to: u64) {
        self.0.store(to, Relaxed);
    }

    /// The number now.
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Everything that is counted since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Reports that were stored and answered.
    pub reports_accepted: Counter,
    /// Those of them whose issue was known already, or that were a retry.
    pub reports_duplicate: Counter,
    /// Reports of which a value was cut to its limit.
    pub reports_trimmed: Counter,
    /// Reports that wait to be written.
    pub queue_reports: Gauge,
    /// Memory that they take, in bytes.
    pub queue_bytes: Gauge,
    /// Open connections.
    pub connections: Gauge,
    /// Connections that were turned away because too many were open.
    pub connections_refused: Counter,
    /// Connections closed because their reader took nothing for too long.
    pub connections_stalled: Counter,
    /// Who listens to the live stream.
    pub stream_listeners: Gauge,
    /// Messages of the live stream, whoever listened.
    pub stream_messages: Counter,
    /// Listeners who were told to read again.
    pub stream_resets: Counter,
    /// Events that went because of their age.
    pub events_removed_by_age: Counter,
    /// Events that went because the file held too much.
    pub events_removed_by_size: Counter,
    /// Events that went because their issue kept too many.
    pub events_removed_by_number: Counter,
    /// Issues that went whole because the file held too much.
    pub issues_removed_by_size: Counter,
    /// Bytes of the database file.
    pub file_bytes: Gauge,
    refused: [Counter; REFUSALS.len()],
    commits: Counter,
    commit_us: Counter,
    group_reports: Counter,
    groups: [Counter; GROUP_BUCKETS.len() + 1],
    http: [Counter; 5],
}

impl Metrics {
    /// Counts a refused report by the envelope's code; an unknown one counts as `AppError`.
    pub fn refuse(&self, code: &str) {
        let known = REFUSALS.iter().position(|name| *name == code);
        let other = REFUSALS.iter().position(|name| *name == "AppError");
        if let Some(at) = known.or(other) {
            self.refused[at].add(1);
        }
    }

    /// Reports refused so far, by code.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REFUSALS.into_iter().zip(self.refused.iter().map(Counter::value))
    }

    /// Counts one group: how many reports, and how long its commit took.
    pub fn commit(&self, reports: u64, took: Duration) {
        self.commits.add(1);
        self.commit_us.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.group_reports.add(reports);
        let bucket = GROUP_BUCKETS.iter().position(|end| reports <= *end);
        self.groups[bucket.unwrap_or(GROUP_BUCKETS.len())].add(1);
    }

    /// Counts an answered HTTP request by its status.
    pub fn answer(&self, status: u16) {
        if let Some(class) = self.http.get(usize::from(status / 100).wrapping_sub(1)) {
            class.add(1);
        }
    }

    /// Prometheus text, format 0.0.4.
    pub fn text(&self) -> String {
        let mut page = Page(String::with_capacity(4_096));
        page.one("reports_accepted_total", "counter", "Reports stored.", &self.reports_accepted.0);
        page.one(
            "reports_duplicate_total",
            "counter",
            "Stored reports of a known issue.",
            &self.reports_duplicate.0,
        );
        page.one("reports_trimmed_total", "counter", "Reports cut.", &self.reports_trimmed.0);
        page.head("reports_refused_total", "counter", "Reports refused, by error code.");
        for (code, number) in self.refused() {
            page.line("reports_refused_total", &format!("{{code=\"{code}\"}}"), number);
        }
        page.one("queue_reports", "gauge", "Reports waiting.", &self.queue_reports.0);
        page.one("queue_bytes", "gauge", "Memory of waiting reports.", &self.queue_bytes.0);
        page.one("connections", "gauge", "Open connections.", &self.connections.0);
        page.one(
            "connections_refused_total",
            "counter",
            "Connections turned away at the limit.",
            &self.connections_refused.0,
        );
        self.stream_text(&mut page);
        self.removal_text(&mut page);
        self.commit_text(&mut page);
        page.head("http_requests_total", "counter", "Requests answered, by class of status.");
        for (at, class) in self.http.iter().enumerate() {
            let label = format!("{{class=\"{}xx\"}}", at + 1);
            page.line("http_requests_total", &label, class.value());
        }
        page.head("build_info", "gauge", "The running version.");
        page.line("build_info", concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1);
        page.0
    }

    fn stream_text(&self, page: &mut Page) {
        page.one(
            "connections_stalled_total",
            "counter",
            "Connections closed because nobody read.",
            &self.connections_stalled.0,
        );
        page.one("stream_listeners", "gauge", "Open live streams.", &self.stream_listeners.0);
        page.one("stream_messages_total", "counter", "Live messages.", &self.stream_messages.0);
        page.one(
            "stream_resets_total",
            "counter",
            "Listeners told to read again.",
            &self.stream_resets.0,
        );
    }

    fn removal_text(&self, page: &mut Page) {
        page.head("events_removed_total", "counter", "Events removed to save space, by reason.");
        for (reason, counter) in [
            ("age", &self.events_removed_by_age),
            ("size", &self.events_removed_by_size),
            ("number", &self.events_removed_by_number),
        ] {
            page.line("events_removed_total", &format!("{{reason=\"{reason}\"}}"), counter.value());
        }
        page.one(
            "issues_removed_total",
            "counter",
            "Untouched issues removed to save space.",
            &self.issues_removed_by_size.0,
        );
        page.one("file_bytes", "gauge", "Bytes of the database file.", &self.file_bytes.0);
    }

    fn commit_text(&self, page: &mut Page) {
        page.head("commit_seconds", "summary", "Time of commits.");
        let seconds = Duration::from_micros(self.commit_us.value()).as_secs_f64();
        page.line("commit_seconds_sum", "", seconds);
        page.line("commit_seconds_count", "", self.commits.value());
        page.head("group_reports", "histogram", "Reports committed together.");
        let mut sum = 0;
        for (bucket, end) in self.groups.iter().zip(GROUP_BUCKETS) {
            sum += bucket.value();
            page.line("group_reports_bucket", &format!("{{le=\"{end}\"}}"), sum);
        }
        sum += self.groups[GROUP_BUCKETS.len()].value();
        page.line("group_reports_bucket", "{le=\"+Inf\"}", sum);
        page.line("group_reports_sum", "", self.group_reports.value());
        page.line("group_reports_count", "", sum);
    }
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let text = &mut self.0;
        writeln!(text, "# HELP log_center_{name} {help}\n# TYPE log_center_{name} {kind}")
            .expect("a String takes everything");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        writeln!(self.0, "log_center_{name}{labels} {value}").expect("a String takes everything");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: &AtomicU64) {
        self.head(name, kind, help);
        self.line(name, "", value.load(Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_holds_what_was_counted() {
        let metrics = Metrics::default();
        metrics.reports_accepted.add(3);
        metrics.refuse("OverloadError");
        metrics.commit(3, Duration::from_millis(1_500));
        metrics.commit(9_000, Duration::ZERO);
        metrics.answer(204);
        let text = metrics.text();
        for line in [
            "log_center_reports_accepted_total 3",
            "log_center_reports_refused_total{code=\"OverloadError\"} 1",
            "log_center_commit_seconds_sum 1.5",
            "log_center_group_reports_bucket{le=\"4\"} 1",
            "log_center_group_reports_bucket{le=\"+Inf\"} 2",
            "log_center_group_reports_sum 9003",
            "log_center_http_requests_total{class=\"2xx\"} 1",
        ] {
            assert!(text.lines().any(|got| got == line), "{line}");
        }
    }
}
