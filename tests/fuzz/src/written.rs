//! Writes a query out again, every value in quotes.

use log_center::domain::search::{Comparison, Flag, Key, Pattern, Query, Term, Test, When};
use log_center::domain::timestamp;

/// The whole query.
pub fn query(query: &Query) -> String {
    query.terms.iter().map(term).collect::<Vec<_>>().join(" ")
}

fn term(term: &Term) -> String {
    let sign = if term.negated { "!" } else { "" };
    format!("{sign}{}", test(&term.test))
}

fn test(test: &Test) -> String {
    match test {
        Test::Word(word) => quoted(word),
        Test::Key { key, patterns } => format!("{}:{}", name(*key), list(patterns)),
        Test::Count(comparison, given) => format!("count:{}{given}", comparison.sign()),
        Test::Users(comparison, given) => format!("users:{}{given}", comparison.sign()),
        Test::Seen(comparison, when) => format!("seen:{}", moment(*comparison, *when)),
        Test::First(comparison, when) => format!("first:{}", moment(*comparison, *when)),
        Test::Is(flag) => {
            let (_, name) = Flag::ALL.iter().find(|(one, _)| one == flag).expect("a known flag");
            format!("is:{name}")
        }
        Test::Context { path, patterns } => {
            format!("context.{}:{}", path.join("."), list(patterns))
        }
    }
}

fn moment(comparison: Comparison, when: When) -> String {
    let when = match when {
        When::Ago(ms) => format!("{}s", ms / 1_000),
        When::At(at) => timestamp::format(at),
    };
    format!("{}{when}", comparison.sign())
}

fn list(patterns: &[Pattern]) -> String {
    let one = |pattern: &Pattern| match pattern {
        Pattern::Exact(text) => quoted(text),
        Pattern::Wild(parts) => {
            format!("\"{}\"", parts.iter().map(|part| escaped(part)).collect::<Vec<_>>().join("*"))
        }
    };
    patterns.iter().map(one).collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for next in text.chars() {
        if matches!(next, '"' | '\\' | '*' | ',') {
            out.push('\\');
        }
        out.push(next);
    }
    out
}

fn name(key: Key) -> &'static str {
    match key {
        Key::Status => "status",
        Key::Level => "level",
        Key::Project => "project",
        Key::Env => "env",
        Key::Type => "type",
        Key::File => "file",
        Key::Code => "code",
        Key::Version => "version",
        Key::User => "user",
        Key::Request => "request",
        Key::Assignee => "assignee",
        Key::Trace => "trace",
        Key::Fingerprint => "fingerprint",
    }
}
