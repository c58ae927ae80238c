//! Sockets: bound once, accepted from until told to stop, each connection within its limits.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use super::body::AnswerBody;
use super::server::Server;
use super::socket::{self, Socket};
use crate::config::{Address, Config};
use crate::metrics::Metrics;

/// How long a connection may wait for a request's headers; a connection that is kept alive may
/// wait so long too. Longer than the 60 s after which most proxies and clients give up.
const HEADER_TIME: Duration = Duration::from_secs(65);
/// Headers of a request at most, in bytes; the longest query of a comma list fits.
const HEAD_BYTES_MAX: usize = 64 * 1_024;
/// How long requests may take to finish after the stop; the writer then has two seconds of the ten
/// that are promised.
const SHUTDOWN_TIME: Duration = Duration::from_secs(8);
/// How long listeners who do not read may keep the end of their stream waiting.
const LISTENERS_TIME: Duration = Duration::from_secs(1);
/// Between two looks at who is left.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long to wait when the machine has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What a connection over the limit gets; nobody has read its request.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\
    Connection: close\r\nContent-Length: 0\r\n\r\n";

/// Why an address cannot be listened on: one clear sentence.
#[derive(Debug)]
pub struct ListenError {
    at: SocketAddr,
    cause: io::Error,
}

impl fmt::Display for ListenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at;
        match self.cause.kind() {
            ErrorKind::AddrInUse => write!(
                out,
                "Port {} of {} is in use by another program: stop that one, or choose another \
                 address with --listen.",
                at.port(),
                at.ip()
            ),
            ErrorKind::AddrNotAvailable => {
                write!(
                    out,
                    "This machine has no address {}: choose another with --listen.",
                    at.ip()
                )
            }
            ErrorKind::PermissionDenied => write!(
                out,
                "Port {} needs more rights than this user has: choose one above 1023 with \
                 --listen.",
                at.port()
            ),
            _ => write!(out, "Cannot listen on {at}: {}.", self.cause),
        }
    }
}

impl std::error::Error for ListenError {}

/// Binds every address of the configuration, or none. An optional address that this machine does
/// not have is left out.
pub async fn bind(config: &Config) -> Result<Vec<TcpListener>, ListenError> {
    raise_open_files();
    let mut listeners: Vec<TcpListener> = Vec::new();
    for Address { at, optional } in config.addresses() {
        match TcpListener::bind(at).await {
            Ok(listener) => listeners.push(listener),
            Err(cause) if optional && is_absent(&cause) => {
                tracing::debug!(%at, "this machine has no such address");
            }
            Err(cause) if cause.kind() == ErrorKind::AddrInUse && is_served(&listeners, at) => {}
            Err(cause) => return Err(ListenError { at, cause }),
        }
    }
    Ok(listeners)
}

/// Most systems start programs with 1,024 open files, which is fewer than the connections allowed,
/// and let them ask for more.
fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(cause) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(?current, %cause, "cannot raise the number of open files");
    }
}

fn is_absent(cause: &io::Error) -> bool {
    // A machine without IPv6 answers EAFNOSUPPORT, which has no stable kind of its own.
    matches!(cause.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported)
        || Errno::from_io_error(cause) == Some(Errno::AFNOSUPPORT)
}

/// `[::]` takes IPv4 too on most machines, so `0.0.0.0` beside it is served already.
fn is_served(listeners: &[TcpListener], at: SocketAddr) -> bool {
    at.ip().is_unspecified()
        && listeners.iter().filter_map(|listener| listener.local_addr().ok()).any(|other| {
            other.ip().is_unspecified() && other.port() == at.port() && other.is_ipv6()
        })
}

/// Answers on all listeners until `stop` is done; then takes no more connections and waits for
/// requests under way, [`SHUTDOWN_TIME`] at most. Returns how many connections did not finish.
pub async fn serve(
    listeners: Vec<TcpListener>,
    server: Arc<Server>,
    stop: impl Future<Output = ()>,
) -> usize {
    let connections_max = usize::try_from(server.app().config.max_connections).unwrap_or(1);
    let limit = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
    let graceful = Arc::new(GracefulShutdown::new());
    let listening = Arc::new(AtomicU64::new(0));
    let (stopping, stopped) = watch::channel(());
    let mut loops = Vec::new();
    for listener in listeners {
        let doors = Doors {
            server: Arc::clone(&server),
            limit: Arc::clone(&limit),
            listening: Arc::clone(&listening),
            graceful: Arc::clone(&graceful),
            stopped: stopped.clone(),
        };
        loops.push(tokio::spawn(doors.accept_from(listener)));
    }
    stop.await;
    drop((stopped, stopping));
    for accepting in loops {
        // It ends as soon as it sees the stop; a panic in it leaves nothing to wait for.
        let _ = accepting.await;
    }
    let graceful = Arc::into_inner(graceful).expect("the accept loops are gone with their shares");
    let finished = async {
        tokio::select! {
            () = graceful.shutdown() => {}
            () = only_listeners_are_left(&server.app().metrics, &listening) => {}
        }
    };
    // Either way those who are left are counted.
    let _ = tokio::time::timeout(SHUTDOWN_TIME, finished).await;
    connections_max.saturating_sub(limit.available_permits())
}

/// Done when nobody is left but listeners whose stream has ended and who did not read its end.
async fn only_listeners_are_left(metrics: &Metrics, listening: &AtomicU64) {
    sleep(LISTENERS_TIME).await;
    while metrics.connections.value() > listening.load(Relaxed) {
        sleep(LOOK_EVERY).await;
    }
}

/// What one accept loop needs.
struct Doors {
    server: Arc<Server>,
    limit: Arc<Semaphore>,
    /// Connections whose last answer is a stream.
    listening: Arc<AtomicU64>,
    graceful: Arc<GracefulShutdown>,
    stopped: watch::Receiver<()>,
}

impl Doors {
    async fn accept_from(mut self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                // The sender is dropped: that is the stop.
                _ = self.stopped.changed() => return,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer),
                Err(cause) if is_of_one_connection(&cause) => {}
                Err(cause) => {
                    tracing::error!(%cause, "cannot accept connections");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        let metrics = &self.server.app().metrics;
        match Arc::clone(&self.limit).try_acquire_owned() {
            Ok(permit) => {
                metrics.connections.add(1);
                let connection = Connection {
                    server: Arc::clone(&self.server),
                    peer,
                    listening: Arc::clone(&self.listening),
                    listens: AtomicBool::new(false),
                    _permit: permit,
                };
                tokio::spawn(connection.answer_all(stream, self.graceful.watcher()));
            }
            Err(_) => {
                metrics.connections_refused.add(1);
                // A fresh socket takes so few bytes at once; if not, closing says enough.
                let _ = stream.try_write(TOO_MANY);
            }
        }
    }
}

fn is_of_one_connection(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

struct Connection {
    server: Arc<Server>,
    peer: SocketAddr,
    listening: Arc<AtomicU64>,
    listens: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn answer_all(self, stream: TcpStream, watcher: Watcher) {
        // Answers are small and written whole: waiting to fill a packet only delays them.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "no TCP_NODELAY");
        }
        let peer = self.peer.ip();
        let service = service_fn(|request| async {
            let answer = self.server.answer(peer, request).await;
            // Nothing follows a stream, so this is once a connection.
            if matches!(answer.body(), AnswerBody::Live(_)) && !self.listens.swap(true, Relaxed) {
                self.listening.fetch_add(1, Relaxed);
            }
            Ok::<_, Infallible>(answer)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(Socket::new(stream)), service);
        if let Err(cause) = watcher.watch(connection).await {
            if socket::has_stalled(&cause) {
                self.server.app().metrics.connections_stalled.add(1);
            }
            tracing::debug!(%cause, "connection ended");
        }
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn config(listen: &str) -> Config {
        Config::try_parse_from(["serve", "--listen", listen]).expect("valid")
    }

    #[tokio::test]
    async fn a_port_in_use_is_one_clear_sentence() {
        let first = bind(&config("127.0.0.1:0")).await.expect("a free port");
        let port = first[0].local_addr().expect("bound").port();
        let error = bind(&config(&format!("127.0.0.1:{port}"))).await.expect_err("in use");
        let expected = format!("Port {port} of 127.0.0.1 is in use by another program");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let error = bind(&config("192.0.2.1:0")).await.expect_err("not ours");
        assert!(error.to_string().starts_with("This machine has no address 192.0.2.1"), "{error}");
    }
}
