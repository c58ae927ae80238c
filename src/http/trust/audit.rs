//! The record of changes and logins, for administrators: read page by page, or as lines.

use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde_json::json;

use super::super::error::Error;
use super::super::exchange::{self, Request, Response};
use super::super::lists::unknown_cursor;
use super::super::query::Query;
use super::super::route::LINES_TYPE;
use crate::app::App;
use crate::domain::trust::audit::{AuditQuery, Entry};
use crate::store::{audit, cursor};

/// Lines of one page: about 2 MiB.
const LINES_MAX: usize = 10_000;

/// `GET /api/v1/audit`.
pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let wanted = wanted(&mut query);
    let page = query.page();
    query.finish()?;
    let (items, next) = entries(app, wanted, page.cursor.as_deref(), page.limit).await?;
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `GET /api/v1/audit/export`: the same as JSON lines; the last one has the `next_cursor`.
pub(crate) async fn export(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let wanted = wanted(&mut query);
    let cursor = query.text("cursor");
    query.finish()?;
    let (items, next) = entries(app, wanted, cursor.as_deref(), LINES_MAX).await?;
    let mut text = String::new();
    for item in items {
        text += &serde_json::to_string(&item).expect("entries have string keys");
        text.push('\n');
    }
    text += &json!({ "next_cursor": next }).to_string();
    text.push('\n');
    Ok(exchange::content(StatusCode::OK, HeaderValue::from_static(LINES_TYPE), text.into()))
}

async fn entries(
    app: &App,
    wanted: AuditQuery,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<Entry>, Option<String>), Error> {
    let below = match cursor {
        None => i64::MAX,
        Some(text) => cursor::read::<1>('a', text).ok_or_else(unknown_cursor)?[0],
    };
    let read =
        move |db: &mut dyn crate::store::engine::Engine| audit::page(db, &wanted, below, limit + 1);
    let mut items = app.read_events(read).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| cursor::write('a', &[last.id]));
    Ok((items, next))
}

fn wanted(query: &mut Query) -> AuditQuery {
    AuditQuery {
        who: query.text("who"),
        action: query.text("action"),
        since: query.time("since"),
        until: query.time("until"),
    }
}
