//! The results: one table, then what one start of the program takes.

use std::collections::BTreeMap;

use crate::body::Pattern;
use crate::load::Measured;
use crate::{CONNECTIONS, Cell, Program};

/// Prints everything.
pub(crate) fn print(cells: &BTreeMap<Cell, Vec<Measured>>, programs: &[Program]) {
    println!("| server | issues | connections | req/s | range | of bare hyper | p50 ms | p99 ms |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for connections in CONNECTIONS {
        let bare = &cells[&("bare hyper", None, connections)];
        let bare_rate = median(bare.iter().map(|one| one.per_second));
        line("bare hyper", "any", connections, bare, bare_rate);
        for pattern in Pattern::ALL {
            let cell = &cells[&("log-center", Some(pattern), connections)];
            line("log-center", pattern.name(), connections, cell, bare_rate);
        }
    }
    let refused: u64 = cells.values().flatten().map(|one| one.refused).sum();
    let answered: u64 = cells
        .iter()
        .filter(|((server, ..), _)| *server == "log-center")
        .flat_map(|(_, all)| all.iter().map(|one| one.answered))
        .sum();
    println!("\nlog-center answered {answered} reports and counted as many; refused: {refused}.");

    let millis = median(programs.iter().map(|one| one.start.as_secs_f64() * 1e3));
    let idle = median(programs.iter().map(|one| one.idle_kib as f64 / 1_024.0));
    println!("Start to the first answer of 200, with a new database: {millis:.1} ms.");
    println!("Memory (resident): {idle:.1} MiB idle; at most under load:");
    for connections in CONNECTIONS {
        for pattern in Pattern::ALL {
            let cell = ("log-center", Some(pattern), connections);
            let peak = programs.iter().filter(|one| one.cell == cell).map(|one| one.load_kib).max();
            let mib = peak.unwrap_or(0) as f64 / 1_024.0;
            println!("  {mib:.1} MiB with {connections} connections, {}", pattern.name());
        }
    }
    let bytes = programs.first().map_or(0, |one| one.bytes);
    println!("The program's file: {:.1} MB.", bytes as f64 / 1e6);
}

fn line(server: &str, issues: &str, connections: usize, all: &[Measured], bare: f64) {
    let rate = median(all.iter().map(|one| one.per_second));
    let least = all.iter().map(|one| one.per_second).fold(f64::MAX, f64::min);
    let most = all.iter().map(|one| one.per_second).fold(0.0, f64::max);
    let p50 = median(all.iter().map(|one| f64::from(one.p50_us) / 1e3));
    let p99 = median(all.iter().map(|one| f64::from(one.p99_us) / 1e3));
    println!(
        "| {server} | {issues} | {connections} | {rate:.0} | {least:.0} to {most:.0} | {:.2} | \
         {p50:.2} | {p99:.2} |",
        rate / bare
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
