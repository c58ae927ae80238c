//! Typed reading of query parameters. Nothing is ignored: an unknown name, a second value and a
//! value out of range are faults, and all faults are told at once.

use std::ops::RangeInclusive;

use super::error::Error;
use super::percent;
use crate::domain::query::{LIMIT_DEFAULT, LIMIT_MAX, Page, Span, TEXT_CHARS_MAX, VALUES_MAX};
use crate::domain::report::Fault;
use crate::domain::timestamp;

/// Parameters of a request that are not yet read.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Query {
    /// Splits and decodes what stands behind `?`.
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self { pairs: Vec::new(), faults: Vec::new() };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = percent::query(name) else {
                query.fault("", "a parameter's name is not percent-encoded UTF-8");
                continue;
            };
            match percent::query(value) {
                None => query.fault(&name, "expected percent-encoded UTF-8"),
                Some(_) if query.pairs.iter().any(|(known, _)| *known == name) => {
                    query.fault(&name, "is given twice; separate several values with commas");
                }
                Some(value) => query.pairs.push((name, value)),
            }
        }
        query
    }

    /// Notes a fault of a parameter.
    pub(super) fn fault(&mut self, name: &str, message: impl Into<String>) {
        // A value of any length must not come back in the answer, but its name may.
        self.faults.push(Fault::new(name.chars().take(64).collect::<String>(), message));
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(known, _)| known == name)?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// A text of 1 to [`TEXT_CHARS_MAX`] characters.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        match value.chars().count() {
            1..=TEXT_CHARS_MAX => Some(value),
            _ => {
                self.fault(name, format!("expected 1 to {TEXT_CHARS_MAX} characters"));
                None
            }
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, name: &str) -> String {
        if !self.pairs.iter().any(|(known, _)| known == name) {
            self.fault(name, "is missing");
        }
        self.text(name).unwrap_or_default()
    }

    /// A search text: an empty one searches for nothing, as an empty search box does.
    pub(super) fn search(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(known, _)| known == name)?;
        if self.pairs[at].1.trim().is_empty() {
            self.pairs.swap_remove(at);
            return None;
        }
        self.text(name)
    }

    /// Values with commas between them; `\,` is a comma of the value itself. An empty list, as from
    /// an empty control of a form, excludes nothing.
    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.take(name).filter(|value| !value.is_empty()) else {
            return Vec::new();
        };
        let values = split(&value);
        if values.len() > VALUES_MAX {
            self.fault(name, format!("expected at most {VALUES_MAX} values"));
        } else if values.iter().any(|one| !(1..=TEXT_CHARS_MAX).contains(&one.chars().count())) {
            self.fault(name, format!("expected values of 1 to {TEXT_CHARS_MAX} characters"));
        }
        values
    }

    /// Values with commas between them, each one of a set.
    pub(super) fn choices<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut choices = Vec::new();
        for value in self.texts(name) {
            match parse(&value) {
                Some(choice) => choices.push(choice),
                None => self.unexpected(name, expected, &value),
            }
        }
        choices
    }

    /// One of a set.
    pub(super) fn choice<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        let choice = parse(&value);
        if choice.is_none() {
            self.unexpected(name, expected, &value);
        }
        choice
    }

    /// A whole number within a range.
    pub(super) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.take(name)?;
        match value.parse().ok().filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None => {
                let expected = format!("an integer from {} to {}", range.start(), range.end());
                self.unexpected(name, &expected, &value);
                None
            }
        }
    }

    /// A whole number within a range that has to be there.
    pub(super) fn required_integer(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        if !self.pairs.iter().any(|(known, _)| known == name) {
            self.fault(name, "is missing");
        }
        self.integer(name, range).unwrap_or_default()
    }

    /// A moment, as milliseconds since 1970.
    pub(super) fn time(&mut self, name: &str) -> Option<i64> {
        self.choice(name, "a time such as 2026-01-30T10:30:00Z", timestamp::parse)
    }

    /// `since` and `until`.
    pub(super) fn span(&mut self) -> Span {
        let span = Span { since: self.time("since"), until: self.time("until") };
        if let (Some(since), Some(until)) = (span.since, span.until)
            && since >= until
        {
            self.fault("since", "expected a time before `until`");
        }
        span
    }

    /// `limit` and `cursor`.
    pub(super) fn page(&mut self) -> Page {
        let limit_max = i64::try_from(LIMIT_MAX).unwrap_or(i64::MAX);
        let limit = self.integer("limit", 1..=limit_max);
        Page {
            limit: limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIMIT_DEFAULT),
            cursor: self.text("cursor"),
        }
    }

    fn unexpected(&mut self, name: &str, expected: &str, value: &str) {
        let shown: String = value.chars().take(64).collect();
        self.fault(name, format!("expected {expected}, got {shown:?}"));
    }

    /// Refuses what nobody read, together with all faults.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            self.fault(&name, "is not a parameter of this request");
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Error::Validation(self.faults)) }
    }
}

fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            ',' => values.push(String::new()),
            '\\' if rest.peek() == Some(&',') => {
                values.last_mut().expect("one").extend(rest.next())
            }
            _ => values.last_mut().expect("one").push(next),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Status;

    fn faults(query: Query) -> Vec<String> {
        match query.finish() {
            Err(Error::Validation(faults)) => faults.into_iter().map(|fault| fault.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_nobody_reads_is_refused() {
        let mut query = Query::parse("limit=5&projekt=a&limit=6&x=%ff&&");
        assert_eq!(query.page().limit, 5);
        assert_eq!(faults(query), ["limit", "x", "projekt"]);
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for text in ["limit=0", "limit=201", "limit=", "limit=x", "limit=1.0", "cursor="] {
            let mut query = Query::parse(text);
            query.page();
            assert_eq!(faults(query).len(), 1, "{text}");
        }
        for text in ["since=yesterday", "since=2026-01-02&until=2026-01-01", "until="] {
            let mut query = Query::parse(text);
            query.span();
            assert_eq!(faults(query).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_list_is_split_at_commas() {
        let mut query = Query::parse("a=x%5C%2Cy,z+1&b=&c=NEW,fixed&d=NEW,OLD&e=a,");
        assert_eq!(query.texts("a"), ["x,y", "z 1"]);
        assert!(query.texts("b").is_empty());
        let expected = [Status::New, Status::Fixed];
        assert_eq!(query.choices("c", "a status", Status::parse), expected);
        query.choices("d", "a status", Status::parse);
        query.texts("e");
        assert_eq!(faults(query), ["d", "e"]);
    }

    #[test]
    fn an_empty_search_searches_nothing() {
        let mut query = Query::parse("q=+&project_id=");
        assert_eq!(query.search("q"), None);
        query.required("project_id");
        assert_eq!(faults(query), ["project_id"]);
    }
}
