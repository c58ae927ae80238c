//! Whom a message mentions: people whom a rule names, each by the vendor's own id.
//!
//! Invariant: an id holds letters, digits and a few marks, so it ends no markup; nothing but an id
//! of a rule mentions anybody.

use serde_json::{Value, json};

use super::channel::Kind;
use super::email;

/// People that a rule mentions at most, and those that a message does.
pub const MENTIONS_MAX: usize = 20;
/// Characters of one of them at most.
pub const MENTION_CHARS_MAX: usize = 80;
/// What one looks like, for whom wrote another.
pub const EXPECTED: &str = "a kind of channel and whom to mention there, as \
    slack:U024BE7LH, feishu:ou_…, dingtalk:13912345678, wecom:all, discord:&180…, \
    telegram:@name or teams:ann@example.org";

/// Everybody, where the vendor has that.
const ALL: &str = "all";
/// Everybody who is there now.
const HERE: &str = "here";
const ID_CHARS_MAX: usize = 64;

/// Somebody to mention in the channels of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    kind: Kind,
    who: String,
}

impl Mention {
    /// Reads `kind:who`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, who) = text.split_once(':')?;
        let kind = Kind::parse(kind)?;
        let is_right = text.chars().count() <= MENTION_CHARS_MAX && is_known(kind, who);
        is_right.then(|| Self { kind, who: who.to_owned() })
    }

    /// The text that it is read from.
    pub fn text(&self) -> String {
        format!("{}:{}", self.kind.name(), self.who)
    }

    /// Those of these texts that a kind of channel can mention.
    pub(super) fn of_kind(kind: Kind, texts: &[String]) -> Vec<String> {
        let read = texts.iter().filter_map(|text| Self::parse(text));
        read.filter(|one| one.kind == kind).map(|one| one.who).collect()
    }
}

/// Whether a vendor may know somebody of this id.
fn is_known(kind: Kind, who: &str) -> bool {
    let made_of = |text: &str, marks: &[u8]| {
        (1..=ID_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|one| one.is_ascii_alphanumeric() || marks.contains(&one))
    };
    let is_number =
        |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|one| one.is_ascii_digit());
    match kind {
        Kind::Slack => {
            let is_id = who.starts_with(['U', 'W', 'S']) && who.len() > 1 && made_of(who, b"");
            is_id || is_everybody(who)
        }
        Kind::Feishu | Kind::DingTalk => made_of(who, b"_-") || is_phone(who),
        Kind::WeCom => made_of(who, b"_-.@") || is_phone(who),
        Kind::Discord => is_number(who.strip_prefix('&').unwrap_or(who)) || is_everybody(who),
        Kind::Telegram => {
            is_number(who) || who.strip_prefix('@').is_some_and(|name| made_of(name, b"_"))
        }
        Kind::Teams => email::is_address(who) || (who.len() == 36 && made_of(who, b"-")),
        Kind::Webhook | Kind::PagerDuty | Kind::Email | Kind::Elasticsearch => false,
    }
}

fn is_everybody(who: &str) -> bool {
    matches!(who, ALL | HERE)
}

/// A number as China has them: other ids of digits are longer.
fn is_phone(who: &str) -> bool {
    let number = who.strip_prefix("+86-").unwrap_or(who);
    number.len() == 11 && number.starts_with('1') && number.bytes().all(|one| one.is_ascii_digit())
}

/// Feishu, in a card's `lark_md`.
pub(super) fn feishu(mentions: &[String]) -> String {
    joined(mentions, |who| format!("<at id={who}></at>"))
}

/// Feishu, in a text.
pub(super) fn feishu_text(mentions: &[String]) -> String {
    joined(mentions, |who| format!("<at user_id=\"{who}\"></at>"))
}

/// Slack, in `mrkdwn`.
pub(super) fn slack(mentions: &[String]) -> String {
    joined(mentions, |who| match who {
        ALL => "<!channel>".to_owned(),
        HERE => "<!here>".to_owned(),
        who if who.starts_with('S') => format!("<!subteam^{who}>"),
        who => format!("<@{who}>"),
    })
}

/// Discord: the content, and what it may mention.
pub(super) fn discord(mentions: &[String]) -> (String, Value) {
    let content = joined(mentions, |who| match who {
        ALL => "@everyone".to_owned(),
        HERE => "@here".to_owned(),
        who => format!("<@{who}>"),
    });
    let everybody: &[&str] = match mentions.iter().any(|who| is_everybody(who)) {
        true => &["everyone"],
        false => &[],
    };
    let mut allowed = json!({ "parse": everybody });
    let roles: Vec<&str> = mentions.iter().filter_map(|who| who.strip_prefix('&')).collect();
    let users: Vec<&String> =
        mentions.iter().filter(|who| who.bytes().all(|one| one.is_ascii_digit())).collect();
    if !roles.is_empty() {
        allowed["roles"] = json!(roles);
    }
    if !users.is_empty() {
        allowed["users"] = json!(users);
    }
    (content, allowed)
}

/// DingTalk: what the text says, and who is mentioned.
pub(super) fn dingtalk(mentions: &[String]) -> (String, Value) {
    let (phones, ids): (Vec<&String>, Vec<&String>) =
        mentions.iter().filter(|who| *who != ALL).partition(|who| is_phone(who));
    let is_all = mentions.iter().any(|who| who == ALL);
    let said = joined(mentions, |who| match who {
        ALL => String::new(),
        who => format!("@{who}"),
    });
    (said, json!({"atMobiles": phones, "atUserIds": ids, "isAtAll": is_all}))
}

/// WeCom's Markdown; `None`: it can mention these in a text alone.
pub(super) fn wecom(mentions: &[String]) -> Option<String> {
    let is_of_text = |who: &String| who == ALL || is_phone(who);
    (!mentions.iter().any(is_of_text)).then(|| joined(mentions, |who| format!("<@{who}>")))
}

/// WeCom: a text, and who is mentioned in it.
pub(super) fn wecom_text(text: &str, mentions: &[String]) -> Value {
    let mut body = json!({ "content": text });
    let (phones, ids): (Vec<&String>, Vec<&String>) =
        mentions.iter().partition(|who| is_phone(who));
    let ids: Vec<&str> = ids.into_iter().map(|who| if who == ALL { "@all" } else { who }).collect();
    if !ids.is_empty() {
        body["mentioned_list"] = json!(ids);
    }
    if !phones.is_empty() {
        body["mentioned_mobile_list"] = json!(phones);
    }
    body
}

/// Telegram's HTML; `is_plain`: without markup it can mention by name alone.
pub(super) fn telegram(mentions: &[String], is_plain: bool) -> String {
    joined(mentions, |who| match who {
        who if who.starts_with('@') => who.to_owned(),
        _ if is_plain => String::new(),
        id => format!("<a href=\"tg://user?id={id}\">{id}</a>"),
    })
}

/// Teams: a block's text, and the entities that it names.
pub(super) fn teams(mentions: &[String]) -> (String, Value) {
    let entity = |who: &String| {
        let mentioned = json!({"id": who, "name": who});
        json!({"type": "mention", "text": format!("<at>{who}</at>"), "mentioned": mentioned})
    };
    let entities: Vec<Value> = mentions.iter().map(entity).collect();
    (joined(mentions, |who| format!("<at>{who}</at>")), json!(entities))
}

fn joined(mentions: &[String], shown: impl Fn(&str) -> String) -> String {
    let mut all: Vec<String> = mentions.iter().map(|who| shown(who)).collect();
    all.retain(|one| !one.is_empty());
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_a_vendor_may_know_are_read() {
        let guid = "teams:8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
        let right = [
            "slack:U024BE7LH",
            "slack:S0614TZR7",
            "slack:all",
            "slack:here",
            "feishu:ou_84aad3",
            "feishu:all",
            "dingtalk:13912345678",
            "dingtalk:+86-13912345678",
            "dingtalk:all",
            "dingtalk:manager4220",
            "wecom:zhang.san",
            "wecom:all",
            "discord:80351110224678912",
            "discord:&165511591545143296",
            "telegram:@ann_lee",
            "telegram:123456789",
            "teams:ann@example.org",
            guid,
        ];
        for text in right {
            assert_eq!(Mention::parse(text).map(|one| one.text()).as_deref(), Some(text));
        }
        assert_eq!(
            Mention::parse("lark:ou_1").map(|one| one.text()).as_deref(),
            Some("feishu:ou_1")
        );
        let long = format!("wecom:{}", "x".repeat(75));
        let wrong = [
            "",
            "all",
            "slack:",
            "slack:ann",
            "slack:U1>",
            "slack:U1 U2",
            "feishu:<all>",
            "feishu:a\"b",
            "wecom:a>b",
            "discord:everyone",
            "discord:&",
            "telegram:all",
            "telegram:ann",
            "telegram:@",
            "teams:all",
            "teams:ann",
            "webhook:ann",
            "email:a@b.c",
            "pagerduty:x",
            "nobody:x",
            &long,
        ];
        for text in wrong {
            assert_eq!(Mention::parse(text), None, "{text}");
        }
    }
}
