//! How an event rests on disk: what differs from its issue, compressed. Runs in the request's task,
//! never in the writer.
//!
//! Format: JSON, packed. A stack trace is a second such value, in which the message is replaced by
//! a NUL, so that the same frames are the same bytes: Python and V8 write the message into the
//! trace. A NUL cannot occur otherwise: intake has replaced it.

mod pack;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::json::Object;
use crate::domain::report::{ErrorInfo, Report, Stack};
use crate::domain::sketch::hash64;

use pack::pack;
pub use pack::unpack;

/// A shorter message would be found everywhere in its stack by chance.
const MESSAGE_BYTES_MIN: usize = 4;
/// Of a message only so much is searched for, and the rest compared: a search for more takes longer
/// to prepare than to run.
const SOUGHT_BYTES_MAX: usize = 16;
/// A longer message is searched for whole: comparing it again and again would take long.
const COMPARED_BYTES_MAX: usize = 256;

/// What an event says beside its columns. Short names: they stand in every row.
#[derive(Debug, Default, Deserialize)]
pub struct Body<'a> {
    /// The message.
    #[serde(borrow, rename = "m")]
    pub message: Cow<'a, str>,
    /// `error.code`.
    #[serde(borrow, rename = "c", default)]
    pub code: Option<Cow<'a, str>>,
    /// `commit_hash`.
    #[serde(borrow, rename = "h", default)]
    pub commit_hash: Option<Cow<'a, str>>,
    /// The culprit.
    #[serde(borrow, rename = "p", default)]
    pub culprit: Option<Cow<'a, str>>,
    /// Trimmed fields.
    #[serde(rename = "t", default)]
    pub trimmed: Vec<String>,
    /// Adjusted fields.
    #[serde(rename = "a", default)]
    pub adjusted: Vec<String>,
    /// The context.
    #[serde(borrow, rename = "x", default)]
    pub context: Option<&'a RawValue>,
}

/// A stack on its way to the writer, which hardly ever stores one that it has seen.
#[derive(Debug)]
pub enum StackBody {
    /// Ready to be stored.
    Packed(Vec<u8>),
    /// Probably stored already: to be packed only if it is not.
    Plain(Vec<u8>),
    /// Likewise, and still in the report, which shares its error with others.
    InReport,
}

impl StackBody {
    /// Whether its like was packed before.
    pub const fn was_known(&self) -> bool {
        !matches!(self, Self::Packed(_))
    }

    const fn bytes(&self) -> usize {
        match self {
            Self::Packed(bytes) | Self::Plain(bytes) => bytes.len(),
            Self::InReport => 0,
        }
    }
}

/// Places of the table of recent stacks: half a megabyte.
const RECENT_STACKS: usize = 65_536;
/// Places of the table of shared errors, which intake shares as many of.
const SHARED_ERRORS: usize = 1_024;
/// An error takes more bytes than that, so no two lie closer.
const ERROR_BYTES_MIN: usize = 128;

/// Which stacks were packed lately: packing takes as long as the rest of a request's work. A wrong
/// answer costs time, never data.
#[derive(Debug)]
pub struct RecentStacks {
    hashes: Box<[AtomicU64]>,
    shared: Box<[Mutex<Option<SharedError>>]>,
}

/// An error that several reports share, and the hash of its [`Place`].
type SharedError = (Arc<ErrorInfo>, u64);

impl Default for RecentStacks {
    fn default() -> Self {
        Self {
            hashes: std::iter::repeat_with(AtomicU64::default).take(RECENT_STACKS).collect(),
            shared: std::iter::repeat_with(Mutex::default).take(SHARED_ERRORS).collect(),
        }
    }
}

impl RecentStacks {
    /// Whether this hash was asked for before; it is from now on.
    fn is_recent(&self, hash: u64) -> bool {
        let place = &self.hashes[hash as usize % RECENT_STACKS];
        place.swap(hash, Ordering::Relaxed) == hash
    }

    /// The stack of a report and its hash.
    fn stack_of(&self, error: &mut Arc<ErrorInfo>) -> (StackBody, u64) {
        let is_shared = Arc::strong_count(error) > 1;
        if is_shared && let Some(hash) = self.hash_of(error).filter(|hash| self.is_recent(*hash)) {
            return (StackBody::InReport, hash);
        }
        let place = place_json(error).into_bytes();
        let hash = place_hash(&place);
        if is_shared {
            *self.place_of(error) = Some((Arc::clone(error), hash));
        } else if let Some(own) = Arc::get_mut(error) {
            // It waits once, not twice.
            own.stack = Stack::Lines(Vec::new());
        }
        let is_recent = self.is_recent(hash);
        (if is_recent { StackBody::Plain(place) } else { StackBody::Packed(pack(&place)) }, hash)
    }

    /// The hash that was made of this very error.
    fn hash_of(&self, error: &Arc<ErrorInfo>) -> Option<u64> {
        let place = self.place_of(error);
        place.as_ref().filter(|(of, _)| Arc::ptr_eq(of, error)).map(|(_, hash)| *hash)
    }

    fn place_of(&self, error: &Arc<ErrorInfo>) -> MutexGuard<'_, Option<SharedError>> {
        let place = Arc::as_ptr(error) as usize / ERROR_BYTES_MIN % SHARED_ERRORS;
        self.shared[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A report with its parts packed for storage; what the queue holds.
#[derive(Debug)]
pub struct Prepared {
    /// The report; its context is in `body`, its stack in `stack`.
    pub report: Report,
    /// The packed [`Body`].
    pub body: Vec<u8>,
    /// The [`Place`]: packed, unless its like was packed before.
    pub stack: StackBody,
    /// The hash of the place before packing.
    pub stack_hash: i64,
    /// The hash of the user, if the report names one.
    pub user_hash: Option<u64>,
    /// The lookup keys of the event: see [`super::runs::key_hash`].
    pub keys: Vec<u8>,
}

impl Prepared {
    /// Packs a report.
    pub fn new(mut report: Report, packed: &RecentStacks) -> Self {
        let body = pack(body_json(&report).as_bytes());
        report.context = None;
        let (stack, stack_hash) = packed.stack_of(&mut report.error);
        let keys = super::runs::event_keys(&report);
        let user_hash = report.known.user_id.as_deref().map(|user| hash64(user.as_bytes()));
        Self { body, stack, stack_hash: stack_hash.cast_signed(), user_hash, keys, report }
    }

    /// The bytes of the stack to store.
    pub fn packed_stack(&self) -> Cow<'_, [u8]> {
        match &self.stack {
            StackBody::Packed(bytes) => Cow::Borrowed(bytes),
            StackBody::Plain(bytes) => Cow::Owned(pack(bytes)),
            StackBody::InReport => Cow::Owned(pack(place_json(&self.report.error).as_bytes())),
        }
    }

    /// Bytes that it takes in the queue, about.
    pub fn bytes(&self) -> usize {
        let error = &self.report.error;
        let lines = error.stack.parts().iter().map(|line| line.len() + size_of::<String>());
        512 + self.body.len()
            + lines.sum::<usize>()
            + self.stack.bytes()
            + error.message.len()
            + error.file_path.len()
            + error.kind.len()
    }
}

/// The JSON of a [`Body`]. The context is JSON already.
fn body_json(report: &Report) -> String {
    let (error, context) = (&report.error, report.context.as_deref());
    let bytes = 128 + error.message.len() + context.map_or(0, str::len);
    let mut body = Object::with_capacity(bytes);
    body.put_text("m", &error.message);
    for (name, text) in [("c", &error.code), ("h", &report.commit_hash), ("p", &report.culprit)] {
        if let Some(text) = text {
            body.put_text(name, text);
        }
    }
    for (name, fields) in [("t", &report.trimmed), ("a", &report.adjusted)] {
        if !fields.is_empty() {
            body.put_texts(name, fields.iter().map(|field| Cow::Borrowed(field.as_str())));
        }
    }
    if let Some(raw) = context {
        body.put("x", raw);
    }
    body.close()
}

/// Where an event was raised: shared by all events that came the same way.
#[derive(Debug, Deserialize)]
pub struct Place<'a> {
    /// `error.type`. The formula joins its parts without a mark, so one issue may hold two types.
    #[serde(borrow, rename = "k")]
    pub kind: Cow<'a, str>,
    /// `error.file_path`.
    #[serde(borrow, rename = "f")]
    pub file_path: Cow<'a, str>,
    /// `error.line_number`.
    #[serde(rename = "l")]
    pub line_number: i64,
    /// The stack trace: an array of strings, or one string.
    #[serde(borrow, rename = "s")]
    pub stack: &'a RawValue,
}

impl Place<'_> {
    /// The stack trace as JSON, with the event's message put back.
    pub fn stack_trace(&self, message: &str) -> Option<Box<RawValue>> {
        let json = self.stack.get();
        if !json.contains("\\u0000") {
            return RawValue::from_string(json.to_owned()).ok();
        }
        let put_back = |text: String| text.replace('\0', message);
        let whole = match serde_json::from_str::<Vec<String>>(json) {
            Ok(lines) => {
                serde_json::to_string(&lines.into_iter().map(put_back).collect::<Vec<_>>())
            }
            Err(_) => serde_json::to_string(&put_back(serde_json::from_str(json).ok()?)),
        };
        RawValue::from_string(whole.ok()?).ok()
    }
}

/// Finds a stack again: the first 64 bits of a SHA-256, since whoever may report must not be able
/// to make a stack that is taken for another one. Files hold it; a stack that is not found by it,
/// as one of before, is stored once more.
fn place_hash(place: &[u8]) -> u64 {
    let digest = Sha256::digest(place);
    u64::from_le_bytes(*digest.first_chunk().expect("SHA-256 has 32 bytes"))
}

/// Puts a NUL for the message into the lines of a stack.
struct WithoutMessage<'a> {
    message: &'a [u8],
    /// What finds its first bytes.
    finder: Finder<'a>,
}

impl<'a> WithoutMessage<'a> {
    /// `None` if the message is too short.
    fn new(message: &'a str) -> Option<Self> {
        let message = message.as_bytes();
        let sought = match message.len() {
            ..MESSAGE_BYTES_MIN => return None,
            MESSAGE_BYTES_MIN..=COMPARED_BYTES_MAX => {
                &message[..message.len().min(SOUGHT_BYTES_MAX)]
            }
            _ => message,
        };
        Some(Self { message, finder: Finder::new(sought) })
    }

    fn part<'t>(&self, part: &'t str) -> Cow<'t, str> {
        let bytes = part.as_bytes();
        let (mut out, mut copied, mut from) = (String::new(), 0, 0);
        while let Some(at) = self.finder.find(&bytes[from..]).map(|at| from + at) {
            from = at + 1;
            if bytes[at..].starts_with(self.message) {
                out.push_str(&part[copied..at]);
                out.push('\0');
                copied = at + self.message.len();
                from = copied;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(part);
        }
        out.push_str(&part[copied..]);
        Cow::Owned(out)
    }
}

/// The JSON of a [`Place`].
fn place_json(error: &ErrorInfo) -> String {
    let message = WithoutMessage::new(&error.message);
    let part = |part| match &message {
        Some(message) => message.part(part),
        None => Cow::Borrowed(part),
    };
    let bytes: usize = error.stack.parts().iter().map(|part| part.len() + 8).sum();
    let mut place = Object::with_capacity(bytes + error.kind.len() + error.file_path.len() + 64);
    place.put_text("k", &error.kind);
    place.put_text("f", &error.file_path);
    place.put("l", &error.line_number.to_string());
    match &error.stack {
        Stack::Text(text) => place.put_text("s", &part(text)),
        Stack::Lines(lines) => place.put_texts("s", lines.iter().map(|line| part(line))),
    }
    place.close()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_goes_out_of_the_stack_and_comes_back() {
        for stack in [
            Stack::Lines(vec!["Traceback".into(), "ValueError: bad \"value\" 17".into()]),
            Stack::Text("Error: bad \"value\" 17\n    at f (a.js:1:2)".into()),
        ] {
            let error = ErrorInfo {
                kind: "ValueError".into(),
                message: "bad \"value\" 17".into(),
                file_path: "a.py".into(),
                line_number: 1,
                stack: stack.clone(),
                code: None,
            };
            let json = unpack(&pack(place_json(&error).as_bytes())).unwrap();
            assert!(!String::from_utf8_lossy(&json).contains("17"));
            let place: Place<'_> = serde_json::from_slice(&json).unwrap();
            let back = place.stack_trace(&error.message).unwrap();
            let expected = match &stack {
                Stack::Lines(lines) => serde_json::to_string(lines).unwrap(),
                Stack::Text(text) => serde_json::to_string(text).unwrap(),
            };
            assert_eq!(back.get(), expected);
        }
    }

    #[test]
    fn what_reports_share_is_packed_once_and_made_again_where_it_is_missing() {
        let report = crate::store::tests::report(7);
        let recent = RecentStacks::default();
        let apart = Prepared::new(report.clone(), &RecentStacks::default());
        let kept = Arc::clone(&report.error);
        let prepared: Vec<Prepared> =
            std::iter::repeat_with(|| Prepared::new(report.clone(), &recent)).take(3).collect();
        assert!(matches!(prepared[0].stack, StackBody::Packed(_)));
        assert!(matches!(prepared[2].stack, StackBody::InReport));
        for one in &prepared {
            assert_eq!(one.stack_hash, apart.stack_hash);
            assert_eq!(one.packed_stack(), apart.packed_stack());
            assert!(Arc::ptr_eq(&one.report.error, &kept));
        }
        let own = Arc::new(ErrorInfo::clone(&kept));
        let alone = Prepared::new(Report { error: own, ..report }, &recent);
        assert!(matches!(alone.stack, StackBody::Plain(_)));
        assert_eq!(alone.packed_stack(), apart.packed_stack());
        assert!(alone.report.error.stack.parts().is_empty(), "it waits once");
    }

    #[test]
    fn a_stack_is_found_by_its_sha_256() {
        // FIPS 180-2's example.
        assert_eq!(place_hash(b"abc").to_le_bytes(), [0xba, 0x78, 0x16, 0xbf, 0x8f, 1, 0xcf, 0xea]);
    }

    #[test]
    fn every_place_of_a_message_is_found() {
        let long = |length: usize| "0123456789abcdefé".repeat(length);
        for message in ["abab", "0123456789abcdef0", &long(2), &long(20)] {
            let without = WithoutMessage::new(message).unwrap();
            for line in [
                message.to_owned(),
                format!("a{message}{message} {}é{message}", &message[..3]),
                format!("{}{message}", &message[..2]),
                message[1..].to_owned(),
                String::new(),
            ] {
                assert_eq!(without.part(&line), line.replace(message, "\0"), "{line}");
            }
        }
        assert!(WithoutMessage::new("abc").is_none());
    }
}
