//! What the system says about this process, under the names that Prometheus' clients share.

use super::page::Page;

/// Clock ticks a second in `/proc/self/stat`: fixed at 100 on Linux.
const TICKS: f64 = 100.0;

/// Adds what can be read; on a system without `/proc` nothing.
pub(super) fn put(page: &mut Page) {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return };
    // The name in parentheses may hold blanks; after it come the fields from the third on.
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace().collect();
    let field = |at: usize| fields.get(at - 3).and_then(|text| text.parse::<f64>().ok());
    if let (Some(user), Some(system)) = (field(14), field(15)) {
        let seconds = (user + system) / TICKS;
        page.counter("process_cpu_seconds_total", "Processor time used.", seconds);
    }
    if let (Some(ticks), Some(booted)) = (field(22), boot_time()) {
        let started = booted + ticks / TICKS;
        page.gauge("process_start_time_seconds", "When it started, since 1970.", started);
    }
    if let Some(bytes) = resident_bytes() {
        page.gauge("process_resident_memory_bytes", "Memory in use.", bytes);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        page.gauge("process_open_fds", "Open files and sockets.", files.count());
    }
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}

fn boot_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.parse().ok()
}
