//! Deploys, as charts mark them.

use serde_json::json;

use super::channels::cut;
use super::error::Error;
use super::exchange::{self, Request, Response};
use super::lists::unknown_cursor;
use super::permissions::within;
use super::query::Query;
use crate::app::App;
use crate::store::cursor;
use crate::store::deploys::{self, Wanted};

/// `GET /api/v1/deploys`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let mut wanted = Wanted {
        project_ids: query.texts("project_id"),
        environments: query.texts("environment"),
        span: query.span(),
        ..Wanted::default()
    };
    let page = query.page();
    query.finish()?;
    if let Some(text) = page.cursor.as_deref() {
        wanted.before = Some(cursor::read('v', text).ok_or_else(unknown_cursor)?);
    }
    wanted.limit = page.limit + 1;
    let asked = std::mem::take(&mut wanted.project_ids);
    wanted.project_ids = within(&request.caller().reach(), asked);
    let items = app.read(move |db| deploys::list(db, &wanted)).await?;
    let (items, next) = cut(items, page.limit, |last| cursor::write('v', &[last.at, last.id]));
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}
