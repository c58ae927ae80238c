//! https of its own: a certificate from two files, looked at again while it is used, or one that
//! the program got.
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
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::ring::sign::any_ecdsa_type;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

use crate::app::App;
use crate::app::acme::{self, Keeper, Stage};
use crate::config::Tls;

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The first byte of everything that a TLS client says first.
const HANDSHAKE: u8 = 22;
const PROTOCOL: &[u8] = b"http/1.1";
/// What an authority speaks that looks at a challenge (RFC 8737).
const CHALLENGE: &[u8] = b"acme-tls/1";
/// Bits of a mode by which others than the owner read or write.
const OTHERS: u32 = 0o077;

/// The server's certificate with its key.
#[derive(Debug)]
pub struct Certificate {
    /// Where the operator keeps it; `None` where the program gets it by itself.
    files: Option<Files>,
    shown: Arc<Faces>,
    config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Files {
    chain: PathBuf,
    key: PathBuf,
    seen: Mutex<[Stamp; 2]>,
}

/// What changes when a file is written or replaced; `None` where there is none.
type Stamp = Option<([i64; 4], u64, u64)>;

/// What is shown to whom.
#[derive(Debug, Default)]
struct Faces {
    /// To everybody; there is none before the first was got.
    present: RwLock<Option<Arc<CertifiedKey>>>,
    /// To an authority that asks whether a name is this server's.
    challenges: RwLock<Vec<(String, Arc<CertifiedKey>)>>,
}

impl Faces {
    fn put(&self, pair: CertifiedKey) {
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        *present = Some(Arc::new(pair));
    }
}

impl ResolvesServerCert for Faces {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut protocols = hello.alpn().into_iter().flatten();
        if (protocols.next(), protocols.next()) != (Some(CHALLENGE), None) {
            return self.present.read().unwrap_or_else(PoisonError::into_inner).clone();
        }
        let (asked, all) = (hello.server_name()?, self.challenges.read());
        let all = all.unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(asked));
        found.map(|(_, pair)| Arc::clone(pair))
    }
}

impl Certificate {
    /// The one that the operator chose, if any. The error is one sentence.
    pub fn open(tls: &Tls) -> Result<Option<Arc<Self>>, String> {
        let shown = Arc::new(Faces::default());
        let files = match (&tls.tls_cert, &tls.tls_key) {
            (Some(chain), Some(key)) => {
                let seen = Mutex::new([stamp(chain), stamp(key)]);
                shown.put(read(chain, key)?);
                warn_of_readers(key);
                Some(Files { chain: chain.clone(), key: key.clone(), seen })
            }
            _ if tls.is_on() => None,
            _ => return Ok(None),
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be used: {error}."))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        if files.is_none() {
            config.alpn_protocols.push(CHALLENGE.to_vec());
        }
        Ok(Some(Arc::new(Self { files, shown, config: Arc::new(config) })))
    }

    /// Until when it is good, if there is one and it says so.
    fn expires_at(&self) -> Option<i64> {
        let present = self.shown.present.read().unwrap_or_else(PoisonError::into_inner);
        let first = present.as_ref()?.cert.first()?.clone();
        acme::validity(&first).map(|(_, to)| to)
    }

    /// Takes a new pair, if there is one that can be used.
    fn look(&self) {
        let Some(Files { chain, key, seen }) = &self.files else { return };
        let now = [stamp(chain), stamp(key)];
        {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if *seen == now {
                return;
            }
            *seen = now;
        }
        match read(chain, key) {
            Ok(fresh) => {
                self.shown.put(fresh);
                tracing::info!(file = %chain.display(), "the certificate was read anew");
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
        let secured = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await?;
        if secured.get_ref().1.alpn_protocol() == Some(CHALLENGE) {
            // It saw what it came for, and asks for nothing else.
            return Err(io::Error::other("an authority looked at a challenge"));
        }
        Ok(Ok(Stream::Tls(Box::new(secured))))
    }
}

impl Stage for Certificate {
    fn show(&self, name: &str, certificate: Vec<u8>, key: Vec<u8>) -> Result<(), String> {
        let key = PrivateKeyDer::Pkcs8(key.into());
        let key = any_ecdsa_type(&key).map_err(|error| error.to_string())?;
        // Not compared: the one extension that it is made for is unknown to who would do so.
        let pair = CertifiedKey::new(vec![certificate.into()], key);
        let mut all = self.shown.challenges.write().unwrap_or_else(PoisonError::into_inner);
        all.push((name.to_owned(), Arc::new(pair)));
        Ok(())
    }

    fn clear(&self) {
        self.shown.challenges.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn look(&self, pair: &str) -> Result<Option<(i64, i64)>, String> {
        read_pair(pair).map(|(_, times)| times)
    }

    fn place(&self, pair: &str) -> Result<Option<(i64, i64)>, String> {
        let (pair, times) = read_pair(pair)?;
        self.shown.put(pair);
        Ok(times)
    }
}

/// A pair in PEM, and how long it is good.
fn read_pair(pair: &str) -> Result<(CertifiedKey, Option<(i64, i64)>), String> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pair.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the certificate is no PEM: {error}"))?;
    let key = PrivateKeyDer::from_pem_slice(pair.as_bytes())
        .map_err(|error| format!("the certificate's key is no PEM: {error}"))?;
    let times = chain.first().and_then(|first| acme::validity(first));
    let pair = CertifiedKey::from_der(chain, key, &provider())
        .map_err(|error| format!("the certificate cannot be used: {error}"))?;
    Ok((pair, times))
}

/// Keeps the certificate up to date: gets it, or looks at its files again and again. One that it
/// got before is shown when this returns: before the first connection is taken.
pub fn keep_up(
    app: Arc<App>,
    certificate: Option<Arc<Certificate>>,
    keeper: Option<Keeper>,
) -> impl Future<Output = ()> + Send {
    let kept = certificate.as_ref().zip(keeper).map(|(certificate, keeper)| {
        let due = keeper.begin(&app, certificate.as_ref());
        (keeper, due)
    });
    async move {
        let Some(certificate) = certificate else { return };
        if let Some((keeper, due)) = kept {
            return keeper.keep(&app, certificate.as_ref(), due).await;
        }
        loop {
            app.certificate(|shown| shown.expires_at = certificate.expires_at());
            sleep(LOOK_EVERY).await;
            let own = Arc::clone(&certificate);
            // Files of a network's disk may take their time.
            let _looked = tokio::task::spawn_blocking(move || own.look()).await;
        }
    }
}

fn provider() -> CryptoProvider {
    crypto::ring::default_provider()
}

fn warn_of_readers(key: &Path) {
    if fs::metadata(key).is_ok_and(|file| file.mode() & OTHERS != 0) {
        let file = key.display();
        tracing::warn!(%file, "others than its owner can read the key: chmod 600 it");
    }
}

fn stamp(path: &Path) -> Stamp {
    let file = fs::metadata(path).ok()?;
    // A file that was unreadable may have got other rights alone.
    let times = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
    Some((times, file.size(), file.ino()))
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey, String> {
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
    CertifiedKey::from_der(certificates, secret, &provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            let (key, chain) = (key.display(), chain.display());
            format!("The key {key} does not belong to the certificate {chain}.")
        }
        other => unreadable("certificate", chain, format!("cannot be used: {other}")),
    })
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
