//! What the server counts: refusals, waiting reports, the file, what was removed.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::server::{failed, page};
use crate::cli::remote::Remote;
use crate::fetch::Ask;

/// Waiting reports from which the writer does not keep up.
const QUEUE_ATTENTION: f64 = 1_000.0;
/// Bytes of a log of writes that grows.
const WAL_ATTENTION: f64 = 512.0 * 1_024.0 * 1_024.0;

/// Reads `/metrics`.
pub(super) async fn numbers(remote: &mut Remote) -> Vec<Finding> {
    let page = match page(remote, Ask::get("/metrics")).await {
        Ok(page) => page,
        Err(trouble) => return vec![failed("counts", &trouble)],
    };
    if page.status != 200 || !page.text.contains("log_center_") {
        let text = format!("/metrics answers with status {}", page.status);
        return vec![Finding::attention("counts", text, "Give a key with --key, if it asks.")];
    }
    let counted = read(&page.text);
    vec![refusals(&counted), queue(&counted), file(&counted), removed(&counted)]
}

type Counted = BTreeMap<String, f64>;

/// `name` or `name{label="value"}`, without the prefix.
fn read(text: &str) -> Counted {
    let lines = text.lines().filter_map(|line| line.strip_prefix("log_center_"));
    let pairs = lines.filter_map(|line| line.rsplit_once(' '));
    pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}

fn value(counted: &Counted, name: &str) -> f64 {
    counted.get(name).copied().unwrap_or(0.0)
}

fn refusals(counted: &Counted) -> Finding {
    const CHECK: &str = "refusals";
    let start = "reports_refused_total{code=\"";
    let codes = counted.iter().filter_map(|(name, count)| {
        let code = name.strip_prefix(start)?.strip_suffix("\"}")?;
        (*count > 0.0).then_some((code, *count))
    });
    let codes: Vec<(&str, f64)> = codes.collect();
    let turned_away = value(counted, "connections_refused_total");
    if codes.is_empty() && turned_away == 0.0 {
        return Finding::ok(CHECK, "no report was refused since the start");
    }
    let mut told: Vec<String> =
        codes.iter().map(|(code, count)| format!("{count} with {code}")).collect();
    if turned_away > 0.0 {
        told.push(format!("{turned_away} connections at their limit"));
    }
    let advice = match codes.first().map_or("", |(code, _)| code) {
        "ValidationError" => "Some program sends reports with wrong fields: its answer names them.",
        "TooLargeError" => "Some program sends reports above 1 MiB: cut its context.",
        "OverloadError" => {
            "It could not store for a while: the reasons above, or the server's log, say why."
        }
        "ForbiddenError" => {
            "A foreign host name, a proxy, a key or a project that is not known, or too many \
             projects: see the answer."
        }
        "AuthError" => "Some program reports without a key, or with a wrong one.",
        "" => "Raise --max-connections, or find who keeps so many open.",
        _ => "The program that sent them got an answer that says why.",
    };
    Finding::attention(CHECK, format!("since the start: {}", told.join(", ")), advice)
}

fn queue(counted: &Counted) -> Finding {
    let waiting = value(counted, "queue_reports");
    if waiting >= QUEUE_ATTENTION {
        let text = format!("{waiting} reports wait to be written");
        let advice = "The disk does not keep up: more reports come than it can take.";
        return Finding::attention("queue", text, advice);
    }
    Finding::ok("queue", format!("{waiting} reports wait to be written"))
}

fn file(counted: &Counted) -> Finding {
    let (bytes, wal) = (value(counted, "file_bytes"), value(counted, "wal_bytes"));
    let text = format!("the database has {}", size(bytes));
    if wal > WAL_ATTENTION {
        let text = format!("{text}, its log of writes {}", size(wal));
        let advice = "A long read may hold it, such as a copy or another program on the file.";
        return Finding::attention("file", text, advice);
    }
    Finding::ok("file", text)
}

fn removed(counted: &Counted) -> Finding {
    const CHECK: &str = "retention";
    let by = |reason: &str| value(counted, &format!("events_removed_total{{reason=\"{reason}\"}}"));
    let (age, number, size) = (by("age"), by("number"), by("size"));
    let issues = value(counted, "issues_removed_total");
    if size > 0.0 || issues > 0.0 {
        return Finding::attention(
            CHECK,
            format!("for lack of room, {size} events and {issues} untouched issues were removed"),
            "Raise --max-file-size, lower --retention-days or --events-per-issue, or find who \
             reports so much.",
        );
    }
    if age + number == 0.0 {
        return Finding::ok(CHECK, "no event was removed since the start");
    }
    let text = format!("{age} events went by age, {number} beyond the number kept of an issue");
    Finding::ok(CHECK, text)
}

/// Bytes in words.
pub(super) fn size(bytes: f64) -> String {
    let units = [("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1_024.0)];
    let unit = units.iter().find(|(_, of)| bytes >= *of);
    unit.map_or_else(|| format!("{bytes} bytes"), |(name, of)| format!("{:.1} {name}", bytes / of))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn counts_are_judged() {
        let text = "# HELP log_center_x y\nlog_center_queue_reports 2000\n\
                    log_center_reports_refused_total{code=\"OverloadError\"} 3\n\
                    log_center_events_removed_total{reason=\"age\"} 5\n\
                    log_center_file_bytes 2048\n";
        let counted = read(text);
        assert_eq!(queue(&counted).state, State::Attention);
        assert_eq!(refusals(&counted).state, State::Attention);
        assert_eq!(removed(&counted).state, State::Ok);
        assert_eq!(size(value(&counted, "file_bytes")), "2.0 KiB");
        assert_eq!(refusals(&read("")).state, State::Ok);
    }
}
