//! Projects: listed, looked at, set up, erased; deploys are told to them.

use serde_json::json;

use super::error::Error;
use super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::fields::Fields;
use super::lists::{deleted, unknown_cursor};
use super::query::Query;
use super::record;
use crate::app::{App, Failure};
use crate::domain::change::{Deploy, LIVE_ENVIRONMENTS_MAX, SettingsChange};
use crate::domain::report::{NAME_CHARS_MAX, WORD_CHARS_MAX};
use crate::intake::project_fault;
use crate::store::names::PROJECTS_MAX;
use crate::store::{Writer, cursor, erase, moves, projects};

/// `GET /api/v1/projects`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let page = query.page();
    query.finish()?;
    let after = match page.cursor.as_deref() {
        None => String::new(),
        Some(text) => cursor::read_text('p', text).ok_or_else(unknown_cursor)?,
    };
    let mut items = app.read(|db| projects::list(db)).await?;
    let reach = request.caller().reach();
    items.retain(|project| project.project_id > after && reach.has(&project.project_id));
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let next = items.last().filter(|_| more);
    let next = next.map(|last| cursor::write_text('p', &last.project_id));
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `GET /api/v1/projects/{project_id}`.
pub(super) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    let name = request.param(0).to_owned();
    let found = app.read(move |db| projects::find(db, &name)).await?;
    Ok(exchange::json_ok(&found.ok_or(Error::NotFound("project"))?))
}

/// `POST /api/v1/projects`.
pub(super) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let name = read_new(&request.body(CHANGE_BYTES_MAX).await?)?;
    request.who()?;
    let now = app.now();
    let made = app
        .write_trust(move |Writer { db, recorder, .. }| {
            if projects::number(db, &name)?.is_some() {
                let message = "there is a project of this name already".into();
                return Ok(Err(Error::Conflict { message, info: json!({}) }));
            }
            if recorder.names.project(db, &name, now)?.is_none() {
                return Ok(Err(Error::Forbidden(format!("there are {PROJECTS_MAX} projects"))));
            }
            projects::find(db, &name).map(Ok)
        })
        .await??;
    let object = made.as_ref().map(|made| format!("project {}", made.project_id));
    Ok(record::about(exchange::json_created(&made), object.unwrap_or_default(), json!({})))
}

/// `PATCH /api/v1/projects/{project_id}`.
pub(super) async fn change(app: &App, mut request: Request) -> Result<Response, Error> {
    let change = read_change(&request.body(CHANGE_BYTES_MAX).await?)?;
    request.who()?;
    let name = request.param(0).to_owned();
    let detail = json!({ "live_environments": change.live_environments });
    let changed = app
        .write(move |Writer { db, recorder, .. }| {
            projects::change(db, &mut recorder.names, &name, &change)
        })
        .await?;
    let answer = exchange::json_ok(&changed.ok_or(Error::NotFound("project"))?);
    Ok(record::about(answer, format!("project {}", request.param(0)), detail))
}

/// `DELETE /api/v1/projects/{project_id}`.
pub(super) async fn erase(app: &App, request: Request) -> Result<Response, Error> {
    confirm(request.query(), request.param(0))?;
    request.who()?;
    let name = request.param(0).to_owned();
    let number = app
        .ingest
        .erase(move |Writer { db, recorder, .. }| {
            recorder.names.forget();
            erase::detach_project(db, &name)
        })
        .await
        .map_err(Failure::Refused)?
        .ok_or(Error::NotFound("project"))?;
    app.changed_trust().await?;
    app.live.rethink();
    app.metrics.refusals.forget_project(request.param(0));
    let erased =
        app.erase(move |writer| erase::project_step(&mut writer.db, number).map(Some)).await?;
    Ok(exchange::json_ok(&deleted(erased.unwrap_or_default())))
}

/// `POST /api/v1/projects/{project_id}/deploys`.
pub(super) async fn record_deploy(app: &App, mut request: Request) -> Result<Response, Error> {
    let deploy = read_deploy(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (who, now, name) = (request.who()?, app.now(), request.param(0).to_owned());
    let detail = json!({ "version": deploy.version, "environment": deploy.environment });
    let recorded =
        app.write(move |writer| moves::deploy(writer, &name, &deploy, &who, now)).await?;
    let answer = exchange::json_created(&recorded.ok_or(Error::NotFound("project"))?);
    Ok(record::about(answer, format!("project {}", request.param(0)), detail))
}

/// Reads the body of a change of settings.
fn read_change(body: &[u8]) -> Result<SettingsChange, Error> {
    let mut fields = Fields::parse(body)?;
    let mut change = SettingsChange::default();
    match fields.object("settings") {
        Some(mut settings) => {
            change.live_environments =
                settings.names("live_environments", NAME_CHARS_MAX, LIVE_ENVIRONMENTS_MAX);
            fields.close(settings);
        }
        None => fields.missing("settings"),
    }
    fields.finish()?;
    Ok(change)
}

/// Reads the name of a new project: one that a report may have.
fn read_new(body: &[u8]) -> Result<String, Error> {
    let mut fields = Fields::parse(body)?;
    let name = fields.name("project_id", NAME_CHARS_MAX);
    match name.as_deref() {
        None => fields.missing("project_id"),
        Some(name) => {
            if let Some(fault) = project_fault(name) {
                fields.fault("project_id", fault);
            }
        }
    }
    fields.finish()?;
    Ok(name.unwrap_or_default())
}

/// Reads the body of a deploy.
fn read_deploy(body: &[u8]) -> Result<Deploy, Error> {
    let mut fields = Fields::parse(body)?;
    let version = fields.name("version", WORD_CHARS_MAX);
    if version.is_none() {
        fields.missing("version");
    }
    let deploy = Deploy {
        version: version.unwrap_or_default(),
        environment: fields.name("environment", NAME_CHARS_MAX),
        commit_hash: fields.name("commit_hash", WORD_CHARS_MAX),
    };
    fields.finish()?;
    Ok(deploy)
}

/// An erasure names its project twice, so that no slip erases one.
fn confirm(text: &str, project_id: &str) -> Result<(), Error> {
    let mut query = Query::parse(text);
    let confirmed = query.required("confirm");
    if !confirmed.is_empty() && confirmed != project_id {
        query.fault("confirm", "expected the project's own id");
    }
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let body = br#"{"settings":{"live_environments":["production","eu"]}}"#;
        let change = read_change(body).expect("valid");
        assert_eq!(change.live_environments.expect("given"), ["production", "eu"]);
        let wrong: [&[u8]; 4] = [
            b"{}",
            br#"{"settings":{"live":[]}}"#,
            br#"{"settings":{"live_environments":"production"}}"#,
            br#"{"settings":{"live_environments":["a","a"]}}"#,
        ];
        for body in wrong {
            let shown = String::from_utf8_lossy(body);
            assert_eq!(read_change(body).expect_err(&shown).status(), 400);
        }
    }

    #[test]
    fn a_deploy_has_a_version() {
        let deploy = read_deploy(br#"{"version":"1.2","environment":null}"#).expect("valid");
        assert_eq!((deploy.version.as_str(), deploy.environment), ("1.2", None));
        let error = read_deploy(br#"{"environment":"production"}"#).expect_err("no version");
        assert_eq!(error.message(), "version: is missing");
        assert!(
            read_deploy(br#"{"version":7}"#).expect_err("a number").message().contains("got 7")
        );
    }

    #[test]
    fn an_erasure_is_confirmed() {
        assert!(confirm("confirm=shop", "shop").is_ok());
        for text in ["", "confirm=", "confirm=other", "confirm=shop&force=1"] {
            assert_eq!(confirm(text, "shop").expect_err(text).status(), 400);
        }
    }
}
