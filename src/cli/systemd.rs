//! `log-center systemd`: prints the unit that runs Log Center as a service. The installer and the
//! Debian package both take it from here, so that there is one text of it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::terminal;
use super::trouble::Trouble;
use crate::config::data_dir_default;

/// Paragraphs between empty lines; those that begin with `SYSTEM_ONLY` are not for `--user`.
const TEMPLATE: &str = include_str!("../../packaging/log-center.service");
const SYSTEM_ONLY: &str = "# What only the system's own manager can do";
/// Where a service of the system keeps its data.
const DATA_DEFAULT: &str = "/var/lib/log-center";
/// What the unit's own settings hide from it: `ProtectHome` and `PrivateTmp`.
const HIDDEN: [&str; 5] = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"];

/// What to write into the unit.
#[derive(Debug, Args)]
pub(super) struct Systemd {
    /// For a service of your own (systemctl --user) instead of one of the whole system
    #[arg(long)]
    user: bool,

    /// The program that the service runs; default: this one
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,

    /// Folder that holds everything the service keeps
    ///
    /// Default: /var/lib/log-center; with --user ~/.local/share/log-center.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Systemd {
    /// Prints the unit.
    pub(super) fn run(self) -> Result<(), Trouble> {
        terminal::say(self.text().map_err(Trouble::Failed)?.trim_end())
    }

    /// The unit. The error is one sentence.
    fn text(self) -> Result<String, String> {
        let binary = match self.binary {
            Some(binary) => binary,
            None => std::env::current_exe()
                .map_err(|error| format!("Name the program with --binary PATH: {error}."))?,
        };
        let data = match self.data {
            Some(data) => data,
            None if self.user => data_dir_default()?,
            None => DATA_DEFAULT.into(),
        };
        unit(self.user, &binary, &data)
    }
}

fn unit(user: bool, binary: &Path, data: &Path) -> Result<String, String> {
    for path in [binary, data] {
        let hides = HIDDEN.iter().find(|folder| !user && path.starts_with(folder));
        if let Some(folder) = hides {
            return Err(format!(
                "A service of the system does not see {folder}: choose another place than {}, \
                 or use --user.",
                path.display()
            ));
        }
    }
    let quoted_data = quoted(data)?;
    let data_access = if data == Path::new(DATA_DEFAULT) {
        // The manager makes the folder, for the service's user alone.
        "StateDirectory=log-center\nStateDirectoryMode=0700".to_owned()
    } else {
        format!("ReadWritePaths=\"{quoted_data}\"")
    };
    let (environment_file, wanted_by) = if user {
        ("%E/log-center.env", "default.target")
    } else {
        ("/etc/log-center.env", "multi-user.target")
    };
    let paragraphs: Vec<&str> = TEMPLATE
        .split("\n\n")
        .filter(|paragraph| !user || !paragraph.starts_with(SYSTEM_ONLY))
        .collect();
    let values = [
        ("binary", quoted(binary)?),
        ("data", quoted_data),
        ("data_access", data_access),
        ("environment_file", environment_file.to_owned()),
        ("wanted_by", wanted_by.to_owned()),
    ];
    Ok(filled(&paragraphs.join("\n\n"), &values))
}

/// Puts values in the place of `{name}`, in one pass: a value may hold anything, braces too.
fn filled(template: &str, values: &[(&str, String)]) -> String {
    let mut pieces = template.split('{');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').expect("the template closes its braces");
        let value = values.iter().find(|(known, _)| *known == name);
        out.push_str(&value.expect("the template names known values").1);
        out.push_str(rest);
    }
    out
}

/// A path as it stands between quotes in a unit. Fails if it cannot stand there.
fn quoted(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let text = path.to_str().ok_or_else(|| format!("{shown} is not UTF-8."))?;
    if !path.is_absolute() || text.contains(char::is_control) {
        return Err(format!("A unit needs a whole path that begins with /, not {text:?}."));
    }
    Ok(text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(user: bool, binary: &str, data: &str) -> String {
        unit(user, Path::new(binary), Path::new(data)).expect("a unit")
    }

    #[test]
    fn nothing_is_left_open() {
        for user in [false, true] {
            let unit = printed(user, "/usr/bin/log-center", "/var/lib/log-center");
            assert!(!unit.contains(['{', '}']), "{unit}");
            assert!(unit.contains("\nExecStart=\"/usr/bin/log-center\" serve\n"), "{unit}");
            assert!(unit.contains("\nEnvironment=\"LOG_CENTER_DATA=/var/lib/log-center\"\n"));
            assert!(unit.contains("\nSystemCallFilter=@system-service\n"));
        }
    }

    #[test]
    fn a_service_of_the_system_has_its_own_user_and_folder() {
        let unit = printed(false, "/usr/bin/log-center", DATA_DEFAULT);
        assert!(unit.contains("\nUser=log-center\n"));
        assert!(unit.contains("\nStateDirectory=log-center\nStateDirectoryMode=0700\n"));
        assert!(unit.contains("\nEnvironmentFile=-/etc/log-center.env\n"));
        assert!(unit.ends_with("\n[Install]\nWantedBy=multi-user.target\n"), "{unit}");
        let elsewhere = printed(false, "/usr/bin/log-center", "/srv/errors");
        assert!(elsewhere.contains("\nReadWritePaths=\"/srv/errors\"\n"), "{elsewhere}");
        assert!(!elsewhere.contains("StateDirectory"), "{elsewhere}");
    }

    #[test]
    fn a_service_of_a_person_leaves_out_what_needs_the_system() {
        let unit = printed(true, "/home/ann/.local/bin/log-center", "/home/ann/errors");
        for left_out in ["User=", "ProtectHome", "StateDirectory", "ReadWritePaths"] {
            assert!(!unit.contains(left_out), "{left_out}: {unit}");
        }
        assert!(unit.contains("\nEnvironmentFile=-%E/log-center.env\n"));
        assert!(unit.ends_with("\n\n[Install]\nWantedBy=default.target\n"), "{unit}");
    }

    #[test]
    fn odd_paths_stay_one_word() {
        let unit = printed(false, "/opt/a \"b\" 50%/log-center", "/srv/{binary} c");
        assert!(unit.contains("\nExecStart=\"/opt/a \\\"b\\\" 50%%/log-center\" serve\n"));
        assert!(unit.contains("\nRequiresMountsFor=\"/srv/{binary} c\"\n"), "{unit}");
    }

    #[test]
    fn a_path_that_would_not_work_is_refused() {
        for (user, binary, data) in [
            (false, "log-center", "/srv/data"),
            (true, "/usr/bin/log-center", "data"),
            (true, "/usr/bin/log-center", "/srv/a\nExecStartPre=/bin/sh"),
            (false, "/home/ann/log-center", "/srv/data"),
            (false, "/usr/bin/log-center", "/root/data"),
            (false, "/usr/bin/log-center", "/tmp/data"),
        ] {
            assert!(unit(user, Path::new(binary), Path::new(data)).is_err(), "{binary} {data}");
        }
    }
}
