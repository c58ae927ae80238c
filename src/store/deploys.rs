//! Deploys as they are read: newest first, of one project or of several.

use super::conditions::{Conditions, Owned};
use super::engine::{Engine, all};
use super::error::Result;
use crate::domain::issue::Deploy;
use crate::domain::query::Span;

/// Which deploys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of these projects; none: of all.
    pub project_ids: Vec<String>,
    /// In these environments, or everywhere; none: in any.
    pub environments: Vec<String>,
    /// When they were told.
    pub span: Span,
    /// Time and number of the last one that was read.
    pub before: Option<[i64; 2]>,
    /// At most so many.
    pub limit: usize,
}

/// Those that are wanted, newest first.
pub fn list(db: &mut dyn Engine, wanted: &Wanted) -> Result<Vec<Deploy>> {
    let mut conditions = Conditions::default();
    // Names below a blank are those of projects that are being erased.
    conditions.parts.push("p.name >= ' '".to_owned());
    if !wanted.project_ids.is_empty() {
        let names = listed(&mut conditions, &wanted.project_ids);
        conditions.parts.push(format!("p.name in ({names})"));
    }
    if !wanted.environments.is_empty() {
        let names = listed(&mut conditions, &wanted.environments);
        conditions.parts.push(format!("(d.environment is null or d.environment in ({names}))"));
    }
    if let Some(since) = wanted.span.since {
        let since = conditions.bind(Owned::Int(since));
        conditions.parts.push(format!("d.at >= {since}"));
    }
    if let Some(until) = wanted.span.until {
        let until = conditions.bind(Owned::Int(until));
        conditions.parts.push(format!("d.at < {until}"));
    }
    if let Some([at, id]) = wanted.before {
        let (at, id) = (conditions.bind(Owned::Int(at)), conditions.bind(Owned::Int(id)));
        conditions.parts.push(format!("(d.at, d.id) < ({at}, {id})"));
    }
    let sql = format!(
        "select d.id, p.name, v.name, d.environment, d.commit_hash, d.at, d.who, d.moved \
         from deploy d join project p on p.id = d.project \
         left join version v on v.id = d.version \
         where {} order by d.at desc, d.id desc limit {}",
        conditions.sql(),
        wanted.limit
    );
    all(db, &sql, &conditions.values(), |row| Deploy {
        id: row.int(0),
        project_id: row.text(1).to_owned(),
        version: row.opt_string(2).unwrap_or_default(),
        environment: row.opt_string(3),
        commit_hash: row.opt_string(4),
        at: row.int(5),
        who: row.text(6).to_owned(),
        moved: row.int(7),
    })
}

fn listed(conditions: &mut Conditions, names: &[String]) -> String {
    let names = names.iter().map(|name| conditions.bind(Owned::Text(name.clone())));
    names.collect::<Vec<_>>().join(", ")
}
