//! What the owner of the data folder asks for while the server runs: an administrator. The wish is
//! a file in the folder, which nobody else can write, and so is the answer; the server alone
//! changes its database.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::App;
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::domain::trust::role::Role;
use crate::store::backup::put_file;
use crate::store::engine::Engine;
use crate::store::people::{self, Added, NewPerson};
use crate::store::{self, audit, identities, passkeys, sessions, totp};

/// The file with a wish. It is put there whole, by a new name.
pub const WISH: &str = "admin.wish";
/// The file with the answer.
pub const ANSWER: &str = "admin.answer";
/// Between two looks for a wish.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const BYTES_MAX: u64 = 4_096;
/// Bits of a mode by which others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Add an administrator.
    Create,
    /// Let somebody in again, as an administrator.
    Reset,
}

/// A wish.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wish {
    /// By which its answer is known.
    pub id: String,
    /// What.
    pub act: Act,
    /// For whom.
    pub name: String,
    /// What is kept of the password.
    pub hash: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is so.
    Done,
    /// Somebody is called so, or alike.
    NameTaken,
    /// There are as many people as there may be.
    TooMany,
    /// Nobody is called so.
    Nobody,
    /// Nothing was changed: why.
    Failed(String),
}

/// The answer to a wish.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// To which.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl Wish {
    /// Does it, within the transaction that is open.
    pub fn fulfil(&self, db: &mut dyn Engine, now: i64) -> store::Result<Outcome> {
        match self.act {
            Act::Create => self.create(db, now),
            Act::Reset => self.reset(db, now),
        }
    }

    fn create(&self, db: &mut dyn Engine, now: i64) -> store::Result<Outcome> {
        let new = NewPerson {
            name: &self.name,
            role: Role::Administrator,
            projects: None,
            secret: Some(&self.hash),
        };
        match people::add(db, &new, now)? {
            Added::As(_) => audit::add(db, &self.note("person.add"), now).map(|()| Outcome::Done),
            Added::NameTaken => Ok(Outcome::NameTaken),
            Added::TooMany => Ok(Outcome::TooMany),
        }
    }

    fn reset(&self, db: &mut dyn Engine, now: i64) -> store::Result<Outcome> {
        let Some(secret) = people::secret(db, &self.name)? else { return Ok(Outcome::Nobody) };
        people::set_secret(db, secret.person, &self.hash)?;
        people::set_role(db, secret.person, Role::Administrator)?;
        people::set_disabled(db, secret.person, None)?;
        totp::remove(db, secret.person)?;
        passkeys::remove_all(db, secret.person)?;
        identities::unlink_all(db, secret.person)?;
        sessions::end_others(db, secret.person, None)?;
        audit::add(db, &self.note("person.reset"), now)?;
        Ok(Outcome::Done)
    }

    fn note(&self, action: &'static str) -> Note {
        Note {
            who: Who { name: "command line".into(), verified: false },
            address: "local".into(),
            action,
            object: format!("person {}", self.name),
            detail: json!({ "role": Role::Administrator }),
        }
    }
}

impl App {
    /// Does what the folder's owner wishes, again and again.
    pub async fn grant_wishes(&self, folder: &Path) {
        // Whoever left one behind before the start does not wait for it any more.
        let _none = fs::remove_file(folder.join(WISH));
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(wish) = take(folder) else { continue };
            let outcome = self.grant(wish.clone()).await;
            tracing::info!(name = ?wish.name, act = ?wish.act, ?outcome, "asked for in the folder");
            if let Err(cause) = put(folder, ANSWER, &Answer { id: wish.id, outcome }) {
                tracing::error!(%cause, "the answer cannot be written");
            }
        }
    }

    async fn grant(&self, wish: Wish) -> Outcome {
        let (act, now) = (wish.act, self.now());
        let granted = self.write_trust(move |writer| wish.fulfil(&mut writer.db, now)).await;
        self.live.rethink();
        if matches!(granted, Ok(Outcome::Done)) && act == Act::Create {
            self.trust.came();
        }
        granted.unwrap_or_else(|failure| Outcome::Failed(format!("{failure:?}")))
    }
}

/// The wish that lies in the folder, if it is its owner's; it is gone then.
fn take(folder: &Path) -> Option<Wish> {
    let path = folder.join(WISH);
    let about = fs::symlink_metadata(&path).ok()?;
    let owner = fs::metadata(folder).ok()?.uid();
    let is_owners = about.is_file() && about.uid() == owner && about.mode() & OTHERS_WRITE == 0;
    let wish = is_owners.then(|| read(&path)).flatten();
    if let Err(cause) = fs::remove_file(&path) {
        tracing::error!(%cause, "what was asked for in the folder cannot be taken");
        return None;
    }
    if wish.is_none() {
        tracing::warn!("{WISH} is not its folder's owner's, or is none");
    }
    wish
}

/// What a file of the folder says, if it is whole.
pub fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(BYTES_MAX).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Puts a file into the folder, whole, for its owner alone.
pub fn put(folder: &Path, name: &str, what: &impl Serialize) -> store::Result<()> {
    let text = serde_json::to_vec(what).expect("it has no odd keys");
    put_file(folder, name, &text)
}
