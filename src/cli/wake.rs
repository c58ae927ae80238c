//! Says when it is worth looking for new events: the server's live stream where it has one. It is
//! only a hint, and its loss costs time alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::remote::Remote;
use super::sse::Reader;
use crate::fetch::{Answer, Ask};

/// Between looks where there is no stream.
const POLL: Duration = Duration::from_secs(2);
/// Between looks where there is one: it may be cut without a sign.
const POLL_BESIDE_STREAM: Duration = Duration::from_secs(10);
/// The server sends a comment more often than that.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// Until a stream that broke is opened again, and one that is refused.
const REOPEN: Duration = Duration::from_secs(1);
const REFUSED: Duration = Duration::from_secs(10);
/// Until a server that knows no stream is asked again: it may be a newer one then.
const UNKNOWN: Duration = Duration::from_secs(60);

/// Waits for the next reason to look.
#[derive(Debug)]
pub(super) struct Wake {
    signal: Arc<Signal>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Signal {
    notify: Notify,
    is_live: AtomicBool,
}

impl Wake {
    /// Begins to listen, with a connection of its own.
    pub(super) fn listen(remote: Remote) -> Self {
        let signal = Arc::new(Signal::default());
        let task = tokio::spawn(listen(remote, Arc::clone(&signal)));
        Self { signal, task }
    }

    /// Waits until something happened, or for a while.
    pub(super) async fn wait(&self, at_most: Duration) {
        let is_live = self.signal.is_live.load(Ordering::Relaxed);
        let pause = if is_live { POLL_BESIDE_STREAM } else { POLL };
        // Either way it is time to look.
        let _either = timeout(pause.min(at_most), self.signal.notify.notified()).await;
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(mut remote: Remote, signal: Arc<Signal>) {
    loop {
        let ask = Ask::get("/api/v1/stream").header("accept", "text/event-stream");
        let pause = match remote.exchange(ask).await {
            Ok(answer) if is_stream(&answer) => {
                signal.is_live.store(true, Ordering::Relaxed);
                signal.notify.notify_one();
                hear(answer, &signal).await;
                signal.is_live.store(false, Ordering::Relaxed);
                signal.notify.notify_one();
                REOPEN
            }
            Ok(answer) if answer.status == 404 => UNKNOWN,
            Ok(_) => REFUSED,
            Err(_) => POLL,
        };
        sleep(pause).await;
    }
}

fn is_stream(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default();
    answer.status == 200 && kind.starts_with("text/event-stream")
}

async fn hear(mut answer: Answer, signal: &Signal) {
    let mut reader = Reader::default();
    while let Ok(Some(piece)) = answer.piece(SILENCE_MAX).await {
        let messages = reader.read(&piece);
        if messages.iter().any(|message| message.event != "issue.moved") {
            signal.notify.notify_one();
        }
    }
}
