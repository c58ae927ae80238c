//! Rules: which happenings are worth a notification.

use serde_json::{Value, json};

use super::channels::{cut, done, id, page, unknown};
use super::configured;
use super::error::Error;
use super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::fields::Fields;
use super::record;
use crate::app::App;
use crate::domain::level::Level;
use crate::domain::notify::Trigger;
use crate::domain::notify::digest::{Digest, Every};
use crate::domain::notify::mention::{EXPECTED, MENTION_CHARS_MAX, MENTIONS_MAX, Mention};
use crate::domain::notify::rule::{
    HOURS_MAX, MINUTES_MAX, NAME_CHARS_MAX, Quiet, REPORTS_MAX, Rule, WORDS_MAX,
};
use crate::domain::query::TZ_OFFSET_MINUTES_MAX;
use crate::domain::report::WORD_CHARS_MAX;
use crate::domain::search::{Asked, QUERY_CHARS_MAX};
use crate::domain::status::Status;
use crate::domain::timestamp;
use crate::store::channels::{self, CHANNELS_MAX};
use crate::store::cursor;
use crate::store::preview::{self, Foreseen, Preview};
use crate::store::rules::{self, Named, RULES_MAX};

/// `GET /api/v1/rules`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let (page, after) = page(request.query(), 'r')?;
    let mut items = app.read_events(rules::list).await?;
    let default = items.is_empty().then(|| rule(&Rule::default()));
    items.retain(|rule| rule.id > after);
    let (items, next) = cut(items, page.limit, |rule| cursor::write('r', &[rule.id]));
    let ids = items.iter().map(|rule| rule.id).collect();
    let in_file = configured::among(app, "rule", ids).await?;
    let told = |rule: &Named| {
        let mut told = shown(rule);
        if let Some(in_file) = &in_file {
            told["from_file"] = json!(in_file.contains(&rule.id));
        }
        told
    };
    let items: Vec<Value> = items.iter().map(told).collect();
    let answer = json!({ "items": items, "next_cursor": next, "default": default });
    Ok(exchange::json_ok(&answer))
}

/// `POST /api/v1/rules`.
pub(super) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut fields = Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?;
    request.who()?;
    let mut wanted = Rule::default();
    let name = fields.name("name", NAME_CHARS_MAX);
    if name.is_none() {
        fields.missing("name");
    }
    apply(&mut fields, &mut wanted);
    fields.finish()?;
    check_channels(app, &wanted).await?;
    let name = name.unwrap_or_default();
    let made = app.write(move |writer| rules::create(writer, &name, &wanted)).await?;
    let made = done(made, RULES_MAX)?;
    Ok(recorded(exchange::json_created(&shown(&made)), &made))
}

/// `POST /api/v1/rules/preview`: nothing is kept.
pub(super) async fn preview(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut fields = Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?;
    let mut wanted = Rule::default();
    // A rule that is being made may have its name already; it says nothing here.
    fields.name("name", NAME_CHARS_MAX);
    apply(&mut fields, &mut wanted);
    fields.finish()?;
    check_channels(app, &wanted).await?;
    let now = app.now();
    let foreseen = app.read(move |db| preview::foresee(db, &wanted, now)).await?;
    Ok(exchange::json_ok(&shown_preview(&foreseen)))
}

/// `GET /api/v1/rules/{rule_id}`.
pub(super) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    Ok(exchange::json_ok(&shown(&found(app, &request).await?)))
}

/// `PATCH /api/v1/rules/{rule_id}`.
pub(super) async fn change(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut fields = Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?;
    request.who()?;
    let mut wanted = found(app, &request).await?;
    configured::refuse(app, "rule", wanted.id).await?;
    if let Some(name) = fields.name("name", NAME_CHARS_MAX) {
        wanted.name = name;
    }
    apply(&mut fields, &mut wanted.rule);
    fields.finish()?;
    check_channels(app, &wanted.rule).await?;
    let made = app.write(move |writer| rules::change(writer, &wanted)).await?;
    let changed = done(made.ok_or(Error::NotFound("rule"))?, RULES_MAX)?;
    Ok(recorded(exchange::json_ok(&shown(&changed)), &changed))
}

fn recorded(answer: Response, rule: &Named) -> Response {
    record::about(answer, format!("rule {}", rule.id), json!({ "name": rule.name }))
}

/// `DELETE /api/v1/rules/{rule_id}`.
pub(super) async fn remove(app: &App, request: Request) -> Result<Response, Error> {
    let id = id(&request, "rule")?;
    request.who()?;
    configured::refuse(app, "rule", id).await?;
    if !app.write(move |writer| rules::remove(writer, id)).await? {
        return Err(Error::NotFound("rule"));
    }
    Ok(exchange::json_ok(&json!({ "deleted": { "id": id } })))
}

async fn found(app: &App, request: &Request) -> Result<Named, Error> {
    let id = id(request, "rule")?;
    let found = app.read_events(move |db| rules::find(db, id)).await?;
    found.ok_or(Error::NotFound("rule"))
}

async fn check_channels(app: &App, wanted: &Rule) -> Result<(), Error> {
    let present = app.read_events(channels::list).await?;
    let is_there = |id: &i64| present.iter().any(|channel| channel.id == *id);
    wanted.channels.iter().find(|id| !is_there(id)).map_or(Ok(()), |id| Err(unknown(*id)))
}

/// Reads the members of a body into a rule; what is absent stays, and `null` is the default.
pub(super) fn apply(fields: &mut Fields, rule: &mut Rule) {
    let plain = Rule::default();
    if let Some(enabled) = fields.choice_flag("enabled") {
        rule.enabled = enabled;
    }
    if fields.has("channels") {
        rule.channels = ids(fields);
    }
    for (name, list) in [
        ("projects", &mut rule.projects),
        ("types", &mut rule.types),
        ("codes", &mut rule.codes),
        ("paths", &mut rule.paths),
        ("versions", &mut rule.versions),
    ] {
        if fields.has(name) {
            *list = fields.names(name, WORD_CHARS_MAX, WORDS_MAX).unwrap_or_default();
        }
    }
    if fields.has("query") {
        rule.query = query(fields);
    }
    if fields.has("environments") {
        rule.environments = fields.names("environments", WORD_CHARS_MAX, WORDS_MAX);
    }
    if fields.takes_null("level") {
        rule.level = plain.level;
    } else if let Some(level) = level(fields, "level") {
        rule.level = level;
    }
    if fields.has("triggers") {
        rule.triggers = words(fields, "triggers", "names of triggers", |name| {
            Trigger::parse(name).filter(|one| Trigger::OF_RULES.contains(one))
        })
        .unwrap_or(plain.triggers);
    }
    if fields.has("moved_to") {
        let names = words(fields, "moved_to", "names of statuses", Status::parse);
        let names = names.unwrap_or_default();
        rule.moved_to = names.into_iter().map(|status| status.name().to_owned()).collect();
    }
    if fields.has("reports") {
        rule.reports = fields.integer("reports", 1..=REPORTS_MAX).unwrap_or(plain.reports);
    }
    if fields.has("minutes") {
        rule.minutes = fields.integer("minutes", 1..=MINUTES_MAX).unwrap_or(plain.minutes);
    }
    if fields.has("hours") {
        rule.hours = fields.integer("hours", 1..=HOURS_MAX).unwrap_or(plain.hours);
    }
    if fields.has("digest") {
        rule.digest = digest(fields).unwrap_or_default();
    }
    if fields.has("quiet") {
        rule.quiet = quiet(fields);
    }
    if fields.has("mentions") {
        rule.mentions = mentions(fields);
    }
}

fn mentions(fields: &mut Fields) -> Vec<String> {
    let names = fields.names("mentions", MENTION_CHARS_MAX, MENTIONS_MAX).unwrap_or_default();
    let mut read = Vec::new();
    for name in &names {
        match Mention::parse(name) {
            Some(one) => read.push(one.text()),
            None => fields.fault("mentions", format!("expected {EXPECTED}, got {name:?}")),
        }
    }
    read
}

/// A query of the search language that can be asked of one report.
fn query(fields: &mut Fields) -> String {
    let text = fields.text("query", QUERY_CHARS_MAX).unwrap_or_default();
    if let Err(fault) = Asked::parse(&text) {
        fields.fault("query", format!("{} (after {} characters)", fault.message, fault.position));
    }
    text
}

fn quiet(fields: &mut Fields) -> Option<Quiet> {
    let mut inner = fields.object("quiet")?;
    let time = |inner: &mut Fields, name: &str| {
        let minute = inner.choice(name, "a time as 22:00", minute_of);
        if minute.is_none() {
            inner.missing(name);
        }
        minute.unwrap_or(0)
    };
    let zone = TZ_OFFSET_MINUTES_MAX;
    let quiet = Quiet {
        from_minute: time(&mut inner, "from"),
        to_minute: time(&mut inner, "to"),
        weekends: inner.flag("weekends"),
        tz_offset_minutes: inner.integer("tz_offset_minutes", -zone..=zone).unwrap_or(0),
        below: if inner.has("below") { level(&mut inner, "below") } else { None }
            .unwrap_or(Level::Critical),
    };
    fields.close(inner);
    Some(quiet)
}

fn digest(fields: &mut Fields) -> Option<Digest> {
    let mut inner = fields.object("digest")?;
    let plain = Digest::default();
    let zone = TZ_OFFSET_MINUTES_MAX;
    let every =
        inner.has("every").then(|| inner.choice("every", "hour, day or week", Every::parse));
    let at = inner.has("at").then(|| inner.choice("at", "a time as 09:00", minute_of));
    let digest = Digest {
        every: every.flatten().unwrap_or(plain.every),
        at_minute: at.flatten().unwrap_or(plain.at_minute),
        tz_offset_minutes: inner.integer("tz_offset_minutes", -zone..=zone).unwrap_or(0),
    };
    fields.close(inner);
    Some(digest)
}

fn level(fields: &mut Fields, name: &str) -> Option<Level> {
    fields.choice(name, "DEBUG, INFO, WARNING, ERROR or CRITICAL", Level::parse)
}

/// Minutes of a day.
fn minute_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':').filter(|_| text.len() == 5)?;
    let number = |text: &str, max: i64| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= max)
    };
    Some(number(hours, 23)? * 60 + number(minutes, 59)?)
}

fn words<T: PartialEq>(
    fields: &mut Fields,
    name: &str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    let value = fields.take(name).filter(|value| !value.is_null())?;
    let parsed: Option<Vec<T>> = value
        .as_array()
        .map(|items| items.iter().map(|item| item.as_str().and_then(&parse)).collect())
        .unwrap_or_default();
    if parsed.is_none() {
        fields.unexpected(name, &format!("an array of {expected}"), &value);
    }
    parsed
}

fn ids(fields: &mut Fields) -> Vec<i64> {
    let Some(value) = fields.take("channels").filter(|value| !value.is_null()) else {
        return Vec::new();
    };
    let read: Option<Vec<i64>> = value
        .as_array()
        .filter(|items| items.len() <= usize::try_from(CHANNELS_MAX).unwrap_or(0))
        .and_then(|items| items.iter().map(Value::as_i64).collect());
    if read.is_none() {
        fields.unexpected("channels", "an array of channels' ids", &value);
    }
    read.unwrap_or_default()
}

fn shown(named: &Named) -> Value {
    let mut shown = rule(&named.rule);
    shown["id"] = json!(named.id);
    shown["name"] = json!(named.name);
    shown
}

fn shown_preview(preview: &Preview) -> Value {
    let item = |one: &Foreseen| {
        json!({
            "trigger": one.trigger.name(),
            "issue_id": one.issue,
            "project_id": one.project_id,
            "type": if one.kind.is_empty() { None } else { Some(&one.kind) },
            "at": timestamp::format(one.at),
        })
    };
    let estimated: Vec<&str> = preview.estimated.iter().map(|one| one.name()).collect();
    json!({
        "days": preview::DAYS,
        "messages": preview.messages,
        "happenings": preview.happenings,
        "items": preview.shown.iter().map(item).collect::<Vec<_>>(),
        "complete": preview.is_complete,
        "estimated": estimated,
    })
}

fn rule(rule: &Rule) -> Value {
    let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let quiet = rule.quiet.as_ref().map(|quiet| {
        json!({
            "from": time(quiet.from_minute),
            "to": time(quiet.to_minute),
            "weekends": quiet.weekends,
            "tz_offset_minutes": quiet.tz_offset_minutes,
            "below": quiet.below.name(),
        })
    });
    let triggers: Vec<&str> = rule.triggers.iter().map(|trigger| trigger.name()).collect();
    json!({
        "enabled": rule.enabled,
        "channels": rule.channels,
        "projects": rule.projects,
        "environments": rule.environments,
        "level": rule.level.name(),
        "types": rule.types,
        "codes": rule.codes,
        "paths": rule.paths,
        "versions": rule.versions,
        "query": if rule.query.is_empty() { None } else { Some(&rule.query) },
        "triggers": triggers,
        "reports": rule.reports,
        "minutes": rule.minutes,
        "moved_to": rule.moved_to,
        "digest": {
            "every": rule.digest.every.name(),
            "at": time(rule.digest.at_minute),
            "tz_offset_minutes": rule.digest.tz_offset_minutes,
        },
        "hours": rule.hours,
        "quiet": quiet,
        "mentions": rule.mentions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Rule, Error> {
        let mut fields = Fields::parse(body.as_bytes())?;
        let mut rule = Rule { level: Level::Warning, ..Rule::default() };
        apply(&mut fields, &mut rule);
        fields.finish().map(|()| rule)
    }

    #[test]
    fn what_is_absent_stays_and_null_is_the_default() {
        assert_eq!(read("{}").expect("valid").level, Level::Warning);
        assert_eq!(read(r#"{"level":"critical"}"#).expect("valid").level, Level::Critical);
        let rule = read(r#"{"environments":null,"triggers":["moved"],"quiet":null}"#);
        let rule = rule.expect("valid");
        assert_eq!((rule.environments, rule.triggers), (None, vec![Trigger::Moved]));
        let rule = read(r#"{"query":"count:>9","paths":["a.py"]}"#).expect("valid");
        assert_eq!((rule.query.as_str(), rule.paths.len()), ("count:>9", 1));
        assert_eq!(read(r#"{"query":null}"#).expect("valid").query, "");
    }

    #[test]
    fn quiet_hours_are_read_and_shown_alike() {
        let body = r#"{"quiet":{"from":"22:30","to":"07:00","weekends":true}}"#;
        let read = read(body).expect("valid");
        let shown = &rule(&read)["quiet"];
        assert_eq!((&shown["from"], &shown["to"]), (&json!("22:30"), &json!("07:00")));
        assert_eq!(shown["below"], "CRITICAL");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for body in [
            r#"{"level":"LOUD"}"#,
            r#"{"triggers":["storm"]}"#,
            r#"{"triggers":"created"}"#,
            r#"{"moved_to":["GONE"]}"#,
            r#"{"reports":0}"#,
            r#"{"minutes":1.5}"#,
            r#"{"quiet":{"from":"24:00","to":"07:00"}}"#,
            r#"{"quiet":{"from":"22:00"}}"#,
            r#"{"channels":["1"]}"#,
            r#"{"digest":{"every":"year"}}"#,
            r#"{"hours":0}"#,
            r#"{"query":"level:loud"}"#,
            r#"{"query":"is:rising"}"#,
            r#"{"query":7}"#,
            r#"{"mentions":["ann"]}"#,
            r#"{"mentions":"slack:U1"}"#,
            r#"{"wat":1}"#,
        ] {
            assert_eq!(read(body).expect_err(body).status(), 400);
        }
    }
}
