//! Tables for what the writer remembers: hashed in a few instructions, under keys that only this
//! process has, so that nobody can choose reports whose entries all meet in one place.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::domain::sketch::{fold, keyed_hash};

/// A map by quick hashes.
pub type QuickMap<K, V> = HashMap<K, V, Quick>;
/// A set by quick hashes.
pub type QuickSet<K> = HashSet<K, Quick>;

/// What makes the hashes of one table.
#[derive(Clone, Copy, Debug)]
pub struct Quick {
    keys: [u64; 2],
}

impl Default for Quick {
    fn default() -> Self {
        let random = RandomState::new();
        Self { keys: [random.hash_one(0), random.hash_one(1) | 1] }
    }
}

impl Quick {
    /// The hash of a text.
    pub fn of(&self, text: &[u8]) -> u64 {
        keyed_hash(self.keys, text)
    }
}

impl BuildHasher for Quick {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding { key: self.keys[1], hash: self.keys[0] }
    }
}

/// A hash on its way: each number is multiplied in, and the halves of the product are folded.
#[derive(Clone, Copy, Debug)]
pub struct Folding {
    key: u64,
    hash: u64,
}

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        self.hash = keyed_hash([self.key, self.hash], bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.hash = fold(self.hash ^ number, self.key);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_lie_apart_and_the_same_lie_together() {
        let quick = Quick::default();
        let hash = |pair: (i64, i64)| quick.hash_one(pair);
        assert_eq!(hash((7, 8)), hash((7, 8)));
        // Tables go by the lowest bits and by the highest seven.
        let mut lowest = HashSet::new();
        let mut highest = HashSet::new();
        for number in 0..4_096 {
            lowest.insert(hash((1, number)) & 0xffff);
            highest.insert(hash((number, 1)) >> 57);
        }
        assert!(lowest.len() > 3_700, "{} of 4,096 in 65,536 places", lowest.len());
        assert_eq!(highest.len(), 128);
        assert_ne!(Quick::default().hash_one((7, 8)), hash((7, 8)), "each table has its own keys");
    }
}
