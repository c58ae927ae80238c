//! What others have the writer do: changes in transactions of their own, and upkeep.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::job::{Job, Refused, Reply};
use super::transaction::{self, refused};
use super::{Ingest, confirming};
use crate::store::{self, Writer};

/// What a job other than a report came to.
pub(super) struct Made {
    /// The disk failed to confirm a write: nothing more may be written.
    pub(super) is_broken: bool,
    /// What answers it once the disk has it, unless it is answered already.
    pub(super) done: Option<confirming::Done>,
}

impl Ingest {
    /// Makes a change in a transaction of its own; answers after the disk has confirmed it.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Refused> {
        match self.refusal() {
            None | Some(Refused::FileFull) => self.change(change).await,
            Some(refused) => Err(refused),
        }
    }

    /// Makes a change that gives space back, for which the floor of the disk leaves room.
    pub async fn erase<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Refused> {
        match self.refusal() {
            None | Some(Refused::FileFull | Refused::DiskFull) => self.change(change).await,
            Some(refused) => Err(refused),
        }
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Refused> {
        let live = Arc::clone(&self.shared.live);
        let make = move |writer: &mut Writer, reply: Reply<T>| {
            let result = transaction::run(writer, |writer| transaction::settled(writer, change));
            let mut happened = std::mem::take(&mut writer.happened);
            answered(result, move |result| {
                if result.is_ok() {
                    live.tell(&mut happened);
                }
                // The caller may have gone: the change is made all the same.
                let _gone = reply.send(result);
            })
        };
        self.make(make).await
    }

    /// Runs upkeep outside of a transaction; answers after the disk has confirmed it.
    pub async fn maintain<T: Send + 'static>(
        &self,
        upkeep: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Refused> {
        let make = move |writer: &mut Writer, reply: Reply<T>| {
            answered(upkeep(writer), move |result| {
                let _gone = reply.send(result);
            })
        };
        self.make(make).await
    }

    /// Makes the rows of issues count all that was answered before, as a reader expects. While
    /// nothing can be written they count less.
    pub async fn settle(&self) {
        let shared = &self.shared;
        if !shared.owing.load(Ordering::Relaxed) || shared.failing().is_some() {
            return;
        }
        let make = |writer: &mut Writer, reply: Reply<()>| {
            let settled =
                transaction::run(writer, |Writer { db, recorder, .. }| recorder.settle(db));
            let is_broken = matches!(settled, Err(store::Error::Sync(_)));
            // Logged; and whoever reads reads what there is. A power cut may undo it: then it is
            // counted anew.
            let _logged = settled.map_err(|error| refused(&error));
            let _gone = reply.send(Ok(()));
            Made { is_broken, done: None }
        };
        // Without an answer the thread has ended.
        let _ended = self.make(make).await;
    }

    /// Has the writer make something, which answers it.
    async fn make<T: Send + 'static>(
        &self,
        make: impl FnOnce(&mut Writer, Reply<T>) -> Made + Send + 'static,
    ) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Change(Box::new(move |writer| make(writer, reply))))?;
        answer.await.unwrap_or(Err(Refused::Stopping))
    }
}

/// Answers a failure at once, and all else when the disk has it.
fn answered<T: Send + 'static>(
    result: store::Result<T>,
    answer: impl FnOnce(Result<T, Refused>) + Send + 'static,
) -> Made {
    let is_broken = matches!(result, Err(store::Error::Sync(_)));
    let done: Option<confirming::Done> = match result {
        Ok(value) => Some(Box::new(move |is_confirmed| {
            answer(if is_confirmed { Ok(value) } else { Err(Refused::Stopping) });
        })),
        Err(error) => {
            answer(Err(refused(&error)));
            None
        }
    };
    Made { is_broken, done }
}
