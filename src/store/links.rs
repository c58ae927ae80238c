//! Links in messages: what they are about, and their use, once.

use super::engine::Engine;
use super::error::Result;
use super::notices::{self, Notice};
use super::{Writer, audit, issues, moves};
use crate::domain::change::Who;
use crate::domain::issue::Issue;
use crate::domain::notify::act::Link;
use crate::domain::trust::audit::Note;

/// What a link is about.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The issue as it stands.
    pub issue: Issue,
    /// Whether the link was used.
    pub is_used: bool,
}

/// What became of using a link.
#[derive(Clone, Debug)]
pub enum Followed {
    /// It was done; the issue after it.
    Done(Issue),
    /// The message or its issue is gone.
    Gone,
    /// It was used before.
    Used,
    /// Somebody did it already, or the issue stands elsewhere.
    Settled(Issue),
}

/// What a link is about; `None` if its message or its issue is gone.
pub fn look(db: &mut dyn Engine, link: &Link, now: i64) -> Result<Option<Linked>> {
    let Some(notice) = notice_of(db, link)? else { return Ok(None) };
    let Some(id) = notice.issue else { return Ok(None) };
    let is_used = notice.acted & link.act as i64 != 0;
    Ok(issues::find(db, id, now)?.map(|issue| Linked { issue, is_used }))
}

/// Does what a link says, and records it; in one transaction. `assignee`: who claims.
pub fn follow(
    writer: &mut Writer,
    link: &Link,
    (assignee, who): (&str, &Who),
    note: Note,
    now: i64,
) -> Result<Followed> {
    let Some(Linked { issue, is_used }) = look(&mut writer.db, link, now)? else {
        return Ok(Followed::Gone);
    };
    if is_used {
        return Ok(Followed::Used);
    }
    let change = link.act.change(assignee, now);
    let is_done = link.act.is_open(&issue)
        && moves::apply(writer, issue.id, &change, who, now)? == moves::Applied::Done;
    if !is_done {
        return Ok(Followed::Settled(issue));
    }
    let db = &mut writer.db;
    let values = [link.notice.into(), (link.act as i64).into()];
    db.run("update notice set acted = acted + ?2 where id = ?1", &values)?;
    audit::add(db, &Note { object: format!("issue {}", issue.id), ..note }, now)?;
    Ok(issues::find(db, issue.id, now)?.map_or(Followed::Gone, Followed::Done))
}

fn notice_of(db: &mut dyn Engine, link: &Link) -> Result<Option<Notice>> {
    let found = notices::find(db, link.notice)?;
    Ok(found.filter(|notice| notice.created_at == link.created_at))
}
