//! Chance that is the same for the same seed: SplitMix64 (Steele, Lea and Flood, "Fast splittable
//! pseudorandom number generators", 2014).

/// A stream of numbers; each part of the demo draws from one of its own, so that a change of one
/// part leaves the others as they were.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream that belongs to these numbers.
    pub(super) fn of(parts: &[u64]) -> Self {
        let mut chance = Self(0);
        for part in parts {
            chance.0 = chance.0.wrapping_add(*part);
            chance.0 = chance.next();
        }
        chance
    }

    /// 64 random bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, but not, 1.
    pub(super) const fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to, but not, `end`; 0 when that is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From `start` up to, but not, `end`; `start` when that is not above it.
    pub(super) fn between(&mut self, start: i64, end: i64) -> i64 {
        let width = end.saturating_sub(start).max(1).cast_unsigned();
        start.saturating_add((self.next() % width).cast_signed())
    }

    /// True so often.
    pub(super) fn is(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Around 0 with a deviation of 1, at most 6 off.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Mostly small, sometimes large: 1 on average.
    pub(super) fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Brings them into another order.
    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }

    /// So many lower-case hex digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.below(16)])).collect()
    }

    /// A UUID of version 4.
    pub(super) fn uuid(&mut self) -> String {
        let digits = self.hex(30);
        let variant = char::from(b"89ab"[self.below(4)]);
        let part = |start: usize, end: usize| &digits[start..end];
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            part(0, 8),
            part(8, 12),
            part(12, 15),
            part(15, 18),
            part(18, 30)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_stream_and_others_another() {
        let draw = |parts: &[u64]| {
            let mut chance = Chance::of(parts);
            (chance.next(), chance.uuid(), chance.hex(7))
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
        assert!(crate::domain::uuid::parse(&draw(&[3]).1).is_some());
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut chance = Chance::of(&[7]);
        for _ in 0..1_000 {
            assert!((0.0..1.0).contains(&chance.unit()));
            assert!((-3..9).contains(&chance.between(-3, 9)));
            assert!(chance.below(5) < 5);
        }
        assert_eq!((chance.below(0), chance.between(4, 4)), (0, 4));
    }
}
