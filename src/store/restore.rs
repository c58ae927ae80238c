//! Puts a backup in the place of a data folder's database, and back.
//!
//! Invariant: a restore that is cut short, at any point, leaves either the old database or, after
//! the next start, the new one: [`settle`] goes on from wherever it stopped.

use std::fs;
use std::io;
use std::path::Path;

use super::backup::{
    Unsealed, create_folder, create_private_copy, give_to_owner_of, sum, sync_folder,
};
use super::engine::{Engine, Row, all};
use super::error::Result;
use super::seal::Keyring;
use super::verify::{self, Depth, Held};
use super::{FILE_NAME, LOCK_NAME, Place, Sqlite, Writer};
use super::{audit, invitations, keys, notices, people, sessions, totp};
use crate::domain::trust::audit::Note;
use crate::domain::trust::key::Key;
use crate::domain::trust::person::Person;

/// Where the data of before is kept.
pub const ASIDE: &str = "before-restore";
/// A copy that is not known to be sound yet: worth nothing after a crash.
const FRESH: &str = "restore-fresh";
/// Sound, and the old database is not out of its way yet.
const READY: &str = "restore-ready";
/// Nothing is in its way any more.
const PLACING: &str = "restore-placing";

/// The database and the log that belongs to it.
fn files() -> [String; 2] {
    [format!("{FILE_NAME}-wal"), FILE_NAME.to_owned()]
}

/// Copies a backup beside the database of a folder that is locked, opens it as a server would,
/// which brings it to the present schema, and checks it. What it holds.
pub fn bring(folder: &Path, from: &Path) -> std::result::Result<Held, Unsealed> {
    let fresh = folder.join(FRESH);
    remove_folder(&fresh)?;
    create_folder(&fresh)?;
    let place = Place::of(&fresh);
    create_private_copy(from, place.path())?;
    if sum(place.path())? != sum(from)? {
        return Err(Unsealed::Unsound("its copy differs".into()));
    }
    // As a server would: it has to open, at the least.
    drop(super::open(&fresh, i64::MAX).map_err(Unsealed::Unsound)?);
    let mut db = Sqlite::open_to_verify(place.path())?;
    let verdict = verify::verify(&mut db, Depth::Quick)?;
    drop(db);
    match verdict.faults.into_iter().next() {
        Some(fault) => Err(Unsealed::Unsound(fault)),
        None => {
            fs::File::open(place.path())?.sync_all()?;
            Ok(verdict.held)
        }
    }
}

/// What becomes of the logins and links of a database that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logins {
    /// Those that were ended, or used, since then must not be good again.
    End,
    /// They go on, e.g. on a new machine.
    Keep,
}

/// What becomes of notifications of a database that comes back that wait there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// They are given up: most were sent after the copy was made.
    GiveUp,
    /// They are sent.
    Keep,
}

/// Whom a database that comes back lets in.
#[derive(Clone, Debug)]
pub struct LetIn {
    /// Everybody who can log in.
    pub people: Vec<Person>,
    /// Keys that can be used.
    pub keys: Vec<Key>,
    /// Sessions and invitations that were ended.
    pub ended: usize,
    /// Notifications that were given up.
    pub given_up: usize,
}

/// Ends the logins of a database that comes back, records that it came, and tells whom it lets in.
pub fn let_in(
    writer: &mut Writer,
    (logins, waiting): (Logins, Waiting),
    note: &Note,
    now: i64,
) -> Result<LetIn> {
    let db = &mut writer.db;
    db.begin()?;
    let made = (|| {
        let given_up = match waiting {
            Waiting::Keep => 0,
            Waiting::GiveUp => notices::give_up(db, now)?,
        };
        let ended = match logins {
            Logins::Keep => 0,
            Logins::End => {
                // What was used since the copy was made is not good again.
                totp::end_codes(db)?;
                notices::end_links(db)?;
                sessions::end_all(db)? + invitations::remove_all(db)?
            }
        };
        let (people, keys) = known(db, now)?;
        if !people.is_empty() || !keys.is_empty() {
            audit::add(db, note, now)?;
        }
        db.commit()?;
        Ok(LetIn { people, keys, ended, given_up })
    })();
    if made.is_err() {
        db.rollback();
    }
    made
}

/// As [`let_in`] tells them, of a file that nobody touches.
pub fn known_of(path: &Path, now: i64) -> Result<(Vec<Person>, Vec<Key>)> {
    known(&mut Sqlite::open_to_verify(path)?, now)
}

/// Who can log in, and the keys that can be used.
fn known(db: &mut dyn Engine, now: i64) -> Result<(Vec<Person>, Vec<Key>)> {
    let mut people = people::list(db)?;
    people.retain(|person| person.disabled_at.is_none());
    let keys = keys::usable(db, now)?.into_iter().map(|(_, key)| key).collect();
    Ok((people, keys))
}

/// Whose secrets the key of a folder does not open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// People whose login asks for a code that nobody can check.
    pub people: Vec<String>,
    /// Channels whose addresses nobody can read.
    pub channels: Vec<String>,
}

/// Looks for what was sealed with another key than the folder's.
pub fn unread(db: &mut dyn Engine, keyring: &Keyring) -> Result<Unread> {
    let is_unread =
        |(name, sealed): (String, Vec<u8>)| keyring.unseal(&sealed).is_none().then_some(name);
    let named = |row: &dyn Row| (row.text(0).to_owned(), row.blob(1).to_vec());
    let people = "select p.name, t.secret from person_totp t join person p on p.id = t.person \
                  where t.enabled_at is not null and p.disabled_at is null order by p.name";
    let channels = "select name, secrets from channel order by name";
    let mut found = |sql| -> Result<Vec<String>> {
        Ok(all(db, sql, &[], named)?.into_iter().filter_map(is_unread).collect())
    };
    Ok(Unread { people: found(people)?, channels: found(channels)? })
}

/// As [`let_in`], of what [`bring`] made.
pub fn let_in_brought(
    folder: &Path,
    kept: (Logins, Waiting),
    note: &Note,
    now: i64,
) -> std::result::Result<LetIn, Unsealed> {
    let fresh = folder.join(FRESH);
    let mut writer = super::open(&fresh, i64::MAX).map_err(Unsealed::Unsound)?;
    let told = let_in(&mut writer, kept, note, now)?;
    drop(writer);
    fs::File::open(Place::of(&fresh).path())?.sync_all()?;
    Ok(told)
}

/// Removes what [`bring`] made.
pub fn give_up(folder: &Path) -> Result<()> {
    remove_folder(&folder.join(FRESH))
}

/// Puts what was brought in the place of the database, which goes aside.
pub fn place(folder: &Path) -> Result<()> {
    remove_folder(&folder.join(ASIDE))?;
    let fresh = folder.join(FRESH);
    for entry in fs::read_dir(&fresh)? {
        give_to_owner_of(folder, &entry?.path())?;
    }
    give_to_owner_of(folder, &fresh)?;
    sync_folder(&fresh)?;
    fs::rename(fresh, folder.join(READY))?;
    settle(folder)
}

/// Puts back what the last restore put aside; what is there now goes aside. `false` if there is
/// nothing to put back.
pub fn undo(folder: &Path) -> Result<bool> {
    if !folder.join(ASIDE).join(FILE_NAME).exists() {
        return Ok(false);
    }
    fs::rename(folder.join(ASIDE), folder.join(READY))?;
    settle(folder)?;
    Ok(true)
}

/// Whether a restore, or the undoing of one, was cut short while it moved files.
pub fn is_unfinished(folder: &Path) -> bool {
    folder.join(READY).exists() || folder.join(PLACING).exists()
}

/// Goes on with a restore that was cut short.
pub fn settle(folder: &Path) -> Result<()> {
    // Nobody knows whether it is sound: whoever began it was killed.
    give_up(folder)?;
    let (ready, placing, aside) = (folder.join(READY), folder.join(PLACING), folder.join(ASIDE));
    if ready.exists() {
        create_folder(&aside)?;
        give_to_owner_of(folder, &aside)?;
        for file in files() {
            rename_if_there(&folder.join(&file), &aside.join(&file))?;
        }
        // It belongs to a log that is gone, and is made anew.
        let _none = fs::remove_file(folder.join(format!("{FILE_NAME}-shm")));
        sync_folder(&aside)?;
        // A folder that held nothing before leaves nothing to go back to.
        let _filled = fs::remove_dir(&aside);
        fs::rename(&ready, &placing)?;
        sync_folder(folder)?;
    }
    if placing.exists() {
        for file in files() {
            rename_if_there(&placing.join(&file), &folder.join(&file))?;
        }
        sync_folder(folder)?;
        remove_folder(&placing)?;
    }
    Ok(())
}

fn rename_if_there(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => Ok(other?),
    }
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => Ok(other?),
    }
}

/// Gives what a restore made to the owner of its folder.
pub fn hand_over(folder: &Path) -> Result<()> {
    let all = [folder.join(FILE_NAME), folder.join(LOCK_NAME), folder.join(ASIDE)];
    all.iter().filter(|path| path.exists()).try_for_each(|path| give_to_owner_of(folder, path))
}
