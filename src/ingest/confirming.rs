//! The thread behind the writer: it waits until the disk has what was committed, and then lets it
//! be answered. The writer goes on with the next group meanwhile.
//!
//! Invariants: what is answered was committed before a sync that went well began; answers go out in
//! the order of commits; after a sync that failed nothing is confirmed any more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SendError, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::store::engine::Confirm;

/// Answers what was committed; told whether the disk has confirmed it.
pub(super) type Done = Box<dyn FnOnce(bool) + Send>;

/// The way to the thread.
pub(super) struct Confirming {
    sender: Option<SyncSender<Done>>,
    thread: Option<JoinHandle<()>>,
}

impl Confirming {
    /// Starts the thread. Once something is `broken`, here or elsewhere, it confirms nothing; the
    /// writer sees that within half a second. `on_panic` is called when this thread panicked.
    pub(super) fn start(
        disk: Box<dyn Confirm>,
        broken: Arc<AtomicBool>,
        on_panic: impl FnOnce() + Send + 'static,
    ) -> Self {
        let (sender, receiver) = sync_channel(0);
        let thread = std::thread::Builder::new()
            .name("confirming".into())
            .spawn(move || {
                let run = || run(&receiver, disk, &broken);
                // Who waits for what it held gets no answer, and is told that nothing is sure.
                if catch_unwind(AssertUnwindSafe(run)).is_err() {
                    broken.store(true, Ordering::Relaxed);
                    on_panic();
                }
            })
            .expect("the system can start one more thread");
        Self { sender: Some(sender), thread: Some(thread) }
    }

    /// Has something that was committed answered, once the disk has it. Waits while the disk
    /// confirms what came before: so two are on their way at most, and what comes meanwhile is one
    /// group.
    pub(super) fn hand(&self, done: Done) {
        let sent = match &self.sender {
            Some(sender) => sender.send(done),
            None => Err(SendError(done)),
        };
        if let Err(SendError(done)) = sent {
            done(false);
        }
    }

    /// Has all answered that was handed over, and ends the thread.
    pub(super) fn end(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

fn run(receiver: &Receiver<Done>, mut disk: Box<dyn Confirm>, broken: &AtomicBool) {
    let is_sound = || !broken.load(Ordering::Relaxed);
    while let Ok(first) = receiver.recv() {
        let waiting: Vec<Done> = std::iter::once(first).chain(receiver.try_iter()).collect();
        if is_sound()
            && let Err(error) = disk.confirm()
        {
            tracing::error!(%error, "what was committed is not confirmed");
            broken.store(true, Ordering::Relaxed);
        }
        let is_confirmed = is_sound();
        for done in waiting {
            done(is_confirmed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::*;
    use crate::store::{Error, Result};

    /// How long what must not come is waited for.
    const NOTHING: Duration = Duration::from_millis(50);

    /// A disk that confirms when it is let, or not at all.
    struct Disk {
        began: Sender<()>,
        may: Receiver<Result<()>>,
    }

    impl Confirm for Disk {
        fn confirm(&mut self) -> Result<()> {
            self.began.send(()).unwrap();
            self.may.recv().unwrap()
        }
    }

    #[test]
    fn what_is_committed_during_a_sync_waits_for_the_next_one() {
        let ((began, begins), (let_it, may)) = (channel(), channel());
        let (told, tells) = channel();
        let broken = Arc::new(AtomicBool::new(false));
        let disk = Box::new(Disk { began, may });
        let mut confirming = Confirming::start(disk, Arc::clone(&broken), || {});
        let done = |number: i32| -> Done {
            let told = told.clone();
            Box::new(move |is_confirmed| told.send((number, is_confirmed)).unwrap())
        };
        confirming.hand(done(1));
        begins.recv().unwrap();
        std::thread::scope(|scope| {
            // Waits until the thread takes it.
            scope.spawn(|| confirming.hand(done(2)));
            assert!(tells.recv_timeout(NOTHING).is_err(), "nothing before the disk has it");
            let_it.send(Ok(())).unwrap();
            assert_eq!(tells.recv(), Ok((1, true)));
            begins.recv().unwrap();
        });
        assert!(tells.recv_timeout(NOTHING).is_err(), "the sync before began before its commit");
        let_it.send(Err(Error::Sync("as a test wants".into()))).unwrap();
        assert_eq!(tells.recv(), Ok((2, false)));
        // A sync that would go well now proves nothing of what was written before.
        confirming.hand(done(3));
        assert_eq!(tells.recv(), Ok((3, false)));
        confirming.end();
        assert!(broken.load(Ordering::Relaxed));
        confirming.hand(done(4));
        assert_eq!(tells.recv(), Ok((4, false)), "after the end");
    }
}
