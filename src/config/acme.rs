//! A certificate that the program gets by itself (ACME).

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// Where Let's Encrypt is asked.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// A name that a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(pub String);

impl FromStr for Domain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        if name.starts_with("*.") {
            return Err("a certificate for all names below one needs the name's own server: let \
                        another program get it, and use --tls-cert"
                .into());
        }
        if name.parse::<IpAddr>().is_ok() {
            return Err("expected a name, not an address".into());
        }
        let is_part = |part: &str| {
            let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (1..=63).contains(&part.len())
                && part.bytes().all(of_name)
                && !part.starts_with('-')
                && !part.ends_with('-')
        };
        if name.len() <= 253 && name.split('.').all(is_part) {
            return Ok(Self(name));
        }
        Err("expected a host name, e.g. errors.example.org; write one of another alphabet as \
             xn--…"
            .into())
    }
}

/// The address by which an authority begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory(pub String);

impl FromStr for Directory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_fit = text.starts_with("https://") && !text.contains(['#', '@', ' ']);
        if is_fit {
            return Ok(Self(text.to_owned()));
        }
        Err("expected an address that begins with https://".into())
    }
}

/// An e-mail address, as far as an authority can send to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail(pub String);

impl FromStr for Mail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('@') {
            Some((name, host))
                if !name.is_empty()
                    && !host.is_empty()
                    && !text.contains(|one: char| one.is_whitespace() || ",?<>".contains(one)) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err("expected an e-mail address, e.g. ops@example.org".into()),
        }
    }
}

/// What `serve` can be told about a certificate that it gets by itself.
#[derive(Args, Clone, Debug)]
pub struct Acme {
    /// Name to speak https under, with a certificate that the program gets and renews by itself;
    /// may be given several times
    ///
    /// From Let's Encrypt, unless --acme-directory names another authority, whose terms you agree
    /// to thereby. It has to reach this program at port 443 of the name. The first name is the
    /// public URL, unless that is given.
    #[arg(
        long,
        env = "LOG_CENTER_ACME_DOMAIN",
        value_name = "NAME",
        value_delimiter = ',',
        conflicts_with = "tls_cert"
    )]
    pub acme_domain: Vec<Domain>,

    /// E-mail address at which the authority may tell of trouble with the certificate
    #[arg(long, env = "LOG_CENTER_ACME_EMAIL", value_name = "ADDRESS", requires = "acme_domain")]
    pub acme_email: Option<Mail>,

    /// The authority's address, if it is not Let's Encrypt
    #[arg(
        long,
        env = "LOG_CENTER_ACME_DIRECTORY",
        value_name = "URL",
        default_value = LETS_ENCRYPT
    )]
    pub acme_directory: Directory,

    /// Further certificate authorities to trust when the authority is asked, in PEM
    #[arg(long, env = "LOG_CENTER_ACME_CA_FILE", value_name = "FILE", requires = "acme_domain")]
    pub acme_ca_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_an_authority_can_ask_for() {
        for (text, expected) in [
            ("Errors.Example.org", Some("errors.example.org")),
            ("xn--d1abbgf6aiiy.xn--p1ai", Some("xn--d1abbgf6aiiy.xn--p1ai")),
            ("*.example.org", None),
            ("192.0.2.1", None),
            ("::1", None),
            ("a..b", None),
            ("-a.b", None),
            ("a_b.c", None),
            ("a.b:443", None),
            ("пример.рф", None),
            ("", None),
        ] {
            let read = text.parse::<Domain>().ok();
            assert_eq!(read.as_ref().map(|name| name.0.as_str()), expected, "{text}");
        }
        assert!("http://ca.example/dir".parse::<Directory>().is_err());
        for text in ["ops", "@b", "a@", "a b@c", "a@b,c@d", "a@b?x"] {
            assert!(text.parse::<Mail>().is_err(), "{text}");
        }
    }
}
