//! The program as other programs meet it: through a socket.

mod attacks;
mod backups;
mod client;
mod closed;
mod document;
mod erasing;
mod guards;
mod limits;
mod listening;
mod pages;
mod permissions;
mod reading;
mod reporting;
mod requests;
mod retries;
mod routing;
mod samples;
mod scrubbing;
mod searching;
mod second_step;
mod sockets;
mod streaming;
mod transfer;
mod trust;
mod trusting;
mod workflow;
