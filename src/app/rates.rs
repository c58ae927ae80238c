//! How often reports may come from one address and to one project, and requests with one key.
//!
//! Memory is fixed, however many addresses and names are made up: a caller has no bucket of his own
//! but one in each of two tables, found by keys that nobody outside knows. He is limited when both
//! are empty, so that sharing one of them with a busy stranger does no harm.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use crate::config::{Config, EachAddress};
use crate::domain::rate::Rate;
use crate::metrics::Reason;

/// Buckets of a table: 128 KiB. Of a hundred busy strangers, each two hide one caller in 27,000.
const TABLE_BUCKETS: usize = 16_384;
/// Bits of an IPv6 address that a caller chooses himself.
const OWN_BITS: u32 = 64;

/// Too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Which limit it was.
    pub reason: Reason,
    /// Seconds after which there is room for one more.
    pub retry_after_s: u32,
}

/// Whose address this is, as one number: IPv6 by its network, of which one caller has all.
pub fn source_of(peer: IpAddr) -> u128 {
    match peer.to_canonical() {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits() >> OWN_BITS << OWN_BITS,
    }
}

/// Whether a limit for each address counts this one.
pub fn counts(limit: EachAddress, peer: IpAddr) -> bool {
    limit.loopback || !peer.to_canonical().is_loopback()
}

/// The rates of one running program.
#[derive(Debug)]
pub struct Rates {
    addresses: Option<(EachAddress, Buckets)>,
    projects: Option<Buckets>,
    keys: Option<Buckets>,
    began: Instant,
}

impl Rates {
    /// What the operator's choices amount to. What is off takes no memory.
    pub fn new(config: &Config) -> Self {
        let address = config.address_rate();
        Self {
            addresses: address.map(|limit| (limit, Buckets::new(limit.most))),
            projects: config.project_rate().map(Buckets::new),
            keys: config.key_rate().map(Buckets::new),
            began: Instant::now(),
        }
    }

    /// Counts one report of an address.
    pub fn address(&self, peer: IpAddr) -> Result<(), Limited> {
        match &self.addresses {
            Some((limit, buckets)) if counts(*limit, peer) => {
                self.take(buckets, &source_of(peer), Reason::AddressRate)
            }
            _ => Ok(()),
        }
    }

    /// Counts one report to a project.
    pub fn project(&self, name: &str) -> Result<(), Limited> {
        let Some(buckets) = &self.projects else { return Ok(()) };
        self.take(buckets, name, Reason::ProjectRate)
    }

    /// Counts one request with a key of this number.
    pub fn key(&self, id: i64) -> Result<(), Limited> {
        let Some(buckets) = &self.keys else { return Ok(()) };
        self.take(buckets, &id, Reason::KeyRate)
    }

    fn take(
        &self,
        buckets: &Buckets,
        key: &(impl Hash + ?Sized),
        reason: Reason,
    ) -> Result<(), Limited> {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        buckets.take(key, now).map_err(|retry_after_s| Limited { reason, retry_after_s })
    }
}

/// Two tables of buckets.
#[derive(Debug)]
pub(super) struct Buckets {
    rate: Rate,
    tables: [Table; 2],
}

impl Buckets {
    /// Buckets that fill by so many a minute.
    pub(super) fn new(a_minute: u32) -> Self {
        Self { rate: Rate::a_minute(a_minute), tables: [Table::new(), Table::new()] }
    }

    /// Takes one out of both buckets of a key; refused, with the seconds to wait, when both are
    /// empty.
    pub(super) fn take(&self, key: &(impl Hash + ?Sized), now: u64) -> Result<(), u32> {
        let [one, other] = &self.tables;
        match (one.take(key, self.rate, now), other.take(key, self.rate, now)) {
            (Err(one), Err(other)) => Err(one.min(other)),
            _ => Ok(()),
        }
    }
}

/// For each bucket the moment at which it is full again.
#[derive(Debug)]
struct Table {
    hasher: RandomState,
    full_at: Box<[AtomicU64]>,
}

impl Table {
    fn new() -> Self {
        let full_at = (0..TABLE_BUCKETS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), full_at }
    }

    fn take(&self, key: &(impl Hash + ?Sized), rate: Rate, now: u64) -> Result<(), u32> {
        let hash = usize::try_from(self.hasher.hash_one(key) >> 32).unwrap_or(0);
        let bucket = &self.full_at[hash % TABLE_BUCKETS];
        let mut full_at = bucket.load(Relaxed);
        loop {
            let next = rate.take(full_at, now)?;
            match bucket.compare_exchange_weak(full_at, next, Relaxed, Relaxed) {
                Ok(_) => return Ok(()),
                Err(changed) => full_at = changed,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const NOW: u64 = 3_600_000_000_000;

    fn rates(words: &[&str]) -> Rates {
        Rates::new(&Config::try_parse_from([&["serve"], words].concat()).expect("valid"))
    }

    fn peer(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_caller_is_an_address_or_an_ipv6_network() {
        let same = |one, other| source_of(peer(one)) == source_of(peer(other));
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"), "a socket for both kinds writes it so");
    }

    #[test]
    fn this_machine_is_counted_only_when_a_number_is_given() {
        let open = rates(&["--listen", "0.0.0.0:1"]);
        let chosen = rates(&["--rate-per-address", "2"]);
        for local in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            for _ in 0..7_000 {
                assert_eq!(open.address(peer(local)), Ok(()), "{local}");
            }
        }
        for wanted in [true, true, false] {
            assert_eq!(chosen.address(peer("::1")).is_ok(), wanted);
        }
        assert_eq!(chosen.address(peer("127.0.0.1")), Ok(()), "another caller");
    }

    #[test]
    fn one_caller_does_not_spend_what_others_have() {
        let buckets = Buckets::new(10);
        for busy in 0..100_u128 {
            while buckets.take(&busy, NOW).is_ok() {}
        }
        let limited = (1_000..2_000_u128).filter(|other| buckets.take(other, NOW).is_err()).count();
        // By chance 0.04; keys that are no secret could choose all of them.
        assert!(limited < 10, "{limited} of 1,000 were taken for somebody else");
    }

    #[test]
    fn any_number_of_callers_takes_the_same_memory() {
        let buckets = Buckets::new(10);
        for caller in 0..200_000_u128 {
            let _counted = buckets.take(&caller, NOW);
        }
        for Table { full_at, .. } in &buckets.tables {
            assert_eq!(full_at.len(), TABLE_BUCKETS);
        }
    }

    #[test]
    fn what_is_off_takes_no_memory() {
        let rates = rates(&[]);
        assert!(rates.addresses.is_none() && rates.projects.is_none() && rates.keys.is_none());
    }

    #[test]
    fn threads_together_take_no_more_than_there_is() {
        let buckets = Buckets::new(1_000);
        let taken: usize = std::thread::scope(|scope| {
            let take = || (0..1_000).filter(|_| buckets.take("shop", NOW).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        // A thread between the two tables may get one more.
        assert!((1_000..=1_004).contains(&taken), "{taken}");
    }
}
