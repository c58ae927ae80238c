//! A report as a program sends it: the JSON body of `POST /api/v1/logs/report`.

use serde_json::json;

use super::chance::Chance;
use super::context::{self, Request};
use super::data::Kind;
use super::people::{self, dialect, fill};
use super::plan::{Environment, Event};
use super::stack::{Frame, Trace};
use super::world::{Issue, World};
use crate::domain::timestamp;

/// The body of a report. Everything in it follows from the event.
pub(super) fn of(world: &World, issue: &Issue, event: &Event) -> String {
    let project = &world.projects[issue.project];
    let (data, kind) = (&issue.data, world.kind(issue));
    // What all programs of one request share comes first, and from the request alone.
    let mut shared = Chance::of(&[world.seed, event.request]);
    let (id, trace) = (shared.uuid(), shared.hex(32));
    let user = people::user(&mut shared, data.users, &data.browser);
    let of_nobody = matches!(kind, Kind::Celery | Kind::Shell)
        || data.users == Some(0)
        || (kind != Kind::Browser && shared.is(0.12));
    let mut chance = Chance::of(&[world.seed, event.request, issue.number as u64]);
    let browser = (kind == Kind::Browser).then_some(&user.browser);
    let message = fill(&data.m, &mut chance);
    let message = match browser {
        Some(browser) => dialect(message, &data.obj, browser),
        None => message,
    };
    let trace_of =
        Trace { project: &project.data, issue: data, kind, place: Frame::of(&issue.place) };
    let (file_path, line_number) = trace_of.place();
    let happened_at = event.at - lag(kind, &mut chance);
    let host = if kind == Kind::Shell { "cron-1" } else { chance.pick(&project.data.hosts) };
    let request = Request {
        issue: data,
        user: (!of_nobody).then_some(&user),
        id,
        trace,
        host,
        at: happened_at,
    };
    let release = &project.releases[event.release];
    let mut version = release.version.clone();
    if event.environment == Environment::Development {
        version.push_str("-dev");
    }
    let mut report = json!({
        "project_id": project.data.project_id,
        "environment": event.environment.name(),
        "level": if data.level.is_empty() { "ERROR" } else { &data.level },
        "timestamp": timestamp::format(happened_at),
        "version": version,
        "commit_hash": release.commit,
        "error": {
            "type": data.t,
            "message": message,
            "file_path": file_path,
            "line_number": line_number,
            "stack_trace": trace_of.lines(&message, browser),
            "code": data.code,
        },
        "context": context::of(kind, &request, &mut chance),
    });
    // Reporters that try again name their reports.
    if matches!(kind, Kind::Spring | Kind::Nest) {
        report["event_id"] = json!(chance.uuid());
    }
    report.to_string()
}

/// How long a report is on its way; a page that was offline sends it much later.
fn lag(kind: Kind, chance: &mut Chance) -> i64 {
    match kind {
        Kind::Browser if chance.is(0.01) => chance.between(60_000, 3 * 3_600_000),
        Kind::Browser => chance.between(90, 2_600),
        _ => chance.between(4, 300),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan;
    use super::*;
    use crate::domain::scrub::Scrubber;
    use crate::intake::{Intake, RecentErrors};

    /// 2026-01-30T12:00:00Z.
    const UNTIL: i64 = 1_769_774_400_000;

    #[test]
    fn every_report_is_accepted_as_it_is_and_the_secrets_are_taken_out() {
        let world = World::new(7, UNTIL, 4_000);
        let mut scrubbed = 0;
        for event in plan::events(&world) {
            let body = of(&world, &world.issues[event.issue], &event);
            let intake = Intake {
                scrubber: &Scrubber::default(),
                recent: &RecentErrors::default(),
                now: event.at,
            };
            let report = intake.report(body.as_bytes()).expect(&body);
            assert!(report.adjusted.is_empty() && report.trimmed.is_empty(), "{body}");
            let context = report.context.unwrap_or_default();
            scrubbed += usize::from(context.contains("[scrubbed]"));
            assert!(!context.contains("hunter") && !context.contains("4111111111111111"));
        }
        assert!(scrubbed > 500, "{scrubbed}");
    }

    #[test]
    fn programs_of_one_request_tell_the_same_ids() {
        let world = World::new(7, UNTIL, 4_000);
        let events = plan::events(&world);
        let is_pair =
            |pair: &&[Event]| pair[0].request == pair[1].request && pair[0].issue != pair[1].issue;
        let pair = events.windows(2).find(is_pair).expect("there are echoes");
        let known = |event: &Event| {
            let body = of(&world, &world.issues[event.issue], event);
            let intake = Intake {
                scrubber: &Scrubber::default(),
                recent: &RecentErrors::default(),
                now: event.at,
            };
            intake.report(body.as_bytes()).expect("valid").known
        };
        let (first, second) = (known(&pair[0]), known(&pair[1]));
        assert!(first.request_id.is_some());
        assert_eq!((first.request_id, first.trace_id), (second.request_id, second.trace_id));
    }
}
