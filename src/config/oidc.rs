//! Logins by an OpenID Connect provider.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::address::is_loopback_host;
use crate::domain::trust::role::Role;

/// A provider's address, as it writes it itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(pub String);

impl FromStr for Issuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected an address that begins with https://, without ? and #; http:// is \
                        for this machine alone";
        let (scheme, rest) = text.split_once("://").ok_or(expected)?;
        let authority = rest.split('/').next().unwrap_or("");
        let host = super::address::host_of(authority).unwrap_or("");
        let is_fit = !host.is_empty()
            && !text.contains(['?', '#', '@', ' '])
            && (scheme == "https" || scheme == "http" && is_loopback_host(host));
        if is_fit { Ok(Self(text.to_owned())) } else { Err(expected.into()) }
    }
}

/// By what somebody of the provider is found among the people here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OidcMatch {
    /// By the e-mail address that the provider checked, or by the user's name that is no address.
    Any,
    /// By the e-mail address that the provider checked.
    Email,
    /// By the user's name.
    Username,
    /// Not at all: only who came by an invitation, or was made by --oidc-create.
    None,
}

/// What `serve` can be told about a provider.
#[derive(Args, Clone, Debug)]
pub struct Oidc {
    /// Address of an OpenID Connect provider by which people log in
    ///
    /// As the provider writes it itself, e.g. https://id.example.org/realms/team. It sends people
    /// back to /login/oidc of the public URL: name that address to it.
    #[arg(long, env = "LOG_CENTER_OIDC_ISSUER", value_name = "URL", requires = "oidc_client_id")]
    pub oidc_issuer: Option<Issuer>,

    /// Under which name the provider knows Log Center
    #[arg(long, env = "LOG_CENTER_OIDC_CLIENT_ID", value_name = "ID", requires = "oidc_issuer")]
    pub oidc_client_id: Option<String>,

    /// File with the secret that the provider gave with that name, if it gave one
    #[arg(
        long,
        env = "LOG_CENTER_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oidc_issuer"
    )]
    pub oidc_client_secret_file: Option<PathBuf>,

    /// What the button on the login page calls the provider; its host, unless said otherwise
    #[arg(long, env = "LOG_CENTER_OIDC_NAME", value_name = "NAME", requires = "oidc_issuer")]
    pub oidc_name: Option<String>,

    /// How somebody who comes for the first time is found among the people who are here
    ///
    /// A person here has that as their name. Choose any or username only where users of the
    /// provider cannot choose their names: whoever takes an administrator's becomes one. From then
    /// on the provider's own number counts.
    #[arg(long, env = "LOG_CENTER_OIDC_MATCH", value_enum, default_value_t = OidcMatch::Email)]
    pub oidc_match: OidcMatch,

    /// Role of those who are not known here; without it they are not let in
    ///
    /// viewer, member or administrator. They see all projects.
    #[arg(long, env = "LOG_CENTER_OIDC_CREATE", value_name = "ROLE", requires = "oidc_issuer",
        value_parser = |word: &str| Role::parse(word)
            .ok_or("expected viewer, member or administrator"))]
    pub oidc_create: Option<Role>,

    /// PEM file of certificate authorities that the provider's address is trusted by, beside the
    /// system's
    #[arg(long, env = "LOG_CENTER_OIDC_CA_FILE", value_name = "FILE", requires = "oidc_issuer")]
    pub oidc_ca_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_by_https_or_on_this_machine() {
        for good in [
            "https://id.example.org",
            "https://id.example.org/realms/team/",
            "http://localhost:9000",
            "http://127.0.0.1:9000/x",
        ] {
            assert_eq!(good.parse(), Ok(Issuer(good.into())));
        }
        for wrong in [
            "http://id.example.org",
            "id.example.org",
            "https://",
            "https://a@b",
            "https://a/?x",
            "ftp://localhost",
            "",
        ] {
            assert!(wrong.parse::<Issuer>().is_err(), "{wrong}");
        }
    }
}
