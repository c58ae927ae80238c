//! Log Center: a self-hosted place where a team's programs report their errors.
//!
//! The modules stand in one order, and a file may name only modules before its own:
//! `domain < intake < config < metrics < fetch < store < live < ingest < jobs < notify < app <
//! http < cli < main`.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod fetch;
pub mod http;
pub mod ingest;
pub mod intake;
pub mod jobs;
pub mod live;
pub mod metrics;
pub mod notify;
pub mod store;
