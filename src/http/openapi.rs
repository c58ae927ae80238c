//! The OpenAPI 3.1 document, made from the route table: what is not routed is not in it, and what
//! is routed cannot be left out.

use std::sync::OnceLock;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use serde_json::{Map, Value, json};

use super::error::Error;
use super::exchange::{self, Request, Response};
use super::permissions::{self, Least};
use super::route::{Access, Kind, LINES_TYPE, Parameter, Route};
use super::routes;
use super::schema;
use super::transfer::RECORDS_MAX;
use crate::app::App;
use crate::domain::change::PERSON_CHARS_MAX;
use crate::domain::query::{
    Interval, IssueSort, LIMIT_DEFAULT, LIMIT_MAX, StatsBy, TEXT_CHARS_MAX, TZ_OFFSET_MINUTES_MAX,
    VALUES_MAX,
};
use crate::domain::transfer::NUMBER_MAX;
use crate::store::notices::State;

/// Answers to a request whose head is not read to its end.
const TOO_LONG: [u16; 2] = [414, 431];

/// What each refusal means.
const REFUSALS: [(u16, &str); 13] = [
    (400, "Something in the request cannot be accepted; `info.errors` lists every fault."),
    (401, "No key and no login, or one that is not valid."),
    (403, "Not allowed: a role that may less, a foreign origin or host, or a limit."),
    (404, "There is no such thing."),
    (408, "The body did not come in time."),
    (409, "Not allowed as things stand; `info` says what is."),
    (413, "The body is too large; `info.limit_bytes` says how large it may be."),
    (414, "The address is longer than 64 KiB."),
    (415, "A `Content-Encoding` or `Content-Type` that is not understood."),
    (431, "More than 100 headers, or they and the address are longer than 64 KiB."),
    (
        429,
        "Too many reports, requests, logins or connections; `Retry-After` says when there is room.",
    ),
    (500, "Something went wrong inside; the log has it under the request's id."),
    (503, "Nothing more can be taken at the moment; `Retry-After` says when to come back."),
];

/// `GET /openapi.json`.
pub(super) async fn document(_app: &App, _request: Request) -> Result<Response, Error> {
    static BODY: OnceLock<Bytes> = OnceLock::new();
    let body = BODY.get_or_init(|| built().to_string().into());
    let kind = HeaderValue::from_static("application/json");
    Ok(exchange::content(StatusCode::OK, kind, body.clone()))
}

/// The whole document.
pub(super) fn built() -> Value {
    let mut paths = Map::new();
    for route in routes::all() {
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        entry[route.method.as_str().to_lowercase()] = operation(route);
    }
    let responses: Map<String, Value> = REFUSALS
        .iter()
        .map(|(status, about)| (refusal_name(*status), refusal(*status, about)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Log Center",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Report errors; find, follow and fix them.",
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Every answer has an `X-Request-Id`, and every refusal the same \
                envelope. Times are RFC 3339 UTC with milliseconds. Every list is `items` and \
                `next_cursor`; an unknown query parameter is refused.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schema::all(),
            "responses": responses,
            "securitySchemes": security_schemes(),
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "tags": [tag(route.path)],
        "summary": route.summary,
        "responses": responses(route),
    });
    if !route.about.is_empty() {
        operation["description"] = json!(route.about);
    }
    let permission = permissions::of(route);
    operation["x-who-may"] = json!(permission.least.name());
    operation["x-concerns"] = json!(permission.concerns.name());
    operation["security"] = security(permission.least);
    let in_path = route.path_names().map(path_parameter);
    let in_query = route.query.iter().map(query_parameter);
    let in_header = says_who(route).then(user_header);
    let resumes = (route.id == "listen").then(resume_header);
    let parameters: Vec<_> = in_path.chain(in_query).chain(in_header).chain(resumes).collect();
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let (Some(body), Some(kind)) = (route.body, route.body_type()) {
        let content = json!({kind: {"schema": schema::reference(body)}});
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    operation
}

/// By what callers are known where the door is closed.
fn security_schemes() -> Value {
    json!({
        "key": {"type": "apiKey", "in": "header", "name": "X-Log-Center-Key"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "parameter": {"type": "apiKey", "in": "query", "name": "key"},
        "login": {"type": "apiKey", "in": "cookie", "name": "log-center"},
    })
}

/// An empty one says that none is needed, as everywhere while the server is open.
fn security(least: Least) -> Value {
    match least {
        Least::Nobody => json!([]),
        Least::Reporter => json!([{}, {"key": []}, {"bearer": []}, {"parameter": []}]),
        Least::Person => json!([{}, {"login": []}]),
        Least::Viewer | Least::Member | Least::Administrator => {
            json!([{}, {"key": []}, {"bearer": []}, {"login": []}])
        }
    }
}

/// The resource of an address.
fn tag(path: &str) -> &str {
    match path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()) {
        Some("logs") => "reports",
        Some(resource) => resource,
        None => "server",
    }
}

/// Changes record who made them, and the issues' search knows `is:mine`.
fn says_who(route: &Route) -> bool {
    route.access == Access::Change || route.id == "list_issues"
}

fn user_header() -> Value {
    json!({
        "name": "X-Log-Center-User",
        "in": "header",
        "description": "Your name, recorded as unverified while there is no login; without: \
            `anonymous`. Other letters than ASCII go as their UTF-8 bytes.",
        "schema": {"type": "string", "maxLength": PERSON_CHARS_MAX, "pattern": "^[ -~]*$"},
    })
}

fn resume_header() -> Value {
    json!({
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The id of the newest message that was received. One that is unknown, \
            unreadable or too old is answered by `reset`.",
        "schema": {"type": "string", "maxLength": TEXT_CHARS_MAX, "pattern": "^[!-~]*$"},
    })
}

fn path_parameter(name: &'static str) -> Value {
    let (kind, about) = match name {
        "id" => (Kind::IssueId, "The issue's id."),
        "event_id" => (Kind::EventId, "The event's id, with or without hyphens."),
        "name" => (Kind::Text, "The backup's name."),
        "person" => (Kind::Text, "The person's name."),
        "key_id" => (Kind::Number, "The key's number."),
        "passkey_id" => (Kind::Number, "The passkey's number."),
        "session_id" => (Kind::Number, "The session's number."),
        "invitation_id" => (Kind::Number, "The invitation's number."),
        "channel_id" => (Kind::IssueId, "The channel's id."),
        "rule_id" => (Kind::IssueId, "The rule's id."),
        "notice_id" => (Kind::IssueId, "The notification's id."),
        _ => (Kind::Text, "The project's id."),
    };
    json!({
        "name": name, "in": "path", "required": true, "description": about, "schema": shape(kind),
    })
}

fn query_parameter(parameter: &Parameter) -> Value {
    let mut value = json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": shape(parameter.kind),
    });
    if value["schema"]["type"] == "array" {
        // One value with commas, not the name several times.
        value["style"] = json!("form");
        value["explode"] = json!(false);
    }
    value
}

fn shape(kind: Kind) -> Value {
    let text = json!({"type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX});
    match kind {
        Kind::Text => text,
        Kind::Search => json!({"type": "string", "maxLength": TEXT_CHARS_MAX}),
        Kind::Texts => several(text),
        Kind::Statuses => several(schema::status()),
        Kind::Levels => several(schema::level()),
        Kind::Fingerprints => several(json!({"type": "string", "pattern": "^[0-9a-fA-F]{12,32}$"})),
        Kind::Time => schema::time_in(),
        Kind::Limit => json!({
            "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT,
        }),
        Kind::Records => json!({
            "type": "integer", "minimum": 1, "maximum": RECORDS_MAX, "default": RECORDS_MAX,
        }),
        Kind::ExportId => json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}),
        Kind::LineNumber => json!({"type": "integer", "minimum": 1, "maximum": NUMBER_MAX}),
        Kind::Sort => one_of(&IssueSort::ALL.map(IssueSort::name)),
        Kind::Interval => one_of(&Interval::ALL.map(Interval::name)),
        Kind::By => json!({"type": "string", "enum": StatsBy::ALL.map(StatsBy::name)}),
        Kind::Offset => json!({
            "type": "integer", "default": 0,
            "minimum": -TZ_OFFSET_MINUTES_MAX, "maximum": TZ_OFFSET_MINUTES_MAX,
        }),
        Kind::IssueId | Kind::Number => {
            json!({"type": "integer", "minimum": 1, "maximum": i64::MAX})
        }
        Kind::NoticeState => json!({"type": "string", "enum": State::ALL.map(State::name)}),
        Kind::EventId => json!({"type": "string", "format": "uuid"}),
    }
}

fn several(item: Value) -> Value {
    json!({"type": "array", "items": item, "maxItems": VALUES_MAX})
}

/// The first name is what an absent parameter means.
fn one_of(names: &[&str]) -> Value {
    json!({"type": "string", "enum": names, "default": names[0]})
}

fn responses(route: &Route) -> Value {
    let (status, name) = route.answer;
    let kind = match name {
        "Metrics" => "text/plain",
        "Script" => "text/javascript",
        "Stream" => "text/event-stream",
        "Lines" => LINES_TYPE,
        _ => "application/json",
    };
    let answer = json!({
        "description": "As asked.",
        "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
        "content": {kind: {"schema": schema::reference(name)}},
    });
    let leads_on = json!({
        "description": "`Location` says where.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    });
    let answer = if status == 303 { leads_on } else { answer };
    let mut responses = Map::from_iter([(status.to_string(), answer)]);
    for status in refusals(route) {
        let reference = format!("#/components/responses/{}", refusal_name(status));
        responses.insert(status.to_string(), json!({"$ref": reference}));
    }
    responses.into()
}

/// Statuses of a route's refusals: its own, and those of its access and its body.
fn refusals(route: &Route) -> Vec<u16> {
    let by_access: &[u16] = match route.access {
        Access::Public => &[429, 500, 503],
        _ => &[400, 401, 403, 429, 500, 503],
    };
    let by_body: &[u16] = if route.body.is_some() { &[400, 408, 413, 415] } else { &[] };
    let has_parts = !route.query.is_empty() || route.path_names().next().is_some();
    let by_address: &[u16] = if has_parts { &TOO_LONG } else { &[] };
    let mut all = [route.refusals, by_access, by_body, by_address].concat();
    all.sort_unstable();
    all.dedup();
    all
}

fn refusal_name(status: u16) -> String {
    format!("Refused{status}")
}

fn refusal(status: u16, about: &str) -> Value {
    let mut headers = json!({"X-Request-Id": {"schema": {"type": "string"}}});
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = json!({"schema": {"type": "integer"}});
    }
    json!({
        "description": about,
        "headers": headers,
        "content": {"application/json": {"schema": schema::reference("ErrorEnvelope")}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str().filter(|_| name == "$ref") {
                        Some(target) => found.push(target.to_owned()),
                        None => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_no_schema_is_idle() {
        let document = built();
        let mut found = Vec::new();
        references(&document, &mut found);
        for target in &found {
            let pointer = target.strip_prefix('#').expect("within the document");
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        for name in schema::all().keys() {
            let target = format!("#/components/schemas/{name}");
            assert!(found.contains(&target), "{name} is not used");
        }
    }

    #[test]
    fn every_route_is_told_whole() {
        let document = built();
        for route in routes::all() {
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][route.path][&method];
            assert_eq!(operation["operationId"], route.id);
            assert!(route.summary.len() > 8, "{}", route.id);
            for status in refusals(route) {
                let known = REFUSALS.iter().any(|(known, _)| *known == status);
                assert!(known, "{}: {status} is not explained", route.id);
            }
        }
    }
}
