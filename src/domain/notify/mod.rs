//! Notifications: what is worth one, what it says, and how each vendor's channel wants it.
//!
//! Invariant: text of a report is data. Whatever it holds, it mentions nobody and breaks no markup.

pub mod act;
pub mod channel;
pub mod digest;
mod dingtalk;
mod discord;
pub mod elastic;
pub mod email;
mod feishu;
pub mod guard;
pub mod mention;
pub mod message;
mod pagerduty;
pub mod plain;
pub mod rule;
pub mod sample;
pub mod schedule;
pub mod sign;
mod slack;
pub mod smtp;
mod teams;
mod telegram;
pub mod template;
#[cfg(test)]
mod tests;
pub mod verdict;
mod webhook;
mod wecom;
mod words;

use serde::{Deserialize, Serialize};

use crate::domain::level::Level;

/// The language that a channel's messages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
    /// Russian.
    Ru,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::En, Self::Zh, Self::Ru];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
            Self::Ru => "ru",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Which of the same words, in the order of [`Self::ALL`], is of this one.
    pub(super) const fn of<T: Copy>(self, words: [T; 3]) -> T {
        words[self as usize]
    }
}

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The first report within the rule's scope.
    Created,
    /// A report reopened an issue whose fix was deployed.
    Regressed,
    /// Its reports passed 10, 100, 1,000 ….
    Milestone,
    /// Somebody moved it to another status.
    Moved,
    /// Many reports within minutes.
    Frequent,
    /// Many more reports than it usually has.
    Spike,
    /// An old issue reaches another environment, another version or many more users.
    Spread,
    /// A project reported nothing for a while.
    Silent,
    /// Log Center itself needs somebody: it refuses, its disk fills, a channel fails.
    Trouble,
    /// What was new and came back within some time.
    Digest,
    /// How a deploy went, some hours after it.
    Verdict,
    /// Many notifications in one.
    Storm,
    /// Somebody wants to see whether the channel works.
    Test,
}

impl Trigger {
    /// Those that a rule may name.
    pub const OF_RULES: [Self; 11] = [
        Self::Created,
        Self::Regressed,
        Self::Milestone,
        Self::Moved,
        Self::Frequent,
        Self::Spike,
        Self::Spread,
        Self::Silent,
        Self::Trouble,
        Self::Digest,
        Self::Verdict,
    ];
    /// Every trigger.
    pub const ALL: [Self; 13] = [
        Self::Created,
        Self::Regressed,
        Self::Milestone,
        Self::Moved,
        Self::Frequent,
        Self::Spike,
        Self::Spread,
        Self::Silent,
        Self::Trouble,
        Self::Digest,
        Self::Verdict,
        Self::Storm,
        Self::Test,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Regressed => "regressed",
            Self::Milestone => "milestone",
            Self::Moved => "moved",
            Self::Frequent => "frequent",
            Self::Spike => "spike",
            Self::Spread => "spread",
            Self::Silent => "silent",
            Self::Trouble => "trouble",
            Self::Digest => "digest",
            Self::Verdict => "verdict",
            Self::Storm => "storm",
            Self::Test => "test",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What was known when a notification was decided on; the rest is read when it is sent, so that
/// counts are of that moment. Names of what people typed stand here only with their issue's number
/// beside them, so that erasing the issue erases them too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When, in milliseconds since 1970, UTC.
    pub at: i64,
    /// The project's number, where there is no issue.
    pub project: Option<i64>,
    /// Its name, which is read when it is sent.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// Where it happened.
    pub environment: Option<String>,
    /// Reports: those that a milestone passed, or that came within [`Self::minutes`].
    pub reports: Option<i64>,
    /// Within how many minutes.
    pub minutes: Option<i64>,
    /// The users that an issue has reached.
    pub users: Option<i64>,
    /// The version that an issue has reached.
    pub version: Option<String>,
    /// What is the matter with Log Center: `disk_low`, `channel`, or why it refuses.
    pub trouble: Option<String>,
    /// The channel that fails.
    pub channel: Option<i64>,
    /// Its name, which is read when it is sent.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub channel_name: Option<String>,
    /// The status before a move.
    pub from: Option<String>,
    /// The status after a move.
    pub to: Option<String>,
    /// Who moved it.
    pub who: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// The deploy that a verdict is about.
    pub deploy: Option<i64>,
    /// From when on a summary tells.
    pub since: Option<i64>,
    /// What was folded into one message.
    pub folded: Option<Folded>,
    /// Further rules that decided on it, each with people to mention.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<i64>,
}

impl Facts {
    /// How bad it is when it is about no issue. A program that refuses reports, or a job that does
    /// not run, wakes somebody; a channel that fails can wait for the morning.
    pub const fn own_level(&self) -> Level {
        if self.channel.is_some() { Level::Error } else { Level::Critical }
    }
}

/// Notifications that became one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Folded {
    /// Issues that were new.
    pub created: i64,
    /// Issues that came back.
    pub regressed: i64,
    /// Anything else.
    pub other: i64,
    /// The first few issues, by number.
    pub issues: Vec<i64>,
    /// When the newest of them was decided on.
    pub until: i64,
}

impl Folded {
    /// Issues that a summary names.
    pub const SHOWN_MAX: usize = 5;

    /// How many notifications these are.
    pub const fn total(&self) -> i64 {
        self.created + self.regressed + self.other
    }

    /// Adds one.
    pub fn add(&mut self, trigger: Trigger, issue: Option<i64>, at: i64) {
        match trigger {
            Trigger::Created => self.created += 1,
            Trigger::Regressed => self.regressed += 1,
            _ => self.other += 1,
        }
        if let Some(issue) = issue
            && self.issues.len() < Self::SHOWN_MAX
            && !self.issues.contains(&issue)
        {
            self.issues.push(issue);
        }
        self.until = self.until.max(at);
    }
}
