//! The server's own certificate.

use std::path::PathBuf;

use clap::Args;

use super::acme::Acme;

/// What `serve` can be told about https of its own.
#[derive(Args, Clone, Debug)]
pub struct Tls {
    /// Certificate to speak https with, in PEM, the authorities' own behind it
    ///
    /// Every address then speaks https alone. The two files are looked at every ten seconds: a new
    /// pair counts from then on, without a restart, and one that does not fit is told in the log
    /// while the old one goes on.
    #[arg(long, env = "LOG_CENTER_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM; only its owner should be able to read it
    #[arg(long, env = "LOG_CENTER_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Or one that it gets by itself.
    #[command(flatten)]
    pub acme: Acme,
}

impl Tls {
    /// Whether every address speaks https.
    pub fn is_on(&self) -> bool {
        self.tls_cert.is_some() || !self.acme.acme_domain.is_empty()
    }

    /// How the addresses begin.
    pub fn scheme(&self) -> &'static str {
        if self.is_on() { "https" } else { "http" }
    }
}
