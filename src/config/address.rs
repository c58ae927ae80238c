//! Where to listen, and by which names requests may come.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Whether a host name or address literal (no brackets, no port) always means this machine.
pub fn is_loopback_host(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// One address to bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Where.
    pub at: SocketAddr,
    /// A machine without it (without IPv6) is none the worse.
    pub optional: bool,
}

/// One value of `--listen`: `localhost` means up to two addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(pub(super) Vec<Address>);

impl Listen {
    pub(super) fn localhost(port: u16) -> Self {
        let four = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let six = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        Self(vec![Address { at: four, optional: false }, Address { at: six, optional: true }])
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(at) = text.parse::<SocketAddr>() {
            return Ok(Self(vec![Address { at, optional: false }]));
        }
        match text.split_once(':') {
            Some((host, port)) if host.eq_ignore_ascii_case("localhost") => {
                port.parse().map(Self::localhost).map_err(|_| format!("{port:?} is not a port"))
            }
            Some(("", port)) if port.parse::<u16>().is_ok() => Err(format!(
                "say which network: 127.0.0.1:{port} is this machine only, 0.0.0.0:{port} is all"
            )),
            _ => Err("expected an IP address or localhost with a port, e.g. 127.0.0.1:8002, \
                      [::1]:8002 or 0.0.0.0:8002"
                .into()),
        }
    }
}

/// The address under which people open the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host and port, lower case, with no slash at the end: an origin.
    pub origin: String,
    /// Host name or address literal, lower case, without brackets.
    pub host: String,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected a scheme, a host and perhaps a port, e.g. \
                        https://errors.example.org";
        let lower = text.to_ascii_lowercase();
        let (scheme, rest) = lower.split_once("://").ok_or(expected)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err("Log Center has to stand at the root of its host, without a path".into());
        }
        let default_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => return Err("expected http:// or https://".into()),
        };
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        let host = host_of(authority).ok_or(expected)?.to_owned();
        Ok(Self { origin: format!("{scheme}://{authority}"), host })
    }
}

/// The host of `host`, `host:port`, `[v6]` or `[v6]:port`, without brackets; `None` if it is none.
pub fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("0"))?)
        }
        None => authority.split_once(':').unwrap_or((authority, "0")),
    };
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_host = authority.starts_with('[') || (!host.is_empty() && host.bytes().all(name));
    (is_host && port.parse::<u16>().is_ok()).then_some(host)
}

/// A host name without a port, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(pub String);

impl FromStr for HostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match host_of(text) {
            Some(host) if host == text => Ok(Self(host.to_ascii_lowercase())),
            _ => Err("expected a host name without scheme, port and path, e.g. \
                      errors.example.org"
                .into()),
        }
    }
}
