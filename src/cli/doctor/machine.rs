//! The data folder, where it is on this machine: who may read it, how much room it has, who uses
//! it. It only looks: taking the lock, even for a moment, could stop a start.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::numbers::size;
use crate::cli::holder::holder;
use crate::config::data_dir_default;
use crate::ingest;
use crate::store::FILE_NAME;

/// Below it nothing is accepted.
const FREE_WRONG: u64 = 128 * 1_024 * 1_024;
const FREE_ATTENTION: u64 = 1_024 * 1_024 * 1_024;
const OTHERS: u32 = 0o077;

/// Looks at the folder that was named, else at the usual one if a Log Center uses it.
pub(super) fn data(named: Option<&Path>, is_local: bool, is_reached: bool) -> Vec<Finding> {
    let folder = match named {
        Some(folder) => folder.to_owned(),
        None if !is_local => return Vec::new(),
        None => match usual().filter(|folder| holder(folder).is_some()) {
            Some(folder) => folder,
            None => return Vec::new(),
        },
    };
    let shown = folder.display();
    let about = match std::fs::metadata(&folder) {
        Ok(about) if about.is_dir() => about,
        Ok(_) => {
            let text = format!("{shown} is no folder");
            return vec![Finding::wrong("data", text, "Name the folder that serve has as --data.")];
        }
        Err(error) => {
            let text = format!("{shown} cannot be looked at: {error}");
            let advice = "Name the folder that serve has as --data, or look as the user that it \
                          runs as.";
            return vec![Finding::wrong("data", text, advice)];
        }
    };
    let mut found = vec![rights(&folder, about.mode(), about.uid()), room(&folder)];
    found.extend(user(&folder, is_local, is_reached));
    found
}

fn usual() -> Option<PathBuf> {
    data_dir_default().ok()
}

fn rights(folder: &Path, mode: u32, owner: u32) -> Finding {
    let shown = folder.display();
    let mode = mode & 0o7777;
    if mode & OTHERS != 0 {
        return Finding::attention(
            "data",
            format!("others on this machine may enter {shown} (mode {mode:o})"),
            format!("Reports hold what users typed: chmod 700 {shown}"),
        );
    }
    Finding::ok("data", format!("{shown} belongs to user {owner} alone"))
}

fn room(folder: &Path) -> Finding {
    let Some(free) = ingest::free_bytes(folder) else {
        let advice = "Look with df.";
        return Finding::attention("disk", "it does not say how much is free", advice);
    };
    let wal = std::fs::metadata(folder.join(format!("{FILE_NAME}-wal")));
    let wal = size(wal.map_or(0, |file| file.len()) as f64);
    let text = format!("{} are free; the log of writes has {wal}", size(free as f64));
    let advice = "Free some space. Below 128 MiB no report is taken.";
    if free < FREE_WRONG {
        Finding::wrong("disk", text, advice)
    } else if free < FREE_ATTENTION {
        Finding::attention("disk", text, advice)
    } else {
        Finding::ok("disk", text)
    }
}

/// Which program has the folder.
fn user(folder: &Path, is_local: bool, is_reached: bool) -> Option<Finding> {
    const CHECK: &str = "in use";
    match holder(folder) {
        Some(pid) if is_reached || !is_local => {
            Some(Finding::ok(CHECK, format!("process {pid} keeps its data there")))
        }
        Some(pid) => Some(Finding::wrong(
            CHECK,
            format!("process {pid} keeps its data there, but does not answer at this address"),
            format!("It listens elsewhere (ss -tlnp shows where) or hangs (kill {pid} ends it)."),
        )),
        None if is_reached && is_local => Some(Finding::attention(
            CHECK,
            "no running Log Center keeps its data there",
            "The server has another folder as its --data, or runs in a container.",
        )),
        None => Some(Finding::ok(CHECK, "no program keeps its data there")),
    }
}
