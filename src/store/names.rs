//! Projects, environments and versions by name: numbers in every other table.
//! The writer keeps the busiest in memory; what a rolled-back transaction added is forgotten with
//! it.

use std::collections::HashMap;

use super::engine::{Engine, all, first};
use super::error::Result;

/// Projects that reports may create.
pub const PROJECTS_MAX: usize = 1_000;
/// Environments of a project that reports may create; further ones are counted as `(other)`.
pub const ENVIRONMENTS_MAX: i64 = 64;
/// Versions of a project that reports may create; further ones are counted as `(other)`.
pub const VERSIONS_MAX: i64 = 10_000;
/// The name under which everything past a limit is counted.
pub const OTHER: &str = "(other)";
/// The environments whose reports reopen deployed issues, unless the project says otherwise.
pub const LIVE_DEFAULT: &str = r#"["production"]"#;

/// Names of one kind in one project that are kept in memory; those of 1,000 projects take 15 MiB.
const CACHED_MAX: usize = 256;

/// A project as the writer knows it.
#[derive(Debug)]
pub struct ProjectNames {
    /// Its number.
    pub id: i64,
    /// Environments whose reports reopen deployed issues.
    pub live: Vec<String>,
    environments: Known,
    versions: Known,
}

/// Numbers of names of one kind; the database has them all.
#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<String, i64>,
    /// How many there are, once that was asked.
    count: Option<i64>,
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
                projects.insert(name, ProjectNames::new(id, live));
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
            let fresh = ProjectNames::new(id, live_list(LIVE_DEFAULT));
            projects.insert(name.to_owned(), fresh);
        }
        Ok(projects.get_mut(name))
    }
}

impl ProjectNames {
    fn new(id: i64, live: Vec<String>) -> Self {
        Self { id, live, environments: Known::default(), versions: Known::default() }
    }

    /// The number of an environment, given when it is new.
    pub fn environment(&mut self, db: &mut dyn Engine, name: &str) -> Result<i64> {
        self.environments.number(db, ("environment", self.id), name, ENVIRONMENTS_MAX)
    }

    /// The number of a version, given when it is new; none is 0.
    pub fn version(&mut self, db: &mut dyn Engine, name: Option<&str>) -> Result<i64> {
        match name {
            None => Ok(0),
            Some(name) => self.versions.number(db, ("version", self.id), name, VERSIONS_MAX),
        }
    }
}

impl Known {
    /// The number of a name in (table, project), given when it is new and there are not too many.
    fn number(
        &mut self,
        db: &mut dyn Engine,
        of: (&str, i64),
        name: &str,
        most: i64,
    ) -> Result<i64> {
        if let Some(id) = self.numbers.get(name) {
            return Ok(*id);
        }
        let (table, project) = of;
        let sql = format!("select id from {table} where project = ?1 and name = ?2");
        let found = first(db, &sql, &[project.into(), name.into()], |row| row.int(0))?;
        let id = match found {
            Some(id) => id,
            None if name != OTHER && self.count(db, of)? >= most => {
                return self.number(db, of, OTHER, most);
            }
            None => self.add(db, of, name)?,
        };
        if self.numbers.len() >= CACHED_MAX {
            self.numbers.clear();
        }
        self.numbers.insert(name.to_owned(), id);
        Ok(id)
    }

    fn add(&mut self, db: &mut dyn Engine, of: (&str, i64), name: &str) -> Result<i64> {
        let (table, project) = of;
        let sql = format!(
            "insert into {table} (project, name) values (?1, ?2) \
             on conflict (project, name) do update set name = excluded.name returning id"
        );
        self.count = self.count.map(|count| count + 1);
        let id = first(db, &sql, &[project.into(), name.into()], |row| row.int(0))?;
        Ok(id.unwrap_or_default())
    }

    fn count(&mut self, db: &mut dyn Engine, of: (&str, i64)) -> Result<i64> {
        if let Some(count) = self.count {
            return Ok(count);
        }
        let (table, project) = of;
        let sql = format!("select count(*) from {table} where project = ?1");
        let count = first(db, &sql, &[project.into()], |row| row.int(0))?.unwrap_or(0);
        self.count = Some(count);
        Ok(count)
    }
}

/// The names of a JSON array in the database; a damaged one reads as the default.
pub fn live_list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|_| vec!["production".to_owned()])
}
