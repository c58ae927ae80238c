//! Gives back the program's own code that only the start needed. Reading flags, opening the
//! database and the like touch several megabytes of the file, which nothing calls again; the system
//! keeps them mapped as long as it has room, and they count as the program's memory.

use std::path::PathBuf;

/// Where the code is mapped: the first address and the one behind the last.
type Range = (usize, usize);

/// Unmaps the code; what runs on is mapped again from the system's cache at its next use, 64 KiB at
/// a time. Does nothing where the system does not say where the code is.
#[cfg(target_os = "linux")]
pub(super) fn give_back() {
    let own = std::fs::read_link("/proc/self/exe");
    let maps = std::fs::read_to_string("/proc/self/maps");
    if let (Ok(own), Ok(maps)) = (own, maps) {
        code_of(&own, &maps).into_iter().for_each(unmap);
    }
}

/// Nothing elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn give_back() {}

#[allow(unsafe_code, reason = "only tells the system that code is not needed now")]
#[cfg(target_os = "linux")]
fn unmap((start, end): Range) {
    use rustix::mm::{Advice, madvise};
    let start = std::ptr::with_exposed_provenance_mut(start);
    // SAFETY: The range is one private mapping of the file that this process runs from, which can
    // be read and run but not written: dropped pages come back from the file, as those come that
    // were never touched (`madvise(2)`, MADV_DONTNEED).
    let _refused = unsafe { madvise(start, end - start as usize, Advice::LinuxDontNeed) };
}

/// The mappings of a file that hold code and cannot be written, out of `/proc/self/maps` (proc(5)).
fn code_of(file: &std::path::Path, maps: &str) -> Vec<Range> {
    let range = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        // Offset, device and number of the file; its name may hold blanks.
        let name = line.find('/').map(|at| PathBuf::from(&line[at..]))?;
        let (start, end) = range.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        let is_code = rights == "r-xp" && name == file;
        is_code.then_some(())?;
        Some((address(start)?, address(end)?))
    };
    maps.lines().filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_cannot_be_written_is_given_back() {
        let maps = "\
            55d0c0000000-55d0c0100000 r--p 00000000 fe:00 12 /opt/log center/log-center\n\
            55d0c0100000-55d0c0900000 r-xp 00100000 fe:00 12 /opt/log center/log-center\n\
            55d0c0900000-55d0c0a00000 rw-p 00900000 fe:00 12 /opt/log center/log-center\n\
            7f0000000000-7f0000100000 r-xp 00000000 fe:00 13 /lib/libc.so.6\n\
            7f0000200000-7f0000300000 r-xp 00000000 00:00 0 \n\
            7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0 [vdso]\n\
            nonsense\n";
        let file = std::path::Path::new("/opt/log center/log-center");
        assert_eq!(code_of(file, maps), [(0x55d0_c010_0000, 0x55d0_c090_0000)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn code_runs_on_after_it_was_given_back() {
        give_back();
        only_code_that_cannot_be_written_is_given_back();
    }
}
