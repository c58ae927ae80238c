//! A program and everything that it started, as one thing to signal.

use std::collections::HashMap;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A process, told from a later one with the same number by when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    pid: Pid,
    started: u64,
}

/// What `/proc` says of a process.
#[derive(Clone, Copy, Debug)]
struct Seen {
    parent: i32,
    group: i32,
    started: u64,
    is_gone: bool,
}

/// The program and its descendants.
#[derive(Debug)]
pub(super) struct Group {
    leader: Pid,
    /// Whether the program leads a process group of its own, apart from ours.
    is_own: bool,
    /// Descendants outside that group that were signalled.
    others: Vec<Process>,
}

impl Group {
    pub(super) const fn new(leader: Pid, is_own: bool) -> Self {
        Self { leader, is_own, others: Vec::new() }
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

    /// Signals the program and everything below it, wherever that moved.
    pub(super) fn end(&mut self, signal: Signal) {
        let seen = processes();
        for process in self.descendants(&seen) {
            if !self.others.contains(&process) {
                self.others.push(process);
            }
        }
        self.pass(signal);
        for process in self.others.iter().filter(|one| is_alive(one, &seen)) {
            let _gone = kill_process(process.pid, signal);
        }
    }

    /// Whether anything of it still runs.
    pub(super) fn is_alive(&self) -> bool {
        let seen = processes();
        let leader = self.leader.as_raw_nonzero().get();
        let in_group = |one: &Seen| self.is_own && one.group == leader && !one.is_gone;
        seen.values().any(in_group) || self.others.iter().any(|one| is_alive(one, &seen))
    }

    /// Everything below the program that is not in its own group.
    fn descendants(&self, seen: &HashMap<i32, Seen>) -> Vec<Process> {
        let leader = self.leader.as_raw_nonzero().get();
        let mut family = vec![leader];
        let mut at = 0;
        while at < family.len() {
            let parent = family[at];
            family.extend(seen.iter().filter(|(_, one)| one.parent == parent).map(|(pid, _)| pid));
            at += 1;
        }
        let outside = |pid: &&i32| {
            let of_group = seen.get(*pid).is_some_and(|one| one.group == leader);
            **pid != leader && !(self.is_own && of_group)
        };
        let process = |pid: &i32| {
            Some(Process { pid: Pid::from_raw(*pid)?, started: seen.get(pid)?.started })
        };
        family.iter().filter(outside).filter_map(process).collect()
    }
}

fn is_alive(process: &Process, seen: &HashMap<i32, Seen>) -> bool {
    let found = seen.get(&process.pid.as_raw_nonzero().get());
    found.is_some_and(|one| one.started == process.started && !one.is_gone)
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
        started: fields.get(19)?.parse().ok()?,
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
        assert_eq!(found.started, 19, "the 22nd of all fields");
    }

    #[test]
    fn this_process_is_seen() {
        let own = i32::try_from(std::process::id()).expect("small");
        assert!(processes().get(&own).is_some_and(|one| !one.is_gone));
    }
}
