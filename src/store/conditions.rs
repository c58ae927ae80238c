//! Conditions of a statement, with the values of their placeholders.

use super::engine::Value;

/// A value that a condition owns.
#[derive(Clone, Debug)]
pub enum Owned {
    /// An integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// How a condition on levels begins. The plus keeps the index of levels from being chosen: half of
/// all sets have a level, and in each of them every wanted issue would be looked for.
pub(super) const LEVELS: &str = "(+i.levels in ";

impl Owned {
    /// As the engine takes it.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Int(value) => Value::Int(*value),
            Self::Text(text) => Value::Text(text),
            Self::Blob(bytes) => Value::Blob(bytes),
        }
    }
}

/// Conditions and the values of their placeholders, in order.
#[derive(Debug, Default)]
pub struct Conditions {
    /// Each holds; joined by `and`.
    pub parts: Vec<String>,
    /// `?1`, `?2`, ….
    pub values: Vec<Owned>,
}

impl Conditions {
    /// Binds a value; its placeholder.
    pub fn bind(&mut self, value: Owned) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// The values as the engine takes them.
    pub fn values(&self) -> Vec<Value<'_>> {
        self.values.iter().map(Owned::value).collect()
    }

    /// As [`Self::sql`], but no index of issues is chosen for its sake: for reading along another.
    /// But a fingerprint has so few that they are found by it.
    pub fn sql_beside(&self) -> String {
        let beside = self.parts.iter().map(|one| match one.contains("i.fingerprint") {
            true => one.clone(),
            false => one
                .replace("(i.project in", "(+i.project in")
                .replace("(i.status in", "(+i.status in")
                .replace("(x.type = ", "(+x.type = "),
        });
        joined(&beside.collect::<Vec<_>>())
    }

    /// As [`Self::sql`], to be read along the index of levels, unless something else says which
    /// issues they are; a condition that stands alone leads.
    pub fn sql_along_levels(&self) -> String {
        if let [one] = self.parts.as_slice()
            && !one.starts_with(LEVELS)
        {
            return one.replacen("(+i.", "(i.", 1);
        }
        let beside = ["(i.project ", "i.project ", "(i.status ", LEVELS];
        let leaves_many = |one: &String| {
            beside.iter().any(|it| one.starts_with(it)) && !one.contains("i.fingerprint")
        };
        if !self.parts.iter().all(leaves_many) {
            return self.sql();
        }
        // Naming every project lets the index find them.
        let led = "(i.project in (select id from project) and i.levels in ";
        self.sql().replace(LEVELS, led)
    }

    /// All conditions as one; `true` in SQL when there is none.
    pub fn sql(&self) -> String {
        joined(&self.parts)
    }

    /// Nothing meets them any more.
    pub(super) fn nothing(&mut self) {
        self.parts.push("1 = 0".to_owned());
    }

    /// Adds one, or its opposite.
    pub(super) fn add(&mut self, condition: String, negated: bool) {
        self.parts.push(if negated {
            // Not `not (…)`: that is null, hence no match, where a column is null.
            format!("case when {condition} then 0 else 1 end = 1")
        } else {
            format!("({condition})")
        });
    }
}

/// Conditions as one; `true` in SQL when there is none.
pub fn joined(parts: &[String]) -> String {
    if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" and ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_lead_only_where_nothing_else_narrows() {
        let levels = format!("{LEVELS}(1, 3))");
        let table = [
            (vec![], true),
            (vec!["(i.project in (2))", "(i.status in (0, 1))"], true),
            (vec!["i.project not in (2)"], true),
            (vec!["(i.project in (select id from project) and (i.fingerprint between ?1))"], false),
            (vec!["(i.id in (1, 2))"], false),
            (vec!["(x.type = ?1)"], false),
            (vec!["(i.assignee = ?1)"], false),
            (vec!["(+i.count > 9)"], false),
        ];
        for (others, leads) in table {
            let mut parts: Vec<String> = others.iter().map(|&one| one.to_owned()).collect();
            parts.push(levels.clone());
            let conditions = Conditions { parts, values: vec![] };
            assert!(conditions.sql().contains("+i.levels"));
            assert_eq!(!conditions.sql_along_levels().contains("+i.levels"), leads, "{others:?}");
        }
        let alone = Conditions { parts: vec!["(+i.count > 9)".into()], values: vec![] };
        assert_eq!(alone.sql_along_levels(), "(i.count > 9)");
    }
}
