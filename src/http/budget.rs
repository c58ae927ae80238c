//! What the bodies of all requests, and the answers, may take of the memory together. Each request
//! gives its share back when it is done.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use hyper::body::{Body, Bytes};

use super::error::Error;
use super::exchange::Response;
use crate::metrics::Reason;

/// Bodies in memory at once, over all requests: eight full batches, or 25,000 usual reports.
const BODIES_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// When to come back after the budget of bodies was spent, in seconds.
const BODIES_RETRY_AFTER_S: u32 = 1;
/// This much of a body is not counted: a usual report is taken however much is in memory, and there
/// are no more of them than connections.
pub(super) const BODY_BYTES_FREE: usize = 16 * 1_024;
/// An answer of at most this many bytes is not counted: there may be one a connection.
const ANSWER_BYTES_FREE: usize = 64 * 1_024;

/// What all bodies in memory may take together.
#[derive(Debug)]
pub struct Budget {
    used: AtomicUsize,
    bytes_max: usize,
}

impl Budget {
    /// An unspent one.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), bytes_max: BODIES_BYTES_MAX })
    }

    /// Counts a large answer until its last byte is sent; refused when too much is in memory.
    pub fn hold(self: &Arc<Self>, mut answer: Response) -> Result<Response, Error> {
        let bytes = answer.body().size_hint().exact().unwrap_or(0);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        if bytes <= ANSWER_BYTES_FREE {
            return Ok(answer);
        }
        let mut share = Share::of(self);
        share.grow_to(bytes)?;
        let body = Pin::new(answer.body_mut());
        // A whole body is always ready.
        if let Poll::Ready(Some(Ok(frame))) =
            body.poll_frame(&mut Context::from_waker(Waker::noop()))
            && let Ok(bytes) = frame.into_data()
        {
            *answer.body_mut() = Bytes::from_owner(Held { bytes, _share: share }).into();
        }
        Ok(answer)
    }
}

/// Bytes with their share of the budget; both go together.
struct Held {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A request's share of the budget; given back when the request is done.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// None yet.
    pub(super) fn of(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), bytes: 0 }
    }

    /// Grows, if need be, to what so many bytes take; refused when that is more than there is.
    pub(super) fn grow_to(&mut self, bytes: usize) -> Result<(), Error> {
        let more = bytes.saturating_sub(BODY_BYTES_FREE).saturating_sub(self.bytes);
        if more == 0 {
            return Ok(());
        }
        self.bytes += more;
        if self.budget.used.fetch_add(more, Relaxed) + more > self.budget.bytes_max {
            return Err(Error::Overload {
                reason: Reason::Memory,
                message: "too many large requests at once: try again later".into(),
                retry_after_s: BODIES_RETRY_AFTER_S,
            });
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Budget {
        /// How much is spent.
        pub(in super::super) fn used(&self) -> usize {
            self.used.load(Relaxed)
        }
    }

    impl Share {
        /// Of which budget it is.
        pub(in super::super) const fn budget(&self) -> &Arc<Budget> {
            &self.budget
        }
    }

    #[test]
    fn a_spent_budget_is_said_and_given_back() {
        let budget = Arc::new(Budget { used: AtomicUsize::new(0), bytes_max: 7 });
        let large = BODY_BYTES_FREE + 5;
        let mut first = Share::of(&budget);
        first.grow_to(large).expect("fits");
        let mut second = Share::of(&budget);
        assert_eq!(second.grow_to(large).expect_err("spent").status(), 503);
        let mut small = Share::of(&budget);
        small.grow_to(5).expect("a usual report is always taken");
        drop((first, second, small));
        assert_eq!(budget.used(), 0);
    }
}
