//! The HTTP face: sockets, guards, one route table, one file a resource.

mod body;
mod cors;
mod encoding;
pub mod error;
mod events;
pub mod exchange;
mod fields;
mod guard;
mod health;
mod issues;
pub mod listen;
mod lists;
mod live;
mod openapi;
mod pages;
mod parameters;
mod percent;
mod projects;
mod query;
mod report;
mod route;
mod router;
mod routes;
mod schema;
pub mod server;
mod socket;
mod stats;
