//! Pure decisions: no I/O, no clock, no SQL, no HTTP. What happens when is an argument.

pub mod fingerprint;
pub mod level;
pub mod report;
pub mod status;
