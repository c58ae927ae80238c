//! The slowest reads of the last 24 hours, one of each kind.
//!
//! Invariant: at most [`KINDS_MAX`] are kept, however many different ones are asked for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// From here on a read is slow: the dashboard shows nothing of a wait that is shorter, and a read
/// of an index takes a tenth of it.
pub const SLOW_READ: Duration = Duration::from_millis(200);
/// Kinds that are kept: more than one looks through.
const KINDS_MAX: usize = 20;
/// How long one is kept, in milliseconds.
const KEPT_MS: i64 = 24 * 3_600_000;

/// A read that was slow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowRead {
    /// The template of its address.
    pub path: &'static str,
    /// What was asked for, without what somebody typed.
    pub asked: String,
    /// When it was answered, in milliseconds since 1970.
    pub at: i64,
    /// From its head to its answer; waiting for its turn is part of it.
    pub took: Duration,
    /// The status of its answer.
    pub status: u16,
    /// Bytes of its answer.
    pub bytes: u64,
}

/// The slowest of each kind, which is an address with what was asked for.
#[derive(Debug, Default)]
pub struct SlowReads(Mutex<Vec<SlowRead>>);

impl SlowReads {
    /// Remembers one if it is the slowest of its kind in the 24 hours before it.
    pub fn add(&self, read: SlowRead) {
        let mut kept = self.kept(read.at);
        let same = kept.iter().position(|one| one.path == read.path && one.asked == read.asked);
        match same {
            Some(at) if kept[at].took >= read.took => return,
            Some(at) => kept[at] = read,
            None => kept.push(read),
        }
        kept.sort_by_key(|one| std::cmp::Reverse(one.took));
        kept.truncate(KINDS_MAX);
    }

    /// Those of the 24 hours before `now`, slowest first.
    pub fn all(&self, now: i64) -> Vec<SlowRead> {
        self.kept(now).clone()
    }

    fn kept(&self, now: i64) -> MutexGuard<'_, Vec<SlowRead>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.at > now - KEPT_MS);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(asked: &str, at: i64, took_ms: u64) -> SlowRead {
        let (asked, took) = (asked.to_owned(), Duration::from_millis(took_ms));
        SlowRead { path: "/api/v1/issues", asked, at, took, status: 200, bytes: 1 }
    }

    fn told(reads: &SlowReads, now: i64) -> Vec<(String, u128)> {
        reads.all(now).into_iter().map(|one| (one.asked, one.took.as_millis())).collect()
    }

    #[test]
    fn the_slowest_of_each_kind_is_kept() {
        let reads = SlowReads::default();
        for (asked, took_ms) in [("a", 300), ("b", 700), ("a", 500), ("a", 400)] {
            reads.add(read(asked, 1, took_ms));
        }
        assert_eq!(told(&reads, 1), [("b".to_owned(), 700), ("a".to_owned(), 500)]);
    }

    #[test]
    fn after_a_day_one_is_forgotten_and_a_faster_one_takes_its_place() {
        let reads = SlowReads::default();
        reads.add(read("a", 0, 900));
        reads.add(read("a", KEPT_MS - 1, 300));
        assert_eq!(told(&reads, KEPT_MS - 1), [("a".to_owned(), 900)]);
        assert_eq!(told(&reads, KEPT_MS), []);
        reads.add(read("a", KEPT_MS, 300));
        assert_eq!(told(&reads, KEPT_MS), [("a".to_owned(), 300)]);
    }

    #[test]
    fn of_more_kinds_the_fastest_go() {
        let reads = SlowReads::default();
        for number in 0..500 {
            reads.add(read(&number.to_string(), 1, 200 + number));
        }
        let kept = told(&reads, 1);
        assert_eq!(kept.len(), KINDS_MAX);
        assert_eq!(kept.last().map(|(_, took)| *took), Some(200 + 500 - KINDS_MAX as u128));
    }
}
