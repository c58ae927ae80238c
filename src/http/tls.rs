//! https of its own: a certificate from two files, looked at again while it is used.
//!
//! Invariant: there is always a whole pair; one that cannot be used never takes its place.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

use crate::config::Tls;

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The first byte of everything that a TLS client says first.
const HANDSHAKE: u8 = 22;
const PROTOCOL: &[u8] = b"http/1.1";
/// Bits of a mode by which others than the owner read or write.
const OTHERS: u32 = 0o077;

/// A certificate with its key.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    seen: Mutex<[Stamp; 2]>,
    present: RwLock<Arc<ServerConfig>>,
}

/// What changes when a file is written or replaced; `None` where there is none.
type Stamp = Option<([i64; 4], u64, u64)>;

impl Certificate {
    /// The pair that the operator named, if any. The error is one sentence.
    pub fn open(tls: &Tls) -> Result<Option<Arc<Self>>, String> {
        let (Some(chain), Some(key)) = (&tls.tls_cert, &tls.tls_key) else { return Ok(None) };
        let seen = Mutex::new([stamp(chain), stamp(key)]);
        let present = RwLock::new(Arc::new(read(chain, key)?));
        if fs::metadata(key).is_ok_and(|file| file.mode() & OTHERS != 0) {
            let file = key.display();
            tracing::warn!(%file, "others than its owner can read the key: chmod 600 it");
        }
        Ok(Some(Arc::new(Self { chain: chain.clone(), key: key.clone(), seen, present })))
    }

    /// Takes a new pair, if there is one that can be used.
    fn look(&self) {
        let now = [stamp(&self.chain), stamp(&self.key)];
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if *seen == now {
                return;
            }
            *seen = now;
        }
        match read(&self.chain, &self.key) {
            Ok(fresh) => {
                *self.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                tracing::info!(file = %self.chain.display(), "the certificate was read anew");
            }
            Err(why) => tracing::error!(%why, "the certificate of before goes on"),
        }
    }

    /// Speaks TLS with who came; `None` with who does not.
    pub(super) async fn shake(&self, stream: TcpStream) -> io::Result<Result<Stream, TcpStream>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first != [HANDSHAKE] {
            return Ok(Err(stream));
        }
        let config = Arc::clone(&self.present.read().unwrap_or_else(PoisonError::into_inner));
        let secured = TlsAcceptor::from(config).accept(stream).await?;
        Ok(Ok(Stream::Tls(Box::new(secured))))
    }
}

/// Looks at the files of a certificate again and again.
pub async fn keep_up(certificate: Option<Arc<Certificate>>) {
    let Some(certificate) = certificate else { return };
    loop {
        sleep(LOOK_EVERY).await;
        let own = Arc::clone(&certificate);
        // Files of a network's disk may take their time.
        let _looked = tokio::task::spawn_blocking(move || own.look()).await;
    }
}

fn stamp(path: &Path) -> Stamp {
    let file = fs::metadata(path).ok()?;
    // A file that was unreadable may have got other rights alone.
    let times = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
    Some((times, file.size(), file.ino()))
}

fn read(chain: &Path, key: &Path) -> Result<ServerConfig, String> {
    let unreadable =
        |what: &str, path: &Path, why: String| format!("The {what} {} {why}.", path.display());
    let why = |error: pem::Error| match error {
        pem::Error::Io(error) => format!("cannot be read: {error}"),
        pem::Error::NoItemsFound => "has none in it (it should be PEM)".to_owned(),
        other => format!("is no PEM: {other}"),
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable("certificate", chain, why(error)))?;
    if certificates.is_empty() {
        return Err(unreadable("certificate", chain, why(pem::Error::NoItemsFound)));
    }
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("key", key, why(error)))?;
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}."))?
        .with_no_client_auth()
        .with_single_cert(certificates, secret)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                let (key, chain) = (key.display(), chain.display());
                format!("The key {key} does not belong to the certificate {chain}.")
            }
            other => unreadable("certificate", chain, format!("cannot be used: {other}")),
        })?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

/// A connection, secured or not.
pub(super) enum Stream {
    /// As it came.
    Plain(TcpStream),
    /// By TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
