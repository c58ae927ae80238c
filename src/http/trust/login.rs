//! By which ways somebody may log in here, and under which name this server is reached.

use hyper::header::HOST;
use serde_json::{Value, json};

use super::super::exchange::Request;
use crate::app::App;
use crate::config::{host_of, is_loopback_host};

/// This server, as the browser that asks calls it.
pub(super) struct Site {
    /// Scheme, host and port.
    pub(super) origin: String,
    /// The host alone.
    pub(super) host: String,
}

impl Site {
    /// The public URL if there is one, else what the request names: it is one of the known names.
    pub(super) fn of(app: &App, request: &Request) -> Option<Self> {
        if let Some(url) = &app.config.public_url {
            return Some(Self { origin: url.origin.clone(), host: url.host.clone() });
        }
        let authority = request.header(HOST)?.to_ascii_lowercase();
        let host = host_of(&authority)?.to_owned();
        let scheme = if request.caller().is_https { "https" } else { "http" };
        Some(Self { origin: format!("{scheme}://{authority}"), host })
    }

    /// Whether browsers have passkeys for it: for a name, and where nobody can listen.
    pub(super) fn has_passkeys(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let is_name = host.parse::<std::net::IpAddr>().is_err();
        is_name && (self.origin.starts_with("https://") || is_loopback_host(host))
    }
}

/// What the page of the login may offer beside a password.
pub(super) fn ways(app: &App, request: &Request) -> Value {
    let provider = app.trust.provider().map(|provider| json!({ "name": provider.name }));
    json!({
        "passkeys": Site::of(app, request).is_some_and(|site| site.has_passkeys()),
        "oidc": provider,
    })
}
