//! `log-center restore`: a backup into the place of the data, and back.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use super::backup::{Folders, unsealed};
use super::holder::holder;
use super::terminal;
use super::transfer::size;
use super::trouble::Trouble;
use super::verify::{contents, file};
use crate::app;
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::domain::trust::key::Key;
use crate::domain::trust::person::Person;
use crate::ingest;
use crate::store::migrate::SCHEMA_VERSION;
use crate::store::restore::{self, ASIDE, LetIn, Logins, Unread, Waiting};
use crate::store::seal::{KEY_NAME, Keyring};
use crate::store::verify::Depth;
use crate::store::{self, Place, Writer};

/// Bytes that have to stay free: a server wants as much.
const SPARE_BYTES: u64 = 128 * 1_024 * 1_024;

/// People and keys that are named.
const NAMES_MAX: usize = 50;

const EXAMPLES: &str = "\
Examples:
  log-center restore --dry-run /mnt/nas/log-center-20261129T033000Z-scheduled.db
  log-center restore /mnt/nas/log-center-20261129T033000Z-scheduled.db
  log-center restore --undo

The server has to be stopped. The data of before is kept in before-restore
inside the data folder, until the next restore or until you delete it. Everybody
has to log in again.";

/// Put a backup in the place of the data
///
/// The backup is checked, copied, opened and checked again before anything is moved.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Restore {
    /// What `log-center backup` made
    #[arg(value_name = "FILE", required_unless_present = "undo")]
    from: Option<PathBuf>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Put back the data of before the last restore
    #[arg(long, conflicts_with = "from")]
    undo: bool,
    /// Leave the logins and invitations of the backup good
    ///
    /// Without it they end: one that was ended, or used, since then would be good again.
    #[arg(long)]
    keep_sessions: bool,
    /// Send the notifications that waited in the backup
    ///
    /// Without it they are given up: most were sent after the backup was made.
    #[arg(long)]
    keep_notices: bool,
    /// Say nothing
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    folders: Folders,
}

impl Restore {
    /// Restores, or goes back.
    pub(super) fn run(self) -> Result<(), Trouble> {
        let folder = self.folders.data()?;
        // The lock is not touched in vain: that could stop a start.
        if holder(&folder).is_some() {
            let shown = folder.display();
            return Err(Trouble::Failed(format!("A Log Center uses {shown}. Stop it first.")));
        }
        if restore::is_unfinished(&folder) {
            return self.finish(&folder);
        }
        match &self.from {
            Some(from) => self.restore(from, &folder),
            None => self.go_back(&folder),
        }
    }

    /// Ends what was cut short, and nothing else: to begin anew would remove the data of before.
    fn finish(&self, folder: &Path) -> Result<(), Trouble> {
        if self.dry_run {
            return self.say("A restore was cut short: it would be finished first.");
        }
        let lock = locked(folder)?;
        restore::settle(folder).map_err(|error| unfinished(&error))?;
        drop(open(folder, lock)?);
        self.say("The restore that was cut short is finished. For another one, run this again.")
    }

    fn restore(&self, from: &Path, folder: &Path) -> Result<(), Trouble> {
        if has_log(from) {
            let shown = from.display();
            return Err(Trouble::Failed(format!(
                "{shown} is no whole backup: a part of it stands in {shown}-wal. Start and stop a \
                 Log Center on its folder first, or make a backup of that with log-center backup."
            )));
        }
        let found = file(from, Depth::Full)?;
        if !found.faults.is_empty() {
            return Err(Trouble::Failed(format!("{} Nothing was changed.", found.shown())));
        }
        self.has_room(from, folder)?;
        let (shown, contents) = (folder.display(), contents(&found.held));
        if self.dry_run {
            let before = if Place::of(folder).path().exists() {
                format!(" The data that is there would go to {}.", folder.join(ASIDE).display())
            } else {
                String::new()
            };
            self.say(&format!("Would restore into {shown}: {contents}.{before}"))?;
            return self.foretell(from, found.held.schema);
        }
        let lock = locked(folder)?;
        if let Err(error) = restore::bring(folder, from) {
            let _left = restore::give_up(folder);
            return Err(unsealed(&error));
        }
        let note = note("data.restore", &from.display().to_string());
        let let_in = restore::let_in_brought(folder, self.kept(self.waiting()), &note, app::now());
        let let_in = let_in.map_err(|error| {
            let _left = restore::give_up(folder);
            unsealed(&error)
        })?;
        restore::place(folder).map_err(|error| unfinished(&error))?;
        let mut writer = open(folder, lock)?;
        let unread = unread(&mut writer, folder)?;
        drop(writer);
        let undo = if folder.join(ASIDE).exists() {
            format!(
                " The data of before is in {}: log-center restore --undo puts it back.",
                folder.join(ASIDE).display()
            )
        } else {
            String::new()
        };
        self.say(&format!("Restored into {shown}: {contents}.{undo}"))?;
        self.tell(&let_in)?;
        self.tell_unread(&unread)
    }

    fn go_back(&self, folder: &Path) -> Result<(), Trouble> {
        let aside = folder.join(ASIDE);
        let none = || {
            let shown = folder.display();
            Trouble::Failed(format!("No restore was made in {shown} that could be undone."))
        };
        if !aside.exists() {
            return Err(none());
        }
        if self.dry_run {
            let shown = aside.display();
            return self.say(&format!("Would put back the data in {shown}."));
        }
        let lock = locked(folder)?;
        if !restore::undo(folder).map_err(|error| unfinished(&error))? {
            return Err(none());
        }
        let mut writer = open(folder, lock)?;
        let let_in = restore::let_in(
            &mut writer,
            self.kept(Waiting::Keep),
            &note("data.undo", "data"),
            app::now(),
        );
        let let_in = let_in.map_err(|error| {
            Trouble::Failed(format!("The data of before is back, but not its logins: {error}."))
        })?;
        let unread = unread(&mut writer, folder)?;
        drop(writer);
        let shown = aside.display();
        self.say(&format!("The data of before is back; what was there is in {shown}."))?;
        self.tell(&let_in)?;
        self.tell_unread(&unread)
    }

    fn kept(&self, waiting: Waiting) -> (Logins, Waiting) {
        (if self.keep_sessions { Logins::Keep } else { Logins::End }, waiting)
    }

    fn waiting(&self) -> Waiting {
        if self.keep_notices { Waiting::Keep } else { Waiting::GiveUp }
    }

    /// Says whom the data lets in: somebody may have been shut out, or a key ended, since then.
    fn tell(&self, let_in: &LetIn) -> Result<(), Trouble> {
        let LetIn { people, keys, ended, given_up } = let_in;
        if *given_up > 0 {
            self.say(&format!(
                "Notifications that waited in it: {given_up}. They are given up, as most were sent \
                 since; the dashboard can try them again. --keep-notices would send them."
            ))?;
        }
        if people.is_empty() && keys.is_empty() {
            return Ok(());
        }
        self.say(&format!(
            "It lets in, as it did then: {}. Shut out, and end, what should not be good any more. \
             {}",
            named(people, keys),
            match (self.keep_sessions, ended) {
                (true, _) => "Its logins and invitations go on.".to_owned(),
                (false, 0) => "Nobody is logged in.".to_owned(),
                (false, n) => format!(
                    "Its {n} logins and invitations have ended, and so have codes to recover \
                     with: make new ones."
                ),
            }
        ))
    }

    /// Says whom the data would let in.
    fn foretell(&self, from: &Path, schema: i64) -> Result<(), Trouble> {
        if schema < SCHEMA_VERSION {
            return self
                .say("It is of an earlier version: whom it lets in is said when it is restored.");
        }
        let known = restore::known_of(from, app::now());
        let (people, keys) = known.map_err(|error| {
            Trouble::Failed(format!("Whom it lets in cannot be read: {error}."))
        })?;
        if people.is_empty() && keys.is_empty() {
            return Ok(());
        }
        self.say(&format!("It would let in, as it did then: {}.", named(&people, &keys)))
    }

    /// Says what was sealed with a key that is not here.
    fn tell_unread(&self, Unread { people, channels }: &Unread) -> Result<(), Trouble> {
        if people.is_empty() && channels.is_empty() {
            return Ok(());
        }
        self.say(&format!(
            "{KEY_NAME}, the key that its secrets are sealed with, is not in this folder. Without \
             it these channels send nothing: {}; and these people's codes cannot be checked: {}. \
             Bring the file from the machine where the backup was made. Or enter the channels' \
             addresses again, and take the second step away with log-center people change NAME \
             --reset-totp, or with log-center admin reset.",
            listed(channels.clone()),
            listed(people.clone()),
        ))
    }

    fn has_room(&self, from: &Path, folder: &Path) -> Result<(), Trouble> {
        let bytes = std::fs::metadata(from).map_or(0, |file| file.len());
        // A folder that is not made yet is on the disk of one above it.
        let free = folder.ancestors().find_map(ingest::free_bytes).unwrap_or(u64::MAX);
        if free >= bytes + SPARE_BYTES {
            return Ok(());
        }
        Err(Trouble::Failed(format!(
            "There is no room for it: {} are needed, {} are free.",
            size(bytes + SPARE_BYTES),
            size(free)
        )))
    }

    fn say(&self, text: &str) -> Result<(), Trouble> {
        if self.quiet {
            return Ok(());
        }
        terminal::say(&terminal::block(text))
    }
}

/// Takes the folder, in a way that its owner can take it afterwards.
fn locked(folder: &Path) -> Result<File, Trouble> {
    let lock = store::lock(folder).map_err(Trouble::Failed)?;
    hand_over(folder)?;
    Ok(lock)
}

fn hand_over(folder: &Path) -> Result<(), Trouble> {
    restore::hand_over(folder).map_err(|error| {
        let shown = folder.display();
        Trouble::Failed(format!("The files in {shown} could not be given to its owner: {error}."))
    })
}

/// Opens what is in place now, as the server will.
fn open(folder: &Path, lock: File) -> Result<Writer, Trouble> {
    hand_over(folder)?;
    store::open_locked(folder, lock, i64::MAX).map_err(Trouble::Failed)
}

fn unread(writer: &mut Writer, folder: &Path) -> Result<Unread, Trouble> {
    restore::unread(&mut writer.db, &Keyring::of(folder))
        .map_err(|error| Trouble::Failed(format!("It is restored, but cannot be read: {error}.")))
}

fn note(action: &'static str, object: &str) -> Note {
    Note {
        who: Who { name: "command line".into(), verified: false },
        address: "local".into(),
        action,
        object: object.to_owned(),
        detail: serde_json::json!({}),
    }
}

/// People with what they log in by without a password, and keys.
fn named(people: &[Person], keys: &[Key]) -> String {
    let person = |one: &Person| {
        let passkeys = match one.passkeys {
            0 => String::new(),
            1 => ", 1 passkey".to_owned(),
            n => format!(", {n} passkeys"),
        };
        format!("{} ({}{passkeys})", one.name, one.role.name())
    };
    let key = |one: &Key| format!("{} ({}…)", one.name, one.shown);
    let people = listed(people.iter().map(person).collect());
    format!("{people}; with the keys: {}", listed(keys.iter().map(key).collect()))
}

/// The first of some names, and how many more there are.
fn listed(names: Vec<String>) -> String {
    if names.is_empty() {
        return "none".into();
    }
    let more = names.len().saturating_sub(NAMES_MAX);
    let mut shown = names.into_iter().take(NAMES_MAX).collect::<Vec<_>>().join(", ");
    if more > 0 {
        shown += &format!(" and {more} more");
    }
    shown
}

/// Whether a database's last writes stand in a file beside it.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

fn unfinished(error: &store::Error) -> Trouble {
    Trouble::Failed(format!(
        "The restore stopped half way: {error}. The next start, or the same command, finishes it."
    ))
}
