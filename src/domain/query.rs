//! What a reader asks for. A query that exists is within limits; what it selects, the store knows.

use super::fingerprint::Fingerprint;
use super::level::Level;
use super::report::Fault;
use super::status::Status;

/// Items of a page when the caller does not say.
pub const LIMIT_DEFAULT: usize = 50;
/// Items of a page at most.
pub const LIMIT_MAX: usize = 200;
/// Characters of the search text and of every other single value at most.
pub const TEXT_CHARS_MAX: usize = 2_048;
/// Values of one comma list at most: more would only make the statement long.
pub const VALUES_MAX: usize = 100;
/// Points of one series at most: an hourly series of thirteen months fits.
pub const POINTS_MAX: i64 = 10_000;
/// Furthest offset of a time zone from UTC, in minutes (UTC+14).
pub const TZ_OFFSET_MINUTES_MAX: i64 = 14 * 60;

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Items at most, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended, as an answer gave it; unread so far.
    pub cursor: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: LIMIT_DEFAULT, cursor: None }
    }
}

/// A span of time in milliseconds since 1970, UTC. An absent end is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// From here on.
    pub since: Option<i64>,
    /// Before here.
    pub until: Option<i64>,
}

/// Hourly counts become daily when they are this old, in milliseconds: 90 days.
pub const HOURLY_MS: i64 = 90 * DAY_MS;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The moment before which counts are daily: the beginning of a day of UTC.
pub const fn daily_before(now: i64) -> i64 {
    (now - HOURLY_MS).div_euclid(DAY_MS) * DAY_MS
}

impl Span {
    /// The span that counts can tell: whole hours, and whole days where counts are daily.
    pub fn widened(self, now: i64) -> Self {
        let step = |at: i64| if at < daily_before(now) { DAY_MS } else { HOUR_MS };
        let floor = |at: i64| at.div_euclid(step(at)) * step(at);
        let ceiling = |at: i64| -(-at).div_euclid(step(at)) * step(at);
        Self { since: self.since.map(floor), until: self.until.map(ceiling) }
    }

    /// Whether it excludes nothing.
    pub const fn is_open(self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

/// Which issues, before the search text. An empty list excludes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueFilter {
    /// The search language of CONTRACT 3, unread.
    pub text: Option<String>,
    /// Any of these projects.
    pub project_ids: Vec<String>,
    /// Any report in one of these environments.
    pub environments: Vec<String>,
    /// The present status is one of these.
    pub statuses: Vec<Status>,
    /// Any report of one of these levels.
    pub levels: Vec<Level>,
    /// The error's class is one of these.
    pub types: Vec<String>,
    /// Any report with one of these codes.
    pub codes: Vec<String>,
    /// Any report of one of these versions.
    pub versions: Vec<String>,
    /// Assigned to one of these.
    pub assignees: Vec<String>,
    /// Within one of these ranges, both ends included (a prefix is a range).
    pub fingerprints: Vec<(Fingerprint, Fingerprint)>,
    /// Reports within this time.
    pub span: Span,
}

/// The order of a list of issues, always downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssueSort {
    /// The latest report first.
    #[default]
    LastSeen,
    /// The newest issue first.
    FirstSeen,
    /// The most reports first.
    Count,
    /// The most users first.
    Users,
}

impl IssueSort {
    /// Every order, the default first.
    pub const ALL: [Self; 4] = [Self::LastSeen, Self::FirstSeen, Self::Count, Self::Users];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastSeen => "last_seen",
            Self::FirstSeen => "first_seen",
            Self::Count => "count",
            Self::Users => "users",
        }
    }
}

/// `GET /api/v1/issues`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueQuery {
    /// Which issues.
    pub filter: IssueFilter,
    /// In which order.
    pub sort: IssueSort,
    /// Which part.
    pub page: Page,
}

/// `GET /api/v1/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// The search language of CONTRACT 3, unread.
    pub text: Option<String>,
    /// Of this request.
    pub request_id: Option<String>,
    /// Of this user.
    pub user_id: Option<String>,
    /// Of this trace.
    pub trace_id: Option<String>,
    /// Any of these projects; empty: all.
    pub project_ids: Vec<String>,
    /// Any of these environments; empty: all.
    pub environments: Vec<String>,
    /// Happened within this time.
    pub span: Span,
    /// Which part.
    pub page: Page,
}

/// `GET /api/v1/events/{event_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventKey {
    /// A UUID's 16 bytes.
    pub event_id: [u8; 16],
    /// Needed only when several projects have the same one.
    pub project_id: Option<String>,
}

/// `DELETE /api/v1/events`: everything of one user in one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserErasure {
    /// In this project.
    pub project_id: String,
    /// Of this user.
    pub user_id: String,
}

/// How wide the steps of a series are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interval {
    /// One hour.
    #[default]
    Hour,
    /// One day of the caller's time zone.
    Day,
}

impl Interval {
    /// Every width, the default first.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// Its width in milliseconds.
    pub const fn ms(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// How many steps a series has when the caller does not say: a day of hours, 14 days.
    const fn points_default(self) -> i64 {
        match self {
            Self::Hour => 24,
            Self::Day => 14,
        }
    }
}

/// What a statistic is split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsBy {
    /// The issues' present status.
    Status,
    /// The reports' level.
    Level,
    /// The project.
    Project,
    /// The reports' environment.
    Environment,
    /// The reports' version.
    Version,
}

impl StatsBy {
    /// Every split.
    pub const ALL: [Self; 5] =
        [Self::Status, Self::Level, Self::Project, Self::Environment, Self::Version];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Level => "level",
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Version => "version",
        }
    }
}

/// `GET /api/v1/stats`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatsQuery {
    /// Any of these projects; empty: all.
    pub project_ids: Vec<String>,
    /// Any of these environments; empty: all.
    pub environments: Vec<String>,
    /// As asked; [`Self::bounds`] fills it.
    pub span: Span,
    /// How wide a step is.
    pub interval: Interval,
    /// Absent: one series of everything, named `total`.
    pub by: Option<StatsBy>,
    /// Minutes east of UTC where days begin, at most [`TZ_OFFSET_MINUTES_MAX`] either way.
    pub tz_offset_minutes: i64,
}

impl StatsQuery {
    /// First and last moment of the series (the last excluded), widened to whole steps of the
    /// caller's time zone. Refused when that is more than [`POINTS_MAX`] steps.
    pub fn bounds(&self, now: i64) -> Result<(i64, i64), Fault> {
        let step = self.interval.ms();
        // Counts are kept by whole hours of UTC: an hour of any zone is one of them.
        let shift = match self.interval {
            Interval::Hour => 0,
            Interval::Day => self.tz_offset_minutes * 60_000,
        };
        let floor = |at: i64| (at + shift).div_euclid(step) * step - shift;
        let until = floor(self.span.until.unwrap_or(now + 1) - 1) + step;
        let since = match self.span.since {
            // A day that is counted as a whole stands in its first hour.
            Some(since) if since < daily_before(now) => {
                floor(Span { since: Some(since), until: None }.widened(now).since.unwrap_or(since))
            }
            Some(since) => floor(since),
            None => until - self.interval.points_default() * step,
        };
        match (until - since) / step {
            points if points < 1 => Err(Fault::new("since", "expected a time before `until`")),
            points if points > POINTS_MAX => Err(Fault::new(
                "since",
                format!("expected at most {POINTS_MAX} steps until `until`, got {points}"),
            )),
            _ => Ok((since, until)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn bounds_are_whole_steps() {
        let hours = StatsQuery::default();
        assert_eq!(hours.bounds(1_000 * HOUR + 1), Ok((977 * HOUR, 1_001 * HOUR)));
        let day = StatsQuery {
            interval: Interval::Day,
            span: Span { since: Some(50 * HOUR), until: Some(96 * HOUR) },
            ..StatsQuery::default()
        };
        assert_eq!(day.bounds(0), Ok((48 * HOUR, 96 * HOUR)));
        let east = StatsQuery { tz_offset_minutes: 180, ..day };
        assert_eq!(east.bounds(0), Ok((45 * HOUR, 117 * HOUR)), "days begin at 21:00 UTC");
    }

    #[test]
    fn old_times_are_widened_to_days() {
        let now = 1_000 * DAY_MS + 5 * HOUR;
        let border = 910 * DAY_MS;
        assert_eq!(daily_before(now), border);
        let table = [
            (border + 1, border, border + HOUR),
            (border - 1, border - DAY_MS, border),
            (border - DAY_MS, border - DAY_MS, border - DAY_MS),
            (now + 7, now, now + HOUR),
        ];
        for (at, since, until) in table {
            let span = Span { since: Some(at), until: Some(at) }.widened(now);
            assert_eq!(span, Span { since: Some(since), until: Some(until) }, "{at}");
        }
    }

    #[test]
    fn a_series_is_bounded() {
        let wide = StatsQuery {
            span: Span { since: Some(0), until: Some(10_001 * HOUR) },
            ..StatsQuery::default()
        };
        assert_eq!(wide.bounds(0).expect_err("too wide").field, "since");
        let reverse = StatsQuery { span: Span { since: Some(9 * HOUR), until: Some(0) }, ..wide };
        assert_eq!(reverse.bounds(0).expect_err("backwards").field, "since");
    }
}
