//! A channel's kind and address, and the request that brings a message there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::message::Message;
use super::{
    Language, dingtalk, discord, elastic, email, feishu, pagerduty, slack, teams, telegram,
    webhook, wecom,
};

/// A vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any address that takes JSON, signed as Standard Webhooks has it.
    Webhook,
    /// Slack's incoming webhooks.
    Slack,
    /// A Feishu or Lark robot.
    Feishu,
    /// A DingTalk robot.
    DingTalk,
    /// A WeCom group's hook.
    WeCom,
    /// A Discord webhook.
    Discord,
    /// A Telegram bot.
    Telegram,
    /// A hook of Microsoft Teams' Workflows.
    Teams,
    /// A service of PagerDuty.
    PagerDuty,
    /// A mail server.
    Email,
    /// An index of Elasticsearch or OpenSearch.
    Elasticsearch,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Webhook,
        Self::Slack,
        Self::Feishu,
        Self::DingTalk,
        Self::WeCom,
        Self::Discord,
        Self::Telegram,
        Self::Teams,
        Self::PagerDuty,
        Self::Email,
        Self::Elasticsearch,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Feishu => "feishu",
            Self::DingTalk => "dingtalk",
            Self::WeCom => "wecom",
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::Teams => "teams",
            Self::PagerDuty => "pagerduty",
            Self::Email => "email",
            Self::Elasticsearch => "elasticsearch",
        }
    }

    /// Reads a name; `lark` is Feishu, and `opensearch` is Elasticsearch.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "lark" => Some(Self::Feishu),
            "opensearch" => Some(Self::Elasticsearch),
            name => Self::ALL.into_iter().find(|one| one.name() == name),
        }
    }

    /// The vendor's own address, when the channel need not name one.
    pub const fn own_url(self) -> Option<&'static str> {
        match self {
            Self::Telegram => Some(TELEGRAM),
            Self::PagerDuty => Some(PAGERDUTY),
            _ => None,
        }
    }

    /// Whether a token says who sends.
    pub const fn needs_token(self) -> bool {
        self.own_url().is_some()
    }

    /// Whether somebody may log in with a name.
    pub const fn has_user(self) -> bool {
        matches!(self, Self::Email | Self::Elasticsearch)
    }

    /// Whether messages may be signed with a secret.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::Webhook | Self::Feishu | Self::DingTalk)
    }
}

/// The word that robots with a keyword look for, when the channel names no other.
pub const KEYWORD: &str = "Log Center";
/// Telegram's own address, when the channel names no other.
pub const TELEGRAM: &str = "https://api.telegram.org";
/// PagerDuty's own address, when the channel names no other.
pub const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// What may be shown of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language's name.
    pub language: String,
    /// The address's host.
    pub host: String,
    /// The address's last characters, by which people know it.
    pub ends: String,
    /// Whether messages are signed.
    pub is_signed: bool,
    /// Telegram: the chat.
    pub chat_id: Option<String>,
    /// A word that stands in each message.
    pub keyword: Option<String>,
    /// Mail servers, Elasticsearch: the name that logs in.
    pub user: Option<String>,
    /// Mail: the sender's address.
    pub from: Option<String>,
    /// Mail: addresses.
    pub to: Vec<String>,
    /// Elasticsearch: the index or data stream.
    pub index: Option<String>,
    /// Webhooks: the body, if it is not the usual one; see [`template`](super::template).
    pub template: Option<Value>,
}

/// What is sealed of a channel.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Secrets {
    /// The address.
    pub url: String,
    /// What messages are signed with.
    pub secret: Option<String>,
    /// Telegram: the bot's token; PagerDuty: the routing key; mail servers: the password;
    /// Elasticsearch: the password or an API key.
    pub token: Option<String>,
}

/// Where a channel's messages go: all of it that is needed to send, secrets too.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The vendor.
    pub kind: Kind,
    /// The language of its messages.
    pub language: Language,
    /// The address, which for most vendors is the credential itself.
    pub url: String,
    /// What messages are signed with.
    pub secret: Option<String>,
    /// Telegram: the bot's token; PagerDuty: the routing key.
    pub token: Option<String>,
    /// Telegram: the chat.
    pub chat_id: Option<String>,
    /// A word that stands in each message.
    pub keyword: Option<String>,
    /// The name that logs in.
    pub user: Option<String>,
    /// Mail: the sender's address.
    pub from: Option<String>,
    /// Mail: addresses.
    pub to: Vec<String>,
    /// Elasticsearch: the index or data stream.
    pub index: Option<String>,
    /// Webhooks: the body, if it is not the usual one.
    pub template: Option<Value>,
}

/// Pieces of an address that may be its credential.
const PIECE_BYTES_MIN: usize = 6;

/// Secrets stay out of every log.
impl std::fmt::Debug for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Target").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Target {
    /// The word at the foot of each message.
    pub fn keyword(&self) -> &str {
        self.keyword.as_deref().unwrap_or(KEYWORD)
    }

    /// Puts the shown and the sealed part together.
    pub fn new(kind: Kind, settings: &Settings, secrets: Secrets) -> Self {
        Self {
            kind,
            language: Language::parse(&settings.language).unwrap_or_default(),
            url: secrets.url,
            secret: secrets.secret,
            token: secrets.token,
            chat_id: settings.chat_id.clone(),
            keyword: settings.keyword.clone(),
            user: settings.user.clone(),
            from: settings.from.clone(),
            to: settings.to.clone(),
            index: settings.index.clone(),
            template: settings.template.clone(),
        }
    }

    /// What must stand in no log and no answer: the secret parts, and the address behind its host.
    pub fn secrets(&self) -> Vec<&str> {
        let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
        // A vendor may repeat any piece of it, and short ones are words.
        let pieces = path.split(['/', '?', '&', '=', '#']);
        let pieces = pieces.filter(|piece| piece.len() >= PIECE_BYTES_MIN);
        let all = [self.secret.as_deref(), self.token.as_deref(), Some(path)];
        let all = all.into_iter().flatten().chain(pieces);
        all.filter(|secret| !secret.is_empty()).collect()
    }
}

/// How a message is put.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The time of this attempt, in milliseconds since 1970: signatures hold it.
    pub at: i64,
    /// Without markup and short: the vendor refused the other form.
    pub is_plain: bool,
    /// How often it was tried before.
    pub before: i64,
}

/// A request to a vendor: `POST`, JSON unless a header says otherwise. Or a mail to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The whole address.
    pub url: String,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Draft {
    /// Without further headers.
    pub(super) fn new(url: impl Into<String>, body: impl ToString) -> Self {
        Self { url: url.into(), headers: Vec::new(), body: body.to_string() }
    }
}

/// The request that brings a message to a channel.
pub fn draft(target: &Target, message: &Message, attempt: Attempt) -> Draft {
    match target.kind {
        Kind::Webhook => webhook::draft(target, message, attempt),
        Kind::Slack => slack::draft(target, message, attempt),
        Kind::Feishu => feishu::draft(target, message, attempt),
        Kind::DingTalk => dingtalk::draft(target, message, attempt),
        Kind::WeCom => wecom::draft(target, message, attempt),
        Kind::Discord => discord::draft(target, message, attempt),
        Kind::Telegram => telegram::draft(target, message, attempt),
        Kind::Teams => teams::draft(target, message, attempt),
        Kind::PagerDuty => pagerduty::draft(target, message),
        Kind::Email => email::draft(target, message, attempt),
        Kind::Elasticsearch => elastic::draft(target, message, attempt),
    }
}
