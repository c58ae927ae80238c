//! Channels: where notifications go. What is secret of them comes and goes sealed.

use super::Writer;
use super::engine::{Engine, Row, Value, all, first};
use super::error::Result;
use crate::domain::notify::channel::{Kind, Settings};

/// Channels at most.
pub const CHANNELS_MAX: i64 = 100;

/// A channel as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its vendor.
    pub kind: Kind,
    /// Whether anything is sent there.
    pub enabled: bool,
    /// What may be shown of it.
    pub settings: Settings,
    /// What is sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: i64,
    /// Until when it rests.
    pub rests_until: i64,
    /// What somebody has to mend.
    pub trouble: Option<String>,
    /// Notices that wait.
    pub waiting: i64,
    /// Notices that were given up.
    pub dead: i64,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made<T> {
    /// It was made.
    Done(T),
    /// Another one has this name.
    NameTaken,
    /// There are too many.
    TooMany,
}

const COLUMNS: &str = "select c.id, c.name, c.kind, c.enabled, c.settings, c.secrets, \
    c.created_at, c.rests_until, c.trouble, \
    (select count(*) from notice n where n.channel = c.id and n.state = 0), \
    (select count(*) from notice n where n.channel = c.id and n.state = 2) from channel c";

fn channel(row: &dyn Row) -> Channel {
    Channel {
        id: row.int(0),
        name: row.text(1).to_owned(),
        kind: Kind::parse(row.text(2)).unwrap_or(Kind::Webhook),
        enabled: row.int(3) == 1,
        settings: serde_json::from_str(row.text(4)).unwrap_or_default(),
        sealed: row.blob(5).to_vec(),
        created_at: row.int(6),
        rests_until: row.int(7),
        trouble: row.opt_string(8),
        waiting: row.int(9),
        dead: row.int(10),
    }
}

/// Every channel by its number.
pub fn list(db: &mut dyn Engine) -> Result<Vec<Channel>> {
    all(db, &format!("{COLUMNS} order by c.id"), &[], channel)
}

/// One channel.
pub fn find(db: &mut dyn Engine, id: i64) -> Result<Option<Channel>> {
    first(db, &format!("{COLUMNS} where c.id = ?1"), &[id.into()], channel)
}

fn is_taken(db: &mut dyn Engine, table: &str, name: &str, by_other_than: i64) -> Result<bool> {
    let sql = format!("select 1 from {table} where name = ?1 and id <> ?2");
    Ok(first(db, &sql, &[name.into(), by_other_than.into()], |_| ())?.is_some())
}

/// Whether one more row with this name fits into a table.
pub(super) fn room<T>(
    db: &mut dyn Engine,
    table: &str,
    (id, name): (i64, &str),
    max: i64,
) -> Result<Option<Made<T>>> {
    if is_taken(db, table, name, id)? {
        return Ok(Some(Made::NameTaken));
    }
    let count = first(db, &format!("select count(*) from {table}"), &[], |row| row.int(0))?;
    Ok((id == 0 && count.unwrap_or(0) >= max).then_some(Made::TooMany))
}

/// Adds a channel; its number in `wanted` does not matter.
pub fn create(writer: &mut Writer, wanted: &Channel) -> Result<Made<Channel>> {
    let db = &mut writer.db;
    if let Some(refused) = room(db, "channel", (0, &wanted.name), CHANNELS_MAX)? {
        return Ok(refused);
    }
    let settings = written(&wanted.settings);
    let values: [Value<'_>; 6] = [
        wanted.name.as_str().into(),
        wanted.kind.name().into(),
        i64::from(wanted.enabled).into(),
        settings.as_str().into(),
        wanted.sealed.as_slice().into(),
        wanted.created_at.into(),
    ];
    let sql = "insert into channel (name, kind, enabled, settings, secrets, created_at) \
               values (?1, ?2, ?3, ?4, ?5, ?6)";
    let id = db.insert(sql, &values)?;
    writer.recorder.outbox.reload(db)?;
    Ok(Made::Done(Channel { id, ..wanted.clone() }))
}

/// Writes a channel anew; it is tried again at once. `None` if there is none of its number.
pub fn change(writer: &mut Writer, wanted: &Channel) -> Result<Option<Made<Channel>>> {
    let db = &mut writer.db;
    if let Some(refused) = room(db, "channel", (wanted.id, &wanted.name), CHANNELS_MAX)? {
        return Ok(Some(refused));
    }
    let settings = written(&wanted.settings);
    let values: [Value<'_>; 5] = [
        wanted.id.into(),
        wanted.name.as_str().into(),
        i64::from(wanted.enabled).into(),
        settings.as_str().into(),
        wanted.sealed.as_slice().into(),
    ];
    let sql = "update channel set name = ?2, enabled = ?3, settings = ?4, secrets = ?5, \
               rests_until = 0, trouble = null where id = ?1";
    if db.run(sql, &values)? == 0 {
        return Ok(None);
    }
    writer.recorder.outbox.reload(db)?;
    Ok(find(db, wanted.id)?.map(Made::Done))
}

/// Lets a channel rest, with what has to be mended; nothing and 0: it works.
pub fn rest(db: &mut dyn Engine, id: i64, until: i64, trouble: Option<&str>) -> Result<()> {
    db.run(
        "update channel set rests_until = ?2, trouble = ?3 where id = ?1 \
         and (rests_until <> ?2 or trouble is distinct from ?3)",
        &[id.into(), until.into(), trouble.into()],
    )?;
    Ok(())
}

/// Removes a channel with all that waits for it; whether there was one.
pub fn remove(writer: &mut Writer, id: i64) -> Result<bool> {
    let db = &mut writer.db;
    for table in ["notice", "delivery"] {
        db.run(&format!("delete from {table} where channel = ?1"), &[id.into()])?;
    }
    let removed = db.run("delete from channel where id = ?1", &[id.into()])? > 0;
    writer.recorder.outbox.reload(db)?;
    Ok(removed)
}

fn written(settings: &Settings) -> String {
    serde_json::to_string(settings).expect("strings always serialize")
}
