//! Issues: listed, looked at, changed, commented on, erased.

use serde_json::{Value, json};

use super::error::Error;
use super::exchange::{self, CHANGE_BYTES_MAX, Request, Response};
use super::fields::Fields;
use super::lists::{EventList, IssueList, deleted, read_search, unknown_cursor};
use super::permissions::within;
use super::query::Query;
use super::record;
use crate::app::App;
use crate::domain::change::{
    BULK_MAX, BulkChange, Change, Comment, MUTE_REPORTS_MAX, Mute, NOTE_CHARS_MAX,
    PERSON_CHARS_MAX, Who,
};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::issue::Issue;
use crate::domain::level::Level;
use crate::domain::query::{IssueFilter, IssueQuery, IssueSort};
use crate::domain::report::{Fault, WORD_CHARS_MAX};
use crate::domain::search::Scope;
use crate::domain::status::Status;
use crate::domain::timestamp;
use crate::domain::trust::reach::Reach;
use crate::store::filter::Asker;
use crate::store::moves::{self, Applied};
use crate::store::{self, Writer, cursor, erase, history, issues, listing};

const STATUS_EXPECTED: &str = "a status such as NEW or PENDING_FIX";

/// `GET /api/v1/issues`.
pub(super) async fn list(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = read_query(request.query())?;
    let asked = std::mem::take(&mut query.filter.project_ids);
    query.filter.project_ids = within(&request.caller().reach(), asked);
    let search = read_search(query.filter.text.as_deref(), Scope::Issues)?;
    let (who, now) = (request.who()?.asking().to_owned(), app.now());
    let is_search = query.filter.text.is_some();
    let page = app
        .read_list(is_search, move |db| {
            listing::page(db, &query, &search, Asker { who: &who, now })
        })
        .await?
        .ok_or_else(unknown_cursor)?;
    Ok(exchange::json_ok(&IssueList::from(page)))
}

/// `GET /api/v1/issues/{id}`.
pub(super) async fn find(app: &App, request: Request) -> Result<Response, Error> {
    let (id, now) = (issue_id(&request)?, app.now());
    let found = app.read(move |db| issues::detail(db, id, now)).await?;
    Ok(exchange::json_ok(&found.ok_or(Error::NotFound("issue"))?))
}

/// `PATCH /api/v1/issues/{id}`.
pub(super) async fn change(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut change = read_change(&request.body(CHANGE_BYTES_MAX).await?)?;
    change.assignee = people_name(app, &request, change.assignee)?;
    let (id, who, now) = (issue_id(&request)?, request.who()?, app.now());
    let changed = app.write(move |writer| changed(writer, id, &change, &who, now)).await??;
    let detail = json!({ "project_id": changed.project_id });
    Ok(record::about(exchange::json_ok(&changed), format!("issue {id}"), detail))
}

/// `POST /api/v1/issues/bulk`.
pub(super) async fn change_several(app: &App, mut request: Request) -> Result<Response, Error> {
    let mut bulk = read_bulk(&request.body(CHANGE_BYTES_MAX).await?)?;
    bulk.change.assignee = people_name(app, &request, bulk.change.assignee)?;
    let (who, now) = (request.who()?, app.now());
    let reach = request.caller().reach();
    let results = app
        .write(move |writer| {
            let one = |id: &i64| {
                if !is_within(writer, *id, &reach)? {
                    return Ok((*id, Err(Error::NotFound("issue"))));
                }
                Ok((*id, changed(writer, *id, &bulk.change, &who, now)?))
            };
            bulk.ids.iter().map(one).collect::<store::Result<Vec<_>>>()
        })
        .await?;
    let done = results.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(id, _)| *id);
    let detail = json!({ "ids": done.collect::<Vec<_>>() });
    let results: Vec<Value> = results.into_iter().map(bulk_result).collect();
    Ok(record::about(exchange::json_ok(&json!({ "results": results })), "issues", detail))
}

/// `POST /api/v1/issues/{id}/comments`.
pub(super) async fn comment(app: &App, mut request: Request) -> Result<Response, Error> {
    let comment = read_comment(&request.body(CHANGE_BYTES_MAX).await?)?;
    let (id, who, now) = (issue_id(&request)?, request.who()?, app.now());
    let added = app
        .write(move |writer| moves::comment(&mut writer.db, id, &comment.text, &who, now))
        .await?;
    Ok(exchange::json_created(&added.ok_or(Error::NotFound("issue"))?))
}

/// `GET /api/v1/issues/{id}/events`.
pub(super) async fn events(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let page = query.page();
    query.finish()?;
    let (id, now) = (issue_id(&request)?, app.now());
    let found = app
        .read(move |db| {
            let Some(_) = issues::find(db, id, now)? else { return Ok(None) };
            store::events::of_issue(db, id, page.limit, page.cursor.as_deref()).map(Some)
        })
        .await?;
    let page = found.ok_or(Error::NotFound("issue"))?.ok_or_else(unknown_cursor)?;
    Ok(exchange::json_ok(&EventList::from(page)))
}

/// `GET /api/v1/issues/{id}/history`.
pub(super) async fn history(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = Query::parse(request.query());
    let page = query.page();
    query.finish()?;
    let (id, now) = (issue_id(&request)?, app.now());
    let before = match page.cursor.as_deref() {
        None => i64::MAX,
        Some(text) => cursor::read::<1>('h', text).ok_or_else(unknown_cursor)?[0],
    };
    let limit = page.limit;
    let found = app
        .read(move |db| {
            let Some(_) = issues::find(db, id, now)? else { return Ok(None) };
            history::of_issue(db, id, before, limit + 1).map(Some)
        })
        .await?;
    let mut items = found.ok_or(Error::NotFound("issue"))?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| cursor::write('h', &[last.id]));
    Ok(exchange::json_ok(&json!({ "items": items, "next_cursor": next })))
}

/// `DELETE /api/v1/issues/{id}`.
pub(super) async fn erase(app: &App, request: Request) -> Result<Response, Error> {
    let (id, _) = (issue_id(&request)?, request.who()?);
    let project = app.read(move |db| issues::project(db, id)).await?;
    let erased = app.erase(move |writer| erase::issue_step(&mut writer.db, id)).await?;
    let answer = exchange::json_ok(&deleted(erased.ok_or(Error::NotFound("issue"))?));
    Ok(record::about(answer, format!("issue {id}"), json!({ "project_id": project })))
}

/// Where people are known an issue is given to one of them, as they are called.
fn people_name(
    app: &App,
    request: &Request,
    assignee: Option<Option<String>>,
) -> Result<Option<Option<String>>, Error> {
    match assignee {
        Some(Some(name)) if !request.caller().is_open() => {
            let known = app.trust.known();
            // Whom the caller does not know of does not exist for them, as in the list of people.
            let reach = request.caller().reach();
            let person = known.person_named(&name).filter(|one| reach.meets(&one.projects));
            let expected = || Fault::new("assignee", "expected the name of a person here");
            Ok(Some(Some(person.ok_or_else(expected)?.name.clone())))
        }
        other => Ok(other),
    }
}

/// Whether an issue is of a project that the caller sees.
fn is_within(writer: &mut Writer, id: i64, reach: &Reach) -> store::Result<bool> {
    if *reach == Reach::Every {
        return Ok(true);
    }
    Ok(issues::project(&mut writer.db, id)?.is_some_and(|name| reach.has(&name)))
}

/// Makes a change; the issue after it, or why not.
fn changed(
    writer: &mut Writer,
    id: i64,
    change: &Change,
    who: &Who,
    now: i64,
) -> store::Result<Result<Issue, Error>> {
    Ok(match moves::apply(writer, id, change, who, now)? {
        Applied::NotFound => Err(Error::NotFound("issue")),
        Applied::Refused(refusal) => Err(refusal.into()),
        Applied::Done => issues::find(&mut writer.db, id, now)?.ok_or(Error::NotFound("issue")),
    })
}

fn bulk_result((id, outcome): (i64, Result<Issue, Error>)) -> Value {
    match outcome {
        Ok(issue) => json!({ "id": id, "issue": issue }),
        Err(error) => json!({
            "id": id,
            "code": error.code(),
            "message": error.message(),
            "info": error.info(),
        }),
    }
}

/// The number in the path. What is no number names no issue.
fn issue_id(request: &Request) -> Result<i64, Error> {
    let text = request.param(0);
    let id = text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text);
    id.ok_or(Error::NotFound("issue"))
}

/// Reads the query of the issue list.
fn read_query(text: &str) -> Result<IssueQuery, Error> {
    let mut query = Query::parse(text);
    let fingerprint = "12 to 32 hexadecimal digits";
    let filter = IssueFilter {
        text: query.search("q"),
        project_ids: query.texts("project_id"),
        environments: query.texts("environment"),
        statuses: query.choices("status", STATUS_EXPECTED, Status::parse),
        levels: query.choices("level", "a level such as ERROR", Level::parse),
        types: query.texts("type"),
        codes: query.texts("code"),
        versions: query.texts("version"),
        assignees: query.texts("assignee"),
        fingerprints: query.choices("fingerprint", fingerprint, Fingerprint::prefix_range),
        span: query.span(),
    };
    let sort = query.choice("sort", "last_seen, first_seen, count or users", |name| {
        IssueSort::ALL.into_iter().find(|sort| sort.name() == name)
    });
    let page = query.page();
    query.finish()?;
    Ok(IssueQuery { filter, sort: sort.unwrap_or_default(), page })
}

/// Reads the body of a change of one issue.
fn read_change(body: &[u8]) -> Result<Change, Error> {
    let mut fields = Fields::parse(body)?;
    let change = change_fields(&mut fields);
    fields.finish()?;
    Ok(change)
}

/// Reads the body of a change of several issues.
fn read_bulk(body: &[u8]) -> Result<BulkChange, Error> {
    let mut fields = Fields::parse(body)?;
    let ids = ids_field(&mut fields);
    let change = change_fields(&mut fields);
    fields.finish()?;
    Ok(BulkChange { ids, change })
}

/// Reads the body of a comment.
fn read_comment(body: &[u8]) -> Result<Comment, Error> {
    let mut fields = Fields::parse(body)?;
    let text = fields.text("text", NOTE_CHARS_MAX);
    match &text {
        None => fields.missing("text"),
        Some(text) if text.trim().is_empty() => fields.fault("text", "is blank"),
        Some(_) => {}
    }
    fields.finish()?;
    Ok(Comment { text: text.unwrap_or_default() })
}

fn ids_field(fields: &mut Fields) -> Vec<i64> {
    let mut ids = Vec::new();
    let expected = format!("an array of 1 to {BULK_MAX} different issue ids");
    match fields.take("ids") {
        None => fields.missing("ids"),
        Some(Value::Array(items)) if (1..=BULK_MAX).contains(&items.len()) => {
            for item in items {
                match item.as_i64() {
                    Some(id) if id > 0 && !ids.contains(&id) => ids.push(id),
                    _ => fields.unexpected("ids", "different issue ids", &item),
                }
            }
        }
        Some(other) => fields.unexpected("ids", &expected, &other),
    }
    ids
}

fn change_fields(fields: &mut Fields) -> Change {
    let faults_before = fields.fault_count();
    let change = Change {
        status: fields.choice("status", STATUS_EXPECTED, Status::parse),
        from: fields.choice("from", STATUS_EXPECTED, Status::parse),
        path: fields.flag("path"),
        assignee: fields.clearable_name("assignee", PERSON_CHARS_MAX),
        muted_until: mute_field(fields),
        note: fields.text("note", NOTE_CHARS_MAX),
        version: fields.name("version", WORD_CHARS_MAX),
        commit_hash: fields.name("commit_hash", WORD_CHARS_MAX),
    };
    if change.is_empty() && fields.fault_count() == faults_before {
        fields.fault("", "expected one of status, assignee and muted_until");
    }
    change
}

/// `null`, `{"at":time}`, `{"reports":n}` or `{"for_ever":true}`.
fn mute_field(fields: &mut Fields) -> Option<Option<Mute>> {
    let value = fields.take("muted_until")?;
    if value.is_null() {
        return Some(None);
    }
    let mute = match value.as_object().map(|members| (members.len(), members.iter().next())) {
        Some((1, Some((name, value)))) => match name.as_str() {
            "at" => value.as_str().and_then(timestamp::parse).map(Mute::At),
            "reports" => value
                .as_i64()
                .filter(|number| (1..=MUTE_REPORTS_MAX).contains(number))
                .map(Mute::Reports),
            "for_ever" if *value == Value::Bool(true) => Some(Mute::ForEver),
            _ => None,
        },
        _ => None,
    };
    if mute.is_none() {
        let expected = "null, {\"at\":time}, {\"reports\":number} or {\"for_ever\":true}";
        fields.unexpected("muted_until", expected, &value);
    }
    mute.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<String> {
        match outcome {
            Err(Error::Validation(faults)) => faults.into_iter().map(|fault| fault.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_change_is_read_whole() {
        let body = br#"{"status":"FIXED","from":"fixing","path":true,"assignee":null,
            "muted_until":{"reports":5},"note":"n","version":"1.2","commit_hash":"abc"}"#;
        let expected = Change {
            status: Some(Status::Fixed),
            from: Some(Status::Fixing),
            path: true,
            assignee: Some(None),
            muted_until: Some(Some(Mute::Reports(5))),
            note: Some("n".into()),
            version: Some("1.2".into()),
            commit_hash: Some("abc".into()),
        };
        assert_eq!(read_change(body).expect("valid"), expected);
    }

    #[test]
    fn a_mute_is_one_of_four() {
        let table = [
            ("null", Some(None)),
            (r#"{"for_ever":true}"#, Some(Some(Mute::ForEver))),
            (r#"{"at":"1970-01-01T00:00:01Z"}"#, Some(Some(Mute::At(1_000)))),
            (r#"{"for_ever":false}"#, None),
            (r#"{"reports":0}"#, None),
            (r#"{"reports":1,"for_ever":true}"#, None),
            ("true", None),
        ];
        for (value, expected) in table {
            let body = format!("{{\"muted_until\":{value}}}");
            let got = read_change(body.as_bytes()).ok().and_then(|change| change.muted_until);
            assert_eq!(got, expected, "{value}");
        }
    }

    #[test]
    fn a_change_of_nothing_and_wrong_members_are_refused() {
        assert_eq!(faults(read_change(b"{}")), [""]);
        assert_eq!(faults(read_change(br#"{"note":"x"}"#)), [""]);
        assert_eq!(faults(read_change(br#"{"status":null}"#)), ["status"]);
        assert_eq!(faults(read_change(br#"{"path":1,"who":"x"}"#)), ["path", "who"]);
        assert_eq!(faults(read_bulk(br#"{"status":"FIXED"}"#)), ["ids"]);
        assert_eq!(faults(read_bulk(br#"{"ids":[1,1,"2"],"assignee":"a"}"#)), ["ids", "ids"]);
        assert_eq!(faults(read_comment(br#"{"text":" \n"}"#)), ["text"]);
    }

    #[test]
    fn the_list_is_read_whole() {
        let text = "q=is%3Amuted&project_id=a,b&environment=e&status=NEW&level=error&type=T&code=C\
            &version=1&assignee=x&fingerprint=0123456789ab&since=2026-01-01&until=2026-01-02\
            &sort=users&limit=7&cursor=c";
        let query = read_query(text).expect("valid");
        assert_eq!(query.filter.text.as_deref(), Some("is:muted"));
        assert_eq!(query.filter.project_ids, ["a", "b"]);
        assert_eq!(query.filter.levels, [Level::Error]);
        assert_eq!(query.filter.fingerprints.len(), 1);
        assert_eq!(query.sort, IssueSort::Users);
        assert_eq!((query.page.limit, query.page.cursor.as_deref()), (7, Some("c")));
        assert_eq!(faults(read_query("sort=age&fingerprint=12&x=1")), ["fingerprint", "sort", "x"]);
        assert_eq!(read_query("").expect("all"), IssueQuery::default());
    }
}
