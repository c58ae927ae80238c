//! What export and import share: patience with a server that is away, and how far they are.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::Args;

use super::progress::Progress;
use super::trouble::Trouble;

/// The first pause before a request is sent again, and the longest.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// A file, or `-` for standard input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Standard,
    File(PathBuf),
}

impl FromStr for Place {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::Standard } else { Self::File(text.into()) })
    }
}

/// How long to bear with a server that is away.
#[derive(Clone, Debug, Args)]
pub(super) struct Retrying {
    /// Seconds to go on trying while the server is away or overloaded
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    retry: u64,
}

/// Waits between tries; begins anew whenever something went well.
pub(super) struct Patience {
    limit: Duration,
    pause: Duration,
    since: Option<Instant>,
}

impl Patience {
    pub(super) const fn new(retrying: &Retrying) -> Self {
        Self { limit: Duration::from_secs(retrying.retry), pause: PAUSE, since: None }
    }

    /// Something went well.
    pub(super) const fn renew(&mut self) {
        self.pause = PAUSE;
        self.since = None;
    }

    /// Waits before the next try, or gives the trouble back when trying is in vain.
    pub(super) async fn wait(&mut self, trouble: Trouble) -> Result<(), Trouble> {
        let since = *self.since.get_or_insert_with(Instant::now);
        if !trouble.is_passing() || since.elapsed() + self.pause > self.limit {
            return Err(trouble);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}

/// What went through, and how fast.
pub(super) struct Tally {
    begun: Instant,
    pub(super) records: u64,
    pub(super) issues: u64,
    pub(super) events: u64,
    pub(super) bytes: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), records: 0, issues: 0, events: 0, bytes: 0 }
    }

    /// Counts whole lines.
    pub(super) fn count(&mut self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.records += u64::from(!line.starts_with(br#"{"kind":"page""#));
            self.issues += u64::from(line.starts_with(br#"{"kind":"issue""#));
            self.events += u64::from(line.starts_with(br#"{"kind":"event""#));
        }
        self.bytes += lines.len() as u64;
    }

    /// Shows it.
    pub(super) fn show(&self, progress: &mut Progress) {
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let rate = size((self.bytes as f64 / seconds) as u64);
        progress.at(self.bytes, &format!("{}, {rate}/s", self.text()));
    }

    /// All of it in a few words.
    pub(super) fn text(&self) -> String {
        let (records, issues, events) = (self.records, self.issues, self.events);
        let size = size(self.bytes);
        format!("{records} records ({issues} issues, {events} events), {size}")
    }
}

/// Bytes as people write them.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let table = [(999, "999 bytes"), (4_200, "4 kB"), (4_250_000, "4.2 MB")];
        for (bytes, expected) in table {
            assert_eq!(size(bytes), expected);
        }
        assert_eq!(size(12_345_678_901), "12.35 GB");
    }

    #[test]
    fn lines_are_counted_by_kind() {
        let mut tally = Tally::new();
        tally.count(b"{\"kind\":\"issue\",\"id\":1}\n{\"kind\":\"event\"}\n{\"kind\":\"page\"}\n");
        assert_eq!((tally.records, tally.issues, tally.events), (2, 1, 1));
    }
}
