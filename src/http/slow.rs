//! Slow reads, as they are remembered for the system's page: their route and what was asked, and
//! never a value that somebody typed.

use std::time::Duration;

use hyper::Uri;
use hyper::body::Body;

use super::exchange::Response;
use super::percent;
use super::route::{Access, Kind, Route};
use super::router::Found;
use crate::domain::search::{self, Scope};
use crate::metrics::{Metrics, SLOW_READ, SlowRead};

/// Characters of what was asked that are kept.
const ASKED_CHARS_MAX: usize = 300;

/// A read before its answer. To have one costs a request nothing but a counted reference.
pub(super) struct Asked {
    route: &'static Route,
    uri: Uri,
}

impl Asked {
    /// Of a request that reads.
    pub(super) fn of(found: &Found, uri: &Uri) -> Option<Self> {
        match found {
            Found::Route(route, _) if route.access == Access::Read => {
                Some(Self { route, uri: uri.clone() })
            }
            _ => None,
        }
    }

    /// Remembers it if it was slow. One that its sender had wrong was not read at all.
    pub(super) fn answered(&self, metrics: &Metrics, answer: &Response, took: Duration) {
        if took < SLOW_READ || answer.status().is_client_error() {
            return;
        }
        metrics.slow_reads.add(SlowRead {
            path: self.route.path,
            asked: asked(self.route, self.uri.query().unwrap_or("")),
            at: crate::metrics::now(),
            took,
            status: answer.status().as_u16(),
            bytes: answer.body().size_hint().exact().unwrap_or(0),
        });
    }
}

/// The parameters in the order of the route's own, with the values of those that have only a few.
fn asked(route: &Route, query: &str) -> String {
    let given = |name: &str| {
        let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.find(|(given, _)| *given == name).and_then(|(_, value)| percent::query(value))
    };
    let scope = if route.path.contains("events") { Scope::Events } else { Scope::Issues };
    let mut parts = Vec::new();
    for parameter in route.query {
        let Some(value) = given(parameter.name).filter(|value| !value.is_empty()) else { continue };
        let shown = match parameter.kind {
            Kind::Sort | Kind::Interval | Kind::By | Kind::Limit => value,
            Kind::Statuses | Kind::Levels => value,
            Kind::Search => search::parse(&value, scope).map_or("…".into(), |read| read.shape()),
            _ => "…".to_owned(),
        };
        parts.push(format!("{}={shown}", parameter.name));
    }
    parts.join(" & ").chars().take(ASKED_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes;

    #[test]
    fn what_was_asked_has_no_value_that_somebody_typed() {
        let table = [
            ("list_issues", "", ""),
            (
                "list_issues",
                "sort=users&q=secret+user%3Au_1+status%3Anew&environment=qa&limit=5",
                "q=… user:… status:NEW & environment=… & sort=users & limit=5",
            ),
            ("list_issues", "status=NEW,FIXED&q=&key=lc_secret", "status=NEW,FIXED"),
            ("list_events", "q=context.a.b%3A7&request_id=r-1", "q=context.…:… & request_id=…"),
            ("list_events", "q=%22open", "q=…"),
            (
                "stats",
                "by=version&interval=day&since=2026-01-01",
                "since=… & interval=day & by=version",
            ),
        ];
        for (id, query, expected) in table {
            let route = routes::all().find(|route| route.id == id).expect(id);
            let told = asked(route, query);
            assert_eq!(told, expected, "{query}");
            assert!(!told.contains("secret"), "{told}");
        }
        let issues = routes::all().find(|route| route.id == "list_issues").expect("a route");
        let long = format!("q={}", "a+".repeat(900));
        assert!(asked(issues, &long).chars().count() <= ASKED_CHARS_MAX);
    }
}
