//! What was judged lately and need not be judged again: most texts of a report, and nearly all of
//! its keys, came before in another one.
//!
//! Only a hash is kept of what was judged, under keys that only this process has: nobody can find
//! two texts that share one, and chance has one in 2^60.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::sketch::keyed_hash;

/// Answers that are remembered: 64 KiB.
const PLACES: usize = 8_192;
/// Bits of a place that hold the answer; the others hold the hash.
const ANSWER: u64 = 0xf;

/// What an answer is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    /// Whether a text, in which payment cards are secrets, holds none.
    TextWithCards,
    /// Whether a text, in which they are not, holds none.
    Text,
    /// What a key's name says.
    Name,
}

/// A table of fixed size in which a later answer takes the place of an earlier one. Clones share
/// it.
#[derive(Debug, Clone)]
pub(super) struct Memo {
    keys: [u64; 2],
    places: Arc<[AtomicU64]>,
}

impl Default for Memo {
    fn default() -> Self {
        let places = std::iter::repeat_with(AtomicU64::default).take(PLACES).collect();
        let random = RandomState::new();
        Self { keys: [random.hash_one(0), random.hash_one(1)], places }
    }
}

impl Memo {
    /// The answer, four bits, that is remembered, or else `judge`'s, which is remembered if it is
    /// one to remember.
    pub(super) fn ask<T>(
        &self,
        about: About,
        what: &[u8],
        recall: impl FnOnce(u8) -> T,
        judge: impl FnOnce() -> (T, Option<u8>),
    ) -> T {
        let hash = keyed_hash([self.keys[0], self.keys[1].wrapping_add(about as u64)], what);
        // Never that of an empty place.
        let hash = (hash | 1 << ANSWER.count_ones()) & !ANSWER;
        let place = &self.places[(hash >> 32) as usize % PLACES];
        let remembered = place.load(Ordering::Relaxed);
        if remembered & !ANSWER == hash {
            return recall((remembered & ANSWER) as u8);
        }
        let (answer, bits) = judge();
        if let Some(bits) = bits {
            place.store(hash | u64::from(bits), Ordering::Relaxed);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_remembered_for_its_question_alone() {
        let memo = Memo::default();
        let ask = |about, what: &[u8], fresh| {
            memo.ask(about, what, |bits| (bits, true), || ((fresh, false), Some(fresh)))
        };
        assert_eq!(ask(About::Name, b"token", 5), (5, false));
        assert_eq!(ask(About::Name, b"token", 6), (5, true));
        assert_eq!(ask(About::Text, b"token", 7), (7, false), "about something else");
        assert_eq!(ask(About::Name, b"tokens", 15), (15, false), "another name");
        assert_eq!(ask(About::Name, b"tokens", 0), (15, true));
    }

    #[test]
    fn what_is_not_to_be_remembered_is_judged_again() {
        let memo = Memo::default();
        for _ in 0..2 {
            let fresh = memo.ask(About::Text, b"x", |_| false, || (true, None));
            assert!(fresh);
        }
    }
}
