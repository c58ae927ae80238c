//! The members of one record, read one by one. A member that nobody reads is a fault.

use std::borrow::Cow;

use crate::domain::change::{MUTE_REPORTS_MAX, Mute};
use crate::domain::level::Level;
use crate::domain::report::NAME_CHARS_MAX;
use crate::domain::status::Status;
use crate::domain::{json, timestamp, transfer};
use crate::intake::field::Fields;
use crate::intake::native;

const HOUR_MS: i64 = 3_600_000;
const TIME: &str = "a time such as 2026-01-30T10:30:00.000Z";

/// Members of an object that are not yet read. `null` is absent; of equal names the last counts.
pub(super) struct Members<'f, 'i, 'a> {
    fields: &'f mut Fields<'i>,
    path: String,
    members: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'f, 'i, 'a> Members<'f, 'i, 'a> {
    /// Those of a valid object.
    pub(super) fn of(fields: &'f mut Fields<'i>, path: &str, object: &'a str) -> Self {
        Self { fields, path: path.to_owned(), members: json::members(object).collect() }
    }

    /// Refuses a member.
    pub(super) fn refuse(&mut self, name: &str, message: &str) {
        self.fields.refuse(&format!("{}{name}", self.path), message);
    }

    fn expected(&mut self, name: &str, expected: &str, raw: &str) {
        self.fields.expected(&format!("{}{name}", self.path), expected, raw);
    }

    /// Says nothing of the members that are left.
    pub(super) fn leave(&mut self) {
        self.members.clear();
    }

    /// Refuses the members that are left.
    pub(super) fn finish(&mut self) {
        for (name, _) in std::mem::take(&mut self.members) {
            let name: String = name.chars().take(64).collect();
            self.refuse(&name, "is not a member of this record");
        }
    }

    /// Passes over members that follow from others.
    pub(super) fn skip(&mut self, names: &[&str]) {
        self.members.retain(|(name, _)| !names.contains(&&**name));
    }

    /// A member's raw value; `null` is absent.
    pub(super) fn raw(&mut self, name: &str) -> Option<&'a str> {
        let mut found = None;
        self.members.retain(|(known, raw)| {
            let is_it = known == name;
            if is_it {
                found = Some(*raw);
            }
            !is_it
        });
        found.filter(|raw| *raw != "null")
    }

    fn required(&mut self, name: &str) -> Option<&'a str> {
        let raw = self.raw(name);
        if raw.is_none() {
            self.refuse(name, "is missing");
        }
        raw
    }

    fn as_text(&mut self, name: &str, raw: &str, chars: (usize, usize)) -> Option<String> {
        let text = json::string(raw);
        let fits = |text: &Cow<'_, str>| {
            // A character has at most four bytes: long texts are not counted.
            text.len() / 4 <= chars.1 && (chars.0..=chars.1).contains(&text.chars().count())
        };
        let read = text.filter(fits).map(Cow::into_owned);
        if read.is_none() {
            let expected = format!("a text of {} to {} characters", chars.0, chars.1);
            self.expected(name, &expected, raw);
        }
        read
    }

    /// A text that says something.
    pub(super) fn text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let raw = self.required(name)?;
        self.as_text(name, raw, (1, chars_max))
    }

    /// A text that may be empty.
    pub(super) fn any_text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let raw = self.required(name)?;
        self.as_text(name, raw, (0, chars_max))
    }

    /// A text or nothing.
    pub(super) fn opt_text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let raw = self.raw(name)?;
        self.as_text(name, raw, (0, chars_max))
    }

    fn as_name(&mut self, name: &str, raw: &str, chars_max: usize) -> Option<String> {
        let text = self.as_text(name, raw, (1, chars_max))?;
        if text.contains(char::is_control) {
            self.refuse(name, "expected a name without control characters");
        }
        Some(text)
    }

    /// A name without control characters.
    pub(super) fn name(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let raw = self.required(name)?;
        self.as_name(name, raw, chars_max)
    }

    /// A name or nothing.
    pub(super) fn opt_name(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let raw = self.raw(name)?;
        self.as_name(name, raw, chars_max)
    }

    /// What a project may be called.
    pub(super) fn project_id(&mut self) -> Option<String> {
        let name = self.name("project_id", NAME_CHARS_MAX)?;
        if !native::may_name_project(&name) {
            self.refuse("project_id", "expected a project's name");
        }
        Some(name)
    }

    fn array(&mut self, name: &str) -> Option<&'a str> {
        let raw = self.required(name)?;
        if raw.starts_with('[') {
            return Some(raw);
        }
        self.expected(name, "an array", raw);
        None
    }

    /// An array of texts.
    pub(super) fn texts(&mut self, name: &str, chars_max: usize) -> Option<Vec<String>> {
        let raw = self.array(name)?;
        json::elements(raw).map(|one| self.as_text(name, one, (0, chars_max))).collect()
    }

    /// An array of names.
    pub(super) fn names(
        &mut self,
        name: &str,
        chars_max: usize,
        items_max: usize,
    ) -> Option<Vec<String>> {
        let raw = self.array(name)?;
        let names: Option<Vec<_>> =
            json::elements(raw).map(|one| self.as_name(name, one, chars_max)).collect();
        if names.as_ref().is_some_and(|names| names.len() > items_max) {
            self.refuse(name, &format!("expected at most {items_max} names"));
        }
        names
    }

    /// An array of pairs of a text and a number.
    pub(super) fn pairs(
        &mut self,
        name: &str,
        is_valid: impl Fn(&str, i64) -> bool,
    ) -> Option<Vec<(String, i64)>> {
        let raw = self.array(name)?;
        let pair = |raw: &'a str| {
            let mut parts = json::elements(raw);
            let (text, number) = (json::string(parts.next()?)?, parts.next()?.parse().ok()?);
            let whole = parts.next().is_none() && is_valid(&text, number);
            whole.then(|| (text.into_owned(), number))
        };
        let pairs: Option<Vec<_>> = json::elements(raw).map(pair).collect();
        if pairs.is_none() {
            self.refuse(name, "expected pairs of 32 hex digits and an issue's number");
        }
        pairs
    }

    fn as_number(&mut self, name: &str, raw: &str, range: (i64, i64)) -> Option<i64> {
        let number = raw.parse().ok().filter(|number| (range.0..=range.1).contains(number));
        if number.is_none() {
            let expected = format!("an integer from {} to {}", range.0, range.1);
            self.expected(name, &expected, raw);
        }
        number
    }

    /// A whole number from `least` to `most`.
    pub(super) fn number(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let raw = self.required(name)?;
        self.as_number(name, raw, (least, most))
    }

    /// A number of 0 or more, or nothing.
    pub(super) fn opt_number(&mut self, name: &str, most: i64) -> Option<i64> {
        let raw = self.raw(name)?;
        self.as_number(name, raw, (0, most))
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        raw: &str,
        (expected, parse): (&str, fn(&str) -> Option<T>),
    ) -> Option<T> {
        let read = json::string(raw).and_then(|text| parse(&text));
        if read.is_none() {
            self.expected(name, expected, raw);
        }
        read
    }

    /// A moment.
    pub(super) fn time(&mut self, name: &str) -> Option<i64> {
        let raw = self.required(name)?;
        self.parsed(name, raw, (TIME, timestamp::parse))
    }

    /// A moment or nothing.
    pub(super) fn opt_time(&mut self, name: &str) -> Option<i64> {
        let raw = self.raw(name)?;
        self.parsed(name, raw, (TIME, timestamp::parse))
    }

    /// When an hour begins.
    pub(super) fn hour(&mut self, name: &str) -> Option<i64> {
        let at = self.time(name)?;
        if at % HOUR_MS != 0 {
            self.refuse(name, "expected the beginning of an hour");
        }
        Some(at)
    }

    /// The level.
    pub(super) fn level(&mut self) -> Option<Level> {
        let raw = self.required("level")?;
        self.parsed("level", raw, ("a level", Level::parse))
    }

    /// A status.
    pub(super) fn status(&mut self, name: &str) -> Option<Status> {
        let raw = self.required(name)?;
        self.parsed(name, raw, ("a status", Status::parse))
    }

    /// A status or nothing.
    pub(super) fn opt_status(&mut self, name: &str) -> Option<Status> {
        let raw = self.raw(name)?;
        self.parsed(name, raw, ("a status", Status::parse))
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.required(name)? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                self.expected(name, "true or false", other);
                None
            }
        }
    }

    /// Bytes in hex; may be none.
    pub(super) fn hex(&mut self, name: &str) -> Option<Vec<u8>> {
        let raw = self.required(name)?;
        self.parsed(name, raw, ("hex digits", transfer::from_hex))
    }

    /// The fingerprint.
    pub(super) fn fingerprint(&mut self) -> Option<String> {
        const FIELD: &str = "fingerprint";
        let raw = self.required(FIELD)?;
        let is_one: fn(&str) -> Option<String> = |text| {
            let bytes = transfer::from_hex(text).filter(|bytes| bytes.len() == 16);
            bytes.map(|_| text.to_ascii_lowercase())
        };
        self.parsed(FIELD, raw, ("32 hex digits", is_one))
    }

    /// What is left of a mute, or nothing.
    pub(super) fn mute(&mut self, name: &str) -> Option<Mute> {
        let mut of = self.opt_object(name)?;
        let mute = match (of.opt_time("at"), of.opt_number("reports", MUTE_REPORTS_MAX)) {
            (Some(at), None) => Mute::At(at),
            (None, Some(reports)) => Mute::Reports(reports),
            _ => {
                of.flag("for_ever")?;
                Mute::ForEver
            }
        };
        of.finish();
        Some(mute)
    }

    fn opt_object(&mut self, name: &str) -> Option<Members<'_, 'i, 'a>> {
        let raw = self.raw(name)?;
        if !raw.starts_with('{') {
            self.expected(name, "an object", raw);
            return None;
        }
        Some(Members::of(self.fields, &format!("{}{name}.", self.path), raw))
    }

    /// The members of an object within.
    pub(super) fn object(&mut self, name: &str) -> Option<Members<'_, 'i, 'a>> {
        if self.members.iter().all(|(known, raw)| known != name || *raw == "null") {
            self.refuse(name, "is missing");
            return None;
        }
        self.opt_object(name)
    }
}
