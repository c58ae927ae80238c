//! The task of one channel: takes what is due, sends it, records what came of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{NO_KEY, Notifier, unsendable};
use crate::domain::notify::channel::{Attempt, Kind};
use crate::domain::notify::message::Message;
use crate::domain::notify::schedule::{PROBE_EVERY_MS, pace_ms, patience_ms, retry_ms};
use crate::domain::notify::verdict::Outcome;
use crate::ingest::Refused;
use crate::metrics;
use crate::store::channels::{self, Channel};
use crate::store::notices::{self, After, Attempted, Due, Next, Notice, State};
use crate::store::seal;

/// How long to wait when the database cannot be read or written.
const REFUSED_PAUSE: Duration = Duration::from_secs(1);

/// What to do, and by which channel.
type Task = Option<(Channel, Next)>;

/// Works until the channel is gone or the program ends.
pub(super) async fn run(notifier: Arc<Notifier>, channel: i64) {
    let mut bell = notifier.bell.subscribe();
    loop {
        if bell.borrow_and_update().ended {
            return;
        }
        let now = metrics::now();
        let until = match task(&notifier, channel, now).await {
            Ok(None) | Err(Refused::Stopping) => return,
            Err(_) => now + i64::try_from(REFUSED_PAUSE.as_millis()).unwrap_or(0),
            Ok(Some((_, Next::Nothing))) => i64::MAX,
            Ok(Some((_, Next::WaitUntil(at)))) => at,
            Ok(Some((channel, Next::Send(due)))) => {
                deliver(&notifier, &channel, *due).await;
                let pace = u64::try_from(pace_ms(channel.kind)).unwrap_or(0);
                let ended = bell.wait_for(|bell| bell.ended);
                if timeout(Duration::from_millis(pace), ended).await.is_ok() {
                    return;
                }
                continue;
            }
        };
        let left = u64::try_from(until.saturating_sub(metrics::now())).unwrap_or(0);
        tokio::select! {
            _ = bell.changed() => {}
            () = tokio::time::sleep(Duration::from_millis(left)), if until != i64::MAX => {}
        }
    }
}

async fn task(notifier: &Notifier, channel: i64, now: i64) -> Result<Task, Refused> {
    let taken = notifier.ingest.maintain(move |writer| {
        let found = channels::find(&mut writer.db, channel)?;
        let Some(found) = found.filter(|found| found.enabled) else { return Ok(None) };
        if found.rests_until > now {
            let until = found.rests_until;
            return Ok(Some((found, Next::WaitUntil(until))));
        }
        let next = notices::next(writer, channel, now)?;
        Ok(Some((found, next)))
    });
    taken.await
}

/// One attempt of a notice, and its record. A record that the disk does not take is tried until it
/// does: the message is out, and must not go out again.
async fn deliver(notifier: &Notifier, channel: &Channel, due: Due) {
    let Due { notice, subject, rule, mentions } = due;
    let attempted = match notifier.target(channel) {
        None => unsendable(channel.id, metrics::now()),
        Some(target) => {
            let wish = notifier.wish(&target, rule.as_deref());
            let (key, trigger) = (notice.key(), notice.trigger);
            let (at, is_plain, before) = (metrics::now(), notice.is_plain, notice.attempts);
            let links = notifier.links(&notice, &subject, at);
            let message = Message::new(key, trigger, &notice.facts, &subject, &wish)
                .offering(&links, target.language)
                .mentioning(target.kind, &mentions);
            let attempt = Attempt { at, is_plain, before };
            notifier.attempt(channel.id, &target, &message, attempt).await
        }
    };
    if attempted.verdict.outcome != Outcome::Sent {
        let (channel, reason) = (channel.name.as_str(), attempted.verdict.reason.as_str());
        tracing::warn!(channel, notice = notice.id, reason, "a notification was not taken");
    }
    // What a vendor asks for begins with its answer; the millisecond that is going on ends first.
    let answered = metrics::now() + 1;
    let (after, until, trouble) = consequence(channel.kind, &notice, &attempted, answered);
    loop {
        let (notice, attempted, after) = (notice.clone(), attempted.clone(), after.clone());
        let trouble = trouble.clone();
        let recorded = notifier.ingest.write(move |writer| {
            notices::record(writer, &notice, &attempted, &after, (until, trouble.as_deref()))
        });
        match recorded.await {
            Ok(()) | Err(Refused::Stopping) => return,
            Err(_) => tokio::time::sleep(REFUSED_PAUSE).await,
        }
    }
}

/// What is done after an attempt that was answered at `at`: with the notice, until when the channel
/// rests, and what somebody has to mend there.
fn consequence(
    kind: Kind,
    notice: &Notice,
    attempted: &Attempted,
    at: i64,
) -> (After, i64, Option<String>) {
    let is_plain = notice.is_plain;
    match attempted.verdict.outcome {
        Outcome::Sent => (After::End(State::Sent), 0, None),
        Outcome::Retry(Some(rest_ms)) => (After::Again { at, is_plain }, at + rest_ms, None),
        Outcome::Retry(None) => {
            let is_answered = !attempted.verdict.code.is_empty();
            let patience = if is_answered { patience_ms(kind) } else { 0 };
            let pause = retry_ms(notice.attempts + 1, chance()).max(patience);
            (After::Again { at: at + pause, is_plain }, 0, None)
        }
        Outcome::Misconfigured => {
            let reason = match attempted.verdict.reason.as_str() {
                "" => NO_KEY,
                reason => reason,
            };
            (After::Again { at, is_plain }, at + PROBE_EVERY_MS, Some(reason.to_owned()))
        }
        Outcome::Rejected if !is_plain => (After::Again { at, is_plain: true }, 0, None),
        Outcome::Rejected => (After::End(State::Dead), 0, None),
    }
}

fn chance() -> u64 {
    let mut bytes = [0; 8];
    // Without random bytes the pauses are those of the table.
    let _none = seal::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
