//! How much one caller may ask for, and how long it may take to say it.

use std::str::FromStr;

use clap::Args;

/// Reports a minute of one address, where others than this machine can reach it.
const ADDRESS_REPORTS: u32 = 6_000;
/// Reports a minute of one project, where others than this machine can reach it.
const PROJECT_REPORTS: u32 = 30_000;
/// Requests a minute with one key, where others than this machine can reach it.
const KEY_REQUESTS: u32 = 30_000;
/// Open connections of one address, where others than this machine can reach it.
const ADDRESS_CONNECTIONS: u32 = 1_000;
/// The highest limit: a report a microsecond.
const LIMIT_MAX: u32 = 60_000_000;

/// A number that may not be passed, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub Option<u32>);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "0" || text.eq_ignore_ascii_case("off") {
            return Ok(Self(None));
        }
        match text.parse() {
            Ok(number) if number <= LIMIT_MAX => Ok(Self(Some(number))),
            _ => Err(format!("expected a number up to {LIMIT_MAX}, or off")),
        }
    }
}

/// What `serve` can be told about callers.
#[derive(Args, Clone, Debug)]
pub struct Door {
    /// Reports that one address may send a minute, or off; past it callers get a 429
    ///
    /// A minute's worth may come at once. An IPv6 address counts by its /64 network. Default: 6000
    /// where other machines can reach Log Center, and off where only this machine can; this
    /// machine's own addresses are counted only when a number is given. Behind a proxy on another
    /// machine all callers have the address of the proxy: choose a number for all of them, or off.
    #[arg(long, env = "LOG_CENTER_RATE_PER_ADDRESS", value_name = "N")]
    pub rate_per_address: Option<Limit>,

    /// Reports that may be sent to one project a minute, or off; past it callers get a 429
    ///
    /// A minute's worth may come at once. Default: 30000 where other machines can reach Log
    /// Center, and off where only this machine can.
    #[arg(long, env = "LOG_CENTER_RATE_PER_PROJECT", value_name = "N")]
    pub rate_per_project: Option<Limit>,

    /// Requests that may be sent with one key a minute, or off; past it callers get a 429
    ///
    /// Reports and requests to the API alike; a minute's worth may come at once. Default: 30000
    /// where other machines can reach Log Center, and off where only this machine can.
    #[arg(long, env = "LOG_CENTER_RATE_PER_KEY", value_name = "N")]
    pub rate_per_key: Option<Limit>,

    /// Connections that one address may have open, or off; further ones get a 429
    ///
    /// Default: 1000 where other machines can reach Log Center, and off where only this machine
    /// can; this machine's own addresses are counted only when a number is given.
    #[arg(long, env = "LOG_CENTER_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<Limit>,

    /// Seconds that a connection may wait for the headers of a request, the next one's too
    ///
    /// Longer than the 60 seconds after which most proxies and clients close an idle connection.
    #[arg(long, env = "LOG_CENTER_HEADER_TIMEOUT", value_name = "SECONDS", default_value_t = 65,
        value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub header_timeout: u32,

    /// Seconds that a body may take, and one more for each 64 KiB that came; then a 408
    #[arg(long, env = "LOG_CENTER_BODY_TIMEOUT", value_name = "SECONDS", default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub body_timeout: u32,
}

/// A limit for each address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EachAddress {
    /// How much.
    pub most: u32,
    /// Whether this machine's own addresses are limited too.
    pub loopback: bool,
}

impl Door {
    /// Reports of an address a minute.
    pub(super) fn address_rate(&self, is_loopback: bool) -> Option<EachAddress> {
        each(self.rate_per_address, ADDRESS_REPORTS, is_loopback)
    }

    /// Reports of a project a minute.
    pub(super) fn project_rate(&self, is_loopback: bool) -> Option<u32> {
        self.rate_per_project.map_or((!is_loopback).then_some(PROJECT_REPORTS), |limit| limit.0)
    }

    /// Requests with a key a minute.
    pub(super) fn key_rate(&self, is_loopback: bool) -> Option<u32> {
        self.rate_per_key.map_or((!is_loopback).then_some(KEY_REQUESTS), |limit| limit.0)
    }

    /// Connections of an address.
    pub(super) fn address_connections(&self, is_loopback: bool) -> Option<EachAddress> {
        each(self.connections_per_address, ADDRESS_CONNECTIONS, is_loopback)
    }
}

fn each(chosen: Option<Limit>, default: u32, is_loopback: bool) -> Option<EachAddress> {
    match chosen {
        Some(limit) => limit.0.map(|most| EachAddress { most, loopback: true }),
        None => (!is_loopback).then_some(EachAddress { most: default, loopback: false }),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Config;
    use super::*;

    fn config(words: &[&str]) -> Config {
        Config::try_parse_from([&["serve"], words].concat()).expect("valid flags")
    }

    #[test]
    fn callers_of_this_machine_are_not_limited_unless_a_number_is_given() {
        let open = ["--listen", "0.0.0.0:1"];
        let each = |most, loopback| Some(EachAddress { most, loopback });
        assert_eq!(config(&[]).address_rate(), None);
        assert_eq!(config(&[]).project_rate(), None);
        assert_eq!(config(&[]).address_connections(), None);
        assert_eq!(config(&open).address_rate(), each(6_000, false));
        assert_eq!(config(&open).project_rate(), Some(30_000));
        assert_eq!((config(&[]).key_rate(), config(&open).key_rate()), (None, Some(30_000)));
        assert_eq!(config(&["--rate-per-key", "9"]).key_rate(), Some(9));
        assert_eq!(config(&open).address_connections(), each(1_000, false));
        assert_eq!(config(&["--rate-per-address", "60"]).address_rate(), each(60, true));
        for off in ["0", "off", "OFF"] {
            let words = [&open[..], &["--rate-per-address", off]].concat();
            assert_eq!(config(&words).address_rate(), None, "{off}");
            let words = [&open[..], &["--rate-per-project", off]].concat();
            assert_eq!(config(&words).project_rate(), None, "{off}");
        }
    }

    #[test]
    fn a_limit_is_a_number_or_off() {
        for text in ["-1", "none", "1.5", "60000001", ""] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
        assert_eq!("60000000".parse(), Ok(Limit(Some(60_000_000))));
    }
}
