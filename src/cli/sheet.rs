//! A page of text about one thing: named fields, headed sections, folded to the terminal.

use serde_json::Value;

use super::terminal::{self, Style};
use super::tree;

/// Columns where the values of fields begin.
const VALUE_AT: usize = 14;
const INDENT: usize = 2;

/// A page that is being written.
#[derive(Debug)]
pub(super) struct Sheet {
    columns: Option<usize>,
    lines: Vec<String>,
}

impl Sheet {
    /// An empty one, as wide as the terminal.
    pub(super) fn new() -> Self {
        Self { columns: terminal::width(), lines: Vec::new() }
    }

    /// A heading; an empty line stands before it.
    pub(super) fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.line(text, Style::Bold, 0);
    }

    /// A named value. Nothing is written when it is empty.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        self.styled_field(name, value, Style::Plain);
    }

    /// A named value that stands out.
    pub(super) fn styled_field(&mut self, name: &str, value: &str, style: Style) {
        if value.is_empty() {
            return;
        }
        let text = terminal::line(value);
        let name = terminal::line(name);
        let head = format!("{name:<VALUE_AT$}");
        let head = if head.ends_with(' ') { head } else { format!("{head} ") };
        let folded = terminal::fold(&format!("{head}{text}"), self.columns, VALUE_AT);
        // A colour cannot go around what was broken inside the head.
        let rest = folded.get(head.len()..).unwrap_or_default();
        let head = folded.get(..head.len()).unwrap_or(&folded);
        let rest: Vec<_> = rest.split('\n').map(|line| style.on(line)).collect();
        self.lines.push(format!("{}{}", Style::Dim.on(head), rest.join("\n")));
    }

    /// A line of foreign text, folded; `indent` columns in.
    pub(super) fn line(&mut self, text: &str, style: Style, indent: usize) {
        let text = format!("{}{}", " ".repeat(indent), terminal::line(text));
        let own = text.len() - text.trim_start_matches(' ').len();
        let folded = terminal::fold(&text, self.columns, own + INDENT);
        let lines: Vec<_> = folded.split('\n').map(|line| style.on(line)).collect();
        self.lines.push(lines.join("\n"));
    }

    /// Foreign text of several lines.
    pub(super) fn block(&mut self, text: &str, style: Style) {
        for line in terminal::block(text).split('\n') {
            self.line(line, style, INDENT);
        }
    }

    /// A JSON value as a tree.
    pub(super) fn tree(&mut self, value: &Value) {
        self.lines.push(tree::lines(value, INDENT, self.columns));
    }

    /// All of it.
    pub(super) fn text(self) -> String {
        self.lines.join("\n")
    }
}
