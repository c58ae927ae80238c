//! Who uses a data folder, without taking its lock: that, even for a moment, could stop a start.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::store::LOCK_NAME;

/// The process that holds the folder's lock, by the kernel's list of locks.
pub(super) fn holder(folder: &Path) -> Option<u32> {
    let path = folder.join(LOCK_NAME);
    let file = std::fs::metadata(&path).ok()?;
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // Some file systems have one number for the kernel and another for programs.
    let has_open = |pid: u32| {
        let files = std::fs::read_dir(format!("/proc/{pid}/fd"));
        let whole = std::fs::canonicalize(&path).ok();
        let open = files.into_iter().flatten().flatten();
        open.map(|file| std::fs::read_link(file.path()).ok()).any(|open| open == whole)
    };
    find(&locks, file.dev(), file.ino(), has_open)
}

/// Numbers of files are given anew on every disk, so the disk has to be the same too, or the
/// process must be seen to have the file open.
fn find(locks: &str, disk: u64, number: u64, has_open: impl Fn(u32) -> bool) -> Option<u32> {
    let (major, minor) = (rustix::fs::major(disk), rustix::fs::minor(disk));
    let disk = format!("{major:02x}:{minor:02x}");
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, "FLOCK", _, _, pid, place, ..] = fields.as_slice() else { return None };
        let (of_disk, of_file) = place.rsplit_once(':')?;
        let pid = pid.parse().ok()?;
        let is_it = of_file.parse() == Ok(number) && (of_disk == disk || has_open(pid));
        is_it.then_some(pid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_the_same_number_on_another_disk_is_another() {
        let locks = "1: POSIX  ADVISORY  READ 11 fe:00:7 128 128\n\
                     2: FLOCK  ADVISORY  WRITE 12 fd:01:7 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 13 fe:00:7 0 EOF\n";
        let find = |major, minor, number, open| {
            find(locks, rustix::fs::makedev(major, minor), number, |pid| Some(pid) == open)
        };
        assert_eq!(find(0xfe, 0, 7, None), Some(13));
        assert_eq!(find(0xfd, 1, 7, None), Some(12));
        assert_eq!(find(0xfd, 0, 7, None), None);
        assert_eq!(find(0, 0x21, 7, Some(13)), Some(13), "it has the file open");
        assert_eq!(find(0xfe, 0, 77, None), None);
    }
}
