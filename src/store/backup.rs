//! Backups as files of one folder: `NAME` with `NAME.sha256` beside it.
//!
//! Invariant: a file with a backup's name is a whole one. Until it was checked and the disk has
//! confirmed it, it is called `NAME.part`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, lchown};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::Place;
use super::error::{Error, Result};
use super::sqlite::Sqlite;
use super::verify::{self, Depth};
use crate::domain::backup::Name;

/// What follows the name of one that is not whole yet.
const PART: &str = ".part";
/// What follows the name of its checksum's file.
const SUM: &str = ".sha256";
/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 18;

/// A whole backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: Name,
    /// Bytes of its file.
    pub bytes: u64,
    /// The checksum beside it, if there is one.
    pub sha256: Option<String>,
    /// When it was whole, in milliseconds since 1970.
    pub finished_at: i64,
}

/// Why a copy did not become a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// A file could not be read or written.
    Store(Error),
    /// It is not sound: the first fault.
    Unsound(String),
}

impl From<Error> for Unsealed {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Unsealed {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The path of what follows a file's name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Creates a folder for its owner alone, unless it is there, and those above it; waits until the
/// disk has them: a power cut must not take a new folder with what is in it.
pub fn create_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    create_folder(parent)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        // Somebody was faster.
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => sync_folder(parent),
    }
}

/// Creates an empty file for its owner alone; there must be none.
pub fn create_file(path: &Path) -> Result<File> {
    Ok(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?)
}

/// Gives a file, or a folder without what is in it, to the owner of another folder: what root makes
/// must not keep a server from its own files. Where a link leads is left alone.
pub fn give_to_owner_of(folder: &Path, path: &Path) -> Result<()> {
    let (owner, found) = (fs::metadata(folder)?, fs::symlink_metadata(path)?);
    if found.uid() != owner.uid() {
        lchown(path, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

/// Puts a file into a folder, for its owner alone, in place of what has its name: whole, or not at
/// all.
pub fn put_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let (path, part) = (folder.join(name), beside(&folder.join(name), PART));
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut file = create_file(&part)?;
    give_to_owner_of(folder, &part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    sync_folder(folder)
}

/// Copies a file into a new one for its owner alone, and waits until the disk has it.
pub fn create_private_copy(from: &Path, to: &Path) -> Result<()> {
    let mut copy = create_file(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    Ok(copy.sync_all()?)
}

/// Where a backup grows until it is whole.
pub fn part(folder: &Path, name: Name) -> PathBuf {
    beside(&folder.join(name.to_string()), PART)
}

/// Removes what a killed program left: parts, and checksums of nothing.
pub fn sweep(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let file = entry.file_name();
        let Some(file) = file.to_str() else { continue };
        let left = match file.split_once(".db.") {
            Some((stem, "part" | "part-journal" | "part-wal" | "part-shm")) => {
                Name::parse(&format!("{stem}.db")).is_some()
            }
            Some((stem, "sha256")) => Name::parse(&format!("{stem}.db"))
                .is_some_and(|name| !folder.join(name.to_string()).exists()),
            _ => false,
        };
        if left {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The whole backups of a folder, the newest first. A folder that is not there has none.
pub fn list(folder: &Path) -> Result<Vec<Stored>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        // One that went just now is no fault.
        found.extend(name.to_str().and_then(Name::parse).and_then(|name| find(folder, name)));
    }
    found.sort_unstable_by_key(|stored| std::cmp::Reverse(stored.name));
    Ok(found)
}

/// Files of a folder that were given a name of their own but have a checksum, as a backup has.
pub fn others(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_named = path.file_name().and_then(|name| name.to_str()).and_then(Name::parse);
        if is_named.is_none() && path.is_file() && has_sum(&path) {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// One whole backup of a folder.
pub fn find(folder: &Path, name: Name) -> Option<Stored> {
    let path = folder.join(name.to_string());
    let about = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    // The checksum is the last thing that is written.
    let last = fs::metadata(beside(&path, SUM)).and_then(|sum| sum.modified());
    let finished = last.or_else(|_| about.modified()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Stored {
        name,
        bytes: about.len(),
        sha256: expected_sum(&path),
        finished_at: i64::try_from(finished.as_millis()).unwrap_or(i64::MAX),
    })
}

/// Removes one with its checksum.
pub fn remove(folder: &Path, name: Name) -> Result<()> {
    let path = folder.join(name.to_string());
    fs::remove_file(&path)?;
    // A checksum of nothing is swept at the next start.
    let _left = fs::remove_file(beside(&path, SUM));
    Ok(())
}

/// Makes a backup of a finished copy: checks it, writes its checksum, and gives it its name when
/// the disk has confirmed both.
pub fn seal(folder: &Path, name: Name) -> std::result::Result<Stored, Unsealed> {
    let (part, whole) = (part(folder, name), folder.join(name.to_string()));
    Sqlite::settle_copy(&part)?;
    File::open(&part)?.sync_all()?;
    let mut db = Sqlite::open_to_verify(&part)?;
    let verdict = verify::verify(&mut db, Depth::Quick)?;
    drop(db);
    if let Some(fault) = verdict.faults.into_iter().next() {
        return Err(Unsealed::Unsound(fault));
    }
    write_sum(&whole, &sum(&part)?)?;
    fs::rename(&part, &whole)?;
    sync_folder(folder)?;
    find(folder, name).ok_or_else(|| Unsealed::Unsound("it was removed meanwhile".into()))
}

/// Makes a backup of a data folder that no server uses: its lock is held.
pub fn make(data: &Path, folder: &Path, name: Name) -> std::result::Result<Stored, Unsealed> {
    let is_new = !folder.exists();
    create_folder(folder)?;
    if is_new {
        give_to_owner_of(data, folder)?;
    }
    let part = part(folder, name);
    create_file(&part)?;
    let mut db = Sqlite::open_writer(Place::of(data).path())?;
    let copied = db.begin_copy(&part).and_then(|()| db.copy_step(u32::MAX));
    db.end_copy();
    let sealed = copied.map_err(Unsealed::from).and_then(|_| seal(folder, name));
    if sealed.is_err() {
        let _left = fs::remove_file(part);
        return sealed;
    }
    let whole = folder.join(name.to_string());
    give_to_owner_of(data, &beside(&whole, SUM))?;
    give_to_owner_of(data, &whole)?;
    sealed
}

/// Gives a backup another path, on another disk too. It keeps its checksum, which has to match.
pub fn move_to(from: &Path, to: &Path, sha256: &str) -> std::result::Result<(), Unsealed> {
    write_sum(to, sha256)?;
    if fs::rename(from, to).is_err() {
        let part = beside(to, PART);
        let copied = create_private_copy(from, &part).and_then(|()| sum(&part));
        if copied.as_deref() != Ok(sha256) {
            let _none = fs::remove_file(&part);
            let _none = fs::remove_file(beside(to, SUM));
            copied?;
            return Err(Unsealed::Unsound("its checksum does not match".into()));
        }
        fs::rename(part, to)?;
        fs::remove_file(from)?;
    }
    let _none = fs::remove_file(beside(from, SUM));
    Ok(sync_folder(to.parent().filter(|up| *up != Path::new("")).unwrap_or(Path::new(".")))?)
}

/// Waits until the disk has confirmed which files a folder holds.
pub fn sync_folder(folder: &Path) -> Result<()> {
    Ok(File::open(folder)?.sync_all()?)
}

/// The SHA-256 of a file, in hex.
pub fn sum(path: &Path) -> Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            bytes => hash.update(&piece[..bytes]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file's checksum beside it, as `sha256sum` does.
pub fn write_sum(path: &Path, sum: &str) -> Result<()> {
    let (to, name) = (beside(path, SUM), path.file_name().unwrap_or_default());
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
    writeln!(file, "{sum}  {}", name.display())?;
    Ok(file.sync_all()?)
}

/// Whether a file for its checksum stands beside a file, be it legible or not.
pub fn has_sum(path: &Path) -> bool {
    beside(path, SUM).exists()
}

/// The checksum that stands beside a file; `None` if there is none that can be read.
pub fn expected_sum(path: &Path) -> Option<String> {
    let text = fs::read_to_string(beside(path, SUM)).ok()?;
    let word = text.split_ascii_whitespace().next()?.to_ascii_lowercase();
    (word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(word)
}
