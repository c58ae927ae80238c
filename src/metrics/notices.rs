//! What is counted of notifications.

use super::page::Page;
use super::{Counter, Gauge};

/// Notifications.
#[derive(Debug, Default)]
pub struct Notices {
    /// Attempts that their vendor took.
    pub sent: Counter,
    /// Attempts that are made again.
    pub retry: Counter,
    /// Attempts of channels that somebody has to mend.
    pub misconfigured: Counter,
    /// Attempts that their vendor did not take.
    pub rejected: Counter,
    /// Notifications that wait.
    pub waiting: Gauge,
    /// Notifications that were given up and can be tried again.
    pub dead: Gauge,
}

impl Notices {
    /// Counts an attempt by its outcome's name.
    pub fn attempt(&self, outcome: &str) {
        let counter = match outcome {
            "sent" => &self.sent,
            "retry" => &self.retry,
            "misconfigured" => &self.misconfigured,
            _ => &self.rejected,
        };
        counter.add(1);
    }

    pub(super) fn put(&self, page: &mut Page) {
        let family = "notification_attempts_total";
        page.head(family, "counter", "Attempts to send a notification, by outcome.");
        for (outcome, counter) in [
            ("sent", &self.sent),
            ("retry", &self.retry),
            ("misconfigured", &self.misconfigured),
            ("rejected", &self.rejected),
        ] {
            page.line(family, &format!("outcome=\"{outcome}\""), counter.value());
        }
        page.gauge("notifications_waiting", "Notifications waiting.", self.waiting.value());
        page.gauge("notifications_dead", "Notifications given up.", self.dead.value());
    }
}
