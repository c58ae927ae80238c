//! What a report tells of its request: each kind of program in the way of its own reporter. Some of
//! it ought not to be sent; Log Center takes it out.

use serde_json::{Value, json};

use super::chance::Chance;
use super::data::{IssueData, Kind};
use super::people::{self, User};
use crate::domain::timestamp;

/// The request that an error is of.
#[derive(Debug)]
pub(super) struct Request<'a> {
    /// The issue.
    pub(super) issue: &'a IssueData,
    /// Whose it is; nobody's for machines.
    pub(super) user: Option<&'a User>,
    /// `request_id`, the same in every program that the request went through.
    pub(super) id: String,
    /// `trace_id`, likewise.
    pub(super) trace: String,
    /// The machine, or a browser's origin.
    pub(super) host: &'a str,
    /// When.
    pub(super) at: i64,
}

/// The context in the way of a kind of program.
pub(super) fn of(kind: Kind, request: &Request<'_>, chance: &mut Chance) -> Value {
    match kind {
        Kind::Browser => browser(request, chance),
        Kind::Django => django(request, chance),
        Kind::Spring => spring(request, chance),
        Kind::Go => go(request, chance),
        Kind::Nest => nest(request, chance),
        Kind::Celery => celery(request, chance),
        Kind::Shell => shell(request, chance),
    }
}

impl Request<'_> {
    /// Method and path.
    fn line(&self, chance: &mut Chance) -> (String, String) {
        let filled = people::fill(&self.issue.req, chance);
        let (method, path) = filled.split_once(' ').unwrap_or(("", ""));
        (method.to_owned(), path.to_owned())
    }

    fn user_id(&self) -> Option<&str> {
        self.user.map(|user| user.id.as_str())
    }

    fn user_agent(&self) -> &str {
        self.user.map_or("curl/8.5.0", |user| user.browser.user_agent)
    }

    /// The traceparent of W3C's Trace Context.
    fn traceparent(&self, chance: &mut Chance) -> String {
        format!("00-{}-{}-01", self.trace, chance.hex(16))
    }

    fn headers(&self, chance: &mut Chance) -> Value {
        let mut headers = json!({
            "accept": "application/json",
            "user-agent": self.user_agent(),
            "x-request-id": self.id,
        });
        if let Some(user) = self.user {
            headers["accept-language"] = json!(user.locale);
            headers["x-real-ip"] = json!(user.ip);
            headers["authorization"] = json!(format!("Bearer {}", chance.hex(40)));
        }
        headers
    }
}

fn browser(request: &Request<'_>, chance: &mut Chance) -> Value {
    let Some(user) = request.user else { return json!({}) };
    let page = people::fill(&request.issue.page, chance);
    let url = format!("{}{page}", request.host);
    let (width, height) = *chance.pick(&[(390, 844), (412, 915), (1440, 900), (1920, 1080)]);
    let mut context = json!({
        "url": url,
        "userAgent": user.browser.user_agent,
        "component": request.issue.at[0].rsplit(' ').next(),
        "currentUser": {"id": user.id, "locale": user.locale},
        "viewport": {"width": width, "height": height},
        "tags": {"market": &user.locale[3..], "ab_checkout": *chance.pick(&["a", "b"])},
        "breadcrumbs": breadcrumbs(request, &page, chance),
    });
    if !request.issue.req.is_empty() {
        let (method, path) = request.line(chance);
        context["request_id"] = json!(request.id);
        context["trace_id"] = json!(request.trace);
        context["request"] = json!({
            "method": method,
            "url": format!("https://api.shop.example.com{path}"),
            "headers": {"x-request-id": request.id, "cookie": format!("sid={}", chance.hex(24))},
        });
    }
    if chance.is(0.2) {
        context["localStorage"] = json!({"cart": "3 lines", "session_token": chance.hex(32)});
    }
    context
}

fn breadcrumbs(request: &Request<'_>, page: &str, chance: &mut Chance) -> Value {
    let steps = [
        ("navigation", "/".to_owned()),
        ("navigation", people::fill("/c/{word}", chance)),
        ("ui.click", "button.add-to-cart".to_owned()),
        ("http", people::fill("POST /api/v1/cart/lines [201]", chance)),
        ("ui.click", "a[href=\"/cart\"]".to_owned()),
        ("http", "GET /api/v1/cart [200]".to_owned()),
        ("console", "Deprecated: use `price.amount`".to_owned()),
        ("navigation", page.to_owned()),
    ];
    let from = chance.below(5);
    let mut at = request.at - 1_000 * (steps.len() - from) as i64 * 9;
    let mut crumbs = Vec::new();
    for (category, message) in &steps[from..] {
        crumbs.push(json!({
            "timestamp": timestamp::format(at),
            "category": category,
            "message": message,
        }));
        at += chance.between(700, 9_000);
    }
    Value::Array(crumbs)
}

fn django(request: &Request<'_>, chance: &mut Chance) -> Value {
    let (method, path) = request.line(chance);
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let view = request.issue.at[0].split([':', '/']).next().unwrap_or_default();
    let mut context = json!({
        "request": {
            "url": format!("https://api.shop.example.com{path}"),
            "method": method,
            "headers": request.headers(chance),
            "query": query,
        },
        "view": format!("{view}-detail"),
        "request_path": path,
        "server_name": request.host,
        "request_id": request.id,
        "trace_id": request.trace,
        "user_id": request.user_id(),
        "tags": {"python": "3.12.7", "market": *chance.pick(&["DE", "GB", "FR", "CN", "RU"])},
    });
    if method == "POST" || method == "PATCH" {
        context["request"]["body"] = body(request, chance);
    }
    if request.issue.secret {
        context["session_key"] = json!(chance.hex(32));
        context["csrf_token"] = json!(chance.hex(32));
    }
    context
}

fn body(request: &Request<'_>, chance: &mut Chance) -> Value {
    if request.issue.secret {
        return json!({
            "email": people::fill("{email}", chance),
            "password": format!("hunter{}", chance.below(90)),
        });
    }
    let lines: Vec<Value> = (0..1 + chance.below(3))
        .map(|_| json!({"sku": people::fill("{sku}", chance), "quantity": 1 + chance.below(4)}))
        .collect();
    let mut body = json!({"order": people::fill("{order}", chance), "lines": lines});
    if request.issue.card {
        let number = people::fill("{card}", chance);
        body["card"] = json!({"number": number, "cvc": "123", "expires": "11/29"});
    }
    body
}

fn spring(request: &Request<'_>, chance: &mut Chance) -> Value {
    let (method, path) = request.line(chance);
    let thread = if method.is_empty() { "scheduling-1" } else { "http-nio-8080-exec-7" };
    let mut context = json!({
        "server_name": request.host,
        "thread": thread,
        "request_id": request.id,
        "trace_id": request.trace,
        "user_id": request.user_id(),
        "mdc": {"tenant": *chance.pick(&["eu", "cn", "ru"]), "attempt": 1 + chance.below(3)},
        "originalError": {
            "type": "java.net.SocketTimeoutException",
            "message": "Read timed out",
        },
    });
    if !method.is_empty() {
        context["url"] = json!(format!("http://payments.internal:8080{path}"));
        context["method"] = json!(method);
        context["headers"] = request.headers(chance);
        context["body"] = body(request, chance);
    }
    context
}

fn go(request: &Request<'_>, chance: &mut Chance) -> Value {
    let (_, method) = request.line(chance);
    let mut context = json!({
        "server_name": request.host,
        "runtime": {
            "go": "go1.23.3",
            "goroutines": chance.between(180, 4_200),
            "heap_mib": chance.between(640, 2_040),
        },
    });
    if !method.is_empty() {
        let query = json!({"text": people::fill("{word}", chance), "limit": 24, "market": "DE"});
        context["rpc"] = json!({
            "system": "grpc",
            "method": method,
            "deadline_ms": 1_500,
            "metadata": {"traceparent": request.traceparent(chance)},
        });
        context["query"] = query;
        context["request_id"] = json!(request.id);
        context["user_id"] = json!(request.user_id());
        context["trace_id"] = json!(request.trace);
    }
    context
}

fn nest(request: &Request<'_>, chance: &mut Chance) -> Value {
    let (method, path) = request.line(chance);
    let app = format!("{}.{}.0", 6 + chance.below(3), chance.below(9));
    let mut context = json!({
        "server_name": request.host,
        "request_id": request.id,
        "trace_id": request.trace,
        "user": {"id": request.user_id()},
        "tags": {"app": app, "platform": *chance.pick(&["ios", "android", "android"])},
    });
    if !method.is_empty() {
        context["url"] = json!(path);
        context["method"] = json!(method);
        context["headers"] = request.headers(chance);
        context["headers"]["user-agent"] = json!(format!("ShopApp/{app} (build 4{})", app.len()));
    }
    if !request.issue.op.is_empty() {
        let operation = &request.issue.op;
        context["graphql"] = json!({
            "operationName": operation,
            "query": format!("query {operation}($id: ID!) {{ product(id: $id) {{ id title }} }}"),
            "variables": {"id": people::fill("{n}", chance)},
        });
        context["originalError"] = json!({"name": request.issue.t, "code": request.issue.code});
    }
    if request.issue.secret {
        context["body"] = json!({"refresh_token": chance.hex(48), "device": chance.hex(12)});
    }
    context
}

fn celery(request: &Request<'_>, chance: &mut Chance) -> Value {
    json!({
        "server_name": request.host,
        "celery": {
            "task": request.issue.task,
            "task_id": chance.uuid(),
            "queue": *chance.pick(&["default", "default", "slow"]),
            "retries": chance.below(4),
            "args": [chance.between(10_000, 90_000)],
            "kwargs": {"market": *chance.pick(&["DE", "GB", "CN"])},
        },
        "broker": format!("amqp://worker:{}@mq.internal:5672/shop", chance.hex(10)),
        "trace_id": request.trace,
        "duration_ms": chance.between(40, 600_000),
    })
}

fn shell(request: &Request<'_>, chance: &mut Chance) -> Value {
    let task = &request.issue.task;
    let mut context = json!({
        "server_name": request.host,
        "job": task,
        "command": format!("/opt/jobs/{task}.sh --quiet"),
        "exit_code": 1 + chance.below(2),
        "duration_ms": chance.between(900, 1_800_000),
        "tags": {"cron": "17 2 * * *"},
    });
    if request.issue.secret {
        let password = chance.hex(12);
        context["env"] = json!({
            "PGPASSWORD": password,
            "DATABASE_URL": format!("postgresql://backup:{password}@db-replica:5432/shop"),
        });
    }
    context
}
