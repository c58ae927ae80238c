//! Reads projects, their counts and settings, and changes the settings.

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

fn project(row: &dyn Row) -> (i64, Project) {
    let counts = Status::ALL.iter().map(|status| (status.name(), 0)).collect();
    let settings = Settings { live_environments: live_list(row.text(4)) };
    let project = Project {
        project_id: row.text(1).to_owned(),
        created_at: row.int(2),
        last_report_at: row.opt_int(3),
        counts,
        issues: 0,
        settings,
    };
    (row.int(0), project)
}

const COLUMNS: &str = "id, name, created_at, last_report_at, live_environments";

/// Every project by name. There are at most a thousand or so.
pub fn list(db: &mut dyn Engine) -> Result<Vec<Project>> {
    // Names below a blank are those of projects that are being erased.
    let sql = format!("select {COLUMNS} from project where name >= ' ' order by name");
    let mut projects = all(db, &sql, &[], project)?;
    let counts = all(
        db,
        "select project, status, count(*) from issue group by project, status",
        &[],
        |row| (row.int(0), Status::from_code(row.int(1)), row.int(2)),
    )?;
    for (id, status, count) in counts {
        if let Some((_, project)) = projects.iter_mut().find(|(number, _)| *number == id) {
            project.counts.insert(status.name(), count);
            project.issues += count;
        }
    }
    Ok(projects.into_iter().map(|(_, project)| project).collect())
}

/// One project.
pub fn find(db: &mut dyn Engine, name: &str) -> Result<Option<Project>> {
    let sql = format!("select {COLUMNS} from project where name = ?1");
    let Some((id, mut found)) = first(db, &sql, &[name.into()], project)? else {
        return Ok(None);
    };
    db.each(
        "select status, count(*) from issue where project = ?1 group by status",
        &[id.into()],
        &mut |row| {
            found.counts.insert(Status::from_code(row.int(0)).name(), row.int(1));
            found.issues += row.int(1);
            true
        },
    )?;
    Ok(Some(found))
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
