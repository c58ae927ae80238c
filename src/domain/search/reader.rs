//! From a query's text to its terms. Positions are counted in characters, as an editor shows them.

use super::compare::whole_number;
use super::{
    Comparison, Flag, Key, Pattern, QUERY_CHARS_MAX, QUERY_TERMS_MAX, Query, Scope, SearchFault,
    Term, Test, When,
};
use crate::domain::level::Level;
use crate::domain::status::Status;

/// Characters of a value at most that a fault repeats.
const SHOWN_CHARS_MAX: usize = 40;

/// Reads a query.
///
/// # Errors
/// An unbalanced quote, a known key with a value it cannot have, `context.…` outside of
/// [`Scope::Events`], more than [`QUERY_CHARS_MAX`] characters or [`QUERY_TERMS_MAX`] terms.
pub fn parse(q: &str, scope: Scope) -> Result<Query, SearchFault> {
    let chars: Vec<char> = q.chars().take(QUERY_CHARS_MAX + 1).collect();
    if chars.len() > QUERY_CHARS_MAX {
        return Err(fault(QUERY_CHARS_MAX, "a query has at most 1,000 characters"));
    }
    let mut reader = Reader { chars, at: 0, scope };
    let mut query = Query::default();
    loop {
        reader.skip_blanks();
        let start = reader.at;
        let Some(term) = reader.term()? else {
            if reader.at == reader.chars.len() {
                return Ok(query);
            }
            continue;
        };
        if query.terms.len() == QUERY_TERMS_MAX {
            return Err(fault(start, "a query has at most 50 terms"));
        }
        query.terms.push(term);
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    scope: Scope,
}

/// A value of a list, with the place where it begins.
struct Value {
    at: usize,
    pattern: Pattern,
}

/// What may stand before a colon.
enum Name {
    Key(Key),
    Count,
    Users,
    Seen,
    First,
    Is,
    Context(Vec<String>),
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        if let Some(path) = name.strip_prefix("context.") {
            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
            return path.iter().all(|member| !member.is_empty()).then_some(Self::Context(path));
        }
        Some(match name {
            "count" => Self::Count,
            "users" => Self::Users,
            "seen" => Self::Seen,
            "first" => Self::First,
            "is" => Self::Is,
            _ => Self::Key(Key::parse(name)?),
        })
    }
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// The next term; `None` at the end and for an empty phrase, which says nothing.
    fn term(&mut self) -> Result<Option<Term>, SearchFault> {
        let start = self.at;
        let negated = matches!(self.peek(), Some('!' | '-'));
        self.at += usize::from(negated);
        if self.peek() == Some('"') {
            let phrase = self.quoted()?.iter().map(|(character, _)| *character).collect();
            return Ok(word(phrase).map(|test| Term { negated, test }));
        }
        let key_at = self.at;
        if let Some(name) = self.name() {
            let test = self.test(name, key_at)?;
            return Ok(Some(Term { negated, test }));
        }
        self.at = start;
        Ok(word(self.word()).map(|test| Term { negated: false, test }))
    }

    /// A known name with a colon and a value; else nothing is passed over.
    fn name(&mut self) -> Option<Name> {
        let rest = &self.chars[self.at..];
        let length = rest.iter().position(|c| *c == ':' || c.is_whitespace())?;
        let has_value = rest.get(length + 1).is_some_and(|c| !c.is_whitespace());
        if rest[length] != ':' || !has_value {
            return None;
        }
        let name = Name::parse(&rest[..length].iter().collect::<String>())?;
        self.at += length + 1;
        Some(name)
    }

    fn test(&mut self, name: Name, key_at: usize) -> Result<Test, SearchFault> {
        Ok(match name {
            Name::Key(key) => Test::Key { key, patterns: self.patterns(key)? },
            Name::Count => {
                self.number().map(|(comparison, given)| Test::Count(comparison, given))?
            }
            Name::Users => {
                self.number().map(|(comparison, given)| Test::Users(comparison, given))?
            }
            Name::Seen => self.time().map(|(comparison, when)| Test::Seen(comparison, when))?,
            Name::First => self.time().map(|(comparison, when)| Test::First(comparison, when))?,
            Name::Is => Test::Is(self.flag()?),
            Name::Context(_) if self.scope == Scope::Issues => {
                let message = "the context is searched in events only: use /events";
                return Err(fault(key_at, message));
            }
            Name::Context(path) => {
                let patterns = self.values()?.into_iter().map(|value| value.pattern).collect();
                Test::Context { path, patterns }
            }
        })
    }

    /// Everything up to the next blank, to the letter, but `\"` for a quote.
    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(character) = self.peek().filter(|character| !character.is_whitespace()) {
            let escaped = character == '\\' && self.chars.get(self.at + 1) == Some(&'"');
            word.push(if escaped { '"' } else { character });
            self.at += if escaped { 2 } else { 1 };
        }
        word
    }

    /// The characters between two quotes, each with whether it may be wild.
    fn quoted(&mut self) -> Result<Vec<(char, bool)>, SearchFault> {
        let open = self.at;
        self.at += 1;
        let mut inside = Vec::new();
        while let Some(character) = self.peek() {
            if character == '"' {
                self.at += 1;
                return Ok(inside);
            }
            inside.push(self.character(character));
        }
        Err(fault(open, "this quote has no second one; write \\\" for a quote in a text"))
    }

    /// Passes over one character of a value, an escape counting as one.
    fn character(&mut self, character: char) -> (char, bool) {
        let next = self.chars.get(self.at + 1).copied();
        self.at += 1;
        match next {
            Some(literal @ ('*' | ',' | '"' | '\\')) if character == '\\' => {
                self.at += 1;
                (literal, false)
            }
            _ => (character, character == '*'),
        }
    }

    /// The values of a list. Empty ones between commas say nothing; `""` is a value.
    fn values(&mut self) -> Result<Vec<Value>, SearchFault> {
        let start = self.at;
        let mut values = Vec::new();
        loop {
            let at = self.at;
            let quoted = self.peek() == Some('"');
            let characters = if quoted { self.quoted()? } else { self.unquoted() };
            if quoted || !characters.is_empty() {
                values.push(Value { at, pattern: pattern(&characters) });
            }
            match self.peek() {
                Some(',') => self.at += 1,
                Some(character) if !character.is_whitespace() => {
                    return Err(fault(self.at, "expected a blank or a comma after the quote"));
                }
                _ if values.is_empty() => return Err(fault(start, "expected a value")),
                _ => return Ok(values),
            }
        }
    }

    fn unquoted(&mut self) -> Vec<(char, bool)> {
        let mut characters = Vec::new();
        while let Some(character) = self.peek().filter(|c| *c != ',' && !c.is_whitespace()) {
            characters.push(self.character(character));
        }
        characters
    }

    /// The values of a key, in the spelling in which they are stored.
    fn patterns(&mut self, key: Key) -> Result<Vec<Pattern>, SearchFault> {
        let values = self.values()?;
        let mut patterns = Vec::with_capacity(values.len());
        for value in values {
            match key {
                Key::Status => patterns.extend(statuses(&value)?),
                Key::Level => patterns.extend(levels(&value)?),
                Key::Fingerprint => patterns.push(fingerprint(value)?),
                _ => patterns.push(value.pattern),
            }
        }
        Ok(patterns)
    }

    fn comparison(&mut self) -> Comparison {
        let signs = [
            Comparison::LessOrEqual,
            Comparison::GreaterOrEqual,
            Comparison::Less,
            Comparison::Greater,
            Comparison::Equal,
        ];
        let rest = &self.chars[self.at..];
        let starts = |sign: &str| sign.chars().enumerate().all(|(n, c)| rest.get(n) == Some(&c));
        let found = signs.into_iter().find(|comparison| starts(comparison.sign()));
        self.at += found.map_or(0, |comparison| comparison.sign().len());
        found.unwrap_or(Comparison::Equal)
    }

    /// A value in which nothing is special but quotes around it.
    fn plain(&mut self) -> Result<String, SearchFault> {
        if self.peek() == Some('"') {
            return Ok(self.quoted()?.iter().map(|(character, _)| *character).collect());
        }
        Ok(self.word())
    }

    fn number(&mut self) -> Result<(Comparison, i64), SearchFault> {
        let comparison = self.comparison();
        let at = self.at;
        let text = self.plain()?;
        match whole_number(&text) {
            Some(number) => Ok((comparison, number)),
            None => Err(unexpected(at, "a whole number such as >100", &text)),
        }
    }

    fn time(&mut self) -> Result<(Comparison, When), SearchFault> {
        let sign_at = self.at;
        let comparison = self.comparison();
        let at = self.at;
        let text = self.plain()?;
        let Some(when) = When::parse(&text) else {
            return Err(unexpected(at, "a time such as <1h, >2d or >2026-01-01", &text));
        };
        if comparison == Comparison::Equal {
            return Err(fault(sign_at, "expected < or > before the time"));
        }
        Ok((comparison, when))
    }

    fn flag(&mut self) -> Result<Flag, SearchFault> {
        let at = self.at;
        let text = self.plain()?;
        Flag::parse(&text).ok_or_else(|| unexpected(at, "regressed, muted, mine or rising", &text))
    }
}

fn word(text: String) -> Option<Test> {
    (!text.is_empty()).then_some(Test::Word(text))
}

fn pattern(characters: &[(char, bool)]) -> Pattern {
    let mut parts = vec![String::new()];
    for &(character, wild) in characters {
        if wild {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    if parts.len() > 1 { Pattern::Wild(parts) } else { Pattern::Exact(parts.concat()) }
}

/// The statuses that the value names, so that a reader of the query needs no wildcards for them.
fn statuses(value: &Value) -> Result<Vec<Pattern>, SearchFault> {
    let names = Status::ALL.map(Status::name);
    let exact = value.pattern.exact().and_then(Status::parse).map(Status::name);
    named(value, exact, &names)
}

fn levels(value: &Value) -> Result<Vec<Pattern>, SearchFault> {
    let names = Level::ALL.map(Level::name);
    let exact = value.pattern.exact().and_then(Level::parse).map(Level::name);
    named(value, exact, &names)
}

fn named(value: &Value, exact: Option<&str>, names: &[&str]) -> Result<Vec<Pattern>, SearchFault> {
    let upper = match &value.pattern {
        Pattern::Exact(text) => Pattern::Exact(text.to_uppercase()),
        Pattern::Wild(parts) => {
            Pattern::Wild(parts.iter().map(|part| part.to_uppercase()).collect())
        }
    };
    let matching = names.iter().filter(|name| exact == Some(**name) || upper.matches(name));
    let patterns: Vec<_> = matching.map(|name| Pattern::Exact((*name).to_owned())).collect();
    if patterns.is_empty() {
        let expected = format!("one of {}", names.join(", "));
        return Err(unexpected(value.at, &expected, &shown(&value.pattern)));
    }
    Ok(patterns)
}

fn fingerprint(value: Value) -> Result<Pattern, SearchFault> {
    let is_hex = |text: &str| text.chars().all(|character| character.is_ascii_hexdigit());
    match &value.pattern {
        Pattern::Exact(text) if is_hex(text) && (12..=32).contains(&text.len()) => {
            Ok(Pattern::Exact(text.to_ascii_lowercase()))
        }
        Pattern::Wild(parts) if parts.iter().all(|part| is_hex(part)) => {
            Ok(Pattern::Wild(parts.iter().map(|part| part.to_ascii_lowercase()).collect()))
        }
        other => Err(unexpected(value.at, "12 to 32 hex digits", &shown(other))),
    }
}

fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Exact(text) => text.clone(),
        Pattern::Wild(parts) => parts.join("*"),
    }
}

fn fault(position: usize, message: impl Into<String>) -> SearchFault {
    SearchFault { position, message: message.into() }
}

fn unexpected(position: usize, expected: &str, got: &str) -> SearchFault {
    let mut short: String = got.chars().take(SHOWN_CHARS_MAX).collect();
    if short.len() < got.len() {
        short.push('…');
    }
    fault(position, format!("expected {expected}, got \"{short}\""))
}
