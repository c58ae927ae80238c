//! Projects, environments and versions by name: numbers in every other table.
//! The writer keeps them in memory; what a rolled-back transaction added is forgotten with it.

use std::collections::HashMap;

use super::engine::{Engine, all, first};
use super::error::Result;

/// Projects that reports may create.
pub const PROJECTS_MAX: usize = 1_000;
/// Environments of a project that reports may create; further ones are counted as `(other)`.
pub const ENVIRONMENTS_MAX: usize = 64;
/// Versions of a project that reports may create; further ones are counted as `(other)`.
pub const VERSIONS_MAX: usize = 10_000;
/// The name under which everything past a limit is counted.
pub const OTHER: &str = "(other)";
/// The environments whose reports reopen deployed issues, unless the project says otherwise.
pub const LIVE_DEFAULT: &str = r#"["production"]"#;

/// A project as the writer knows it.
#[derive(Debug)]
pub struct ProjectNames {
    /// Its number.
    pub id: i64,
    /// Environments whose reports reopen deployed issues.
    pub live: Vec<String>,
    environments: HashMap<String, i64>,
    versions: HashMap<String, i64>,
}

/// All names, read when first needed.
#[derive(Debug, Default)]
pub struct Names {
    projects: Option<HashMap<String, ProjectNames>>,
}

impl Names {
    /// Forgets everything: the next use reads it from the database.
    pub fn forget(&mut self) {
        self.projects = None;
    }

    fn projects(&mut self, db: &mut dyn Engine) -> Result<&mut HashMap<String, ProjectNames>> {
        if self.projects.is_none() {
            let mut projects = HashMap::new();
            let rows = all(db, "select name, id, live_environments from project", &[], |row| {
                (row.text(0).to_owned(), row.int(1), live_list(row.text(2)))
            })?;
            for (name, id, live) in rows {
                let environments = named(db, "environment", id)?;
                let versions = named(db, "version", id)?;
                projects.insert(name, ProjectNames { id, live, environments, versions });
            }
            self.projects = Some(projects);
        }
        Ok(self.projects.get_or_insert_default())
    }

    /// The project of a name, created when it is new; `None` when there are too many.
    pub fn project(
        &mut self,
        db: &mut dyn Engine,
        name: &str,
        now: i64,
    ) -> Result<Option<&mut ProjectNames>> {
        let projects = self.projects(db)?;
        if !projects.contains_key(name) {
            if projects.len() >= PROJECTS_MAX {
                return Ok(None);
            }
            let id = first(
                db,
                "insert into project (name, created_at, live_environments) values (?1, ?2, ?3) \
                 on conflict (name) do update set name = excluded.name returning id",
                &[name.into(), now.into(), LIVE_DEFAULT.into()],
                |row| row.int(0),
            )?
            .unwrap_or_default();
            let fresh = ProjectNames {
                id,
                live: live_list(LIVE_DEFAULT),
                environments: HashMap::new(),
                versions: HashMap::new(),
            };
            projects.insert(name.to_owned(), fresh);
        }
        Ok(projects.get_mut(name))
    }
}

impl ProjectNames {
    /// The number of an environment, given when it is new.
    pub fn environment(&mut self, db: &mut dyn Engine, name: &str) -> Result<i64> {
        let known = &mut self.environments;
        number(db, "environment", self.id, known, name, ENVIRONMENTS_MAX)
    }

    /// The number of a version, given when it is new; none is 0.
    pub fn version(&mut self, db: &mut dyn Engine, name: Option<&str>) -> Result<i64> {
        match name {
            None => Ok(0),
            Some(name) => {
                let known = &mut self.versions;
                number(db, "version", self.id, known, name, VERSIONS_MAX)
            }
        }
    }

    /// The number of a version that is known, not counting `(other)`.
    pub fn known_version(&self, name: &str) -> Option<i64> {
        self.versions.get(name).copied()
    }
}

fn named(db: &mut dyn Engine, table: &str, project: i64) -> Result<HashMap<String, i64>> {
    let sql = format!("select name, id from {table} where project = ?1");
    let rows = all(db, &sql, &[project.into()], |row| (row.text(0).to_owned(), row.int(1)))?;
    Ok(rows.into_iter().collect())
}

fn number(
    db: &mut dyn Engine,
    table: &str,
    project: i64,
    known: &mut HashMap<String, i64>,
    name: &str,
    most: usize,
) -> Result<i64> {
    if let Some(id) = known.get(name) {
        return Ok(*id);
    }
    if known.len() >= most && name != OTHER {
        return number(db, table, project, known, OTHER, most);
    }
    let sql = format!(
        "insert into {table} (project, name) values (?1, ?2) \
         on conflict (project, name) do update set name = excluded.name returning id"
    );
    let id = first(db, &sql, &[project.into(), name.into()], |row| row.int(0))?.unwrap_or_default();
    known.insert(name.to_owned(), id);
    Ok(id)
}

/// The names of a JSON array in the database; a damaged one reads as the default.
pub fn live_list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|_| vec!["production".to_owned()])
}
