//! Channels and rules that stand in a configuration file: read as the API reads them, told apart by
//! their names. What the file no longer has is removed; what it never had is left alone.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::channels;
use super::error::Error;
use super::fields::Fields;
use super::rules;
use crate::app::{App, Failure};
use crate::domain::notify::channel::Secrets;
use crate::domain::notify::rule::{NAME_CHARS_MAX, Rule};
use crate::store::channels::{Channel, Made};
use crate::store::{self, marks};

/// What a mark of one that came from a file begins with.
const CHANNEL: &str = "config_channel";
const RULE: &str = "config_rule";

type Wanted<T> = (String, T);

/// Makes channels and rules as a file has them: an object with the lists `channel` and `rule`. The
/// error is one sentence; nothing is changed if the file is wrong.
pub async fn apply(app: &App, file: &Value) -> Result<(), String> {
    let channels = tables(file, "channel")?;
    let rules = tables(file, "rule")?;
    let mut wanted = Vec::new();
    for table in channels {
        wanted.push(read_channel(app, table).map_err(|error| fault("channel", table, &error))?);
    }
    check_names("channel", wanted.iter().map(|(name, _)| name.as_str()))?;
    let names: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let mut wanted_rules = Vec::new();
    for table in rules {
        let read = read_rule(table, |name| names.contains(&name).then_some(1));
        wanted_rules.push(read.map_err(|error| fault("rule", table, &error))?.0);
    }
    check_names("rule", wanted_rules.iter().map(String::as_str))?;
    let ids = write_channels(app, wanted).await?;
    let mut kept = Vec::new();
    for table in rules {
        let (name, rule) = read_rule(table, |name| ids.get(name).copied())
            .map_err(|error| fault("rule", table, &error))?;
        kept.push(write_rule(app, name, rule).await?);
    }
    let channels: Vec<i64> = ids.into_values().collect();
    app.write(move |writer| {
        for one in store::rules::list(&mut writer.db)? {
            if forget(writer, RULE, one.id, &kept)? {
                store::rules::remove(writer, one.id)?;
            }
        }
        for one in store::channels::list(&mut writer.db)? {
            if forget(writer, CHANNEL, one.id, &channels)? {
                store::channels::remove(writer, one.id)?;
            }
        }
        Ok(())
    })
    .await
    .map_err(busy)?;
    app.notifier.wake();
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

/// Whether one came from an earlier file and is not in this one; sets its mark anew.
fn forget(writer: &mut store::Writer, kind: &str, id: i64, kept: &[i64]) -> store::Result<bool> {
    let mark = format!("{kind}_{id}");
    let was_there = marks::find(&mut writer.db, &mark)? == Some(1);
    let is_there = kept.contains(&id);
    if was_there != is_there {
        marks::set(&mut writer.db, &mark, i64::from(is_there))?;
    }
    Ok(was_there && !is_there)
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

fn read_channel(app: &App, table: &Value) -> Result<Wanted<(Channel, Secrets)>, Error> {
    let mut fields = fields(table)?;
    let mut channel = channels::begun(&mut fields, app.now());
    let mut secrets = Secrets::default();
    channels::apply(&mut fields, &mut channel, &mut secrets);
    fields.finish()?;
    Ok((channel.name.clone(), (channel, secrets)))
}

fn read_rule(table: &Value, id: impl Fn(&str) -> Option<i64>) -> Result<Wanted<Rule>, Error> {
    let mut table = table.clone();
    if let Some(names) = table["channels"].as_array() {
        let mut ids = Vec::new();
        for name in names {
            let id = name.as_str().and_then(&id);
            let unknown =
                || Error::unreadable(format!("channels: there is no channel {name} here"));
            ids.push(id.ok_or_else(unknown)?);
        }
        table["channels"] = json!(ids);
    }
    let mut fields = fields(&table)?;
    let mut rule = Rule::default();
    let name = fields.name("name", NAME_CHARS_MAX);
    if name.is_none() {
        fields.missing("name");
    }
    rules::apply(&mut fields, &mut rule);
    fields.finish()?;
    Ok((name.unwrap_or_default(), rule))
}

/// Writes what differs; every channel's number by its name.
async fn write_channels(
    app: &App,
    wanted: Vec<Wanted<(Channel, Secrets)>>,
) -> Result<HashMap<String, i64>, String> {
    let present = app.read_events(store::channels::list).await.map_err(busy)?;
    let mut ids = HashMap::new();
    for (name, (mut channel, secrets)) in wanted {
        let before = present.iter().find(|one| one.name == name);
        let same_kind = before.filter(|one| one.kind == channel.kind);
        if let Some(before) = same_kind {
            let is_same = before.enabled == channel.enabled
                && before.settings == channel.settings
                && app.notifier.unseal(before).as_ref() == Some(&secrets);
            if is_same {
                ids.insert(name, before.id);
                continue;
            }
            channel.id = before.id;
        }
        let sealed = app.notifier.seal(&secrets);
        channel.sealed = sealed.map_err(|error| format!("A channel cannot be sealed: {error}."))?;
        let other = before.filter(|one| one.kind != channel.kind).map(|one| one.id);
        let made = app
            .write(move |writer| {
                if let Some(id) = other {
                    store::channels::remove(writer, id)?;
                }
                if channel.id == 0 {
                    return store::channels::create(writer, &channel).map(Some);
                }
                store::channels::change(writer, &channel)
            })
            .await
            .map_err(busy)?;
        ids.insert(name, done(made)?.id);
    }
    Ok(ids)
}

/// Writes a rule if it differs; its number.
async fn write_rule(app: &App, name: String, rule: Rule) -> Result<i64, String> {
    let made = app
        .write(move |writer| {
            let present = store::rules::list(&mut writer.db)?;
            let Some(mut before) = present.into_iter().find(|one| one.name == name) else {
                return store::rules::create(writer, &name, &rule).map(Some);
            };
            if before.rule == rule {
                return Ok(Some(Made::Done(before)));
            }
            before.rule = rule;
            store::rules::change(writer, &before)
        })
        .await
        .map_err(busy)?;
    Ok(done(made)?.id)
}

fn busy(failure: Failure) -> String {
    format!("The configuration file could not be applied: {failure:?}.")
}

fn done<T>(made: Option<Made<T>>) -> Result<T, String> {
    match made {
        Some(Made::Done(value)) => Ok(value),
        _ => Err("The configuration file has too many channels or rules.".to_owned()),
    }
}
