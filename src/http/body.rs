//! The body of an answer: whole, or a stream that goes on.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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

/// The pieces of one listener. No piece is made before the one before it is taken.
pub struct Pieces(Option<Next>);

impl Pieces {
    /// Of somebody who listens.
    pub(super) fn of(listener: Listener) -> Self {
        Self(Some(Box::pin(next(listener))))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(waiting) = &mut self.0 else { return Poll::Ready(None) };
        match ready!(waiting.as_mut().poll(context)) {
            Some((piece, listener)) => {
                self.0 = Some(Box::pin(next(listener)));
                Poll::Ready(Some(piece.into()))
            }
            None => {
                self.0 = None;
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
