//! Whom a TLS connection trusts.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Where systems keep the authorities that their administrator trusts.
const SYSTEM_AUTHORITIES: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Trusts the built-in authorities, the system's, and those of a file.
pub(super) fn connector(authorities: Option<&Path>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let system = SYSTEM_AUTHORITIES.map(Path::new).into_iter().find(|path| path.exists());
    if let Some(Ok(certificates)) = system.map(CertificateDer::pem_file_iter) {
        roots.add_parsable_certificates(certificates.flatten());
    }
    if let Some(path) = authorities {
        let shown = path.display();
        let unreadable =
            |why: String| format!("The certificates in {shown} cannot be read: {why}.");
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(error.to_string()))?;
        if roots.add_parsable_certificates(certificates).0 == 0 {
            return Err(unreadable("there is none".into()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}."))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What to say of a connection that was not trusted.
pub(super) fn untrusted(error: &str) -> String {
    let advice = if error.contains("CaUsedAsEndEntity") {
        "; it is an authority's own: let it sign one for the server, or make it with \
         basicConstraints CA:FALSE"
    } else if error.contains("UnknownIssuer") {
        "; --ca-file (for notifications: --notify-ca-file) names an authority to trust"
    } else {
        ""
    };
    format!("TLS failed: {error}{advice}")
}
