//! Bodies of reports and of batches.
//!
//! Held: what `serde_json` makes of a body says whether it is taken, and with which values; the
//! fingerprint is the formula's; everything is within its limit, and what was cut is named; reading
//! again gives the same; a batch is its reports one by one; what is stored is what was read.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use log_center::domain::level::Level;
use log_center::domain::report::{Fault, Report, Stack};
use log_center::domain::scrub::Scrubber;
use log_center::domain::{timestamp, uuid};
use log_center::intake::{BATCH_REPORTS_MAX, Intake, RecentErrors};
use log_center::store::encode::{Body, Place, Prepared, RecentStacks, unpack};
use log_center_fuzz::expanded;
use log_center_fuzz::tree::Tree;

/// 2026-01-30T10:30:00Z.
const NOW: i64 = 1_769_769_000_000;
const FUTURE_MS_MAX: i64 = 5 * 60 * 1_000;
const DEPTH_MAX: usize = 64;
const RESERVED: [&str; 8] = [".", "..", "0", "v1", "embed", "store", "canonical", "relay"];
const FIELDS: [&str; 8] = [
    "error.type",
    "error.message",
    "error.file_path",
    "error.code",
    "error.stack_trace",
    "version",
    "commit_hash",
    "context",
];

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(|| Scrubber::new(&[], &[]));
static RECENT: LazyLock<RecentErrors> = LazyLock::new(RecentErrors::default);
static STACKS: LazyLock<RecentStacks> = LazyLock::new(RecentStacks::default);

fuzz_target!(|data: &[u8]| {
    let body = expanded(data);
    let intake = Intake { scrubber: &SCRUBBER, recent: &RECENT, now: NOW };
    let outcome = intake.report(&body);
    assert_eq!(intake.report(&body), outcome, "a second reading differs");
    check_batch(&intake, &body);
    let text = String::from_utf8_lossy(&body);
    let given = Tree::read(bare(&text));
    if given.is_none() && (text.contains("NaN") || text.contains("Infinity")) {
        // Read as null; only the program knows where.
        return;
    }
    match outcome {
        Err(faults) => check_refused(&faults, given.as_ref()),
        Ok(report) => {
            let given = given.expect("what is no JSON is refused");
            assert!(given.depth() <= DEPTH_MAX, "{} deep", given.depth());
            assert!(is_acceptable(&given), "a report that lacks something was taken");
            check_values(&report, &given);
            check_limits(&report);
            check_stored(report);
        }
    }
});

fn bare(text: &str) -> &str {
    let text = text.trim_ascii();
    text.strip_prefix('\u{feff}').map_or(text, str::trim_ascii)
}

fn check_refused(faults: &[Fault], given: Option<&Tree>) {
    assert!(!faults.is_empty(), "refused without a word");
    assert!(faults.len() <= 40, "{} faults", faults.len());
    for Fault { field, message } in faults {
        assert!(field.len() <= 64 && !message.is_empty(), "{field}: {message}");
        assert!(message.chars().count() <= 220, "{message}");
        assert!(!message.contains('\0'), "{message}");
    }
    let is_fine = given.is_some_and(|given| given.depth() <= DEPTH_MAX && is_acceptable(given));
    assert!(!is_fine, "a sound report was refused: {faults:?}");
}

fn text_of(of: &Tree, name: &str) -> Option<String> {
    of.member(name).and_then(Tree::text).map(str::to_owned)
}

/// Whether the contract takes it.
fn is_acceptable(given: &Tree) -> bool {
    let optional = |of: &Tree, name: &str| of.member(name).is_none_or(|it| it.text().is_some());
    let words = ["version", "commit_hash", "timestamp", "event_id"];
    let Some(error) = given.member("error") else { return false };
    let is_stack = match error.member("stack_trace") {
        Some(Tree::Text(_)) => true,
        Some(Tree::List(all)) => all.iter().all(|(_, one)| one.text().is_some()),
        _ => false,
    };
    error.is_object()
        && text_of(given, "project_id").is_some_and(|name| {
            let is_plain = !name.contains(['/', '\\', '?', '#', '%']);
            is_name(&name) && is_plain && !RESERVED.contains(&&*name)
        })
        && text_of(given, "environment").is_some_and(|name| is_name(&name))
        && text_of(given, "level").is_some_and(|word| Level::parse(word.trim()).is_some())
        && text_of(error, "type").is_some_and(|kind| !kind.is_empty())
        && text_of(error, "message").is_some()
        && text_of(error, "file_path").is_some()
        && line_number(error).is_some()
        && is_stack
        && optional(error, "code")
        && words.iter().all(|name| optional(given, name))
        && text_of(given, "timestamp").is_none_or(|time| timestamp::parse(&time).is_some())
        && text_of(given, "event_id").is_none_or(|id| uuid::parse(&id).is_some())
        && given.member("context").is_none_or(Tree::is_object)
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// A whole number of 0 or more, as a number or in a string.
fn line_number(error: &Tree) -> Option<i64> {
    let written = match error.member("line_number")? {
        Tree::Plain(number) => number.as_str(),
        Tree::Text(text) => text.trim(),
        _ => return None,
    };
    if let Ok(number) = written.parse::<i64>() {
        return Some(number).filter(|number| *number >= 0);
    }
    let is_number = written.bytes().all(|byte| b"0123456789.eE+-".contains(&byte));
    let number: f64 = written.parse().ok().filter(|_| is_number)?;
    let is_whole = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    is_whole.then_some(number as i64)
}

fn check_values(report: &Report, given: &Tree) {
    let error = given.member("error").expect("taken");
    let required = |of: &Tree, name: &str| text_of(of, name).expect("taken");
    let line = line_number(error).expect("taken");
    let (kind, file) = (required(error, "type"), required(error, "file_path"));
    assert_eq!(report.project_id, required(given, "project_id"));
    assert_eq!(report.environment, required(given, "environment"));
    assert_eq!(report.error.line_number, line);
    let formula = format!("{}{kind}{file}{line}", report.project_id);
    assert_eq!(report.fingerprint.0, md5::compute(formula).0, "another fingerprint");
    check_text(report, "error.type", &report.error.kind, &kind);
    check_text(report, "error.file_path", &report.error.file_path, &file);
    let message = required(error, "message");
    check_text(report, "error.message", &report.error.message, &message);
    let code = text_of(error, "code").filter(|code| !code.is_empty());
    assert_eq!(report.error.code.is_some(), code.is_some());
    let stored = report.error.code.as_deref().unwrap_or_default();
    check_text(report, "error.code", stored, &code.unwrap_or_default());
    assert_eq!(report.event_id, text_of(given, "event_id").and_then(|id| uuid::parse(&id)));
    let at = text_of(given, "timestamp").and_then(|time| timestamp::parse(&time));
    let early = at.filter(|at| at - NOW <= FUTURE_MS_MAX);
    assert_eq!((report.timestamp, report.received_at), (early.unwrap_or(NOW), NOW));
    assert_eq!(report.adjusted.is_empty(), at == early);
    if let (Stack::Lines(lines), Some(Tree::List(all))) =
        (&report.error.stack, error.member("stack_trace"))
        && !report.trimmed.iter().any(|field| field == "error.stack_trace")
    {
        assert_eq!(lines.len(), all.len(), "lines of the stack were lost");
    }
    let is_placeless = line == 0 && ["", "unknown"].contains(&&*file);
    assert!(is_placeless || report.culprit.is_none(), "a place that nobody asked for");
}

/// A text is what came, scrubbed, and cut only where it says so.
fn check_text(report: &Report, field: &str, stored: &str, came: &str) {
    let clean = SCRUBBER.text(came);
    let is_cut = report.trimmed.iter().any(|one| one == field);
    assert_eq!(is_cut, stored.len() < clean.len(), "{field}: trimmed is wrong");
    assert!(clean.starts_with(stored), "{field} is another text");
}

fn check_limits(report: &Report) {
    let chars = |text: &str| text.chars().count();
    let error = &report.error;
    let words = [Some(&error.kind), error.code.as_ref(), report.version.as_ref()];
    for word in words.into_iter().chain([report.commit_hash.as_ref()]).flatten() {
        assert!(chars(word) <= 256 && !word.is_empty(), "{word}");
    }
    assert!(chars(&error.file_path) <= 1_024 && chars(&error.message) <= 8_192);
    let bytes: usize = error.stack.parts().iter().map(|part| part.len() + 1).sum();
    assert!(bytes <= 256 * 1_024 + 1, "a stack of {bytes} bytes");
    for id in [&report.known.request_id, &report.known.user_id, &report.known.trace_id] {
        let id = id.as_deref().unwrap_or("x");
        assert!((1..=256).contains(&chars(id)) && !id.contains('\0'), "{id}");
    }
    assert!(report.trimmed.iter().all(|field| FIELDS.contains(&&**field)), "{:?}", report.trimmed);
    let texts = [&error.kind, &error.message, &error.file_path].into_iter();
    let texts = texts.chain(error.stack.parts()).chain(&error.code);
    for text in texts.chain(&report.version).chain(&report.culprit) {
        assert!(!text.contains('\0'), "NUL in {text}");
    }
    let Some(context) = &report.context else { return };
    assert!(context.len() <= 256 * 1_024, "a context of {} bytes", context.len());
    // Not by a reading of our own: whoever reads it next knows nothing of ours.
    let value: serde_json::Value = serde_json::from_str(context).expect("a context is JSON");
    assert!(value.is_object() && !holds_nul(&value), "no object, or one with NUL");
}

fn holds_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(holds_nul),
        Value::Object(all) => all.iter().any(|(name, one)| name.contains('\0') || holds_nul(one)),
        _ => false,
    }
}

/// What the store packs is what a reader unpacks.
fn check_stored(report: Report) {
    let prepared = Prepared::new(report.clone(), &STACKS);
    let body = unpack(&prepared.body).expect("packed a moment ago");
    let body: Body<'_> = serde_json::from_slice(&body).expect("a body");
    assert_eq!(body.message, report.error.message);
    assert_eq!(body.code.as_deref(), report.error.code.as_deref());
    assert_eq!(body.commit_hash.as_deref(), report.commit_hash.as_deref());
    assert_eq!(body.context.map(|raw| raw.get()), report.context.as_deref());
    let place = unpack(&prepared.packed_stack()).expect("packed a moment ago");
    let place: Place<'_> = serde_json::from_slice(&place).expect("a place");
    let stack = place.stack_trace(&report.error.message).expect("a stack");
    let expected = match &report.error.stack {
        Stack::Lines(lines) => serde_json::to_string(lines),
        Stack::Text(text) => serde_json::to_string(text),
    };
    assert_eq!(stack.get(), expected.expect("strings"), "the stack comes back as another");
}

/// A batch is its reports one by one.
fn check_batch(intake: &Intake<'_>, body: &[u8]) {
    let Ok(results) = intake.batch(body) else { return };
    assert!((1..=BATCH_REPORTS_MAX).contains(&results.len()), "{} results", results.len());
    let text = String::from_utf8_lossy(body);
    let text = bare(&text);
    let singles: Vec<String> = if text.starts_with('[') {
        let Some(Tree::List(all)) = Tree::read(text) else { return };
        all.into_iter().map(|(raw, _)| raw).collect()
    } else {
        let lines = text.split('\n').filter(|line| !bare(line).is_empty());
        lines.map(str::to_owned).collect()
    };
    assert_eq!(results.len(), singles.len(), "a batch gives one outcome an item");
    for (result, single) in results.iter().zip(&singles) {
        assert_eq!(*result, intake.report(single.as_bytes()), "in a batch it is another report");
    }
}
