//! Pure decisions: no I/O, no clock, no SQL, no HTTP. What happens when is an argument.

pub mod backup;
pub mod base64;
pub mod change;
pub mod context;
pub mod culprit;
pub mod fingerprint;
pub mod happening;
pub mod issue;
pub mod json;
pub mod level;
pub mod notify;
pub mod query;
pub mod rate;
pub mod report;
pub mod scrub;
pub mod search;
pub mod server_id;
pub mod sketch;
pub mod status;
pub mod timestamp;
pub mod traceback;
pub mod transfer;
pub mod trust;
pub mod uuid;
pub mod version;
pub mod workflow;
