//! What the program counts about itself. Plain atomics: counting never waits.

mod histogram;
mod notices;
mod page;
mod process;
mod refusals;
mod slow;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use histogram::Histogram;
pub use notices::Notices;
use page::Page;
pub use refusals::{Mishap, Mishaps, Reason, Refusals, TurnedAway};
pub use slow::{SLOW_READ, SlowRead, SlowReads};

/// Why reports are refused: the codes of the error envelope.
pub const REFUSALS: [&str; 12] = [
    "ValidationError",
    "AuthError",
    "ForbiddenError",
    "MethodError",
    "TooLargeError",
    "EncodingError",
    "TimeoutError",
    "RateLimitError",
    "OverloadError",
    "DatabaseError",
    "AppError",
    "NotFoundError",
];
/// Upper ends of the buckets of a group's size, in reports.
const GROUP_BUCKETS: [u64; 7] = [1, 4, 16, 64, 256, 1_024, 4_096];

/// Now, in milliseconds since 1970, by the system's clock.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

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

/// Whether a cache had what was looked for.
#[derive(Debug, Default)]
pub struct Lookups {
    /// It had.
    pub hits: Counter,
    /// It had not.
    pub misses: Counter,
}

/// Times of the way of a report, stage by stage.
#[derive(Debug, Default)]
pub struct Stages {
    /// From the head of the request to its whole body, decoded: the caller's line.
    pub receive: Histogram,
    /// Reading, fingerprint, scrubbing, packing.
    pub read: Histogram,
    /// In the queue.
    pub wait: Histogram,
    /// The transaction of its group, until the disk has it.
    pub commit: Histogram,
}

/// Times of answered requests, from head to head, by who may use the route.
#[derive(Debug, Default)]
pub struct Answers {
    /// Reports.
    pub report: Histogram,
    /// Whatever is read through the API.
    pub read: Histogram,
    /// Changes.
    pub change: Histogram,
    /// Pages, and addresses that lead nowhere.
    pub page: Histogram,
}

/// Backups.
#[derive(Debug, Default)]
pub struct Backups {
    /// Hours from one to the next by the clock; 0 without a schedule.
    pub every_hours: Gauge,
    /// Made since the start.
    pub made: Counter,
    /// Not made since the start.
    pub failed: Counter,
    /// When the newest one was whole, in seconds since 1970; 0 if there is none.
    pub success_at_s: Gauge,
    /// Bytes of the newest one.
    pub bytes: Gauge,
    /// How long the newest one took that was made since the start, in milliseconds.
    pub took_ms: Gauge,
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
    /// Reports of which a value was corrected, as a time in the future.
    pub reports_adjusted: Counter,
    /// What was turned away, by reason.
    pub refusals: Refusals,
    /// What went wrong inside.
    pub mishaps: Mishaps,
    /// Reports that wait to be written.
    pub queue_reports: Gauge,
    /// Memory that they take, in bytes.
    pub queue_bytes: Gauge,
    /// Reports that may wait.
    pub queue_reports_max: Gauge,
    /// Memory that they may take, in bytes.
    pub queue_bytes_max: Gauge,
    /// The way of a report.
    pub stages: Stages,
    /// Answered requests.
    pub answers: Answers,
    /// Times of reading transactions.
    pub reads: Histogram,
    /// Reads that were ended because they took longer than a second.
    pub reads_ended: Counter,
    /// The slowest reads of the last day.
    pub slow_reads: SlowReads,
    /// Times of upkeep between groups.
    pub chores: Histogram,
    /// Whether a stack had been packed already.
    pub stack_cache: Lookups,
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
    /// Bytes that the file may have.
    pub file_bytes_max: Gauge,
    /// Bytes of the log of writes that are not in the file yet.
    pub wal_bytes: Gauge,
    /// Free bytes of the disk.
    pub disk_free_bytes: Gauge,
    /// Free bytes of the disk below which nothing is accepted.
    pub disk_floor_bytes: Gauge,
    /// Backups.
    pub backups: Backups,
    /// Notifications.
    pub notices: Notices,
    /// Defects of the program that a thread ran into.
    pub panics: Counter,
    refused: [Counter; REFUSALS.len()],
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
        self.stages.commit.add(took);
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
        let mut page = Page::new();
        self.put_reports(&mut page);
        self.put_refusals(&mut page);
        self.put_queue(&mut page);
        self.put_times(&mut page);
        self.put_storage(&mut page);
        self.put_backups(&mut page);
        self.put_server(&mut page);
        self.put_stream(&mut page);
        self.notices.put(&mut page);
        process::put(&mut page);
        page.text()
    }

    fn put_reports(&self, page: &mut Page) {
        let accepted = self.reports_accepted.value();
        page.counter("reports_accepted_total", "Reports stored.", accepted);
        let duplicate = self.reports_duplicate.value();
        page.counter("reports_duplicate_total", "Stored reports of a known issue.", duplicate);
        page.counter("reports_trimmed_total", "Reports cut.", self.reports_trimmed.value());
        let adjusted = self.reports_adjusted.value();
        page.counter("reports_adjusted_total", "Reports with a corrected value.", adjusted);
        page.head("reports_refused_total", "counter", "Reports refused, by error code.");
        for (code, number) in self.refused() {
            page.line("reports_refused_total", &format!("code=\"{code}\""), number);
        }
        page.head("group_reports", "histogram", "Reports committed together.");
        let mut sum = 0;
        for (bucket, end) in self.groups.iter().zip(GROUP_BUCKETS) {
            sum += bucket.value();
            page.line("group_reports_bucket", &format!("le=\"{end}\""), sum);
        }
        sum += self.groups[GROUP_BUCKETS.len()].value();
        page.line("group_reports_bucket", "le=\"+Inf\"", sum);
        page.line("group_reports_sum", "", self.group_reports.value());
        page.line("group_reports_count", "", sum);
    }

    fn put_refusals(&self, page: &mut Page) {
        let family = "refusals_total";
        page.head(family, "counter", "Requests and connections turned away, by reason.");
        for reason in Reason::ALL {
            let label = format!("reason=\"{}\"", reason.name());
            page.line(family, &label, self.refusals.count(reason));
        }
        let family = "project_rate_refusals_total";
        page.head(family, "counter", "Reports that came to a project too often.");
        for (name, count) in self.refusals.by_project() {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            page.line(family, &format!("project=\"{name}\""), count);
        }
    }

    fn put_queue(&self, page: &mut Page) {
        page.gauge("queue_reports", "Reports waiting.", self.queue_reports.value());
        page.gauge("queue_bytes", "Memory of waiting reports.", self.queue_bytes.value());
        let reports = self.queue_reports_max.value();
        page.gauge("queue_reports_max", "Reports that may wait.", reports);
        let bytes = self.queue_bytes_max.value();
        page.gauge("queue_bytes_max", "Memory that waiting reports may take.", bytes);
    }

    fn put_times(&self, page: &mut Page) {
        let Stages { receive, read, wait, commit } = &self.stages;
        let stages =
            [("stage=\"receive\"", receive), ("stage=\"read\"", read), ("stage=\"wait\"", wait)];
        page.times("report_seconds", "The way of a report to the writer, by stage.", &stages);
        page.times("commit_seconds", "Transactions of reports.", &[("", commit)]);
        let Answers { report, read, change, page: pages } = &self.answers;
        let kinds = [
            ("kind=\"report\"", report),
            ("kind=\"read\"", read),
            ("kind=\"change\"", change),
            ("kind=\"page\"", pages),
        ];
        page.times("http_request_seconds", "Requests until their answer, by kind.", &kinds);
        page.times("read_seconds", "Reading transactions.", &[("", &self.reads)]);
        let ended = self.reads_ended.value();
        page.counter("reads_ended_total", "Reads ended after a second.", ended);
        page.times("chore_seconds", "Upkeep between groups.", &[("", &self.chores)]);
    }

    fn put_storage(&self, page: &mut Page) {
        page.head("events_removed_total", "counter", "Events removed to save space, by reason.");
        for (reason, counter) in [
            ("age", &self.events_removed_by_age),
            ("size", &self.events_removed_by_size),
            ("number", &self.events_removed_by_number),
        ] {
            let label = format!("reason=\"{reason}\"");
            page.line("events_removed_total", &label, counter.value());
        }
        let issues = self.issues_removed_by_size.value();
        page.counter("issues_removed_total", "Untouched issues removed to save space.", issues);
        page.gauge("file_bytes", "Bytes of the database file.", self.file_bytes.value());
        let most = self.file_bytes_max.value();
        page.gauge("file_bytes_max", "Bytes that the database file may have.", most);
        page.gauge("wal_bytes", "Bytes that wait in the log of writes.", self.wal_bytes.value());
        let free = self.disk_free_bytes.value();
        page.gauge("disk_free_bytes", "Free bytes of the disk.", free);
        let floor = self.disk_floor_bytes.value();
        page.gauge("disk_floor_bytes", "Free bytes below which reports are refused.", floor);
        page.head("cache_lookups_total", "counter", "Looks into a cache, by outcome.");
        for (cache, lookups) in [("stacks", &self.stack_cache)] {
            for (result, counter) in [("hit", &lookups.hits), ("miss", &lookups.misses)] {
                let labels = format!("cache=\"{cache}\",result=\"{result}\"");
                page.line("cache_lookups_total", &labels, counter.value());
            }
        }
    }

    fn put_backups(&self, page: &mut Page) {
        let Backups { every_hours, made, failed, success_at_s, bytes, took_ms } = &self.backups;
        page.head("backups_total", "counter", "Backups, by outcome.");
        page.line("backups_total", "result=\"made\"", made.value());
        page.line("backups_total", "result=\"failed\"", failed.value());
        let every_s = every_hours.value() * 3_600;
        page.gauge("backup_every_seconds", "From one backup to the next; 0: no schedule.", every_s);
        let at = success_at_s.value();
        page.gauge("backup_last_success_timestamp_seconds", "When the newest was made.", at);
        page.gauge("backup_last_bytes", "Bytes of the newest backup.", bytes.value());
        let took = took_ms.value() as f64 / 1_000.0;
        page.gauge("backup_last_duration_seconds", "How long the newest backup took.", took);
    }

    fn put_stream(&self, page: &mut Page) {
        page.gauge("stream_listeners", "Open live streams.", self.stream_listeners.value());
        let messages = self.stream_messages.value();
        page.counter("stream_messages_total", "Messages of the live stream.", messages);
        let resets = self.stream_resets.value();
        page.counter("stream_resets_total", "Listeners who were told to read again.", resets);
    }

    fn put_server(&self, page: &mut Page) {
        page.gauge("connections", "Open connections.", self.connections.value());
        let refused = self.connections_refused.value();
        page.counter("connections_refused_total", "Connections refused at the limit.", refused);
        let stalled = self.connections_stalled.value();
        page.counter(
            "connections_stalled_total",
            "Connections whose reader did not read.",
            stalled,
        );
        page.head("http_requests_total", "counter", "Requests answered, by class of status.");
        for (at, class) in self.http.iter().enumerate() {
            page.line("http_requests_total", &format!("class=\"{}xx\"", at + 1), class.value());
        }
        page.counter("panics_total", "Defects that a thread ran into.", self.panics.value());
        page.head("build_info", "gauge", "The running version.");
        page.line("build_info", concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""), 1);
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
        metrics.stages.wait.add(Duration::from_micros(100));
        metrics.stages.wait.add(Duration::from_micros(101));
        metrics.answer(204);
        metrics.refusals.add(Reason::QueueFull);
        metrics.refusals.add_of_project("a\"b");
        let text = metrics.text();
        for line in [
            "log_center_reports_accepted_total 3",
            "log_center_reports_refused_total{code=\"OverloadError\"} 1",
            "log_center_commit_seconds_sum 1.5",
            "log_center_commit_seconds_bucket{le=\"1\"} 1",
            "log_center_commit_seconds_bucket{le=\"5\"} 2",
            "log_center_report_seconds_bucket{stage=\"wait\",le=\"0.0001\"} 1",
            "log_center_report_seconds_bucket{stage=\"wait\",le=\"+Inf\"} 2",
            "log_center_group_reports_bucket{le=\"4\"} 1",
            "log_center_group_reports_bucket{le=\"+Inf\"} 2",
            "log_center_group_reports_sum 9003",
            "log_center_http_requests_total{class=\"2xx\"} 1",
            "log_center_refusals_total{reason=\"queue_full\"} 1",
            "log_center_refusals_total{reason=\"bad_head\"} 0",
            "log_center_project_rate_refusals_total{project=\"a\\\"b\"} 1",
        ] {
            assert!(text.lines().any(|got| got == line), "{line}\n{text}");
        }
    }

    /// By the format's rules: a family's lines follow its head, and each name has one head.
    #[test]
    fn every_line_belongs_to_the_head_above_it() {
        let text = Metrics::default().text();
        let mut heads = Vec::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["#", "HELP", name, ..] => {
                    assert!(!heads.contains(name), "{name} twice");
                    heads.push(name);
                }
                ["#", "TYPE", name, _] => assert_eq!(heads.last(), Some(name)),
                [name, value] => {
                    let family = heads.last().expect("a head");
                    assert!(name.starts_with(family), "{line} below {family}");
                    assert!(value.parse::<f64>().is_ok(), "{line}");
                }
                _ => panic!("{line}"),
            }
        }
        for name in ["process_resident_memory_bytes", "log_center_wal_bytes"] {
            assert!(heads.contains(&name), "{name}");
        }
    }
}
