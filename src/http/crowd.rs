//! How many connections each address has open. Only addresses with one are remembered, so memory is
//! bounded by the connections themselves.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app::rates::{counts, source_of};
use crate::config::EachAddress;

/// The open connections, by whose they are.
#[derive(Debug)]
pub(super) struct Crowd {
    limit: Option<EachAddress>,
    open: Mutex<HashMap<u128, u32>>,
}

/// The place of one connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place(Option<(Arc<Crowd>, u128)>);

impl Crowd {
    /// Nobody yet.
    pub(super) fn new(limit: Option<EachAddress>) -> Arc<Self> {
        Arc::new(Self { limit, open: Mutex::default() })
    }

    /// A place for one more connection of this address; `None` when it has too many.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let Some(limit) = self.limit.filter(|limit| counts(*limit, peer)) else {
            return Some(Place(None));
        };
        let source = source_of(peer);
        let mut open = self.open();
        let number = open.entry(source).or_default();
        if *number >= limit.most {
            return None;
        }
        *number += 1;
        Some(Place(Some((Arc::clone(self), source))))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u128, u32>> {
        // Whoever panicked left whole numbers behind.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((crowd, source)) = self.0.take() else { return };
        let mut open = crowd.open();
        if let Some(number) = open.get_mut(&source) {
            *number -= 1;
            if *number == 0 {
                open.remove(&source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gives_them_back() {
        let crowd = Crowd::new(Some(EachAddress { most: 2, loopback: false }));
        let peer = |text: &str| text.parse::<IpAddr>().expect("an address");
        let first = crowd.enter(peer("2001:db8::1")).expect("a place");
        let second = crowd.enter(peer("2001:db8::2")).expect("a place");
        assert!(crowd.enter(peer("2001:db8::3")).is_none(), "the same network");
        let other = crowd.enter(peer("2001:db8:0:1::1")).expect("another network");
        for _ in 0..5 {
            crowd.enter(peer("127.0.0.1")).expect("this machine is not counted");
        }
        drop(first);
        let third = crowd.enter(peer("2001:db8::3")).expect("one left");
        drop((second, third, other));
        assert!(crowd.open().is_empty(), "nobody is remembered");
    }
}
