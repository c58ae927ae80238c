//! What waits in the queue, and how it is answered.

use std::time::Instant;

use tokio::sync::oneshot;

use super::changing::Made;
use crate::store::Writer;
use crate::store::encode::Prepared;
use crate::store::record::Recorded;

/// Why something was not written. Nothing of it is in the database; of what was refused as
/// [`Refused::Stopping`] nobody can be sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too much waits already.
    QueueFull,
    /// The disk is full, or nearly.
    DiskFull,
    /// The disk takes no writes.
    Unwritable,
    /// Another program has the database locked.
    Locked,
    /// The database is above its size: older events go first.
    FileFull,
    /// An import is under way.
    Importing,
    /// The program is ending.
    Stopping,
    /// The database failed; it is logged.
    Failed,
}

/// What the queue may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Reports.
    pub reports: usize,
    /// Bytes.
    pub bytes: usize,
}

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, Refused>>;
/// A change in a transaction of its own, or upkeep.
pub(super) type Change = Box<dyn FnOnce(&mut Writer) -> Made + Send>;

/// Something for the writer to do.
pub(super) enum Job {
    /// One report, and since when it waits.
    One(Box<Prepared>, Instant, Reply<Recorded>),
    /// Several reports of one request, and since when they wait.
    Many(Vec<Prepared>, Instant, Reply<Vec<Recorded>>),
    /// A change.
    Change(Change),
    /// The end: nothing comes behind it.
    Stop,
}

impl Job {
    /// How many reports it holds.
    pub(super) const fn reports(&self) -> usize {
        match self {
            Self::One(..) => 1,
            Self::Many(reports, ..) => reports.len(),
            Self::Change(_) | Self::Stop => 0,
        }
    }
}

/// Since when a job's reports wait.
pub(super) const fn since(job: &Job) -> Option<Instant> {
    match job {
        Job::One(_, since, _) | Job::Many(_, since, _) => Some(*since),
        Job::Change(_) | Job::Stop => None,
    }
}

/// The reports of a job.
pub(super) fn prepared(job: &Job) -> &[Prepared] {
    match job {
        Job::One(report, ..) => std::slice::from_ref(report),
        Job::Many(reports, ..) => reports,
        Job::Change(_) | Job::Stop => &[],
    }
}

/// Answers each report of a group, in order.
///
/// A caller that has gone misses its answer; what it sent is stored all the same.
pub(super) fn answer(group: Vec<Job>, recorded: Vec<Recorded>) {
    let mut recorded = recorded.into_iter();
    for job in group {
        match job {
            Job::One(.., reply) => {
                if let Some(one) = recorded.next() {
                    let _gone = reply.send(Ok(one));
                }
            }
            Job::Many(reports, _, reply) => {
                let all = recorded.by_ref().take(reports.len()).collect();
                let _gone = reply.send(Ok(all));
            }
            Job::Change(_) | Job::Stop => {}
        }
    }
}

/// Refuses every report of a group.
pub(super) fn refuse(group: Vec<Job>, why: Refused) {
    for job in group {
        match job {
            Job::One(.., reply) => {
                let _gone = reply.send(Err(why));
            }
            Job::Many(.., reply) => {
                let _gone = reply.send(Err(why));
            }
            Job::Change(_) | Job::Stop => {}
        }
    }
}
