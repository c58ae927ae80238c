//! Readers that turn a wire format into [`Report`]s. What comes out is valid, scrubbed and within
//! limits; what cannot be accepted comes out as faults, all of them at once.

mod batch;
mod body;
mod context;
mod draft;
mod field;
mod native;
mod recent;
#[cfg(test)]
mod sample;
pub mod transfer;
mod trim;

use crate::domain::json;
use crate::domain::report::{Fault, Report};
use crate::domain::scrub::Scrubber;
pub use native::project_fault;
pub use recent::RecentErrors;

/// Reports of one batch at most.
pub const BATCH_REPORTS_MAX: usize = 1_000;

/// A reader of report bodies that have been decoded and are within their limit of bytes.
pub struct Intake<'a> {
    /// Takes the secrets out of everything.
    pub scrubber: &'a Scrubber,
    /// What need not be read again.
    pub recent: &'a RecentErrors,
    /// When the server read the body, in milliseconds since 1970, UTC.
    pub now: i64,
}

/// Why a batch cannot be taken at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchFault {
    /// More than [`BATCH_REPORTS_MAX`] reports.
    TooMany,
    /// Neither an array nor lines, or nothing at all.
    Unreadable(Fault),
}

impl Intake<'_> {
    /// Reads one report, a JSON object as in CONTRACT 1.
    ///
    /// # Errors
    /// Every fault of the report, each with its field's path; at least one.
    pub fn report(&self, body: &[u8]) -> Result<Report, Vec<Fault>> {
        let text = body::text(body);
        if let Some(members) = json::valid_object(&text, body::DEPTH_MAX) {
            return self.members(members);
        }
        let json = body::value(&text, body::DEPTH_MAX).map_err(|fault| vec![fault])?;
        self.object(&json)
    }

    /// Reads a JSON array of reports, or one report a line (blank lines say nothing). The results
    /// are in order; a report that is refused does not touch its neighbours.
    ///
    /// # Errors
    /// When there is no telling where one report ends and the next begins, or there are too many.
    pub fn batch(&self, body: &[u8]) -> Result<Vec<Result<Report, Vec<Fault>>>, BatchFault> {
        batch::read(self, body)
    }

    /// Reads a report out of valid JSON.
    fn object(&self, json: &str) -> Result<Report, Vec<Fault>> {
        match json::valid_object(json, json::DEPTH_MAX) {
            Some(members) => self.members(members),
            None => Err(native::no_object(self, json)),
        }
    }

    fn members(&self, members: native::Members<'_>) -> Result<Report, Vec<Fault>> {
        native::draft(self, members).map(|draft| draft.finish(self))
    }
}
