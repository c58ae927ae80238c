-- The database of Log Center. SQLite reads it as it stands; times are milliseconds since 1970, UTC;
-- `hour` is a time divided by 3,600,000. Names that reports repeat (environments, versions) are numbers.
-- Conversions to another engine are textual, so only the portable subset stands here.

create table meta (
  key text primary key,
  value integer not null
) strict;

create table project (
  id integer primary key autoincrement,
  name text not null unique,
  created_at integer not null,
  last_report_at integer,
  live_environments text not null           -- JSON array of names
) strict;

create table environment (
  id integer primary key autoincrement,
  project integer not null,
  name text not null,
  unique (project, name)
) strict;

-- The order of ids is the order in which a project first saw or deployed its versions.
create table version (
  id integer primary key autoincrement,
  project integer not null,
  name text not null,
  unique (project, name)
) strict;

-- Small rows, since every report rewrites one: what is long stands in issue_text.
create table issue (
  id integer primary key autoincrement,
  project integer not null,
  fingerprint blob not null,
  status integer not null default 0,
  level integer not null,
  levels integer not null,                  -- a set of all that it ever had: a bit for each
  count integer not null,
  kept integer not null,                    -- events of it that are stored
  users integer not null default 0,
  first_seen integer not null,
  last_seen integer not null,
  first_version integer,
  last_version integer,
  first_event integer not null,
  latest_event integer not null,
  regressed integer not null default 0,
  touched integer not null default 0,       -- somebody moved, muted, assigned or commented it
  deployed_version integer,
  mute_kind integer not null default 0,     -- 0 none, 1 until a time, 2 until a count, 3 for ever
  mute_value integer not null default 0,
  assignee text,
  unique (project, fingerprint)             -- the dedup
) strict;
create index issue_seen on issue (last_seen);
create index issue_first_seen on issue (first_seen);
create index issue_project_levels on issue (project, levels);
create index issue_count on issue (count);
create index issue_users on issue (users);
create index issue_assignee on issue (assignee) where assignee is not null;
create index issue_regressed on issue (regressed) where regressed = 1;
create index issue_status on issue (status, project, last_seen) where status <> 0;

create table issue_text (
  issue integer primary key,
  type text not null,
  message text not null,
  file_path text not null,
  line_number integer not null,
  code text,
  culprit text,
  indexed integer not null default 0        -- whether issue_words holds this text
) strict;
create index issue_text_waiting on issue_text (issue) where indexed = 0;
create index issue_text_type on issue_text (type);

-- Which environments, versions and levels an issue has had; version 0 is none.
create table issue_slice (
  issue integer not null,
  environment integer not null,
  version integer not null,
  level integer not null,
  primary key (issue, environment, version, level)
) strict, without rowid;

create index issue_slice_version on issue_slice (version) where version <> 0;

-- On which day (a time divided by 86,400,000) an issue was last seen in an environment.
create table issue_environment (
  environment integer not null,
  issue integer not null,
  last_day integer not null,
  primary key (environment, issue)
) strict, without rowid;
create index issue_environment_day on issue_environment (environment, last_day);

create table issue_code (
  issue integer not null,
  code text not null,
  primary key (issue, code)
) strict, without rowid;

create index issue_code_code on issue_code (code);

create table user_sketch (
  issue integer primary key,
  body blob not null
) strict;

create table stack (
  id integer primary key autoincrement,
  issue integer not null,
  hash integer not null,
  body blob not null
) strict;
create index stack_hash on stack (issue, hash);

-- Ids grow with time of receipt. `keys` are the 8-byte hashes by which an event is looked up until
-- they are merged into run_key.
create table event (
  id integer primary key,
  project integer not null,
  issue integer not null,
  timestamp integer not null,
  received_at integer not null,
  environment integer not null,
  version integer,
  level integer not null,
  stack integer not null,
  event_id blob,                            -- the client's own; the server's is made from id and received_at
  keys blob not null,
  body blob not null
) strict;

create table hour_count (
  issue integer not null,
  hour integer not null,
  environment integer not null,
  version integer not null,
  level integer not null,
  count integer not null,
  first_seen integer not null,
  last_seen integer not null,
  primary key (issue, hour, environment, version, level)
) strict, without rowid;

create table project_hour (
  project integer not null,
  hour integer not null,
  environment integer not null,
  version integer not null,
  level integer not null,
  count integer not null,
  primary key (project, hour, environment, version, level)
) strict, without rowid;

create table history (
  id integer primary key autoincrement,
  issue integer not null,
  at integer not null,
  kind text not null,
  from_status integer,
  to_status integer,
  who text not null,
  verified integer not null,
  note text,
  version text,
  commit_hash text,
  text text,
  event integer                             -- the newest event then; it is kept
) strict;
create index history_issue on history (issue, id);

create table deploy (
  id integer primary key autoincrement,
  project integer not null,
  at integer not null,
  version integer not null,
  environment text,
  commit_hash text,
  who text not null,
  moved integer not null
) strict;
create index deploy_project on deploy (project, at);

-- Sorted runs of lookup keys: written in order, merged in order, so that no insert is random.
create table key_run (
  run integer primary key,
  kind integer not null,                    -- 0: key to event; 1: event_id to issue (its memory)
  level integer not null,
  entries integer not null,
  newest_at integer not null,
  filter blob not null                      -- a Bloom filter over a memory run, else empty
) strict;

-- The memory of event_ids whose events were removed before their memory became a run.
create table loose_memory (
  hash integer not null,
  extra integer not null,
  issue integer not null,
  primary key (hash, extra)
) strict, without rowid;

create table run_key (
  run integer not null,
  hash integer not null,
  extra integer not null,
  value integer not null,
  primary key (run, hash, extra, value)
) strict, without rowid;

-- Who may: people, what they are let in by, and what was done. Secrets stand here as hashes only.
create table person (
  id integer primary key autoincrement,
  name text not null,
  folded text not null unique,              -- the name in lower case: two people never differ by case
  role integer not null,                    -- 0 viewer, 1 member, 2 administrator
  every_project integer not null,           -- 0: those of person_project
  secret text,                              -- the password's hash; null: it cannot be logged in by
  created_at integer not null,
  disabled_at integer
) strict;

create table person_project (
  person integer not null,
  project integer not null,
  primary key (person, project)
) strict, without rowid;

-- The second step of a person's logins: an authenticator's secret.
create table person_totp (
  person integer primary key,
  secret blob not null,                     -- sealed with the key beside the file
  created_at integer not null,
  enabled_at integer,                       -- null: no code of it was shown yet
  last_step integer not null                -- of the last code that was used: each counts once
) strict;

create table recovery_code (
  person integer not null,
  hash blob not null,                       -- SHA-256; a code that was used goes
  primary key (person, hash)
) strict, without rowid;

-- Public keys by which a person logs in without a password.
create table passkey (
  id integer primary key autoincrement,
  person integer not null,
  credential blob not null unique,          -- the authenticator's name for it
  public_key blob not null,                 -- COSE, as the authenticator wrote it
  sign_count integer not null,              -- must rise, where it is not 0
  name text not null,
  is_synced integer not null,
  created_at integer not null,
  used_at integer
) strict;
create index passkey_person on passkey (person);

-- Who somebody of an OpenID Connect provider is here.
create table person_identity (
  issuer text not null,
  subject text not null,                    -- the provider's own number for them
  person integer not null,
  created_at integer not null,
  primary key (issuer, subject)
) strict, without rowid;

create table session (
  id integer primary key autoincrement,
  hash blob not null unique,                -- SHA-256 of the cookie's value
  person integer not null,
  created_at integer not null,
  seen_at integer not null,
  agent text not null,
  address text not null
) strict;
create index session_person on session (person);

create table access_key (
  id integer primary key autoincrement,
  hash blob not null unique,                -- SHA-256 of the key
  shown text not null,                      -- its first characters, for people to tell keys apart
  name text not null,
  project integer,                          -- null: the whole server
  scopes integer not null,                  -- sum of 1 report, 2 read, 4 change, 8 manage
  origins text not null,                    -- JSON array: pages that may use it; empty: any caller
  created_at integer not null,
  created_by text not null,
  expires_at integer,
  used_at integer,
  revoked_at integer
) strict;

create table invitation (
  id integer primary key autoincrement,
  hash blob not null unique,                -- SHA-256 of the link's secret
  role integer not null,
  every_project integer not null,
  projects text not null,                   -- JSON array of project numbers
  created_at integer not null,
  created_by text not null,
  expires_at integer not null
) strict;

-- Rows are only ever added.
create table audit (
  id integer primary key autoincrement,
  at integer not null,
  who text not null,
  verified integer not null,
  address text not null,
  action text not null,
  object text not null,
  detail text not null                      -- JSON object, without secrets
) strict;

-- Where notifications go. `settings` may be shown; `secrets` are sealed with a key that lies beside
-- this file.
create table channel (
  id integer primary key autoincrement,
  name text not null unique,
  kind text not null,
  enabled integer not null,
  settings text not null,                   -- JSON
  secrets blob not null,
  created_at integer not null,
  rests_until integer not null default 0,   -- as its vendor asked, or until it is tried again
  trouble text                              -- what somebody has to mend
) strict;

create table rule (
  id integer primary key autoincrement,
  name text not null unique,
  body text not null                        -- JSON
) strict;

-- Notifications, decided in the transaction of what caused them. Their text is read when they are
-- sent, so that none of it stands here.
create table notice (
  id integer primary key autoincrement,
  channel integer not null,
  rule integer,
  cause text not null,
  issue integer,
  event integer,
  facts text not null,                      -- JSON
  state integer not null default 0,         -- 0 waits, 1 sent, 2 given up
  closed integer not null default 0,        -- nothing more is folded into it
  acted integer not null default 0,         -- links that were used: sum of 1 claim, 2 mute, 4 verify
  plain integer not null default 0,         -- the vendor refused the other form
  attempts integer not null default 0,
  created_at integer not null,
  next_at integer not null,
  until_at integer not null,                -- when it is given up
  ended_at integer
) strict;
create index notice_waiting on notice (channel, next_at) where state = 0;
create index notice_dead on notice (channel) where state = 2;
create index notice_issue on notice (issue) where issue is not null;

-- Every attempt, with what the vendor answered.
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
create index delivery_issue on delivery (issue) where issue is not null;
