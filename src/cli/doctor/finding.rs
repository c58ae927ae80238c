//! What an examination finds, and how it is shown.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::cli::terminal::{self, Style};

/// Columns when the output is no terminal.
const WIDTH_DEFAULT: usize = 80;
/// Where the text begins: after the state.
const INDENT: usize = 11;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Ok,
    /// It could not be looked at, for want of a right.
    Unchecked,
    Attention,
    Wrong,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unchecked => "unchecked",
            Self::Attention => "attention",
            Self::Wrong => "wrong",
        }
    }

    const fn style(self) -> Style {
        match self {
            Self::Ok => Style::Green,
            Self::Unchecked => Style::Dim,
            Self::Attention => Style::Yellow,
            Self::Wrong => Style::Red,
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Finding {
    check: &'static str,
    pub(super) state: State,
    text: String,
    /// What to do; empty where all is well.
    advice: String,
}

impl Finding {
    pub(super) fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, state: State::Ok, text: text.into(), advice: String::new() }
    }

    pub(super) fn unchecked(
        check: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Unchecked, text: text.into(), advice: advice.into() }
    }

    pub(super) fn attention(
        check: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Attention, text: text.into(), advice: advice.into() }
    }

    pub(super) fn wrong(
        check: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Wrong, text: text.into(), advice: advice.into() }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "check": self.check,
            "state": self.state.name(),
            "text": self.text,
            "advice": if self.advice.is_empty() { Value::Null } else { self.advice.clone().into() },
        })
    }

    /// For people: the state, then text and advice in lines that fit.
    pub(super) fn shown(&self) -> String {
        let width = terminal::width().unwrap_or(WIDTH_DEFAULT).saturating_sub(INDENT).max(20);
        let indent = " ".repeat(INDENT);
        let mut lines = wrapped(&terminal::line(&format!("{}: {}", self.check, self.text)), width);
        if !self.advice.is_empty() {
            let advice = wrapped(&terminal::line(&self.advice), width - 3);
            let mark = |(at, line): (usize, &String)| {
                format!("{}{line}", if at == 0 { "-> " } else { "   " })
            };
            lines.extend(advice.iter().enumerate().map(mark).collect::<Vec<_>>());
        }
        let state = self.state.name();
        let pad = " ".repeat(INDENT - state.len());
        format!("{}{pad}{}", self.state.style().on(state), lines.join(&format!("\n{indent}")))
    }
}

/// Lines of at most so many columns; only a word that is longer goes beyond.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_ascii_whitespace() {
        let last = lines.last().map_or(0, |line| line.width());
        if last > 0 && last + 1 + word.width() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("http://a.very.long.name x", 5), ["http://a.very.long.name", "x"]);
    }
}
