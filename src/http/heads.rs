//! What the head of a request says, read without a server: for made-up input (`tests/fuzz`).

use std::borrow::Cow;
use std::net::IpAddr;

use hyper::Version;
use hyper::header::HeaderMap;

use super::cookies;
use super::edge::Edge;
use super::exchange::RequestId;
use super::guard::Guard;
use super::route::Access;
use super::who::{self, Shown};
use crate::config::Config;

/// What the program would make of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The secret of the session that its cookies bring.
    pub session: Option<String>,
    /// The key that it brings to a report; `Err` when it brings several.
    pub key: Result<Option<String>, ()>,
    /// Who asks, as far as that is believed.
    pub client: IpAddr,
    /// Whether the browser speaks https.
    pub is_https: bool,
    /// Whether this server goes by the name that it calls.
    pub is_known_host: bool,
    /// How the answer names it.
    pub request_id: String,
}

/// Reads a head that came from `sender`.
pub fn said(config: &Config, headers: &HeaderMap, query: &str, sender: IpAddr) -> Said {
    let (edge, guard) = (Edge::new(config), Guard::new(config));
    let is_https = edge.is_https(sender, headers);
    let shown = Shown { headers, query, sender, access: Access::Report };
    Said {
        session: cookies::session(headers, is_https).map(str::to_owned),
        key: who::one_of_each(headers)
            .and_then(|()| who::key(&shown))
            .map(|key| key.map(Cow::into_owned))
            .map_err(|_| ()),
        client: edge.client(sender, headers),
        is_https,
        is_known_host: guard.host(headers, None, Version::HTTP_11).is_ok(),
        request_id: RequestId::of(headers).as_str().to_owned(),
    }
}
