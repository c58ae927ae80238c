//! The body of an answer: whole, or a stream that goes on.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::live::Listener;

/// What an answer says.
#[derive(Debug)]
pub enum AnswerBody {
    /// All of it.
    Whole(Full<Bytes>),
    /// What a listener hears, piece by piece.
    Live(Pieces),
}

impl From<Bytes> for AnswerBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(context),
            Self::Live(pieces) => pieces.poll(context).map(|piece| piece.map(Frame::data).map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Live(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Live(_) => SizeHint::default(),
        }
    }
}

type Next = Pin<Box<dyn Future<Output = Option<(String, Listener)>> + Send>>;

/// The pieces of one listener. No piece is made before the one before it is sent: hyper would hold
/// as many as its buffer takes, 158 KiB for each listener who does not read.
pub struct Pieces {
    next: Option<Next>,
    unsent: Arc<Unsent>,
}

/// Whether a piece is on its way, and who waits for the end of that.
#[derive(Default)]
struct Unsent(Mutex<(bool, Option<Waker>)>);

impl Unsent {
    /// A panic elsewhere leaves nothing half done here.
    fn locked(&self) -> MutexGuard<'_, (bool, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A piece on its way; hyper lets go of it when the socket has taken it.
struct Piece {
    text: String,
    unsent: Arc<Unsent>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut unsent = self.unsent.locked();
        unsent.0 = false;
        let waiting = unsent.1.take();
        drop(unsent);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl Pieces {
    /// Of somebody who listens.
    pub(super) fn of(listener: Listener) -> Self {
        Self { next: Some(Box::pin(next(listener))), unsent: Arc::default() }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(waiting) = &mut self.next else { return Poll::Ready(None) };
        let mut unsent = self.unsent.locked();
        if unsent.0 {
            unsent.1 = Some(context.waker().clone());
            return Poll::Pending;
        }
        drop(unsent);
        match ready!(waiting.as_mut().poll(context)) {
            Some((text, listener)) => {
                self.next = Some(Box::pin(next(listener)));
                self.unsent.locked().0 = true;
                let piece = Piece { text, unsent: Arc::clone(&self.unsent) };
                Poll::Ready(Some(Bytes::from_owner(piece)))
            }
            None => {
                self.next = None;
                Poll::Ready(None)
            }
        }
    }
}

async fn next(mut listener: Listener) -> Option<(String, Listener)> {
    let piece = listener.next().await?;
    Some((piece, listener))
}

impl fmt::Debug for Pieces {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pieces").finish_non_exhaustive()
    }
}
