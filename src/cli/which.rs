//! Which issue a person means: by its id, by the beginning of its fingerprint or by one of its
//! events.

use serde_json::Value;

use super::filters::Query;
use super::remote::Remote;
use super::trouble::Trouble;
use crate::domain::percent::escape;
use crate::domain::uuid;

/// Digits of a fingerprint that name an issue at least; an id never has so many.
const PREFIX_MIN: usize = 12;
const FINGERPRINT_DIGITS: usize = 32;

/// What was named.
#[derive(Debug)]
pub(super) enum Which {
    /// An issue, by its id.
    Issue(i64),
    /// An event, whole.
    Event(Box<Value>),
}

/// Finds what `text` names. `projects` decides where several projects have it.
pub(super) async fn find(
    remote: &mut Remote,
    text: &str,
    projects: &[String],
) -> Result<Which, Trouble> {
    let name = text.trim().rsplit_once("/issues/").map_or(text.trim(), |(_, name)| name);
    let name = name.trim_start_matches('#').to_ascii_lowercase();
    let is_hex = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Ok(id) = name.parse::<i64>()
        && name.len() < PREFIX_MIN
        && is_hex
    {
        return Ok(Which::Issue(id));
    }
    let event_id = uuid::parse(&name).map(|id| uuid::format(&id));
    if is_hex && (PREFIX_MIN..=FINGERPRINT_DIGITS).contains(&name.len()) {
        let found = by_fingerprint(remote, &name, projects).await?;
        if let Some(id) = found {
            return Ok(Which::Issue(id));
        }
        // An event's id may be written without its hyphens, and has as many digits.
        if event_id.is_none() {
            return Err(Trouble::Refused {
                status: 404,
                code: "NotFoundError".into(),
                message: format!("No issue has a fingerprint that begins with {name}."),
                info: Value::Null,
                retry_after: None,
            });
        }
    }
    match event_id {
        Some(id) => Ok(Which::Event(Box::new(event(remote, &id, projects).await?))),
        None => Err(Trouble::Usage(format!(
            "{text} names no issue: expected its id, {PREFIX_MIN} or more digits of its \
             fingerprint, or the id of an event."
        ))),
    }
}

async fn by_fingerprint(
    remote: &mut Remote,
    prefix: &str,
    projects: &[String],
) -> Result<Option<i64>, Trouble> {
    let mut query = Query::default();
    query.add("fingerprint", Some(prefix));
    query.list("project_id", projects);
    let answer = remote.read(&query.after("/api/v1/issues")).await?;
    let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
    let [] = items else {
        let [issue] = items else { return Err(several(prefix, items)) };
        return Ok(issue["id"].as_i64());
    };
    Ok(None)
}

fn several(prefix: &str, items: &[Value]) -> Trouble {
    let mut sentence = format!("Several issues have a fingerprint that begins with {prefix}:\n");
    for issue in items {
        let project = issue["project_id"].as_str().unwrap_or_default();
        sentence.push_str(&format!("  {} in {project}\n", issue["id"]));
    }
    sentence.push_str("Name one by its id, or its project by --project.");
    Trouble::Failed(sentence)
}

/// Reads an event, whole.
pub(super) async fn event(
    remote: &mut Remote,
    id: &str,
    projects: &[String],
) -> Result<Value, Trouble> {
    let mut query = Query::default();
    query.add("project_id", projects.first());
    let path = format!("/api/v1/events/{}", escape(id));
    remote.read(&query.after(&path)).await.map_err(|trouble| match trouble {
        Trouble::Refused { ref info, .. } if info["project_ids"].is_array() => {
            let names = info["project_ids"].as_array().into_iter().flatten();
            let names: Vec<_> = names.filter_map(Value::as_str).collect();
            let names = names.join(", ");
            Trouble::Failed(format!(
                "Several projects have an event {id}: {names}. Name one by --project."
            ))
        }
        other => other,
    })
}
