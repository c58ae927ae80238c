//! A socket that gives up on a reader who does not read (an answer in memory must not wait for
//! ever), and that gives hyper's own refusals the envelope of all others.

use std::error::Error;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::tls::Stream;
use super::unread;

/// How long a write may make no headway at all. A slow line goes on; a stopped program does not.
const STALL_TIME: Duration = Duration::from_secs(20);

/// Whether a connection ended because its reader did not read.
pub(super) fn has_stalled(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == ErrorKind::TimedOut)
}

/// A socket whose writes end with an error after [`STALL_TIME`] without headway.
pub(super) struct Socket {
    stream: Stream,
    /// What was read already and is to be read again.
    unread: Bytes,
    traffic: Arc<Traffic>,
    stalled: Option<Pin<Box<Sleep>>>,
}

/// What goes on at a socket, for those who have it no more.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    asked: AtomicBool,
    writing: AtomicBool,
}

impl Traffic {
    /// Whether something came since the last answer.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Relaxed)
    }

    /// Whether nothing is on its way, neither in nor out.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.is_asked() && !self.writing.load(Relaxed)
    }
}

impl Socket {
    /// Watches over a socket.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, unread: Bytes::new(), traffic: Arc::default(), stalled: None }
    }

    /// What goes on here.
    pub(super) fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }

    /// Takes back what was read too early.
    pub(super) fn read_again(self, unread: Bytes) -> Self {
        let unread = if self.unread.is_empty() {
            unread
        } else {
            [unread.as_ref(), &self.unread].concat().into()
        };
        Self { unread, ..self }
    }

    /// Waits until there is something to read; `false` at the end.
    pub(super) async fn is_asked(&mut self) -> bool {
        if !self.unread.is_empty() {
            return true;
        }
        match &mut self.stream {
            // tokio takes a new socket for readable until somebody has looked.
            Stream::Plain(stream) => stream.peek(&mut [0]).await.is_ok_and(|bytes| bytes > 0),
            // What the socket holds may be no request, and a request may be past it already.
            Stream::Tls(stream) => {
                let mut first = [0];
                let came = stream.read(&mut first).await.is_ok_and(|bytes| bytes > 0);
                self.unread = if came { Bytes::copy_from_slice(&first) } else { Bytes::new() };
                came
            }
        }
    }

    /// Writes an envelope where hyper writes a refusal of its own; `None` for all else.
    fn write_refusal(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Option<Poll<io::Result<usize>>> {
        let answer = unread::answer(&unread::of_hyper(bytes)?);
        let outcome = Pin::new(&mut self.stream).poll_write(context, &answer);
        Some(outcome.map_ok(|written| {
            // A socket without room for so little has a reader who does not read.
            if written == answer.len() { bytes.len() } else { 0 }
        }))
    }

    /// Passes an outcome on; pending for too long becomes an error.
    fn watched<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        self.traffic.writing.store(outcome.is_pending(), Relaxed);
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALL_TIME)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = if self.unread.is_empty() {
            Pin::new(&mut self.stream).poll_read(context, buffer)
        } else {
            let bytes = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread.split_to(bytes));
            Poll::Ready(Ok(()))
        };
        if buffer.filled().len() > before {
            self.traffic.asked.store(true, Relaxed);
        }
        outcome
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.traffic.asked.store(false, Relaxed);
        let outcome = match self.write_refusal(context, bytes) {
            Some(outcome) => outcome,
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
        };
        self.watched(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.traffic.asked.store(false, Relaxed);
        let refusal = match parts {
            [one] => self.write_refusal(context, one),
            _ => None,
        };
        let outcome = match refusal {
            Some(outcome) => outcome,
            None => Pin::new(&mut self.stream).poll_write_vectored(context, parts),
        };
        self.watched(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TLS takes bytes before the other side does.
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.watched(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watched(context, outcome)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_reader_who_does_not_read_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let _reader = TcpStream::connect(address).await.expect("it listens");
        let (socket, _) = listener.accept().await.expect("it came");
        let mut watched = Socket::new(Stream::Plain(socket));
        tokio::time::pause();
        let bytes = vec![0; 1_024 * 1_024];
        loop {
            let write =
                |context: &mut Context<'_>| Pin::new(&mut watched).poll_write(context, &bytes);
            match poll_fn(write).await {
                Ok(written) => assert!(written > 0),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::TimedOut);
                    return;
                }
            }
        }
    }
}
