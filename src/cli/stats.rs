//! `log-center stats`: reports over time, as numbers and bars.

use clap::Args;
use serde_json::Value;

use super::filters::{Query, Scope};
use super::moment;
use super::remote::Server;
use super::rows::{level_style, status_style, text};
use super::terminal::{self, Align, Style, Table, columns_of, cut, thousands};
use super::trouble::Trouble;

/// Steps that are listed one by one; more become one line.
const ROWS_MAX: usize = 48;
/// Columns when the output is no terminal.
const WIDTH_DEFAULT: usize = 100;
/// Columns that a line of bars has at least, and those of a series' name at most.
const SPARK_MIN: usize = 8;
const NAME_MAX: usize = 24;
const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const EXAMPLES: &str = "\
Times are UTC. Without --since: the last 24 hours, or the last 14 days with --interval day.

Examples:
  log-center stats
  log-center stats --project shop --interval day
  log-center stats --by level --since 7d
  log-center stats --by version --environment production --json";

/// Count reports over time
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Stats {
    #[command(flatten)]
    scope: Scope,

    /// How wide a step is
    #[arg(long, value_name = "STEP", value_parser = ["hour", "day"], default_value = "hour")]
    interval: String,

    /// A line for each of these
    #[arg(long, value_name = "WHAT",
        value_parser = ["status", "level", "project", "environment", "version"])]
    by: Option<String>,

    /// Print what the API answers
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Stats {
    /// Reads the series, and prints them.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut query = Query::default();
        self.scope.on(&mut query)?;
        query.add("interval", Some(&self.interval));
        query.add("by", self.by.as_ref());
        let answer = self.server.remote()?.read(&query.after("/api/v1/stats")).await?;
        if self.json {
            return terminal::say_json(&answer);
        }
        let times = answer["times"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let times: Vec<_> = times.collect();
        let series: Vec<_> =
            answer["series"].as_array().into_iter().flatten().map(Series::read).collect();
        let total: i64 = series.iter().map(Series::total).sum();
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return terminal::say("No report.");
        };
        if total == 0 {
            return terminal::say(&format!("No report since {}.", moment::shown(first)));
        }
        let width = terminal::width().unwrap_or(WIDTH_DEFAULT);
        if let (None, [one], true) = (&self.by, &series[..], times.len() <= ROWS_MAX) {
            terminal::say(&rows(&times, one, width))?;
            let sum = format!("{} in all", thousands(total));
            return terminal::say(&Style::Bold.on(&sum));
        }
        let by = self.by.as_deref().unwrap_or("reports");
        let (text, merged) = lines(&series, by, width);
        terminal::say(&text)?;
        let step = match merged {
            1 => format!("{} {}", self.interval, "each"),
            _ => format!("{merged} {}s each", self.interval),
        };
        let (first, last) = (moment::shown(first), moment::shown(last));
        terminal::say(&Style::Dim.on(&cut(&format!("{first} to {last}, {step}"), width)))
    }
}

struct Series {
    key: String,
    counts: Vec<i64>,
}

impl Series {
    fn read(value: &Value) -> Self {
        let counts = value["counts"].as_array().into_iter().flatten().filter_map(Value::as_i64);
        Self { key: text(value, "key").to_owned(), counts: counts.collect() }
    }

    fn total(&self) -> i64 {
        self.counts.iter().sum()
    }

    fn name(&self) -> &str {
        if self.key.is_empty() { "(none)" } else { &self.key }
    }
}

/// One row a step, with a bar.
fn rows(times: &[&str], series: &Series, width: usize) -> String {
    let most = series.counts.iter().copied().max().unwrap_or(0);
    let mut table =
        Table::new(&[("TIME", Align::Left), ("REPORTS", Align::Right), ("", Align::Flexible)]);
    let room = width.saturating_sub("2026-01-30 10:00Z  ".len() + 9 + 2).max(SPARK_MIN);
    for (time, count) in times.iter().zip(&series.counts) {
        let shown = moment::shown(time).replace(":00Z", "Z");
        let style = if *count == 0 { Style::Dim } else { Style::Plain };
        table.row(vec![
            (shown, style),
            (thousands(*count), style),
            (bar(*count, most, room), Style::Yellow),
        ]);
    }
    table.text(Some(width))
}

/// A bar of at most so many columns; the least count that is not 0 is seen too.
fn bar(count: i64, most: i64, columns: usize) -> String {
    let share = scaled(count, most, columns * 8);
    let (full, rest) = (share / 8, share % 8);
    let mut bar = "█".repeat(full);
    if rest > 0 {
        bar.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][rest - 1]);
    }
    bar
}

/// `count` of `most` in `steps`: 0 for none, else 1 at least.
fn scaled(count: i64, most: i64, steps: usize) -> usize {
    if count <= 0 || most <= 0 {
        return 0;
    }
    let share = i128::from(count) * steps as i128 / i128::from(most);
    usize::try_from(share).unwrap_or(steps).clamp(1, steps)
}

/// One line a series, all drawn to one scale, and how many steps each column stands for.
fn lines(series: &[Series], by: &str, width: usize) -> (String, usize) {
    let name_width = series.iter().map(|one| columns_of(one.name())).max().unwrap_or(0);
    let name_width = name_width.min(NAME_MAX).min(width / 3).max(by.len());
    let total: i64 = series.iter().map(Series::total).sum();
    let room = width.saturating_sub(name_width + thousands(total).len().max(7) + 4);
    let room = room.max(SPARK_MIN);
    let points = series.iter().map(|one| one.counts.len()).max().unwrap_or(0);
    let merged = points.div_ceil(room).max(1);
    let sums: Vec<Vec<i64>> = series
        .iter()
        .map(|one| one.counts.chunks(merged).map(|part| part.iter().sum()).collect())
        .collect();
    let most = sums.iter().flatten().copied().max().unwrap_or(0);
    let head = by.to_uppercase();
    let mut out = vec![Style::Dim.on(&format!("{head:<name_width$}  REPORTS"))];
    let count_width = thousands(total).len().max(7);
    for (one, sums) in series.iter().zip(&sums) {
        let name = terminal::line(one.name());
        let name = cut(&name, name_width);
        let pad = " ".repeat(name_width - columns_of(&name));
        let style = match by {
            "level" => level_style(&one.key),
            "status" => status_style(&one.key),
            _ => Style::Plain,
        };
        let count = format!("{:>count_width$}", thousands(one.total()));
        out.push(format!("{}{pad}  {count}  {}", style.on(&name), spark(sums, most)));
    }
    let sum = thousands(total);
    out.push(Style::Bold.on(&format!("{:<name_width$}  {sum:>count_width$}", "total")));
    (out.join("\n"), merged)
}

fn spark(sums: &[i64], most: i64) -> String {
    let mark = |sum: &i64| match scaled(*sum, most, SPARKS.len()) {
        0 => ' ',
        height => SPARKS[height - 1],
    };
    sums.iter().map(mark).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_keep_their_proportions() {
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 4), "██");
        assert_eq!(bar(1, 1_000_000, 4), "▏");
        assert_eq!(spark(&[0, 1, 8, 4], 8), " ▁█▄");
    }

    #[test]
    fn a_long_series_is_merged_into_the_width() {
        let series = [
            Series { key: "a".repeat(80), counts: vec![1; 500] },
            Series { key: "数据库".into(), counts: vec![2; 500] },
        ];
        let (text, merged) = lines(&series, "project", 80);
        assert!(text.lines().all(|line| columns_of(line) <= 80), "{text}");
        assert_eq!(merged, 500_usize.div_ceil(80 - NAME_MAX - 7 - 4));
        assert!(text.lines().last().is_some_and(|line| line.ends_with("1,500")), "{text}");
    }
}
