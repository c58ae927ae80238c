//! The query parameters that routes take, as the OpenAPI document tells them.

use super::route::{Kind, Parameter, optional, required};

const CURSOR: Parameter = optional(
    "cursor",
    Kind::Text,
    "The `next_cursor` of the page before. It goes with the same filter and order.",
);
const LIMIT: Parameter = optional("limit", Kind::Limit, "Items of a page.");
const SINCE: Parameter = optional("since", Kind::Time, "From this time on.");
const UNTIL: Parameter = optional("until", Kind::Time, "Before this time.");
const PROJECTS: Parameter = optional("project_id", Kind::Texts, "Any of these projects.");
const ENVIRONMENTS: Parameter = optional("environment", Kind::Texts, "Any of these environments.");
const SEARCH: Parameter = optional(
    "q",
    Kind::Search,
    "The search language: words, `\"a phrase\"`, `key:value`, `!key:value`, `count:>100`, \
     `seen:<1h`, `is:regressed`.",
);

/// Which part of a list.
pub(super) const PAGE: &[Parameter] = &[LIMIT, CURSOR];

/// What a provider sends a browser back with; it may send more.
pub(super) const OIDC: &[Parameter] = &[
    optional("code", Kind::Text, "The provider's code for who came."),
    optional("state", Kind::Text, "Of this login."),
    optional("error", Kind::Text, "Why nobody came."),
];

/// Which issues, in which order.
pub(super) const ISSUES: &[Parameter] = &[
    SEARCH,
    PROJECTS,
    optional("environment", Kind::Texts, "Any report in one of these environments."),
    optional("status", Kind::Statuses, "The present status is one of these."),
    optional("level", Kind::Levels, "Any report of one of these levels."),
    optional("type", Kind::Texts, "The error's class is one of these."),
    optional("code", Kind::Texts, "Any report with one of these codes."),
    optional("version", Kind::Texts, "Any report of one of these versions."),
    optional("assignee", Kind::Texts, "Assigned to one of these."),
    optional("fingerprint", Kind::Fingerprints, "One of these, or of what they begin."),
    optional("since", Kind::Time, "Reports from this time on, widened to a whole hour."),
    optional("until", Kind::Time, "Reports before this time, widened to a whole hour."),
    optional("sort", Kind::Sort, "The order, always downwards."),
    LIMIT,
    CURSOR,
];

/// Which events.
pub(super) const EVENTS: &[Parameter] = &[
    SEARCH,
    optional("request_id", Kind::Text, "Of this request."),
    optional("user_id", Kind::Text, "Of this user."),
    optional("trace_id", Kind::Text, "Of this trace."),
    PROJECTS,
    ENVIRONMENTS,
    SINCE,
    UNTIL,
    LIMIT,
    CURSOR,
];

/// In which project an event is.
pub(super) const EVENT: &[Parameter] =
    &[optional("project_id", Kind::Text, "Needed when several projects have this event.")];

/// Which lines of a project's source.
pub(super) const SOURCE: &[Parameter] = &[
    required("file", Kind::Text, "A file as a stack names it: a path, or an address of a page's."),
    required("line", Kind::LineNumber, "The line in the middle."),
];

/// Whose events go.
pub(super) const USER_ERASURE: &[Parameter] = &[
    required("project_id", Kind::Text, "In this project."),
    required("user_id", Kind::Text, "Of this user."),
];

/// The safety catch of a project's erasure.
pub(super) const CONFIRM: &[Parameter] =
    &[required("confirm", Kind::Text, "The project's id once more, so that no slip erases it.")];

/// Which series.
pub(super) const STATS: &[Parameter] = &[
    PROJECTS,
    ENVIRONMENTS,
    optional("since", Kind::Time, "From this time on; without: 24 hours, or 14 days of days."),
    optional("until", Kind::Time, "Before this time; without: now."),
    optional("interval", Kind::Interval, "The width of a step."),
    optional("by", Kind::By, "One series for each of these; without: one series, `total`."),
    optional("tz_offset_minutes", Kind::Offset, "Minutes east of UTC: where days begin."),
];

/// Which deploys.
pub(super) const DEPLOYS: &[Parameter] = &[PROJECTS, ENVIRONMENTS, SINCE, UNTIL, LIMIT, CURSOR];

/// Where a stream goes on.
pub(super) const STREAM: &[Parameter] = &[optional(
    "last_event_id",
    Kind::Text,
    "The id of the newest message that was received: the stream goes on behind it. The header \
     `Last-Event-ID`, which browsers send by themselves, goes before.",
)];

/// Which page of an export.
pub(super) const EXPORT: &[Parameter] = &[
    optional("limit", Kind::Records, "Records of a page, about."),
    optional("cursor", Kind::Text, "The `next_cursor` of the page before; without: the first."),
];

const WHO: Parameter = optional("who", Kind::Text, "Whose doing.");
const ACTION: Parameter =
    optional("action", Kind::Text, "What was done; `key` is all of `key.create`, `key.revoke` ….");

/// Which entries of the record.
pub(super) const AUDIT: &[Parameter] = &[WHO, ACTION, SINCE, UNTIL, LIMIT, CURSOR];

/// Which lines of the record.
pub(super) const AUDIT_EXPORT: &[Parameter] = &[WHO, ACTION, SINCE, UNTIL, CURSOR];

/// Which lines of an export.
pub(super) const IMPORT: &[Parameter] = &[
    required("export_id", Kind::ExportId, "The `export_id` of the file's header."),
    required("from_line", Kind::LineNumber, "The number of the first line in the file."),
];

/// Which notifications.
pub(super) const NOTICES: &[Parameter] = &[
    optional("state", Kind::NoticeState, "In this state; `dead` ones were given up."),
    CHANNEL,
    ISSUE,
    LIMIT,
    CURSOR,
];

/// Which attempts.
pub(super) const DELIVERIES: &[Parameter] = &[CHANNEL, ISSUE, LIMIT, CURSOR];

/// Which given-up notifications.
pub(super) const REPLAY: &[Parameter] = &[CHANNEL];

/// How a test looks.
pub(super) const CHANNEL_TEST: &[Parameter] =
    &[optional("rule_id", Kind::IssueId, "Mentions whom this rule mentions.")];

const CHANNEL: Parameter = optional("channel_id", Kind::IssueId, "Of this channel.");
const ISSUE: Parameter = optional("issue_id", Kind::IssueId, "Of this issue.");
