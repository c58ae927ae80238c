//! What a terminal is told: its width, colours, tables. Text from reports is made harmless first: a
//! control character in it could move the cursor, or send keys.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::trouble::Trouble;

/// Columns when a terminal does not say.
const WIDTH_DEFAULT: usize = 80;
/// Columns below which a table is not squeezed.
const WIDTH_MIN: usize = 40;
/// Columns that the flexible cell of a row has at least.
const FLEXIBLE_MIN: usize = 12;
/// Columns for which long names in other cells give way to it.
const FLEXIBLE_WISH: usize = 28;
/// Columns that such a name keeps then, and when even that is too much.
const NAME_MIN: usize = 12;
const SQUEEZED_MIN: usize = 4;
const GAP: &str = "  ";

/// Writes a text and ends its line.
pub(super) fn say(text: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n"));
    written.and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Trouble::OutputClosed,
        _ => Trouble::Failed(format!("The output cannot be written: {error}.")),
    })
}

/// Writes a JSON value: indented on a terminal, else on one line.
pub(super) fn say_json(value: &serde_json::Value) -> Result<(), Trouble> {
    let is_shown = std::io::stdout().is_terminal();
    say(&escaped(&if is_shown { format!("{value:#}") } else { value.to_string() }))
}

/// A JSON value on one line, harmless to terminals.
pub(super) fn json_line(value: &serde_json::Value) -> String {
    escaped(&value.to_string())
}

/// JSON needs no escape for some characters that a terminal acts on.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for one in json.chars() {
        if one != '\n' && (one.is_control() || turns_writing(one)) {
            out.push_str(&format!("\\u{:04x}", u32::from(one)));
        } else {
            out.push(one);
        }
    }
    out
}

/// Columns of the terminal; `None` when the output goes elsewhere and nothing has to be cut.
pub(super) fn width() -> Option<usize> {
    let out = std::io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col));
    Some(size.filter(|columns| *columns > 0).unwrap_or(WIDTH_DEFAULT).max(WIDTH_MIN))
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is.
    Plain,
    /// Headings.
    Bold,
    /// What matters less.
    Dim,
    /// Trouble.
    Red,
    /// Care.
    Yellow,
    /// Good.
    Green,
}

impl Style {
    /// The text in this style, if standard output shows colours.
    pub(super) fn on(self, text: &str) -> String {
        let code = match self {
            Self::Plain => 0,
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Yellow => 33,
            Self::Green => 32,
        };
        if code == 0 || text.is_empty() || !has_colours() {
            return text.to_owned();
        }
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// By <https://no-color.org>: never when `NO_COLOR` is set, never into a file.
fn has_colours() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}

/// One line of foreign text: control characters and those that turn the direction of writing
/// become blanks or `\u{fffd}`.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|one| one.is_control() || turns_writing(one)) {
        return Cow::Borrowed(text);
    }
    let harmless = |one: char| match one {
        '\n' | '\r' | '\t' => ' ',
        _ if one.is_control() || turns_writing(one) => '\u{fffd}',
        _ => one,
    };
    Cow::Owned(text.chars().map(harmless).collect())
}

/// Foreign text of several lines: as [`line`], but lines and indents stay.
pub(super) fn block(text: &str) -> String {
    let lines = text.split('\n').map(|one| {
        let indent = one.len() - one.trim_start_matches('\t').len();
        format!("{}{}", "    ".repeat(indent), line(one[indent..].trim_end_matches('\r')))
    });
    lines.collect::<Vec<_>>().join("\n")
}

const fn turns_writing(one: char) -> bool {
    matches!(one, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(one, '\u{2066}'..='\u{2069}')
}

/// The text in at most so many columns, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 1;
    let kept = widths(text).find(|(_, width)| {
        used += width;
        used > columns
    });
    let end = kept.map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The end of the text in at most so many columns, with an ellipsis where it was cut.
pub(super) fn cut_front(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut left: usize = widths(text).map(|(_, width)| width).sum();
    let mut starts = widths(text).filter_map(|(at, width)| {
        let fits = left < columns && width > 0;
        left = left.saturating_sub(width);
        fits.then_some(at)
    });
    let start = starts.next().unwrap_or(text.len());
    Cow::Owned(format!("…{}", &text[start..]))
}

/// Where each character begins, and the columns that it takes: no fewer than a terminal gives it,
/// which draws some pictures wider when U+FE0F follows.
fn widths(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut ones = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (at, one) = ones.next()?;
        let is_wide = ones.peek().is_some_and(|(_, next)| *next == '\u{fe0f}');
        Some((at, if is_wide { 2 } else { one.width().unwrap_or(0) }))
    })
}

/// Columns that a text takes.
pub(super) fn columns_of(text: &str) -> usize {
    text.width()
}

/// The text in lines of at most so many columns, broken at blanks where there are some, each line
/// behind the first and after a break `indent` columns in. `None`: lines stay as long as they are.
pub(super) fn fold(text: &str, columns: Option<usize>, indent: usize) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let margin = " ".repeat(indent.min(columns / 2));
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut rest = line.trim_end().to_owned();
        while rest.width() > columns {
            let end = fold_at(&rest, columns);
            if end == rest.len() {
                break;
            }
            lines.push(rest[..end].trim_end().to_owned());
            rest = format!("{margin}{}", rest[end..].trim_start());
        }
        lines.push(rest);
    }
    lines.join("\n")
}

/// Where a line that is too long is broken: after the last blank of its last half, else anywhere.
fn fold_at(line: &str, columns: usize) -> usize {
    let margin = line.len() - line.trim_start_matches(' ').len();
    let (mut used, mut blank) = (0, None);
    for (at, width) in widths(line) {
        used += width;
        // At least one character goes with each line, however narrow.
        if used > columns && at > margin {
            return blank.unwrap_or(at);
        }
        if line.as_bytes()[at] == b' ' && at > margin && used > columns / 2 {
            blank = Some(at + 1);
        }
    }
    line.len()
}

/// A number with a comma before each three digits.
pub(super) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What a column does with its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Text; cut too where the flexible column alone cannot give way.
    Left,
    /// Text that is of no use when it is cut, such as an id.
    Whole,
    /// Numbers.
    Right,
    /// Text that is cut when the terminal is narrow; one column of a table.
    Flexible,
}

/// Rows under headings.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<(String, Style)>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; foreign text in it is made harmless.
    pub(super) fn row(&mut self, cells: Vec<(String, Style)>) {
        let harmless = |(text, style): (String, Style)| (line(&text).into_owned(), style);
        self.rows.push(cells.into_iter().map(harmless).collect());
    }

    /// The lines for a terminal of so many columns; `None`: as wide as need be.
    pub(super) fn text(&self, columns: Option<usize>) -> String {
        let widths = self.widths(columns);
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        let heads: Vec<_> =
            self.columns.iter().map(|(head, _)| ((*head).to_owned(), Style::Dim)).collect();
        for cells in std::iter::once(&heads).chain(&self.rows) {
            let mut text = String::new();
            for (at, ((cell, style), width)) in cells.iter().zip(&widths).enumerate() {
                let cell = cut(cell, *width);
                let pad = " ".repeat(width.saturating_sub(cell.width()));
                let is_last = at + 1 == cells.len();
                match self.columns[at].1 {
                    Align::Right => text.push_str(&format!("{pad}{}", style.on(&cell))),
                    _ if is_last => text.push_str(&style.on(&cell)),
                    _ => text.push_str(&format!("{}{pad}", style.on(&cell))),
                }
                if !is_last {
                    text.push_str(GAP);
                }
            }
            lines.push(text.trim_end().to_owned());
        }
        lines.join("\n")
    }

    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let widest = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(|(cell, _)| cell.width()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, (head, _))| widest(at).max(head.width()))
            .collect();
        let flexible = self.columns.iter().position(|(_, align)| *align == Align::Flexible);
        if let (Some(columns), Some(at)) = (columns, flexible) {
            let columns = columns.saturating_sub(GAP.len() * (widths.len() - 1));
            let wish = widths[at];
            // First long names give way to a readable title, then the title, then all text.
            widths[at] = wish.min(FLEXIBLE_WISH);
            self.squeeze(&mut widths, columns, NAME_MIN);
            let others = widths.iter().sum::<usize>() - widths[at];
            widths[at] = wish.min(columns.saturating_sub(others).max(FLEXIBLE_MIN));
            self.squeeze(&mut widths, columns, SQUEEZED_MIN);
        }
        widths
    }

    /// Takes from the widest text columns what is too much, as long as they keep `least`.
    fn squeeze(&self, widths: &mut [usize], columns: usize, least: usize) {
        while widths.iter().sum::<usize>() > columns {
            let texts = (0..widths.len()).filter(|at| self.columns[*at].1 == Align::Left);
            let Some(widest) = texts.max_by_key(|at| widths[*at]) else { return };
            if widths[widest] <= least {
                return;
            }
            widths[widest] -= 1;
        }
    }
}

/// How long ago, in at most four columns: `now`, `42s`, `5m`, `3h`, `12d`, `2y`.
pub(super) fn ago(at_ms: i64, now_ms: i64) -> String {
    let seconds = (now_ms - at_ms).max(0) / 1_000;
    match seconds {
        0 => "now".into(),
        1..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400..31_536_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_report_cannot_steer_a_terminal() {
        assert_eq!(line("a\x1b[31mb\u{9b}c\nd\u{202e}e"), "a\u{fffd}[31mb\u{fffd}c d\u{fffd}e");
        assert_eq!(block("a\r\n\tb\x07"), "a\n    b\u{fffd}");
        let json = serde_json::json!({"a": "\u{9b}31m\u{202e}\u{1b}数"});
        assert_eq!(json_line(&json), r#"{"a":"\u009b31m\u202e\u001b数"}"#);
    }

    #[test]
    fn a_cut_counts_columns_and_not_characters() {
        assert_eq!(cut("connection", 10), "connection");
        assert_eq!(cut("connections", 10), "connectio…");
        assert_eq!(cut("连接超时", 8), "连接超时");
        assert_eq!(cut("连接超时", 6), "连接…");
        assert_eq!(cut(&"❤\u{fe0f}".repeat(9), 6), "❤\u{fe0f}❤\u{fe0f}…");
        assert_eq!(cut_front(&"❤\u{fe0f}".repeat(9), 6), "…❤\u{fe0f}❤\u{fe0f}");
        assert_eq!(cut_front("连接超时", 6), "…超时");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let mut table =
            Table::new(&[("ID", Align::Right), ("TITLE", Align::Flexible), ("SEEN", Align::Left)]);
        let plain = |text: &str| (text.to_owned(), Style::Plain);
        table.row(vec![plain("7"), plain(&"x".repeat(60)), plain("5m")]);
        table.row(vec![plain("1234"), plain("数据库"), plain("now")]);
        table.row(vec![plain("9"), plain(&"❤\u{fe0f}".repeat(70)), plain("now")]);
        table.row(vec![plain("9"), plain(&"👨\u{200d}👩\u{200d}👧".repeat(70)), plain("now")]);
        let text = table.text(Some(40));
        assert!(text.lines().all(|line| line.width() <= 40), "{text}");
        assert_eq!(text.lines().next(), Some("  ID  TITLE                         SEEN"));
        let wide = table.text(None);
        assert!(wide.contains(&"x".repeat(60)));
    }

    #[test]
    fn a_long_name_beside_the_flexible_column_gives_way() {
        let mut table = Table::new(&[("NAME", Align::Left), ("TITLE", Align::Flexible)]);
        let plain = |text: &str| (text.to_owned(), Style::Plain);
        table.row(vec![plain(&"n".repeat(64)), plain(&"t".repeat(64))]);
        let text = table.text(Some(50));
        assert!(text.lines().all(|line| line.width() <= 50));
        assert!(text.ends_with(&format!("{}…", "t".repeat(27))), "{text}");
    }

    #[test]
    fn long_lines_are_folded_and_nothing_is_lost() {
        assert_eq!(fold("one two three", Some(8), 2), "one two\n  three");
        assert_eq!(fold("abcdefghij\nk", Some(4), 1), "abcd\n efg\n hij\nk");
        assert_eq!(fold("连接超时了", Some(4), 0), "连接\n超时\n了");
        assert_eq!(fold("连接", Some(1), 9), "连\n接");
        assert_eq!(fold("数据 数据数", Some(5), 4), "数据\n  数\n  据\n  数");
        assert_eq!(fold("a b", None, 2), "a b");
    }

    #[test]
    fn numbers_have_separators() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(thousands(number), expected);
        }
        assert_eq!(cut_front("src/views.py:42", 12), "…views.py:42");
    }

    #[test]
    fn times_are_short() {
        let table = [(0, "now"), (59_999, "59s"), (60_000, "1m"), (90_000_000, "1d")];
        for (ms, expected) in table {
            assert_eq!(ago(1_000, 1_000 + ms), expected);
        }
    }
}
