//! The one table: each measure, what it is compared with in the same run, and what is wanted of it.

use std::fmt::Write;

/// What is wanted of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// At least the first, if it can be the second.
    AtLeast(f64, f64),
    /// At most the first, if it can be the second.
    AtMost(f64, f64),
}

/// One measure.
#[derive(Debug)]
struct Row {
    measure: String,
    measured: String,
    beside: String,
    figure: String,
    /// The limit, the aim, and what was reached.
    goal: [String; 3],
}

/// The rows so far, printed as they come.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

const HEAD: &str = "| measure | measured | beside it | figure | limit | aim | reached |\n\
                    | --- | --- | --- | --- | --- | --- | --- |\n";

impl Table {
    /// A measure over what stands beside it.
    pub(crate) fn ratio(
        &mut self,
        measure: impl Into<String>,
        (measured, beside): (f64, f64),
        units: (&str, &str),
        goal: Option<Goal>,
    ) {
        self.row(Row {
            measure: measure.into(),
            measured: format!("{} {}", number(measured), units.0),
            beside: format!("{} {}", number(beside), units.1),
            figure: number(measured / beside),
            goal: judged(measured / beside, "", goal),
        });
    }

    /// A measure of its own.
    pub(crate) fn value(
        &mut self,
        measure: impl Into<String>,
        measured: f64,
        unit: &str,
        goal: Option<Goal>,
    ) {
        let text = format!("{} {unit}", number(measured));
        self.row(Row {
            measure: measure.into(),
            measured: text.clone(),
            beside: String::new(),
            figure: text,
            goal: judged(measured, unit, goal),
        });
    }

    fn row(&mut self, row: Row) {
        if self.rows.is_empty() {
            print!("{HEAD}");
        }
        print!("{}", line(&row));
        self.rows.push(row);
    }

    /// All of it, as Markdown.
    pub(crate) fn markdown(&self) -> String {
        self.rows.iter().fold(HEAD.to_owned(), |text, row| text + &line(row))
    }
}

fn line(row: &Row) -> String {
    let mut line = String::from("|");
    let [limit, aim, reached] = &row.goal;
    for cell in [&row.measure, &row.measured, &row.beside, &row.figure, limit, aim, reached] {
        write!(line, " {cell} |").expect("memory takes it");
    }
    line + "\n"
}

fn judged(figure: f64, unit: &str, goal: Option<Goal>) -> [String; 3] {
    let (sign, limit, aim, reaches): (_, _, _, fn(f64, f64) -> bool) = match goal {
        None => return Default::default(),
        Some(Goal::AtLeast(limit, aim)) => ("≥", limit, aim, |figure, wanted| figure >= wanted),
        Some(Goal::AtMost(limit, aim)) => ("≤", limit, aim, |figure, wanted| figure <= wanted),
    };
    let reached = match () {
        () if reaches(figure, aim) => "aim",
        () if reaches(figure, limit) => "limit",
        () => "**no**",
    };
    let wanted = |number: f64| format!("{sign} {number} {unit}").trim_end().to_owned();
    [wanted(limit), wanted(aim), reached.to_owned()]
}

/// Three digits that matter, thousands apart.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut apart = String::new();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && !apart.ends_with('-') {
            apart.push(',');
        }
        apart.push(digit);
    }
    if rest.is_empty() { apart } else { format!("{apart}.{rest}") }
}
