//! `log-center admin`: the administrator that a server begins with, made on its own machine.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::holder::holder;
use super::secret_input;
use super::terminal;
use super::trouble::Trouble;
use crate::app;
use crate::app::trust::passwords;
use crate::config::data_dir_default;
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::domain::trust::password;
use crate::domain::trust::person::name_fault;
use crate::domain::trust::role::Role;
use crate::store::engine::Engine;
use crate::store::people::{self, Added, NewPerson};
use crate::store::{self, audit, identities, passkeys, sessions, totp};

/// Events of an issue that stay, for a look at the database: nothing is removed here.
const KEPT_MAX: i64 = 1_000;

const EXAMPLES: &str = "\
Examples:
  log-center admin create ann
  pwgen 24 1 | log-center admin create ann --data /var/lib/log-center
  log-center admin reset ann

The server has to be stopped, and who may read its data folder may do this.
Everything after the first administrator goes while it runs: in the dashboard,
and with log-center people and log-center keys.";

/// Make an administrator, or let one in again
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Admin {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add an administrator; the password is asked for, or read from standard input
    Create(Named),
    /// Give somebody another password and make them an administrator; their codes and passkeys end
    Reset(Named),
}

#[derive(Debug, Args)]
struct Named {
    /// The name, as histories show it
    #[arg(value_name = "NAME")]
    name: String,
    /// The server's data folder
    #[arg(long, env = "LOG_CENTER_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Admin {
    /// Does it, while no server uses the folder.
    pub(super) fn run(self) -> Result<(), Trouble> {
        let (named, is_reset) = match self.what {
            What::Create(named) => (named, false),
            What::Reset(named) => (named, true),
        };
        let folder = named.data.map_or_else(data_dir_default, Ok).map_err(Trouble::Usage)?;
        if let Some(fault) = name_fault(&named.name).filter(|_| !is_reset) {
            return Err(Trouble::Usage(format!("{:?} is no name: {fault}.", named.name)));
        }
        // The lock is not touched in vain: that could stop a start.
        if holder(&folder).is_some() {
            let shown = folder.display();
            let instead = if is_reset {
                "an administrator can give a password in the dashboard, under People"
            } else {
                "log-center people invite --role administrator prints a link that makes one"
            };
            return Err(Trouble::Failed(format!(
                "A Log Center uses {shown}. Stop it first; or, while it runs, {instead}."
            )));
        }
        let typed = secret_input::password(&format!("Password for {}: ", named.name))?;
        if let Some(fault) = password::fault(&typed, &named.name) {
            return Err(Trouble::Usage(format!("The password is refused: {fault}.")));
        }
        let hash = passwords::hash(&typed)
            .map_err(|error| Trouble::Failed(format!("The password cannot be hashed: {error}.")))?;
        if is_reset {
            reset(&folder, &named.name, &hash)?;
            return terminal::say(&format!("{} can log in with this password.", named.name));
        }
        create(&folder, &named.name, &hash)?;
        terminal::say(&format!("{} is an administrator. Start the server, and log in.", named.name))
    }
}

fn create(folder: &Path, name: &str, hash: &str) -> Result<(), Trouble> {
    let new = NewPerson { name, role: Role::Administrator, projects: None, secret: Some(hash) };
    let added = changed(folder, |db| {
        let added = people::add(db, &new, app::now())?;
        if matches!(added, Added::As(_)) {
            audit::add(db, &note("person.add", name), app::now())?;
        }
        Ok(added)
    })?;
    match added {
        Added::As(_) => Ok(()),
        Added::NameTaken => Err(Trouble::Failed(format!(
            "There is somebody called {name} already, or by a name that looks like it: log-center \
             admin reset gives them another password."
        ))),
        Added::TooMany => Err(Trouble::Failed("There are too many people already.".into())),
    }
}

fn reset(folder: &Path, name: &str, hash: &str) -> Result<(), Trouble> {
    let found = changed(folder, |db| {
        let Some(secret) = people::secret(db, name)? else { return Ok(false) };
        people::set_secret(db, secret.person, hash)?;
        people::set_role(db, secret.person, Role::Administrator)?;
        people::set_disabled(db, secret.person, None)?;
        totp::remove(db, secret.person)?;
        passkeys::remove_all(db, secret.person)?;
        identities::unlink_all(db, secret.person)?;
        sessions::end_others(db, secret.person, None)?;
        audit::add(db, &note("person.reset", name), app::now())?;
        Ok(true)
    })?;
    if found { Ok(()) } else { Err(Trouble::Failed(format!("There is nobody called {name}."))) }
}

fn note(action: &'static str, name: &str) -> Note {
    Note {
        who: Who { name: "command line".into(), verified: false },
        address: "local".into(),
        action,
        object: name.to_owned(),
        detail: json!({ "role": Role::Administrator }),
    }
}

/// Makes a change in one transaction.
fn changed<T>(
    folder: &Path,
    change: impl FnOnce(&mut dyn Engine) -> store::Result<T>,
) -> Result<T, Trouble> {
    let mut writer = store::open(folder, KEPT_MAX).map_err(Trouble::Failed)?;
    let db = &mut writer.db;
    let all = db.begin().and_then(|()| change(db)).and_then(|made| db.commit().map(|()| made));
    all.map_err(|error| Trouble::Failed(format!("Nothing was changed: {error}.")))
}
