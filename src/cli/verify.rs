//! `log-center verify`: whether a backup or a data folder is sound.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::backup::{Folders, made_by};
use super::holder::holder;
use super::remote::Server;
use super::terminal::{self, thousands};
use super::trouble::Trouble;
use crate::domain::timestamp;
use crate::store::sqlite::Sqlite;
use crate::store::verify::{self, Depth, Held, Verdict};
use crate::store::{self, FILE_NAME, Place, backup};

const EXAMPLES: &str = "\
Examples:
  log-center verify /mnt/nas/log-center-20261129T033000Z-scheduled.db
  log-center verify /mnt/nas          Every backup in a folder
  log-center verify                   The data folder

Exit codes: 0 all is sound, 1 something is not. Of a data folder that a server
uses, the server makes a copy, which is looked at and removed.";

/// Find out whether a backup or the data is sound
///
/// Looks at every page and index, compares the counts of issues, hours, projects and events with
/// each other, and the file with its SHA-256. It changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// A backup, a folder of backups, or a data folder; default: the data folder
    #[arg(value_name = "FILE|DIR")]
    what: Option<PathBuf>,
    /// Do not compare indexes with their tables
    #[arg(long)]
    quick: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    server: Server,
}

/// What was found of one file.
#[derive(Debug)]
pub(super) struct Found {
    name: String,
    /// Whether the checksum beside it matches, if there is one.
    sum_matches: Option<bool>,
    pub(super) held: Held,
    pub(super) faults: Vec<String>,
}

impl Verify {
    /// Looks at everything, prints what it found.
    pub(super) async fn run(self) -> Result<ExitCode, Trouble> {
        let what = match &self.what {
            Some(what) => what.clone(),
            None => self.folders.data()?,
        };
        let depth = if self.quick { Depth::Quick } else { Depth::Full };
        // A file of a data folder is looked at with the log that belongs to it.
        let is_data = what.file_name().is_some_and(|name| name == FILE_NAME);
        let folder = if is_data { what.parent().unwrap_or(Path::new("")) } else { &what };
        let found = if Place::of(folder).path().exists() {
            vec![self.data(folder, depth).await?]
        } else if what.is_dir() {
            let all = backup::list(&what).map_err(|error| unreadable(&what, &error))?;
            let named = all.iter().map(|one| what.join(one.name.to_string()));
            let others = backup::others(&what).map_err(|error| unreadable(&what, &error))?;
            named.chain(others).map(|path| file(&path, depth)).collect::<Result<_, _>>()?
        } else {
            vec![file(&what, depth)?]
        };
        if found.is_empty() {
            let shown = what.display();
            return Err(Trouble::Failed(format!("There is neither data nor a backup in {shown}.")));
        }
        self.print(&found)?;
        let is_sound = found.iter().all(|one| one.faults.is_empty());
        Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn data(&self, folder: &Path, depth: Depth) -> Result<Found, Trouble> {
        if holder(folder).is_none() {
            return file(Place::of(folder).path(), depth);
        }
        // To read all of it would hold a snapshot, and the log of writes would grow meanwhile.
        let made = made_by(&mut self.server.remote()?, true).await?;
        let folders = Folders { data: Some(folder.to_owned()), ..self.folders.clone() };
        let copies = folders.backups()?;
        let copy = copies.join(&made.name);
        if !copy.exists() {
            return Err(Trouble::Failed(format!(
                "The server at {} does not use {}: name its address with --url.",
                self.server.url,
                folder.display()
            )));
        }
        let found = file(&copy, depth).map(|found| {
            let name = format!("{} (a copy of it)", folder.join(FILE_NAME).display());
            Found { name, sum_matches: None, ..found }
        });
        if let Some(name) = crate::domain::backup::Name::parse(&made.name) {
            backup::remove(&copies, name).map_err(|error| unreadable(&copy, &error))?;
        }
        found
    }

    fn print(&self, found: &[Found]) -> Result<(), Trouble> {
        if self.json {
            let files: Vec<Value> = found.iter().map(Found::json).collect();
            let is_sound = found.iter().all(|one| one.faults.is_empty());
            return terminal::say_json(&json!({ "ok": is_sound, "files": files }));
        }
        found.iter().try_for_each(|one| terminal::say(&terminal::block(&one.shown())))
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::Failed(format!("{} cannot be read: {error}.", path.display()))
}

/// Looks at one file.
pub(super) fn file(path: &Path, depth: Depth) -> Result<Found, Trouble> {
    // SQLite would not say what is wrong with it.
    let about = std::fs::File::open(path).and_then(|file| file.metadata());
    if about.map_err(|error| unreadable(path, &error))?.is_dir() {
        return Err(unreadable(path, &"it is a folder, not a backup"));
    }
    let mut faults = Vec::new();
    let sum_matches = match backup::expected_sum(path) {
        None if backup::has_sum(path) => {
            faults.push("the SHA-256 beside it cannot be read".to_owned());
            Some(false)
        }
        None => None,
        Some(expected) => {
            let sum = backup::sum(path).map_err(|error| unreadable(path, &error))?;
            if sum != expected {
                faults.push("its SHA-256 is not the one beside it".to_owned());
            }
            Some(sum == expected)
        }
    };
    let failed = |error: store::Error| unreadable(path, &error);
    let verdict = Sqlite::open_to_verify(path).and_then(|mut db| verify::verify(&mut db, depth));
    let Verdict { held, faults: more } = match verdict {
        // What SQLite cannot even open.
        Err(store::Error::Engine(why) | store::Error::Damaged(why)) => {
            Verdict { faults: vec![format!("it is damaged: {why}")], ..Verdict::default() }
        }
        other => other.map_err(failed)?,
    };
    faults.extend(more);
    Ok(Found { name: path.display().to_string(), sum_matches, held, faults })
}

impl Found {
    /// For programs.
    fn json(&self) -> Value {
        json!({
            "file": self.name,
            "ok": self.faults.is_empty(),
            "faults": self.faults,
            "sha256_matches": self.sum_matches,
            "schema": self.held.schema,
            "projects": self.held.projects,
            "issues": self.held.issues,
            "events": self.held.events,
            "reports": self.held.reports,
            "newest_at": self.held.newest_at.map(timestamp::format),
        })
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        let name = &self.name;
        if !self.faults.is_empty() {
            return format!("{name}: not sound: {}.", self.faults.join("; "));
        }
        let sum = match self.sum_matches {
            Some(_) => " Its SHA-256 matches.",
            None => "",
        };
        format!("{name}: sound. {}.{sum}", contents(&self.held))
    }
}

/// What a database holds, in words.
pub(super) fn contents(held: &Held) -> String {
    let newest = held
        .newest_at
        .map_or_else(String::new, |at| format!("; the newest came at {}", timestamp::format(at)));
    format!(
        "{} projects, {} issues, {} events, {} reports{newest}",
        thousands(held.projects),
        thousands(held.issues),
        thousands(held.events),
        thousands(held.reports)
    )
}
