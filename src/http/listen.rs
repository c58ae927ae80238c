//! Sockets: bound once, accepted from until told to stop, each connection within its limits.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use super::connection::Connection;
use super::crowd::Crowd;
use super::error::Error;
use super::server::Server;
use super::unread;
use crate::config::{Address, Config};
use crate::metrics::{Metrics, Reason};

/// How long requests may take to finish after the stop; the writer then has two seconds of the ten
/// that are promised.
const SHUTDOWN_TIME: Duration = Duration::from_secs(8);
/// How long listeners who do not read may keep the end of their stream waiting.
const LISTENERS_TIME: Duration = Duration::from_secs(1);
/// Between two looks at who is left.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long to wait when the machine has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// When to come back after too many connections were open, in seconds.
const RETRY_AFTER_S: u32 = 1;
/// Connections that were turned away and may still be writing.
const LEAVING_MAX: usize = 256;
/// How long their requests are read and thrown away, so that they get to the answer.
pub(super) const LEAVING_TIME: Duration = Duration::from_secs(1);

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
    let crowd = Crowd::new(server.app().config.address_connections());
    let leaving = Arc::new(Semaphore::new(LEAVING_MAX));
    let mut loops = Vec::new();
    for listener in listeners {
        let doors = Doors {
            server: Arc::clone(&server),
            limit: Arc::clone(&limit),
            crowd: Arc::clone(&crowd),
            leaving: Arc::clone(&leaving),
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
    crowd: Arc<Crowd>,
    leaving: Arc<Semaphore>,
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
        let Some(place) = self.crowd.enter(peer.ip()) else {
            let (reason, retry_after_s) = (Reason::AddressConnections, RETRY_AFTER_S);
            return self.turn_away(stream, reason, &Error::RateLimit { reason, retry_after_s });
        };
        let Ok(permit) = Arc::clone(&self.limit).try_acquire_owned() else {
            let (reason, message) = (Reason::Connections, "too many connections are open");
            let (message, retry_after_s) = (message.to_owned(), RETRY_AFTER_S);
            let error = Error::Overload { reason, message, retry_after_s };
            return self.turn_away(stream, reason, &error);
        };
        let connection = Connection::new(
            Arc::clone(&self.server),
            peer.ip(),
            Arc::clone(&self.listening),
            (place, permit, self.graceful.watcher()),
        );
        tokio::spawn(connection.answer_all(stream, self.stopped.clone()));
    }

    /// Answers a connection whose request nobody reads.
    fn turn_away(&self, stream: TcpStream, reason: Reason, error: &Error) {
        let metrics = &self.server.app().metrics;
        metrics.connections_refused.add(1);
        metrics.refusals.add(reason);
        metrics.answer(error.status().as_u16());
        if self.server.certificate().is_some() {
            // To say it by TLS would cost as much as to let it in.
            return;
        }
        // A fresh socket takes so few bytes at once; if not, closing says enough.
        if stream.try_write(&unread::answer(error)).is_err() {
            return;
        }
        // A socket that is closed with something unread takes its answer back.
        if let Ok(permit) = Arc::clone(&self.leaving).try_acquire_owned() {
            tokio::spawn(async move {
                let _late = tokio::time::timeout(LEAVING_TIME, leave(stream)).await;
                drop(permit);
            });
        }
    }
}

/// Reads and throws away until the other side is done.
pub(super) async fn leave(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.shutdown().await?;
    let mut thrown = [0; 1_024];
    while stream.read(&mut thrown).await? > 0 {}
    Ok(())
}

fn is_of_one_connection(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
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
