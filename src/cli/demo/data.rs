//! What the demo knows of its projects and its team: read out of the files beside it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How a project's reports look.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A single-page application in browsers.
    Browser,
    /// Django with the REST framework.
    Django,
    /// Spring on Java.
    Spring,
    /// A gRPC service in Go.
    Go,
    /// NestJS on Node.js.
    Nest,
    /// Celery tasks.
    Celery,
    /// Shell scripts run by cron.
    Shell,
}

/// What becomes of an issue within the month.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// Nobody takes it up.
    #[default]
    New,
    /// Comes once or a few times.
    OneOff,
    /// Known and muted.
    Noise,
    /// Goes away in one release and is the same at another line after it.
    Moved,
    /// Somebody looks at it now.
    Verifying,
    /// Nobody could make it happen.
    CannotReproduce,
    /// Waits for somebody.
    PendingFix,
    /// Somebody works on it.
    Fixing,
    /// The fix did not hold.
    FixFailed,
    /// Waits for its check.
    Fixed,
    /// Waits for the next release.
    Verified,
    /// Fixed for good.
    Deployed,
    /// Came back after it was deployed.
    Regressed,
    /// Came with one release and went with the next, hours later.
    Hotfix,
}

/// When reports of an issue come.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    /// As people work.
    #[default]
    Steady,
    /// More and more until now.
    Rising,
    /// In a few short bursts.
    Bursts,
    /// By the clock, at night.
    Nightly,
    /// While a release is rolled out.
    Deploys,
}

/// One step of a story that is told as it stands: hours after the start, who, a status or
/// `comment`, the words.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Step(pub(super) f64, pub(super) String, pub(super) String, pub(super) String);

/// An error, at one or more places.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct IssueData {
    /// A name by which others echo it.
    pub(super) key: Option<String>,
    /// `error.type`.
    pub(super) t: String,
    /// `error.message`, with words in braces to fill.
    pub(super) m: String,
    /// `level`; ERROR if empty.
    pub(super) level: String,
    /// `error.code`.
    pub(super) code: Option<String>,
    /// `file:line function | code`: an issue each.
    pub(super) at: Vec<String>,
    /// The chain of the application's own frames that leads there.
    pub(super) via: String,
    /// The libraries' frames below it.
    pub(super) inner: String,
    /// What is undefined, in the words of Firefox and Safari.
    pub(super) obj: String,
    /// The page it happens on.
    pub(super) page: String,
    /// Method and path of the request.
    pub(super) req: String,
    /// The GraphQL operation.
    pub(super) op: String,
    /// The Celery task or cron job.
    pub(super) task: String,
    /// The issue that the same request also shows up in.
    pub(super) echo: Option<String>,
    /// Another kind than its project's.
    pub(super) kind: Option<Kind>,
    /// When it comes.
    pub(super) shape: Shape,
    /// What becomes of it; else it is dealt one.
    pub(super) fate: Option<Fate>,
    /// How often it comes, beside others of its project.
    pub(super) share: Option<f64>,
    /// Reports in the outage, of 50,000.
    pub(super) storm: u32,
    /// Reports that come at once with their release, of 50,000.
    pub(super) burst: u32,
    /// Told as it stands.
    pub(super) story: Vec<Step>,
    /// In minified code.
    pub(super) min: bool,
    /// The reporter could not read the place.
    pub(super) unknown: bool,
    /// In this browser only.
    pub(super) browser: String,
    /// Only so many users have it.
    pub(super) users: Option<usize>,
    /// The request carries secrets that clients ought not to send.
    pub(super) secret: bool,
    /// The request carries a card.
    pub(super) card: bool,
    /// Comes while the demo is live, not before.
    pub(super) fresh: bool,
}

/// A project.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectData {
    /// `project_id`.
    pub(super) project_id: String,
    /// How its reports look.
    pub(super) kind: Kind,
    /// What its own files stand in.
    pub(super) root: String,
    /// Of all reports.
    pub(super) share: f64,
    /// The version at the start.
    pub(super) version: [u32; 3],
    /// Releases of the month.
    pub(super) deploys: usize,
    /// Whether one release is followed by another within hours.
    #[serde(default)]
    pub(super) hotfix: bool,
    /// Machines, or a browser's origin.
    pub(super) hosts: Vec<String>,
    /// Frames of libraries around everything; frames stand as their language prints them.
    pub(super) outer: Vec<String>,
    /// Frames of libraries below, by name.
    pub(super) inner: BTreeMap<String, Vec<String>>,
    /// The application's own frames, by name.
    pub(super) chains: BTreeMap<String, Vec<String>>,
    /// What goes wrong.
    pub(super) issues: Vec<IssueData>,
}

/// Who works on it, and what they write.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Team {
    /// Who takes issues.
    pub(super) people: Vec<String>,
    /// Who checks fixes.
    pub(super) checkers: Vec<String>,
    /// Who deploys.
    pub(super) releasers: Vec<String>,
    /// Notes, by the status that is moved to.
    pub(super) notes: BTreeMap<String, Vec<String>>,
    /// Comments.
    pub(super) comments: Vec<String>,
    /// Why something is muted.
    pub(super) mutes: Vec<String>,
}

/// The projects, the largest first.
pub(super) fn projects() -> Vec<ProjectData> {
    [
        include_str!("projects/shop_frontend.json"),
        include_str!("projects/shop_api.json"),
        include_str!("projects/payments.json"),
        include_str!("projects/search.json"),
        include_str!("projects/mobile_gateway.json"),
        include_str!("projects/batch_jobs.json"),
    ]
    .into_iter()
    .map(|text| serde_json::from_str(text).expect("a test reads the same files"))
    .collect()
}

/// The team.
pub(super) fn team() -> Team {
    serde_json::from_str(include_str!("team.json")).expect("a test reads the same file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Status;

    #[test]
    fn every_name_that_the_files_use_is_there() {
        let team = team();
        let echoed: Vec<String> =
            projects().into_iter().flat_map(|p| p.issues).filter_map(|i| i.key).collect();
        for project in projects() {
            for issue in &project.issues {
                let of = format!("{} {}", project.project_id, issue.m);
                assert!(issue.via.is_empty() || project.chains.contains_key(&issue.via), "{of}");
                assert!(issue.inner.is_empty() || project.inner.contains_key(&issue.inner), "{of}");
                assert!(issue.echo.iter().all(|key| echoed.contains(key)), "{of}");
                assert!(issue.story.is_empty() || issue.fate.is_some(), "{of}");
                for Step(_, who, what, _) in &issue.story {
                    let is_move = Status::ALL.iter().any(|status| status.name() == what);
                    assert!(is_move || what == "comment", "{of}: {what}");
                    assert!(team.people.contains(who), "{of}: {who}");
                }
            }
        }
    }
}
