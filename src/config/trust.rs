//! Who is let in, and which proxies are believed.

use std::net::IpAddr;
use std::str::FromStr;

use clap::Args;
use clap::builder::FalseyValueParser;

/// A network: an address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    mask: u128,
}

impl Network {
    /// Whether an address is in it.
    pub fn has(&self, address: IpAddr) -> bool {
        as_number(address) & self.mask == self.bits
    }
}

/// IPv4 stands within IPv6, as `::ffff:a.b.c.d`.
fn as_number(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits(),
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || "expected an address or a network, e.g. 10.0.0.7 or 10.0.0.0/8".to_owned();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| expected())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let wanted = bits.map_or(Ok(most), |bits| bits.parse::<u32>().map_err(|_| expected()))?;
        if wanted > most {
            return Err(expected());
        }
        let shift = most - wanted;
        let mask = if shift == 128 { 0 } else { u128::MAX << shift };
        Ok(Self { bits: as_number(address) & mask, mask })
    }
}

/// The name of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderName(pub String);

impl FromStr for HeaderName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(of_name) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err("expected the name of a header, e.g. Remote-User".into())
    }
}

/// What `serve` can be told about trust.
#[derive(Args, Clone, Debug)]
pub struct Trust {
    /// Ask for a login or a key on this machine's own addresses too
    ///
    /// Without it nobody is asked for one while only this machine can reach Log Center. Use it
    /// behind a proxy on the same machine, and where not everybody on the machine is trusted.
    #[arg(long, env = "LOG_CENTER_REQUIRE_LOGIN", value_parser = FalseyValueParser::new())]
    pub require_login: bool,

    /// Start without an administrator, and print a link for the first one
    ///
    /// The link works once, until the program ends. Nothing else is let in before. Once there is
    /// an administrator it says nothing.
    #[arg(long, env = "LOG_CENTER_SETUP_LINK", value_parser = FalseyValueParser::new())]
    pub setup_link: bool,

    /// Address or network of a proxy whose X-Forwarded-For and -Proto are believed; may be given
    /// several times
    ///
    /// Of any other sender these headers say nothing.
    #[arg(long, env = "LOG_CENTER_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Vec<Network>,

    /// Header in which a trusted proxy tells who is logged in, e.g. Remote-User
    ///
    /// The proxy has to remove it from what it is sent. Whom it names must be a person of Log
    /// Center.
    #[arg(
        long,
        env = "LOG_CENTER_PROXY_USER_HEADER",
        value_name = "NAME",
        requires = "trusted_proxy"
    )]
    pub proxy_user_header: Option<HeaderName>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_its_first_bits() {
        let has = |network: &str, address: &str| {
            let network: Network = network.parse().expect(network);
            network.has(address.parse().expect(address))
        };
        let table = [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::1", "::1", true),
            ("::1", "127.0.0.1", false),
            ("2001:db8::/32", "2001:db8:9::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "192.0.2.1", true),
        ];
        for (network, address, expected) in table {
            assert_eq!(has(network, address), expected, "{network} {address}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/-1", "proxy", "10.0.0.0/"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_header_has_a_name() {
        assert_eq!("Remote-User".parse(), Ok(HeaderName("remote-user".into())));
        for text in ["", "a b", "a:b", "a\r\nb"] {
            assert!(text.parse::<HeaderName>().is_err(), "{text:?}");
        }
    }
}
