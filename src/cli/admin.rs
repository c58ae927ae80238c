//! `log-center admin`: the administrator that a server begins with, made on its own machine.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};

use super::holder::holder;
use super::secret_input;
use super::terminal;
use super::trouble::Trouble;
use crate::app;
use crate::app::trust::wish::{self, ANSWER, Act, Answer, Outcome, WISH, Wish};
use crate::app::trust::{passwords, secret};
use crate::config::data_dir_default;
use crate::domain::trust::password;
use crate::domain::trust::person::name_fault;
use crate::store;
use crate::store::engine::Engine;

/// Events of an issue that stay, for a look at the database: nothing is removed here.
const KEPT_MAX: i64 = 1_000;
/// How long a running server may take; it looks once a second.
const ANSWER_TIME: Duration = Duration::from_secs(10);
const ANSWER_PAUSE: Duration = Duration::from_millis(50);

const EXAMPLES: &str = "\
Examples:
  log-center admin create ann
  pwgen 24 1 | log-center admin create ann --data /var/lib/log-center
  log-center admin reset ann

Who may write its data folder may do this, whether the server runs or not.
Everything after the first administrator also goes in the dashboard, and with
log-center people and log-center keys.";

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
    /// Does it, or has the server that uses the folder do it.
    pub(super) fn run(self) -> Result<(), Trouble> {
        let (Named { name, data }, act) = match self.what {
            What::Create(named) => (named, Act::Create),
            What::Reset(named) => (named, Act::Reset),
        };
        let folder = data.map_or_else(data_dir_default, Ok).map_err(Trouble::Usage)?;
        if let Some(fault) = name_fault(&name).filter(|_| act == Act::Create) {
            return Err(Trouble::Usage(format!("{name:?} is no name: {fault}.")));
        }
        let typed = secret_input::password(&format!("Password for {name}: "))?;
        if let Some(fault) = password::fault(&typed, &name) {
            return Err(Trouble::Usage(format!("The password is refused: {fault}.")));
        }
        let hash = passwords::hash(&typed)
            .map_err(|error| Trouble::Failed(format!("The password cannot be hashed: {error}.")))?;
        let id = secret::fresh().map_err(Trouble::Failed)?;
        let wish = Wish { id, act, name, hash };
        // The lock is not touched in vain: that could stop a start.
        let is_running = holder(&folder).is_some();
        let outcome = if is_running { ask(&folder, &wish)? } else { fulfil(&folder, &wish)? };
        told(&wish, outcome, is_running)
    }
}

/// Does it, while no server uses the folder.
fn fulfil(folder: &Path, wish: &Wish) -> Result<Outcome, Trouble> {
    let mut writer = store::open(folder, KEPT_MAX).map_err(Trouble::Failed)?;
    let db = &mut writer.db;
    let change = |db: &mut dyn Engine| wish.fulfil(db, app::now());
    let all = db.begin().and_then(|()| change(db)).and_then(|made| db.commit().map(|()| made));
    all.map_err(|error| Trouble::Failed(format!("Nothing was changed: {error}.")))
}

/// Asks the server that uses the folder, by a file that only its owner can put there.
fn ask(folder: &Path, wish: &Wish) -> Result<Outcome, Trouble> {
    let (shown, asked) = (folder.display(), folder.join(WISH));
    wish::put(folder, WISH, wish).map_err(|error| {
        Trouble::Failed(format!("A Log Center uses {shown}, and cannot be asked there: {error}."))
    })?;
    let until = Instant::now() + ANSWER_TIME;
    while Instant::now() < until {
        let answer: Option<Answer> = wish::read(&folder.join(ANSWER));
        if let Some(answer) = answer.filter(|answer| answer.id == wish.id) {
            let _left = std::fs::remove_file(folder.join(ANSWER));
            return Ok(answer.outcome);
        }
        std::thread::sleep(ANSWER_PAUSE);
    }
    let is_taken = std::fs::remove_file(asked).is_err();
    Err(Trouble::Failed(if is_taken {
        format!("The Log Center that uses {shown} took it on and did not answer: its log says why.")
    } else {
        format!(
            "A program uses {shown} and does not answer: a restore, or an older Log Center. Stop \
             it, or wait for its end, and run this again."
        )
    }))
}

fn told(wish: &Wish, outcome: Outcome, is_running: bool) -> Result<(), Trouble> {
    let name = &wish.name;
    let failed = |why: String| Err(Trouble::Failed(why));
    match (outcome, wish.act) {
        (Outcome::Done, Act::Create) if is_running => {
            terminal::say(&format!("{name} is an administrator, and can log in."))
        }
        (Outcome::Done, Act::Create) => {
            terminal::say(&format!("{name} is an administrator. Start the server, and log in."))
        }
        (Outcome::Done, Act::Reset) => {
            terminal::say(&format!("{name} can log in with this password."))
        }
        (Outcome::NameTaken, _) => failed(format!(
            "There is somebody called {name} already, or by a name that looks like it: log-center \
             admin reset gives them another password."
        )),
        (Outcome::TooMany, _) => failed("There are too many people already.".into()),
        (Outcome::Nobody, _) => failed(format!("There is nobody called {name}.")),
        (Outcome::Failed(why), _) => failed(format!("Nothing was changed: {why}.")),
    }
}
