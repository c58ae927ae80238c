//! Log Center: a self-hosted place where a team's programs report their errors.
//!
//! The modules stand in one order, and a file may name only modules before its own:
//! `domain < intake < config < store < notify < ingest < jobs < app < http < cli < main`.

pub mod domain;
