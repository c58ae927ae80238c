//! Flags that several reading commands share, and the query of an address that is made of them.

use std::ffi::{OsStr, OsString};

use clap::Args;
use serde_json::{Value, json};

use super::moment::{self, Moment};
use super::remote::Remote;
use super::trouble::Trouble;
use crate::domain::percent::escape;

/// The most that one answer holds, by the contract.
const PAGE_MAX: usize = 200;

/// What is counted or listed: where and when.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct Scope {
    /// Only these projects (several with commas)
    #[arg(long, value_name = "PROJECT")]
    project: Vec<String>,

    /// Only these environments (several with commas)
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,

    /// Not before: 30m, 2h, 3d ago, or a time such as 2026-01-30
    #[arg(long, value_name = "WHEN", value_parser = moment::read)]
    pub(super) since: Option<Moment>,

    /// Before: 30m, 2h, 3d ago, or a time such as 2026-01-30
    #[arg(long, value_name = "WHEN", value_parser = moment::read)]
    until: Option<Moment>,
}

impl Scope {
    /// Adds them to a query.
    pub(super) fn on(&self, query: &mut Query) -> Result<(), Trouble> {
        self.place_on(query);
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since.0 >= until.0
        {
            let sentence = format!("--since {since} is not before --until {until}.");
            return Err(Trouble::Usage(sentence));
        }
        query.add("since", self.since);
        query.add("until", self.until);
        Ok(())
    }

    /// Whether it has an end.
    pub(super) const fn has_until(&self) -> bool {
        self.until.is_some()
    }

    /// Adds project and environment alone.
    pub(super) fn place_on(&self, query: &mut Query) {
        query.list("project_id", &self.project);
        query.list("environment", &self.environment);
    }
}

/// How many rows of a list.
#[derive(Clone, Debug, Args)]
pub(super) struct Amount {
    /// How many at most
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 50,
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    limit: usize,

    /// All of them, page after page
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl Amount {
    /// So many at most.
    pub(super) const fn of(limit: usize) -> Self {
        Self { limit, all: false }
    }

    fn max(&self) -> usize {
        if self.all { usize::MAX } else { self.limit }
    }
}

/// The query of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(String);

impl Query {
    /// Adds a value, if there is one.
    pub(super) fn add(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            let joint = if self.0.is_empty() { '?' } else { '&' };
            self.0.push_str(&format!("{joint}{name}={}", escape(&value.to_string())));
        }
    }

    /// Adds the values of a repeated flag, each of which may be several with commas.
    pub(super) fn list(&mut self, name: &str, values: &[String]) {
        let values: Vec<_> = values.iter().filter(|value| !value.is_empty()).cloned().collect();
        self.add(name, Some(values.join(",")).filter(|joined| !joined.is_empty()));
    }

    /// The address with this query.
    pub(super) fn after(&self, path: &str) -> String {
        format!("{path}{}", self.0)
    }
}

/// Writes `!key:value` for `-key:value`, which looks like flags and means the same, where a command
/// takes a query. Behind `--` all is taken as it is.
pub(super) fn plainly_negated(words: Vec<OsString>) -> Vec<OsString> {
    let takes_query = words.get(1).and_then(|name| name.to_str());
    if !takes_query.is_some_and(|name| ["list", "search", "tail"].contains(&name)) {
        return words;
    }
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let plain = |(at, word): (usize, OsString)| match negated(&word).filter(|_| at < end) {
        Some(plain) => plain,
        None => word,
    };
    words.into_iter().enumerate().map(plain).collect()
}

fn negated(word: &OsStr) -> Option<OsString> {
    let negated = word.to_str()?.strip_prefix('-')?;
    let (key, _) = negated.split_once(':')?;
    let is_key = key.len() > 1 && key.starts_with(|one: char| one.is_ascii_lowercase());
    is_key.then(|| format!("!{negated}").into())
}

/// As many rows of a list as wanted, in one answer: that of the first page with the items of all
/// pages and the cursor of the last one. `query` has no limit and no cursor.
pub(super) async fn read_list(
    remote: &mut Remote,
    path: &str,
    query: &Query,
    amount: &Amount,
) -> Result<Value, Trouble> {
    let max = amount.max();
    let mut items: Vec<Value> = Vec::new();
    let mut first: Option<Value> = None;
    let mut cursor: Option<String> = None;
    loop {
        let mut query = query.clone();
        query.add("limit", Some((max - items.len()).min(PAGE_MAX)));
        query.add("cursor", cursor.take());
        let mut page = remote.read(&query.after(path)).await?;
        items.append(page["items"].as_array_mut().ok_or_else(|| remote.foreign())?);
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        // A search that costs a second a page goes on only when all of it is wanted.
        let is_partial = page["complete"] == json!(false);
        let ends = cursor.is_none() || items.len() >= max || (is_partial && !amount.all);
        let answer = first.get_or_insert_with(|| page.clone());
        if !ends {
            continue;
        }
        for name in ["complete", "searched_to"] {
            if let Some(members) = answer.as_object_mut() {
                members.remove(name);
                members.extend(page.get(name).map(|value| (name.to_owned(), value.clone())));
            }
        }
        answer["items"] = Value::Array(items);
        answer["next_cursor"] = json!(cursor);
        return Ok(answer.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negated_key_is_no_flag() {
        #[track_caller]
        fn check(line: &str, expected: &str) {
            let words = line.split(' ').map(OsString::from).collect();
            let plain = plainly_negated(words).join(OsStr::new(" "));
            assert_eq!(plain.to_str(), Some(expected));
        }
        check("x list -level:INFO -context.a:b", "x list !level:INFO !context.a:b");
        check(
            "x list -n:5 --since:1 - -5:3 a:b -- -a:b",
            "x list -n:5 --since:1 - -5:3 a:b -- -a:b",
        );
        check("x run java -agentlib:jdwp", "x run java -agentlib:jdwp");
    }

    #[test]
    fn a_query_is_escaped() {
        let mut query = Query::default();
        assert_eq!(query.after("/x"), "/x");
        query.list("project_id", &["a".into(), "b,c".into()]);
        query.list("level", &[]);
        query.add("q", Some("a b"));
        query.add("until", None::<Moment>);
        assert_eq!(query.after("/x"), "/x?project_id=a%2Cb%2Cc&q=a%20b");
    }
}
