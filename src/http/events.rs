//! Events of every project: found by request, user or trace, looked at, erased.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use super::error::Error;
use super::exchange::{self, Request, Response};
use super::lists::{EventList, deleted, read_search, unknown_cursor};
use super::permissions::within;
use super::query::Query;
use super::record;
use crate::app::App;
use crate::domain::query::{EventKey, EventQuery, UserErasure};
use crate::domain::search::Scope;
use crate::domain::uuid;
use crate::store::filter::Asker;
use crate::store::{erase, events};

/// `GET /api/v1/events`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = read_query(request.query())?;
    let asked = std::mem::take(&mut query.project_ids);
    query.project_ids = within(&request.caller().reach(), asked);
    let search = read_search(query.text.as_deref(), Scope::Events)?;
    let (who, now) = (request.who()?.asking().to_owned(), app.now());
    let is_search = query.text.is_some();
    let page = app
        .read_list(is_search, move |db| events::page(db, &query, &search, Asker { who: &who, now }))
        .await?
        .ok_or_else(unknown_cursor)?;
    Ok(exchange::json_ok(&EventList::from(page)))
}

/// `GET /api/v1/events/{event_id}`.
pub(super) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    let key = read_key(&request)?;
    let mut found = app.read(move |db| events::find(db, &key)).await?;
    let reach = request.caller().reach();
    found.retain(|event| reach.has(&event.project_id));
    if found.len() > 1 {
        let projects: Vec<_> = found.iter().map(|event| event.project_id.as_str()).collect();
        return Err(Error::Conflict {
            message: "several projects have an event with this id: name one by project_id".into(),
            info: json!({ "project_ids": projects }),
        });
    }
    Ok(exchange::json_ok(&found.pop().ok_or(Error::NotFound("event"))?))
}

/// `DELETE /api/v1/events`.
pub(super) async fn erase(app: &App, request: Request) -> Result<Response, Error> {
    let UserErasure { project_id, user_id } = read_erasure(request.query())?;
    request.who()?;
    let place = Arc::new(AtomicI64::new(i64::MAX));
    let project = format!("project {project_id}");
    let erased = app
        .erase(move |writer| {
            let mut below = place.load(Ordering::Relaxed);
            let step = erase::user_step(&mut writer.db, &project_id, &user_id, &mut below);
            place.store(below, Ordering::Relaxed);
            step
        })
        .await?;
    let answer = exchange::json_ok(&deleted(erased.ok_or(Error::NotFound("project"))?));
    // What is erased of a user must not live on there: that it was done stays, not of whom.
    Ok(record::about(answer, project, json!({})))
}

/// Reads the query of the event list.
fn read_query(text: &str) -> Result<EventQuery, Error> {
    let mut query = Query::parse(text);
    let wanted = EventQuery {
        text: query.search("q"),
        request_id: query.text("request_id"),
        user_id: query.text("user_id"),
        trace_id: query.text("trace_id"),
        project_ids: query.texts("project_id"),
        environments: query.texts("environment"),
        span: query.span(),
        page: query.page(),
    };
    query.finish()?;
    Ok(wanted)
}

/// The event that the path names. What is no UUID names none.
fn read_key(request: &Request) -> Result<EventKey, Error> {
    let mut query = Query::parse(request.query());
    let project_id = query.text("project_id");
    query.finish()?;
    let event_id = uuid::parse(request.param(0)).ok_or(Error::NotFound("event"))?;
    Ok(EventKey { event_id, project_id })
}

/// Reads whose events go: both are needed, so that nothing goes by a forgotten filter.
fn read_erasure(text: &str) -> Result<UserErasure, Error> {
    let mut query = Query::parse(text);
    let erasure = UserErasure {
        project_id: query.required("project_id"),
        user_id: query.required("user_id"),
    };
    query.finish()?;
    Ok(erasure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_whole() {
        let text = "q=x&request_id=a,b&user_id=u&trace_id=t&project_id=p,q&environment=e&limit=1";
        let query = read_query(text).expect("valid");
        assert_eq!(query.request_id.as_deref(), Some("a,b"), "one value, comma and all");
        assert_eq!(query.project_ids, ["p", "q"]);
        assert_eq!(query.page.limit, 1);
        assert_eq!(read_query("request_id=").expect_err("empty").status(), 400);
    }

    #[test]
    fn an_erasure_needs_both() {
        for text in ["", "project_id=p", "user_id=u", "project_id=p&user_id="] {
            assert_eq!(read_erasure(text).expect_err(text).status(), 400);
        }
        assert_eq!(read_erasure("project_id=p&user_id=u").expect("both").user_id, "u");
    }
}
