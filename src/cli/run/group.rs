//! A program and everything that it started, as one thing to signal.

use std::collections::HashMap;

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, kill_process_group, set_child_subreaper,
    waitpid,
};

/// What `/proc` says of a process.
#[derive(Clone, Copy, Debug)]
struct Seen {
    parent: i32,
    group: i32,
    /// Ended, and not yet asked for its outcome.
    is_gone: bool,
}

/// From here on a process below this one whose parent ends becomes a child of this one, so that
/// what hides behind a second fork can be found.
pub(super) fn adopt() {
    // A kernel that cannot do that leaves such a process to init, as without us.
    let _unable = set_child_subreaper(Some(getpid()));
}

/// The program and its descendants.
#[derive(Debug)]
pub(super) struct Group {
    leader: Pid,
    /// Whether the program leads a process group of its own, apart from ours.
    is_own: bool,
}

impl Group {
    pub(super) const fn new(leader: Pid, is_own: bool) -> Self {
        Self { leader, is_own }
    }

    /// Passes a signal on, as if it had been sent to the program itself.
    pub(super) fn pass(&self, signal: Signal) {
        // A process that is gone has nothing to be told.
        let _gone = if self.is_own {
            kill_process_group(self.leader, signal)
        } else {
            kill_process(self.leader, signal)
        };
    }

    /// Signals everything that was started, wherever it moved.
    pub(super) fn end(&self, signal: Signal) {
        let leader = self.leader.as_raw_nonzero().get();
        let seen = processes();
        for pid in descendants(&seen) {
            let in_group = self.is_own && seen.get(&pid).is_some_and(|one| one.group == leader);
            if let Some(pid) = Pid::from_raw(pid).filter(|_| !in_group) {
                let _gone = kill_process(pid, signal);
            }
        }
        if self.is_own {
            self.pass(signal);
        }
    }

    /// Whether anything of it still runs.
    pub(super) fn is_alive(&self) -> bool {
        let seen = processes();
        let leader = self.leader.as_raw_nonzero().get();
        let in_group = |one: &Seen| self.is_own && one.group == leader && !one.is_gone;
        let below = descendants(&seen);
        let runs = |pid: &i32| seen.get(pid).is_some_and(|one| !one.is_gone);
        seen.values().any(in_group) || below.iter().any(runs)
    }

    /// Takes leave of adopted processes that ended.
    pub(super) fn reap(&self) {
        let own = getpid().as_raw_nonzero().get();
        for (pid, one) in processes() {
            let pid = Pid::from_raw(pid).filter(|pid| *pid != self.leader);
            if let Some(pid) = pid.filter(|_| one.is_gone && one.parent == own) {
                let _outcome = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
    }
}

/// Everything below this process.
fn descendants(seen: &HashMap<i32, Seen>) -> Vec<i32> {
    let mut family = vec![getpid().as_raw_nonzero().get()];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(seen.iter().filter(|(_, one)| one.parent == parent).map(|(pid, _)| pid));
        at += 1;
    }
    family.split_off(1)
}

fn processes() -> HashMap<i32, Seen> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let read = |entry: std::fs::DirEntry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let text = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        Some((pid, seen(&text)?))
    };
    entries.filter_map(read).collect()
}

/// Reads `/proc/PID/stat`; the name, which may hold anything, stands in brackets.
fn seen(stat: &str) -> Option<Seen> {
    let rest = stat.rsplit_once(") ")?.1;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Seen {
        is_gone: matches!(*fields.first()?, "Z" | "X" | "x"),
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        let numbers: Vec<String> = (7..40).map(|number| number.to_string()).collect();
        let text = format!("42 (a) b) ) S 1 2 3 4 5 6 {}", numbers.join(" "));
        let found = seen(&text).expect("legible");
        assert_eq!((found.parent, found.group, found.is_gone), (1, 2, false));
    }

    #[test]
    fn this_process_is_seen() {
        let own = i32::try_from(std::process::id()).expect("small");
        assert!(processes().get(&own).is_some_and(|one| !one.is_gone));
    }
}
