//! Turns filters and searches into SQL conditions over `i` (issue) and `x` (issue_text), and over
//! the hours of a slice. What SQL cannot say (rising, wild users) becomes a list of issues first.

use super::conditions::{Conditions, LEVELS, Owned, joined};
use super::counts::HOUR_MS;
use super::engine::{Engine, all, list};
use super::error::Result;
use super::{erase, events, rising, runs};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::level::Level;
use crate::domain::query::{IssueFilter, Span};
use crate::domain::search::{Flag, Key, Pattern, Query, Term, Test, fold};
use crate::domain::status::Status;

/// The part of an issue's reports that is asked for: sums of its hours.
#[derive(Debug, Default)]
pub struct Slice {
    /// Conditions over `h` (hour_count); they hold no placeholders.
    pub parts: Vec<String>,
    /// The same over the sums `s`.
    pub of_sums: Vec<String>,
    /// The environments, when it is of some environments and no versions or levels.
    pub only_environments: Option<Vec<i64>>,
    /// Whether it is of some levels and of nothing else, which the row of an issue tells.
    pub only_levels: bool,
    /// The asked span, widened to whole hours.
    pub span: Span,
}

impl Slice {
    /// Whether it is all reports.
    pub const fn is_whole(&self) -> bool {
        self.parts.is_empty()
    }

    /// The conditions as one.
    pub fn sql(&self) -> String {
        joined(&self.parts)
    }

    /// The conditions over the sums as one.
    pub fn sql_of_sums(&self) -> String {
        joined(&self.of_sums)
    }

    fn keep(&mut self, column: &str, numbers: &[i64]) {
        let is_first = self.parts.is_empty();
        self.only_environments = (is_first && column == "environment").then(|| numbers.to_vec());
        self.only_levels = is_first && column == "level";
        self.parts.push(format!("h.{column} in ({})", list(numbers)));
    }

    fn keep_span(&mut self, span: Span, now: i64) {
        self.span = span.widened(now);
        self.only_levels = false;
        if let Some(since) = self.span.since {
            self.parts.push(format!("h.hour >= {}", since.div_euclid(HOUR_MS)));
        }
        if let Some(until) = self.span.until {
            self.parts.push(format!("h.hour < {}", until.div_euclid(HOUR_MS)));
        }
    }
}

/// Who asks, and when: what `is:mine` and ages depend on.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The name of `is:mine`; nobody's issues are an anonymous reader's.
    pub who: &'a str,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// Numbers of which an issue must have one, as far as a condition says so.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Its project.
    pub projects: Option<Vec<i64>>,
    /// Its status.
    pub statuses: Option<Vec<i64>>,
    /// An environment of its reports.
    pub environments: Option<Vec<i64>>,
    /// A version of its reports.
    pub versions: Option<Vec<i64>>,
    /// A level of its reports: every set of levels that has one of them.
    pub levels: Option<Vec<i64>>,
    /// A code of its reports.
    pub codes: Option<Vec<String>>,
    /// Its type.
    pub types: Option<Vec<String>>,
    /// The engine's query for words that its text has.
    pub words: Option<String>,
}

/// A filter on issues, ready for SQL.
#[derive(Debug, Default)]
pub struct Filter {
    /// Over `i` and `x`.
    pub conditions: Conditions,
    /// What some of the conditions say.
    pub wanted: Wanted,
    /// Over the hours, and over their sums.
    pub slice: Slice,
    /// Whether not all events could be looked through for a user, a request or a trace.
    pub is_partial: bool,
    /// Files that the text has as a whole, folded.
    exact_words: Vec<String>,
}

/// Stands between the parts of an encoded pattern.
const BETWEEN_PARTS: char = '\u{1f}';
/// Stands, with a digit, for that mark and for itself inside a part.
const ESCAPE: char = '\u{1e}';

/// A pattern as text, for SQL functions: see [`decoded`].
pub fn encoded(pattern: &Pattern) -> String {
    let parts = match pattern {
        Pattern::Exact(text) => return format!("={text}"),
        Pattern::Wild(parts) => parts,
    };
    let mut text = String::from("*");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push(BETWEEN_PARTS);
        }
        text.push_str(&part.replace(ESCAPE, "\u{1e}0").replace(BETWEEN_PARTS, "\u{1e}1"));
    }
    text
}

/// The pattern that was encoded.
pub fn decoded(text: &str) -> Pattern {
    match text.strip_prefix('=') {
        Some(exact) => Pattern::Exact(exact.to_owned()),
        None => {
            let parts = text.strip_prefix('*').unwrap_or(text);
            let plain = |part: &str| match part.contains(ESCAPE) {
                true => part.replace("\u{1e}1", "\u{1f}").replace("\u{1e}0", "\u{1e}"),
                false => part.to_owned(),
            };
            Pattern::Wild(parts.split(BETWEEN_PARTS).map(plain).collect())
        }
    }
}

impl Filter {
    /// Reads the filter's own members and then the search; both hold.
    pub fn of_issues(
        db: &mut dyn Engine,
        filter: &IssueFilter,
        query: &Query,
        asker: Asker<'_>,
    ) -> Result<Self> {
        let mut made = Self::default();
        let detached = erase::detached_projects(db)?;
        if !detached.is_empty() {
            made.conditions.parts.push(format!("i.project not in ({})", list(&detached)));
        }
        let exact = |all: &[String]| -> Vec<Pattern> {
            all.iter().map(|text| Pattern::Exact(text.clone())).collect()
        };
        let lists = [
            (Key::Project, exact(&filter.project_ids)),
            (Key::Env, exact(&filter.environments)),
            (Key::Version, exact(&filter.versions)),
            (Key::Type, exact(&filter.types)),
            (Key::Code, exact(&filter.codes)),
            (Key::Assignee, exact(&filter.assignees)),
            (
                Key::Status,
                filter.statuses.iter().map(|s| Pattern::Exact(s.name().into())).collect(),
            ),
            (Key::Level, filter.levels.iter().map(|l| Pattern::Exact(l.name().into())).collect()),
        ];
        for (key, patterns) in lists {
            if !patterns.is_empty() {
                made.key(db, key, &patterns, false)?;
            }
        }
        if !filter.fingerprints.is_empty() {
            let ranges = filter.fingerprints.iter().map(|range| made.in_range(*range));
            let tests: Vec<String> = ranges.collect();
            made.fingerprints(&tests, false);
        }
        if !filter.span.is_open() {
            made.slice.keep_span(filter.span, asker.now);
        }
        made.search(db, &query.terms, asker)?;
        Ok(made)
    }

    /// Only the terms that an event's issue must meet.
    pub fn of_terms(db: &mut dyn Engine, terms: &[Term], asker: Asker<'_>) -> Result<Self> {
        let mut made = Self::default();
        made.search(db, terms, asker)?;
        Ok(made)
    }

    fn search(&mut self, db: &mut dyn Engine, terms: &[Term], asker: Asker<'_>) -> Result<()> {
        let mut wanted: Vec<String> = Vec::new();
        for term in terms {
            match &term.test {
                Test::Word(word) => {
                    let word = fold(word);
                    self.word(&word, term.negated);
                    if !term.negated {
                        wanted.push(word);
                    }
                }
                Test::Key { key, patterns } => {
                    self.key(db, *key, patterns, term.negated)?;
                }
                Test::Is(flag) => self.flag(db, *flag, term.negated, asker)?,
                _ => {}
            }
        }
        // After the keys: they say whether the numbers are a slice's.
        for term in terms {
            self.number(&term.test, term.negated, asker.now);
        }
        wanted.append(&mut self.exact_words);
        let words: Vec<&str> = wanted.iter().map(String::as_str).collect();
        self.wanted.words = db.words_query(&words);
        Ok(())
    }

    fn word(&mut self, folded: &str, negated: bool) {
        let at = self.conditions.bind(Owned::Text(folded.to_owned()));
        // The headline as programs print it: a pasted `TypeError: x is undefined` is found.
        let any = ["x.type || ': ' || x.message", "x.file_path", "x.code"]
            .map(|text| format!("contains_folded({text}, {at})"));
        self.conditions.add(any.join(" or "), negated);
    }

    fn number(&mut self, test: &Test, negated: bool, now: i64) {
        let (column, comparison, given) = match test {
            Test::Count(comparison, given) => ("count", *comparison, *given),
            Test::Users(comparison, given) => ("users", *comparison, *given),
            Test::Seen(comparison, when) => {
                let (comparison, at) = when.bound(*comparison, now);
                ("last_seen", comparison, at)
            }
            Test::First(comparison, when) => {
                let (comparison, at) = when.bound(*comparison, now);
                ("first_seen", comparison, at)
            }
            _ => return,
        };
        // Counts and times are the slice's, users are the issue's.
        let is_whole = column == "users" || self.slice.is_whole();
        let sign = comparison.sign();
        if is_whole {
            // The plus keeps its index from being chosen: half of all issues may have a number.
            self.conditions.add(format!("+i.{column} {sign} {given}"), negated);
        } else {
            let not = if negated { "not " } else { "" };
            self.slice.of_sums.push(format!("{not}s.{column} {sign} {given}"));
        }
    }

    fn flag(
        &mut self,
        db: &mut dyn Engine,
        flag: Flag,
        negated: bool,
        asker: Asker<'_>,
    ) -> Result<()> {
        let condition = match flag {
            Flag::Regressed => "i.regressed = 1".to_owned(),
            Flag::Muted => format!(
                "i.mute_kind = 3 or (i.mute_kind = 1 and i.mute_value > {}) \
                 or (i.mute_kind = 2 and i.mute_value > i.count)",
                asker.now
            ),
            Flag::Mine => {
                let who = self.conditions.bind(Owned::Text(asker.who.to_owned()));
                format!("i.assignee = {who}")
            }
            Flag::Rising => format!("i.id in ({})", list(&rising::issues(db, asker.now)?)),
        };
        self.conditions.add(condition, negated);
        Ok(())
    }

    fn key(
        &mut self,
        db: &mut dyn Engine,
        key: Key,
        patterns: &[Pattern],
        negated: bool,
    ) -> Result<()> {
        match key {
            Key::Status => {
                let wanted = codes(patterns, |name| Status::parse(name).map(Status::code));
                self.conditions.add(format!("i.status in ({})", list(&wanted)), negated);
                self.wanted.statuses = (!negated).then_some(wanted);
            }
            Key::Project => {
                let wanted = numbers(db, "project", patterns)?;
                self.conditions.add(format!("i.project in ({})", list(&wanted)), negated);
                self.wanted.projects = (!negated).then_some(wanted);
            }
            Key::Level => {
                let wanted = codes(patterns, |name| Level::parse(name).map(Level::code));
                self.levels(&wanted, negated);
            }
            Key::Env => {
                let wanted = numbers(db, "environment", patterns)?;
                self.sliced("environment", &wanted, negated);
                self.wanted.environments = (!negated).then_some(wanted);
            }
            Key::Version => {
                let wanted = numbers(db, "version", patterns)?;
                self.sliced("version", &wanted, negated);
                self.wanted.versions = (!negated).then_some(wanted);
            }
            Key::Type => {
                self.text("x.type", "matches_pattern", patterns, negated);
                self.wanted.types = exact_texts(patterns).filter(|_| !negated);
            }
            Key::File => self.text("x.file_path", "matches_path", patterns, negated),
            Key::Assignee => self.text("i.assignee", "matches_pattern", patterns, negated),
            Key::Code => {
                let matches = self.any_match("c.code", "matches_pattern", patterns);
                let condition = format!(
                    "exists (select 1 from issue_code c where c.issue = i.id and ({matches}))"
                );
                self.conditions.add(condition, negated);
                self.wanted.codes = exact_texts(patterns).filter(|_| !negated);
            }
            Key::Fingerprint => {
                let tests: Vec<String> =
                    patterns.iter().filter_map(|one| self.like_fingerprint(one)).collect();
                self.fingerprints(&tests, negated);
            }
            Key::User | Key::Request | Key::Trace => {
                let kind = match key {
                    Key::User => runs::KeyKind::User,
                    Key::Request => runs::KeyKind::Request,
                    _ => runs::KeyKind::Trace,
                };
                let (issues, complete) =
                    events::issues_by_key(db, kind, patterns, self.slice.span)?;
                self.is_partial |= !complete;
                self.conditions.add(format!("i.id in ({})", list(&issues)), negated);
            }
        }
        Ok(())
    }

    /// Environment, version and level: an issue that has any such report, counted as a slice; the
    /// opposite is an issue that has none.
    fn sliced(&mut self, column: &str, wanted: &[i64], negated: bool) {
        if negated {
            let condition = format!(
                "exists (select 1 from issue_slice l where l.issue = i.id and l.{column} in ({}))",
                list(wanted)
            );
            self.conditions.add(condition, true);
        } else if wanted.is_empty() {
            self.conditions.nothing();
        } else {
            self.slice.keep(column, wanted);
        }
    }

    /// As [`Self::sliced`], but the row of an issue tells which levels it has had.
    fn levels(&mut self, wanted: &[i64], negated: bool) {
        let sets = Level::sets_with_any(wanted);
        let condition = format!("{LEVELS}({}))", list(&sets));
        if negated {
            return self.conditions.add(condition, true);
        }
        self.conditions.parts.push(condition);
        if !sets.is_empty() {
            self.slice.keep("level", wanted);
            self.wanted.levels = Some(sets);
        }
    }

    fn text(&mut self, column: &str, function: &str, patterns: &[Pattern], negated: bool) {
        let matches = self.any_match(column, function, patterns);
        self.conditions.add(matches, negated);
        if let ("x.file_path", [one], false) = (column, patterns, negated) {
            self.exact_words.extend(one.exact().map(fold));
        }
    }

    fn any_match(&mut self, column: &str, function: &str, patterns: &[Pattern]) -> String {
        let tests: Vec<String> = patterns
            .iter()
            .map(|pattern| match pattern.exact() {
                Some(exact) if function == "matches_pattern" => {
                    let at = self.conditions.bind(Owned::Text(exact.to_owned()));
                    format!("{column} = {at}")
                }
                _ => {
                    let at = self.conditions.bind(Owned::Text(encoded(pattern)));
                    format!("{function}({column}, {at})")
                }
            })
            .collect();
        tests.join(" or ")
    }

    /// `None` if no fingerprint can match.
    fn like_fingerprint(&mut self, pattern: &Pattern) -> Option<String> {
        let begins = self.in_range(Fingerprint::range(pattern.prefix())?);
        if pattern.exact().is_some() {
            return Some(begins);
        }
        let wild = self.conditions.bind(Owned::Text(encoded(pattern)));
        Some(format!("({begins} and matches_pattern(lower(hex(i.fingerprint)), {wild}))"))
    }

    fn in_range(&mut self, (low, high): (Fingerprint, Fingerprint)) -> String {
        let low = self.conditions.bind(Owned::Blob(low.0.to_vec()));
        let high = self.conditions.bind(Owned::Blob(high.0.to_vec()));
        format!("i.fingerprint between {low} and {high}")
    }

    fn fingerprints(&mut self, tests: &[String], negated: bool) {
        if tests.is_empty() {
            return self.conditions.add("1 = 0".to_owned(), negated);
        }
        // Naming every project lets the unique index find them.
        let found = format!("i.project in (select id from project) and ({})", tests.join(" or "));
        self.conditions.add(found, negated);
    }
}

/// `None` if one of them is wild.
fn exact_texts(patterns: &[Pattern]) -> Option<Vec<String>> {
    patterns.iter().map(|one| one.exact().map(str::to_owned)).collect()
}

fn codes(patterns: &[Pattern], code: impl Fn(&str) -> Option<i64>) -> Vec<i64> {
    let names = Status::ALL.iter().map(|s| s.name()).chain(Level::ALL.iter().map(|l| l.name()));
    let names: Vec<&str> = names.collect();
    let mut wanted = Vec::new();
    for pattern in patterns {
        match pattern.exact() {
            Some(exact) => wanted.extend(code(exact)),
            None => {
                let upper = decoded(&encoded(pattern).to_ascii_uppercase());
                wanted.extend(names.iter().filter(|n| upper.matches(n)).filter_map(|n| code(n)));
            }
        }
    }
    wanted
}

/// The numbers of all names that match.
pub fn numbers(db: &mut dyn Engine, table: &str, patterns: &[Pattern]) -> Result<Vec<i64>> {
    let mut conditions = Conditions::default();
    let tests: Vec<String> = patterns
        .iter()
        .map(|pattern| match pattern.exact() {
            Some(exact) => {
                let at = conditions.bind(Owned::Text(exact.to_owned()));
                format!("name = {at}")
            }
            None => {
                let at = conditions.bind(Owned::Text(encoded(pattern)));
                format!("matches_pattern(name, {at})")
            }
        })
        .collect();
    let sql = format!("select id from {table} where {}", tests.join(" or "));
    all(db, &sql, &conditions.values(), |row| row.int(0))
}
