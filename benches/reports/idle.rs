//! Memory with many connections that say nothing.

use std::fs;
use std::net::TcpStream;

use crate::server::Server;
use crate::settings::Settings;
use crate::table::{Goal, Table};

const CONNECTIONS: usize = 10_000;

/// Measures it all.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let data = settings.scratch.join("idle");
    let _none = fs::remove_dir_all(&data);
    let server = Server::program(&settings.binary, &data, &["--max-connections", "10100"]);
    // As many as the system lets this program have.
    let open: Vec<TcpStream> = (0..CONNECTIONS)
        .map_while(|_| TcpStream::connect(("127.0.0.1", server.port)).ok())
        .collect();
    server.wait_until_still();
    let memory = server.memory_mb("VmRSS");
    let goal = (open.len() == CONNECTIONS).then_some(Goal::AtMost(120.0, 80.0));
    table.value(format!("memory, {} idle connections", open.len()), memory, "MB", goal);
}
