//! Typed reading of a change's JSON body. Nothing is ignored: a wrong type and an unknown member
//! are faults, and all faults are told at once. A body with a member that stands twice is refused.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::Error;
use super::once::Once;
use crate::domain::report::Fault;

/// Members of an object that are not yet read. `null` reads as absent unless it is asked for.
#[derive(Debug)]
pub(super) struct Fields {
    members: Map<String, Value>,
    path: String,
    faults: Vec<Fault>,
}

impl Fields {
    /// Reads a body that must be one JSON object.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Error> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let Once(value) = serde_json::from_slice(body).map_err(|error| {
            let is_json = error.is_data();
            let what = if is_json { "the body" } else { "the body is not JSON" };
            Error::unreadable(format!("{what}: {error}"))
        })?;
        match value {
            Value::Object(members) => Ok(Self { members, path: String::new(), faults: Vec::new() }),
            other => Err(Error::unreadable(format!(
                "the body: expected an object, got {}",
                shown(&other)
            ))),
        }
    }

    /// Notes a fault of a member.
    pub(super) fn fault(&mut self, name: &str, message: impl Into<String>) {
        let name: String = name.chars().take(64).collect();
        self.faults.push(Fault::new(format!("{}{name}", self.path), message));
    }

    /// Notes that a member is something else than was expected.
    pub(super) fn unexpected(&mut self, name: &str, expected: &str, value: &Value) {
        // Of what may be a secret nothing is shown: answers stand in logs.
        let got = match matches!(name, "url" | "secret" | "token" | "password") {
            true => String::new(),
            false => format!(", got {}", shown(value)),
        };
        self.fault(name, format!("expected {expected}{got}"));
    }

    /// Whether a member is there and not yet read.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Whether a member is there and `null`.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(Value::is_null)
    }

    /// A member as it came, `null` included.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    fn present(&mut self, name: &str) -> Option<Value> {
        self.take(name).filter(|value| !value.is_null())
    }

    /// A text of 1 to `chars_max` characters; NUL becomes U+FFFD, as it does in reports.
    pub(super) fn text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let value = self.present(name)?;
        match value {
            Value::String(text) if (1..=chars_max).contains(&text.chars().count()) => {
                Some(text.replace('\0', "\u{fffd}"))
            }
            other => {
                self.unexpected(name, &format!("a text of 1 to {chars_max} characters"), &other);
                None
            }
        }
    }

    /// A name: a text without control characters and without blanks at its ends.
    pub(super) fn name(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let value = self.present(name)?;
        let read = as_name(&value, chars_max);
        if read.is_none() {
            self.unexpected(name, &name_expected(chars_max), &value);
        }
        read
    }

    /// A name that `null` clears: `Some(None)`.
    pub(super) fn clearable_name(
        &mut self,
        name: &str,
        chars_max: usize,
    ) -> Option<Option<String>> {
        if self.members.get(name)?.is_null() {
            self.take(name);
            return Some(None);
        }
        self.name(name, chars_max).map(Some)
    }

    /// A list of different names, `items_max` at most.
    pub(super) fn names(
        &mut self,
        name: &str,
        chars_max: usize,
        items_max: usize,
    ) -> Option<Vec<String>> {
        let value = self.present(name)?;
        let Value::Array(items) = &value else {
            self.unexpected(name, "an array of names", &value);
            return None;
        };
        let mut names = Vec::new();
        for item in items {
            match as_name(item, chars_max) {
                Some(one) if names.contains(&one) => self.fault(name, format!("{one:?} is twice")),
                Some(one) => names.push(one),
                None => self.unexpected(name, &name_expected(chars_max), item),
            }
        }
        if names.len() > items_max {
            self.fault(name, format!("expected at most {items_max} names"));
        }
        Some(names)
    }

    /// One word of a set.
    pub(super) fn choice<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        let choice = value.as_str().and_then(parse);
        if choice.is_none() {
            self.unexpected(name, expected, &value);
        }
        choice
    }

    /// `true` or `false`; absent is `false`.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.present(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(other) => {
                self.unexpected(name, "true or false", &other);
                false
            }
        }
    }

    /// Takes a member that is `null`; whether it was.
    pub(super) fn takes_null(&mut self, name: &str) -> bool {
        let is_null = self.members.get(name).is_some_and(Value::is_null);
        if is_null {
            self.take(name);
        }
        is_null
    }

    /// `true` or `false`, if it is there and not `null`.
    pub(super) fn choice_flag(&mut self, name: &str) -> Option<bool> {
        let is_there = !self.takes_null(name) && self.has(name);
        is_there.then(|| self.flag(name))
    }

    /// A whole number within a range.
    pub(super) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.present(name)?;
        let number = value.as_i64().filter(|number| range.contains(number));
        if number.is_none() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.unexpected(name, &expected, &value);
        }
        number
    }

    /// The members of an object within; `None` if it is absent. Give it back with
    /// [`Self::close`].
    pub(super) fn object(&mut self, name: &str) -> Option<Self> {
        match self.present(name)? {
            Value::Object(members) => {
                let path = format!("{}{name}.", self.path);
                Some(Self { members, path, faults: Vec::new() })
            }
            other => {
                self.unexpected(name, "an object", &other);
                None
            }
        }
    }

    /// Takes over the faults of an object within, and its members that nobody read.
    pub(super) fn close(&mut self, mut inner: Self) {
        inner.fault_unread();
        self.faults.append(&mut inner.faults);
    }

    fn fault_unread(&mut self) {
        for (name, _) in std::mem::take(&mut self.members) {
            self.fault(&name, "is not a member of this object");
        }
    }

    /// Faults noted so far.
    pub(super) fn fault_count(&self) -> usize {
        self.faults.len()
    }

    /// Notes that a member has to be there.
    pub(super) fn missing(&mut self, name: &str) {
        let path = format!("{}{name}", self.path);
        // A wrong one is already told.
        if !self.faults.iter().any(|fault| fault.field == path) {
            self.fault(name, "is missing");
        }
    }

    /// Refuses what nobody read, together with all faults.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.fault_unread();
        if self.faults.is_empty() { Ok(()) } else { Err(Error::Validation(self.faults)) }
    }
}

fn as_name(value: &Value, chars_max: usize) -> Option<String> {
    let text = value.as_str()?;
    let fits = (1..=chars_max).contains(&text.chars().count())
        && !text.contains(char::is_control)
        && text.trim() == text;
    fits.then(|| text.to_owned())
}

fn name_expected(chars_max: usize) -> String {
    format!("a name of 1 to {chars_max} characters, without blanks around it")
}

/// A short picture of a wrong value.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => {
            let shown: String = text.chars().take(64).collect();
            if shown.len() < text.len() { format!("{shown:?}…") } else { format!("{shown:?}") }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes()).expect("an object")
    }

    fn faults(fields: Fields) -> Vec<String> {
        match fields.finish() {
            Err(Error::Validation(faults)) => faults.into_iter().map(|fault| fault.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let mut body = fields(r#"{"a":1,"b":"","c":null,"d":"x","e":true,"in":{"f":2}}"#);
        assert_eq!(body.text("a", 9), None);
        assert_eq!(body.name("b", 9), None);
        assert_eq!(body.text("c", 9), None);
        assert!(body.flag("e"));
        let mut inner = body.object("in").expect("an object");
        assert!(!inner.flag("g"));
        body.close(inner);
        body.missing("c");
        assert_eq!(faults(body), ["a", "b", "in.f", "c", "d"]);
    }

    #[test]
    fn null_clears_only_what_can_be_cleared() {
        let mut body = fields(r#"{"assignee":null,"note":null}"#);
        assert_eq!(body.clearable_name("assignee", 64), Some(None));
        assert_eq!(body.clearable_name("other", 64), None);
        assert_eq!(body.text("note", 9), None);
        assert_eq!(faults(body), [""; 0]);
    }

    #[test]
    fn a_name_has_no_blanks_around_it() {
        let table =
            [("ann", true), ("Ann Lee", true), (" ann", false), ("", false), ("a\nb", false)];
        for (text, expected) in table {
            assert_eq!(as_name(&Value::from(text), 64).is_some(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        for body in ["", "[]", "1", "{\"a\":1", "{} {}", "{\"a\":\"\\ud800\"}"] {
            assert_eq!(Fields::parse(body.as_bytes()).expect_err(body).status(), 400);
        }
        assert!(Fields::parse("\u{feff}{}".as_bytes()).is_ok(), "a byte-order mark");
    }
}
