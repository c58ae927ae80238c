//! Counts the users of an issue.

use super::{Incoming, Recorder};
use crate::domain::notify::Trigger;
use crate::store::engine::{Engine, first};
use crate::store::error::Result;

impl Recorder {
    /// The issue's users before and after these reports; both 0 where no rule asks.
    pub(super) fn count_users(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        is_new: bool,
        fold: &[Incoming<'_>],
    ) -> Result<(i64, i64)> {
        let mut hashes = fold.iter().filter_map(|incoming| incoming.prepared.user_hash).peekable();
        if hashes.peek().is_none() {
            return Ok((0, 0));
        }
        let Some(sketch) = self.sketches.insert(db, issue, is_new, hashes)? else {
            return Ok((0, 0));
        };
        let bytes = sketch.to_bytes();
        let users = i64::try_from(sketch.count()).unwrap_or(i64::MAX);
        let is_asked = self.outbox.wants(Trigger::Spread) && !is_new;
        let before = if is_asked { users_before(db, issue)? } else { users };
        db.run(
            "insert into user_sketch (issue, body) values (?1, ?2) \
             on conflict (issue) do update set body = excluded.body",
            &[issue.into(), bytes.as_slice().into()],
        )?;
        db.run("update issue set users = ?2 where id = ?1", &[issue.into(), users.into()])?;
        Ok((before, users))
    }
}

/// How many users an issue has, as its row tells.
fn users_before(db: &mut dyn Engine, issue: i64) -> Result<i64> {
    let sql = "select users from issue where id = ?1";
    Ok(first(db, sql, &[issue.into()], |row| row.int(0))?.unwrap_or(0))
}
