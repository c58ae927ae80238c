//! `log-center backup`: asks the server for a backup and waits until it is whole; makes one itself
//! of a data folder that no server uses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use super::progress::Progress;
use super::remote::{Remote, Server};
use super::terminal;
use super::transfer::size;
use super::trouble::Trouble;
use crate::app;
use crate::config::{BACKUP_DIR, data_dir_default, is_loopback_host};
use crate::domain::backup::{Kind, Name};
use crate::domain::percent::escape;
use crate::fetch::Ask;
use crate::store::backup::{self, Stored, Unsealed};
use crate::store::{self, FILE_NAME, Place};

const PATH: &str = "/api/v1/backups";
/// Between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

const EXAMPLES: &str = "\
Examples:
  log-center backup
  log-center backup /mnt/nas/
  log-center backup --data /var/lib/log-center /mnt/nas/today.db

Without DEST the backup stays in the server's folder for backups. Beside it the
newest --backup-keep that were asked for before are kept. With DEST it is moved
there, which goes on the server's own machine only. Where no server uses the
data folder, this command makes the backup itself. The key that channels are
sealed with (log-center.key) is in no backup.";

/// Make a backup, while the server works
///
/// It is one file, checked, with its SHA-256 beside it. `log-center restore` takes it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Backup {
    /// Folder or file to move it to
    #[arg(value_name = "DEST")]
    to: Option<PathBuf>,
    /// Replace DEST if it exists
    #[arg(long)]
    force: bool,
    /// Say nothing
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    server: Server,
}

/// Where a server of this machine keeps its data and its backups.
#[derive(Clone, Debug, Args)]
pub(super) struct Folders {
    /// The server's data folder
    #[arg(long, env = "LOG_CENTER_DATA", value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The server's folder for backups, if it is not the usual one inside the data folder
    #[arg(long, env = "LOG_CENTER_BACKUP_DIR", value_name = "DIR")]
    pub(super) backup_dir: Option<PathBuf>,
}

impl Folders {
    /// The data folder.
    pub(super) fn data(&self) -> Result<PathBuf, Trouble> {
        self.data.clone().map_or_else(data_dir_default, Ok).map_err(Trouble::Usage)
    }

    /// The folder for backups.
    pub(super) fn backups(&self) -> Result<PathBuf, Trouble> {
        match &self.backup_dir {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.data()?.join(BACKUP_DIR)),
        }
    }
}

impl Backup {
    /// Makes one, and moves it where it is wanted.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        if let Some(to) = self.to.as_deref().filter(|to| !to.is_dir() && to.exists())
            && !self.force
        {
            let shown = to.display();
            return Err(Trouble::Usage(format!("{shown} exists. --force replaces it.")));
        }
        self.allowed()?;
        let mut remote = self.server.remote()?;
        let made = match made_by(&mut remote, self.quiet).await {
            Err(Trouble::Unreachable { .. }) if self.is_at_rest() => self.make()?,
            other => other?,
        };
        let place = match &self.to {
            None => made.name.clone(),
            Some(to) => self.moved(&made, to)?.display().to_string(),
        };
        if self.quiet {
            return Ok(());
        }
        let (bytes, sum) = (size(made.bytes), &made.sha256);
        terminal::say(&format!("{place}: {bytes}, sound. SHA-256 {sum}"))
    }

    /// Says what is wrong with DEST before anything is made.
    fn allowed(&self) -> Result<(), Trouble> {
        let Some(to) = self.to.as_deref().filter(|to| !to.is_dir()) else { return Ok(()) };
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(Trouble::Usage(format!("There is no folder {}.", folder.display())));
        }
        // A server's database is never called otherwise, wherever its folder is.
        if to.file_name().is_some_and(|name| name == FILE_NAME) && to.exists() {
            let shown = to.display();
            return Err(Trouble::Usage(format!(
                "{shown} looks like data of a server: take another name."
            )));
        }
        Ok(())
    }

    /// Whether the data folder is there and no server uses it.
    fn is_at_rest(&self) -> bool {
        is_loopback_host(self.server.url.host())
            && self.folders.data().is_ok_and(|data| Place::of(&data).path().exists())
    }

    fn make(&self) -> Result<Made, Trouble> {
        let (data, folder) = (self.folders.data()?, self.folders.backups()?);
        let _lock = store::lock(&data).map_err(|_| {
            Trouble::Failed(format!(
                "A Log Center uses {}, but does not answer at {}. Name its address with --url.",
                data.display(),
                self.server.url
            ))
        })?;
        let mut name = Name::new(app::now(), Kind::Requested);
        while folder.join(name.to_string()).exists() {
            name = name.later();
        }
        let stored = backup::make(&data, &folder, name).map_err(|error| unsealed(&error))?;
        Ok(stored.into())
    }

    fn moved(&self, made: &Made, to: &Path) -> Result<PathBuf, Trouble> {
        let from = self.folders.backups()?.join(&made.name);
        if !from.exists() {
            return Err(Trouble::Failed(format!(
                "The server made {}, but it is not {}. To move it, name the server's folder with \
                 --data or --backup-dir.",
                made.name,
                from.display()
            )));
        }
        let to = if to.is_dir() { to.join(&made.name) } else { to.to_owned() };
        backup::move_to(&from, &to, &made.sha256).map_err(|error| unsealed(&error))?;
        Ok(to)
    }
}

/// A backup that was made.
pub(super) struct Made {
    pub(super) name: String,
    bytes: u64,
    sha256: String,
}

impl From<Stored> for Made {
    fn from(stored: Stored) -> Self {
        let sha256 = stored.sha256.unwrap_or_default();
        Self { name: stored.name.to_string(), bytes: stored.bytes, sha256 }
    }
}

/// Asks a server for a backup, and waits until it is whole.
pub(super) async fn made_by(remote: &mut Remote, quiet: bool) -> Result<Made, Trouble> {
    let ask = Ask::with(Method::POST, PATH, "application/json", Bytes::new());
    let answer = remote.send(ask).await?;
    let mut item = remote.json(answer).await?;
    let path = format!("{PATH}/{}", escape(item["name"].as_str().unwrap_or_default()));
    let mut progress = Progress::start(Some(100), quiet);
    loop {
        let done = item["progress"].as_f64().unwrap_or_default() * 100.0;
        let bytes = item["bytes"].as_u64().unwrap_or_default();
        match item["state"].as_str() {
            Some("done") => return Ok(made(&item)),
            Some("failed") => {
                let why = item["failure"].as_str().unwrap_or_default();
                return Err(Trouble::Failed(format!("The backup failed: {why}.")));
            }
            state => {
                let state = state.unwrap_or_default();
                progress.at(done as u64, &format!("{state} {}", size(bytes)));
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
        item = remote.read(&path).await?;
    }
}

fn made(item: &Value) -> Made {
    let word = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    Made { name: word("name"), bytes: item["bytes"].as_u64().unwrap_or(0), sha256: word("sha256") }
}

/// Why a file is no backup, in a sentence.
pub(super) fn unsealed(error: &Unsealed) -> Trouble {
    Trouble::Failed(match error {
        Unsealed::Store(error) => format!("The backup failed: {error}."),
        Unsealed::Unsound(why) => {
            format!("The backup is not sound: {}.", why.trim_end_matches('.'))
        }
    })
}
