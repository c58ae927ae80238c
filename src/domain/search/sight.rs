//! A query asked of one report and its issue, without a database: for rules, which decide while a
//! report is recorded.
//!
//! Invariant: nothing is looked up for a query that does not ask for it: see
//! [`Asked::needs_standing`].

use super::{Flag, Key, Query, Scope, SearchFault, Term, Test, contains_folded, fold, parse};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::level::Level;
use crate::domain::report::Report;
use crate::domain::status::Status;

/// A query that can be asked of one report; its words are folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked(Vec<Term>);

/// A report as a query sees it.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// The project's name.
    pub project_id: &'a str,
    /// The issue's identity.
    pub fingerprint: Fingerprint,
    /// The error's type.
    pub kind: &'a str,
    /// Its text.
    pub message: &'a str,
    /// Where it was raised.
    pub file_path: &'a str,
    /// Its code.
    pub code: Option<&'a str>,
    /// The environment's name.
    pub environment: &'a str,
    /// The version.
    pub version: Option<&'a str>,
    /// The level.
    pub level: Level,
    /// Whose request it was.
    pub user_id: Option<&'a str>,
    /// Which request.
    pub request_id: Option<&'a str>,
    /// Which trace.
    pub trace_id: Option<&'a str>,
}

impl<'a> Sight<'a> {
    /// Of a report.
    pub fn of(report: &'a Report) -> Self {
        Self {
            project_id: &report.project_id,
            fingerprint: report.fingerprint,
            kind: &report.error.kind,
            message: &report.error.message,
            file_path: &report.error.file_path,
            code: report.error.code.as_deref(),
            environment: &report.environment,
            version: report.version.as_deref(),
            level: report.level,
            user_id: report.known.user_id.as_deref(),
            request_id: report.known.request_id.as_deref(),
            trace_id: report.known.trace_id.as_deref(),
        }
    }
}

/// How an issue stands, as far as queries ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: Status,
    /// Its reports.
    pub count: i64,
    /// Its users.
    pub users: i64,
    /// When it was first seen.
    pub first_seen: i64,
    /// Whether it came back.
    pub is_regressed: bool,
    /// Whether it is muted.
    pub is_muted: bool,
    /// Whoever works on it.
    pub assignee: Option<String>,
    /// The present time, at which it is seen too.
    pub now: i64,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: Status::New,
            count: 1,
            users: 0,
            first_seen: 0,
            is_regressed: false,
            is_muted: false,
            assignee: None,
            now: 0,
        }
    }
}

impl Asked {
    /// Reads a query.
    ///
    /// # Errors
    /// As [`parse`], and for `is:mine` and `is:rising`, which one report cannot answer.
    pub fn parse(q: &str) -> Result<Self, SearchFault> {
        let Query { mut terms } = parse(q, Scope::Issues)?;
        for term in &mut terms {
            match &mut term.test {
                Test::Word(word) => *word = fold(word),
                Test::Is(flag @ (Flag::Mine | Flag::Rising)) => {
                    let name =
                        Flag::ALL.iter().find(|(one, _)| one == flag).map_or("", |one| one.1);
                    let message = format!("is:{name} cannot be asked while a report comes in");
                    return Err(SearchFault { position: 0, message });
                }
                _ => {}
            }
        }
        Ok(Self(terms))
    }

    /// Whether everything holds.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it asks for more than stands in the report.
    pub fn needs_standing(&self) -> bool {
        self.0.iter().any(|term| match &term.test {
            Test::Word(_) | Test::Context { .. } => false,
            Test::Key { key, .. } => matches!(key, Key::Status | Key::Assignee),
            Test::Count(..) | Test::Users(..) | Test::Seen(..) | Test::First(..) | Test::Is(_) => {
                true
            }
        })
    }

    /// Whether it asks for who or which request it was: what an issue as a whole cannot tell.
    pub fn needs_event(&self) -> bool {
        self.0.iter().any(|term| match &term.test {
            Test::Key { key, .. } => matches!(key, Key::User | Key::Request | Key::Trace),
            _ => false,
        })
    }

    /// Whether all of it holds.
    pub fn holds(&self, sight: &Sight<'_>, standing: &Standing) -> bool {
        self.0.iter().all(|term| holds(&term.test, sight, standing) != term.negated)
    }
}

fn holds(test: &Test, sight: &Sight<'_>, standing: &Standing) -> bool {
    let now = standing.now;
    match test {
        Test::Word(word) => {
            let code = sight.code.is_some_and(|code| contains_folded(code, word));
            code || contains_folded(sight.file_path, word)
                || contains_folded(sight.message, word)
                || contains_folded(&format!("{}: {}", sight.kind, sight.message), word)
        }
        Test::Key { key, patterns } => {
            let value = value(*key, sight, standing);
            let hex = (*key == Key::Fingerprint).then(|| sight.fingerprint.hex());
            let Some(value) = value.or(hex.as_deref()) else { return false };
            patterns.iter().any(|pattern| match (key, pattern.exact()) {
                (Key::File, _) => pattern.matches_path(value),
                (Key::Fingerprint, Some(prefix)) => value.starts_with(prefix),
                _ => pattern.matches(value),
            })
        }
        Test::Count(comparison, given) => comparison.holds(standing.count, *given),
        Test::Users(comparison, given) => comparison.holds(standing.users, *given),
        Test::Seen(comparison, when) => {
            let (comparison, at) = when.bound(*comparison, now);
            comparison.holds(now, at)
        }
        Test::First(comparison, when) => {
            let (comparison, at) = when.bound(*comparison, now);
            comparison.holds(standing.first_seen, at)
        }
        Test::Is(Flag::Regressed) => standing.is_regressed,
        Test::Is(Flag::Muted) => standing.is_muted,
        // Refused by [`Asked::parse`].
        Test::Is(Flag::Mine | Flag::Rising) | Test::Context { .. } => false,
    }
}

fn value<'a>(key: Key, sight: &Sight<'a>, standing: &'a Standing) -> Option<&'a str> {
    match key {
        Key::Status => Some(standing.status.name()),
        Key::Level => Some(sight.level.name()),
        Key::Project => Some(sight.project_id),
        Key::Env => Some(sight.environment),
        Key::Type => Some(sight.kind),
        Key::File => Some(sight.file_path),
        Key::Code => sight.code,
        Key::Version => sight.version,
        Key::User => sight.user_id,
        Key::Request => sight.request_id,
        Key::Assignee => standing.assignee.as_deref(),
        Key::Trace => sight.trace_id,
        Key::Fingerprint => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGHT: Sight<'_> = Sight {
        project_id: "shop",
        fingerprint: Fingerprint([0xab; 16]),
        kind: "ValueError",
        message: "Кредит исчерпан",
        file_path: "apps/pay/views.py",
        code: Some("DBTimeout"),
        environment: "production",
        version: Some("1.2.0"),
        level: Level::Error,
        user_id: Some("42"),
        request_id: None,
        trace_id: None,
    };
    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn a_query_holds_for_a_report_as_it_would_in_a_list() {
        let standing = Standing {
            count: 120,
            users: 3,
            first_seen: 10 * HOUR_MS,
            is_regressed: true,
            assignee: Some("ann".into()),
            now: 12 * HOUR_MS,
            ..Standing::default()
        };
        let table = [
            ("", true),
            ("кредит", true),
            ("\"ValueError: Кредит\"", true),
            ("!\"valueerror\"", false),
            ("timeout views.py", true),
            ("type:*Error level:error,critical", true),
            ("level:warning", false),
            ("file:views.py", true),
            ("file:iews.py", false),
            ("project:sh* env:production version:1.*", true),
            ("!env:production", false),
            ("code:DB* !code:DBx", true),
            ("user:42", true),
            ("request:7", false),
            ("!request:7", true),
            ("fingerprint:abababababab", true),
            ("fingerprint:ababababababac", false),
            ("status:NEW assignee:ann", true),
            ("count:>100 users:<=3", true),
            ("count:>120", false),
            ("first:<3h seen:<1h", true),
            ("first:>1h", true),
            ("first:<1h", false),
            ("is:regressed !is:muted", true),
        ];
        for (text, expected) in table {
            let asked = Asked::parse(text).expect(text);
            assert_eq!(asked.holds(&SIGHT, &standing), expected, "{text}");
        }
    }

    #[test]
    fn a_query_says_what_has_to_be_looked_up() {
        let table = [
            ("timeout type:A env:b", false, false),
            ("status:NEW", true, false),
            ("is:muted", true, false),
            ("user:7", false, true),
        ];
        for (text, standing, event) in table {
            let asked = Asked::parse(text).expect(text);
            assert_eq!((asked.needs_standing(), asked.needs_event()), (standing, event), "{text}");
        }
        assert!(Asked::parse("").expect("empty").is_empty());
    }

    #[test]
    fn what_one_report_cannot_answer_is_refused() {
        for text in ["is:mine", "!is:rising", "context.a:b", "level:loud"] {
            assert!(Asked::parse(text).is_err(), "{text}");
        }
    }
}
