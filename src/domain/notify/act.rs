//! Links in messages that do one thing to their issue: claim it, mute it for a day, move it to
//! VERIFYING.
//!
//! Invariants: the link is the permission for this one act, once and until it ends; it is signed
//! with a key that is in no backup. Opening it does nothing: its text stands behind `#`, which no
//! browser and no preview sends, and a button sends it.

use super::{Trigger, sign};
use crate::domain::change::{Change, Mute};
use crate::domain::issue::Issue;
use crate::domain::status::Status;

/// How long a link can be used.
pub const LINK_MS: i64 = 3 * DAY_MS;
/// The page that takes a link.
pub const PAGE: &str = "/act#";
/// Characters of a link at most.
pub const LINK_CHARS_MAX: usize = 200;
/// Who does what a link does, where nobody is known.
pub const BY_LINK: &str = "(link)";

const DAY_MS: i64 = 86_400_000;

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Assigns the issue to whoever uses it.
    Claim = 1,
    /// Mutes it for a day.
    Mute = 2,
    /// Moves it from NEW to VERIFYING.
    Verify = 4,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 3] = [Self::Claim, Self::Mute, Self::Verify];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Mute => "mute",
            Self::Verify => "verify",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether it is still to be done.
    pub fn is_open(self, issue: &Issue) -> bool {
        match self {
            Self::Claim => issue.assignee.is_none(),
            Self::Mute => issue.muted_until.is_none(),
            Self::Verify => issue.status == Status::New,
        }
    }

    /// What it changes. `assignee`: who claims.
    pub fn change(self, assignee: &str, now: i64) -> Change {
        let note = Some("by a link in a message".to_owned());
        let change = Change { note, ..Change::default() };
        match self {
            Self::Claim => Change { assignee: Some(Some(assignee.to_owned())), ..change },
            Self::Mute => Change { muted_until: Some(Some(Mute::At(now + DAY_MS))), ..change },
            Self::Verify => {
                Change { status: Some(Status::Verifying), from: Some(Status::New), ..change }
            }
        }
    }

    /// Those that a message offers.
    pub fn offered(trigger: Trigger, issue: Option<&Issue>) -> Vec<Self> {
        let is_of_one =
            !matches!(trigger, Trigger::Storm | Trigger::Silent | Trigger::Trouble | Trigger::Test);
        let issue = issue.filter(|issue| is_of_one && issue.id > 0);
        Self::ALL.into_iter().filter(|act| issue.is_some_and(|issue| act.is_open(issue))).collect()
    }
}

/// A link, as its text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it does.
    pub act: Act,
    /// The number of the notice that holds it.
    pub notice: i64,
    /// When that was decided on: another file's notice of this number differs.
    pub created_at: i64,
    /// When it ends.
    pub until: i64,
}

/// Why a link cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It was not made here, or changed.
    Forged,
    /// Its time is over.
    Over,
}

impl Link {
    /// Its text, signed.
    pub fn text(&self, key: &[u8]) -> String {
        let Self { act, notice, created_at, until } = self;
        let said = format!("{}.{notice:x}.{created_at:x}.{until:x}", act.name());
        let tag = sign::addressed(key, &said);
        format!("{said}.{tag}")
    }

    /// Reads a text.
    pub fn read(text: &str, key: &[u8], now: i64) -> Result<Self, Unfit> {
        let (said, tag) = text.rsplit_once('.').ok_or(Unfit::Forged)?;
        if !sign::is_addressed(key, said, tag) {
            return Err(Unfit::Forged);
        }
        let link = Self::said(said).ok_or(Unfit::Forged)?;
        if now >= link.until { Err(Unfit::Over) } else { Ok(link) }
    }

    fn said(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let act = Act::parse(parts.next()?)?;
        let mut number = || i64::from_str_radix(parts.next()?, 16).ok();
        let (notice, created_at, until) = (number()?, number()?, number()?);
        parts.next().is_none().then_some(Self { act, notice, created_at, until })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const KEY: &[u8] = b"a key of this test";
    const LINK: Link = Link { act: Act::Mute, notice: 7, created_at: 1_000, until: 5_000 };

    #[test]
    fn a_link_is_read_as_it_was_signed_until_it_ends() {
        for act in Act::ALL {
            let link = Link { act, ..LINK };
            let text = link.text(KEY);
            assert!(text.len() <= LINK_CHARS_MAX && !text.contains(['+', '/', '=', '#']), "{text}");
            assert_eq!(Link::read(&text, KEY, 4_999), Ok(link));
            assert_eq!(Link::read(&text, KEY, 5_000), Err(Unfit::Over));
            assert_eq!(Link::read(&text, b"another key", 0), Err(Unfit::Forged));
        }
        assert_ne!(LINK.text(KEY), Link { notice: 8, ..LINK }.text(KEY));
    }

    #[test]
    fn a_link_that_was_changed_is_forged() {
        let text = LINK.text(KEY);
        let swapped = [
            text.replacen("mute", "claim", 1),
            text.replacen(".7.", ".8.", 1),
            text.replacen(".1388.", ".ffffff.", 1),
            text.rsplit_once('.').expect("a tag").0.to_owned(),
            format!("{text}A"),
            format!("{text}="),
            text[..text.len() - 2].to_owned(),
            String::new(),
            ".".into(),
            "mute.7.3e8.1388.".into(),
        ];
        for wrong in swapped {
            assert_eq!(Link::read(&wrong, KEY, 0), Err(Unfit::Forged), "{wrong}");
        }
    }

    #[test]
    fn a_message_offers_what_is_still_to_be_done() {
        let mut issue = sample::subject(0).issue.expect("an issue");
        let offered = |trigger, issue: &Issue| -> Vec<&str> {
            Act::offered(trigger, Some(issue)).into_iter().map(Act::name).collect()
        };
        assert_eq!(offered(Trigger::Created, &issue), Vec::<&str>::new(), "a sample's");
        issue.id = 7;
        (issue.assignee, issue.muted_until, issue.status) = (None, None, Status::New);
        assert_eq!(offered(Trigger::Created, &issue), ["claim", "mute", "verify"]);
        assert_eq!(offered(Trigger::Storm, &issue), Vec::<&str>::new());
        issue.assignee = Some("ann".into());
        issue.status = Status::Verifying;
        assert_eq!(offered(Trigger::Regressed, &issue), ["mute"]);
    }
}
