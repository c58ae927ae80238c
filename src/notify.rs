//! Brings notifications to their channels: one task a channel, so that a dead vendor delays nobody
//! else.
//!
//! Invariant: a notice is sent before it is recorded as sent. A kill between the two repeats it,
//! with the same key; nothing is ever lost.

mod mail;
mod send;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::config::Config;
use crate::domain::notify::act::{self, Act, Link};
use crate::domain::notify::channel::{Attempt, Kind, Secrets, Settings, Target, draft};
use crate::domain::notify::guard::Allow;
use crate::domain::notify::message::{Message, Subject, Wish};
use crate::domain::notify::verdict::{Outcome, Verdict};
use crate::domain::notify::{Facts, Trigger, sample};
use crate::ingest::{Ingest, Refused};
use crate::metrics::{self, Metrics, Reason};
use crate::store::channels::{self, Channel};
use crate::store::notices::{self, Attempted, Notice};
use crate::store::outbox::Trouble;
use crate::store::seal::Keyring;
use crate::store::{self, Place};

/// How often what goes by the clock is looked at.
const TICK: Duration = Duration::from_secs(30);
/// How long the writer is kept from reports by the summaries of one tick: a thirtieth of it.
const SUM_UP_TIME: Duration = Duration::from_secs(1);
/// How often what is old is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// How long an attempt that is under way may go on when the program ends.
const STOP_TIME: Duration = Duration::from_secs(3);

/// Refusals that somebody here can do something about.
const REFUSING: [Reason; 9] = [
    Reason::QueueFull,
    Reason::DiskFull,
    Reason::DiskUnwritable,
    Reason::FileFull,
    Reason::Memory,
    Reason::Busy,
    Reason::Projects,
    Reason::AddressRate,
    Reason::ProjectRate,
];
/// The disk is low from so many times the floor on at which reports are refused.
const DISK_LOW_TIMES: u64 = 2;

/// What a channel whose secrets cannot be read says.
const NO_KEY: &str = "Its address cannot be read, as the key beside the database is missing or \
    another one: enter the address again.";

/// The way out: what may be reached, and with what.
pub struct Notifier {
    ingest: Ingest,
    metrics: Arc<Metrics>,
    keyring: Keyring,
    allowed: Vec<Allow>,
    /// Ports of ours on this machine, to which nothing goes.
    own_ports: Vec<u16>,
    /// Further certificate authorities that are trusted.
    authorities: Option<PathBuf>,
    public_url: Option<String>,
    /// What was refused when it was last looked at.
    refused: Mutex<Vec<(Reason, u64)>>,
    /// Channels were changed.
    changed: Notify,
    /// Something waits.
    bell: watch::Sender<Bell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bell {
    rung: u64,
    ended: bool,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Notifier").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Notifier {
    /// Nothing is sent before [`Self::run`].
    pub fn new(config: &Config, place: &Place, ingest: Ingest, metrics: Arc<Metrics>) -> Arc<Self> {
        let ports = config.addresses().into_iter().map(|address| address.at.port());
        Arc::new(Self {
            ingest,
            metrics,
            keyring: Keyring::of(place.path().parent().unwrap_or(place.path())),
            allowed: config.notify.notify_allow.clone(),
            own_ports: ports.filter(|port| *port != 0).collect(),
            authorities: config.notify.notify_ca_file.clone(),
            public_url: config.public_url.as_ref().map(|url| url.origin.clone()),
            refused: Mutex::default(),
            changed: Notify::new(),
            bell: watch::Sender::new(Bell::default()),
        })
    }

    /// Seals what is secret of a channel.
    pub fn seal(&self, secrets: &Secrets) -> store::Result<Vec<u8>> {
        let text = serde_json::to_vec(secrets).expect("strings always serialize");
        self.keyring.seal(&text)
    }

    /// What is secret of a channel; `None` without its key.
    pub fn unseal(&self, channel: &Channel) -> Option<Secrets> {
        serde_json::from_slice(&self.keyring.unseal(&channel.sealed)?).ok()
    }

    /// The key that links in messages are signed with; channels made it. Without it there are none.
    pub fn link_key(&self) -> store::Result<Option<Vec<u8>>> {
        self.keyring.derived("links in messages")
    }

    /// What a message offers to do: nothing without an address that people reach this server by.
    fn links(&self, notice: &Notice, subject: &Subject, now: i64) -> Vec<(Act, String)> {
        let (Some(url), Ok(Some(key))) = (&self.public_url, self.link_key()) else {
            return Vec::new();
        };
        let (id, created_at, until) = (notice.id, notice.created_at, now + act::LINK_MS);
        let link = |act: Act| {
            let link = Link { act, notice: id, created_at, until };
            (act, format!("{url}{}{}", act::PAGE, link.text(&key)))
        };
        Act::offered(notice.trigger, subject.issue.as_ref()).into_iter().map(link).collect()
    }

    /// What somebody has to mend at a channel, if anything.
    pub fn trouble(&self, channel: &Channel) -> Option<String> {
        match self.unseal(channel) {
            None => Some(NO_KEY.to_owned()),
            Some(_) => channel.trouble.clone(),
        }
    }

    /// Looks at the channels again, after some were changed.
    pub fn wake(&self) {
        self.changed.notify_one();
        self.bell.send_modify(|bell| bell.rung += 1);
    }

    /// Sends until [`Self::stop`].
    pub async fn run(self: Arc<Self>) {
        if self.begin().await.is_err() {
            return;
        }
        let mut workers: HashMap<i64, JoinHandle<()>> = HashMap::new();
        let mut forget_at = Instant::now();
        let mut ending = self.bell.subscribe();
        while !self.bell.borrow().ended {
            let list = self.ingest.maintain(|writer| channels::list(&mut writer.db)).await;
            if let Ok(list) = list {
                // Whose channel is gone ends by itself, once what it sends is recorded.
                workers.retain(|_, worker| !worker.is_finished());
                for channel in list.iter().filter(|one| one.enabled) {
                    workers.entry(channel.id).or_insert_with(|| {
                        tokio::spawn(worker::run(Arc::clone(&self), channel.id))
                    });
                }
            }
            let is_idle = workers.is_empty();
            if !is_idle {
                self.tick(&mut forget_at).await;
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(TICK), if !is_idle => {}
                _ = ending.wait_for(|bell| bell.ended) => {}
            }
        }
        let all = async {
            for worker in workers.values_mut() {
                let _ended = worker.await;
            }
        };
        if timeout(STOP_TIME, all).await.is_err() {
            workers.values().for_each(JoinHandle::abort);
        }
    }

    /// Takes nothing more to send.
    pub fn stop(&self) {
        self.bell.send_modify(|bell| bell.ended = true);
    }

    async fn begin(self: &Arc<Self>) -> Result<(), Refused> {
        let bell = self.bell.clone();
        let ring = move || bell.send_modify(|bell| bell.rung += 1);
        let begun = self.ingest.maintain(move |writer| {
            writer.recorder.outbox.set_bell(Arc::new(ring));
            Ok(())
        });
        begun.await
    }

    /// What goes by the clock. What fails is tried at the next tick.
    async fn tick(&self, forget_at: &mut Instant) {
        let now = metrics::now();
        let (troubles, seen) = self.troubles();
        let ticked = self.ingest.write(move |writer| {
            let (outbox, db) = (&mut writer.recorder.outbox, &mut writer.db);
            outbox.decide_silence(db, now)?;
            outbox.decide_spikes(db, now)?;
            outbox.decide_trouble(db, &troubles, now)?;
            notices::expire(writer, now)?;
            notices::counts(&mut writer.db)
        });
        if let Ok((waiting, dead)) = ticked.await {
            self.metrics.notices.waiting.set(waiting.unsigned_abs());
            self.metrics.notices.dead.set(dead.unsigned_abs());
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        }
        self.sum_up(now).await;
        if Instant::now() >= *forget_at {
            *forget_at = Instant::now() + FORGET_EVERY;
            let step = || self.ingest.write(move |writer| notices::forget(&mut writer.db, now));
            while step().await == Ok(true) {}
        }
    }

    /// Decides on digests and verdicts, each in a transaction of its own, as long as the writer has
    /// time for them; what is left comes at the next tick.
    async fn sum_up(&self, now: i64) {
        let mut spent = Duration::ZERO;
        while spent < SUM_UP_TIME {
            let decided = self.ingest.write(move |writer| {
                let (began, db) = (Instant::now(), &mut writer.db);
                let is_one = writer.recorder.outbox.decide_summary(db, now)?;
                Ok(is_one.then(|| began.elapsed()))
            });
            let Ok(Some(took)) = decided.await else { return };
            spent += took;
        }
    }

    /// What is the matter with this program, and what was refused so far. Refusals count since the
    /// last tick that could be written.
    fn troubles(&self) -> (Vec<Trouble>, Vec<(Reason, u64)>) {
        let seen: Vec<(Reason, u64)> =
            REFUSING.map(|reason| (reason, self.metrics.refusals.count(reason))).into();
        let before = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known =
            |reason: Reason| before.iter().find(|one| one.0 == reason).map_or(0, |one| one.1);
        let mut troubles: Vec<Trouble> = seen
            .iter()
            .filter(|(reason, count)| *count > known(*reason))
            .map(|(reason, count)| {
                let refused = i64::try_from(count - known(*reason)).unwrap_or(i64::MAX);
                Trouble { code: reason.name(), refused }
            })
            .collect();
        let (free, floor) =
            (self.metrics.disk_free_bytes.value(), self.metrics.disk_floor_bytes.value());
        if floor > 0 && free < floor.saturating_mul(DISK_LOW_TIMES) {
            troubles.push(Trouble { code: "disk_low", refused: 0 });
        }
        (troubles, seen)
    }

    /// Sends a sample to a channel, beside all rules, that mentions these people; what the vendor
    /// said.
    pub async fn test(&self, channel: &Channel, mentions: &[String]) -> Attempted {
        let at = metrics::now();
        let subject = sample::subject(at);
        let facts = Facts { at, ..Facts::default() };
        let key = format!("msg_{at:x}_test");
        let attempted = match self.target(channel) {
            None => unsendable(channel.id, at),
            Some(target) => {
                let wish = self.wish(&target, None);
                let message = Message::new(key, Trigger::Test, &facts, &subject, &wish)
                    .mentioning(target.kind, mentions);
                let attempt = Attempt { at, is_plain: false, before: 0 };
                self.attempt(channel.id, &target, &message, attempt).await
            }
        };
        let logged = attempted.clone();
        let log = self.ingest.write(move |writer| {
            let (until, trouble) = after_test(&logged);
            if let Some(until) = until {
                channels::rest(&mut writer.db, logged.channel, until, trouble.as_deref())?;
            }
            notices::log(&mut writer.db, None, &logged)
        });
        // The answer matters more than its line in the log.
        let _logged = log.await;
        self.wake();
        attempted
    }

    /// What a webhook of these settings would get: a sample.
    pub fn example(&self, settings: &Settings) -> serde_json::Value {
        let at = metrics::now();
        let target = Target::new(Kind::Webhook, settings, Secrets::default());
        let wish = self.wish(&target, None);
        let facts = Facts { at, ..Facts::default() };
        let (key, subject) = (format!("msg_{at:x}_test"), sample::subject(at));
        let message = Message::new(key, Trigger::Test, &facts, &subject, &wish);
        let draft = draft(&target, &message, Attempt { at, is_plain: false, before: 0 });
        serde_json::from_str(&draft.body).expect("a webhook's body is JSON")
    }

    fn target(&self, channel: &Channel) -> Option<Target> {
        Some(Target::new(channel.kind, &channel.settings, self.unseal(channel)?))
    }

    fn wish<'a>(&'a self, target: &Target, rule: Option<&'a str>) -> Wish<'a> {
        Wish { language: target.language, public_url: self.public_url.as_deref(), rule }
    }

    /// One attempt, whatever comes of it.
    async fn attempt(
        &self,
        channel: i64,
        target: &Target,
        message: &Message,
        attempt: Attempt,
    ) -> Attempted {
        let began = Instant::now();
        let draft = draft(target, message, attempt);
        let (verdict, answer) = match target.kind {
            Kind::Email => mail::send(self, target, &draft, attempt.before).await,
            _ => send::send(self, target, &draft).await,
        };
        self.metrics.notices.attempt(verdict.outcome.name());
        let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        Attempted { channel, at: attempt.at, took_ms, verdict, answer }
    }
}

/// How a test changes a channel: until when it rests, and what has to be mended.
fn after_test(attempted: &Attempted) -> (Option<i64>, Option<String>) {
    match attempted.verdict.outcome {
        Outcome::Sent => (Some(0), None),
        Outcome::Misconfigured => {
            let until = attempted.at + crate::domain::notify::schedule::PROBE_EVERY_MS;
            (Some(until), Some(attempted.verdict.reason.clone()))
        }
        Outcome::Retry(_) | Outcome::Rejected => (None, None),
    }
}

fn unsendable(channel: i64, at: i64) -> Attempted {
    let verdict = Verdict::misconfigured(NO_KEY);
    Attempted { channel, at, took_ms: 0, verdict, answer: String::new() }
}

/// What a sent test does not prove.
pub const fn caution(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Email => {
            Some("The mail server has taken it. Look whether it arrives, and not among the spam.")
        }
        Kind::Teams => Some(
            "Teams has queued it. Look whether it appears: a flow that fails later \
            tells nobody.",
        ),
        _ => None,
    }
}
