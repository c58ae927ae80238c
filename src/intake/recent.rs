//! Errors that came lately: in a storm, and in most of what a program reports, the member `error`
//! is word for word one that came before. What was read out of it once is read no more.
//!
//! Told by comparing the text itself, so that a chance of two hashes confuses nothing.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::fingerprint::Fingerprint;
use crate::domain::report::ErrorInfo;
use crate::domain::sketch::keyed_hash;

/// Errors that are remembered at once.
const PLACES: usize = 1_024;
/// A longer error's JSON is read each time, and one with more lines of its stack: so all of them
/// take a few megabytes at most.
const ERROR_BYTES_MAX: usize = 4_096;
const STACK_LINES_MAX: usize = 128;
/// What stands where a secret was.
const SCRUBBED: &str = "[scrubbed]";

/// A table of fixed size in which a later error takes the place of an earlier one.
#[derive(Debug)]
pub struct RecentErrors {
    keys: [u64; 2],
    places: Box<[Place]>,
}

#[derive(Debug, Default)]
struct Place {
    /// The hash of what was kept or passed by last: what comes only once takes no place.
    seen: AtomicU64,
    kept: Mutex<Option<Arc<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    project_id: Box<str>,
    raw: Box<str>,
    read: Read,
}

/// What was read out of a project's error: scrubbed, and with nothing cut.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) error: Arc<ErrorInfo>,
    pub(super) fingerprint: Fingerprint,
    pub(super) culprit: Option<String>,
}

impl Default for RecentErrors {
    fn default() -> Self {
        let random = RandomState::new();
        let places = std::iter::repeat_with(Place::default).take(PLACES).collect();
        Self { keys: [random.hash_one(0), random.hash_one(1)], places }
    }
}

impl RecentErrors {
    /// What was read out of this raw `error` of this project, if it is remembered.
    pub(super) fn recall(&self, project_id: &str, raw: &str) -> Option<Read> {
        if raw.len() > ERROR_BYTES_MAX {
            return None;
        }
        let (_, place) = self.place(project_id, raw);
        let kept = place.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        (*kept.raw == *raw && *kept.project_id == *project_id).then(|| kept.read.clone())
    }

    /// Remembers what was read, if it came before.
    pub(super) fn keep(&self, project_id: &str, raw: &str, read: &Read) {
        if raw.len() > ERROR_BYTES_MAX || !may_stay(&read.error) {
            return;
        }
        let (hash, place) = self.place(project_id, raw);
        if place.seen.swap(hash, Ordering::Relaxed) == hash {
            let kept = Kept { project_id: project_id.into(), raw: raw.into(), read: read.clone() };
            let kept = Some(Arc::new(kept));
            *place.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        }
    }

    fn place(&self, project_id: &str, raw: &str) -> (u64, &Place) {
        let project = keyed_hash(self.keys, project_id.as_bytes());
        let hash = keyed_hash([self.keys[0], project], raw.as_bytes());
        (hash, &self.places[(hash >> 32) as usize % PLACES])
    }
}

/// Whether an error may stay in memory as it came: no secret was in it.
fn may_stay(error: &ErrorInfo) -> bool {
    let lines = error.stack.parts();
    let own = [&error.kind, &error.message, &error.file_path].into_iter();
    let texts = own.chain(&error.code).chain(lines);
    lines.len() <= STACK_LINES_MAX && !texts.into_iter().any(|text| text.contains(SCRUBBED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::level::Level;
    use crate::domain::report::{Report, Stack};
    use crate::domain::scrub::Scrubber;
    use crate::intake::Intake;
    use crate::intake::sample::{self, NOW};

    /// Reads each body three times: anew, to be kept, and as it was kept.
    fn read_thrice(bodies: &[String]) -> Vec<[Report; 3]> {
        let (scrubber, recent) = (Scrubber::default(), RecentErrors::default());
        let intake = Intake { scrubber: &scrubber, recent: &recent, now: NOW };
        let read = |body: &String| intake.report(body.as_bytes()).expect(body);
        bodies.iter().map(|body| [read(body), read(body), read(body)]).collect()
    }

    #[test]
    fn what_is_remembered_is_what_would_be_read() {
        let bodies = [
            sample::guide_with(&[]),
            sample::guide_with(&[("project_id", "\"another\"")]),
            sample::guide_with(&[("error.message", "\"password=hunter2\"")]),
            sample::guide_with(&[("error.unknown", "{\"password\":\"hunter2\"}")]),
            sample::guide_with(&[("error.message", &format!("{:?}", "long ".repeat(400)))]),
            sample::guide_with(&[("error.message", &format!("{:?}", "cut ".repeat(3_000)))]),
            sample::guide_with(&[("error.type", &format!("{:?}", "Cut".repeat(100)))]),
            sample::guide_with(&[
                ("error.file_path", "\"unknown\""),
                ("error.line_number", "0"),
                ("error.stack_trace", "\"Error: x\\n    at f (/app/a.js:3:4)\""),
            ]),
        ];
        for reports in read_thrice(&bodies) {
            assert_eq!(reports[0], reports[1]);
            assert_eq!(reports[0], reports[2]);
        }
    }

    #[test]
    fn only_what_comes_twice_is_kept_and_then_shared() {
        let [first, second, third] = &read_thrice(&[sample::guide_with(&[])])[0];
        assert!(!Arc::ptr_eq(&first.error, &second.error));
        assert!(Arc::ptr_eq(&second.error, &third.error));
    }

    #[test]
    fn what_held_a_secret_or_very_many_lines_is_not_kept() {
        let lines = format!("[{}\"\"]", "\"\",".repeat(STACK_LINES_MAX));
        for (name, raw) in
            [("error.message", "\"password=hunter2\""), ("error.stack_trace", &*lines)]
        {
            let [_, second, third] = &read_thrice(&[sample::guide_with(&[(name, raw)])])[0];
            assert!(!Arc::ptr_eq(&second.error, &third.error), "{name}");
        }
    }

    #[test]
    fn the_rest_of_a_report_is_its_own() {
        let (scrubber, recent) = (Scrubber::default(), RecentErrors::default());
        let intake = Intake { scrubber: &scrubber, recent: &recent, now: NOW };
        for at in 0..4 {
            let level = if at % 2 == 0 { "\"WARNING\"" } else { "\"ERROR\"" };
            let context = format!("{{\"user_id\":\"u{at}\",\"token\":\"t{at}\"}}");
            let body = sample::guide_with(&[("level", level), ("context", &context)]);
            let report = intake.report(body.as_bytes()).unwrap();
            assert_eq!(report.known.user_id, Some(format!("u{at}")));
            assert_eq!(Some(report.level), Level::parse(level.trim_matches('"')));
            assert!(!report.context.unwrap().contains(&format!("t{at}")));
            assert!(matches!(report.error.stack, Stack::Lines(_)));
        }
    }
}
