//! One connection: its requests one after another, each within its limits.
//!
//! Invariant: where many are open, one that waits for a request has no buffers.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;

use super::body::AnswerBody;
use super::crowd::Place;
use super::error::{Error, HEAD_BYTES_MAX};
use super::exchange::Response;
use super::listen;
use super::server::Server;
use super::socket::{self, Socket, Traffic};
use super::tls::Stream;
use super::unread;
use crate::metrics::Reason;

/// Up to so many open connections each keeps its buffers between two requests, which spares busy
/// ones to make them anew. They take 20 KiB: of 10,000 that was 225 MiB.
const BUFFERED_MAX: u64 = 512;

/// How long TLS may take to begin.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// What a connection holds until it ends: its place among those of its address and among all, and
/// a sign for the end of the program, which waits for it.
type Held = (Place, OwnedSemaphorePermit, Watcher);

/// An open connection.
pub(super) struct Connection {
    server: Arc<Server>,
    peer: IpAddr,
    listening: Arc<AtomicU64>,
    /// Whether its last answer is a stream.
    listens: AtomicBool,
    /// Whether a request is being answered.
    answering: AtomicBool,
    /// Whether a part of its last request's body was not read.
    left: Arc<AtomicBool>,
    _held: Held,
}

impl Connection {
    /// One that was let in. `listening` counts those whose last answer is a stream.
    pub(super) fn new(
        server: Arc<Server>,
        peer: IpAddr,
        listening: Arc<AtomicU64>,
        held: Held,
    ) -> Self {
        let (listens, answering) = (AtomicBool::new(false), AtomicBool::new(false));
        server.app().metrics.connections.add(1);
        Self { server, peer, listening, listens, answering, left: Arc::default(), _held: held }
    }

    /// Answers its requests until it ends; after the stop only the one under way.
    pub(super) async fn answer_all(self, stream: TcpStream, mut stopped: watch::Receiver<()>) {
        // Answers are small and written whole: waiting to fill a packet only delays them.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "no TCP_NODELAY");
        }
        let secured = tokio::select! {
            secured = Box::pin(self.secured(stream)) => secured,
            _ = stopped.changed() => return,
        };
        let Some(stream) = secured else { return };
        let mut socket = Socket::new(stream);
        let traffic = socket.traffic();
        let silence_max = Duration::from_secs(self.header_time());
        loop {
            tokio::select! {
                // What came before the stop is answered.
                biased;
                asked = timeout(silence_max, socket.is_asked()) => {
                    if asked != Ok(true) {
                        return;
                    }
                }
                _ = stopped.changed() => return,
            }
            // In a box of its own, so that who is silent does not hold the room for it.
            match Box::pin(self.answer_some(socket, &traffic, &mut stopped)).await {
                Ok(Some(waiting)) => socket = waiting,
                Ok(None) => return,
                Err(cause) => return self.count_end(&cause, &traffic),
            }
        }
    }

    /// The connection as requests come by it; `None` if none can.
    async fn secured(&self, stream: TcpStream) -> Option<Stream> {
        let Some(certificate) = self.server.certificate() else {
            return Some(Stream::Plain(stream));
        };
        let refusals = &self.server.app().metrics.refusals;
        match timeout(HANDSHAKE_TIME, certificate.shake(stream)).await {
            Ok(Ok(Ok(stream))) => return Some(stream),
            Ok(Ok(Err(stream))) => {
                refusals.add(Reason::BadHead);
                let _unsaid = timeout(HANDSHAKE_TIME, self.say_https(stream)).await;
            }
            Ok(Err(cause)) => tracing::debug!(%cause, "no TLS"),
            Err(_) => refusals.add(Reason::SlowHead),
        }
        None
    }

    /// Tells who does not speak TLS that it is spoken here.
    async fn say_https(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let error = Error::unreadable("this address speaks https: write https:// for http://");
        self.server.app().metrics.answer(error.status().as_u16());
        stream.write_all(&unread::answer(&error)).await?;
        listen::leave(stream).await
    }

    /// Answers requests until the connection ends, or until it waits for the next one and should do
    /// so without buffers.
    async fn answer_some(
        &self,
        socket: Socket,
        traffic: &Traffic,
        stopped: &mut watch::Receiver<()>,
    ) -> hyper::Result<Option<Socket>> {
        let service =
            service_fn(|request| async { Ok::<_, Infallible>(self.answer(request).await) });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(self.header_time()))
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(socket), service);
        let mut is_stopping = false;
        loop {
            let next = poll_fn(|context| match Pin::new(&mut connection).poll(context) {
                Poll::Pending if !is_stopping && self.waits(traffic) => Poll::Ready(None),
                other => other.map(Some),
            });
            tokio::select! {
                biased;
                ended = next => match ended {
                    Some(ended) => {
                        let is_sending = |cause: &hyper::Error| cause.is_parse();
                        if self.left.load(Relaxed) || ended.as_ref().is_err_and(is_sending) {
                            // A socket that is closed with something unread takes its answer back.
                            let leaving = listen::leave(connection.into_parts().io.into_inner());
                            let _late = timeout(listen::LEAVING_TIME, leaving).await;
                        }
                        return ended.map(|()| None);
                    }
                    None => {
                        let parts = connection.into_parts();
                        let socket = parts.io.into_inner().read_again(parts.read_buf);
                        return Ok(Some(socket));
                    }
                },
                _ = stopped.changed(), if !is_stopping => {
                    is_stopping = true;
                    Pin::new(&mut connection).graceful_shutdown();
                }
            }
        }
    }

    async fn answer(&self, request: hyper::Request<Incoming>) -> Response {
        self.answering.store(true, Relaxed);
        let answer = self.server.answer(self.peer, request, &self.left).await;
        // Nothing follows a stream, so this is once a connection.
        if matches!(answer.body(), AnswerBody::Live(_)) && !self.listens.swap(true, Relaxed) {
            self.listening.fetch_add(1, Relaxed);
        }
        self.answering.store(false, Relaxed);
        answer
    }

    /// Whether it waits for its next request, and others are so many that its buffers are dear. Of
    /// a body that nobody read hyper closes the connection, so there is none half way.
    fn waits(&self, traffic: &Traffic) -> bool {
        traffic.is_at_rest()
            && !self.answering.load(Relaxed)
            && !self.listens.load(Relaxed)
            && self.server.app().metrics.connections.value() > BUFFERED_MAX
    }

    fn header_time(&self) -> u64 {
        self.server.app().config.door.header_timeout.into()
    }

    /// Counts what ended the connection out of order.
    fn count_end(&self, cause: &hyper::Error, traffic: &Traffic) {
        let metrics = &self.server.app().metrics;
        if socket::has_stalled(cause) {
            metrics.connections_stalled.add(1);
        } else if cause.is_timeout() && traffic.is_asked() {
            metrics.refusals.add(Reason::SlowHead);
        } else if cause.is_parse() {
            metrics.refusals.add(Reason::BadHead);
            metrics.answer(StatusCode::BAD_REQUEST.as_u16());
        }
        tracing::debug!(%cause, "connection ended");
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if *self.listens.get_mut() {
            self.listening.fetch_sub(1, Relaxed);
        }
        self.server.app().metrics.connections.subtract(1);
    }
}
