//! Single values of a report: what each may be, and what is said when it is something else.

use std::borrow::Cow;

use super::{Intake, RecentErrors, trim};
use crate::domain::json;
use crate::domain::report::Fault;

/// Characters of a refused value that its fault repeats.
const SHOWN_CHARS_MAX: usize = 40;
/// Bytes of a refused value in which secrets are looked for, so that a fault stays cheap. A secret
/// that begins among the first 40 characters ends long before.
const SHOWN_BYTES_MAX: usize = 4_096;
/// Whole numbers up to here are the same as floats.
const FLOAT_EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Collects the faults of one report while its values are read.
pub(super) struct Fields<'a> {
    intake: &'a Intake<'a>,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(intake: &'a Intake<'a>) -> Self {
        Self { intake, faults: Vec::new() }
    }

    pub(super) fn recent(&self) -> &'a RecentErrors {
        self.intake.recent
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    pub(super) fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(Fault::new(field, message));
    }

    /// Refuses a value and says what it was.
    pub(super) fn expected(&mut self, field: &str, expected: &str, raw: &str) {
        let got = self.shown(raw);
        self.refuse(field, format!("expected {expected}, got {got}"));
    }

    /// The value, or a fault if there is none.
    pub(super) fn required<'r>(&mut self, field: &str, raw: Option<&'r str>) -> Option<&'r str> {
        if raw.is_none() {
            self.refuse(field, "required, but missing");
        }
        raw
    }

    /// A required string.
    pub(super) fn text<'r>(&mut self, field: &str, raw: Option<&'r str>) -> Option<Cow<'r, str>> {
        let raw = self.required(field, raw)?;
        self.string(field, raw)
    }

    /// An optional string; an empty one says as little as an absent one.
    pub(super) fn word<'r>(&mut self, field: &str, raw: Option<&'r str>) -> Option<Cow<'r, str>> {
        self.string(field, raw?).filter(|text| !text.is_empty())
    }

    pub(super) fn string<'r>(&mut self, field: &str, raw: &'r str) -> Option<Cow<'r, str>> {
        let text = json::string(raw);
        if text.is_none() {
            self.expected(field, "a string", raw);
        }
        text
    }

    /// A required whole number of 0 or more, up to `i64::MAX`; also in a string, also written as a
    /// float.
    pub(super) fn whole_number(&mut self, field: &str, raw: Option<&str>) -> Option<i64> {
        let raw = self.required(field, raw)?;
        let number = match json::string(raw) {
            Some(text) => whole_number(text.trim()),
            None => whole_number(raw),
        };
        if number.is_none() {
            self.expected(field, "an integer of 0 or more", raw);
        }
        number
    }

    /// What came, short enough for a message and without secrets.
    fn shown(&self, raw: &str) -> String {
        match raw.bytes().next() {
            Some(b'{') => return "an object".to_owned(),
            Some(b'[') => return "an array".to_owned(),
            _ => {}
        }
        let text = json::string(raw);
        let whole = text.as_deref().unwrap_or(raw);
        let part = &whole[..trim::border_before(whole, SHOWN_BYTES_MAX)];
        let clean = self.intake.scrubber.text(part);
        let mut short: String = clean.chars().take(SHOWN_CHARS_MAX).collect();
        if short.len() < clean.len() {
            short.push('…');
        }
        if text.is_some() { format!("\"{short}\"") } else { short }
    }
}

fn whole_number(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number).filter(|number| *number >= 0);
    }
    let is_number =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let number = text.parse::<f64>().ok().filter(|_| is_number)?;
    let is_whole = number.fract() == 0.0 && (0.0..=FLOAT_EXACT_MAX).contains(&number);
    #[allow(clippy::cast_possible_truncation, reason = "whole and within what a float holds")]
    is_whole.then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_number_is_whole_and_not_negative() {
        let table = [
            ("42", Some(42)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("42.0", Some(42)),
            ("1e2", Some(100)),
            ("4.2e1", Some(42)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e300", None),
            ("1e400", None),
            ("-1", None),
            ("-1.0", None),
            ("42.5", None),
            ("", None),
            ("abc", None),
            ("inf", None),
            ("nan", None),
            ("infinity", None),
            ("0x2a", None),
            ("true", None),
        ];
        for (text, expected) in table {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }
}
