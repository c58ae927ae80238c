//! Which route a request is for.

use hyper::Method;

use super::percent;
use super::route::{Access, Route};
use super::routes::every;
use crate::metrics::{Answers, Histogram};

/// What an address and a method lead to.
#[derive(Debug)]
pub(super) enum Found {
    /// A route, and the decoded values of its path's `{…}`.
    Route(&'static Route, Vec<String>),
    /// An address with routes of other methods: what may be used, and whose it is.
    OtherMethod {
        /// For `Allow`.
        allow: String,
        /// Who may use the address.
        access: Access,
    },
    /// An address under `/api` that leads nowhere.
    Nothing,
    /// No API's address: a page's.
    Page,
}

impl Found {
    /// Whether it is an address for reports, even when the method is wrong.
    pub(super) fn is_report(&self) -> bool {
        let access = match self {
            Self::Route(route, _) => route.access,
            Self::OtherMethod { access, .. } => *access,
            Self::Nothing | Self::Page => return false,
        };
        access == Access::Report
    }

    /// Where the time of its answer is counted.
    pub(super) const fn times<'a>(&self, answers: &'a Answers) -> &'a Histogram {
        let access = match self {
            Self::Route(route, _) => route.access,
            Self::OtherMethod { access, .. } => *access,
            Self::Nothing | Self::Page => return &answers.page,
        };
        match access {
            Access::Report => &answers.report,
            Access::Read | Access::Public => &answers.read,
            Access::Change => &answers.change,
        }
    }

    /// Whether anybody may ask for it by any way.
    pub(super) fn is_public(&self) -> bool {
        matches!(self, Self::Route(route, _) if route.access == Access::Public)
    }
}

/// Finds the route of a request. One slash at the end of an API's address does not matter.
pub(super) fn find(method: &Method, path: &str) -> Found {
    let wanted = if *method == Method::HEAD { &Method::GET } else { method };
    let mut template = None;
    let mut access = Access::Read;
    let mut allow = Vec::new();
    for route in every() {
        if template.is_some_and(|chosen| chosen != route.path) {
            continue;
        }
        let Some(params) = matched(route.path, path) else {
            continue;
        };
        if route.method == *wanted {
            return Found::Route(route, params);
        }
        template = Some(route.path);
        access = route.access;
        allow.push(route.method.as_str());
        if route.method == Method::GET {
            allow.push("HEAD");
        }
    }
    if !allow.is_empty() {
        allow.push("OPTIONS");
        return Found::OtherMethod { allow: allow.join(", "), access };
    }
    if path == "/api" || path.starts_with("/api/") { Found::Nothing } else { Found::Page }
}

/// The decoded values of a template's `{…}` in a path; `None` if the path is another one.
fn matched(template: &str, path: &str) -> Option<Vec<String>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if template == path && !template.contains('{') {
        return Some(Vec::new());
    }
    let mut values = Vec::new();
    let mut parts = path.split('/');
    for expected in template.split('/') {
        let part = parts.next()?;
        if expected.starts_with('{') {
            values.push(percent::path(part).filter(|value| !value.is_empty())?);
        } else if expected != part {
            return None;
        }
    }
    parts.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(method: Method, path: &str) -> String {
        match find(&method, path) {
            Found::Route(route, params) => format!("{} {}", route.id, params.join("|")),
            Found::OtherMethod { allow, .. } => allow,
            Found::Nothing => "nothing".to_owned(),
            Found::Page => "page".to_owned(),
        }
    }

    #[test]
    fn an_address_leads_where_the_table_says() {
        let table = [
            (Method::POST, "/api/v1/logs/report", "report "),
            (Method::POST, "/api/v1/logs/report/", "report "),
            (Method::GET, "/api/v1/logs/report", "POST, OPTIONS"),
            (Method::GET, "/api/v1/issues/7", "find_issue 7"),
            (Method::HEAD, "/api/v1/issues/7", "find_issue 7"),
            (Method::PUT, "/api/v1/issues/7", "GET, HEAD, PATCH, DELETE, OPTIONS"),
            (Method::GET, "/api/v1/issues/bulk", "POST, OPTIONS"),
            (Method::GET, "/api/v1/projects/a%20b%E4%BD%A0", "find_project a b你"),
            (Method::GET, "/api/v1/projects/%ff", "nothing"),
            (Method::GET, "/api/v1/projects//deploys", "nothing"),
            (Method::GET, "/api/v2/issues", "nothing"),
            (Method::GET, "/api", "nothing"),
            (Method::GET, "/apis", "page"),
            (Method::GET, "/issues/7", "page"),
            (Method::GET, "/", "page"),
            (Method::GET, "/healthz", "alive "),
        ];
        for (method, path, expected) in table {
            assert_eq!(shown(method.clone(), path), expected, "{method} {path}");
        }
    }

    #[test]
    fn no_two_routes_are_the_same() {
        for (at, one) in every().enumerate() {
            for other in every().take(at) {
                assert_ne!(one.id, other.id);
                assert!(one.path != other.path || one.method != other.method, "{}", one.path);
            }
        }
    }

    #[test]
    fn every_route_can_be_reached() {
        for route in every() {
            let path = route.path.replace(['{', '}'], "");
            match find(&route.method, &path) {
                Found::Route(found, _) => assert_eq!(found.id, route.id),
                other => panic!("{}: {other:?}", route.path),
            }
        }
    }

    #[test]
    fn only_reading_is_open_to_any_method_of_a_page() {
        for route in every() {
            let reads = route.method == Method::GET;
            let expected = matches!(route.access, Access::Read | Access::Public);
            assert_eq!(reads, expected, "{}", route.id);
        }
    }
}
