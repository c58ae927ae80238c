//! Channels: where notifications go. Their secrets come in and never go out.

use serde_json::{Value, json};

use super::configured;
use super::error::Error;
use super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::fields::Fields;
use super::lists::unknown_cursor;
use super::query::Query;
use super::record;
use crate::app::{App, Failure};
use crate::domain::notify::Language;
use crate::domain::notify::channel::{Kind, Secrets, Settings};
use crate::domain::notify::rule::NAME_CHARS_MAX;
use crate::domain::notify::verdict::Outcome;
use crate::domain::notify::{elastic, email, sign, template};
use crate::domain::query::Page;
use crate::domain::report::Fault;
use crate::domain::timestamp;
use crate::fetch::{self, Address};
use crate::notify::caution;
use crate::store::channels::{self, CHANNELS_MAX, Channel, Made};
use crate::store::{cursor, rules};

/// Characters of an address at most.
pub(super) const URL_CHARS_MAX: usize = 2_048;
/// Characters of a secret, a token or a chat's id at most.
pub(super) const SECRET_CHARS_MAX: usize = 256;
/// Characters of a keyword at most.
pub(super) const KEYWORD_CHARS_MAX: usize = 32;
/// Characters of an address that are shown.
const ENDS_CHARS: usize = 4;

/// `GET /api/v1/channels`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let (page, after) = page(request.query(), 'h')?;
    let mut items = app.read_events(channels::list).await?;
    items.retain(|channel| channel.id > after);
    let (items, next) = cut(items, page.limit, |channel| cursor::write('h', &[channel.id]));
    let ids = items.iter().map(|channel| channel.id).collect();
    let in_file = configured::among(app, "channel", ids).await?;
    let told = |channel: &Channel| {
        let mut told = shown(app, channel);
        if let Some(in_file) = &in_file {
            told["from_file"] = json!(in_file.contains(&channel.id));
        }
        told
    };
    let items: Vec<Value> = items.iter().map(told).collect();
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `POST /api/v1/channels`.
pub(super) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let body = request.body(CHANGE_BYTES_MAX).await?;
    request.who()?;
    let mut fields = Fields::parse(&body)?;
    let mut channel = begun(&mut fields, app.now());
    let mut secrets = Secrets::default();
    apply(&mut fields, &mut channel, &mut secrets);
    fields.finish()?;
    channel.sealed = app.notifier.seal(&secrets).map_err(Failure::Store)?;
    let made = app.write(move |writer| channels::create(writer, &channel)).await?;
    let channel = done(made, CHANNELS_MAX)?;
    app.notifier.wake();
    Ok(recorded(exchange::json_created(&shown(app, &channel)), &channel))
}

/// A channel of the kind that a body names, with nothing else yet.
pub(super) fn begun(fields: &mut Fields, now: i64) -> Channel {
    let expected = format!("one of {}", Kind::ALL.map(Kind::name).join(", "));
    let kind = fields.choice("kind", &expected, Kind::parse);
    if kind.is_none() {
        fields.missing("kind");
    }
    if !fields.has("name") || fields.is_null("name") {
        fields.missing("name");
    }
    Channel {
        id: 0,
        name: String::new(),
        kind: kind.unwrap_or(Kind::Webhook),
        enabled: true,
        settings: Settings { language: Language::En.name().into(), ..Settings::default() },
        sealed: Vec::new(),
        created_at: now,
        rests_until: 0,
        trouble: None,
        waiting: 0,
        dead: 0,
    }
}

/// `POST /api/v1/channels/preview`: nothing is kept or sent.
pub(super) async fn preview(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut fields = Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?;
    let mut settings = Settings::default();
    apply_language(&mut fields, &mut settings);
    apply_template(&mut fields, Kind::Webhook, &mut settings);
    fields.finish()?;
    Ok(exchange::json_ok(&json!({ "body": app.notifier.example(&settings) })))
}

/// `GET /api/v1/channels/{channel_id}`.
pub(super) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    let channel = found(app, &request).await?;
    Ok(exchange::json_ok(&shown(app, &channel)))
}

/// `PATCH /api/v1/channels/{channel_id}`.
pub(super) async fn change(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut fields = Fields::parse(&request.body(CHANGE_BYTES_MAX).await?)?;
    request.who()?;
    let mut channel = found(app, &request).await?;
    configured::refuse(app, "channel", channel.id).await?;
    let before = app.notifier.unseal(&channel);
    let has_token = fields.has("token");
    let is_sealed_anew = ["url", "secret", "token"].iter().any(|name| fields.has(name));
    let mut secrets = before.clone().unwrap_or_default();
    if before.is_none() && is_sealed_anew && !fields.has("url") && !channel.kind.needs_token() {
        fields.missing("url");
    }
    if before.is_some() || is_sealed_anew {
        apply(&mut fields, &mut channel, &mut secrets);
    } else {
        apply_shown(&mut fields, &mut channel);
    }
    // A stored secret goes nowhere else.
    let is_elsewhere = before.as_ref().is_none_or(|was| origin(&was.url) != origin(&secrets.url));
    if secrets.token.is_some() && is_elsewhere && !has_token {
        fields.missing("token");
    }
    fields.finish()?;
    if is_sealed_anew {
        channel.sealed = app.notifier.seal(&secrets).map_err(Failure::Store)?;
    }
    let made = app.write(move |writer| channels::change(writer, &channel)).await?;
    let channel = done(made.ok_or(Error::NotFound("channel"))?, CHANNELS_MAX)?;
    app.notifier.wake();
    Ok(recorded(exchange::json_ok(&shown(app, &channel)), &channel))
}

/// The record tells a channel's name and kind; its address may hold a secret.
fn recorded(answer: Response, channel: &Channel) -> Response {
    let detail = json!({ "name": channel.name, "kind": channel.kind.name() });
    record::about(answer, format!("channel {}", channel.id), detail)
}

/// Scheme, host and port, as they are written: another port is another program's.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    &url[..path]
}

/// `DELETE /api/v1/channels/{channel_id}`.
pub(super) async fn remove(app: &App, request: Request) -> Result<Response, Error> {
    let id = id(&request, "channel")?;
    request.who()?;
    configured::refuse(app, "channel", id).await?;
    if !app.write(move |writer| channels::remove(writer, id)).await? {
        return Err(Error::NotFound("channel"));
    }
    app.notifier.wake();
    Ok(exchange::json_ok(&json!({ "deleted": { "id": id } })))
}

/// `POST /api/v1/channels/{channel_id}/test`.
pub(super) async fn test(app: &App, request: Request) -> Result<Response, Error> {
    request.who()?;
    let mut query = Query::parse(request.query());
    let rule = query.integer("rule_id", 1..=i64::MAX);
    query.finish()?;
    let channel = found(app, &request).await?;
    let mentions = match rule {
        None => Vec::new(),
        Some(id) => {
            let named = app.read_events(move |db| rules::find(db, id)).await?;
            named.ok_or(Error::NotFound("rule"))?.rule.mentions
        }
    };
    let attempted = app.notifier.test(&channel, &mentions).await;
    Ok(exchange::json_ok(&json!({
        "outcome": attempted.verdict.outcome.name(),
        "code": attempted.verdict.code,
        "reason": attempted.verdict.reason,
        "answer": attempted.answer,
        "took_ms": attempted.took_ms,
        "caution": caution(channel.kind).filter(|_| attempted.verdict.outcome == Outcome::Sent),
    })))
}

async fn found(app: &App, request: &Request) -> Result<Channel, Error> {
    let id = id(request, "channel")?;
    let found = app.read_events(move |db| channels::find(db, id)).await?;
    found.ok_or(Error::NotFound("channel"))
}

/// Reads the members of a body into a channel; what is absent stays.
pub(super) fn apply(fields: &mut Fields, channel: &mut Channel, secrets: &mut Secrets) {
    apply_shown(fields, channel);
    if let Some(url) = fields.text("url", URL_CHARS_MAX) {
        match address(channel.kind, &url) {
            Ok(_) => secrets.url = url.trim().to_owned(),
            Err(why) => fields.fault("url", why),
        }
    }
    if secrets.url.is_empty() {
        match channel.kind.own_url() {
            Some(url) => secrets.url = url.to_owned(),
            None => fields.missing("url"),
        }
    }
    if let Some(secret) = fields.clearable_name("secret", SECRET_CHARS_MAX) {
        let is_wrong = secret.as_deref().is_some_and(|secret| !fits(channel.kind, secret));
        if is_wrong {
            fields.fault("secret", expected_secret(channel.kind));
        }
        secrets.secret = secret;
    }
    if let Some(token) = fields.clearable_name("token", SECRET_CHARS_MAX) {
        secrets.token = token;
    }
    let needs_token = channel.kind.needs_token();
    if needs_token && secrets.token.is_none() {
        fields.missing("token");
    }
    if channel.kind == Kind::Telegram && channel.settings.chat_id.is_none() {
        fields.missing("chat_id");
    }
    if channel.kind == Kind::Email {
        if channel.settings.from.is_none() {
            fields.missing("from");
        }
        if channel.settings.to.is_empty() {
            fields.missing("to");
        }
    }
    let address = address(channel.kind, &secrets.url).ok();
    let host = address.map_or_else(String::new, |address| address.host().to_owned());
    let shown = secrets.token.as_ref().filter(|_| needs_token).unwrap_or(&secrets.url);
    let letters = shown.chars().count();
    channel.settings.ends = shown.chars().skip(letters.saturating_sub(ENDS_CHARS)).collect();
    channel.settings.host = host;
    channel.settings.is_signed = secrets.secret.is_some();
}

fn apply_shown(fields: &mut Fields, channel: &mut Channel) {
    if let Some(name) = fields.name("name", NAME_CHARS_MAX) {
        channel.name = name;
    }
    if let Some(enabled) = fields.choice_flag("enabled") {
        channel.enabled = enabled;
    }
    apply_language(fields, &mut channel.settings);
    apply_template(fields, channel.kind, &mut channel.settings);
    if let Some(chat) = fields.clearable_name("chat_id", SECRET_CHARS_MAX) {
        channel.settings.chat_id = chat;
    }
    if let Some(keyword) = fields.clearable_name("keyword", KEYWORD_CHARS_MAX) {
        channel.settings.keyword = keyword;
    }
    apply_further(fields, channel.kind, &mut channel.settings);
}

fn apply_language(fields: &mut Fields, settings: &mut Settings) {
    if !fields.takes_null("language")
        && let Some(language) = fields.choice("language", "one of en, zh, ru", Language::parse)
    {
        settings.language = language.name().to_owned();
    }
}

fn apply_template(fields: &mut Fields, kind: Kind, settings: &mut Settings) {
    let Some(value) = fields.take("template") else { return };
    let wanted = (!value.is_null()).then_some(value);
    match wanted.as_ref().map(template::check) {
        Some(_) if kind != Kind::Webhook => fields.fault("template", NOT_OF_THIS_KIND),
        Some(Err(why)) => fields.fault("template", why),
        _ => settings.template = wanted,
    }
}

fn address(kind: Kind, url: &str) -> Result<Address, String> {
    match kind {
        Kind::Email => fetch::smtp::server(url),
        _ => fetch::split(url).map(|(address, _)| address),
    }
}

/// What only some kinds have. Of the others it is refused, as it would have no effect.
fn apply_further(fields: &mut Fields, kind: Kind, settings: &mut Settings) {
    let (has_user, is_email) = (kind.has_user(), kind == Kind::Email);
    let table: [(&str, bool, Further<'_>, Check); 3] = [
        ("user", has_user, &mut settings.user, (|_| true, "")),
        ("from", is_email, &mut settings.from, (email::is_address, ADDRESS_EXPECTED)),
        ("index", kind == Kind::Elasticsearch, &mut settings.index, (elastic::is_index, INDEX)),
    ];
    for (name, has_it, place, (is_right, expected)) in table {
        let Some(value) = fields.clearable_name(name, SECRET_CHARS_MAX) else { continue };
        match &value {
            Some(_) if !has_it => fields.fault(name, NOT_OF_THIS_KIND),
            Some(text) if !is_right(text) => fields.fault(name, expected),
            _ => *place = value,
        }
    }
    let chars_max = email::ADDRESS_CHARS_MAX;
    if let Some(to) = fields.names("to", chars_max, email::RECIPIENTS_MAX) {
        if !is_email {
            fields.fault("to", NOT_OF_THIS_KIND);
        } else if let Some(wrong) = to.iter().find(|one| !email::is_address(one)) {
            fields.fault("to", format!("{ADDRESS_EXPECTED}, got {wrong:?}"));
        } else {
            settings.to = to;
        }
    }
}

type Further<'a> = &'a mut Option<String>;
type Check = (fn(&str) -> bool, &'static str);

const ADDRESS_EXPECTED: &str = "expected an address as dev@example.org";
const INDEX: &str = "expected an index's name: lower-case letters, digits, and - _ . within";
const NOT_OF_THIS_KIND: &str = "this kind of channel has none";

fn fits(kind: Kind, secret: &str) -> bool {
    match kind {
        Kind::Webhook => sign::webhook_key(secret).is_some(),
        other => other.has_secret(),
    }
}

const fn expected_secret(kind: Kind) -> &'static str {
    match kind {
        Kind::Webhook => "expected whsec_ and 24 to 64 random bytes in base64",
        _ => "this kind of channel signs nothing",
    }
}

/// A channel as it goes out.
fn shown(app: &App, channel: &Channel) -> Value {
    let settings = &channel.settings;
    json!({
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind.name(),
        "enabled": channel.enabled,
        "language": settings.language,
        "host": settings.host,
        "ends": settings.ends,
        "is_signed": settings.is_signed,
        "chat_id": settings.chat_id,
        "keyword": settings.keyword,
        "user": settings.user,
        "from": settings.from,
        "to": settings.to,
        "index": settings.index,
        "template": settings.template,
        "created_at": timestamp::format(channel.created_at),
        "rests_until": (channel.rests_until > app.now())
            .then(|| timestamp::format(channel.rests_until)),
        "trouble": app.notifier.trouble(channel),
        "waiting": channel.waiting,
        "dead": channel.dead,
    })
}

/// The number in a path.
pub(super) fn id(request: &Request, what: &'static str) -> Result<i64, Error> {
    let text = request.param(0);
    let id = text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text);
    id.ok_or(Error::NotFound(what))
}

/// What became of a creation or a change.
pub(super) fn done<T>(made: Made<T>, max: i64) -> Result<T, Error> {
    match made {
        Made::Done(value) => Ok(value),
        Made::NameTaken => Err(Error::Conflict {
            message: "another one has this name".to_owned(),
            info: json!({ "field": "name" }),
        }),
        Made::TooMany => Err(Error::Conflict {
            message: format!("there are {max} already"),
            info: json!({ "max": max }),
        }),
    }
}

/// Which part of a list that goes by ids; and the id behind which it begins.
pub(super) fn page(query: &str, kind: char) -> Result<(Page, i64), Error> {
    let mut query = Query::parse(query);
    let page = query.page();
    query.finish()?;
    let after = match page.cursor.as_deref() {
        None => 0,
        Some(text) => {
            let [after] = cursor::read(kind, text).ok_or_else(unknown_cursor)?;
            after
        }
    };
    Ok((page, after))
}

/// The first items, and the cursor for those behind them.
pub(super) fn cut<T>(
    mut items: Vec<T>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(cursor);
    (items, next)
}

/// The refusal of a channel that a rule names and that is not there.
pub(super) fn unknown(channel: i64) -> Error {
    Fault::new("channels", format!("there is no channel {channel}")).into()
}
