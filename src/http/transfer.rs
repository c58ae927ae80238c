//! A server's whole content on its way to another one: pages of records out, lines of them in.

use std::hash::{BuildHasher, RandomState};

use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde_json::{Value, json};

use super::beside::{LARGE_BYTES, beside};
use super::error::Error;
use super::exchange::{self, BATCH_BYTES_MAX, Request, Response};
use super::lists::{deleted, unknown_cursor};
use super::query::Query;
use super::route::LINES_TYPE;
use crate::app::App;
use crate::domain::report::Fault;
use crate::domain::transfer::{self, Line, NUMBER_MAX};
use crate::intake::transfer::{ReadLine, lines};
use crate::store::erase::Erased;
use crate::store::import::{Applied, Item, Page, Progress, State, StoredEvent};
use crate::store::{Writer, erase, export, import};

/// Records of one page of an export at most; most pages end by their bytes before.
pub(super) const RECORDS_MAX: i64 = 100_000;

/// `GET /api/v1/export`.
pub(super) async fn export(app: &App, request: Request) -> Result<Response, Error> {
    let (cursor, records_max) = read_page(request.query())?;
    let wanted = export::Wanted {
        cursor,
        records_max,
        export_id: transfer::export_id(fresh_number(app.now())),
        now: app.now(),
    };
    let page = app.read(move |db| export::page(db, &wanted)).await?.ok_or_else(unknown_cursor)?;
    Ok(exchange::content(StatusCode::OK, HeaderValue::from_static(LINES_TYPE), page.into()))
}

/// `GET /api/v1/import`.
pub(super) async fn progress(app: &App, _request: Request) -> Result<Response, Error> {
    let progress = app.read(|db| import::progress(db)).await?;
    Ok(exchange::json_ok(&shown(&progress)))
}

/// `POST /api/v1/import`.
pub(super) async fn import(app: &App, mut request: Request) -> Result<Response, Error> {
    let (export, from_line) = read_place(request.query())?;
    request.who()?;
    let body = request.body(BATCH_BYTES_MAX).await?;
    let read = || read_lines(app, &body, export, from_line);
    let page = beside(body.len(), LARGE_BYTES, read).await?;
    drop((body, request));
    let (now, ingest) = (app.now(), app.ingest.clone());
    let applied = app
        .write(move |writer| {
            let applied = import::apply(writer, page, now)?;
            ingest.set_importing(import::progress(&mut writer.db)?.state.is_open());
            Ok(applied)
        })
        .await;
    if applied.is_err() {
        // It may have been undone after it was told.
        let ingest = app.ingest.clone();
        app.write(move |writer| {
            ingest.set_importing(import::progress(&mut writer.db)?.state.is_open());
            Ok(())
        })
        .await?;
    }
    Ok(exchange::json_ok(&answer(applied?)?))
}

/// `DELETE /api/v1/import`.
pub(super) async fn give_up(app: &App, request: Request) -> Result<Response, Error> {
    request.who()?;
    let projects = app
        .write(|Writer { db, recorder, .. }| {
            recorder.names.forget();
            import::give_up(db)
        })
        .await?
        .ok_or(Error::NotFound("unfinished import"))?;
    let mut sum = Erased::default();
    for project in projects {
        let erased =
            app.erase(move |writer| erase::project_step(&mut writer.db, project).map(Some)).await?;
        let erased = erased.unwrap_or_default();
        sum.issues += erased.issues;
        sum.events += erased.events;
    }
    let ingest = app.ingest.clone();
    app.write(move |writer| {
        import::forget(writer)?;
        ingest.set_importing(false);
        Ok(())
    })
    .await?;
    Ok(exchange::json_ok(&deleted(sum)))
}

/// Reads which page of an export is wanted.
fn read_page(text: &str) -> Result<(Option<String>, i64), Error> {
    let mut query = Query::parse(text);
    let limit = query.integer("limit", 1..=RECORDS_MAX);
    let cursor = query.text("cursor");
    query.finish()?;
    Ok((cursor, limit.unwrap_or(RECORDS_MAX)))
}

/// Reads which lines of which export come.
fn read_place(text: &str) -> Result<(i64, i64), Error> {
    let mut query = Query::parse(text);
    let id = query.required("export_id");
    let export = transfer::export_number(&id);
    if export.is_none() && !id.is_empty() {
        query.fault("export_id", "expected 16 hex digits");
    }
    let from_line = query.required_integer("from_line", 1..=NUMBER_MAX);
    query.finish()?;
    Ok((export.unwrap_or_default(), from_line))
}

/// Reads the lines of a body and packs their events.
fn read_lines(app: &App, body: &[u8], export: i64, from_line: i64) -> Result<Page, Error> {
    let count = i64::try_from(lines(body).count()).unwrap_or(i64::MAX);
    if count == 0 {
        return Err(Error::unreadable("expected at least one line"));
    }
    let intake = app.intake();
    let read = intake.transfer(body, from_line).map_err(Error::Validation)?;
    let items = read
        .into_iter()
        .map(|ReadLine { number, line }| match line {
            Line::Record(record) => (number, Item::Record(record)),
            Line::Event(event) => {
                let prepared = app.prepare(event.report);
                let event = StoredEvent { number: event.number, issue: event.issue_id, prepared };
                (number, Item::Event(Box::new(event)))
            }
        })
        .collect();
    Ok(Page { export, from_line, lines: count, items })
}

fn answer(applied: Applied) -> Result<Value, Error> {
    let conflict = |message: String, progress: Option<Progress>| {
        let info = progress.map_or_else(|| json!({}), |progress| shown(&progress));
        Err(Error::Conflict { message, info })
    };
    match applied {
        Applied::Done(progress) => Ok(shown(&progress)),
        Applied::NotEmpty => conflict(
            "this server holds projects already: import into an empty one".to_owned(),
            None,
        ),
        Applied::Another(progress) => conflict(
            format!(
                "the import of {} is unfinished: go on with it, or give it up first",
                transfer::export_id(progress.export)
            ),
            Some(progress),
        ),
        Applied::NotNext(progress) => conflict(
            format!("{} lines are done: line {} is next", progress.lines, progress.lines + 1),
            Some(progress),
        ),
        Applied::Misplaced(line, member, message) => {
            Err(Fault::new(format!("line {line}, {member}"), message).into())
        }
    }
}

fn shown(progress: &Progress) -> Value {
    let id = (progress.state != State::None).then(|| transfer::export_id(progress.export));
    json!({
        "state": progress.state.name(),
        "export_id": id,
        "lines": progress.lines,
        "issues": progress.issues,
        "events": progress.events,
        "left_out": progress.left_out,
    })
}

/// A number that no other export has.
fn fresh_number(now: i64) -> i64 {
    RandomState::new().hash_one(now).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_export_and_a_line() {
        let read = read_place("export_id=00000000000000ff&from_line=7").expect("valid");
        assert_eq!(read, (255, 7));
        for text in [
            "",
            "from_line=1",
            "export_id=00000000000000ff",
            "export_id=ff&from_line=1",
            "export_id=00000000000000ff&from_line=0",
        ] {
            assert_eq!(read_place(text).expect_err(text).status(), 400);
        }
    }

    #[test]
    fn a_page_has_a_limit() {
        assert_eq!(read_page("limit=5").expect("valid"), (None, 5));
        assert_eq!(read_page("").expect("valid"), (None, RECORDS_MAX));
        assert_eq!(read_page("limit=0").expect_err("too few").status(), 400);
    }
}
