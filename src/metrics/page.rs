//! The text that Prometheus reads, format 0.0.4:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::{Display, Write};

use super::histogram::{BUCKETS, Histogram};

/// A page of metrics. Every name begins with `log_center_`, but for those of the process.
#[derive(Debug)]
pub(super) struct Page(String);

impl Page {
    /// An empty page.
    pub(super) fn new() -> Self {
        Self(String::with_capacity(16 * 1_024))
    }

    /// The page's text.
    pub(super) fn text(self) -> String {
        self.0
    }

    /// What a family of lines is.
    pub(super) fn head(&mut self, name: &str, kind: &str, help: &str) {
        let name = full(name);
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}")
            .expect("a String takes everything");
    }

    /// One line; `labels` without braces.
    pub(super) fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        writeln!(self.0, "{}{braced} {value}", full(name)).expect("a String takes everything");
    }

    /// A number that only grows.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "counter", help);
        self.line(name, "", value);
    }

    /// A number that goes up and down.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "gauge", help);
        self.line(name, "", value);
    }

    /// A family of times, in seconds; each with its labels.
    pub(super) fn times(&mut self, name: &str, help: &str, all: &[(&str, &Histogram)]) {
        self.head(name, "histogram", help);
        for (labels, times) in all {
            let joint = if labels.is_empty() { "" } else { "," };
            let cumulated = times.cumulated();
            let ends = BUCKETS.iter().map(|(_, end)| *end).chain(["+Inf"]);
            for (end, number) in ends.zip(cumulated) {
                let labels = format!("{labels}{joint}le=\"{end}\"");
                self.line(&format!("{name}_bucket"), &labels, number);
            }
            self.line(&format!("{name}_sum"), labels, times.sum().as_secs_f64());
            self.line(&format!("{name}_count"), labels, cumulated[BUCKETS.len()]);
        }
    }
}

fn full(name: &str) -> String {
    if name.starts_with("process_") { name.to_owned() } else { format!("log_center_{name}") }
}
