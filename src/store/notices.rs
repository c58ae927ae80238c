//! Notices on their way: taken for sending, recorded, listed, tried again, forgotten.

use super::engine::{Engine, Row, Value, all, first};
use super::error::Result;
use super::{Writer, channels, events, issues, rules};
use crate::domain::notify::message::Subject;
use crate::domain::notify::schedule::{GIVE_UP_AFTER_MS, KEPT_MS};
use crate::domain::notify::verdict::{ANSWER_CHARS_MAX, Verdict};
use crate::domain::notify::{Facts, Trigger};

/// Rows that one step forgets.
const FORGOTTEN_A_STEP: i64 = 500;

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits, or is tried again later.
    Waiting = 0,
    /// The vendor has it.
    Sent = 1,
    /// It was given up.
    Dead = 2,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Dead];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    fn from_code(code: i64) -> Self {
        Self::ALL.into_iter().find(|one| *one as i64 == code).unwrap_or(Self::Waiting)
    }
}

/// A notice as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// Where it goes.
    pub channel: i64,
    /// The rule that decided; none is the default one.
    pub rule: Option<i64>,
    /// Why.
    pub trigger: Trigger,
    /// The issue.
    pub issue: Option<i64>,
    /// The event that caused it.
    pub event: Option<i64>,
    /// What was known then.
    pub facts: Facts,
    /// Where it stands.
    pub state: State,
    /// Whether it goes without markup.
    pub is_plain: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was decided on.
    pub created_at: i64,
    /// When it is tried next.
    pub next_at: i64,
    /// When it is given up.
    pub until_at: i64,
    /// When it was sent or given up.
    pub ended_at: Option<i64>,
    /// Links of it that were used: a sum of [`crate::domain::notify::act::Act`]s.
    pub acted: i64,
}

impl Notice {
    /// The same at every attempt, and no other notice's, also after a file was put back.
    pub fn key(&self) -> String {
        format!("msg_{:x}_{:x}", self.created_at, self.id)
    }

    /// Whether it was not to go out at once: held back by quiet hours, or one that gathers.
    pub(super) const fn was_held(&self) -> bool {
        self.until_at - GIVE_UP_AFTER_MS > self.created_at
    }
}

const COLUMNS: &str = "id, channel, rule, cause, issue, event, facts, state, plain, attempts, \
    created_at, next_at, until_at, ended_at, acted";

fn notice(row: &dyn Row) -> Notice {
    Notice {
        id: row.int(0),
        channel: row.int(1),
        rule: row.opt_int(2),
        trigger: Trigger::parse(row.text(3)).unwrap_or(Trigger::Created),
        issue: row.opt_int(4),
        event: row.opt_int(5),
        facts: serde_json::from_str(row.text(6)).unwrap_or_default(),
        state: State::from_code(row.int(7)),
        is_plain: row.int(8) == 1,
        attempts: row.int(9),
        created_at: row.int(10),
        next_at: row.int(11),
        until_at: row.int(12),
        ended_at: row.opt_int(13),
        acted: row.int(14),
    }
}

/// A notice that is due, with what it is about.
#[derive(Clone, Debug)]
pub struct Due {
    /// The notice.
    pub notice: Notice,
    /// What it is about.
    pub subject: Subject,
    /// The rule's name.
    pub rule: Option<String>,
    /// Whom the rules that decided mention.
    pub mentions: Vec<String>,
}

/// What a channel has to do.
#[derive(Clone, Debug)]
pub enum Next {
    /// Send this.
    Send(Box<Due>),
    /// Nothing before this time.
    WaitUntil(i64),
    /// Nothing.
    Nothing,
}

/// What a channel has to do now. The oldest notice goes first, and those of one issue in their
/// order: a later one waits while an earlier one is tried again, but not for quiet hours that hold
/// an earlier one back.
pub fn next(writer: &mut Writer, channel: i64, now: i64) -> Result<Next> {
    loop {
        let db = &mut writer.db;
        let sql = format!(
            "select {COLUMNS} from notice n where channel = ?1 and state = 0 and next_at <= ?2 \
             and not exists (select 1 from notice o where o.channel = n.channel and o.state = 0 \
             and o.issue = n.issue and o.id < n.id and o.attempts > 0) order by id limit 1"
        );
        let Some(found) = first(db, &sql, &[channel.into(), now.into()], notice)? else { break };
        if found.trigger == Trigger::Storm {
            db.run("update notice set closed = 1 where id = ?1", &[found.id.into()])?;
            writer.recorder.outbox.close(channel, now);
        }
        if let Some(due) = complete(&mut writer.db, found.clone(), now)? {
            return Ok(Next::Send(Box::new(due)));
        }
        // What it was about was erased.
        writer.db.run("delete from notice where id = ?1", &[found.id.into()])?;
        writer.recorder.outbox.ended(&found);
    }
    let sql = "select min(next_at) from notice where channel = ?1 and state = 0";
    let at = first(&mut writer.db, sql, &[channel.into()], |row| row.opt_int(0))?.flatten();
    // One that is due already waits for an earlier one of its issue, whose time is the later.
    let later = "select min(next_at) from notice where channel = ?1 and state = 0 and next_at > ?2";
    let later = first(&mut writer.db, later, &[channel.into(), now.into()], |row| row.opt_int(0))?;
    Ok(match (at, later.flatten()) {
        (None, _) => Next::Nothing,
        (Some(_), Some(later)) => Next::WaitUntil(later),
        (Some(at), None) => Next::WaitUntil(at),
    })
}

fn complete(db: &mut dyn Engine, mut found: Notice, now: i64) -> Result<Option<Due>> {
    let mut subject = Subject::default();
    if let Some(issue) = found.issue {
        subject.issue = issues::find(db, issue, now)?;
        if subject.issue.is_none() {
            return Ok(None);
        }
    }
    if let Some(event) = found.event {
        let event = events::find_by_number(db, event)?;
        subject.event = event.filter(|event| Some(event.issue_id) == found.issue);
    }
    if let Some(folded) = &found.facts.folded {
        for issue in &folded.issues {
            subject.folded.extend(issues::find(db, *issue, now)?);
        }
    }
    if let Some(project) = found.facts.project {
        let sql = "select name from project where id = ?1 and name >= ' '";
        let name = first(db, sql, &[project.into()], |row| row.text(0).to_owned())?;
        if name.is_none() {
            return Ok(None);
        }
        found.facts.project_id = name;
    }
    if let Some(channel) = found.facts.channel {
        let sql = "select name from channel where id = ?1";
        let name = first(db, sql, &[channel.into()], |row| row.text(0).to_owned())?;
        if name.is_none() {
            return Ok(None);
        }
        found.facts.channel_name = name;
    }
    let mut rule = None;
    let mut mentions: Vec<String> = Vec::new();
    // Which rules these are is nobody's matter outside.
    let also = std::mem::take(&mut found.facts.also);
    for id in found.rule.iter().chain(&also) {
        // One that was removed since mentions nobody.
        let Some(named) = rules::find(db, *id)? else { continue };
        let further: Vec<String> =
            named.rule.mentions.into_iter().filter(|one| !mentions.contains(one)).collect();
        mentions.extend(further);
        rule = rule.or(Some(named.name).filter(|_| found.rule == Some(*id)));
    }
    Ok(Some(Due { notice: found, subject, rule, mentions }))
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempted {
    /// Which channel.
    pub channel: i64,
    /// When it began.
    pub at: i64,
    /// How long it took.
    pub took_ms: i64,
    /// What became of it.
    pub verdict: Verdict,
    /// What the vendor said, without secrets.
    pub answer: String,
}

/// What is done after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// It is over.
    End(State),
    /// It is tried again then, perhaps without markup.
    Again {
        /// When.
        at: i64,
        /// Without markup from now on.
        is_plain: bool,
    },
}

/// Records an attempt and what is done after it; the channel rests until then, with what has to be
/// mended there.
pub fn record(
    writer: &mut Writer,
    notice: &Notice,
    attempted: &Attempted,
    after: &After,
    rest: (i64, Option<&str>),
) -> Result<()> {
    let db = &mut writer.db;
    log(db, Some(notice), attempted)?;
    let is_over = match after {
        After::End(state) => {
            let values = [notice.id.into(), (*state as i64).into(), attempted.at.into()];
            let sql = "update notice set state = ?2, ended_at = ?3, attempts = attempts + 1 \
                       where id = ?1";
            db.run(sql, &values)?;
            true
        }
        After::Again { at, is_plain } => {
            let values = [notice.id.into(), (*at).into(), i64::from(*is_plain).into()];
            let sql = "update notice set next_at = ?2, plain = ?3, attempts = attempts + 1 \
                       where id = ?1";
            db.run(sql, &values)?;
            false
        }
    };
    channels::rest(db, attempted.channel, rest.0, rest.1)?;
    if is_over {
        writer.recorder.outbox.ended(notice);
    }
    Ok(())
}

/// Adds an attempt to the log; one without a notice is a test.
pub fn log(db: &mut dyn Engine, notice: Option<&Notice>, attempted: &Attempted) -> Result<()> {
    let cause = notice.map_or(Trigger::Test, |notice| notice.trigger);
    let answer: String = attempted.answer.chars().take(ANSWER_CHARS_MAX).collect();
    let values: [Value<'_>; 10] = [
        notice.map(|notice| notice.id).into(),
        attempted.channel.into(),
        notice.and_then(|notice| notice.issue).into(),
        cause.name().into(),
        attempted.at.into(),
        attempted.took_ms.into(),
        attempted.verdict.outcome.name().into(),
        attempted.verdict.code.as_str().into(),
        attempted.verdict.reason.as_str().into(),
        answer.as_str().into(),
    ];
    db.run(
        "insert into delivery \
         (notice, channel, issue, cause, at, took_ms, outcome, code, reason, answer) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &values,
    )?;
    Ok(())
}

/// Which notices or deliveries a list shows; newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Of this channel.
    pub channel: Option<i64>,
    /// Of this issue.
    pub issue: Option<i64>,
    /// In this state; notices only.
    pub state: Option<State>,
    /// Below this number.
    pub below: Option<i64>,
    /// So many.
    pub limit: i64,
}

impl Wanted {
    fn clause(&self) -> (&'static str, [Value<'static>; 4]) {
        let below = self.below.unwrap_or(i64::MAX);
        let clause = "where (?1 is null or channel = ?1) and (?2 is null or issue = ?2) \
                      and id < ?3 order by id desc limit ?4";
        (clause, [self.channel.into(), self.issue.into(), below.into(), self.limit.into()])
    }
}

/// Notices, newest first.
pub fn list(db: &mut dyn Engine, wanted: &Wanted) -> Result<Vec<Notice>> {
    let (clause, values) = wanted.clause();
    let of_state =
        wanted.state.map_or(String::new(), |state| format!("state = {} and", state as i64));
    let clause = clause.replacen("where", &format!("where {of_state}"), 1);
    all(db, &format!("select {COLUMNS} from notice {clause}"), &values, notice)
}

/// One notice.
pub fn find(db: &mut dyn Engine, id: i64) -> Result<Option<Notice>> {
    first(db, &format!("select {COLUMNS} from notice where id = ?1"), &[id.into()], notice)
}

/// One line of the log of deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: i64,
    /// The notice; none of a test.
    pub notice: Option<i64>,
    /// The channel.
    pub channel: i64,
    /// The issue.
    pub issue: Option<i64>,
    /// Why, by name.
    pub trigger: String,
    /// When.
    pub at: i64,
    /// How long it took.
    pub took_ms: i64,
    /// What became of it, by name.
    pub outcome: String,
    /// The vendor's code.
    pub code: String,
    /// What it means.
    pub reason: String,
    /// What the vendor said.
    pub answer: String,
}

/// Attempts, newest first.
pub fn deliveries(db: &mut dyn Engine, wanted: &Wanted) -> Result<Vec<Delivery>> {
    let (clause, values) = wanted.clause();
    let sql = format!(
        "select id, notice, channel, issue, cause, at, took_ms, outcome, code, reason, answer \
         from delivery {clause}"
    );
    all(db, &sql, &values, |row| Delivery {
        id: row.int(0),
        notice: row.opt_int(1),
        channel: row.int(2),
        issue: row.opt_int(3),
        trigger: row.text(4).to_owned(),
        at: row.int(5),
        took_ms: row.int(6),
        outcome: row.text(7).to_owned(),
        code: row.text(8).to_owned(),
        reason: row.text(9).to_owned(),
        answer: row.text(10).to_owned(),
    })
}

/// Tries what was given up again: one notice, or all of a channel, or all. How many these are.
pub fn replay(
    writer: &mut Writer,
    notice: Option<i64>,
    channel: Option<i64>,
    now: i64,
) -> Result<i64> {
    let db = &mut writer.db;
    let values: [Value<'_>; 4] =
        [notice.into(), channel.into(), now.into(), (now + GIVE_UP_AFTER_MS).into()];
    let changed = db.run(
        "update notice set state = 0, attempts = 0, plain = 0, next_at = ?3, until_at = ?4, \
         ended_at = null where state = 2 and (?1 is null or id = ?1) \
         and (?2 is null or channel = ?2)",
        &values,
    )?;
    writer.recorder.outbox.reload(db)?;
    Ok(changed as i64)
}

/// Gives up what waited too long; how many these are.
pub fn expire(writer: &mut Writer, now: i64) -> Result<i64> {
    let db = &mut writer.db;
    let sql = "update notice set state = 2, ended_at = ?1 where state = 0 and until_at <= ?1";
    let expired = db.run(sql, &[now.into()])?;
    if expired > 0 {
        writer.recorder.outbox.reload(db)?;
    }
    Ok(expired as i64)
}

/// Gives up all that waits; how many these are. They can be tried again.
pub fn give_up(db: &mut dyn Engine, now: i64) -> Result<usize> {
    db.run("update notice set state = 2, ended_at = ?1 where state = 0", &[now.into()])
}

/// Ends the links of every message: one may have been used.
pub fn end_links(db: &mut dyn Engine) -> Result<usize> {
    db.run("update notice set acted = 7", &[])
}

/// How many notices wait and were given up.
pub fn counts(db: &mut dyn Engine) -> Result<(i64, i64)> {
    // Each by an index of its own, however many were sent.
    let sql = "select (select count(*) from notice where state = 0), \
               (select count(*) from notice where state = 2)";
    Ok(first(db, sql, &[], |row| (row.int(0), row.int(1)))?.unwrap_or_default())
}

/// Forgets what ended long ago, a step at a time; whether there may be more.
pub fn forget(db: &mut dyn Engine, now: i64) -> Result<bool> {
    let values = [(now - KEPT_MS).into(), FORGOTTEN_A_STEP.into()];
    // The oldest rows alone are looked at.
    let notices = "delete from notice where id in (select id from \
                   (select id, created_at, state from notice order by id limit ?2) \
                   where created_at < ?1 and state <> 0)";
    let lines = "delete from delivery where id in (select id from \
                 (select id, at from delivery order by id limit ?2) where at < ?1)";
    let gone = db.run(notices, &values)?.max(db.run(lines, &values)?);
    Ok(gone as i64 >= FORGOTTEN_A_STEP)
}
