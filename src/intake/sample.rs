//! Reports to test with: the integration guide's body, changed member by member.

use super::{BatchFault, Intake, RecentErrors};
use crate::domain::json;
use crate::domain::report::{Fault, Report};
use crate::domain::scrub::Scrubber;

/// 2026-01-30T12:00:00Z, an hour and a half after the guide's report.
pub(super) const NOW: i64 = 1_769_774_400_000;

/// The guide's request body.
pub(super) const GUIDE: &str = include_str!("../../tests/fixtures/guide/report.json");

fn intake<'a>(scrubber: &'a Scrubber, recent: &'a RecentErrors) -> Intake<'a> {
    Intake { scrubber, recent, now: NOW }
}

/// Reads one report at [`NOW`].
pub(super) fn report(body: &[u8]) -> Result<Report, Vec<Fault>> {
    intake(&Scrubber::default(), &RecentErrors::default()).report(body)
}

/// Reads a batch at [`NOW`].
pub(super) fn batch(body: &[u8]) -> Result<Vec<Result<Report, Vec<Fault>>>, BatchFault> {
    intake(&Scrubber::default(), &RecentErrors::default()).batch(body)
}

/// The guide's body on one line with other raw values: `project_id`, `error.type` …; a new name
/// adds a member, an empty value takes it away.
pub(super) fn guide_with(changes: &[(&str, &str)]) -> String {
    let compact: String = GUIDE.lines().map(str::trim).collect();
    let body = changed(&compact, "", changes);
    let is_error = |name: &str| changes.iter().any(|(change, _)| *change == name);
    if is_error("error") {
        return body;
    }
    let error = json::members(&body).find(|(name, _)| name == "error").map(|(_, raw)| raw);
    let error = changed(error.unwrap_or_default(), "error.", changes);
    changed(&body, "", &[("error", &error)])
}

/// An object with those changes whose path is `prefix` and one name.
fn changed(object: &str, prefix: &str, changes: &[(&str, &str)]) -> String {
    let mut members: Vec<(String, &str)> =
        json::members(object).map(|(name, raw)| (name.into_owned(), raw)).collect();
    for (path, raw) in changes {
        let Some(name) = path.strip_prefix(prefix).filter(|name| !name.contains('.')) else {
            continue;
        };
        members.retain(|(present, _)| present != name);
        members.push((name.to_owned(), raw));
    }
    members.retain(|(_, raw)| !raw.is_empty());
    let members: Vec<_> = members.iter().map(|(name, raw)| format!("\"{name}\":{raw}")).collect();
    format!("{{{}}}", members.join(","))
}
