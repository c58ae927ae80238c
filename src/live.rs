//! The live stream: what was committed, told in that order to everybody who listens.
//!
//! Invariants: the writer takes no lock that a listener holds; a listener who is slow, or gone,
//! costs nobody anything: he has a place in one ring of messages, not a queue of his own. Whoever
//! cannot be told everything is told `reset`.

mod ring;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use self::ring::{MESSAGES_MAX, Ring, Since};
use crate::domain::happening::Happening;
use crate::domain::trust::reach::Reach;
use crate::metrics::Metrics;

/// Listeners at once. A dashboard has one for each tab that is looked at.
pub const LISTENERS_MAX: u64 = 4_000;
/// Between two rounds of telling, so that a thousand listeners are woken for many commits at once:
/// each time costs them all about 10 ms of a processor.
const ROUND_PAUSE: Duration = Duration::from_millis(50);
/// How long a stream is silent at most: proxies close what says nothing for a minute or half.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// When a listener whose connection ended may come again, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// Where the writer puts what it committed, and listeners get it.
#[derive(Debug)]
pub struct Live {
    /// Apart from `ring`, which listeners hold.
    inbox: Mutex<Inbox>,
    arrived: Notify,
    /// Whether anybody has listened yet. Before, nobody can come back to a message, and none is
    /// kept: under load they would be ten thousand, and as many folded ones.
    heard: AtomicBool,
    ring: Mutex<Ring>,
    mark: watch::Sender<Mark>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Inbox {
    happened: Vec<Happening>,
    /// More came than the ring holds: what is missing can only be read again.
    overflowed: bool,
}

/// What wakes listeners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    /// The number of the next message.
    next: u64,
    ended: bool,
    /// How often what people may see was made less.
    rethought: u64,
}

/// Why nobody more is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deaf {
    /// [`LISTENERS_MAX`] listen already.
    TooMany,
    /// The program is ending.
    Ending,
}

impl Live {
    /// A stream of a run that began at `started`, in milliseconds since 1970: ids of another run
    /// are not taken for its own.
    pub fn new(started: i64, metrics: Arc<Metrics>) -> Arc<Self> {
        let ring = Ring::new(started);
        let mark = Mark { next: ring.next(), ..Mark::default() };
        Arc::new(Self {
            inbox: Mutex::default(),
            arrived: Notify::new(),
            heard: AtomicBool::new(false),
            ring: Mutex::new(ring),
            mark: watch::Sender::new(mark),
            metrics,
        })
    }

    /// Takes what one transaction did, after its commit and in the order of commits.
    pub fn tell(&self, happened: &mut Vec<Happening>) {
        if happened.is_empty() {
            return;
        }
        if !self.heard.load(Ordering::SeqCst) {
            happened.clear();
            return;
        }
        let mut inbox = locked(&self.inbox);
        inbox.happened.append(happened);
        if inbox.happened.len() > MESSAGES_MAX {
            *inbox = Inbox { happened: Vec::new(), overflowed: true };
        }
        drop(inbox);
        self.arrived.notify_one();
    }

    /// Forgets every message, as some of what they say was erased: everybody reads again.
    pub fn forget(&self) {
        let mut ring = locked(&self.ring);
        *locked(&self.inbox) = Inbox::default();
        ring.forget();
        self.show(&ring);
    }

    /// Ends every listener at once, and takes no more.
    pub fn end(&self) {
        self.mark.send_modify(|mark| mark.ended = true);
        self.arrived.notify_one();
    }

    /// Passes on what arrives, until [`Live::end`].
    pub async fn run(&self) {
        while !self.mark.borrow().ended {
            let due = self.round(Instant::now());
            sleep(ROUND_PAUSE).await;
            match due {
                None => self.arrived.notified().await,
                Some(due) => tokio::select! {
                    () = self.arrived.notified() => {}
                    () = sleep_until(due) => {}
                },
            }
        }
    }

    /// Passes on what arrived; when folded messages are due.
    fn round(&self, now: Instant) -> Option<Instant> {
        let mut ring = locked(&self.ring);
        // Under the ring's lock, so that `forget` finds everything in one of the two.
        let arrived = std::mem::take(&mut *locked(&self.inbox));
        if arrived.overflowed {
            ring.forget();
        }
        let before = ring.next();
        for happening in arrived.happened {
            ring.take(happening);
        }
        let due = ring.flush(now);
        self.metrics.stream_messages.add(ring.next() - before);
        self.show(&ring);
        due
    }

    fn show(&self, ring: &Ring) {
        let next = ring.next();
        self.mark.send_if_modified(|mark| std::mem::replace(&mut mark.next, next) != next);
    }

    /// Ends everybody who listens as somebody: somebody may see less than before, and whoever still
    /// may comes back at once.
    pub fn rethink(&self) {
        self.mark.send_modify(|mark| mark.rethought += 1);
    }

    /// Begins to listen to everything: behind the message of this id, or, without one, from now on.
    pub fn listen(self: &Arc<Self>, last_id: Option<&str>) -> Result<Listener, Deaf> {
        self.listen_as(last_id, Audience { reach: Reach::Every, is_somebody: false, ends_at: None })
    }

    /// As [`Self::listen`], of somebody.
    pub fn listen_as(
        self: &Arc<Self>,
        last_id: Option<&str>,
        audience: Audience,
    ) -> Result<Listener, Deaf> {
        let marks = self.mark.subscribe();
        if marks.borrow().ended {
            return Err(Deaf::Ending);
        }
        // Counted first: of two who come at once for the last place, none may get past.
        self.metrics.stream_listeners.add(1);
        let rethought = marks.borrow().rethought;
        let mut listener = Listener {
            live: Arc::clone(self),
            rethought,
            marks,
            next: 0,
            greeting: String::new(),
            audience,
        };
        if self.metrics.stream_listeners.value() > LISTENERS_MAX {
            return Err(Deaf::TooMany);
        }
        // What is committed from here on is kept for this listener.
        self.heard.store(true, Ordering::SeqCst);
        let ring = locked(&self.ring);
        let (next, greeting) = match last_id {
            None => (ring.next(), format!("id: {}\n\n", ring.newest_id())),
            Some(id) => match ring.after(id) {
                Some(next) => (next, "\n".to_owned()),
                None => {
                    self.metrics.stream_resets.add(1);
                    (ring.next(), format!("\n{}", ring.reset("unknown_id")))
                }
            },
        };
        drop(ring);
        listener.next = next;
        listener.greeting = format!("retry: {RETRY_MS}\n{greeting}");
        Ok(listener)
    }
}

/// What somebody who listens is told.
#[derive(Clone, Debug)]
pub struct Audience {
    /// What happens in these projects.
    pub reach: Reach,
    /// Whether this may become less.
    pub is_somebody: bool,
    /// When what they are let in by ends by itself.
    pub ends_at: Option<Instant>,
}

/// Somebody who listens, and how far he is.
#[derive(Debug)]
pub struct Listener {
    live: Arc<Live>,
    marks: watch::Receiver<Mark>,
    next: u64,
    greeting: String,
    audience: Audience,
    rethought: u64,
}

impl Listener {
    /// The next piece of the stream: whole messages, or a comment after a long silence; `None` at
    /// its end.
    pub async fn next(&mut self) -> Option<String> {
        if !self.greeting.is_empty() {
            return Some(std::mem::take(&mut self.greeting));
        }
        loop {
            let mark = *self.marks.borrow_and_update();
            let is_rethought = self.audience.is_somebody && mark.rethought != self.rethought;
            let now = Instant::now();
            let left = self.audience.ends_at.map_or(COMMENT_EVERY, |end| end - now);
            if mark.ended || is_rethought || left.is_zero() {
                return None;
            }
            if let Some(text) = self.waiting() {
                return Some(text);
            }
            match timeout(left.min(COMMENT_EVERY), self.marks.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) if left < COMMENT_EVERY => {}
                Err(_) => return Some(":\n\n".to_owned()),
            }
        }
    }

    fn waiting(&mut self) -> Option<String> {
        let mut ring = locked(&self.live.ring);
        let text = match ring.since(self.next, &self.audience.reach) {
            Since::Nothing => return None,
            Since::Messages { text, next } => {
                self.next = next;
                // All of it was of other projects.
                if text.is_empty() {
                    return None;
                }
                text
            }
            Since::Forgotten => {
                self.live.metrics.stream_resets.add(1);
                self.next = ring.next();
                ring.reset("too_old")
            }
        };
        Some(text)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.live.metrics.stream_listeners.subtract(1);
    }
}

/// A panic elsewhere leaves nothing half done here that the next reset would not mend.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
