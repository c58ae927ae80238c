//! A report between its wire format and its final form. The order here is the contract's: identity
//! from what came, then no secrets, then limits, then what can be read out of it.

use std::borrow::Cow;
use std::sync::Arc;

use super::recent::Read;
use super::{Intake, context, trim};
use crate::domain::context::known;
use crate::domain::culprit::culprit;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::json;
use crate::domain::level::Level;
use crate::domain::report::{
    ErrorInfo, FILE_PATH_CHARS_MAX, Known, MESSAGE_CHARS_MAX, Report, Stack, WORD_CHARS_MAX,
};
use crate::domain::scrub::Scrubber;

/// Members that no reader knows, each with its raw JSON.
pub(super) type Unknown<'a> = Vec<(Cow<'a, str>, &'a str)>;

/// A stack trace as it came.
pub(super) enum Frames<'a> {
    Lines(Vec<Cow<'a, str>>),
    Text(Cow<'a, str>),
}

/// What any wire format has to say of an error: valid, but neither scrubbed nor trimmed.
pub(super) struct Draft<'a> {
    pub(super) project_id: Cow<'a, str>,
    pub(super) environment: Cow<'a, str>,
    pub(super) level: Level,
    pub(super) timestamp: i64,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) commit_hash: Option<Cow<'a, str>>,
    pub(super) error: DraftError<'a>,
    /// An object's raw JSON.
    pub(super) context: Option<&'a str>,
    pub(super) event_id: Option<[u8; 16]>,
    pub(super) unknown: Unknown<'a>,
    pub(super) adjusted: Vec<String>,
}

/// The member `error`.
pub(super) enum DraftError<'a> {
    /// One that was read before.
    Known(Read),
    Raised(Raised<'a>),
}

/// The members of `error`.
pub(super) struct Raised<'a> {
    /// The whole of it.
    pub(super) raw: &'a str,
    pub(super) kind: Cow<'a, str>,
    pub(super) message: Cow<'a, str>,
    pub(super) file_path: Cow<'a, str>,
    pub(super) line_number: i64,
    pub(super) stack: Frames<'a>,
    pub(super) code: Option<Cow<'a, str>>,
    pub(super) unknown: Unknown<'a>,
}

impl Draft<'_> {
    pub(super) fn finish(self, intake: &Intake<'_>) -> Report {
        let mut cut = Cut { scrubber: intake.scrubber, trimmed: Vec::new() };
        let (read, error_unknown) = match self.error {
            DraftError::Known(read) => (read, Vec::new()),
            DraftError::Raised(mut raised) => {
                let (raw, unknown) = (raised.raw, std::mem::take(&mut raised.unknown));
                let read = cut.error(&self.project_id, raised);
                // Of a kept one, nothing is left to be said but what it is.
                if cut.trimmed.is_empty() && unknown.is_empty() {
                    intake.recent.keep(&self.project_id, raw, &read);
                }
                (read, unknown)
            }
        };
        let version = self.version.map(|version| cut.kept("version", version));
        let commit_hash = self.commit_hash.map(|commit| cut.kept("commit_hash", commit));
        let whole = context::whole(self.context, self.unknown, error_unknown);
        let (context, known) = whole.map_or((None, Known::default()), |raw| cut.context(raw));
        Report {
            project_id: self.project_id.into_owned(),
            environment: self.environment.into_owned(),
            level: self.level,
            timestamp: self.timestamp,
            received_at: intake.now,
            version,
            commit_hash,
            error: read.error,
            context,
            event_id: self.event_id,
            fingerprint: read.fingerprint,
            culprit: read.culprit,
            known,
            trimmed: cut.trimmed,
            adjusted: self.adjusted,
        }
    }
}

/// Takes out secrets and what is too long, and remembers which fields were cut.
struct Cut<'a> {
    scrubber: &'a Scrubber,
    trimmed: Vec<String>,
}

impl Cut<'_> {
    fn scrubbed(&mut self, field: &str, text: Cow<'_, str>, chars_max: usize) -> String {
        let mut text = scrubbed(self.scrubber, text);
        self.note(field, trim::text(&mut text, chars_max));
        text
    }

    fn error(&mut self, project_id: &str, raised: Raised<'_>) -> Read {
        let (kind, file_path, line_number) = (&raised.kind, &raised.file_path, raised.line_number);
        let fingerprint = Fingerprint::of(project_id, kind, file_path, line_number);
        let is_placeless = line_number == 0 && matches!(&**file_path, "unknown" | "");
        let error = ErrorInfo {
            kind: self.scrubbed("error.type", raised.kind, WORD_CHARS_MAX),
            message: self.scrubbed("error.message", raised.message, MESSAGE_CHARS_MAX),
            file_path: self.scrubbed("error.file_path", raised.file_path, FILE_PATH_CHARS_MAX),
            line_number,
            stack: self.stack(raised.stack),
            code: raised.code.map(|code| self.scrubbed("error.code", code, WORD_CHARS_MAX)),
        };
        let lines = || error.stack.parts().iter().map(String::as_str);
        let culprit = if is_placeless { culprit(lines()) } else { None };
        Read { error: Arc::new(error), fingerprint, culprit }
    }

    /// A version or a commit: digits that look like a secret are none.
    fn kept(&mut self, field: &str, text: Cow<'_, str>) -> String {
        let mut text = text.into_owned();
        self.note(field, trim::text(&mut text, WORD_CHARS_MAX));
        text
    }

    fn stack(&mut self, frames: Frames<'_>) -> Stack {
        let mut stack = match frames {
            Frames::Text(text) => Stack::Text(scrubbed(self.scrubber, text)),
            Frames::Lines(lines) => Stack::Lines(self.scrubber.lines(lines)),
        };
        self.note("error.stack_trace", trim::stack(&mut stack));
        stack
    }

    /// The context as it is stored, and the ids that stood in it before it was cut.
    fn context(&mut self, raw: Cow<'_, str>) -> (Option<String>, Known) {
        let clean = self.scrubber.json(&raw);
        let known = known(&clean);
        let short = context::shortened(&clean);
        self.note("context", short.is_some());
        let is_untouched =
            short.is_none() && matches!((&raw, &clean), (Cow::Borrowed(_), Cow::Borrowed(_)));
        let text = short.unwrap_or_else(|| clean.into_owned());
        // It is stored as it stands, and one that is no JSON would spoil its event.
        let is_json = is_untouched || json::is_valid(&text, json::DEPTH_MAX);
        (is_json.then_some(text), known)
    }

    fn note(&mut self, field: &str, was_cut: bool) {
        if was_cut {
            self.trimmed.push(field.to_owned());
        }
    }
}

/// Copies only once, whether or not there was a secret.
fn scrubbed(scrubber: &Scrubber, text: Cow<'_, str>) -> String {
    if let Cow::Owned(clean) = scrubber.text(&text) {
        return clean;
    }
    text.into_owned()
}
