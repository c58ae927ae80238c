//! PagerDuty's events: one alert an issue, acknowledged while somebody fixes it and resolved when
//! its fix is deployed. Text is not marked up.

use serde_json::{Map, Value, json};

use super::Trigger;
use super::channel::{Draft, KEYWORD, Target};
use super::message::Message;
use super::plain;
use crate::domain::level::Level;
use crate::domain::status::Status;

/// Characters of a summary at most.
const SUMMARY_CHARS_MAX: usize = 1_024;

/// The request for a message.
pub(super) fn draft(target: &Target, message: &Message) -> Draft {
    let data = &message.data["data"];
    let issue = data["id"].as_i64().filter(|id| *id > 0);
    let key = issue.map_or_else(|| message.id.clone(), |id| format!("log-center-{id}"));
    let summary = format!("{} — {}", message.title, message.text);
    let mut details: Map<String, Value> = message
        .rows
        .iter()
        .map(|(name, value)| (name.clone().into_owned(), json!(value)))
        .collect();
    details.insert("place".into(), json!(message.place));
    details.insert("frames".into(), json!(message.frames));
    let links: Vec<Value> = message
        .link
        .iter()
        .chain(&message.acts)
        .map(|(text, href)| json!({"href": href, "text": text}))
        .collect();
    if matches!(message.trigger, Trigger::Digest | Trigger::Verdict) {
        // Nobody is to be woken by a summary: it stands beside the alerts.
        let body = json!({
            "routing_key": target.token,
            "payload": {
                "summary": plain::cut(&summary, SUMMARY_CHARS_MAX),
                "source": data["project_id"].as_str().unwrap_or(KEYWORD),
                "timestamp": message.data["timestamp"],
                "custom_details": details,
            },
            "links": links,
        });
        return Draft::new(target.url.replacen("/v2/enqueue", "/v2/change/enqueue", 1), body);
    }
    let body = json!({
        "routing_key": target.token,
        "event_action": action(message),
        "dedup_key": key,
        "payload": {
            "summary": plain::cut(&summary, SUMMARY_CHARS_MAX),
            "source": data["project_id"].as_str().unwrap_or(KEYWORD),
            "severity": severity(message.level),
            "timestamp": message.data["timestamp"],
            "custom_details": details,
        },
        "links": links,
        "client": KEYWORD,
        "client_url": message.link.as_ref().map(|(_, url)| url),
    });
    Draft::new(&target.url, body)
}

fn action(message: &Message) -> &'static str {
    let to = message.data["data"]["facts"]["to"].as_str().and_then(Status::parse);
    match (message.trigger, to) {
        (Trigger::Moved, Some(Status::Deployed)) => "resolve",
        (Trigger::Moved, Some(Status::Fixing)) => "acknowledge",
        _ => "trigger",
    }
}

const fn severity(level: Level) -> &'static str {
    match level {
        Level::Critical => "critical",
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info | Level::Debug => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Facts;
    use super::super::channel::{Kind, Secrets, Settings};
    use super::super::message::{Subject, Wish};
    use super::super::{Language, sample};
    use super::*;

    #[test]
    fn a_summary_is_no_alert() {
        let secrets = Secrets {
            url: "https://events.pagerduty.com/v2/enqueue".into(),
            token: Some("key".into()),
            ..Secrets::default()
        };
        let target = Target::new(Kind::PagerDuty, &Settings::default(), secrets);
        let wish = Wish { language: Language::En, public_url: None, rule: None };
        for (trigger, path) in
            [(Trigger::Verdict, "/v2/change/enqueue"), (Trigger::Created, "/v2/enqueue")]
        {
            let subject: Subject = sample::subject(0);
            let message = Message::new("m".into(), trigger, &Facts::default(), &subject, &wish);
            let draft = draft(&target, &message);
            assert!(draft.url.ends_with(path), "{}", draft.url);
            assert_eq!(draft.body.contains("event_action"), trigger == Trigger::Created);
        }
    }

    #[test]
    fn an_issue_is_one_alert_until_its_fix_is_deployed() {
        let table = [("FIXING", "acknowledge"), ("DEPLOYED", "resolve"), ("FIX_FAILED", "trigger")];
        for (to, expected) in table {
            let facts = Facts { to: Some(to.into()), ..Facts::default() };
            let wish = Wish { language: Language::En, public_url: None, rule: None };
            let subject: Subject = sample::subject(0);
            let message = Message::new("m".into(), Trigger::Moved, &facts, &subject, &wish);
            assert_eq!(action(&message), expected, "{to}");
        }
    }
}
