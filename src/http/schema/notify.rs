//! The shapes of notifications: channels, rules, what was sent.

use serde_json::{Value, json};

use super::{closed, count, described, level, name, nullable, text, time, whole};
use crate::domain::change::PERSON_CHARS_MAX;
use crate::domain::notify::act::{Act, LINK_CHARS_MAX};
use crate::domain::notify::channel::Kind;
use crate::domain::notify::digest::Every;
use crate::domain::notify::elastic::INDEX_CHARS_MAX;
use crate::domain::notify::email::{ADDRESS_CHARS_MAX, RECIPIENTS_MAX};
use crate::domain::notify::mention::{MENTION_CHARS_MAX, MENTIONS_MAX};
use crate::domain::notify::rule::{
    HOURS_MAX, MINUTES_MAX, NAME_CHARS_MAX, REPORTS_MAX, Rule, WORDS_MAX,
};
use crate::domain::notify::template::{NAMES, TEMPLATE_BYTES_MAX};
use crate::domain::notify::verdict::Outcome;
use crate::domain::notify::{Language, Trigger};
use crate::domain::query::TZ_OFFSET_MINUTES_MAX;
use crate::domain::report::WORD_CHARS_MAX;
use crate::domain::search::QUERY_CHARS_MAX;
use crate::domain::status::Status;
use crate::http::channels::{KEYWORD_CHARS_MAX, SECRET_CHARS_MAX, URL_CHARS_MAX};
use crate::store::channels::CHANNELS_MAX;
use crate::store::notices::State;
use crate::store::preview::SHOWN_MAX;

/// Where notifications go.
pub(super) fn channel() -> Value {
    let mut schema = whole(channel_members());
    schema["properties"]["from_file"] = from_file();
    schema
}

/// Told by lists alone.
fn from_file() -> Value {
    let about = "In the list, where the server was started with a configuration file: whether it \
                 stands there, and is changed there alone.";
    described(json!({"type": "boolean"}), about)
}

fn channel_members() -> Value {
    json!({
        "id": {"type": "integer", "minimum": 1},
        "name": text(),
        "kind": {"type": "string", "enum": Kind::ALL.map(Kind::name)},
        "enabled": {"type": "boolean"},
        "language": language(),
        "host": described(text(), "Where its address leads."),
        "ends": described(text(), "The last characters of its address, or of its token."),
        "is_signed": {"type": "boolean"},
        "chat_id": nullable(text()),
        "keyword": nullable(text()),
        "user": nullable(text()),
        "from": nullable(text()),
        "to": {"type": "array", "items": text()},
        "index": nullable(text()),
        "template": described(
            json!({"type": ["object", "array", "null"]}),
            "Of a webhook: its body, if it is not the usual one.",
        ),
        "created_at": time(),
        "rests_until": described(nullable(time()), "Nothing is sent before."),
        "trouble": described(nullable(text()), "What somebody has to mend."),
        "waiting": described(count(), "Notifications that wait."),
        "dead": described(count(), "Notifications that were given up."),
    })
}

/// Mentions that can be read, if not all of them.
const MENTION_PATTERN: &str = "^(slack:[UWS][A-Z0-9]{1,20}|(feishu|dingtalk):[A-Za-z0-9_-]{1,40}|\
    wecom:[A-Za-z0-9_.@-]{1,40}|discord:&?[0-9]{1,20}|telegram:([0-9]{1,20}|@[A-Za-z0-9_]{1,32})|\
    teams:[a-z]{1,20}@[a-z]{1,20}|(slack|discord):(all|here))$";

/// Addresses that can be used, if not all of them.
const URL_PATTERN: &str =
    "^(https?|smtps?)://[a-z0-9.-]*[a-z0-9](:[0-9]{1,4})?(/[A-Za-z0-9._~=&?/-]*)?$";

/// A body that makes a channel, or changes one.
pub(super) fn channel_in(is_new: bool) -> Value {
    let mut members = json!({
        "name": nullable(name(NAME_CHARS_MAX)),
        "enabled": {"type": ["boolean", "null"]},
        "language": nullable_choice(language()),
        "url": {"type": ["string", "null"], "minLength": 1, "maxLength": URL_CHARS_MAX,
            "pattern": URL_PATTERN,
            "description": "Never read back. `email`: smtp:// or smtps://. Telegram, PagerDuty: \
                another address than their own."},
        "secret": secret("Signs each message: `whsec_…` of a webhook, the robot's secret of \
            Feishu and DingTalk. Never read back."),
        "token": secret("Telegram: the bot's token; PagerDuty: the routing key; `email`: the \
            password; Elasticsearch: the password of `user`, else an API key. Never read back."),
        "chat_id": secret("Telegram: the chat."),
        "keyword": described(nullable(name(KEYWORD_CHARS_MAX)), "A word that stands in each \
            message, for robots that ask for one; without: Log Center."),
        "user": secret("`email`, `elasticsearch`: the name that logs in."),
        "from": described(nullable(name(ADDRESS_CHARS_MAX)), "`email`: the sender's address."),
        "to": described(
            json!({"type": ["array", "null"], "items": name(ADDRESS_CHARS_MAX),
                "uniqueItems": true, "maxItems": RECIPIENTS_MAX}),
            "`email`: who gets it.",
        ),
        "index": described(nullable(name(INDEX_CHARS_MAX)), "`elasticsearch`: the index or data \
            stream; without: log-center."),
        "template": template(),
    });
    if !is_new {
        return closed(&[], members);
    }
    members["name"] = name(NAME_CHARS_MAX);
    members["kind"] = json!({"type": "string", "enum": Kind::ALL.map(Kind::name)});
    let mut schema = closed(&["name", "kind"], members);
    schema["examples"] = json!([{
        "name": "team", "kind": "slack", "url": "https://hooks.slack.com/services/T0/B0/XXXX",
    }]);
    schema
}

fn template() -> Value {
    let about = format!(
        "`webhook`: JSON that is sent instead of the usual body. Within its texts `{{{{name}}}}` \
         stands for a part of the message, and a text that is one name alone takes its type: {}. \
         At most {TEMPLATE_BYTES_MAX} bytes.",
        NAMES.join(", ")
    );
    described(json!({"type": ["object", "array", "null"]}), &about)
}

/// A body that asks what a webhook would get.
pub(super) fn channel_previewing() -> Value {
    let mut schema =
        closed(&[], json!({"language": nullable_choice(language()), "template": template()}));
    schema["examples"] = json!([{"template": {"text": "{{title}} {{url}}"}}]);
    schema
}

/// What a webhook would get.
pub(super) fn channel_preview() -> Value {
    whole(json!({ "body": described(json!({"type": ["object", "array"]}), "Of a sample.") }))
}

fn secret(about: &str) -> Value {
    described(nullable(name(SECRET_CHARS_MAX)), about)
}

/// A word of a set, or `null`.
fn nullable_choice(mut schema: Value) -> Value {
    schema["type"] = json!(["string", "null"]);
    if let Some(words) = schema["enum"].as_array_mut() {
        words.push(Value::Null);
    }
    schema
}

fn language() -> Value {
    json!({"type": "string", "enum": Language::ALL.map(Language::name)})
}

/// What a vendor said to a test.
pub(super) fn channel_test() -> Value {
    whole(json!({
        "outcome": outcome(),
        "code": text(),
        "reason": described(text(), "What it means; empty when it was sent."),
        "answer": described(text(), "The beginning of what the vendor said."),
        "took_ms": count(),
        "caution": described(nullable(text()), "What this does not prove."),
    }))
}

fn outcome() -> Value {
    json!({"type": "string", "enum": Outcome::NAMES})
}

fn members() -> Value {
    let words = |about: &str| {
        described(
            json!({"type": ["array", "null"], "items": name(WORD_CHARS_MAX),
                "uniqueItems": true, "maxItems": WORDS_MAX}),
            about,
        )
    };
    json!({
        "enabled": {"type": ["boolean", "null"]},
        "channels": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1},
            "maxItems": CHANNELS_MAX, "description": "Where it sends; empty: everywhere."},
        "projects": words("Projects; `*` is wild; empty: all."),
        "environments": words("Environments; `*` is wild; `null`: the project's live ones."),
        "level": described(nullable_choice(level()), "The lowest level."),
        "types": words("The error's types; `*` is wild; empty: all."),
        "codes": words("The error's codes; `*` is wild; empty: all."),
        "paths": words("Files, or their ends after a `/`; `*` is wild; empty: all."),
        "versions": words("Versions; `*` is wild; empty: all, also reports without one."),
        "query": {"type": ["string", "null"], "minLength": 1, "maxLength": QUERY_CHARS_MAX,
            "description": "What each report has to meet, in the search language; of the marks \
                `is:regressed` and `is:muted` alone."},
        "triggers": {"type": ["array", "null"],
            "items": {"type": "string", "enum": Trigger::OF_RULES.map(Trigger::name)},
            "description": "`created`: the first report within this rule. `regressed`. \
                `milestone`: 10, 100, 1,000 … reports. `moved`: another status. `frequent`: \
                `reports` of an issue in `minutes`. `spike`: many times its usual number. \
                `spread`: an old issue reaches users, environments or versions. `silent`: a \
                project without reports for `minutes`. `trouble`: Log Center itself. \
                `digest`: what was new and came back. `verdict`: the same, `hours` after a \
                deploy."},
        "reports": {"type": ["integer", "null"], "minimum": 1, "maximum": REPORTS_MAX},
        "minutes": {"type": ["integer", "null"], "minimum": 1, "maximum": MINUTES_MAX},
        "moved_to": {"type": ["array", "null"],
            "items": {"type": "string", "enum": Status::ALL.map(Status::name)},
            "description": "Statuses for `moved`; empty: all."},
        "digest": nullable(digest()),
        "hours": {"type": ["integer", "null"], "minimum": 1, "maximum": HOURS_MAX,
            "description": "For `verdict`."},
        "quiet": nullable(quiet()),
        "mentions": described(
            json!({"type": ["array", "null"], "uniqueItems": true, "maxItems": MENTIONS_MAX,
                "items": {"type": "string", "maxLength": MENTION_CHARS_MAX,
                    "pattern": MENTION_PATTERN}}),
            "Whom its messages mention, each with the kind of channel that knows them: \
                `slack:U024BE7LH`, `feishu:ou_…`, `dingtalk:13912345678`, `wecom:zhangsan`, \
                `discord:80351110224678912` (a role: `discord:&…`), `telegram:@name`, \
                `teams:ann@example.org`; `all` of slack, feishu, dingtalk, wecom and discord.",
        ),
    })
}

fn digest() -> Value {
    let mut digest = closed(
        &[],
        json!({
            "every": {"type": "string", "enum": Every::ALL.map(Every::name)},
            "at": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
            "tz_offset_minutes": {"type": ["integer", "null"],
                "minimum": -TZ_OFFSET_MINUTES_MAX, "maximum": TZ_OFFSET_MINUTES_MAX},
        }),
    );
    digest["description"] = json!(
        "For `digest`: how often, and at which time of a day; each \
        week's on Monday."
    );
    digest
}

fn quiet() -> Value {
    let clock = json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"});
    let mut quiet = closed(
        &["from", "to"],
        json!({
            "from": clock,
            "to": clock,
            "weekends": {"type": ["boolean", "null"]},
            "tz_offset_minutes": {"type": ["integer", "null"],
                "minimum": -TZ_OFFSET_MINUTES_MAX, "maximum": TZ_OFFSET_MINUTES_MAX},
            "below": level(),
        }),
    );
    quiet["description"] = json!("Messages below this level wait until its end.");
    quiet
}

/// Which happenings are worth a notification.
pub(super) fn rule() -> Value {
    let mut members = members();
    members["id"] = json!({"type": "integer", "minimum": 1});
    members["name"] = text();
    let mut schema = whole(members);
    schema["properties"]["from_file"] = from_file();
    schema
}

/// A body that makes a rule, or changes one.
pub(super) fn rule_in(is_new: bool) -> Value {
    let mut members = members();
    if is_new {
        members["name"] = name(NAME_CHARS_MAX);
        return closed(&["name"], members);
    }
    members["name"] = nullable(name(NAME_CHARS_MAX));
    closed(&[], members)
}

/// A page of rules.
pub(super) fn rule_page() -> Value {
    let mut page = super::page("Rule");
    let of_default: Vec<&str> = Rule::default().triggers.iter().map(|one| one.name()).collect();
    let about = format!(
        "While there is no rule: the one that holds, for {} in live environments.",
        of_default.join(" and ")
    );
    page["properties"]["default"] = described(nullable(whole(members())), &about);
    page
}

/// What a rule would have sent.
pub(super) fn rule_preview() -> Value {
    let trigger = json!({"type": "string", "enum": Trigger::OF_RULES.map(Trigger::name)});
    let item = whole(json!({
        "trigger": trigger,
        "issue_id": nullable(json!({"type": "integer"})),
        "project_id": text(),
        "type": nullable(text()),
        "at": time(),
    }));
    whole(json!({
        "days": described(count(), "How far it looks back."),
        "messages": described(count(), "Messages that each of its channels would have got, if not \
            fewer, as a mailbox; of many at once one is a summary."),
        "happenings": described(count(), "What they would have told."),
        "items": {"type": "array", "items": item, "maxItems": SHOWN_MAX,
            "description": "The newest of these, newest first."},
        "complete": described(json!({"type": "boolean"}), "Whether all of these days was looked \
            at, and not only the issues seen latest."),
        "estimated": {"type": "array", "items": trigger, "description": "Triggers of which \
            what is stored proves a part alone."},
    }))
}

/// A notification.
pub(super) fn notice() -> Value {
    whole(json!({
        "id": {"type": "integer", "minimum": 1},
        "channel_id": {"type": "integer"},
        "rule_id": described(nullable(json!({"type": "integer"})), "`null`: the default rule."),
        "trigger": {"type": "string", "enum": Trigger::ALL.map(Trigger::name)},
        "issue_id": nullable(json!({"type": "integer"})),
        "state": {"type": "string", "enum": State::ALL.map(State::name)},
        "attempts": count(),
        "created_at": time(),
        "next_at": described(nullable(time()), "When it is tried next."),
        "ended_at": described(nullable(time()), "When it was sent or given up."),
        "environment": nullable(text()),
        "folded": described(
            nullable(whole(json!({"created": count(), "regressed": count(), "other": count()}))),
            "What became one message, as the channel had too many.",
        ),
    }))
}

/// An attempt.
pub(super) fn delivery() -> Value {
    whole(json!({
        "id": {"type": "integer", "minimum": 1},
        "notice_id": described(nullable(json!({"type": "integer"})), "`null`: a test."),
        "channel_id": {"type": "integer"},
        "issue_id": nullable(json!({"type": "integer"})),
        "trigger": {"type": "string", "enum": Trigger::ALL.map(Trigger::name)},
        "at": time(),
        "took_ms": count(),
        "outcome": outcome(),
        "code": described(text(), "The vendor's own, else HTTP's status."),
        "reason": text(),
        "answer": text(),
    }))
}

/// A body that uses a link, or looks at it.
pub(super) fn act_use() -> Value {
    closed(
        &["link"],
        json!({
            "link": {"type": "string", "minLength": 1, "maxLength": LINK_CHARS_MAX,
                "description": "What stands behind `#` in the link."},
            "name": described(nullable(name(PERSON_CHARS_MAX)), "Who claims the issue, of \
                somebody who is not logged in."),
        }),
    )
}

/// What a link does, and how its issue stands.
pub(super) fn act(more: Value) -> Value {
    let mut members = json!({
        "act": {"type": "string", "enum": Act::ALL.map(Act::name)},
        "expires_at": time(),
        "issue_id": {"type": "integer", "minimum": 1},
        "project_id": text(),
        "type": text(),
        "status": {"type": "string", "enum": Status::ALL.map(Status::name)},
        "assignee": nullable(text()),
        "is_muted": {"type": "boolean"},
    });
    if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more) {
        members.extend(more);
    }
    whole(members)
}

/// The same, before it is used.
pub(super) fn act_look() -> Value {
    act(json!({
        "is_used": {"type": "boolean"},
        "is_open": described(json!({"type": "boolean"}), "Whether it is still to be done."),
        "as": described(nullable(text()), "Who is logged in; `null`: a claim asks for a name."),
    }))
}
