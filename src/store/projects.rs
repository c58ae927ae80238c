//! Reads projects, their counts and settings, and changes the settings.

use std::collections::BTreeMap;

use super::engine::{Engine, Row, all, first};
use super::error::Result;
use super::names::{Names, live_list};
use crate::domain::change::SettingsChange;
use crate::domain::issue::{Project, Settings};
use crate::domain::status::Status;

/// The number of a project.
pub fn number(db: &mut dyn Engine, name: &str) -> Result<Option<i64>> {
    first(db, "select id from project where name = ?1", &[name.into()], |row| row.int(0))
}

/// The names of all projects.
pub fn names(db: &mut dyn Engine) -> Result<Vec<String>> {
    all(db, "select name from project where name >= ' '", &[], |row| row.text(0).to_owned())
}

/// How many issues a project has, and how many in each status but `NEW`, in the order of
/// [`Status::ALL`]: each counted along an index, at a million issues in a tenth of the time that
/// grouping takes.
fn columns() -> String {
    let of = "(select count(*) from issue where project = p.id";
    let moved: Vec<String> = Status::ALL
        .iter()
        .filter(|status| **status != Status::New)
        .map(|status| format!("{of} and status <> 0 and status = {})", status.code()))
        .collect();
    format!(
        "p.id, p.name, p.created_at, p.last_report_at, p.live_environments, {of}), {} \
         from project p",
        moved.join(", ")
    )
}

fn project(row: &dyn Row) -> Project {
    let issues = row.int(5);
    let moved = Status::ALL.into_iter().filter(|status| *status != Status::New);
    let mut counts: BTreeMap<&'static str, i64> =
        moved.zip(6..).map(|(status, at)| (status.name(), row.int(at))).collect();
    counts.insert(Status::New.name(), issues - counts.values().sum::<i64>());
    Project {
        project_id: row.text(1).to_owned(),
        created_at: row.int(2),
        last_report_at: row.opt_int(3),
        counts,
        issues,
        settings: Settings { live_environments: live_list(row.text(4)) },
    }
}

/// Every project by name. There are at most a thousand or so.
pub fn list(db: &mut dyn Engine) -> Result<Vec<Project>> {
    // Names below a blank are those of projects that are being erased.
    let sql = format!("select {} where p.name >= ' ' order by p.name", columns());
    all(db, &sql, &[], project)
}

/// One project.
pub fn find(db: &mut dyn Engine, name: &str) -> Result<Option<Project>> {
    first(db, &format!("select {} where p.name = ?1", columns()), &[name.into()], project)
}

/// Changes a project's settings; `None` if there is no such project.
pub fn change(
    db: &mut dyn Engine,
    names: &mut Names,
    name: &str,
    wanted: &SettingsChange,
) -> Result<Option<Project>> {
    if let Some(live) = &wanted.live_environments {
        let json = serde_json::to_string(live).expect("strings always serialize");
        db.run(
            "update project set live_environments = ?2 where name = ?1",
            &[name.into(), json.as_str().into()],
        )?;
        names.forget();
    }
    find(db, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    #[test]
    fn issues_are_counted_along_an_index() {
        let mut store = store();
        let sql = format!("explain query plan select {}", columns());
        let plan = all(&mut store.writer.db, &sql, &[], |row| row.text(3).to_owned()).unwrap();
        let counts = plan.iter().filter(|step| step.contains(" issue "));
        let looked_up = "SEARCH issue USING COVERING INDEX issue_";
        assert!(counts.clone().all(|step| step.starts_with(looked_up)), "{plan:?}");
        assert_eq!(counts.count(), Status::ALL.len(), "{plan:?}");
    }
}
