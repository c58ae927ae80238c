//! Where notifications may go: an address of a channel must not reach into the network that the
//! server stands in, unless its operator allows it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The address at which clouds hand out credentials: a network that holds it does not allow it.
const METADATA: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Networks that are nobody's on the internet.
const NOT_PUBLIC_4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
const NOT_PUBLIC_6: [(Ipv6Addr, u8); 12] = [
    (Ipv6Addr::UNSPECIFIED, 128),
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
];

/// What an operator allows beside the internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// A network, or one address.
    Network(IpAddr, u8),
    /// A host by name, wherever it is.
    Host(String),
}

impl FromStr for Allow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected an address, a network as 10.0.0.0/8, or a host's name";
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        if let Ok(address) = address.parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = if bits.is_empty() { Ok(most) } else { bits.parse() };
            return match bits {
                Ok(bits) if bits <= most => Ok(Self::Network(address, bits)),
                _ => Err(expected.into()),
            };
        }
        let is_name = !text.is_empty()
            && text.bytes().all(|one| one.is_ascii_alphanumeric() || b".-_".contains(&one));
        if is_name { Ok(Self::Host(text.to_ascii_lowercase())) } else { Err(expected.into()) }
    }
}

/// Whether a message for a host may go to this address of it.
pub fn may_go(host: &str, address: IpAddr, allowed: &[Allow]) -> bool {
    is_public(address) || is_allowed(host, address, allowed)
}

/// Whether the operator names it.
pub fn is_allowed(host: &str, address: IpAddr, allowed: &[Allow]) -> bool {
    let address = plain(address);
    let host = host.to_ascii_lowercase();
    allowed.iter().any(|one| match one {
        Allow::Host(name) => *name == host && !METADATA.contains(&address),
        Allow::Network(network, bits) if METADATA.contains(&address) => {
            *network == address && *bits == if address.is_ipv4() { 32 } else { 128 }
        }
        Allow::Network(network, bits) => holds(plain(*network), *bits, address),
    })
}

/// Whether it is somebody's on the internet.
pub fn is_public(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(four) => {
            !NOT_PUBLIC_4.iter().any(|(network, bits)| holds((*network).into(), *bits, four.into()))
        }
        IpAddr::V6(six) => {
            !NOT_PUBLIC_6.iter().any(|(network, bits)| holds((*network).into(), *bits, six.into()))
        }
    }
}

/// The address within an address: mapped, translated or tunnelled ones.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address.to_canonical() else { return address.to_canonical() };
    let parts = six.segments();
    let four =
        |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => four(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high > 0 => four(high, low),
        [0, 0, 0, 0, 0xffff, 0, high, low] => four(high, low),
        [0x2002, high, low, ..] => four(high, low),
        _ => address,
    }
}

fn holds(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let shift = width - u32::from(bits).min(width);
    shift == 128 || network >> shift == address >> shift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn nothing_within_reach_is_public() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b:1::a00:1",
            "fec0::1",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!is_public(address(text)), "{text}");
        }
        for text in ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(is_public(address(text)), "{text}");
        }
    }

    #[test]
    fn what_is_allowed_is_allowed_and_nothing_else() {
        let read = |text: &str| text.parse::<Allow>().expect("valid");
        let allowed = [read("10.0.0.0/8"), read("intra.example"), read("::1")];
        for (host, to, expected) in [
            ("x", "10.9.9.9", true),
            ("x", "::ffff:10.9.9.9", true),
            ("x", "192.168.0.1", false),
            ("Intra.Example", "192.168.0.1", true),
            ("intra.example", "169.254.169.254", false),
            ("x", "::1", true),
            ("x", "127.0.0.1", false),
            ("x", "1.1.1.1", true),
        ] {
            assert_eq!(may_go(host, address(to), &allowed), expected, "{host} {to}");
        }
        let metadata = address("169.254.169.254");
        assert!(!may_go("x", metadata, &[read("169.254.0.0/16")]));
        assert!(!may_go("x", metadata, &[read("0.0.0.0/0")]));
        assert!(may_go("x", metadata, &[read("169.254.169.254")]));
        for wrong in ["", "10.0.0.0/33", "a b", "http://a", "::/129"] {
            assert!(wrong.parse::<Allow>().is_err(), "{wrong}");
        }
    }
}
