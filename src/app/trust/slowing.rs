//! How guessing passwords is made slow without locking anybody out. An address may try so often a
//! minute; a name may be tried by anybody, but when many tries come each waits a little, whoever
//! sent it: the right password is taken all the same.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::app::rates::{Buckets, source_of};
use crate::domain::search::fold;

/// Tries of an address a minute.
const ADDRESS_TRIES: u32 = 20;
/// Tries of a name a minute that do not wait.
const NAME_TRIES: u32 = 10;
/// How long the others wait.
const PAUSE: Duration = Duration::from_secs(2);
/// Codes of a person that are tried a minute: of a million codes three are right, so who knows the
/// password guesses one in half a year, and is seen in the record.
const CODE_TRIES: u32 = 5;
/// Failed tries of one kind a minute that are recorded: more would let a stranger fill the disk.
/// Those of one kind hide none of another: a wrong code behind a right password is seen.
const RECORDED_TRIES: u32 = 60;

/// The tries of one running program, in fixed memory.
#[derive(Debug)]
pub struct Slowing {
    addresses: Buckets,
    names: Buckets,
    codes: Buckets,
    recorded: Buckets,
    began: Instant,
}

impl Default for Slowing {
    fn default() -> Self {
        Self {
            addresses: Buckets::new(ADDRESS_TRIES),
            names: Buckets::new(NAME_TRIES),
            codes: Buckets::new(CODE_TRIES),
            recorded: Buckets::new(RECORDED_TRIES),
            began: Instant::now(),
        }
    }
}

impl Slowing {
    /// Counts a try of an address; refused with the seconds after which there is room again.
    pub fn address(&self, peer: IpAddr) -> Result<(), u32> {
        self.addresses.take(&source_of(peer), self.now())
    }

    /// Counts a try of a name: how long it has to wait.
    pub fn name(&self, name: &str) -> Duration {
        let is_often = self.names.take(&fold(name), self.now()).is_err();
        if is_often { PAUSE } else { Duration::ZERO }
    }

    /// Counts a code that is tried for a person whose password was right; refused with the seconds
    /// after which there is room again.
    pub fn code(&self, person: i64) -> Result<(), u32> {
        self.codes.take(&person, self.now())
    }

    /// Whether one more failed try of a kind is to be recorded.
    pub fn is_recorded(&self, kind: &'static str) -> bool {
        self.recorded.take(kind, self.now()).is_ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_refused_and_a_name_only_waits() {
        let slowing = Slowing::default();
        let peer = |last| IpAddr::from([192, 0, 2, last]);
        let taken = (0..100).filter(|_| slowing.address(peer(1)).is_ok()).count();
        assert!((20..25).contains(&taken), "{taken}");
        assert!(slowing.address(peer(1)).expect_err("too often") >= 1);
        assert_eq!(slowing.address(peer(2)), Ok(()), "others are free");
        let free = (0..100).filter(|_| slowing.name("Ann").is_zero()).count();
        assert!((10..15).contains(&free), "{free}");
        assert_eq!(slowing.name("ANN"), PAUSE, "waits, and is never refused");
        assert!(slowing.name("bob").is_zero());
        let codes = (0..100).filter(|_| slowing.code(1).is_ok()).count();
        assert!((5..8).contains(&codes) && slowing.code(2).is_ok(), "{codes}");
    }

    #[test]
    fn a_flood_of_tries_is_not_all_recorded() {
        let slowing = Slowing::default();
        let count = |kind| (0..1_000).filter(|_| slowing.is_recorded(kind)).count();
        let recorded = count("invitation.refused");
        assert!((60..70).contains(&recorded), "{recorded}");
        let codes = count("session.code_refused");
        assert!((60..70).contains(&codes), "{codes}: one kind hides none of another");
    }
}
