//! Brings a database to the present schema: `schema.sql` for an empty one, numbered steps for an
//! older one, in one transaction: a crash leaves it as it was or as it is to be.

use super::engine::first;
use super::error::{Error, Result};
use super::sqlite::Sqlite;

/// The schema that this program writes.
pub const SCHEMA_VERSION: i64 = 6;
/// What leads from each schema to the next.
const STEPS: [&str; SCHEMA_VERSION as usize - 1] = [TO_2, TO_3, TO_4, TO_5, TO_6];

/// What SQLite alone has beside `schema.sql`: the index of words. Trigrams find pieces of words in
/// every alphabet; no positions and no copy of the text are kept, since the text is checked anyway.
const SQLITE_WORDS: &str = "create virtual table issue_words using fts5(
  text, tokenize = 'trigram', content = '', contentless_delete = 1, detail = none)";

/// Refuses a database of a newer version, before anything is written to it.
pub fn check(db: &mut Sqlite) -> Result<()> {
    let version = version(db)?;
    if version <= SCHEMA_VERSION {
        return Ok(());
    }
    Err(Error::Engine(format!(
        "the database was written by a newer Log Center (its schema is {version}, this program \
         knows {SCHEMA_VERSION}): start that one"
    )))
}

/// The schema that a database has; 0 if it is empty or another program's.
pub fn version(db: &mut Sqlite) -> Result<i64> {
    Ok(first(db, "pragma user_version", &[], |row| row.int(0))?.unwrap_or(0))
}

/// Creates or migrates the database. A large one takes its time, hence the line in the log.
pub fn migrate(db: &mut Sqlite) -> Result<()> {
    let found = version(db)?;
    if (1..SCHEMA_VERSION).contains(&found) {
        tracing::info!("the database is brought from schema {found} to {SCHEMA_VERSION}");
        let steps = STEPS[found as usize - 1..].concat();
        db.script(&format!("begin; {steps} pragma user_version = {SCHEMA_VERSION}; commit;"))?;
    }
    if found == 0 {
        let tables = first(db, "select count(*) from sqlite_master", &[], |row| row.int(0))?;
        if tables != Some(0) {
            return Err(Error::Engine("the file is a database of another program".into()));
        }
        db.script(&format!(
            "begin; {}; {SQLITE_WORDS}; pragma user_version = {SCHEMA_VERSION}; commit;",
            include_str!("../../schema.sql").trim_end().trim_end_matches(';')
        ))?;
    }
    Ok(())
}

/// People, what they are let in by, and the record of what was done.
const TO_3: &str = "
create table person (
    id integer primary key autoincrement,
    name text not null,
    folded text not null unique,
    role integer not null,
    every_project integer not null,
    secret text,
    created_at integer not null,
    disabled_at integer
  ) strict;
  create table person_project (
    person integer not null,
    project integer not null,
    primary key (person, project)
  ) strict, without rowid;
  create table session (
    id integer primary key autoincrement,
    hash blob not null unique,
    person integer not null,
    created_at integer not null,
    seen_at integer not null,
    agent text not null,
    address text not null
  ) strict;
  create index session_person on session (person);
  create table access_key (
    id integer primary key autoincrement,
    hash blob not null unique,
    shown text not null,
    name text not null,
    project integer,
    scopes integer not null,
    origins text not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    used_at integer,
    revoked_at integer
  ) strict;
  create table invitation (
    id integer primary key autoincrement,
    hash blob not null unique,
    role integer not null,
    every_project integer not null,
    projects text not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer not null
  ) strict;
  create table audit (
    id integer primary key autoincrement,
    at integer not null,
    who text not null,
    verified integer not null,
    address text not null,
    action text not null,
    object text not null,
    detail text not null
  ) strict;";

/// Indexes lists by count, by version and by the day of an environment; notes that every event is
/// counted.
const TO_2: &str = "
  create index issue_assignee on issue (assignee) where assignee is not null;
  create index issue_regressed on issue (regressed) where regressed = 1;
  create index issue_slice_version on issue_slice (version) where version <> 0;
  create index issue_code_code on issue_code (code);
  create table issue_environment (
    environment integer not null,
    issue integer not null,
    last_day integer not null,
    primary key (environment, issue)
  ) strict, without rowid;
  insert into issue_environment (environment, issue, last_day)
    select environment, issue, max(hour) / 24 from hour_count group by 1, 2;
  create index issue_environment_day on issue_environment (environment, last_day);
  insert into meta (key, value) select 'counted', max(id) from event having max(id) > 0;
  alter table issue add column count_scale integer not null default 0;
  create index issue_count on issue (count_scale);";

/// The second step of logins, passkeys, whom a provider means, the tables of notifications, and an
/// index of types. Of whom events
/// were erased stood in the record: it was to be gone. Events have been packed with a dictionary
/// since, which an older program does not know.
const TO_4: &str = "
  create table person_totp (
    person integer primary key,
    secret blob not null,
    created_at integer not null,
    enabled_at integer,
    last_step integer not null
  ) strict;
  create table recovery_code (
    person integer not null,
    hash blob not null,
    primary key (person, hash)
  ) strict, without rowid;
  create table passkey (
    id integer primary key autoincrement,
    person integer not null,
    credential blob not null unique,
    public_key blob not null,
    sign_count integer not null,
    name text not null,
    is_synced integer not null,
    created_at integer not null,
    used_at integer
  ) strict;
  create index passkey_person on passkey (person);
  create table person_identity (
    issuer text not null,
    subject text not null,
    person integer not null,
    created_at integer not null,
    primary key (issuer, subject)
  ) strict, without rowid;
  update audit set detail = '{}' where action = 'erase_user_events';
  create index issue_text_type on issue_text (type);
  create table channel (
    id integer primary key autoincrement,
    name text not null unique,
    kind text not null,
    enabled integer not null,
    settings text not null,
    secrets blob not null,
    created_at integer not null,
    rests_until integer not null default 0,
    trouble text
  ) strict;
  create table rule (
    id integer primary key autoincrement,
    name text not null unique,
    body text not null
  ) strict;
  create table notice (
    id integer primary key autoincrement,
    channel integer not null,
    rule integer,
    cause text not null,
    issue integer,
    event integer,
    facts text not null,
    state integer not null default 0,
    closed integer not null default 0,
    acted integer not null default 0,
    plain integer not null default 0,
    attempts integer not null default 0,
    created_at integer not null,
    next_at integer not null,
    until_at integer not null,
    ended_at integer
  ) strict;
  create index notice_waiting on notice (channel, next_at) where state = 0;
  create index notice_dead on notice (channel) where state = 2;
  create index notice_issue on notice (issue) where issue is not null;
  create table delivery (
    id integer primary key autoincrement,
    notice integer,
    channel integer not null,
    issue integer,
    cause text not null,
    at integer not null,
    took_ms integer not null,
    outcome text not null,
    code text not null,
    reason text not null,
    answer text not null
  ) strict;
  create index delivery_issue on delivery (issue) where issue is not null;";

/// The levels of an issue in its row, and by project.
const TO_5: &str = "
  alter table issue add column levels integer not null default 0;
  update issue set levels = coalesce((select sum(distinct 1 << s.level) from issue_slice s
    where s.issue = issue.id), 0);
  create index issue_project_levels on issue (project, levels);";

/// Issues are indexed by all that they are sorted by, and no longer by something near it.
const TO_6: &str = "
  drop index issue_seen;
  drop index issue_project_seen;
  drop index issue_status;
  drop index issue_count;
  alter table issue drop column seen_minute;
  alter table issue drop column count_scale;
  create index issue_seen on issue (last_seen);
  create index issue_first_seen on issue (first_seen);
  create index issue_count on issue (count);
  create index issue_users on issue (users);
  create index issue_status on issue (status, project, last_seen) where status <> 0;";
