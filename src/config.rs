//! What the operator may choose: every flag of `serve` with its variable, its default and its
//! limits. A `Config` that exists is valid by itself; whether an address can be bound is not known.

mod acme;
mod address;
mod backup;
mod door;
mod notify;
mod oidc;
mod size;
mod source;
mod tls;
mod trust;

use std::path::{Path, PathBuf};

use clap::builder::FalseyValueParser;
use clap::{Parser, ValueEnum};

pub use acme::Acme;
pub use address::{Address, HostName, Listen, PublicUrl, host_of, is_loopback_host};
pub use backup::{Backup, Every};
pub use door::{Door, EachAddress, Limit};
pub use notify::Notify;
pub use oidc::{Issuer, Oidc, OidcMatch};
pub use size::Bytes;
use size::MIB;
pub use source::SourceRoot;
pub use tls::Tls;
pub use trust::{HeaderName, Network, Trust};

/// The ports of a start without `--listen`: the API's, and the dashboard's own.
pub const PORTS: [u16; 2] = [8002, 8003];
/// Where backups go inside the data folder, unless the operator says where.
pub const BACKUP_DIR: &str = "backups";

/// Everything that `serve` can be told.
#[derive(Clone, Debug, Parser)]
pub struct Config {
    /// Folder that holds everything Log Center keeps; created if it is missing
    ///
    /// Default: $XDG_DATA_HOME/log-center, else ~/.local/share/log-center. A service should name
    /// its own, e.g. /var/lib/log-center. Two running programs cannot share one.
    #[arg(long, env = "LOG_CENTER_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// File of channels and rules, in TOML, for teams that keep them in git
    ///
    /// Read at the start. What stands in it is changed there alone. env:NAME stands for a secret
    /// in the variable NAME.
    #[arg(long, env = "LOG_CENTER_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

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

    /// How much one caller may ask for.
    #[command(flatten)]
    pub door: Door,
    /// Folder with a project's source, whose lines are shown beside a trace; may be given several
    /// times
    ///
    /// Only where nothing but this machine can reach Log Center. Everybody who may look at the
    /// project's issues can read every text file in it up to 1 MiB, but none whose name, or whose
    /// folder's, begins with a dot.
    #[arg(long, env = "LOG_CENTER_SOURCE_ROOT", value_name = "PROJECT=DIR", value_delimiter = ',')]
    pub source_root: Vec<SourceRoot>,

    /// Backups.
    #[command(flatten)]
    pub backup: Backup,
    /// Who is let in.
    #[command(flatten)]
    pub trust: Trust,
    /// https of its own.
    #[command(flatten)]
    pub tls: Tls,
    /// Logins by a provider.
    #[command(flatten)]
    pub oidc: Oidc,
    /// Notifications.
    #[command(flatten)]
    pub notify: Notify,

    /// Shape of the log lines on standard error
    #[arg(long, env = "LOG_CENTER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// How much is logged; debug adds a line for every request
    #[arg(long, env = "LOG_CENTER_LOG_LEVEL", value_enum, default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,
}

impl Config {
    /// With what the names of its own certificate mean: the first is where people open it, and
    /// requests may use all.
    #[must_use]
    pub fn named(mut self) -> Self {
        let names = self.tls.acme.acme_domain.iter().map(|name| name.0.clone());
        let names: Vec<String> = names.collect();
        if self.public_url.is_none() {
            let first = names.first();
            self.public_url = first.and_then(|name| format!("https://{name}").parse().ok());
        }
        self.allow_host.extend(names.into_iter().map(HostName));
        self
    }

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

    /// Whether everybody is let in whom no proxy brings: only this machine can reach it.
    pub fn is_open(&self) -> bool {
        self.is_loopback() && !self.trust.require_login
    }

    /// Reports that an address may send a minute.
    pub fn address_rate(&self) -> Option<EachAddress> {
        self.door.address_rate(self.is_loopback())
    }

    /// Reports that may be sent to a project a minute.
    pub fn project_rate(&self) -> Option<u32> {
        self.door.project_rate(self.is_loopback())
    }

    /// Requests that may be sent with a key a minute.
    pub fn key_rate(&self) -> Option<u32> {
        self.door.key_rate(self.is_loopback())
    }

    /// Connections that an address may have open.
    pub fn address_connections(&self) -> Option<EachAddress> {
        self.door.address_connections(self.is_loopback())
    }

    /// The folder for backups of this data folder.
    pub fn backup_dir(&self, data: &Path) -> PathBuf {
        self.backup.backup_dir.clone().unwrap_or_else(|| data.join(BACKUP_DIR))
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
    fn the_first_name_of_its_own_certificate_is_the_public_url() {
        let named = |words: &[&str]| config(words).named();
        let both = ["--acme-domain", "A.example,b.example", "--listen", "127.0.0.1:443"];
        let config = named(&both);
        assert_eq!(config.public_url.as_ref().expect("named").origin, "https://a.example");
        assert!(config.allow_host.contains(&HostName("b.example".into())));
        assert!(!config.is_loopback() && config.tls.is_on() && config.tls.scheme() == "https");
        let chosen = named(&[&both[..], &["--public-url", "https://c.example:8443"]].concat());
        assert_eq!(chosen.public_url.expect("chosen").origin, "https://c.example:8443");
        assert_eq!(named(&[]).public_url, None);
    }

    #[test]
    fn a_wrong_value_is_refused_in_one_sentence() {
        let table: [(&[&str], &str); 13] = [
            (&["--acme-domain", "*.a.example"], "use --tls-cert"),
            (&["--acme-domain", "192.0.2.1"], "expected a name, not an address"),
            (&["--acme-directory", "http://a.example/dir"], "begins with https://"),
            (
                &["--acme-domain", "a.example", "--tls-cert", "x", "--tls-key", "y"],
                "'--acme-domain <NAME>' cannot be used with '--tls-cert <FILE>'",
            ),
            (&["--listen", ":8002"], "127.0.0.1:8002 is this machine only"),
            (&["--listen", "example.org:8002"], "expected an IP address or localhost"),
            (&["--listen", "localhost:99999"], "is not a port"),
            (&["--public-url", "ftp://a"], "expected http:// or https://"),
            (&["--public-url", "https://a/errors"], "without a path"),
            (&["--allow-host", "a.example:8002"], "without scheme, port and path"),
            (&["--max-file-size", "10 potatoes"], "expected a size"),
            (&["--queue-bytes", "1MiB"], "expected 16 MiB or more"),
            (&["--source-root", "/srv/app"], "expected a project and a folder"),
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
