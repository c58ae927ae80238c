//! What a search asks for, without what somebody typed into it: for the list of slow reads, which
//! more people may see than the search itself.

use super::{Flag, Key, Pattern, Query, Term, Test};

/// Stands for a value or a word.
const HIDDEN: &str = "…";

impl Query {
    /// The terms with their values hidden: `status:NEW user:… …`. Statuses, levels, marks and
    /// numbers stay, since the language itself knows them all.
    pub fn shape(&self) -> String {
        let terms: Vec<_> = self.terms.iter().map(Term::shape).collect();
        terms.join(" ")
    }
}

impl Term {
    fn shape(&self) -> String {
        let test = match &self.test {
            Test::Word(_) => HIDDEN.to_owned(),
            Test::Key { key: key @ (Key::Status | Key::Level), patterns } => {
                let names: Vec<_> = patterns.iter().filter_map(Pattern::exact).collect();
                format!("{}:{}", key.name(), names.join(","))
            }
            Test::Key { key, patterns } => format!("{}:{}", key.name(), hidden(patterns)),
            Test::Count(comparison, given) => format!("count:{}{given}", comparison.sign()),
            Test::Users(comparison, given) => format!("users:{}{given}", comparison.sign()),
            Test::Seen(comparison, _) => format!("seen:{}{HIDDEN}", comparison.sign()),
            Test::First(comparison, _) => format!("first:{}{HIDDEN}", comparison.sign()),
            Test::Is(flag) => format!("is:{}", flag.name()),
            Test::Context { patterns, .. } => format!("context.{HIDDEN}:{}", hidden(patterns)),
        };
        if self.negated { format!("!{test}") } else { test }
    }
}

impl Key {
    const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Level => "level",
            Self::Project => "project",
            Self::Env => "env",
            Self::Type => "type",
            Self::File => "file",
            Self::Code => "code",
            Self::Version => "version",
            Self::User => "user",
            Self::Request => "request",
            Self::Assignee => "assignee",
            Self::Trace => "trace",
            Self::Fingerprint => "fingerprint",
        }
    }
}

impl Flag {
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(flag, _)| *flag == self).map_or("", |(_, name)| name)
    }
}

/// How many values, and which of them are wild: what a search costs hangs on both.
fn hidden(patterns: &[Pattern]) -> String {
    let one = |pattern: &Pattern| match pattern {
        Pattern::Exact(_) => HIDDEN,
        Pattern::Wild(_) => "*",
    };
    patterns.iter().map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::{Scope, parse};

    #[test]
    fn a_shape_tells_what_was_asked_and_nothing_that_was_typed() {
        let table = [
            ("", ""),
            ("timeout \"a phrase\"", "… …"),
            ("status:new,fixed level:ERROR", "status:NEW,FIXED level:ERROR"),
            ("!user:u_1 -env:a,b", "!user:… !env:…,…"),
            ("type:*Error file:a/*.py", "type:* file:*"),
            ("count:>100 users:3", "count:>100 users:=3"),
            ("seen:<1h first:>2026-01-01", "seen:<… first:>…"),
            ("is:muted !is:MINE", "is:muted !is:mine"),
            ("context.card.number:4111", "context.…:…"),
            ("release:1 fingerprint:0123456789ab", "version:… fingerprint:…"),
        ];
        for (typed, expected) in table {
            let query = parse(typed, Scope::Events).expect(typed);
            assert_eq!(query.shape(), expected, "{typed}");
        }
    }
}
