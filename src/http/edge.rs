//! Where a request comes from: what a proxy says counts only if the operator named that proxy.

use std::net::IpAddr;

use hyper::header::{HOST, HeaderMap};

use crate::config::{Config, Network, host_of};

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// Addresses of a chain that are looked at.
const CHAIN_MAX: usize = 32;

/// The rules of one running program.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    proxies: Vec<Network>,
    user_header: Option<String>,
    /// The public URL's host, when it is https.
    https_host: Option<String>,
    /// Whether https is spoken here.
    is_tls: bool,
}

impl Edge {
    /// What the operator's choices amount to.
    pub(super) fn new(config: &Config) -> Self {
        let public = config.public_url.as_ref();
        let https = public.filter(|url| url.origin.starts_with("https://"));
        Self {
            proxies: config.trust.trusted_proxy.clone(),
            user_header: config.trust.proxy_user_header.as_ref().map(|name| name.0.clone()),
            https_host: https.map(|url| url.host.clone()),
            is_tls: config.tls.is_on(),
        }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.has(address))
    }

    /// Who asks: the sender, or, when that is a trusted proxy, the last address of the chain that
    /// is none. What stands before it anybody may have written.
    pub(super) fn client(&self, sender: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.is_proxy(sender) {
            return sender;
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let chain = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.rsplit(','))
            .take(CHAIN_MAX);
        let mut client = sender;
        for entry in chain {
            let Some(address) = address(entry.trim()) else { return client };
            client = address;
            if !self.is_proxy(address) {
                break;
            }
        }
        client
    }

    /// Whether the browser speaks https: a trusted proxy says so, everybody has to, or it asks for
    /// the public URL's host.
    pub(super) fn is_https(&self, sender: IpAddr, headers: &HeaderMap) -> bool {
        if self.is_proxy(sender)
            && let Some(proto) = headers.get_all(FORWARDED_PROTO).iter().next_back()
        {
            let last = proto.to_str().unwrap_or("").rsplit(',').next().unwrap_or("");
            return last.trim().eq_ignore_ascii_case("https");
        }
        self.is_tls || self.is_public(headers)
    }

    /// Whether the browser asks for the public URL's host by https: it may do so from now on only.
    pub(super) fn is_public_https(&self, sender: IpAddr, headers: &HeaderMap) -> bool {
        self.is_public(headers) && self.is_https(sender, headers)
    }

    fn is_public(&self, headers: &HeaderMap) -> bool {
        let Some(public) = self.https_host.as_deref() else { return false };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(host_of);
        let host = host.map(|host| host.strip_suffix('.').unwrap_or(host));
        host.is_some_and(|host| public.eq_ignore_ascii_case(host))
    }

    /// Whom a trusted proxy says that it let in.
    pub(super) fn user<'a>(&self, sender: IpAddr, headers: &'a HeaderMap) -> Option<&'a str> {
        let mut named = headers.get_all(self.user_header.as_deref()?).iter();
        // Of two nobody knows which one the proxy wrote.
        let (Some(one), None) = (named.next(), named.next()) else { return None };
        let name = std::str::from_utf8(one.as_bytes()).ok()?.trim();
        (self.is_proxy(sender) && !name.is_empty()).then_some(name)
    }
}

/// An address, perhaps with a port, as proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| host_of(text)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use hyper::header::HeaderValue;

    use super::*;

    fn edge(words: &[&str]) -> Edge {
        Edge::new(&Config::try_parse_from([&["serve"], words].concat()).expect("valid"))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        let edge = edge(&["--trusted-proxy", "10.0.0.0/8,::1"]);
        let table: [(&str, &[&'static str], &str); 9] = [
            ("192.0.2.9", &["1.2.3.4"], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["1.2.3.4:5678"], "1.2.3.4"),
            ("::1", &["[2001:db8::1]:99"], "2001:db8::1"),
            ("10.0.0.1", &["1.2.3.4, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["10.0.0.3"], "10.0.0.3"),
        ];
        for (sender, lines, expected) in table {
            let pairs: Vec<_> = lines.iter().map(|line| (FORWARDED_FOR, *line)).collect();
            let client = edge.client(sender.parse().expect("an address"), &headers(&pairs));
            assert_eq!(client.to_string(), expected, "{sender} {lines:?}");
        }
    }

    #[test]
    fn https_is_what_a_trusted_proxy_or_the_public_url_says() {
        let edge = edge(&["--trusted-proxy", "10.0.0.1", "--public-url", "https://e.example"]);
        let is_https = |sender: &str, pairs: &[(&'static str, &'static str)]| {
            edge.is_https(sender.parse().expect("an address"), &headers(pairs))
        };
        assert!(is_https("10.0.0.1", &[(FORWARDED_PROTO, "https")]));
        assert!(!is_https("10.0.0.1", &[(FORWARDED_PROTO, "http"), ("host", "e.example")]));
        assert!(!is_https("10.0.0.2", &[(FORWARDED_PROTO, "https")]));
        let twice = [(FORWARDED_PROTO, "https"), (FORWARDED_PROTO, "http")];
        assert!(!is_https("10.0.0.1", &twice), "the nearest proxy wrote the last");
        assert!(is_https("10.0.0.2", &[("host", "e.example")]));
        assert!(is_https("10.0.0.2", &[("host", "E.Example.:443")]));
        assert!(!is_https("10.0.0.2", &[("host", "10.0.0.9:8002")]), "on the LAN, plain");
        assert!(!is_https("10.0.0.2", &[]));
        let sender = "10.0.0.1".parse().expect("an address");
        let is_for_ever =
            |pairs: &[(&'static str, &'static str)]| edge.is_public_https(sender, &headers(pairs));
        assert!(is_for_ever(&[("host", "e.example")]));
        assert!(is_for_ever(&[("host", "e.example"), (FORWARDED_PROTO, "https")]));
        assert!(!is_for_ever(&[("host", "e.example"), (FORWARDED_PROTO, "http")]));
        assert!(!is_for_ever(&[("host", "10.0.0.9"), (FORWARDED_PROTO, "https")]), "by address");
    }

    #[test]
    fn only_a_trusted_proxy_says_who_is_logged_in() {
        let edge = edge(&["--trusted-proxy", "10.0.0.1", "--proxy-user-header", "Remote-User"]);
        let user = |sender: &str, pairs: &[(&'static str, &'static str)]| {
            let headers = headers(pairs);
            let sender = sender.parse().expect("an address");
            edge.user(sender, &headers).map(str::to_owned)
        };
        assert_eq!(user("10.0.0.1", &[("remote-user", "ann")]).as_deref(), Some("ann"));
        assert_eq!(user("10.0.0.2", &[("remote-user", "ann")]), None);
        let two = [("remote-user", "eve"), ("remote-user", "ann")];
        assert_eq!(user("10.0.0.1", &two), None);
        assert_eq!(user("10.0.0.1", &[("remote-user", " ")]), None);
        assert_eq!(user("10.0.0.1", &[("x-remote-user", "ann")]), None);
    }
}
