//! Many reports in one body. The only question here is where one ends and the next begins.

use std::borrow::Cow;

use super::native::{self, Members};
use super::{BATCH_REPORTS_MAX, BatchFault, Intake, body};
use crate::domain::json;
use crate::domain::report::{Fault, Report};

type Results = Vec<Result<Report, Vec<Fault>>>;

pub(super) fn read(intake: &Intake<'_>, body: &[u8]) -> Result<Results, BatchFault> {
    let text = body::text(body);
    let results = if text.starts_with('[') { array(intake, &text) } else { lines(intake, &text) }?;
    if results.is_empty() {
        return Err(unreadable("expected at least one report, got none".to_owned()));
    }
    Ok(results)
}

fn unreadable(message: String) -> BatchFault {
    BatchFault::Unreadable(Fault::new("", message))
}

fn array(intake: &Intake<'_>, text: &str) -> Result<Results, BatchFault> {
    // The array is one level around the reports.
    const DEPTH_MAX: usize = body::DEPTH_MAX + 1;
    let repaired;
    let elements = match json::valid_objects(text, DEPTH_MAX, BATCH_REPORTS_MAX + 1) {
        Some(elements) => elements,
        None => {
            repaired = body::value(text, DEPTH_MAX).map_err(BatchFault::Unreadable)?;
            json::valid_objects(&repaired, DEPTH_MAX, BATCH_REPORTS_MAX + 1).unwrap_or_default()
        }
    };
    if elements.len() > BATCH_REPORTS_MAX {
        return Err(BatchFault::TooMany);
    }
    let report = |(members, raw): (Option<Members<'_>>, &str)| match members {
        Some(members) => intake.members(members),
        None => Err(native::no_object(intake, raw)),
    };
    Ok(elements.into_iter().map(report).collect())
}

/// A line that is no JSON is one refused report. When every line is, the body is something else:
/// its faults would only repeat that, once a line.
fn lines(intake: &Intake<'_>, text: &str) -> Result<Results, BatchFault> {
    let filled = || text.split('\n').map(body::bare).filter(|line| !line.is_empty());
    if filled().nth(BATCH_REPORTS_MAX).is_some() {
        return Err(BatchFault::TooMany);
    }
    let values: Vec<Result<Cow<'_, str>, Fault>> =
        filled().map(|line| body::value(line, body::DEPTH_MAX)).collect();
    let has_object = values.iter().flatten().any(|json| json.starts_with('{'));
    if !has_object && let Some(first) = values.first() {
        let why = first.as_ref().err().map(|fault| format!(" ({})", fault.message));
        let why = why.unwrap_or_default();
        return Err(unreadable(format!("expected a JSON array or one report a line{why}")));
    }
    let report = |value: Result<Cow<'_, str>, Fault>| match value {
        Ok(json) => intake.object(&json),
        Err(fault) => Err(vec![fault]),
    };
    Ok(values.into_iter().map(report).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::sample;

    /// For each report whether it was taken, and if not the first fault.
    fn outcomes(body: &str) -> Vec<String> {
        let results = sample::batch(body.as_bytes()).expect(body);
        let outcome = |result: Result<Report, Vec<Fault>>| match result {
            Ok(report) => report.project_id,
            Err(faults) => format!("{}: {}", faults[0].field, faults[0].message),
        };
        results.into_iter().map(outcome).collect()
    }

    fn named(project_id: &str) -> String {
        sample::guide_with(&[("project_id", &format!("\"{project_id}\""))])
    }

    #[test]
    fn a_bad_element_never_spoils_its_neighbours() {
        let (a, b) = (named("a"), named("b"));
        let body = format!("\u{feff}[{a}, 42, \"x\", null, [], {}, {b}]\n", named(""));
        let expected = [
            "a",
            ": expected a JSON object, got 42",
            ": expected a JSON object, got \"x\"",
            ": expected a JSON object, got null",
            ": expected a JSON object, got an array",
            "project_id: expected 1 to 64 characters, got \"\"",
            "b",
        ];
        assert_eq!(outcomes(&body), expected);
    }

    #[test]
    fn lines_are_read_one_by_one() {
        let (a, b) = (named("a"), named("b"));
        let body = format!("{a}\r\n\n  \n{{\"broken\n{}\n7\n{b}", "[".repeat(100));
        let got = outcomes(&body);
        assert_eq!(got.len(), 5);
        assert_eq!((got[0].as_str(), got[4].as_str()), ("a", "b"));
        assert!(got[1].starts_with(": unreadable JSON"), "{}", got[1]);
        assert_eq!(got[2], ": nested deeper than 64 levels");
        assert_eq!(got[3], ": expected a JSON object, got 7");
        assert_eq!(outcomes(&a), ["a"], "one line is a batch too");
        let joined = format!("\u{feff}{a}\r\n\u{feff}{b}\r\n");
        assert_eq!(outcomes(&joined), ["a", "b"], "two files, each with its byte-order mark");
    }

    #[test]
    fn an_element_may_be_as_deep_as_a_report() {
        let deep = |levels: usize| {
            let context = format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
            sample::guide_with(&[("project_id", "\"deep\""), ("context", &context)])
        };
        assert_eq!(outcomes(&format!("[{}]", deep(62))), ["deep"]);
        assert!(sample::batch(format!("[{}]", deep(63)).as_bytes()).is_err());
    }

    #[test]
    fn what_is_neither_form_is_refused() {
        for body in ["", "[]", "[ ]", " \n ", "[1,", "{\n\"a\":\n1}", "42", "\"x\"\n1", "a=1&b=2"] {
            match sample::batch(body.as_bytes()) {
                Err(BatchFault::Unreadable(fault)) => assert_eq!(fault.field, "", "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_batch_has_a_limit() {
        let line = named("a");
        let array = |count: usize| format!("[{}]", vec![line.as_str(); count].join(","));
        let lines = |count: usize| vec![line.as_str(); count].join("\n");
        assert_eq!(outcomes(&array(1_000)).len(), 1_000);
        assert_eq!(outcomes(&lines(1_000)).len(), 1_000);
        for body in [array(1_001), lines(1_001)] {
            assert_eq!(sample::batch(body.as_bytes()), Err(BatchFault::TooMany));
        }
    }
}
