//! Who may have a password checked at this moment: a few at once of an address, two at once of a
//! name, so that whoever sends many fills neither the places for hashing nor the way to them.
//! An address is told to come back; a name waits, and is never refused before a crowd waits for it.
//! Whoever was logged in from an address stands in no crowd's queue there.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::rates::source_of;
use crate::domain::search::fold;

/// Checks of an address at once: a family behind one address logs in without being told to wait.
const ADDRESS_MAX: usize = 4;
/// Checks of a name at once. What wants more than that is no person.
const NAME_AT_ONCE_MAX: usize = 2;
/// That wait for their turn with one name: 5 s.
const NAME_WAITING_MAX: usize = 100;

/// Why there is no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// Of this address too many are under way.
    Address,
    /// Of this name too many wait.
    Name,
}

/// A folded name, and whether it is tried from where its owner was logged in: a queue of its own.
type Line = (String, bool);

/// The turns of one running program. Its memory is bounded by what is under way.
#[derive(Debug, Default)]
pub struct Turns {
    addresses: Counts<u128>,
    names: Counts<Line>,
    queues: Mutex<HashMap<Line, Arc<Semaphore>>>,
}

/// One who has a turn; it ends when dropped, also by a caller who went away.
#[derive(Debug)]
pub struct Turn<'a> {
    _permit: Option<OwnedSemaphorePermit>,
    _address: Place<'a, u128>,
    _name: Named<'a>,
}

impl Turns {
    /// Waits for a turn of an address and a name, which is at home where its owner was logged in.
    pub async fn take(
        &self,
        address: IpAddr,
        name: &str,
        is_at_home: bool,
    ) -> Result<Turn<'_>, NoTurn> {
        let address = self.addresses.enter(source_of(address), ADDRESS_MAX);
        let address = address.ok_or(NoTurn::Address)?;
        let name = (fold(name), is_at_home);
        let waiting = NAME_AT_ONCE_MAX + NAME_WAITING_MAX;
        let place = self.names.enter(name.clone(), waiting).ok_or(NoTurn::Name)?;
        let queue = Arc::clone(
            locked(&self.queues)
                .entry(name)
                .or_insert_with(|| Arc::new(Semaphore::new(NAME_AT_ONCE_MAX))),
        );
        let named = Named { turns: self, place };
        // A semaphore that nobody closes gives every permit at last.
        let permit = queue.acquire_owned().await.ok();
        Ok(Turn { _permit: permit, _address: address, _name: named })
    }
}

/// A place with a name, whose queue goes with the last of it.
#[derive(Debug)]
struct Named<'a> {
    turns: &'a Turns,
    place: Place<'a, Line>,
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        let mut queues = locked(&self.turns.queues);
        if self.place.is_last() {
            queues.remove(&self.place.of);
        }
    }
}

/// How many of each are inside.
#[derive(Debug)]
struct Counts<K>(Mutex<HashMap<K, usize>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq + Clone> Counts<K> {
    fn enter(&self, of: K, most: usize) -> Option<Place<'_, K>> {
        let mut counts = locked(&self.0);
        let count = counts.entry(of.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { counts: self, of })
    }
}

/// One who is inside.
#[derive(Debug)]
struct Place<'a, K: Hash + Eq> {
    counts: &'a Counts<K>,
    of: K,
}

impl<K: Hash + Eq> Place<'_, K> {
    fn is_last(&self) -> bool {
        locked(&self.counts.0).get(&self.of) == Some(&1)
    }
}

impl<K: Hash + Eq> Drop for Place<'_, K> {
    fn drop(&mut self) {
        let mut counts = locked(&self.counts.0);
        match counts.get_mut(&self.of) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.remove(&self.of)),
        }
    }
}

/// A panic elsewhere leaves whole counts behind.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[tokio::test]
    async fn an_address_has_a_few_turns_and_a_name_waits_for_its_own() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for name in ["a", "b", "c", "d"] {
            held.push(turns.take(peer(1), name, false).await.expect("a turn"));
        }
        assert_eq!(turns.take(peer(1), "e", false).await.err(), Some(NoTurn::Address));
        held.push(turns.take(peer(2), "ann", false).await.expect("a turn"));
        held.push(turns.take(peer(3), "ANN", false).await.expect("a turn"));
        let mut third = pin!(turns.take(peer(4), "Ann", false));
        let polled =
            std::future::poll_fn(|context| Poll::Ready(third.as_mut().poll(context).is_pending()));
        assert!(polled.await, "it waits");
        held.push(turns.take(peer(5), "bob", false).await.expect("others do not"));
        held.push(turns.take(peer(6), "ann", true).await.expect("at home she does not wait"));
        held.remove(4);
        let third = third.await.expect("its turn");
        drop((held, third));
        let is_empty = turns.queues.lock().expect("whole").is_empty();
        assert!(is_empty && turns.addresses.0.lock().expect("whole").is_empty());
        assert!(turns.names.0.lock().expect("whole").is_empty(), "nothing is left behind");
    }
}
