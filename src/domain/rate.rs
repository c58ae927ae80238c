//! How often something may happen: a bucket that fills by the minute, told by one number.
//!
//! The number is the moment at which the bucket is full again; each report moves it on by its share
//! of a minute. A minute's worth may come at once.

const MINUTE_NS: u64 = 60_000_000_000;
const SECOND_NS: u64 = 1_000_000_000;

/// So many a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    share_ns: u64,
}

impl Rate {
    /// At least one a minute.
    pub const fn a_minute(number: u32) -> Self {
        let number = if number == 0 { 1 } else { number };
        Self { share_ns: MINUTE_NS / number as u64 }
    }

    /// Takes one out of a bucket that is full again at `full_at`: when it is full then. Refused:
    /// how many whole seconds it takes until there is one. Both moments are nanoseconds on the
    /// same clock.
    pub const fn take(self, full_at: u64, now: u64) -> Result<u64, u32> {
        let missing = full_at.saturating_sub(now);
        let room = MINUTE_NS - self.share_ns;
        if missing <= room {
            return Ok(now + missing + self.share_ns);
        }
        // A bucket misses a minute at most, so this fits.
        Err((missing - room).div_ceil(SECOND_NS) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as many as there are at this moment.
    fn drain(rate: Rate, full_at: &mut u64, now: u64) -> (usize, u32) {
        for taken in 0.. {
            match rate.take(*full_at, now) {
                Ok(next) => *full_at = next,
                Err(seconds) => return (taken, seconds),
            }
        }
        unreachable!("the bucket has an end")
    }

    #[test]
    fn a_minutes_worth_comes_at_once_and_then_its_share_by_time() {
        let (rate, now) = (Rate::a_minute(120), 7 * MINUTE_NS);
        let mut full_at = 0;
        assert_eq!(drain(rate, &mut full_at, now), (120, 1));
        assert_eq!(drain(rate, &mut full_at, now + SECOND_NS / 2), (1, 1));
        assert_eq!(drain(rate, &mut full_at, now + 10 * SECOND_NS), (19, 1));
        assert_eq!(drain(rate, &mut full_at, now + 5 * MINUTE_NS), (120, 1), "no more than full");
    }

    #[test]
    fn the_seconds_that_are_told_are_enough_and_no_more() {
        for number in [1, 7, 59, 60, 61, 6_000, 600_000] {
            let rate = Rate::a_minute(number);
            let mut full_at = 0;
            let (taken, seconds) = drain(rate, &mut full_at, MINUTE_NS);
            assert_eq!(taken, number as usize);
            let wait = u64::from(seconds) * SECOND_NS;
            assert!(rate.take(full_at, MINUTE_NS + wait).is_ok(), "{number}");
            let early = rate.take(full_at, MINUTE_NS + wait - SECOND_NS);
            assert_eq!(early, Err(1), "{number}: a second less is not enough");
        }
    }
}
