//! Where notifications may go.

use std::path::PathBuf;

use clap::Args;

use crate::domain::notify::guard::Allow;

/// What `serve` can be told about notifications.
#[derive(Clone, Debug, Args)]
pub struct Notify {
    /// Where notifications may go beside the internet; may be given several times
    ///
    /// An address, a network as 10.0.0.0/8, or a host's name. Only there plain http may be used.
    /// Without it nothing goes to this machine or to private networks: whoever may set up channels
    /// could otherwise reach what only this machine can.
    #[arg(long, env = "LOG_CENTER_NOTIFY_ALLOW", value_name = "WHERE", value_delimiter = ',')]
    pub notify_allow: Vec<Allow>,

    /// PEM file of certificate authorities that notifications trust beside the system's
    ///
    /// For a mail server, an Elasticsearch or a webhook whose certificate a company signs itself.
    #[arg(long, env = "LOG_CENTER_NOTIFY_CA_FILE", value_name = "FILE")]
    pub notify_ca_file: Option<PathBuf>,
}
