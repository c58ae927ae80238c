//! What was turned away, by reason, and when last. The reasons are fixed: no caller can add one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Counter, now};

/// Projects whose refusals are told apart: as many as reports may create. Further ones are told
/// together.
const PROJECTS_MAX: usize = 1_000;
/// What the names past [`PROJECTS_MAX`], and those of erased projects, are counted as.
const OTHER_PROJECTS: &str = "(other)";

/// Why the server turned something away that its sender could not have said better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Too many reports wait to be written.
    QueueFull,
    /// The disk is full, or nearly.
    DiskFull,
    /// The disk takes no writes.
    DiskUnwritable,
    /// The database is above its size.
    FileFull,
    /// Too many large bodies or answers are in memory.
    Memory,
    /// An import is under way.
    Importing,
    /// The program is ending.
    Stopping,
    /// The database was busy.
    Busy,
    /// A read took longer than a second.
    LongRead,
    /// Too many listen to the live stream.
    Listeners,
    /// An address sent too many reports.
    AddressRate,
    /// Too many reports were sent to a project.
    ProjectRate,
    /// A key was used too often.
    KeyRate,
    /// Reports cannot create more projects.
    Projects,
    /// Too many connections are open.
    Connections,
    /// An address has too many connections open.
    AddressConnections,
    /// An address tries too often to log in, or too many passwords wait to be checked.
    Logins,
    /// The headers of a request did not come in time.
    SlowHead,
    /// A body did not come in time.
    SlowBody,
    /// The head of a request cannot be read, or is too long.
    BadHead,
}

impl Reason {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 20] = [
        Self::QueueFull,
        Self::DiskFull,
        Self::DiskUnwritable,
        Self::FileFull,
        Self::Memory,
        Self::Importing,
        Self::Stopping,
        Self::Busy,
        Self::LongRead,
        Self::Listeners,
        Self::AddressRate,
        Self::ProjectRate,
        Self::KeyRate,
        Self::Projects,
        Self::Connections,
        Self::AddressConnections,
        Self::Logins,
        Self::SlowHead,
        Self::SlowBody,
        Self::BadHead,
    ];

    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::DiskFull => "disk_full",
            Self::DiskUnwritable => "disk_unwritable",
            Self::FileFull => "file_full",
            Self::Memory => "memory",
            Self::Importing => "importing",
            Self::Stopping => "stopping",
            Self::Busy => "busy",
            Self::LongRead => "long_read",
            Self::Listeners => "listeners",
            Self::AddressRate => "address_rate",
            Self::ProjectRate => "project_rate",
            Self::KeyRate => "key_rate",
            Self::Projects => "projects",
            Self::Connections => "connections",
            Self::AddressConnections => "address_connections",
            Self::Logins => "logins",
            Self::SlowHead => "slow_head",
            Self::SlowBody => "slow_body",
            Self::BadHead => "bad_head",
        }
    }
}

/// How often something was turned away for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnedAway {
    /// Why.
    pub reason: Reason,
    /// How often since the start.
    pub count: u64,
    /// When last, in milliseconds since 1970.
    pub last_at: i64,
}

/// Everything that was turned away since the start.
#[derive(Debug, Default)]
pub struct Refusals {
    counts: [Counter; Reason::ALL.len()],
    last_at: [AtomicI64; Reason::ALL.len()],
    projects: Mutex<BTreeMap<String, u64>>,
}

impl Refusals {
    /// Counts one.
    pub fn add(&self, reason: Reason) {
        let at = reason as usize;
        self.counts[at].add(1);
        self.last_at[at].store(now(), Relaxed);
    }

    /// Counts a report that came to a project too often.
    pub fn add_of_project(&self, project: &str) {
        let mut projects = self.projects();
        if let Some(count) = projects.get_mut(project) {
            *count += 1;
            return;
        }
        let is_full = projects.len() >= PROJECTS_MAX;
        let name = if is_full { OTHER_PROJECTS } else { project };
        *projects.entry(name.to_owned()).or_default() += 1;
    }

    /// How often one reason held.
    pub fn count(&self, reason: Reason) -> u64 {
        self.counts[reason as usize].value()
    }

    /// The reasons that held at all.
    pub fn all(&self) -> impl Iterator<Item = TurnedAway> {
        let told = |reason: Reason| TurnedAway {
            reason,
            count: self.count(reason),
            last_at: self.last_at[reason as usize].load(Relaxed),
        };
        Reason::ALL.into_iter().map(told).filter(|one| one.count > 0)
    }

    /// Reports that came too often, by project.
    pub fn by_project(&self) -> Vec<(String, u64)> {
        let projects = self.projects();
        projects.iter().map(|(name, count)| (name.clone(), *count)).collect()
    }

    /// Names an erased project no more: what was counted goes to the others.
    pub fn forget_project(&self, project: &str) {
        let mut projects = self.projects();
        if let Some(count) = projects.remove(project) {
            *projects.entry(OTHER_PROJECTS.to_owned()).or_default() += count;
        }
    }

    fn projects(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that went wrong inside. What exactly is for the log alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mishap {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What it was, for programs.
    pub kind: &'static str,
    /// The request that met it, if one did.
    pub request_id: Option<String>,
}

/// The newest of what went wrong inside.
#[derive(Debug, Default)]
pub struct Mishaps(Mutex<Option<Mishap>>);

impl Mishaps {
    /// Remembers one.
    pub fn add(&self, kind: &'static str, request_id: Option<&str>) {
        let mishap = Mishap { at: now(), kind, request_id: request_id.map(str::to_owned) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(mishap);
    }

    /// The newest.
    pub fn last(&self) -> Option<Mishap> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_counted_as_itself() {
        for (at, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at, "{reason:?}");
            let refusals = Refusals::default();
            refusals.add(reason);
            let told: Vec<_> = refusals.all().map(|one| (one.reason, one.count)).collect();
            assert_eq!(told, [(reason, 1)]);
        }
    }

    #[test]
    fn names_that_callers_make_up_take_no_memory_and_no_label() {
        let refusals = Refusals::default();
        for number in 0..5 * PROJECTS_MAX {
            refusals.add_of_project(&format!("made_up_{number}"));
        }
        refusals.add_of_project("made_up_0");
        refusals.forget_project("made_up_1");
        let told = refusals.by_project();
        assert_eq!(told.len(), PROJECTS_MAX);
        let other = 4 * PROJECTS_MAX as u64 + 1;
        for expected in [("made_up_0".to_owned(), 2), (OTHER_PROJECTS.to_owned(), other)] {
            assert!(told.contains(&expected), "{expected:?}");
        }
    }
}
