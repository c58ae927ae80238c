//! One issue as records: its line, its hours, its history.

use super::{Phase, Walk, is_hidden, level};
use crate::domain::fingerprint::hex;
use crate::domain::status::Status;
use crate::domain::transfer::{Count, History, Issue, Record};
use crate::store::engine::{Engine, Row, all, first};
use crate::store::error::Result;
use crate::store::{counts, history, moves, runs};

const ISSUE: &str = "select i.id, p.name, i.fingerprint, i.status, i.level, x.type, x.code, \
     x.message, x.file_path, x.line_number, x.culprit, i.count, i.users, i.first_seen, \
     i.last_seen, v.name, w.name, d.name, i.regressed, i.touched, i.assignee, i.mute_kind, \
     i.mute_value, i.first_event, i.latest_event, i.project \
     from issue i join issue_text x on x.issue = i.id join project p on p.id = i.project \
     left join version v on v.id = i.first_version left join version w on w.id = i.last_version \
     left join version d on d.id = i.deployed_version \
     where i.id > ?1 and i.id <= ?2 order by i.id limit 1";

/// The line without what stands in tables of its own, and the project's number.
fn issue(row: &dyn Row, now: i64) -> (Issue, i64) {
    let issue = Issue {
        id: row.int(0),
        project_id: row.text(1).to_owned(),
        fingerprint: hex(row.blob(2)),
        status: Status::from_code(row.int(3)),
        level: level(row, 4),
        kind: row.text(5).to_owned(),
        code: row.opt_string(6),
        codes: Vec::new(),
        message: row.text(7).to_owned(),
        file_path: row.text(8).to_owned(),
        line_number: row.int(9),
        culprit: row.opt_string(10),
        count: row.int(11),
        users: row.int(12),
        users_sketch: String::new(),
        first_seen: row.int(13),
        last_seen: row.int(14),
        first_version: row.opt_string(15),
        last_version: row.opt_string(16),
        deployed_version: row.opt_string(17),
        regressed: row.int(18) != 0,
        touched: row.int(19) != 0,
        assignee: row.opt_string(20),
        muted_until: moves::mute_of(row.int(21), row.int(22), row.int(11), now),
        first_event_number: row.int(23),
        latest_event_number: row.int(24),
    };
    (issue, row.int(25))
}

impl Walk {
    /// The next issue with everything of it but its events.
    pub(super) fn issue(&mut self, db: &mut dyn Engine) -> Result<()> {
        let values = [self.place.after[0].into(), self.place.issue_last.into()];
        let Some((mut issue, project)) = first(db, ISSUE, &values, |row| issue(row, self.now))?
        else {
            self.place.advance();
            debug_assert_eq!(self.place.phase, Phase::Events);
            self.place.event_end = runs::next_event(db)?;
            return Ok(());
        };
        let id = issue.id;
        self.place.after[0] = id;
        if is_hidden(&issue.project_id) || project > self.place.project_last {
            return Ok(());
        }
        let sql = "select code from issue_code where issue = ?1 order by code";
        issue.codes = all(db, sql, &[id.into()], |row| row.text(0).to_owned())?;
        let sql = "select body from user_sketch where issue = ?1";
        let sketch = first(db, sql, &[id.into()], |row| hex(row.blob(0)))?;
        issue.users_sketch = sketch.unwrap_or_default();
        self.write(&Record::Issue(Box::new(issue)));
        self.counts(db, id)?;
        self.history(db, id)
    }

    fn counts(&mut self, db: &mut dyn Engine, issue: i64) -> Result<()> {
        db.each(
            "select h.hour, e.name, v.name, h.level, h.count, h.first_seen, h.last_seen \
             from hour_count h left join environment e on e.id = h.environment \
             left join version v on v.id = h.version where h.issue = ?1 \
             order by h.hour, h.environment, h.version, h.level",
            &[issue.into()],
            &mut |row| {
                self.write(&Record::Count(Count {
                    issue_id: issue,
                    hour: row.int(0) * counts::HOUR_MS,
                    environment: row.text(1).to_owned(),
                    version: row.opt_string(2),
                    level: level(row, 3),
                    count: row.int(4),
                    first_seen: row.int(5),
                    last_seen: row.int(6),
                }));
                true
            },
        )
    }

    fn history(&mut self, db: &mut dyn Engine, issue: i64) -> Result<()> {
        let columns = history::COLUMNS;
        let sql = format!("select {columns}, event from history where issue = ?1 order by id");
        db.each(&sql, &[issue.into()], &mut |row| {
            let event_number = row.opt_int(11);
            let entry = history::entry(row);
            self.write(&Record::History(Box::new(History {
                issue_id: issue,
                event_number,
                entry,
            })));
            true
        })
    }
}
