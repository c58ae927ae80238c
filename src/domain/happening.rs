//! What happened to an issue, as listeners are told. It stands for itself: whoever hears it needs
//! no reading to show a line of it, and its text is short enough to keep many.

use serde::{Serialize, Serializer};

use super::change::Who;
use super::fingerprint::Fingerprint;
use super::issue::{level_name, status_name, time};
use super::level::Level;
use super::report::Report;
use super::status::Status;

/// Characters of a text from outside at most; a longer one ends with `…`.
pub const TEXT_CHARS_MAX: usize = 200;

/// The kind of a happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its first report came.
    New,
    /// Further reports came.
    Seen,
    /// A report reopened it although its fix is deployed.
    Regressed,
    /// Somebody moved it to another status.
    Moved,
}

impl What {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::New, Self::Seen, Self::Regressed, Self::Moved];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "issue.new",
            Self::Seen => "issue.seen",
            Self::Regressed => "issue.regressed",
            Self::Moved => "issue.moved",
        }
    }
}

/// One change of status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The status before.
    #[serde(serialize_with = "status_name")]
    pub from: Status,
    /// The status after.
    #[serde(serialize_with = "status_name")]
    pub to: Status,
    /// Whose doing.
    pub who: String,
    /// Why.
    pub note: Option<String>,
}

/// Something that happened to an issue. Times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// The kind.
    #[serde(skip)]
    pub what: What,
    /// The issue's number.
    pub issue_id: i64,
    /// The project's name.
    pub project_id: String,
    /// The issue's identity.
    #[serde(serialize_with = "hex")]
    pub fingerprint: Fingerprint,
    /// Where the issue stands after it.
    #[serde(serialize_with = "status_name")]
    pub status: Status,
    /// The highest of the reports that it is about; of a move, the issue's.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The exception's class.
    #[serde(rename = "type")]
    pub kind: String,
    /// The newest report's.
    pub message: String,
    /// The newest report's; of a deploy, where it went; of a move, none.
    pub environment: Option<String>,
    /// The newest report's, or the one that the move names.
    pub version: Option<String>,
    /// All reports of the issue so far.
    pub count: i64,
    /// When the newest report came, or when it was moved.
    #[serde(serialize_with = "time")]
    pub at: i64,
    /// The change of status, if it is one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

impl Happening {
    /// What reports did to an issue that has `count` of them now.
    ///
    /// Panics if there is no report.
    pub fn of_reports<'a>(
        what: What,
        issue_id: i64,
        count: i64,
        reports: impl DoubleEndedIterator<Item = &'a Report> + Clone,
    ) -> Self {
        let newest = reports.clone().next_back().expect("a fold has a report at least");
        Self {
            what,
            issue_id,
            project_id: newest.project_id.clone(),
            fingerprint: newest.fingerprint,
            status: Status::New,
            level: reports.map(|report| report.level).max().unwrap_or(newest.level),
            kind: shortened(&newest.error.kind),
            message: shortened(&newest.error.message),
            environment: Some(newest.environment.clone()),
            version: newest.version.as_deref().map(shortened),
            count,
            at: newest.received_at,
            step: None,
        }
    }

    /// The same issue after a step of somebody.
    pub fn stepped(&self, from: Status, to: Status, who: &Who, note: Option<&str>) -> Self {
        let step = Step { from, to, who: who.name.clone(), note: note.map(shortened) };
        Self { status: to, step: Some(step), ..self.clone() }
    }
}

/// One line of at most [`TEXT_CHARS_MAX`] characters: what a list shows. Control characters become
/// blanks.
pub fn shortened(text: &str) -> String {
    // As most texts are: nothing to cut and nothing to replace.
    if text.len() <= TEXT_CHARS_MAX && text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return text.to_owned();
    }
    let plain = |one: char| if one.is_control() { ' ' } else { one };
    let is_long = text.len() > TEXT_CHARS_MAX && text.chars().nth(TEXT_CHARS_MAX).is_some();
    if !is_long {
        return text.chars().map(plain).collect();
    }
    text.chars().take(TEXT_CHARS_MAX - 1).map(plain).chain(['…']).collect()
}

fn hex<S: Serializer>(fingerprint: &Fingerprint, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&fingerprint.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_short_line() {
        let long = "é".repeat(TEXT_CHARS_MAX);
        assert_eq!(shortened(&long), long, "just fits");
        let cut = shortened(&format!("{long}x"));
        assert_eq!((cut.chars().count(), cut.ends_with("é…")), (TEXT_CHARS_MAX, true));
        assert_eq!(shortened("a\r\nb\u{1}c"), "a  b c");
    }
}
