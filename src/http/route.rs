//! What a route is: an address, who may use it, what runs, and what is said about it. Routing and
//! the OpenAPI document are both made from these, so neither can lie about the other.

use std::pin::Pin;

use hyper::Method;

use super::error::Error;
use super::exchange::{Request, Response};
use crate::app::App;

/// JSON, one object a line.
pub(super) const LINES_TYPE: &str = "application/x-ndjson";

/// What a handler gives back.
pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send + 'a>>;
/// Answers one request.
pub(super) type Handler = for<'a> fn(&'a App, Request) -> Answering<'a>;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody, always, whatever name and way they come by.
    Public,
    /// Programs that report; pages of any origin.
    Report,
    /// Who may look.
    Read,
    /// Who may change; never another site's page.
    Change,
}

/// The kind of a parameter: how it is documented. The handlers read it accordingly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of 1 to 2,048 characters.
    Text,
    /// The search language; may be empty.
    Search,
    /// Several texts.
    Texts,
    /// Several statuses.
    Statuses,
    /// Several levels.
    Levels,
    /// Several fingerprints, or their first 12 digits or more.
    Fingerprints,
    /// A moment.
    Time,
    /// Items of a page.
    Limit,
    /// Records of a page of an export.
    Records,
    /// The name of an export.
    ExportId,
    /// The number of a line.
    LineNumber,
    /// An order of issues.
    Sort,
    /// The width of a series' steps.
    Interval,
    /// The split of a series.
    By,
    /// Minutes east of UTC.
    Offset,
    /// An issue's number.
    IssueId,
    /// Where a notification stands.
    NoticeState,
    /// An event's UUID.
    EventId,
    /// The number of a key, a session or an invitation.
    Number,
}

/// A parameter of a query or a path.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// How it is written.
    pub(super) kind: Kind,
    /// What it selects; Markdown.
    pub(super) about: &'static str,
    /// Whether it has to be there.
    pub(super) required: bool,
}

/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about, required: false }
}

/// A parameter that has to be there.
pub(super) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about, required: true }
}

/// One entry of the route table.
#[derive(Debug)]
pub(super) struct Route {
    /// The method. A `GET` answers `HEAD` too.
    pub(super) method: Method,
    /// The address, with `{name}` for a part that varies.
    pub(super) path: &'static str,
    /// Who may use it.
    pub(super) access: Access,
    /// What answers.
    pub(super) run: Handler,
    /// Its name for programs, in snake case.
    pub(super) id: &'static str,
    /// One line about it.
    pub(super) summary: &'static str,
    /// More about it, in Markdown; may be empty.
    pub(super) about: &'static str,
    /// What its query may hold.
    pub(super) query: &'static [Parameter],
    /// The schema of its body, if it takes one.
    pub(super) body: Option<&'static str>,
    /// The status and schema of what it answers when all is well.
    pub(super) answer: (u16, &'static str),
    /// Statuses of refusals beside those that its access and its body bring along.
    pub(super) refusals: &'static [u16],
}

impl Route {
    /// What its body is, if it takes one.
    pub(super) fn body_type(&self) -> Option<&'static str> {
        self.body.map(|name| if name == "Lines" { LINES_TYPE } else { "application/json" })
    }

    /// Names of the path's parts that vary, in order.
    pub(super) fn path_names(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}
