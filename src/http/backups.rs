//! Backups: begun, and told about. What is in one is not read over HTTP: it holds everything.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::error::Error;
use super::exchange::{self, Request, Response};
use super::lists::unknown_cursor;
use super::query::Query;
use super::record;
use crate::app::{App, Failure};
use crate::domain::backup::Name;
use crate::domain::timestamp;
use crate::ingest::Refused;
use crate::jobs::backup::{Failed, Overview, Phase, UnderWay};
use crate::store::backup::Stored;
use crate::store::cursor;

/// `GET /api/v1/backups`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let page = query.page();
    query.finish()?;
    let below = match page.cursor.as_deref() {
        None => None,
        Some(text) => Some(
            cursor::read_text('b', text)
                .and_then(|name| Name::parse(&name))
                .ok_or_else(unknown_cursor)?,
        ),
    };
    let overview = overview(app).await?;
    let mut items = items(&overview);
    items.retain(|(name, _)| below.is_none_or(|below| *name < below));
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let next = items.last().filter(|_| more);
    let next = next.map(|(name, _)| cursor::write_text('b', &name.to_string()));
    let plan = app.backups.plan();
    let schedule = plan.every_hours.map(|hours| {
        let next_at = overview.next_at.map(timestamp::format);
        json!({ "every_hours": hours, "keep": plan.keep, "next_at": next_at })
    });
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    let answer = json!({ "items": items, "next_cursor": next, "schedule": schedule });
    Ok(exchange::json_ok(&answer))
}

/// `GET /api/v1/backups/{name}`.
pub(super) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    let wanted = Name::parse(request.param(0)).ok_or(Error::NotFound("backup"))?;
    let found = items(&overview(app).await?).into_iter().find(|(name, _)| *name == wanted);
    Ok(exchange::json_ok(&found.ok_or(Error::NotFound("backup"))?.1))
}

/// `POST /api/v1/backups`.
pub(super) async fn begin(app: &App, request: Request) -> Result<Response, Error> {
    request.who()?;
    if app.ingest.refusal() == Some(Refused::Stopping) {
        return Err(Failure::Refused(Refused::Stopping).into());
    }
    let begun = app.backups.ask().map_err(|other| Error::Conflict {
        message: "a backup is under way".to_owned(),
        info: json!({ "name": other.name.to_string() }),
    })?;
    // Wakes the writer, which looks whether somebody asked.
    app.ingest.maintain(|_| Ok(())).await.map_err(Failure::Refused)?;
    let answer = exchange::json(StatusCode::ACCEPTED, &under_way(&begun));
    Ok(record::about(answer, format!("backup {}", begun.name), json!({})))
}

async fn overview(app: &App) -> Result<Overview, Error> {
    let backups = std::sync::Arc::clone(&app.backups);
    Ok(app.read(move |_| Ok(backups.overview())).await?)
}

/// Every backup as it is told, the newest first.
fn items(overview: &Overview) -> Vec<(Name, Value)> {
    let Overview { under_way: begun, failed: last, stored: whole, .. } = overview;
    let mut items: Vec<(Name, Value)> = whole.iter().map(|one| (one.name, stored(one))).collect();
    items.extend(begun.iter().map(|one| (one.name, under_way(one))));
    items.extend(last.iter().map(|one| (one.name, failed(one))));
    items.sort_by_key(|(name, _)| std::cmp::Reverse(*name));
    items
}

fn under_way(one: &UnderWay) -> Value {
    let (state, progress) = match one.phase {
        Phase::Copying => {
            let all = one.copied.pages_total.max(1);
            ("copying", one.copied.pages as f64 / all as f64)
        }
        Phase::Checking => ("checking", 1.0),
    };
    let mut item = item(one.name, state);
    item["bytes"] = json!(one.bytes);
    item["progress"] = json!(progress);
    item
}

fn stored(one: &Stored) -> Value {
    let mut item = item(one.name, "done");
    item["bytes"] = json!(one.bytes);
    item["progress"] = json!(1.0);
    item["sha256"] = json!(one.sha256);
    item["finished_at"] = json!(timestamp::format(one.finished_at));
    item
}

fn failed(one: &Failed) -> Value {
    let mut item = item(one.name, "failed");
    item["failure"] = json!(one.why);
    item["finished_at"] = json!(timestamp::format(one.at));
    item
}

fn item(name: Name, state: &str) -> Value {
    json!({
        "name": name.to_string(),
        "kind": name.kind().name(),
        "state": state,
        "created_at": timestamp::format(name.begun_at()),
        "finished_at": null,
        "bytes": 0,
        "progress": 0.0,
        "sha256": null,
        "failure": null,
    })
}
