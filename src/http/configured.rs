//! Channels and rules that stand in a configuration file: read as the API reads them, told apart by
//! their names. What the file no longer has is removed; what it never had is left alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::channels;
use super::error::Error;
use super::fields::Fields;
use super::rules;
use crate::app::{App, Failure};
use crate::domain::notify::channel::Secrets;
use crate::domain::notify::rule::{NAME_CHARS_MAX, Rule};
use crate::notify::Notifier;
use crate::store::channels::{CHANNELS_MAX, Channel, Made};
use crate::store::rules::{Named, RULES_MAX};
use crate::store::{self, marks};

/// What a mark of one that came from a file begins with.
const CHANNEL: &str = "config_channel";
const RULE: &str = "config_rule";

/// Makes channels and rules as a file has them: an object with the lists `channel` and `rule`. The
/// error is one sentence; nothing is changed if the file is wrong.
pub async fn apply(app: &App, file: &Value) -> Result<(), String> {
    let channels = tables(file, "channel")?;
    let rules = tables(file, "rule")?;
    let mut wanted = Vec::new();
    for table in channels {
        wanted.push(read_channel(app, table).map_err(|error| fault("channel", table, &error))?);
    }
    check_names("channel", wanted.iter().map(|(channel, _)| channel.name.as_str()))?;
    let names: Vec<String> = wanted.iter().map(|(channel, _)| channel.name.clone()).collect();
    let mut wanted_rules = Vec::new();
    for table in rules {
        let read = read_rule(table, &names);
        wanted_rules.push(read.map_err(|error| fault("rule", table, &error))?);
    }
    check_names("rule", wanted_rules.iter().map(|rule| rule.name.as_str()))?;
    let file = File { channels: wanted, rules: wanted_rules };
    let notifier = Arc::clone(&app.notifier);
    let written = app.write(move |writer| file.write(writer, &notifier)).await.map_err(busy)?;
    if !written {
        return Err("The configuration file has too many channels or rules.".to_owned());
    }
    app.notifier.wake();
    Ok(())
}

/// What a file has, read.
struct File {
    channels: Vec<(Channel, Secrets)>,
    rules: Vec<WantedRule>,
}

/// A rule, which names its channels.
struct WantedRule {
    name: String,
    rule: Rule,
    channels: Vec<String>,
}

impl File {
    /// Writes what differs, in one transaction; `false`, before anything is written, if there would
    /// be too many.
    fn write(self, writer: &mut store::Writer, notifier: &Notifier) -> store::Result<bool> {
        let (channels, rules) =
            (store::channels::list(&mut writer.db)?, store::rules::list(&mut writer.db)?);
        let named = |name: &str| self.channels.iter().any(|(one, _)| one.name == name);
        let present: Vec<(i64, bool)> =
            channels.iter().map(|one| (one.id, named(&one.name))).collect();
        let gone_channels = gone(writer, CHANNEL, &present)?;
        let own_channels = own(&present, &gone_channels);
        let named = |name: &str| self.rules.iter().any(|one| one.name == name);
        let present: Vec<(i64, bool)> =
            rules.iter().map(|one| (one.id, named(&one.name))).collect();
        let gone_rules = gone(writer, RULE, &present)?;
        let own_rules = own(&present, &gone_rules);
        if own_channels + self.channels.len() as i64 > CHANNELS_MAX
            || own_rules + self.rules.len() as i64 > RULES_MAX
        {
            return Ok(false);
        }
        for id in gone_rules {
            store::rules::remove(writer, id)?;
            mark(writer, RULE, id, false)?;
        }
        for id in gone_channels {
            store::channels::remove(writer, id)?;
            mark(writer, CHANNEL, id, false)?;
        }
        let mut ids = HashMap::new();
        for (channel, secrets) in self.channels {
            let before = channels.iter().find(|one| one.name == channel.name);
            let name = channel.name.clone();
            ids.insert(name, write_channel(writer, notifier, before, (channel, secrets))?);
        }
        for WantedRule { name, mut rule, channels } in self.rules {
            rule.channels = channels.iter().filter_map(|name| ids.get(name).copied()).collect();
            write_rule(writer, rules.iter().find(|one| one.name == name), &name, rule)?;
        }
        Ok(true)
    }
}

/// Of those that are there, each with whether the file has it: those that an earlier file had.
fn gone(
    writer: &mut store::Writer,
    kind: &str,
    present: &[(i64, bool)],
) -> store::Result<Vec<i64>> {
    let mut gone = Vec::new();
    for (id, _) in present.iter().filter(|(_, is_in_file)| !is_in_file) {
        let was_there = marks::find(&mut writer.db, &format!("{kind}_{id}"))? == Some(1);
        gone.extend(was_there.then_some(*id));
    }
    Ok(gone)
}

/// How many stay that the file does not have.
fn own(present: &[(i64, bool)], gone: &[i64]) -> i64 {
    present.iter().filter(|(id, is_in_file)| !is_in_file && !gone.contains(id)).count() as i64
}

/// Notes whether one stands in the file.
fn mark(writer: &mut store::Writer, kind: &str, id: i64, is_there: bool) -> store::Result<()> {
    let mark = format!("{kind}_{id}");
    let was_there = marks::find(&mut writer.db, &mark)? == Some(1);
    if was_there != is_there {
        marks::set(&mut writer.db, &mark, i64::from(is_there))?;
    }
    Ok(())
}

/// Refuses to change what stands in the file that this server was started with.
pub(super) async fn refuse(app: &App, what: &'static str, id: i64) -> Result<(), Error> {
    if app.config.config.is_none() {
        return Ok(());
    }
    let mark = format!("config_{what}_{id}");
    if app.read_events(move |db| marks::find(db, &mark)).await? != Some(1) {
        return Ok(());
    }
    Err(Error::Conflict {
        message: format!("this {what} stands in the configuration file: change it there"),
        info: json!({ "from_file": true }),
    })
}

/// Those of these channels or rules that stand in the file that this server was started with; none
/// when it was started without one.
pub(super) async fn among(
    app: &App,
    what: &'static str,
    ids: Vec<i64>,
) -> Result<Option<HashSet<i64>>, Error> {
    if app.config.config.is_none() {
        return Ok(None);
    }
    let found = app.read_events(move |db| {
        let mut found = HashSet::new();
        for id in ids {
            if marks::find(db, &format!("config_{what}_{id}"))? == Some(1) {
                found.insert(id);
            }
        }
        Ok(Some(found))
    });
    Ok(found.await?)
}

fn tables<'a>(file: &'a Value, name: &str) -> Result<&'a [Value], String> {
    match &file[name] {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(format!("Of the configuration file: write [[{name}]], with two brackets.")),
    }
}

/// A sentence about a table that cannot be used.
fn fault(kind: &str, table: &Value, error: &Error) -> String {
    let name = table["name"].as_str().unwrap_or("without a name");
    let why = match error {
        Error::Validation(faults) => {
            let faults = faults.iter().map(|one| match one.field.as_str() {
                "" => one.message.clone(),
                field => format!("{field}: {}", one.message),
            });
            faults.collect::<Vec<_>>().join("; ")
        }
        Error::Conflict { message, .. } => message.clone(),
        other => format!("{other:?}"),
    };
    format!("Of the configuration file, {kind} {name:?}: {why}.")
}

fn check_names<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(format!("Of the configuration file, {kind} {name:?}: it is there twice."));
        }
        seen.push(name);
    }
    Ok(())
}

fn fields(table: &Value) -> Result<Fields, Error> {
    Fields::parse(table.to_string().as_bytes())
}

fn read_channel(app: &App, table: &Value) -> Result<(Channel, Secrets), Error> {
    let mut fields = fields(table)?;
    let mut channel = channels::begun(&mut fields, app.now());
    let mut secrets = Secrets::default();
    channels::apply(&mut fields, &mut channel, &mut secrets);
    fields.finish()?;
    Ok((channel, secrets))
}

fn read_rule(table: &Value, known: &[String]) -> Result<WantedRule, Error> {
    let mut table = table.clone();
    let mut channels = Vec::new();
    if let Some(names) = table["channels"].as_array() {
        for name in names {
            let found = known.iter().find(|one| Some(one.as_str()) == name.as_str());
            let unknown =
                || Error::unreadable(format!("channels: there is no channel {name} here"));
            channels.push(found.ok_or_else(unknown)?.clone());
        }
        table["channels"] = json!([]);
    }
    let mut fields = fields(&table)?;
    let mut rule = Rule::default();
    let name = fields.name("name", NAME_CHARS_MAX);
    if name.is_none() {
        fields.missing("name");
    }
    rules::apply(&mut fields, &mut rule);
    fields.finish()?;
    Ok(WantedRule { name: name.unwrap_or_default(), rule, channels })
}

/// Writes a channel if it differs from the one of its name; its number. One of another kind is
/// another channel.
fn write_channel(
    writer: &mut store::Writer,
    notifier: &Notifier,
    before: Option<&Channel>,
    (mut channel, secrets): (Channel, Secrets),
) -> store::Result<i64> {
    let same_kind = before.filter(|one| one.kind == channel.kind);
    if let Some(before) = same_kind {
        channel.id = before.id;
        let is_same = before.enabled == channel.enabled
            && before.settings == channel.settings
            && notifier.unseal(before).as_ref() == Some(&secrets);
        if is_same {
            mark(writer, CHANNEL, before.id, true)?;
            return Ok(before.id);
        }
    } else if let Some(other) = before {
        store::channels::remove(writer, other.id)?;
        mark(writer, CHANNEL, other.id, false)?;
    }
    channel.sealed = notifier.seal(&secrets)?;
    let made = match channel.id {
        0 => Some(store::channels::create(writer, &channel)?),
        _ => store::channels::change(writer, &channel)?,
    };
    let id = made.map_or(0, |made| done(made).id);
    mark(writer, CHANNEL, id, true)?;
    Ok(id)
}

/// Writes a rule if it differs from the one of its name.
fn write_rule(
    writer: &mut store::Writer,
    before: Option<&Named>,
    name: &str,
    rule: Rule,
) -> store::Result<()> {
    let id = match before {
        Some(before) if before.rule == rule => before.id,
        Some(before) => {
            store::rules::change(writer, &Named { rule, ..before.clone() })?;
            before.id
        }
        None => done(store::rules::create(writer, name, &rule)?).id,
    };
    mark(writer, RULE, id, true)
}

fn busy(failure: Failure) -> String {
    format!("The configuration file could not be applied: {failure:?}.")
}

/// What was made: names and numbers were looked at before.
fn done<T>(made: Made<T>) -> T {
    match made {
        Made::Done(value) => value,
        Made::NameTaken | Made::TooMany => unreachable!("the file was checked before"),
    }
}
