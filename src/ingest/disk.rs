//! The disk under the database: whether there is room, and whether the files are still there.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::store::{FILE_NAME, LOCK_NAME};

/// Free bytes below which nothing is accepted: the WAL and a checkpoint must still fit.
pub(super) const FLOOR_BYTES: u64 = 128 * 1_024 * 1_024;
/// How often it is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Reports can be stored.
    Enough,
    /// The disk is full, or nearly, or cannot be asked.
    Low,
    /// A file of the database was removed or replaced: writes to it succeed, and are lost.
    Gone,
}

/// Watches over the folder of a database that is open.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    files: [(PathBuf, Option<u64>); 3],
    looked: Option<Instant>,
    free_bytes: u64,
}

impl Disk {
    /// Remembers the database's files as they are now.
    pub(super) fn new(folder: PathBuf) -> Self {
        let names = [FILE_NAME.to_owned(), format!("{FILE_NAME}-wal"), LOCK_NAME.to_owned()];
        let files = names.map(|name| {
            let path = folder.join(name);
            let number = file_number(&path);
            (path, number)
        });
        Self { folder, files, looked: None, free_bytes: 0 }
    }

    /// Looks, unless it did a moment ago.
    pub(super) fn look(&mut self) -> Option<Room> {
        if self.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return None;
        }
        self.looked = Some(Instant::now());
        for (path, known) in &mut self.files {
            let number = file_number(path);
            if known.is_some() && number != *known {
                return Some(Room::Gone);
            }
            *known = number;
        }
        self.free_bytes = free_bytes(&self.folder).unwrap_or(0);
        Some(if self.free_bytes < FLOOR_BYTES { Room::Low } else { Room::Enough })
    }

    /// Free bytes of the disk at the last look; 0 if it cannot be asked.
    pub(super) const fn free_bytes(&self) -> u64 {
        self.free_bytes
    }
}

/// A file's number in its file system; `None` when it is not there.
fn file_number(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.ino())
}

/// Free bytes of the disk that holds a folder, for programs without privileges.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_file_is_noticed() {
        let folder = std::env::temp_dir().join(format!("log-center-disk-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(FILE_NAME), "").unwrap();
        let mut disk = Disk::new(folder.clone());
        assert_ne!(disk.look(), Some(Room::Gone));
        assert_eq!(disk.look(), None, "it looked a moment ago");
        std::fs::rename(folder.join(FILE_NAME), folder.join("old")).unwrap();
        std::fs::write(folder.join(FILE_NAME), "").unwrap();
        disk.looked = None;
        assert_eq!(disk.look(), Some(Room::Gone), "another file of the same name");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
