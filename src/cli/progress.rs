//! How far a long command is: one line on standard error that is drawn anew, only on a terminal.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(100);
const BAR_COLUMNS: u64 = 24;

/// A line that tells how far something is.
#[derive(Debug)]
pub(super) struct Progress {
    total: Option<u64>,
    drawn_at: Option<Instant>,
    is_shown: bool,
}

impl Progress {
    /// Begins; `total` is what [`Progress::at`] counts up to, if it is known. `quiet` shows
    /// nothing.
    pub(super) fn start(total: Option<u64>, quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        Self { total, drawn_at: None, is_shown }
    }

    /// Shows how much is done; `about` says what of.
    pub(super) fn at(&mut self, done: u64, about: &str) {
        if !self.is_shown || self.drawn_at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        self.drawn_at = Some(Instant::now());
        let text = match self.total.filter(|total| *total > 0) {
            Some(total) => {
                let done = done.min(total);
                let full = usize::try_from(done * BAR_COLUMNS / total).unwrap_or(0);
                let rest = usize::try_from(BAR_COLUMNS).unwrap_or(0) - full;
                let percent = done * 100 / total;
                format!("[{}{}] {percent:>3} %  {about}", "#".repeat(full), "-".repeat(rest))
            }
            None => about.to_owned(),
        };
        // A terminal that is gone takes nothing; the work goes on.
        let _unseen = write!(std::io::stderr(), "\r\x1b[K{text}");
    }

    /// Takes the line away, so that what follows begins on a clean one.
    pub(super) fn end(&mut self) {
        if self.is_shown && self.drawn_at.take().is_some() {
            let _unseen = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
