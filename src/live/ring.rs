//! The newest messages, as they go out, and what is folded into one message a second.
//! No clock here: `now` is an argument.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::happening::{Happening, What};
use crate::domain::trust::reach::Reach;

/// Messages that a listener can come back to. Each has usually half a kilobyte, and 5 KiB when all
/// its texts are as long as allowed: 5 MiB, at most 50.
pub(super) const MESSAGES_MAX: usize = 10_000;
/// Issues whose reports are folded at once; more of them in one second are told as `reset`.
const FOLDED_MAX: usize = 10_000;
/// `issue.seen` of an issue at most so often.
const SEEN_EVERY: Duration = Duration::from_secs(1);
/// What a listener is given at once, unless one message is longer.
const PIECE_BYTES: usize = 16 * 1_024;

/// What a listener misses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Nothing.
    Nothing,
    /// These messages; he goes on at `next`.
    Messages {
        /// Whole messages.
        text: String,
        /// The number behind them.
        next: u64,
    },
    /// More than is kept.
    Forgotten,
}

/// A message, written when its first listener comes: most of a storm's have none.
#[derive(Debug)]
struct Message {
    unwritten: Option<Box<Happening>>,
    /// Ready to be sent, once it is written.
    text: Box<str>,
    /// The name of its project.
    project: Box<str>,
}

/// The newest messages of one run.
#[derive(Debug)]
pub(super) struct Ring {
    run: i64,
    messages: VecDeque<Message>,
    next: u64,
    folded: HashMap<i64, Happening>,
    flushed: Option<Instant>,
}

impl Ring {
    /// Of a run that began then.
    pub(super) fn new(run: i64) -> Self {
        Self { run, messages: VecDeque::new(), next: 1, folded: HashMap::new(), flushed: None }
    }

    /// The number of the next message.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    fn first(&self) -> u64 {
        self.next - self.messages.len() as u64
    }

    /// The id of the newest message, or of what was before the first one.
    pub(super) fn newest_id(&self) -> String {
        self.id(self.next - 1)
    }

    fn id(&self, number: u64) -> String {
        message_id(self.run, number)
    }

    /// Takes what happened: at once, or folded with what follows.
    pub(super) fn take(&mut self, happening: Happening) {
        match happening.what {
            What::Seen => {
                self.fold(happening);
                return;
            }
            // Its count holds what was folded.
            What::Regressed => {
                self.folded.remove(&happening.issue_id);
            }
            What::Moved => {
                // What is told later must not take the status back.
                if let Some(seen) = self.folded.get_mut(&happening.issue_id) {
                    seen.status = happening.status;
                }
            }
            What::New => {}
        }
        self.push(happening);
    }

    fn fold(&mut self, newest: Happening) {
        let level = self.folded.get(&newest.issue_id).map_or(newest.level, |seen| seen.level);
        let folded = Happening { level: level.max(newest.level), ..newest };
        self.folded.insert(folded.issue_id, folded);
        if self.folded.len() > FOLDED_MAX {
            self.forget();
        }
    }

    /// Tells what is folded, if it is time; when it will be, if something is left.
    pub(super) fn flush(&mut self, now: Instant) -> Option<Instant> {
        if self.folded.is_empty() {
            return None;
        }
        let due = self.flushed.map_or(now, |flushed| flushed + SEEN_EVERY);
        if now < due {
            return Some(due);
        }
        self.flushed = Some(now);
        let mut folded: Vec<_> = self.folded.drain().map(|(_, seen)| seen).collect();
        folded.sort_by_key(|seen| (seen.at, seen.issue_id));
        for seen in folded {
            self.push(seen);
        }
        None
    }

    fn push(&mut self, happening: Happening) {
        if self.messages.len() >= MESSAGES_MAX {
            self.messages.pop_front();
        }
        let project = happening.project_id.as_str().into();
        let unwritten = Some(Box::new(happening));
        self.messages.push_back(Message { unwritten, text: Box::default(), project });
        self.next += 1;
    }

    /// Forgets every message. The number that is left out tells those who had read them all.
    pub(super) fn forget(&mut self) {
        self.messages = VecDeque::new();
        self.folded = HashMap::new();
        self.next += 1;
    }

    /// Where a listener goes on whose newest message has this id; `None` if that is unknown.
    pub(super) fn after(&self, id: &str) -> Option<u64> {
        let (run, number) = id.split_once('-')?;
        let next = number.parse::<u64>().ok()?.checked_add(1)?;
        let own = id == self.id(next - 1) && run == format!("{:x}", self.run);
        (own && (self.first()..=self.next).contains(&next)).then_some(next)
    }

    /// What comes from a number on, of projects within reach. The text may be empty.
    pub(super) fn since(&mut self, from: u64, reach: &Reach) -> Since {
        if from >= self.next {
            return Since::Nothing;
        }
        let Some(skipped) = from.checked_sub(self.first()) else { return Since::Forgotten };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let (mut text, mut next) = (String::new(), from);
        for message in self.messages.iter_mut().skip(skipped) {
            if !reach.has(&message.project) {
                next += 1;
                continue;
            }
            let message = message.text(self.run, next);
            if !text.is_empty() && text.len() + message.len() > PIECE_BYTES {
                break;
            }
            text.push_str(message);
            next += 1;
        }
        Since::Messages { text, next }
    }

    /// The message that says: read again. Later ones follow its id.
    pub(super) fn reset(&self, reason: &str) -> String {
        let id = self.newest_id();
        format!("id: {id}\nevent: reset\ndata: {{\"reason\":\"{reason}\"}}\n\n")
    }
}

impl Message {
    fn text(&mut self, run: i64, number: u64) -> &str {
        if let Some(happening) = self.unwritten.take() {
            let data = serde_json::to_string(&happening).expect("it has string keys only");
            let (id, name) = (message_id(run, number), happening.what.name());
            self.text = format!("id: {id}\nevent: {name}\ndata: {data}\n\n").into_boxed_str();
        }
        &self.text
    }
}

fn message_id(run: i64, number: u64) -> String {
    format!("{run:x}-{number}")
}
