//! What the operator may choose: every flag of `serve` with its variable, its default and its
//! limits. A `Config` that exists is valid by itself; whether an address can be bound is not known.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::FalseyValueParser;
use clap::{Parser, ValueEnum};

/// The ports of a start without `--listen`: the API's, and the dashboard's own.
pub const PORTS: [u16; 2] = [8002, 8003];

/// Everything that `serve` can be told.
#[derive(Clone, Debug, Parser)]
pub struct Config {
    /// Folder that holds everything Log Center keeps; created if it is missing
    ///
    /// Default: $XDG_DATA_HOME/log-center, else ~/.local/share/log-center. A service should name
    /// its own, e.g. /var/lib/log-center. Two running programs cannot share one.
    #[arg(long, env = "LOG_CENTER_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Address to listen on; may be given several times, and replaces all of the default ones
    ///
    /// Default: 127.0.0.1 and ::1 with ports 8002 and 8003, which only this machine can reach.
    /// 127.0.0.1:PORT, [::1]:PORT and localhost:PORT stay on this machine; 0.0.0.0:PORT is every
    /// IPv4 network, [::]:PORT every network. In the variable, commas separate addresses.
    #[arg(long, env = "LOG_CENTER_LISTEN", value_name = "ADDR:PORT", value_delimiter = ',')]
    pub listen: Vec<Listen>,

    /// The address that people open, when it is not the one listened on
    ///
    /// Shown at the start, and a name that requests may use. A scheme, a host and, if need be, a
    /// port: https://errors.example.org
    #[arg(long, env = "LOG_CENTER_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Another host name that requests may use; may be given several times
    ///
    /// Requests must name an IP address, localhost, the public URL's host or one of these;
    /// otherwise any web page could reach Log Center by pointing a name of its own at it.
    #[arg(long, env = "LOG_CENTER_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allow_host: Vec<HostName>,

    /// Let everybody who reaches an address read and change everything, without a login
    ///
    /// Needed to listen beyond this machine while there is no administrator. Only for a network in
    /// which you trust everyone.
    #[arg(long, env = "LOG_CENTER_INSECURE_OPEN", value_parser = FalseyValueParser::new())]
    pub insecure_open: bool,

    /// Days that events are kept; counts, issues and their history stay longer
    #[arg(long, env = "LOG_CENTER_RETENTION_DAYS", value_name = "DAYS", default_value_t = 90,
        value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub retention_days: u32,

    /// Events that are kept of one issue
    ///
    /// The first, the newest and those at a move of the status always stay; every report counts.
    #[arg(long, env = "LOG_CENTER_EVENTS_PER_ISSUE", value_name = "N", default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub events_per_issue: u32,

    /// Size of the database file at most, e.g. 500MB or 10GiB
    ///
    /// Default: 10GiB, or half of the free disk where that is less. When the file reaches it, the
    /// oldest events go first.
    #[arg(long, env = "LOG_CENTER_MAX_FILE_SIZE", value_name = "SIZE",
        value_parser = |text: &str| Bytes::within(text, 64 * MIB, u64::MAX))]
    pub max_file_size: Option<Bytes>,

    /// A key whose values are secret, beside the built-in ones; may be given several times
    ///
    /// Its values are replaced by [scrubbed] before anything is stored, as password and token are.
    #[arg(long, env = "LOG_CENTER_SCRUB_KEY", value_name = "KEY", value_delimiter = ',')]
    pub scrub_key: Vec<String>,

    /// A key that is not secret although its name looks so; may be given several times
    #[arg(long, env = "LOG_CENTER_KEEP_KEY", value_name = "KEY", value_delimiter = ',')]
    pub keep_key: Vec<String>,

    /// Reports that may wait to be written; past it callers are told to come back (503)
    #[arg(long, env = "LOG_CENTER_QUEUE_REPORTS", value_name = "N", default_value_t = 8_192,
        value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    pub queue_reports: u32,

    /// Memory that waiting reports may take, e.g. 16MiB; past it callers get a 503
    #[arg(long, env = "LOG_CENTER_QUEUE_BYTES", value_name = "SIZE", default_value = "16MiB",
        value_parser = |text: &str| Bytes::within(text, 16 * MIB, 64 * 1_024 * MIB))]
    pub queue_bytes: Bytes,

    /// Connections that may be open at once; further ones get a 503
    #[arg(long, env = "LOG_CENTER_MAX_CONNECTIONS", value_name = "N", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,

    /// Shape of the log lines on standard error
    #[arg(long, env = "LOG_CENTER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// How much is logged; debug adds a line for every request
    #[arg(long, env = "LOG_CENTER_LOG_LEVEL", value_enum, default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,
}

impl Config {
    /// Where to listen: what was asked for, else the default addresses; each once.
    pub fn addresses(&self) -> Vec<Address> {
        let mut all: Vec<Address> = if self.listen.is_empty() {
            PORTS.iter().flat_map(|port| Listen::localhost(*port).0).collect()
        } else {
            self.listen.iter().flat_map(|listen| listen.0.clone()).collect()
        };
        let mut seen = Vec::new();
        all.retain(|address| {
            // Port 0 asks for any free port, so two of it are two ports.
            let first = address.at.port() == 0 || !seen.contains(&address.at);
            seen.push(address.at);
            first
        });
        all
    }

    /// Whether only this machine can reach it: every address and the public URL are loopback.
    pub fn is_loopback(&self) -> bool {
        self.addresses().iter().all(|address| address.at.ip().is_loopback())
            && self.public_url.as_ref().is_none_or(|url| is_loopback_host(&url.host))
    }

    /// The folder to keep everything in. Fails only if none was named and there is no home.
    pub fn data_dir(&self) -> Result<PathBuf, String> {
        self.data.clone().map_or_else(data_dir_default, Ok)
    }
}

/// The folder to keep everything in when none is named. Fails only if there is no home.
pub fn data_dir_default() -> Result<PathBuf, String> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    variable("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".local/share")))
        .map(|base| base.join("log-center"))
        .ok_or_else(|| "There is no home folder: say where to keep data with --data DIR.".into())
}

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
pub struct Listen(Vec<Address>);

impl Listen {
    fn localhost(port: u16) -> Self {
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

const MIB: u64 = 1_024 * 1_024;

/// A size in bytes, written with a unit: `500MB` is decimal, `10GiB` and `10G` binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    fn within(text: &str, min: u64, max: u64) -> Result<Self, String> {
        let size: Self = text.parse()?;
        if size.0 < min {
            return Err(format!("expected {} MiB or more", min / MIB));
        }
        if size.0 > max {
            return Err(format!("expected {} MiB or less", max / MIB));
        }
        Ok(size)
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected a size such as 500MB, 10GiB or 1048576";
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| expected)?;
        let (base, power) = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => (1, 0),
            "k" | "kib" => (1_024, 1),
            "m" | "mib" => (1_024, 2),
            "g" | "gib" => (1_024, 3),
            "t" | "tib" => (1_024, 4),
            "kb" => (1_000, 1),
            "mb" => (1_000, 2),
            "gb" => (1_000, 3),
            "tb" => (1_000, 4),
            _ => return Err(expected.into()),
        };
        number.checked_mul(u64::pow(base, power)).map(Self).ok_or_else(|| expected.into())
    }
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Only what is broken.
    Error,
    /// And what may break.
    Warn,
    /// And what changed.
    Info,
    /// And every request.
    Debug,
    /// Everything.
    Trace,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn config(words: &[&str]) -> Config {
        Config::try_parse_from([&["serve"], words].concat()).expect("valid flags")
    }

    fn refusal(words: &[&str]) -> String {
        Config::try_parse_from([&["serve"], words].concat()).expect_err("refused").to_string()
    }

    #[test]
    fn every_flag_has_a_variable_and_a_help_text() {
        Config::command().debug_assert();
        for flag in Config::command().get_arguments() {
            let name = flag.get_id().as_str().to_uppercase();
            let variable = flag.get_env().expect("a variable").to_str().expect("ASCII");
            assert_eq!(variable, format!("LOG_CENTER_{name}"));
            assert!(flag.get_help().is_some(), "{name}");
        }
    }

    #[test]
    fn without_a_flag_it_listens_on_this_machine_only() {
        let config = config(&[]);
        let all: Vec<_> =
            config.addresses().iter().map(|one| (one.at.to_string(), one.optional)).collect();
        let expected = [
            ("127.0.0.1:8002".to_owned(), false),
            ("[::1]:8002".to_owned(), true),
            ("127.0.0.1:8003".to_owned(), false),
            ("[::1]:8003".to_owned(), true),
        ];
        assert_eq!(all, expected);
        assert!(config.is_loopback());
    }

    #[test]
    fn an_address_or_a_public_url_beyond_this_machine_is_not_loopback() {
        let table: [(&[&str], bool); 7] = [
            (&["--listen", "127.0.0.1:1,[::1]:1"], true),
            (&["--listen", "localhost:1", "--listen", "127.9.9.9:1"], true),
            (&["--listen", "localhost:1", "--listen", "0.0.0.0:1"], false),
            (&["--listen", "[::]:1"], false),
            (&["--public-url", "https://errors.example.org"], false),
            (&["--public-url", "http://localhost:8002"], true),
            (&["--public-url", "http://[::1]:8002/"], true),
        ];
        for (words, expected) in table {
            assert_eq!(config(words).is_loopback(), expected, "{words:?}");
        }
    }

    #[test]
    fn a_wrong_value_is_refused_in_one_sentence() {
        let table: [(&[&str], &str); 8] = [
            (&["--listen", ":8002"], "127.0.0.1:8002 is this machine only"),
            (&["--listen", "example.org:8002"], "expected an IP address or localhost"),
            (&["--listen", "localhost:99999"], "is not a port"),
            (&["--public-url", "ftp://a"], "expected http:// or https://"),
            (&["--public-url", "https://a/errors"], "without a path"),
            (&["--allow-host", "a.example:8002"], "without scheme, port and path"),
            (&["--max-file-size", "10 potatoes"], "expected a size"),
            (&["--queue-bytes", "1MiB"], "expected 16 MiB or more"),
        ];
        for (words, expected) in table {
            let got = refusal(words);
            assert!(got.contains(expected), "{words:?}: {got}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let table = [("7", 7), ("64MiB", 64 * MIB), ("1kB", 1_000), ("2g", 2_048 * MIB)];
        for (text, expected) in table {
            assert_eq!(text.parse(), Ok(Bytes(expected)), "{text}");
        }
        assert!("99999999999TiB".parse::<Bytes>().is_err());
    }

    #[test]
    fn a_public_url_becomes_an_origin() {
        let url: PublicUrl = "HTTPS://Errors.Example.org:443/".parse().expect("an address");
        assert_eq!(
            (url.origin.as_str(), url.host.as_str()),
            ("https://errors.example.org", "errors.example.org")
        );
    }
}
