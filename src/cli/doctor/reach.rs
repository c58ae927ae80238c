//! Is there a way to the server: its name, its ports, and variables that lead elsewhere.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::finding::Finding;
use crate::config::{PORTS, is_loopback_host};
use crate::fetch::Address;

const CONNECT_TIME: Duration = Duration::from_secs(5);
const LOCAL_TIME: Duration = Duration::from_secs(1);

/// Whether programs that heed such variables would go another way than this one.
pub(super) fn variables(address: &Address) -> Finding {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let upper = |name: &str| set(name).or_else(|| set(&name.to_uppercase()));
    let names = match address.is_tls() {
        true => ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
    };
    let Some(name) = names.into_iter().find(|name| set(name).is_some()) else {
        return Finding::ok("proxy variables", "none is set");
    };
    if is_excepted(&upper("no_proxy").unwrap_or_default(), address.host()) {
        return Finding::ok("proxy variables", format!("{name} is set, and no_proxy excepts it"));
    }
    Finding::attention(
        "proxy variables",
        format!(
            "{name} is set. log-center goes straight to {address} all the same, but curl, \
             Python's requests and others ask the proxy"
        ),
        format!("Where programs report, add the host: no_proxy={}", address.host()),
    )
}

fn is_excepted(no_proxy: &str, host: &str) -> bool {
    no_proxy.split(',').map(|entry| entry.trim().trim_start_matches('.')).any(|entry| {
        entry == "*"
            || entry.eq_ignore_ascii_case(host)
            || (!entry.is_empty() && host.ends_with(&format!(".{entry}")))
    })
}

/// Looks the name up and connects.
pub(super) async fn connect(address: &Address) -> Finding {
    let (host, port) = (address.host(), address.port);
    let found = timeout(CONNECT_TIME, lookup_host((host, port))).await;
    let places: Vec<SocketAddr> = match found {
        Ok(Ok(places)) => places.collect(),
        Ok(Err(_)) => Vec::new(),
        Err(_) => {
            return Finding::wrong(
                "reach",
                format!("nobody answers what address {host} has"),
                "The machine's name server does not answer: see /etc/resolv.conf.",
            );
        }
    };
    if places.is_empty() {
        return Finding::wrong(
            "reach",
            format!("the name {host} is not known"),
            "Correct --url or LOG_CENTER_URL, or add the name to the name server or /etc/hosts.",
        );
    }
    let mut why = String::new();
    for place in &places {
        match timeout(CONNECT_TIME, TcpStream::connect(place)).await {
            Ok(Ok(_)) => {
                return Finding::ok("reach", format!("{address} takes connections ({place})"));
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                why = format!("nothing listens at {place}");
            }
            Ok(Err(error)) => why = format!("{place} cannot be reached: {error}"),
            Err(_) => why = format!("{place} does not answer; a firewall may drop what is sent"),
        }
    }
    let advice = if is_loopback_host(host) {
        "Start it (log-center, or systemctl start log-center), or say where it is with --url or \
         LOG_CENTER_URL."
    } else {
        "Is it started, and does it listen beyond its own machine (--listen)? Is --url right?"
    };
    Finding::wrong("reach", why, advice)
}

/// The guide's two ports, by both kinds of address: programs try either.
pub(super) async fn ports(address: &Address) -> Option<Finding> {
    if !is_loopback_host(address.host()) || address.is_tls() {
        return None;
    }
    let port = address.port;
    if !PORTS.contains(&port) {
        let text = format!("it listens on {port}, not on the usual {} and {}", PORTS[0], PORTS[1]);
        return Some(Finding::ok("ports", text));
    }
    let mut silent = Vec::new();
    for port in PORTS {
        for ip in ["127.0.0.1", "::1"] {
            let place = SocketAddr::new(ip.parse().expect("an address"), port);
            match timeout(LOCAL_TIME, TcpStream::connect(place)).await {
                Ok(Ok(_)) => {}
                // A machine without IPv6 misses nothing.
                Ok(Err(error)) if error.kind() != std::io::ErrorKind::ConnectionRefused => {}
                _ => silent.push(place.to_string()),
            }
        }
    }
    if silent.is_empty() {
        return Some(Finding::ok("ports", "8002 and 8003 answer, over IPv4 and IPv6"));
    }
    Some(Finding::attention(
        "ports",
        format!("nothing listens at {}", silent.join(" and ")),
        "Programs may try these first: \"localhost\" is ::1 for some. Start it without --listen, \
         or with --listen localhost:8002 --listen localhost:8003.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_of_a_proxy_are_read() {
        let table = [
            ("localhost,127.0.0.1", "localhost", true),
            ("example.org", "logs.example.org", true),
            (".example.org", "logs.example.org", true),
            ("*", "x", true),
            ("", "localhost", false),
            ("myexample.org", "example.org", false),
            ("example.org", "badexample.org", false),
        ];
        for (no_proxy, host, expected) in table {
            assert_eq!(is_excepted(no_proxy, host), expected, "{no_proxy} {host}");
        }
    }
}
