//! Notifications on their way, and every attempt to send one.

use serde_json::{Value, json};

use super::channels::{cut, id};
use super::error::Error;
use super::exchange::{self, Request, Response};
use super::lists::unknown_cursor;
use super::query::Query;
use crate::app::App;
use crate::domain::timestamp;
use crate::store::cursor;
use crate::store::notices::{self, Delivery, Notice, State, Wanted};

/// `GET /api/v1/notices`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let (wanted, limit) = wanted(request.query(), 'n', true)?;
    let items = app.read_events(move |db| notices::list(db, &wanted)).await?;
    let (items, next) = cut(items, limit, |notice| cursor::write('n', &[notice.id]));
    let items: Vec<Value> = items.iter().map(notice).collect();
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `GET /api/v1/deliveries`.
pub(super) async fn deliveries(app: &App, request: Request) -> Result<Response, Error> {
    let (wanted, limit) = wanted(request.query(), 'd', false)?;
    let items = app.read_events(move |db| notices::deliveries(db, &wanted)).await?;
    let (items, next) = cut(items, limit, |delivery| cursor::write('d', &[delivery.id]));
    let items: Vec<Value> = items.iter().map(delivery).collect();
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `POST /api/v1/notices/replay`.
pub(super) async fn replay_all(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let channel = query.integer("channel_id", 1..=i64::MAX);
    query.finish()?;
    request.who()?;
    again(app, None, channel).await
}

/// `POST /api/v1/notices/{notice_id}/replay`.
pub(super) async fn replay(app: &App, request: Request) -> Result<Response, Error> {
    let id = id(&request, "notification")?;
    request.who()?;
    let found = app.read_events(move |db| notices::find(db, id)).await?;
    let found = found.ok_or(Error::NotFound("notification"))?;
    if found.state != State::Dead {
        return Err(Error::Conflict {
            message: "it was not given up".to_owned(),
            info: json!({ "state": found.state.name() }),
        });
    }
    again(app, Some(id), None).await
}

async fn again(app: &App, id: Option<i64>, channel: Option<i64>) -> Result<Response, Error> {
    let now = app.now();
    let replayed = app.write(move |writer| notices::replay(writer, id, channel, now)).await?;
    app.notifier.wake();
    Ok(exchange::json_ok(&json!({ "replayed": replayed })))
}

/// Which part of a list, and how long it is: one more is asked for, to know whether there is one.
fn wanted(query: &str, kind: char, has_state: bool) -> Result<(Wanted, usize), Error> {
    let mut query = Query::parse(query);
    let channel = query.integer("channel_id", 1..=i64::MAX);
    let issue = query.integer("issue_id", 1..=i64::MAX);
    let state =
        if has_state { query.choice("state", "waiting, sent or dead", State::parse) } else { None };
    let page = query.page();
    query.finish()?;
    let below = match page.cursor.as_deref() {
        None => None,
        Some(text) => {
            let [below] = cursor::read(kind, text).ok_or_else(unknown_cursor)?;
            Some(below)
        }
    };
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    Ok((Wanted { channel, issue, state, below, limit }, page.limit))
}

fn notice(notice: &Notice) -> Value {
    let is_waiting = notice.state == State::Waiting;
    json!({
        "id": notice.id,
        "channel_id": notice.channel,
        "rule_id": notice.rule,
        "trigger": notice.trigger.name(),
        "issue_id": notice.issue,
        "state": notice.state.name(),
        "attempts": notice.attempts,
        "created_at": timestamp::format(notice.created_at),
        "next_at": is_waiting.then(|| timestamp::format(notice.next_at)),
        "ended_at": notice.ended_at.map(timestamp::format),
        "environment": notice.facts.environment,
        "folded": notice.facts.folded.as_ref().map(|folded| json!({
            "created": folded.created,
            "regressed": folded.regressed,
            "other": folded.other,
        })),
    })
}

fn delivery(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "notice_id": delivery.notice,
        "channel_id": delivery.channel,
        "issue_id": delivery.issue,
        "trigger": delivery.trigger,
        "at": timestamp::format(delivery.at),
        "took_ms": delivery.took_ms,
        "outcome": delivery.outcome,
        "code": delivery.code,
        "reason": delivery.reason,
        "answer": delivery.answer,
    })
}
